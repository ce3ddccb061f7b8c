//! Pages that a call may read, and that the first write to one of them opens.

use std::io;
use std::ops::Range;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rustix::mm::{self, MprotectFlags};
use wasmtime::Store;
use wasmtime::unix::StoreExt;

use crate::sandbox::memory::kernel::refusals;

/// The closed pages of a slot: one range or none. They are read-only, so while they are closed none of them can have been written.
///
/// Only the thread that has the slot changes them, or a signal handler that interrupts it. They are atomics for the latter.
#[derive(Debug)]
pub(crate) struct ClosedPages {
    /// The address of the memory.
    memory: usize,
    /// Where they begin and end, in bytes from there.
    begins: AtomicUsize,
    ends: AtomicUsize,
    /// The memory's length. What is beyond it is inaccessible, closed or not.
    accessible: AtomicUsize,
    /// Has a write opened them?
    are_open: AtomicBool,
    /// Did the kernel refuse to open them?
    are_stuck: AtomicBool,
}

impl ClosedPages {
    /// None, in the memory at this address.
    pub(crate) fn none(memory: usize) -> Self {
        Self {
            memory,
            begins: AtomicUsize::new(0),
            ends: AtomicUsize::new(0),
            accessible: AtomicUsize::new(0),
            are_open: AtomicBool::new(false),
            are_stuck: AtomicBool::new(false),
        }
    }

    /// The pages that are closed, or that were until a write opened them.
    pub(crate) fn range(&self) -> Range<usize> {
        self.begins.load(Ordering::Relaxed)..self.ends.load(Ordering::Relaxed)
    }

    /// The closed pages among these; an empty range within them if there are none.
    pub(crate) fn within(&self, pages: &Range<usize>) -> Range<usize> {
        let closed = if self.are_open() { 0..0 } else { self.range() };
        let begins = closed.start.clamp(pages.start, pages.end);
        begins..closed.end.clamp(begins, pages.end)
    }

    /// Has a write opened them?
    pub(crate) fn are_open(&self) -> bool {
        self.are_open.load(Ordering::Relaxed)
    }

    /// Did the kernel refuse to open them? Then the host failed, and not the guest. It may have opened some of them all the same, so
    /// their memory must not be used again.
    pub(crate) fn are_stuck(&self) -> bool {
        self.are_stuck.load(Ordering::Relaxed)
    }

    /// Notes that these pages, and no others, are read-only.
    pub(super) fn set(&self, pages: Range<usize>) {
        self.begins.store(pages.start, Ordering::Relaxed);
        self.ends.store(pages.end, Ordering::Relaxed);
        self.are_open.store(false, Ordering::Relaxed);
        self.are_stuck.store(false, Ordering::Relaxed);
    }

    pub(super) fn set_accessible(&self, bytes: usize) {
        self.accessible.store(bytes, Ordering::Relaxed);
    }

    /// Makes them all writable.
    ///
    /// # Errors
    /// If the kernel refuses. Then they are stuck.
    pub(crate) fn open(&self) -> io::Result<()> {
        let opened = self.make_writable();
        self.are_open.store(opened.is_ok(), Ordering::Relaxed);
        self.are_stuck.store(opened.is_err(), Ordering::Relaxed);
        opened
    }

    fn make_writable(&self) -> io::Result<()> {
        let pages = self.within(&(0..self.accessible.load(Ordering::Relaxed)));
        if !pages.is_empty() {
            refusals::ask()?;
            let address = ptr::with_exposed_provenance_mut(self.memory.saturating_add(pages.start));
            // SAFETY: the pages are in the memory of this slot, and its guest may write to all of that.
            #[expect(unsafe_code, reason = "changing access to memory is unsafe")]
            unsafe { mm::mprotect(address, pages.len(), MprotectFlags::READ | MprotectFlags::WRITE) }?;
        }
        Ok(())
    }

    /// Opens them if one of these bytes of the memory is among them. The host does so before it writes there: no signal handler
    /// of wasmtime's is asked then.
    ///
    /// # Errors
    /// If the kernel refuses.
    pub(crate) fn open_for(&self, bytes: &Range<usize>) -> io::Result<()> {
        if self.within(bytes).is_empty() { Ok(()) } else { self.open() }
    }

    /// Opens them if a write to this address is what they wait for. Returns whether the write can be tried again.
    ///
    /// It runs in a signal handler: it takes no lock and allocates nothing.
    fn open_at(&self, address: usize) -> bool {
        let Some(at) = address.checked_sub(self.memory) else { return false };
        let is_closed =
            at < self.accessible.load(Ordering::Relaxed) && self.within(&(at..at.saturating_add(1))).len() == 1;
        is_closed && self.open().is_ok()
    }
}

/// From now on, the first write of the store's guest to one of these pages opens them all, and the guest goes on.
pub(crate) fn open_on_write<T>(store: &mut Store<T>, pages: &Arc<ClosedPages>) {
    let pages = Arc::clone(pages);
    let handler = move |signal: libc::c_int, info: *const libc::siginfo_t, _: *const libc::c_void| {
        // SAFETY: the kernel gives a `siginfo_t` that is valid until the handler returns, and the address is in it for this signal.
        #[expect(unsafe_code, reason = "what a signal tells is behind a pointer")]
        let address = || unsafe { (*info).si_addr() }.addr();
        signal == libc::SIGSEGV && pages.open_at(address())
    };
    // SAFETY: the handler is safe to run in a signal: it reads atomics, makes one system call, and writes an atomic.
    #[expect(unsafe_code, reason = "wasmtime trusts a signal handler")]
    unsafe {
        store.set_signal_handler(handler);
    }
}

/// Can pages that were closed always be opened again? With a bound on its data, a process may have used it up until then, and then a
/// guest that does no wrong could not go on.
pub(crate) fn can_always_be_opened() -> bool {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the kernel writes a whole `rlimit` there, and nothing else.
    #[expect(unsafe_code, reason = "the standard library has no function for it")]
    let result = unsafe { libc::getrlimit(libc::RLIMIT_DATA, &raw mut limit) };
    result == 0 && limit.rlim_cur == libc::RLIM_INFINITY
}

/// What handles the signal of a write to closed pages, as an address; `None` if it is not known.
pub(crate) fn signal_handler() -> Option<usize> {
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: it changes nothing. The kernel's answer is written there whole if the call succeeds.
    #[expect(unsafe_code, reason = "the standard library has no function for it")]
    let result = unsafe { libc::sigaction(libc::SIGSEGV, ptr::null(), action.as_mut_ptr()) };
    // SAFETY: the call has succeeded, so it was written.
    #[expect(unsafe_code, reason = "the kernel has written it")]
    let action = (result == 0).then(|| unsafe { action.assume_init() });
    Some(action?.sa_sigaction)
}
