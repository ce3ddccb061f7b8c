//! An engine that builds plugins.

use std::sync::Arc;

use wasmtime::Module;

use crate::build::plugin_exports::{self, PluginExports};
use crate::build::request::{Build, Built};
use crate::build::steps::Steps;
use crate::engine::Engine;
use crate::error::HostError;
use crate::guest_text;
use crate::limits::Limits;
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
        let memory = steps.memory();
        let after = AfterStartUp { globals: &globals, memory };
        // The length of the plugin is checked below, with a message that says so.
        let plugin = snapshot::taken(&parts, &after, memory.len()).map_err(unfit)?;
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
