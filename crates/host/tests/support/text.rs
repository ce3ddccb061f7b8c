//! Long texts in a short form, as in the lists of `fixtures/hostile/`.

use serde::Deserialize;

/// A text, or the pieces of one.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Text {
    Plain(String),
    Pieces(Vec<Piece>),
}

#[derive(Deserialize)]
#[serde(untagged)]
pub enum Piece {
    Text(String),
    Repeat { repeat: Text, times: u32 },
    Bytes { bytes: String },
}

impl Text {
    /// The text. In a repeated piece, `#` is the number of repetitions before.
    pub fn expand(&self) -> String {
        let pieces = match self {
            Self::Plain(text) => return text.clone(),
            Self::Pieces(pieces) => pieces,
        };
        let expand = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Repeat { repeat, times } => {
                let text = repeat.expand();
                (0..*times).map(|index| text.replace('#', &index.to_string())).collect()
            }
            Piece::Bytes { .. } => panic!("WebAssembly's text format is UTF-8"),
        };
        pieces.iter().map(expand).collect()
    }
}

impl Piece {
    /// The number of repetitions, and the repeated text.
    pub fn times_and_bytes(&self) -> (u32, Vec<u8>) {
        match self {
            Self::Text(text) => (1, text.clone().into_bytes()),
            Self::Repeat { repeat, times } => (*times, repeat.expand().into_bytes()),
            Self::Bytes { bytes } => (1, from_hex(bytes)),
        }
    }
}

pub fn from_hex(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}
