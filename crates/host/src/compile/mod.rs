//! From bytes to machine code: in this process, in a child process, or from a cache.

pub(crate) mod cache;
pub(crate) mod compilation;
pub(crate) mod compiled;
pub(crate) mod compiler;
pub(crate) mod machine_code;
pub(crate) mod module_id;
pub(crate) mod process;
pub(crate) mod refusal;
pub(crate) mod shared_module;
pub(crate) mod trial;
