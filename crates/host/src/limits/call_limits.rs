//! The limits of a call.

use std::ops::Deref;

use crate::limits::Limits;

/// The limits of a call. They are a few hundred bytes, which are not copied for each call.
pub(crate) enum CallLimits<'a> {
    /// Those of its plugin.
    OfPlugin(&'a Limits),
    /// Its own.
    Own(Box<Limits>),
}

impl Deref for CallLimits<'_> {
    type Target = Limits;

    fn deref(&self) -> &Limits {
        match self {
            Self::OfPlugin(limits) => limits,
            Self::Own(limits) => limits,
        }
    }
}
