//! An engine that builds plugins.

use std::sync::Arc;

use wasmtime::Module;

use crate::build::plugin_exports::{self, PluginExports};
use crate::build::steps::Steps;
use crate::call::fault::Fault;
use crate::engine::Engine;
use crate::error::HostError;
use crate::guest_text;
use crate::limits::{LimitOverrides, Limits};
use crate::module::file;
use crate::module::parts::{ModuleParts, Obstacle};
use crate::module::scan;
use crate::module::snapshot::{self, AfterStartUp};
use crate::sandbox::cancel::CancelToken;

/// An engine that builds plugins, compiled once for many builds.
pub struct Builder {
    engine: Arc<Engine>,
    name: String,
    bytes: Vec<u8>,
    /// With its mutable globals exported, so that a snapshot can be taken.
    opened: Module,
    /// Cancels all builds, now and in the future.
    cancel: CancelToken,
}

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
    /// The limits of the build: its memory, its fuel, its time, and the length of the plugin.
    pub sandbox: LimitOverrides,
}

/// What a build made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Built {
    /// What the steps that ran answered.
    pub answers: Vec<Vec<u8>>,
    /// Why the step after them has no answer.
    pub fault: Option<Fault>,
    /// The plugin, if all steps ran and the build makes one.
    pub plugin: Option<Vec<u8>>,
}

impl Builder {
    /// Compiles an engine, which takes about a second.
    ///
    /// # Errors
    /// [`HostError::Compile`] if it is no engine: it must have a start-up and its own memory, and no imports.
    pub fn new(engine: Arc<Engine>, name: &str, bytes: Vec<u8>) -> Result<Self, HostError> {
        scan::scan(name, &bytes, &Limits::default())?;
        let unfit = |obstacle: Obstacle| not_compiled(name, obstacle);
        let parts = ModuleParts::of(&bytes).map_err(unfit)?.ok_or_else(|| unfit("it has no start-up"))?;
        let opened = snapshot::opened(&parts).map_err(unfit)?;
        let opened = Module::from_binary(engine.wasmtime(), &opened)
            .map_err(|error| not_compiled(name, &guest_text::clean(&format!("{error:#}"))))?;
        Ok(Self { engine, name: name.to_owned(), bytes, opened, cancel: CancelToken::default() })
    }

    /// Cancels all builds, now and in the future.
    pub fn cancel_all(&self) {
        self.engine.watchdog().cancel(&self.cancel);
    }

    /// Runs the steps of a build in a fresh cell.
    ///
    /// # Errors
    /// [`HostError::Limit`] if an option is out of bounds or the plugin is too long, [`HostError::NoHook`] if the engine has no
    /// such step, [`HostError::Busy`], [`HostError::Cancelled`].
    pub fn run(&self, request: &Build<'_>) -> Result<Built, HostError> {
        let limits = Limits::default().with(&request.sandbox)?;
        let mut steps = Steps::begin(&self.engine, &self.name, &self.opened, &limits, &self.cancel)?;
        let mut built = Built::default();
        for step in request.steps {
            match steps.run(step)? {
                Ok(answer) => built.answers.push(answer),
                Err(fault) => {
                    built.fault = Some(fault);
                    return Ok(built);
                }
            }
            if is_thrown(built.answers.last()) {
                return Ok(built);
            }
        }
        if request.makes_plugin {
            let answer = built.answers.last().map(Vec::as_slice).unwrap_or_default();
            built.plugin = Some(self.plugin(&mut steps, answer, &limits)?);
        }
        Ok(built)
    }

    /// The module of what the steps left.
    fn plugin(&self, steps: &mut Steps<'_>, answer: &[u8], limits: &Limits) -> Result<Vec<u8>, HostError> {
        let unfit = |obstacle: Obstacle| not_compiled(&self.name, obstacle);
        let mut parts = ModuleParts::of(&self.bytes).map_err(unfit)?.ok_or_else(|| unfit("it has no start-up"))?;
        let exports = PluginExports::read(answer).map_err(|reason| not_compiled(&self.name, &reason))?;
        let section = exports.section(&parts).map_err(|reason| not_compiled(&self.name, &reason))?;
        plugin_exports::replace(&mut parts, &section);
        let globals = steps.globals(&parts).map_err(unfit)?;
        let most = usize::try_from(limits.max_module_bytes()).unwrap_or(usize::MAX);
        let after = AfterStartUp { globals: &globals, memory: steps.memory() };
        let plugin = snapshot::taken(&parts, &after, most).map_err(unfit)?;
        file::check_length(&self.name, plugin.len() as u64, limits)?;
        scan::scan(&self.name, &plugin, limits)?;
        Ok(plugin)
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Builder").field("name", &self.name).finish_non_exhaustive()
    }
}

/// An engine says so that what the author wrote failed.
fn is_thrown(answer: Option<&Vec<u8>>) -> bool {
    answer.is_some_and(|answer| answer.starts_with(br#"{"thrown":"#))
}

fn not_compiled(name: &str, reason: &str) -> HostError {
    HostError::Compile { plugin: name.to_owned(), reason: reason.to_owned() }
}
