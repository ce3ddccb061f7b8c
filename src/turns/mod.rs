//! Whose work runs next: builds and loads wait in queues where owners take turns.

pub(crate) mod build_queue;
pub(crate) mod load_queue;
mod turn_queue;
