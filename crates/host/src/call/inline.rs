//! A first run on the calling thread, which an event loop waits for.
//!
//! Such a run has little fuel, and bounds on what fuel does not count: the size of memory and table, how often they grow, and
//! the lengths of context, result and log. A guest that needs more is dropped, and the call runs again on a worker, from the start
//! and under its own limits. Guests are pure, so the second run gives what the first one would have given.

use std::time::{Duration, Instant};

use wasmtime::Trap;

use crate::call::answer::{Reading, Unread};
use crate::call::result::{Outcome, Usage};
use crate::limits::LimitOverrides;
use crate::plugin::Plugin;

/// The longest context and result, in bytes: both are copied and checked.
const MOST_BYTES: usize = 16 * 1_024;

/// The most that reading the result may cost, in units of `maxResultValues`: about half a millisecond. 16 KiB of table rows
/// cost less.
const MOST_RESULT_VALUES: u64 = 20_000;

/// The deadline of a run, because fuel is no clock. The guest is stopped a millisecond after it.
pub(crate) const DEADLINE: Duration = Duration::from_micros(500);

/// A run that takes longer counts against its plugin, even if it ends by itself.
const LONGEST_RUN: Duration = Duration::from_millis(1);

/// No plugin of a chain begins later than this after the first one.
const LAST_START: Duration = Duration::from_millis(1);

/// A run on the calling thread: of one hook, or of the hooks of a chain, which share its fuel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InlineRun {
    fuel: u64,
    started: Instant,
}

impl InlineRun {
    /// The run of these plugins, each with its `inlineFuel`, one after the other, or `None` if it is not worth a try. The smallest
    /// `inlineFuel` is that of all together.
    pub(crate) fn of<'a>(
        plugins: impl Iterator<Item = (&'a Plugin, u64)> + Clone,
        context_bytes: usize,
    ) -> Option<Self> {
        let started = Instant::now();
        let fuel = plugins.clone().map(|(_, fuel)| fuel).min()?;
        let may_run = fuel > 0
            && context_bytes <= MOST_BYTES
            && plugins.clone().all(|(plugin, _)| plugin.fits_inline())
            && plugins.map(|(plugin, _)| plugin).all(|plugin| plugin.inline_record().may_run(started));
        may_run.then_some(Self { fuel, started })
    }

    /// The run of the plugin after this one in a chain, or `None` if the chain is too long for the calling thread.
    pub(crate) fn next(self, plugin: &Plugin, context_bytes: usize, used: &Usage) -> Option<Self> {
        let fuel = self.fuel.checked_sub(used.fuel?)?;
        if context_bytes > MOST_BYTES || self.started.elapsed() > LAST_START {
            plugin.inline_record().add_strike(Instant::now());
            return None;
        }
        Some(Self { fuel, ..self })
    }

    /// The fuel of a guest with this limit.
    pub(crate) fn fuel(self, limit: u64) -> u64 {
        self.fuel.min(limit)
    }

    /// Must a guest with this limit of fuel run again after a trap?
    pub(crate) fn repeats(self, trap: Trap, limit: u64, plugin: &Plugin) -> bool {
        match trap {
            Trap::OutOfFuel if self.fuel < limit => true,
            Trap::Interrupt => true,
            // To find a line takes milliseconds.
            _ => plugin.source_map().is_some() || plugin.script_map().is_some(),
        }
    }

    /// A run of this plugin that began then has ended. `is_whole`: it need not run again.
    pub(crate) fn record(plugin: &Plugin, began: Instant, is_whole: bool) {
        let now = Instant::now();
        if is_whole && now.saturating_duration_since(began) <= LONGEST_RUN {
            plugin.inline_record().add_good_run();
        } else {
            plugin.inline_record().add_strike(now);
        }
    }

    /// Must a guest run again because its result takes long to read?
    pub(crate) fn repeats_result(length: usize) -> bool {
        length > MOST_BYTES
    }

    /// Must a guest run again because so much of its log is to be read?
    pub(crate) fn repeats_log(length: usize) -> bool {
        length > MOST_BYTES
    }

    /// Reads a result; `None` if it must be read on a worker, because it takes long.
    pub(crate) fn read<'a>(bytes: &'a [u8], reading: &Reading<'_>) -> Option<Result<Outcome<'a>, Unread>> {
        if bytes.is_empty() {
            return Some(Outcome::read(bytes, reading));
        }
        let tighter = LimitOverrides {
            max_result_bytes: Some(reading.limits.max_result_bytes().min(MOST_BYTES as u64)),
            max_result_values: Some(reading.limits.max_result_values().min(MOST_RESULT_VALUES)),
            ..LimitOverrides::default()
        };
        let limits = match reading.limits.with(&tighter) {
            Ok(limits) => limits,
            Err(error) => return Some(Err(Unread::Host(error))),
        };
        match Outcome::read(bytes, &Reading { limits: &limits, ..*reading }) {
            Err(Unread::Late) => None,
            // Is it a fault under its own limits as well? A patch is not applied again to find out.
            Err(Unread::Fault(_)) => match Outcome::read(bytes, &Reading { is_late: &|| true, ..*reading }) {
                Err(Unread::Fault(fault)) => Some(Err(Unread::Fault(fault))),
                _ => None,
            },
            read => Some(read),
        }
    }
}
