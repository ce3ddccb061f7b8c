//! The hookcell sandbox: runs WebAssembly plugins that nobody vouches for, each call in a fresh
//! [wasmtime] store with bounded memory, fuel and time.
//!
//! [`WasmRuntime`] is the whole of it: load a plugin, call a hook with a JSON [`Context`], read the
//! [`HookResult`]. Three outcomes are kept apart everywhere: the plugin answered ([`Outcome::Accepted`],
//! [`Outcome::Rejected`]), the plugin broke ([`Outcome::Faulted`]), or the host refused ([`HostError`]).
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

mod abi;
mod backtrace;
mod bulk_memory;
mod cache_directory;
mod cache_secret;
mod call;
mod cancel;
mod cell;
mod chain;
mod code_cache;
mod code_key;
mod code_map;
mod compile_refusal;
mod compile_trial;
mod compiler;
mod compiler_child;
mod compiler_process;
mod compiler_protocol;
mod context;
mod contract;
mod counted_reader;
mod debug_sections;
mod engine;
mod error;
mod fault;
mod function_name;
mod guest;
mod guest_text;
mod harmless;
mod import_advice;
mod json;
mod json_tokens;
mod limits;
mod load_turn;
mod machine_code;
mod module_file;
mod module_parts;
mod module_scan;
mod not_a_module;
mod parse_cost;
mod plugin;
mod process_supervisor;
mod registry;
mod result;
mod runtime;
mod snapshot;
mod source_map;
mod source_places;
mod start_up;
mod stop;
mod watchdog;

pub use call::HookRequest;
pub use cancel::CancelToken;
pub use chain::{ChainRequest, ChainResult, ChainStep, ChainedPlugin};
pub use code_cache::CodeCache;
pub use compile_trial::{compile_unchecked, compile_work};
pub use compiler::CodeFrom;
pub use compiler_child::compile_for_parent;
pub use compiler_process::{CompilerProcess, IsolateCost};
pub use context::Context;
pub use engine::{Allocation, Engine};
pub use error::HostError;
pub use fault::{Fault, FaultCode};
pub use limits::{Limit, Limits, SandboxConfig};
pub use load_turn::LoadTurn;
pub use plugin::{LoadOptions, MemoryInfo, PluginInfo, PluginNumber};
pub use result::{HookResult, Outcome, Usage};
pub use runtime::WasmRuntime;
