//! Loading a plugin from a module's bytes.

use std::time::{Duration, Instant};

use wasmtime::{Linker, Module};

use crate::backtrace::source_map::SourceMap;
use crate::compile::compiler::CodeFrom;
use crate::compile::module_id::{ModuleIdentity, digest, hexadecimal};
use crate::error::HostError;
use crate::guest_text::quoted;
use crate::limits::{Limit, Limits};
use crate::module::bulk_memory::Interruptible;
use crate::module::data_end::data_end;
use crate::module::scan;
use crate::plugin::cells;
use crate::plugin::exports::Exports;
use crate::plugin::info::{MemoryInfo, PluginInfo, PluginNumber};
use crate::plugin::loading::Loading;
use crate::plugin::start_up::StartUp;
use crate::plugin::{Plugin, PluginParts, check_digest};

/// Checks, compiles and links a module.
pub(crate) fn load(key: String, bytes: &[u8], loading: &Loading<'_>) -> Result<Plugin, HostError> {
    let Loading { engine, options, limits, .. } = *loading;
    let digest = digest(bytes);
    let sha256 = hexadecimal(&digest);
    check_digest(&key, &sha256, options.sha256.as_deref())?;
    let contract = scan::scan(&key, bytes, limits)?;
    let Interruptible { bytes: interruptible, code_map } = Interruptible::of(bytes);
    let cells_of = cells::engine_for(&contract, engine);
    let start_up = StartUp::of(&key, &interruptible, digest, cells_of, loading);
    let ahead = start_up.as_ref().map(StartUp::module).transpose()?.flatten();
    let pre_initialized = ahead.is_some();
    let (module, code_from, shared) = if let Some(module) = ahead {
        module
    } else {
        let compilation = loading.compilation(&key, cells_of);
        let make = || engine.compiler().compile(&interruptible, &compilation);
        engine.compiler().module(ModuleIdentity::plain(digest), &compilation, make)?
    };
    check_code(&key, &module, limits)?;
    // The image of its data takes a file descriptor on Linux. If there is none left, the load fails, and not a call.
    module
        .initialize_copy_on_write_image()
        .map_err(|error| HostError::Internal(format!("no image of the plugin's data: {error:#}")))?;
    // A start-up leaves other data.
    let data_end = if pre_initialized { None } else { data_end(&interruptible) };
    let (module, memory) =
        cells::settled(module, data_end, limits, engine).map_err(|error| HostError::internal(&error))?;
    let exports = Exports::of(&module, &contract)
        .ok_or_else(|| HostError::Internal("the code does not match the module".to_owned()))?;
    let start_up = start_up.filter(|_| pre_initialized);
    let instance =
        Linker::new(module.engine()).instantiate_pre(&module).map_err(|error| HostError::compile(&key, &error))?;
    let code_map = code_map.moved_by(start_up.as_ref().map_or(0, StartUp::code_moved_by));
    let wants_source = options.source_locations != Some(false);
    let source_map = wants_source.then(|| SourceMap::of(bytes)).flatten();
    let info = PluginInfo {
        number: PluginNumber::next(),
        key,
        sha256,
        bytes: bytes.len(),
        hooks: exports.hook_names(),
        memory: MemoryInfo { min_pages: contract.min_pages, max_pages: contract.max_pages },
        pre_initialized,
        code_from,
        isolate: loading.isolated.get().filter(|_| code_from == CodeFrom::Isolate),
        code_bytes: code_bytes(&module),
        loaded_in_ms: elapsed_ms(loading.started),
    };
    Plugin::new(PluginParts { info, exports, instance, memory, code_map, source_map, _shared: shared }, limits)
}

/// Checks the length of the code, also if it comes from a cache, which does not know these limits.
fn check_code(key: &str, module: &Module, limits: &Limits) -> Result<(), HostError> {
    let (bytes, most) = (u64::try_from(code_bytes(module)).unwrap_or(u64::MAX), limits.max_code_bytes());
    if bytes <= most {
        return Ok(());
    }
    let (key, name) = (quoted(key), Limit::CODE_BYTES.name);
    Err(HostError::limit(name, format!("plugin {key} has {bytes} bytes of machine code; {name} is {most}")))
}

fn code_bytes(module: &Module) -> usize {
    let image = module.image_range();
    (image.end as usize).saturating_sub(image.start as usize)
}

fn elapsed_ms(started: Instant) -> f64 {
    let elapsed: Duration = started.elapsed();
    elapsed.as_secs_f64() * 1_000.0
}
