//! Reading a plugin's answer.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::call::fault::{Fault, FaultCode};
use crate::call::result::Outcome;
use crate::guest_text;
use crate::json::harmless::{self, Harm, MAX_DEPTH};
use crate::json::object::{self, Object};
use crate::json::parse_cost::ParseCost;
use crate::limits::Limit;

impl<'a> Outcome<'a> {
    /// Reads a plugin's answer, which may contain `max_values` values. An empty answer means yes, with no changes.
    pub(crate) fn read(bytes: &'a [u8], max_values: u64) -> Result<Self, Fault> {
        if bytes.is_empty() {
            return Ok(Self::Accepted { input: None, data: None });
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|error| not_a_result(&format!("not UTF-8 at byte {}", error.valid_up_to())))?;
        // serde puts a value of the wrong type into its message, whatever its length, so the types are checked here.
        if !text.trim_ascii_start().starts_with('{') {
            serde_json::from_str::<&RawValue>(text).map_err(|error| unreadable(&error))?;
            return Err(wrong_shape("it must be an object"));
        }
        let Object(answer) = serde_json::from_str::<Object<Answer>>(text).map_err(|error| unreadable(&error))?;
        let outcome = answer.into_outcome()?;
        outcome.check(max_values)?;
        Ok(outcome)
    }

    /// Checks the parts that JavaScript gets. `error` is one string, which costs no more than its bytes.
    fn check(&self, max_values: u64) -> Result<(), Fault> {
        match self {
            Self::Accepted { input, data } => {
                check_parts(&[("ctx.input", input.as_deref()), ("ctx.data", data.as_deref())], max_values)
            }
            Self::Rejected { details, .. } => check_parts(&[("details", details.as_deref())], max_values),
            Self::Fault(_) => Ok(()),
        }
    }
}

/// Refuses parts of a result that would harm the JavaScript that reads them, each alone or all together.
pub(crate) fn check_parts(parts: &[(&str, Option<&RawValue>)], max_values: u64) -> Result<(), Fault> {
    let parts = parts.iter().filter_map(|(name, part)| Some((name, part.as_ref()?.get())));
    let bytes = parts.clone().map(|(_, json)| json.len()).fold(0, usize::saturating_add);
    let mut cost = ParseCost::within(max_values, bytes);
    for (name, json) in parts {
        harmless::check(json, MAX_DEPTH, cost.as_mut()).map_err(|(harm, index)| {
            let path = || harmless::path(name, json, index);
            not_a_result(&match harm {
                Harm::ProtoKey => format!("refused: a key \"__proto__\" in {}", path()),
                Harm::Nesting => format!("refused: nested more than {MAX_DEPTH} levels deep at {}", path()),
                Harm::Cost => {
                    let limit = Limit::RESULT_VALUES.name;
                    format!("refused: it has too many values for {limit}, which is {max_values}")
                }
            })
        })?;
    }
    Ok(())
}

/// The contract's result. Unknown keys are ignored, and `null` means absent.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    ok: &'a RawValue,
    #[serde(borrow, default)]
    ctx: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    details: Option<&'a RawValue>,
}

/// The only parts of a context that a plugin may change.
#[derive(Deserialize, Default)]
struct Changes<'a> {
    #[serde(borrow, default)]
    input: Option<&'a RawValue>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
}

impl<'a> Answer<'a> {
    fn into_outcome(self) -> Result<Outcome<'a>, Fault> {
        let Self { ok, ctx, error, details } = self;
        let ok = match ok.get() {
            "true" => true,
            "false" => false,
            _ => return Err(wrong_shape("ok must be true or false")),
        };
        let Changes { input, data } = match ctx {
            Some(ctx) if object::is_object(ctx) => {
                serde_json::from_str::<Changes>(ctx.get()).map_err(|error| unreadable(&error))?
            }
            Some(_) => return Err(wrong_shape("ctx must be an object")),
            None => Changes::default(),
        };
        let error = match error {
            Some(error) if object::is_string(error) => {
                Some(serde_json::from_str::<String>(error.get()).map_err(|error| unreadable(&error))?.into())
            }
            Some(_) => return Err(wrong_shape("error must be a string")),
            None => None,
        };
        if input.is_some_and(|input| !object::is_object(input)) {
            return Err(wrong_shape("ctx.input must be an object"));
        }
        if details.is_some_and(|details| !object::is_array(details)) {
            return Err(wrong_shape("details must be an array"));
        }
        Ok(if ok {
            Outcome::Accepted { input: input.map(Cow::Borrowed), data: data.map(Cow::Borrowed) }
        } else {
            Outcome::Rejected { error, details: details.map(Cow::Borrowed) }
        })
    }
}

fn unreadable(error: &serde_json::Error) -> Fault {
    let fault = if error.is_data() { "not of the contract's shape" } else { "not JSON" };
    not_a_result(&format!("{fault}: {error}"))
}

fn wrong_shape(reason: &str) -> Fault {
    not_a_result(&format!("not of the contract's shape: {reason}"))
}

fn not_a_result(reason: &str) -> Fault {
    Fault::new(FaultCode::Result, format!("the result is {}", guest_text::clean(reason)))
}

#[cfg(test)]
mod tests {
    use crate::call::result::{HookResult, Outcome, Usage};
    use crate::limits::Limit;

    fn read(bytes: &[u8]) -> Result<String, String> {
        read_within(Limit::RESULT_VALUES.default, bytes)
    }

    fn read_within(max_values: u64, bytes: &[u8]) -> Result<String, String> {
        let outcome = Outcome::read(bytes, max_values).map_err(|fault| fault.message)?;
        let usage = Usage { fuel: None, memory_bytes: 0, queue_ms: 0.0, run_ms: 0.0 };
        let json = serde_json::to_string(&HookResult { outcome, usage }).unwrap();
        Ok(json.replace(r#","usage":{"fuel":null,"memoryBytes":0,"queueMs":0.0,"runMs":0.0}"#, ""))
    }

    #[test]
    fn every_answer_of_the_contract_is_read() {
        for (answer, expected) in [
            ("", r#"{"ok":true}"#),
            (r#"{"ok":true}"#, r#"{"ok":true}"#),
            (r#" {"ok":true,"ctx":null,"error":null,"details":null} "#, r#"{"ok":true}"#),
            (r#"{"ok":true,"ctx":{"input":null,"data":null}}"#, r#"{"ok":true}"#),
            (r#"{"ok":true,"ctx":{"input":{"a":1}}}"#, r#"{"ok":true,"ctx":{"input":{"a":1}}}"#),
            (r#"{"ok":true,"ctx":{"data":[1]}}"#, r#"{"ok":true,"ctx":{"data":[1]}}"#),
            (r#"{"ok":true,"ctx":{"user":{"id":"root"},"x":1},"y":2}"#, r#"{"ok":true}"#),
            (r#"{"ok":false}"#, r#"{"ok":false}"#),
            (r#"{"ok":false,"ctx":{"input":{}},"error":"why"}"#, r#"{"ok":false,"error":"why"}"#),
            (r#"{"ok":false,"error":"a\"b","details":[{}]}"#, r#"{"ok":false,"error":"a\"b","details":[{}]}"#),
        ] {
            assert_eq!(read(answer.as_bytes()).as_deref(), Ok(expected), "{answer}");
        }
    }

    #[test]
    fn a_fault_says_what_is_wrong_with_an_answer_and_where() {
        for (answer, expected) in [
            (&b"{\"ok\":true,\"x\":\"\xff\"}"[..], "not UTF-8 at byte 16"),
            (b"{", "not JSON: EOF"),
            (b"ok", "not JSON: expected value at line 1 column 1"),
            (b"{\"ok\":true} {}", "not JSON: trailing characters at line 1 column 13"),
            (b"{\"ok\":true,\"ctx\":{\"data\":NaN}}", "not JSON"),
            (b"null", "not of the contract's shape: it must be an object"),
            (b"[true]", "not of the contract's shape: it must be an object"),
            (b"{}", "not of the contract's shape: missing field `ok`"),
            (b"{\"ok\":1}", "not of the contract's shape: ok must be true or false"),
            (b"{\"ok\":true,\"ok\":false}", "not of the contract's shape: duplicate field `ok`"),
            (b"{\"ok\":true,\"ctx\":[{}]}", "not of the contract's shape: ctx must be an object"),
            (b"{\"ok\":true,\"ctx\":{\"input\":[]}}", "not of the contract's shape: ctx.input must be an object"),
            (b"{\"ok\":false,\"error\":1}", "not of the contract's shape: error must be a string"),
            (b"{\"ok\":false,\"details\":{}}", "not of the contract's shape: details must be an array"),
            (b"{\"ok\":true,\"ctx\":{\"data\":{\"__proto__\":1}}}", "refused: a key \"__proto__\" in ctx.data"),
        ] {
            let message = read(answer).unwrap_err();
            assert!(message.contains(expected), "{message} does not contain {expected}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_without_recursion() {
        let deep = format!(r#"{{"ok":true,"ctx":{{"data":{}{}}}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        assert!(
            read(deep.as_bytes()).unwrap_err().contains("refused: nested more than 128 levels deep at ctx.data[0][0]")
        );
    }

    #[test]
    fn the_parts_of_a_result_have_no_more_values_together_than_the_limit() {
        // 8 for each array, and 1 for each number.
        let accepted = r#"{"ok":true,"x":[[],[],[]],"ctx":{"input":{"a":[1]},"data":[2,3]}}"#;
        let rejected = r#"{"ok":false,"ctx":{"data":[[],[]]},"error":"[[[[","details":[[],4]}"#;
        for (answer, values) in [(accepted, 8 + 40 + 8 + 1 + 8 + 2), (rejected, 8 + 8 + 1)] {
            read_within(values, answer.as_bytes()).unwrap();
            let message = read_within(values - 1, answer.as_bytes()).unwrap_err();
            assert!(
                message.contains(&format!("too many values for maxResultValues, which is {}", values - 1)),
                "{message}"
            );
        }
    }
}
