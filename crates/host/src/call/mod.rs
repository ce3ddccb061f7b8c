//! A hook call, from an empty cell to a checked result.

pub(crate) mod answer;
pub(crate) mod call;
pub(crate) mod chain;
pub(crate) mod context;
pub(crate) mod enter;
pub(crate) mod fault;
pub(crate) mod guest;
pub(crate) mod guest_slice;
pub(crate) mod result;
pub(crate) mod stop;
