//! The module of a case: a file with its placeholders filled in, or bytes.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use serde::Deserialize;

use crate::support::fixture_path;
use crate::support::text::{Piece, Text, from_hex};

/// The columns of a case that describe its module.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Guest {
    file: Option<String>,
    #[serde(default)]
    with: BTreeMap<String, Text>,
    answer: Option<Vec<Piece>>,
    module: Option<String>,
    #[serde(default)]
    function_names: BTreeMap<String, Vec<Piece>>,
}

impl Guest {
    /// The module's bytes. `name` is the case's.
    pub fn module(&self, name: &str) -> Vec<u8> {
        if let Some(module) = &self.module {
            return from_hex(module);
        }
        let file = self.file.as_deref().unwrap_or("answers.wat");
        let source = fs::read_to_string(fixture_path(&format!("hostile/{file}")).with_extension("")).unwrap();
        let source = fill_in(&source, |name| match (name, &self.answer) {
            ("PIECES", Some(answer)) => Some(program(answer)),
            _ => self.with.get(name).map(Text::expand),
        });
        let mut module = wat::parse_str(source).unwrap_or_else(|error| panic!("{name}: {error}"));
        if !self.function_names.is_empty() {
            module.extend(name_section(&self.function_names));
        }
        module
    }
}

/// A guest's source with `{{NAME}}` and `{{NAME|default}}` filled in.
fn fill_in(source: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::new();
    let mut rest = source;
    while let Some((before, hole)) = rest.split_once("{{") {
        let (hole, after) = hole.split_once("}}").unwrap();
        let (name, default) = hole.split_once('|').map_or((hole, None), |(name, default)| (name, Some(default)));
        filled += before;
        filled += &value(name).or(default.map(str::to_owned)).unwrap_or_else(|| panic!("no value for {name}"));
        rest = after;
    }
    filled + rest
}

/// What `answers.wat` reads, as the text of a data segment.
fn program(pieces: &[Piece]) -> String {
    let mut program = String::new();
    for piece in pieces {
        let (times, bytes) = piece.times_and_bytes();
        let length = u32::try_from(bytes.len()).unwrap();
        for byte in times.to_le_bytes().into_iter().chain(length.to_le_bytes()).chain(bytes) {
            write!(program, "\\{byte:02x}").unwrap();
        }
    }
    program
}

/// A custom section that names functions by their index.
fn name_section(names: &BTreeMap<String, Vec<Piece>>) -> Vec<u8> {
    let mut map = leb128(names.len());
    for (index, pieces) in names {
        let name = pieces.iter().flat_map(|piece| {
            let (times, bytes) = piece.times_and_bytes();
            bytes.repeat(times as usize)
        });
        map.extend(leb128(index.parse().unwrap()));
        map.extend(with_length(name.collect()));
    }
    let mut section = with_length(b"name".to_vec());
    section.push(1);
    section.extend(with_length(map));
    [vec![0], with_length(section)].concat()
}

fn with_length(bytes: Vec<u8>) -> Vec<u8> {
    [leb128(bytes.len()), bytes].concat()
}

#[expect(clippy::cast_possible_truncation, reason = "seven bits at a time")]
fn leb128(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}
