//! The cost of each operator for the compiler: a table of measured weights.
//!
//! One unit of work is about 10 ns of one core, or 2.5 bytes of memory if that is the larger share of an operator's cost.
//! A weight for several operators is that of the most expensive one.

use wasmparser::Operator;

/// The kind of an operator, which its cost depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Pushes a value that the compiler knows.
    Constant,
    /// Computes with integers only, so that the optimizer rewrites it.
    Pure,
    /// Computes with floats or vectors, or into another type, which the optimizer does not rewrite.
    Computed,
    /// Reads or writes memory or a global.
    Access,
    /// Any other operator that neither branches nor calls.
    Plain,
    /// Branches, with this many targets.
    Branch(u64),
    /// Calls a function, or the host.
    Call,
    /// A bulk operation: inlined code with checks, loops and calls.
    Bulk,
}

/// The weights of everything that is not an operator. Each function takes over 100 µs, which the limit on their number bounds;
/// this weight is the rest.
pub(super) const FUNCTION: u64 = 1_500;
pub(super) const VALUE: u64 = 100;
/// Each result of a call: 600 bytes of memory.
pub(super) const RESULT: u64 = 300;

const NOTHING: u64 = 20;
const ARITHMETIC: u64 = 150;
const ACCESS: u64 = 500;
const BRANCH: u64 = 4_000;
const LOOP: u64 = 8_000;
const TARGET: u64 = 500;
const CALL: u64 = 1_800;
/// With what fills in the table's entry, and looks at its type: up to 160 µs and 36 KB where nothing else is around.
const CALL_INDIRECT: u64 = 12_000;
const BULK: u64 = 12_000;
const ELEMENT: u64 = 15_000;
const GROW: u64 = 11_000;
const VECTOR: u64 = 900;

/// How long an operator of this kind takes at run time in a bad case, in nanoseconds: data that is not in the processor's caches,
/// a division, a call of the host. `bench/inline-hold` measures them.
pub(super) const fn hold_ns(kind: Kind) -> u64 {
    match kind {
        Kind::Constant | Kind::Plain => 1,
        Kind::Pure | Kind::Computed => 5,
        Kind::Branch(_) => 10,
        Kind::Access => 30,
        Kind::Call => 60,
        Kind::Bulk => 100,
    }
}

/// The weight and the kind of an operator.
#[expect(clippy::too_many_lines, reason = "it is a table")]
pub(super) fn of(operator: &Operator<'_>) -> (u64, Kind) {
    use Operator as Op;
    match operator {
        Op::I32Const { .. }
        | Op::I64Const { .. }
        | Op::F32Const { .. }
        | Op::F64Const { .. }
        | Op::TableSize { .. } => (NOTHING, Kind::Constant),
        Op::Nop
        | Op::Block { .. }
        | Op::End
        | Op::Drop
        | Op::LocalGet { .. }
        | Op::LocalSet { .. }
        | Op::LocalTee { .. }
        | Op::RefNull { .. } => (NOTHING, Kind::Plain),
        Op::If { .. } | Op::BrIf { .. } => (BRANCH, Kind::Branch(1)),
        Op::Else | Op::Br { .. } | Op::Return | Op::Unreachable => (BRANCH / 4, Kind::Branch(1)),
        Op::BrTable { targets } => {
            let targets = u64::from(targets.len()).saturating_add(1);
            (BRANCH.saturating_add(targets.saturating_mul(TARGET)), Kind::Branch(targets))
        }
        Op::Loop { .. } => (LOOP, Kind::Branch(2)),
        Op::Call { .. } | Op::RefFunc { .. } | Op::DataDrop { .. } | Op::ElemDrop { .. } => (CALL, Kind::Call),
        Op::CallIndirect { .. } => (CALL_INDIRECT, Kind::Call),
        Op::MemoryGrow { .. } => (GROW, Kind::Call),
        // The host may have to create the element first.
        Op::TableGet { .. } | Op::TableSet { .. } | Op::TableGrow { .. } => (ELEMENT, Kind::Bulk),
        Op::MemoryCopy { .. }
        | Op::MemoryFill { .. }
        | Op::MemoryInit { .. }
        | Op::TableCopy { .. }
        | Op::TableFill { .. }
        | Op::TableInit { .. } => (BULK, Kind::Bulk),
        Op::GlobalGet { .. }
        | Op::GlobalSet { .. }
        | Op::MemorySize { .. }
        | Op::I32Load { .. }
        | Op::I64Load { .. }
        | Op::F32Load { .. }
        | Op::F64Load { .. }
        | Op::I32Load8S { .. }
        | Op::I32Load8U { .. }
        | Op::I32Load16S { .. }
        | Op::I32Load16U { .. }
        | Op::I64Load8S { .. }
        | Op::I64Load8U { .. }
        | Op::I64Load16S { .. }
        | Op::I64Load16U { .. }
        | Op::I64Load32S { .. }
        | Op::I64Load32U { .. }
        | Op::I32Store { .. }
        | Op::I64Store { .. }
        | Op::F32Store { .. }
        | Op::F64Store { .. }
        | Op::I32Store8 { .. }
        | Op::I32Store16 { .. }
        | Op::I64Store8 { .. }
        | Op::I64Store16 { .. }
        | Op::I64Store32 { .. } => (ACCESS, Kind::Access),
        Op::Select | Op::TypedSelect { .. } => (ARITHMETIC.saturating_mul(2), Kind::Pure),
        Op::I32Clz
        | Op::I32Ctz
        | Op::I32Popcnt
        | Op::I64Clz
        | Op::I64Ctz
        | Op::I64Popcnt
        | Op::F32Eq
        | Op::F32Ne
        | Op::F32Lt
        | Op::F32Gt
        | Op::F32Le
        | Op::F32Ge
        | Op::F64Eq
        | Op::F64Ne
        | Op::F64Lt
        | Op::F64Gt
        | Op::F64Le
        | Op::F64Ge
        | Op::F32Abs
        | Op::F32Neg
        | Op::F64Abs
        | Op::F64Neg
        | Op::F32Add
        | Op::F32Sub
        | Op::F32Mul
        | Op::F32Div
        | Op::F64Add
        | Op::F64Sub
        | Op::F64Mul
        | Op::F64Div
        | Op::F32Sqrt
        | Op::F64Sqrt
        | Op::F32Min
        | Op::F32Max
        | Op::F64Min
        | Op::F64Max => (450, Kind::Computed),
        Op::I32DivS
        | Op::I32DivU
        | Op::I32RemS
        | Op::I32RemU
        | Op::I64DivS
        | Op::I64DivU
        | Op::I64RemS
        | Op::I64RemU
        | Op::F32Ceil
        | Op::F32Floor
        | Op::F32Trunc
        | Op::F32Nearest
        | Op::F64Ceil
        | Op::F64Floor
        | Op::F64Trunc
        | Op::F64Nearest
        | Op::F32ConvertI32S
        | Op::F32ConvertI32U
        | Op::F32ConvertI64S
        | Op::F32ConvertI64U
        | Op::F64ConvertI32S
        | Op::F64ConvertI32U
        | Op::F64ConvertI64S
        | Op::F64ConvertI64U
        | Op::I32ReinterpretF32
        | Op::I64ReinterpretF64
        | Op::F32ReinterpretI32
        | Op::F64ReinterpretI64
        | Op::F32DemoteF64
        | Op::F64PromoteF32
        | Op::I32TruncF32S
        | Op::I32TruncF32U
        | Op::I32TruncF64S
        | Op::I32TruncF64U
        | Op::I64TruncF32S
        | Op::I64TruncF32U
        | Op::I64TruncF64S
        | Op::I64TruncF64U
        | Op::I32TruncSatF32S
        | Op::I32TruncSatF32U
        | Op::I32TruncSatF64S
        | Op::I32TruncSatF64U
        | Op::I64TruncSatF32S
        | Op::I64TruncSatF32U
        | Op::I64TruncSatF64S
        | Op::I64TruncSatF64U => (900, Kind::Computed),
        Op::F32Copysign | Op::F64Copysign => (1_500, Kind::Computed),
        Op::V128Const { .. } => (VECTOR, Kind::Plain),
        Op::I32x4TruncSatF32x4U | Op::I32x4TruncSatF64x2UZero => (4_500, Kind::Computed),
        Op::I32x4TruncSatF32x4S
        | Op::I32x4TruncSatF64x2SZero
        | Op::F32x4ConvertI32x4U
        | Op::F64x2ConvertLowI32x4U
        | Op::I32x4DotI16x8S
        | Op::F32x4Min
        | Op::F32x4Max
        | Op::F64x2Min
        | Op::F64x2Max => (2_300, Kind::Computed),
        Op::I32Eqz
        | Op::I64Eqz
        | Op::I32Eq
        | Op::I32Ne
        | Op::I32LtS
        | Op::I32LtU
        | Op::I32GtS
        | Op::I32GtU
        | Op::I32LeS
        | Op::I32LeU
        | Op::I32GeS
        | Op::I32GeU
        | Op::I64Eq
        | Op::I64Ne
        | Op::I64LtS
        | Op::I64LtU
        | Op::I64GtS
        | Op::I64GtU
        | Op::I64LeS
        | Op::I64LeU
        | Op::I64GeS
        | Op::I64GeU
        | Op::I32Add
        | Op::I32Sub
        | Op::I32Mul
        | Op::I32And
        | Op::I32Or
        | Op::I32Xor
        | Op::I32Shl
        | Op::I32ShrS
        | Op::I32ShrU
        | Op::I32Rotl
        | Op::I32Rotr
        | Op::I64Add
        | Op::I64Sub
        | Op::I64Mul
        | Op::I64And
        | Op::I64Or
        | Op::I64Xor
        | Op::I64Shl
        | Op::I64ShrS
        | Op::I64ShrU
        | Op::I64Rotl
        | Op::I64Rotr
        | Op::I32WrapI64
        | Op::I64ExtendI32S
        | Op::I64ExtendI32U
        | Op::I32Extend8S
        | Op::I32Extend16S
        | Op::I64Extend8S
        | Op::I64Extend16S
        | Op::I64Extend32S
        | Op::RefIsNull => (ARITHMETIC, Kind::Pure),
        // Vectors, and operators of later features.
        _ => (VECTOR, Kind::Computed),
    }
}
