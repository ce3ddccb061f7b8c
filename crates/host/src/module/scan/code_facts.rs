//! What the scan found in a module's functions, so that the same functions need not be scanned again.

use serde::{Deserialize, Serialize};
use wasmparser::Operator;

use super::WORK_OF_A_BYTE;
use crate::limits::Limits;

/// What the scan measured of a module's functions, and which operators are among them. Whether they are valid depends on
/// nothing but the module's types, functions, tables, globals and element segments, unless they refer to data segments or take
/// references to functions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CodeFacts {
    /// The most local variables, nested blocks, nested loops and targets of a branch in one function.
    locals: u64,
    blocks: u64,
    loops: u64,
    targets: u64,
    /// The work of all functions together.
    pub(super) work: u64,
    /// The most work of one function beyond what code of its length usually needs.
    excess: u64,
    /// How long one function can hold a thread from its beginning to its end, at most, in nanoseconds. Loops and calls do not
    /// count, because a guest can be stopped there.
    pub(crate) longest_hold_ns: u64,
    /// Are there operators that change a table, or drop an element segment?
    pub(crate) changes_table: bool,
    /// Are there operators that refer to data segments?
    pub(crate) uses_data_segments: bool,
    /// Are there operators that take a reference to a function? They need its export, or another mention of it.
    pub(crate) takes_references: bool,
}

impl CodeFacts {
    pub(super) fn locals(&mut self, locals: u64) {
        self.locals = self.locals.max(locals);
    }

    pub(super) fn nesting(&mut self, blocks: u64, loops: u64) {
        self.blocks = self.blocks.max(blocks);
        self.loops = self.loops.max(loops);
    }

    pub(super) fn targets(&mut self, targets: u64) {
        self.targets = self.targets.max(targets);
    }

    pub(super) fn hold_ns(&mut self, hold_ns: u64) {
        self.longest_hold_ns = self.longest_hold_ns.max(hold_ns);
    }

    pub(super) fn function(&mut self, work: u64, bytes: u64) {
        self.work = self.work.saturating_add(work);
        self.excess = self.excess.max(work.saturating_sub(bytes.saturating_mul(WORK_OF_A_BYTE)));
    }

    pub(super) fn operator(&mut self, operator: &Operator<'_>) {
        match operator {
            Operator::TableSet { .. }
            | Operator::TableGrow { .. }
            | Operator::TableFill { .. }
            | Operator::TableCopy { .. }
            | Operator::TableInit { .. }
            | Operator::ElemDrop { .. } => self.changes_table = true,
            Operator::MemoryInit { .. } | Operator::DataDrop { .. } => self.uses_data_segments = true,
            Operator::RefFunc { .. } => self.takes_references = true,
            _ => {}
        }
    }

    /// Is each function within these limits, if the module is compiled so many times?
    pub(super) fn fit(&self, limits: &Limits, times: u64) -> bool {
        self.locals <= limits.max_locals()
            && self.blocks <= limits.max_nesting()
            && self.loops <= limits.max_loop_nesting()
            && self.targets <= limits.max_br_table_targets()
            && self.excess.saturating_mul(times) <= limits.max_compile_work().div_euclid(2)
    }
}
