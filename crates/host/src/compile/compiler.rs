//! Getting a module's machine code: from a cache, by compiling in this process, or in a child process. The same module is
//! never compiled twice at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

use serde::Serialize;
use wasmtime::Module;

use crate::compile::cache::code_cache::CodeCache;
use crate::compile::cache::key::CodeKey;
use crate::compile::compilation::Compilation;
use crate::compile::compiled::{Compiled, Note, ToCompile};
use crate::compile::machine_code::MachineCode;
use crate::compile::module_id::{ModuleIdentity, digest};
use crate::compile::refusal::{CompileBounds, CompileRefusal, Refusals, bounds_of};
use crate::compile::shared_module::SharedModule;
use crate::error::HostError;
use crate::guest_text;
use crate::module::initial_data::InitialData;

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
    /// Shared with a loaded plugin of the same bytes, or of the same code half.
    Memory,
}

/// A module that was just compiled.
pub(crate) struct NewModule {
    module: Module,
    /// Its code, if a compiler process wrote it.
    code: Option<MachineCode>,
    /// What later loads need to know.
    note: Note,
    /// What was taken out of it before.
    data: InitialData,
}

/// A module, where its code came from, and what keeps it shared.
pub(crate) type SharedCompiled = (Compiled, CodeFrom, Arc<SharedModule>);

/// The compiled modules in use, and those that are being compiled.
#[derive(Debug, Default)]
pub(crate) struct Compiler {
    modules: Mutex<HashMap<ModuleIdentity, Weak<SharedModule>>>,
    refusals: Mutex<Refusals>,
}

impl Compiler {
    /// The wanted module, and where its code came from. `make` compiles it if there is no code yet; if that fails, nothing is
    /// kept. The module is shared as long as the last part of the result is held.
    pub(crate) fn module<E>(
        &self,
        wanted: ModuleIdentity,
        compilation: &Compilation<'_>,
        make: impl FnOnce() -> Result<NewModule, E>,
    ) -> Result<SharedCompiled, E> {
        let Compilation { engine, plugin, cache, .. } = *compilation;
        let cache = cache.map(|cache| (cache, CodeKey::new(engine, &wanted)));
        let shared = self.share(wanted);
        let right = match shared.enter(compilation) {
            Ok(module) => return Ok((module, CodeFrom::Memory, shared)),
            Err(right) => right,
        };
        let (module, from) =
            if let Some(module) = cache.as_ref().and_then(|(cache, key)| cached(engine, plugin, cache, key)) {
                (module, CodeFrom::Cache)
            } else {
                let compiled = make()?;
                let from = if compiled.code.is_some() { CodeFrom::Isolate } else { CodeFrom::Compiler };
                (compiled.keep(plugin, cache), from)
            };
        shared.put(&module);
        drop(right);
        Ok((module, from, shared))
    }

    /// The wanted module, if nothing has to be compiled for it, or as soon as the load that compiles it has done so.
    pub(crate) fn find(&self, wanted: ModuleIdentity, compilation: &Compilation<'_>) -> Option<SharedCompiled> {
        let Compilation { engine, plugin, cache, .. } = *compilation;
        let key = CodeKey::new(engine, &wanted);
        let shared = self.share(wanted);
        // Held until the module is shared, so that no other load reads the same file.
        let _right = match shared.enter(compilation) {
            Ok(module) => return Some((module, CodeFrom::Memory, shared)),
            Err(right) => right,
        };
        let module = cached(engine, plugin, cache?, &key)?;
        shared.put(&module);
        Some((module, CodeFrom::Cache, shared))
    }

    /// Compiles a module in this process, or in a child process if the load asks for one.
    pub(crate) fn compile(&self, bytes: &[u8], compilation: &Compilation<'_>) -> Result<NewModule, HostError> {
        let Compilation { plugin, asked, .. } = *compilation;
        let bounds = bounds_of(compilation.isolate);
        if let Some(refusal) = self.shared_refusal(bytes, bounds, asked) {
            return Err(refusal.of(plugin));
        }
        compile(bytes, compilation).map_err(|refusal| {
            self.refusals().add(digest(bytes), bounds, &refusal);
            refusal.of(plugin)
        })
    }

    fn shared_refusal(&self, bytes: &[u8], bounds: CompileBounds, asked: Instant) -> Option<CompileRefusal> {
        if self.refusals().is_empty() {
            return None;
        }
        // Before the lock is taken.
        let digest = digest(bytes);
        self.refusals().get(&digest, bounds, asked)
    }

    fn refusals(&self) -> MutexGuard<'_, Refusals> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner)
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

fn cached(engine: &wasmtime::Engine, plugin: &str, cache: &CodeCache, key: &CodeKey) -> Option<Compiled> {
    let (code, rest) = cache.get(key)?;
    let module = code
        .into_module(engine)
        .inspect_err(|error| tracing::warn!(plugin, %error, "cached code does not load on this machine"))
        .ok()?;
    // Of the same release of this crate, so they have the same shape.
    let (data, note) = InitialData::split_from(rest)?;
    let note = serde_json::from_slice(&note).ok()?;
    Some(Compiled::new(module, note, &data))
}

fn compile(bytes: &[u8], compilation: &Compilation<'_>) -> Result<NewModule, CompileRefusal> {
    if compilation.is_cancelled() {
        return Err(CompileRefusal::Cancelled);
    }
    let engine = compilation.engine;
    let ToCompile { module: bytes, data } = ToCompile::of(bytes, compilation.memories_by);
    if let Some(process) = compilation.isolate {
        let code = process.compile(&bytes, compilation)?;
        let module = code.to_module(engine).map_err(|error| CompileRefusal::Failed(error.to_string()))?;
        return Ok(NewModule { module, code: Some(code), note: Note::default(), data });
    }
    let module = Module::from_binary(engine, &bytes)
        .map_err(|error| CompileRefusal::DoesNotCompile(guest_text::clean(&format!("{error:#}"))))?;
    Ok(NewModule { module, code: None, note: Note::default(), data })
}

impl NewModule {
    /// The same module with a note for later loads.
    pub(crate) fn with_note(self, note: Note) -> Self {
        Self { note, ..self }
    }

    /// The module, which is not cached.
    pub(crate) fn into_compiled(self) -> Compiled {
        Compiled::new(self.module, self.note, &self.data)
    }

    fn keep(self, plugin: &str, cache: Option<(&CodeCache, CodeKey)>) -> Compiled {
        let Self { module, code, note, data } = self;
        if let Some((cache, key)) = cache {
            // Nothing that is noted fails to serialize.
            let written = data.with(&serde_json::to_vec(&note).unwrap_or_default());
            match code.map_or_else(|| MachineCode::of(&module), Ok) {
                Ok(code) => cache.put(&key, &code, &written),
                Err(error) => tracing::warn!(plugin, %error, "code is not cached"),
            }
        }
        Compiled::new(module, note, &data)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::WasmRuntime;
    use crate::compile::module_id::{ModuleIdentity, digest};
    use crate::engine::Engine;
    use crate::limits::LimitOverrides;
    use crate::sandbox::config::Allocation;

    const PLUGIN: &str = r#"(module
        (memory (export "memory") 1)
        (func (export "alloc") (param i32) (result i32) (i32.const 8))
        (func (export "dealloc") (param i32 i32))
        (func (export "before_hook") (param i32 i32) (result i64) (i64.const 0)))"#;

    fn engine() -> (Arc<Engine>, WasmRuntime) {
        let engine = Arc::new(Engine::with_allocation(Allocation::OnDemand).unwrap());
        let runtime = WasmRuntime::with_engine(Arc::clone(&engine), &LimitOverrides::default()).unwrap();
        (engine, runtime)
    }

    #[test]
    fn the_same_bytes_share_one_module_while_it_is_in_use() {
        let (engine, runtime) = engine();
        let bytes = wat::parse_str(PLUGIN).unwrap();
        let held = |engine: &Engine| {
            let modules = engine.compiler().modules.lock().unwrap();
            modules.values().map(std::sync::Weak::strong_count).collect::<Vec<_>>()
        };
        for name in ["one", "other"] {
            runtime.load_plugin_bytes(name, &bytes).unwrap();
        }
        assert_eq!(held(&engine), [2]);
        runtime.unload_plugin("one");
        runtime.unload_plugin("other");
        assert_eq!(held(&engine), [0]);
        runtime.load_plugin_bytes("again", &bytes).unwrap();
        assert_eq!(held(&engine), [1]);
    }

    #[test]
    fn bytes_that_do_not_compile_are_not_kept() {
        let (engine, runtime) = engine();
        for _ in 0..2 {
            runtime.load_plugin_bytes("guest", b"\0asm").unwrap_err();
        }
        engine.compiler().share(ModuleIdentity::plain(digest(b"")));
        assert_eq!(engine.compiler().modules.lock().unwrap().len(), 1);
    }
}
