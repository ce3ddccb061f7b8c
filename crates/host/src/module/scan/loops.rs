//! How deep blocks and loops are nested at an operator.

use wasmparser::Operator;

/// The blocks that are open, and how many of them are loops.
#[derive(Default)]
pub(super) struct Loops {
    open: Vec<bool>,
    nested: usize,
}

impl Loops {
    pub(super) fn operator(&mut self, operator: &Operator<'_>) {
        match operator {
            Operator::Loop { .. } => {
                self.open.push(true);
                self.nested = self.nested.saturating_add(1);
            }
            Operator::Block { .. } | Operator::If { .. } => self.open.push(false),
            Operator::End if self.open.pop() == Some(true) => self.nested = self.nested.saturating_sub(1),
            _ => {}
        }
    }

    /// Blocks that are open, loops among them.
    pub(super) fn blocks(&self) -> usize {
        self.open.len()
    }

    /// Loops that are open.
    pub(super) fn nested(&self) -> usize {
        self.nested
    }
}
