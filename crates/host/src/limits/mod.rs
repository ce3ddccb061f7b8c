//! The limits of plugins: one table, and the two types that hold their values.

pub(crate) mod call_limits;
pub(crate) mod declared;

use std::time::Duration;

use crate::error::HostError;
use crate::limits::declared::DeclaredLimits;

/// Bytes in one page of WebAssembly memory.
pub(crate) const PAGE_BYTES: usize = 65_536;

/// Fuel that a call gets for each byte of its context if `maxFuel` is not set.
///
/// A plugin parses its context, so its work grows with it: a Rust guest used 1.8M of fuel to parse, change and return
/// 5.6 KB, and 46k for 170 B.
const FUEL_PER_CONTEXT_BYTE: u64 = 1_000;

/// One limit: the name of its option, its default, and its bounds (inclusive).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The option's name in messages and in the JavaScript API.
    pub name: &'static str,
    /// The value if the option is not set.
    pub default: u64,
    /// The smallest value, included.
    pub min: u64,
    /// The largest value, included.
    pub max: u64,
}

/// The table of limits. Each row defines a constant of [`Limit`], a field of [`LimitOverrides`] and a getter of
/// [`Limits`].
macro_rules! limits {
    ($($(#[$doc:meta])* $constant:ident $field:ident = $name:literal, $default:literal, $min:literal..=$max:literal;)*) => {
        impl Limit {
            $($(#[$doc])* pub const $constant: Self = Self { name: $name, default: $default, min: $min, max: $max };)*

            /// Every limit there is.
            pub const ALL: &[Self] = &[$(Self::$constant),*];
        }

        /// The limits that a user sets. `None` keeps the value below: a runtime's limits are over the defaults, a plugin's
        /// over the runtime's, and a call's over the plugin's.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub struct LimitOverrides {
            $($(#[$doc])* pub $field: Option<u64>,)*
        }

        impl LimitOverrides {
            /// Sets the limit with this [`Limit::name`]; `false` if there is none.
            pub fn set(&mut self, name: &str, value: u64) -> bool {
                match name {
                    $($name => self.$field = Some(value),)*
                    _ => return false,
                }
                true
            }

            /// These limits, with those that `other` sets instead.
            pub(crate) fn with(&self, other: &Self) -> Self {
                Self { $($field: other.$field.or(self.$field),)* }
            }

            fn check(&self) -> Result<(), HostError> {
                $(Limit::$constant.check(self.$field)?;)*
                Ok(())
            }
        }

        impl Limits {
            $($(#[$doc])* #[must_use] pub fn $field(&self) -> u64 { self.set.$field.unwrap_or($default) })*
        }
    };
}

limits! {
    /// Linear memory of one call, in pages of 64 KiB. The default is 16 MiB, and the bound is all that 32 bits address.
    MEMORY_PAGES max_memory_pages = "maxMemoryPages", 256, 1..=65_536;
    /// Fuel of one call. wasmtime charges about one unit for an operator, and one for each byte of a bulk memory operation.
    /// A set value is exact; otherwise a call gets the default and 1,000 for each byte of its context. The bound is the
    /// largest integer that a JavaScript number holds exactly.
    FUEL max_fuel = "maxFuel", 1_000_000, 1..=9_007_199_254_740_991;
    /// Wall clock of one call, from its start section to its result, in milliseconds. The bound is an hour.
    TIMEOUT_MS timeout_ms = "timeoutMs", 1_000, 1..=3_600_000;
    /// Fuel of a first run on the calling thread, for [`WasmRuntime::call_hook_inline`](crate::WasmRuntime::call_hook_inline);
    /// with 0, there is none. `bench/inline-hold.mjs` looks for the plugin that holds the thread longest with the bound.
    INLINE_FUEL inline_fuel = "inlineFuel", 0, 0..=100_000;
    /// Length of the context as UTF-8 JSON, in bytes. The bound is half of V8's longest string.
    CONTEXT_BYTES max_context_bytes = "maxContextBytes", 1_048_576, 1..=268_435_456;
    /// Length of the plugin's `config` as JSON, in bytes. It is not part of what `maxContextBytes` bounds. The default is a large
    /// table of rules; each call writes it to the guest's memory.
    CONFIG_BYTES max_config_bytes = "maxConfigBytes", 65_536, 1..=16_777_216;
    /// Length of the plugin's result as UTF-8 JSON, in bytes. The bound is half of V8's longest string.
    RESULT_BYTES max_result_bytes = "maxResultBytes", 1_048_576, 1..=268_435_456;
    /// The cost of parsing the plugin's result in JavaScript, which blocks the event loop: a number, a long string or a
    /// repeated key counts as 1, a new short string as 11, an array or object as 8, and a key that is new after the keys
    /// before it as 40. The slowest result at the default takes 20 to 25 ms on Node.js 20 (1 MiB without the limit takes up
    /// to 170 ms); 1 MiB of table rows counts as 500,000 to 980,000 and takes 5 to 15 ms. The bound is the largest integer
    /// that a JavaScript number holds exactly.
    RESULT_VALUES max_result_values = "maxResultValues", 1_000_000, 1..=9_007_199_254_740_991;
    /// Operations of a patch that a plugin answers with. `maxResultBytes` and `maxResultValues` hold for what a patch makes of
    /// the input and the data, and `timeoutMs` includes the time to apply it.
    PATCH_OPERATIONS max_patch_operations = "maxPatchOperations", 1_000, 1..=1_000_000;
    /// Bytes that are read of what a plugin logged in a call. More is cut, and the log says so. With 0, nothing is read. The bound
    /// is what a result may have by default.
    LOG_BYTES max_log_bytes = "maxLogBytes", 16_384, 0..=1_048_576;
    /// Elements of the plugin's table.
    TABLE_ELEMENTS max_table_elements = "maxTableElements", 10_000, 1..=1_000_000;
    /// Length of the module, in bytes; a plugin in Python has about 7 MB. This limit and those below bound the cost of compiling,
    /// and have no effect on a single call. A module within these defaults compiles in seconds; without them, 50 KB made to be slow took 8.5 s and
    /// 572 MB, and 340 KB took over two minutes.
    MODULE_BYTES max_module_bytes = "maxModuleBytes", 16_777_216, 8..=268_435_456;
    /// Functions of the module.
    FUNCTIONS max_functions = "maxFunctions", 20_000, 1..=1_000_000;
    /// Length of one function's code, in bytes. The time to compile a function can grow with the square of its length.
    FUNCTION_BYTES max_function_bytes = "maxFunctionBytes", 131_072, 16..=7_654_321;
    /// Parameters and local variables of one function.
    LOCALS max_locals = "maxLocals", 2_000, 1..=50_000;
    /// Nested blocks in one function. LLVM nests one for each case of a `switch`.
    NESTING max_nesting = "maxNesting", 5_000, 1..=1_000_000;
    /// Nested loops in one function. The compiler's time grows faster than their number.
    LOOP_NESTING max_loop_nesting = "maxLoopNesting", 128, 1..=1_000_000;
    /// The cost of compiling beyond the usual 300 units of work for each byte of the module. Unless `maxModuleBytes` is set, only
    /// 4 MiB of the module count for that. A unit is about 10 ns of one core, or 2 bytes of memory. It is estimated from the operators, and from the values that are live at each branch and
    /// call. The output of compilers counts as 200 to 300 for each byte and needs under 40 million more; the default is
    /// 0.4 s. One function may use half of it.
    COMPILE_WORK max_compile_work = "maxCompileWork", 40_000_000, 1_000..=9_007_199_254_740_991;
    /// Length of a module's machine code with its tables, in bytes. The output of compilers becomes 3 to 6 times as long as
    /// the module.
    CODE_BYTES max_code_bytes = "maxCodeBytes", 50_331_648, 65_536..=4_294_967_296;
    /// Targets of one `br_table`.
    BR_TABLE_TARGETS max_br_table_targets = "maxBrTableTargets", 4_096, 1..=65_520;
    /// Parameters and results of one function type. The check of a call or a branch looks at each. Postgres has at most 34;
    /// 427 KB with branches to 1,000 results took 3 s to check.
    SIGNATURE_VALUES max_signature_values = "maxSignatureValues", 64, 3..=2_000;
    /// Entries of any one other section: types, imports, globals, exports, element and data segments.
    SECTION_ITEMS max_section_items = "maxSectionItems", 10_000, 1..=1_000_000;
    /// Length of the name of an import or an export, in bytes.
    NAME_BYTES max_name_bytes = "maxNameBytes", 1_024, 16..=100_000;
}

impl Limit {
    /// The limits that a single call may set.
    pub const PER_CALL: &[Self] = &[Self::MEMORY_PAGES, Self::FUEL, Self::TIMEOUT_MS, Self::INLINE_FUEL];

    fn check(&self, value: Option<u64>) -> Result<(), HostError> {
        let Self { name, min, max, .. } = self;
        match value {
            Some(value) if !(*min..=*max).contains(&value) => {
                Err(HostError::limit(name, format!("{name} must be a whole number from {min} to {max}, not {value}")))
            }
            _ => Ok(()),
        }
    }
}

/// Limits in force: every value is within its bounds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    set: LimitOverrides,
    default_fuel: DefaultFuel,
}

/// The fuel of a call if `maxFuel` is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct DefaultFuel {
    base: u64,
    per_context_byte: u64,
}

impl Default for DefaultFuel {
    fn default() -> Self {
        Self { base: Limit::FUEL.default, per_context_byte: FUEL_PER_CONTEXT_BYTE }
    }
}

/// See [`Limits::most_usual_bytes`].
const USUAL_BYTES: u64 = 4_194_304;

impl Limits {
    /// The most bytes of a module that add to the work that a compiler may have with it. A longer module is expected to be data, as
    /// a plugin in Python is, unless the limit of its length was set.
    pub(crate) fn most_usual_bytes(&self) -> u64 {
        self.set.max_module_bytes.unwrap_or(USUAL_BYTES)
    }

    /// These limits, with those that `overrides` sets instead.
    ///
    /// # Errors
    /// [`HostError::Limit`] names the first option that is out of bounds.
    pub fn with(&self, overrides: &LimitOverrides) -> Result<Self, HostError> {
        if *overrides == LimitOverrides::default() {
            return Ok(*self);
        }
        overrides.check()?;
        Ok(Self { set: self.set.with(overrides), ..*self })
    }

    /// These limits, with those that a module declares where none is set.
    pub(crate) fn over(&self, declared: &DeclaredLimits) -> Self {
        let DeclaredLimits { max_fuel, fuel_per_context_byte, max_memory_pages, timeout_ms } = *declared;
        let default = DefaultFuel::default();
        Self {
            set: LimitOverrides { max_memory_pages, timeout_ms, ..LimitOverrides::default() }.with(&self.set),
            default_fuel: DefaultFuel {
                base: max_fuel.unwrap_or(default.base),
                per_context_byte: fuel_per_context_byte.unwrap_or(default.per_context_byte),
            },
        }
    }

    /// The fuel of a call with a context of this length.
    #[must_use]
    pub fn fuel(&self, context_bytes: usize) -> u64 {
        self.set.max_fuel.unwrap_or_else(|| {
            let DefaultFuel { base, per_context_byte } = self.default_fuel;
            let context_bytes = u64::try_from(context_bytes).unwrap_or(u64::MAX);
            base.saturating_add(context_bytes.saturating_mul(per_context_byte))
        })
    }

    /// Wall clock of one call.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms())
    }

    /// Bytes of linear memory.
    pub(crate) fn memory_bytes(&self) -> usize {
        saturating_usize(self.max_memory_pages()).saturating_mul(PAGE_BYTES)
    }

    pub(crate) fn context_bytes(&self) -> usize {
        saturating_usize(self.max_context_bytes())
    }

    pub(crate) fn result_bytes(&self) -> usize {
        saturating_usize(self.max_result_bytes())
    }

    pub(crate) fn log_bytes(&self) -> usize {
        saturating_usize(self.max_log_bytes())
    }

    pub(crate) fn table_elements(&self) -> usize {
        saturating_usize(self.max_table_elements())
    }
}

fn saturating_usize(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}
