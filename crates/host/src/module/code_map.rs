//! From instructions of a compiled module back to the plugin's own module, which it was made from.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Maps offsets in a compiled module to offsets in the plugin's own module.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct CodeMap {
    /// How many bytes later all code is in the module that was made first.
    was_moved_by: isize,
    /// How many bytes later all code is in a module that was made after the moves.
    moved_by: isize,
    /// The moves in between, in order. Plugins of the same code share them.
    #[serde(serialize_with = "write_moves", deserialize_with = "read_moves")]
    moves: Arc<Vec<Move>>,
    /// The number of the plugin's own functions, if some were added.
    own_functions: Option<u32>,
}

/// From `to` up to the next move, the code is as far from its own offset as here.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Move {
    to: usize,
    from: usize,
}

impl CodeMap {
    /// Of a module whose first `own_functions` are the plugin's own.
    pub(crate) fn with_own_functions(own_functions: u32) -> Self {
        Self { own_functions: Some(own_functions), ..Self::default() }
    }

    /// Adds that the code at `from` is now at `to`. Moves must be added in order.
    pub(crate) fn add(&mut self, from: usize, to: usize) {
        let is_as_before = match self.moves.last() {
            Some(last) => to.checked_signed_diff(from) == last.to.checked_signed_diff(last.from),
            None => to == from,
        };
        if !is_as_before {
            Arc::make_mut(&mut self.moves).push(Move { to, from });
        }
    }

    /// The same map for code that is this many bytes later.
    #[must_use]
    pub(crate) fn moved_by(mut self, bytes: isize) -> Self {
        self.moved_by = self.moved_by.saturating_add(bytes);
        self
    }

    /// The same map for code that was this many bytes later before all of this.
    #[must_use]
    pub(crate) fn after_move_by(mut self, bytes: isize) -> Self {
        self.was_moved_by = self.was_moved_by.saturating_add(bytes);
        self
    }

    /// The offset in the plugin's own module of the instruction at `offset` in the compiled one.
    pub(crate) fn offset_in_module(&self, offset: usize) -> usize {
        let offset = offset.saturating_add_signed(self.moved_by.saturating_neg());
        let before = self.moves.partition_point(|entry| entry.to <= offset);
        let offset = match before.checked_sub(1).and_then(|last| self.moves.get(last)) {
            Some(Move { to, from }) => offset.saturating_sub(*to).saturating_add(*from),
            None => offset,
        };
        offset.saturating_add_signed(self.was_moved_by.saturating_neg())
    }

    /// Is this function the plugin's own, and not an added one?
    pub(crate) fn is_own(&self, function: u32) -> bool {
        self.own_functions.is_none_or(|own| function < own)
    }
}

fn write_moves<S: Serializer>(moves: &Arc<Vec<Move>>, serializer: S) -> Result<S::Ok, S::Error> {
    Vec::serialize(moves, serializer)
}

fn read_moves<'a, D: Deserializer<'a>>(deserializer: D) -> Result<Arc<Vec<Move>>, D::Error> {
    Vec::deserialize(deserializer).map(Arc::new)
}

#[cfg(test)]
mod tests {
    use super::CodeMap;

    #[test]
    fn an_instruction_is_found_behind_each_move() {
        let mut map = CodeMap::with_own_functions(3);
        for (from, to) in [(10, 10), (20, 25), (30, 35), (40, 47)] {
            map.add(from, to);
        }
        assert_eq!(map.moves.len(), 2);
        let map = map.moved_by(100);
        for (own, compiled) in [(12, 112), (20, 125), (33, 138), (40, 147), (90, 197)] {
            assert_eq!(map.offset_in_module(compiled), own);
        }
        let behind = map.clone().after_move_by(5);
        assert_eq!(behind.offset_in_module(125), 15);
        assert!(map.is_own(2) && !map.is_own(3));
        assert!(CodeMap::default().is_own(u32::MAX));
    }
}
