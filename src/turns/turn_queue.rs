//! A queue of work that runs off the event loop. Those who ask for it take turns; what one of them asks for runs in that order.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot::{self, Receiver, Sender};

/// Who takes turns, and who may run next.
pub(crate) trait TurnRules: Sized + 'static {
    /// On whose behalf work waits and runs.
    type Owner: Clone + PartialEq;

    /// What the rules remember of running work; the default when it begins.
    type Note: Default;

    /// May work of this owner run beside what runs now?
    fn has_room(running: &[Running<Self>], owner: &Self::Owner) -> bool;
}

/// Work that runs.
pub(crate) struct Running<R: TurnRules> {
    ticket: u64,
    pub(crate) owner: R::Owner,
    pub(crate) note: R::Note,
}

/// How much work waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) in_total: usize,
    pub(crate) of_owner: usize,
}

/// A queue for the process.
pub(crate) struct TurnQueue<R: TurnRules> {
    state: Mutex<State<R>>,
}

struct State<R: TurnRules> {
    last_ticket: u64,
    /// The owners of waiting work, in the order of their turns.
    lines: VecDeque<Line<R>>,
    running: Vec<Running<R>>,
}

/// The waiting work of one owner.
struct Line<R: TurnRules> {
    owner: R::Owner,
    starts: VecDeque<Start<R>>,
}

/// How waiting work learns that it may run.
struct Start<R: TurnRules> {
    ticket: u64,
    sender: Sender<Slot<R>>,
}

/// The ticket of work, and the receiver of its slot.
type Entered<R> = (u64, Receiver<Slot<R>>);

/// Work that may run. Dropping it frees its slot.
pub(crate) struct Slot<R: TurnRules> {
    queue: &'static TurnQueue<R>,
    ticket: u64,
}

impl<R: TurnRules> Drop for Slot<R> {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        state.running.retain(|running| running.ticket != self.ticket);
        self.queue.start(state);
    }
}

impl<R: TurnRules> TurnQueue<R> {
    /// An empty queue.
    pub(crate) const fn new() -> Self {
        Self { state: Mutex::new(State { last_ticket: 0, lines: VecDeque::new(), running: Vec::new() }) }
    }

    /// Queues work. Returns its ticket and the receiver of its slot, which receives nothing if the work is
    /// [forgotten](Self::forget) first.
    pub(crate) fn enter(&'static self, owner: R::Owner) -> Entered<R> {
        let Ok(entered) = self.enter_if(owner, |_| Ok::<(), Infallible>(()));
        entered
    }

    /// The same, unless the work must wait and `may_wait` refuses it.
    pub(crate) fn enter_if<E>(
        &'static self,
        owner: R::Owner,
        may_wait: impl FnOnce(Waiting) -> Result<(), E>,
    ) -> Result<Entered<R>, E> {
        let mut state = self.lock();
        if !R::has_room(&state.running, &owner) {
            may_wait(state.waiting(&owner))?;
        }
        let (sender, slot) = oneshot::channel();
        let ticket = state.wait(owner, sender);
        self.start(state);
        Ok((ticket, slot))
    }

    /// Forgets waiting work; running work is not affected.
    pub(crate) fn forget(&self, ticket: u64) {
        for line in &mut self.lock().lines {
            line.starts.retain(|start| start.ticket != ticket);
        }
    }

    /// Changes the note of running work, which may let other work begin.
    pub(crate) fn note(&'static self, ticket: u64, note: R::Note) {
        let mut state = self.lock();
        if let Some(running) = state.running.iter_mut().find(|running| running.ticket == ticket) {
            running.note = note;
        }
        self.start(state);
    }

    /// Starts the work that may run now.
    fn start(&'static self, mut state: MutexGuard<'_, State<R>>) {
        let mut refused = Vec::new();
        while let Some(Start { ticket, sender }) = state.next() {
            refused.extend(sender.send(Slot { queue: self, ticket }).err());
        }
        // This work was cancelled. Dropping a slot takes the lock.
        drop(state);
        drop(refused);
    }

    fn lock(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: TurnRules> State<R> {
    fn waiting(&self, owner: &R::Owner) -> Waiting {
        let count = |line: &Line<R>| line.starts.len();
        let of_owner = self.lines.iter().find(|line| line.owner == *owner).map_or(0, count);
        Waiting { in_total: self.lines.iter().map(count).sum(), of_owner }
    }

    fn wait(&mut self, owner: R::Owner, sender: Sender<Slot<R>>) -> u64 {
        self.last_ticket = self.last_ticket.wrapping_add(1);
        let start = Start { ticket: self.last_ticket, sender };
        match self.lines.iter_mut().find(|line| line.owner == owner) {
            Some(line) => line.starts.push_back(start),
            None => self.lines.push_back(Line { owner, starts: VecDeque::from([start]) }),
        }
        self.last_ticket
    }

    /// Takes the next work that may run. Its owner then has the last turn.
    fn next(&mut self) -> Option<Start<R>> {
        self.lines.retain(|line| !line.starts.is_empty());
        let turn = self.lines.iter().position(|line| R::has_room(&self.running, &line.owner))?;
        let mut line = self.lines.remove(turn)?;
        let start = line.starts.pop_front()?;
        self.running.push(Running { ticket: start.ticket, owner: line.owner.clone(), note: R::Note::default() });
        self.lines.push_back(line);
        Some(start)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::convert::Infallible;

    use tokio::sync::oneshot::Receiver;

    use super::{Running, Slot, TurnQueue, TurnRules, Waiting};

    /// A queue that lives as long as the process.
    pub(crate) fn queue<R: TurnRules>() -> &'static TurnQueue<R> {
        Box::leak(Box::new(TurnQueue::new()))
    }

    /// The slots that have come since the last look, by their places in the list.
    pub(crate) fn came<R: TurnRules>(slots: &mut [Receiver<Slot<R>>]) -> Vec<(usize, Slot<R>)> {
        let slots = slots.iter_mut().enumerate();
        slots.filter_map(|(place, slot)| Some((place, slot.try_recv().ok()?))).collect()
    }

    /// One at a time.
    struct One;

    impl TurnRules for One {
        type Owner = u8;
        type Note = ();

        fn has_room(running: &[Running<Self>], _owner: &u8) -> bool {
            running.is_empty()
        }
    }

    #[test]
    fn owners_take_turns_and_the_work_of_one_keeps_its_order() {
        let queue = queue::<One>();
        let mut slots: Vec<_> = [1, 1, 1, 2, 3].into_iter().map(|owner| queue.enter(owner).1).collect();
        let mut order = Vec::new();
        // The first runs at once, so the second has the first turn. Dropping a slot starts the next.
        while let Some((place, _slot)) = came(&mut slots).pop() {
            order.push(place);
        }
        assert_eq!(order, [0, 1, 3, 4, 2]);
    }

    #[test]
    fn forgotten_work_gets_no_slot_and_takes_none_from_others() {
        let queue = queue::<One>();
        let (first, mut slot) = queue.enter(1);
        let (second, forgotten) = queue.enter(1);
        let (_, left) = queue.enter(1);
        let (_, last) = queue.enter(1);
        queue.forget(second);
        // Running work is not affected.
        queue.forget(first);
        // Nothing receives this one's slot.
        drop(left);
        let mut others = [forgotten, last];
        let slot = slot.try_recv().unwrap();
        assert!(came(&mut others).is_empty());
        drop(slot);
        assert_eq!(came(&mut others).iter().map(|(place, _)| *place).collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn only_work_that_must_wait_can_be_refused() {
        let queue = queue::<One>();
        let _slot = queue.enter_if(1, |_| -> Result<(), Waiting> { panic!("it need not wait") }).unwrap();
        let _waits = queue.enter_if(1, |_| Ok::<(), Infallible>(())).unwrap();
        let refused = |owner| queue.enter_if(owner, Err).err();
        assert_eq!(refused(1), Some(Waiting { in_total: 1, of_owner: 1 }));
        assert_eq!(refused(2), Some(Waiting { in_total: 1, of_owner: 0 }));
    }
}
