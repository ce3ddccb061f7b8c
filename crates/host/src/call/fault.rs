//! How a plugin faults.

use serde::Serialize;

use crate::codes::codes;

codes! {
    /// What kind of fault it is.
    pub enum FaultCode {
        /// The guest trapped: `unreachable`, an access out of bounds, a division by zero, and so on.
        Trap = "ERR_TRAP",
        /// It threw an exception or panicked, and told why: the message and the backtrace are its own words.
        Thrown = "ERR_THROWN",
        /// It used up its fuel.
        Fuel = "ERR_FUEL",
        /// It did not finish before its deadline.
        Timeout = "ERR_TIMEOUT",
        /// It trapped, or could not continue, after it was refused more memory or table elements than its limit.
        Memory = "ERR_MEMORY",
        /// It overflowed its stack.
        Stack = "ERR_STACK",
        /// Its `alloc` or its result points outside its memory.
        Abi = "ERR_ABI",
        /// Its result is too long, not UTF-8, not JSON or not of the contract's shape, or its patch cannot be applied.
        Result = "ERR_RESULT",
    }
}

/// A fault of a plugin. Text that the guest chose is cut and escaped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The kind of fault.
    pub code: FaultCode,
    /// What happened, in a sentence.
    pub message: String,
    /// The guest's frames, innermost first, at most 20; empty if it was not running. Each is a function and, in parentheses,
    /// its file, line and column if the module has debug information, or else its offset in the module. Those of [`FaultCode::Thrown`] are as the guest tells them, if it does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub backtrace: Vec<String>,
}

impl Fault {
    pub(crate) fn new(code: FaultCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), backtrace: Vec::new() }
    }

    /// This fault, with what its author has to change.
    pub(crate) fn and_advice(mut self, advice: &str) -> Self {
        self.message.push_str(": ");
        self.message.push_str(advice);
        self
    }

    /// This fault, with the backtrace of another if it has none.
    pub(crate) fn or_backtrace_of(mut self, other: Self) -> Self {
        if self.backtrace.is_empty() {
            self.backtrace = other.backtrace;
        }
        self
    }
}
