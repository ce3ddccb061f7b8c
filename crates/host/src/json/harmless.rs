//! Checks that JSON text is harmless to the JavaScript that handles it later.

use std::fmt::Write;

use crate::json::parse_cost::ParseCost;
use crate::json::tokens::{Token, Tokens};

/// The deepest nesting of arrays and objects in a part of a context or a result. `JSON.parse` accepts any depth, but
/// `JSON.stringify` is recursive and throws on deep values. 128 is also the limit of `serde_json`.
pub(crate) const MAX_DEPTH: usize = 128;

/// The longest spelling of `__proto__` in JSON: each character as `\uXXXX`, and two quotes.
const MAX_PROTO_BYTES: usize = "__proto__".len() * 6 + 2;

/// A kind of harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Harm {
    /// A key `__proto__`, which `Object.assign` and similar functions turn into a prototype.
    ProtoKey,
    /// Nesting beyond the limit.
    Nesting,
    /// More values than JavaScript may parse at once.
    Cost,
}

/// Walks valid JSON until it finds harm: a key `__proto__`, nesting beyond `max_depth`, or a parsing cost beyond what `cost`
/// has left. The error is the harm and the number of tokens before it.
pub(crate) fn check(json: &str, max_depth: usize, mut cost: Option<&mut ParseCost>) -> Result<(), (Harm, usize)> {
    let mut depth: usize = 0;
    for (index, token) in Tokens::of(json).enumerate() {
        match token {
            Token::Open => {
                depth = depth.saturating_add(1);
                if depth > max_depth {
                    return Err((Harm::Nesting, index));
                }
            }
            Token::Close => depth = depth.saturating_sub(1),
            Token::Key(key) if spells_proto(key) => return Err((Harm::ProtoKey, index)),
            Token::Key(_) | Token::String(_) | Token::Scalar => {}
        }
        if let Some(cost) = &mut cost
            && !cost.add(token)
        {
            return Err((Harm::Cost, index));
        }
    }
    Ok(())
}

/// The path to the token with this index: `ctx.input.items[2]` for a value, and the path to its object for a key.
pub(crate) fn path(root: &str, json: &str, index: usize) -> String {
    let mut steps: Vec<Step<'_>> = Vec::new();
    for token in Tokens::of(json).take(index) {
        match token {
            Token::Key(key) => {
                if let Some(step) = steps.last_mut() {
                    *step = Step::Key(key);
                }
            }
            Token::Open => steps.push(Step::Item(0)),
            Token::Close => {
                steps.pop();
                Step::advance(&mut steps);
            }
            Token::String(_) | Token::Scalar => Step::advance(&mut steps),
        }
    }
    if matches!(Tokens::of(json).nth(index), Some(Token::Key(_))) {
        steps.pop();
    }
    steps.iter().fold(root.to_owned(), |mut path, step| {
        // Writing to a string cannot fail.
        let _ = match step {
            Step::Key(key) => write!(path, ".{}", key.trim_matches('"')),
            Step::Item(number) => write!(path, "[{number}]"),
        };
        path
    })
}

/// A step from a value to one inside it.
#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Item(usize),
}

impl Step<'_> {
    fn advance(steps: &mut [Self]) {
        if let Some(Self::Item(number)) = steps.last_mut() {
            *number = number.saturating_add(1);
        }
    }
}

/// Is this key, as JSON writes it, `__proto__`?
pub(crate) fn spells_proto(key: &str) -> bool {
    match key.as_bytes().get(1) {
        Some(b'_' | b'\\') => {
            key == r#""__proto__""#
                || (key.len() <= MAX_PROTO_BYTES
                    && key.contains('\\')
                    && serde_json::from_str::<String>(key).is_ok_and(|key| key == "__proto__"))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Harm, MAX_DEPTH, check, path};

    fn harm(json: &str) -> Option<(Harm, String)> {
        let (harm, index) = check(json, MAX_DEPTH, None).err()?;
        Some((harm, path("ctx", json, index)))
    }

    #[test]
    fn nesting_is_bounded_at_its_edge() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(harm(&nested(MAX_DEPTH)), None);
        assert_eq!(harm(&nested(MAX_DEPTH + 1)), Some((Harm::Nesting, format!("ctx{}", "[0]".repeat(MAX_DEPTH)))));
        assert!(harm(&nested(100_000)).is_some());
        assert_eq!(harm(&format!("[{}[]]", "[],".repeat(1_000))), None);
    }

    #[test]
    fn brackets_and_quotes_inside_strings_do_not_count() {
        let json = format!(r#"["{}", "\"{}", "\\", ["\\\""]]"#, "[".repeat(1_000), "{".repeat(1_000));
        serde_json::from_str::<serde_json::Value>(&json).unwrap();
        assert_eq!(harm(&json), None);
    }

    #[test]
    fn a_proto_key_is_refused_in_every_spelling() {
        for json in [
            r#"{"__proto__":1}"#,
            r#"{"__proto__" : {}}"#,
            r#"{"\u005f_proto__":1}"#,
            r#"{"_\u005fproto__":1}"#,
            r#"{"\u005f\u005f\u0070\u0072\u006f\u0074\u006f\u005f\u005F":1}"#,
        ] {
            assert_eq!(harm(json), Some((Harm::ProtoKey, "ctx".to_owned())), "{json}");
        }
        for json in [r#"{"a":"__proto__"}"#, r#"["__proto__"]"#, r#"{"__proto":1,"proto__":2,"\"__proto__":3}"#] {
            assert_eq!(harm(json), None, "{json}");
        }
    }

    #[test]
    fn the_path_to_the_harm_is_named() {
        for (json, expected) in [
            (r#"{"a":{"__proto__":1}}"#, "ctx.a"),
            (r#"{"a":[1,"x",[],{"b":2},{"c":{"d":0,"__proto__":1}}]}"#, "ctx.a[4].c"),
            (r#"[[],{"a":{}},[{"__proto__":1}]]"#, "ctx[2][0]"),
        ] {
            assert_eq!(harm(json), Some((Harm::ProtoKey, expected.to_owned())), "{json}");
        }
    }
}
