//! The wasmtime settings of cells: WebAssembly features, stack, allocation.

use std::num::NonZeroUsize;

use wasmtime::{
    Config, Enabled, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, WasmBacktraceDetails, WasmFeatures,
};

use crate::limits::{Limit, PAGE_BYTES};
use crate::sandbox::memory;

/// The features that compilers of plugins use (LLVM, Rust, Zig, `AssemblyScript`). All others are off, so that a guest cannot
/// reach their code.
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

/// A guest's stack. wasmtime measures it from the stack pointer of the calling thread, without knowing where that thread's
/// stack ends. The smallest stack that a hook may run on is that of a Node.js `Worker`, 4 MiB.
const STACK_BYTES: usize = 512 * 1_024;

/// The longest backtrace, in frames: enough to find the cause, too few to flood a log.
const BACKTRACE_FRAMES: NonZeroUsize = NonZeroUsize::new(20).unwrap();

/// Bytes of a pooled memory that are cleared after a call instead of being returned to the kernel: page faults cost more
/// than a short `memset`. A call of the Rust example, which uses 192 KiB, took 22 µs with 0, 16 µs with 128 KiB and 14 µs from
/// 192 KiB on; a call that uses one page took 5.5 µs with 0 and 2.9 µs with more. 2 MiB was slower again.
const KEEP_RESIDENT_BYTES: usize = 256 * 1_024;

/// The same for the table: the default of `maxTableElements`, of 8 bytes each. Only what a plugin has is cleared. With 0,
/// each call of a plugin with a table (all in Rust, Zig and C) took 4 µs more.
const KEEP_RESIDENT_TABLE_BYTES: usize = 80 * 1_024;

/// Address space for a memory of any size: whatever 32 bits address. Code of a guest checks no bounds, because what is beyond the
/// memory's size is inaccessible.
pub(crate) const RESERVED_BYTES: usize = 4 * 1_024 * 1_024 * 1_024;

/// Inaccessible address space after that, for an address with a constant added to it, and before it.
pub(crate) const GUARD_BYTES: usize = 32 * 1_024 * 1_024;

/// Address space beyond the size of an on-demand memory, so that growing by a page does not copy all of it.
const RESERVED_FOR_GROWTH_BYTES: u64 = 16 * 1_024 * 1_024;

/// The largest image of a plugin's data that is kept if few of its bytes are data. With wasmtime's default, a module of 118
/// bytes takes 16 MiB twice.
pub(crate) const DENSE_IMAGE_BYTES: u64 = 1_024 * 1_024;

/// How cells get their memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Allocation {
    /// From a fixed pool: a fresh cell costs a few microseconds. Each pool slot reserves 4 GiB of address space (not of
    /// memory), and at most `slots` calls run at once.
    Pooled {
        /// The number of calls that may run at once.
        slots: u32,
    },
    /// Mapped for each call and unmapped after it: a fresh cell costs tens of microseconds, but only the address space that
    /// it uses. For machines that limit address space (`ulimit -v`).
    OnDemand,
}

/// Who makes the memories of cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemoriesBy {
    /// The host, in slots of its own. Data is taken out of a module before it is compiled, because the slots have it.
    Host,
    /// wasmtime, in a pool with so many pool slots.
    Pool(u32),
    /// wasmtime, which maps each anew.
    Mapping,
}

impl MemoriesBy {
    /// The name that a compiler process gets, so that its code fits.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Pool(_) => "pool",
            Self::Mapping => "mapping",
        }
    }

    /// The kind with this name, for a process that runs no cells.
    pub(crate) fn of_no_cell(name: &str) -> Option<Self> {
        [Self::Host, Self::Pool(1), Self::Mapping].into_iter().find(|kind| kind.name() == name)
    }
}

/// The settings of an engine with such memories.
pub(crate) fn config(memories: MemoriesBy) -> Config {
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
    match memories {
        MemoriesBy::Host => {
            config
                .memory_reservation(RESERVED_BYTES as u64)
                .memory_guard_size(GUARD_BYTES as u64)
                // An image of wasmtime's could not be mapped into such a memory.
                .memory_init_cow(false);
            memory::use_for(&mut config);
        }
        MemoriesBy::Pool(slots) => {
            config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(slots)));
        }
        MemoriesBy::Mapping => {
            // Code checks bounds, instead of 4 GiB of unmapped pages.
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
    // Memories bound the calls: each has one. A plugin in halves is two instances, which are only counted; with a bound of
    // twice the memories, a call might not get its second instance while others try in vain for a memory.
    pool.total_core_instances(u32::MAX)
        .total_memories(slots)
        .total_tables(slots)
        // A pool slot keeps the image of its last plugin: changing it takes 11 µs, more than most calls.
        .max_unused_warm_slots(slots)
        .max_memories_per_module(1)
        .max_tables_per_module(1)
        // A pool slot fits the widest limits, so no plugin needs another engine. Only the pages that a guest touches take
        // memory.
        .max_memory_size(saturating(Limit::MEMORY_PAGES.max).saturating_mul(PAGE_BYTES))
        .table_elements(saturating(Limit::TABLE_ELEMENTS.max))
        .linear_memory_keep_resident(KEEP_RESIDENT_BYTES)
        .table_keep_resident(KEEP_RESIDENT_TABLE_BYTES)
        // Its scan overlooks a written page that is swapped out, or just being moved.
        .pagemap_scan(Enabled::No);
    pool
}

fn saturating(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}
