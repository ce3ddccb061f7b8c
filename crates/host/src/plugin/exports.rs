//! The exports of a compiled module that a call uses.

use wasmtime::{Module, ModuleExport};

use crate::module::contract::{ALLOC, Contract, INITIALIZE, MEMORY};

/// The exports that a call uses, looked up once.
pub(crate) struct Exports {
    pub(crate) memory: ModuleExport,
    pub(crate) alloc: ModuleExport,
    pub(crate) initialize: Option<ModuleExport>,
    hooks: Vec<(Box<str>, ModuleExport)>,
}

impl Exports {
    /// Looks up the exports of a compiled module; `None` if the contract is of another module.
    pub(crate) fn of(module: &Module, contract: &Contract) -> Option<Self> {
        let hook = |name: &str| Some((Box::from(name), module.get_export_index(name)?));
        Some(Self {
            memory: module.get_export_index(MEMORY)?,
            alloc: module.get_export_index(ALLOC)?,
            initialize: module.get_export_index(INITIALIZE),
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
