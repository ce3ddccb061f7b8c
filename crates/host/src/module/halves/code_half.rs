//! Writing a code half.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::outline::{Global, Outline};
use crate::module::contract::{ALLOC, INITIALIZE};
use crate::module::parts::Obstacle;

/// The most functions of a hook's signature that every plugin with this code exports, so that it does not matter which of them
/// are its hooks. As npm packages have them, `QuickJS` has 31, Postgres 30 and `SQLite` 8. If there are more, the code half has only
/// the plugin's own exports.
const MOST_HOOK_LIKE: usize = 256;

/// Pages of memory up to which nothing in the code depends on how large the memory is. Larger memories share another type.
const SMALL_MEMORY_PAGES: u32 = 16;

const HEADER: &[u8] = b"\0asm\x01\0\0\0";

/// The imported memory: its module and name, both empty, and its kind.
const MEMORY_IMPORT: [u8; 4] = [1, 0, 0, 2];

/// The initial value of a number or a vector: zero of each type, with its end.
const ZEROS: [(u8, &[u8]); 5] = [
    (0x7f, &[0x41, 0, 0x0b]),
    (0x7e, &[0x42, 0, 0x0b]),
    (0x7d, &[0x43, 0, 0, 0, 0, 0x0b]),
    (0x7c, &[0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0x0b]),
    (0x7b, &[0xfd, 0x0c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0b]),
];

const TYPES: u8 = 1;
const IMPORTS: u8 = 2;
const FUNCTIONS: u8 = 3;
const TABLES: u8 = 4;
const GLOBALS: u8 = 6;
const EXPORTS: u8 = 7;
const ELEMENTS: u8 = 9;
const CODE: u8 = 10;
const CUSTOM: u8 = 0;

/// The kinds of exports.
const FUNCTION: u8 = 0;
const GLOBAL: u8 = 3;

/// The name that the code half exports a function under.
pub(crate) fn exported_function(index: u32) -> String {
    index.to_string()
}

/// The name that the code half exports a mutable global under.
pub(crate) fn exported_global(index: u32) -> String {
    format!("g{index}")
}

/// Bytes that are hashed, and put together only if they have to be compiled.
pub(super) type Pieces<'a> = Vec<Cow<'a, [u8]>>;

/// The code half in pieces, and where the content of its code section begins.
pub(super) fn pieces<'a>(outline: &Outline<'a>) -> Result<(Pieces<'a>, usize), Obstacle> {
    let mut pieces = Writing { all: vec![Cow::Borrowed(HEADER)] };
    pieces.section(TYPES, outline.types)?;
    pieces.owned_section(IMPORTS, memory_import(outline))?;
    pieces.section(FUNCTIONS, outline.functions)?;
    if let Some(tables) = outline.tables {
        pieces.section(TABLES, tables)?;
    }
    if !outline.globals.is_empty() {
        pieces.owned_section(GLOBALS, globals(&outline.globals)?)?;
    }
    pieces.owned_section(EXPORTS, exports(outline)?)?;
    if let Some(elements) = outline.elements {
        pieces.section(ELEMENTS, elements)?;
    }
    pieces.section(CODE, outline.code)?;
    let code_begins = pieces.bytes().checked_sub(outline.code.len()).ok_or("it cannot be read")?;
    if let Some(names) = outline.function_names {
        // Backtraces take names from there.
        let content = [b"\x04name\x01", &*leb(length(names)?), names].concat();
        pieces.owned_section(CUSTOM, content)?;
    }
    Ok((pieces.all, code_begins))
}

/// One memory. Its type is the same for all plugins, as far as the code does not depend on it.
fn memory_import(outline: &Outline<'_>) -> Vec<u8> {
    let is_small = outline.memory.maximum.is_some_and(|most| most <= SMALL_MEMORY_PAGES);
    let limits = if is_small { [&[1, 0], &*leb(SMALL_MEMORY_PAGES)].concat() } else { vec![0, 0] };
    [&MEMORY_IMPORT[..], &limits].concat()
}

fn globals(globals: &[Global<'_>]) -> Result<Vec<u8>, Obstacle> {
    let mut content = leb(u32::try_from(globals.len()).map_err(|_| "it is too long")?);
    for Global { bytes, is_zero } in globals {
        match bytes {
            // Its type and that it is mutable, before its value.
            [kind, mutable, ..] if *is_zero => {
                let zero = ZEROS.iter().find(|(of, _)| of == kind).ok_or("it cannot be read")?;
                content.extend([*kind, *mutable]);
                content.extend(zero.1);
            }
            _ => content.extend(*bytes),
        }
    }
    Ok(content)
}

fn exports(outline: &Outline<'_>) -> Result<Vec<u8>, Obstacle> {
    let own = |names: &dyn Fn(&str) -> bool| {
        let exports = outline.exported_functions.iter();
        exports.filter(|(name, _)| names(name)).map(|(_, index)| *index).collect::<Vec<_>>()
    };
    let mut functions: BTreeSet<u32> = own(&|name| name == ALLOC || name == INITIALIZE).into_iter().collect();
    functions.extend(outline.start);
    if outline.hook_like.len() <= MOST_HOOK_LIKE {
        functions.extend(&outline.hook_like);
    } else {
        functions.extend(own(&|_| true).iter().filter(|index| outline.hook_like.binary_search(index).is_ok()));
    }
    let globals: Vec<_> = outline.mutable_globals.iter().map(|global| global.index).collect();
    let count = functions.len().checked_add(globals.len()).and_then(|count| u32::try_from(count).ok());
    let mut content = leb(count.ok_or("it is too long")?);
    let functions = functions.into_iter().map(|index| (exported_function(index), FUNCTION, index));
    for (name, kind, index) in functions.chain(globals.into_iter().map(|at| (exported_global(at), GLOBAL, at))) {
        content.extend(leb(length(name.as_bytes())?));
        content.extend(name.as_bytes());
        content.push(kind);
        content.extend(leb(index));
    }
    Ok(content)
}

struct Writing<'a> {
    all: Pieces<'a>,
}

impl<'a> Writing<'a> {
    fn section(&mut self, id: u8, content: &'a [u8]) -> Result<(), Obstacle> {
        self.header(id, content)?;
        self.all.push(Cow::Borrowed(content));
        Ok(())
    }

    fn owned_section(&mut self, id: u8, content: Vec<u8>) -> Result<(), Obstacle> {
        self.header(id, &content)?;
        self.all.push(Cow::Owned(content));
        Ok(())
    }

    fn header(&mut self, id: u8, content: &[u8]) -> Result<(), Obstacle> {
        self.all.push(Cow::Owned([&[id], &*leb(length(content)?)].concat()));
        Ok(())
    }

    fn bytes(&self) -> usize {
        self.all.iter().map(|piece| piece.len()).fold(0, usize::saturating_add)
    }
}

fn length(content: &[u8]) -> Result<u32, Obstacle> {
    u32::try_from(content.len()).map_err(|_| "it is too long")
}

/// LEB128.
pub(super) fn leb(value: u32) -> Vec<u8> {
    let mut rest = value;
    let mut bytes = Vec::new();
    loop {
        let byte = rest.to_le_bytes()[0] & 0x7f;
        rest >>= 7;
        bytes.push(if rest == 0 { byte } else { byte | 0x80 });
        if rest == 0 {
            return bytes;
        }
    }
}
