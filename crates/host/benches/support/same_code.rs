//! Plugins of the same code and with different data, as those of a JavaScript engine are.

use wasm_encoder::{ConstExpr, Encode, RawSection, Section};
use wasmparser::{Parser, Payload};

const PAGE: usize = 65_536;

/// The plugin with its functions repeated until they have about so many bytes, and with data of its own behind its memory. The copies
/// call the originals, so every one is valid as it is.
pub fn plugin(module: &[u8], code_bytes: usize, data_bytes: usize, number: u64) -> Vec<u8> {
    let payloads = || Parser::new(0).parse_all(module).map(Result::unwrap);
    let code = payloads().find_map(|payload| match payload {
        Payload::CodeSectionStart { range, .. } => Some(range.len()),
        _ => None,
    });
    let copies = code_bytes.div_ceil(code.unwrap()).max(1);
    let memory = payloads().find_map(|payload| match payload {
        Payload::MemorySection(memories) => memories.into_iter().next(),
        _ => None,
    });
    let pages = usize::try_from(memory.unwrap().unwrap().initial).unwrap();
    let mut made = b"\0asm\x01\0\0\0".to_vec();
    for payload in payloads() {
        let Some((id, range)) = payload.as_section() else { continue };
        let content = &module[range];
        match payload {
            // Names of functions that are told apart by nothing else.
            Payload::CustomSection(_) => {}
            Payload::FunctionSection(_) | Payload::CodeSectionStart { .. } => {
                let (count, items) = list(content);
                section(&mut made, id, &[leb(count * copies), items.repeat(copies)].concat());
            }
            Payload::MemorySection(_) => {
                section(&mut made, id, &[vec![1, 0], leb(pages + data_bytes.div_ceil(PAGE))].concat());
            }
            Payload::DataSection(_) if data_bytes > 0 => {
                let (count, items) = list(content);
                let mut head = vec![0];
                ConstExpr::i32_const(i32::try_from(pages * PAGE).unwrap()).encode(&mut head);
                let data = [leb(count + 1), items.to_vec(), head, leb(data_bytes), noise(data_bytes, number)].concat();
                section(&mut made, id, &data);
            }
            _ => section(&mut made, id, content),
        }
    }
    made
}

/// The same bytes for the same number (xorshift).
fn noise(length: usize, number: u64) -> Vec<u8> {
    let mut random = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let bytes = (0..length).map(|_| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random.to_be_bytes()[0]
    });
    bytes.collect()
}

fn section(module: &mut Vec<u8>, id: u8, data: &[u8]) {
    RawSection { id, data }.append_to(module);
}

/// The number of items in a section, and their bytes.
fn list(content: &[u8]) -> (usize, &[u8]) {
    let digits = content.iter().take_while(|byte| **byte >= 0x80).count() + 1;
    let (number, items) = content.split_at(digits);
    (number.iter().rev().fold(0, |value, byte| value << 7 | usize::from(byte & 0x7f)), items)
}

fn leb(value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    value.encode(&mut bytes);
    bytes
}
