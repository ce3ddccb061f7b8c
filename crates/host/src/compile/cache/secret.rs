//! The secret of a cache directory, which seals are made with.

use std::fmt;
use std::io::{self, Write};

use crate::compile::cache::directory::{CacheDirectory, read_whole};
use crate::compile::cache::key::CodeKey;
use crate::compile::cache::seal::{Pieces, SECRET_BYTES};

const FILE: &str = "secret";

/// The end of the name of a file that is still being written.
pub(crate) const DRAFT: &str = ".draft";

/// Attempts to agree with other processes that make or replace the secret at the same time.
const ATTEMPTS: u32 = 8;

/// The secret of a cache directory, made by the first process that uses it.
pub(crate) struct CacheSecret([u8; SECRET_BYTES]);

impl CacheSecret {
    /// Reads the secret of the directory, or makes it.
    pub(crate) fn of(directory: &CacheDirectory) -> io::Result<Self> {
        for _ in 0..ATTEMPTS {
            match read(directory) {
                Ok(Some(secret)) => return Ok(Self(secret)),
                Ok(None) => {
                    // It is cut off, or others can access it: they may have written it while the directory was open to them.
                    tracing::warn!(
                        "the code cache's secret is not valid: it is replaced, and all code is compiled again"
                    );
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
        Err(io::Error::other("its secret keeps being replaced"))
    }

    /// Begins the seal of contents under this key.
    pub(crate) fn pieces<'a>(&'a self, key: &'a CodeKey) -> Pieces<'a> {
        Pieces::new(&self.0, key)
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

/// Writes a draft and links it: a link is atomic, and never replaces the file of another process.
fn make(directory: &CacheDirectory) -> io::Result<()> {
    let mut secret = [0; SECRET_BYTES];
    getrandom::fill(&mut secret).map_err(io::Error::other)?;
    let draft = draft_of(FILE)?;
    let mut file = directory.create_file(&draft)?;
    let made = file.write_all(&secret).and_then(|()| file.sync_all()).and_then(|()| directory.link(&draft, FILE));
    // If it cannot be removed, it is only an extra file.
    let _ = directory.remove(&draft);
    made
}

/// A name for a file that is still being written.
pub(crate) fn draft_of(name: &str) -> io::Result<String> {
    let random = getrandom::u64().map_err(io::Error::other)?;
    Ok(format!("{name}.{random:016x}{DRAFT}"))
}
