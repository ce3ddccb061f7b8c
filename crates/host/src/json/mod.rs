//! JSON text, read without building a tree.

pub(crate) mod harmless;
pub(crate) mod object;
pub(crate) mod parse_cost;
pub(crate) mod tokens;
