//! Gives back what unused slots keep: one thread that sleeps while they keep nothing.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::sandbox::memory::idle::Idle;
use crate::sandbox::memory::idle::bell::Bell;
use crate::sandbox::memory::memories::Memories;

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
    /// Starts the thread. It also looks after `others`.
    pub(crate) fn start(memories: &Arc<Memories>, others: Arc<dyn Idle>) -> std::io::Result<Self> {
        let bell = Arc::clone(&memories.bell);
        let thread = thread::Builder::new().name("hookcell-trimmer".to_owned()).spawn({
            let memories = Arc::clone(memories);
            move || trim_while_it_pays(&memories, &*others)
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

fn trim_while_it_pays(memories: &Memories, others: &dyn Idle) {
    loop {
        // Who keeps something looks at this flag after it has counted that.
        memories.is_trimming.store(false, Ordering::SeqCst);
        let is_over = memories.bell.wait_while(|| memories.keep_nothing() && others.is_none());
        memories.is_trimming.store(true, Ordering::SeqCst);
        if is_over || memories.bell.wait_for(TICK) {
            return;
        }
        // First, so that the slots of ready cells can be trimmed later.
        others.tick();
        let now = memories.clock.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if let Some(before) = now.checked_sub(IDLE_TICKS) {
            memories.trim(before);
        }
    }
}
