//! Handles of libuv with which other threads wake an event loop, and with which it stays awake.

use std::ffi::c_void;
use std::panic::{self, AssertUnwindSafe};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use napi::bindgen_prelude::{Env, FunctionRef};
use napi::sys;

use crate::queue::bell::callback;
use crate::queue::bell::libuv::{Kind, Libuv, UvHandle};

/// Has an event loop call a function. Dropping it closes its handles, on the loop's own thread.
pub(crate) struct LoopBell {
    shared: Arc<Shared>,
}

/// What all threads know of the handles.
struct Shared {
    libuv: Libuv,
    /// `None` from when they begin to close. To ring takes the lock, so that they do not close meanwhile.
    handles: RwLock<Option<Handles>>,
    is_given_up: AtomicBool,
}

/// Handles that are not closing.
struct Handles {
    /// Wakes the loop.
    ring: NonNull<UvHandle>,
    /// Keeps the loop awake.
    wait: NonNull<UvHandle>,
}

// SAFETY: other threads do nothing with them but `uv_async_send` with the first, which is for them.
unsafe impl Send for Handles {}
// SAFETY: as above. It may be called by several threads at once.
unsafe impl Sync for Handles {}

/// What belongs to the loop's own thread. The handles point to it, from their opening until they are closed.
struct OnLoop {
    shared: Arc<Shared>,
    env: sys::napi_env,
    /// What to call; `None` once the handles close.
    wake: Option<FunctionRef<(), ()>>,
    /// Until when the loop stays awake.
    awake_until: Instant,
    /// The handle that wakes the loop, which is closed after the other.
    ring: NonNull<UvHandle>,
    /// Has the environment wait, when it ends, until the handles are closed.
    hook: sys::napi_async_cleanup_hook_handle,
}

impl LoopBell {
    /// Opens handles on the loop of this environment, on its thread. They do not keep the loop alive. `None` if the process has no
    /// libuv, or if there is no room.
    pub(super) fn open(env: Env, wake: FunctionRef<(), ()>) -> Option<Self> {
        let libuv = Libuv::of_process()?;
        let event_loop = env.get_uv_event_loop().ok()?;
        let ring = libuv.allocate(Kind::Async)?;
        let Some(wait) = libuv.allocate(Kind::Idle) else {
            // SAFETY: libuv has not taken it.
            unsafe { libuv.free(Kind::Async, ring) };
            return None;
        };
        // SAFETY: the loop is that of this thread, and the handle has as many bytes as libuv asks for.
        if unsafe { (libuv.async_init)(event_loop, ring.as_ptr(), Some(on_ring)) } != 0 {
            // SAFETY: libuv has taken neither.
            unsafe {
                libuv.free(Kind::Async, ring);
                libuv.free(Kind::Idle, wait);
            }
            return None;
        }
        let shared = Arc::new(Shared {
            libuv,
            handles: RwLock::new(Some(Handles { ring, wait })),
            is_given_up: AtomicBool::new(false),
        });
        let on_loop = OnLoop {
            shared: Arc::clone(&shared),
            env: env.raw(),
            wake: Some(wake),
            awake_until: Instant::now(),
            ring,
            hook: ptr::null_mut(),
        };
        let on_loop = Box::into_raw(Box::new(on_loop));
        // SAFETY: as above; the second always succeeds. Nothing runs on this thread's loop meanwhile, so nothing reads the handles' data
        // before that is set.
        unsafe {
            (libuv.idle_init)(event_loop, wait.as_ptr());
            for handle in [ring, wait] {
                (libuv.unref)(handle.as_ptr());
                (libuv.set_data)(handle.as_ptr(), on_loop.cast());
            }
        }
        let bell = Self { shared };
        // SAFETY: `on_loop` lives until the handles are closed, which removes the hook.
        let status = unsafe {
            sys::napi_add_async_cleanup_hook(env.raw(), Some(on_end), on_loop.cast(), &raw mut (*on_loop).hook)
        };
        // Without the hook, the handles close soon, because `bell` is dropped.
        (status == sys::Status::napi_ok).then_some(bell)
    }

    /// Has the loop call the function on one of its next turns. Rings before that count as one.
    pub(super) fn ring(&self) {
        self.shared.ring();
    }

    /// Has the loop turn without sleep until this time. It must be called on the loop's own thread, which `_env` is of.
    pub(super) fn keep_awake(&self, _env: Env, until: Instant) {
        let Shared { libuv, handles, .. } = &*self.shared;
        let handles = handles.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(Handles { wait, .. }) = &*handles {
            // SAFETY: the handle is open, and this is its thread, on which nothing else uses what belongs to it now.
            unsafe {
                (*(libuv.get_data)(wait.as_ptr()).cast::<OnLoop>()).awake_until = until;
                (libuv.idle_start)(wait.as_ptr(), Some(on_turn));
            }
        }
    }

    /// Lets the loop sleep. It must be called on the loop's own thread, which `_env` is of.
    pub(super) fn let_sleep(&self, _env: Env) {
        let Shared { libuv, handles, .. } = &*self.shared;
        let handles = handles.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(Handles { wait, .. }) = &*handles {
            // SAFETY: the handle is open, and this is its thread. It need not have been started.
            unsafe { (libuv.idle_stop)(wait.as_ptr()) };
        }
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
        let handles = self.handles.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(Handles { ring, .. }) = &*handles {
            // SAFETY: the handle is open, and cannot close before the lock is released. The call may be made on any thread.
            unsafe { (self.libuv.async_send)(ring.as_ptr()) };
        }
    }
}

/// Calls the function, or closes the handles if the bell is gone.
unsafe extern "C" fn on_ring(handle: *mut UvHandle) {
    let _ = panic::catch_unwind(AssertUnwindSafe(|| {
        let Some(libuv) = Libuv::of_process() else { return };
        // SAFETY: libuv gives its own handle, whose data was set before the loop turned.
        let on_loop = unsafe { (libuv.get_data)(handle) }.cast::<OnLoop>();
        // SAFETY: it lives until the handles are closed, and only this thread has it.
        if unsafe { &*on_loop }.shared.is_given_up.load(Ordering::Acquire) {
            // SAFETY: as above.
            unsafe { close(on_loop) };
        } else {
            // SAFETY: the environment has not ended, because it waits for the handles. What the function runs may close them, but they are
            // freed on a later turn.
            unsafe {
                callback::call((*on_loop).env, |env| (*on_loop).wake.as_ref()?.borrow_back(env).ok());
            }
        }
    }));
}

/// The loop turns without sleep. Is it time to sleep again?
unsafe extern "C" fn on_turn(handle: *mut UvHandle) {
    let Some(libuv) = Libuv::of_process() else { return };
    // SAFETY: as in `on_ring`.
    let on_loop = unsafe { (libuv.get_data)(handle) }.cast::<OnLoop>();
    // SAFETY: as in `on_ring`.
    if unsafe { &*on_loop }.awake_until <= Instant::now() {
        // SAFETY: it is started, and this is its thread.
        unsafe { (libuv.idle_stop)(handle) };
    }
}

/// The environment ends.
unsafe extern "C" fn on_end(_hook: sys::napi_async_cleanup_hook_handle, on_loop: *mut c_void) {
    // SAFETY: the hook was given this pointer, and is removed before it is freed.
    let _ = panic::catch_unwind(AssertUnwindSafe(|| unsafe { close(on_loop.cast()) }));
}

/// Closes the handles, if they are not closing already.
///
/// # Safety
/// `on_loop` must be that of handles that are not closed yet, on their own thread.
unsafe fn close(on_loop: *mut OnLoop) {
    // SAFETY: the caller says so, and nothing else on this thread borrows it.
    let OnLoop { shared, wake, .. } = unsafe { &mut *on_loop };
    let handles = shared.handles.write().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(Handles { wait, .. }) = handles {
        *wake = None;
        // SAFETY: the handles are open, this is their thread, and no other thread uses them from now on. This also stops it.
        unsafe { (shared.libuv.close)(wait.as_ptr(), Some(on_wait_closed)) };
    }
}

/// The handle that kept the loop awake is closed, and the other follows.
unsafe extern "C" fn on_wait_closed(handle: *mut UvHandle) {
    let _ = panic::catch_unwind(AssertUnwindSafe(|| {
        let (Some(libuv), Some(handle)) = (Libuv::of_process(), NonNull::new(handle)) else { return };
        // SAFETY: as in `on_ring`. libuv does not use its bytes any more, and the other handle is open.
        unsafe {
            let ring = (*(libuv.get_data)(handle.as_ptr()).cast::<OnLoop>()).ring;
            libuv.free(Kind::Idle, handle);
            (libuv.close)(ring.as_ptr(), Some(on_closed));
        }
    }));
}

/// Both handles are closed.
unsafe extern "C" fn on_closed(handle: *mut UvHandle) {
    let _ = panic::catch_unwind(AssertUnwindSafe(|| {
        let (Some(libuv), Some(handle)) = (Libuv::of_process(), NonNull::new(handle)) else { return };
        // SAFETY: as in `on_ring`. It is the last time that anything reads the data.
        let on_loop = unsafe { Box::from_raw((libuv.get_data)(handle.as_ptr()).cast::<OnLoop>()) };
        // SAFETY: libuv does not use its bytes any more.
        unsafe { libuv.free(Kind::Async, handle) };
        if !on_loop.hook.is_null() {
            // SAFETY: the hook was added, and is removed once. The environment may end after this.
            unsafe { sys::napi_remove_async_cleanup_hook(on_loop.hook) };
        }
    }));
}
