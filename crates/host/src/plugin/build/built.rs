//! What a load builds.

use std::sync::Arc;

use crate::compile::compiler::CodeFrom;
use crate::compile::shared_module::SharedModule;
use crate::error::HostError;
use crate::guest_text::quoted;
use crate::limits::{Limit, Limits};
use crate::module::code_map::CodeMap;
use crate::plugin::exports::Exports;
use crate::plugin::form::Form;

/// A plugin's compiled form, and what belongs to it.
pub(crate) struct Built {
    pub(crate) form: Form,
    pub(crate) exports: Exports,
    /// Maps its compiled code to its own module.
    pub(crate) code_map: CodeMap,
    pub(crate) code_from: CodeFrom,
    /// The memory of its compiled code, in bytes. It may be shared.
    pub(crate) code_bytes: usize,
    /// The memory of its data half, in bytes; 0 if it is in one piece.
    pub(crate) data_bytes: usize,
    pub(crate) pre_initialized: bool,
    /// What keeps its modules shared.
    pub(crate) shared: Vec<Arc<SharedModule>>,
}

/// Checks the length of the code, also if it comes from a cache, which does not know these limits.
pub(super) fn check_code(key: &str, bytes: usize, limits: &Limits) -> Result<(), HostError> {
    let (bytes, most) = (u64::try_from(bytes).unwrap_or(u64::MAX), limits.max_code_bytes());
    if bytes <= most {
        return Ok(());
    }
    let (key, name) = (quoted(key), Limit::CODE_BYTES.name);
    Err(HostError::limit(name, format!("plugin {key} has {bytes} bytes of machine code; {name} is {most}")))
}
