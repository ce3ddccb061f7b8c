//! The calls of a runtime: which run, which wait, and how their results return.

pub(crate) mod batch;
pub(crate) mod bell;
pub(crate) mod delivery;
pub(crate) mod fair_queue;
pub(crate) mod hook_queue;
pub(crate) mod job;
pub(crate) mod limits;
pub(crate) mod schedule;
pub(crate) mod wakefulness;
pub(crate) mod workers;
