//! Waking JavaScript from a worker.

mod callback;
mod libuv;
mod loop_bell;

use std::time::Instant;

use napi::Status;
use napi::bindgen_prelude::{Env, Function, JsObjectValue, Object, Result};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};

use crate::queue::bell::loop_bell::LoopBell;

/// A function that the addon calls. It keeps neither the event loop nor its thread alive.
type CallableByThreads = ThreadsafeFunction<(), (), (), Status, false, true>;

/// Has the event loop call a function, from any thread.
pub(crate) enum Bell {
    /// A handle of libuv.
    Loop(LoopBell),
    /// A function of Node-API's, for a runtime without libuv. It holds a lock while it wakes the loop's thread, which needs the same
    /// lock when it wakes. A thread that slept then sleeps again: that took 8 µs more.
    Function(Box<CallableByThreads>),
}

impl Bell {
    /// A bell for this function.
    pub(crate) fn of(env: Env, wake: &Function<'_, (), ()>) -> Result<Self> {
        if has_libuv(env)
            && let Some(bell) = LoopBell::open(env, wake.create_ref()?)
        {
            return Ok(Self::Loop(bell));
        }
        let function = wake.build_threadsafe_function().weak::<true>().callee_handled::<false>().build()?;
        Ok(Self::Function(Box::new(function)))
    }

    /// Has the event loop look for events without sleep until this time, if it can. It must be called on the loop's own thread, which
    /// `env` is of.
    pub(crate) fn keep_awake(&self, env: Env, until: Instant) {
        if let Self::Loop(bell) = self {
            bell.keep_awake(env, until);
        }
    }

    /// Lets the event loop sleep. It must be called on the loop's own thread, which `env` is of.
    pub(crate) fn let_sleep(&self, env: Env) {
        if let Self::Loop(bell) = self {
            bell.let_sleep(env);
        }
    }

    /// Has the event loop call the function on one of its next turns.
    pub(crate) fn ring(&self) {
        match self {
            Self::Loop(bell) => bell.ring(),
            Self::Function(function) => {
                // It fails only when the environment ends, and then no caller is left.
                function.call((), ThreadsafeFunctionCallMode::NonBlocking);
            }
        }
    }
}

/// Is the loop of this environment one of libuv? Bun and Deno have some of its functions, with other loops behind them.
fn has_libuv(env: Env) -> bool {
    let versions = || -> Result<bool> {
        let process: Object<'_> = env.get_global()?.get_named_property("process")?;
        let versions: Object<'_> = process.get_named_property("versions")?;
        let has = |name: &str| versions.has_named_property(name);
        Ok(has("uv")? && !has("bun")? && !has("deno")?)
    };
    versions().unwrap_or(false)
}
