//! What compiling in child processes costs.

use serde::Serialize;

/// What compiling in child processes has cost a load.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IsolateCost {
    /// Milliseconds from asking for a process to its answer, of all of them together.
    pub ms: f64,
    /// The most memory that one of them had resident, its own program included, in bytes; 0 where the system does not say
    /// (it does on Linux).
    pub peak_bytes: u64,
}

impl IsolateCost {
    /// This, and that of one more process.
    pub(crate) fn and(self, other: Option<Self>) -> Self {
        let other = other.unwrap_or(Self { ms: 0.0, peak_bytes: 0 });
        Self { ms: self.ms + other.ms, peak_bytes: self.peak_bytes.max(other.peak_bytes) }
    }
}
