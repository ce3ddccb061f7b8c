//! The tokens of valid JSON text in order, without building a tree.

use memchr::memchr2;

/// Bytes of a string that are compared one by one.
const SHORT: usize = 16;

/// The beginning or end of a value or key. Commas, colons and white space are skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// The beginning of an array or an object.
    Open,
    /// The end of an array or an object.
    Close,
    /// A key as it is written, with quotes and escapes.
    Key(&'a str),
    /// A string value as it is written.
    String(&'a str),
    /// A number, `true`, `false` or `null`.
    Scalar,
}

/// Reads tokens. For text that is not JSON it gives arbitrary tokens, but ends.
#[derive(Debug, Clone)]
pub(crate) struct Tokens<'a> {
    json: &'a str,
    at: usize,
}

#[expect(clippy::inline_always, reason = "without it the compiler inlines none of them, and a scan takes 50% longer")]
impl<'a> Tokens<'a> {
    pub(crate) fn of(json: &'a str) -> Self {
        Self { json, at: 0 }
    }

    /// The string that starts at this quote.
    #[inline(always)]
    fn string(&mut self, start: usize) -> Token<'a> {
        let bytes = self.json.as_bytes();
        let end = self.end_of_string();
        let text = self.json.get(start..end).unwrap_or_default();
        self.at = end;
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = bytes.get(self.at) {
            self.at = self.at.saturating_add(1);
        }
        if bytes.get(self.at) == Some(&b':') { Token::Key(text) } else { Token::String(text) }
    }

    /// The end of the string whose opening quote is before `at`.
    #[inline(always)]
    fn end_of_string(&self) -> usize {
        let bytes = self.json.as_bytes();
        let mut at = self.at;
        // Most keys are too short for a search to pay off.
        let near = at.saturating_add(SHORT);
        while at < near {
            match bytes.get(at) {
                Some(b'"') => return at.saturating_add(1),
                Some(b'\\') => at = at.saturating_add(2),
                Some(_) => at = at.saturating_add(1),
                None => return bytes.len(),
            }
        }
        while let Some(found) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
            at = at.saturating_add(found);
            if bytes.get(at) == Some(&b'"') {
                return at.saturating_add(1);
            }
            at = at.saturating_add(2);
        }
        bytes.len()
    }

    /// Goes to the end of the number or word that `at` is in.
    #[inline(always)]
    fn skip_word(&mut self) {
        let bytes = self.json.as_bytes();
        while bytes.get(self.at).is_some_and(|byte| Class::of(*byte) == Class::Word) {
            self.at = self.at.saturating_add(1);
        }
    }
}

#[expect(clippy::inline_always, reason = "as above")]
impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let start = self.at;
            let byte = *self.json.as_bytes().get(start)?;
            self.at = start.saturating_add(1);
            match Class::of(byte) {
                Class::Open => return Some(Token::Open),
                Class::Close => return Some(Token::Close),
                Class::Quote => return Some(self.string(start)),
                Class::Between => {}
                Class::Word => {
                    self.skip_word();
                    return Some(Token::Scalar);
                }
            }
        }
    }
}

/// What a byte outside a string means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Open,
    Close,
    Quote,
    /// White space, a comma, a colon.
    Between,
    /// Part of a number or a word.
    Word,
}

impl Class {
    /// By byte: a lookup is faster than comparisons.
    #[expect(clippy::indexing_slicing, reason = "it is evaluated at compile time")]
    const TABLE: [Self; 256] = {
        let mut table = [Self::Word; 256];
        table[b'[' as usize] = Self::Open;
        table[b'{' as usize] = Self::Open;
        table[b']' as usize] = Self::Close;
        table[b'}' as usize] = Self::Close;
        table[b'"' as usize] = Self::Quote;
        table[b',' as usize] = Self::Between;
        table[b':' as usize] = Self::Between;
        table[b' ' as usize] = Self::Between;
        table[b'\t' as usize] = Self::Between;
        table[b'\n' as usize] = Self::Between;
        table[b'\r' as usize] = Self::Between;
        table
    };

    fn of(byte: u8) -> Self {
        Self::TABLE.get(usize::from(byte)).copied().unwrap_or(Self::Word)
    }
}

#[cfg(test)]
mod tests {
    use super::Token::{Close, Key, Open, Scalar, String};
    use super::Tokens;

    #[test]
    fn every_kind_of_value_is_a_token_and_separators_are_not() {
        let json = "{ \"a\" : [ 1, -2.5e3 ,true,null],\"b\":{},\n\"c\":\"d\" }";
        let tokens = [
            Open,
            Key("\"a\""),
            Open,
            Scalar,
            Scalar,
            Scalar,
            Scalar,
            Close,
            Key("\"b\""),
            Open,
            Close,
            Key("\"c\""),
            String("\"d\""),
            Close,
        ];
        assert_eq!(Tokens::of(json).collect::<Vec<_>>(), tokens);
    }

    #[test]
    fn a_string_ends_at_the_first_quote_that_is_not_escaped() {
        for string in [r#""""#, r#""\"""#, r#""\\""#, r#""\\\"[{""#, r#""é\u0022😀\\""#] {
            let json = format!("[{string},{string}]");
            let tokens: Vec<_> = Tokens::of(&json).collect();
            assert_eq!(tokens, [Open, String(string), String(string), Close], "{json}");
        }
    }

    #[test]
    fn reading_text_that_is_not_json_ends() {
        for text in ["\"", "\"\\", "\"a\" ", "[\"é\\", "tru", "}{", ""] {
            assert!(Tokens::of(text).count() <= text.len(), "{text}");
        }
    }
}
