//! The limits that a plugin's loads set.

use std::collections::BTreeMap;

use crate::limits::LimitOverrides;

/// The limits that the loads of a plugin set, by turn: a load that was requested earlier may end later.
#[derive(Clone)]
pub(super) struct GivenLimits(BTreeMap<u64, LimitOverrides>);

impl GivenLimits {
    pub(super) fn new(turn: u64, sandbox: &LimitOverrides) -> Self {
        Self(BTreeMap::from([(turn, *sandbox)]))
    }

    /// Adds the limits of a load. `oldest` is the first turn among the loads that may still end.
    pub(super) fn add(&mut self, turn: u64, sandbox: &LimitOverrides, oldest: u64) {
        self.0.insert(turn, *sandbox);
        let later = self.0.split_off(&oldest);
        let settled = self.0.last_key_value().map(|(turn, _)| (*turn, self.all()));
        self.0 = settled.into_iter().chain(later).collect();
    }

    /// All of them together: a later load's limit wins.
    pub(super) fn all(&self) -> LimitOverrides {
        self.0.values().fold(LimitOverrides::default(), |all, given| all.with(given))
    }
}
