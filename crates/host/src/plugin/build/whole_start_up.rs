//! The start-up of a plugin in one piece. It is compiled twice: to run its start-up, and as a snapshot.

use std::sync::Arc;

use wasmtime::{Instance, Module};

use super::start_up::{MOST_ADDED_DATA, Names, StartUp, Unfit, keeps, kept};
use crate::compile::compiled::Compiled;
use crate::compile::compiler::{NewModule, SharedCompiled};
use crate::compile::module_id::ModuleDigest;
use crate::error::HostError;
use crate::module::contract::{INITIALIZE, MEMORY};
use crate::module::parts::ModuleParts;
use crate::module::scan;
use crate::module::snapshot::{self, AfterStartUp};
use crate::plugin::loading::Loading;
use crate::sandbox::memory::PluginMemory;
use crate::sandbox::open_cell::{Instantiated, OpenCell};

/// The variant of a module that is compiled from a snapshot, before its fuel and its pages of memory. Part of the cache key:
/// the number changes when the same start-up leaves another snapshot.
const STARTED: &str = "started/1";

/// The start-up of a module that is being loaded.
pub(super) struct WholeStartUp<'a> {
    key: &'a str,
    bytes: &'a [u8],
    digest: ModuleDigest,
    parts: ModuleParts<'a>,
    code_moved_by: isize,
    start_up: StartUp<'a>,
    loading: &'a Loading<'a>,
}

impl<'a> WholeStartUp<'a> {
    /// The start-up of a module; `None` if it has none, or if no snapshot of it can be taken.
    pub(super) fn of(key: &'a str, bytes: &'a [u8], digest: ModuleDigest, loading: &'a Loading<'a>) -> Option<Self> {
        let start_up = StartUp::of(key, loading)?;
        let parts = ModuleParts::of(bytes).and_then(|parts| match parts {
            Some(parts) => snapshot::code_moved_by(&parts).map(|moved_by| Some((parts, moved_by))),
            None => Ok(None),
        });
        match parts {
            Ok(parts) => {
                let (parts, code_moved_by) = parts?;
                Some(Self { key, bytes, digest, parts, code_moved_by, start_up, loading })
            }
            Err(obstacle) => {
                keeps(key, obstacle);
                None
            }
        }
    }

    /// How many bytes later the code is in the snapshot than in the module.
    pub(super) fn code_moved_by(&self) -> isize {
        self.code_moved_by
    }

    /// The module as it is after its start-up; `None` if a call that ran the start-up itself could have another outcome.
    pub(super) fn module(&self) -> Result<Option<SharedCompiled>, HostError> {
        let compilation = self.loading.compilation(self.key);
        let identity = self.start_up.identity(self.digest, STARTED);
        match self.loading.engine.compiler().module(identity, &compilation, || self.make()) {
            Ok(module) => Ok(Some(module)),
            Err(Unfit::Kept(reason)) => {
                keeps(self.key, &reason);
                Ok(None)
            }
            Err(Unfit::Refused(error)) => Err(error),
        }
    }

    fn make(&self) -> Result<NewModule, Unfit> {
        let opened = self.compile(&snapshot::opened(&self.parts)?);
        let opened = opened.map_err(|error| match error {
            HostError::Compile { .. } => kept(&error),
            // Too much for its compiler process, and so would be the module as it is.
            _ => Unfit::Refused(error),
        })?;
        let snapshot = self.run(&opened.into_compiled())?;
        scan::scan(self.key, &snapshot, self.loading.limits).map_err(|error| kept(&error))?;
        self.compile(&snapshot).map_err(|error| kept(&error))
    }

    fn compile(&self, bytes: &[u8]) -> Result<NewModule, HostError> {
        self.loading.engine.compiler().compile(bytes, &self.loading.compilation(self.key))
    }

    /// Runs the start-up and takes a snapshot.
    fn run(&self, opened: &Compiled) -> Result<Vec<u8>, Unfit> {
        let globals = self.parts.mutable_globals.iter().map(|(index, _)| snapshot::shown_global(*index)).collect();
        let own_memory = self.loading.engine.memory_of(opened).map_err(Unfit::Refused)?;
        let names = Names { initialize: Some(INITIALIZE.to_owned()), globals };
        self.start_up.run(
            |cell| instantiate(cell, &opened.module, own_memory.as_ref()),
            &names,
            |globals, memory| {
                let after = AfterStartUp { globals, memory };
                snapshot::taken(&self.parts, &after, self.bytes.len().saturating_add(MOST_ADDED_DATA))
            },
        )
    }
}

fn instantiate(
    cell: &mut OpenCell,
    module: &Module,
    own_memory: Option<&Arc<PluginMemory>>,
) -> wasmtime::Result<Instantiated> {
    let (code, memory) = cell.instantiate(own_memory, |store| {
        let instance = Instance::new(&mut *store, module, &[])?;
        let memory = instance.get_memory(store, MEMORY);
        Ok((instance, memory.ok_or_else(|| wasmtime::Error::msg("it has no memory"))?))
    })?;
    Ok(Instantiated { memory, code })
}
