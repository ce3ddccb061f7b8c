//! The nesting at a point of JSON text.

use crate::json::harmless::MAX_DEPTH;

/// Each level of nesting is one bit.
const _: () = assert!(MAX_DEPTH == u128::BITS as usize);

/// What is nested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    Array,
    Object,
}

/// The open arrays and objects, at most [`MAX_DEPTH`].
#[derive(Default)]
pub(crate) struct Levels {
    depth: u32,
    deepest: u32,
    /// The innermost is the lowest bit; an object is 1.
    kinds: u128,
}

impl Levels {
    /// `None` beyond the deepest level.
    pub(crate) fn open(&mut self, container: Container) -> Option<()> {
        if self.depth == u128::BITS {
            return None;
        }
        self.depth = self.depth.saturating_add(1);
        self.deepest = self.deepest.max(self.depth);
        self.kinds = self.kinds << 1 | u128::from(container == Container::Object);
        Some(())
    }

    pub(crate) fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.kinds >>= 1;
    }

    /// The most that were open at the same time.
    pub(crate) fn deepest(&self) -> u32 {
        self.deepest
    }

    /// `None` outside the outermost.
    pub(crate) fn innermost(&self) -> Option<Container> {
        match (self.depth, self.kinds & 1) {
            (0, _) => None,
            (_, 0) => Some(Container::Array),
            _ => Some(Container::Object),
        }
    }
}
