//! Which plugins are loaded, and what a name or a path means.

mod asked;
mod entries;
mod given_options;
mod turns;

use std::path::Path;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

pub(crate) use asked::{Asked, Placed, config_of};
pub(crate) use entries::Origin;
pub(crate) use given_options::Given;

use crate::error::HostError;
use crate::module::file::{FileStamp, canonical_key};
use crate::plugin::Plugin;
use crate::plugin::load_options::LoadOptions;
use entries::{Entries, Entry};
use given_options::GivenOptions;

/// Plugins by key. The lock is held to look up and to replace, never while a guest runs or a module compiles.
///
/// Loads and unloads have turns, and take effect in the order in which they were requested, whenever they end.
#[derive(Default)]
pub(crate) struct Registry {
    entries: RwLock<Entries>,
}

/// A plugin that replaces another.
#[derive(Clone)]
pub(crate) struct Replacement<'a> {
    pub(crate) plugin: Plugin,
    /// What its load sets.
    pub(crate) given: Given,
    pub(crate) origin: Origin,
    /// Do the limits and grants of earlier loads stay if this load does not set them?
    pub(crate) keeps_limits: bool,
    /// The key of the plugin that it takes over from.
    pub(crate) takes_over: Option<&'a str>,
    /// The path in the request.
    pub(crate) spelling: Option<&'a str>,
}

impl Registry {
    /// The plugin under this key, or the one whose file this path leads to.
    pub(crate) fn find(&self, spelling: &str) -> Option<Plugin> {
        self.look_at(spelling, Plugin::clone)
    }

    /// As [`Self::find`] for each of these; `None` if one of them is not known by this name yet. The lock is taken once.
    pub(crate) fn find_known<'a>(&self, spellings: impl Iterator<Item = &'a str>) -> Option<Vec<Plugin>> {
        let entries = self.read();
        spellings.map(|spelling| entries.find(spelling).cloned()).collect()
    }

    /// What `read` says of the plugin under this key, or of the one whose file this path leads to.
    pub(crate) fn look_at<T>(&self, spelling: &str, read: impl Fn(&Plugin) -> T) -> Option<T> {
        if let Some(plugin) = self.read().find(spelling) {
            return Some(read(plugin));
        }
        let key = canonical_key(Path::new(spelling)).ok()?;
        let plugin = self.get(&key)?;
        self.write().remember(spelling, &key);
        Some(read(&plugin))
    }

    pub(crate) fn get(&self, key: &str) -> Option<Plugin> {
        self.read().plugins.get(key).map(|entry| entry.plugin.clone())
    }

    /// The plugin of this key if it was loaded from its file, and what the file was then.
    pub(crate) fn loaded_from_file(&self, key: &str) -> Option<(Plugin, FileStamp)> {
        let entries = self.read();
        let entry = entries.plugins.get(key)?;
        match &entry.origin {
            Origin::File(stamp) => Some((entry.plugin.clone(), *stamp)),
            Origin::Bytes(_) => None,
        }
    }

    /// Where the plugin under this key came from.
    pub(crate) fn origin(&self, key: &str) -> Option<Origin> {
        self.read().plugins.get(key).map(|entry| entry.origin.clone())
    }

    /// What the loads of a plugin have set. The name or path must have been used before.
    pub(crate) fn given(&self, spelling: &str) -> Given {
        self.read().entry(spelling).map(|entry| entry.given.all()).unwrap_or_default()
    }

    /// The key of the plugin that this name or path means now; `None` if it is not loaded.
    pub(crate) fn key_of(&self, spelling: &str) -> Option<String> {
        self.find(spelling).map(|plugin| plugin.key().to_owned())
    }

    /// Is a load under way of the plugin that this name or path means?
    pub(crate) fn is_loading(&self, spelling: &str) -> bool {
        let key = canonical_key(Path::new(spelling)).ok();
        self.read().turns.is_loading(|name| name == spelling || key.as_deref() == Some(name))
    }

    /// A turn for the load of this plugin.
    pub(crate) fn begin(&self, plugin: &str) -> u64 {
        self.write().turns.begin(plugin)
    }

    /// Notes the key of the plugin that the load with this turn loads.
    pub(crate) fn loads(&self, turn: u64, key: &str) {
        self.write().turns.loads(turn, key);
    }

    /// Gives up the load with this turn. `false` if it had taken effect or was given up before.
    pub(crate) fn settle(&self, turn: u64) -> bool {
        self.write().turns.settle(turn).is_ok()
    }

    /// The load with this turn is over.
    pub(crate) fn end(&self, turn: u64) {
        self.write().turns.end(turn);
    }

    /// Puts the plugin under its key, unless a later request has changed that. If it takes over from a plugin with another key,
    /// all names of that one now mean this one.
    ///
    /// # Errors
    /// [`HostError::Cancelled`] if the load was cancelled, and [`HostError::Limit`] if the plugin does not fit the limits that
    /// are kept; then nothing changes.
    pub(crate) fn replace(&self, new: Replacement<'_>, turn: u64, asked: &Asked) -> Result<Placed, HostError> {
        let Replacement { mut plugin, given: set, origin, keeps_limits, takes_over, spelling } = new;
        let mut entries = self.write();
        let oldest = entries.turns.oldest();
        let given = match entries.plugins.get(takes_over.unwrap_or(plugin.key())) {
            Some(entry) if keeps_limits => {
                let mut given = entry.given.clone();
                given.add(turn, set, oldest);
                let Given { sandbox, grants } = given.all();
                plugin = plugin.with(&sandbox, &grants)?;
                given
            }
            _ => GivenOptions::new(turn, set),
        };
        if !asked.covers(&plugin) {
            return Ok(Placed::Unasked(plugin));
        }
        entries.turns.settle(turn)?;
        let overtaken =
            [Some(plugin.key()), takes_over].into_iter().flatten().any(|key| entries.is_overtaken(key, turn));
        if !overtaken {
            if let Some(former) = takes_over.filter(|former| *former != plugin.key()) {
                entries.plugins.remove(former);
                entries.redirect(former, plugin.key());
            }
            let entry = Entry { plugin: plugin.clone(), turn, given, origin };
            entries.put(entry, spelling);
        }
        Ok(Placed::Done(plugin))
    }

    /// Puts the plugin of a file under its key, unless it is loaded. A loaded plugin stays, under the limits of all its loads, of
    /// which later ones win. Returns the plugin as it is now.
    ///
    /// # Errors
    /// [`HostError::Digest`] if the loaded plugin is not the one that this load wants, [`HostError::Limit`] if it does not fit
    /// the limits, and [`HostError::Cancelled`] if the load was cancelled; then nothing changes.
    pub(crate) fn join(
        &self,
        plugin: Plugin,
        stamp: FileStamp,
        spelling: Option<&str>,
        options: &LoadOptions,
        turn: u64,
        asked: &Asked,
    ) -> Result<Placed, HostError> {
        let sha256 = &options.sha256;
        let mut entries = self.write();
        let oldest = entries.turns.oldest();
        let joined = match entries.plugins.get(plugin.key()) {
            _ if entries.turns.is_unloaded(plugin.key(), turn) => {
                return entries.turns.settle(turn).map(|()| Placed::Done(plugin));
            }
            Some(entry) if matches!(entry.origin, Origin::File(_)) || entry.turn > turn => {
                entry.plugin.check_digest(sha256.as_deref())?;
                let mut given = entry.given.clone();
                given.add(turn, Given::of(options), oldest);
                let Given { sandbox, grants } = given.all();
                Entry {
                    plugin: entry.plugin.with(&sandbox, &grants)?,
                    turn: entry.turn.max(turn),
                    given,
                    origin: entry.origin.clone(),
                }
            }
            _ => {
                // It may have been loaded by another load, with another digest in mind.
                plugin.check_digest(sha256.as_deref())?;
                Entry { plugin, turn, given: GivenOptions::new(turn, Given::of(options)), origin: Origin::File(stamp) }
            }
        };
        if !asked.covers(&joined.plugin) {
            return Ok(Placed::Unasked(joined.plugin));
        }
        entries.turns.settle(turn)?;
        let plugin = joined.plugin.clone();
        entries.put(joined, spelling);
        Ok(Placed::Done(plugin))
    }

    /// From now on, the path means the plugin of this file.
    pub(crate) fn remember(&self, spelling: &str, key: &str) {
        self.write().remember(spelling, key);
    }

    /// Unloads a plugin. Loads under way that were requested before do not load it again. Returns whether it was loaded.
    pub(crate) fn remove(&self, spelling: &str) -> bool {
        let found = self.find(spelling).map(|plugin| plugin.key().to_owned());
        let key = found.or_else(|| canonical_key(Path::new(spelling)).ok());
        let mut entries = self.write();
        entries.turns.unload([Some(spelling), key.as_deref()].into_iter().flatten());
        let Some(key) = key else {
            return false;
        };
        entries.spellings.retain(|_, known| *known != key);
        entries.plugins.remove(&key).is_some()
    }

    pub(crate) fn all(&self) -> Vec<Plugin> {
        let mut plugins: Vec<_> = self.read().plugins.values().map(|entry| entry.plugin.clone()).collect();
        plugins.sort_by(|one, other| one.key().cmp(other.key()));
        plugins
    }

    fn read(&self) -> RwLockReadGuard<'_, Entries> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Entries> {
        self.entries.write().unwrap_or_else(PoisonError::into_inner)
    }
}
