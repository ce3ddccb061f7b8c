//! What tells a cache's own files from all others: a secret that lies beside them, and the digest made with it.

use std::fmt;
use std::io::{self, Write};

use crate::compile::cache::directory::{CacheDirectory, read_whole};
use crate::compile::cache::key::CodeKey;

const FILE: &str = "secret";
const SECRET_BYTES: usize = blake3::KEY_LEN;
pub(crate) const SEAL_BYTES: usize = blake3::OUT_LEN;

/// How the name of a file ends that is not whole yet.
pub(crate) const DRAFT: &str = ".draft";

/// Attempts to agree with other processes that make, or mend, the secret at the same time.
const ATTEMPTS: u32 = 8;

/// The secret of a cache directory. Made once, by whichever process comes first.
pub(crate) struct CacheSecret([u8; SECRET_BYTES]);

impl CacheSecret {
    /// Reads the secret of the directory, or makes it.
    pub(crate) fn of(directory: &CacheDirectory) -> io::Result<Self> {
        for _ in 0..ATTEMPTS {
            match read(directory) {
                Ok(Some(secret)) => return Ok(Self(secret)),
                Ok(None) => {
                    // Cut short, or open to others, who may have put it there before the directory was closed to them.
                    tracing::warn!("the code cache's secret is not one: it is made anew, and all code with it");
                    directory.remove(FILE)?;
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
            match make(directory) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => made?,
            }
        }
        Err(io::Error::other("its secret is replaced again and again"))
    }

    /// The digest that only this secret gives this code under this key.
    pub(crate) fn seal(&self, key: &CodeKey, code: &[u8]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        // The key's length is always the same, so nothing can move from one part to the other.
        hasher.update(key.as_bytes()).update(code);
        hasher.finalize()
    }
}

impl fmt::Debug for CacheSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CacheSecret(…)")
    }
}

fn read(directory: &CacheDirectory) -> io::Result<Option<[u8; SECRET_BYTES]>> {
    let file = directory.open_file(FILE)?;
    if !directory.is_private(&file)? {
        return Ok(None);
    }
    Ok(read_whole(&file, SECRET_BYTES as u64).ok().and_then(|contents| contents.try_into().ok()))
}

/// A link is made whole or not at all, and never in the place of another process's.
fn make(directory: &CacheDirectory) -> io::Result<()> {
    let mut secret = [0; SECRET_BYTES];
    getrandom::fill(&mut secret).map_err(io::Error::other)?;
    let draft = draft_of(FILE)?;
    let mut file = directory.create_file(&draft)?;
    let made = file.write_all(&secret).and_then(|()| file.sync_all()).and_then(|()| directory.link(&draft, FILE));
    // Where it stays it is only a file too many.
    let _ = directory.remove(&draft);
    made
}

/// A name for a file that is not whole yet.
pub(crate) fn draft_of(name: &str) -> io::Result<String> {
    let random = getrandom::u64().map_err(io::Error::other)?;
    Ok(format!("{name}.{random:016x}{DRAFT}"))
}
