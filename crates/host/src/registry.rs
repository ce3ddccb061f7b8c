//! Which plugins are loaded, and what a name or a path means.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::error::HostError;
use crate::limits::SandboxConfig;
use crate::plugin::{LoadOptions, Plugin};

/// Most spellings remembered beside the keys themselves. Any further one is resolved anew at every call.
const MAX_SPELLINGS: usize = 4_096;

/// Plugins by key. The lock is held to look up and to replace, never while a guest runs or a module compiles.
///
/// Loads and unloads take effect in the order in which they were asked for, whenever they end: each has its turn.
#[derive(Default)]
pub(crate) struct Registry {
    entries: RwLock<Entries>,
}

#[derive(Default)]
struct Entries {
    plugins: HashMap<String, Entry>,
    /// Other spellings of a path (relative, through a link), and the key each meant when it was last resolved.
    spellings: HashMap<String, String>,
    /// How many turns were given out.
    turns: u64,
    /// The turns of the loads under way.
    loading: BTreeSet<u64>,
    /// The turn of the last unload by key or spelling, as long as a load from before it is under way.
    unloaded: HashMap<String, u64>,
}

struct Entry {
    plugin: Plugin,
    turn: u64,
    given: GivenLimits,
}

/// The limits that the loads of a plugin gave, by turn: one that was asked for earlier may end last.
#[derive(Clone)]
struct GivenLimits(BTreeMap<u64, SandboxConfig>);

impl GivenLimits {
    fn new(turn: u64, sandbox: &SandboxConfig) -> Self {
        Self(BTreeMap::from([(turn, *sandbox)]))
    }

    /// Adds what a load gave; `oldest` is the first turn of those that may still come.
    fn add(&mut self, turn: u64, sandbox: &SandboxConfig, oldest: u64) {
        self.0.insert(turn, *sandbox);
        let later = self.0.split_off(&oldest);
        let settled = self.0.last_key_value().map(|(turn, _)| (*turn, self.all()));
        self.0 = settled.into_iter().chain(later).collect();
    }

    fn all(&self) -> SandboxConfig {
        self.0.values().fold(SandboxConfig::default(), |all, given| all.with(given))
    }
}

/// The turn of a load: what was asked for later goes before it, also where this ends last. Taken when the load is asked
/// for, dropped when it has ended.
pub struct LoadTurn {
    registry: Arc<Registry>,
    number: u64,
}

impl LoadTurn {
    pub(crate) fn take(registry: &Arc<Registry>) -> Self {
        let mut entries = registry.write();
        let number = entries.next_turn();
        entries.loading.insert(number);
        drop(entries);
        Self { registry: Arc::clone(registry), number }
    }
}

impl Drop for LoadTurn {
    fn drop(&mut self) {
        let mut entries = self.registry.write();
        entries.loading.remove(&self.number);
        let oldest = entries.oldest_turn();
        entries.unloaded.retain(|_, unloaded| *unloaded > oldest);
    }
}

impl Registry {
    /// The plugin under this key, or the one whose file this path leads to.
    pub(crate) fn find(&self, spelling: &str) -> Option<Plugin> {
        if let Some(plugin) = self.read().find(spelling) {
            return Some(plugin.clone());
        }
        let key = canonical_key(Path::new(spelling)).ok()?;
        let plugin = self.get(&key)?;
        self.write().remember(spelling, &key);
        Some(plugin)
    }

    pub(crate) fn get(&self, key: &str) -> Option<Plugin> {
        self.read().plugins.get(key).map(|entry| entry.plugin.clone())
    }

    /// Puts the plugin in place of what had its key, unless that was asked for later.
    pub(crate) fn replace(&self, plugin: Plugin, sandbox: &SandboxConfig, turn: &LoadTurn) {
        let turn = turn.number;
        let mut entries = self.write();
        if !entries.is_overtaken(plugin.key(), turn) {
            entries
                .plugins
                .insert(plugin.key().to_owned(), Entry { plugin, turn, given: GivenLimits::new(turn, sandbox) });
        }
    }

    /// Puts the plugin there, unless one is: then that one stays, under the limits that all its loads gave, the
    /// later ones before the earlier. Gives the plugin as it now is.
    ///
    /// # Errors
    /// [`HostError::Digest`] or [`HostError::Limit`] where the plugin that is there is not the one that this load wants, or
    /// does not fit its limits; nothing changes then.
    pub(crate) fn join(&self, plugin: Plugin, options: &LoadOptions, turn: &LoadTurn) -> Result<Plugin, HostError> {
        let LoadOptions { sha256, sandbox, .. } = options;
        let turn = turn.number;
        let mut entries = self.write();
        if entries.is_unloaded(plugin.key(), turn) {
            return Ok(plugin);
        }
        let oldest = entries.oldest_turn();
        let Some(entry) = entries.plugins.get_mut(plugin.key()) else {
            let entry = Entry { plugin: plugin.clone(), turn, given: GivenLimits::new(turn, sandbox) };
            entries.plugins.insert(plugin.key().to_owned(), entry);
            return Ok(plugin);
        };
        entry.plugin.check_digest(sha256.as_deref())?;
        let mut given = entry.given.clone();
        given.add(turn, sandbox, oldest);
        entry.plugin = entry.plugin.with_limits(&given.all())?;
        entry.turn = entry.turn.max(turn);
        entry.given = given;
        Ok(entry.plugin.clone())
    }

    /// From now on the spelling means this key.
    pub(crate) fn remember(&self, spelling: &str, key: &str) {
        self.write().remember(spelling, key);
    }

    /// Unloads a plugin, and keeps the loads under way that were asked for before from bringing it back. Gives whether it
    /// was loaded.
    pub(crate) fn remove(&self, spelling: &str) -> bool {
        let found = self.find(spelling).map(|plugin| plugin.key().to_owned());
        let key = found.or_else(|| canonical_key(Path::new(spelling)).ok());
        let mut entries = self.write();
        let turn = entries.next_turn();
        if !entries.loading.is_empty() {
            entries.unloaded.insert(spelling.to_owned(), turn);
            entries.unloaded.extend(key.clone().map(|key| (key, turn)));
        }
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

impl Entries {
    fn find(&self, spelling: &str) -> Option<&Plugin> {
        let entry = self.plugins.get(spelling).or_else(|| self.plugins.get(self.spellings.get(spelling)?))?;
        Some(&entry.plugin)
    }

    fn next_turn(&mut self) -> u64 {
        self.turns = self.turns.saturating_add(1);
        self.turns
    }

    /// The first turn of the loads under way.
    fn oldest_turn(&self) -> u64 {
        self.loading.first().copied().unwrap_or(u64::MAX)
    }

    fn is_unloaded(&self, key: &str, turn: u64) -> bool {
        self.unloaded.get(key).is_some_and(|unloaded| *unloaded > turn)
    }

    /// Was something else asked for under this key after this turn?
    fn is_overtaken(&self, key: &str, turn: u64) -> bool {
        self.is_unloaded(key, turn) || self.plugins.get(key).is_some_and(|entry| entry.turn > turn)
    }

    fn remember(&mut self, spelling: &str, key: &str) {
        let known = spelling == key || self.spellings.contains_key(spelling);
        if spelling != key && (known || self.spellings.len() < MAX_SPELLINGS) {
            self.spellings.insert(spelling.to_owned(), key.to_owned());
        }
    }
}

/// The key of a plugin's file: its absolute path, links resolved.
pub(crate) fn canonical_key(path: &Path) -> std::io::Result<String> {
    let path = path.canonicalize()?.into_os_string().into_string();
    let path = path.map_err(|_| std::io::Error::other("its path is not Unicode"))?;
    // What Windows puts before a canonical path is not what anybody writes.
    Ok(path.strip_prefix(r"\\?\").filter(|path| !path.starts_with("UNC")).map(str::to_owned).unwrap_or(path))
}
