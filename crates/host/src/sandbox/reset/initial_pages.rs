//! The bytes that the pages of a plugin's memory have before a call.

use std::io;
use std::sync::OnceLock;

use crate::sandbox::reset::page_map::drop_pages;

/// Pages that share an allocation.
const PAGES_OF_GROUP: usize = 64;

/// The largest page of any kernel that wasmtime runs on, and that of WebAssembly.
const MOST_PAGE_BYTES: usize = 65_536;

static ZEROS: [u8; MOST_PAGE_BYTES] = [0; MOST_PAGE_BYTES];

/// The pages of a plugin's memory as they are mapped: zeros, or the image of the plugin's data.
///
/// A page is learned when a call first writes to it: it is dropped, and read as the kernel maps it again. So no rule of how
/// data becomes an image is repeated here, and only what calls write to is held twice.
#[derive(Debug)]
pub(crate) struct InitialPages {
    page_bytes: usize,
    groups: Box<[OnceLock<Box<Group>>]>,
}

/// The bytes of each page; `None` for zeros.
type Group = [OnceLock<Option<Box<[u8]>>>; PAGES_OF_GROUP];

impl InitialPages {
    /// The pages of a memory that begins with this size. Beyond it, a memory that grew has zeros.
    pub(crate) fn of_memory(initial_bytes: usize, page_bytes: usize) -> Self {
        let groups = initial_bytes.div_ceil(page_bytes.saturating_mul(PAGES_OF_GROUP).max(1));
        Self { page_bytes, groups: std::iter::repeat_with(OnceLock::new).take(groups).collect() }
    }

    /// Restores a run of pages that begins `begins` bytes into the memory, and counts those that had other bytes.
    pub(crate) fn restore(&self, run: &mut [u8], begins: usize) -> io::Result<usize> {
        let first = begins.checked_div(self.page_bytes).unwrap_or_default();
        let mut changed = 0_usize;
        for (index, page) in (first..).zip(run.chunks_exact_mut(self.page_bytes)) {
            let had_changed = self.restore_page(index, page)?;
            changed = changed.saturating_add(usize::from(had_changed));
        }
        Ok(changed)
    }

    fn restore_page(&self, index: usize, page: &mut [u8]) -> io::Result<bool> {
        let group = index.checked_div(PAGES_OF_GROUP).and_then(|group| self.groups.get(group));
        let Some(group) = group else {
            return write_where_different(page, None);
        };
        let group = group.get_or_init(|| Box::new(std::array::from_fn(|_| OnceLock::new())));
        let Some(cell) = index.checked_rem(PAGES_OF_GROUP).and_then(|index| group.get(index)) else {
            return Err(io::Error::from(io::ErrorKind::InvalidInput));
        };
        if let Some(initial) = cell.get() {
            return write_where_different(page, initial.as_deref());
        }
        drop_pages(page)?;
        // Another thread may have learned the same.
        let _ = cell.set((!is_zero(page)).then(|| Box::from(&*page)));
        Ok(true)
    }
}

/// Reading costs as much as writing, but tells whether this call wrote to the page.
fn write_where_different(page: &mut [u8], initial: Option<&[u8]>) -> io::Result<bool> {
    let Some(initial) = initial else {
        let is_different = !is_zero(page);
        if is_different {
            page.fill(0);
        }
        return Ok(is_different);
    };
    if page.len() != initial.len() {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    }
    let is_different = page != initial;
    if is_different {
        page.copy_from_slice(initial);
    }
    Ok(is_different)
}

/// A comparison of two slices is faster than a loop over one.
fn is_zero(page: &[u8]) -> bool {
    ZEROS.get(..page.len()) == Some(page)
}
