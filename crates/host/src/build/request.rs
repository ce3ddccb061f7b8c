//! What is asked of a builder, and what it made.

use crate::call::fault::Fault;
use crate::limits::LimitOverrides;
use crate::sandbox::cancel::CancelToken;

/// A step of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildStep {
    /// The engine's export, of the type of a hook.
    pub export: String,
    /// What it gets.
    pub input: Vec<u8>,
}

/// A build to make.
#[derive(Debug, Clone)]
pub struct Build<'a> {
    /// The steps, in order. A step that answers `{"thrown":…}` is the last one to run.
    pub steps: &'a [BuildStep],
    /// Does the last step end in a plugin? Its answer then says which exports the plugin has: `{"exports":{"name":"export"}}`,
    /// by the names of the engine's exports.
    pub makes_plugin: bool,
    /// The limits of the build: its memory, its fuel and its time for all steps together, and the length of the plugin.
    pub sandbox: LimitOverrides,
    /// Cancels the build.
    pub cancel: Option<&'a CancelToken>,
}

/// What a build made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Built {
    /// What the steps that ran answered.
    pub answers: Vec<Vec<u8>>,
    /// Why the engine's start-up or the step after them ended early.
    pub fault: Option<Fault>,
    /// The plugin, if all steps ran and the build makes one.
    pub plugin: Option<Vec<u8>>,
}
