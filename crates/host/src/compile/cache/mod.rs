//! Machine code on disk.

pub(crate) mod code_cache;
pub(crate) mod directory;
pub(crate) mod key;
pub(crate) mod private_copy;
pub(crate) mod seal;
pub(crate) mod secret;
