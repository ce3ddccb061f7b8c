//! The turn of a load: its position in the order of requested loads and unloads.

use std::sync::Arc;
use std::time::Instant;

use crate::plugin::registry::Registry;
use crate::sandbox::cancel::CancelToken;

/// The turn of a load. A load or unload that is requested later wins, even if this load ends last. Take a turn when the load is
/// requested, and drop it when the load has ended.
pub struct LoadTurn {
    registry: Arc<Registry>,
    number: u64,
    asked: Instant,
    cancel: CancelToken,
}

impl LoadTurn {
    /// `plugin` is the path or name in the request.
    pub(crate) fn take(registry: &Arc<Registry>, plugin: &str) -> Self {
        let number = registry.begin(plugin);
        Self { registry: Arc::clone(registry), number, asked: Instant::now(), cancel: CancelToken::default() }
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// When the load was requested.
    pub(crate) fn asked(&self) -> Instant {
        self.asked
    }

    /// Cancels the load.
    pub(crate) fn cancel_token(&self) -> &CancelToken {
        &self.cancel
    }

    /// Gives up the load. `false` if it had taken effect or was given up before.
    pub(crate) fn abandon(&self) -> bool {
        self.registry.settle(self.number)
    }
}

impl Drop for LoadTurn {
    fn drop(&mut self) {
        self.registry.end(self.number);
    }
}
