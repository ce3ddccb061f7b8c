//! On Windows the directory must be in the user's profile, which other users cannot write. Access lists are not read.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::CacheEntry;

/// The environment variable with the profile's path.
const PROFILE: &str = "USERPROFILE";

/// Opens a link itself, and not its target.
const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;

#[derive(Debug)]
pub(crate) struct CacheDirectory {
    path: PathBuf,
}

impl CacheDirectory {
    /// Opens the directory, or makes it. The error says what is wrong.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        let made = fs::create_dir_all(path);
        if path.is_symlink() {
            return Err("it is a link".to_owned());
        }
        made.map_err(|error| format!("it cannot be made: {error}"))?;
        let path = path.canonicalize().map_err(|error| format!("it cannot be opened: {error}"))?;
        let profile = env::var_os(PROFILE).and_then(|profile| Path::new(&profile).canonicalize().ok());
        if !profile.is_some_and(|profile| path.starts_with(profile)) {
            return Err(format!("it is outside the user's profile ({PROFILE}), so others may be able to write to it"));
        }
        Ok(Self { path })
    }

    pub(crate) fn open_file(&self, name: &str) -> io::Result<File> {
        OpenOptions::new().read(true).custom_flags(FILE_FLAG_OPEN_REPARSE_POINT).open(self.path.join(name))
    }

    pub(crate) fn create_file(&self, name: &str) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).open(self.path.join(name))
    }

    /// May only this user read and write the file? It inherits that from the profile.
    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "on Unix it has to check the file")]
    pub(crate) fn is_private(&self, _file: &File) -> io::Result<bool> {
        Ok(true)
    }

    /// Renames the file, and replaces any file with the new name.
    pub(crate) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path.join(from), self.path.join(to))
    }

    /// Gives the file a second name, unless that name is taken.
    pub(crate) fn link(&self, from: &str, to: &str) -> io::Result<()> {
        fs::hard_link(self.path.join(from), self.path.join(to))
    }

    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }

    pub(crate) fn entries(&self) -> io::Result<Vec<CacheEntry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            // Another process may have removed it since.
            let Ok(metadata) = entry.metadata() else { continue };
            let used = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
            let used = i64::try_from(used.as_secs()).unwrap_or(i64::MAX);
            entries.push(CacheEntry { name, bytes: metadata.len(), used });
        }
        Ok(entries)
    }
}
