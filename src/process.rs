//! What all runtimes of a process share, in all its threads.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use hookcell_host::{Builder, BuilderOptions, CancelToken, CodeCache, Engine, HostError, LimitOverrides, WasmRuntime};
use napi_derive::napi;

use crate::call::calling_thread;
use crate::libuv_pool::libuv_threads;
use crate::limits::{number, whole};
use crate::turns::build_queue;
use crate::turns::load_queue::MOST_AT_ONCE;

/// Where compiled code is kept.
#[napi(object, object_to_js = false)]
pub struct CodeCacheOptions {
    pub directory: String,
    pub max_bytes: f64,
}

impl CodeCacheOptions {
    pub(crate) fn open(self) -> Result<CodeCache, HostError> {
        CodeCache::open(self.directory, whole(self.max_bytes))
    }
}

/// The engine of the process. It is never dropped, because a worker thread can end while another still runs hooks.
static ENGINE: Mutex<Option<Arc<Engine>>> = Mutex::new(None);

/// The runtimes of the process.
static RUNTIMES: Mutex<Runtimes> = Mutex::new(Runtimes { living: Vec::new(), builders: Vec::new(), are_ending: false });

struct Runtimes {
    living: Vec<Weak<WasmRuntime>>,
    builders: Vec<Weak<Builder>>,
    are_ending: bool,
}

/// Makes a runtime on the engine of the process.
pub(crate) fn new_runtime(
    limits: &LimitOverrides,
    code_cache: Option<CodeCacheOptions>,
) -> Result<Arc<WasmRuntime>, HostError> {
    let mut runtime = WasmRuntime::with_engine(engine()?, limits)?;
    if let Some(code_cache) = code_cache {
        runtime = runtime.with_code_cache(code_cache.open()?);
    }
    let runtime = Arc::new(runtime);
    add(&runtime);
    Ok(runtime)
}

/// Sets the most bytes of resident memory that unused cells of the process keep.
#[napi]
pub fn set_max_idle_memory_bytes(bytes: f64) -> napi::Result<()> {
    let engine = engine().map_err(|error| napi::Error::from_reason(error.to_string()))?;
    engine.set_max_idle_memory_bytes(whole(bytes));
    Ok(())
}

/// The bytes of resident memory that unused cells of the process keep; `null` where they are not counted.
#[napi]
pub fn idle_memory_bytes() -> Option<f64> {
    let engine = ENGINE.lock().unwrap_or_else(PoisonError::into_inner);
    engine.as_ref().and_then(|engine| engine.idle_memory_bytes()).map(number)
}

/// Gets an engine that builds plugins, for the engine of the process.
pub(crate) fn new_builder(name: &str, bytes: Vec<u8>, options: &BuilderOptions) -> Result<Arc<Builder>, HostError> {
    Ok(add_builder(Builder::load(engine()?, name, bytes, options)?))
}

/// Gets an engine with this SHA-256 that builds plugins, if it has been compiled.
pub(crate) fn find_builder(
    name: &str,
    sha256: &str,
    options: &BuilderOptions,
) -> Result<Option<Arc<Builder>>, HostError> {
    Ok(Builder::find(engine()?, name, sha256, options)?.map(add_builder))
}

/// Remembers a builder, but does not keep it alive.
fn add_builder(builder: Builder) -> Arc<Builder> {
    let builder = Arc::new(builder);
    let mut runtimes = RUNTIMES.lock().unwrap_or_else(PoisonError::into_inner);
    if runtimes.are_ending {
        builder.cancel_all();
    }
    runtimes.builders.retain(|builder| builder.strong_count() > 0);
    runtimes.builders.push(Arc::downgrade(&builder));
    builder
}

/// Cancels what carries this token.
pub(crate) fn cancel(token: &CancelToken) {
    // Without an engine, nothing runs that carries it.
    if let Ok(engine) = engine() {
        engine.cancel(token);
    }
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

/// Ends the calls of all runtimes and all builds in all threads, including later ones, because the process ends.
#[napi]
pub fn cancel_all_of_process() {
    let mut runtimes = RUNTIMES.lock().unwrap_or_else(PoisonError::into_inner);
    runtimes.are_ending = true;
    for runtime in runtimes.living.drain(..).filter_map(|living| living.upgrade()) {
        runtime.cancel_all();
    }
    for builder in runtimes.builders.drain(..).filter_map(|builder| builder.upgrade()) {
        builder.cancel_all();
    }
}

/// Cells in addition to those that can be in use at once. A cell keeps the memory image of the plugin that it ran last, and
/// a call of another plugin must replace it: with 16 plugins in turn, a call took 14 µs in 4 cells and 4 µs with a cell for
/// each. Above about 100, the processor's caches are too small for the images. `maxIdleMemoryBytes` bounds what idle cells of large
/// memories hold together; one of a small memory holds at most 336 KiB.
const WARM_CELLS: u32 = 64;

/// The most cells that a worker keeps to reset them after its reply has left.
const MOST_FINISHED: u32 = 16;

/// How many cells each worker may keep. All workers of libuv's pool together keep no more than there are warm cells, so that no call
/// lacks one.
pub(crate) fn most_finished_cells() -> usize {
    WARM_CELLS.checked_div(libuv_threads()).unwrap_or_default().min(MOST_FINISHED) as usize
}

/// The engine has a cell for each thread of libuv's pool, each blocking call on a thread of JavaScript's, each start-up of a
/// plugin that loads, and each build.
fn engine() -> Result<Arc<Engine>, HostError> {
    let mut engine = ENGINE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(engine) = &*engine {
        return Ok(Arc::clone(engine));
    }
    let off_the_loop = MOST_AT_ONCE.saturating_add(build_queue::MOST_AT_ONCE);
    let busy = libuv_threads().saturating_add(off_the_loop).saturating_add(calling_thread::MOST_AT_ONCE);
    let new = Arc::new(Engine::new(busy.saturating_add(WARM_CELLS))?);
    *engine = Some(Arc::clone(&new));
    Ok(new)
}
