//! Which plugins are loaded, and what a name or a path means.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::plugin::Plugin;

/// Most spellings remembered beside the keys themselves. Any further one is resolved anew at every call.
const MAX_SPELLINGS: usize = 4_096;

/// Plugins by key. The lock is held to look up and to replace, never while a guest runs or a module compiles.
#[derive(Default)]
pub(crate) struct Registry {
    entries: RwLock<Entries>,
}

#[derive(Default)]
struct Entries {
    plugins: HashMap<String, Plugin>,
    /// Other spellings of a path (relative, through a link), and the key each meant when it was last resolved.
    spellings: HashMap<String, String>,
}

impl Registry {
    /// The plugin under this key, or the one whose file this path leads to.
    pub(crate) fn find(&self, spelling: &str) -> Option<Plugin> {
        if let Some(plugin) = self.read().find(spelling) {
            return Some(plugin.clone());
        }
        let key = canonical_key(Path::new(spelling)).ok()?;
        let plugin = self.read().plugins.get(&key).cloned()?;
        self.write().remember(spelling, &key);
        Some(plugin)
    }

    pub(crate) fn get(&self, key: &str) -> Option<Plugin> {
        self.read().plugins.get(key).cloned()
    }

    /// Puts the plugin in place of what had its key.
    pub(crate) fn replace(&self, plugin: Plugin) {
        self.write().plugins.insert(plugin.key().to_owned(), plugin);
    }

    /// The plugin that is there, or else this one.
    pub(crate) fn get_or_insert(&self, plugin: Plugin) -> Plugin {
        self.write().plugins.entry(plugin.key().to_owned()).or_insert(plugin).clone()
    }

    /// From now on the spelling means this key.
    pub(crate) fn remember(&self, spelling: &str, key: &str) {
        self.write().remember(spelling, key);
    }

    pub(crate) fn remove(&self, spelling: &str) -> bool {
        let Some(plugin) = self.find(spelling) else {
            return false;
        };
        let mut entries = self.write();
        entries.spellings.retain(|_, key| key != plugin.key());
        entries.plugins.remove(plugin.key()).is_some()
    }

    pub(crate) fn all(&self) -> Vec<Plugin> {
        let mut plugins: Vec<_> = self.read().plugins.values().cloned().collect();
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
        self.plugins.get(spelling).or_else(|| self.plugins.get(self.spellings.get(spelling)?))
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
