//! Chooses the next load: the loads of all runtimes of the process take turns on a few threads.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot::{self, Receiver, Sender};

/// The most loads that run at once, in total and of one runtime. A load that compiles in this process cannot be
/// interrupted, so these bound the threads that loads take, and with `isolate` the compiler processes.
pub(crate) const MOST_AT_ONCE: u32 = 8;
const MOST_OF_ONE_RUNTIME: usize = 4;

/// The most brief loads that run at once, because each already compiles on all cores.
const BRIEF_AT_ONCE: usize = 2;

/// A load that has run for longer is not brief, and no longer blocks another load.
pub(crate) const BRIEF: Duration = Duration::from_millis(100);

/// The queue of the process.
pub(crate) static LOADS: LoadQueue = LoadQueue { state: Mutex::new(State::NEW) };

/// Runtimes take turns; the loads of one runtime run in the order in which they were asked for.
pub(crate) struct LoadQueue {
    state: Mutex<State>,
}

struct State {
    last_ticket: u64,
    /// The runtimes with waiting loads, in the order of their turns.
    waiting: VecDeque<(u64, VecDeque<Waiting>)>,
    running: BTreeMap<u64, Running>,
}

struct Waiting {
    ticket: u64,
    start: Sender<LoadSlot>,
}

struct Running {
    runtime: u64,
    is_brief: bool,
}

/// A load that may run. Dropping it frees its slot.
pub(crate) struct LoadSlot {
    ticket: u64,
}

impl LoadSlot {
    /// The load has run for longer than [`BRIEF`].
    pub(crate) fn takes_long(ticket: u64) {
        let mut state = LOADS.lock();
        if let Some(running) = state.running.get_mut(&ticket) {
            running.is_brief = false;
        }
        start(state);
    }
}

impl Drop for LoadSlot {
    fn drop(&mut self) {
        let mut state = LOADS.lock();
        state.running.remove(&self.ticket);
        start(state);
    }
}

impl LoadQueue {
    /// Queues a load of this runtime. Returns its ticket and the receiver of its slot, which receives nothing if the load is
    /// [forgotten](Self::forget) first.
    pub(crate) fn enter(&self, runtime: u64) -> (u64, Receiver<LoadSlot>) {
        let (start_load, slot) = oneshot::channel();
        let mut state = self.lock();
        state.last_ticket = state.last_ticket.wrapping_add(1);
        let ticket = state.last_ticket;
        let waiting = Waiting { ticket, start: start_load };
        match state.waiting.iter_mut().find(|(of, _)| *of == runtime) {
            Some((_, queue)) => queue.push_back(waiting),
            None => state.waiting.push_back((runtime, VecDeque::from([waiting]))),
        }
        start(state);
        (ticket, slot)
    }

    /// Forgets a waiting load; a running one is not affected.
    pub(crate) fn forget(&self, ticket: u64) {
        for (_, queue) in &mut self.lock().waiting {
            queue.retain(|waiting| waiting.ticket != ticket);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the loads that may run now.
fn start(mut state: MutexGuard<'_, State>) {
    let mut refused = Vec::new();
    while let Some((slot, start)) = state.next() {
        if let Err(slot) = start.send(slot) {
            refused.push(slot);
        }
    }
    // These loads were cancelled. Dropping a slot takes the lock.
    drop(state);
    drop(refused);
}

impl State {
    const NEW: Self = Self { last_ticket: 0, waiting: VecDeque::new(), running: BTreeMap::new() };

    fn next(&mut self) -> Option<(LoadSlot, Sender<LoadSlot>)> {
        self.waiting.retain(|(_, queue)| !queue.is_empty());
        let brief = self.running.values().filter(|running| running.is_brief).count();
        if brief >= BRIEF_AT_ONCE || self.running.len() >= MOST_AT_ONCE as usize {
            return None;
        }
        let has_room = |runtime: u64| {
            self.running.values().filter(|running| running.runtime == runtime).count() < MOST_OF_ONE_RUNTIME
        };
        let turn = self.waiting.iter().position(|(runtime, _)| has_room(*runtime))?;
        let (runtime, mut queue) = self.waiting.remove(turn)?;
        let Waiting { ticket, start } = queue.pop_front()?;
        self.waiting.push_back((runtime, queue));
        self.running.insert(ticket, Running { runtime, is_brief: true });
        Some((LoadSlot { ticket }, start))
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot::{Receiver, channel};

    use super::{BRIEF_AT_ONCE, LoadSlot, MOST_AT_ONCE, MOST_OF_ONE_RUNTIME, Running, State, Waiting};

    fn queue(loads: &[(u64, u64)]) -> (State, Vec<Receiver<LoadSlot>>) {
        let mut state = State::NEW;
        let mut slots = Vec::new();
        for (runtime, ticket) in loads {
            let (start, slot) = channel();
            slots.push(slot);
            let waiting = Waiting { ticket: *ticket, start };
            match state.waiting.iter_mut().find(|(of, _)| of == runtime) {
                Some((_, queue)) => queue.push_back(waiting),
                None => state.waiting.push_back((*runtime, [waiting].into())),
            }
        }
        (state, slots)
    }

    /// The tickets of the loads in the order in which they start, each after the one before it stops being brief. Their
    /// slots are not dropped, because the queue of the process does not know them.
    fn started(state: &mut State) -> Vec<u64> {
        let mut tickets = Vec::new();
        while let Some((slot, _)) = state.next() {
            tickets.push(slot.ticket);
            state.running.get_mut(&slot.ticket).unwrap().is_brief = false;
            std::mem::forget(slot);
        }
        tickets
    }

    #[test]
    fn runtimes_take_turns_and_the_loads_of_one_keep_their_order() {
        let (mut state, _slots) = queue(&[(1, 1), (1, 2), (1, 3), (2, 4), (3, 5)]);
        assert_eq!(started(&mut state), [1, 4, 5, 2, 3]);
    }

    #[test]
    fn long_loads_delay_no_other_load_until_there_are_too_many() {
        let loads: Vec<_> = (0..20).map(|ticket| (ticket / 10, ticket)).collect();
        let (mut state, _slots) = queue(&loads);
        let started = started(&mut state);
        assert_eq!(started.len(), MOST_AT_ONCE as usize);
        assert_eq!(started.iter().filter(|ticket| **ticket < 10).count(), MOST_OF_ONE_RUNTIME);
    }

    #[test]
    fn only_a_few_loads_run_at_once_while_they_are_brief() {
        let (mut state, _slots) = queue(&[(1, 1), (2, 2), (3, 3)]);
        let mut count = 0;
        while let Some((slot, _)) = state.next() {
            std::mem::forget(slot);
            count += 1;
        }
        assert_eq!(count, BRIEF_AT_ONCE);
        assert!(state.running.values().all(|Running { is_brief, .. }| *is_brief));
    }
}
