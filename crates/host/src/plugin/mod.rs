//! A plugin: a module that was checked against the contract, compiled and linked.

pub(crate) mod build;
pub(crate) mod exports;
pub(crate) mod form;
pub(crate) mod info;
pub(crate) mod inline_record;
pub(crate) mod load;
pub(crate) mod load_options;
pub(crate) mod load_turn;
pub(crate) mod loading;
pub(crate) mod log_place;
pub(crate) mod metadata;
pub(crate) mod readiness;
pub(crate) mod registry;

use std::sync::Arc;

use wasmtime::{ModuleExport, Store};

use crate::backtrace::script_map::ScriptMap;
use crate::backtrace::source_map::SourceMap;
use crate::call::grants::Grants;
use crate::call::guest_slice::GuestSlice;
use crate::compile::shared_module::SharedModule;
use crate::error::HostError;
use crate::guest_text::quoted;
use crate::limits::call_limits::CallLimits;
use crate::limits::{Limit, LimitOverrides, Limits};
use crate::module::code_map::CodeMap;
use crate::plugin::exports::Exports;
use crate::plugin::form::Form;
use crate::plugin::info::PluginInfo;
use crate::plugin::inline_record::InlineRecord;
use crate::plugin::log_place::LogPlace;
use crate::plugin::readiness::Readiness;
use crate::sandbox::cell::Cell;
use crate::sandbox::entry::HookNumber;
use crate::sandbox::open_cell::{Instantiated, OpenCell};
use crate::sandbox::ready_cells::ReadyGuest;

/// A plugin, the limits it runs under, and what it is granted. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Plugin(Arc<Loaded>);

/// One count is shared by all of it, because each call takes part in it.
struct Loaded {
    parts: Arc<PluginParts>,
    limits: Limits,
    /// What its calls are granted; `None` for nothing.
    grants: Option<Grants>,
}

/// The parts of a plugin that do not depend on its limits.
pub(crate) struct PluginParts {
    pub(crate) info: PluginInfo,
    pub(crate) exports: Exports,
    pub(crate) form: Form,
    /// Where its log is, if it has one.
    pub(crate) log: Option<LogPlace>,
    pub(crate) code_map: CodeMap,
    /// The lines of its source, if it has debug information and the load keeps it.
    pub(crate) source_map: Option<SourceMap>,
    /// The sources of the script that its engine runs, if it has such and the load keeps them.
    pub(crate) script_map: Option<ScriptMap>,
    /// May it run on the calling thread at all?
    pub(crate) fits_inline: bool,
    pub(crate) inline_record: InlineRecord,
    pub(crate) readiness: Readiness,
    /// Keeps its modules shared with other plugins of the same bytes or the same code half.
    pub(crate) _shared: Vec<Arc<SharedModule>>,
}

impl Plugin {
    /// A plugin of these parts, unless its limits do not allow to instantiate it.
    pub(crate) fn new(parts: PluginParts, limits: &Limits, grants: &Grants) -> Result<Self, HostError> {
        let plugin = Self::of(Arc::new(parts), limits, grants);
        plugin.check_resources(limits)?;
        Ok(plugin)
    }

    /// The same plugin with these limits over its own, and with these grants.
    pub(crate) fn with(&self, sandbox: &LimitOverrides, grants: &Grants) -> Result<Self, HostError> {
        let limits = self.0.limits.with(sandbox)?;
        self.check_resources(&limits)?;
        Ok(Self::of(Arc::clone(&self.0.parts), &limits, grants))
    }

    fn of(parts: Arc<PluginParts>, limits: &Limits, grants: &Grants) -> Self {
        let grants = (!grants.is_empty()).then(|| grants.clone());
        Self(Arc::new(Loaded { parts, limits: *limits, grants }))
    }

    pub(crate) fn check_digest(&self, expected: Option<&str>) -> Result<(), HostError> {
        check_digest(self.key(), &self.0.parts.info.sha256, expected)
    }

    /// The engine of its cells.
    pub(crate) fn engine(&self) -> &wasmtime::Engine {
        self.0.parts.form.engine()
    }

    /// The plugin in this cell.
    pub(crate) fn instantiate(&self, cell: &mut OpenCell) -> wasmtime::Result<Instantiated> {
        self.0.parts.form.instantiate(cell)
    }

    /// A cell that was made before, for a call with these limits; `None` if there is none for it. The call has not begun in it.
    pub(crate) fn take_ready(&self, hook: HookNumber, limits: &Limits) -> Option<ReadyGuest> {
        self.0.parts.readiness.take(hook, &self.0.limits, limits)
    }

    /// Makes a cell for a later call of this hook. Returns whether it is kept.
    pub(crate) fn make_ready(&self, hook: HookNumber) -> bool {
        let PluginParts { readiness, form, exports, .. } = &*self.0.parts;
        readiness.make((form, exports, hook), &self.0.limits)
    }

    /// How many cells there are for later calls.
    pub(crate) fn ready_cells(&self) -> usize {
        self.0.parts.readiness.count()
    }

    /// Is it of the same load?
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0.parts, &other.0.parts)
    }

    pub(crate) fn exports(&self) -> &Exports {
        &self.0.parts.exports
    }

    /// The start-up function that each call must run first; `None` if the plugin is pre-initialized.
    pub(crate) fn initialize(&self) -> Option<&ModuleExport> {
        self.exports().initialize.as_ref().filter(|_| !self.info().pre_initialized)
    }

    pub(crate) fn hook(&self, name: &str) -> Result<HookNumber, HostError> {
        self.exports().hook(name).ok_or_else(|| HostError::NoHook {
            plugin: self.key().to_owned(),
            hook: name.to_owned(),
            hooks: self.exports().hook_names(),
        })
    }

    /// What it has logged so far in this cell; `None` if that is nothing.
    pub(crate) fn log_slice(&self, store: &mut Store<Cell>, inside: Instantiated) -> Option<GuestSlice> {
        self.0.parts.log.as_ref()?.slice(store, inside)
    }

    /// Maps its compiled code to its own module.
    pub(crate) fn code_map(&self) -> &CodeMap {
        &self.0.parts.code_map
    }

    pub(crate) fn source_map(&self) -> Option<&SourceMap> {
        self.0.parts.source_map.as_ref()
    }

    /// The source map of its script, if it has one and the load keeps it.
    pub(crate) fn script_map(&self) -> Option<&ScriptMap> {
        self.0.parts.script_map.as_ref()
    }

    /// May it run on the calling thread, as far as its module tells?
    pub(crate) fn fits_inline(&self) -> bool {
        self.0.parts.fits_inline
    }

    pub(crate) fn inline_record(&self) -> &InlineRecord {
        &self.0.parts.inline_record
    }

    pub(crate) fn key(&self) -> &str {
        &self.0.parts.info.key
    }

    pub(crate) fn info(&self) -> &PluginInfo {
        &self.0.parts.info
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// The limits of a call that has these over them, if any.
    ///
    /// # Errors
    /// [`HostError::Limit`] names the first one that is out of bounds.
    pub(crate) fn limits_with(&self, sandbox: Option<&LimitOverrides>) -> Result<CallLimits<'_>, HostError> {
        let limits = &self.0.limits;
        sandbox
            .map_or(Ok(CallLimits::OfPlugin(limits)), |sandbox| limits.with(sandbox).map(Box::new).map(CallLimits::Own))
    }

    pub(crate) fn grants(&self) -> Option<&Grants> {
        self.0.grants.as_ref()
    }

    /// The longest context that it accepts, in bytes.
    pub(crate) fn most_context_bytes(&self) -> usize {
        self.0.limits.context_bytes()
    }

    /// Refuses a plugin that these limits do not allow to instantiate.
    fn check_resources(&self, limits: &Limits) -> Result<(), HostError> {
        let (pages, elements) = self.0.parts.form.needed();
        let checks = [
            (Limit::MEMORY_PAGES, "pages of memory", pages, limits.max_memory_pages()),
            (Limit::TABLE_ELEMENTS, "table elements", elements, limits.max_table_elements()),
        ];
        for (limit, what, needed, allowed) in checks {
            if needed.is_some_and(|needed| needed > allowed) {
                let (key, needed, name) = (quoted(self.key()), needed.unwrap_or_default(), limit.name);
                let message = format!("plugin {key} starts with {needed} {what}; {name} is {allowed}");
                return Err(HostError::limit(name, message));
            }
        }
        Ok(())
    }
}

pub(crate) fn check_digest(key: &str, actual: &str, expected: Option<&str>) -> Result<(), HostError> {
    match expected {
        Some(expected) if !expected.eq_ignore_ascii_case(actual) => Err(HostError::Digest {
            plugin: key.to_owned(),
            expected: expected.to_ascii_lowercase(),
            actual: actual.to_owned(),
        }),
        _ => Ok(()),
    }
}
