//! The hookcell sandbox: runs untrusted WebAssembly plugins, each call in a fresh [wasmtime] store with bounded memory,
//! fuel and time.
//!
//! Start with [`WasmRuntime`]: load a plugin, call a hook with a JSON [`Context`], read the [`HookResult`]. There are three
//! outcomes, which are never mixed: the plugin answers ([`Outcome::Accepted`], [`Outcome::Rejected`]), the plugin fails
//! ([`Outcome::Fault`]), or the host refuses ([`HostError`]).
//!
//! ```
//! use hookcell_host::{Context, WasmRuntime};
//!
//! let runtime = WasmRuntime::new()?;
//! let guest = wat::parse_str(include_str!("../../../fixtures/pass_through.wat"))?;
//! runtime.load_plugin_bytes("pass-through", &guest)?;
//!
//! let context = Context::from_json(r#"{"input":{"email":"a@b.example"}}"#)?;
//! let result = runtime.call_hook("pass-through", "before_hook", &context)?;
//! assert!(result.starts_with(r#"{"ok":true"#));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

// No value of a guest may cause a panic, which on one of libuv's threads would end the process.
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

mod backtrace;
mod build;
mod call;
mod codes;
mod compile;
mod engine;
mod error;
mod guest_text;
mod json;
mod limits;
mod module;
mod plugin;
mod runtime;
mod sandbox;
mod split;

pub use build::{Build, BuildStep, Builder, BuilderOptions, Built};
pub use call::HookCall;
pub use call::cells::finished_cells::FinishedCells;
pub use call::chain::{ChainCall, ChainedPlugin, MAX_CHAIN};
pub use call::chain_result::{ChainResult, ChainStep};
pub use call::context::{Context, context_too_long};
pub use call::fault::{Fault, FaultCode};
pub use call::grants::timestamp::Timestamp;
pub use call::grants::{Config, Granted, Grants, Now, Seed};
pub use call::log::line::{LogLevel, LogLine};
pub use call::result::{HookResult, Outcome, Usage};
pub use compile::cache::code_cache::CodeCache;
pub use compile::compiler::CodeFrom;
pub use compile::process::child::compile_for_parent;
pub use compile::process::compiler_process::CompilerProcess;
pub use compile::process::cost::IsolateCost;
pub use compile::trial::{compile_unchecked, compile_work};
pub use engine::{DEFAULT_IDLE_MEMORY_BYTES, Engine};
pub use error::{ErrorCode, HostError};
pub use json::text::JsonText;
pub use limits::declared::DeclaredLimits;
pub use limits::{Limit, LimitOverrides, Limits};
pub use plugin::info::{MemoryInfo, PluginInfo, PluginNumber};
pub use plugin::load_options::LoadOptions;
pub use plugin::load_turn::LoadTurn;
pub use plugin::metadata::Metadata;
pub use runtime::WasmRuntime;
pub use sandbox::cancel::CancelToken;
pub use sandbox::config::Allocation;
pub use split::Split;
