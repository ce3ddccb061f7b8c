//! The sections of a module that its compiler wrote for debuggers (DWARF).

use gimli::SectionId;
use wasmparser::Payload;

use crate::module::sections;

/// The most bytes of them that are kept. Backtraces of a plugin with more have no lines.
const MOST_BYTES: usize = 8 * 1_024 * 1_024;

/// The sections that are kept, because lines are read from them.
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
    /// Where the content of the code section begins, which addresses are relative to.
    pub(crate) code_begins: usize,
}

impl DebugSections {
    /// The sections of a module; `None` if it has none, or if they are too long.
    pub(crate) fn of(module: &[u8]) -> Option<Self> {
        let mut sections: Vec<(SectionId, &[u8])> = Vec::new();
        let mut code_begins = None;
        for payload in sections::sections(module) {
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

    /// The length of all of them.
    pub(crate) fn bytes(&self) -> usize {
        self.sections.iter().map(|(_, bytes)| bytes.len()).fold(0, usize::saturating_add)
    }

    /// The first section of this kind, or an empty one.
    pub(crate) fn get(&self, id: SectionId) -> &[u8] {
        self.sections.iter().find(|(kind, _)| *kind == id).map_or(&[], |(_, bytes)| bytes)
    }
}
