//! The cost of `JSON.parse`, estimated before it blocks the event loop.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use crate::json::tokens::Token;

/// An array or an object, which is allocated and soon visited by the garbage collector.
const CONTAINER: u64 = 8;

/// A short string that did not occur before. V8 looks up each string of at most ten characters in its string table.
const NEW_STRING: u64 = 11;

/// A key that no earlier object had after the same keys: V8 makes a new shape (a "hidden class") for it.
const NEW_KEY: u64 = 40;

/// A key that is an index: in each object V8 makes room for all smaller indices.
const INDEX: u64 = 20;

/// A repeated key in an object with more than [`WIDE_KEYS`]: following its shape takes longer with each key.
const WIDE_KEY: u64 = 6;

/// A repeated key in an object with more than [`DICTIONARY_KEYS`]: V8 moves the whole object into a hash table.
const DICTIONARY_KEY: u64 = 20;

// A tally takes each key and each string for the costliest kind.
const _: () = assert!(NEW_KEY >= INDEX && NEW_KEY >= WIDE_KEY && NEW_KEY >= DICTIONARY_KEY && NEW_STRING >= VALUE);

/// The number of keys, repeated ones included, after which an object is wide.
const WIDE_KEYS: usize = 64;

/// The number of keys after which V8 keeps an object as a dictionary.
const DICTIONARY_KEYS: usize = 1_000;

/// Anything else.
const VALUE: u64 = 1;

/// The longest text of a string of ten characters: each as `\uXXXX`, and two quotes.
const SHORT_STRING_BYTES: usize = 62;

/// The most that a byte of JSON can cost: a member of an object takes at least five bytes, `"":0,`.
const MOST_PER_BYTE: u64 = 10;

/// How many values of each kind a text has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) containers: u64,
    pub(crate) keys: u64,
    pub(crate) strings: u64,
    pub(crate) scalars: u64,
}

impl Tally {
    /// That of two texts together.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            containers: self.containers.saturating_add(other.containers),
            keys: self.keys.saturating_add(other.keys),
            strings: self.strings.saturating_add(other.strings),
            scalars: self.scalars.saturating_add(other.scalars),
        }
    }

    /// The most that the text can cost: what it costs if every key and every string is new.
    pub(crate) fn most(&self) -> u64 {
        let Self { containers, keys, strings, scalars } = *self;
        [(containers, CONTAINER), (keys, NEW_KEY), (strings, NEW_STRING), (scalars, VALUE)]
            .into_iter()
            .fold(0, |sum, (count, cost)| sum.saturating_add(count.saturating_mul(cost)))
    }
}

/// What is left of a result's limit. The unit is one number, about 20 ns.
pub(crate) struct ParseCost {
    left: u64,
    hasher: RandomState,
    /// Hashes of short strings, and of keys with the keys before them in their object.
    seen: HashSet<u64>,
    /// The arrays and objects that are open.
    open: Vec<Open>,
}

/// An array or an object that is open.
#[derive(Default)]
struct Open {
    /// The hash of its keys so far.
    hash: u64,
    /// The number of its keys so far.
    keys: usize,
}

impl ParseCost {
    /// A count for texts of this total length; `None` if they are too short to exceed the limit, as most are.
    pub(crate) fn within(limit: u64, bytes: usize) -> Option<Self> {
        let most = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_mul(MOST_PER_BYTE);
        (most > limit).then(|| Self { left: limit, hasher: RandomState::new(), seen: HashSet::new(), open: Vec::new() })
    }

    /// Counts a token; `false` if that exceeds the limit.
    pub(crate) fn add(&mut self, token: Token<'_>) -> bool {
        let cost = match token {
            Token::Open => {
                self.open.push(Open::default());
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
        let Some(open) = self.open.last_mut() else {
            return VALUE;
        };
        open.hash = self.hasher.hash_one((open.hash, key));
        open.keys = open.keys.saturating_add(1);
        if self.seen.insert(open.hash) {
            NEW_KEY
        } else if is_index(key) {
            INDEX
        } else if open.keys > DICTIONARY_KEYS {
            DICTIONARY_KEY
        } else if open.keys > WIDE_KEYS {
            WIDE_KEY
        } else {
            VALUE
        }
    }
}

/// Is this key, as JSON writes it, an index for V8? A key with an escaped digit counts as one.
fn is_index(key: &str) -> bool {
    key.len() > 2 && key.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'"')) || key.contains("\\u003")
}

#[cfg(test)]
mod tests {
    use super::{
        CONTAINER, DICTIONARY_KEY, DICTIONARY_KEYS, INDEX, MOST_PER_BYTE, NEW_KEY, NEW_STRING, ParseCost, VALUE,
        WIDE_KEY, WIDE_KEYS,
    };
    use crate::json::tokens::Tokens;

    const LIMIT: u64 = 1_000_000;

    fn cost(json: &str) -> u64 {
        let mut cost = ParseCost::within(LIMIT, usize::MAX).unwrap();
        assert!(Tokens::of(json).all(|token| cost.add(token)));
        LIMIT - cost.left
    }

    #[test]
    fn new_keys_and_strings_cost_more_than_repeated_ones() {
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
            // An inner object does not change the shape of the outer one.
            (r#"[{"a":{},"b":2},{"a":{},"b":2}]"#, 5 * CONTAINER + 2 * NEW_KEY + 4 * VALUE),
            // V8 keeps these in a list, by their number.
            (r#"[{"35":0},{"35":0}]"#, 3 * CONTAINER + NEW_KEY + INDEX + 2 * VALUE),
            (r#"[{"\u0033":0},{"\u0033":0}]"#, 3 * CONTAINER + NEW_KEY + INDEX + 2 * VALUE),
            (&long, VALUE),
        ] {
            assert_eq!(cost(json), expected, "{json}");
        }
    }

    #[test]
    fn a_repeated_key_costs_more_in_a_wider_object() {
        let wide = |keys: usize| {
            let members: Vec<_> = (0..keys).map(|key| format!("\"k{key}\":0")).collect();
            format!("{{{}}}", members.join(","))
        };
        for keys in [WIDE_KEYS, DICTIONARY_KEYS, 6_000] {
            let (one, two) = (cost(&format!("[{}]", wide(keys))), cost(&format!("[{0},{0}]", wide(keys))));
            let narrow = keys.min(WIDE_KEYS) as u64 * VALUE;
            let medium = keys.min(DICTIONARY_KEYS).saturating_sub(WIDE_KEYS) as u64 * WIDE_KEY;
            let dictionary = keys.saturating_sub(DICTIONARY_KEYS) as u64 * DICTIONARY_KEY;
            assert_eq!(two - one, CONTAINER + narrow + medium + dictionary + keys as u64 * VALUE, "{keys}");
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
    fn text_that_is_too_short_to_exceed_the_limit_is_not_counted() {
        assert!(ParseCost::within(100, 10).is_none());
        assert!(ParseCost::within(100, 11).is_some());
    }

    #[test]
    fn the_count_ends_at_the_limit() {
        let mut cost = ParseCost::within(CONTAINER + 2 * VALUE, 9).unwrap();
        let taken = Tokens::of("[1,2,3,4]").take_while(|token| cost.add(*token)).count();
        assert_eq!(taken, 3);
    }
}
