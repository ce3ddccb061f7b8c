use std::borrow::Cow;

use serde::Serialize;

use crate::raw::{Raw, text_of};

/// The hook says no.
///
/// A `&str` and a `String` become one, so `?` works: `ctx.input.get("email").ok_or("email is required")?`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    error: Cow<'static, str>,
    details: Vec<Raw>,
}

#[derive(Serialize)]
struct Status {
    status: u16,
}

impl Rejection {
    /// A rejection. `error` is for the user.
    pub fn new(error: impl Into<Cow<'static, str>>) -> Self {
        Self { error: error.into(), details: Vec::new() }
    }

    /// Adds a detail that helps, such as the field and what is wrong with it.
    ///
    /// # Panics
    ///
    /// If it cannot be JSON.
    #[must_use]
    pub fn with_detail(mut self, detail: &(impl Serialize + ?Sized)) -> Self {
        self.details.push(Raw::of(detail));
        self
    }

    /// Sets the HTTP status that the server responds with, 400 to 499. Without it that is 422.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        // The server looks for it in the first detail.
        self.details.insert(0, Raw::of(&Status { status }));
        self
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let mut answer = format!("{{\"ok\":false,\"error\":{}", text_of(&*self.error));
        if !self.details.is_empty() {
            answer.push_str(",\"details\":");
            answer.push_str(&text_of(&self.details));
        }
        answer.push('}');
        answer.into_bytes()
    }
}

impl From<&'static str> for Rejection {
    fn from(error: &'static str) -> Self {
        Self::new(error)
    }
}

impl From<String> for Rejection {
    fn from(error: String) -> Self {
        Self::new(error)
    }
}

/// Ends the hook with a [`Rejection`], whose error is formatted as by [`format!`].
///
/// For details or a status, return one: `return Err(Rejection::new("too late").with_status(409))`.
#[macro_export]
macro_rules! reject {
    ($($argument:tt)+) => {
        return ::core::result::Result::Err($crate::Rejection::new(::std::format!($($argument)+)))
    };
}
