//! What `JSON.parse` is going to cost, estimated before the event loop is held up by it.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use crate::json_tokens::Token;

/// An array or an object, to be allocated and soon looked at by the garbage collector.
const CONTAINER: u64 = 8;

/// A short string that has not been seen before. V8 looks up each of at most ten characters in its table of strings.
const NEW_STRING: u64 = 11;

/// A key that no object before had behind the same keys: V8 makes a new shape (a "hidden class") for it.
const NEW_KEY: u64 = 40;

/// A key that is an index: V8 makes room for all the indices before it, in each object anew.
const INDEX: u64 = 20;

/// Anything else.
const VALUE: u64 = 1;

/// Longest text of a string of ten characters, quotes included: each of them as `\uXXXX`.
const SHORT_STRING_BYTES: usize = 62;

/// Most that a byte of JSON can cost: a member of an object takes five bytes at least, `"":0,`.
const MOST_PER_BYTE: u64 = 10;

/// What is left of the cost that a result may have. The unit is one number, about 20 ns.
pub(crate) struct ParseCost {
    left: u64,
    hasher: RandomState,
    /// Hashes of short strings, and of keys together with those before them in their object.
    seen: HashSet<u64>,
    /// For each array and object that is open, the hash of its keys up to here.
    open: Vec<u64>,
}

impl ParseCost {
    /// A count for texts of this length together; `None` where they are too short to exceed the limit, as most are.
    pub(crate) fn within(limit: u64, bytes: usize) -> Option<Self> {
        let most = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_mul(MOST_PER_BYTE);
        (most > limit).then(|| Self { left: limit, hasher: RandomState::new(), seen: HashSet::new(), open: Vec::new() })
    }

    /// Counts a token; `false` where that is too much.
    pub(crate) fn add(&mut self, token: Token<'_>) -> bool {
        let cost = match token {
            Token::Open => {
                self.open.push(0);
                CONTAINER
            }
            Token::Close => {
                self.open.pop();
                0
            }
            Token::Key(key) => self.key(key),
            Token::String(string) if string.len() <= SHORT_STRING_BYTES => {
                if self.seen.insert(self.hasher.hash_one(string)) { NEW_STRING } else { VALUE }
            }
            Token::String(_) | Token::Scalar => VALUE,
        };
        match self.left.checked_sub(cost) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }

    fn key(&mut self, key: &str) -> u64 {
        let Some(before) = self.open.last_mut() else {
            return VALUE;
        };
        let hash = self.hasher.hash_one((*before, key));
        *before = hash;
        if self.seen.insert(hash) {
            NEW_KEY
        } else if is_index(key) {
            INDEX
        } else {
            VALUE
        }
    }
}

/// Is this key, as JSON writes it, a number to V8? One with escapes may be, and counts as one.
fn is_index(key: &str) -> bool {
    key.len() > 2 && key.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'"')) || key.contains("\\u003")
}

#[cfg(test)]
mod tests {
    use super::{CONTAINER, INDEX, MOST_PER_BYTE, NEW_KEY, NEW_STRING, ParseCost, VALUE};
    use crate::json_tokens::Tokens;

    const LIMIT: u64 = 1_000_000;

    fn cost(json: &str) -> u64 {
        let mut cost = ParseCost::within(LIMIT, usize::MAX).unwrap();
        assert!(Tokens::of(json).all(|token| cost.add(token)));
        LIMIT - cost.left
    }

    #[test]
    fn what_is_new_costs_more_than_what_comes_again() {
        let long = format!("\"{}\"", "x".repeat(100));
        for (json, expected) in [
            ("7", VALUE),
            ("[]", CONTAINER),
            ("[[],1,true]", 2 * CONTAINER + 2 * VALUE),
            (r#"["a","a","b"]"#, CONTAINER + 2 * NEW_STRING + VALUE),
            (r#"{"a":1}"#, CONTAINER + NEW_KEY + VALUE),
            (r#"[{"a":1,"b":2},{"a":3,"b":4}]"#, 3 * CONTAINER + 2 * NEW_KEY + 6 * VALUE),
            // The same keys in another order are another shape.
            (r#"[{"a":1,"b":2},{"b":3,"a":4}]"#, 3 * CONTAINER + 4 * NEW_KEY + 4 * VALUE),
            // An object inside another leaves the shape of the outer one alone.
            (r#"[{"a":{},"b":2},{"a":{},"b":2}]"#, 5 * CONTAINER + 2 * NEW_KEY + 4 * VALUE),
            // V8 keeps those by their number, in a list.
            (r#"[{"35":0},{"35":0}]"#, 3 * CONTAINER + NEW_KEY + INDEX + 2 * VALUE),
            (r#"[{"\u0033":0},{"\u0033":0}]"#, 3 * CONTAINER + NEW_KEY + INDEX + 2 * VALUE),
            (&long, VALUE),
        ] {
            assert_eq!(cost(json), expected, "{json}");
        }
    }

    #[test]
    fn no_text_costs_more_than_its_length_allows() {
        let wide = format!("{{{}\"\":0}}", (0..9).map(|key| format!("\"{key}\":0,")).collect::<String>());
        let deep = format!("{}0{}", "{\"\":".repeat(100), "}".repeat(100));
        for json in ["{\"\":0}", "{\"\":{}}", "[]", "[[]]", "\"\"", "[\"\",\"a\"]", &wide, &deep] {
            assert!(cost(json) <= json.len() as u64 * MOST_PER_BYTE, "{json}");
        }
    }

    #[test]
    fn what_is_too_short_to_exceed_the_limit_is_not_counted() {
        assert!(ParseCost::within(100, 10).is_none());
        assert!(ParseCost::within(100, 11).is_some());
    }

    #[test]
    fn the_count_ends_where_nothing_is_left() {
        let mut cost = ParseCost::within(CONTAINER + 2 * VALUE, 9).unwrap();
        let taken = Tokens::of("[1,2,3,4]").take_while(|token| cost.add(*token)).count();
        assert_eq!(taken, 3);
    }
}
