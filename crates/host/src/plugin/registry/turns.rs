//! The order in which loads and unloads were requested.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::error::HostError;

/// The turns of loads and unloads. A larger turn was requested later.
#[derive(Default)]
pub(super) struct Turns {
    last: u64,
    /// The loads under way by turn, each with the names of its plugin: the caller's, and the key as soon as it is known.
    loading: BTreeMap<u64, Vec<String>>,
    /// The loads that have taken effect or were given up, but are not over.
    settled: BTreeSet<u64>,
    /// The turn of the last unload by key or spelling, kept while an earlier load is under way.
    unloaded: HashMap<String, u64>,
}

impl Turns {
    fn next(&mut self) -> u64 {
        self.last = self.last.saturating_add(1);
        self.last
    }

    /// A turn for the load of this plugin.
    pub(super) fn begin(&mut self, plugin: &str) -> u64 {
        let turn = self.next();
        self.loading.insert(turn, vec![plugin.to_owned()]);
        turn
    }

    /// Notes the key of the plugin that the load with this turn loads.
    pub(super) fn loads(&mut self, turn: u64, key: &str) {
        if let Some(names) = self.loading.get_mut(&turn) {
            names.push(key.to_owned());
        }
    }

    /// Is a plugin with such a name being loaded?
    pub(super) fn is_loading(&self, is_meant: impl Fn(&str) -> bool) -> bool {
        self.loading.values().flatten().any(|name| is_meant(name))
    }

    /// Takes the one effect that a load may have, or gives it up.
    ///
    /// # Errors
    /// [`HostError::Cancelled`] if it was settled before.
    pub(super) fn settle(&mut self, turn: u64) -> Result<(), HostError> {
        self.loading.remove(&turn).ok_or(HostError::Cancelled)?;
        self.settled.insert(turn);
        Ok(())
    }

    /// The load with this turn is over.
    pub(super) fn end(&mut self, turn: u64) {
        self.loading.remove(&turn);
        self.settled.remove(&turn);
        let oldest = self.oldest();
        self.unloaded.retain(|_, unloaded| *unloaded > oldest);
    }

    /// Takes a turn for an unload, which earlier loads of these names do not undo.
    pub(super) fn unload<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        let turn = self.next();
        if !self.loading.is_empty() {
            self.unloaded.extend(names.map(|name| (name.to_owned(), turn)));
        }
    }

    /// The first turn among the loads that are not over.
    pub(super) fn oldest(&self) -> u64 {
        let loading = self.loading.first_key_value().map(|(turn, _)| *turn);
        loading.into_iter().chain(self.settled.first().copied()).min().unwrap_or(u64::MAX)
    }

    /// Was the plugin unloaded after this turn?
    pub(super) fn is_unloaded(&self, key: &str, turn: u64) -> bool {
        self.unloaded.get(key).is_some_and(|unloaded| *unloaded > turn)
    }
}
