//! Reads JSON text once, and only if it is valid and harmless.

use crate::json::harmless::spells_proto;
use crate::json::levels::{Container, Levels};
use crate::json::parse_cost::Tally;
use crate::json::patience::{Patience, STRIDE};
use crate::json::special::{WORD, first_special};

/// Goes through JSON text from the beginning. Each method returns `None` where the text is not valid JSON, or is not
/// [harmless](crate::json::harmless). It does not say which and where: a caller that must say it reads the text again.
#[derive(Clone)]
pub(crate) struct Reader<'a> {
    text: &'a str,
    rest: &'a [u8],
    /// What was read so far.
    pub(crate) tally: Tally,
    /// The levels of the most deeply nested value that was read with `value`.
    pub(crate) deepest: u32,
    patience: Option<&'a Patience<'a>>,
    /// When so many bytes are left, it is time to look at the clock. 0 is never.
    checkpoint: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        let rest = text.as_bytes();
        Self { text, rest, tally: Tally::default(), deepest: 0, patience: None, checkpoint: 0 }
    }

    /// A reader that also returns `None` when the patience has ended.
    pub(crate) fn timed(text: &'a str, patience: &'a Patience<'a>) -> Self {
        let first = text.len().min(STRIDE);
        // If that ends it, the caller learns it at the next look.
        let _ = patience.spend(first);
        Self { patience: Some(patience), checkpoint: text.len().saturating_sub(first), ..Self::of(text) }
    }

    /// How many values a harmless text has.
    pub(crate) fn harmless_tally(text: &'a str) -> Option<Tally> {
        let mut reader = Self::of(text);
        reader.value()?;
        reader.end()?;
        Some(reader.tally)
    }

    /// Reads an object and hands each key, as it is written, to `member`, which must read the value.
    pub(crate) fn object(&mut self, mut member: impl FnMut(&mut Self, &'a str) -> Option<()>) -> Option<()> {
        self.open(b'{')?;
        if self.next_is(b'}') {
            return Some(());
        }
        loop {
            let key = self.key()?;
            member(self, key)?;
            match self.after_blanks()? {
                b',' => {}
                b'}' => return Some(()),
                _ => return None,
            }
        }
    }

    /// Reads an array and calls `item` for each item, which must read the value.
    pub(crate) fn array(&mut self, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.open(b'[')?;
        if self.next_is(b']') {
            return Some(());
        }
        loop {
            item(self)?;
            match self.after_blanks()? {
                b',' => {}
                b']' => return Some(()),
                _ => return None,
            }
        }
    }

    /// Nothing may follow but white space.
    pub(crate) fn end(&mut self) -> Option<()> {
        self.skip_blanks();
        self.rest.is_empty().then_some(())
    }

    /// Reads any value, and returns its text.
    pub(crate) fn value(&mut self) -> Option<&'a str> {
        self.skip_blanks();
        let start = self.at();
        let mut levels = Levels::default();
        loop {
            self.keep_time()?;
            // At the beginning of a value.
            match self.after_blanks()? {
                b'{' => {
                    self.tally.containers = self.tally.containers.saturating_add(1);
                    levels.open(Container::Object)?;
                    if !self.next_is(b'}') {
                        self.key()?;
                        continue;
                    }
                    levels.close();
                }
                b'[' => {
                    self.tally.containers = self.tally.containers.saturating_add(1);
                    levels.open(Container::Array)?;
                    if !self.next_is(b']') {
                        continue;
                    }
                    levels.close();
                }
                b'"' => {
                    self.tally.strings = self.tally.strings.saturating_add(1);
                    self.rest_of_string()?;
                }
                first => {
                    self.tally.scalars = self.tally.scalars.saturating_add(1);
                    self.rest_of_scalar(first)?;
                }
            }
            // At the end of a value.
            while let Some(container) = levels.innermost() {
                match (self.after_blanks()?, container) {
                    (b',', Container::Object) => {
                        self.key()?;
                        break;
                    }
                    (b',', Container::Array) => break,
                    (b'}', Container::Object) | (b']', Container::Array) => levels.close(),
                    _ => return None,
                }
            }
            if levels.innermost().is_none() {
                self.deepest = self.deepest.max(levels.deepest());
                return self.text.get(start..self.at());
            }
        }
    }

    /// Reads a key and its colon. Returns the key as it is written, in quotes.
    fn key(&mut self) -> Option<&'a str> {
        self.skip_blanks();
        let start = self.at();
        self.take(b'"')?;
        let is_plain = self.rest_of_string()?;
        let key = self.text.get(start..self.at())?;
        if (!is_plain || key.as_bytes().get(1) == Some(&b'_')) && spells_proto(key) {
            return None;
        }
        self.tally.keys = self.tally.keys.saturating_add(1);
        self.skip_blanks();
        self.take(b':')?;
        Some(key)
    }

    /// Goes behind the string whose opening quote was read. Returns whether it has no escapes.
    fn rest_of_string(&mut self) -> Option<bool> {
        let mut is_plain = true;
        loop {
            self.keep_time()?;
            for _ in 0..STRIDE.div_euclid(WORD) {
                let Some((word, rest)) = self.rest.split_first_chunk::<WORD>() else { break };
                let special = first_special(*word);
                if special < WORD {
                    self.rest = self.rest.get(special..)?;
                    break;
                }
                self.rest = rest;
            }
            match self.next()? {
                b'"' => return Some(is_plain),
                b'\\' => {
                    is_plain = false;
                    self.rest_of_escape()?;
                }
                0..0x20 => return None,
                _ => {}
            }
        }
    }

    fn rest_of_escape(&mut self) -> Option<()> {
        match self.next()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => {
                let (digits, rest) = self.rest.split_first_chunk::<4>()?;
                self.rest = rest;
                digits.iter().all(u8::is_ascii_hexdigit).then_some(())
            }
            _ => None,
        }
    }

    /// Goes behind the number or word that begins with this byte.
    fn rest_of_scalar(&mut self, first: u8) -> Option<()> {
        match first {
            b't' => self.word(b"rue"),
            b'f' => self.word(b"alse"),
            b'n' => self.word(b"ull"),
            b'-' => self.next().and_then(|first| self.rest_of_number(first)),
            _ => self.rest_of_number(first),
        }
    }

    fn word(&mut self, rest: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(rest)?;
        Some(())
    }

    fn rest_of_number(&mut self, first: u8) -> Option<()> {
        match first {
            b'0' => {}
            b'1'..=b'9' => self.skip_digits()?,
            _ => return None,
        }
        if self.take(b'.').is_some() {
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.rest.first() {
            self.next()?;
            if let Some(b'+' | b'-') = self.rest.first() {
                self.next()?;
            }
            self.digits()?;
        }
        Some(())
    }

    /// Skips one digit or more.
    fn digits(&mut self) -> Option<()> {
        self.next().filter(u8::is_ascii_digit)?;
        self.skip_digits()
    }

    fn skip_digits(&mut self) -> Option<()> {
        while let Some((b'0'..=b'9', rest)) = self.rest.split_first() {
            self.rest = rest;
            self.keep_time()?;
        }
        Some(())
    }

    /// Stops early if the patience has ended. No value begins with the white space that is left then.
    fn skip_blanks(&mut self) {
        while let Some((b' ' | b'\n' | b'\r' | b'\t', rest)) = self.rest.split_first() {
            self.rest = rest;
            if self.keep_time().is_none() {
                return;
            }
        }
    }

    fn after_blanks(&mut self) -> Option<u8> {
        self.skip_blanks();
        self.next()
    }

    /// Is this the next byte but for white space?
    pub(crate) fn is_at(&mut self, byte: u8) -> bool {
        self.skip_blanks();
        self.rest.first() == Some(&byte)
    }

    fn open(&mut self, bracket: u8) -> Option<()> {
        self.skip_blanks();
        self.take(bracket)?;
        self.tally.containers = self.tally.containers.saturating_add(1);
        Some(())
    }

    /// Is this the next byte but for white space? Then it is read.
    fn next_is(&mut self, byte: u8) -> bool {
        self.skip_blanks();
        self.take(byte).is_some()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        self.rest = self.rest.strip_prefix(&[byte])?;
        Some(())
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    /// `None` if the patience has ended.
    fn keep_time(&mut self) -> Option<()> {
        if self.rest.len() < self.checkpoint {
            self.checkpoint = self.rest.len().saturating_sub(STRIDE);
            self.patience?.spend(STRIDE)?;
        }
        Some(())
    }

    fn at(&self) -> usize {
        self.text.len().saturating_sub(self.rest.len())
    }
}
