//! How much a patch may do.

/// How much a patch may do.
pub(crate) struct Bounds<'a> {
    /// The most operations.
    pub(crate) operations: u64,
    /// The most bytes of the input and the data, as far as they are changed.
    pub(crate) bytes: usize,
    /// Has the call's deadline passed?
    pub(crate) is_late: &'a dyn Fn() -> bool,
}

/// Why a patch is not applied.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unpatched {
    /// What is wrong with it.
    Refused(String),
    /// The call's deadline has passed.
    Late,
}
