//! A load under way.

use std::cell::Cell;
use std::time::Instant;

use crate::compile::cache::code_cache::CodeCache;
use crate::compile::compilation::Compilation;
use crate::compile::process::cost::IsolateCost;
use crate::engine::Engine;
use crate::limits::Limits;
use crate::limits::declared::DeclaredLimits;
use crate::plugin::load_options::LoadOptions;
use crate::plugin::load_turn::LoadTurn;
use crate::sandbox::cancel::CancelToken;

/// A load under way: its options, and what it uses.
pub(crate) struct Loading<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) options: &'a LoadOptions,
    /// Those in force, over the declared ones.
    pub(crate) limits: &'a Limits,
    /// What the module declares, or what is wrong with that.
    pub(crate) declared: Result<DeclaredLimits, String>,
    /// The cache that its code may be in.
    pub(crate) cache: Option<&'a CodeCache>,
    /// Cancelled with every call and load of the runtime.
    pub(crate) cancel: &'a CancelToken,
    /// When it was requested, and what cancels only this load.
    pub(crate) turn: &'a LoadTurn,
    /// The cost of compiling in child processes so far.
    pub(crate) isolated: Cell<Option<IsolateCost>>,
    /// When loading began.
    pub(crate) started: Instant,
}

impl<'a> Loading<'a> {
    /// What the compiler needs from it. `plugin` is the plugin's name.
    pub(crate) fn compilation(&'a self, plugin: &'a str) -> Compilation<'a> {
        Compilation {
            plugin,
            engine: self.engine.wasmtime(),
            memories_by: self.engine.memories_by(),
            supervisor: self.engine.supervisor(),
            cache: self.cache,
            isolate: self.options.isolate.as_ref(),
            asked: self.turn.asked(),
            runtime: self.cancel,
            load: self.turn.cancel_token(),
            isolated: &self.isolated,
        }
    }
}
