//! Loading and reloading plugins.

use std::cell::Cell;
use std::io;
use std::path::Path;
use std::time::Instant;

use crate::compile::module_id::sha256;
use crate::error::HostError;
use crate::limits::Limits;
use crate::module::file::{self, ModuleFile, canonical_key};
use crate::plugin::info::PluginInfo;
use crate::plugin::load;
use crate::plugin::load_options::LoadOptions;
use crate::plugin::load_turn::LoadTurn;
use crate::plugin::loading::Loading;
use crate::plugin::registry::{Origin, Replacement};
use crate::runtime::WasmRuntime;

/// Why a plugin has no file to be read anew.
const NO_FILE: &str = "it was loaded from bytes, not from a file: give reloadPlugin its new bytes";

impl WasmRuntime {
    /// Says that a load of this path or name is asked for now. Loads and unloads of a plugin take effect in the order in
    /// which they were asked for, whenever they end; the loads that take no turn are asked for when they are called.
    #[must_use]
    pub fn take_load_turn(&self, plugin: &str) -> LoadTurn {
        LoadTurn::take(&self.registry, plugin)
    }

    /// Has the load with this turn come to nothing: a compiler process is ended, a load that compiles in this process
    /// goes on until that is done, and ends in [`HostError::Cancelled`] then. Gives `false` where the load has taken effect
    /// already.
    pub fn cancel_load(&self, turn: &LoadTurn) -> bool {
        let was_pending = turn.abandon();
        self.cancel(turn.cancel_token());
        was_pending
    }

    /// Loads the plugin in a file. A second load of the same file, however its path is spelled, changes nothing, even
    /// where the file has changed ([`Self::has_file_changed`], [`Self::reload_plugin_in_turn`]).
    ///
    /// # Errors
    /// As for [`Self::load_plugin_with`].
    pub fn load_plugin(&self, path: impl AsRef<Path>) -> Result<PluginInfo, HostError> {
        self.load_plugin_with(path, &LoadOptions::default())
    }

    /// As [`Self::load_plugin`], with options. A second load neither reads nor compiles; it checks the digest, and the
    /// limits that it gives apply from then on. Where bytes were loaded under a path to the file, the file takes their place.
    ///
    /// # Errors
    /// [`HostError::Read`], [`HostError::Digest`], [`HostError::Compile`], [`HostError::Import`], [`HostError::Abi`],
    /// [`HostError::Isolate`] or [`HostError::Limit`]; nothing that was loaded before is lost.
    pub fn load_plugin_with(&self, path: impl AsRef<Path>, options: &LoadOptions) -> Result<PluginInfo, HostError> {
        let turn = self.take_load_turn(&path.as_ref().to_string_lossy());
        self.load_plugin_in_turn(path, options, &turn)
    }

    /// As [`Self::load_plugin_with`], for a load that was asked for when this turn was taken. Where an unload was asked for
    /// since, the plugin stays unloaded.
    ///
    /// # Errors
    /// As for [`Self::load_plugin_with`], and [`HostError::Cancelled`] where the load was cancelled.
    pub fn load_plugin_in_turn(
        &self,
        path: impl AsRef<Path>,
        options: &LoadOptions,
        turn: &LoadTurn,
    ) -> Result<PluginInfo, HostError> {
        let started = Instant::now();
        let path = path.as_ref();
        let key = canonical_key(path).map_err(|error| file::read_error(path, error))?;
        self.registry.loads(turn.number(), &key);
        let loaded = match self.registry.origin(&key) {
            Some(Origin::File(stamp)) => self.registry.get(&key).map(|plugin| (plugin, stamp)),
            _ => None,
        };
        let (plugin, stamp) = if let Some(loaded) = loaded {
            loaded
        } else {
            let limits = self.limits.with(&options.sandbox)?;
            let file = ModuleFile::open(&key)?;
            let stamp = file.stamp();
            let bytes = file.read(&limits)?;
            (load::load(key, &bytes, &self.loading(options, &limits, turn, started))?, stamp)
        };
        let plugin = self.registry.join(plugin, stamp, path.to_str(), options, turn.number())?;
        if let Some(spelling) = path.to_str() {
            self.registry.remember(spelling, plugin.key());
        }
        tracing::debug!(plugin = plugin.key(), "plugin loaded");
        Ok(plugin.info().clone())
    }

    /// Reads the plugin's file anew, and puts what it finds in the place of the plugin that this path meant, in one step:
    /// a call gets the one or the other. Limits that were given before hold on, under those of `options`. Where a link in
    /// the path leads to another file by now, whatever meant the plugin means the new one. A plugin that is not loaded is
    /// loaded.
    ///
    /// # Errors
    /// As for [`Self::load_plugin_in_turn`]; the plugin that is loaded stays then.
    pub fn reload_plugin_in_turn(
        &self,
        path: impl AsRef<Path>,
        options: &LoadOptions,
        turn: &LoadTurn,
    ) -> Result<PluginInfo, HostError> {
        let started = Instant::now();
        let path = path.as_ref();
        let spelling = path.to_str();
        let former = spelling.and_then(|spelling| self.registry.key_of(spelling));
        let key =
            canonical_key(path).map_err(|error| match former.as_ref().and_then(|key| self.registry.origin(key)) {
                Some(Origin::Bytes(_)) => file::read_error(path, io::Error::other(NO_FILE)),
                _ => file::read_error(path, error),
            })?;
        self.registry.loads(turn.number(), &key);
        let limits = self.limits_of(former.as_deref(), options)?;
        let file = ModuleFile::open(&key)?;
        let origin = Origin::File(file.stamp());
        let bytes = file.read(&limits)?;
        let plugin = load::load(key, &bytes, &self.loading(options, &limits, turn, started))?;
        let info = plugin.info().clone();
        let (sandbox, takes_over) = (&options.sandbox, former.as_deref());
        let new = Replacement { plugin, sandbox, origin, keeps_limits: true, takes_over, spelling };
        self.registry.replace(new, turn.number())?;
        if let Some(spelling) = spelling {
            self.registry.remember(spelling, &info.key);
        }
        tracing::debug!(plugin = info.key, "plugin reloaded");
        Ok(info)
    }

    /// Has the file of this plugin other contents than when it was loaded? `false` where that is not known: it is gone, or
    /// cannot be read.
    #[must_use]
    pub fn has_file_changed(&self, plugin: &str) -> bool {
        let Some(plugin) = self.registry.find(plugin) else { return false };
        let Some(Origin::File(stamp)) = self.registry.origin(plugin.key()) else { return false };
        let Ok(file) = ModuleFile::open(plugin.key()) else { return false };
        if file.stamp() == stamp {
            return false;
        }
        // One that is too long to be read is another than the one that was loaded.
        file.read(&plugin.limits()).map_or(true, |bytes| plugin.check_digest(Some(&sha256(&bytes))).is_err())
    }

    /// Loads a plugin from its bytes, in place of what has this name.
    ///
    /// # Errors
    /// As for [`Self::load_plugin_bytes_with`].
    pub fn load_plugin_bytes(&self, name: &str, bytes: &[u8]) -> Result<PluginInfo, HostError> {
        self.load_plugin_bytes_with(name, bytes, &LoadOptions::default())
    }

    /// As [`Self::load_plugin_bytes`], with options. A name that is a path to a plugin's file replaces that plugin, however
    /// the path is spelled, so that all spellings mean the new one.
    ///
    /// # Errors
    /// [`HostError::Digest`], [`HostError::Compile`], [`HostError::Import`], [`HostError::Abi`], [`HostError::Isolate`] or
    /// [`HostError::Limit`]; the plugin that had the name stays in place then.
    pub fn load_plugin_bytes_with(
        &self,
        name: &str,
        bytes: &[u8],
        options: &LoadOptions,
    ) -> Result<PluginInfo, HostError> {
        self.load_plugin_bytes_in_turn(name, bytes, options, &self.take_load_turn(name))
    }

    /// As [`Self::load_plugin_bytes_with`], for a load that was asked for when this turn was taken. Where another load or an
    /// unload of the name was asked for since, the plugin is checked and compiled all the same, and then dropped.
    ///
    /// # Errors
    /// As for [`Self::load_plugin_bytes_with`], and [`HostError::Cancelled`] where the load was cancelled.
    pub fn load_plugin_bytes_in_turn(
        &self,
        name: &str,
        bytes: &[u8],
        options: &LoadOptions,
        turn: &LoadTurn,
    ) -> Result<PluginInfo, HostError> {
        self.put_bytes(name, bytes, options, turn, false)
    }

    /// As [`Self::load_plugin_bytes_in_turn`], but limits that were given before hold on, under those of `options`.
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

    /// Refuses a module of so many bytes where its load would refuse it for that, or its reload with `keeps_limits`, before
    /// anybody copies them.
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
        let started = Instant::now();
        let former = self.registry.key_of(name);
        let key = former.clone().unwrap_or_else(|| name.to_owned());
        self.registry.loads(turn.number(), &key);
        let limits = self.limits_of(former.as_deref().filter(|_| keeps_limits), options)?;
        file::check_length(&key, bytes.len() as u64, &limits)?;
        let plugin = load::load(key, bytes, &self.loading(options, &limits, turn, started))?;
        let info = plugin.info().clone();
        let origin = Origin::Bytes(canonical_key(Path::new(name)).ok());
        let sandbox = &options.sandbox;
        let new = Replacement { plugin, sandbox, origin, keeps_limits, takes_over: None, spelling: None };
        self.registry.replace(new, turn.number())?;
        tracing::debug!(plugin = info.key, "plugin loaded");
        Ok(info)
    }

    /// The limits that a plugin is reloaded under.
    fn limits_of(&self, former: Option<&str>, options: &LoadOptions) -> Result<Limits, HostError> {
        let given = former.map(|key| self.registry.given(key)).unwrap_or_default();
        self.limits.with(&given)?.with(&options.sandbox)
    }

    fn loading<'a>(
        &'a self,
        options: &'a LoadOptions,
        limits: &'a Limits,
        turn: &'a LoadTurn,
        started: Instant,
    ) -> Loading<'a> {
        let (engine, cache, cancel) = (&*self.engine, self.code_cache.as_ref(), &self.cancel);
        Loading { engine, options, limits, cache, cancel, turn, isolated: Cell::default(), started }
    }
}
