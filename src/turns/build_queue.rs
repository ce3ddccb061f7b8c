//! Chooses the next build: the builds of all threads of the process take turns by tenant.

use std::sync::Arc;

use tokio::sync::oneshot::Receiver;

use crate::turns::turn_queue::{Running, Slot, TurnQueue, TurnRules, Waiting};

/// Builds that run at once. Each holds an engine's memory, and a server also has loads and calls to make.
pub(crate) const MOST_AT_ONCE: u32 = 2;

/// Of these, builds of one tenant: one that takes its whole time leaves room for the others'.
const MOST_OF_ONE_TENANT: usize = 1;

/// The queue of the process.
pub(crate) static BUILDS: TurnQueue<Builds> = TurnQueue::new();

/// On whose behalf a build runs. Builds without a tenant take turns as one tenant, and may take all of the queue.
pub(crate) type Tenant = Option<Arc<str>>;

/// The rules of [`BUILDS`].
pub(crate) struct Builds;

/// A build that may run. Dropping it frees its slot.
pub(crate) type BuildSlot = Slot<Builds>;

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

impl TurnRules for Builds {
    type Owner = Tenant;
    type Note = ();

    fn has_room(running: &[Running<Self>], tenant: &Tenant) -> bool {
        let of_tenant = running.iter().filter(|running| running.owner == *tenant).count();
        running.len() < MOST_AT_ONCE as usize && (tenant.is_none() || of_tenant < MOST_OF_ONE_TENANT)
    }
}

impl TurnQueue<Builds> {
    /// Queues a build, unless it must wait and too many wait already.
    pub(crate) fn enter_within(
        &'static self,
        tenant: Tenant,
        limits: WaitLimits,
    ) -> Result<(u64, Receiver<BuildSlot>), Full> {
        let has_tenant = tenant.is_some();
        self.enter_if(tenant, |Waiting { in_total, of_owner }| {
            if has_tenant && of_owner >= limits.max_queue_per_tenant {
                return Err(Full::Tenant);
            }
            if in_total >= limits.max_queue { Err(Full::Queue) } else { Ok(()) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Builds, Full, TurnQueue, WaitLimits};
    use crate::turns::turn_queue::tests::{came, queue};

    const LIMITS: WaitLimits = WaitLimits { max_queue: 4, max_queue_per_tenant: 2 };

    fn enter(
        queue: &'static TurnQueue<Builds>,
        tenant: Option<&str>,
    ) -> Result<super::Receiver<super::BuildSlot>, Full> {
        queue.enter_within(tenant.map(Into::into), LIMITS).map(|(_, slot)| slot)
    }

    /// The places of the builds that run, with those that begin when these end.
    fn started(tenants: &[Option<&str>], ends: usize) -> (Vec<usize>, Vec<usize>) {
        let queue = queue();
        let mut slots: Vec<_> = tenants.iter().map(|tenant| enter(queue, *tenant).unwrap()).collect();
        let mut first = came(&mut slots);
        let places = first.iter().map(|(place, _)| *place).collect();
        first.retain(|(place, _)| *place != ends);
        (places, came(&mut slots).iter().map(|(place, _)| *place).collect())
    }

    #[test]
    fn a_tenant_takes_one_slot_and_leaves_the_other_one() {
        let (a, b) = (Some("a"), Some("b"));
        assert_eq!(started(&[a, a, b, b], 0), (vec![0, 2], vec![1]));
    }

    #[test]
    fn tenants_take_turns_however_many_builds_one_of_them_asks_for() {
        let (a, b, c) = (Some("a"), Some("b"), Some("c"));
        assert_eq!(started(&[a, a, a, b, c], 3), (vec![0, 3], vec![4]));
    }

    #[test]
    fn builds_without_a_tenant_take_both_slots() {
        assert_eq!(started(&[None, None, None], 0), (vec![0, 1], vec![2]));
    }

    #[test]
    fn too_many_waiting_builds_are_refused() {
        let queue = queue();
        let (mut slots, mut running) = (Vec::new(), Vec::new());
        let full = [Some("a"), Some("a"), Some("a"), Some("a"), Some("b"), None, None, None].map(|tenant| {
            let entered = enter(queue, tenant);
            let refused = entered.as_ref().err().copied();
            slots.extend(entered);
            running.extend(came(&mut slots));
            refused
        });
        assert_eq!(full, [None, None, None, Some(Full::Tenant), None, None, None, Some(Full::Queue)]);
    }
}
