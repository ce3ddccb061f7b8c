//! Calls while the kernel moves their pages, or swaps them out. Then a page that a guest wrote to looks for a moment as if it were
//! not there, and must be reset all the same.
//!
//! Both need root. `HOOKCELL_RESIDUE_CALLS` sets how many calls are made. A disturbance takes locks that calls wait for, so there is
//! one for every so many calls, and the calls go on meanwhile. How many pages resets really met is counted.

use std::sync::mpsc;
use std::time::Instant;

use crate::closed_pages;
use crate::disturbance::{Swap, compact, page_out, swapped_out};
use crate::tenant::{End, FEW_PAGES, From, MARKS, MOST_PAGES, Random, Tenant};

/// The calls of a brief run.
const CALLS: u32 = 1_200;

/// In a run of so many calls, some resets must meet a page that is not there.
const MANY_CALLS: u32 = 100_000;

/// The calls from one disturbance to the next.
const CALLS_BETWEEN: u32 = 40;

/// The disturbance, by the name of what it does.
struct Disturbance<F> {
    name: &'static str,
    disturb: F,
}

impl<F: Fn() + Sync> Disturbance<F> {
    /// Makes many calls, in each kind of memories. Returns the pages that were not there when a reset looked.
    fn meets_calls(&self) -> u64 {
        let all = calls();
        let slots = self.meets_calls_in(From::Slots(1), all / 4) + self.meets_calls_in(From::Slots(4), all / 2);
        self.meets_calls_in(From::OnDemand, all / 4);
        slots
    }

    fn meets_calls_in(&self, from: From, calls: u32) -> u64 {
        let engine = from.engine();
        let callers = if from == From::Slots(1) { 1 } else { 3 };
        // One for each thread that calls, so that their sizes mix in the slots.
        let pages = [MOST_PAGES, FEW_PAGES, FEW_PAGES];
        let tenants = pages.map(|most| [(); 2].map(|()| Tenant::with_pages(&engine, most)));
        let (begin, begins) = mpsc::sync_channel(1);
        let started = Instant::now();
        let mut disturbances = 0;
        std::thread::scope(|scope| {
            for (seed, first) in (1..=callers).zip(0..) {
                let (begin, tenants) = (begin.clone(), &tenants);
                scope.spawn(move || {
                    let mut random = Random(seed);
                    for round in 0..calls / callers / 2 {
                        // Most calls are of small ones.
                        let size = if callers == 1 { random.below(8) % 3 } else { first };
                        call_twice(&tenants[size as usize], &mut random, from);
                        if round % (CALLS_BETWEEN / 2) == 0 {
                            // One may already be under way.
                            let _ = begin.try_send(());
                        }
                    }
                });
            }
            if from == From::Slots(4) {
                // In the fourth slot, and in turns with the others.
                let (engine, begin) = (&engine, begin.clone());
                scope.spawn(move || {
                    let runtime = closed_pages::runtime(engine);
                    for round in 0..calls / 400 {
                        closed_pages::write_in_each_way(&runtime, round % 2 == 0);
                        let _ = begin.try_send(());
                    }
                });
            }
            drop(begin);
            for () in begins {
                (self.disturb)();
                disturbances += 1;
            }
        });
        let (met, seconds) = (engine.absent_pages(), started.elapsed().as_secs());
        let name = self.name;
        eprintln!("{from:?}: {calls} calls beside {disturbances} times {name} met {met} absent pages, {seconds} s");
        met
    }
}

fn calls() -> u32 {
    std::env::var("HOOKCELL_RESIDUE_CALLS").map_or(CALLS, |calls| calls.parse().unwrap())
}

/// A call that leaves marks, and one that looks for them.
fn call_twice([one, other]: &[Tenant; 2], random: &mut Random, from: From) {
    let reader = random.one_of(&other.readers);
    if random.below(2) == 0 {
        let writer: &String = random.one_of(&one.writers);
        // Those that wait for their end are rare, because they take hundreds of times as long.
        let ends = if random.below(16) == 0 { &End::ALL[..] } else { &End::BRIEF[..] };
        one.write(writer, *random.one_of(ends));
    } else {
        let marks: &&str = random.one_of(&MARKS);
        other.mark(reader, marks);
    }
    assert_eq!(other.read(reader, "before_hook"), None, "{reader}, {from:?}");
}

#[test]
fn nothing_is_found_while_the_kernel_moves_pages() {
    if !compact() {
        eprintln!("SKIPPED: compacting memory needs root");
        return;
    }
    let met = Disturbance { name: "compaction", disturb: || assert!(compact()) }.meets_calls();
    assert!(met > 0 || calls() < MANY_CALLS, "no reset met a page that was being moved");
}

#[test]
fn nothing_is_found_while_pages_are_swapped_out() {
    let Some(_swap) = Swap::on() else {
        eprintln!("SKIPPED: this machine cannot make a swap file");
        return;
    };
    let before = swapped_out();
    let met = Disturbance { name: "swapping out", disturb: page_out }.meets_calls();
    assert!(swapped_out() > before, "no page was swapped out");
    assert!(met > 0, "no reset met a page that was swapped out");
}
