//! Compiled code on disk, so that a plugin is compiled once and not at each start of the server.
//!
//! Loading cached code means running it, so a cache trusts only its own files. They are in a directory that only the user can
//! write, are copied once into memory that nothing else can change, and what was copied must have a seal ([`CacheSecret`]) over its
//! bytes and its key. If anything is wrong with a file, the plugin is compiled and the file replaced.

use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use crate::compile::cache::directory::{CacheDirectory, CacheEntry, length_of};
use crate::compile::cache::key::{CodeKey, KEY_DIGITS};
use crate::compile::cache::private_copy::{PrivateCopy, read_at};
use crate::compile::cache::seal::SEAL_BYTES;
use crate::compile::cache::secret::{CacheSecret, DRAFT, draft_of};
use crate::compile::machine_code::{KeptCode, MachineCode};
use crate::error::HostError;

/// The end of the name of a code file, after its key.
const CODE: &str = ".code";

/// The end of the name of a file that has a note and no code.
const NOTE: &str = ".note";

/// The length of the number that follows a note: the note's length, before the seal.
const NOTE_LENGTH_BYTES: usize = size_of::<u64>();

/// A cache reads its directory again after writing this part of its bound, because other processes write to it too.
const SWEEPS_PER_BOUND: u64 = 16;

/// A directory of compiled code. Processes may share it.
#[derive(Debug)]
pub struct CodeCache {
    directory: CacheDirectory,
    /// `None` if it could be neither read nor made: then nothing is cached.
    secret: Option<CacheSecret>,
    max_bytes: u64,
    /// Bytes that may be written before the directory is read again.
    before_sweep: Mutex<u64>,
}

impl CodeCache {
    /// Opens a cache, and makes its directory (mode 0700) and its secret if they are missing.
    ///
    /// It keeps at most about `max_bytes` of files, and removes the least recently used; each process that writes to the
    /// directory may exceed that by a sixteenth. A file larger than 15/16 of it is not kept.
    ///
    /// A directory that cannot be written (a full disk, a read-only file system) is not an error: its files are used, and none
    /// are added.
    ///
    /// # Errors
    /// [`HostError::CacheDirectory`] if the directory cannot be made or opened, is a link, belongs to another user, or can be
    /// written by others. On Windows, if it is a link or outside the user's profile.
    pub fn open(path: impl AsRef<Path>, max_bytes: u64) -> Result<Self, HostError> {
        let path = path.as_ref();
        let directory =
            CacheDirectory::open(path).map_err(|reason| HostError::CacheDirectory { path: path.to_owned(), reason })?;
        let secret = CacheSecret::of(&directory)
            .inspect_err(|error| tracing::warn!(%error, ?path, "nothing is cached: the code cache has no secret"))
            .ok();
        Ok(Self { directory, secret, max_bytes, before_sweep: Mutex::new(0) })
    }

    /// The code that was kept under this key, and its note.
    pub(crate) fn get(&self, key: &CodeKey) -> Option<(KeptCode, Vec<u8>)> {
        self.get_file(key, &format!("{key}{CODE}"))
    }

    /// Keeps the code and its note under this key. If that fails, it is not cached.
    pub(crate) fn put(&self, key: &CodeKey, code: &MachineCode, note: &[u8]) {
        self.put_file(key, &format!("{key}{CODE}"), code.as_bytes(), note);
    }

    /// The note that was kept without code under this key.
    pub(crate) fn get_note(&self, key: &CodeKey) -> Option<Vec<u8>> {
        self.get_file(key, &format!("{key}{NOTE}")).map(|(_, note)| note)
    }

    /// Keeps a note without code under this key.
    pub(crate) fn put_note(&self, key: &CodeKey, note: &[u8]) {
        self.put_file(key, &format!("{key}{NOTE}"), &[], note);
    }

    fn get_file(&self, key: &CodeKey, name: &str) -> Option<(KeptCode, Vec<u8>)> {
        let secret = self.secret.as_ref()?;
        match self.read(secret, key, name) {
            Ok(kept) => Some(kept),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                tracing::warn!(%error, file = name, "a file of the code cache is not used");
                None
            }
        }
    }

    fn put_file(&self, key: &CodeKey, name: &str, code: &[u8], note: &[u8]) {
        let Some(secret) = &self.secret else { return };
        if let Err(error) = self.write(secret, key, name, [code, note]) {
            tracing::warn!(%error, file = name, "compiled code is not cached");
        }
    }

    fn read(&self, secret: &CacheSecret, key: &CodeKey, name: &str) -> io::Result<(KeptCode, Vec<u8>)> {
        let file = self.directory.open_file(name)?;
        let bytes = length_of(&file, self.max_bytes)?;
        let sealed = bytes.checked_sub(SEAL_BYTES as u64).ok_or_else(not_sealed)?;
        let mut seal = [0; SEAL_BYTES];
        read_at(&file, &mut seal, sealed)?;
        let mut pieces = secret.pieces(key);
        let mut copy = PrivateCopy::of(&file, sealed, &mut pieces)?;
        // Compared in constant time.
        if pieces.seal() != seal {
            return Err(not_sealed());
        }
        // A sweep removes the oldest files. If this fails, the file counts as older than it is.
        let _ = file.set_modified(SystemTime::now());
        let note_bytes = copy.take_end(NOTE_LENGTH_BYTES as u64)?;
        let note_bytes = <[u8; NOTE_LENGTH_BYTES]>::try_from(note_bytes).map(u64::from_le_bytes).unwrap_or_default();
        let note = copy.take_end(note_bytes)?;
        Ok((KeptCode::from_sealed(copy.into_memory()?), note))
    }

    fn write(&self, secret: &CacheSecret, key: &CodeKey, name: &str, [code, note]: [&[u8]; 2]) -> io::Result<()> {
        let note_bytes = (note.len() as u64).to_le_bytes();
        let contents = [code, note, &note_bytes];
        let mut pieces = secret.pieces(key);
        for part in contents {
            pieces.update(part);
        }
        let seal = pieces.seal();
        let bytes = contents.iter().map(|part| part.len()).fold(SEAL_BYTES, usize::saturating_add) as u64;
        if bytes > self.after_sweep() {
            return Err(io::Error::other(format!("it has {bytes} bytes, too many for a cache of {}", self.max_bytes)));
        }
        self.make_room(bytes)?;
        let draft = draft_of(name)?;
        let mut file = self.directory.create_file(&draft)?;
        // Not synchronized: after a power loss, an incomplete file has no valid seal.
        let written = contents
            .into_iter()
            .chain([&seal.as_bytes()[..]])
            .try_for_each(|part| file.write_all(part))
            .and_then(|()| self.directory.rename(&draft, name));
        if written.is_err() {
            let _ = self.directory.remove(&draft);
        }
        written
    }

    /// Accounts for this many new bytes, and removes files if there may be too many.
    fn make_room(&self, bytes: u64) -> io::Result<()> {
        let mut before_sweep = self.before_sweep.lock().unwrap_or_else(PoisonError::into_inner);
        if bytes > *before_sweep {
            self.sweep(self.after_sweep().saturating_sub(bytes))?;
            *before_sweep = self.max_bytes.saturating_sub(self.after_sweep()).saturating_add(bytes);
        }
        *before_sweep = before_sweep.saturating_sub(bytes);
        Ok(())
    }

    /// The most bytes after a sweep, with the file to be written.
    fn after_sweep(&self) -> u64 {
        self.max_bytes.saturating_sub(self.max_bytes.div_ceil(SWEEPS_PER_BOUND))
    }

    /// Removes the least recently used files until the rest has at most this many bytes. A process that died may have left
    /// unused drafts, which are removed in the same way.
    fn sweep(&self, most: u64) -> io::Result<()> {
        let mut entries = self.directory.entries()?;
        entries.retain(|entry| is_ours(&entry.name));
        entries.sort_by_key(|entry| entry.used);
        let mut total = entries.iter().fold(0_u64, |total, entry| total.saturating_add(entry.bytes));
        for CacheEntry { name, bytes, .. } in entries {
            if total <= most {
                break;
            }
            // Another process may have removed it.
            let _ = self.directory.remove(&name);
            total = total.saturating_sub(bytes);
        }
        Ok(())
    }
}

fn not_sealed() -> io::Error {
    io::Error::other("it does not have the cache's seal")
}

/// Is it a file that a sweep may remove? Of other files, only an invalid secret is ever removed.
fn is_ours(name: &str) -> bool {
    let is_key = |stem: &str| stem.len() == KEY_DIGITS && stem.bytes().all(|digit| digit.is_ascii_hexdigit());
    name.split('.').next().is_some_and(is_key) && [CODE, NOTE, DRAFT].iter().any(|end| name.ends_with(end))
}
