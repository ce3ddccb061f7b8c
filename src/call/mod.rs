//! Calls from JavaScript: one hook, a chain, or a blocking call.

pub(crate) mod chain;
pub(crate) mod options;
pub(crate) mod sync;
