//! How JavaScript makes a call.

pub(crate) mod chain;
pub(crate) mod options;
pub(crate) mod sync;
