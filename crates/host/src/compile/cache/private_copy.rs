//! A copy of a cache file, in memory that nothing else can change, and hashed on the way there.

use std::fs::File;
use std::io;

use crate::compile::cache::seal::{PIECE_BYTES, Pieces};

/// From this length on, code is in memory that wasmtime maps, and is not copied once more. Such a copy takes a file descriptor.
#[cfg(target_os = "linux")]
const LONG_BYTES: u64 = 1_024 * 1_024;

/// A private copy of the contents of a file.
pub(crate) struct PrivateCopy {
    memory: Memory,
    bytes: u64,
}

/// Where a private copy is.
pub(crate) enum Memory {
    /// In memory of the process.
    Bytes(Vec<u8>),
    /// In a file in memory, which only this process has.
    #[cfg(target_os = "linux")]
    File(File),
}

impl PrivateCopy {
    /// Copies the first bytes of a file, and hashes what it copied.
    ///
    /// # Errors
    /// If the file is shorter, or cannot be read.
    pub(crate) fn of(file: &File, bytes: u64, pieces: &mut Pieces<'_>) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if bytes >= LONG_BYTES
            && let Ok(memory) = long::empty(bytes)
        {
            long::copy(file, &memory, bytes, pieces)?;
            return Ok(Self { memory: Memory::File(memory), bytes });
        }
        let mut contents = vec![0; usize::try_from(bytes).map_err(io::Error::other)?];
        read_at(file, &mut contents, 0)?;
        for piece in contents.chunks(PIECE_BYTES) {
            pieces.update(piece);
        }
        Ok(Self { memory: Memory::Bytes(contents), bytes })
    }

    /// Takes so many bytes from the end.
    ///
    /// # Errors
    /// If there are fewer, or if they cannot be read.
    pub(crate) fn take_end(&mut self, bytes: u64) -> io::Result<Vec<u8>> {
        let begins = self.bytes.checked_sub(bytes).ok_or(io::ErrorKind::UnexpectedEof)?;
        let end = match &mut self.memory {
            Memory::Bytes(contents) => contents.split_off(usize::try_from(begins).map_err(io::Error::other)?),
            #[cfg(target_os = "linux")]
            Memory::File(file) => {
                let mut end = vec![0; usize::try_from(bytes).map_err(io::Error::other)?];
                read_at(file, &mut end, begins)?;
                file.set_len(begins)?;
                end
            }
        };
        self.bytes = begins;
        Ok(end)
    }

    /// What is left, which nothing changes any more.
    ///
    /// # Errors
    /// If the kernel refuses.
    pub(crate) fn into_memory(self) -> io::Result<Memory> {
        #[cfg(target_os = "linux")]
        if let Memory::File(file) = &self.memory {
            long::close(file)?;
        }
        Ok(self.memory)
    }
}

/// Reads exactly these bytes.
#[cfg(unix)]
pub(crate) fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

/// Reads exactly these bytes.
#[cfg(windows)]
pub(crate) fn read_at(mut file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    use std::io::{Read, Seek, SeekFrom};
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(bytes)
}

/// Copies in a file in memory.
#[cfg(target_os = "linux")]
mod long {
    use std::fs::File;
    use std::io;
    use std::num::NonZero;
    use std::os::unix::fs::FileExt;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::thread;

    use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

    use super::read_at;
    use crate::compile::cache::seal::{PIECE_BYTES, Piece, Pieces};

    /// What is read, hashed and written at once. It fits a cache of the processor.
    const STEP_BYTES: usize = 128 * 1_024;

    /// The threads that copy and hash one file.
    const MOST_THREADS: usize = 4;

    pub(super) fn empty(bytes: u64) -> io::Result<File> {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let file = File::from(memfd_create("hookcell-code", flags)?);
        file.set_len(bytes)?;
        Ok(file)
    }

    /// Nothing can change it from now on, also not through `/proc`.
    pub(super) fn close(file: &File) -> io::Result<()> {
        Ok(fcntl_add_seals(file, SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE)?)
    }

    /// Copies piece by piece, on several threads. Each byte is hashed as it is written, whatever the file has by then.
    pub(super) fn copy(file: &File, memory: &File, bytes: u64, pieces: &mut Pieces<'_>) -> io::Result<()> {
        let next = AtomicU64::new(0);
        let count = bytes.div_ceil(PIECE_BYTES as u64);
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let threads = cores.min(MOST_THREADS).min(usize::try_from(count).unwrap_or(1));
        let empty = &*pieces;
        let work = || {
            let mut step = vec![0; STEP_BYTES];
            let mut done = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= count {
                    return Ok::<_, io::Error>(done);
                }
                let begins = index.saturating_mul(PIECE_BYTES as u64);
                let ends = begins.saturating_add(PIECE_BYTES as u64).min(bytes);
                let mut piece = empty.piece(index);
                copy_piece(file, memory, begins..ends, &mut piece, &mut step)?;
                done.push((index, piece.finish()));
            }
        };
        let done = thread::scope(|scope| {
            // Without a thread the others do its work.
            let others = (1..threads).map_while(|_| thread::Builder::new().spawn_scoped(scope, work).ok());
            let others: Vec<_> = others.collect();
            let mut done = work()?;
            for other in others {
                done.extend(other.join().map_err(|_| io::Error::other("a thread that copies it ended"))??);
            }
            Ok::<_, io::Error>(done)
        })?;
        pieces.put(done, bytes);
        Ok(())
    }

    fn copy_piece(
        file: &File,
        memory: &File,
        range: std::ops::Range<u64>,
        piece: &mut Piece,
        step: &mut [u8],
    ) -> io::Result<()> {
        let mut at = range.start;
        while at < range.end {
            let length = usize::try_from(range.end.saturating_sub(at)).unwrap_or(usize::MAX).min(step.len());
            let step = step.get_mut(..length).unwrap_or_default();
            read_at(file, step, at)?;
            piece.update(step);
            memory.write_all_at(step, at)?;
            at = at.saturating_add(length as u64);
        }
        Ok(())
    }
}
