//! Building a plugin in one piece.

use wasmtime::Linker;

use super::built::{Built, check_code};
use super::whole_start_up::WholeStartUp;
use crate::compile::module_id::{ModuleDigest, ModuleIdentity};
use crate::error::HostError;
use crate::module::bulk_memory::Interruptible;
use crate::module::contract::{Contract, MEMORY};
use crate::plugin::exports::Exports;
use crate::plugin::form::Form;
use crate::plugin::loading::Loading;

/// Compiles and links a module that was scanned.
pub(crate) fn build(
    key: &str,
    bytes: &[u8],
    digest: ModuleDigest,
    contract: &Contract,
    loading: &Loading<'_>,
) -> Result<Built, HostError> {
    let engine = loading.engine;
    let Interruptible { bytes: interruptible, code_map } = Interruptible::of(bytes);
    let start_up = WholeStartUp::of(key, &interruptible, digest, loading);
    let ahead = start_up.as_ref().map(WholeStartUp::module).transpose()?.flatten();
    let start_up = start_up.filter(|_| ahead.is_some());
    let (compiled, code_from, shared) = if let Some(ahead) = ahead {
        ahead
    } else {
        let compilation = loading.compilation(key);
        let make = || engine.compiler().compile(&interruptible, &compilation);
        engine.compiler().module(ModuleIdentity::plain(digest), &compilation, make)?
    };
    check_code(key, compiled.bytes(), loading.limits)?;
    compiled.make_image()?;
    let own_memory = engine.memory_of(&compiled)?;
    let code_bytes = compiled.bytes();
    let module = compiled.module;
    let exports = Exports::of(&module, contract, |name| Some(name.to_owned()));
    let found = exports.zip(module.get_export_index(MEMORY));
    let (exports, memory) =
        found.ok_or_else(|| HostError::Internal("the code does not match the module".to_owned()))?;
    let module =
        Linker::new(module.engine()).instantiate_pre(&module).map_err(|error| HostError::compile(key, &error))?;
    Ok(Built {
        form: Form::Whole { module, memory, own_memory },
        exports,
        code_map: code_map.moved_by(start_up.as_ref().map_or(0, WholeStartUp::code_moved_by)),
        code_from,
        code_bytes,
        data_bytes: 0,
        pre_initialized: start_up.is_some(),
        shared: vec![shared],
    })
}
