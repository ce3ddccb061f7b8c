//! Turning bytes into code: from a cache, in this process or in a child of it, and never twice at once for the same
//! bytes.

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ModuleIdentity {
    /// Of the module as it came.
    pub(crate) digest: ModuleDigest,
    /// What was done to it, with everything that the outcome depends on. Two variants never share code.
    pub(crate) variant: &'static str,
}

impl ModuleIdentity {
    /// A module that is compiled as it came.
    pub(crate) fn plain(digest: ModuleDigest) -> Self {
        Self { digest, variant: "plain" }
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

/// How a module is compiled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Compilation<'a> {
    /// The plugin's name in errors.
    pub(crate) plugin: &'a str,
    pub(crate) module: ModuleIdentity,
    pub(crate) bytes: &'a [u8],
    /// Left out, this process compiles.
    pub(crate) process: Option<&'a CompilerProcess>,
    /// Where to look first.
    pub(crate) cache: Option<&'a CodeCache>,
}

/// Compiled modules that are in use.
#[derive(Debug, Default)]
pub(crate) struct Compiler {
    modules: Mutex<HashMap<ModuleIdentity, Weak<SharedModule>>>,
}

/// A module that all plugins of the same bytes share; compiled by whoever comes first, while the others wait.
#[derive(Debug, Default)]
pub(crate) struct SharedModule {
    compiled: Mutex<Option<Module>>,
}

impl Compiler {
    /// The module of these bytes, and where its code came from. It stays shared for as long as somebody holds the last
    /// part.
    pub(crate) fn compile(
        &self,
        engine: &Engine,
        compilation: &Compilation<'_>,
    ) -> Result<(Module, CodeFrom, Arc<SharedModule>), HostError> {
        let shared = self.share(compilation.module);
        let mut compiled = shared.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        let (module, from) = match &*compiled {
            Some(module) => (module.clone(), CodeFrom::Memory),
            None => compilation.run(engine)?,
        };
        *compiled = Some(module.clone());
        drop(compiled);
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

impl Compilation<'_> {
    fn run(&self, engine: &Engine) -> Result<(Module, CodeFrom), HostError> {
        let cache = self.cache.map(|cache| (cache, CodeKey::new(engine, self.module)));
        if let Some((cache, key)) = &cache
            && let Some(code) = cache.get(key)
        {
            match code.to_module(engine) {
                Ok(module) => return Ok((module, CodeFrom::Cache)),
                Err(error) => tracing::warn!(plugin = self.plugin, %error, "cached code does not load here"),
            }
        }
        let (module, code, from) = if let Some(process) = self.process {
            let code = process.compile(engine, self.plugin, self.bytes)?;
            let module = code.to_module(engine).map_err(|error| HostError::internal(&error))?;
            (module, Ok(code), CodeFrom::Isolate)
        } else {
            let module = Module::from_binary(engine.wasmtime(), self.bytes)
                .map_err(|error| HostError::compile(self.plugin, &error))?;
            let code = MachineCode::of(&module);
            (module, code, CodeFrom::Compiler)
        };
        if let Some((cache, key)) = &cache {
            match code {
                Ok(code) => cache.put(key, &code),
                Err(error) => tracing::warn!(plugin = self.plugin, %error, "code is not cached"),
            }
        }
        Ok((module, from))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Compilation, ModuleIdentity, digest};
    use crate::engine::{Allocation, Engine};

    const MODULE: &[u8] = b"\0asm\x01\0\0\0";

    fn plain(bytes: &[u8]) -> Compilation<'_> {
        Compilation { plugin: "guest", module: ModuleIdentity::plain(digest(bytes)), bytes, process: None, cache: None }
    }

    #[test]
    fn the_same_bytes_share_one_module_while_it_is_in_use() {
        let engine = Engine::with_allocation(Allocation::OnDemand).unwrap();
        let compiler = engine.compiler();
        let compile = || compiler.compile(&engine, &plain(MODULE)).unwrap().2;
        let (one, other) = (compile(), compile());
        assert!(Arc::ptr_eq(&one, &other));
        let first = Arc::downgrade(&one);
        drop((one, other));
        assert!(first.upgrade().is_none());
        let again = compile();
        assert_eq!(compiler.modules.lock().unwrap().len(), 1);
        drop(again);
    }

    #[test]
    fn bytes_that_do_not_compile_are_not_kept() {
        let engine = Engine::with_allocation(Allocation::OnDemand).unwrap();
        let compiler = engine.compiler();
        for _ in 0..2 {
            compiler.compile(&engine, &plain(b"\0asm")).unwrap_err();
        }
        compiler.share(ModuleIdentity::plain(digest(MODULE)));
        assert_eq!(compiler.modules.lock().unwrap().len(), 1);
    }
}
