//! The exports of a compiled module that a call uses.

use wasmtime::{Instance, Module, ModuleExport, Store};

use crate::module::contract::{ALLOC, Contract, INITIALIZE};
use crate::sandbox::cell::Cell;
use crate::sandbox::entry::{AllocExport, Entry, HookExport, HookNumber};

/// The exports that a call uses, looked up once.
pub(crate) struct Exports {
    alloc: AllocExport,
    pub(crate) initialize: Option<ModuleExport>,
    hooks: Vec<(Box<str>, HookExport)>,
}

impl Exports {
    /// Looks up the exports of a compiled module, in which the plugin's function has the name `name_of` its export; `None` if
    /// the contract is of another module.
    pub(crate) fn of(module: &Module, contract: &Contract, name_of: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let hook = |name: &str| Some((Box::from(name), HookExport::find(module, &name_of(name)?)?));
        Some(Self {
            alloc: AllocExport::find(module, &name_of(ALLOC)?)?,
            initialize: name_of(INITIALIZE).and_then(|name| module.get_export_index(&name)),
            hooks: contract.hooks.iter().map(|name| hook(name)).collect::<Option<_>>()?,
        })
    }

    /// The number of a hook.
    pub(crate) fn hook(&self, name: &str) -> Option<HookNumber> {
        self.hooks.iter().position(|(hook, _)| **hook == *name).map(HookNumber)
    }

    /// The functions of this instance of the plugin by which a call of this hook enters it.
    pub(crate) fn entry(&self, store: &mut Store<Cell>, instance: Instance, hook: HookNumber) -> Option<Entry> {
        let (_, export) = self.hooks.get(hook.0)?;
        Entry::find(store, instance, &self.alloc, (hook, export))
    }

    pub(crate) fn hook_names(&self) -> Vec<String> {
        self.hooks.iter().map(|(name, _)| name.to_string()).collect()
    }
}
