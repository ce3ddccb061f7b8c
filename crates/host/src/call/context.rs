//! The context of a call as JSON text: `input`, `data`, `user`, `headers`, `tenant_id`.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::call::grants::Grants;
use crate::error::HostError;
use crate::guest_text;
use crate::json::harmless::{self, Harm, MAX_DEPTH};
use crate::json::object::{self, Object};
use crate::json::parse_cost::Tally;
use crate::json::patience::Patience;
use crate::json::reader::Reader;
use crate::json::writer::ObjectWriter;
use crate::limits::Limit;

/// A context as JSON text. The guest gets exactly these bytes, and then the members that the operator grants.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    json: Cow<'a, str>,
    grants: Option<&'a Grants>,
}

/// The parts of a context, each as it was written; `None` if it is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts<'a> {
    pub(crate) input: &'a str,
    pub(crate) data: Option<&'a str>,
    user: Option<&'a str>,
    headers: Option<&'a str>,
    tenant_id: Option<&'a str>,
    /// If it is known, all parts are harmless, and they have so many values.
    pub(crate) tally: Option<Tally>,
}

/// As serde reads them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawParts<'a> {
    #[serde(borrow)]
    input: &'a RawValue,
    #[serde(borrow, default, deserialize_with = "present")]
    data: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    user: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    headers: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    tenant_id: Option<&'a RawValue>,
}

/// A value that is present, even if it is `null`, which serde reads as `None`.
fn present<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

impl<'a> Parts<'a> {
    /// Finds the parts in the text without checking the types of their values.
    pub(crate) fn find(json: &'a str) -> Result<Self, HostError> {
        match Self::find_harmless(json) {
            Some(parts) => Ok(parts),
            None => Self::find_any(json),
        }
    }

    /// Finds the parts, or returns `None` if the patience ends before.
    pub(crate) fn find_in_time(json: &'a str, patience: &'a Patience<'a>) -> Option<Result<Self, HostError>> {
        match Self::read(Reader::timed(json, patience)) {
            Some(parts) => Some(Ok(parts)),
            None if patience.has_ended() => None,
            None => Some(Self::find_any(json)),
        }
    }

    /// Finds the parts if all of them are harmless.
    pub(crate) fn find_harmless(json: &'a str) -> Option<Self> {
        Self::read(Reader::of(json))
    }

    fn read(mut reader: Reader<'a>) -> Option<Self> {
        let (mut input, mut data, mut user, mut headers, mut tenant_id) = (None, None, None, None, None);
        reader.object(|reader, key| {
            let part = match key {
                "\"input\"" => &mut input,
                "\"data\"" => &mut data,
                "\"user\"" => &mut user,
                "\"headers\"" => &mut headers,
                "\"tenant_id\"" => &mut tenant_id,
                _ => return None,
            };
            part.replace(reader.value()?).is_none().then_some(())
        })?;
        reader.end()?;
        Some(Self { input: input?, data, user, headers, tenant_id, tally: Some(reader.tally) })
    }

    /// Finds the parts, or says what is wrong with the text.
    fn find_any(json: &'a str) -> Result<Self, HostError> {
        let Object(RawParts { input, data, user, headers, tenant_id }) = serde_json::from_str::<Object<RawParts>>(json)
            .map_err(|error| HostError::Context(guest_text::clean(&error.to_string())))?;
        let [data, user, headers, tenant_id] = [data, user, headers, tenant_id].map(|part| part.map(RawValue::get));
        Ok(Self { input: input.get(), data, user, headers, tenant_id, tally: None })
    }

    /// The text with these parts instead of its own.
    pub(crate) fn changed(self, input: Option<&str>, data: Option<&str>) -> String {
        let Self { user, headers, tenant_id, .. } = self;
        let (input, data) = (input.unwrap_or(self.input), data.or(self.data));
        let parts =
            [("input", Some(input)), ("data", data), ("user", user), ("headers", headers), ("tenant_id", tenant_id)];
        let parts = parts.into_iter().filter_map(|(name, part)| Some((name, part?)));
        let mut json =
            ObjectWriter::with_room(parts.clone().map(|(_, part)| part.len()).fold(0, usize::saturating_add));
        for (name, part) in parts {
            json.member(name, part);
        }
        json.end()
    }

    /// Checks the types that the contract requires.
    fn check(&self) -> Result<(), HostError> {
        let Self { input, user, headers, tenant_id, .. } = *self;
        if !object::is_object(input) {
            return Err(wrong_part("input must be an object"));
        }
        let other =
            |part: Option<&str>, is_right: fn(&str) -> bool| part.is_some_and(|part| part != "null" && !is_right(part));
        if other(user, object::is_object) {
            return Err(wrong_part("user must be an object"));
        }
        if other(headers, object::is_object) {
            return Err(wrong_part("headers must be an object"));
        }
        if other(tenant_id, object::is_string) {
            return Err(wrong_part("tenant_id must be a string"));
        }
        Ok(())
    }
}

fn wrong_part(problem: &str) -> HostError {
    HostError::Context(problem.to_owned())
}

impl<'a> Context<'a> {
    /// A context from JSON text: an object with an object `input` and, at most, `data`, `user`, `headers` and
    /// `tenant_id`.
    ///
    /// # Errors
    /// [`HostError::Context`] says what is wrong, and where.
    pub fn from_json(json: impl Into<Cow<'a, str>>) -> Result<Self, HostError> {
        let json = json.into();
        Parts::find(&json)?.check()?;
        Ok(Self { json, grants: None })
    }

    /// A context from JSON text that the caller wrote in the right shape. It is not checked again.
    #[must_use]
    pub fn from_trusted_json(json: impl Into<Cow<'a, str>>) -> Self {
        Self { json: json.into(), grants: None }
    }

    /// The same context in a call that grants this, over the grants of the plugin's load. In a chain it must not have a `config`,
    /// because each plugin has its own.
    #[must_use]
    pub fn with_grants(self, grants: Option<&'a Grants>) -> Self {
        Self { grants, ..self }
    }

    pub(crate) fn grants(&self) -> Option<&Grants> {
        self.grants
    }

    /// Refuses what a result may not contain either. It often comes from a client, and would otherwise be a fault of a
    /// plugin that returns its input. Returns the parts if they are found on the way.
    pub(crate) fn check_harmless(&self) -> Result<Option<Parts<'_>>, HostError> {
        if let Some(parts) = Parts::find_harmless(&self.json) {
            return Ok(Some(parts));
        }
        // The parts are one level deep in the context.
        harmless::check(&self.json, MAX_DEPTH.saturating_add(1), None).map(|()| None).map_err(|(harm, index)| {
            let path = guest_text::clean(&harmless::path("ctx", &self.json, index));
            let what = match harm {
                Harm::ProtoKey => "has a key \"__proto__\"".to_owned(),
                Harm::Nesting | Harm::Cost => format!("is nested more than {MAX_DEPTH} levels deep"),
            };
            HostError::HarmfulContext { path, what }
        })
    }

    /// The JSON text.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.json
    }
}

/// The refusal of a context of this length, for a plugin that accepts `most` bytes.
#[must_use]
pub fn context_too_long(length: usize, most: usize) -> HostError {
    let name = Limit::CONTEXT_BYTES.name;
    HostError::limit(name, format!("the context has {length} bytes; {name} is {most}"))
}

#[cfg(test)]
mod tests {
    use super::{Context, Parts};
    use crate::json::random::Random;

    fn problem(json: &str) -> String {
        Context::from_json(json).unwrap_err().to_string()
    }

    #[test]
    fn a_context_with_all_parts_and_one_with_only_the_input_are_accepted() {
        let whole = r#"{"input":{},"data":[1],"user":{"id":"1"},"headers":{"a":"b"},"tenant_id":"t"}"#;
        assert_eq!(Context::from_json(whole).unwrap().as_json(), whole);
        Context::from_json(r#"{"input":{},"data":null,"user":null,"headers":{},"tenant_id":null}"#).unwrap();
        Context::from_json(r#"{"input":{}}"#).unwrap();
    }

    #[test]
    fn a_wrong_shape_is_refused_by_name() {
        assert!(problem(r#"[{"input":{}}]"#).contains("an object"));
        assert!(problem("{}").contains("missing field `input`"));
        assert!(problem(r#"{"input":[]}"#).contains("input must be an object"));
        assert!(problem(r#"{"input":{},"user":"me"}"#).contains("user must be an object"));
        assert!(problem(r#"{"input":{},"tenantId":"t"}"#).contains("tenantId"));
        assert!(problem(r#"{"input":{},"tenant_id":1}"#).contains("tenant_id must be a string"));
        assert!(problem(r#"{"input":{}"#).contains("EOF"));
    }

    fn harm(json: &str) -> (String, String) {
        let error = Context::from_trusted_json(json).check_harmless().unwrap_err();
        (error.path().unwrap().to_owned(), error.to_string())
    }

    #[test]
    fn what_a_result_may_not_contain_is_refused_with_its_path() {
        let (path, message) = harm(r#"{"input":{"a":[1,{"__proto__":{}}]},"data":null}"#);
        assert_eq!(path, "ctx.input.a[1]");
        assert_eq!(message, r#"the context is not valid: ctx.input.a[1] has a key "__proto__""#);

        let nested = |depth: usize| format!(r#"{{"input":{{}},"data":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
        Context::from_trusted_json(nested(128)).check_harmless().unwrap();
        let (path, message) = harm(&nested(129));
        assert!(path.starts_with("ctx.data[0][0]") && path.ends_with('…'), "{path}");
        assert!(message.ends_with("… is nested more than 128 levels deep"), "{message}");
    }

    #[test]
    fn the_parts_of_a_harmless_context_are_found_in_one_pass() {
        let mut random = Random::new();
        for _ in 0..2_000 {
            let (input, data, headers) = (random.object(4), random.value(4), random.object(1));
            let text = format!(r#"{{"input":{input} , "headers":{headers},"data":{data}}}"#);
            let parts = Parts::find_harmless(&text).unwrap();
            assert_eq!(Parts { tally: None, ..parts }, Parts::find_any(&text).unwrap(), "{text}");
            assert_eq!((parts.input, parts.data, parts.headers), (&*input, Some(&*data), Some(&*headers)));
            let cut = text.floor_char_boundary(random.below(text.len()));
            assert_eq!(Parts::find_harmless(&text[..cut]), None, "{text}");
        }
        for text in [
            r#"{"input":{"__proto__":1}}"#,
            r#"{"input":{},"input":{}}"#,
            r#"{"inp\u0075t":{}}"#,
            r#"{"input":{},"x":1}"#,
        ] {
            assert_eq!(Parts::find_harmless(text), None, "{text}");
        }
    }
}
