//! How wasmtime is set up for cells: the features of WebAssembly that it takes, its stack, its pool of cells.

use std::num::NonZeroUsize;

use wasmtime::{
    Config, Enabled, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, WasmBacktraceDetails, WasmFeatures,
};

use crate::limits::{Limit, PAGE_BYTES};

/// What the compilers of plugins emit (LLVM, Rust, Zig, `AssemblyScript`). The rest is code that a guest cannot reach.
pub(crate) const FEATURES: WasmFeatures = WasmFeatures::FLOATS
    .union(WasmFeatures::MUTABLE_GLOBAL)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::BULK_MEMORY_OPT)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::REFERENCE_TYPES)
    .union(WasmFeatures::CALL_INDIRECT_OVERLONG)
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::SIMD);

/// A guest's stack. It is measured from the stack pointer of the calling thread and does not know where that
/// thread's stack ends: the smallest that a hook may run on is a Node.js `Worker`'s, 4 MiB.
const STACK_BYTES: usize = 512 * 1_024;

/// Longest backtrace, in frames: enough to find the place, too few to flood a log.
const BACKTRACE_FRAMES: NonZeroUsize = NonZeroUsize::new(20).unwrap();

/// Bytes of a pooled memory that are reset by hand after a call rather than given back to the kernel. Page faults cost
/// more than a short `memset`. A call of the example in Rust, which uses 192 KiB, took 22 µs with 0, 16 µs with 128 KiB and
/// 14 µs from 192 KiB on; one that uses a page 5.5 µs and 2.9 µs. 2 MiB were slower again.
const KEEP_RESIDENT_BYTES: usize = 256 * 1_024;

/// The same for the table: as many as `maxTableElements` by default, of 8 bytes each. No more is reset than a plugin has.
/// With 0 every call of a plugin that has a table, as those in Rust, Zig and C do, took 4 µs more.
const KEEP_RESIDENT_TABLE_BYTES: usize = 80 * 1_024;

/// Address space that an on-demand memory gets beyond its size, so that growing by a page does not copy all of it.
const RESERVED_FOR_GROWTH_BYTES: u64 = 16 * 1_024 * 1_024;

/// Largest image of a plugin's data that is kept however few of its bytes are data. Left alone, 118 bytes of module
/// take 16 MiB twice.
const DENSE_IMAGE_BYTES: u64 = 1_024 * 1_024;

/// How cells get their memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Allocation {
    /// From slots set up once: a fresh cell costs a few microseconds. Each slot takes 4 GiB of address space (not of
    /// memory), and at most `slots` calls run at once.
    Pooled {
        /// How many calls may run at once.
        slots: u32,
    },
    /// Mapped for each call and unmapped after it: a fresh cell costs tens of microseconds, and no more address space
    /// than it uses. For machines where address space is limited (`ulimit -v`).
    OnDemand,
}

impl Allocation {
    /// What a compiler process is told, so that its code fits.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pooled { .. } => "pooled",
            Self::OnDemand => "on-demand",
        }
    }

    /// The allocation of this name, for a process that runs no cells.
    pub(crate) fn of_one_cell(name: &str) -> Option<Self> {
        [Self::Pooled { slots: 1 }, Self::OnDemand].into_iter().find(|allocation| allocation.name() == name)
    }
}

/// The settings of an engine whose cells are allocated like this.
pub(crate) fn config(allocation: Allocation) -> Config {
    let mut config = Config::new();
    config
        .wasm_features(WasmFeatures::all().difference(FEATURES), false)
        .wasm_features(FEATURES, true)
        .consume_fuel(true)
        .epoch_interruption(true)
        .max_wasm_stack(STACK_BYTES)
        .wasm_backtrace_max_frames(Some(BACKTRACE_FRAMES))
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        .cranelift_opt_level(OptLevel::Speed)
        .memory_init_cow(true)
        .memory_guaranteed_dense_image_size(DENSE_IMAGE_BYTES);
    match allocation {
        Allocation::Pooled { slots } => {
            config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(slots)));
        }
        Allocation::OnDemand => {
            // Bounds are checked in code rather than by 4 GiB of unmapped pages.
            config
                .memory_reservation(0)
                .memory_reservation_for_growth(RESERVED_FOR_GROWTH_BYTES)
                .memory_guard_size(PAGE_BYTES as u64);
        }
    }
    config
}

fn pool(slots: u32) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(slots)
        .total_memories(slots)
        .total_tables(slots)
        // Each keeps the image of the plugin it ran last: to change it takes 11 µs, more than most calls.
        .max_unused_warm_slots(slots)
        .max_memories_per_module(1)
        .max_tables_per_module(1)
        // A slot fits the widest limits, so that a plugin's own never need another engine. Only what a guest touches
        // is ever backed by memory.
        .max_memory_size(saturating(Limit::MEMORY_PAGES.max).saturating_mul(PAGE_BYTES))
        .table_elements(saturating(Limit::TABLE_ELEMENTS.max))
        .linear_memory_keep_resident(KEEP_RESIDENT_BYTES)
        .table_keep_resident(KEEP_RESIDENT_TABLE_BYTES)
        // Where there is swap, a dirty page that was swapped out would not be reset, and the next guest could read it.
        .pagemap_scan(Enabled::No);
    pool
}

fn saturating(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}
