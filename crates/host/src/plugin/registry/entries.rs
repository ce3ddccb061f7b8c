//! The loaded plugins by key, and the spellings that mean them.

use std::collections::HashMap;

use super::given_options::GivenOptions;
use super::turns::Turns;
use crate::module::file::FileStamp;
use crate::plugin::Plugin;

/// The most spellings that are remembered beside the keys. Any further spelling is resolved at each call.
const MAX_SPELLINGS: usize = 4_096;

/// What the registry's lock protects.
#[derive(Default)]
pub(super) struct Entries {
    pub(super) plugins: HashMap<String, Entry>,
    /// Other spellings of a path (relative, through a link), and the key that each meant when it was last resolved.
    pub(super) spellings: HashMap<String, String>,
    pub(super) turns: Turns,
}

/// A loaded plugin.
pub(super) struct Entry {
    pub(super) plugin: Plugin,
    /// The turn of the latest load that this entry is from.
    pub(super) turn: u64,
    pub(super) given: GivenOptions,
    pub(super) origin: Origin,
}

/// Where a plugin was loaded from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A file, as it was at that time.
    File(FileStamp),
    /// Bytes. If their name led to a file at that time, its key.
    Bytes(Option<String>),
}

impl Entries {
    pub(super) fn find(&self, spelling: &str) -> Option<&Plugin> {
        self.entry(spelling).map(|entry| &entry.plugin)
    }

    pub(super) fn entry(&self, spelling: &str) -> Option<&Entry> {
        self.plugins.get(spelling).or_else(|| self.plugins.get(self.spellings.get(spelling)?))
    }

    /// Puts an entry under its key. A path has one meaning: if a plugin's bytes were loaded under a path to this entry's
    /// file, that name now means this entry.
    pub(super) fn put(&mut self, entry: Entry, spelling: Option<&str>) {
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

    /// Everything that meant `from` now means `to`.
    pub(super) fn redirect(&mut self, from: &str, to: &str) {
        for meant in self.spellings.values_mut().filter(|meant| *meant == from) {
            to.clone_into(meant);
        }
        self.remember(from, to);
    }

    /// Was the key loaded or unloaded by a request after this turn?
    pub(super) fn is_overtaken(&self, key: &str, turn: u64) -> bool {
        self.turns.is_unloaded(key, turn) || self.plugins.get(key).is_some_and(|entry| entry.turn > turn)
    }

    /// From now on, the spelling means the plugin with this key.
    pub(super) fn remember(&mut self, spelling: &str, key: &str) {
        let known = spelling == key || self.spellings.contains_key(spelling);
        if spelling != key && (known || self.spellings.len() < MAX_SPELLINGS) {
            self.spellings.insert(spelling.to_owned(), key.to_owned());
        }
    }
}
