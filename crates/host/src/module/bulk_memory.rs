//! `memory.fill` and `memory.copy` in pieces, so that a deadline is kept inside of them.
//!
//! wasmtime looks at the clock before such an instruction and not again until it is done: 1 GiB takes most of a second.
//! Where a module's memory can be so large that this matters, each is compiled as the call of a function that is added to
//! the module. It does the same in pieces of [`PIECE_BYTES`], in a loop, and loops are where a guest is stopped.

use std::borrow::Cow;
use std::ops::Range;

use wasm_encoder::{BlockType, Function, InstructionSink};
use wasmparser::{
    BinaryReaderError, ElementItems, ElementSectionReader, ExternalKind, FunctionBody, MemoryType, Operator,
    OperatorsReader, Parser, Payload,
};

use crate::module::code_map::CodeMap;

/// Bytes that are filled or copied between two looks at the clock: 64 pages of the machine's, which take the kernel up to
/// 0.1 ms where the guest touches them first.
const PIECE_BYTES: i32 = 256 * 1_024;

/// Pages of memory up to which a module is left as it is. To fill 1 MiB takes 0.3 ms.
const SMALL_MEMORY_PAGES: u64 = 16;

/// The logarithm of a page's length in bytes.
const PAGE_BYTES_LOG: i64 = 16;

/// Where the first section of a module begins.
const FIRST_SECTION: usize = 8;

/// The numbers of the sections that are written anew.
const TYPE_SECTION: u8 = 1;
const FUNCTION_SECTION: u8 = 3;
const CODE_SECTION: u8 = 10;

/// `(i32, i32, i32) -> ()`
const TYPE_OF_THREE: [u8; 6] = [0x60, 3, 0x7f, 0x7f, 0x7f, 0];

const CALL: u8 = 0x10;
const NOP: u8 = 0x01;

/// Functions that are added.
const ADDED_FUNCTIONS: u32 = 2;

/// The longest LEB128 of 32 bits.
const MOST_LEB_BYTES: usize = 5;

/// A module whose long fills and copies can be stopped, and where the plugin's own code lies in it.
pub(crate) struct Interruptible<'a> {
    pub(crate) bytes: Cow<'a, [u8]>,
    pub(crate) code_map: CodeMap,
}

impl<'a> Interruptible<'a> {
    /// Of a module: itself, where it has nothing to stop. A module that is not valid is left as it is too, for the compiler
    /// to say so: with more functions than it had it might be.
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        match Outline::of(bytes).ok().flatten().and_then(|outline| outline.rewritten(bytes)) {
            Some((bytes, code_map)) => Self { bytes: Cow::Owned(bytes), code_map },
            None => Self { bytes: Cow::Borrowed(bytes), code_map: CodeMap::default() },
        }
    }
}

/// What has to be known of a module before it is written anew.
#[derive(Default)]
struct Outline {
    types: u32,
    functions: u32,
    memory: Option<MemoryType>,
    /// Where the section with the functions' types, theirs and that of the code begin and end, with their headers.
    sections: [Option<Section>; 3],
    bodies: Vec<Body>,
    operations: Vec<Operation>,
}

/// A section that is written anew: where its header, what it counts and its end are.
#[derive(Clone, Copy)]
struct Section {
    id: u8,
    begins: usize,
    content: usize,
    ends: usize,
    items: u32,
}

/// A function's code, behind its length.
struct Body {
    begins: usize,
    ends: usize,
}

/// An instruction that takes as long as its length says. There may be millions.
struct Operation {
    begins: u32,
    length: u8,
    /// Which of the added functions does the same.
    instead: u8,
}

impl Operation {
    fn begins(&self) -> usize {
        self.begins as usize
    }

    fn ends(&self) -> usize {
        self.begins().saturating_add(usize::from(self.length))
    }
}

impl Outline {
    /// `None` where the module is to be left as it is.
    fn of(bytes: &[u8]) -> Result<Option<Self>, BinaryReaderError> {
        let mut outline = Self::default();
        let mut end = FIRST_SECTION;
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload?;
            let begins = end;
            if let Some((_, range)) = payload.as_section() {
                end = range.end;
            }
            if !outline.payload(payload, begins)? {
                return Ok(None);
            }
        }
        let has_any = !outline.operations.is_empty() && outline.memory.is_some_and(may_be_large);
        Ok(has_any.then_some(outline))
    }

    /// Takes a part of the module; `false` where the module is to be left as it is.
    fn payload(&mut self, payload: Payload<'_>, begins: usize) -> Result<bool, BinaryReaderError> {
        let section =
            |id, range: Range<usize>, items| Section { id, begins, content: range.start, ends: range.end, items };
        let [types, functions, code] = &mut self.sections;
        Ok(match payload {
            Payload::TypeSection(items) => {
                self.types = items.count();
                take(types, section(TYPE_SECTION, items.range(), self.types))
            }
            Payload::FunctionSection(items) => {
                self.functions = items.count();
                let is_first = take(functions, section(FUNCTION_SECTION, items.range(), self.functions));
                is_first && all(items, |kind| kind < self.types)?
            }
            // They are refused.
            Payload::ImportSection(imports) => imports.count() == 0,
            Payload::MemorySection(memories) => {
                for memory in memories {
                    self.memory = Some(memory?);
                }
                self.memory.is_some_and(may_be_large)
            }
            Payload::ExportSection(exports) => all(exports, |export| {
                !matches!(export.kind, ExternalKind::Func | ExternalKind::FuncExact) || export.index < self.functions
            })?,
            Payload::StartSection { func, .. } => func < self.functions,
            Payload::GlobalSection(globals) => {
                let mut is_fit = true;
                for global in globals {
                    is_fit &= self.has_functions_of(global?.init_expr.get_operators_reader())?;
                }
                is_fit
            }
            Payload::ElementSection(elements) => self.has_elements(elements)?,
            Payload::CodeSectionStart { count, range, .. } => take(code, section(CODE_SECTION, range, count)),
            Payload::CodeSectionEntry(body) => self.body(&body)?,
            _ => true,
        })
    }

    fn has_elements(&self, elements: ElementSectionReader<'_>) -> Result<bool, BinaryReaderError> {
        for element in elements {
            let is_fit = match element?.items {
                ElementItems::Functions(functions) => all(functions, |function| function < self.functions)?,
                ElementItems::Expressions(_, expressions) => {
                    let mut is_fit = true;
                    for expression in expressions {
                        is_fit &= self.has_functions_of(expression?.get_operators_reader())?;
                    }
                    is_fit
                }
            };
            if !is_fit {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn has_functions_of(&self, operators: OperatorsReader<'_>) -> Result<bool, BinaryReaderError> {
        all(operators, |operator| self.has_what_is_named_by(&operator))
    }

    /// Are the functions and types that it names there?
    fn has_what_is_named_by(&self, operator: &Operator<'_>) -> bool {
        let is_type = |block: &wasmparser::BlockType| match block {
            wasmparser::BlockType::FuncType(index) => *index < self.types,
            wasmparser::BlockType::Empty | wasmparser::BlockType::Type(_) => true,
        };
        match operator {
            Operator::Call { function_index } | Operator::RefFunc { function_index } => {
                *function_index < self.functions
            }
            Operator::CallIndirect { type_index, .. } => *type_index < self.types,
            Operator::Block { blockty } | Operator::Loop { blockty } | Operator::If { blockty } => is_type(blockty),
            _ => true,
        }
    }

    fn body(&mut self, body: &FunctionBody<'_>) -> Result<bool, BinaryReaderError> {
        let range = body.range();
        let mut operators = body.get_operators_reader()?;
        // What was pushed last, where that is a number: the length of an operation that comes next.
        let mut number = None;
        while !operators.eof() {
            let begins = operators.original_position();
            let operator = operators.read()?;
            if !self.has_what_is_named_by(&operator) {
                return Ok(false);
            }
            let instead = match operator {
                Operator::MemoryFill { mem: 0 } => Some(0),
                Operator::MemoryCopy { dst_mem: 0, src_mem: 0 } => Some(1),
                _ => None,
            };
            // The compiler does better by a short one whose length it knows.
            let is_short = number.is_some_and(|length| (0..=PIECE_BYTES).contains(&length));
            if let Some(instead) = instead.filter(|_| !is_short) {
                let length = operators.original_position().saturating_sub(begins);
                let (Ok(begins), Ok(length)) = (u32::try_from(begins), u8::try_from(length)) else {
                    return Ok(false);
                };
                self.operations.push(Operation { begins, length, instead });
            }
            number = if let Operator::I32Const { value } = operator { Some(value) } else { None };
        }
        self.bodies.push(Body { begins: range.start, ends: range.end });
        Ok(true)
    }

    fn rewritten(&self, bytes: &[u8]) -> Option<(Vec<u8>, CodeMap)> {
        let mut sections: Vec<Section> = self.sections.iter().copied().collect::<Option<_>>()?;
        sections.sort_by_key(|section| section.begins);
        let mut code_map = CodeMap::default();
        let mut module = Vec::with_capacity(bytes.len().saturating_add(256));
        let mut copied = 0;
        for section in sections {
            module.extend_from_slice(bytes.get(copied..section.begins)?);
            copied = section.ends;
            let (added, content) = match section.id {
                TYPE_SECTION => (1, [bytes.get(items_of(bytes, section)?..section.ends)?, &TYPE_OF_THREE].concat()),
                FUNCTION_SECTION => {
                    let items = bytes.get(items_of(bytes, section)?..section.ends)?;
                    let kinds = (0..ADDED_FUNCTIONS).flat_map(|_| leb(self.types, 1));
                    (ADDED_FUNCTIONS, items.iter().copied().chain(kinds).collect())
                }
                _ => {
                    code_map = self.write_code(bytes, section, &mut module)?;
                    continue;
                }
            };
            let count = leb(section.items.checked_add(added)?, 1);
            header(section.id, count.len().checked_add(content.len())?, &mut module)?;
            module.extend_from_slice(&count);
            module.extend_from_slice(&content);
        }
        module.extend_from_slice(bytes.get(copied..)?);
        Some((module, code_map))
    }

    fn write_code(&self, bytes: &[u8], section: Section, module: &mut Vec<u8>) -> Option<CodeMap> {
        let mut map = CodeMap::with_own_functions(self.functions);
        let mut content = leb(section.items.checked_add(ADDED_FUNCTIONS)?, 1);
        let mut operations = self.operations.as_slice();
        let mut last_end = items_of(bytes, section)?;
        for body in &self.bodies {
            let (own, others) = operations.split_at(operations.partition_point(|next| next.begins() < body.ends));
            operations = others;
            let grown = own.iter().map(|operation| self.growth(operation)).sum::<usize>();
            let length = body.ends.checked_sub(body.begins)?.checked_add(grown)?;
            // As wide as it was, so that the code behind it moves no further than it must.
            let width = body.begins.checked_sub(last_end)?;
            content.extend(leb(u32::try_from(length).ok()?, width));
            map.add(body.begins, content.len());
            let mut copied = body.begins;
            for operation in own {
                content.extend_from_slice(bytes.get(copied..operation.begins())?);
                self.write_call(operation, &mut content);
                copied = operation.ends();
                map.add(copied, content.len());
            }
            content.extend_from_slice(bytes.get(copied..body.ends)?);
            last_end = body.ends;
        }
        for function in [fill_in_pieces(), copy_in_pieces()] {
            let code = function.into_raw_body();
            content.extend(leb(u32::try_from(code.len()).ok()?, 1));
            content.extend(code);
        }
        header(section.id, content.len(), module)?;
        let map = map.moved_by(isize::try_from(module.len()).ok()?);
        module.extend_from_slice(&content);
        Some(map)
    }

    /// The call of the function that is there instead, as long as the operation where it fits.
    fn write_call(&self, operation: &Operation, code: &mut Vec<u8>) {
        let ends = code.len().saturating_add(usize::from(operation.length));
        code.push(CALL);
        let width = usize::from(operation.length).saturating_sub(1).min(MOST_LEB_BYTES);
        code.extend(leb(self.function_of(operation), width));
        code.resize(code.len().max(ends), NOP);
    }

    /// How many bytes longer the call is than the operation: with more than 16,384 functions a fill has no room for it.
    fn growth(&self, operation: &Operation) -> usize {
        let call = leb(self.function_of(operation), 1).len().saturating_add(1);
        call.saturating_sub(usize::from(operation.length))
    }

    fn function_of(&self, operation: &Operation) -> u32 {
        self.functions.saturating_add(u32::from(operation.instead))
    }
}

/// Takes a section that there may be one of; `false` where there was one.
fn take(place: &mut Option<Section>, section: Section) -> bool {
    place.replace(section).is_none()
}

fn may_be_large(memory: MemoryType) -> bool {
    !memory.memory64 && memory.maximum.is_none_or(|most| most > SMALL_MEMORY_PAGES)
}

fn all<T>(
    items: impl IntoIterator<Item = Result<T, BinaryReaderError>>,
    is_fit: impl Fn(T) -> bool,
) -> Result<bool, BinaryReaderError> {
    for item in items {
        if !is_fit(item?) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Where the items of a section begin, behind their count.
fn items_of(bytes: &[u8], section: Section) -> Option<usize> {
    let count = bytes.get(section.content..section.ends)?.iter().position(|byte| byte & 0x80 == 0)?;
    section.content.checked_add(count)?.checked_add(1)
}

fn header(id: u8, length: usize, module: &mut Vec<u8>) -> Option<()> {
    module.push(id);
    module.extend(leb(u32::try_from(length).ok()?, 1));
    Some(())
}

/// LEB128, in so many bytes at least.
fn leb(value: u32, width: usize) -> Vec<u8> {
    let mut rest = value;
    let mut bytes = Vec::with_capacity(MOST_LEB_BYTES);
    loop {
        let byte = rest.to_le_bytes()[0] & 0x7f;
        rest >>= 7;
        let is_last = rest == 0 && bytes.len().saturating_add(1) >= width;
        bytes.push(if is_last { byte } else { byte | 0x80 });
        if is_last {
            return bytes;
        }
    }
}

/// `(destination, value, length)`, as `memory.fill` takes them.
fn fill_in_pieces() -> Function {
    const DESTINATION: u32 = 0;
    const VALUE: u32 = 1;
    const LENGTH: u32 = 2;
    let mut function = Function::new([]);
    let mut code = function.instructions();
    if_long(&mut code, LENGTH);
    // What ends outside the memory is left to the instruction itself, which then traps and writes nothing.
    is_inside(&mut code, DESTINATION, LENGTH);
    code.if_(BlockType::Empty);
    code.loop_(BlockType::Empty);
    code.local_get(DESTINATION).local_get(VALUE).i32_const(PIECE_BYTES).memory_fill(0);
    step(&mut code, DESTINATION);
    shorten_and_repeat(&mut code, LENGTH);
    code.end();
    code.end();
    code.end();
    code.local_get(DESTINATION).local_get(VALUE).local_get(LENGTH).memory_fill(0);
    code.end();
    function
}

/// `(destination, source, length)`, as `memory.copy` takes them. Where the two overlap, it begins at the end that is not
/// read again.
fn copy_in_pieces() -> Function {
    const DESTINATION: u32 = 0;
    const SOURCE: u32 = 1;
    const LENGTH: u32 = 2;
    let mut function = Function::new([]);
    let mut code = function.instructions();
    if_long(&mut code, LENGTH);
    is_inside(&mut code, DESTINATION, LENGTH);
    is_inside(&mut code, SOURCE, LENGTH);
    code.i32_and();
    code.if_(BlockType::Empty);
    code.local_get(DESTINATION).local_get(SOURCE).i32_le_u();
    code.if_(BlockType::Empty);
    code.loop_(BlockType::Empty);
    code.local_get(DESTINATION).local_get(SOURCE).i32_const(PIECE_BYTES).memory_copy(0, 0);
    step(&mut code, DESTINATION);
    step(&mut code, SOURCE);
    shorten_and_repeat(&mut code, LENGTH);
    code.end();
    code.else_();
    code.loop_(BlockType::Empty);
    code.local_get(LENGTH).i32_const(PIECE_BYTES).i32_sub().local_set(LENGTH);
    code.local_get(DESTINATION).local_get(LENGTH).i32_add();
    code.local_get(SOURCE).local_get(LENGTH).i32_add();
    code.i32_const(PIECE_BYTES).memory_copy(0, 0);
    code.local_get(LENGTH).i32_const(PIECE_BYTES).i32_gt_u().br_if(0);
    code.end();
    code.end();
    code.end();
    code.end();
    code.local_get(DESTINATION).local_get(SOURCE).local_get(LENGTH).memory_copy(0, 0);
    code.end();
    function
}

fn if_long(code: &mut InstructionSink<'_>, length: u32) {
    code.local_get(length).i32_const(PIECE_BYTES).i32_gt_u();
    code.if_(BlockType::Empty);
}

/// Does a range that begins there lie within the memory?
fn is_inside(code: &mut InstructionSink<'_>, begins: u32, length: u32) {
    code.local_get(begins).i64_extend_i32_u().local_get(length).i64_extend_i32_u().i64_add();
    code.memory_size(0).i64_extend_i32_u().i64_const(PAGE_BYTES_LOG).i64_shl();
    code.i64_le_u();
}

fn step(code: &mut InstructionSink<'_>, place: u32) {
    code.local_get(place).i32_const(PIECE_BYTES).i32_add().local_set(place);
}

fn shorten_and_repeat(code: &mut InstructionSink<'_>, length: u32) {
    code.local_get(length).i32_const(PIECE_BYTES).i32_sub().local_tee(length);
    code.i32_const(PIECE_BYTES).i32_gt_u().br_if(0);
}
