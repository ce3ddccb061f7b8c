//! Replies that wait until the event loop has time for them.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use hookcell_host::MAX_CHAIN;

use crate::call::call_reply::CallReply;
use crate::queue::fair_queue::CallId;

/// The cost of a reply to the event loop in addition to its text, in bytes of text.
const REPLY_BYTES: usize = 256;

/// The steps of a chain that cost as much as a reply.
const STEPS_PER_REPLY: u32 = 4;

/// The cost of a step of a chain, in bytes of text.
const STEP_BYTES: usize = REPLY_BYTES / STEPS_PER_REPLY as usize;

/// The most replies of a batch.
pub(crate) const MOST_REPLIES: u32 = 64;

/// The most steps of a batch: those before it has enough bytes, and those of its last reply.
pub(crate) const MOST_STEPS: u32 = MOST_REPLIES * STEPS_PER_REPLY + MAX_CHAIN;

/// The bytes after which a batch ends: the event loop checks the clock between batches.
const ENOUGH_BYTES: usize = MOST_REPLIES as usize * REPLY_BYTES;

/// The replies for which it is always worth waking the event loop. To wake it takes as long as to deliver two or three.
const WORTH_A_BATCH: usize = 8;

/// Replies that are delivered to JavaScript at once.
pub(crate) type Batch = Vec<(CallId, CallReply)>;

/// Replies that JavaScript has not taken yet, in the order of arrival for each tenant.
#[derive(Debug)]
pub(crate) struct Delivery {
    /// Above this many bytes of replies, workers take no further call.
    max_bytes: usize,
    /// What they cost the event loop.
    bytes: usize,
    /// What they hold for the event loop's thread to free.
    returned_bytes: usize,
    count: usize,
    /// The replies to calls without a tenant.
    nameless: VecDeque<(CallId, CallReply)>,
    lanes: HashMap<Arc<str>, VecDeque<(CallId, CallReply)>>,
    /// The tenants with replies, in the order of their turns.
    turns: VecDeque<Lane>,
}

/// The tenant of the replies. Calls without a tenant share one lane.
pub(crate) type Lane = Option<Arc<str>>;

impl Delivery {
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self {
            max_bytes,
            bytes: 0,
            returned_bytes: 0,
            count: 0,
            nameless: VecDeque::new(),
            lanes: HashMap::new(),
            turns: VecDeque::new(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    /// How many replies there are.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Are there too many bytes for another call to start?
    pub(crate) fn is_full(&self) -> bool {
        self.bytes.saturating_add(self.returned_bytes) > self.max_bytes
    }

    /// Is there enough for a batch, if only this many more replies are to come soon?
    pub(crate) fn is_worth_a_batch(&self, to_come: usize) -> bool {
        self.count >= to_come.min(WORTH_A_BATCH) || self.bytes >= ENOUGH_BYTES
    }

    pub(crate) fn add(&mut self, lane: Lane, id: CallId, reply: CallReply) {
        self.bytes = self.bytes.saturating_add(cost(&reply));
        self.returned_bytes = self.returned_bytes.saturating_add(reply.returned_bytes());
        self.count = self.count.saturating_add(1);
        let replies = match &lane {
            Some(name) => self.lanes.entry(Arc::clone(name)).or_default(),
            None => &mut self.nameless,
        };
        if replies.is_empty() {
            self.turns.push_back(lane);
        }
        replies.push_back((id, reply));
    }

    /// Takes replies of at most this many bytes, one tenant after the other. With `at_least_one`, the first reply may be
    /// longer. A tenant whose reply does not fit keeps its turn.
    pub(crate) fn take(&mut self, most: usize, at_least_one: bool) -> Batch {
        let mut batch = Vec::with_capacity(self.count.min(MOST_REPLIES as usize));
        let mut taken: usize = 0;
        let mut turn = 0;
        while taken < ENOUGH_BYTES
            && let Some(lane) = self.turns.get(turn)
        {
            let room = if at_least_one && batch.is_empty() { usize::MAX } else { most.saturating_sub(taken) };
            let replies = match lane {
                Some(name) => self.lanes.get_mut(name),
                None => Some(&mut self.nameless),
            };
            let Some(replies) = replies else { break };
            let Some((id, reply)) = replies.pop_front_if(|(_, reply)| cost(reply) <= room) else {
                turn = turn.saturating_add(1);
                continue;
            };
            let is_last = replies.is_empty();
            taken = taken.saturating_add(cost(&reply));
            self.bytes = self.bytes.saturating_sub(cost(&reply));
            self.returned_bytes = self.returned_bytes.saturating_sub(reply.returned_bytes());
            self.count = self.count.saturating_sub(1);
            batch.push((id, reply));
            if let Some(lane) = self.turns.remove(turn) {
                match lane {
                    lane if !is_last => self.turns.push_back(lane),
                    Some(name) => drop(self.lanes.remove(&name)),
                    None => {}
                }
            }
            // A tenant that was skipped is first when there is room again.
            turn = turn.min(self.turns.len());
        }
        batch
    }
}

fn cost(reply: &CallReply) -> usize {
    let steps = reply.steps.len().saturating_mul(STEP_BYTES);
    reply.text.len().saturating_add(steps).saturating_add(REPLY_BYTES)
}

#[cfg(test)]
mod tests {
    use super::{Delivery, ENOUGH_BYTES, REPLY_BYTES};
    use crate::call::call_reply::CallReply;

    const KIB: usize = 1_024;

    fn delivery(replies: &[(u64, &str, usize)]) -> Delivery {
        let mut delivery = Delivery::new(10 * KIB);
        for (id, tenant, bytes) in replies {
            delivery.add(Some((*tenant).into()), *id, "x".repeat(*bytes).into());
        }
        delivery
    }

    fn take(delivery: &mut Delivery, most: usize, at_least_one: bool) -> Vec<u64> {
        delivery.take(most, at_least_one).into_iter().map(|(id, _)| id).collect()
    }

    #[test]
    fn tenants_take_turns_and_the_replies_of_one_keep_their_order() {
        let mut delivery = delivery(&[(1, "a", 1), (2, "a", 1), (3, "a", 1), (4, "b", 1), (5, "b", 1)]);
        assert_eq!(take(&mut delivery, 10 * KIB, true), [1, 4, 2, 5, 3]);
        assert!(delivery.is_empty());
        assert_eq!(delivery.bytes, 0);
    }

    #[test]
    fn a_batch_ends_when_there_is_no_room_and_can_have_at_least_one_reply() {
        let mut delivery = delivery(&[(1, "a", KIB), (2, "a", KIB), (3, "a", 100 * KIB)]);
        assert!(take(&mut delivery, KIB, false).is_empty());
        assert_eq!(take(&mut delivery, 2 * KIB, true), [1]);
        assert_eq!(take(&mut delivery, 2 * KIB, false), [2]);
        assert!(take(&mut delivery, 99 * KIB, false).is_empty());
        assert_eq!(take(&mut delivery, 0, true), [3]);
    }

    #[test]
    fn a_reply_that_does_not_fit_delays_no_other_tenant_and_is_next() {
        let mut delivery = delivery(&[(1, "a", 100 * KIB), (2, "b", 1), (3, "b", 1), (4, "c", 1)]);
        assert_eq!(take(&mut delivery, KIB, false), [2, 4, 3]);
        delivery.add(Some("b".into()), 5, "x".to_owned().into());
        assert_eq!(take(&mut delivery, KIB, true), [1]);
        assert_eq!(take(&mut delivery, KIB, false), [5]);
    }

    #[test]
    fn a_batch_is_never_longer_than_enough_even_if_there_is_room() {
        let mut delivery = delivery(&[(1, "a", ENOUGH_BYTES), (2, "a", ENOUGH_BYTES)]);
        assert_eq!(take(&mut delivery, usize::MAX, true), [1]);
        assert_eq!(take(&mut delivery, usize::MAX, true), [2]);
    }

    #[test]
    fn it_is_full_above_its_bytes_and_not_after_they_are_taken() {
        let mut delivery = delivery(&[(1, "a", 10 * KIB - REPLY_BYTES)]);
        assert!(!delivery.is_full());
        delivery.add(None, 2, String::new().into());
        assert!(delivery.is_full());
        delivery.take(usize::MAX, true);
        assert!(!delivery.is_full());
    }

    #[test]
    fn it_is_full_of_contexts_that_return_and_not_after_they_are_taken() {
        let mut delivery = delivery(&[]);
        for id in 0..3 {
            assert!(!delivery.is_full());
            delivery.add(None, id, CallReply::default().with_context("x".repeat(4 * KIB)));
        }
        assert!(delivery.is_full());
        assert_eq!(take(&mut delivery, usize::MAX, true), [0, 1, 2]);
        assert!(!delivery.is_full());
        assert_eq!(delivery.returned_bytes, 0);
    }
}
