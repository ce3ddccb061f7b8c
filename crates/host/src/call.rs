//! One hook call, from an empty cell to a checked result.

use std::time::{Duration, Instant};

use wasmtime::{
    AsContextMut, Instance, Memory, ModuleExport, PoolConcurrencyLimitError, Store, Trap, TypedFunc, WasmBacktrace,
    WasmParams, WasmResults,
};

use crate::abi::GuestSlice;
use crate::cell::Cell;
use crate::context::Context;
use crate::engine::{Allocation, Engine};
use crate::error::HostError;
use crate::fault::{Fault, FaultCode};
use crate::guest_text;
use crate::limits::{Limit, Limits, SandboxConfig};
use crate::plugin::Plugin;
use crate::result::{HookResult, Outcome, Usage};

/// A hook call to make.
#[derive(Debug, Clone)]
pub struct HookRequest<'a> {
    /// The plugin's name or path.
    pub plugin: &'a str,
    /// The hook's name.
    pub hook: &'a str,
    /// What the plugin is given.
    pub context: &'a Context<'a>,
    /// Limits for this call alone, over the plugin's.
    pub sandbox: SandboxConfig,
    /// When the call began to wait for its thread, for [`Usage::queue_ms`].
    pub queued_at: Option<Instant>,
}

/// Why a call did not come to an answer.
enum Stop {
    /// The plugin broke by itself; `Some` fuel is what it had used.
    Plugin { fault: Fault, fuel: Option<u64> },
    /// The host could not run it.
    Host(HostError),
}

/// Runs the hook and hands the result to `read` while the guest's memory is still there.
pub(crate) fn run<R>(
    engine: &Engine,
    plugin: &Plugin,
    request: &HookRequest<'_>,
    read: impl FnOnce(&HookResult<'_>) -> R,
) -> Result<R, HostError> {
    let limits = plugin.limits().with(&request.sandbox)?;
    let hook = plugin.hook(request.hook)?;
    let context = request.context.as_json();
    if context.len() > limits.context_bytes() {
        let (length, name) = (context.len(), Limit::CONTEXT_BYTES.name);
        let message = format!("the context has {length} bytes; {name} is {}", limits.context_bytes());
        return Err(HostError::limit(name, message));
    }

    let started = Instant::now();
    let fuel = limits.fuel(context.len());
    let deadline = started.checked_add(limits.timeout()).unwrap_or(started);
    let mut store = Cell::open(engine, limits, fuel, deadline).map_err(|error| HostError::internal(&error))?;
    // Only now: a move of the epoch before the store was told its deadline would be lost.
    let _watch = engine.watchdog().watch(deadline);

    let guest = Guest { engine, plugin, hook_name: request.hook, limits, fuel };
    let (outcome, fuel_used) = match guest.enter(&mut store, hook, context.as_bytes()) {
        Ok((memory, answer)) => {
            let fuel_used = guest.fuel_used(&store);
            let bytes = answer.of(memory.data(&store)).unwrap_or_default();
            (Outcome::read(bytes).unwrap_or_else(Outcome::Faulted), fuel_used)
        }
        Err(Stop::Plugin { fault, fuel }) => (Outcome::Faulted(fault), fuel),
        Err(Stop::Host(error)) => return Err(error),
    };
    if let Outcome::Faulted(fault) = &outcome {
        tracing::warn!(plugin = plugin.key(), hook = request.hook, code = fault.code.as_str(), "{}", fault.message);
    }
    let usage = Usage {
        fuel: fuel_used,
        memory_bytes: store.data().memory_bytes(),
        queue_ms: milliseconds(
            request.queued_at.map_or(Duration::ZERO, |queued_at| started.saturating_duration_since(queued_at)),
        ),
        run_ms: milliseconds(started.elapsed()),
    };
    Ok(read(&HookResult { outcome, usage }))
}

/// The guest's side of a call.
struct Guest<'a> {
    engine: &'a Engine,
    plugin: &'a Plugin,
    hook_name: &'a str,
    limits: Limits,
    fuel: u64,
}

impl Guest<'_> {
    /// Instantiates the plugin, gives it the context and calls the hook. The slice returned lies within the memory.
    fn enter(
        &self,
        store: &mut Store<Cell>,
        hook: &ModuleExport,
        context: &[u8],
    ) -> Result<(Memory, GuestSlice), Stop> {
        let instance =
            self.plugin.instantiate(&mut *store).map_err(|error| self.stopped(&error, store.data(), "its start"))?;
        let exports = self.plugin.exports();
        let memory = instance
            .get_module_export(&mut *store, &exports.memory)
            .and_then(wasmtime::Extern::into_memory)
            .ok_or_else(|| lost_export("memory"))?;

        let place = self.place_context(store, instance, memory, context)?;

        let function = typed::<(u32, u32), u64>(store, instance, hook)?;
        let packed = function
            .call(&mut *store, (place.pointer(), place.length()))
            .map_err(|error| self.stopped(&error, store.data(), self.hook_name))?;
        let answer = GuestSlice::unpack(packed);
        self.check_answer(answer, memory.data(&*store))
            .map_err(|fault| Stop::Plugin { fault, fuel: self.fuel_used(store) })?;
        Ok((memory, answer))
    }

    /// Asks the guest for room and writes the context there.
    fn place_context(
        &self,
        store: &mut Store<Cell>,
        instance: Instance,
        memory: Memory,
        context: &[u8],
    ) -> Result<GuestSlice, Stop> {
        let length = u32::try_from(context.len())
            .map_err(|_| Stop::Host(HostError::Context("it is longer than 4 GiB".to_owned())))?;
        let alloc = typed::<u32, u32>(store, instance, &self.plugin.exports().alloc)?;
        let pointer = alloc.call(&mut *store, length).map_err(|error| self.stopped(&error, store.data(), "alloc"))?;
        let place = GuestSlice::new(pointer, length);
        let fault = if pointer == 0 {
            let message = format!("alloc refused room for {length} bytes of context");
            match store.data().refusal() {
                Some(refusal) => Fault::new(FaultCode::Memory, format!("{message}, after {refusal}")),
                None => Fault::new(FaultCode::Memory, message),
            }
        } else if let Some(room) = place.of_mut(memory.data_mut(&mut *store)) {
            room.copy_from_slice(context);
            return Ok(place);
        } else {
            let size = memory.data_size(&*store);
            Fault::new(FaultCode::Abi, format!("alloc gave {place}, outside its memory of {size} bytes"))
        };
        Err(Stop::Plugin { fault, fuel: self.fuel_used(store) })
    }

    fn check_answer(&self, answer: GuestSlice, memory: &[u8]) -> Result<(), Fault> {
        if answer.len() > self.limits.result_bytes() {
            let (name, limit) = (Limit::RESULT_BYTES.name, self.limits.result_bytes());
            let message = format!("the result has {} bytes; {name} is {limit}", answer.len());
            return Err(Fault::new(FaultCode::Result, message));
        }
        // An answer of no bytes says nothing, wherever it points.
        if answer.len() > 0 && answer.of(memory).is_none() {
            let message = format!("the result is {answer}, outside its memory of {} bytes", memory.len());
            return Err(Fault::new(FaultCode::Abi, message));
        }
        Ok(())
    }

    /// What an error of wasmtime's means for the call. `place` is the function that the host had called.
    fn stopped(&self, error: &wasmtime::Error, cell: &Cell, place: &str) -> Stop {
        if error.is::<PoolConcurrencyLimitError>() {
            let Allocation::Pooled { slots } = self.engine.allocation() else {
                return Stop::Host(HostError::internal(error));
            };
            return Stop::Host(HostError::Busy(slots));
        }
        let place = guest_text::clean(place);
        let Some(trap) = error.downcast_ref::<Trap>() else {
            return match cell.refusal() {
                Some(refusal) => {
                    Stop::Plugin { fault: Fault::new(FaultCode::Memory, format!("{refusal} in {place}")), fuel: None }
                }
                None => Stop::Host(HostError::internal(error)),
            };
        };
        let what = trap.to_string();
        let what = what.strip_prefix("wasm trap: ").unwrap_or(&what);
        let (code, message) = match (trap, cell.refusal()) {
            (Trap::OutOfFuel, _) => {
                (FaultCode::Fuel, format!("it used up its fuel of {} ({}) in {place}", self.fuel, Limit::FUEL.name))
            }
            (Trap::Interrupt, _) => {
                let timeout = self.limits.timeout().as_millis();
                (
                    FaultCode::Timeout,
                    format!("it did not finish {place} within {timeout} ms ({})", Limit::TIMEOUT_MS.name),
                )
            }
            (Trap::StackOverflow, _) => (FaultCode::Stack, format!("{what} in {place}")),
            (_, Some(refusal)) => (FaultCode::Memory, format!("{what} in {place}, after {refusal}")),
            (_, None) => (FaultCode::Trap, format!("{what} in {place}")),
        };
        let backtrace = error.downcast_ref::<WasmBacktrace>().map(frames).unwrap_or_default();
        // Out of fuel is the one trap after which the amount is known.
        let fuel = (code == FaultCode::Fuel).then_some(self.fuel);
        Stop::Plugin { fault: Fault { code, message, backtrace }, fuel }
    }

    fn fuel_used(&self, store: &Store<Cell>) -> Option<u64> {
        store.get_fuel().ok().map(|left| self.fuel.saturating_sub(left))
    }
}

fn typed<P: WasmParams, R: WasmResults>(
    store: &mut Store<Cell>,
    instance: Instance,
    export: &ModuleExport,
) -> Result<TypedFunc<P, R>, Stop> {
    instance
        .get_module_export(store.as_context_mut(), export)
        .and_then(wasmtime::Extern::into_func)
        .and_then(|function| function.typed(&store).ok())
        .ok_or_else(|| lost_export("function"))
}

/// The exports were checked when the plugin was loaded.
fn lost_export(kind: &str) -> Stop {
    Stop::Host(HostError::Internal(format!("a {kind} export of a loaded plugin is gone")))
}

fn frames(backtrace: &WasmBacktrace) -> Vec<String> {
    let name = |frame: &wasmtime::FrameInfo| match frame.func_name() {
        Some(name) => guest_text::clean(name),
        None => format!("function {}", frame.func_index()),
    };
    let place = |frame: &wasmtime::FrameInfo| match frame.module_offset() {
        Some(offset) => format!("{} (wasm offset {offset:#x})", name(frame)),
        None => name(frame),
    };
    backtrace.frames().iter().map(place).collect()
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
