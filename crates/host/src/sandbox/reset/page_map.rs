//! The kernel's list of a memory's pages that were written: `PAGEMAP_SCAN`, of Linux 6.7 and later. This file has the only system
//! calls of a reset.

/// The pages in a row that the kernel reports as one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Run {
    /// Where it begins, in bytes from the start of the memory.
    pub(crate) begins: usize,
    /// Its length in bytes.
    pub(crate) length: usize,
    /// Are the pages in memory? They are not while they are swapped out, or just being moved.
    pub(crate) is_present: bool,
}

/// The most runs of one scan. wasmtime's own scan takes as many.
pub(crate) const MOST_RUNS: usize = 32;

/// What one scan found.
#[derive(Debug)]
pub(crate) struct Scan {
    runs: [Run; MOST_RUNS],
    found: usize,
    /// Everything before this offset was looked at.
    pub(crate) ends: usize,
}

impl Scan {
    pub(crate) fn runs(&self) -> &[Run] {
        self.runs.get(..self.found).unwrap_or_default()
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::{PageMap, drop_pages, drop_unused_pages, page_bytes};
#[cfg(target_os = "linux")]
pub(crate) use linux::{PageMap, drop_pages, drop_unused_pages, page_bytes};

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::File;
    use std::io;
    use std::ops::Range;
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicBool, Ordering};

    use rustix::ioctl;

    use super::{MOST_RUNS, Run, Scan};

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
    }

    /// Was this process forked from one that opened the list? Its open file still shows the memory of that one.
    static IS_FORKED: AtomicBool = AtomicBool::new(false);

    impl PageMap {
        /// Opens the list; `None` if this machine does not have it, or if a reset that relies on it would not be safe.
        pub(crate) fn open() -> Option<Self> {
            if merges_pages() {
                return None;
            }
            let map = Self { file: File::open("/proc/self/pagemap").ok()? };
            (notices_forks() && map.works()).then_some(map)
        }

        /// A list that cannot be read, as if something else had closed its file.
        #[cfg(test)]
        pub(crate) fn broken() -> Self {
            Self { file: File::open("/dev/null").unwrap() }
        }

        /// Lists the pages in a part of `memory` that are not as they were mapped: those that were ever written to, and,
        /// unless `has_image`, those of a file that were only read.
        ///
        /// `memory` begins with a page, and so does the part.
        pub(crate) fn scan(&self, memory: &[u8], part: Range<usize>, has_image: bool) -> io::Result<Scan> {
            if IS_FORKED.load(Ordering::Relaxed) {
                return Err(io::Error::other("the list of pages belongs to another process"));
            }
            let base = address(memory);
            let only_read = if has_image { FILE | ZERO } else { ZERO };
            let mut regions = [PageRegion::default(); MOST_RUNS];
            let mut arguments = ScanArguments {
                size: size_of::<ScanArguments>() as u64,
                start: base.saturating_add(part.start as u64),
                end: base.saturating_add(part.end.min(memory.len()) as u64),
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
            let offset = |address: u64| usize::try_from(address.saturating_sub(base)).unwrap_or(usize::MAX);
            let mut scan = Scan { runs: [Run::default(); MOST_RUNS], found, ends: offset(arguments.walk_end) };
            for (run, region) in scan.runs.iter_mut().zip(regions).take(found) {
                *run = Run {
                    begins: offset(region.start),
                    length: offset(region.end).saturating_sub(offset(region.start)),
                    is_present: region.categories & SWAPPED == 0,
                };
            }
            Ok(scan)
        }

        /// Does it tell a written page from others, and can pages be dropped? Some sandboxes have the file and not the request,
        /// and a process that locks its memory (`mlockall`) cannot drop pages.
        fn works(&self) -> bool {
            const PAGES: usize = 4;
            let page = page_bytes();
            // Large enough to be mapped on its own, so that its last pages were never touched.
            let mut bytes = vec![0_u8; page.saturating_mul(PAGES.saturating_mul(64))];
            let skipped = bytes.as_ptr().align_offset(page);
            let Some(memory) = bytes.get_mut(skipped..).and_then(|rest| rest.get_mut(..page.saturating_mul(PAGES)))
            else {
                return false;
            };
            let lists = |memory: &[u8]| {
                let scan = self.scan(memory, 0..memory.len(), true).ok()?;
                (scan.ends >= memory.len()).then(|| scan.runs().iter().any(|run| run.begins == 0 && run.length >= page))
            };
            memory.fill(1);
            if lists(memory) != Some(true) || drop_pages(memory).is_err() {
                return false;
            }
            memory.iter().all(|byte| *byte == 0) && lists(memory) == Some(false)
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

    /// Gives whole pages back to the kernel. They then have the bytes that they were mapped with: zeros, or those of a file.
    ///
    /// # Errors
    /// If the bytes do not begin and end with a page, or the kernel refuses. Some pages may then still have their bytes.
    pub(crate) fn drop_pages(pages: &mut [u8]) -> io::Result<()> {
        let page = page_bytes();
        if pages.as_ptr().align_offset(page) != 0 || !pages.len().is_multiple_of(page) {
            return Err(io::Error::from(io::ErrorKind::InvalidInput));
        }
        if pages.is_empty() {
            return Ok(());
        }
        // SAFETY: the slice is borrowed mutably, so nothing else reads or writes these pages, and it covers them whole. What
        // they contain afterwards are bytes as before, other ones.
        #[expect(unsafe_code, reason = "the standard library has no function for it")]
        let result = unsafe { libc::madvise(pages.as_mut_ptr().cast(), pages.len(), libc::MADV_DONTNEED) };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    /// Gives the pages of an unused part of memory back to the kernel.
    ///
    /// # Safety
    /// The pages are mapped privately, and nothing reads or writes them during the call. They may be inaccessible.
    #[expect(unsafe_code, reason = "the caller knows that the pages are unused")]
    pub(crate) unsafe fn drop_unused_pages(address: usize, length: usize) -> io::Result<()> {
        let pages = std::ptr::with_exposed_provenance_mut(address);
        // SAFETY: as for this function. The kernel checks the range by itself.
        let result = unsafe { libc::madvise(pages, length, libc::MADV_DONTNEED) };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    fn address(memory: &[u8]) -> u64 {
        memory.as_ptr().addr() as u64
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use std::io;
    use std::ops::Range;

    use super::Scan;

    /// Other systems have no such list.
    #[derive(Debug)]
    pub(crate) enum PageMap {}

    impl PageMap {
        pub(crate) fn open() -> Option<Self> {
            None
        }

        pub(crate) fn scan(&self, _memory: &[u8], _part: Range<usize>, _has_image: bool) -> io::Result<Scan> {
            match *self {}
        }
    }

    pub(crate) fn page_bytes() -> usize {
        crate::limits::PAGE_BYTES
    }

    pub(crate) fn drop_pages(_pages: &mut [u8]) -> io::Result<()> {
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }

    /// # Safety
    /// None.
    #[expect(unsafe_code, reason = "it is on Linux")]
    pub(crate) unsafe fn drop_unused_pages(_address: usize, _length: usize) -> io::Result<()> {
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }
}
