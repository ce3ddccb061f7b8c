//! What a plugin may use: one table of limits, and the two ways to hold their values.

use std::time::Duration;

use crate::error::HostError;

/// Bytes in one page of WebAssembly memory.
pub(crate) const PAGE_BYTES: usize = 65_536;

/// Fuel that a call gets for every byte of its context where `maxFuel` is left out.
///
/// A plugin parses what it is given, so its work grows with its input: parsing, changing and answering
/// 5.6 KB took a Rust guest 1.8M of fuel, 170 B took it 46k.
const FUEL_PER_CONTEXT_BYTE: u64 = 1_000;

/// One limit: the name of its option, its default, and its bounds (inclusive).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The option's name, as messages and the JavaScript API spell it.
    pub name: &'static str,
    /// The value where the option is left out.
    pub default: u64,
    /// The least value accepted.
    pub min: u64,
    /// The greatest value accepted.
    pub max: u64,
}

impl Limit {
    /// Linear memory of one call, in pages of 64 KiB. The default is 16 MiB, the bound all that 32 bits address.
    pub const MEMORY_PAGES: Self = Self::new("maxMemoryPages", 256, 1, 65_536);
    /// Fuel of one call; wasmtime charges about one unit an operator, and bulk memory operations one a byte.
    /// The bound is the largest integer that a JavaScript number holds exactly.
    pub const FUEL: Self = Self::new("maxFuel", 1_000_000, 1, 9_007_199_254_740_991);
    /// Wall clock of one call, from its start section to its result, in milliseconds; at most an hour.
    pub const TIMEOUT_MS: Self = Self::new("timeoutMs", 1_000, 1, 3_600_000);
    /// Length of the context as UTF-8 JSON, in bytes. The bound is half of V8's longest string.
    pub const CONTEXT_BYTES: Self = Self::new("maxContextBytes", 1_048_576, 1, 268_435_456);
    /// Length of the plugin's result as UTF-8 JSON, in bytes. The bound is half of V8's longest string.
    pub const RESULT_BYTES: Self = Self::new("maxResultBytes", 1_048_576, 1, 268_435_456);
    /// Length of the module, in bytes; compiling takes time and memory in proportion, or worse.
    pub const MODULE_BYTES: Self = Self::new("maxModuleBytes", 4_194_304, 8, 268_435_456);
    /// Elements of the plugin's table.
    pub const TABLE_ELEMENTS: Self = Self::new("maxTableElements", 10_000, 1, 1_000_000);

    /// Every limit there is.
    pub const ALL: [Self; 7] = [
        Self::MEMORY_PAGES,
        Self::FUEL,
        Self::TIMEOUT_MS,
        Self::CONTEXT_BYTES,
        Self::RESULT_BYTES,
        Self::MODULE_BYTES,
        Self::TABLE_ELEMENTS,
    ];

    const fn new(name: &'static str, default: u64, min: u64, max: u64) -> Self {
        Self { name, default, min, max }
    }

    fn check(&self, value: u64) -> Result<u64, HostError> {
        if (self.min..=self.max).contains(&value) {
            return Ok(value);
        }
        let Self { name, min, max, .. } = self;
        Err(HostError::limit(name, format!("{name} must be a whole number from {min} to {max}, not {value}")))
    }
}

/// Limits as a user gives them: what is left out keeps its default, or what the plugin was loaded with.
///
/// The same type serves a runtime, a plugin (over the runtime's) and a single call (over the plugin's).
/// Units, defaults and bounds stand on the constants of [`Limit`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SandboxConfig {
    /// See [`Limit::MEMORY_PAGES`].
    pub max_memory_pages: Option<u64>,
    /// See [`Limit::FUEL`]. Exact where it is set; left out everywhere, a call gets the default and 1,000 more
    /// for every byte of its context.
    pub max_fuel: Option<u64>,
    /// See [`Limit::TIMEOUT_MS`].
    pub timeout_ms: Option<u64>,
    /// See [`Limit::CONTEXT_BYTES`].
    pub max_context_bytes: Option<u64>,
    /// See [`Limit::RESULT_BYTES`].
    pub max_result_bytes: Option<u64>,
    /// See [`Limit::MODULE_BYTES`]. Means nothing for a single call.
    pub max_module_bytes: Option<u64>,
    /// See [`Limit::TABLE_ELEMENTS`].
    pub max_table_elements: Option<u64>,
}

/// Limits in force: every value is within its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    memory_pages: u64,
    fuel: Option<u64>,
    timeout_ms: u64,
    context_bytes: u64,
    result_bytes: u64,
    module_bytes: u64,
    table_elements: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_pages: Limit::MEMORY_PAGES.default,
            fuel: None,
            timeout_ms: Limit::TIMEOUT_MS.default,
            context_bytes: Limit::CONTEXT_BYTES.default,
            result_bytes: Limit::RESULT_BYTES.default,
            module_bytes: Limit::MODULE_BYTES.default,
            table_elements: Limit::TABLE_ELEMENTS.default,
        }
    }
}

impl Limits {
    /// These limits, with those of `config` in place of the ones it gives.
    ///
    /// # Errors
    /// [`HostError::Limit`] names the first option that is out of bounds.
    pub fn with(mut self, config: &SandboxConfig) -> Result<Self, HostError> {
        let set = |place: &mut u64, limit: Limit, value: Option<u64>| -> Result<(), HostError> {
            if let Some(value) = value {
                *place = limit.check(value)?;
            }
            Ok(())
        };
        set(&mut self.memory_pages, Limit::MEMORY_PAGES, config.max_memory_pages)?;
        set(&mut self.timeout_ms, Limit::TIMEOUT_MS, config.timeout_ms)?;
        set(&mut self.context_bytes, Limit::CONTEXT_BYTES, config.max_context_bytes)?;
        set(&mut self.result_bytes, Limit::RESULT_BYTES, config.max_result_bytes)?;
        set(&mut self.module_bytes, Limit::MODULE_BYTES, config.max_module_bytes)?;
        set(&mut self.table_elements, Limit::TABLE_ELEMENTS, config.max_table_elements)?;
        if let Some(fuel) = config.max_fuel {
            self.fuel = Some(Limit::FUEL.check(fuel)?);
        }
        Ok(self)
    }

    /// Pages of linear memory.
    #[must_use]
    pub fn memory_pages(&self) -> u64 {
        self.memory_pages
    }

    /// Bytes of linear memory.
    pub(crate) fn memory_bytes(&self) -> usize {
        saturating_usize(self.memory_pages).saturating_mul(PAGE_BYTES)
    }

    /// Fuel for a call with a context of this length.
    #[must_use]
    pub fn fuel(&self, context_bytes: usize) -> u64 {
        self.fuel.unwrap_or_else(|| {
            let context_bytes = u64::try_from(context_bytes).unwrap_or(u64::MAX);
            Limit::FUEL.default.saturating_add(context_bytes.saturating_mul(FUEL_PER_CONTEXT_BYTE))
        })
    }

    /// Wall clock of one call.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }

    /// Longest context, in bytes.
    #[must_use]
    pub fn context_bytes(&self) -> usize {
        saturating_usize(self.context_bytes)
    }

    /// Longest result, in bytes.
    #[must_use]
    pub fn result_bytes(&self) -> usize {
        saturating_usize(self.result_bytes)
    }

    /// Largest module, in bytes.
    #[must_use]
    pub fn module_bytes(&self) -> usize {
        saturating_usize(self.module_bytes)
    }

    /// Most elements of the table.
    #[must_use]
    pub fn table_elements(&self) -> usize {
        saturating_usize(self.table_elements)
    }
}

fn saturating_usize(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}
