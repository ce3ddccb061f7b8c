//! Rejects an invalid e-mail address, normalizes a valid one, and adds the domain to what was stored.

mod abi;
mod email;
mod heap;
mod members;

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use crate::members::Members;

/// The parts of the context that this plugin reads; serde skips the rest.
#[derive(Deserialize)]
struct Context<'a> {
    #[serde(borrow)]
    input: Members<'a>,
    #[serde(borrow)]
    data: &'a RawValue,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Answer<'a> {
    Unchanged { ok: bool },
    Changed { ok: bool, ctx: Changes<'a> },
    Patched { ok: bool, patch: Vec<Operation> },
    Refused { ok: bool, error: &'static str, details: Vec<Detail<'a>> },
}

/// The changed parts of the context; the others stay as they are.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Changes<'a> {
    Input(Members<'a>),
    Data(Members<'a>),
}

/// An operation of a patch (RFC 6902). This plugin only replaces members.
#[derive(Serialize)]
struct Operation {
    op: &'static str,
    path: String,
    value: &'static RawValue,
}

/// A member of the input with its new value.
struct Change {
    name: &'static str,
    value: &'static RawValue,
}

#[derive(Serialize)]
struct Detail<'a> {
    field: &'static str,
    message: &'static str,
    value: Option<&'a RawValue>,
}

#[unsafe(no_mangle)]
pub extern "C" fn before_hook(ptr: usize, len: usize) -> u64 {
    abi::call(ptr, len, |context| {
        let answer = match read(context) {
            Some(Context { mut input, .. }) => match changes(&input) {
                Ok(changes) if changes.is_empty() => Answer::Unchanged { ok: true },
                Ok(changes) => {
                    for Change { name, value } in changes {
                        input.set(name, value);
                    }
                    Answer::Changed { ok: true, ctx: Changes::Input(input) }
                }
                Err(refusal) => refusal,
            },
            None => refusal("context is not valid", Vec::new()),
        };
        write(&answer)
    })
}

/// As `before_hook`, but answers with a patch instead of the whole input. That pays if the input is large.
#[unsafe(no_mangle)]
pub extern "C" fn before_patch(ptr: usize, len: usize) -> u64 {
    abi::call(ptr, len, |context| {
        let answer = match read(context) {
            Some(context) => match changes(&context.input) {
                Ok(changes) => Answer::Patched { ok: true, patch: changes.into_iter().map(Operation::from).collect() },
                Err(refusal) => refusal,
            },
            None => refusal("context is not valid", Vec::new()),
        };
        write(&answer)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn after_hook(ptr: usize, len: usize) -> u64 {
    abi::call(ptr, len, |context| match read(context) {
        // An empty answer is short for `{"ok":true}`.
        Some(context) => after(context.data).as_ref().map_or_else(Vec::new, write),
        None => write(&refusal("context is not valid", Vec::new())),
    })
}

/// What to change in the input, or the refusal.
fn changes<'a>(input: &Members<'a>) -> Result<Vec<Change>, Answer<'a>> {
    let Some(given) = input.get("email") else {
        return Err(refused_email("is required", None));
    };
    let is_string = given.get().starts_with('"');
    // The value is not a string, or it has an escape such as `\ud800` that is not a character.
    let text = string(given);
    let Some(address) = text.as_deref().and_then(email::normalize) else {
        let message = if is_string { "is not a valid address" } else { "must be a string" };
        return Err(refused_email(message, Some(given)));
    };

    let mut changes = Vec::new();
    if text.as_ref() != Some(&address) {
        changes.push(Change { name: "email", value: quote(&address) });
    }
    if let Some(name) = input.get("name").and_then(string) {
        let trimmed = email::trim(&name);
        if trimmed != name {
            changes.push(Change { name: "name", value: quote(trimmed) });
        }
    }
    Ok(changes)
}

/// The answer if `data` is an object with a plausible address; `None` if there is nothing to add.
fn after(data: &RawValue) -> Option<Answer<'_>> {
    let mut data: Members<'_> = serde_json::from_str(data.get()).ok()?;
    let address = email::normalize(&string(data.get("email")?)?)?;
    data.set("email_domain", quote(email::domain(&address)?));
    Some(Answer::Changed { ok: true, ctx: Changes::Data(data) })
}

impl From<Change> for Operation {
    fn from(Change { name, value }: Change) -> Self {
        Self { op: "replace", path: format!("/input/{name}"), value }
    }
}

fn read(context: Option<&[u8]>) -> Option<Context<'_>> {
    serde_json::from_str(str::from_utf8(context?).ok()?).ok()
}

fn write(answer: &Answer<'_>) -> Vec<u8> {
    serde_json::to_vec(answer).expect("every key of an answer is a string")
}

/// The characters of a JSON string; `None` if the value is not a string or not Unicode.
fn string(value: &RawValue) -> Option<String> {
    serde_json::from_str(value.get()).ok()
}

/// `text` as a JSON string. It is leaked, which costs nothing on a heap that never frees, so that
/// all values are references.
fn quote(text: &str) -> &'static RawValue {
    Box::leak(to_raw_value(text).expect("any text can be a JSON string"))
}

fn refused_email<'a>(message: &'static str, value: Option<&'a RawValue>) -> Answer<'a> {
    refusal("email is not valid", vec![Detail { field: "email", message, value }])
}

fn refusal<'a>(error: &'static str, details: Vec<Detail<'a>>) -> Answer<'a> {
    Answer::Refused { ok: false, error, details }
}
