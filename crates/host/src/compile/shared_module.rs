//! A compiled module that plugins share.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::compile::compilation::Compilation;
use crate::compile::compiled::Compiled;
use crate::compile::refusal::{CompileBounds, bounds_of};

/// A module that all plugins with the same code share. The first load compiles it, and the others wait.
#[derive(Debug, Default)]
pub(crate) struct SharedModule {
    state: Mutex<SharedState>,
    /// Signaled when it was compiled, or compiling failed.
    changed: Condvar,
}

#[derive(Debug, Default)]
struct SharedState {
    compiled: Option<Compiled>,
    /// The bounds of the compilations under way. A load with other bounds does not wait, because its deadline may be much nearer.
    compiling: Vec<CompileBounds>,
}

/// The right to compile a module under these bounds. Other loads with the same bounds wait until it is dropped.
pub(crate) struct CompileRight {
    shared: Arc<SharedModule>,
    bounds: CompileBounds,
}

impl SharedModule {
    /// The module as soon as it is compiled, or the right to compile it. A cancelled load does not wait.
    pub(crate) fn enter(self: &Arc<Self>, compilation: &Compilation<'_>) -> Result<Compiled, CompileRight> {
        /// How often a waiting load checks whether it was cancelled, because cancelling does not wake it.
        const CHECK_EVERY: Duration = Duration::from_millis(50);
        let bounds = bounds_of(compilation.isolate);
        let mut state = self.lock();
        loop {
            if let Some(compiled) = &state.compiled {
                return Ok(compiled.clone());
            }
            if !state.compiling.contains(&bounds) || compilation.is_cancelled() {
                state.compiling.push(bounds);
                return Err(CompileRight { shared: Arc::clone(self), bounds });
            }
            state = self.changed.wait_timeout(state, CHECK_EVERY).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Shares this module with the loads that wait for it, and with later ones.
    pub(crate) fn put(&self, compiled: &Compiled) {
        self.lock().compiled = Some(compiled.clone());
    }

    fn lock(&self) -> MutexGuard<'_, SharedState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for CompileRight {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        if let Some(index) = state.compiling.iter().position(|bounds| *bounds == self.bounds) {
            state.compiling.swap_remove(index);
        }
        self.shared.changed.notify_all();
    }
}
