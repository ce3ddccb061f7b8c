//! How much a patch may do.

use std::cell::Cell;

use crate::json::patience::Patience;
use crate::json::reader::Reader;

/// The most values in the arrays and objects that one patch takes apart. Each takes up to 48 bytes of memory while the patch
/// is applied, and a JSON value can be as short as two.
const MOST_VALUES: usize = 1_000_000;

/// The refusal of a patch that takes apart more.
pub(crate) const TOO_MANY_VALUES: &str = "it takes apart arrays and objects with more than 1,000,000 values";

/// How much a patch may do.
pub(crate) struct Bounds<'a> {
    /// The most operations.
    pub(crate) operations: u64,
    /// The most bytes of the input and the data, as far as they are changed.
    pub(crate) bytes: usize,
    /// Ends when the call must end.
    pub(crate) patience: &'a Patience<'a>,
}

/// Why a patch is not applied.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unpatched {
    /// What is wrong with it.
    Refused(String),
    /// The call must end.
    Late,
}

/// What a patch has done so far. A method returns `None` if that is too much.
pub(crate) struct Work<'a> {
    pub(crate) patience: &'a Patience<'a>,
    /// Values that it may still take apart.
    values: Cell<usize>,
    is_exceeded: Cell<bool>,
}

impl<'a> Work<'a> {
    pub(crate) fn new(patience: &'a Patience<'a>) -> Self {
        Self { patience, values: Cell::new(MOST_VALUES), is_exceeded: Cell::new(false) }
    }

    pub(crate) fn reader(&self, text: &'a str) -> Reader<'a> {
        Reader::timed(text, self.patience)
    }

    /// Counts a value of an array or an object that is taken apart.
    pub(crate) fn take(&self) -> Option<()> {
        let left = self.values.get().checked_sub(1);
        match left {
            Some(left) => self.values.set(left),
            None => self.is_exceeded.set(true),
        }
        left.map(drop)
    }

    /// Did it take apart too many values?
    pub(crate) fn is_exceeded(&self) -> bool {
        self.is_exceeded.get()
    }
}
