//! A plugin: a module that was checked against the contract, compiled and linked, once.

pub(crate) mod exports;
pub(crate) mod info;
pub(crate) mod load;
pub(crate) mod load_options;
pub(crate) mod load_turn;
pub(crate) mod loading;
pub(crate) mod registry;
pub(crate) mod start_up;

use std::sync::Arc;

use wasmtime::{AsContextMut, Instance, InstancePre, ModuleExport};

use crate::backtrace::source_map::SourceMap;
use crate::compile::compiler::SharedModule;
use crate::error::HostError;
use crate::guest_text::quoted;
use crate::limits::{Limit, LimitOverrides, Limits};
use crate::module::code_map::CodeMap;
use crate::plugin::exports::Exports;
use crate::plugin::info::PluginInfo;
use crate::sandbox::cell::Cell;

/// A plugin and the limits it runs under. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Plugin {
    compiled: Arc<Compiled>,
    limits: Limits,
}

/// What a plugin is made of, whatever its limits.
pub(crate) struct Compiled {
    pub(crate) info: PluginInfo,
    pub(crate) exports: Exports,
    pub(crate) instance: InstancePre<Cell>,
    pub(crate) code_map: CodeMap,
    /// Where its code comes from in its source, where it says so and that is wanted.
    pub(crate) source_map: Option<SourceMap>,
    /// Keeps the module to be shared with other plugins of the same bytes.
    pub(crate) _shared: Arc<SharedModule>,
}

impl Plugin {
    /// A plugin of these parts, unless it could not even be instantiated under its limits.
    pub(crate) fn new(compiled: Compiled, limits: &Limits) -> Result<Self, HostError> {
        let plugin = Self { compiled: Arc::new(compiled), limits: *limits };
        plugin.check_resources(limits)?;
        Ok(plugin)
    }

    /// The same plugin under other limits.
    pub(crate) fn with_limits(&self, sandbox: &LimitOverrides) -> Result<Self, HostError> {
        let limits = self.limits.with(sandbox)?;
        self.check_resources(&limits)?;
        Ok(Self { compiled: Arc::clone(&self.compiled), limits })
    }

    pub(crate) fn check_digest(&self, expected: Option<&str>) -> Result<(), HostError> {
        check_digest(self.key(), &self.compiled.info.sha256, expected)
    }

    pub(crate) fn instantiate(&self, store: impl AsContextMut<Data = Cell>) -> wasmtime::Result<Instance> {
        self.compiled.instance.instantiate(store)
    }

    pub(crate) fn exports(&self) -> &Exports {
        &self.compiled.exports
    }

    /// What each call has to run before it asks for room. Not where that was done when the plugin was loaded.
    pub(crate) fn initialize(&self) -> Option<&ModuleExport> {
        self.exports().initialize.as_ref().filter(|_| !self.info().pre_initialized)
    }

    pub(crate) fn hook(&self, name: &str) -> Result<&ModuleExport, HostError> {
        self.exports().hook(name).ok_or_else(|| HostError::NoHook {
            plugin: self.key().to_owned(),
            hook: name.to_owned(),
            hooks: self.exports().hook_names(),
        })
    }

    /// Where its own code lies in what was compiled.
    pub(crate) fn code_map(&self) -> &CodeMap {
        &self.compiled.code_map
    }

    pub(crate) fn source_map(&self) -> Option<&SourceMap> {
        self.compiled.source_map.as_ref()
    }

    pub(crate) fn key(&self) -> &str {
        &self.compiled.info.key
    }

    pub(crate) fn info(&self) -> &PluginInfo {
        &self.compiled.info
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// Refuses a plugin that could not even be instantiated under its limits.
    fn check_resources(&self, limits: &Limits) -> Result<(), HostError> {
        let needed = self.compiled.instance.module().resources_required();
        let checks = [
            (Limit::MEMORY_PAGES, "pages of memory", needed.max_initial_memory_size, limits.max_memory_pages()),
            (Limit::TABLE_ELEMENTS, "table elements", needed.max_initial_table_size, limits.max_table_elements()),
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
