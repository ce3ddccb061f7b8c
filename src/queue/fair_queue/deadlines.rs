//! The deadlines of waiting calls.

use std::collections::BTreeSet;
use std::time::Instant;

use super::CallId;
use super::line::Line;

/// Most calls may wait for the same time, so that their deadlines ascend. Only those of the others are sorted.
#[derive(Debug)]
pub(super) struct Deadlines {
    ascending: Line<(Instant, CallId), ()>,
    others: BTreeSet<(Instant, CallId)>,
}

impl Deadlines {
    pub(super) fn new() -> Self {
        Self { ascending: Line::new(), others: BTreeSet::new() }
    }

    pub(super) fn add(&mut self, deadline: Instant, id: CallId) {
        if self.ascending.ends_before((deadline, id)) {
            self.ascending.push((deadline, id), ());
        } else {
            self.others.insert((deadline, id));
        }
    }

    pub(super) fn remove(&mut self, deadline: Instant, id: CallId) {
        if self.ascending.remove((deadline, id)).is_none() && !self.others.is_empty() {
            self.others.remove(&(deadline, id));
        }
    }

    /// The earliest one.
    pub(super) fn first(&self) -> Option<(Instant, CallId)> {
        self.ascending.first_key().into_iter().chain(self.others.first().copied()).min()
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.ascending.len() + self.others.len()
    }
}
