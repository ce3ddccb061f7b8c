//! The code that all plugins of an engine share, held before the first of them is loaded.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::compile::cache::code_cache::CodeCache;
use crate::compile::cache::key::CodeKey;
use crate::compile::compilation::Compilation;
use crate::compile::compiler::SharedCompiled;
use crate::compile::module_id::{ModuleDigest, ModuleIdentity};
use crate::engine::Engine;
use crate::module::halves::Halves;
use crate::plugin::build::code_half;

/// The variant of the note that names the code of an engine's plugins. Part of the cache key: the number changes when plugins of the
/// same engine get other code.
const PLUGINS_CODE: &str = "code of plugins/1";

/// The code half of an engine's plugins. What it is, is known when the first plugin was made, and noted in the code cache for other
/// processes.
pub(crate) struct PluginsCode {
    engine: ModuleDigest,
    held: Option<SharedCompiled>,
    is_noted: AtomicBool,
}

impl PluginsCode {
    /// Gets the code from the cache, if it and its note are there.
    pub(crate) fn of(engine: &Engine, digest: ModuleDigest, compilation: &Compilation<'_>) -> Self {
        let noted = compilation.cache.and_then(|cache| cache.get_note(&key(engine, digest)));
        let half = noted.and_then(|noted| ModuleDigest::try_from(noted).ok());
        let held = half.and_then(|half| engine.compiler().find(code_half(half), compilation));
        Self { engine: digest, is_noted: AtomicBool::new(half.is_some()), held }
    }

    /// Is it held, so that no plugin has to wait for it?
    pub(crate) fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Notes what the code of a new plugin is.
    pub(crate) fn note(&self, engine: &Engine, plugin: &[u8], cache: Option<&CodeCache>) {
        let Some(cache) = cache else { return };
        let Some(least) = engine.split().least_code_bytes() else { return };
        if self.is_noted.swap(true, Ordering::Relaxed) {
            return;
        }
        if let Ok(halves) = Halves::of(plugin, least) {
            cache.put_note(&key(engine, self.engine), &halves.code_digest());
        }
    }
}

fn key(engine: &Engine, digest: ModuleDigest) -> CodeKey {
    let identity = ModuleIdentity { digest, variant: Cow::Borrowed(PLUGINS_CODE) };
    CodeKey::new(engine.wasmtime(), &identity)
}
