//! What a patch makes.

use crate::json::parse_cost::Tally;

/// The parts that a patch changed, each as JSON text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Patched {
    pub(crate) input: Option<String>,
    pub(crate) data: Option<String>,
    /// If it is known, the parts are harmless, and they have no more values together than this.
    pub(crate) tally: Option<Tally>,
}
