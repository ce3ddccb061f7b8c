//! A guest before it is entered.

use std::time::Instant;

use crate::call::inline::InlineRun;
use crate::engine::Engine;
use crate::limits::Limits;
use crate::plugin::Plugin;

/// A plugin that is about to run a hook, and its bounds.
pub(crate) struct Guest<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) plugin: &'a Plugin,
    pub(crate) hook_name: &'a str,
    pub(crate) limits: &'a Limits,
    /// Its fuel, at most `fuel_limit`.
    pub(crate) fuel: u64,
    /// The limit of its call.
    pub(crate) fuel_limit: u64,
    /// When its call must end.
    pub(crate) deadline: Instant,
    /// Set if it runs on a thread that must not be held for long.
    pub(crate) inline: Option<InlineRun>,
}

impl Guest<'_> {
    /// Has its call's deadline passed? Asked after the guest has ended, because its last operation may have run past it.
    pub(crate) fn is_late(&self) -> bool {
        self.deadline <= Instant::now()
    }

    /// Must it run again on a worker if it uses up its fuel?
    pub(crate) fn has_less_fuel(&self) -> bool {
        self.fuel < self.fuel_limit
    }
}
