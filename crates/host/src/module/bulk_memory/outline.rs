//! What a rewrite needs to know of a module.

use std::ops::Range;

use wasmparser::{
    BinaryReaderError, ElementItems, ElementSectionReader, ExternalKind, FunctionBody, MemoryType, Operator,
    OperatorsReader, Parser, Payload, TypeRef,
};

use super::pieces::PIECE_BYTES;

/// Pages of memory up to which a module stays as it is: filling 1 MiB takes 0.3 ms.
const SMALL_MEMORY_PAGES: u64 = 16;

/// Where the first section of a module begins.
const FIRST_SECTION: usize = 8;

/// The numbers of the sections that are rewritten.
pub(super) const TYPE_SECTION: u8 = 1;
pub(super) const FUNCTION_SECTION: u8 = 3;
pub(super) const CODE_SECTION: u8 = 10;

/// What a rewrite needs to know of a module.
#[derive(Default)]
pub(super) struct Outline {
    pub(super) types: u32,
    pub(super) functions: u32,
    memory: Option<MemoryType>,
    /// The type section, the function section and the code section.
    pub(super) sections: [Option<Section>; 3],
    pub(super) bodies: Vec<Body>,
    pub(super) operations: Vec<Operation>,
}

/// A section that is rewritten: where its header, its content and its end are.
#[derive(Clone, Copy)]
pub(super) struct Section {
    pub(super) id: u8,
    pub(super) begins: usize,
    pub(super) content: usize,
    pub(super) ends: usize,
    pub(super) items: u32,
}

/// A function's code, without its length.
pub(super) struct Body {
    pub(super) begins: usize,
    pub(super) ends: usize,
}

/// A fill or a copy. There may be millions.
pub(super) struct Operation {
    begins: u32,
    pub(super) length: u8,
    /// The index of the added function that does the same.
    pub(super) instead: u8,
}

impl Operation {
    pub(super) fn begins(&self) -> usize {
        self.begins as usize
    }

    pub(super) fn ends(&self) -> usize {
        self.begins().saturating_add(usize::from(self.length))
    }
}

impl Outline {
    /// `None` if the module stays as it is.
    pub(super) fn of(bytes: &[u8]) -> Result<Option<Self>, BinaryReaderError> {
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

    /// Takes a part of the module; `false` if the module stays as it is.
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
            // The only import is the memory of a code half: a plugin with imports is refused.
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let TypeRef::Memory(memory) = import?.ty else { return Ok(false) };
                    self.memory = Some(memory);
                }
                self.memory.is_none_or(may_be_large)
            }
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

    /// Do the functions and types that it names exist?
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
        // The constant that was pushed last: the length of an operation that comes next.
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
            // The compiler has better code for a short one of known length.
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
}

/// Takes a section that may occur once; `false` if it occurred before.
fn take(known: &mut Option<Section>, section: Section) -> bool {
    known.replace(section).is_none()
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
