//! Compiling without loading, to measure its cost.

use wasmtime::Module;

use crate::engine::Engine;
use crate::error::HostError;
use crate::limits::{LimitOverrides, Limits};
use crate::module::scan;

/// The work of a module, as `maxCompileWork` counts it. The module need not follow the plugin contract.
///
/// # Errors
/// [`HostError::Limit`] if it exceeds one of the limits, [`HostError::Compile`] if it is not valid.
pub fn compile_work(bytes: &[u8], sandbox: &LimitOverrides) -> Result<u64, HostError> {
    scan::work("module", bytes, &Limits::default().with(sandbox)?)
}

/// Compiles a module without scanning it first, and returns the length of its code in bytes.
///
/// # Errors
/// [`HostError::Compile`] if it does not compile.
pub fn compile_unchecked(engine: &Engine, bytes: &[u8]) -> Result<usize, HostError> {
    let module = Module::from_binary(engine.wasmtime(), bytes).map_err(|error| HostError::compile("module", &error))?;
    let image = module.image_range();
    Ok((image.end as usize).saturating_sub(image.start as usize))
}
