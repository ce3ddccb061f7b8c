//! What a plugin exports of its engine.

use std::collections::BTreeMap;

use serde::Deserialize;
use wasm_encoder::{ExportKind, ExportSection, Section};
use wasmparser::ExternalKind;

use crate::guest_text::quoted;
use crate::module::contract::MEMORY;
use crate::module::parts::{Kind, ModuleParts};

/// The last answer of a build: the names of the plugin's exports, and the engine's functions that they are.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PluginExports {
    exports: BTreeMap<String, String>,
}

impl PluginExports {
    pub(crate) fn read(answer: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(answer).map_err(|error| format!("its last step does not name exports: {error}"))
    }

    /// The export section of the plugin.
    pub(crate) fn section(&self, parts: &ModuleParts<'_>) -> Result<Vec<u8>, String> {
        let engine = parts.before_code.iter().find_map(|part| match &part.kind {
            Kind::Exports(exports) => Some(exports),
            _ => None,
        });
        let engine = engine.ok_or("it has no exports")?;
        let find = |name: &str, kind: ExternalKind| {
            let export = engine.iter().find(|export| export.name == name && export.kind == kind);
            export.map(|export| export.index).ok_or_else(|| format!("it has no export {}", quoted(name)))
        };
        let mut section = ExportSection::new();
        section.export(MEMORY, ExportKind::Memory, find(MEMORY, ExternalKind::Memory)?);
        for (name, function) in &self.exports {
            if name == MEMORY {
                return Err(format!("a function cannot have the name {}", quoted(MEMORY)));
            }
            section.export(name, ExportKind::Func, find(function, ExternalKind::Func)?);
        }
        let mut bytes = Vec::new();
        section.append_to(&mut bytes);
        Ok(bytes)
    }
}

/// Replaces the engine's exports with this section.
pub(crate) fn replace<'a>(parts: &mut ModuleParts<'a>, section: &'a [u8]) {
    for part in &mut parts.before_code {
        if matches!(part.kind, Kind::Exports(_)) {
            part.bytes = section;
        }
    }
}
