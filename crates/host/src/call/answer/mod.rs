//! Reading a plugin's answer.

mod exact;
pub(crate) mod parts;
mod quick;
mod shape;

use crate::call::answer::parts::{check_parts, harmful};
use crate::call::answer::shape::{Answer, not_a_result};
use crate::call::context::Parts;
use crate::call::fault::Fault;
use crate::call::patch::apply;
use crate::call::patch::bounds::{Bounds, Unpatched};
use crate::call::patch::patched::Patched;
use crate::call::result::Outcome;
use crate::call::thrown::Thrown;
use crate::error::HostError;
use crate::json::harmless::{self, MAX_DEPTH};
use crate::json::patience::Patience;
use crate::json::text::JsonText;
use crate::limits::Limits;

/// What is needed to read an answer, beside the answer.
pub(crate) struct Reading<'a> {
    pub(crate) limits: &'a Limits,
    /// The context that the plugin got, as JSON.
    pub(crate) context: &'a str,
    /// Its parts, if they are known already.
    pub(crate) parts: Option<Parts<'a>>,
    /// Must the call end?
    pub(crate) is_late: &'a dyn Fn() -> bool,
}

/// Why an answer is not read.
#[derive(Debug)]
pub(crate) enum Unread {
    /// A fault of the plugin.
    Fault(Fault),
    /// The plugin answers that it threw.
    Thrown(Thrown),
    /// The call must end.
    Late,
    /// The context is not of the contract's shape, so it cannot be patched.
    Host(HostError),
}

/// What an author whose result is not UTF-8 has to change.
const UTF_8: &str = ": encode its text as UTF-8 (strings of AssemblyScript are UTF-16)";

impl From<Fault> for Unread {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl<'a> Outcome<'a> {
    /// Reads a plugin's answer. An empty answer means yes, with no changes.
    pub(crate) fn read(bytes: &'a [u8], reading: &Reading<'_>) -> Result<Self, Unread> {
        if bytes.is_empty() {
            return Ok(Self::Accepted { input: None, data: None });
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|error| not_a_result(&format!("not UTF-8 at byte {}{UTF_8}", error.valid_up_to())))?;
        let answer = match quick::read(text) {
            Some(answer) => answer,
            None => exact::read(text)?,
        };
        if let (true, Some(patch)) = (answer.ok, answer.patch) {
            if answer.tally.is_none() {
                // The values are two levels deep in a patch.
                harmless::check(patch, MAX_DEPTH.saturating_add(2), None)
                    .map_err(|harm| harmful("patch", patch, harm))?;
            }
            return patched(patch, reading);
        }
        answer.check(reading.limits.max_result_values())?;
        let Answer { ok, input, data, error, details, .. } = answer;
        Ok(if ok {
            Self::Accepted { input: input.map(JsonText::of_valid), data: data.map(JsonText::of_valid) }
        } else {
            Self::Rejected { error, details: details.map(JsonText::of_valid) }
        })
    }
}

/// The outcome of an answer with a patch: the same as of an answer with the parts as the patch leaves them.
fn patched<'a>(patch: &str, Reading { limits, context, parts, is_late }: &Reading<'_>) -> Result<Outcome<'a>, Unread> {
    let patience = Patience::new(*is_late);
    let parts = match parts {
        Some(parts) => *parts,
        None => Parts::find_in_time(context, &patience).ok_or(Unread::Late)?.map_err(Unread::Host)?,
    };
    let bounds =
        Bounds { operations: limits.max_patch_operations(), bytes: limits.result_bytes(), patience: &patience };
    let Patched { input, data, tally } = apply(patch, parts, &bounds).map_err(|unpatched| match unpatched {
        Unpatched::Refused(reason) => not_a_result(&format!("refused: {reason}")).into(),
        Unpatched::Late => Unread::Late,
    })?;
    let max_values = limits.max_result_values();
    if tally.is_none_or(|tally| tally.most() > max_values) {
        check_parts(&[("ctx.input", input.as_deref()), ("ctx.data", data.as_deref())], max_values)?;
    }
    Ok(Outcome::Accepted { input: input.map(JsonText::of_valid), data: data.map(JsonText::of_valid) })
}

impl Answer<'_> {
    /// Checks the parts that JavaScript gets. `error` is one string, which costs no more than its bytes.
    fn check(&self, max_values: u64) -> Result<(), Fault> {
        if self.tally.is_some_and(|tally| tally.most() <= max_values) {
            return Ok(());
        }
        if self.ok {
            check_parts(&[("ctx.input", self.input), ("ctx.data", self.data)], max_values)
        } else {
            check_parts(&[("details", self.details)], max_values)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Reading, Unread};
    use crate::call::grants::Granted;
    use crate::call::result::{HookResult, Outcome, Usage};
    use crate::limits::{Limit, LimitOverrides, Limits};

    fn read(bytes: &[u8]) -> Result<String, String> {
        read_within(Limit::RESULT_VALUES.default, bytes)
    }

    fn read_within(max_values: u64, bytes: &[u8]) -> Result<String, String> {
        let limits = Limits::default()
            .with(&LimitOverrides { max_result_values: Some(max_values), ..LimitOverrides::default() })
            .unwrap();
        let reading =
            Reading { limits: &limits, context: r#"{"input":{"a":[1]},"data":null}"#, parts: None, is_late: &|| false };
        let outcome = Outcome::read(bytes, &reading).map_err(|unread| match unread {
            Unread::Fault(fault) => fault.message,
            Unread::Thrown(thrown) => format!("{:?}", thrown.into_fault()),
            other => panic!("{other:?}"),
        })?;
        let usage = Usage { fuel: None, memory_bytes: 0, queue_ms: 0.0, run_ms: 0.0 };
        let json =
            HookResult { outcome, usage, log: Vec::new(), granted: Granted::default(), memory: &[] }.to_json().unwrap();
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
            (r#"{"ok":false,"error":"caf\ud83d"}"#, "{\"ok\":false,\"error\":\"caf\u{fffd}\"}"),
            (r#"{"ok":false,"error":"\ude00","thrown":null}"#, "{\"ok\":false,\"error\":\"\u{fffd}\"}"),
            (r#"{"ok":true,"thrown":null}"#, r#"{"ok":true}"#),
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
            (b"{\"ok\":null}", "not of the contract's shape: ok must be true or false"),
            (b"{\"thrown\":\"no\"}", "not of the contract's shape: thrown must be an object with a message"),
            (
                b"{\"thrown\":{\"message\":\"no\"},\"ok\":true}",
                "not of the contract's shape: it has both ok and thrown",
            ),
            (b"{\"thrown\":{\"message\":\"no\"},\"ctx\":7}", "code: Thrown, message: \"no\""),
            (b"{\"thrown\":null}", "not of the contract's shape: missing field `ok`"),
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
