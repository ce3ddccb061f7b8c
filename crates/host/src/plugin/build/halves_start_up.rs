//! The start-up of a plugin in halves. It runs with the code half that calls use, and leaves another data half.

use super::start_up::{MOST_ADDED_DATA, Names, StartUp, Unfit, keeps, kept};
use super::two_halves::TwoHalves;
use crate::compile::compiled::{Compiled, Note};
use crate::compile::compiler::{NewModule, SharedCompiled};
use crate::compile::module_id::ModuleDigest;
use crate::error::HostError;
use crate::module::contract::INITIALIZE;
use crate::module::halves::{GlobalValue, SCATTERED, SnapshotLimits, exported_function, exported_global};
use crate::module::scan::code_facts::CodeFacts;

/// The variant of a data half that a start-up leaves, before its fuel and its pages of memory. Part of the cache key: the
/// number changes when the same start-up leaves another one.
const STARTED_DATA: &str = "started data half/1";

/// The start-up of a module in halves.
pub(super) struct HalvesStartUp<'a> {
    digest: ModuleDigest,
    module: &'a TwoHalves<'a>,
    code: &'a Compiled,
    start_up: StartUp<'a>,
}

/// What a start-up leaves.
pub(super) enum Ahead {
    /// A data half.
    Data(SharedCompiled),
    /// Nothing: a call that ran the start-up itself could have another outcome.
    None,
    /// Data that needs code, so that the module stays in one piece.
    Scattered,
}

impl<'a> HalvesStartUp<'a> {
    /// The start-up of a module; `None` if it has none, or if no snapshot of it can be taken.
    pub(super) fn of(digest: ModuleDigest, module: &'a TwoHalves<'a>, code: &'a Compiled) -> Option<Self> {
        let halves = &module.halves;
        if halves.start().is_none() && halves.function(INITIALIZE).is_none() {
            return None;
        }
        if !Self::may_run_ahead(module, &code.note.code) {
            keeps(module.key, "it changes its table, or a mutable global holds a reference");
            return None;
        }
        let start_up = StartUp::of(module.key, module.loading)?;
        Some(Self { digest, module, code, start_up })
    }

    /// Can a start-up run ahead, as far as is known before?
    pub(super) fn may_run_ahead(module: &TwoHalves<'_>, code: &CodeFacts) -> bool {
        module.loading.options.pre_initialize != Some(false)
            && !code.changes_table
            && !module.halves.has_mutable_reference()
    }

    /// The data half as it is after the start-up.
    pub(super) fn data(&self) -> Result<Ahead, HostError> {
        let identity = self.start_up.identity(self.digest, STARTED_DATA);
        let compiler = self.module.loading.engine.compiler();
        match compiler.module(identity, &self.module.data_compilation(), || self.make()) {
            Ok(data) => Ok(Ahead::Data(data)),
            Err(Unfit::Kept(reason)) if reason == SCATTERED => Ok(Ahead::Scattered),
            Err(Unfit::Kept(reason)) => {
                keeps(self.module.key, &reason);
                Ok(Ahead::None)
            }
            Err(Unfit::Refused(error)) => Err(error),
        }
    }

    fn make(&self) -> Result<NewModule, Unfit> {
        let Self { module, code, .. } = self;
        let (data, ..) = module.own_data(self.digest).map_err(|error| kept(&error))?;
        let before = module.link(code, &data, &module.own_globals(), true).map_err(Unfit::Refused)?;
        let halves = &module.halves;
        let limits = module.loading.limits;
        let snapshot = SnapshotLimits {
            added_bytes: MOST_ADDED_DATA,
            segments: limits.max_section_items(),
            module_bytes: limits.max_module_bytes(),
        };
        let mutable = halves.mutable_globals();
        let names = Names {
            initialize: halves.function(INITIALIZE).map(exported_function),
            globals: mutable.iter().map(|global| exported_global(global.index)).collect(),
        };
        let (globals, bytes) = self.start_up.run(
            |cell| before.instantiate(cell),
            &names,
            |globals, memory| {
                let globals = mutable.iter().zip(globals).filter_map(|(global, value)| {
                    let value = GlobalValue::from_wasmtime(value)?;
                    (global.initial.is_none() || !value.is_zero()).then_some((global.index, value))
                });
                Ok((globals.collect(), halves.data_after(memory, &snapshot)?))
            },
        )?;
        let compiled = module.loading.engine.compiler().compile(&bytes, &module.data_compilation());
        Ok(compiled.map_err(|error| kept(&error))?.with_note(Note { globals, ..Note::default() }))
    }
}
