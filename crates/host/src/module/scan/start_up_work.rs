//! The work for everything except a module's functions: one function that sets up its globals and its table, and bridges into
//! and out of its functions.

use wasmparser::{BinaryReaderError, ConstExpr, DataKind, Element, ElementItems, ElementKind, Global, Operator};

/// The work for an operator of a constant expression: 40,000 of them took 3.3 s and 280 MB.
const CONSTANT: u64 = 8_000;

/// An entry of an element segment that code writes into or beside the table: 42 µs and 6.6 KB.
const ENTRY: u64 = 8_000;

/// A data segment that code copies into the memory.
const SEGMENT: u64 = 20_000;

/// A function that may be called by reference, or a function type: each gets a bridge.
const BRIDGE: u64 = 6_000;
/// Each parameter and result that a bridge passes.
const PASSED: u64 = 300;

/// The most table entries that the compiler writes itself.
const KNOWN_TABLE: u64 = 1_024 * 1_024;

/// What the compiler knows of a table while it reads element segments.
#[derive(Default)]
pub(super) struct Table {
    /// Its initial number of elements.
    pub(super) elements: u64,
    /// Has the compiler written all segments so far into the table itself?
    is_known: bool,
}

/// The range of a table that an active segment fills.
pub(super) struct Target {
    offset: u64,
    entries: u64,
}

impl Target {
    pub(super) fn end(&self) -> u64 {
        self.offset.saturating_add(self.entries)
    }
}

impl Table {
    pub(super) fn new(elements: u64, holds_functions: bool, is_null: bool) -> Self {
        Self { elements, is_known: holds_functions && is_null }
    }

    /// The work for a segment, and its target if that is known.
    pub(super) fn segment(&mut self, element: Element<'_>) -> Result<(u64, Option<Target>), BinaryReaderError> {
        let (entries, operators) = match element.items {
            ElementItems::Functions(functions) => (u64::from(functions.count()), None),
            ElementItems::Expressions(_, expressions) => {
                let entries = u64::from(expressions.count());
                let mut operators: u64 = 0;
                for expression in expressions {
                    operators = operators.saturating_add(count(&expression?)?);
                }
                (entries, Some(operators))
            }
        };
        let written =
            entries.saturating_mul(ENTRY).saturating_add(operators.unwrap_or_default().saturating_mul(CONSTANT));
        match element.kind {
            ElementKind::Declared => Ok((0, None)),
            ElementKind::Passive => Ok((written, None)),
            ElementKind::Active { offset_expr, .. } => {
                let offset = known_offset(&offset_expr)?;
                let target = offset.map(|offset| Target { offset, entries });
                let end = offset.and_then(|offset| offset.checked_add(entries));
                self.is_known &= operators.is_none() && end.is_some_and(|end| end <= self.elements.min(KNOWN_TABLE));
                Ok((if self.is_known { 0 } else { written.saturating_add(constant(&offset_expr)?) }, target))
            }
        }
    }
}

/// The work for a bridge that passes this many values.
pub(super) fn bridge(values: u64) -> u64 {
    values.saturating_mul(PASSED).saturating_add(BRIDGE)
}

/// The start of the stack if this global can be the stack pointer, which in C, C++, Rust and Zig is a mutable number.
pub(super) fn stack_pointer(global: &Global<'_>) -> Option<i32> {
    match global.init_expr.get_operators_reader().read() {
        Ok(Operator::I32Const { value }) if global.ty.mutable => Some(value),
        _ => None,
    }
}

/// The work for a constant expression; none for a plain constant.
pub(super) fn constant(expression: &ConstExpr<'_>) -> Result<u64, BinaryReaderError> {
    // Its `end` also counts as an operator.
    let operators = count(expression)?;
    Ok(if operators > 2 { operators.saturating_mul(CONSTANT) } else { 0 })
}

/// The work for a data segment. One with a known offset becomes part of the memory's image, which costs nothing.
pub(super) fn data(kind: &DataKind<'_>) -> Result<u64, BinaryReaderError> {
    match kind {
        DataKind::Active { offset_expr, .. } if known_offset(offset_expr)?.is_none() => {
            Ok(SEGMENT.saturating_add(constant(offset_expr)?))
        }
        _ => Ok(0),
    }
}

fn count(expression: &ConstExpr<'_>) -> Result<u64, BinaryReaderError> {
    let mut operators: u64 = 0;
    for operator in expression.get_operators_reader() {
        operator?;
        operators = operators.saturating_add(1);
    }
    Ok(operators)
}

/// The offset of a segment, if it is a plain constant.
fn known_offset(expression: &ConstExpr<'_>) -> Result<Option<u64>, BinaryReaderError> {
    let mut operators = expression.get_operators_reader();
    let Operator::I32Const { value } = operators.read()? else {
        return Ok(None);
    };
    let ends = matches!(operators.read()?, Operator::End);
    Ok(ends.then_some(u64::from(value.cast_unsigned())))
}
