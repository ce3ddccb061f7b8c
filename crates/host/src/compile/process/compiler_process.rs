//! The child process to compile in.

use std::time::Duration;

/// A child process to compile in.
#[derive(Debug, Clone)]
pub struct CompilerProcess {
    /// A program that passes its last two arguments to [`compile_for_parent`](crate::compile_for_parent).
    pub program: String,
    /// Its arguments. Two are added: how the engine allocates cells, and the identifier of this process.
    pub arguments: Vec<String>,
    /// Wall clock from the request for a process to its reply. Then it is killed.
    pub timeout: Duration,
    /// Memory beyond what the process starts with, in bytes. Linux enforces it; other systems have no such limit for a whole
    /// process, and there only the deadline applies.
    pub max_memory_bytes: u64,
}
