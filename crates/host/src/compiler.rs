//! Turning bytes into code: from a cache, in this process or in a child of it, and never twice at once for the same
//! code.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde::Serialize;
use sha2::{Digest, Sha256};
use wasmtime::Module;

use crate::code_cache::CodeCache;
use crate::code_key::CodeKey;
use crate::compiler_process::CompilerProcess;
use crate::engine::Engine;
use crate::error::HostError;
use crate::machine_code::MachineCode;

/// SHA-256 of a module.
pub(crate) type ModuleDigest = [u8; 32];

pub(crate) fn digest(bytes: &[u8]) -> ModuleDigest {
    Sha256::digest(bytes).into()
}

/// What is compiled: a module as it came, or what was made of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ModuleIdentity {
    /// Of the module as it came.
    pub(crate) digest: ModuleDigest,
    /// What was done to it before it was compiled, and on what that depends. The same digest and variant always mean
    /// the same code, in this process or another.
    pub(crate) variant: Cow<'static, str>,
}

impl ModuleIdentity {
    /// A module that is compiled as it came.
    pub(crate) fn plain(digest: ModuleDigest) -> Self {
        Self { digest, variant: Cow::Borrowed("plain") }
    }
}

/// Where a plugin's machine code came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CodeFrom {
    /// Compiled for this load, in this process.
    Compiler,
    /// Compiled for this load, in a child process ([`CompilerProcess`]).
    Isolate,
    /// Compiled by an earlier load, or another process, and kept in a [`CodeCache`].
    Cache,
    /// Shared with a plugin of the same bytes that is loaded already.
    Memory,
}

/// A module that somebody wants, and where its code may be.
pub(crate) struct Wanted<'a> {
    /// The plugin's name in the log.
    pub(crate) plugin: &'a str,
    pub(crate) module: ModuleIdentity,
    /// Where to look before it is compiled, and to keep the code after.
    pub(crate) cache: Option<&'a CodeCache>,
}

/// A module that was compiled just now.
pub(crate) struct Compiled {
    module: Module,
    /// As a compiler process wrote it.
    code: Option<MachineCode>,
}

/// Compiled modules that are in use.
#[derive(Debug, Default)]
pub(crate) struct Compiler {
    modules: Mutex<HashMap<ModuleIdentity, Weak<SharedModule>>>,
}

/// A module that all plugins of the same code share; compiled by whoever comes first, while the others wait.
#[derive(Debug, Default)]
pub(crate) struct SharedModule {
    compiled: Mutex<Option<Module>>,
}

impl Compiler {
    /// The module that is wanted, and where its code came from; `make` compiles it where there is no code yet. It stays
    /// shared for as long as somebody holds the last part. Where `make` fails, nothing is kept.
    pub(crate) fn module<E>(
        &self,
        engine: &Engine,
        wanted: Wanted<'_>,
        make: impl FnOnce() -> Result<Compiled, E>,
    ) -> Result<(Module, CodeFrom, Arc<SharedModule>), E> {
        let Wanted { plugin, module, cache } = wanted;
        let cache = cache.map(|cache| (cache, CodeKey::new(engine, &module)));
        let shared = self.share(module);
        let mut held = shared.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        let (module, from) = if let Some(module) = &*held {
            (module.clone(), CodeFrom::Memory)
        } else if let Some(module) = cache.as_ref().and_then(|(cache, key)| cached(engine, plugin, cache, key)) {
            (module, CodeFrom::Cache)
        } else {
            let compiled = make()?;
            let from = if compiled.code.is_some() { CodeFrom::Isolate } else { CodeFrom::Compiler };
            (compiled.keep(plugin, cache), from)
        };
        *held = Some(module.clone());
        drop(held);
        Ok((module, from, shared))
    }

    fn share(&self, identity: ModuleIdentity) -> Arc<SharedModule> {
        let mut modules = self.modules.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shared) = modules.get(&identity).and_then(Weak::upgrade) {
            return shared;
        }
        modules.retain(|_, module| module.strong_count() > 0);
        let shared = Arc::new(SharedModule::default());
        modules.insert(identity, Arc::downgrade(&shared));
        shared
    }
}

fn cached(engine: &Engine, plugin: &str, cache: &CodeCache, key: &CodeKey) -> Option<Module> {
    cache
        .get(key)?
        .to_module(engine)
        .inspect_err(|error| tracing::warn!(plugin, %error, "cached code does not load here"))
        .ok()
}

/// Compiles a module in this process, or in `process`. `plugin` is its name in errors.
pub(crate) fn compile(
    engine: &Engine,
    plugin: &str,
    bytes: &[u8],
    process: Option<&CompilerProcess>,
) -> Result<Compiled, HostError> {
    if let Some(process) = process {
        let code = process.compile(engine, plugin, bytes)?;
        let module = code.to_module(engine).map_err(|error| HostError::internal(&error))?;
        return Ok(Compiled { module, code: Some(code) });
    }
    let module = Module::from_binary(engine.wasmtime(), bytes).map_err(|error| HostError::compile(plugin, &error))?;
    Ok(Compiled { module, code: None })
}

impl Compiled {
    pub(crate) fn module(&self) -> &Module {
        &self.module
    }

    fn keep(self, plugin: &str, cache: Option<(&CodeCache, CodeKey)>) -> Module {
        let Self { module, code } = self;
        if let Some((cache, key)) = cache {
            match code.map_or_else(|| MachineCode::of(&module), Ok) {
                Ok(code) => cache.put(&key, &code),
                Err(error) => tracing::warn!(plugin, %error, "code is not cached"),
            }
        }
        module
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{ModuleIdentity, SharedModule, Wanted, compile, digest};
    use crate::engine::{Allocation, Engine};
    use crate::error::HostError;

    const MODULE: &[u8] = b"\0asm\x01\0\0\0";

    fn shared(engine: &Engine, bytes: &[u8]) -> Result<Arc<SharedModule>, HostError> {
        let wanted = Wanted { plugin: "guest", module: ModuleIdentity::plain(digest(bytes)), cache: None };
        engine.compiler().module(engine, wanted, || compile(engine, "guest", bytes, None)).map(|(.., shared)| shared)
    }

    #[test]
    fn the_same_bytes_share_one_module_while_it_is_in_use() {
        let engine = Engine::with_allocation(Allocation::OnDemand).unwrap();
        let (one, other) = (shared(&engine, MODULE).unwrap(), shared(&engine, MODULE).unwrap());
        assert!(Arc::ptr_eq(&one, &other));
        let first = Arc::downgrade(&one);
        drop((one, other));
        assert!(first.upgrade().is_none());
        let again = shared(&engine, MODULE).unwrap();
        assert_eq!(engine.compiler().modules.lock().unwrap().len(), 1);
        drop(again);
    }

    #[test]
    fn bytes_that_do_not_compile_are_not_kept() {
        let engine = Engine::with_allocation(Allocation::OnDemand).unwrap();
        for _ in 0..2 {
            shared(&engine, b"\0asm").unwrap_err();
        }
        engine.compiler().share(ModuleIdentity::plain(digest(MODULE)));
        assert_eq!(engine.compiler().modules.lock().unwrap().len(), 1);
    }
}
