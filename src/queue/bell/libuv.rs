//! Functions of libuv that Node.js exports. They are looked up by name, because other runtimes do not have them.

use std::alloc::{self, Layout};
use std::ffi::{c_int, c_void};
use std::ptr::NonNull;
use std::sync::OnceLock;

use napi::sys::uv_loop_s;

/// A handle of libuv, whose contents are its own.
#[repr(C)]
pub(super) struct UvHandle {
    _data: [u8; 0],
}

/// The kinds of handles that are used here, as `uv_handle_type` numbers them.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Other threads wake the loop with it.
    Async = 1,
    /// It is called on each turn of the loop, which does not sleep meanwhile.
    Idle = 6,
}

/// As much as any type of C needs.
const ALIGNMENT: usize = 16;

/// What libuv calls with a handle, on the thread of its loop.
pub(super) type OnHandle = unsafe extern "C" fn(handle: *mut UvHandle);

/// Functions of libuv, as its manual describes them.
#[derive(Clone, Copy)]
pub(super) struct Libuv {
    handle_size: unsafe extern "C" fn(kind: c_int) -> usize,
    pub(super) async_init: unsafe extern "C" fn(*mut uv_loop_s, *mut UvHandle, Option<OnHandle>) -> c_int,
    pub(super) async_send: unsafe extern "C" fn(*mut UvHandle) -> c_int,
    pub(super) idle_init: unsafe extern "C" fn(*mut uv_loop_s, *mut UvHandle) -> c_int,
    pub(super) idle_start: unsafe extern "C" fn(*mut UvHandle, Option<OnHandle>) -> c_int,
    pub(super) idle_stop: unsafe extern "C" fn(*mut UvHandle) -> c_int,
    pub(super) close: unsafe extern "C" fn(*mut UvHandle, Option<OnHandle>),
    pub(super) unref: unsafe extern "C" fn(*mut UvHandle),
    pub(super) get_data: unsafe extern "C" fn(*const UvHandle) -> *mut c_void,
    pub(super) set_data: unsafe extern "C" fn(*mut UvHandle, *mut c_void),
}

impl Libuv {
    /// The functions of this process; `None` if it lacks any.
    pub(super) fn of_process() -> Option<Self> {
        static FOUND: OnceLock<Option<Libuv>> = OnceLock::new();
        *FOUND.get_or_init(Self::find)
    }

    #[cfg(unix)]
    fn find() -> Option<Self> {
        let process = libloading::os::unix::Library::this();
        // SAFETY: the types are those of libuv's manual, which has not changed them since its version 1.19.
        unsafe {
            Some(Self {
                handle_size: *process.get(b"uv_handle_size\0").ok()?,
                async_init: *process.get(b"uv_async_init\0").ok()?,
                async_send: *process.get(b"uv_async_send\0").ok()?,
                idle_init: *process.get(b"uv_idle_init\0").ok()?,
                idle_start: *process.get(b"uv_idle_start\0").ok()?,
                idle_stop: *process.get(b"uv_idle_stop\0").ok()?,
                close: *process.get(b"uv_close\0").ok()?,
                unref: *process.get(b"uv_unref\0").ok()?,
                get_data: *process.get(b"uv_handle_get_data\0").ok()?,
                set_data: *process.get(b"uv_handle_set_data\0").ok()?,
            })
        }
    }

    #[cfg(not(unix))]
    fn find() -> Option<Self> {
        None
    }

    /// Room for a handle, which libuv has not taken yet.
    pub(super) fn allocate(&self, kind: Kind) -> Option<NonNull<UvHandle>> {
        let layout = self.layout(kind)?;
        // SAFETY: the layout has a size.
        NonNull::new(unsafe { alloc::alloc_zeroed(layout) }).map(NonNull::cast)
    }

    /// Frees the room of a handle.
    ///
    /// # Safety
    /// It must be from [`Self::allocate`] with this kind, and libuv must not have it, or not have it any more.
    pub(super) unsafe fn free(&self, kind: Kind, handle: NonNull<UvHandle>) {
        if let Some(layout) = self.layout(kind) {
            // SAFETY: the caller says so, and the layout of a kind is always the same.
            unsafe { alloc::dealloc(handle.as_ptr().cast(), layout) };
        }
    }

    fn layout(&self, kind: Kind) -> Option<Layout> {
        // SAFETY: it only looks up a number.
        let size = unsafe { (self.handle_size)(kind as c_int) };
        Layout::from_size_align(size, ALIGNMENT).ok().filter(|layout| layout.size() > 0)
    }
}
