//! Chooses the next call: tenants take turns, and the calls of one tenant run in order.
//!
//! When no free slot is left to give ([`FairQueue::next`]), every tenant with waiting calls uses its full share of the slots.
//! A call that can run at once therefore overtakes no call of its own tenant. The time of a step hardly depends on the
//! number of calls and tenants, and a tenant without calls is forgotten.

mod deadlines;
mod line;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use deadlines::Deadlines;
use line::Line;

use crate::queue::limits::{Full, QueueLimits};

/// The caller's number for a call. A later call has a greater one.
pub(crate) type CallId = u64;

/// What happens to an offered call.
#[derive(Debug)]
pub(crate) enum Offered<T> {
    /// It has a slot, which [`FairQueue::end`] frees.
    Runs(Turn<T>),
    /// It waits for a slot.
    Waits,
    /// There is no room for it to wait.
    Refused(Full),
}

/// A call with a slot.
#[derive(Debug)]
pub(crate) struct Turn<T> {
    pub(crate) id: CallId,
    pub(crate) work: T,
    pub(crate) tenant: TenantIndex,
}

/// The tenant whose slot a call holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TenantIndex(usize);

/// The tenant of all calls that name none. It is never forgotten.
const NAMELESS: TenantIndex = TenantIndex(0);

#[derive(Debug)]
pub(crate) struct FairQueue<T> {
    limits: QueueLimits,
    /// The tenants by their index. The index of a forgotten tenant is reused.
    tenants: Vec<Tenant<T>>,
    vacant: Vec<TenantIndex>,
    indices: HashMap<Arc<str>, TenantIndex>,
    /// The tenants that have a waiting call and may run it, by their turn.
    ring: Line<u64, TenantIndex>,
    next_turn: u64,
    /// The tenant of each waiting call.
    waiting: Line<CallId, TenantIndex>,
    deadlines: Deadlines,
    /// The bytes that waiting calls hold.
    bytes: usize,
    running: usize,
}

#[derive(Debug)]
struct Tenant<T> {
    name: Option<Arc<str>>,
    waiting: Line<CallId, Waiting<T>>,
    /// The bytes that they hold.
    bytes: usize,
    running: usize,
    /// Its turn in the ring.
    turn: Option<u64>,
}

#[derive(Debug)]
struct Waiting<T> {
    work: T,
    deadline: Instant,
    bytes: usize,
}

impl<T> FairQueue<T> {
    pub(crate) fn new(limits: QueueLimits) -> Self {
        Self {
            limits,
            tenants: vec![Tenant::new(None)],
            vacant: Vec::new(),
            indices: HashMap::new(),
            ring: Line::new(),
            next_turn: 0,
            waiting: Line::new(),
            deadlines: Deadlines::new(),
            bytes: 0,
            running: 0,
        }
    }

    /// The number of calls with a slot.
    pub(crate) fn running(&self) -> usize {
        self.running
    }

    /// The number of calls that wait for a slot.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The tenant's name; `None` for calls without a tenant.
    pub(crate) fn name(&self, index: TenantIndex) -> Option<Arc<str>> {
        self.tenants.get(index.0)?.name.clone()
    }

    /// Takes a call, which runs at once or waits until its deadline at most and holds this many bytes meanwhile. `id` is
    /// greater than any before. The caller must first give free slots to waiting calls with [`Self::next`].
    pub(crate) fn offer(
        &mut self,
        id: CallId,
        tenant: Option<&str>,
        deadline: Instant,
        bytes: usize,
        work: T,
    ) -> Offered<T> {
        let known = tenant.map_or(Some(NAMELESS), |name| self.indices.get(name).copied());
        let of_tenant = known.and_then(|index| self.tenants.get(index.0));
        let running = of_tenant.map_or(0, |tenant| tenant.running);
        let runs = self.running < self.limits.concurrency && running < self.most_running(tenant.is_none());
        if !runs && let Some(full) = self.fullness(of_tenant, tenant.is_none(), bytes) {
            return Offered::Refused(full);
        }
        let index = known.unwrap_or_else(|| self.remember(tenant));
        if runs {
            self.start(index);
            return Offered::Runs(Turn { id, work, tenant: index });
        }
        self.waiting.push(id, index);
        self.deadlines.add(deadline, id);
        self.bytes = self.bytes.saturating_add(bytes);
        if let Some(tenant) = self.tenants.get_mut(index.0) {
            tenant.bytes = tenant.bytes.saturating_add(bytes);
            tenant.waiting.push(id, Waiting { work, deadline, bytes });
        }
        self.give_turn(index);
        Offered::Waits
    }

    /// Frees a slot.
    pub(crate) fn end(&mut self, index: TenantIndex) {
        self.running = self.running.saturating_sub(1);
        if let Some(tenant) = self.tenants.get_mut(index.0) {
            tenant.running = tenant.running.saturating_sub(1);
        }
        self.give_turn(index);
        self.forget_idle(index);
    }

    /// Gives a free slot to the call whose turn it is.
    pub(crate) fn next(&mut self) -> Option<Turn<T>> {
        if self.running >= self.limits.concurrency {
            return None;
        }
        let (_, next) = self.ring.pop_first()?;
        let tenant = self.tenants.get_mut(next.0)?;
        tenant.turn = None;
        let (id, Waiting { work, deadline, bytes }) = tenant.waiting.pop_first()?;
        tenant.bytes = tenant.bytes.saturating_sub(bytes);
        self.bytes = self.bytes.saturating_sub(bytes);
        self.waiting.remove(id);
        self.deadlines.remove(deadline, id);
        self.start(next);
        self.give_turn(next);
        Some(Turn { id, work, tenant: next })
    }

    /// Removes a waiting call.
    pub(crate) fn remove(&mut self, id: CallId) -> Option<T> {
        let index = self.waiting.remove(id)?;
        let tenant = self.tenants.get_mut(index.0)?;
        let Waiting { work, deadline, bytes } = tenant.waiting.remove(id)?;
        tenant.bytes = tenant.bytes.saturating_sub(bytes);
        self.bytes = self.bytes.saturating_sub(bytes);
        self.deadlines.remove(deadline, id);
        if tenant.waiting.is_empty()
            && let Some(turn) = tenant.turn.take()
        {
            self.ring.remove(turn);
        }
        self.forget_idle(index);
        Some(work)
    }

    /// The earliest deadline of a waiting call, and the call.
    pub(crate) fn next_deadline(&self) -> Option<(Instant, CallId)> {
        self.deadlines.first()
    }

    /// The waiting calls in order.
    pub(crate) fn all_waiting(&self) -> Vec<CallId> {
        self.waiting.keys().collect()
    }

    /// The most calls that a tenant may run at once.
    fn most_running(&self, nameless: bool) -> usize {
        if nameless { self.limits.concurrency } else { self.limits.max_concurrency_per_tenant }
    }

    /// The limit that leaves no room for one more call of this tenant with this many bytes.
    fn fullness(&self, of_tenant: Option<&Tenant<T>>, nameless: bool, bytes: usize) -> Option<Full> {
        let QueueLimits { max_queue, max_queue_per_tenant, max_queue_bytes, max_queue_bytes_per_tenant, .. } =
            self.limits;
        let (waiting, held) = of_tenant.map_or((0, 0), |tenant| (tenant.waiting.len(), tenant.bytes));
        if self.waiting.len() >= max_queue {
            Some(Full::Queue)
        } else if !nameless && waiting >= max_queue_per_tenant {
            Some(Full::Tenant)
        } else if self.bytes.saturating_add(bytes) > max_queue_bytes {
            Some(Full::QueueBytes(self.bytes))
        } else if !nameless && held.saturating_add(bytes) > max_queue_bytes_per_tenant {
            Some(Full::TenantBytes(held))
        } else {
            None
        }
    }

    fn start(&mut self, index: TenantIndex) {
        self.running = self.running.saturating_add(1);
        if let Some(tenant) = self.tenants.get_mut(index.0) {
            tenant.running = tenant.running.saturating_add(1);
        }
    }

    /// Puts a tenant at the end of the ring if it may run a waiting call and is not there yet.
    fn give_turn(&mut self, index: TenantIndex) {
        let most_running = self.most_running(index == NAMELESS);
        let Some(tenant) = self.tenants.get_mut(index.0) else { return };
        if tenant.turn.is_none() && !tenant.waiting.is_empty() && tenant.running < most_running {
            tenant.turn = Some(self.next_turn);
            self.ring.push(self.next_turn, index);
            self.next_turn = self.next_turn.wrapping_add(1);
        }
    }

    fn remember(&mut self, name: Option<&str>) -> TenantIndex {
        let name: Option<Arc<str>> = name.map(Arc::from);
        let tenant = Tenant::new(name.clone());
        let index = self.vacant.pop().unwrap_or(TenantIndex(self.tenants.len()));
        match self.tenants.get_mut(index.0) {
            Some(vacant) => *vacant = tenant,
            None => self.tenants.push(tenant),
        }
        if let Some(name) = name {
            self.indices.insert(name, index);
        }
        index
    }

    fn forget_idle(&mut self, index: TenantIndex) {
        let Some(tenant) = self.tenants.get_mut(index.0) else { return };
        if tenant.running == 0
            && tenant.waiting.is_empty()
            && let Some(name) = tenant.name.take()
        {
            self.indices.remove(&name);
            self.vacant.push(index);
        }
    }
}

impl<T> Tenant<T> {
    fn new(name: Option<Arc<str>>) -> Self {
        Self { name, waiting: Line::new(), bytes: 0, running: 0, turn: None }
    }
}

#[cfg(test)]
mod tests;
