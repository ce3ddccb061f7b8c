//! Running a plugin's start-up once at load instead of in each call (pre-initialization).
//!
//! A start-up can change only the plugin's own memory, globals and table, because a plugin has no imports. It is untrusted code
//! and runs like a call: in a cell, under the plugin's limits and a deadline.

use std::borrow::Cow;
use std::time::Instant;

use wasmtime::Val;

use crate::compile::module_id::{ModuleDigest, ModuleIdentity};
use crate::error::HostError;
use crate::module::parts::Obstacle;
use crate::plugin::loading::Loading;
use crate::sandbox::cell::Cell;
use crate::sandbox::open_cell::{Instantiated, OpenCell};

/// How much a start-up may add to a plugin's data, in bytes of memory that are not zero. A loaded plugin holds its data twice.
pub(super) const MOST_ADDED_DATA: usize = 1_024 * 1_024;

/// Why a plugin is not pre-initialized.
pub(super) enum Unfit {
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

/// The start-up of a plugin, ready to run.
pub(super) struct StartUp<'a> {
    key: &'a str,
    /// As much as the start section of a call with the longest context may use.
    fuel: u64,
    loading: &'a Loading<'a>,
}

/// The names of exports that a start-up needs.
pub(super) struct Names {
    /// The function to call.
    pub(super) initialize: Option<String>,
    /// The mutable globals.
    pub(super) globals: Vec<String>,
}

impl<'a> StartUp<'a> {
    /// `None` if the load does not want it to run ahead.
    pub(super) fn of(key: &'a str, loading: &'a Loading<'a>) -> Option<Self> {
        if loading.options.pre_initialize == Some(false) {
            return None;
        }
        Some(Self { key, fuel: loading.limits.fuel(loading.limits.context_bytes()), loading })
    }

    /// The identity of what it leaves. The same start-up under the same limits always leaves the same.
    pub(super) fn identity(&self, digest: ModuleDigest, variant: &str) -> ModuleIdentity {
        let (fuel, pages) = (self.fuel, self.loading.limits.max_memory_pages());
        ModuleIdentity { digest, variant: Cow::Owned(format!("{variant}/{fuel}/{pages}")) }
    }

    /// Instantiates the plugin with `begin` in a cell, calls its start-up, and hands the values of its globals and its
    /// memory to `take`.
    pub(super) fn run<T>(
        &self,
        begin: impl FnOnce(&mut OpenCell) -> wasmtime::Result<Instantiated>,
        names: &Names,
        take: impl FnOnce(&[Val], &[u8]) -> Result<T, Obstacle>,
    ) -> Result<T, Unfit> {
        let Loading { engine, limits, .. } = *self.loading;
        let started = Instant::now();
        let deadline = started.checked_add(limits.timeout()).unwrap_or(started);
        let signal = self.loading.compilation(self.key).stop_signal(deadline);
        let fault = |error: wasmtime::Error| Unfit::Kept(Cow::Owned(format!("its start-up fails: {error:#}")));
        let mut cell = OpenCell::open(engine.wasmtime(), limits, self.fuel, signal.clone(), None).map_err(fault)?;
        let _watch = engine.watchdog().watch(signal);
        let Instantiated { memory, code } = begin(&mut cell).map_err(fault)?;
        let store = &mut *cell;
        if let Some(initialize) = names.initialize.as_ref().and_then(|name| code.get_func(&mut *store, name)) {
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
        let globals = names.globals.iter().map(|name| {
            let global = code.get_global(&mut *store, name);
            Ok(global.ok_or("a global cannot be read")?.get(&mut *store))
        });
        let globals = globals.collect::<Result<Vec<_>, Obstacle>>()?;
        Ok(take(&globals, memory.data(&*store))?)
    }
}

pub(super) fn kept(error: &HostError) -> Unfit {
    Unfit::Kept(Cow::Owned(error.to_string()))
}

/// Says in the log why a plugin keeps its start-up.
pub(super) fn keeps(plugin: &str, reason: &str) {
    tracing::debug!(plugin, reason, "not pre-initialized: each call runs the plugin's start-up");
}
