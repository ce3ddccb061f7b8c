//! Compiling in a child process: the server's side, the child's side, and the protocol between them.

pub(crate) mod child;
pub(crate) mod compiler_process;
pub(crate) mod cost;
pub(crate) mod exchange;
pub(crate) mod protocol;
pub(crate) mod supervisor;
