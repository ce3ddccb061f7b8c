//! The limits and grants that a plugin's loads set.

use std::collections::BTreeMap;

use crate::call::grants::Grants;
use crate::limits::LimitOverrides;
use crate::plugin::load_options::LoadOptions;

/// What the loads of a plugin set, by turn: a load that was requested earlier may end later.
#[derive(Clone)]
pub(super) struct GivenOptions(BTreeMap<u64, Given>);

/// What one load sets, or several together.
#[derive(Clone, Default)]
pub(crate) struct Given {
    pub(crate) sandbox: LimitOverrides,
    pub(crate) grants: Grants,
}

impl Given {
    /// What a load with these options sets.
    pub(crate) fn of(LoadOptions { sandbox, grants, .. }: &LoadOptions) -> Self {
        Self { sandbox: *sandbox, grants: grants.clone() }
    }

    /// The same, with what `other` sets instead.
    pub(crate) fn with(&self, other: &Self) -> Self {
        Self { sandbox: self.sandbox.with(&other.sandbox), grants: self.grants.with(&other.grants) }
    }
}

impl GivenOptions {
    pub(super) fn new(turn: u64, given: Given) -> Self {
        Self(BTreeMap::from([(turn, given)]))
    }

    /// Adds what a load sets. `oldest` is the first turn among the loads that may still end.
    pub(super) fn add(&mut self, turn: u64, given: Given, oldest: u64) {
        self.0.insert(turn, given);
        let later = self.0.split_off(&oldest);
        let settled = self.0.last_key_value().map(|(turn, _)| (*turn, self.all()));
        self.0 = settled.into_iter().chain(later).collect();
    }

    /// All of them together: what a later load sets wins.
    pub(super) fn all(&self) -> Given {
        self.0.values().fold(Given::default(), |all, given| all.with(given))
    }
}
