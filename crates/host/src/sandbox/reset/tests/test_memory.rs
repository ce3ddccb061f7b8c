//! A memory for tests, mapped as wasmtime maps that of a guest.

use std::io::Write;
use std::ops::Range;
use std::os::fd::{AsRawFd, FromRawFd};
use std::ptr;

use crate::sandbox::reset::page_map::page_bytes;

/// A memory of zeros and of an image, which are mapped privately.
pub(crate) struct TestMemory {
    address: *mut u8,
    length: usize,
}

#[expect(unsafe_code, reason = "memory is mapped for a test")]
impl TestMemory {
    /// Has so many pages, and those in `image` have bytes of their own. Some of these are zeros.
    pub(crate) fn new(pages: usize, image: Range<usize>) -> Self {
        let (page, length) = (page_bytes(), pages * page_bytes());
        let map = |address: *mut u8, length, flags, file| {
            let access = libc::PROT_READ | libc::PROT_WRITE;
            // SAFETY: it is mapped where nothing is, or over a part of the same memory, which nothing uses yet.
            let address = unsafe { libc::mmap(address.cast(), length, access, libc::MAP_PRIVATE | flags, file, 0) };
            assert_ne!(address, libc::MAP_FAILED);
            address.cast::<u8>()
        };
        let address = map(ptr::null_mut(), length, libc::MAP_ANONYMOUS, -1);
        if !image.is_empty() {
            let bytes: Vec<u8> = image.clone().flat_map(|at| vec![u8::try_from(at % 4).unwrap(); page]).collect();
            // SAFETY: it makes a file, which nothing else has.
            let mut file = unsafe { std::fs::File::from_raw_fd(libc::memfd_create(c"image".as_ptr(), 0)) };
            file.write_all(&bytes).unwrap();
            map(address.wrapping_add(image.start * page), bytes.len(), libc::MAP_FIXED, file.as_raw_fd());
        }
        Self { address, length }
    }

    pub(crate) fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: they are mapped, and borrowed as long as the slice is.
        unsafe { std::slice::from_raw_parts_mut(self.address, self.length) }
    }

    /// Has its pages swapped out, as far as the machine can.
    pub(crate) fn swap_out(&mut self) {
        // SAFETY: it does not change what the pages contain.
        unsafe { libc::madvise(self.address.cast(), self.length, libc::MADV_PAGEOUT) };
    }

    /// Makes the kernel keep the pages.
    pub(crate) fn lock(&mut self) {
        // SAFETY: it does not change what the pages contain.
        assert_eq!(unsafe { libc::mlock(self.address.cast(), self.length) }, 0);
    }
}

#[expect(unsafe_code, reason = "memory is mapped for a test")]
impl Drop for TestMemory {
    fn drop(&mut self) {
        // SAFETY: nothing borrows it any more.
        unsafe { libc::munmap(self.address.cast(), self.length) };
    }
}
