//! The kernel's list of a memory's pages that were written: `PAGEMAP_SCAN`, of Linux 6.7 and later.

use std::fs::File;
use std::io;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rustix::ioctl;

use crate::sandbox::memory::kernel::refusals;

/// The pages in a row that the kernel reports as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    /// Where it begins, in bytes from the start of the memory.
    pub(crate) begins: usize,
    /// Its length in bytes.
    pub(crate) length: usize,
    /// Are the pages in memory? They are not while they are swapped out, or just being moved.
    pub(crate) is_present: bool,
}

/// The most runs of one scan. `CPython` writes to some sixty pages here and there in a small call.
pub(crate) const MOST_RUNS: usize = 128;

/// What one scan found.
#[derive(Debug)]
pub(crate) struct Scan {
    regions: [PageRegion; MOST_RUNS],
    found: usize,
    /// The address of the memory.
    base: u64,
    /// Everything before this offset was looked at.
    pub(crate) ends: usize,
}

impl Scan {
    pub(crate) fn runs(&self) -> impl Iterator<Item = Run> {
        let offset = |address: u64| usize::try_from(address.saturating_sub(self.base)).unwrap_or(usize::MAX);
        self.regions.iter().take(self.found).map(move |region| Run {
            begins: offset(region.start),
            length: offset(region.end).saturating_sub(offset(region.start)),
            is_present: region.categories & SWAPPED == 0,
        })
    }
}

/// The page has been written, as far as it is known: without userfaultfd, every page that is there.
const WRITTEN: u64 = 1 << 1;
/// The page is the page of a file, so it was only read.
const FILE: u64 = 1 << 2;
/// The page is in memory.
const PRESENT: u64 = 1 << 3;
/// The page is swapped out, or just being moved.
const SWAPPED: u64 = 1 << 4;
/// The page is the kernel's page of zeros, so it was only read.
const ZERO: u64 = 1 << 5;

/// `struct page_region` of the kernel.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C)]
struct PageRegion {
    start: u64,
    end: u64,
    categories: u64,
}

/// `struct pm_scan_arg` of the kernel.
#[derive(Debug, Default)]
#[repr(C)]
struct ScanArguments {
    size: u64,
    flags: u64,
    start: u64,
    end: u64,
    walk_end: u64,
    regions: u64,
    regions_length: u64,
    max_pages: u64,
    category_inverted: u64,
    category_mask: u64,
    category_anyof_mask: u64,
    return_mask: u64,
}

const PAGEMAP_SCAN: ioctl::Opcode = ioctl::opcode::read_write::<ScanArguments>(b'f', 16);

/// The open `/proc/self/pagemap`.
#[derive(Debug)]
pub(crate) struct PageMap {
    file: File,
    /// The written pages that resets found swapped out or just being moved.
    absent_pages: AtomicU64,
}

/// Was this process forked from one that opened the list? Its open file still shows the memory of that one.
static IS_FORKED: AtomicBool = AtomicBool::new(false);

impl PageMap {
    /// Opens the list; `None` if this machine does not have it, or if a reset that relies on it would not be safe.
    pub(crate) fn open() -> Option<Self> {
        if merges_pages() {
            return None;
        }
        let map = Self { file: File::open("/proc/self/pagemap").ok()?, absent_pages: AtomicU64::default() };
        notices_forks().then_some(map)
    }

    /// A list that cannot be read, as if something else had closed its file.
    #[cfg(test)]
    pub(crate) fn broken() -> Self {
        Self { file: File::open("/dev/null").unwrap(), absent_pages: AtomicU64::default() }
    }

    /// Do all lists show the pages of another process, from which this one was forked?
    pub(crate) fn are_of_other_process() -> bool {
        IS_FORKED.load(Ordering::Relaxed)
    }

    /// Counts pages that a reset found swapped out or just being moved, by their bytes.
    pub(crate) fn note_absent(&self, bytes: usize) {
        let pages = bytes.checked_div(page_bytes()).unwrap_or_default();
        self.absent_pages.fetch_add(pages as u64, Ordering::Relaxed);
    }

    pub(crate) fn absent_pages(&self) -> u64 {
        self.absent_pages.load(Ordering::Relaxed)
    }

    /// Lists the pages of `memory` that are not as they were mapped: those that were ever written to, and, unless `has_image`, those
    /// of a file that were only read. `memory` begins with a page.
    pub(crate) fn scan(&self, memory: &[u8], has_image: bool) -> io::Result<Scan> {
        if Self::are_of_other_process() {
            return Err(io::Error::other("the list of pages belongs to another process"));
        }
        refusals::ask()?;
        let base = address(memory);
        let only_read = if has_image { FILE | ZERO } else { ZERO };
        let mut regions = [PageRegion::default(); MOST_RUNS];
        let mut arguments = ScanArguments {
            size: size_of::<ScanArguments>() as u64,
            start: base,
            end: base.saturating_add(memory.len() as u64),
            regions: regions.as_mut_ptr().expose_provenance() as u64,
            regions_length: MOST_RUNS as u64,
            category_inverted: only_read,
            category_mask: WRITTEN | only_read,
            category_anyof_mask: PRESENT | SWAPPED,
            return_mask: SWAPPED,
            ..ScanArguments::default()
        };
        // The kernel writes to it, through the address above.
        std::hint::black_box(&mut regions);
        // SAFETY: the request has this number and this argument. The kernel writes only to the argument, and to the
        // `regions_length` elements at `regions`, which are valid for writes and have no invalid values. Both live until the
        // call returns. Without flags the scan changes no page.
        #[expect(unsafe_code, reason = "no library has this request")]
        unsafe {
            let request = ioctl::Updater::<PAGEMAP_SCAN, ScanArguments>::new(&mut arguments);
            ioctl::ioctl(&self.file, request)?;
        }
        std::hint::black_box(&mut regions);
        // A region has an end, and the elements without one are as they were made here.
        let found = regions.iter().take_while(|region| region.end > 0).count();
        let ends = usize::try_from(arguments.walk_end.saturating_sub(base)).unwrap_or_default();
        Ok(Scan { regions, found, base, ends })
    }
}

/// The kernel's page, in bytes.
pub(crate) fn page_bytes() -> usize {
    rustix::param::page_size()
}

/// From now on, a process that is forked from this one knows it. Asking for the process's number in each scan would take longer.
fn notices_forks() -> bool {
    static IS_SET: LazyLock<bool> = LazyLock::new(|| {
        // SAFETY: the function below may run in a new process with one thread: it only stores to an atomic.
        #[expect(unsafe_code, reason = "the standard library has no function for it")]
        let result = unsafe { libc::pthread_atfork(None, None, Some(note_fork)) };
        result == 0
    });
    #[expect(unsafe_code, reason = "pthread_atfork takes only unsafe functions")]
    unsafe extern "C" fn note_fork() {
        IS_FORKED.store(true, Ordering::Relaxed);
    }
    *IS_SET && !IS_FORKED.load(Ordering::Relaxed)
}

/// May the kernel merge pages of this process (KSM)? A page of an image that a guest filled with zeros could then become the
/// kernel's page of zeros, and look as if it had only been read.
fn merges_pages() -> bool {
    const PR_GET_MEMORY_MERGE: libc::c_int = 68;
    // SAFETY: it only reads a flag of the process; the unused arguments must be 0.
    #[expect(unsafe_code, reason = "the standard library has no function for it")]
    let merges = unsafe { libc::prctl(PR_GET_MEMORY_MERGE, 0, 0, 0, 0) };
    merges > 0
}

fn address(memory: &[u8]) -> u64 {
    memory.as_ptr().addr() as u64
}
