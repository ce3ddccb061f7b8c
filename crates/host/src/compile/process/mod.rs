//! Compiling in a child process: the parent's side, the child's side, and what they say to each other.

pub(crate) mod child;
pub(crate) mod compiler_process;
pub(crate) mod cost;
pub(crate) mod exchange;
pub(crate) mod protocol;
pub(crate) mod supervisor;
