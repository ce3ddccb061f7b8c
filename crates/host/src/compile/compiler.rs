//! Turning bytes into code: from a cache, in this process or in a child of it, and never twice at once for the same
//! code.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use serde::Serialize;
use wasmtime::Module;

use crate::compile::cache::code_cache::CodeCache;
use crate::compile::cache::key::CodeKey;
use crate::compile::compilation::Compilation;
use crate::compile::machine_code::MachineCode;
use crate::compile::module_id::{ModuleIdentity, digest};
use crate::compile::refusal::{CompileBounds, CompileRefusal, Refusals, bounds_of};
use crate::error::HostError;
use crate::guest_text;

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

/// A module that was compiled just now.
pub(crate) struct Compiled {
    module: Module,
    /// As a compiler process wrote it.
    code: Option<MachineCode>,
}

/// Compiled modules that are in use, and those that are being compiled.
#[derive(Debug, Default)]
pub(crate) struct Compiler {
    modules: Mutex<HashMap<ModuleIdentity, Weak<SharedModule>>>,
    refusals: Mutex<Refusals>,
}

/// A module that all plugins of the same code share; compiled by whoever comes first, while the others wait.
#[derive(Debug, Default)]
pub(crate) struct SharedModule {
    state: Mutex<SharedState>,
    /// Somebody has compiled it, or has failed to.
    changed: Condvar,
}

#[derive(Debug, Default)]
struct SharedState {
    compiled: Option<Module>,
    /// The bounds under which it is being compiled now. Who has others does not wait: its deadline may be far nearer.
    compiling: Vec<CompileBounds>,
}

/// The right to compile a module under these bounds; others who have them wait until it is dropped.
struct Place {
    shared: Arc<SharedModule>,
    bounds: CompileBounds,
}

impl Compiler {
    /// The module that is wanted, and where its code came from; `make` compiles it where there is no code yet. It stays
    /// shared for as long as somebody holds the last part. Where `make` fails, nothing is kept.
    pub(crate) fn module<E>(
        &self,
        wanted: ModuleIdentity,
        compilation: &Compilation<'_>,
        make: impl FnOnce() -> Result<Compiled, E>,
    ) -> Result<(Module, CodeFrom, Arc<SharedModule>), E> {
        let Compilation { engine, plugin, cache, .. } = *compilation;
        let cache = cache.map(|cache| (cache, CodeKey::new(engine, &wanted)));
        let shared = self.share(wanted);
        let place = match shared.enter(compilation) {
            Ok(module) => return Ok((module, CodeFrom::Memory, shared)),
            Err(place) => place,
        };
        let (module, from) =
            if let Some(module) = cache.as_ref().and_then(|(cache, key)| cached(engine, plugin, cache, key)) {
                (module, CodeFrom::Cache)
            } else {
                let compiled = make()?;
                let from = if compiled.code.is_some() { CodeFrom::Isolate } else { CodeFrom::Compiler };
                (compiled.keep(plugin, cache), from)
            };
        shared.lock().compiled = Some(module.clone());
        drop(place);
        Ok((module, from, shared))
    }

    /// Compiles a module in this process, or in the one that the load asks for.
    pub(crate) fn compile(&self, bytes: &[u8], compilation: &Compilation<'_>) -> Result<Compiled, HostError> {
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
        // Not while the lock is held.
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

fn cached(engine: &wasmtime::Engine, plugin: &str, cache: &CodeCache, key: &CodeKey) -> Option<Module> {
    cache
        .get(key)?
        .to_module(engine)
        .inspect_err(|error| tracing::warn!(plugin, %error, "cached code does not load here"))
        .ok()
}

impl SharedModule {
    /// The module, as soon as it is compiled; or the place to compile it. A load that was cancelled waits no more.
    fn enter(self: &Arc<Self>, compilation: &Compilation<'_>) -> Result<Module, Place> {
        /// Who is cancelled looks up so often: nobody wakes it.
        const LOOK_UP: Duration = Duration::from_millis(50);
        let bounds = bounds_of(compilation.isolate);
        let mut state = self.lock();
        loop {
            if let Some(module) = &state.compiled {
                return Ok(module.clone());
            }
            if !state.compiling.contains(&bounds) || compilation.is_cancelled() {
                state.compiling.push(bounds);
                return Err(Place { shared: Arc::clone(self), bounds });
            }
            state = self.changed.wait_timeout(state, LOOK_UP).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, SharedState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        if let Some(index) = state.compiling.iter().position(|bounds| *bounds == self.bounds) {
            state.compiling.swap_remove(index);
        }
        self.shared.changed.notify_all();
    }
}

fn compile(bytes: &[u8], compilation: &Compilation<'_>) -> Result<Compiled, CompileRefusal> {
    if compilation.is_cancelled() {
        return Err(CompileRefusal::Cancelled);
    }
    let engine = compilation.engine;
    if let Some(process) = compilation.isolate {
        let code = process.compile(bytes, compilation)?;
        let module = code.to_module(engine).map_err(|error| CompileRefusal::Failed(error.to_string()))?;
        return Ok(Compiled { module, code: Some(code) });
    }
    let module = Module::from_binary(engine, bytes)
        .map_err(|error| CompileRefusal::DoesNotCompile(guest_text::clean(&format!("{error:#}"))))?;
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
