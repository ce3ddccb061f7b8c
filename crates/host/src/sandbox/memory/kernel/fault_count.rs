//! Page faults of the calling thread. A thread without a new one has written to no page that was not writable before.

use std::cell::Cell;
use std::io;

thread_local! {
    static LOOKS: Cell<Looks> = const { Cell::new(Looks { number: 0, faults: None }) };
}

/// The looks of a thread at its page faults.
#[derive(Clone, Copy)]
struct Looks {
    /// How many there were.
    number: u64,
    /// The page faults at the last one; `None` if they are not known.
    faults: Option<u64>,
}

/// The page faults of a thread since it last looked at them, from before a call until its end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FaultWatch {
    /// The thread of the call, as an address that only has to differ between threads that live at the same time.
    thread: usize,
    /// The looks of the thread before the call.
    looks: u64,
}

impl FaultWatch {
    /// Begins before the call writes to its memory.
    pub(crate) fn begin() -> Self {
        Self { thread: thread(), looks: LOOKS.try_with(|looks| looks.get().number).unwrap_or(u64::MAX) }
    }

    /// Ends the watch. May the call have had a page fault?
    ///
    /// Most calls have none, because their slot's pages are there already. To ask takes 0.3 µs, and a scan of a memory's pages 1.2 µs.
    /// The kernel counts each fault that it serves for a thread, those in its own code included, before the thread goes on.
    ///
    /// If another watch of the thread has ended since this one began, it has seen the faults of this call as well, and they are not
    /// new any more.
    pub(crate) fn may_have_seen_one(self) -> bool {
        let now = count().ok();
        let is_quiet = LOOKS.try_with(|looks| {
            let last = looks.get();
            looks.set(Looks { number: last.number.wrapping_add(1), faults: now });
            last.number == self.looks && now.is_some() && last.faults == now
        });
        self.thread != thread() || !is_quiet.unwrap_or(false)
    }
}

fn thread() -> usize {
    LOOKS.try_with(|looks| std::ptr::from_ref(looks).addr()).unwrap_or_default()
}

/// The page faults of this thread so far.
pub(crate) fn count() -> io::Result<u64> {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::uninit();
    // SAFETY: the kernel writes a whole `rusage` there, and nothing else.
    #[expect(unsafe_code, reason = "no library has this call")]
    let result = unsafe { libc::getrusage(libc::RUSAGE_THREAD, usage.as_mut_ptr()) };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call has succeeded, so it was written.
    #[expect(unsafe_code, reason = "the kernel has written it")]
    let usage = unsafe { usage.assume_init() };
    Ok(usage.ru_minflt.cast_unsigned().wrapping_add(usage.ru_majflt.cast_unsigned()))
}
