//! What a hook call came to, and how the plugin's own answer is read.

use std::borrow::Cow;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;

use crate::call::fault::Fault;

/// What a hook call came to. It borrows from the guest's memory, which goes when the call is over.
///
/// As JSON it is the plugin contract's result with `fault` and `usage` beside it; [`WasmRuntime::call_hook`] gives
/// that.
///
/// [`WasmRuntime::call_hook`]: crate::WasmRuntime::call_hook
#[derive(Debug)]
pub struct HookResult<'a> {
    /// Which of the outcomes it was.
    pub outcome: Outcome<'a>,
    /// What the call used.
    pub usage: Usage,
}

/// The plugin answered, or it broke.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// The plugin said yes. What it did not change is `None`.
    Accepted {
        /// The changed input: a JSON object.
        input: Option<&'a RawValue>,
        /// The changed data: any JSON but `null`.
        data: Option<&'a RawValue>,
    },
    /// The plugin said no.
    Rejected {
        /// Why.
        error: Option<Cow<'a, str>>,
        /// More about it: a JSON array.
        details: Option<&'a RawValue>,
    },
    /// The plugin broke.
    Faulted(Fault),
}

/// What one call used.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// Fuel used; `None` where the guest trapped, because wasmtime loses count then.
    pub fuel: Option<u64>,
    /// Linear memory at its largest, in bytes.
    pub memory_bytes: usize,
    /// Milliseconds that the call waited for a thread; 0 where the caller did not say when it was queued.
    pub queue_ms: f64,
    /// Milliseconds from before the start section until the result was checked.
    pub run_ms: f64,
}

impl Serialize for HookResult<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match &self.outcome {
            Outcome::Accepted { input, data } => {
                map.serialize_entry("ok", &true)?;
                serialize_changes(&mut map, *input, *data)?;
            }
            refusal => serialize_refusal(&mut map, refusal)?,
        }
        map.serialize_entry("usage", &self.usage)?;
        map.end()
    }
}

/// Writes `ctx`, with what was changed, where anything was.
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

/// Writes `ok` and the reasons of an outcome that is not a yes.
pub(crate) fn serialize_refusal<M: SerializeMap>(map: &mut M, outcome: &Outcome<'_>) -> Result<(), M::Error> {
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
        Outcome::Faulted(fault) => {
            map.serialize_entry("error", &format_args!("WASM plugin trapped: {}", fault.message))?;
            map.serialize_entry("fault", fault)?;
        }
    }
    Ok(())
}

/// The entries that are there.
struct Present<'a, const N: usize>([(&'static str, Option<&'a RawValue>); N]);

impl<const N: usize> Serialize for Present<'_, N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().filter_map(|(name, value)| Some((name, (*value)?))))
    }
}
