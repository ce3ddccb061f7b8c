//! Snapshots: a module as it is after its start-up. The code is the same; the memory and the globals are as the start-up left
//! them, and there is no start section. The exports stay, even `_initialize`, which is not called any more.

use wasm_encoder::{ConstExpr, DataSection, ExportKind, ExportSection, GlobalSection, RawSection, Section, SectionId};
use wasmparser::{ExternalKind, ValType};
use wasmtime::Val;

use crate::limits::PAGE_BYTES;
use crate::module::parts::{Kind, ModuleParts, Obstacle, Part};

/// A snapshot has the runs of memory blocks of this size that are not all zero. A segment costs as much as a few of its
/// bytes, so it may contain some zeros.
const BLOCK_BYTES: usize = 64;

/// The length of a global's type if it is not a reference: a byte for its value type, and one for its mutability.
const GLOBAL_TYPE_BYTES: usize = 2;

const END: u8 = 0x0b;

/// The state that a start-up leaves.
pub(crate) struct AfterStartUp<'a> {
    /// The values of the mutable globals, in order.
    pub(crate) globals: &'a [Val],
    pub(crate) memory: &'a [u8],
}

/// The prefix of the names that [`opened`] exports globals under.
const SHOWN: &str = "hookcell:global ";

/// The name that [`opened`] exports a mutable global under.
pub(crate) fn shown_global(index: u32) -> String {
    format!("{SHOWN}{index}")
}

/// The same module with its mutable globals exported, so that they can be read after its start-up.
pub(crate) fn opened(parts: &ModuleParts<'_>) -> Result<Vec<u8>, Obstacle> {
    let mut module = parts.header.to_vec();
    for part in &parts.before_code {
        match &part.kind {
            Kind::Exports(exports) => {
                let mut section = ExportSection::new();
                for export in exports {
                    if export.name.starts_with(SHOWN) {
                        return Err("it has an export with a reserved name");
                    }
                    section.export(export.name, export_kind(export.kind)?, export.index);
                }
                for (index, _) in &parts.mutable_globals {
                    section.export(&shown_global(*index), ExportKind::Global, *index);
                }
                section.append_to(&mut module);
            }
            _ => module.extend_from_slice(part.bytes),
        }
    }
    module.extend_from_slice(parts.code);
    parts.after_code.iter().for_each(|part| module.extend_from_slice(part.bytes));
    Ok(module)
}

/// The module in this state. At most `most_data` bytes of its memory are written.
pub(crate) fn taken(parts: &ModuleParts<'_>, state: &AfterStartUp<'_>, most_data: usize) -> Result<Vec<u8>, Obstacle> {
    let segments = segments(state.memory, most_data)?;
    let pages = as_u32(state.memory.len().div_euclid(PAGE_BYTES))?;
    let mut module = head(parts, pages, state.globals, as_u32(segments.len())?)?;
    module.extend_from_slice(parts.code);
    if !parts.after_code.iter().any(|part| matches!(part.kind, Kind::Data(_))) {
        data(&[], &segments).append_to(&mut module);
    }
    for Part { bytes, kind } in &parts.after_code {
        match kind {
            Kind::Data(passive) => data(passive, &segments).append_to(&mut module),
            _ => module.extend_from_slice(bytes),
        }
    }
    Ok(module)
}

/// How many bytes later the code is in a snapshot than in the module. This is the same for all snapshots, because every value
/// before the code is written at its full width.
pub(crate) fn code_moved_by(parts: &ModuleParts<'_>) -> Result<isize, Obstacle> {
    let zeros = parts.mutable_globals.iter().map(|(_, kind)| zero(*kind)).collect::<Result<Vec<_>, _>>()?;
    let begins = head(parts, 0, &zeros, 0)?.len();
    begins.checked_signed_diff(parts.code_begins).ok_or("it is too long")
}

/// Everything before the code.
fn head(parts: &ModuleParts<'_>, pages: u32, globals: &[Val], segments: u32) -> Result<Vec<u8>, Obstacle> {
    let mut module = parts.header.to_vec();
    for Part { bytes, kind } in &parts.before_code {
        match kind {
            Kind::Memory => section(SectionId::Memory, &memory(parts, pages)?, &mut module),
            Kind::Globals(all) => {
                let mut section = GlobalSection::new();
                let mut values = globals.iter();
                for global in all {
                    if global.is_mutable {
                        let value = values.next().ok_or("a global has no value")?;
                        let kind = global.bytes.get(..GLOBAL_TYPE_BYTES).ok_or("a global has no type")?;
                        section.raw(&[kind, &constant(value)?, &[END]].concat());
                    } else {
                        section.raw(global.bytes);
                    }
                }
                section.append_to(&mut module);
            }
            Kind::DataCount(count) => {
                let count = count.checked_add(segments).ok_or("it has too many segments")?;
                section(SectionId::DataCount, &unsigned(count), &mut module);
            }
            Kind::Start => {}
            Kind::Exports(_) | Kind::Data(_) | Kind::Other => module.extend_from_slice(bytes),
        }
    }
    Ok(module)
}

fn section(id: SectionId, data: &[u8], module: &mut Vec<u8>) {
    RawSection { id: id.into(), data }.append_to(module);
}

/// The content of a memory section with one memory of this many pages.
fn memory(parts: &ModuleParts<'_>, pages: u32) -> Result<Vec<u8>, Obstacle> {
    let most = match parts.memory.maximum {
        Some(most) => Some(u32::try_from(most).map_err(|_| "its memory is larger than 4 GiB")?),
        None => None,
    };
    let mut content = vec![1, u8::from(most.is_some())];
    content.extend(unsigned(pages));
    content.extend(most.map(unsigned).into_iter().flatten());
    Ok(content)
}

/// The module's own segments, so that indices stay the same, and then those with the memory's contents.
fn data(passive: &[&[u8]], segments: &[(u32, &[u8])]) -> DataSection {
    let mut section = DataSection::new();
    for data in passive {
        section.passive(data.iter().copied());
    }
    for (offset, data) in segments {
        section.active(0, &ConstExpr::i32_const(offset.cast_signed()), data.iter().copied());
    }
    section
}

/// The parts of a memory that are not zero, with their offsets.
pub(crate) fn segments(memory: &[u8], most_data: usize) -> Result<Vec<(u32, &[u8])>, Obstacle> {
    let mut segments = Vec::new();
    let (mut offset, mut length) = (0_usize, 0_usize);
    let (blocks, _) = memory.as_chunks::<BLOCK_BYTES>();
    for run in blocks.chunk_by(|one, next| is_zero(one) == is_zero(next)) {
        let run_bytes = run.as_flattened();
        if !run.first().is_some_and(is_zero) {
            length = length.saturating_add(run_bytes.len());
            if length > most_data {
                return Err("too much of its memory is not zero");
            }
            segments.push((as_u32(offset)?, run_bytes));
        }
        offset = offset.saturating_add(run_bytes.len());
    }
    Ok(segments)
}

fn is_zero(block: &[u8; BLOCK_BYTES]) -> bool {
    *block == [0; BLOCK_BYTES]
}

/// The instruction for this value, bit for bit.
fn constant(value: &Val) -> Result<Vec<u8>, Obstacle> {
    Ok(match value {
        Val::I32(value) => [&[0x41][..], &signed::<5>(i64::from(*value))].concat(),
        Val::I64(value) => [&[0x42][..], &signed::<10>(*value)].concat(),
        Val::F32(bits) => [&[0x43][..], &bits.to_le_bytes()].concat(),
        Val::F64(bits) => [&[0x44][..], &bits.to_le_bytes()].concat(),
        Val::V128(bits) => [&[0xfd, 0x0c][..], &bits.as_u128().to_le_bytes()].concat(),
        _ => return Err("a mutable global holds a reference"),
    })
}

fn zero(kind: ValType) -> Result<Val, Obstacle> {
    match kind {
        ValType::I32 => Ok(Val::I32(0)),
        ValType::I64 => Ok(Val::I64(0)),
        ValType::F32 => Ok(Val::F32(0)),
        ValType::F64 => Ok(Val::F64(0)),
        ValType::V128 => Ok(Val::V128(0.into())),
        ValType::Ref(_) => Err("a mutable global holds a reference"),
    }
}

/// LEB128 at the full width of the number's type.
fn signed<const BYTES: usize>(value: i64) -> [u8; BYTES] {
    let mut rest = value;
    let mut bytes = [0; BYTES];
    for byte in &mut bytes {
        *byte = 0x80 | (rest.to_le_bytes()[0] & 0x7f);
        rest >>= 7;
    }
    if let Some(last) = bytes.last_mut() {
        *last &= 0x7f;
    }
    bytes
}

fn unsigned(value: u32) -> [u8; 5] {
    signed(i64::from(value))
}

fn as_u32(length: usize) -> Result<u32, Obstacle> {
    u32::try_from(length).map_err(|_| "it is too long")
}

fn export_kind(kind: ExternalKind) -> Result<ExportKind, Obstacle> {
    match kind {
        ExternalKind::Func | ExternalKind::FuncExact => Ok(ExportKind::Func),
        ExternalKind::Table => Ok(ExportKind::Table),
        ExternalKind::Memory => Ok(ExportKind::Memory),
        ExternalKind::Global => Ok(ExportKind::Global),
        ExternalKind::Tag => Err("it exports a tag"),
    }
}
