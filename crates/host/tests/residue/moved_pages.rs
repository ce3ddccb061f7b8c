//! Calls while the kernel moves their pages, or swaps them out. Then a page that a guest wrote to looks for a moment as if it were
//! not there, and must be reset all the same.
//!
//! Both need root. `HOOKCELL_RESIDUE_CALLS` sets how many calls are made; a million take about half an hour.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::closed_pages;
use crate::tenant::{End, From, MARKS, Random, Tenant};

const COMPACT: &str = "/proc/sys/vm/compact_memory";

/// Makes so many calls in total, in each kind of memories, while `disturb` runs again and again.
fn nothing_is_found_beside(disturb: impl Fn() + Sync) {
    let calls: u32 = std::env::var("HOOKCELL_RESIDUE_CALLS").map_or(1_200, |calls| calls.parse().unwrap());
    for from in [From::Slots(1), From::Slots(4), From::OnDemand] {
        let engine = from.engine();
        let threads = if from == From::Slots(1) { 1 } else { 3 };
        let tenants: Vec<_> = (0..threads).map(|_| (Tenant::of(&engine), Tenant::of(&engine))).collect();
        let has_ended = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let disturbing = scope.spawn(|| {
                while !has_ended.load(Ordering::Relaxed) {
                    disturb();
                }
            });
            let callers: Vec<_> = (1..)
                .zip(&tenants)
                .map(|(seed, (one, other))| {
                    scope.spawn(move || {
                        let mut random = Random(seed);
                        for _ in 0..calls / 6 / threads {
                            let reader = random.one_of(&other.readers);
                            if random.below(2) == 0 {
                                let writer: &String = random.one_of(&one.writers);
                                one.write(writer, *random.one_of(&End::ALL));
                            } else {
                                let marks: &&str = random.one_of(&MARKS);
                                other.mark(reader, marks);
                            }
                            assert_eq!(other.read(reader, "before_hook"), None, "{reader}, {from:?}");
                        }
                    })
                })
                .collect();
            // In the fourth slot, and in turns with the others.
            let closing = (from == From::Slots(4)).then(|| {
                scope.spawn(|| {
                    let runtime = closed_pages::runtime(&engine);
                    (0..calls / 400).for_each(|round| closed_pages::write_in_each_way(&runtime, round % 2 == 0));
                })
            });
            let results: Vec<_> = callers.into_iter().chain(closing).map(std::thread::ScopedJoinHandle::join).collect();
            has_ended.store(true, Ordering::Relaxed);
            disturbing.join().unwrap();
            for result in results {
                result.unwrap();
            }
        });
    }
}

#[test]
fn nothing_is_found_while_the_kernel_moves_pages() {
    if fs::write(COMPACT, "1").is_err() {
        eprintln!("SKIPPED: compacting memory needs root ({COMPACT})");
        return;
    }
    nothing_is_found_beside(|| fs::write(COMPACT, "1").unwrap());
}

#[test]
fn nothing_is_found_while_pages_are_swapped_out() {
    let Some(_swap) = Swap::on() else {
        eprintln!("SKIPPED: this machine cannot make a swap file");
        return;
    };
    let before = swapped_out();
    nothing_is_found_beside(page_out);
    assert!(swapped_out() > before, "no page was swapped out");
}

/// The pages that were ever swapped out.
fn swapped_out() -> u64 {
    let counts = fs::read_to_string("/proc/vmstat").unwrap();
    let line = counts.lines().find_map(|line| line.strip_prefix("pswpout ")).unwrap();
    line.parse().unwrap()
}

/// Asks the kernel to swap out whatever is written and large in this process, such as the slots.
#[cfg(target_os = "linux")]
fn page_out() {
    for line in fs::read_to_string("/proc/self/maps").unwrap().lines() {
        let mut words = line.split_whitespace();
        let (Some(range), Some("rw-p" | "r--p")) = (words.next(), words.next()) else { continue };
        let Some((begins, ends)) = range.split_once('-') else { continue };
        let [begins, ends] = [begins, ends].map(|address| usize::from_str_radix(address, 16).unwrap());
        if ends - begins >= 65_536 {
            let pages = std::ptr::without_provenance_mut(begins);
            // SAFETY: swapping a page out does not change what it contains. If it is not mapped any more, the call fails.
            unsafe { libc::madvise(pages, ends - begins, libc::MADV_PAGEOUT) };
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn page_out() {}

/// A swap file that is in use.
struct Swap(PathBuf);

impl Swap {
    fn on() -> Option<Self> {
        const MEGABYTES: usize = 512;
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("swap-{}", std::process::id()));
        // A swap file may have no holes.
        fs::write(&file, vec![1; MEGABYTES * 1_024 * 1_024]).ok()?;
        let swap = Self(file);
        let runs = |program: &str| {
            let status = Command::new(program).arg(&swap.0).stdout(std::process::Stdio::null()).status();
            status.is_ok_and(|status| status.success())
        };
        (Command::new("chmod").arg("600").arg(&swap.0).status().is_ok() && runs("mkswap") && runs("swapon"))
            .then_some(swap)
    }
}

impl Drop for Swap {
    fn drop(&mut self) {
        // It fails if the swap was never on.
        let _ = Command::new("swapoff").arg(&self.0).stderr(std::process::Stdio::null()).status();
        let _ = fs::remove_file(&self.0);
    }
}
