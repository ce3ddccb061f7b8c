//! What a plugin exports of its engine.

use std::collections::BTreeMap;

use serde::Deserialize;
use wasm_encoder::{ExportKind, ExportSection, Section};
use wasmparser::ExternalKind;

use crate::guest_text::quoted;
use crate::module::contract::MEMORY;
use crate::module::parts::{Kind, ModuleParts};

/// The last answer of a build: the names of the plugin's exports, and the engine's functions and globals that they are.
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
        let find = |name: &str| {
            let export = engine.iter().find(|export| export.name == name);
            export.ok_or_else(|| format!("it has no export {}", quoted(name)))
        };
        let mut section = ExportSection::new();
        section.export(MEMORY, ExportKind::Memory, find(MEMORY)?.index);
        for (name, of_engine) in &self.exports {
            if name == MEMORY {
                return Err(format!("no function can have the name {}", quoted(MEMORY)));
            }
            let export = find(of_engine)?;
            let kind = match export.kind {
                ExternalKind::Func => ExportKind::Func,
                ExternalKind::Global => ExportKind::Global,
                _ => return Err(format!("{} is neither a function nor a global", quoted(of_engine))),
            };
            section.export(name, kind, export.index);
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
