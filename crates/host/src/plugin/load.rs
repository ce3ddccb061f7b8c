//! Loading a plugin from a module's bytes.

use std::time::{Duration, Instant};

use crate::backtrace::source_map::SourceMap;
use crate::compile::compiler::CodeFrom;
use crate::compile::module_id::{digest, hexadecimal};
use crate::error::HostError;
use crate::module::scan;
use crate::plugin::build::{Built, SplitModule, build_whole};
use crate::plugin::info::{MemoryInfo, PluginInfo, PluginNumber};
use crate::plugin::loading::Loading;
use crate::plugin::{Plugin, PluginParts, check_digest};

/// Checks, compiles and links a module.
pub(crate) fn load(key: String, bytes: &[u8], loading: &Loading<'_>) -> Result<Plugin, HostError> {
    let Loading { options, limits, .. } = *loading;
    let digest = digest(bytes);
    let sha256 = hexadecimal(&digest);
    check_digest(&key, &sha256, options.sha256.as_deref())?;
    let split = SplitModule::of(&key, bytes, loading);
    let scanned = scan::scan_around(&key, bytes, limits, split.as_ref().and_then(SplitModule::known_code))?;
    let in_halves = split.map(|split| split.build(digest, &scanned)).transpose()?.flatten();
    let contract = &scanned.contract;
    let built = match in_halves {
        Some(built) => built,
        None => build_whole(&key, bytes, digest, contract, loading)?,
    };
    let Built { form, exports, code_map, code_from, code_bytes, data_bytes, pre_initialized, shared } = built;
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
        code_bytes,
        data_bytes,
        loaded_in_ms: elapsed_ms(loading.started),
    };
    Plugin::new(PluginParts { info, exports, form, code_map, source_map, _shared: shared }, limits)
}

fn elapsed_ms(started: Instant) -> f64 {
    let elapsed: Duration = started.elapsed();
    elapsed.as_secs_f64() * 1_000.0
}
