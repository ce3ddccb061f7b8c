//! A handle of libuv with which other threads wake an event loop.

use std::alloc::{self, Layout};
use std::ffi::c_void;
use std::panic::{self, AssertUnwindSafe};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use napi::bindgen_prelude::{Env, FunctionRef};
use napi::{JsValue, sys};

use crate::queue::bell::libuv::{Libuv, UvHandle};

/// As much as any type of C needs.
const ALIGNMENT: usize = 16;

/// Has an event loop call a function. Dropping it closes its handle, on the loop's own thread.
pub(crate) struct LoopBell {
    shared: Arc<Shared>,
}

/// What all threads know of the handle.
struct Shared {
    libuv: Libuv,
    /// `None` from when it begins to close. To ring takes the lock, so that it does not close meanwhile.
    handle: RwLock<Option<OpenHandle>>,
    is_given_up: AtomicBool,
}

/// A handle that is not closing.
struct OpenHandle(NonNull<UvHandle>);

// SAFETY: other threads do nothing with it but `uv_async_send`, which is for them.
unsafe impl Send for OpenHandle {}
// SAFETY: as above. It may be called by several threads at once.
unsafe impl Sync for OpenHandle {}

/// What belongs to the loop's own thread. The handle points to it, from its opening until it is closed.
struct OnLoop {
    shared: Arc<Shared>,
    env: sys::napi_env,
    /// What to call; `None` once the handle closes.
    wake: Option<FunctionRef<(), ()>>,
    layout: Layout,
    /// Has the environment wait, when it ends, until the handle is closed.
    hook: sys::napi_async_cleanup_hook_handle,
}

impl LoopBell {
    /// Opens a handle on the loop of this environment, on its thread. It does not keep the loop alive. `None` if the process has no
    /// libuv, or if there is no room.
    pub(super) fn open(env: Env, wake: FunctionRef<(), ()>) -> Option<Self> {
        let libuv = Libuv::of_process()?;
        let event_loop = env.get_uv_event_loop().ok()?;
        let layout = Layout::from_size_align(libuv.async_size(), ALIGNMENT).ok().filter(|layout| layout.size() > 0)?;
        // SAFETY: the layout has a size.
        let handle = NonNull::new(unsafe { alloc::alloc_zeroed(layout) })?.cast::<UvHandle>();
        // SAFETY: the loop is that of this thread, and the handle has as many bytes as libuv asks for.
        if unsafe { (libuv.async_init)(event_loop, handle.as_ptr(), Some(on_ring)) } != 0 {
            // SAFETY: it was allocated above with this layout, and libuv has not taken it.
            unsafe { alloc::dealloc(handle.as_ptr().cast(), layout) };
            return None;
        }
        let shared = Arc::new(Shared {
            libuv,
            handle: RwLock::new(Some(OpenHandle(handle))),
            is_given_up: AtomicBool::new(false),
        });
        let on_loop =
            OnLoop { shared: Arc::clone(&shared), env: env.raw(), wake: Some(wake), layout, hook: ptr::null_mut() };
        let on_loop = Box::into_raw(Box::new(on_loop));
        // SAFETY: the handle is open. Nothing runs on this thread's loop meanwhile, so nothing reads its data before that is set.
        unsafe {
            (libuv.unref)(handle.as_ptr());
            (libuv.set_data)(handle.as_ptr(), on_loop.cast());
        }
        let bell = Self { shared };
        // SAFETY: `on_loop` lives until the handle is closed, which removes the hook.
        let status = unsafe {
            sys::napi_add_async_cleanup_hook(env.raw(), Some(on_end), on_loop.cast(), &raw mut (*on_loop).hook)
        };
        // Without the hook, the handle closes soon, because `bell` is dropped.
        (status == sys::Status::napi_ok).then_some(bell)
    }

    /// Has the loop call the function on one of its next turns. Rings before that count as one.
    pub(super) fn ring(&self) {
        self.shared.ring();
    }
}

impl Drop for LoopBell {
    fn drop(&mut self) {
        self.shared.is_given_up.store(true, Ordering::Release);
        self.shared.ring();
    }
}

impl Shared {
    fn ring(&self) {
        let handle = self.handle.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(OpenHandle(handle)) = &*handle {
            // SAFETY: the handle is open, and cannot close before the lock is released. The call may be made on any thread.
            unsafe { (self.libuv.async_send)(handle.as_ptr()) };
        }
    }
}

/// Calls the function, or closes the handle if the bell is gone.
unsafe extern "C" fn on_ring(handle: *mut UvHandle) {
    let _ = panic::catch_unwind(AssertUnwindSafe(|| {
        let Some(libuv) = Libuv::of_process() else { return };
        // SAFETY: libuv gives its own handle, whose data was set before the loop turned.
        let on_loop = unsafe { (libuv.get_data)(handle) }.cast::<OnLoop>();
        // SAFETY: it lives until the handle is closed, and only this thread has it.
        let is_given_up = unsafe { &*on_loop }.shared.is_given_up.load(Ordering::Acquire);
        if is_given_up {
            // SAFETY: as above.
            unsafe { close(on_loop) };
        } else {
            // SAFETY: as above. What the function runs may close the handle, but it is freed on a later turn.
            unsafe { call(on_loop) };
        }
    }));
}

/// Calls the function as an event does: then come the microtasks.
///
/// # Safety
/// `on_loop` must be that of a handle that is not closed yet, on its own thread.
unsafe fn call(on_loop: *mut OnLoop) {
    // SAFETY: the caller says so.
    let raw = unsafe { (*on_loop).env };
    let mut scope = ptr::null_mut();
    // SAFETY: the environment has not ended, because it waits for the handle.
    if unsafe { sys::napi_open_handle_scope(raw, &raw mut scope) } != sys::Status::napi_ok {
        return;
    }
    let env = Env::from_raw(raw);
    // SAFETY: the caller says so.
    let function = unsafe { &*on_loop }.wake.as_ref().and_then(|wake| wake.borrow_back(&env).ok());
    if let Some(function) = function {
        let mut global = ptr::null_mut();
        // SAFETY: both values are of this scope.
        let status = unsafe {
            sys::napi_get_global(raw, &raw mut global);
            sys::napi_make_callback(raw, ptr::null_mut(), global, function.raw(), 0, ptr::null(), ptr::null_mut())
        };
        if status != sys::Status::napi_ok {
            // SAFETY: it is the environment of this thread, and a scope is open.
            unsafe { report_exception(raw) };
        }
    }
    // SAFETY: it was opened above.
    unsafe { sys::napi_close_handle_scope(raw, scope) };
}

/// Reports what the code threw that ran after the function (microtasks, and what waits for the next tick), as Node.js does after each
/// event: as an uncaught exception.
///
/// # Safety
/// The environment must be that of this thread, with a scope open.
unsafe fn report_exception(env: sys::napi_env) {
    let mut is_pending = false;
    let mut exception = ptr::null_mut();
    // SAFETY: the exception becomes a value of the scope that is open.
    unsafe {
        sys::napi_is_exception_pending(env, &raw mut is_pending);
        if !is_pending || sys::napi_get_and_clear_last_exception(env, &raw mut exception) != sys::Status::napi_ok {
            return;
        }
        if sys::napi_fatal_exception(env, exception) != sys::Status::napi_ok {
            // The thread is being terminated. What is left of that would be read when the environment ends, where no value can be
            // made of it.
            sys::napi_get_and_clear_last_exception(env, &raw mut exception);
        }
    }
}

/// The environment ends.
unsafe extern "C" fn on_end(_hook: sys::napi_async_cleanup_hook_handle, on_loop: *mut c_void) {
    // SAFETY: the hook was given this pointer, and is removed before it is freed.
    let _ = panic::catch_unwind(AssertUnwindSafe(|| unsafe { close(on_loop.cast()) }));
}

/// Closes the handle, if it is not closing already.
///
/// # Safety
/// `on_loop` must be that of a handle that is not closed yet, on its own thread.
unsafe fn close(on_loop: *mut OnLoop) {
    // SAFETY: the caller says so, and nothing else on this thread borrows it.
    let OnLoop { shared, wake, .. } = unsafe { &mut *on_loop };
    let handle = shared.handle.write().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(OpenHandle(handle)) = handle {
        *wake = None;
        // SAFETY: the handle is open, this is its thread, and no other thread uses it from now on.
        unsafe { (shared.libuv.close)(handle.as_ptr(), Some(on_closed)) };
    }
}

/// The handle is closed. libuv does not use its bytes any more.
unsafe extern "C" fn on_closed(handle: *mut UvHandle) {
    let _ = panic::catch_unwind(AssertUnwindSafe(|| {
        let Some(libuv) = Libuv::of_process() else { return };
        // SAFETY: as in `on_ring`. It is the last time that anything reads the data.
        let on_loop = unsafe { Box::from_raw((libuv.get_data)(handle).cast::<OnLoop>()) };
        // SAFETY: it was allocated with this layout.
        unsafe { alloc::dealloc(handle.cast(), on_loop.layout) };
        if !on_loop.hook.is_null() {
            // SAFETY: the hook was added, and is removed once. The environment may end after this.
            unsafe { sys::napi_remove_async_cleanup_hook(on_loop.hook) };
        }
    }));
}
