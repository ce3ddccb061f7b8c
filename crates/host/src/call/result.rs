//! The result of a hook call.

use std::borrow::Cow;

use serde::Serialize;

use crate::call::fault::Fault;
use crate::call::grants::Granted;
use crate::call::log::line::LogLine;
use crate::error::HostError;
use crate::json::text::JsonText;
use crate::json::writer::ObjectWriter;

/// The result of a hook call. It borrows from the guest's memory, which is freed after the call.
///
#[derive(Debug)]
pub struct HookResult<'a> {
    /// Which outcome it is.
    pub outcome: Outcome<'a>,
    /// What the call used.
    pub usage: Usage,
    /// What the plugin logged, in order.
    pub log: Vec<LogLine>,
    /// The time and the seed that the call got.
    pub granted: Granted,
    /// The guest's memory.
    pub(crate) memory: &'a [u8],
}

/// What the plugin answered, or its fault.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// The plugin said yes. A part that it did not change is `None`.
    Accepted {
        /// The changed input: a JSON object.
        input: Option<JsonText<'a>>,
        /// The changed data: any JSON but `null`.
        data: Option<JsonText<'a>>,
    },
    /// The plugin said no.
    Rejected {
        /// Why.
        error: Option<Cow<'a, str>>,
        /// More about it: a JSON array.
        details: Option<JsonText<'a>>,
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
    /// Milliseconds from before the start section until the result was checked. The store may have been made before that.
    pub run_ms: f64,
}

impl Outcome<'_> {
    /// Did the plugin accept and change nothing?
    #[must_use]
    pub fn changes_nothing(&self) -> bool {
        matches!(self, Self::Accepted { input: None, data: None })
    }

    /// A copy that outlives the guest's memory.
    pub(crate) fn into_static(self) -> Outcome<'static> {
        match self {
            Self::Accepted { input, data } => {
                Outcome::Accepted { input: input.map(JsonText::into_static), data: data.map(JsonText::into_static) }
            }
            Self::Rejected { error, details } => Outcome::Rejected {
                error: error.map(|error| Cow::Owned(error.into_owned())),
                details: details.map(JsonText::into_static),
            },
            Self::Fault(fault) => Outcome::Fault(fault),
        }
    }
}

impl HookResult<'_> {
    /// Did the plugin accept, change nothing and log nothing, and get neither time nor seed?
    #[must_use]
    pub fn says_nothing(&self) -> bool {
        self.log.is_empty() && self.granted.is_empty() && self.outcome.changes_nothing()
    }

    /// The plugin contract's result as JSON, with `fault`, `log` and `usage`, which [`WasmRuntime::call_hook`] returns.
    ///
    /// # Errors
    /// [`HostError::Internal`], for a bug.
    ///
    /// [`WasmRuntime::call_hook`]: crate::WasmRuntime::call_hook
    pub fn to_json(&self) -> Result<String, HostError> {
        let mut json = self.write()?;
        json.serialize("usage", &self.usage)?;
        Ok(json.end())
    }

    /// The same without `usage`, for a caller that passes numbers in another way.
    ///
    /// # Errors
    /// [`HostError::Internal`], for a bug.
    pub fn to_json_without_usage(&self) -> Result<String, HostError> {
        Ok(self.write()?.end())
    }

    fn write(&self) -> Result<ObjectWriter, HostError> {
        let mut json = self.outcome.write()?;
        if !self.log.is_empty() {
            json.serialize("log", &self.log)?;
        }
        if !self.granted.is_empty() {
            json.serialize("granted", &self.granted)?;
        }
        Ok(json)
    }
}

impl Outcome<'_> {
    fn write(&self) -> Result<ObjectWriter, HostError> {
        let mut json = ObjectWriter::with_room(self.text_bytes());
        match self {
            Self::Accepted { input, data } => {
                json.member("ok", "true");
                write_changes(&mut json, input.as_ref(), data.as_ref());
            }
            no => write_no(&mut json, no)?,
        }
        Ok(json)
    }

    /// About how many bytes of JSON it is.
    pub(crate) fn text_bytes(&self) -> usize {
        let length = |part: Option<&JsonText<'_>>| part.map_or(0, |part| part.get().len());
        match self {
            Self::Accepted { input, data } => length(input.as_ref()).saturating_add(length(data.as_ref())),
            Self::Rejected { error, details } => {
                error.as_ref().map_or(0, |error| error.len()).saturating_add(length(details.as_ref()))
            }
            Self::Fault(fault) => fault.message.len().saturating_mul(2),
        }
    }
}

/// Writes `ctx` with the changed parts, if there are any.
pub(crate) fn write_changes(json: &mut ObjectWriter, input: Option<&JsonText<'_>>, data: Option<&JsonText<'_>>) {
    if input.is_none() && data.is_none() {
        return;
    }
    json.object("ctx", |ctx| {
        for (name, part) in [("input", input), ("data", data)] {
            if let Some(part) = part {
                ctx.member(name, part.get());
            }
        }
    });
}

/// Writes `ok` and the reasons of an outcome other than [`Outcome::Accepted`].
pub(crate) fn write_no(json: &mut ObjectWriter, outcome: &Outcome<'_>) -> Result<(), HostError> {
    json.member("ok", "false");
    match outcome {
        Outcome::Accepted { .. } => {}
        Outcome::Rejected { error, details } => {
            if let Some(error) = error {
                json.serialize("error", error)?;
            }
            if let Some(details) = details {
                json.member("details", details.get());
            }
        }
        Outcome::Fault(fault) => {
            json.serialize("error", &format_args!("WASM plugin trapped: {}", fault.message))?;
            json.serialize("fault", fault)?;
        }
    }
    Ok(())
}
