//! The turn of a load: its place in the order in which loads and unloads were asked for.

use std::sync::Arc;
use std::time::Instant;

use crate::plugin::registry::Registry;
use crate::sandbox::cancel::CancelToken;

/// The turn of a load: what was asked for later goes before it, also where this ends last. Taken when the load is asked
/// for, dropped when it has ended.
pub struct LoadTurn {
    registry: Arc<Registry>,
    number: u64,
    asked: Instant,
    cancel: CancelToken,
}

impl LoadTurn {
    /// `plugin` is the path or name that the load is asked for by.
    pub(crate) fn take(registry: &Arc<Registry>, plugin: &str) -> Self {
        let number = registry.begin(plugin);
        Self { registry: Arc::clone(registry), number, asked: Instant::now(), cancel: CancelToken::default() }
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// When the load was asked for.
    pub(crate) fn asked(&self) -> Instant {
        self.asked
    }

    /// Cancels the load.
    pub(crate) fn cancel_token(&self) -> &CancelToken {
        &self.cancel
    }

    /// Has the load come to nothing from now on. Gives whether that was still possible.
    pub(crate) fn abandon(&self) -> bool {
        self.registry.settle(self.number)
    }
}

impl Drop for LoadTurn {
    fn drop(&mut self) {
        self.registry.end(self.number);
    }
}
