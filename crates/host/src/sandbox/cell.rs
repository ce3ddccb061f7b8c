//! The cell of one call: a fresh store that keeps the guest within its limits.

use std::sync::Arc;

use wasmtime::{ResourceLimiter, Store, Trap, UpdateDeadline};

use crate::limits::{Limit, Limits, PAGE_BYTES};
use crate::sandbox::inline_bounds::{InlineBounds, MOST_MEMORY_BYTES, MOST_TABLE_ELEMENTS};
use crate::sandbox::memory::ClosedPages;
use crate::sandbox::watchdog::StopSignal;

/// Epochs until a store asks its signal: each time the watchdog moves the epoch.
const NEXT_EPOCH: u64 = 1;

/// Fuel beyond the limit, to tell a guest that used exactly its limit from one that used more.
const SPARE_FUEL: u64 = 1;

/// The state of a cell, for one call.
#[derive(Debug)]
pub(crate) struct Cell {
    most: Most,
    /// What ends its call; `None` before that.
    signal: Option<StopSignal>,
    /// Set if the thread must not be held for long.
    inline_bounds: Option<InlineBounds>,
    memory_bytes: usize,
    refusal: Option<Refusal>,
    /// Did growing fail for another reason, such as the module's own maximum or the machine's memory?
    growth_failed: bool,
    /// The pages of its memory that a write must open first.
    closed: Option<Arc<ClosedPages>>,
}

/// The most that the guest may have.
#[derive(Debug, Clone, Copy)]
struct Most {
    memory_bytes: usize,
    table_elements: usize,
}

/// The last thing that the guest asked for beyond its limits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refusal {
    what: &'static str,
    wanted: usize,
    limit: Limit,
    limit_value: usize,
}

impl Cell {
    /// The state of a cell, for one call or before it.
    pub(crate) fn new(limits: &Limits, signal: Option<StopSignal>, inline_bounds: Option<InlineBounds>) -> Self {
        let most = Most::of(limits);
        Self { most, signal, inline_bounds, memory_bytes: 0, refusal: None, growth_failed: false, closed: None }
    }

    /// Notes that its memory has closed pages.
    pub(crate) fn note_closed(&mut self, pages: &Arc<ClosedPages>) {
        self.closed = Some(Arc::clone(pages));
    }

    /// The pages of its memory that a write must open first, if it had any when the call began.
    pub(crate) fn closed(&self) -> Option<&ClosedPages> {
        self.closed.as_deref()
    }

    /// An empty store, with its limits set before any guest code can run.
    pub(crate) fn into_store(self, engine: &wasmtime::Engine, fuel: u64) -> wasmtime::Result<Store<Self>> {
        let mut store = Store::new(engine, self);
        store.limiter(|cell| cell);
        Self::fill_up(&mut store, fuel)?;
        store.epoch_deadline_callback(|mut store| {
            Ok(if store.data_mut().must_stop() {
                UpdateDeadline::Interrupt
            } else {
                UpdateDeadline::Continue(NEXT_EPOCH)
            })
        });
        Ok(store)
    }

    /// The same for a cell that is made before its call: without fuel, so no guest code can run.
    pub(crate) fn into_idle_store(self, engine: &wasmtime::Engine) -> wasmtime::Result<Store<Self>> {
        let mut store = self.into_store(engine, 0)?;
        store.set_fuel(0)?;
        Ok(store)
    }

    /// Sets the limits of the call that a cell was made for, before any guest code can run. Its instance is within them.
    pub(crate) fn begin(
        store: &mut Store<Self>,
        limits: &Limits,
        fuel: u64,
        signal: StopSignal,
    ) -> wasmtime::Result<()> {
        let cell = store.data_mut();
        cell.most = Most::of(limits);
        cell.signal = Some(signal);
        Self::fill_up(store, fuel)
    }

    fn fill_up(store: &mut Store<Self>, fuel: u64) -> wasmtime::Result<()> {
        // wasmtime does not stop a guest that runs out of fuel just as it ends. With one unit more, a guest with none left
        // has used more than its limit.
        store.set_fuel(fuel.saturating_add(SPARE_FUEL))?;
        store.set_epoch_deadline(NEXT_EPOCH);
        Ok(())
    }

    /// Must the guest stop, asked when the epoch moves?
    fn must_stop(&mut self) -> bool {
        if !self.is_due() {
            return false;
        }
        let is_cancelled = self.is_cancelled();
        match &mut self.inline_bounds {
            Some(bounds) if !is_cancelled => bounds.must_stop(),
            _ => true,
        }
    }

    /// The fuel that the guest has used, or `None` if that is more than `fuel`.
    pub(crate) fn fuel_used(store: &Store<Self>, fuel: u64) -> Option<u64> {
        let left = store.get_fuel().ok()?;
        fuel.checked_sub(left.checked_sub(SPARE_FUEL)?)
    }

    /// The most linear memory that the guest had, in bytes. Memory never shrinks.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    /// Was the call cancelled? If not, an interruption means that its deadline passed.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.signal.as_ref().is_some_and(StopSignal::is_cancelled)
    }

    /// Has the time passed at which it is stopped? Asked after the guest has ended, because its last operation may have run past
    /// it.
    pub(crate) fn is_late(&self) -> bool {
        self.signal.as_ref().is_some_and(StopSignal::is_late)
    }

    /// Must the call end, because its deadline has passed or because it was cancelled?
    pub(crate) fn is_due(&self) -> bool {
        self.signal.as_ref().is_some_and(StopSignal::is_due)
    }

    /// Growing may copy the whole memory, and without a loop nothing else checks the clock between two growths. What was empty is not
    /// copied. Inline, growths are few and small.
    fn check_growth(&mut self, current: usize, is_small: bool) -> wasmtime::Result<()> {
        let goes_on = match &mut self.inline_bounds {
            Some(bounds) => bounds.allow_growth(is_small),
            None => current == 0 || !self.is_due(),
        };
        if goes_on {
            return Ok(());
        }
        Err(Trap::Interrupt.into())
    }

    /// Has the guest asked for more than a run on the calling thread may have?
    pub(crate) fn has_outgrown(&self) -> bool {
        self.inline_bounds.as_ref().is_some_and(InlineBounds::has_outgrown)
    }

    /// The last request of the guest that its limits refused.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        self.refusal
    }

    /// Did the guest ask for memory or table elements and not get them, for any reason?
    pub(crate) fn was_refused(&self) -> bool {
        self.growth_failed || self.refusal.is_some()
    }
}

impl Most {
    fn of(limits: &Limits) -> Self {
        Self { memory_bytes: limits.memory_bytes(), table_elements: limits.table_elements() }
    }
}

impl ResourceLimiter for Cell {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let granted = desired <= self.most.memory_bytes;
        self.check_growth(current, !granted || desired <= MOST_MEMORY_BYTES)?;
        if !granted {
            self.refusal = Some(Refusal {
                what: "pages of memory",
                wanted: desired.div_ceil(PAGE_BYTES),
                limit: Limit::MEMORY_PAGES,
                limit_value: self.most.memory_bytes.div_euclid(PAGE_BYTES),
            });
        } else if maximum.is_none_or(|maximum| desired <= maximum) {
            self.memory_bytes = desired;
        }
        Ok(granted)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let granted = desired <= self.most.table_elements;
        self.check_growth(current, !granted || desired <= MOST_TABLE_ELEMENTS)?;
        if !granted {
            self.refusal = Some(Refusal {
                what: "table elements",
                wanted: desired,
                limit: Limit::TABLE_ELEMENTS,
                limit_value: self.most.table_elements,
            });
        }
        Ok(granted)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.growth_failed = true;
        Ok(())
    }

    fn table_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.growth_failed = true;
        Ok(())
    }

    fn instances(&self) -> usize {
        // A plugin in halves is two.
        2
    }

    fn tables(&self) -> usize {
        1
    }

    fn memories(&self) -> usize {
        1
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { what, wanted, limit, limit_value } = self;
        write!(formatter, "{wanted} {what} were refused ({} is {limit_value})", limit.name)
    }
}
