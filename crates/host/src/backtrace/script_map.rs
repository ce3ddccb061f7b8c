//! The source map of the script that a plugin's engine runs, read when what was thrown is first told.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
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
    known: Mutex<Known>,
}

#[derive(Debug, Clone, Default)]
struct Known {
    /// The script, if the source map names it.
    file: Option<String>,
    sources: HashMap<Position, Option<ScriptLocation>>,
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
        Some(Self { json: Box::from(json), known: Mutex::default() })
    }

    /// The memory that it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.json.len()
    }

    /// Replaces locations in the script by those in its sources, as far as they are known.
    pub(crate) fn replace(&self, locations: &mut [&mut ScriptLocation], is_late: &dyn Fn() -> bool) {
        let mut wanted: Vec<_> = locations.iter().filter_map(|location| position(location)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        wanted.retain(|position| !known.sources.contains_key(position));
        if !wanted.is_empty() {
            if is_late() || self.look_up(&wanted, &mut known, is_late).is_none() {
                return;
            }
            if known.sources.len() <= MOST_KEPT {
                self.known.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&known);
            }
        }
        for location in locations {
            let is_of_script = known.file.as_ref().is_none_or(|file| *file == location.file);
            let source = position(location).and_then(|position| known.sources.get(&position)?.as_ref());
            if let Some(source) = source.filter(|_| is_of_script) {
                **location = source.clone();
            }
        }
    }

    /// Adds the locations of these positions to the known ones. `None` if it is late or the source map cannot be read.
    fn look_up(&self, positions: &[Position], known: &mut Known, is_late: &dyn Fn() -> bool) -> Option<()> {
        let Object(members) = serde_json::from_slice::<Object<Members>>(&self.json).ok()?;
        let origins = mappings::find(&text_of(members.mappings)?, positions, is_late);
        if is_late() {
            return None;
        }
        let indices = origins.iter().flatten().map(|origin| origin.source).collect();
        let sources =
            Picked(indices).deserialize(&mut serde_json::Deserializer::from_str(members.sources.get())).ok()?;
        let root = members.source_root.and_then(text_of).unwrap_or_default();
        let location = |Origin { source, position }: &Origin| {
            let name = sources.get(source)?;
            let separator = if root.is_empty() || root.ends_with('/') { "" } else { "/" };
            let (line, column) = (position.line.checked_add(1)?, position.column.checked_add(1)?);
            Some(ScriptLocation::new(&format!("{root}{separator}{name}"), line, column))
        };
        let found = origins.iter().map(|origin| origin.as_ref().and_then(location));
        known.sources.extend(positions.iter().copied().zip(found));
        known.file = members.file.and_then(text_of).map(|file| guest_text::path(&file));
        Some(())
    }
}

fn position(location: &ScriptLocation) -> Option<Position> {
    Some(Position { line: location.line.checked_sub(1)?, column: location.column.checked_sub(1)? })
}

/// Reads the strings of an array that have these indices.
struct Picked(BTreeSet<usize>);

impl<'de> DeserializeSeed<'de> for Picked {
    type Value = BTreeMap<usize, Cow<'de, str>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Picked {
    type Value = BTreeMap<usize, Cow<'de, str>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut picked = BTreeMap::new();
        for index in 0.. {
            if self.0.contains(&index) {
                let Some(item) = items.next_element::<&RawValue>()? else { break };
                picked.extend(text_of(item).map(|text| (index, text)));
            } else if items.next_element::<IgnoredAny>()?.is_none() {
                break;
            }
        }
        Ok(picked)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{MOST_BYTES, ScriptMap};
    use crate::backtrace::script_location::ScriptLocation;

    fn map(json: &str) -> Option<ScriptMap> {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        let section = wasm_encoder::CustomSection { name: super::SECTION.into(), data: json.as_bytes().into() };
        wasm_encoder::Section::append_to(&section, &mut module);
        ScriptMap::of(&module)
    }

    fn shown(map: &ScriptMap, file: &str, line: u32, column: u32) -> String {
        let mut location = ScriptLocation::new(file, line, column);
        map.replace(&mut [&mut location], &|| false);
        location.to_string()
    }

    #[test]
    fn a_location_in_the_script_becomes_that_in_its_source() {
        let json = r#"{"version":3,"sources":["plugin.ts","../lib/a.ts"],"sourcesContent":["a","b"],"names":[],
            "mappings":"AAAA,KACE,I;;ECDFA"}"#;
        let map = map(json).unwrap();
        for _ in 0..2 {
            assert_eq!(shown(&map, "plugin.js", 1, 1), "plugin.ts:1:1");
            assert_eq!(shown(&map, "plugin.js", 1, 8), "plugin.ts:2:3");
            assert_eq!(shown(&map, "plugin.js", 3, 3), "../lib/a.ts:1:1");
        }
        for (line, column) in [(1, 10), (2, 1), (9, 1), (1, 0), (0, 0), (u32::MAX, u32::MAX)] {
            let unchanged = ScriptLocation::new("plugin.js", line, column).to_string();
            assert_eq!(shown(&map, "plugin.js", line, column), unchanged);
        }
    }

    #[test]
    fn a_root_and_a_script_are_respected() {
        let json = r#"{"file":"plugin.js","sourceRoot":"src","sources":["a\u001b.ts"],"mappings":"AAAA"}"#;
        let map = map(json).unwrap();
        assert_eq!(shown(&map, "plugin.js", 1, 1), r"src/a\u{1b}.ts:1:1");
        assert_eq!(shown(&map, "engine.js", 1, 1), "engine.js:1:1");
    }

    #[test]
    fn a_source_map_that_cannot_be_read_leaves_the_location() {
        for json in [
            "",
            "7",
            "[]",
            "{}",
            r#"{"sources":[],"mappings":"AAAA"}"#,
            r#"{"sources":[7],"mappings":"AAAA"}"#,
            r#"{"sources":{},"mappings":"AAAA"}"#,
            r#"{"sources":["a"],"mappings":7}"#,
            r#"{"sources":["a"],"mappings":"!"}"#,
            r#"{"sources":["a"],"mappings":"AggggggggB"}"#,
            r#"{"sources":["a"],"sections":[]}"#,
        ] {
            assert_eq!(shown(&map(json).unwrap(), "plugin.js", 1, 1), "plugin.js:1:1", "{json}");
        }
        assert!(ScriptMap::of(b"\0asm\x01\0\0\0").is_none());
    }

    #[test]
    fn a_source_map_is_looked_through_in_bounded_time_and_a_longer_one_is_not_kept() {
        let fill = |before: &str, piece: &str, after: &str| {
            let count = (MOST_BYTES - before.len() - after.len()) / piece.len();
            format!("{before}{}{after}", piece.repeat(count))
        };
        let mappings = r#"{"sources":["a"],"mappings":""#;
        for json in [
            fill(mappings, ",", r#""}"#),
            fill(mappings, ";", r#""}"#),
            fill(mappings, "AAAA,", r#""}"#),
            fill(mappings, "\\u0041", r#""}"#),
            fill(r#"{"mappings":"AAAA","sources":["#, "0,", "0]}"),
            fill(r#"{"mappings":"AAAA","sources":["a"],"x":"#, "[", ""),
            fill(r#"{"mappings":"AAAA","sources":["a"],"x":"#, "{\"a\":", ""),
        ] {
            let map = map(&json).unwrap();
            let started = Instant::now();
            shown(&map, "plugin.js", u32::MAX, u32::MAX);
            assert!(started.elapsed() < Duration::from_secs(1), "{:?} for {}", started.elapsed(), &json[..60]);
        }
        assert!(map(&" ".repeat(MOST_BYTES + 1)).is_none());
    }

    #[test]
    fn a_lookup_that_is_late_leaves_the_location() {
        let map = map(r#"{"sources":["a"],"mappings":"AAAA"}"#).unwrap();
        let mut location = ScriptLocation::new("plugin.js", 1, 1);
        map.replace(&mut [&mut location], &|| true);
        assert_eq!(location.to_string(), "plugin.js:1:1");
        assert_eq!(shown(&map, "plugin.js", 1, 1), "a:1:1");
    }
}
