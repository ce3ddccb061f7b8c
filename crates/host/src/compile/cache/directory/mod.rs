//! The directory of a code cache, which only its user can write, and the operations in it.

use std::fs::File;
use std::io::{self, Read};

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use unix::CacheDirectory;
#[cfg(windows)]
pub(crate) use windows::CacheDirectory;

/// A file in the directory.
#[derive(Debug)]
pub(crate) struct CacheEntry {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    /// When it was last written or used, in seconds since 1970.
    pub(crate) used: i64,
}

/// The length of an open file, if it is a regular file of at most `most` bytes.
pub(crate) fn length_of(file: &File, most: u64) -> io::Result<u64> {
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    if metadata.len() > most {
        return Err(io::Error::other(format!("it has {} bytes, more than {most}", metadata.len())));
    }
    Ok(metadata.len())
}

/// The contents of an open file, if it is a regular file of at most `most` bytes.
pub(crate) fn read_whole(file: &File, most: u64) -> io::Result<Vec<u8>> {
    let length = length_of(file, most)?;
    let mut contents = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    file.take(most).read_to_end(&mut contents)?;
    Ok(contents)
}
