//! The pieces of a function. Each finds a value of the function's type on top of the stack, and leaves one.

use wasm_encoder::{BlockType, Ieee32, Ieee64, Instruction as I, MemArg, ValType};

use crate::random::Random;

/// A piece of code: its kind, and a number that varies it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Atom {
    pub kind: Kind,
    pub number: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Unary,
    BinaryWithConstant,
    BinaryWithLocal,
    ThereAndBack,
    Load,
    Store,
    SetLocal,
    TeeLocal,
    Global,
    If,
    IfElse,
    Block,
    Loop,
    BranchIf,
    BranchTable,
    Return,
    Call,
    CallMany,
    CallIndirect,
    RefFunc,
    TableGet,
    TableSet,
    TableSize,
    MemorySize,
    MemoryGrow,
    MemoryFill,
    MemoryCopy,
    MemoryInit,
    TableInit,
    Select,
    Keep,
    Constants,
}

pub const KINDS: &[Kind] = &[
    Kind::Unary,
    Kind::Unary,
    Kind::Unary,
    Kind::BinaryWithConstant,
    Kind::BinaryWithConstant,
    Kind::BinaryWithLocal,
    Kind::BinaryWithLocal,
    Kind::ThereAndBack,
    Kind::ThereAndBack,
    Kind::ThereAndBack,
    Kind::Load,
    Kind::Store,
    Kind::SetLocal,
    Kind::TeeLocal,
    Kind::Global,
    Kind::If,
    Kind::IfElse,
    Kind::Block,
    Kind::Loop,
    Kind::BranchIf,
    Kind::BranchIf,
    Kind::BranchTable,
    Kind::Return,
    Kind::Call,
    Kind::CallMany,
    Kind::CallIndirect,
    Kind::RefFunc,
    Kind::TableGet,
    Kind::TableSet,
    Kind::TableSize,
    Kind::MemorySize,
    Kind::MemoryGrow,
    Kind::MemoryFill,
    Kind::MemoryCopy,
    Kind::MemoryInit,
    Kind::TableInit,
    Kind::Select,
    Kind::Keep,
    Kind::Keep,
    Kind::Constants,
];

impl Atom {
    pub fn any(random: &mut Random) -> Self {
        Self { kind: random.one_of(KINDS), number: u32::try_from(random.below(1 << 20)).unwrap_or(0) }
    }
}

/// Where an atom is written.
pub struct Site {
    /// The type of the value on the stack.
    pub ty: ValType,
    /// The number of local variables of that type; the next local is an `i32`.
    pub locals: u32,
    /// The number of open blocks around it.
    pub blocks: u32,
    /// The number of repetitions before.
    pub turn: u32,
}

const MEMORY: MemArg = MemArg { offset: 0, align: 0, memory_index: 0 };

/// Writes an atom, and returns the number of values that it leaves below the top of the stack.
pub fn write(atom: Atom, site: &Site, code: &mut Vec<I<'static>>) -> u32 {
    let Site { ty, locals, blocks, turn } = *site;
    let n = atom.number;
    let local = (n.wrapping_add(turn.wrapping_mul(1 + n % 3))) % locals.max(1);
    let flag = locals;
    let constant = |value: u32| constant(ty, value);
    match atom.kind {
        Kind::Unary => code.push(unary(ty, n)),
        Kind::BinaryWithConstant => code.extend([constant(n.wrapping_add(turn * (n & 1))), binary(ty, n >> 4)]),
        Kind::BinaryWithLocal => code.extend([I::LocalGet(local), binary(ty, n >> 4)]),
        Kind::ThereAndBack => code.extend(there_and_back(ty, n)),
        Kind::Load => match ty {
            ValType::I32 => code.push(I::I32Load(MEMORY)),
            ValType::I64 => code.extend([I::I32WrapI64, I::I64Load(MEMORY)]),
            ValType::F32 => code.extend([I::I32ReinterpretF32, I::F32Load(MEMORY)]),
            ValType::F64 => code.extend([I::Drop, I::LocalGet(flag), I::F64Load(MEMORY)]),
            _ => code.extend([I::Drop, I::LocalGet(flag), I::V128Load(MEMORY)]),
        },
        Kind::Store => {
            code.extend([I::LocalSet(local), I::LocalGet(flag), I::LocalGet(local), store(ty), I::LocalGet(local)]);
        }
        Kind::SetLocal => code.extend([I::LocalSet(local), I::LocalGet((local + 1) % locals.max(1))]),
        Kind::TeeLocal => code.push(I::LocalTee(local)),
        Kind::Global => code.extend([I::GlobalGet(0), I::GlobalSet(0)]),
        Kind::If => code.extend([I::LocalGet(flag), I::If(BlockType::Empty), I::End]),
        Kind::IfElse => code.extend([
            I::LocalSet(local),
            I::LocalGet(flag),
            I::If(BlockType::Result(ty)),
            I::LocalGet(local),
            I::Else,
            constant(n),
            I::End,
        ]),
        Kind::Block => code.extend([I::Block(BlockType::Empty), I::LocalGet(flag), I::BrIf(0), I::End]),
        Kind::Loop => code.extend([I::Loop(BlockType::Empty), I::LocalGet(flag), I::BrIf(n % 2), I::End]),
        Kind::BranchIf => code.extend([I::LocalGet(flag), I::BrIf(n % blocks.max(1))]),
        Kind::BranchTable => {
            let targets: Vec<u32> = (0..=n % 64).map(|target| target % (blocks + 1)).collect();
            code.extend([I::Block(BlockType::Empty), I::LocalGet(flag), I::BrTable(targets.into(), 0), I::End]);
        }
        Kind::Return => code.extend([I::LocalGet(flag), I::If(BlockType::Empty), I::Return, I::End]),
        Kind::Call => code.extend([I::Call(3)]),
        Kind::CallMany => {
            code.push(I::Call(4));
            code.extend((0..20).map(|_| I::Drop));
        }
        Kind::CallIndirect => code.extend([I::LocalGet(flag), I::CallIndirect { type_index: 3, table_index: 0 }]),
        Kind::RefFunc => code.extend([I::RefFunc(0), I::RefIsNull, I::LocalSet(flag)]),
        Kind::TableGet => code.extend([I::LocalGet(flag), I::TableGet(0), I::RefIsNull, I::LocalSet(flag)]),
        Kind::TableSet => code.extend([I::LocalGet(flag), I::RefFunc(0), I::TableSet(0)]),
        Kind::TableSize => code.extend([I::TableSize(0), I::LocalSet(flag)]),
        Kind::MemorySize => code.extend([I::MemorySize(0), I::LocalSet(flag)]),
        Kind::MemoryGrow => code.extend([I::LocalGet(flag), I::MemoryGrow(0), I::LocalSet(flag)]),
        Kind::MemoryFill => {
            let length = if n & 1 == 0 { I::LocalGet(flag) } else { I::I32Const(i32::try_from(n % 300).unwrap_or(0)) };
            code.extend([I::LocalGet(flag), I::LocalGet(flag), length, I::MemoryFill(0)]);
        }
        Kind::MemoryCopy => {
            let length = if n & 1 == 0 { I::LocalGet(flag) } else { I::I32Const(i32::try_from(n % 300).unwrap_or(0)) };
            let copy = I::MemoryCopy { src_mem: 0, dst_mem: 0 };
            code.extend([I::LocalGet(flag), I::LocalGet(flag), length, copy]);
        }
        Kind::MemoryInit => {
            let init = I::MemoryInit { mem: 0, data_index: 0 };
            code.extend([I::LocalGet(flag), I::LocalGet(flag), I::LocalGet(flag), init]);
        }
        Kind::TableInit => {
            let init = I::TableInit { elem_index: 0, table: 0 };
            code.extend([I::LocalGet(flag), I::LocalGet(flag), I::LocalGet(flag), init]);
        }
        Kind::Select => code.extend([I::LocalGet(local), I::LocalGet(flag), I::Select]),
        Kind::Keep => {
            code.extend([I::LocalTee(local), I::LocalGet(local)]);
            return 1;
        }
        Kind::Constants => code.extend([constant(turn.wrapping_mul(7919)), I::LocalSet(local)]),
    }
    0
}

pub fn constant(ty: ValType, value: u32) -> I<'static> {
    match ty {
        ValType::I32 => I::I32Const(value.cast_signed()),
        ValType::I64 => I::I64Const(i64::from(value) << (value % 30)),
        ValType::F32 => I::F32Const(Ieee32::new(value)),
        ValType::F64 => I::F64Const(Ieee64::new(u64::from(value) << 20)),
        _ => I::V128Const(i128::from(value) << 33),
    }
}

fn store(ty: ValType) -> I<'static> {
    match ty {
        ValType::I32 => I::I32Store(MEMORY),
        ValType::I64 => I::I64Store(MEMORY),
        ValType::F32 => I::F32Store(MEMORY),
        ValType::F64 => I::F64Store(MEMORY),
        _ => I::V128Store(MEMORY),
    }
}

/// An operation on two values of a type.
pub fn binary(ty: ValType, n: u32) -> I<'static> {
    let list: &[I<'static>] = match ty {
        ValType::I32 => &[
            I::I32Add,
            I::I32Sub,
            I::I32Mul,
            I::I32DivS,
            I::I32DivU,
            I::I32RemS,
            I::I32RemU,
            I::I32And,
            I::I32Or,
            I::I32Xor,
            I::I32Shl,
            I::I32ShrS,
            I::I32ShrU,
            I::I32Rotl,
            I::I32Rotr,
            I::I32Eq,
            I::I32Ne,
            I::I32LtS,
            I::I32LtU,
            I::I32GeU,
        ],
        ValType::I64 => &[
            I::I64Add,
            I::I64Sub,
            I::I64Mul,
            I::I64DivS,
            I::I64DivU,
            I::I64RemS,
            I::I64RemU,
            I::I64And,
            I::I64Or,
            I::I64Xor,
            I::I64Shl,
            I::I64ShrS,
            I::I64ShrU,
            I::I64Rotl,
            I::I64Rotr,
        ],
        ValType::F32 => &[I::F32Add, I::F32Sub, I::F32Mul, I::F32Div, I::F32Min, I::F32Max, I::F32Copysign],
        ValType::F64 => &[I::F64Add, I::F64Sub, I::F64Mul, I::F64Div, I::F64Min, I::F64Max, I::F64Copysign],
        _ => &[
            I::I8x16Add,
            I::I8x16Swizzle,
            I::I8x16NarrowI16x8S,
            I::I16x8Mul,
            I::I16x8Q15MulrSatS,
            I::I32x4DotI16x8S,
            I::I32x4Mul,
            I::I64x2Mul,
            I::I64x2ExtMulLowI32x4S,
            I::I64x2ExtMulHighI32x4U,
            I::I16x8ExtMulLowI8x16S,
            I::F32x4Min,
            I::F32x4Max,
            I::F64x2Min,
            I::F64x2Max,
            I::F32x4PMin,
            I::F64x2PMax,
            I::V128AndNot,
            I::V128Xor,
            I::I8x16AvgrU,
            I::I8x16MinS,
            I::I64x2GtS,
            I::I8x16LtU,
            I::F64x2Div,
            I::F32x4Le,
            I::I8x16Shuffle([3, 31, 7, 1, 0, 30, 22, 9, 9, 2, 17, 28, 5, 11, 13, 19]),
        ],
    };
    list[n as usize % list.len()].clone()
}

fn unary(ty: ValType, n: u32) -> I<'static> {
    let list: &[I<'static>] = match ty {
        ValType::I32 => &[I::I32Clz, I::I32Ctz, I::I32Popcnt, I::I32Eqz, I::I32Extend8S, I::I32Extend16S],
        ValType::I64 => &[I::I64Clz, I::I64Ctz, I::I64Popcnt, I::I64Extend8S, I::I64Extend16S, I::I64Extend32S],
        ValType::F32 => &[I::F32Abs, I::F32Neg, I::F32Ceil, I::F32Floor, I::F32Trunc, I::F32Nearest, I::F32Sqrt],
        ValType::F64 => &[I::F64Abs, I::F64Neg, I::F64Ceil, I::F64Floor, I::F64Trunc, I::F64Nearest, I::F64Sqrt],
        _ => &[
            I::I8x16Popcnt,
            I::I8x16Abs,
            I::I8x16Neg,
            I::I64x2Abs,
            I::V128Not,
            I::F32x4Nearest,
            I::F64x2Ceil,
            I::F64x2Trunc,
            I::I32x4TruncSatF32x4S,
            I::I32x4TruncSatF32x4U,
            I::I32x4TruncSatF64x2SZero,
            I::I32x4TruncSatF64x2UZero,
            I::F32x4ConvertI32x4U,
            I::F64x2ConvertLowI32x4U,
            I::F32x4DemoteF64x2Zero,
            I::F64x2PromoteLowF32x4,
            I::I16x8ExtAddPairwiseI8x16S,
            I::I32x4ExtAddPairwiseI16x8U,
            I::I64x2ExtendHighI32x4S,
            I::F32x4Sqrt,
        ],
    };
    list[n as usize % list.len()].clone()
}

/// Converts into another type and back.
#[rustfmt::skip]
fn there_and_back(ty: ValType, n: u32) -> [I<'static>; 2] {
    let list: &[[I<'static>; 2]] = match ty {
        ValType::I32 => &[
            [I::F64ConvertI32S, I::I32TruncF64S], [I::F64ConvertI32U, I::I32TruncF64U], [I::F32ConvertI32S, I::I32TruncF32S],
            [I::F32ConvertI32U, I::I32TruncF32U], [I::F64ConvertI32U, I::I32TruncSatF64U], [I::F32ConvertI32U, I::I32TruncSatF32U],
            [I::I64ExtendI32U, I::I32WrapI64], [I::F32ReinterpretI32, I::I32ReinterpretF32], [I::I64ExtendI32S, I::I64Eqz],
            [I::I8x16Splat, I::I8x16AllTrue], [I::I16x8Splat, I::I8x16Bitmask], [I::I32x4Splat, I::V128AnyTrue],
        ],
        ValType::I64 => &[
            [I::F64ConvertI64S, I::I64TruncF64S], [I::F64ConvertI64U, I::I64TruncF64U], [I::F32ConvertI64S, I::I64TruncF32S],
            [I::F32ConvertI64U, I::I64TruncF32U], [I::F64ConvertI64U, I::I64TruncSatF64U], [I::F32ConvertI64U, I::I64TruncSatF32U],
            [I::F64ReinterpretI64, I::I64ReinterpretF64], [I::I32WrapI64, I::I64ExtendI32U], [I::I64x2Splat, I::I64x2ExtractLane(1)],
        ],
        ValType::F32 => &[
            [I::I32TruncF32S, I::F32ConvertI32S], [I::I32TruncF32U, I::F32ConvertI32U], [I::I64TruncF32S, I::F32ConvertI64S],
            [I::I64TruncF32U, I::F32ConvertI64U], [I::I64TruncSatF32U, I::F32ConvertI64U], [I::F64PromoteF32, I::F32DemoteF64],
            [I::I32ReinterpretF32, I::F32ReinterpretI32], [I::F32x4Splat, I::F32x4ExtractLane(3)],
        ],
        ValType::F64 => &[
            [I::I32TruncF64S, I::F64ConvertI32S], [I::I32TruncF64U, I::F64ConvertI32U], [I::I64TruncF64S, I::F64ConvertI64S],
            [I::I64TruncF64U, I::F64ConvertI64U], [I::I64TruncSatF64U, I::F64ConvertI64U], [I::F32DemoteF64, I::F64PromoteF32],
            [I::I64ReinterpretF64, I::F64ReinterpretI64], [I::F64x2Splat, I::F64x2ExtractLane(1)], [I::I32TruncSatF64U, I::F64ConvertI32U],
        ],
        _ => &[
            [I::I8x16ExtractLaneS(3), I::I8x16Splat], [I::I64x2ExtractLane(1), I::I64x2Splat], [I::F32x4ExtractLane(1), I::F32x4Splat],
            [I::I16x8Bitmask, I::I16x8Splat], [I::I64x2AllTrue, I::I32x4Splat],
        ],
    };
    list[n as usize % list.len()].clone()
}
