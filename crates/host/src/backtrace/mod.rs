//! Where in its source a plugin trapped.

pub(crate) mod backtrace;
pub(crate) mod counted_reader;
pub(crate) mod debug_sections;
pub(crate) mod function_entry;
pub(crate) mod function_name;
pub(crate) mod source_map;
pub(crate) mod source_places;
pub(crate) mod spot;
