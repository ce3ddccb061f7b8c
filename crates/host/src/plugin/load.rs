//! Loading a plugin from a module's bytes.

use std::thread;
use std::time::{Duration, Instant};

use crate::backtrace::script_map::ScriptMap;
use crate::backtrace::source_map::SourceMap;
use crate::compile::compiler::CodeFrom;
use crate::compile::module_id::{DigestUnderWay, ModuleDigest, hexadecimal};
use crate::error::HostError;
use crate::limits::PAGE_BYTES;
use crate::module::log_globals::LogGlobals;
use crate::module::scan::{self, Scanned};
use crate::plugin::build::{Built, SplitModule, build_whole};
use crate::plugin::info::{MemoryInfo, PluginInfo, PluginNumber};
use crate::plugin::inline_record::InlineRecord;
use crate::plugin::loading::Loading;
use crate::plugin::log_place::LogPlace;
use crate::plugin::metadata::Metadata;
use crate::plugin::readiness::Readiness;
use crate::plugin::{Plugin, PluginParts, check_digest};
use crate::sandbox::inline_bounds::{MOST_MEMORY_BYTES, MOST_TABLE_ELEMENTS};

/// The longest that a function may hold the thread if its plugin may run on the calling thread, in nanoseconds. A guest is
/// stopped at loops and calls only, so one that is to be stopped can run to the end of a function.
const MOST_INLINE_HOLD_NS: u64 = 500_000;

/// Checks, compiles and links a module.
pub(crate) fn load(key: String, bytes: &[u8], loading: &Loading<'_>) -> Result<Plugin, HostError> {
    let Loading { options, limits, .. } = *loading;
    let Examined { digest, split, scanned } = examine(&key, bytes, loading)?;
    let contract = &scanned.contract;
    let abi = |problem: String| HostError::Abi { plugin: key.clone(), problems: vec![problem] };
    let declared_limits = loading.declared.clone().map_err(abi)?;
    let log_globals = contract.has_log.then(|| LogGlobals::of(bytes).map_err(abi)).transpose()?;
    let in_halves = split.map(|split| split.build(digest, &scanned)).transpose()?.flatten();
    let built = match in_halves {
        Some(built) => built,
        None => build_whole(&key, bytes, digest, contract, loading)?,
    };
    let Built { form, exports, code_map, code_from, code_bytes, data_bytes, pre_initialized, shared } = built;
    let log = log_globals.map(|globals| LogPlace::of(&globals, &form).ok_or_else(lost_log)).transpose()?;
    let wants_source = options.source_locations != Some(false);
    let source_map = wants_source.then(|| SourceMap::of(bytes)).flatten();
    let script_map = wants_source.then(|| ScriptMap::of(bytes)).flatten();
    let source_bytes = [source_map.as_ref().map(SourceMap::bytes), script_map.as_ref().map(ScriptMap::bytes)];
    let info = PluginInfo {
        number: PluginNumber::next(),
        key,
        sha256: hexadecimal(&digest),
        bytes: bytes.len(),
        hooks: exports.hook_names(),
        memory: MemoryInfo { min_pages: contract.min_pages, max_pages: contract.max_pages },
        pre_initialized,
        code_from,
        isolate: loading.isolated.get().filter(|_| code_from == CodeFrom::Isolate),
        code_bytes,
        data_bytes,
        source_bytes: source_bytes.into_iter().flatten().fold(0, usize::saturating_add),
        declared_limits,
        metadata: Metadata::of(bytes),
        loaded_in_ms: elapsed_ms(loading.started),
    };
    let fits_inline = fits_inline(form.needed(), scanned.code.longest_hold_ns);
    let inline_record = InlineRecord::default();
    let readiness = Readiness::of(info.number, loading.engine.ready_cells());
    let parts = PluginParts {
        info,
        exports,
        form,
        log,
        code_map,
        source_map,
        script_map,
        fits_inline,
        inline_record,
        readiness,
        _shared: shared,
    };
    Plugin::new(parts, limits, &options.grants)
}

/// What is known of a module before it is compiled.
struct Examined<'a> {
    digest: ModuleDigest,
    split: Option<SplitModule<'a>>,
    scanned: Scanned,
}

/// Hashes, splits and scans a module. Hashing takes as long as all the rest, and so goes on beside it.
fn examine<'a>(key: &'a str, bytes: &'a [u8], loading: &'a Loading<'a>) -> Result<Examined<'a>, HostError> {
    thread::scope(|scope| {
        let mut digest = DigestUnderWay::begin(scope, bytes);
        let split = SplitModule::of(key, bytes, loading);
        if let Some(expected) = loading.options.sha256.as_deref() {
            check_digest(key, &hexadecimal(&digest.wait()), Some(expected))?;
        }
        let split = split.map(SplitModule::find_code);
        let scanned = scan::scan_around(key, bytes, loading.limits, split.as_ref().and_then(SplitModule::known_code))?;
        Ok(Examined { digest: digest.wait(), split, scanned })
    })
}

fn lost_log() -> HostError {
    HostError::Internal("the log does not match the module".to_owned())
}

/// Is each part of a plugin small enough for a run on the calling thread? `needed` are its pages of memory and its table
/// elements.
fn fits_inline(needed: (Option<u64>, Option<u64>), longest_hold_ns: u64) -> bool {
    let fits = |needed: Option<u64>, most: usize| {
        needed.is_none_or(|needed| usize::try_from(needed).is_ok_and(|needed| needed <= most))
    };
    longest_hold_ns <= MOST_INLINE_HOLD_NS
        && fits(needed.0, MOST_MEMORY_BYTES.div_euclid(PAGE_BYTES))
        && fits(needed.1, MOST_TABLE_ELEMENTS)
}

fn elapsed_ms(started: Instant) -> f64 {
    let elapsed: Duration = started.elapsed();
    elapsed.as_secs_f64() * 1_000.0
}
