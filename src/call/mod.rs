//! Calls from JavaScript: one hook, a chain, or a blocking call.

pub(crate) mod asked;
pub(crate) mod call_reply;
pub(crate) mod calling_thread;
pub(crate) mod chain;
pub(crate) mod door;
pub(crate) mod hook;
pub(crate) mod inline;
pub(crate) mod options;
pub(crate) mod sync;
pub(crate) mod work;
