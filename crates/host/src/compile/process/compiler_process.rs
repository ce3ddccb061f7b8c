//! How to compile in a child process.

use std::time::Duration;

/// How to compile in a child process.
#[derive(Debug, Clone)]
pub struct CompilerProcess {
    /// A program that passes its last two arguments to [`compile_for_parent`](crate::compile_for_parent).
    pub program: String,
    /// Its arguments. Two are added: how the engine allocates cells, and the identifier of this process.
    pub arguments: Vec<String>,
    /// Wall clock from when the process is asked for to its answer, after which it is killed.
    pub timeout: Duration,
    /// What the process may take beyond what it starts with, in bytes. A real limit on Linux; other systems have none
    /// that holds for a whole process, and there the deadline alone counts.
    pub max_memory_bytes: u64,
}
