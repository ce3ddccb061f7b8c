//! Which plugins are loaded, and what a name or a path means.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::error::HostError;
use crate::limits::SandboxConfig;
use crate::module::file::{FileStamp, canonical_key};
use crate::plugin::load_options::LoadOptions;
use crate::plugin::plugin::Plugin;

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
    /// The turns of the loads under way, and what their plugins are called: by their callers, and by their keys where those
    /// are known.
    loading: BTreeMap<u64, Vec<String>>,
    /// The turns that loads have which are settled, but not yet over.
    settled: BTreeSet<u64>,
    /// The turn of the last unload by key or spelling, as long as a load from before it is under way.
    unloaded: HashMap<String, u64>,
}

struct Entry {
    plugin: Plugin,
    turn: u64,
    given: GivenLimits,
    origin: Origin,
}

/// Where a plugin was loaded from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Its file, as it was then.
    File(FileStamp),
    /// Bytes. Their name led to this file then, if to any.
    Bytes(Option<String>),
}

/// A plugin that takes the place of another.
pub(crate) struct Replacement<'a> {
    pub(crate) plugin: Plugin,
    /// The limits that its load gives.
    pub(crate) sandbox: &'a SandboxConfig,
    pub(crate) origin: Origin,
    /// Do the limits that were given before hold on, where this load gives no others?
    pub(crate) keeps_limits: bool,
    /// The key of the plugin that it takes over from.
    pub(crate) takes_over: Option<&'a str>,
    /// The path that it was asked for by.
    pub(crate) spelling: Option<&'a str>,
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

    /// Where the plugin under this key came from.
    pub(crate) fn origin(&self, key: &str) -> Option<Origin> {
        self.read().plugins.get(key).map(|entry| entry.origin.clone())
    }

    /// What the loads of a plugin have given. The name or path is one that has been used before.
    pub(crate) fn given(&self, spelling: &str) -> SandboxConfig {
        self.read().entry(spelling).map(|entry| entry.given.all()).unwrap_or_default()
    }

    /// The key that this name or path means now, where a plugin is loaded under it.
    pub(crate) fn key_of(&self, spelling: &str) -> Option<String> {
        self.find(spelling).map(|plugin| plugin.key().to_owned())
    }

    /// Is a plugin being loaded that this name or path means?
    pub(crate) fn is_loading(&self, spelling: &str) -> bool {
        let key = canonical_key(Path::new(spelling)).ok();
        let means = |name: &String| name == spelling || key.as_ref() == Some(name);
        self.read().loading.values().flatten().any(means)
    }

    /// A turn for the load of this plugin.
    pub(crate) fn begin(&self, plugin: &str) -> u64 {
        let mut entries = self.write();
        let number = entries.next_turn();
        entries.loading.insert(number, vec![plugin.to_owned()]);
        number
    }

    /// The load with this turn is of the plugin with this key.
    pub(crate) fn loads(&self, turn: u64, key: &str) {
        if let Some(names) = self.write().loading.get_mut(&turn) {
            names.push(key.to_owned());
        }
    }

    /// Has the load with this turn come to nothing, unless it has come to its end. Gives whether it has not.
    pub(crate) fn settle(&self, turn: u64) -> bool {
        self.write().settle(turn).is_ok()
    }

    /// The load with this turn is over.
    pub(crate) fn end(&self, turn: u64) {
        let mut entries = self.write();
        entries.loading.remove(&turn);
        entries.settled.remove(&turn);
        let oldest = entries.oldest_turn();
        entries.unloaded.retain(|_, unloaded| *unloaded > oldest);
    }

    /// Puts the plugin in place of what had its key, unless that was asked for later. Where it takes over from a plugin
    /// with another key, whatever meant that one means this one from then on.
    ///
    /// # Errors
    /// [`HostError::Cancelled`] where the load was cancelled, and [`HostError::Limit`] where the plugin does not fit the
    /// limits that are kept; nothing changes then.
    pub(crate) fn replace(&self, new: Replacement<'_>, turn: u64) -> Result<Plugin, HostError> {
        let Replacement { mut plugin, sandbox, origin, keeps_limits, takes_over, spelling } = new;
        let mut entries = self.write();
        let oldest = entries.oldest_turn();
        let given = match entries.plugins.get(takes_over.unwrap_or(plugin.key())) {
            Some(entry) if keeps_limits => {
                let mut given = entry.given.clone();
                given.add(turn, sandbox, oldest);
                plugin = plugin.with_limits(&given.all())?;
                given
            }
            _ => GivenLimits::new(turn, sandbox),
        };
        entries.settle(turn)?;
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
        Ok(plugin)
    }

    /// Puts the plugin of a file there, unless it is: then that one stays, under the limits that all its loads gave, the
    /// later ones before the earlier. Gives the plugin as it now is.
    ///
    /// # Errors
    /// [`HostError::Digest`] or [`HostError::Limit`] where the plugin that is there is not the one that this load wants, or
    /// does not fit its limits, and [`HostError::Cancelled`] where the load was cancelled; nothing changes then.
    pub(crate) fn join(
        &self,
        plugin: Plugin,
        stamp: FileStamp,
        spelling: Option<&str>,
        options: &LoadOptions,
        turn: u64,
    ) -> Result<Plugin, HostError> {
        let LoadOptions { sha256, sandbox, .. } = options;
        let mut entries = self.write();
        let oldest = entries.oldest_turn();
        let joined = match entries.plugins.get(plugin.key()) {
            _ if entries.is_unloaded(plugin.key(), turn) => return entries.settle(turn).map(|()| plugin),
            Some(entry) if matches!(entry.origin, Origin::File(_)) || entry.turn > turn => {
                entry.plugin.check_digest(sha256.as_deref())?;
                let mut given = entry.given.clone();
                given.add(turn, sandbox, oldest);
                Entry {
                    plugin: entry.plugin.with_limits(&given.all())?,
                    turn: entry.turn.max(turn),
                    given,
                    origin: entry.origin.clone(),
                }
            }
            _ => Entry { plugin, turn, given: GivenLimits::new(turn, sandbox), origin: Origin::File(stamp) },
        };
        entries.settle(turn)?;
        let plugin = joined.plugin.clone();
        entries.put(joined, spelling);
        Ok(plugin)
    }

    /// From now on the path means the plugin of this file.
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
        self.entry(spelling).map(|entry| &entry.plugin)
    }

    fn entry(&self, spelling: &str) -> Option<&Entry> {
        self.plugins.get(spelling).or_else(|| self.plugins.get(self.spellings.get(spelling)?))
    }

    /// Puts an entry there. A plugin whose bytes were loaded under a path to the file that this one was loaded from gives
    /// that name up to it: a path has one meaning.
    fn put(&mut self, entry: Entry, spelling: Option<&str>) {
        let key = entry.plugin.key().to_owned();
        if matches!(entry.origin, Origin::File(_)) {
            let of_file = Origin::Bytes(Some(key.clone()));
            let given_up: Vec<String> = self
                .plugins
                .iter()
                .filter(|(name, other)| **name != key && other.turn < entry.turn)
                .filter(|(name, other)| other.origin == of_file || Some(name.as_str()) == spelling)
                .map(|(name, _)| name.clone())
                .collect();
            for name in given_up {
                self.plugins.remove(&name);
                self.redirect(&name, &key);
            }
        }
        self.plugins.insert(key, entry);
    }

    /// Whatever meant the one key means the other from now on.
    fn redirect(&mut self, from: &str, to: &str) {
        for meant in self.spellings.values_mut().filter(|meant| *meant == from) {
            to.clone_into(meant);
        }
        self.remember(from, to);
    }

    /// A load may only take effect once, and not at all when it was given up.
    fn settle(&mut self, turn: u64) -> Result<(), HostError> {
        self.loading.remove(&turn).ok_or(HostError::Cancelled)?;
        self.settled.insert(turn);
        Ok(())
    }

    fn next_turn(&mut self) -> u64 {
        self.turns = self.turns.saturating_add(1);
        self.turns
    }

    /// The first turn of the loads under way.
    fn oldest_turn(&self) -> u64 {
        let loading = self.loading.first_key_value().map(|(turn, _)| *turn);
        loading.into_iter().chain(self.settled.first().copied()).min().unwrap_or(u64::MAX)
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
