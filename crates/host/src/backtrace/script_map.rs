//! The source map of the script that a plugin's engine runs, read when what was thrown is first told.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::backtrace::mappings::{self, Origin, Position};
use crate::backtrace::script_location::ScriptLocation;
use crate::guest_text;
use crate::json::object::Object;
use crate::json::text::text_of;
use crate::module::sections;

/// The custom section with the source map.
const SECTION: &str = "hookcell.sourcemap";

/// The longest source map that is kept. To look through one takes up to 20 ms.
const MOST_BYTES: usize = 4 * 1_024 * 1_024;

/// The most locations that are kept. A plugin throws in few.
const MOST_KEPT: usize = 256;

/// A source map, and the locations that were looked up.
#[derive(Debug)]
pub(crate) struct ScriptMap {
    json: Box<[u8]>,
    kept: Mutex<HashMap<Position, Option<ScriptLocation>>>,
}

/// A source map of version 3. Unknown keys are ignored.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Members<'a> {
    #[serde(borrow)]
    mappings: &'a RawValue,
    #[serde(borrow)]
    sources: &'a RawValue,
    #[serde(borrow, default)]
    source_root: Option<&'a RawValue>,
    #[serde(borrow, default)]
    file: Option<&'a RawValue>,
}

impl ScriptMap {
    /// The source map of a module; `None` if it has none, or if that is too long. It is not read yet.
    pub(crate) fn of(module: &[u8]) -> Option<Self> {
        let json = sections::custom(module, SECTION).next().filter(|json| json.len() <= MOST_BYTES)?;
        Some(Self { json: Box::from(json), kept: Mutex::default() })
    }

    /// The memory that it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.json.len()
    }

    /// Replaces locations in the script by those in its sources, as far as they are known.
    pub(crate) fn replace(&self, locations: &mut [&mut ScriptLocation], is_late: &dyn Fn() -> bool) {
        let position = |location: &ScriptLocation| {
            Some(Position { line: location.line.checked_sub(1)?, column: location.column.checked_sub(1)? })
        };
        let mut wanted: Vec<_> = locations.iter().filter_map(|location| position(location)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let new: Vec<_> = wanted.into_iter().filter(|position| !kept.contains_key(position)).collect();
        if !new.is_empty() && !is_late() {
            let Some(found) = self.find(&new, is_late) else { return };
            kept.extend(new.into_iter().zip(found));
            self.keep(&kept);
        }
        let file = self.file();
        for location in locations {
            if file.as_ref().is_some_and(|file| *file != location.file) {
                continue;
            }
            if let Some(Some(source)) = position(location).and_then(|position| kept.get(&position)) {
                **location = source.clone();
            }
        }
    }

    fn members(&self) -> Option<Members<'_>> {
        serde_json::from_slice::<Object<Members>>(&self.json).ok().map(|Object(members)| members)
    }

    /// The locations of these positions. `None` if it is late or the source map cannot be read: then nothing is kept.
    fn find(&self, positions: &[Position], is_late: &dyn Fn() -> bool) -> Option<Vec<Option<ScriptLocation>>> {
        let members = self.members()?;
        let origins = mappings::find(&text_of(members.mappings)?, positions, is_late);
        if is_late() {
            return None;
        }
        let indices: Vec<usize> = origins.iter().flatten().map(|origin| origin.source).collect();
        let sources = Picked(&indices).deserialize(&mut serde_json::Deserializer::from_str(members.sources.get())).ok()?;
        let root = members.source_root.and_then(text_of).filter(|root| !root.is_empty());
        Some(origins.iter().map(|origin| location((*origin)?, &sources, root.as_deref())).collect())
    }

    fn keep(&self, found: &HashMap<Position, Option<ScriptLocation>>) {
        if found.len() <= MOST_KEPT {
            self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone_from(found);
        }
    }
}
