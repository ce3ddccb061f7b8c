//! What the runtimes of a process share, in all its threads.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use hookcell_host::{CodeCache, Engine, HostError, LimitOverrides, WasmRuntime};
use napi_derive::napi;

use crate::call::sync;
use crate::libuv_pool::libuv_threads;
use crate::load_queue::MOST_AT_ONCE;
use crate::options::{CodeCacheOptions, whole};

/// The engine of the process. It is never dropped: a worker thread may end while another still runs hooks.
static ENGINE: Mutex<Option<Arc<Engine>>> = Mutex::new(None);

/// The runtimes of the process.
static RUNTIMES: Mutex<Runtimes> = Mutex::new(Runtimes { living: Vec::new(), are_ending: false });

struct Runtimes {
    living: Vec<Weak<WasmRuntime>>,
    are_ending: bool,
}

/// Makes a runtime on the engine of the process.
pub(crate) fn new_runtime(
    limits: &LimitOverrides,
    code_cache: Option<CodeCacheOptions>,
) -> Result<Arc<WasmRuntime>, HostError> {
    let mut runtime = WasmRuntime::with_engine(engine()?, limits)?;
    if let Some(CodeCacheOptions { directory, max_bytes }) = code_cache {
        runtime = runtime.with_code_cache(CodeCache::open(directory, whole(max_bytes))?);
    }
    let runtime = Arc::new(runtime);
    add(&runtime);
    Ok(runtime)
}

/// Remembers a runtime, but does not keep it alive.
fn add(runtime: &Arc<WasmRuntime>) {
    let mut runtimes = RUNTIMES.lock().unwrap_or_else(PoisonError::into_inner);
    if runtimes.are_ending {
        runtime.cancel_all();
    }
    runtimes.living.retain(|living| living.strong_count() > 0);
    runtimes.living.push(Arc::downgrade(runtime));
}

/// Ends the calls of all runtimes in all threads of the process, those to come as well: the process ends.
#[napi]
pub fn cancel_all_of_process() {
    let mut runtimes = RUNTIMES.lock().unwrap_or_else(PoisonError::into_inner);
    runtimes.are_ending = true;
    for runtime in runtimes.living.drain(..).filter_map(|living| living.upgrade()) {
        runtime.cancel_all();
    }
}

/// Cells beyond those that can be in use at once. A cell keeps the memory image of the plugin it ran last, and a call of
/// another has to change it: 16 plugins in turns took 14 µs a call in 4 cells, 4 µs where each has its own. Past some 100 the
/// processor's caches are too small for the images all the same. One that is not in use holds at most 336 KiB.
const WARM_CELLS: u32 = 64;

/// Hooks run on libuv's threads, so as many run at once as there are, beside those that JavaScript waits for on its own
/// threads and the start-ups of plugins that are loaded.
fn engine() -> Result<Arc<Engine>, HostError> {
    let mut engine = ENGINE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(engine) = &*engine {
        return Ok(Arc::clone(engine));
    }
    let busy = libuv_threads().saturating_add(MOST_AT_ONCE).saturating_add(sync::MOST_AT_ONCE);
    let new = Arc::new(Engine::new(busy.saturating_add(WARM_CELLS))?);
    *engine = Some(Arc::clone(&new));
    Ok(new)
}
