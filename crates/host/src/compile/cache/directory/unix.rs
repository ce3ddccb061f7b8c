//! On Unix the directory is held open, so that it cannot be replaced, and no link in it is followed.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Dir, Mode, OFlags, linkat, openat, renameat, statat, unlinkat};

use super::CacheEntry;

/// Only the owner may read and write.
const PRIVATE_FILE: Mode = Mode::RUSR.union(Mode::WUSR);
const PRIVATE_DIRECTORY: u32 = 0o700;

const WRITABLE_FOR_OTHERS: u32 = 0o022;
const OPEN_TO_OTHERS: u32 = 0o077;

#[derive(Debug)]
pub(crate) struct CacheDirectory {
    handle: File,
    /// Its owner: the user that this process acts as.
    user: u32,
}

impl CacheDirectory {
    /// Opens the directory, or makes it. The error says what is wrong.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        // Without a slash at its end, because with one the kernel follows a link.
        let path: PathBuf = path.components().collect();
        let made = DirBuilder::new().recursive(true).mode(PRIVATE_DIRECTORY).create(&path);
        if path.is_symlink() {
            return Err("it is a link".to_owned());
        }
        made.map_err(|error| format!("it cannot be made: {error}"))?;
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW;
        let handle = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(&path);
        let handle = handle.map_err(|error| format!("it cannot be opened: {error}"))?;
        let metadata = handle.metadata().map_err(|error| error.to_string())?;
        let user = user().map_err(|error| error.to_string())?;
        if metadata.uid() != user {
            return Err(format!("it belongs to another user ({}, not {user})", metadata.uid()));
        }
        if metadata.mode() & WRITABLE_FOR_OTHERS != 0 {
            let permissions = metadata.mode() & 0o777;
            return Err(format!("others can write to it (its mode is {permissions:o} and must be 700)"));
        }
        Ok(Self { handle, user })
    }

    pub(crate) fn open_file(&self, name: &str) -> io::Result<File> {
        // Opening a pipe would block forever.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        Ok(openat(&self.handle, name, flags, Mode::empty())?.into())
    }

    pub(crate) fn create_file(&self, name: &str) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(openat(&self.handle, name, flags, PRIVATE_FILE)?.into())
    }

    /// May only this user read and write the file?
    pub(crate) fn is_private(&self, file: &File) -> io::Result<bool> {
        let metadata = file.metadata()?;
        Ok(metadata.uid() == self.user && metadata.mode() & OPEN_TO_OTHERS == 0)
    }

    /// Renames the file, and replaces any file with the new name.
    pub(crate) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(renameat(&self.handle, from, &self.handle, to)?)
    }

    /// Gives the file a second name, unless that name is taken.
    pub(crate) fn link(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(linkat(&self.handle, from, &self.handle, to, AtFlags::empty())?)
    }

    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        Ok(unlinkat(&self.handle, name, AtFlags::empty())?)
    }

    pub(crate) fn entries(&self) -> io::Result<Vec<CacheEntry>> {
        let mut entries = Vec::new();
        for entry in Dir::read_from(&self.handle)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().to_str() else { continue };
            // Another process may have removed it since.
            let Ok(status) = statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
            let bytes = u64::try_from(status.st_size).unwrap_or_default();
            entries.push(CacheEntry { name: name.to_owned(), bytes, used: status.st_mtime });
        }
        Ok(entries)
    }
}

/// The user that this process acts as and that owns its files. The standard library has no other way to find out.
fn user() -> io::Result<u32> {
    let (reader, _writer) = io::pipe()?;
    Ok(File::from(OwnedFd::from(reader)).metadata()?.uid())
}
