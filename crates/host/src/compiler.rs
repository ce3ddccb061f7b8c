//! Turning bytes into code: in this process or in a child of it, and never twice at once for the same bytes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use sha2::{Digest, Sha256};
use wasmtime::Module;

use crate::compiler_process::CompilerProcess;
use crate::engine::Engine;
use crate::error::HostError;

/// SHA-256 of a module.
pub(crate) type ModuleDigest = [u8; 32];

pub(crate) fn digest(bytes: &[u8]) -> ModuleDigest {
    Sha256::digest(bytes).into()
}

/// Compiled modules that are in use, by digest.
#[derive(Debug, Default)]
pub(crate) struct Compiler {
    modules: Mutex<HashMap<ModuleDigest, Weak<SharedModule>>>,
}

/// A module that all plugins of the same bytes share; compiled by whoever comes first, while the others wait.
#[derive(Debug, Default)]
pub(crate) struct SharedModule {
    compiled: Mutex<Option<Module>>,
}

impl Compiler {
    /// The module of these bytes. It stays shared for as long as somebody holds the second part.
    ///
    /// `key` names the plugin in errors.
    pub(crate) fn compile(
        &self,
        engine: &Engine,
        key: &str,
        bytes: &[u8],
        digest: ModuleDigest,
        process: Option<&CompilerProcess>,
    ) -> Result<(Module, Arc<SharedModule>), HostError> {
        let shared = self.share(digest);
        let mut compiled = shared.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        let module = match (&*compiled, process) {
            (Some(module), _) => module.clone(),
            (None, Some(process)) => process.compile(engine, key, bytes)?,
            (None, None) => {
                Module::from_binary(engine.wasmtime(), bytes).map_err(|error| HostError::compile(key, &error))?
            }
        };
        *compiled = Some(module.clone());
        drop(compiled);
        Ok((module, shared))
    }

    fn share(&self, digest: ModuleDigest) -> Arc<SharedModule> {
        let mut modules = self.modules.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shared) = modules.get(&digest).and_then(Weak::upgrade) {
            return shared;
        }
        modules.retain(|_, module| module.strong_count() > 0);
        let shared = Arc::new(SharedModule::default());
        modules.insert(digest, Arc::downgrade(&shared));
        shared
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::digest;
    use crate::engine::{Allocation, Engine};

    const MODULE: &[u8] = b"\0asm\x01\0\0\0";

    #[test]
    fn the_same_bytes_share_one_module_while_it_is_in_use() {
        let engine = Engine::with_allocation(Allocation::OnDemand).unwrap();
        let compiler = engine.compiler();
        let compile = || compiler.compile(&engine, "guest", MODULE, digest(MODULE), None).unwrap().1;
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
            compiler.compile(&engine, "guest", b"\0asm", digest(b"\0asm"), None).unwrap_err();
        }
        compiler.share(digest(MODULE));
        assert_eq!(compiler.modules.lock().unwrap().len(), 1);
    }
}
