//! Reading any answer, and saying exactly what is wrong with it.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::call::answer::Unread;
use crate::call::answer::shape::{Answer, not_a_result, wrong_shape};
use crate::call::fault::Fault;
use crate::call::thrown::Thrown;
use crate::json::object::{self, Object};
use crate::json::text::readable;

/// Reads an answer.
pub(crate) fn read(text: &str) -> Result<Answer<'_>, Unread> {
    // serde puts a value of the wrong type into its message, whatever its length, so the types are checked here.
    if !text.trim_ascii_start().starts_with('{') {
        serde_json::from_str::<&RawValue>(text).map_err(|error| unreadable(&error))?;
        return Err(wrong_shape("it must be an object").into());
    }
    let Object(members) = serde_json::from_str::<Object<Members>>(text).map_err(|error| unreadable(&error))?;
    match members.thrown {
        Some(_) if members.ok.is_some() => Err(wrong_shape("it has both ok and thrown").into()),
        Some(thrown) => Err(match Thrown::read(thrown.get()) {
            Some(thrown) => Unread::Thrown(thrown),
            None => wrong_shape("thrown must be an object with a message").into(),
        }),
        None => Ok(members.into_answer()?),
    }
}

/// The contract's result. Unknown keys are ignored, and `null` means absent.
#[derive(Deserialize)]
struct Members<'a> {
    #[serde(borrow, default, deserialize_with = "even_null")]
    ok: Option<&'a RawValue>,
    #[serde(borrow, default)]
    thrown: Option<&'a RawValue>,
    #[serde(borrow, default)]
    ctx: Option<&'a RawValue>,
    #[serde(borrow, default)]
    patch: Option<&'a RawValue>,
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

impl<'a> Members<'a> {
    fn into_answer(self) -> Result<Answer<'a>, Fault> {
        let Self { ok, ctx, patch, error, details, thrown: _ } = self;
        let ok = match ok.map(RawValue::get) {
            Some("true") => true,
            Some("false") => false,
            None => return Err(wrong_shape("missing field `ok`")),
            Some(_) => return Err(wrong_shape("ok must be true or false")),
        };
        let Changes { input, data } = match ctx {
            Some(ctx) if object::is_object(ctx.get()) => {
                serde_json::from_str::<Changes>(ctx.get()).map_err(|error| unreadable(&error))?
            }
            Some(_) => return Err(wrong_shape("ctx must be an object")),
            None => Changes::default(),
        };
        if patch.is_some_and(|patch| !object::is_array(patch.get())) {
            return Err(wrong_shape("patch must be an array"));
        }
        if ctx.is_some() && patch.is_some() {
            return Err(wrong_shape("it has both ctx and patch"));
        }
        let error = match error {
            Some(error) if object::is_string(error.get()) => Some(readable(error.get())),
            Some(_) => return Err(wrong_shape("error must be a string")),
            None => None,
        };
        if input.is_some_and(|input| !object::is_object(input.get())) {
            return Err(wrong_shape("ctx.input must be an object"));
        }
        if details.is_some_and(|details| !object::is_array(details.get())) {
            return Err(wrong_shape("details must be an array"));
        }
        let [input, data, patch, details] = [input, data, patch, details].map(|part| part.map(RawValue::get));
        Ok(Answer { ok, input, data, patch, error, details, tally: None })
    }
}

/// Tells `null` from an absent member.
fn even_null<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

fn unreadable(error: &serde_json::Error) -> Fault {
    let fault = if error.is_data() { "not of the contract's shape" } else { "not JSON" };
    not_a_result(&format!("{fault}: {error}"))
}
