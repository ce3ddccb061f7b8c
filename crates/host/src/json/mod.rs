//! JSON text, read without building a tree.

pub(crate) mod harmless;
pub(crate) mod levels;
pub(crate) mod object;
pub(crate) mod parse_cost;
pub(crate) mod patience;
#[cfg(test)]
pub(crate) mod random;
pub(crate) mod reader;
pub(crate) mod special;
pub(crate) mod text;
pub(crate) mod tokens;
pub(crate) mod writer;
