//! A plugin's file: its path, and reading it without blocking on something that is not a file.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::{self, Path};
use std::time::SystemTime;

use crate::error::HostError;
use crate::guest_text::quoted;
use crate::limits::{Limit, Limits};

/// Tells whether a file has changed, without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileStamp {
    bytes: u64,
    modified: Option<SystemTime>,
    /// Device and inode number, if the system has them: a file that replaced another has only its path.
    identity: (u64, u64),
}

impl FileStamp {
    fn of(file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        #[cfg(unix)]
        let identity = (std::os::unix::fs::MetadataExt::dev(&metadata), std::os::unix::fs::MetadataExt::ino(&metadata));
        #[cfg(not(unix))]
        let identity = (0, 0);
        Ok(Self { bytes: metadata.len(), modified: metadata.modified().ok(), identity })
    }
}

/// A module's open file, which is a regular file. Its bytes and its stamp are of the same file.
pub(crate) struct ModuleFile {
    key: String,
    file: File,
    stamp: FileStamp,
}

impl ModuleFile {
    /// Opens the file at a [canonical](canonical_key) path, without blocking: a pipe there would block forever, and a device
    /// might never end.
    pub(crate) fn open(key: &str) -> Result<Self, HostError> {
        let opened = open(Path::new(key)).and_then(|file| {
            if !file.metadata()?.is_file() {
                return Err(io::Error::other("it is not a file"));
            }
            let stamp = FileStamp::of(&file)?;
            Ok(Self { key: key.to_owned(), file, stamp })
        });
        opened.map_err(|error| read_error(Path::new(key), error))
    }

    pub(crate) fn stamp(&self) -> FileStamp {
        self.stamp
    }

    /// Its contents. It never reads more than a module may have.
    pub(crate) fn read(self, limits: &Limits) -> Result<Vec<u8>, HostError> {
        check_length(&self.key, self.stamp.bytes, limits)?;
        let mut bytes = Vec::with_capacity(usize::try_from(self.stamp.bytes).unwrap_or_default());
        let most = limits.max_module_bytes().saturating_add(1);
        let read = (&self.file).take(most).read_to_end(&mut bytes);
        read.map_err(|error| read_error(Path::new(&self.key), error))?;
        // It may have grown since it was opened.
        let length = FileStamp::of(&self.file).map_or(0, |stamp| stamp.bytes).max(bytes.len() as u64);
        if bytes.len() as u64 == most { check_length(&self.key, length, limits).map(|()| bytes) } else { Ok(bytes) }
    }
}

/// Refuses a module of this length if that exceeds its limit, before it is read or copied.
pub(crate) fn check_length(plugin: &str, bytes: u64, limits: &Limits) -> Result<(), HostError> {
    let (limit, most) = (Limit::MODULE_BYTES.name, limits.max_module_bytes());
    if bytes > most {
        let message = format!("plugin {} has {bytes} bytes; {limit} is {most}", quoted(plugin));
        return Err(HostError::limit(limit, message));
    }
    Ok(())
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.bits().cast_signed());
    }
    options.open(path)
}

/// The key of a plugin's file: its absolute path, links resolved.
pub(crate) fn canonical_key(path: &Path) -> io::Result<String> {
    let path = path.canonicalize()?.into_os_string().into_string();
    let path = path.map_err(|_| io::Error::other("its path is not Unicode"))?;
    // Windows puts a prefix before a canonical path that users do not write.
    Ok(path.strip_prefix(r"\\?\").filter(|path| !path.starts_with("UNC")).map(str::to_owned).unwrap_or(path))
}

/// The error of a file that cannot be read. If it does not exist, the error has the absolute path.
pub(crate) fn read_error(path: &Path, source: io::Error) -> HostError {
    let source = if source.kind() == io::ErrorKind::NotFound {
        let tried = path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let folder =
            std::env::current_dir().map_or_else(|error| error.to_string(), |folder| folder.display().to_string());
        let message = format!("there is no file {} (the working directory is {folder})", tried.display());
        io::Error::new(io::ErrorKind::NotFound, message)
    } else {
        source
    };
    HostError::Read { path: path.to_owned(), source }
}
