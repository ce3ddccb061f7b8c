//! The compiled form of a plugin, and instantiating it.

use std::sync::Arc;

use wasmtime::{Extern, Instance, InstancePre, Memory, Module, ModuleExport, Store, Val};

use crate::module::halves::{GlobalValue, exported_global};
use crate::sandbox::cell::Cell;
use crate::sandbox::entry::run_export;
use crate::sandbox::memory::PluginMemory;
use crate::sandbox::open_cell::{Instantiated, OpenCell};

/// The compiled form of a plugin.
pub(crate) enum Form {
    /// One module.
    Whole {
        module: InstancePre<Cell>,
        memory: ModuleExport,
        /// What the host knows of the memory if it makes that.
        own_memory: Option<Arc<PluginMemory>>,
    },
    /// A code half and a data half.
    Halves(LinkedHalves),
}

/// Two modules: the data half has the memory, which the code half imports.
pub(crate) struct LinkedHalves {
    pub(crate) data: InstancePre<Cell>,
    /// The memory of the data half.
    pub(crate) memory: ModuleExport,
    /// What the host knows of it if it makes it.
    pub(crate) own_memory: Option<Arc<PluginMemory>>,
    pub(crate) code: Module,
    /// The mutable globals of the code half that do not begin at zero.
    pub(crate) globals: Box<[(ModuleExport, GlobalValue)]>,
    /// The function that the plugin has as its start section, if it is to run. In calls it is not: it ran when the plugin was
    /// loaded.
    pub(crate) start: Option<ModuleExport>,
}

impl Form {
    /// The engine of its cells.
    pub(crate) fn engine(&self) -> &wasmtime::Engine {
        let (Self::Whole { module, .. } | Self::Halves(LinkedHalves { data: module, .. })) = self;
        module.module().engine()
    }

    /// What the host knows of its memory if it makes that.
    pub(crate) fn own_memory(&self) -> Option<&Arc<PluginMemory>> {
        let (Self::Whole { own_memory, .. } | Self::Halves(LinkedHalves { own_memory, .. })) = self;
        own_memory.as_ref()
    }

    /// Instantiates the plugin, and runs its start section.
    pub(crate) fn instantiate(&self, cell: &mut OpenCell) -> wasmtime::Result<Instantiated> {
        match self {
            Self::Whole { module, memory, own_memory } => {
                let make = |store: &mut Store<Cell>| instance_of(store, module, memory);
                let (code, memory) = cell.instantiate(own_memory.as_ref(), make)?;
                Ok(Instantiated { memory, code })
            }
            Self::Halves(halves) => halves.instantiate(cell),
        }
    }

    /// The mutable global that the plugin exports under this name.
    pub(crate) fn global(&self, name: &str, index: u32) -> Option<ModuleExport> {
        match self {
            Self::Whole { module, .. } => module.module().get_export_index(name),
            Self::Halves(LinkedHalves { code, .. }) => code.get_export_index(&exported_global(index)),
        }
    }

    /// Pages of the initial memory, and elements of the initial table.
    pub(crate) fn needed(&self) -> (Option<u64>, Option<u64>) {
        let (data, code) = match self {
            Self::Whole { module, .. } => (module.module(), module.module()),
            Self::Halves(LinkedHalves { data, code, .. }) => (data.module(), code),
        };
        (data.resources_required().max_initial_memory_size, code.resources_required().max_initial_table_size)
    }
}

impl LinkedHalves {
    /// Instantiates both halves, and runs the start section.
    pub(crate) fn instantiate(&self, cell: &mut OpenCell) -> wasmtime::Result<Instantiated> {
        let data = |store: &mut Store<Cell>| instance_of(store, &self.data, &self.memory);
        let (_, memory) = cell.instantiate(self.own_memory.as_ref(), data)?;
        let store = &mut **cell;
        let code = Instance::new(&mut *store, &self.code, &[Extern::Memory(memory)])?;
        for (export, value) in &self.globals {
            let global = code.get_module_export(&mut *store, export).and_then(Extern::into_global);
            global.ok_or_else(lost_export)?.set(&mut *store, Val::from(*value))?;
        }
        if let Some(start) = &self.start {
            run_export(store, code, start).ok_or_else(lost_export)??;
        }
        Ok(Instantiated { memory, code })
    }
}

/// An instance of a module, and its memory.
fn instance_of(
    store: &mut Store<Cell>,
    module: &InstancePre<Cell>,
    memory: &ModuleExport,
) -> wasmtime::Result<(Instance, Memory)> {
    let instance = module.instantiate(&mut *store)?;
    let memory = instance.get_module_export(store, memory).and_then(Extern::into_memory);
    Ok((instance, memory.ok_or_else(lost_export)?))
}

/// The exports were looked up when the plugin was loaded.
fn lost_export() -> wasmtime::Error {
    wasmtime::Error::msg("an export of a loaded plugin is gone")
}
