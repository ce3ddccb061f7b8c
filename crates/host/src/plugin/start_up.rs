//! Pre-initialization: running a plugin's start-up once at load instead of in each call.
//!
//! A start-up can change only the plugin's own memory, globals and table, because a plugin has no imports. It is untrusted code
//! and runs like a call: in a cell, under the plugin's limits and a deadline.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use wasmtime::{Instance, Module, Store, Val};

use crate::compile::compiler::{CodeFrom, NewModule, SharedModule};
use crate::compile::module_id::{ModuleDigest, ModuleIdentity};
use crate::error::HostError;
use crate::module::contract::{INITIALIZE, MEMORY};
use crate::module::parts::{ModuleParts, Obstacle};
use crate::module::scan;
use crate::module::snapshot::{self, AfterStartUp};
use crate::plugin::loading::Loading;
use crate::sandbox::cell::Cell;
use crate::sandbox::open_cell::OpenCell;

/// How much a start-up may add to a plugin's data, in bytes of memory that are not zero. A loaded plugin holds its data twice.
const MOST_ADDED_DATA: usize = 1_024 * 1_024;

/// The variant of a module that is compiled from a snapshot, before its fuel and its pages of memory. Part of the cache key:
/// the number changes when the same start-up leaves another snapshot.
const STARTED: &str = "started/1";

/// The start-up of a module that is being loaded.
pub(crate) struct StartUp<'a> {
    key: &'a str,
    /// The engine of its calls.
    engine: &'a wasmtime::Engine,
    bytes: &'a [u8],
    digest: ModuleDigest,
    parts: ModuleParts<'a>,
    code_moved_by: isize,
    fuel: u64,
    loading: &'a Loading<'a>,
}

/// Why a plugin is not pre-initialized.
enum Unfit {
    /// It is loaded as it is.
    Kept(Cow<'static, str>),
    /// It is not loaded.
    Refused(HostError),
}

impl From<Obstacle> for Unfit {
    fn from(obstacle: Obstacle) -> Self {
        Self::Kept(Cow::Borrowed(obstacle))
    }
}

impl<'a> StartUp<'a> {
    /// The start-up of a module; `None` if it has none, or if no snapshot of it can be taken.
    pub(crate) fn of(
        key: &'a str,
        bytes: &'a [u8],
        digest: ModuleDigest,
        engine: &'a wasmtime::Engine,
        loading: &'a Loading<'a>,
    ) -> Option<Self> {
        if loading.options.pre_initialize == Some(false) {
            return None;
        }
        let parts = ModuleParts::of(bytes).and_then(|parts| match parts {
            Some(parts) => snapshot::code_moved_by(&parts).map(|moved_by| Some((parts, moved_by))),
            None => Ok(None),
        });
        match parts {
            Ok(parts) => {
                let (parts, code_moved_by) = parts?;
                // As much as the start section of a call with the longest context may use.
                let fuel = loading.limits.fuel(loading.limits.context_bytes());
                Some(Self { key, engine, bytes, digest, parts, code_moved_by, fuel, loading })
            }
            Err(obstacle) => {
                keeps(key, obstacle);
                None
            }
        }
    }

    /// How many bytes later the code is in the snapshot than in the module.
    pub(crate) fn code_moved_by(&self) -> isize {
        self.code_moved_by
    }

    /// The module as it is after its start-up; `None` if a call that ran the start-up itself could have another outcome.
    pub(crate) fn module(&self) -> Result<Option<(Module, CodeFrom, Arc<SharedModule>)>, HostError> {
        let compilation = self.loading.compilation(self.key, self.engine);
        match self.loading.engine.compiler().module(self.identity(), &compilation, || self.make()) {
            Ok(module) => Ok(Some(module)),
            Err(Unfit::Kept(reason)) => {
                keeps(self.key, &reason);
                Ok(None)
            }
            Err(Unfit::Refused(error)) => Err(error),
        }
    }

    /// The same start-up under the same limits always leaves the same snapshot.
    fn identity(&self) -> ModuleIdentity {
        let (fuel, pages) = (self.fuel, self.loading.limits.max_memory_pages());
        ModuleIdentity { digest: self.digest, variant: Cow::Owned(format!("{STARTED}/{fuel}/{pages}")) }
    }

    fn make(&self) -> Result<NewModule, Unfit> {
        // A start section runs while the instance is made, when its cell cannot reset the memory yet.
        let opened = self.compile(&snapshot::opened(&self.parts)?, self.loading.engine.wasmtime());
        let opened = opened.map_err(|error| match error {
            HostError::Compile { .. } => kept(&error),
            // Too much for its compiler process, and so would be the module as it is.
            _ => Unfit::Refused(error),
        })?;
        let snapshot = self.run(opened.module())?;
        drop(opened);
        scan::scan(self.key, &snapshot, self.loading.limits).map_err(|error| kept(&error))?;
        self.compile(&snapshot, self.engine).map_err(|error| kept(&error))
    }

    fn compile(&self, bytes: &[u8], engine: &wasmtime::Engine) -> Result<NewModule, HostError> {
        self.loading.engine.compiler().compile(bytes, &self.loading.compilation(self.key, engine))
    }

    /// Runs the start-up and takes a snapshot.
    fn run(&self, opened: &Module) -> Result<Vec<u8>, Unfit> {
        let Loading { engine, limits, .. } = *self.loading;
        let started = Instant::now();
        let deadline = started.checked_add(limits.timeout()).unwrap_or(started);
        let signal = self.loading.compilation(self.key, self.engine).stop_signal(deadline);
        let fault = |error: wasmtime::Error| Unfit::Kept(Cow::Owned(format!("its start-up fails: {error:#}")));
        let mut cell = OpenCell::open(opened.engine(), limits, self.fuel, signal.clone()).map_err(fault)?;
        let _watch = engine.watchdog().watch(signal);
        let made = cell.instantiate(None, |store| {
            let instance = Instance::new(&mut *store, opened, &[])?;
            let memory = instance.get_memory(store, MEMORY);
            Ok((instance, memory.ok_or_else(|| wasmtime::Error::msg("it has no memory"))?))
        });
        let (instance, memory) = made.map_err(fault)?;
        let store = &mut *cell;
        if let Some(initialize) = instance.get_func(&mut *store, INITIALIZE) {
            initialize.call(&mut *store, &[], &mut []).map_err(fault)?;
        }
        if store.data().is_late() {
            return Err(Obstacle::into("its start-up takes longer than a call may"));
        }
        if Cell::fuel_used(store, self.fuel).is_none() {
            return Err(Obstacle::into("its start-up uses up its fuel"));
        }
        if store.data().was_refused() {
            return Err(Obstacle::into("its start-up asks for more memory than it gets"));
        }
        let globals = self.globals(store, instance)?;
        let after = AfterStartUp { globals: &globals, memory: memory.data(&*store) };
        Ok(snapshot::taken(&self.parts, &after, self.bytes.len().saturating_add(MOST_ADDED_DATA))?)
    }

    fn globals(&self, store: &mut Store<Cell>, instance: Instance) -> Result<Vec<Val>, Obstacle> {
        let values = self.parts.mutable_globals.iter().map(|(index, _)| {
            let global = instance.get_global(&mut *store, &snapshot::shown_global(*index));
            Ok(global.ok_or("a global cannot be read")?.get(&mut *store))
        });
        values.collect()
    }
}

fn kept(error: &HostError) -> Unfit {
    Unfit::Kept(Cow::Owned(error.to_string()))
}

fn keeps(plugin: &str, reason: &str) {
    tracing::debug!(plugin, reason, "not pre-initialized: each call runs the plugin's start-up");
}
