//! The value of a global that is not a reference.

use serde::{Deserialize, Serialize};
use wasmparser::{ConstExpr, Operator};
use wasmtime::Val;

/// The value of a global that is not a reference, bit for bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum GlobalValue {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
    /// The lower half and the upper half.
    V128(u64, u64),
}

impl GlobalValue {
    /// Is every bit zero?
    pub(crate) fn is_zero(self) -> bool {
        matches!(self, Self::I32(0) | Self::I64(0) | Self::F32(0) | Self::F64(0) | Self::V128(0, 0))
    }

    /// The value of an expression that is a plain constant.
    pub(crate) fn of(expression: &ConstExpr<'_>) -> Option<Self> {
        let mut operators = expression.get_operators_reader();
        let value = match operators.read().ok()? {
            Operator::I32Const { value } => Self::I32(value),
            Operator::I64Const { value } => Self::I64(value),
            Operator::F32Const { value } => Self::F32(value.bits()),
            Operator::F64Const { value } => Self::F64(value.bits()),
            Operator::V128Const { value } => Self::of_vector(value.i128().cast_unsigned()),
            _ => return None,
        };
        matches!(operators.read().ok()?, Operator::End).then_some(value)
    }

    /// The value that wasmtime gives; `None` if it is a reference.
    pub(crate) fn from_wasmtime(value: &Val) -> Option<Self> {
        Some(match value {
            Val::I32(value) => Self::I32(*value),
            Val::I64(value) => Self::I64(*value),
            Val::F32(bits) => Self::F32(*bits),
            Val::F64(bits) => Self::F64(*bits),
            Val::V128(bits) => Self::of_vector(bits.as_u128()),
            _ => return None,
        })
    }

    #[expect(clippy::cast_possible_truncation, reason = "it takes the two halves")]
    fn of_vector(bits: u128) -> Self {
        Self::V128(bits as u64, (bits >> 64) as u64)
    }
}

impl From<GlobalValue> for Val {
    fn from(value: GlobalValue) -> Self {
        match value {
            GlobalValue::I32(value) => Self::I32(value),
            GlobalValue::I64(value) => Self::I64(value),
            GlobalValue::F32(bits) => Self::F32(bits),
            GlobalValue::F64(bits) => Self::F64(bits),
            GlobalValue::V128(lower, upper) => Self::V128((u128::from(lower) | u128::from(upper) << 64).into()),
        }
    }
}
