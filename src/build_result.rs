//! What a build made, or why it made nothing, as JavaScript gets it.

use std::time::Duration;

use hookcell_host::{Built, HostError};
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;

use crate::reply;
use crate::turns::build_queue::{Full, WaitLimits};

/// Why a build made nothing.
pub(crate) enum Refused {
    Host(HostError),
    Full(Full, WaitLimits),
    WaitedTooLong(Duration),
}

/// What a build made, or `{"refused":…}`.
#[napi(object, object_from_js = false)]
pub struct NativeBuilt {
    /// What the steps that ran answered.
    pub answers: Vec<Uint8Array>,
    /// The fault of the step after them, as JSON.
    pub fault: Option<String>,
    /// The plugin's module.
    pub plugin: Option<Uint8Array>,
    pub refused: Option<String>,
}

impl NativeBuilt {
    pub(crate) fn of(built: Result<Built, Refused>) -> Self {
        let refused = match built {
            Ok(Built { answers, fault, plugin }) => {
                return Self {
                    answers: answers.into_iter().map(Uint8Array::from).collect(),
                    fault: fault.map(|fault| reply::text(&fault)),
                    plugin: plugin.map(Uint8Array::from),
                    refused: None,
                };
            }
            Err(Refused::Host(error)) => reply::refused(&error),
            Err(Refused::Full(full, limits)) => reply::no_room_for_build(full, limits),
            Err(Refused::WaitedTooLong(wait)) => reply::build_waited_too_long(wait),
        };
        Self { answers: Vec::new(), fault: None, plugin: None, refused: Some(refused) }
    }
}
