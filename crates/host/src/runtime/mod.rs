//! The runtime: the plugins of one application, and the limits they run under.

pub(crate) mod loads;
pub(crate) mod runtime;
