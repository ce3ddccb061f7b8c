//! The meaning of an answer under the plugin contract, determined a second time and from a tree.

use hookcell_host::{FaultCode, JsonText, Outcome};

use crate::json::{self, Node, Value};

/// The deepest nesting of a result.
const MAX_DEPTH: usize = 128;

/// The meaning of an answer.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer<'a> {
    /// Yes, with these changes.
    Accepted {
        /// JSON text of an object.
        input: Option<&'a str>,
        /// Any JSON text but `null`.
        data: Option<&'a str>,
    },
    /// No, for this reason.
    Rejected {
        /// The reason with its escapes resolved.
        error: Option<String>,
        /// JSON text of an array.
        details: Option<&'a str>,
    },
    /// Yes, with a patch. What it makes of the context is tested elsewhere; here it is a yes or a fault.
    Patched,
    /// It says what the plugin threw. How that is told is tested elsewhere; here it is any fault.
    Thrown,
    /// It is not of the contract's shape.
    Fault,
}

impl<'a> Answer<'a> {
    /// Reads the bytes that a guest answered with.
    #[must_use]
    pub fn read(bytes: &'a [u8]) -> Self {
        if bytes.is_empty() {
            return Self::Accepted { input: None, data: None };
        }
        std::str::from_utf8(bytes).ok().and_then(json::read).and_then(Self::of).unwrap_or(Self::Fault)
    }

    /// Compares it with the host's reading of the same answer.
    ///
    /// # Panics
    /// If they differ.
    pub fn assert_is(&self, outcome: &Outcome<'_>) {
        let actual = match outcome {
            Outcome::Accepted { .. } if *self == Self::Patched => return,
            Outcome::Fault(fault)
                if *self == Self::Thrown && matches!(fault.code, FaultCode::Thrown | FaultCode::Result) =>
            {
                return;
            }
            Outcome::Fault(fault) if *self == Self::Patched && fault.code == FaultCode::Result => return,
            Outcome::Accepted { input, data } => {
                Answer::Accepted { input: input.as_ref().map(JsonText::get), data: data.as_ref().map(JsonText::get) }
            }
            Outcome::Rejected { error, details } => Answer::Rejected {
                error: error.as_ref().map(|error| error.clone().into_owned()),
                details: details.as_ref().map(JsonText::get),
            },
            Outcome::Fault(fault) if fault.code == FaultCode::Result => Answer::Fault,
            other => panic!("{other:?}, expected {self:?}"),
        };
        assert_eq!(&actual, self);
    }

    fn of(node: Node<'a>) -> Option<Self> {
        let names = ["ok", "ctx", "patch", "error", "details", "thrown"];
        let [ok, ctx, patch, error, details, thrown] = entries(node, names)?;
        if thrown.as_ref().is_some_and(|thrown| !is_null(thrown)) {
            return Some(if ok.is_some() { Self::Fault } else { Self::Thrown });
        }
        let Value::Bool(ok) = ok?.value else { return None };
        let ctx = ctx.filter(|ctx| !is_null(ctx));
        let patch = patch.filter(|patch| !is_null(patch));
        if patch.as_ref().is_some_and(|patch| ctx.is_some() || !matches!(patch.value, Value::Array(_))) {
            return None;
        }
        let [input, data] = match ctx {
            Some(ctx) => entries(ctx, ["input", "data"])?,
            None => [None, None],
        };
        let input = input.filter(|input| !is_null(input));
        let data = data.filter(|data| !is_null(data));
        let details = details.filter(|details| !is_null(details));
        let error = match error.map(|error| error.value) {
            None | Some(Value::Null) => None,
            Some(Value::String(units)) => Some(String::from_utf16(&units).ok()?),
            Some(_) => return None,
        };
        if input.as_ref().is_some_and(|input| !matches!(input.value, Value::Object(_)))
            || details.as_ref().is_some_and(|details| !matches!(details.value, Value::Array(_)))
        {
            return None;
        }
        if ok && patch.is_some() {
            return Some(Self::Patched);
        }
        // The other parts are dropped, so they may be anything.
        Some(if ok {
            Self::Accepted { input: harmless(input)?, data: harmless(data)? }
        } else {
            Self::Rejected { error, details: harmless(details)? }
        })
    }
}

/// The entries of an object with these keys. A wanted key must not occur twice; any other key must be valid text.
fn entries<'a, const N: usize>(node: Node<'a>, wanted: [&str; N]) -> Option<[Option<Node<'a>>; N]> {
    let Value::Object(entries) = node.value else { return None };
    let mut found = [const { None }; N];
    for (key, node) in entries {
        let key = String::from_utf16(&key).ok()?;
        if let Some(index) = wanted.iter().position(|wanted| *wanted == key)
            && found[index].replace(node).is_some()
        {
            return None;
        }
    }
    Some(found)
}

fn is_null(node: &Node<'_>) -> bool {
    matches!(node.value, Value::Null)
}

/// The text of a value that JavaScript may get.
#[expect(clippy::option_option, reason = "nothing to refuse is not a refusal")]
fn harmless(node: Option<Node<'_>>) -> Option<Option<&str>> {
    match node {
        Some(node) if node.depth() > MAX_DEPTH || node.has_key("__proto__") => None,
        node => Some(node.map(|node| node.text)),
    }
}
