//! A plugin's file: where it is, and reading it without being held up by what is no file.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::{self, Path};
use std::time::SystemTime;

use crate::error::HostError;
use crate::guest_text::quoted;
use crate::limits::{Limit, Limits};

/// What tells one state of a file from another, short of reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileStamp {
    bytes: u64,
    modified: Option<SystemTime>,
    /// Device and number, where the system has them: a file put in the place of another has the other's path alone.
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

/// A module's file that is open: a regular file, and the one that its bytes and its stamp are of.
pub(crate) struct ModuleFile {
    key: String,
    file: File,
    stamp: FileStamp,
}

impl ModuleFile {
    /// Opens the file at a [canonical](canonical_key) path, and waits for nothing: a pipe in its place would block for
    /// ever, a device never end.
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

    /// The whole of it, where that is no more than a module may have. No more than that is read in any case.
    pub(crate) fn read(self, limits: &Limits) -> Result<Vec<u8>, HostError> {
        check_length(&self.key, self.stamp.bytes, limits)?;
        let mut bytes = Vec::with_capacity(usize::try_from(self.stamp.bytes).unwrap_or_default());
        let most = limits.max_module_bytes().saturating_add(1);
        let read = (&self.file).take(most).read_to_end(&mut bytes);
        read.map_err(|error| read_error(Path::new(&self.key), error))?;
        // It may have grown meanwhile.
        let length = FileStamp::of(&self.file).map_or(0, |stamp| stamp.bytes).max(bytes.len() as u64);
        if bytes.len() as u64 == most { check_length(&self.key, length, limits).map(|()| bytes) } else { Ok(bytes) }
    }
}

/// Refuses a module of so many bytes, before anybody reads or copies them.
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
    // What Windows puts before a canonical path is not what anybody writes.
    Ok(path.strip_prefix(r"\\?\").filter(|path| !path.starts_with("UNC")).map(str::to_owned).unwrap_or(path))
}

/// Why a file cannot be read. Of one that is missing, where it was looked for.
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
