//! What memories ask of the kernel. All system calls for them are here.

pub(crate) mod closed_pages;
pub(crate) mod fault_count;
pub(crate) mod image;
pub(crate) mod mapping;
pub(crate) mod memory_lock;
pub(crate) mod page_map;
pub(crate) mod refusals;
pub(crate) mod trial;
