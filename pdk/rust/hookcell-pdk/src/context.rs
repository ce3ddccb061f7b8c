use serde::Deserialize;
use serde_json::value::RawValue;

use crate::object::Object;
use crate::part::{Given, Original};
use crate::raw::Raw;
use crate::rejection::Rejection;

pub use crate::part::Part;

/// What a hook gets. It may change `input` and `data`, and returns the context as its answer.
///
/// `Input`, `Data` and `Config` are types of serde, or [`Object`] and [`Raw`], which read nothing that you do not ask for. Members
/// of the JSON that your types do not have stay as they are, and so do values that you do not change.
#[derive(Debug)]
pub struct Context<Input = Object, Data = Raw, Config = Raw> {
    /// What the client sent. If it does not have the shape of `Input`, the call is rejected before the hook runs.
    pub input: Input,
    /// What the operation gave, `null` before it; use an `Option` for that. If it does not have the shape of `Data`, the plugin panics.
    pub data: Data,
    /// What the operator set for this plugin; `null` if nothing. If it does not have the shape of `Config`, the plugin panics.
    pub config: Config,
    original_input: Original,
    original_data: Original,
    request: Request,
}

/// Who makes the request, if the server says so.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct User {
    /// The user's ID.
    pub id: String,
    /// The user's role.
    pub role: String,
}

/// A time that the server grants.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Time {
    /// Milliseconds since 1970.
    pub ms: f64,
    /// The same as RFC 3339, in UTC: `2026-05-28T20:26:40.000Z`.
    pub iso: String,
}

/// The context's other members, which are read only if they are asked for.
#[derive(Debug)]
struct Request {
    user: Raw,
    headers: Raw,
    tenant: Raw,
    now: Raw,
    seed: Raw,
}

/// The context's members, whose values stay text, except an input that is read member by member anyway.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
struct Text<Input: 'static> {
    input: Given<Input>,
    data: Option<&'static RawValue>,
    config: Option<&'static RawValue>,
    user: Option<&'static RawValue>,
    headers: Option<&'static RawValue>,
    tenant_id: Option<&'static RawValue>,
    now: Option<&'static RawValue>,
    seed: Option<&'static RawValue>,
}

impl<Input: Part, Data: Part, Config: Part> Context<Input, Data, Config> {
    /// Who makes the request; `None` if the server does not say.
    pub fn user(&self) -> Option<User> {
        self.request.user.read().ok()
    }

    /// A header that the server passes on. `name` is in lower case.
    pub fn header(&self, name: &str) -> Option<String> {
        Object::parse(self.request.headers).ok()?.string(name)
    }

    /// On whose behalf the call is made.
    pub fn tenant_id(&self) -> Option<String> {
        self.request.tenant.string()
    }

    /// The time, if the server grants one. A plugin has no other clock.
    pub fn now(&self) -> Option<Time> {
        self.request.now.read().ok()
    }

    /// A seed for random numbers, if the server grants one.
    pub fn seed(&self) -> Option<Raw> {
        Some(self.request.seed).filter(|seed| !seed.is_null())
    }

    pub(crate) fn read(text: &'static [u8]) -> Result<Self, Rejection> {
        let text = str::from_utf8(text).ok().and_then(|text| serde_json::from_str::<Text<Input>>(text).ok());
        let Some(Text { input, data, config, user, headers, tenant_id, now, seed }) = text else {
            panic!("the context is not valid JSON with an input")
        };
        let raw = |text: Option<&'static RawValue>| text.map_or(Raw::NULL, Raw::from);
        let (input, original_input) =
            input.read().map_err(|error| Rejection::new("input is not valid").with_detail(&error.to_string()))?;
        let (data, original_data) = Original::read(raw(data))
            .unwrap_or_else(|error| panic!("the context's data is not as this plugin expects: {error}"));
        let config =
            raw(config).read().unwrap_or_else(|error| panic!("this plugin's config is not as it expects: {error}"));
        let request =
            Request { user: raw(user), headers: raw(headers), tenant: raw(tenant_id), now: raw(now), seed: raw(seed) };
        Ok(Self { input, data, config, original_input, original_data, request })
    }

    /// The answer with what changed; empty, which is short for `{"ok":true}`, if nothing did.
    pub(crate) fn write(self) -> Vec<u8> {
        let changes = [
            ("\"input\":", self.original_input.change(&self.input)),
            ("\"data\":", self.original_data.change(&self.data)),
        ];
        let mut answer = String::new();
        for (name, change) in changes {
            let Some(text) = change else { continue };
            let start = if answer.is_empty() { "{\"ok\":true,\"ctx\":{" } else { "," };
            answer.reserve(start.len() + name.len() + text.len() + 2);
            answer.push_str(start);
            answer.push_str(name);
            answer.push_str(&text);
        }
        if !answer.is_empty() {
            answer.push_str("}}");
        }
        answer.into_bytes()
    }
}
