//! Whether the process has its memory locked (`mlockall`).

use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::sandbox::memory::kernel::page_map::page_bytes;

/// Is the memory of the process locked, or was it when this was asked before? To lock it makes all its pages present and writable, without
/// a page fault of the threads that write to them later. They stay so when it is unlocked. To ask takes 0.3 µs.
pub(crate) fn was_held() -> bool {
    static WAS_HELD: AtomicBool = AtomicBool::new(false);
    WAS_HELD.load(Ordering::Relaxed) || {
        let is_held = is_held();
        if is_held && !WAS_HELD.swap(true, Ordering::Relaxed) {
            tracing::warn!("the memory of the process is locked, or the system does not tell: calls become slower");
        }
        is_held
    }
}

fn is_held() -> bool {
    /// The address of a page that nothing uses; `None` if there is none.
    static PAGE: OnceLock<Option<usize>> = OnceLock::new();
    let Some(page) = *PAGE.get_or_init(map_page) else { return true };
    // SAFETY: the page stays mapped. The kernel only looks whether it is locked, because there is no file behind it.
    #[expect(unsafe_code, reason = "no library has this call without a file")]
    let result = unsafe { libc::msync(ptr::with_exposed_provenance_mut(page), page_bytes(), libc::MS_INVALIDATE) };
    result != 0
}

/// It is never unmapped.
fn map_page() -> Option<usize> {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: it is new memory, at an address that the kernel chooses.
    #[expect(unsafe_code, reason = "memory is mapped")]
    let page = unsafe {
        libc::mmap(ptr::null_mut(), page_bytes(), protection, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0)
    };
    (page != libc::MAP_FAILED).then(|| page.expose_provenance())
}

#[cfg(test)]
mod tests {
    use super::was_held;

    #[test]
    fn the_memory_of_this_process_is_not_locked() {
        assert!(!was_held());
    }
}
