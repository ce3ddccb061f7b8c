//! Calling JavaScript from a handle of libuv.

use std::ptr;

use napi::bindgen_prelude::{Env, Function};
use napi::{JsValue, sys};

/// Calls the function that `get` gives, as an event does: then come the microtasks.
///
/// # Safety
/// The environment must be that of this thread, and must not have ended.
pub(super) unsafe fn call(raw: sys::napi_env, get: impl for<'env> FnOnce(&'env Env) -> Option<Function<'env, (), ()>>) {
    let mut scope = ptr::null_mut();
    // SAFETY: the caller says so.
    if unsafe { sys::napi_open_handle_scope(raw, &raw mut scope) } != sys::Status::napi_ok {
        return;
    }
    let env = Env::from_raw(raw);
    if let Some(function) = get(&env) {
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
