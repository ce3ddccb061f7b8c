//! What the halves of a module are made of. The module is untrusted, and need not be valid: the scan finds that out.

use wasmparser::{
    BinaryReaderError, DataKind, DataSectionReader, ExportSectionReader, ExternalKind, FunctionSectionReader,
    GlobalSectionReader, KnownCustom, MemorySectionReader, MemoryType, Name, NameSectionReader, Payload,
    TypeSectionReader, ValType,
};

use super::global_value::GlobalValue;
use crate::limits::PAGE_BYTES;
use crate::module::parts::Obstacle;
use crate::module::sections::sections;
use crate::sandbox::config::DENSE_IMAGE_BYTES;

/// The most exports of a module that is split: a hostile one may have millions.
const MOST_EXPORTS: u32 = 4_096;

/// The most globals and segments of a module that is split, because it is taken apart before the scan counts them.
const MOST_GLOBALS: u32 = 10_000;
const MOST_SEGMENTS: u32 = 100_000;

/// The most mutable globals of a module that is split. Setting one takes up to 40 ns in each call.
const MOST_MUTABLE_GLOBALS: usize = 64;

/// The obstacle of data that wasmtime makes no image of.
pub(crate) const SCATTERED: Obstacle = "its data is scattered";

/// A module, taken apart. Sections are without their headers.
#[derive(Default)]
pub(super) struct Outline<'a> {
    pub(super) types: &'a [u8],
    /// The indices of the types of hooks.
    hook_types: Vec<u32>,
    pub(super) functions: &'a [u8],
    /// The functions of the signature of a hook.
    pub(super) hook_like: Vec<u32>,
    pub(super) tables: Option<&'a [u8]>,
    pub(super) globals: Vec<Global<'a>>,
    pub(super) mutable_globals: Vec<MutableGlobal>,
    pub(super) has_mutable_reference: bool,
    pub(super) exported_functions: Vec<(&'a str, u32)>,
    pub(super) start: Option<u32>,
    pub(super) elements: Option<&'a [u8]>,
    pub(super) code: &'a [u8],
    /// Where the content of the code section begins in the module.
    pub(super) code_begins: usize,
    /// The part of the name section with the names of functions.
    pub(super) function_names: Option<&'a [u8]>,
    pub(super) memory: Memory,
    /// The active segments, with their offsets.
    pub(super) segments: Vec<(u32, &'a [u8])>,
    /// The length of the data section, and of the whole module.
    pub(super) data_bytes: usize,
    pub(super) bytes: usize,
}

/// The pages of a memory.
#[derive(Clone, Copy, Default)]
pub(super) struct Memory {
    pub(super) initial: u32,
    pub(super) maximum: Option<u32>,
}

/// A global as its section writes it.
pub(super) struct Global<'a> {
    pub(super) bytes: &'a [u8],
    /// Is it zero in the code half, whatever its own value is?
    pub(super) is_zero: bool,
}

/// A mutable global that holds a number or a vector.
#[derive(Clone, Copy)]
pub(crate) struct MutableGlobal {
    pub(crate) index: u32,
    /// Its value at first, if that is a plain constant. Then it is zero in the code half.
    pub(crate) initial: Option<GlobalValue>,
}

impl<'a> Outline<'a> {
    pub(super) fn of(bytes: &'a [u8], least_code_bytes: usize) -> Result<Self, Obstacle> {
        let mut outline = Self { bytes: bytes.len(), ..Self::default() };
        for payload in sections(bytes) {
            outline.payload(bytes, payload.map_err(unreadable)?, least_code_bytes)?;
        }
        if outline.code_begins == 0 {
            return Err("it has no code");
        }
        check_image(&outline.segments, outline.memory.initial)?;
        Ok(outline)
    }

    fn payload(&mut self, bytes: &'a [u8], payload: Payload<'a>, least_code_bytes: usize) -> Result<(), Obstacle> {
        let content = payload.as_section().and_then(|(_, range)| bytes.get(range)).unwrap_or_default();
        match payload {
            Payload::TypeSection(types) => {
                self.types = content;
                self.hook_types = hook_types(types).map_err(unreadable)?;
            }
            Payload::ImportSection(imports) if imports.count() > 0 => return Err("it has imports"),
            Payload::FunctionSection(functions) => {
                self.functions = content;
                self.functions(functions).map_err(unreadable)?;
            }
            Payload::TableSection(_) => self.tables = Some(content),
            Payload::MemorySection(memories) => self.memory = memory(memories)?,
            Payload::GlobalSection(globals) if globals.count() > MOST_GLOBALS => return Err("it has many globals"),
            Payload::GlobalSection(globals) => self.globals(bytes, globals)?,
            Payload::ExportSection(exports) if exports.count() > MOST_EXPORTS => return Err("it has many exports"),
            Payload::ExportSection(exports) => self.exports(exports).map_err(unreadable)?,
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::ElementSection(_) => self.elements = Some(content),
            Payload::CodeSectionStart { range, .. } => {
                if content.len() < least_code_bytes {
                    return Err("it has too little code");
                }
                (self.code, self.code_begins) = (content, range.start);
            }
            Payload::DataSection(data) if data.count() > MOST_SEGMENTS => return Err("it has many segments"),
            Payload::DataSection(data) => {
                self.data_bytes = content.len();
                self.data(data)?;
            }
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(names) = section.as_known() {
                    self.names(bytes, names)?;
                }
            }
            Payload::TagSection(_) => return Err("it has tags"),
            _ => {}
        }
        Ok(())
    }

    fn functions(&mut self, functions: FunctionSectionReader<'a>) -> Result<(), BinaryReaderError> {
        for (index, kind) in (0_u32..).zip(functions) {
            if self.hook_types.binary_search(&kind?).is_ok() {
                self.hook_like.push(index);
            }
        }
        Ok(())
    }

    fn globals(&mut self, bytes: &'a [u8], globals: GlobalSectionReader<'a>) -> Result<(), Obstacle> {
        let ends = globals.range().end;
        let mut all = Vec::new();
        for global in globals.into_iter_with_offsets() {
            all.push(global.map_err(unreadable)?);
        }
        let next = all.iter().skip(1).map(|(begins, _)| *begins).chain([ends]).collect::<Vec<_>>();
        for ((index, (begins, global)), ends) in (0_u32..).zip(&all).zip(next) {
            let bytes = bytes.get(*begins..ends).ok_or("it cannot be read")?;
            let initial = GlobalValue::of(&global.init_expr);
            if global.ty.mutable && global.ty.content_type.is_reference_type() {
                self.has_mutable_reference = true;
            } else if global.ty.mutable {
                self.mutable_globals.push(MutableGlobal { index, initial });
            }
            let is_zero = global.ty.mutable && initial.is_some();
            self.globals.push(Global { bytes, is_zero });
        }
        if self.mutable_globals.len() > MOST_MUTABLE_GLOBALS {
            return Err("it has many mutable globals");
        }
        Ok(())
    }

    fn exports(&mut self, exports: ExportSectionReader<'a>) -> Result<(), BinaryReaderError> {
        for export in exports {
            let export = export?;
            if export.kind == ExternalKind::Func {
                self.exported_functions.push((export.name, export.index));
            }
        }
        Ok(())
    }

    /// As the compiler reads them: up to what is damaged, and all that there are.
    fn names(&mut self, bytes: &'a [u8], names: NameSectionReader<'a>) -> Result<(), Obstacle> {
        for name in names.into_iter().map_while(Result::ok) {
            if let Name::Function(names) = name
                && self.function_names.replace(bytes.get(names.range()).unwrap_or_default()).is_some()
            {
                return Err("it names its functions twice");
            }
        }
        Ok(())
    }

    fn data(&mut self, data: DataSectionReader<'a>) -> Result<(), Obstacle> {
        for segment in data {
            let segment = segment.map_err(unreadable)?;
            if let DataKind::Active { memory_index: 0, offset_expr } = &segment.kind {
                match GlobalValue::of(offset_expr) {
                    Some(GlobalValue::I32(offset)) => self.segments.push((offset.cast_unsigned(), segment.data)),
                    _ => return Err("an offset of its data is not a constant"),
                }
            } else if !matches!(segment.kind, DataKind::Passive) {
                return Err("its data is for another memory");
            }
        }
        Ok(())
    }
}

/// Checks that wasmtime makes an image of these segments, so that no code has to copy them.
pub(super) fn check_image(segments: &[(u32, &[u8])], pages: u32) -> Result<(), Obstacle> {
    let memory_bytes = u64::from(pages).saturating_mul(PAGE_BYTES as u64);
    let (mut total, mut first, mut last) = (0_u64, u64::MAX, 0_u64);
    for (offset, data) in segments {
        let end = u64::from(*offset).saturating_add(data.len() as u64);
        if end > memory_bytes {
            return Err("its data does not fit its memory");
        }
        if !data.is_empty() {
            (first, last) = (first.min(u64::from(*offset)), last.max(end));
            total = total.saturating_add(data.len() as u64);
        }
    }
    let image = last.saturating_sub(first);
    if image >= total.saturating_mul(2) && image >= DENSE_IMAGE_BYTES {
        return Err(SCATTERED);
    }
    Ok(())
}

fn memory(memories: MemorySectionReader<'_>) -> Result<Memory, Obstacle> {
    let [memory] = memories
        .into_iter()
        .collect::<Result<Vec<_>, _>>()
        .map_err(unreadable)?
        .try_into()
        .map_err(|_: Vec<MemoryType>| "it does not have one memory")?;
    let pages = |pages| u32::try_from(pages).map_err(|_| "its memory is larger than 4 GiB");
    if memory.memory64 || memory.shared || memory.page_size_log2.is_some() {
        return Err("its memory is not of the usual type");
    }
    Ok(Memory { initial: pages(memory.initial)?, maximum: memory.maximum.map(pages).transpose()? })
}

/// The indices of the types of a hook.
fn hook_types(types: TypeSectionReader<'_>) -> Result<Vec<u32>, BinaryReaderError> {
    let mut found = Vec::new();
    for (index, function) in (0_u32..).zip(types.into_iter_err_on_gc_types()) {
        let function = function?;
        if function.params() == [ValType::I32, ValType::I32] && function.results() == [ValType::I64] {
            found.push(index);
        }
    }
    Ok(found)
}

fn unreadable(_error: BinaryReaderError) -> Obstacle {
    "it cannot be read"
}

#[cfg(test)]
mod tests {
    use super::Outline;

    #[test]
    fn a_module_of_many_small_parts_is_not_taken_apart() {
        let obstacle = |part: &str, count: usize| {
            let module = format!("(module (memory 1) (func) {})", part.repeat(count));
            Outline::of(&wat::parse_str(module).unwrap(), 0).err()
        };
        let (global, segment) = ("(global i32 (i32.const 0))", "(data \"\")");
        assert_eq!(obstacle(global, 10_000), None);
        assert_eq!(obstacle(global, 10_001), Some("it has many globals"));
        assert_eq!(obstacle(segment, 100_000), None);
        assert_eq!(obstacle(segment, 100_001), Some("it has many segments"));
    }
}
