//! Machine code that is kept on disk between processes.

pub(crate) mod code_cache;
pub(crate) mod directory;
pub(crate) mod key;
pub(crate) mod secret;
