//! Where in a plugin's own module an instruction is, of the module that was made of it and compiled.

/// The code of a compiled module, laid over that of the plugin's own.
#[derive(Debug, Clone, Default)]
pub(crate) struct CodeMap {
    /// How many bytes later all of it lies in a snapshot.
    moved_by: isize,
    /// Where it moved before that, in order.
    moves: Vec<Move>,
    /// How many functions are the plugin's own, where some are not.
    own_functions: Option<u32>,
}

/// From here on, up to the next move, the code lies as far from its own place as here.
#[derive(Debug, Clone, Copy)]
struct Move {
    to: usize,
    from: usize,
}

impl CodeMap {
    /// Of a module whose first `own_functions` are the plugin's own.
    pub(crate) fn with_own_functions(own_functions: u32) -> Self {
        Self { own_functions: Some(own_functions), ..Self::default() }
    }

    /// Says that what was at `from` is at `to`. Told from the front to the back.
    pub(crate) fn add(&mut self, from: usize, to: usize) {
        let is_as_before = match self.moves.last() {
            Some(last) => to.checked_signed_diff(from) == last.to.checked_signed_diff(last.from),
            None => to == from,
        };
        if !is_as_before {
            self.moves.push(Move { to, from });
        }
    }

    /// The same where all of it lies so many bytes later.
    #[must_use]
    pub(crate) fn moved_by(mut self, bytes: isize) -> Self {
        self.moved_by = self.moved_by.saturating_add(bytes);
        self
    }

    /// Where in the plugin's own module an instruction is that lies at `offset` in the one that was compiled.
    pub(crate) fn place_in_module(&self, offset: usize) -> usize {
        let offset = offset.saturating_add_signed(self.moved_by.saturating_neg());
        let before = self.moves.partition_point(|entry| entry.to <= offset);
        match before.checked_sub(1).and_then(|last| self.moves.get(last)) {
            Some(Move { to, from }) => offset.saturating_sub(*to).saturating_add(*from),
            None => offset,
        }
    }

    /// Is this function one that the plugin's author wrote?
    pub(crate) fn is_own(&self, function: u32) -> bool {
        self.own_functions.is_none_or(|own| function < own)
    }
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
            assert_eq!(map.place_in_module(compiled), own);
        }
        assert!(map.is_own(2) && !map.is_own(3));
        assert!(CodeMap::default().is_own(u32::MAX));
    }
}
