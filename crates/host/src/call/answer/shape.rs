//! The shape of an answer.

use std::borrow::Cow;

use crate::call::fault::{Fault, FaultCode};
use crate::guest_text;
use crate::json::parse_cost::Tally;

/// An answer of the contract's shape. An absent part is `None`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer<'a> {
    pub(crate) ok: bool,
    /// The text of an object.
    pub(crate) input: Option<&'a str>,
    pub(crate) data: Option<&'a str>,
    /// The text of an array, and then there is no input or data.
    pub(crate) patch: Option<&'a str>,
    pub(crate) error: Option<Cow<'a, str>>,
    /// The text of an array.
    pub(crate) details: Option<&'a str>,
    /// If it is known, all parts are harmless, and they have no more values together than this.
    pub(crate) tally: Option<Tally>,
}

/// The fault of an answer of another shape.
pub(crate) fn wrong_shape(reason: &str) -> Fault {
    not_a_result(&format!("not of the contract's shape: {reason}"))
}

/// The fault of something that is no result.
pub(crate) fn not_a_result(reason: &str) -> Fault {
    Fault::new(FaultCode::Result, format!("the result is {}", guest_text::clean(reason)))
}
