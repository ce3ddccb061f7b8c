//! The limits that a module declares for itself. It is untrusted, so each has bounds of its own.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::guest_text::{self, quoted};
use crate::json::object::Object;
use crate::module::sections;

/// The custom section that declares limits.
const SECTION: &str = "hookcell.limits";

/// The longest such section, in bytes.
const MOST_BYTES: usize = 4_096;

/// The most fuel. A call with the longest context gets as much by default.
const MOST_FUEL: u64 = 1_000_000_000;

/// The most fuel for each byte of context.
const MOST_FUEL_PER_CONTEXT_BYTE: u64 = 10_000;

/// The most pages of memory: 64 MiB. Each running call may have as much.
const MOST_MEMORY_PAGES: u64 = 1_024;

/// The longest time, in milliseconds: the default. A module may only shorten it.
const MOST_TIMEOUT_MS: u64 = 1_000;

/// The limits that a module declares in its section `hookcell.limits`, as far as it does. They replace the built-in defaults, and
/// every limit that a user sets replaces them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeclaredLimits {
    /// Fuel of one call, 1 to 1,000,000,000. Fuel for each byte of context is added, as to the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_fuel: Option<u64>,
    /// Fuel of one call for each byte of its context, 0 to 10,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fuel_per_context_byte: Option<u64>,
    /// Linear memory of one call, in pages of 64 KiB, 1 to 1,024.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_memory_pages: Option<u64>,
    /// Wall clock of one call in milliseconds, 1 to 1,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Members<'a> {
    #[serde(borrow, default)]
    max_fuel: Option<&'a RawValue>,
    #[serde(borrow, default)]
    fuel_per_context_byte: Option<&'a RawValue>,
    #[serde(borrow, default)]
    max_memory_pages: Option<&'a RawValue>,
    #[serde(borrow, default)]
    timeout_ms: Option<&'a RawValue>,
}

impl DeclaredLimits {
    /// Reads the section of a module, if it has one. The error says what is wrong with it, and names the section and the key.
    pub(crate) fn of(module: &[u8]) -> Result<Self, String> {
        let mut found = sections::custom(module, SECTION);
        let declared = found.next().map_or(Ok(Self::default()), Self::read);
        let declared = if found.next().is_some() { Err("there are two of it".to_owned()) } else { declared };
        declared.map_err(|problem| format!("section {}: {problem}", quoted(SECTION)))
    }

    /// Does it declare nothing?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn read(section: &[u8]) -> Result<Self, String> {
        if section.len() > MOST_BYTES {
            return Err(format!("it has {} bytes; the most is {MOST_BYTES}", section.len()));
        }
        let Object(members) = serde_json::from_slice::<Object<Members>>(section)
            .map_err(|error| guest_text::clean(&error.to_string()))?;
        Ok(Self {
            max_fuel: whole("maxFuel", members.max_fuel, 1, MOST_FUEL)?,
            fuel_per_context_byte: whole(
                "fuelPerContextByte",
                members.fuel_per_context_byte,
                0,
                MOST_FUEL_PER_CONTEXT_BYTE,
            )?,
            max_memory_pages: whole("maxMemoryPages", members.max_memory_pages, 1, MOST_MEMORY_PAGES)?,
            timeout_ms: whole("timeoutMs", members.timeout_ms, 1, MOST_TIMEOUT_MS)?,
        })
    }
}

fn whole(name: &str, value: Option<&RawValue>, min: u64, max: u64) -> Result<Option<u64>, String> {
    let Some(value) = value else { return Ok(None) };
    match value.get().parse() {
        Ok(number) if (min..=max).contains(&number) => Ok(Some(number)),
        _ => Err(format!(
            "{name} must be a whole number from {min} to {max}, not {}",
            guest_text::clean_to(value.get(), 50)
        )),
    }
}
