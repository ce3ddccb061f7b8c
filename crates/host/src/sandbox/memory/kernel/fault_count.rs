//! Page faults of the calling thread. A thread without a new one has written to no page that was not writable before.

use std::cell::Cell;
use std::io;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::sandbox::memory::kernel::memory_lock;

thread_local! {
    static LOOKS: Cell<Looks> = const { Cell::new(Looks { number: 0, faults: None, quiet_since: 0, is_shared: false }) };
    /// The number of the thread, which no other thread of the process ever has. A thread may get the address of one that has ended.
    static THREAD: u64 = {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        NEXT.fetch_add(1, Ordering::Relaxed)
    };
}

/// The looks of a thread at its page faults.
#[derive(Clone, Copy)]
struct Looks {
    /// How many there were.
    number: u64,
    /// The page faults at the last one; `None` if they are not known, or if pages can have become writable without one.
    faults: Option<u64>,
    /// The look since which there was no page fault.
    quiet_since: u64,
    /// The next watch that ends needs no look of its own.
    is_shared: bool,
}

/// The page faults of a thread since it last looked at them, from before a call until its end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FaultWatch {
    /// The thread of the call; `None` if it is not known.
    thread: Option<u64>,
    /// The looks of the thread before the call; `None` if they are not known.
    looks: Option<u64>,
}

impl FaultWatch {
    /// Begins before the call writes to its memory.
    pub(crate) fn begin() -> Self {
        Self { thread: thread(), looks: LOOKS.try_with(|looks| looks.get().number).ok() }
    }

    /// Ends the watch. May the call have had a page fault?
    ///
    /// Most calls have none, because their slot's pages are there already. To ask takes 0.6 µs, and a scan of a memory's pages 1.2 µs.
    /// The kernel counts each fault that it serves for a thread, those in its own code included, before the thread goes on.
    ///
    /// If other watches of the thread have ended since this one began, they may have seen a fault of this call: then there was one
    /// since the last look before it.
    pub(crate) fn may_have_seen_one(self) -> bool {
        let is_quiet = LOOKS.try_with(|looks| {
            let last = looks.get();
            let last = if last.is_shared { Looks { is_shared: false, ..last } } else { last.again() };
            looks.set(last);
            self.looks.is_some_and(|before| last.quiet_since <= before)
        });
        self.thread.is_none() || self.thread != thread() || !is_quiet.unwrap_or(false)
    }
}

impl Looks {
    /// After another look.
    fn again(self) -> Self {
        let number = self.number.wrapping_add(1);
        // Asked first: it may itself have a page fault the first time.
        let was_locked = memory_lock::was_held();
        let now = count().ok().filter(|_| !was_locked);
        let quiet_since = if now.is_some() && self.faults == now { self.quiet_since } else { number };
        Self { number, faults: now, quiet_since, is_shared: false }
    }
}

/// One look at the thread's page faults for several watches. The calls of all of them must be over before the first of them ends.
#[derive(Debug, Default)]
pub(crate) struct SharedLook {
    has_looked: bool,
    /// It is the look of one thread.
    stays_on_its_thread: PhantomData<*const ()>,
}

impl SharedLook {
    /// Drops a cell, whose watch so ends. If calls are made meanwhile, or before the next cell, their watches look for themselves.
    pub(crate) fn end<T>(&mut self, cell: T) {
        let looks = |last: Looks| if self.has_looked { last } else { last.again() };
        let _ = LOOKS.try_with(|last| last.set(Looks { is_shared: true, ..looks(last.get()) }));
        self.has_looked = true;
        let _over = NotShared;
        drop(cell);
    }
}

/// From now on, each watch looks for itself, also after a panic and if the cell had no watch.
struct NotShared;

impl Drop for NotShared {
    fn drop(&mut self) {
        let _ = LOOKS.try_with(|looks| looks.set(Looks { is_shared: false, ..looks.get() }));
    }
}

fn thread() -> Option<u64> {
    THREAD.try_with(|number| *number).ok()
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

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::{FaultWatch, SharedLook};

    /// A write to a page that was never touched.
    fn fault() {
        let mut pages = vec![0_u8; 64 * 1_024 * 1_024];
        if let Some(byte) = std::hint::black_box(&mut pages).last_mut() {
            *byte = 1;
        }
    }

    #[test]
    fn watches_that_overlap_all_see_a_fault_of_theirs_in_whatever_order_they_end() {
        for is_first_first in [true, false] {
            for faults_at in 0..3 {
                FaultWatch::begin().may_have_seen_one();
                let fault_at = |place: i32| {
                    if place == faults_at {
                        fault();
                    }
                };
                let first = FaultWatch::begin();
                fault_at(0);
                let second = FaultWatch::begin();
                fault_at(1);
                let (one, other) = if is_first_first { (first, second) } else { (second, first) };
                let one_saw = one.may_have_seen_one();
                fault_at(2);
                let other_saw = other.may_have_seen_one();
                assert!(one_saw || faults_at == 2, "{is_first_first} {faults_at}");
                assert!(other_saw, "{is_first_first} {faults_at}");
            }
        }
    }

    /// A cell that ends its watch when it is dropped.
    struct Watched<'a> {
        watch: FaultWatch,
        saw_one: &'a Cell<Option<bool>>,
    }

    impl Drop for Watched<'_> {
        fn drop(&mut self) {
            self.saw_one.set(Some(self.watch.may_have_seen_one()));
        }
    }

    /// Ends a watch with a shared look, and returns whether it may have seen a fault.
    fn end(look: &mut SharedLook, watch: FaultWatch) -> bool {
        let saw_one = Cell::new(None);
        look.end(Watched { watch, saw_one: &saw_one });
        saw_one.get().unwrap()
    }

    #[test]
    fn watches_that_share_a_look_all_see_a_fault_of_theirs_and_the_next_one_sees_its_own() {
        for faults_at in 0..3 {
            FaultWatch::begin().may_have_seen_one();
            let mut watches = Vec::with_capacity(3);
            for place in 0..3 {
                watches.push(FaultWatch::begin());
                if place == faults_at {
                    fault();
                }
            }
            let mut look = SharedLook::default();
            let saw = watches.into_iter().map(|watch| end(&mut look, watch)).collect::<Vec<_>>();
            assert!(saw.into_iter().take(faults_at + 1).all(|saw| saw), "{faults_at}");
            let next = FaultWatch::begin();
            fault();
            assert!(next.may_have_seen_one());
        }
    }

    #[test]
    fn watches_that_share_a_look_see_nothing_if_there_was_no_fault() {
        let mut are_quiet = false;
        for _ in 0..100 {
            FaultWatch::begin().may_have_seen_one();
            let watches = [FaultWatch::begin(), FaultWatch::begin(), FaultWatch::begin()];
            let mut look = SharedLook::default();
            are_quiet |= watches.map(|watch| end(&mut look, watch)) == [false; 3];
        }
        assert!(are_quiet);
    }

    #[test]
    fn a_watch_that_ends_between_those_that_share_a_look_or_after_one_of_them_looks_for_itself() {
        struct Reports<'a>(FaultWatch, &'a dyn Fn());
        impl Drop for Reports<'_> {
            fn drop(&mut self) {
                self.0.may_have_seen_one();
                self.1();
            }
        }
        let [first, second] = [FaultWatch::begin(), FaultWatch::begin()];
        let early = FaultWatch::begin();
        let mut look = SharedLook::default();
        end(&mut look, first);
        fault();
        assert!(early.may_have_seen_one());
        // As if the cell's reset reported something, and the listener made a call.
        let ended = Cell::new(None);
        let call = || {
            let watch = FaultWatch::begin();
            fault();
            ended.set(Some(watch.may_have_seen_one()));
        };
        look.end(Reports(second, &call));
        assert_eq!(ended.get(), Some(true));
    }

    #[test]
    fn a_cell_without_a_watch_and_one_that_panics_leave_no_look_behind() {
        struct Panics;
        impl Drop for Panics {
            fn drop(&mut self) {
                panic!("it panics");
            }
        }
        let mut look = SharedLook::default();
        let panics = std::panic::AssertUnwindSafe(|| look.end(Panics));
        assert!(std::panic::catch_unwind(panics).is_err());
        let watch = FaultWatch::begin();
        fault();
        assert!(watch.may_have_seen_one());
        look.end(());
        let watch = FaultWatch::begin();
        fault();
        assert!(watch.may_have_seen_one());
    }

    #[test]
    fn a_watch_of_a_thread_that_has_ended_may_have_seen_a_fault_on_whatever_thread_it_ends() {
        // Threads that live one after the other have the same addresses.
        for _ in 0..10 {
            let begin = || {
                for _ in 0..3 {
                    FaultWatch::begin().may_have_seen_one();
                }
                FaultWatch::begin()
            };
            let watch = std::thread::spawn(begin).join().unwrap();
            assert!(std::thread::spawn(move || watch.may_have_seen_one()).join().unwrap());
        }
    }

    #[test]
    fn watches_that_overlap_see_nothing_if_there_was_no_fault() {
        let mut are_quiet = false;
        // The test's own code may have a fault at first.
        for _ in 0..100 {
            FaultWatch::begin().may_have_seen_one();
            let watches = [FaultWatch::begin(), FaultWatch::begin(), FaultWatch::begin()];
            are_quiet |= watches.map(FaultWatch::may_have_seen_one) == [false; 3];
        }
        assert!(are_quiet);
    }
}
