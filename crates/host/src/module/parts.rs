//! The parts of a module with a start-up, from which a snapshot is written.
//!
//! The module's author chose its layout, so nothing is assumed of it, not even that it is valid. Validating takes about as long
//! as compiling, and is left to the compiler.

use wasmparser::{
    BinaryReaderError, DataKind, DataSectionReader, Export, ExportSectionReader, FunctionBody, GlobalSectionReader,
    MemorySectionReader, MemoryType, Operator, Parser, Payload, ValType,
};

use crate::module::contract::INITIALIZE;

/// Why a plugin cannot be pre-initialized.
pub(crate) type Obstacle = &'static str;

/// Where the first section of a module begins.
const FIRST_SECTION: usize = 8;

/// The sections of a module, before and after its code.
pub(crate) struct ModuleParts<'a> {
    pub(crate) header: &'a [u8],
    pub(crate) before_code: Vec<Part<'a>>,
    pub(crate) code: &'a [u8],
    pub(crate) after_code: Vec<Part<'a>>,
    /// Where the code section begins, in bytes from the module's start.
    pub(crate) code_begins: usize,
    /// Its only memory.
    pub(crate) memory: MemoryType,
    /// The index and the type of each mutable global: a number or a vector.
    pub(crate) mutable_globals: Vec<(u32, ValType)>,
}

/// A section, with its header.
pub(crate) struct Part<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) kind: Kind<'a>,
}

pub(crate) enum Kind<'a> {
    Memory,
    Globals(Vec<Global<'a>>),
    Exports(Vec<Export<'a>>),
    Start,
    DataCount(u32),
    /// The contents of its passive segments. An active segment counts as an empty passive one, which it is after start-up.
    Data(Vec<&'a [u8]>),
    /// Anything that a snapshot leaves unchanged.
    Other,
}

/// A global as its section writes it: its type, and the expression of its initial value.
pub(crate) struct Global<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) is_mutable: bool,
}

impl<'a> ModuleParts<'a> {
    /// Takes a module apart; `None` if it has neither a start section nor an export `_initialize`.
    pub(crate) fn of(bytes: &'a [u8]) -> Result<Option<Self>, Obstacle> {
        Self::read(bytes, false)
    }

    /// As [`Self::of`], for a module that was taken apart before, so that its functions need not be read again.
    pub(crate) fn again(bytes: &'a [u8]) -> Result<Option<Self>, Obstacle> {
        Self::read(bytes, true)
    }

    fn read(bytes: &'a [u8], knows_functions: bool) -> Result<Option<Self>, Obstacle> {
        if !has_start_up(bytes).map_err(unreadable)? {
            return Ok(None);
        }
        let mut taking = Taking { bytes, knows_functions, end: FIRST_SECTION, ..Taking::default() };
        for payload in Parser::new(0).parse_all(bytes) {
            taking.payload(payload.map_err(unreadable)?)?;
        }
        let (code_begins, code) = taking.code.ok_or("it has no code")?;
        Ok(Some(Self {
            header: bytes.get(..FIRST_SECTION).ok_or("it has no header")?,
            before_code: taking.before_code,
            code,
            after_code: taking.after_code,
            code_begins,
            memory: taking.memory.ok_or("it has no memory")?,
            mutable_globals: taking.mutable_globals,
        }))
    }
}

fn has_start_up(bytes: &[u8]) -> Result<bool, BinaryReaderError> {
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::StartSection { .. } => return Ok(true),
            Payload::ExportSection(exports) => {
                for export in exports {
                    if export?.name == INITIALIZE {
                        return Ok(true);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(false)
}

fn unreadable(_error: BinaryReaderError) -> Obstacle {
    "it cannot be read"
}

/// The parts found so far.
#[derive(Default)]
struct Taking<'a> {
    bytes: &'a [u8],
    knows_functions: bool,
    /// Where the last section ended.
    end: usize,
    before_code: Vec<Part<'a>>,
    code: Option<(usize, &'a [u8])>,
    after_code: Vec<Part<'a>>,
    memory: Option<MemoryType>,
    mutable_globals: Vec<(u32, ValType)>,
}

impl<'a> Taking<'a> {
    fn payload(&mut self, payload: Payload<'a>) -> Result<(), Obstacle> {
        if let Payload::CodeSectionEntry(body) = payload {
            return if self.knows_functions { Ok(()) } else { check(&body) };
        }
        let Some((_, range)) = payload.as_section() else {
            return Ok(());
        };
        let begins = std::mem::replace(&mut self.end, range.end);
        let bytes = self.bytes.get(begins..range.end).ok_or("it cannot be read")?;
        let kind = match payload {
            Payload::CodeSectionStart { .. } => {
                self.code = Some((begins, bytes));
                return Ok(());
            }
            Payload::ImportSection(imports) if imports.count() > 0 => return Err("it has imports"),
            Payload::MemorySection(memories) => self.memories(memories)?,
            Payload::GlobalSection(globals) => self.globals(globals)?,
            Payload::ExportSection(exports) => Kind::Exports(all(exports)?),
            Payload::StartSection { .. } => Kind::Start,
            Payload::DataCountSection { count, .. } => Kind::DataCount(count),
            Payload::DataSection(data) => Kind::Data(passive(data)?),
            _ => Kind::Other,
        };
        let parts = if self.code.is_some() { &mut self.after_code } else { &mut self.before_code };
        parts.push(Part { bytes, kind });
        Ok(())
    }

    fn memories(&mut self, memories: MemorySectionReader<'a>) -> Result<Kind<'a>, Obstacle> {
        for memory in memories {
            self.memory = Some(memory.map_err(unreadable)?);
        }
        Ok(Kind::Memory)
    }

    fn globals(&mut self, globals: GlobalSectionReader<'a>) -> Result<Kind<'a>, Obstacle> {
        let ends = globals.range().end;
        let mut starts = Vec::new();
        for (index, global) in (0_u32..).zip(globals.into_iter_with_offsets()) {
            let (starts_at, global) = global.map_err(unreadable)?;
            starts.push((starts_at, global.ty.mutable));
            if global.ty.mutable {
                if global.ty.content_type.is_reference_type() {
                    return Err("a mutable global holds a reference");
                }
                self.mutable_globals.push((index, global.ty.content_type));
            }
        }
        let ends = starts.iter().skip(1).map(|(starts_at, _)| *starts_at).chain([ends]);
        let globals = starts.iter().zip(ends).map(|((starts_at, is_mutable), ends_at)| {
            let bytes = self.bytes.get(*starts_at..ends_at).ok_or("it cannot be read")?;
            Ok(Global { bytes, is_mutable: *is_mutable })
        });
        Ok(Kind::Globals(globals.collect::<Result<_, Obstacle>>()?))
    }
}

fn all(exports: ExportSectionReader<'_>) -> Result<Vec<Export<'_>>, Obstacle> {
    exports.into_iter().collect::<Result<_, _>>().map_err(unreadable)
}

fn passive(data: DataSectionReader<'_>) -> Result<Vec<&[u8]>, Obstacle> {
    let segments = data.into_iter().map(|segment| {
        let segment = segment.map_err(unreadable)?;
        Ok(if matches!(segment.kind, DataKind::Passive) { segment.data } else { &[][..] })
    });
    segments.collect()
}

/// Refuses operators that change what a snapshot cannot hold: tables, and which segments are dropped. No known compiler of
/// plugins emits them.
fn check(body: &FunctionBody<'_>) -> Result<(), Obstacle> {
    for operator in body.get_operators_reader().map_err(unreadable)? {
        match operator.map_err(unreadable)? {
            Operator::TableSet { .. }
            | Operator::TableGrow { .. }
            | Operator::TableFill { .. }
            | Operator::TableCopy { .. }
            | Operator::TableInit { .. } => return Err("it changes its table"),
            Operator::ElemDrop { .. } | Operator::DataDrop { .. } => return Err("it drops segments"),
            _ => {}
        }
    }
    Ok(())
}
