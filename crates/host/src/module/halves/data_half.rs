//! Writing a data half.

use wasm_encoder::{ConstExpr, Encode, ExportKind, ExportSection, MemorySection, MemoryType, Module, SectionId};

use super::outline::{Outline, check_image};
use crate::limits::PAGE_BYTES;
use crate::module::contract::MEMORY;
use crate::module::parts::Obstacle;
use crate::module::snapshot;

/// What a snapshot may have.
pub(crate) struct SnapshotLimits {
    /// Bytes that are not zero, beyond the module's own data.
    pub(crate) added_bytes: usize,
    /// Segments.
    pub(crate) segments: u64,
    /// Bytes of the module with the snapshot instead of its own data.
    pub(crate) module_bytes: u64,
}

/// The data half with these pages and segments. The data, which may have many megabytes, is copied once.
pub(super) fn of(outline: &Outline<'_>, pages: u32, segments: &[(u32, &[u8])]) -> Vec<u8> {
    let memory = MemoryType {
        minimum: pages.into(),
        maximum: outline.memory.maximum.map(Into::into),
        memory64: false,
        shared: false,
        page_size_log2: None,
    };
    let mut module = Module::new();
    module.section(MemorySection::new().memory(memory));
    module.section(ExportSection::new().export(MEMORY, ExportKind::Memory, 0));
    let mut module = module.finish();
    let count = unsigned(segments.len());
    let heads: Vec<_> = segments.iter().map(|(offset, bytes)| segment_head(*offset, bytes.len())).collect();
    let lengths = heads.iter().map(Vec::len).chain(segments.iter().map(|(_, bytes)| bytes.len()));
    let length = lengths.fold(count.len(), usize::saturating_add);
    module.reserve_exact(length.saturating_add(16));
    module.push(SectionId::Data.into());
    module.extend(unsigned(length));
    module.extend(count);
    for (head, (_, bytes)) in heads.iter().zip(segments) {
        module.extend_from_slice(head);
        module.extend_from_slice(bytes);
    }
    module
}

/// What is before the bytes of an active segment: its memory, its offset and its length.
fn segment_head(offset: u32, length: usize) -> Vec<u8> {
    let mut head = vec![0];
    ConstExpr::i32_const(offset.cast_signed()).encode(&mut head);
    length.encode(&mut head);
    head
}

fn unsigned(number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    number.encode(&mut bytes);
    bytes
}

/// The data half with this memory.
pub(super) fn after(outline: &Outline<'_>, memory: &[u8], limits: &SnapshotLimits) -> Result<Vec<u8>, Obstacle> {
    let segments = snapshot::segments(memory, outline.bytes.saturating_add(limits.added_bytes))?;
    let pages = u32::try_from(memory.len().div_euclid(PAGE_BYTES)).map_err(|_| "it is too long")?;
    check_image(&segments, pages)?;
    let half = of(outline, pages, &segments);
    let whole = outline.bytes.saturating_sub(outline.data_bytes).saturating_add(half.len());
    if segments.len() as u64 > limits.segments || whole as u64 > limits.module_bytes {
        return Err("its memory after start-up is too much for a module");
    }
    Ok(half)
}
