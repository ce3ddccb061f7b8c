//! Loading and reloading plugins.

use std::cell::Cell;
use std::io;
use std::path::Path;
use std::time::Instant;

use crate::compile::module_id::sha256;
use crate::error::HostError;
use crate::limits::Limits;
use crate::limits::declared::DeclaredLimits;
use crate::module::file::{self, FileStamp, ModuleFile, canonical_key};
use crate::plugin::Plugin;
use crate::plugin::info::PluginInfo;
use crate::plugin::load;
use crate::plugin::load_options::LoadOptions;
use crate::plugin::load_turn::LoadTurn;
use crate::plugin::loading::Loading;
use crate::plugin::registry::{Asked, Given, Origin, Placed, Replacement, config_of};
use crate::runtime::WasmRuntime;

/// Why a plugin has no file to read again.
const NO_FILE: &str = "it was loaded from bytes, not from a file: give reloadPlugin its new bytes";

impl WasmRuntime {
    /// Takes a turn for a load of this path or name that is requested now. Loads and unloads of a plugin take effect in the order
    /// in which they were requested, whenever they end. A load without a turn counts as requested when it is called.
    #[must_use]
    pub fn take_load_turn(&self, plugin: &str) -> LoadTurn {
        LoadTurn::take(&self.registry, plugin)
    }

    /// Cancels the load with this turn, which then ends with [`HostError::Cancelled`]: at once in a compiler process, or after
    /// compiling in this process. Returns `false` if the load has taken effect.
    pub fn cancel_load(&self, turn: &LoadTurn) -> bool {
        let was_pending = turn.abandon();
        self.cancel(turn.cancel_token());
        was_pending
    }

    /// Loads the plugin in a file. A second load of the same file, under any spelling of its path, changes nothing, even if the
    /// file has changed ([`Self::has_file_changed`], [`Self::reload_plugin_in_turn`]).
    ///
    /// # Errors
    /// As for [`Self::load_plugin_with`].
    pub fn load_plugin(&self, path: impl AsRef<Path>) -> Result<PluginInfo, HostError> {
        self.load_plugin_with(path, &LoadOptions::default())
    }

    /// As [`Self::load_plugin`], with options. A second load neither reads nor compiles; it checks the digest, and its limits
    /// apply from then on. A file replaces bytes that were loaded under its path.
    ///
    /// # Errors
    /// [`HostError::Read`], [`HostError::Digest`], [`HostError::Compile`], [`HostError::Import`], [`HostError::Abi`],
    /// [`HostError::Isolate`] or [`HostError::Limit`]; plugins that were loaded before stay.
    pub fn load_plugin_with(&self, path: impl AsRef<Path>, options: &LoadOptions) -> Result<PluginInfo, HostError> {
        let turn = self.take_load_turn(&path.as_ref().to_string_lossy());
        self.load_plugin_in_turn(path, options, &turn)
    }

    /// As [`Self::load_plugin_with`], for a load that was requested when this turn was taken. If an unload was requested since,
    /// the plugin stays unloaded.
    ///
    /// # Errors
    /// As for [`Self::load_plugin_with`], and [`HostError::Cancelled`] if the load was cancelled.
    pub fn load_plugin_in_turn(
        &self,
        path: impl AsRef<Path>,
        options: &LoadOptions,
        turn: &LoadTurn,
    ) -> Result<PluginInfo, HostError> {
        let path = path.as_ref();
        let load = self.begin(options, turn);
        let key = canonical_key(path).map_err(|error| file::read_error(path, error))?;
        load.is_of(&key);
        let (plugin, stamp, asked) = if let Some((plugin, stamp)) = self.registry.loaded_from_file(&key) {
            let asked = Asked::of(&plugin);
            (plugin, stamp, asked)
        } else {
            let (plugin, stamp) = load.read_file(key, &self.limits_of(None, options)?)?;
            let asked = load.ask(&plugin)?;
            (plugin, stamp, asked)
        };
        let plugin = load.place(asked, |asked| {
            self.registry.join(plugin.clone(), stamp, path.to_str(), options, turn.number(), asked)
        })?;
        Ok(load.end(&plugin, path.to_str()))
    }

    /// Reads the plugin's file again, and replaces the plugin that this path meant in one step: a call gets either the old or the
    /// new one. Limits and grants of earlier loads stay, under those of `options`. If a link in the path now leads to another file, all names
    /// of the old plugin mean the new one. A plugin that is not loaded is loaded.
    ///
    /// # Errors
    /// As for [`Self::load_plugin_in_turn`]; then the loaded plugin stays.
    pub fn reload_plugin_in_turn(
        &self,
        path: impl AsRef<Path>,
        options: &LoadOptions,
        turn: &LoadTurn,
    ) -> Result<PluginInfo, HostError> {
        let path = path.as_ref();
        let load = self.begin(options, turn);
        let spelling = path.to_str();
        let former = spelling.and_then(|spelling| self.registry.key_of(spelling));
        let key =
            canonical_key(path).map_err(|error| match former.as_ref().and_then(|key| self.registry.origin(key)) {
                Some(Origin::Bytes(_)) => file::read_error(path, io::Error::other(NO_FILE)),
                _ => file::read_error(path, error),
            })?;
        load.is_of(&key);
        let (plugin, stamp) = load.read_file(key, &self.limits_of(former.as_deref(), options)?)?;
        let (given, origin, takes_over) = (Given::of(options), Origin::File(stamp), former.as_deref());
        let plugin = load.replace(&Replacement { plugin, given, origin, keeps_limits: true, takes_over, spelling })?;
        Ok(load.end(&plugin, spelling))
    }

    /// Has the file of this plugin changed since it was loaded? `false` if the file is gone or cannot be read.
    #[must_use]
    pub fn has_file_changed(&self, plugin: &str) -> bool {
        let Some(plugin) = self.registry.find(plugin) else { return false };
        let Some(Origin::File(stamp)) = self.registry.origin(plugin.key()) else { return false };
        let Ok(file) = ModuleFile::open(plugin.key()) else { return false };
        if file.stamp() == stamp {
            return false;
        }
        // A file that is now too long to be read has changed.
        file.read(plugin.limits()).map_or(true, |bytes| plugin.check_digest(Some(&sha256(&bytes))).is_err())
    }

    /// Loads a plugin from its bytes, and replaces any plugin with this name.
    ///
    /// # Errors
    /// As for [`Self::load_plugin_bytes_with`].
    pub fn load_plugin_bytes(&self, name: &str, bytes: &[u8]) -> Result<PluginInfo, HostError> {
        self.load_plugin_bytes_with(name, bytes, &LoadOptions::default())
    }

    /// As [`Self::load_plugin_bytes`], with options. If the name is a path to a plugin's file, in any spelling, these bytes
    /// replace that plugin, and all spellings mean the new one.
    ///
    /// # Errors
    /// [`HostError::Digest`], [`HostError::Compile`], [`HostError::Import`], [`HostError::Abi`], [`HostError::Isolate`] or
    /// [`HostError::Limit`]; then a plugin with this name stays.
    pub fn load_plugin_bytes_with(
        &self,
        name: &str,
        bytes: &[u8],
        options: &LoadOptions,
    ) -> Result<PluginInfo, HostError> {
        self.load_plugin_bytes_in_turn(name, bytes, options, &self.take_load_turn(name))
    }

    /// As [`Self::load_plugin_bytes_with`], for a load that was requested when this turn was taken. If another load or an unload
    /// of the name was requested since, the plugin is still checked and compiled, and then dropped.
    ///
    /// # Errors
    /// As for [`Self::load_plugin_bytes_with`], and [`HostError::Cancelled`] if the load was cancelled.
    pub fn load_plugin_bytes_in_turn(
        &self,
        name: &str,
        bytes: &[u8],
        options: &LoadOptions,
        turn: &LoadTurn,
    ) -> Result<PluginInfo, HostError> {
        self.put_bytes(name, bytes, options, turn, false)
    }

    /// As [`Self::load_plugin_bytes_in_turn`], but limits and grants of earlier loads stay, under those of `options`.
    ///
    /// # Errors
    /// As for [`Self::load_plugin_bytes_in_turn`].
    pub fn reload_plugin_bytes_in_turn(
        &self,
        name: &str,
        bytes: &[u8],
        options: &LoadOptions,
        turn: &LoadTurn,
    ) -> Result<PluginInfo, HostError> {
        self.put_bytes(name, bytes, options, turn, true)
    }

    /// Refuses a module of this length if its load would (with `keeps_limits`, its reload), before its bytes are copied.
    ///
    /// # Errors
    /// [`HostError::Limit`].
    pub fn check_module_length(
        &self,
        name: &str,
        bytes: usize,
        options: &LoadOptions,
        keeps_limits: bool,
    ) -> Result<(), HostError> {
        let limits = self.limits_of(Some(name).filter(|_| keeps_limits), options)?;
        file::check_length(name, bytes as u64, &limits)
    }

    fn put_bytes(
        &self,
        name: &str,
        bytes: &[u8],
        options: &LoadOptions,
        turn: &LoadTurn,
        keeps_limits: bool,
    ) -> Result<PluginInfo, HostError> {
        let load = self.begin(options, turn);
        let former = self.registry.key_of(name);
        let key = former.clone().unwrap_or_else(|| name.to_owned());
        load.is_of(&key);
        let kept = former.as_deref().filter(|_| keeps_limits);
        let limits = self.limits_of(kept, options)?;
        file::check_length(&key, bytes.len() as u64, &limits)?;
        let plugin = load.compile(key, bytes, &limits)?;
        let (given, origin) = (Given::of(options), Origin::Bytes(canonical_key(Path::new(name)).ok()));
        let plugin =
            load.replace(&Replacement { plugin, given, origin, keeps_limits, takes_over: None, spelling: None })?;
        Ok(load.end(&plugin, None))
    }

    /// The limits of a load: those of the options over those of the former plugin, if given.
    fn limits_of(&self, former: Option<&str>, options: &LoadOptions) -> Result<Limits, HostError> {
        let given = former.map(|key| self.registry.given(key)).unwrap_or_default();
        self.limits.with(&given.sandbox)?.with(&options.sandbox)
    }

    fn begin<'a>(&'a self, options: &'a LoadOptions, turn: &'a LoadTurn) -> Load<'a> {
        Load { runtime: self, options, turn, started: Instant::now() }
    }
}

/// A load from its request to its end: what loads and reloads, from files and from bytes, have in common.
struct Load<'a> {
    runtime: &'a WasmRuntime,
    options: &'a LoadOptions,
    turn: &'a LoadTurn,
    started: Instant,
}

impl Load<'_> {
    /// Says which plugin is loading.
    fn is_of(&self, key: &str) {
        self.runtime.registry.loads(self.turn.number(), key);
    }

    fn read_file(&self, key: String, limits: &Limits) -> Result<(Plugin, FileStamp), HostError> {
        let file = ModuleFile::open(&key)?;
        let stamp = file.stamp();
        let bytes = file.read(limits)?;
        Ok((self.compile(key, &bytes, limits)?, stamp))
    }

    fn compile(&self, key: String, bytes: &[u8], limits: &Limits) -> Result<Plugin, HostError> {
        let WasmRuntime { engine, code_cache, cancel, .. } = self.runtime;
        let (options, turn, started) = (self.options, self.turn, self.started);
        let cache = code_cache.as_ref();
        let declared = DeclaredLimits::of(bytes);
        let limits = &declared.as_ref().map_or(*limits, |declared| limits.over(declared));
        let isolated = Cell::default();
        let loading = Loading { engine, options, limits, declared, cache, cancel, turn, isolated, started };
        load::load(key, bytes, &loading)
    }

    fn replace(&self, new: &Replacement<'_>) -> Result<Plugin, HostError> {
        let registry = &self.runtime.registry;
        self.place(self.ask(&new.plugin)?, |asked| registry.replace(new.clone(), self.turn.number(), asked))
    }

    /// Puts a plugin in place that was asked about its configuration. Its code or its configuration may be that of another load, which
    /// may end meanwhile: then it is asked again, so that no call gets a pair that was not asked about.
    fn place(
        &self,
        mut asked: Asked,
        place: impl Fn(&Asked) -> Result<Placed, HostError>,
    ) -> Result<Plugin, HostError> {
        loop {
            match place(&asked)? {
                Placed::Done(plugin) => return Ok(plugin),
                Placed::Unasked(plugin) => asked = self.ask(&plugin)?,
            }
        }
    }

    /// Asks the plugin about its configuration, before it can be called with it.
    fn ask(&self, plugin: &Plugin) -> Result<Asked, HostError> {
        self.runtime.check_config(plugin, config_of(plugin), self.turn.cancel_token())?;
        Ok(Asked::of(plugin))
    }

    /// Describes the plugin, which is in the registry now. The path in the request means it from now on.
    fn end(&self, plugin: &Plugin, spelling: Option<&str>) -> PluginInfo {
        if let Some(spelling) = spelling {
            self.runtime.registry.remember(spelling, plugin.key());
        }
        tracing::debug!(plugin = plugin.key(), "plugin loaded");
        plugin.info().clone()
    }
}
