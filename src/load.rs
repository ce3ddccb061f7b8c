//! Loads run on Tokio's blocking pool, because reading and compiling a large plugin takes seconds and libuv has only four
//! threads.

#![expect(clippy::needless_pass_by_value, reason = "napi hands strings over by value")]

use std::collections::HashMap;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hookcell_host::{CompilerProcess, HostError, LoadOptions, LoadTurn, WasmRuntime};
use napi::bindgen_prelude::{Env, Error, PromiseRaw, Result, create_custom_tokio_runtime};
use napi_derive::{module_init, napi};
use tokio::runtime::Builder;
use tokio::sync::oneshot::{self, Sender};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::grants::GrantOptions;
use crate::limits::{LimitOptions, limit_overrides, whole};
use crate::reply;
use crate::turns::build_queue;
use crate::turns::load_queue::{BRIEF, LOADS, LoadSlot, MOST_AT_ONCE};

/// napi-rs would start a worker for every core, but workers here only wait for the blocking pool.
#[module_init]
fn start_tokio() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        // A thread for each load and each build, so that neither waits for the other, and one for an engine that is loaded.
        .max_blocking_threads(MOST_AT_ONCE.saturating_add(build_queue::MOST_AT_ONCE).saturating_add(1) as usize)
        .thread_name("hookcell-load")
        .enable_time()
        .build();
    // If this fails, napi-rs starts its own runtime at the first load, and reports what is wrong.
    if let Ok(runtime) = runtime {
        create_custom_tokio_runtime(runtime);
    }
}

/// The child process that compiles a plugin.
#[napi(object, object_to_js = false)]
pub struct IsolateOptions {
    /// The program to start, and the arguments that go before ours.
    pub program: String,
    pub arguments: Vec<String>,
    pub timeout_ms: u32,
    pub max_memory_bytes: f64,
}

/// Options of a load.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct NativeLoadOptions {
    pub sha256: Option<String>,
    pub limits: Option<LimitOptions>,
    pub isolate: Option<IsolateOptions>,
    pub pre_initialize: Option<bool>,
    pub source_locations: Option<bool>,
    /// Replace the loaded plugin and keep its limits.
    pub reload: Option<bool>,
    pub grants: Option<GrantOptions>,
}

impl From<IsolateOptions> for CompilerProcess {
    fn from(isolate: IsolateOptions) -> Self {
        Self {
            program: isolate.program,
            arguments: isolate.arguments,
            timeout: Duration::from_millis(isolate.timeout_ms.into()),
            max_memory_bytes: whole(isolate.max_memory_bytes),
        }
    }
}

impl TryFrom<NativeLoadOptions> for LoadOptions {
    type Error = HostError;

    fn try_from(options: NativeLoadOptions) -> std::result::Result<Self, HostError> {
        let isolate = options.isolate.map(Into::into);
        Ok(Self {
            sha256: options.sha256,
            sandbox: options.limits.as_ref().map(limit_overrides).unwrap_or_default(),
            grants: options.grants.unwrap_or_default().parse()?,
            isolate,
            pre_initialize: options.pre_initialize,
            source_locations: options.source_locations,
        })
    }
}

/// The options of a load, and whether it is a reload.
pub(crate) fn options(options: Option<NativeLoadOptions>) -> Result<(LoadOptions, bool)> {
    let options = options.unwrap_or_default();
    let reload = options.reload.unwrap_or_default();
    let options = LoadOptions::try_from(options).map_err(|error| Error::from_reason(error.to_string()))?;
    Ok((options, reload))
}

/// The child's side of `isolate`: compiles the module from standard input. Returns the exit code.
#[napi]
pub fn compile_for_parent(allocation: String, parent: u32) -> i32 {
    hookcell_host::compile_for_parent(&allocation, parent)
}

/// Runs a load and returns its reply.
pub(crate) type Load = dyn FnOnce(&WasmRuntime, &LoadTurn) -> std::result::Result<String, HostError> + Send;

/// The waiting and running loads of one runtime.
pub(crate) struct Loads {
    runtime: Arc<WasmRuntime>,
    /// Identifies the runtime in this process.
    number: u64,
    under_way: Mutex<HashMap<u64, UnderWay>>,
}

/// A load that is not cancelled.
struct UnderWay {
    turn: Arc<LoadTurn>,
    ticket: u64,
    /// Receives its reply.
    settle: Sender<String>,
}

/// A load whose slot has come. When this is dropped, the load has a reply: if its thread could not be started, a refusal.
struct Started {
    loads: Arc<Loads>,
    load: u64,
    turn: Option<Arc<LoadTurn>>,
    _slot: LoadSlot,
}

impl Started {
    /// Runs the load on a thread of its own.
    fn go_on(self, run: Box<Load>) {
        // Without any thread, Tokio panics and drops the closure.
        let _ = panic::catch_unwind(AssertUnwindSafe(|| drop(spawn_blocking(move || self.run(run)))));
    }

    fn run(mut self, run: Box<Load>) {
        let Some(turn) = self.turn.take() else { return };
        let reply = reply::caught(|| run(&self.loads.runtime, &turn));
        // Before the reply arrives, so that the next load finds nothing left of this one.
        drop(turn);
        self.loads.settle(self.load, reply);
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        drop(self.turn.take());
        self.loads.settle(self.load, did_not_run());
    }
}

fn did_not_run() -> String {
    reply::refused(&HostError::Internal("no thread for the load".to_owned()))
}

impl Loads {
    pub(crate) fn new(runtime: Arc<WasmRuntime>) -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self { runtime, number: LAST.fetch_add(1, Ordering::Relaxed), under_way: Mutex::default() }
    }

    /// Runs a load off the event loop when its turn comes, and resolves with its reply. `load` is the caller's number for it,
    /// and `plugin` is the requested path or name.
    pub(crate) fn spawn<'env>(
        self: &Arc<Self>,
        env: &'env Env,
        load: f64,
        plugin: &str,
        run: Box<Load>,
    ) -> Result<PromiseRaw<'env, String>> {
        let load = whole(load);
        let turn = Arc::new(self.runtime.take_load_turn(plugin));
        let (settle, reply) = oneshot::channel();
        let (ticket, slot) = LOADS.enter(self.number);
        self.lock().insert(load, UnderWay { turn: Arc::clone(&turn), ticket, settle });
        let loads = Arc::clone(self);
        env.spawn_future(async move {
            let mut reply = reply;
            if let Ok(slot) = slot.await {
                Started { loads, load, turn: Some(turn), _slot: slot }.go_on(run);
            }
            let reply = if let Ok(reply) = timeout(BRIEF, &mut reply).await {
                reply
            } else {
                LOADS.takes_long(ticket);
                reply.await
            };
            Ok(reply.unwrap_or_else(|_| did_not_run()))
        })
    }

    /// The load has this reply, unless it had one before.
    fn settle(&self, load: u64, reply: String) {
        let under_way = self.lock().remove(&load);
        if let Some(UnderWay { turn, settle, .. }) = under_way {
            drop(turn);
            let _ = settle.send(reply);
        }
    }

    /// Cancels a load: its reply resolves now, and it ends or has no effect. Returns `false` if it has already taken effect
    /// and its reply is on the way.
    pub(crate) fn cancel(&self, load: f64) -> bool {
        let mut under_way = self.lock();
        let load = whole(load);
        let Some(UnderWay { turn, ticket, .. }) = under_way.get(&load) else { return false };
        if !self.runtime.cancel_load(turn) {
            return false;
        }
        LOADS.forget(*ticket);
        // Its thread may go on compiling, and nothing measures any more for how long.
        LOADS.takes_long(*ticket);
        if let Some(given_up) = under_way.remove(&load) {
            let _ = given_up.settle.send(reply::refused(&HostError::Cancelled));
        }
        true
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, UnderWay>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hookcell_host::WasmRuntime;
    use tokio::sync::oneshot;

    use super::{Loads, Started, UnderWay};
    use crate::turns::load_queue::LOADS;

    #[test]
    fn a_load_whose_thread_cannot_start_is_refused_and_leaves_nothing_behind() {
        let loads = Arc::new(Loads::new(Arc::new(WasmRuntime::new().unwrap())));
        let turn = Arc::new(loads.runtime.take_load_turn("plugin"));
        let (settle, mut reply) = oneshot::channel();
        let (ticket, mut slot) = LOADS.enter(loads.number);
        loads.lock().insert(1, UnderWay { turn: Arc::clone(&turn), ticket, settle });
        let slot = slot.try_recv().unwrap();
        let started = Started { loads: Arc::clone(&loads), load: 1, turn: Some(turn), _slot: slot };

        // Outside a Tokio runtime there are no threads to start it on.
        started.go_on(Box::new(|_, _| panic!("the load runs")));

        let reply = reply.try_recv().unwrap();
        assert!(reply.contains("ERR_INTERNAL") && reply.contains("no thread for the load"), "{reply}");
        assert!(loads.lock().is_empty());
    }
}
