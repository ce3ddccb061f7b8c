//! Requests that the kernel refuses, as tests want it.

use std::io;

/// Asked before each request that changes memory. Only tests have it refused.
#[cfg(not(test))]
#[expect(clippy::unnecessary_wraps, reason = "in tests it fails")]
pub(super) const fn ask() -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
pub(super) fn ask() -> io::Result<()> {
    plan::ask()
}

#[cfg(test)]
pub(crate) mod plan {
    use std::cell::Cell;
    use std::io;
    use std::ops::Range;

    thread_local! {
        static ASKED: Cell<u32> = const { Cell::new(0) };
        static REFUSED: Cell<(u32, u32)> = const { Cell::new((0, 0)) };
    }

    /// Has these requests of this thread refused, counted from now on. Returns how many there were since the last plan.
    pub(crate) fn refuse(requests: Range<u32>) -> u32 {
        REFUSED.set((requests.start, requests.end));
        ASKED.replace(0)
    }

    pub(super) fn ask() -> io::Result<()> {
        let (begins, ends) = REFUSED.get();
        let number = ASKED.get();
        ASKED.set(number + 1);
        // As if the process had no map left.
        if (begins..ends).contains(&number) { Err(io::Error::from_raw_os_error(12)) } else { Ok(()) }
    }
}
