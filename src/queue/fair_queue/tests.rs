//! Tests of the queue alone, without threads.

use std::collections::HashSet;
use std::time::Duration;

use super::*;

mod a_full_queue;
mod a_wait;
mod tenants;

const ROOMY: QueueLimits = QueueLimits {
    concurrency: 1,
    max_queue: 1_000,
    max_concurrency_per_tenant: 1,
    max_queue_per_tenant: 1_000,
    max_queue_bytes: 1_000_000,
    max_queue_bytes_per_tenant: 1_000_000,
};

/// Offers calls by a label, and keeps track of the running ones.
struct Scene {
    queue: FairQueue<String>,
    began: Instant,
    last_id: CallId,
    /// In the order in which they got their slots.
    started: Vec<Turn<String>>,
}

impl Scene {
    fn new(limits: QueueLimits) -> Self {
        Self { queue: FairQueue::new(limits), began: Instant::now(), last_id: 0, started: Vec::new() }
    }

    /// Offers a call that can wait a minute. Returns its id if the queue takes it.
    fn offer(&mut self, label: &str, tenant: Option<&str>) -> Result<CallId, &'static str> {
        self.offer_until(60_000, label, tenant)
    }

    /// Offers a call that can wait until this many milliseconds after the start.
    fn offer_until(&mut self, deadline: u64, label: &str, tenant: Option<&str>) -> Result<CallId, &'static str> {
        self.last_id += 1;
        match self.queue.offer(self.last_id, tenant, self.time(deadline), label.len(), label.to_owned()) {
            Offered::Runs(turn) => self.started.push(turn),
            Offered::Waits => {}
            Offered::Refused(Full::Queue) => return Err("queue full"),
            Offered::Refused(Full::Tenant) => return Err("tenant full"),
            Offered::Refused(Full::QueueBytes(_)) => return Err("queue bytes"),
            Offered::Refused(Full::TenantBytes(_)) => return Err("tenant bytes"),
        }
        Ok(self.last_id)
    }

    /// Offers calls that the queue takes, each of the tenant named by the first letter of its label.
    fn enter(&mut self, labels: &[&str]) -> Vec<CallId> {
        labels.iter().map(|label| self.offer(label, label.get(..1)).unwrap()).collect()
    }

    /// Offers calls that the queue takes, without a tenant.
    fn enter_nameless(&mut self, labels: &[&str]) -> Vec<CallId> {
        labels.iter().map(|label| self.offer(label, None).unwrap()).collect()
    }

    fn time(&self, milliseconds: u64) -> Instant {
        self.began + Duration::from_millis(milliseconds)
    }

    fn running(&self) -> Vec<&str> {
        self.started.iter().map(|turn| turn.work.as_str()).collect()
    }

    fn tenants(&self) -> usize {
        self.queue.indices.len()
    }

    /// Ends a running call, and gives its slot to the next one.
    fn end(&mut self, label: &str) {
        let index = self.started.iter().position(|turn| turn.work == label).unwrap();
        self.end_at(index);
    }

    fn end_at(&mut self, index: usize) {
        let turn = self.started.remove(index);
        self.queue.end(turn.tenant);
        self.started.extend(self.queue.next());
        assert!(self.queue.next().is_none(), "one slot was given back, and two calls were given one");
    }

    /// Ends the running calls, each time the oldest one, until none is left. Returns their order.
    fn drain(mut self) -> Vec<String> {
        let mut order = Vec::new();
        while let Some(turn) = self.started.first() {
            order.push(turn.work.clone());
            self.end_at(0);
        }
        self.assert_empty();
        order
    }

    /// The queue remembers nothing.
    fn assert_empty(&self) {
        let FairQueue { ref indices, ref ring, ref waiting, ref deadlines, running, .. } = self.queue;
        assert_eq!((indices.len(), ring.len(), waiting.len(), deadlines.len(), running), (0, 0, 0, 0, 0));
        // All tenants but the one without a name.
        assert_eq!(self.queue.tenants.len(), self.queue.vacant.len() + 1);
    }
}

mod slots {
    use super::*;

    #[test]
    fn are_given_at_once_while_there_are_any() {
        let mut scene = Scene::new(QueueLimits { concurrency: 2, ..ROOMY });
        scene.enter_nameless(&["a", "b", "c"]);

        assert_eq!(scene.running(), ["a", "b"]);
        assert_eq!((scene.queue.running(), scene.queue.waiting()), (2, 1));
        assert_eq!(scene.drain(), ["a", "b", "c"]);
    }

    #[test]
    fn go_to_waiting_calls_in_order() {
        let mut scene = Scene::new(ROOMY);
        let labels: Vec<_> = (0..50).map(|index| format!("call {index}")).collect();
        for label in &labels {
            scene.offer(label, None).unwrap();
        }

        assert_eq!(scene.drain(), labels);
    }

    #[test]
    fn that_are_given_to_waiting_calls_are_taken_so_a_later_call_overtakes_none() {
        let mut scene = Scene::new(ROOMY);
        scene.enter_nameless(&["runs", "waits"]);

        scene.end("runs");
        scene.enter_nameless(&["comes"]);

        assert_eq!(scene.running(), ["waits"]);
        assert_eq!(scene.drain(), ["waits", "comes"]);
    }

    #[test]
    fn that_are_freed_together_are_all_given_again() {
        let mut scene = Scene::new(QueueLimits { concurrency: 2, ..ROOMY });
        scene.enter_nameless(&["a", "b", "c", "d", "e"]);

        for turn in scene.started.drain(..) {
            scene.queue.end(turn.tenant);
        }
        assert_eq!(scene.queue.running(), 0);
        scene.started.extend(std::iter::from_fn(|| scene.queue.next()));

        assert_eq!(scene.running(), ["c", "d"]);
        assert_eq!(scene.drain(), ["c", "d", "e"]);
    }
}

#[test]
fn all_waiting_calls_can_be_removed_in_order_and_running_calls_stay() {
    let mut scene = Scene::new(QueueLimits { concurrency: 2, ..ROOMY });
    scene.enter(&["a1", "a2", "b1", "b2", "c1"]);
    scene.enter_nameless(&["nameless"]);

    let ids = scene.queue.all_waiting();
    let out: Vec<_> = ids.into_iter().filter_map(|id| scene.queue.remove(id)).collect();

    assert_eq!(out, ["a2", "b2", "c1", "nameless"]);
    assert_eq!(scene.drain(), ["a1", "b1"]);
}

#[test]
fn in_any_order_of_calls_no_share_is_exceeded_and_no_call_waits_for_a_free_slot() {
    const TENANTS: [Option<&str>; 5] = [None, Some("a"), Some("b"), Some("c"), Some("d")];
    let limits =
        QueueLimits { concurrency: 4, max_queue: 40, max_concurrency_per_tenant: 2, max_queue_per_tenant: 12, ..ROOMY };
    let mut scene = Scene::new(limits);
    let mut waits: Vec<(CallId, Option<&str>)> = Vec::new();
    // Park and Miller's generator gives the same numbers in every run.
    let mut seed: usize = 1;
    let mut random = |below: usize| {
        seed = seed * 48_271 % 2_147_483_647;
        seed % below
    };
    let running_of = |scene: &Scene, name: &str| scene.running().iter().filter(|label| **label == name).count();

    for _ in 0..5_000 {
        let tenant = TENANTS[random(TENANTS.len())];
        match random(10) {
            0..6 => {
                if let Ok(id) = scene.offer(tenant.unwrap_or_default(), tenant) {
                    waits.push((id, tenant));
                }
            }
            6..9 if !scene.started.is_empty() => scene.end_at(random(scene.started.len())),
            _ if !waits.is_empty() => {
                let (id, _) = waits.swap_remove(random(waits.len()));
                assert!(scene.queue.remove(id).is_some());
            }
            _ => {}
        }
        waits.retain(|(id, _)| scene.started.iter().all(|turn| turn.id != *id));

        let busy: HashSet<_> =
            scene.running().into_iter().chain(waits.iter().filter_map(|(_, tenant)| *tenant)).collect();
        let named = busy.iter().filter(|name| !name.is_empty()).count();
        assert_eq!(scene.queue.running(), scene.started.len());
        assert_eq!(scene.queue.waiting(), waits.len());
        assert_eq!(scene.tenants(), named);
        assert!(scene.started.len() <= limits.concurrency);
        let of_share = |name: &str| running_of(&scene, name).cmp(&limits.max_concurrency_per_tenant);
        assert!(TENANTS.iter().flatten().all(|name| of_share(name).is_le()), "more than its share: {busy:?}");
        let may_run = |tenant: Option<&str>| tenant.is_none_or(|name| of_share(name).is_lt());
        let is_held_up = scene.started.len() < limits.concurrency && waits.iter().any(|(_, tenant)| may_run(*tenant));
        assert!(!is_held_up, "a slot is free: {:?} run, {waits:?} wait", scene.running());
    }

    for id in scene.queue.all_waiting() {
        scene.queue.remove(id);
    }
    scene.drain();
}
