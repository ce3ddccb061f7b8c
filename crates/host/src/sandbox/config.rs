//! The wasmtime settings of cells: WebAssembly features, stack, allocation.

use std::num::NonZeroUsize;

use wasmtime::{
    Config, Enabled, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, WasmBacktraceDetails, WasmFeatures,
};

use crate::limits::{Limit, PAGE_BYTES};
use crate::sandbox::reset::memory::MOST_KEPT_BYTES;
use crate::sandbox::reset::page_map::page_bytes;

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
pub(crate) const KEEP_RESIDENT_BYTES: usize = 256 * 1_024;

/// The same for the table: the default of `maxTableElements`, of 8 bytes each. Only what a plugin has is cleared. With 0,
/// each call of a plugin with a table (all in Rust, Zig and C) took 4 µs more.
const KEEP_RESIDENT_TABLE_BYTES: usize = 80 * 1_024;

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

impl Allocation {
    /// The name that a compiler process gets, so that its code fits.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pooled { .. } => "pooled",
            Self::OnDemand => "on-demand",
        }
    }

    /// The allocation with this name, for a process that runs no cells.
    pub(crate) fn of_one_cell(name: &str) -> Option<Self> {
        [Self::Pooled { slots: 1 }, Self::OnDemand].into_iter().find(|allocation| allocation.name() == name)
    }
}

/// Who gives a pooled memory its initial bytes back after a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResetBy {
    /// wasmtime alone: at the cost of the memory's size, but however the guest began and ended.
    Wasmtime,
    /// The cell, which resets the pages that were written. Then wasmtime looks for them once more.
    Cell(Tables),
}

/// The tables of a pool whose cells reset their memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tables {
    /// Within a page of the kernel.
    Small,
    /// Of any size.
    Large,
}

impl Tables {
    /// The kind of a table with at most so many elements; `None` for any number.
    pub(crate) fn of_at_most(elements: Option<u64>) -> Self {
        const ELEMENT_BYTES: usize = 8;
        let small = page_bytes().div_euclid(ELEMENT_BYTES) as u64;
        if elements.is_some_and(|elements| elements <= small) { Self::Small } else { Self::Large }
    }
}

/// The settings of an engine with this allocation.
pub(crate) fn config(allocation: Allocation, reset_by: ResetBy) -> Config {
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
            config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(slots, reset_by)));
        }
        Allocation::OnDemand => {
            // Code checks bounds, instead of 4 GiB of unmapped pages.
            config
                .memory_reservation(0)
                .memory_reservation_for_growth(RESERVED_FOR_GROWTH_BYTES)
                .memory_guard_size(PAGE_BYTES as u64);
        }
    }
    config
}

fn pool(slots: u32, reset_by: ResetBy) -> PoolingAllocationConfig {
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
        .table_elements(saturating(Limit::TABLE_ELEMENTS.max));
    match reset_by {
        ResetBy::Wasmtime => pool
            .linear_memory_keep_resident(KEEP_RESIDENT_BYTES)
            .table_keep_resident(KEEP_RESIDENT_TABLE_BYTES)
            .pagemap_scan(Enabled::No),
        // wasmtime's scan overlooks a written page that is swapped out, or just being moved. The cell has reset the memory before,
        // so what it overlooks there is clean. It must not scan tables, because a cell cannot reset them: a table within a page is
        // cleared, and a larger one is given back to the kernel.
        ResetBy::Cell(tables) => {
            let kept_of_table = if tables == Tables::Small { page_bytes() } else { 0 };
            pool.linear_memory_keep_resident(MOST_KEPT_BYTES)
                .table_keep_resident(kept_of_table)
                .pagemap_scan(Enabled::Yes)
        }
    };
    pool
}

fn saturating(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}
