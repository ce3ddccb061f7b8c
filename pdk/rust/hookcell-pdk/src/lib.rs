//! Hooks of [hookcell](https://github.com/hookcell/hookcell) plugins as functions of typed JSON.
//!
//! ```
//! use hookcell_pdk::{Answer, Context, before_hook, reject};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Deserialize, Serialize)]
//! struct Order {
//!     quantity: u32,
//! }
//!
//! #[before_hook]
//! fn limit(mut ctx: Context<Order>) -> Answer<Order> {
//!     if ctx.input.quantity > 100 {
//!         reject!("{} is more than 100", ctx.input.quantity);
//!     }
//!     ctx.input.quantity = ctx.input.quantity.max(1);
//!     Ok(ctx)
//! }
//! # assert_eq!(hookcell_pdk::call(limit, r#"{"input":{"quantity":0}}"#), r#"{"ok":true,"ctx":{"input":{"quantity":1}}}"#);
//! ```
//!
//! The crate brings the exports of the contract, an allocator, the log, and a panic hook that tells the server what happened and
//! where. A plugin must not define another global allocator.

mod abi;
mod answer;
mod context;
#[cfg(target_arch = "wasm32")]
mod heap;
mod log;
mod merge;
mod object;
mod panic;
mod part;
mod patch;
mod raw;
mod rejection;

pub use answer::{Answer, Outcome};
pub use context::{Context, Time, User};
pub use hookcell_pdk_macros::{after_hook, before_hook, hook};
pub use log::{Level, Line};
pub use object::Object;
pub use patch::Patch;
pub use raw::Raw;
pub use rejection::Rejection;

#[doc(hidden)]
pub use abi::call as __call;
pub use answer::call;
