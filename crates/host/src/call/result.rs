//! The result of a hook call.

use std::borrow::Cow;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;

use crate::call::fault::Fault;

/// The result of a hook call. It borrows from the guest's memory, which is freed after the call.
///
/// As JSON it is the plugin contract's result with `fault` and `usage`, which [`WasmRuntime::call_hook`] returns.
///
/// [`WasmRuntime::call_hook`]: crate::WasmRuntime::call_hook
#[derive(Debug)]
pub struct HookResult<'a> {
    /// Which outcome it is.
    pub outcome: Outcome<'a>,
    /// What the call used.
    pub usage: Usage,
}

/// What the plugin answered, or its fault.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// The plugin said yes. A part that it did not change is `None`.
    Accepted {
        /// The changed input: a JSON object.
        input: Option<Cow<'a, RawValue>>,
        /// The changed data: any JSON but `null`.
        data: Option<Cow<'a, RawValue>>,
    },
    /// The plugin said no.
    Rejected {
        /// Why.
        error: Option<Cow<'a, str>>,
        /// More about it: a JSON array.
        details: Option<Cow<'a, RawValue>>,
    },
    /// The plugin failed.
    Fault(Fault),
}

/// What one call used.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// Fuel; `None` if the guest trapped, because wasmtime loses count then.
    pub fuel: Option<u64>,
    /// The most linear memory, in bytes.
    pub memory_bytes: usize,
    /// Milliseconds that the call waited for a thread; 0 if the caller did not say when it was queued.
    pub queue_ms: f64,
    /// Milliseconds from before the start section until the result was checked.
    pub run_ms: f64,
}

impl Outcome<'_> {
    /// Did the plugin accept and change nothing?
    #[must_use]
    pub fn changes_nothing(&self) -> bool {
        matches!(self, Self::Accepted { input: None, data: None })
    }

    /// A copy that outlives the guest's memory.
    pub(crate) fn to_static(&self) -> Outcome<'static> {
        fn copy(part: Option<&Cow<'_, RawValue>>) -> Option<Cow<'static, RawValue>> {
            part.map(|part| Cow::Owned(RawValue::to_owned(part)))
        }
        match self {
            Self::Accepted { input, data } => {
                Outcome::Accepted { input: copy(input.as_ref()), data: copy(data.as_ref()) }
            }
            Self::Rejected { error, details } => Outcome::Rejected {
                error: error.as_deref().map(|error| Cow::Owned(error.to_owned())),
                details: copy(details.as_ref()),
            },
            Self::Fault(fault) => Outcome::Fault(fault.clone()),
        }
    }
}

impl Serialize for HookResult<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        serialize_outcome(&mut map, &self.outcome)?;
        map.serialize_entry("usage", &self.usage)?;
        map.end()
    }
}

/// The same without `usage`, for a caller that passes numbers in another way.
impl Serialize for Outcome<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        serialize_outcome(&mut map, self)?;
        map.end()
    }
}

fn serialize_outcome<M: SerializeMap>(map: &mut M, outcome: &Outcome<'_>) -> Result<(), M::Error> {
    match outcome {
        Outcome::Accepted { input, data } => {
            map.serialize_entry("ok", &true)?;
            serialize_changes(map, input.as_deref(), data.as_deref())
        }
        no => serialize_no(map, no),
    }
}

/// Writes `ctx` with the changed parts, if there are any.
pub(crate) fn serialize_changes<M: SerializeMap>(
    map: &mut M,
    input: Option<&RawValue>,
    data: Option<&RawValue>,
) -> Result<(), M::Error> {
    if input.is_none() && data.is_none() {
        return Ok(());
    }
    map.serialize_entry("ctx", &Present([("input", input), ("data", data)]))
}

/// Writes `ok` and the reasons of an outcome other than [`Outcome::Accepted`].
pub(crate) fn serialize_no<M: SerializeMap>(map: &mut M, outcome: &Outcome<'_>) -> Result<(), M::Error> {
    map.serialize_entry("ok", &false)?;
    match outcome {
        Outcome::Accepted { .. } => {}
        Outcome::Rejected { error, details } => {
            if let Some(error) = error {
                map.serialize_entry("error", error)?;
            }
            if let Some(details) = details {
                map.serialize_entry("details", details)?;
            }
        }
        Outcome::Fault(fault) => {
            map.serialize_entry("error", &format_args!("WASM plugin trapped: {}", fault.message))?;
            map.serialize_entry("fault", fault)?;
        }
    }
    Ok(())
}

/// The entries that are present.
struct Present<'a, const N: usize>([(&'static str, Option<&'a RawValue>); N]);

impl<const N: usize> Serialize for Present<'_, N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().filter_map(|(name, value)| Some((name, (*value)?))))
    }
}
