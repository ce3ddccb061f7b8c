//! Rewriting a module, with calls instead of long instructions.

use super::outline::{FUNCTION_SECTION, Operation, Outline, Section, TYPE_SECTION};
use super::pieces::{copy_in_pieces, fill_in_pieces};
use crate::module::code_map::CodeMap;

/// `(i32, i32, i32) -> ()`
const TYPE_OF_THREE: [u8; 6] = [0x60, 3, 0x7f, 0x7f, 0x7f, 0];

const CALL: u8 = 0x10;
const NOP: u8 = 0x01;

/// Functions that are added.
const ADDED_FUNCTIONS: u32 = 2;

/// The longest LEB128 of 32 bits.
const MOST_LEB_BYTES: usize = 5;

/// The module with the added functions, and with calls of them instead of fills and copies.
pub(super) fn rewritten(outline: &Outline, bytes: &[u8]) -> Option<(Vec<u8>, CodeMap)> {
    let mut sections: Vec<Section> = outline.sections.iter().copied().collect::<Option<_>>()?;
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
                let kinds = (0..ADDED_FUNCTIONS).flat_map(|_| leb(outline.types, 1));
                (ADDED_FUNCTIONS, items.iter().copied().chain(kinds).collect())
            }
            _ => {
                code_map = write_code(outline, bytes, section, &mut module)?;
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

fn write_code(outline: &Outline, bytes: &[u8], section: Section, module: &mut Vec<u8>) -> Option<CodeMap> {
    let mut map = CodeMap::with_own_functions(outline.functions);
    let mut content = leb(section.items.checked_add(ADDED_FUNCTIONS)?, 1);
    let mut operations = outline.operations.as_slice();
    let mut last_end = items_of(bytes, section)?;
    for body in &outline.bodies {
        let (own, others) = operations.split_at(operations.partition_point(|next| next.begins() < body.ends));
        operations = others;
        let grown = own.iter().map(|operation| growth(outline, operation)).sum::<usize>();
        let length = body.ends.checked_sub(body.begins)?.checked_add(grown)?;
        // As wide as before, so that the code behind it moves no further than necessary.
        let width = body.begins.checked_sub(last_end)?;
        content.extend(leb(u32::try_from(length).ok()?, width));
        map.add(body.begins, content.len());
        let mut copied = body.begins;
        for operation in own {
            content.extend_from_slice(bytes.get(copied..operation.begins())?);
            write_call(outline, operation, &mut content);
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

/// Writes the call that replaces the operation, as long as the operation if it fits.
fn write_call(outline: &Outline, operation: &Operation, code: &mut Vec<u8>) {
    let ends = code.len().saturating_add(usize::from(operation.length));
    code.push(CALL);
    let width = usize::from(operation.length).saturating_sub(1).min(MOST_LEB_BYTES);
    code.extend(leb(function_of(outline, operation), width));
    code.resize(code.len().max(ends), NOP);
}

/// How many bytes longer the call is than the operation: with more than 16,384 functions it does not fit into a fill.
fn growth(outline: &Outline, operation: &Operation) -> usize {
    let call = leb(function_of(outline, operation), 1).len().saturating_add(1);
    call.saturating_sub(usize::from(operation.length))
}

fn function_of(outline: &Outline, operation: &Operation) -> u32 {
    outline.functions.saturating_add(u32::from(operation.instead))
}

/// Where the items of a section begin, after their count.
fn items_of(bytes: &[u8], section: Section) -> Option<usize> {
    let count = bytes.get(section.content..section.ends)?.iter().position(|byte| byte & 0x80 == 0)?;
    section.content.checked_add(count)?.checked_add(1)
}

fn header(id: u8, length: usize, module: &mut Vec<u8>) -> Option<()> {
    module.push(id);
    module.extend(leb(u32::try_from(length).ok()?, 1));
    Some(())
}

/// LEB128 in at least `width` bytes.
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
