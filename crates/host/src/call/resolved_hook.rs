//! A hook of a loaded plugin, ready to run: from an empty cell to a checked result.

use std::time::Instant;

use wasmtime::Store;

use crate::call::answer::{Reading, Unread};
use crate::call::context::context_too_long;
use crate::call::enter::Answer;
use crate::call::fault::Fault;
use crate::call::grants::{Clock, Granted, Grants, Tail};
use crate::call::guest::Guest;
use crate::call::inline::{DEADLINE, InlineRun};
use crate::call::log::Log;
use crate::call::result::{HookResult, Outcome, Usage};
use crate::call::stop::Stop;
use crate::call::thrown::sources::Sources;
use crate::call::{Handed, HookCall, Host, milliseconds};
use crate::error::HostError;
use crate::limits::LimitOverrides;
use crate::limits::call_limits::CallLimits;
use crate::plugin::Plugin;
use crate::sandbox::cell::Cell;
use crate::sandbox::entry::HookNumber;
use crate::sandbox::inline_bounds::InlineBounds;
use crate::sandbox::open_cell::OpenCell;
use crate::sandbox::ready_cells::ReadyGuest;
use crate::sandbox::watchdog::StopSignal;

/// What an author has to change whose plugin reaches `unreachable` and has no log to say why in.
const UNTOLD: &str =
    "a panic or abort tells its message and place if the plugin is built with its language's kit (pdk/README.md)";

/// A hook of a loaded plugin and the limits of one call: everything that can be refused before the plugin runs.
pub(crate) struct ResolvedHook<'a> {
    plugin: &'a Plugin,
    name: &'a str,
    number: HookNumber,
    limits: CallLimits<'a>,
    /// What the operator grants the call.
    tail: Option<Tail>,
}

impl<'a> ResolvedHook<'a> {
    /// `grants` are over those of the plugin's load, the first of them over the other.
    pub(crate) fn resolve(
        plugin: &'a Plugin,
        name: &'a str,
        sandbox: Option<&LimitOverrides>,
        grants: [Option<&Grants>; 2],
        clock: &mut Clock,
    ) -> Result<Self, HostError> {
        let limits = plugin.limits_with(sandbox)?;
        let number = plugin.hook(name)?;
        let [over, under] = grants;
        let tail = Grants::of_call([over, under, plugin.grants()], clock, &limits)?;
        Ok(Self { plugin, name, number, limits, tail })
    }

    /// A single call of the hook.
    pub(crate) fn of_call(plugin: &'a Plugin, call: &HookCall<'a>) -> Result<Self, HostError> {
        let grants = [call.context.grants(), None];
        Self::resolve(plugin, call.hook, call.sandbox, grants, &mut Clock::default())
    }

    pub(crate) fn plugin_key(&self) -> &'a str {
        self.plugin.key()
    }

    /// Refuses a context that is longer than its limit.
    pub(crate) fn admit(&self, context: &str) -> Result<(), HostError> {
        let (length, most) = (context.len(), self.most_context_bytes());
        if length > most {
            return Err(context_too_long(length, most));
        }
        Ok(())
    }

    /// The longest context that it accepts, in bytes.
    pub(crate) fn most_context_bytes(&self) -> usize {
        self.limits.context_bytes()
    }

    /// The length of what the guest gets for this context, with what is granted.
    pub(crate) fn context_bytes(&self, context: &str) -> usize {
        context.len().saturating_add(self.tail.as_ref().map_or(0, Tail::len))
    }

    /// The most that its result may cost `JSON.parse`.
    pub(crate) fn most_result_values(&self) -> u64 {
        self.limits.max_result_values()
    }

    /// Runs the hook in a fresh cell, and hands the result to `read` while the guest's memory is still there.
    pub(crate) fn run<R>(
        &self,
        host: &mut Host<'_>,
        context: Handed<'_>,
        queue_ms: f64,
        read: impl FnOnce(HookResult<'_>) -> R,
    ) -> Result<R, HostError> {
        let result = self.run_in(host, context, queue_ms, None, read)?;
        result.ok_or_else(|| HostError::Internal("a call on a worker was to run again".to_owned()))
    }

    /// [`Self::run`] on the calling thread. `None` if the call must run on a worker.
    pub(crate) fn run_inline<R>(
        &self,
        host: &mut Host<'_>,
        context: Handed<'_>,
        run: InlineRun,
        read: impl FnOnce(HookResult<'_>) -> R,
    ) -> Result<Option<R>, HostError> {
        let started = Instant::now();
        let result = match self.run_in(host, context, 0.0, Some(run), read) {
            // On a worker it can wait for a cell.
            Err(HostError::Busy(_)) => return Ok(None),
            result => result?,
        };
        InlineRun::record(self.plugin, started, result.is_some());
        Ok(result)
    }

    /// What a run on the calling thread depends on.
    pub(crate) fn inline(&self) -> (&'a Plugin, u64) {
        (self.plugin, self.limits.inline_fuel())
    }

    /// A run on any thread. An inline run gives `None` if the call must run again on a worker.
    fn run_in<R>(
        &self,
        host: &mut Host<'_>,
        context: Handed<'_>,
        queue_ms: f64,
        inline: Option<InlineRun>,
        read: impl FnOnce(HookResult<'_>) -> R,
    ) -> Result<Option<R>, HostError> {
        self.admit(context.json)?;
        let limits = &*self.limits;
        let started = host.take_now();
        let within = |time| started.checked_add(time).unwrap_or(started);
        let deadline = within(limits.timeout());
        let stop_at = inline.map_or(deadline, |_| deadline.min(within(DEADLINE)));
        let Host { engine, cancels, ref mut finished, ref mut watch, .. } = *host;
        let new_signal =
            || StopSignal { deadline: stop_at, runtime: cancels.runtime.clone(), call: cancels.call.cloned() };
        let signal = new_signal();
        if signal.is_cancelled() {
            return Err(HostError::Cancelled);
        }
        // `benches/phases.rs` listens to these. Without a listener, each costs one comparison.
        tracing::trace!("found");
        let text = match &self.tail {
            Some(tail) => tail.join(context.json)?,
            None => [context.json, "", ""],
        };
        let fuel_limit = limits.fuel(self.context_bytes(context.json));
        let fuel = inline.map_or(fuel_limit, |run| run.fuel(fuel_limit));
        let inline_bounds = inline.map(|_| InlineBounds::new());
        let ready =
            if inline.is_none() && finished.use_ready() { self.plugin.take_ready(self.number, limits) } else { None };
        let opened = match ready {
            Some(ReadyGuest { mut cell, inside, entry }) => {
                cell.begin(limits, fuel, signal).map(|()| (cell, Some((inside, entry))))
            }
            None => OpenCell::open(self.plugin.engine(), limits, fuel, signal, inline_bounds).map(|cell| (cell, None)),
        };
        let (mut store, ready) = opened.map_err(|error| HostError::internal(&error))?;
        // Not earlier: the store would miss a move of the epoch before its deadline is set.
        match watch {
            Some(watch) => watch.go_on_until(stop_at),
            None => *watch = Some(engine.watchdog().watch(new_signal())),
        }
        tracing::trace!("opened");

        let guest =
            Guest { engine, plugin: self.plugin, hook_name: self.name, limits, fuel, fuel_limit, deadline, inline };
        let (inside, answer) = match ready.map_or_else(|| Ok((guest.instantiate(&mut store)?, None)), Ok) {
            Ok((inside, entry)) => (Some(inside), guest.answer(&mut store, inside, (self.number, entry), text)),
            Err(stop) => (None, Err(stop)),
        };
        let log = inside.and_then(|inside| self.plugin.log_slice(&mut store, inside));
        let memory = inside.map_or(&[][..], |inside| inside.memory.data(&*store));
        let mut log = log.map(|slice| Log::new(slice, memory));
        let is_slow_to_read = |log: Log<'_>| {
            InlineRun::repeats_log(log.read_bytes(limits))
                || self.plugin.script_map().is_some() && log.has_backtraces(limits)
        };
        if inline.is_some() && log.is_some_and(is_slow_to_read) {
            return Ok(None);
        }
        let is_due = || store.data().is_due();
        let sources = Sources { map: self.plugin.script_map(), is_late: &is_due };
        let read_at = answer.as_ref().ok().and_then(Answer::read_at);
        let read_answer = |answer| self.read(&guest, &store, memory, answer, context);
        let (outcome, fuel_used) = match answer.and_then(read_answer) {
            Ok((outcome, fuel_used)) => (outcome, Some(fuel_used)),
            Err(Stop::Plugin { fault, fuel_used }) => (Outcome::Fault(fault), fuel_used),
            Err(Stop::Unreachable(fault)) => match log.and_then(|log| log.thrown()) {
                Some((thrown, before)) => {
                    log = Some(before);
                    let thrown = thrown.in_sources(sources);
                    (Outcome::Fault(thrown.into_fault().or_backtrace_of(fault)), None)
                }
                None if log.is_none() => (Outcome::Fault(fault.and_advice(UNTOLD)), None),
                None => (Outcome::Fault(fault), None),
            },
            Err(Stop::Overrun) => return Ok(None),
            Err(Stop::Host(error)) => return Err(error),
        };
        tracing::trace!("checked");
        let has_fault = if let Outcome::Fault(fault) = &outcome {
            self.warn_of(fault);
            true
        } else {
            false
        };
        let memory_bytes = store.data().memory_bytes();
        let log = log.map_or_else(Vec::new, |log| log.lines(limits, sources));
        let is_brief = log.is_empty();
        let ended = read_at.filter(|_| is_brief).unwrap_or_else(Instant::now);
        let run_ms = milliseconds(ended.saturating_duration_since(started));
        let usage = Usage { fuel: fuel_used, memory_bytes, queue_ms, run_ms };
        let granted = self.tail.as_ref().map_or_else(Granted::default, |tail| tail.granted.clone());
        let read = read(HookResult { outcome, usage, log, granted, memory });
        tracing::trace!("read");
        // A call that faults may have written to all of its memory.
        if !has_fault && finished.add(store, self.plugin, self.number) && is_brief {
            host.now = read_at;
        }
        Ok(Some(read))
    }

    /// Reads the guest's answer in its memory.
    fn read<'m>(
        &self,
        guest: &Guest<'_>,
        store: &Store<Cell>,
        memory: &'m [u8],
        Answer { slice, fuel_used, .. }: Answer,
        Handed { json: context, parts }: Handed<'_>,
    ) -> Result<(Outcome<'m>, u64), Stop> {
        let bytes = slice.of(memory).unwrap_or_default();
        let reading = Reading { limits: guest.limits, context, parts, is_late: &|| store.data().is_due() };
        let read = match guest.inline {
            Some(_) => InlineRun::read(bytes, &reading).ok_or(Stop::Overrun)?,
            None => Outcome::read(bytes, &reading),
        };
        read.map(|outcome| (outcome, fuel_used)).map_err(|unread| match unread {
            Unread::Fault(fault) => Stop::Plugin { fault, fuel_used: Some(fuel_used) },
            Unread::Thrown(_) if guest.inline.is_some() && guest.plugin.script_map().is_some() => Stop::Overrun,
            Unread::Thrown(thrown) => {
                let map = guest.plugin.script_map();
                let thrown = thrown.in_sources(Sources { map, is_late: reading.is_late });
                Stop::Plugin { fault: thrown.into_fault(), fuel_used: Some(fuel_used) }
            }
            Unread::Host(error) => Stop::Host(error),
            Unread::Late => Stop::late(guest, store, self.name),
        })
    }

    pub(crate) fn warn_of(&self, fault: &Fault) {
        tracing::warn!(plugin = self.plugin.key(), hook = self.name, code = fault.code.as_str(), "{}", fault.message);
    }
}
