//! The sections of a module that its compiler wrote for debuggers (DWARF).

use gimli::SectionId;
use wasmparser::{Parser, Payload};

/// Most bytes of them that are kept. A plugin with more is shown without lines.
const MOST_BYTES: usize = 8 * 1_024 * 1_024;

/// What tells places in the source, and is kept.
const KEPT: [SectionId; 9] = [
    SectionId::DebugAbbrev,
    SectionId::DebugAddr,
    SectionId::DebugInfo,
    SectionId::DebugLine,
    SectionId::DebugLineStr,
    SectionId::DebugRanges,
    SectionId::DebugRngLists,
    SectionId::DebugStr,
    SectionId::DebugStrOffsets,
];

/// A copy of the sections.
#[derive(Debug)]
pub(crate) struct DebugSections {
    sections: Vec<(SectionId, Box<[u8]>)>,
    /// Where the content of the code section begins, from which addresses count.
    pub(crate) code_begins: usize,
}

impl DebugSections {
    /// Those of a module; `None` where it has none, or too many bytes of them.
    pub(crate) fn of(module: &[u8]) -> Option<Self> {
        let mut sections: Vec<(SectionId, &[u8])> = Vec::new();
        let mut code_begins = None;
        for payload in Parser::new(0).parse_all(module) {
            match payload.ok()? {
                Payload::CodeSectionStart { range, .. } => code_begins = Some(range.start),
                Payload::CustomSection(section) => {
                    let id = KEPT.into_iter().find(|id| id.name() == section.name());
                    sections.extend(id.map(|id| (id, section.data())));
                }
                _ => {}
            }
        }
        let total = sections.iter().map(|(_, bytes)| bytes.len()).fold(0, usize::saturating_add);
        let has_lines = sections.iter().any(|(id, _)| *id == SectionId::DebugLine);
        if !has_lines || total > MOST_BYTES {
            return None;
        }
        let sections = sections.into_iter().map(|(id, bytes)| (id, Box::from(bytes))).collect();
        Some(Self { sections, code_begins: code_begins? })
    }

    /// The first section of this kind, or nothing.
    pub(crate) fn get(&self, id: SectionId) -> &[u8] {
        self.sections.iter().find(|(kind, _)| *kind == id).map_or(&[], |(_, bytes)| bytes)
    }
}
