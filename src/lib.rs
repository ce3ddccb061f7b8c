//! The addon: what Node.js sees of `hookcell-host`. Everything crosses as text, copied once each way; the public
//! TypeScript API is made of it in `lib/`.

#![cfg_attr(test, allow(dead_code, reason = "napi registers nothing in a test build, and so calls nothing"))]
// A guest's value must never reach a panic: on one of libuv's threads that would end the process.
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

mod call;
mod libuv_pool;
mod load;
mod load_queue;
mod options;
mod process;
mod queue;
mod reply;
mod runtime;
