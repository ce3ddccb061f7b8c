//! The identity of a module, in memory and in a cache.

use std::borrow::Cow;
use std::fmt::Write;
use std::thread::{Builder, Scope, ScopedJoinHandle};

use sha2::{Digest, Sha256};

/// SHA-256 of a module.
pub(crate) type ModuleDigest = [u8; 32];

pub(crate) fn digest(bytes: &[u8]) -> ModuleDigest {
    Sha256::digest(bytes).into()
}

/// From this length on, a module is hashed on a thread of its own. Starting one takes as long as hashing a tenth of it.
const LONG_BYTES: usize = 1_024 * 1_024;

/// The digest of a module, which another thread may still be computing.
pub(crate) struct DigestUnderWay<'scope, 'a> {
    bytes: &'a [u8],
    thread: Option<ScopedJoinHandle<'scope, ModuleDigest>>,
    known: Option<ModuleDigest>,
}

impl<'scope, 'a: 'scope> DigestUnderWay<'scope, 'a> {
    pub(crate) fn begin(scope: &'scope Scope<'scope, '_>, bytes: &'a [u8]) -> Self {
        let begin = || Builder::new().spawn_scoped(scope, || digest(bytes)).ok();
        Self { bytes, thread: if bytes.len() < LONG_BYTES { None } else { begin() }, known: None }
    }

    pub(crate) fn wait(&mut self) -> ModuleDigest {
        let Self { bytes, thread, known } = self;
        let wait = |thread: ScopedJoinHandle<'_, ModuleDigest>| thread.join().ok();
        // Without a thread it is computed here.
        *known.get_or_insert_with(|| thread.take().and_then(wait).unwrap_or_else(|| digest(bytes)))
    }
}

/// What is compiled: a module as it was loaded, or a snapshot of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ModuleIdentity {
    /// Of the module as it was loaded.
    pub(crate) digest: ModuleDigest,
    /// What was done to it before it was compiled, and what that depends on. The same digest and variant always mean the
    /// same code, in this process or another.
    pub(crate) variant: Cow<'static, str>,
}

impl ModuleIdentity {
    /// A module that is compiled as it was loaded.
    pub(crate) fn plain(digest: ModuleDigest) -> Self {
        Self { digest, variant: Cow::Borrowed("plain") }
    }
}

/// SHA-256 of bytes, in lower-case hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&digest(bytes))
}

pub(crate) fn hexadecimal(digest: &ModuleDigest) -> String {
    digest.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The digest that was written in hexadecimal.
pub(crate) fn from_hexadecimal(text: &str) -> Option<ModuleDigest> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let byte = |pair: &[u8; 2]| {
        let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
        u8::try_from(high?.checked_mul(16)?.checked_add(low?)?).ok()
    };
    let bytes = pairs.iter().map(byte).collect::<Option<Vec<_>>>().filter(|_| rest.is_empty())?;
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::{digest, from_hexadecimal, hexadecimal};

    #[test]
    fn a_digest_is_read_as_it_was_written() {
        let digest = digest(b"module");
        let text = hexadecimal(&digest);
        assert_eq!(from_hexadecimal(&text), Some(digest));
        assert_eq!(from_hexadecimal(&text.to_uppercase()), Some(digest));
        for other in [&text[1..], &text[2..], &format!("{text}00"), &format!("g{}", &text[1..]), "", "é"] {
            assert_eq!(from_hexadecimal(other), None, "{other}");
        }
    }
}
