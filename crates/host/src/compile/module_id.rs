//! The identity of a module, in memory and in a cache.

use std::borrow::Cow;
use std::fmt::Write;

use sha2::{Digest, Sha256};

/// SHA-256 of a module.
pub(crate) type ModuleDigest = [u8; 32];

pub(crate) fn digest(bytes: &[u8]) -> ModuleDigest {
    Sha256::digest(bytes).into()
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
