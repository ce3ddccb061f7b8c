//! The address space of a slot.

use std::ffi::c_void;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::ptr;
use std::sync::Arc;

use rustix::mm::{self, Advice, MapFlags, MprotectFlags, ProtFlags};

use crate::sandbox::config::{GUARD_BYTES, RESERVED_BYTES};
use crate::sandbox::memory::kernel::closed_pages::ClosedPages;
use crate::sandbox::memory::kernel::page_map::page_bytes;
use crate::sandbox::memory::kernel::refusals;

/// A guard on both sides.
const WHOLE_BYTES: usize = RESERVED_BYTES + 2 * GUARD_BYTES;

const READ_WRITE: ProtFlags = ProtFlags::READ.union(ProtFlags::WRITE);

/// Address space for one memory of any size. Its first bytes are accessible, and nothing else is: the code of a guest relies on
/// that, and checks no bounds. Some of them may be closed.
#[derive(Debug)]
pub(crate) struct Mapping {
    /// The address of the memory.
    begins: usize,
    accessible: usize,
    closed: Arc<ClosedPages>,
}

impl Mapping {
    /// Reserves the address space. Nothing in it is accessible.
    pub(crate) fn reserve() -> io::Result<Self> {
        refusals::ask()?;
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        // SAFETY: the kernel chooses an address where nothing is mapped.
        #[expect(unsafe_code, reason = "mapping memory is unsafe")]
        let address = unsafe { mm::mmap_anonymous(ptr::null_mut(), WHOLE_BYTES, ProtFlags::empty(), flags) }?;
        let begins = address.expose_provenance().saturating_add(GUARD_BYTES);
        let mapping = Self { begins, accessible: 0, closed: Arc::new(ClosedPages::none(begins)) };
        mapping.forbid_huge_pages(0..RESERVED_BYTES)?;
        Ok(mapping)
    }

    /// The address of the memory.
    pub(crate) fn as_ptr(&self) -> *mut u8 {
        ptr::with_exposed_provenance_mut(self.begins)
    }

    /// The accessible bytes.
    pub(crate) fn accessible(&self) -> usize {
        self.accessible
    }

    /// The pages that may only be read until a write opens them.
    pub(crate) fn closed(&self) -> &Arc<ClosedPages> {
        &self.closed
    }

    /// The accessible memory, while no guest has it. What is written to closed pages is a fault of the process.
    pub(crate) fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: so many bytes are mapped, readable and writable, from this address, and have a value at all times. They are
        // borrowed as long as the slice is: a guest has them only through a `GuestMemory`, which owns this mapping and lends it
        // when the guest's store is being dropped.
        #[expect(unsafe_code, reason = "only the kernel knows of this memory")]
        unsafe {
            std::slice::from_raw_parts_mut(self.as_ptr(), self.accessible)
        }
    }

    /// Makes so many bytes accessible, and no more. They are a multiple of the kernel's page, and at most the reserved ones.
    ///
    /// # Errors
    /// If the kernel refuses. Then some bytes may be accessible that should not be.
    pub(crate) fn set_accessible(&mut self, bytes: usize) -> io::Result<()> {
        check(bytes <= RESERVED_BYTES)?;
        if bytes > self.accessible {
            let closed = self.closed.within(&(self.accessible..bytes));
            let writable = MprotectFlags::READ | MprotectFlags::WRITE;
            self.protect(self.accessible..closed.start, writable)?;
            self.protect(closed.end..bytes, writable)?;
            self.protect(closed, MprotectFlags::READ)?;
        } else {
            self.protect(bytes..self.accessible, MprotectFlags::empty())?;
        }
        self.set_length(bytes);
        Ok(())
    }

    fn set_length(&mut self, bytes: usize) {
        self.accessible = bytes;
        self.closed.set_accessible(bytes);
    }

    /// Closes these pages; no others are closed. Returns whether the kernel did so.
    ///
    /// # Errors
    /// If the kernel refuses, and does not open them again either.
    pub(crate) fn close(&mut self, pages: Range<usize>) -> io::Result<bool> {
        let page = page_bytes();
        check(pages.start <= pages.end && pages.end <= RESERVED_BYTES)?;
        check(pages.start.is_multiple_of(page) && pages.end.is_multiple_of(page))?;
        self.open()?;
        let accessible = pages.start.min(self.accessible)..pages.end.min(self.accessible);
        self.closed.set(pages);
        if self.protect(accessible, MprotectFlags::READ).is_ok() {
            return Ok(true);
        }
        // Too many maps, for instance. Some of the pages may be read-only by now.
        self.open()?;
        Ok(false)
    }

    /// Opens the closed pages. Then none are closed.
    ///
    /// # Errors
    /// If the kernel refuses.
    pub(crate) fn open(&mut self) -> io::Result<()> {
        self.closed.open()?;
        self.closed.set(0..0);
        Ok(())
    }

    /// If a write has opened the closed pages, none are closed any more. Returns whether one has.
    pub(crate) fn settle(&mut self) -> bool {
        let were_opened = self.closed.are_open();
        self.closed.set(if were_opened { 0..0 } else { self.closed.range() });
        were_opened
    }

    /// Maps a file over accessible bytes, so that they begin as its bytes. What is written there does not reach the file.
    pub(crate) fn map_file(&mut self, file: &File, range: Range<usize>) -> io::Result<()> {
        check(range.start <= range.end && range.end <= self.accessible)?;
        let length = range.len();
        refusals::ask()?;
        let flags = MapFlags::PRIVATE | MapFlags::FIXED;
        // SAFETY: the range is within this mapping, which is borrowed mutably, so nothing refers to its bytes. The file is sealed:
        // it is neither written nor cut.
        #[expect(unsafe_code, reason = "mapping memory is unsafe")]
        unsafe { mm::mmap(self.at(range.start), length, READ_WRITE, flags, file, 0) }?;
        self.forbid_huge_pages(range)
    }

    /// Maps everything anew, so that no byte is accessible and no page is left.
    pub(crate) fn clear(&mut self) -> io::Result<()> {
        if self.accessible == 0 {
            self.closed.set(0..0);
            return Ok(());
        }
        refusals::ask()?;
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE | MapFlags::FIXED;
        // SAFETY: the range is within this mapping, which is borrowed mutably, so nothing refers to its bytes.
        #[expect(unsafe_code, reason = "mapping memory is unsafe")]
        unsafe { mm::mmap_anonymous(self.at(0), self.accessible, ProtFlags::empty(), flags) }?;
        let cleared = 0..self.accessible;
        self.set_length(0);
        self.closed.set(0..0);
        self.forbid_huge_pages(cleared)
    }

    /// Gives pages back to the kernel, accessible or not. They then have the bytes that they were mapped with.
    ///
    /// # Errors
    /// If the kernel refuses. Some pages may then still have their bytes.
    pub(crate) fn drop_pages(&mut self, range: Range<usize>) -> io::Result<()> {
        let page = page_bytes();
        check(range.start <= range.end && range.end <= RESERVED_BYTES)?;
        check(range.start.is_multiple_of(page) && range.end.is_multiple_of(page))?;
        refusals::ask()?;
        // SAFETY: the pages are borrowed mutably, so nothing reads or writes them. What they contain afterwards are bytes as
        // before, other ones.
        #[expect(unsafe_code, reason = "the kernel changes memory")]
        let dropped = unsafe { mm::madvise(self.at(range.start), range.len(), Advice::LinuxDontNeed) };
        Ok(dropped?)
    }

    /// Keeps the kernel from putting huge pages there. It would do so by itself at any time, and pages that no guest asked for
    /// would become writable.
    fn forbid_huge_pages(&self, range: Range<usize>) -> io::Result<()> {
        // SAFETY: it does not change what the pages contain.
        #[expect(unsafe_code, reason = "advice about memory is unsafe in general")]
        let forbidden = unsafe { mm::madvise(self.at(range.start), range.len(), Advice::LinuxNoHugepage) };
        match forbidden {
            // A kernel without huge pages.
            Err(rustix::io::Errno::INVAL) => Ok(()),
            result => Ok(result?),
        }
    }

    fn protect(&self, range: Range<usize>, access: MprotectFlags) -> io::Result<()> {
        if range.is_empty() {
            return Ok(());
        }
        refusals::ask()?;
        // SAFETY: the range is within this mapping. Nothing in this process refers to the bytes that become inaccessible: the
        // mapping is borrowed mutably by the caller.
        #[expect(unsafe_code, reason = "changing access to memory is unsafe")]
        let protected = unsafe { mm::mprotect(self.at(range.start), range.len(), access) };
        Ok(protected?)
    }

    fn at(&self, offset: usize) -> *mut c_void {
        ptr::with_exposed_provenance_mut(self.begins.saturating_add(offset))
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        let whole = ptr::with_exposed_provenance_mut(self.begins.saturating_sub(GUARD_BYTES));
        // SAFETY: this address space was reserved for this mapping, and nothing refers to it any more.
        #[expect(unsafe_code, reason = "unmapping memory is unsafe")]
        let unmapped = unsafe { mm::munmap(whole, WHOLE_BYTES) };
        if let Err(error) = unmapped {
            tracing::error!(%error, "the address space of a memory is not used again");
        }
    }
}

fn check(holds: bool) -> io::Result<()> {
    if holds { Ok(()) } else { Err(io::Error::from(io::ErrorKind::InvalidInput)) }
}
