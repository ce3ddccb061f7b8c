//! Plugins whose behavior the fuzzer chooses: what `alloc` and the hook return, when the memory grows and what is in it, and
//! whether they return at all.

use arbitrary::{Arbitrary, Result, Unstructured};
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ExportKind, ExportSection, Function, FunctionSection, InstructionSink,
    MemorySection, MemoryType, Module, StartSection, TypeSection, ValType,
};

/// Bytes in a page of memory.
pub const PAGE_BYTES: u32 = 65_536;

/// The most pages that a guest declares.
const MAX_PAGES: u32 = 40;

/// The most data segments, and the most bytes of one.
const MAX_SEGMENTS: usize = 4;
const MAX_SEGMENT_BYTES: usize = 64;

/// Meaningful answers, which random bytes would hardly ever be.
pub const ANSWERS: [&str; 6] = [
    r#"{"ok":true}"#,
    r#"{"ok":true,"ctx":{"input":{"a":1},"data":[null]}}"#,
    r#"{"ok":true,"ctx":{"data":{"__proto__":1}}}"#,
    r#"{"ok":false,"error":"no","details":[{}]}"#,
    r#"{"ok":false,"error":1}"#,
    "null",
];

/// A plugin.
#[derive(Debug)]
pub struct Guest {
    /// The initial pages of its memory.
    pub min_pages: u32,
    /// The maximum pages of its memory.
    pub max_pages: Option<u32>,
    /// The initial contents of its memory.
    pub segments: Vec<Segment>,
    /// Its start section.
    pub start: Option<Body>,
    /// What `alloc` does, and the pointer that it returns.
    pub alloc: Body,
    /// What the hook does, and the pointer that it returns.
    pub hook: Body,
    /// The length that the hook returns.
    pub length: Number,
}

/// A data segment.
#[derive(Debug)]
pub struct Segment {
    /// Its offset, inside the memory or not.
    pub offset: u32,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What a function does.
#[derive(Debug, Arbitrary)]
pub struct Body {
    /// The pages that it asks for first.
    pub grow: Growth,
    /// How it ends.
    pub end: End,
}

/// Pages to ask for.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub enum Growth {
    /// It does not ask.
    No,
    /// A few.
    Little(u8),
    /// Any number.
    Any(u32),
}

/// How a function ends.
#[derive(Debug, Arbitrary)]
pub enum End {
    /// It returns this, if it has a result.
    Return(Number),
    /// As above, because most functions should return.
    ReturnToo(Number),
    /// As above.
    ReturnAsWell(Number),
    /// It traps.
    Unreachable,
    /// It loops forever.
    Spin,
    /// It calls itself forever.
    Recurse,
}

/// A number that a function computes.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub enum Number {
    /// This one.
    Exact(u32),
    /// A small one.
    Small(u8),
    /// This far before or after the end of the memory.
    NearEnd(i16),
    /// The offset of one of the segments.
    SegmentOffset(u8),
    /// The length of one of the segments.
    SegmentLength(u8),
    /// The function's first argument.
    First,
    /// Its last argument.
    Last,
}

impl<'a> Arbitrary<'a> for Guest {
    fn arbitrary(data: &mut Unstructured<'a>) -> Result<Self> {
        let min_pages = data.int_in_range(0..=MAX_PAGES)?;
        let max_pages =
            if data.arbitrary()? { Some(data.int_in_range(min_pages..=MAX_PAGES.max(min_pages))?) } else { None };
        let segments = data.int_in_range(0..=MAX_SEGMENTS)?;
        Ok(Self {
            min_pages,
            max_pages,
            segments: (0..segments).map(|_| Segment::arbitrary(data, min_pages)).collect::<Result<_>>()?,
            start: data.arbitrary()?,
            alloc: data.arbitrary()?,
            hook: data.arbitrary()?,
            length: data.arbitrary()?,
        })
    }
}

impl Segment {
    fn arbitrary(data: &mut Unstructured<'_>, pages: u32) -> Result<Self> {
        let end = pages * PAGE_BYTES;
        let bytes = if data.arbitrary()? {
            data.choose(&ANSWERS)?.as_bytes().to_vec()
        } else {
            let length = data.int_in_range(0..=MAX_SEGMENT_BYTES)?;
            data.bytes(length.min(data.len()))?.to_vec()
        };
        let offset = match data.int_in_range(0..=7)? {
            0 => data.arbitrary()?,
            1 => end.wrapping_sub(data.arbitrary::<u8>()?.into()),
            _ => data.int_in_range(0..=end.saturating_sub(256))?,
        };
        Ok(Self { offset, bytes })
    }
}

impl Guest {
    const ALLOC: u32 = 0;
    const DEALLOC: u32 = 1;
    const HOOK: u32 = 2;
    const START: u32 = 3;

    /// The module.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([ValType::I32], [ValType::I32]);
        types.ty().function([ValType::I32, ValType::I32], []);
        types.ty().function([ValType::I32, ValType::I32], [ValType::I64]);
        types.ty().function([], []);
        let mut functions = FunctionSection::new();
        // Each function has its own type.
        for function in [Self::ALLOC, Self::DEALLOC, Self::HOOK, Self::START] {
            functions.function(function);
        }
        let mut memories = MemorySection::new();
        memories.memory(MemoryType {
            minimum: self.min_pages.into(),
            maximum: self.max_pages.map(u64::from),
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        let mut exports = ExportSection::new();
        exports.export("memory", ExportKind::Memory, 0);
        exports.export("alloc", ExportKind::Func, Self::ALLOC);
        exports.export("dealloc", ExportKind::Func, Self::DEALLOC);
        exports.export("before_hook", ExportKind::Func, Self::HOOK);

        let mut code = CodeSection::new();
        code.function(&self.alloc());
        code.function(&empty());
        code.function(&self.hook());
        code.function(&self.start());
        let mut data = DataSection::new();
        for segment in &self.segments {
            data.active(0, &ConstExpr::i32_const(segment.offset.cast_signed()), segment.bytes.iter().copied());
        }

        let mut module = Module::new();
        module.section(&types).section(&functions).section(&memories).section(&exports);
        if self.start.is_some() {
            module.section(&StartSection { function_index: Self::START });
        }
        module.section(&code).section(&data);
        module.finish()
    }

    fn alloc(&self) -> Function {
        Self::function(&self.alloc, Self::ALLOC, 1, |code, number| self.number(code, number, 0))
    }

    fn hook(&self) -> Function {
        Self::function(&self.hook, Self::HOOK, 2, |code, number| {
            self.number(code, number, 1);
            code.i64_extend_i32_u().i64_const(32).i64_shl();
            self.number(code, self.length, 1);
            code.i64_extend_i32_u().i64_or();
        })
    }

    fn start(&self) -> Function {
        self.start.as_ref().map_or_else(empty, |body| Self::function(body, Self::START, 0, |_, _| ()))
    }

    /// `give` puts the result on the stack.
    fn function(
        body: &Body,
        itself: u32,
        parameters: u32,
        give: impl FnOnce(&mut InstructionSink<'_>, Number),
    ) -> Function {
        let mut function = Function::new([]);
        let mut code = function.instructions();
        if let Some(pages) = body.grow.pages() {
            code.i32_const(pages.cast_signed()).memory_grow(0).drop();
        }
        match body.end {
            End::Return(number) | End::ReturnToo(number) | End::ReturnAsWell(number) => give(&mut code, number),
            End::Unreachable => {
                code.unreachable();
            }
            End::Spin => {
                code.loop_(wasm_encoder::BlockType::Empty).br(0).end().unreachable();
            }
            End::Recurse => {
                for parameter in 0..parameters {
                    code.local_get(parameter);
                }
                code.call(itself);
            }
        }
        code.end();
        function
    }

    fn number(&self, code: &mut InstructionSink<'_>, number: Number, last_parameter: u32) {
        match number {
            Number::NearEnd(distance) => {
                code.memory_size(0).i32_const(PAGE_BYTES.cast_signed()).i32_mul().i32_const(distance.into()).i32_add()
            }
            Number::First => code.local_get(0),
            Number::Last => code.local_get(last_parameter),
            Number::Exact(number) => code.i32_const(number.cast_signed()),
            Number::Small(number) => code.i32_const(number.into()),
            Number::SegmentOffset(index) => code.i32_const(self.segment(index).map_or(0, |it| it.offset.cast_signed())),
            Number::SegmentLength(index) => code.i32_const(self.segment_length(index).cast_signed()),
        };
    }

    /// The segment with this number, modulo their count.
    #[must_use]
    pub fn segment(&self, index: u8) -> Option<&Segment> {
        let index = usize::from(index).checked_rem(self.segments.len())?;
        self.segments.get(index)
    }

    /// The length of one of the segments.
    #[must_use]
    pub fn segment_length(&self, index: u8) -> u32 {
        self.segment(index).map_or(0, |segment| u32::try_from(segment.bytes.len()).unwrap_or(u32::MAX))
    }
}

impl Growth {
    /// The pages that it asks for, if it asks.
    #[must_use]
    pub fn pages(self) -> Option<u32> {
        match self {
            Self::No => None,
            Self::Little(pages) => Some(pages.into()),
            Self::Any(pages) => Some(pages),
        }
    }
}

fn empty() -> Function {
    let mut function = Function::new([]);
    function.instructions().end();
    function
}
