//! Tells the server why and where a plugin panicked, as the last line of its log.

use std::panic::PanicHookInfo;

use serde::Serialize;

use crate::log;
use crate::raw::text_of;

#[derive(Serialize)]
struct Thrown<'a> {
    thrown: Panic<'a>,
}

#[derive(Serialize)]
struct Panic<'a> {
    name: &'static str,
    message: &'a str,
    backtrace: Option<[Frame<'a>; 1]>,
}

#[derive(Serialize)]
struct Frame<'a> {
    file: &'a str,
    line: u32,
    column: u32,
}

/// Makes panics tell about themselves, in the calls of the host. (In unit tests they print as always.)
pub(crate) fn report() {
    if cfg!(target_arch = "wasm32") {
        std::panic::set_hook(Box::new(|info| log::append(&line(info), usize::MAX)));
    }
}

fn line(info: &PanicHookInfo<'_>) -> String {
    let payload = info.payload();
    let text = payload.downcast_ref::<&str>().copied();
    let message = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic");
    let place = info.location().map(|at| [Frame { file: at.file(), line: at.line(), column: at.column() }]);
    text_of(&Thrown { thrown: Panic { name: "panic", message, backtrace: place } })
}
