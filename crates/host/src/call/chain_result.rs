//! The result of a chain of hook calls.

use serde::Serialize;

use crate::call::grants::Granted;
use crate::call::log::line::LogLine;
use crate::call::result::{Outcome, Usage, write_changes, write_no};
use crate::error::HostError;
use crate::json::text::JsonText;
use crate::json::writer::ObjectWriter;

/// The result of a chain.
#[derive(Debug)]
pub struct ChainResult<'a> {
    /// The outcome of the last step if it ended the chain, so never [`Outcome::Accepted`]; `None` if every plugin accepted.
    pub ended_by: Option<Outcome<'a>>,
    /// The input as the plugins that accepted left it, a JSON object; `None` if none changed it.
    pub input: Option<&'a JsonText<'a>>,
    /// The data as the plugins that accepted left it, any JSON but `null`; `None` if none changed it.
    pub data: Option<&'a JsonText<'a>>,
    /// The plugins that were called, in order.
    pub steps: &'a [ChainStep<'a>],
    /// What all steps used: the sums of fuel and run time, and the largest memory. `fuel` is `None` if it is for any step.
    pub usage: Usage,
}

/// A plugin of a chain that was called.
#[derive(Debug, Clone, Serialize)]
pub struct ChainStep<'a> {
    /// The plugin, as the call spelled it.
    pub plugin: &'a str,
    /// Did it accept?
    pub ok: bool,
    /// What it used. `queue_ms` is 0, because the whole chain waits.
    pub usage: Usage,
    /// What it logged, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<LogLine>,
    /// The time and the seed that it got.
    #[serde(skip_serializing_if = "Granted::is_empty")]
    pub granted: Granted,
}

impl ChainResult<'_> {
    /// Did every plugin accept, change nothing and log nothing, and get neither time nor seed?
    #[must_use]
    pub fn says_nothing(&self) -> bool {
        self.ended_by.is_none()
            && self.input.is_none()
            && self.data.is_none()
            && !self.has_logs()
            && !self.has_granted()
    }

    fn has_granted(&self) -> bool {
        self.steps.iter().any(|step| !step.granted.is_empty())
    }

    fn has_logs(&self) -> bool {
        self.steps.iter().any(|step| !step.log.is_empty())
    }

    /// As JSON it is a [`HookResult`](crate::HookResult) with `steps`, where `ctx` may be present whether `ok` is true or not.
    ///
    /// # Errors
    /// [`HostError::Internal`], for a bug.
    pub fn to_json(&self) -> Result<String, HostError> {
        let mut json = self.write()?;
        json.serialize("steps", &self.steps)?;
        json.serialize("usage", &self.usage)?;
        Ok(json.end())
    }

    /// The same without `steps` and `usage`, for a caller that passes numbers in another way. `logs` has the log of each step, if any
    /// step logged something, and `granted` what each got of a time and a seed, if any did.
    ///
    /// # Errors
    /// [`HostError::Internal`], for a bug.
    pub fn outcome_to_json(&self) -> Result<String, HostError> {
        let mut json = self.write()?;
        if self.has_logs() {
            json.serialize("logs", &self.steps.iter().map(|step| &step.log).collect::<Vec<_>>())?;
        }
        if self.has_granted() {
            json.serialize("granted", &self.steps.iter().map(|step| &step.granted).collect::<Vec<_>>())?;
        }
        Ok(json.end())
    }

    fn write(&self) -> Result<ObjectWriter, HostError> {
        let parts = [self.input, self.data].into_iter().flatten().map(|part| part.get().len());
        let ended_by = self.ended_by.as_ref().map_or(0, Outcome::text_bytes);
        let mut json = ObjectWriter::with_room(parts.fold(ended_by, usize::saturating_add));
        match &self.ended_by {
            Some(outcome) => write_no(&mut json, outcome)?,
            None => json.member("ok", "true"),
        }
        write_changes(&mut json, self.input, self.data);
        Ok(json)
    }
}
