//! The exports of a compiled module that a call uses.

use wasmtime::{Module, ModuleExport};

use crate::module::contract::{ALLOC, Contract, INITIALIZE};

/// The exports that a call uses, looked up once.
pub(crate) struct Exports {
    pub(crate) alloc: ModuleExport,
    pub(crate) initialize: Option<ModuleExport>,
    hooks: Vec<(Box<str>, ModuleExport)>,
}

impl Exports {
    /// Looks up the exports of a compiled module, in which the plugin's function has the name `name_of` its export; `None` if
    /// the contract is of another module.
    pub(crate) fn of(module: &Module, contract: &Contract, name_of: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let find = |name: &str| module.get_export_index(&name_of(name)?);
        let hook = |name: &str| Some((Box::from(name), find(name)?));
        Some(Self {
            alloc: find(ALLOC)?,
            initialize: find(INITIALIZE),
            hooks: contract.hooks.iter().map(|name| hook(name)).collect::<Option<_>>()?,
        })
    }

    pub(crate) fn hook(&self, name: &str) -> Option<&ModuleExport> {
        self.hooks.iter().find(|(hook, _)| **hook == *name).map(|(_, export)| export)
    }

    pub(crate) fn hook_names(&self) -> Vec<String> {
        self.hooks.iter().map(|(name, _)| name.to_string()).collect()
    }
}
