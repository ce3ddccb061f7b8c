//! Gives back what unused pool slots keep: one thread that sleeps while they keep nothing.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use wasmtime::EngineWeak;

use crate::sandbox::reset::bell::Bell;
use crate::sandbox::reset::page_map;
use crate::sandbox::reset::resets::Resets;
use crate::sandbox::reset::slots::Slot;

/// The time between two looks at the slots.
const TICK: Duration = Duration::from_millis(500);

/// A slot that was not used for so many ticks keeps nothing.
const IDLE_TICKS: u64 = 2;

/// Owns the thread; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Trimmer {
    bell: Arc<Bell>,
    thread: Option<JoinHandle<()>>,
}

impl Trimmer {
    /// Starts the thread for the pool of this engine, which it does not keep alive.
    pub(crate) fn start(resets: &Arc<Resets>, engine: EngineWeak) -> std::io::Result<Self> {
        let bell = Arc::clone(&resets.bell);
        let thread = thread::Builder::new().name("hookcell-trimmer".to_owned()).spawn({
            let resets = Arc::clone(resets);
            move || trim_while_it_pays(&resets, &engine)
        })?;
        Ok(Self { bell, thread: Some(thread) })
    }
}

impl Drop for Trimmer {
    fn drop(&mut self) {
        self.bell.end();
        if let Some(thread) = self.thread.take() {
            // If the thread panicked, there is nothing left to clean up.
            let _ = thread.join();
        }
    }
}

fn trim_while_it_pays(resets: &Resets, engine: &EngineWeak) {
    loop {
        // A call that keeps a page looks at this flag after it has counted the page.
        resets.is_trimming.store(false, Ordering::SeqCst);
        let is_over = resets.bell.wait_while(|| resets.slots.kept_pages() == 0);
        resets.is_trimming.store(true, Ordering::SeqCst);
        if is_over || resets.bell.wait_for(TICK) {
            return;
        }
        let now = resets.clock.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        // The pool is unmapped with the engine.
        let Some(_engine) = engine.upgrade() else { return };
        for slot in resets.slots.iter().filter(|slot| is_idle(slot, now)) {
            slot.while_unused(|| {
                if is_idle(slot, now) {
                    trim(slot, resets);
                }
            });
        }
    }
}

fn is_idle(slot: &Slot, now: u64) -> bool {
    slot.pages() > 0 && slot.used_at.load(Ordering::Relaxed).saturating_add(IDLE_TICKS) <= now
}

/// Gives back what the slot keeps. Its pages are as they were mapped already, and stay so.
fn trim(slot: &Slot, resets: &Resets) {
    let (address, extent) = (slot.address.load(Ordering::Relaxed), slot.extent.load(Ordering::Relaxed));
    // SAFETY: a call that had this slot noted the address and the extent of its memory. The engine is held, so the pool is
    // still mapped. `while_unused` keeps a call that gets the slot from writing until this returns, and while wasmtime makes an
    // instance, it maps memory and does not write to it.
    #[expect(unsafe_code, reason = "no call has the slot, so nothing can lend its memory as a slice")]
    let dropped = unsafe { page_map::drop_unused_pages(address, extent) };
    match dropped {
        Ok(()) => {
            resets.slots.keep(slot, 0);
        }
        Err(error) => tracing::debug!(%error, "a pool slot keeps its pages"),
    }
}
