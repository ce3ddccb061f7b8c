//! The cost of compiling in child processes.

use serde::Serialize;

/// The cost of a load's compiling in child processes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IsolateCost {
    /// Milliseconds from the request for a process to its reply, summed over all processes.
    pub ms: f64,
    /// The most resident memory of one of them, with its program, in bytes; 0 if the system does not report it (Linux does).
    pub peak_bytes: u64,
}

impl IsolateCost {
    /// This cost and that of another process together.
    pub(crate) fn and(self, other: Option<Self>) -> Self {
        let other = other.unwrap_or(Self { ms: 0.0, peak_bytes: 0 });
        Self { ms: self.ms + other.ms, peak_bytes: self.peak_bytes.max(other.peak_bytes) }
    }
}
