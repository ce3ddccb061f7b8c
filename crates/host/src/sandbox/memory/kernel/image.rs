//! The initial bytes of a plugin's memory, as slots map them.

use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
use std::ptr;

use rustix::fs::{MemfdFlags, SealFlags};
use rustix::mm::{self, MapFlags, ProtFlags};

use crate::module::initial_data::InitialData;
use crate::sandbox::memory::kernel::page_map::page_bytes;
use crate::sandbox::memory::kernel::refusals;

/// The initial bytes of a part of a memory; the rest begins as zeros. All slots share the pages that are only read.
#[derive(Debug)]
pub(crate) struct Image {
    file: File,
    /// The file's bytes, mapped for reading.
    bytes: &'static [u8],
    /// Where they are in the memory. It begins with a page of the kernel, and ends with one.
    range: Range<usize>,
}

impl Image {
    /// The image of this data; `None` if there is none.
    ///
    /// # Errors
    /// If the process has no file descriptor or no memory left.
    pub(crate) fn of(data: &InitialData) -> io::Result<Option<Self>> {
        if data.bytes.is_empty() {
            return Ok(None);
        }
        refusals::ask()?;
        let page = page_bytes();
        let skipped = data.begins.checked_rem(page).unwrap_or_default();
        let begins = data.begins.saturating_sub(skipped);
        let length = skipped.saturating_add(data.bytes.len()).next_multiple_of(page);
        let mut file =
            File::from(rustix::fs::memfd_create("hookcell-image", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?);
        file.set_len(length as u64)?;
        rustix::fs::seek(&file, rustix::fs::SeekFrom::Start(skipped as u64))?;
        file.write_all(&data.bytes)?;
        let seals = SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE;
        rustix::fs::fcntl_add_seals(&file, seals)?;
        // SAFETY: the kernel chooses an address where nothing is mapped.
        #[expect(unsafe_code, reason = "mapping memory is unsafe")]
        let address = unsafe { mm::mmap(ptr::null_mut(), length, ProtFlags::READ, MapFlags::PRIVATE, &file, 0) }?;
        // SAFETY: so many bytes are mapped there until this image is dropped, and the slice is private to it. The file is sealed, so
        // they never change and never end.
        #[expect(unsafe_code, reason = "only the kernel knows of this memory")]
        let bytes = unsafe { std::slice::from_raw_parts(address.cast::<u8>(), length) };
        Ok(Some(Self { file, bytes, range: begins..begins.saturating_add(length) }))
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes
    }

    /// Where the bytes are in the memory.
    pub(crate) fn range(&self) -> Range<usize> {
        self.range.clone()
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        // SAFETY: they were mapped for this image, and what it lent of them has ended.
        #[expect(unsafe_code, reason = "unmapping memory is unsafe")]
        let unmapped = unsafe { mm::munmap(bytes.as_ptr().cast_mut().cast(), bytes.len()) };
        if let Err(error) = unmapped {
            tracing::error!(%error, "the memory of an image is not given back");
        }
    }
}
