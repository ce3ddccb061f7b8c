//! Which plugins are compiled in halves.

/// Which plugins are compiled in halves: code and data apart, so that plugins that differ only in their data share their code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Split {
    /// Those whose code is long enough that sharing it pays. The default.
    #[default]
    WhenWorthIt,
    /// All that can be. For tests: results are the same.
    Always,
    /// None.
    Never,
}

/// The least code of a plugin that is split, in bytes. It takes a tenth of a second to compile. A call in halves takes 0.5 to
/// 0.9 µs more, and a plugin with so much code takes 10 µs and more for a call.
const LEAST_CODE_BYTES: usize = 128 * 1_024;

impl Split {
    /// The least code of a plugin that is split; `None` if none is.
    pub(crate) fn least_code_bytes(self) -> Option<usize> {
        match self {
            Self::WhenWorthIt => Some(LEAST_CODE_BYTES),
            Self::Always => Some(0),
            Self::Never => None,
        }
    }
}
