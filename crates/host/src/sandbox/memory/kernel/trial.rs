//! Does the kernel do what a reset relies on?

use std::ops::Range;

use crate::sandbox::memory::kernel::fault_count::{self, FaultWatch};
use crate::sandbox::memory::kernel::mapping::Mapping;
use crate::sandbox::memory::kernel::page_map::{PageMap, Run, page_bytes};

/// Does the kernel list written pages and no others, does it give pages back, and does it count page faults? Some sandboxes have the
/// list's file and not the request, and a process that locks its memory (`mlockall`) cannot give pages back.
pub(crate) fn works(page_map: &PageMap) -> bool {
    try_all(page_map).is_some_and(|works| works)
}

fn try_all(page_map: &PageMap) -> Option<bool> {
    const PAGES: usize = 4;
    let page = page_bytes();
    let mut mapping = Mapping::reserve().ok()?;
    mapping.set_accessible(page.checked_mul(PAGES)?).ok()?;
    let listed = |mapping: &mut Mapping| {
        let scan = page_map.scan(mapping.bytes(), true).ok()?;
        let runs = scan.runs().map(|Run { begins, length, .. }| begins..begins.saturating_add(length));
        (scan.ends >= mapping.accessible()).then(|| runs.collect::<Vec<Range<usize>>>())
    };
    if !listed(&mut mapping)?.is_empty() {
        return Some(false);
    }
    // It is read first, which is a fault of its own.
    let second = mapping.bytes().get_mut(page)?;
    let before = fault_count::count().ok()?;
    std::hint::black_box(&mut *second);
    *second = std::hint::black_box(1);
    let counts = fault_count::count().ok()? > before;
    FaultWatch::begin().may_have_seen_one();
    let watch = FaultWatch::begin();
    let second = mapping.bytes().get_mut(page)?;
    *second = std::hint::black_box(2);
    let stays = !watch.may_have_seen_one();
    let listed_now = listed(&mut mapping)?;
    let lists = listed_now.len() == 1 && listed_now.first()? == &(page..page.checked_mul(2)?);
    mapping.drop_pages(0..mapping.accessible()).ok()?;
    let drops = *mapping.bytes().get(page)? == 0 && listed(&mut mapping)?.is_empty();
    Some(counts && stays && lists && drops)
}
