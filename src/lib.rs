//! The addon: connects `hookcell-host` to Node.js. Data crosses as text and is copied once each way; `lib/` builds the
//! public TypeScript API on it.

#![cfg_attr(test, allow(dead_code, reason = "napi registers nothing in a test build, so nothing is called"))]
// A guest's value must never cause a panic: on a thread of libuv's pool it would end the process.
#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]

mod build;
mod build_result;
mod call;
mod grants;
mod libuv_pool;
mod limits;
mod load;
mod process;
mod queue;
mod reply;
mod runtime;
mod turns;
