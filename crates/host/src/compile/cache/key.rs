//! The key that code is cached under: the module, and everything else that its code depends on.

use std::fmt;
use std::hash::{Hash, Hasher};

use crate::compile::module_id::ModuleIdentity;

/// Changes when the meaning of a cached file or of a variant changes.
const FORMAT: u32 = 7;

/// Length of a key as text: hexadecimal digits.
pub(crate) const KEY_DIGITS: usize = blake3::OUT_LEN.saturating_mul(2);

/// A digest of the module's SHA-256 and variant, this crate's version, and wasmtime's version, settings and target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CodeKey(blake3::Hash);

impl CodeKey {
    pub(crate) fn new(engine: &wasmtime::Engine, module: &ModuleIdentity) -> Self {
        let mut hasher = WideHasher(blake3::Hasher::new());
        let settings = engine.precompile_compatibility_hash();
        (FORMAT, env!("CARGO_PKG_VERSION"), module, settings).hash(&mut hasher);
        Self(hasher.0.finalize())
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl fmt::Display for CodeKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// The standard library's hashers give 64 bits, too few to rule out a second module with the same hash.
struct WideHasher(blake3::Hasher);

impl Hasher for WideHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Not used: the whole digest is taken instead.
    fn finish(&self) -> u64 {
        u64::default()
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{Hash, Hasher};

    use super::CodeKey;
    use crate::compile::module_id::ModuleIdentity;
    use crate::sandbox::config::{MemoriesBy, config};

    fn engine(memories: MemoriesBy) -> wasmtime::Engine {
        wasmtime::Engine::new(&config(memories)).unwrap()
    }

    #[test]
    fn engines_of_the_same_settings_agree_on_a_key() {
        let module = ModuleIdentity::plain([1; 32]);
        let [one, other] = [3, 5].map(|slots| CodeKey::new(&engine(MemoriesBy::Pool(slots)), &module));
        assert_eq!(one, other);
    }

    #[test]
    fn another_module_variant_or_setting_has_another_key() {
        let (pooled, on_demand) = (engine(MemoriesBy::Pool(1)), engine(MemoriesBy::Mapping));
        let module = ModuleIdentity::plain([1; 32]);
        let key = CodeKey::new(&pooled, &module);
        for other in [
            CodeKey::new(&pooled, &ModuleIdentity::plain([2; 32])),
            CodeKey::new(&pooled, &ModuleIdentity { variant: "other".into(), ..module.clone() }),
            CodeKey::new(&on_demand, &module),
            CodeKey::new(&engine(MemoriesBy::Host), &module),
        ] {
            assert_ne!(key, other);
        }
    }

    /// Collects what is hashed.
    #[derive(Default)]
    struct Recorder(Vec<u8>);

    impl Hasher for Recorder {
        fn write(&mut self, bytes: &[u8]) {
            self.0.extend_from_slice(bytes);
        }

        fn finish(&self) -> u64 {
            unreachable!("the test compares the bytes")
        }
    }

    /// A patch release may fix code that an earlier one miscompiled.
    #[test]
    fn any_other_release_of_wasmtime_has_another_key() {
        let lock_file = include_str!("../../../../../Cargo.lock");
        let (_, package) = lock_file.split_once("name = \"wasmtime\"\nversion = \"").unwrap();
        let (version, _) = package.split_once('"').unwrap();
        let mut recorder = Recorder::default();
        engine(MemoriesBy::Host).precompile_compatibility_hash().hash(&mut recorder);
        assert!(recorder.0.windows(version.len()).any(|bytes| bytes == version.as_bytes()), "{version}");
    }
}
