//! How a plugin broke.

use serde::Serialize;

/// What kind of failure it was. The text is stable, and the same in every language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum FaultCode {
    /// The guest trapped: `unreachable`, out of bounds, division by zero and the like.
    #[serde(rename = "ERR_TRAP")]
    Trap,
    /// It used up its fuel.
    #[serde(rename = "ERR_FUEL")]
    Fuel,
    /// It did not finish in time.
    #[serde(rename = "ERR_TIMEOUT")]
    Timeout,
    /// It trapped, or could not go on, after it was refused more memory or table than its limit.
    #[serde(rename = "ERR_MEMORY")]
    Memory,
    /// It overflowed its stack.
    #[serde(rename = "ERR_STACK")]
    Stack,
    /// It broke the contract of pointers: an `alloc` or a result outside its memory.
    #[serde(rename = "ERR_ABI")]
    Abi,
    /// Its result is too long, not UTF-8, not JSON or not of the contract's shape.
    #[serde(rename = "ERR_RESULT")]
    Result,
}

impl FaultCode {
    /// The stable code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trap => "ERR_TRAP",
            Self::Fuel => "ERR_FUEL",
            Self::Timeout => "ERR_TIMEOUT",
            Self::Memory => "ERR_MEMORY",
            Self::Stack => "ERR_STACK",
            Self::Abi => "ERR_ABI",
            Self::Result => "ERR_RESULT",
        }
    }
}

/// A plugin's failure. Whatever text of it the guest chose is cut and escaped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// What kind of failure it was.
    pub code: FaultCode,
    /// What happened, in a sentence.
    pub message: String,
    /// The guest's frames, innermost first, at most 20; empty where it was not running. Each is a function and, in
    /// parentheses, its file, line and column where the module has debug information, else its offset in the module.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub backtrace: Vec<String>,
}

impl Fault {
    pub(crate) fn new(code: FaultCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), backtrace: Vec::new() }
    }
}
