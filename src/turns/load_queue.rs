//! Chooses the next load: the loads of all runtimes of the process take turns on a few threads.

use std::time::Duration;

use crate::turns::turn_queue::{Running, Slot, TurnQueue, TurnRules};

/// The most loads that run at once, in total and of one runtime. A load that compiles in this process cannot be
/// interrupted, so these bound the threads that loads take, and with `isolate` the compiler processes.
pub(crate) const MOST_AT_ONCE: u32 = 8;
const MOST_OF_ONE_RUNTIME: usize = 4;

/// The most brief loads that run at once, because each already compiles on all cores.
const BRIEF_AT_ONCE: usize = 2;

/// A load that has run for longer is not brief, and no longer blocks another load.
pub(crate) const BRIEF: Duration = Duration::from_millis(100);

/// The queue of the process.
pub(crate) static LOADS: TurnQueue<Loads> = TurnQueue::new();

/// The rules of [`LOADS`]. A runtime is its number in this process.
pub(crate) struct Loads;

/// A load that may run. Dropping it frees its slot.
pub(crate) type LoadSlot = Slot<Loads>;

/// How long a load has run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Length {
    #[default]
    Brief,
    Long,
}

impl TurnRules for Loads {
    type Owner = u64;
    type Note = Length;

    fn has_room(running: &[Running<Self>], runtime: &u64) -> bool {
        let count =
            |is_counted: &dyn Fn(&Running<Self>) -> bool| running.iter().filter(|load| is_counted(load)).count();
        running.len() < MOST_AT_ONCE as usize
            && count(&|load| load.note == Length::Brief) < BRIEF_AT_ONCE
            && count(&|load| load.owner == *runtime) < MOST_OF_ONE_RUNTIME
    }
}

impl TurnQueue<Loads> {
    /// The load has run for longer than [`BRIEF`].
    pub(crate) fn takes_long(&'static self, ticket: u64) {
        self.note(ticket, Length::Long);
    }
}

#[cfg(test)]
mod tests {
    use super::{BRIEF_AT_ONCE, Loads, MOST_AT_ONCE, MOST_OF_ONE_RUNTIME};
    use crate::turns::turn_queue::tests::{came, queue};

    #[test]
    fn only_a_few_loads_run_at_once_while_they_are_brief() {
        let queue = queue::<Loads>();
        let mut slots: Vec<_> = [1, 2, 3].into_iter().map(|runtime| queue.enter(runtime).1).collect();
        assert_eq!(came(&mut slots).len(), BRIEF_AT_ONCE);
    }

    #[test]
    fn long_loads_delay_no_other_load_until_there_are_too_many() {
        let queue = queue::<Loads>();
        let (tickets, mut slots): (Vec<_>, Vec<_>) = (0..20).map(|load| queue.enter(load / 10)).unzip();
        let mut running = Vec::new();
        loop {
            let started = came(&mut slots);
            if started.is_empty() {
                break;
            }
            for (place, slot) in started {
                running.push((place, slot));
                queue.takes_long(tickets[place]);
            }
        }
        assert_eq!(running.len(), MOST_AT_ONCE as usize);
        assert_eq!(running.iter().filter(|(place, _)| *place < 10).count(), MOST_OF_ONE_RUNTIME);
    }
}
