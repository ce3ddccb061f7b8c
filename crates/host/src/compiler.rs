//! Turning bytes into code: in this process or in a child of it, and never twice at once for the same code.

use std::borrow::Cow;
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

/// Which code is meant: of which module, and made of it how.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct CodeKey {
    /// SHA-256 of the module as it was handed in.
    pub(crate) digest: ModuleDigest,
    /// What was done to it before it was compiled, and on what that depends. The same digest and variant always mean
    /// the same code, in this process or another.
    pub(crate) variant: Cow<'static, str>,
}

impl CodeKey {
    /// The code of the module as it is.
    pub(crate) fn plain(digest: ModuleDigest) -> Self {
        Self { digest, variant: Cow::Borrowed("plain") }
    }
}

/// Compiled modules that are in use.
#[derive(Debug, Default)]
pub(crate) struct Compiler {
    modules: Mutex<HashMap<CodeKey, Weak<SharedModule>>>,
}

/// A module that all plugins of the same code share; compiled by whoever comes first, while the others wait.
#[derive(Debug, Default)]
pub(crate) struct SharedModule {
    compiled: Mutex<Option<Module>>,
}

impl Compiler {
    /// The module that is meant, which `make` makes where there is none. It stays shared for as long as somebody holds
    /// the second part. Where `make` fails, nothing is kept.
    pub(crate) fn module<E>(
        &self,
        code: CodeKey,
        make: impl FnOnce() -> Result<Module, E>,
    ) -> Result<(Module, Arc<SharedModule>), E> {
        let shared = self.share(code);
        let mut compiled = shared.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        let module = match &*compiled {
            Some(module) => module.clone(),
            None => make()?,
        };
        *compiled = Some(module.clone());
        drop(compiled);
        Ok((module, shared))
    }

    fn share(&self, code: CodeKey) -> Arc<SharedModule> {
        let mut modules = self.modules.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shared) = modules.get(&code).and_then(Weak::upgrade) {
            return shared;
        }
        modules.retain(|_, module| module.strong_count() > 0);
        let shared = Arc::new(SharedModule::default());
        modules.insert(code, Arc::downgrade(&shared));
        shared
    }
}

/// Compiles a module in this process, or in `process`. `key` names the plugin in errors.
pub(crate) fn compile(
    engine: &Engine,
    key: &str,
    bytes: &[u8],
    process: Option<&CompilerProcess>,
) -> Result<Module, HostError> {
    match process {
        Some(process) => process.compile(engine, key, bytes),
        None => Module::from_binary(engine.wasmtime(), bytes).map_err(|error| HostError::compile(key, &error)),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::sync::Arc;

    use super::{CodeKey, SharedModule, compile, digest};
    use crate::engine::{Allocation, Engine};
    use crate::error::HostError;

    const MODULE: &[u8] = b"\0asm\x01\0\0\0";

    fn shared(engine: &Engine, bytes: &[u8]) -> Result<Arc<SharedModule>, HostError> {
        let make = || compile(engine, "guest", bytes, None);
        engine.compiler().module(CodeKey::plain(digest(bytes)), make).map(|(_, shared)| shared)
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
    fn what_was_made_of_the_same_bytes_in_another_way_is_kept_apart() {
        let engine = Engine::with_allocation(Allocation::OnDemand).unwrap();
        let plain = shared(&engine, MODULE).unwrap();
        let other = CodeKey { digest: digest(MODULE), variant: Cow::Borrowed("other") };
        let (_, other) = engine.compiler().module(other, || compile(&engine, "guest", MODULE, None)).unwrap();
        assert!(!Arc::ptr_eq(&plain, &other));
    }

    #[test]
    fn bytes_that_do_not_compile_are_not_kept() {
        let engine = Engine::with_allocation(Allocation::OnDemand).unwrap();
        for _ in 0..2 {
            shared(&engine, b"\0asm").unwrap_err();
        }
        engine.compiler().share(CodeKey::plain(digest(MODULE)));
        assert_eq!(engine.compiler().modules.lock().unwrap().len(), 1);
    }
}
