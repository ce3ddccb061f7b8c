//! A module's contents, before it is compiled.

pub(crate) mod bulk_memory;
pub(crate) mod code_map;
pub(crate) mod contract;
pub(crate) mod file;
pub(crate) mod halves;
pub(crate) mod import_advice;
pub(crate) mod initial_data;
pub(crate) mod log_globals;
pub(crate) mod not_a_module;
pub(crate) mod parts;
pub(crate) mod scan;
pub(crate) mod sections;
pub(crate) mod snapshot;
pub(crate) mod without_data;
