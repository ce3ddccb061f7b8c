//! The threads that run calls: how many there are, how long each works, and whether it waits for the next call.

pub(crate) mod brief_workers;
pub(crate) mod pace;
pub(crate) mod pauses;
pub(crate) mod shift;
pub(crate) mod worker;
