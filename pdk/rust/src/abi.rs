//! The guest's side of hookcell's ABI: the allocator that the host calls, and the packed pointer that a hook returns.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The buffers that the host may have pointers to. A pointer from the host is looked up here and never dereferenced, so a wrong
/// one is refused, and this needs no `unsafe` block.
static BUFFERS: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// Allocates `size` bytes; 0 if there is no memory.
#[unsafe(no_mangle)]
pub extern "C" fn alloc(size: usize) -> usize {
    let mut buffer = Vec::new();
    if buffer.try_reserve_exact(size).is_err() {
        return 0;
    }
    buffer.resize(size, 0);
    share(buffer).0
}

/// Frees a buffer. A pointer and size that `alloc` and the hooks never returned are ignored.
#[unsafe(no_mangle)]
pub extern "C" fn dealloc(ptr: usize, size: usize) {
    take(ptr, size);
}

/// Runs `hook` on the context at `ptr`, and packs the pointer and length of its answer: `(ptr << 32) | len`. `hook` gets `None`
/// if `ptr` and `len` are not a buffer of `alloc`.
pub fn call(ptr: usize, len: usize, hook: fn(Option<&[u8]>) -> Vec<u8>) -> u64 {
    let context = take(ptr, len);
    let (ptr, len) = share(hook(context.as_deref()));
    (ptr as u64) << 32 | len as u64
}

fn share(buffer: Vec<u8>) -> (usize, usize) {
    let address = (buffer.as_ptr() as usize, buffer.len());
    buffers().push(buffer);
    address
}

fn take(ptr: usize, len: usize) -> Option<Vec<u8>> {
    let mut buffers = buffers();
    let index = buffers.iter().position(|buffer| (buffer.as_ptr() as usize, buffer.len()) == (ptr, len))?;
    Some(buffers.swap_remove(index))
}

fn buffers() -> MutexGuard<'static, Vec<Vec<u8>>> {
    BUFFERS.lock().unwrap_or_else(PoisonError::into_inner)
}
