//! Building a plugin in halves.

use std::borrow::Cow;

use super::built::{Built, check_code};
use super::halves_start_up::{Ahead, HalvesStartUp};
use super::two_halves::TwoHalves;
use crate::compile::compiled::Note;
use crate::compile::compiler::SharedCompiled;
use crate::compile::module_id::{ModuleDigest, ModuleIdentity};
use crate::error::HostError;
use crate::module::bulk_memory::Interruptible;
use crate::module::halves::{Halves, exported_function};
use crate::module::scan::Scanned;
use crate::module::scan::code_facts::CodeFacts;
use crate::plugin::exports::Exports;
use crate::plugin::form::Form;
use crate::plugin::loading::Loading;

/// The variant of a code half. Part of the cache key: the number changes when the same module gets another one.
const CODE_HALF: &str = "code half/1";

/// Why a module is not split.
const STARTS: &str = "each call runs its start section";

/// A module that is being loaded in halves.
pub(crate) struct SplitModule<'a> {
    module: TwoHalves<'a>,
    /// Its code half, if that has been compiled.
    known: Option<SharedCompiled>,
}

impl<'a> SplitModule<'a> {
    /// Splits a module; `None` if it stays in one piece.
    pub(crate) fn of(key: &'a str, bytes: &'a [u8], loading: &'a Loading<'a>) -> Option<Self> {
        let least = loading.engine.split().least_code_bytes()?;
        if bytes.len() as u64 > loading.limits.max_module_bytes() {
            // Too long for the scan.
            return None;
        }
        let halves = Halves::of(bytes, least).inspect_err(|reason| stays(key, reason)).ok()?;
        Some(Self { module: TwoHalves { key, halves, loading }, known: None })
    }

    /// Looks whether its code half has been compiled, here or in the code cache.
    pub(crate) fn find_code(self) -> Self {
        let TwoHalves { key, loading, .. } = self.module;
        let known = loading.engine.compiler().find(identity_of(&self.module), &loading.compilation(key));
        Self { known, ..self }
    }

    /// What an earlier scan found in its code half.
    pub(crate) fn known_code(&self) -> Option<&CodeFacts> {
        self.known.as_ref().map(|(compiled, ..)| &compiled.note.code)
    }

    /// Compiles and links the module, which was scanned; `None` if it stays in one piece.
    pub(crate) fn build(self, digest: ModuleDigest, scanned: &Scanned) -> Result<Option<Built>, HostError> {
        let Scanned { contract, code: facts } = scanned;
        let Self { module, known } = self;
        let key = module.key;
        if facts.uses_data_segments || facts.takes_references {
            stays(key, "its code refers to data segments or to functions");
            return Ok(None);
        }
        // A start section of one module is charged other fuel than a call of the same function.
        let has_start = module.halves.start().is_some();
        if has_start && !HalvesStartUp::may_run_ahead(&module, facts) {
            stays(key, STARTS);
            return Ok(None);
        }
        let (code, code_from, code_shared) = match known {
            Some(known) => known,
            None => match compile_code(&module, facts) {
                // The error would be about another module than the plugin's own.
                Err(HostError::Compile { .. }) => return Ok(None),
                compiled => compiled?,
            },
        };
        let name_of = |name: &str| module.halves.function(name).map(exported_function);
        let Some(exports) = Exports::of(&code.module, contract, name_of) else {
            stays(key, "an export is not in its code half");
            return Ok(None);
        };
        let ahead = match HalvesStartUp::of(digest, &module, &code) {
            Some(start_up) => start_up.data()?,
            None => Ahead::None,
        };
        let (data, data_shared, pre_initialized) = match ahead {
            Ahead::Data((data, _, shared)) => (data, shared, true),
            Ahead::None if has_start => {
                stays(key, STARTS);
                return Ok(None);
            }
            Ahead::None => {
                let (data, _, shared) = module.own_data(digest)?;
                (data, shared, false)
            }
            Ahead::Scattered => return Ok(None),
        };
        check_code(key, code.bytes().saturating_add(data.bytes()), module.loading.limits)?;
        data.make_image()?;
        let globals = if pre_initialized { data.note.globals.clone() } else { module.own_globals() };
        Ok(Some(Built {
            form: Form::Halves(module.link(&code, &data, &globals, false)?),
            exports,
            code_map: code.note.code_map.clone().after_move_by(module.halves.code_moved_by()),
            code_from,
            code_bytes: code.bytes(),
            data_bytes: data.bytes(),
            pre_initialized,
            shared: vec![code_shared, data_shared],
        }))
    }
}

fn compile_code(module: &TwoHalves<'_>, facts: &CodeFacts) -> Result<SharedCompiled, HostError> {
    let TwoHalves { key, halves, loading } = module;
    let compilation = loading.compilation(key);
    let compiler = loading.engine.compiler();
    compiler.module(identity_of(module), &compilation, || {
        let bytes = halves.code();
        let Interruptible { bytes, code_map } = Interruptible::of(&bytes);
        let note = Note { code: facts.clone(), code_map, ..Note::default() };
        Ok(compiler.compile(&bytes, &compilation)?.with_note(note))
    })
}

fn identity_of(module: &TwoHalves<'_>) -> ModuleIdentity {
    code_half(module.halves.code_digest())
}

/// The identity of a code half with this digest.
pub(crate) fn code_half(digest: ModuleDigest) -> ModuleIdentity {
    ModuleIdentity { digest, variant: Cow::Borrowed(CODE_HALF) }
}

fn stays(plugin: &str, reason: &str) {
    tracing::debug!(plugin, reason, "not split: code and data are compiled together");
}
