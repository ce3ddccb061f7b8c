//! A call must not find anything of an earlier call: memory, table, globals or stack.
//!
//! A writer marks everything that it can reach, and ends in one of several ways. Then a reader, another module of another
//! tenant, looks through everything that it has. Both exist in sizes below and above the 256 KiB of a pooled memory that are
//! cleared instead of returned to the kernel, and with and without data of their own.

mod closed_pages;
mod disturbance;
mod guard_pages;
mod initial_data;
mod mixed;
mod moved_pages;
mod nested;
mod slots;
#[path = "../support/mod.rs"]
mod support;
mod tenant;
