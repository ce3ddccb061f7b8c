//! The guest's side of hookcell's ABI: the allocator that the host calls, and the packed pointer that a hook returns.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::answer::{Outcome, answer};
use crate::context::{Context, Part};
use crate::panic;

#[cfg(not(target_arch = "wasm32"))]
const _: (extern "C" fn(usize) -> usize, extern "C" fn(usize, usize)) = (alloc, dealloc);

/// The buffers that the host may have pointers to. A pointer from the host is looked up here and never dereferenced, so a wrong
/// one is refused, and this needs no `unsafe` block.
static BUFFERS: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// Allocates `size` bytes; 0 if there is no memory.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
extern "C" fn alloc(size: usize) -> usize {
    let mut buffer = Vec::new();
    if buffer.try_reserve_exact(size).is_err() {
        return 0;
    }
    buffer.resize(size, 0);
    share(buffer).0
}

/// Frees a buffer. A pointer and size that `alloc` and the hooks never returned are ignored.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
extern "C" fn dealloc(ptr: usize, size: usize) {
    take(ptr, size);
}

/// Runs `hook` on the context at `ptr`, and packs the pointer and length of its answer: `(ptr << 32) | len`.
///
/// # Panics
///
/// If there is no context of this length at `ptr`, or if the hook does.
pub fn call<I: Part, D: Part, C: Part, O: Outcome>(ptr: usize, len: usize, hook: fn(Context<I, D, C>) -> O) -> u64 {
    panic::report();
    let Some(context) = take(ptr, len) else { panic!("the context is not in a buffer of alloc") };
    // Leaked, which costs nothing on a heap that never frees: so what a plugin reads from it needs no lifetime.
    let (ptr, len) = share(answer(context.leak(), hook));
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

#[cfg(test)]
mod tests {
    use super::{alloc, call, dealloc};
    use crate::{Answer, Context};

    fn unchanged(ctx: Context) -> Answer {
        Ok(ctx)
    }

    #[test]
    #[should_panic(expected = "the context is not in a buffer of alloc")]
    fn a_context_that_was_not_allocated_is_not_read() {
        call(16, 4, unchanged);
    }

    #[test]
    #[should_panic(expected = "the context is not in a buffer of alloc")]
    fn a_buffer_that_was_freed_is_not_read() {
        let ptr = alloc(4);
        dealloc(ptr, 4);
        call(ptr, 4, unchanged);
    }

    #[test]
    fn a_size_that_no_memory_has_gives_0() {
        assert_eq!(alloc(usize::MAX), 0);
    }
}
