//! Chooses the next build: the builds of all threads of the process take turns.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot::{self, Receiver, Sender};

/// Builds that run at once. Each holds an engine's memory, and a server also has loads and calls to make.
pub(crate) const MOST_AT_ONCE: u32 = 2;

/// Of these, builds of one tenant: one that takes its whole time leaves room for the others'.
const MOST_OF_ONE_TENANT: usize = 1;

/// The queue of the process.
pub(crate) static BUILDS: BuildQueue = BuildQueue { state: Mutex::new(State::NEW) };

/// On whose behalf a build runs. Builds without a tenant take turns as one tenant, and may take all of the queue.
pub(crate) type Tenant = Option<Arc<str>>;

/// Tenants take turns; the builds of one tenant run in the order in which they were asked for.
pub(crate) struct BuildQueue {
    state: Mutex<State>,
}

/// How many builds may wait.
#[derive(Clone, Copy)]
pub(crate) struct WaitLimits {
    pub(crate) max_queue: usize,
    /// The part of `max_queue` that one tenant may take.
    pub(crate) max_queue_per_tenant: usize,
}

/// The limit that leaves no room for one more build to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    Queue,
    Tenant,
}

struct State {
    last_ticket: u64,
    /// The tenants with waiting builds, in the order of their turns.
    waiting: VecDeque<(Tenant, VecDeque<Waiting>)>,
    running: Vec<Running>,
}

struct Waiting {
    ticket: u64,
    start: Sender<BuildSlot>,
}

struct Running {
    ticket: u64,
    tenant: Tenant,
}

/// A build that may run. Dropping it frees its slot.
pub(crate) struct BuildSlot {
    ticket: u64,
}

impl Drop for BuildSlot {
    fn drop(&mut self) {
        let mut state = BUILDS.lock();
        state.running.retain(|running| running.ticket != self.ticket);
        start(state);
    }
}

impl BuildQueue {
    /// Queues a build. Returns its ticket and the receiver of its slot, which receives nothing if the build is
    /// [forgotten](Self::forget) first.
    pub(crate) fn enter(&self, tenant: Tenant, limits: WaitLimits) -> Result<(u64, Receiver<BuildSlot>), Full> {
        let (start_build, slot) = oneshot::channel();
        let mut state = self.lock();
        let ticket = state.wait(tenant, limits, start_build)?;
        start(state);
        Ok((ticket, slot))
    }

    /// Forgets a waiting build; a running one is not affected.
    pub(crate) fn forget(&self, ticket: u64) {
        for (_, queue) in &mut self.lock().waiting {
            queue.retain(|waiting| waiting.ticket != ticket);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the builds that may run now.
fn start(mut state: MutexGuard<'_, State>) {
    let mut refused = Vec::new();
    while let Some((slot, start)) = state.next() {
        if let Err(slot) = start.send(slot) {
            refused.push(slot);
        }
    }
    // These builds were cancelled. Dropping a slot takes the lock.
    drop(state);
    drop(refused);
}

impl State {
    const NEW: Self = Self { last_ticket: 0, waiting: VecDeque::new(), running: Vec::new() };

    /// Adds a build, unless it would have to wait and too many wait already.
    fn wait(&mut self, tenant: Tenant, limits: WaitLimits, start: Sender<BuildSlot>) -> Result<u64, Full> {
        self.waiting.retain(|(_, queue)| !queue.is_empty());
        if !self.has_room(&tenant) {
            let all: usize = self.waiting.iter().map(|(_, queue)| queue.len()).sum();
            let of_tenant = self.waiting.iter().find(|(of, _)| *of == tenant).map_or(0, |(_, queue)| queue.len());
            if tenant.is_some() && of_tenant >= limits.max_queue_per_tenant {
                return Err(Full::Tenant);
            }
            if all >= limits.max_queue {
                return Err(Full::Queue);
            }
        }
        self.last_ticket = self.last_ticket.wrapping_add(1);
        let waiting = Waiting { ticket: self.last_ticket, start };
        match self.waiting.iter_mut().find(|(of, _)| *of == tenant) {
            Some((_, queue)) => queue.push_back(waiting),
            None => self.waiting.push_back((tenant, VecDeque::from([waiting]))),
        }
        Ok(self.last_ticket)
    }

    fn has_room(&self, tenant: &Tenant) -> bool {
        let of_tenant = self.running.iter().filter(|running| running.tenant == *tenant).count();
        self.running.len() < MOST_AT_ONCE as usize && (tenant.is_none() || of_tenant < MOST_OF_ONE_TENANT)
    }

    fn next(&mut self) -> Option<(BuildSlot, Sender<BuildSlot>)> {
        self.waiting.retain(|(_, queue)| !queue.is_empty());
        let turn = self.waiting.iter().position(|(tenant, _)| self.has_room(tenant))?;
        let (tenant, mut queue) = self.waiting.remove(turn)?;
        let Waiting { ticket, start } = queue.pop_front()?;
        self.waiting.push_back((tenant.clone(), queue));
        self.running.push(Running { ticket, tenant });
        Some((BuildSlot { ticket }, start))
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot::{Receiver, channel};

    use super::{BuildSlot, Full, State, WaitLimits};

    const LIMITS: WaitLimits = WaitLimits { max_queue: 4, max_queue_per_tenant: 2 };

    /// A queue with builds of these tenants; the empty name is no tenant.
    fn queue(tenants: &[&str]) -> (State, Vec<Receiver<BuildSlot>>, Vec<Full>) {
        let mut state = State::NEW;
        let (mut slots, mut refused) = (Vec::new(), Vec::new());
        for tenant in tenants {
            let (start, slot) = channel();
            slots.push(slot);
            refused
                .extend(state.wait(Some(*tenant).filter(|name| !name.is_empty()).map(Into::into), LIMITS, start).err());
        }
        (state, slots, refused)
    }

    /// The tickets of the builds that start now. Their slots are not dropped, because the queue of the process does not
    /// know them.
    fn started(state: &mut State) -> Vec<u64> {
        let mut tickets = Vec::new();
        while let Some((slot, _)) = state.next() {
            tickets.push(slot.ticket);
            std::mem::forget(slot);
        }
        tickets
    }

    fn end(state: &mut State, ticket: u64) {
        state.running.retain(|running| running.ticket != ticket);
    }

    #[test]
    fn a_tenant_takes_one_slot_and_leaves_the_other_one() {
        let (mut state, ..) = queue(&["a", "a", "b", "b"]);
        assert_eq!(started(&mut state), [1, 3]);
        end(&mut state, 1);
        assert_eq!(started(&mut state), [2]);
    }

    #[test]
    fn tenants_take_turns_however_many_builds_one_of_them_asks_for() {
        let (mut state, ..) = queue(&["", "", "", "", "a"]);
        assert_eq!(started(&mut state), [1, 5]);
        end(&mut state, 5);
        assert_eq!(started(&mut state), [2]);
    }

    #[test]
    fn builds_without_a_tenant_take_both_slots() {
        let (mut state, ..) = queue(&["", "", ""]);
        assert_eq!(started(&mut state), [1, 2]);
    }

    #[test]
    fn too_many_waiting_builds_are_refused() {
        let (mut state, ..) = queue(&[]);
        let mut wait = |tenant: Option<&str>| {
            let refused = state.wait(tenant.map(Into::into), LIMITS, channel().0).err();
            started(&mut state);
            refused
        };
        let full = [Some("a"), Some("a"), Some("a"), Some("a"), Some("b"), None, None, None].map(&mut wait);
        assert_eq!(full, [None, None, None, Some(Full::Tenant), None, None, None, Some(Full::Queue)]);
    }
}
