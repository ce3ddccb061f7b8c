//! An engine that builds plugins.

use std::borrow::Cow;
use std::cell::Cell;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use crate::build::builder_options::BuilderOptions;
use crate::build::plugin_exports::{self, PluginExports};
use crate::build::plugins_code::PluginsCode;
use crate::build::request::{Build, Built};
use crate::build::steps::{Cancels, Steps};
use crate::compile::cache::code_cache::CodeCache;
use crate::compile::compilation::Compilation;
use crate::compile::compiled::Note;
use crate::compile::compiler::{CodeFrom, SharedCompiled};
use crate::compile::module_id::{ModuleDigest, ModuleIdentity, digest, from_hexadecimal, hexadecimal, sha256};
use crate::engine::Engine;
use crate::error::HostError;
use crate::limits::Limits;
use crate::module::file;
use crate::module::parts::{ModuleParts, Obstacle};
use crate::module::scan;
use crate::module::scan::code_facts::CodeFacts;
use crate::module::snapshot::{self, AfterStartUp};
use crate::plugin::check_digest;
use crate::sandbox::cancel::CancelToken;

/// The variant of an opened engine. Part of the cache key: the number changes when the same module gets another one.
const OPENED: &str = "opened engine/1";

/// An engine that builds plugins, compiled once for many builds.
pub struct Builder {
    engine: Arc<Engine>,
    name: String,
    digest: ModuleDigest,
    /// Unset until a plugin is made, if its code was found without it.
    module: OnceLock<Vec<u8>>,
    /// With its mutable globals exported, so that a snapshot can be taken.
    opened: SharedCompiled,
    plugins_code: PluginsCode,
    cache: Option<Arc<CodeCache>>,
    /// Cancels all builds, now and in the future.
    cancel: CancelToken,
}

impl Builder {
    /// Compiles an engine in this process, which takes about a second.
    ///
    /// # Errors
    /// As for [`Self::load`].
    pub fn new(engine: Arc<Engine>, name: &str, bytes: Vec<u8>) -> Result<Self, HostError> {
        Self::load(engine, name, bytes, &BuilderOptions::default())
    }

    /// Gets an engine from the code cache, or compiles it. Builders of the same engine share its code.
    ///
    /// # Errors
    /// [`HostError::Compile`] if it is no engine: it must have a start-up and its own memory, and no imports.
    /// [`HostError::Isolate`] or [`HostError::Limit`] if the compiler process does not compile it, [`HostError::Cancelled`].
    pub fn load(engine: Arc<Engine>, name: &str, bytes: Vec<u8>, options: &BuilderOptions) -> Result<Self, HostError> {
        let limits = Limits::default().with(&options.sandbox)?;
        let digest = digest(&bytes);
        let (opened, plugins_code) = with_compilation(&engine, name, options, |compilation| {
            let opened = engine.compiler().module(identity_of(digest), compilation, || {
                let code = scan::scan(name, &bytes, &limits)?.code;
                let unfit = |obstacle: Obstacle| not_compiled(name, obstacle);
                let opened = snapshot::opened(&parts_of(name, ModuleParts::of(&bytes))?).map_err(unfit)?;
                Ok::<_, HostError>(
                    engine.compiler().compile(&opened, compilation)?.with_note(Note { code, ..Note::default() }),
                )
            })?;
            Ok((opened, PluginsCode::of(&engine, digest, compilation)))
        })?;
        opened.0.make_image()?;
        let module = OnceLock::from(bytes);
        Ok(Self::of(engine, name, digest, module, opened, plugins_code, options))
    }

    /// The engine with this SHA-256, in hexadecimal, if it has been compiled, here or in the code cache. Its module need not be read
    /// then, before it is [provided](Self::provide) for the first plugin.
    ///
    /// # Errors
    /// [`HostError::Internal`] if the process has no memory or file descriptor left.
    pub fn find(
        engine: Arc<Engine>,
        name: &str,
        sha256: &str,
        options: &BuilderOptions,
    ) -> Result<Option<Self>, HostError> {
        let Some(digest) = from_hexadecimal(sha256) else { return Ok(None) };
        let found = with_compilation(&engine, name, options, |compilation| {
            let opened = engine.compiler().find(identity_of(digest), compilation);
            Ok(opened.map(|opened| (opened, PluginsCode::of(&engine, digest, compilation))))
        })?;
        let Some((opened, plugins_code)) = found else { return Ok(None) };
        opened.0.make_image()?;
        Ok(Some(Self::of(engine, name, digest, OnceLock::new(), opened, plugins_code, options)))
    }

    fn of(
        engine: Arc<Engine>,
        name: &str,
        digest: ModuleDigest,
        module: OnceLock<Vec<u8>>,
        opened: SharedCompiled,
        plugins_code: PluginsCode,
        options: &BuilderOptions,
    ) -> Self {
        let (cache, cancel) = (options.cache.clone(), options.cancel.clone());
        Self { engine, name: name.to_owned(), digest, module, opened, plugins_code, cache, cancel }
    }

    /// Gives the engine's module to a builder that was [found](Self::find). Plugins are made of it.
    ///
    /// # Errors
    /// [`HostError::Digest`] if it is another module.
    pub fn provide(&self, bytes: Vec<u8>) -> Result<(), HostError> {
        let expected = hexadecimal(&self.digest);
        check_digest(&self.name, &sha256(&bytes), Some(&expected))?;
        // The same, if it was provided before.
        let _ = self.module.set(bytes);
        Ok(())
    }

    /// Where the engine's machine code came from.
    #[must_use]
    pub fn code_from(&self) -> CodeFrom {
        self.opened.1
    }

    /// Does it hold the code that its plugins share? Then the first plugin of this process need not wait for it. It does if an
    /// earlier builder with the same code cache made a plugin, and its code is in the cache.
    #[must_use]
    pub fn holds_code_of_plugins(&self) -> bool {
        self.plugins_code.is_held()
    }

    /// Cancels all builds, now and in the future.
    pub fn cancel_all(&self) {
        self.engine.cancel(&self.cancel);
    }

    /// Runs the steps of a build in a fresh cell.
    ///
    /// # Errors
    /// [`HostError::Limit`] if an option is out of bounds or the plugin is too long, [`HostError::NoHook`] if the engine has no
    /// such step, [`HostError::Busy`], [`HostError::Cancelled`].
    pub fn run(&self, request: &Build<'_>) -> Result<Built, HostError> {
        let limits = Limits::default().with(&request.sandbox)?;
        let mut built = Built::default();
        let mut steps = match Steps::begin(&self.engine, &self.name, &self.opened.0, &limits, self.stops(request))? {
            Ok(steps) => steps,
            Err(fault) => {
                built.fault = Some(fault);
                return Ok(built);
            }
        };
        for step in request.steps {
            match steps.run(step)? {
                Ok(answer) => built.answers.push(answer),
                Err(fault) => {
                    built.fault = Some(fault);
                    return Ok(built);
                }
            }
            if is_thrown(built.answers.last()) {
                return Ok(built);
            }
        }
        if request.makes_plugin {
            let answer = built.answers.last().map(Vec::as_slice).unwrap_or_default();
            built.plugin = Some(self.plugin(&mut steps, answer, &limits)?);
        }
        Ok(built)
    }

    /// The module of what the steps left.
    fn plugin(&self, steps: &mut Steps<'_>, answer: &[u8], limits: &Limits) -> Result<Vec<u8>, HostError> {
        let unfit = |obstacle: Obstacle| not_compiled(&self.name, obstacle);
        let module = self.module.get();
        let module = module.ok_or_else(|| HostError::Internal("a builder has no module of its engine".to_owned()))?;
        let mut parts = parts_of(&self.name, ModuleParts::again(module))?;
        let exports = PluginExports::read(answer).map_err(|reason| not_compiled(&self.name, &reason))?;
        let section = exports.section(&parts).map_err(|reason| not_compiled(&self.name, &reason))?;
        plugin_exports::replace(&mut parts, &section);
        let globals = steps.globals(&parts).map_err(unfit)?;
        let memory = steps.memory();
        let after = AfterStartUp { globals: &globals, memory };
        // The length of the plugin is checked below, with a message that says so.
        let plugin = snapshot::taken(&parts, &after, memory.len()).map_err(unfit)?;
        file::check_length(&self.name, plugin.len() as u64, limits)?;
        scan::scan_around(&self.name, &plugin, limits, self.known_code())?;
        self.plugins_code.note(&self.engine, &plugin, self.cache.as_deref());
        Ok(plugin)
    }

    /// What the scan found in the functions, which a plugin has unchanged, if they are valid with any data.
    fn known_code(&self) -> Option<&CodeFacts> {
        Some(&self.opened.0.note.code).filter(|code| !code.uses_data_segments && !code.takes_references)
    }

    fn stops(&self, request: &Build<'_>) -> Cancels {
        Cancels { builder: self.cancel.clone(), build: request.cancel.cloned() }
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Builder").field("name", &self.name).finish_non_exhaustive()
    }
}

fn identity_of(digest: ModuleDigest) -> ModuleIdentity {
    ModuleIdentity { digest, variant: Cow::Borrowed(OPENED) }
}

/// Gets the code of an engine with `get`.
fn with_compilation<T>(
    engine: &Engine,
    name: &str,
    options: &BuilderOptions,
    get: impl FnOnce(&Compilation<'_>) -> Result<T, HostError>,
) -> Result<T, HostError> {
    get(&Compilation {
        plugin: name,
        engine: engine.wasmtime(),
        memories_by: engine.memories_by(),
        supervisor: engine.supervisor(),
        cache: options.cache.as_deref(),
        isolate: options.isolate.as_ref(),
        asked: Instant::now(),
        runtime: &options.cancel,
        load: &CancelToken::default(),
        isolated: &Cell::default(),
    })
}

fn parts_of<'a>(name: &str, parts: Result<Option<ModuleParts<'a>>, Obstacle>) -> Result<ModuleParts<'a>, HostError> {
    let unfit = |obstacle: Obstacle| not_compiled(name, obstacle);
    parts.map_err(unfit)?.ok_or_else(|| unfit("it has no start-up"))
}

/// An engine says so that what the author wrote failed.
fn is_thrown(answer: Option<&Vec<u8>>) -> bool {
    answer.is_some_and(|answer| answer.starts_with(br#"{"thrown":"#))
}

fn not_compiled(name: &str, reason: &str) -> HostError {
    HostError::Compile { plugin: name.to_owned(), reason: reason.to_owned() }
}
