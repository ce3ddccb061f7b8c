//! Ranges of a memory's pages, in bytes from its beginning.

use std::ops::Range;

/// What is between two ranges of pages that are in use.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    /// From the first page there to the last one.
    pub(crate) range: Range<usize>,
    /// The bytes of the pages there.
    pub(crate) bytes: usize,
}

/// The bytes of ranges that do not overlap.
pub(crate) fn bytes_of(ranges: &[Range<usize>]) -> usize {
    ranges.iter().map(ExactSizeIterator::len).fold(0, usize::saturating_add)
}

/// The same pages in order, each once.
pub(crate) fn joined(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_unstable_by_key(|range| range.start);
    ranges.dedup_by(|next, range| {
        let touches = next.start <= range.end;
        if touches {
            range.end = range.end.max(next.end);
        }
        touches
    });
    ranges
}

/// The gaps between the used ranges, before them and after them, the one with the most bytes of pages first. Both lists are
/// [`joined`]. A gap without pages is none.
pub(crate) fn gaps(used: &[Range<usize>], pages: &[Range<usize>]) -> Vec<Gap> {
    let begins = std::iter::once(0).chain(used.iter().map(|range| range.end));
    let ends = used.iter().map(|range| range.start).chain([usize::MAX]);
    let filled = begins.zip(ends).filter_map(|(begins, ends)| {
        let first = pages.partition_point(|range| range.end <= begins);
        let inside = pages.get(first..)?.iter().take_while(|range| range.start < ends);
        let inside = inside.map(|range| range.start.max(begins)..range.end.min(ends));
        let whole = inside.clone().map(|range| (range.start, range.end, range.len()));
        let (begins, ends, bytes) =
            whole.reduce(|gap, range| (gap.0, range.1, gap.2.saturating_add(range.2))).filter(|gap| gap.2 > 0)?;
        Some(Gap { range: begins..ends, bytes })
    });
    let mut gaps: Vec<_> = filled.collect();
    gaps.sort_by_key(|gap| std::cmp::Reverse(gap.bytes));
    gaps
}

/// Takes out what is in this range, and returns it.
pub(crate) fn split_off(ranges: &mut Vec<Range<usize>>, range: &Range<usize>) -> Vec<Range<usize>> {
    let (mut inside, mut outside) = (Vec::new(), Vec::new());
    for pages in ranges.drain(..) {
        let begins = range.start.clamp(pages.start, pages.end);
        let ends = range.end.clamp(begins, pages.end);
        let parts = [(pages.start..begins, &mut outside), (begins..ends, &mut inside)];
        for (part, list) in parts.into_iter().filter(|(part, _)| !part.is_empty()) {
            list.push(part);
        }
        if ends < pages.end {
            outside.push(ends..pages.end);
        }
    }
    *ranges = outside;
    inside
}

#[cfg(test)]
mod tests {
    use super::{Gap, bytes_of, gaps, joined, split_off};

    #[test]
    fn ranges_that_touch_or_overlap_are_joined() {
        assert_eq!(joined(vec![8..10, 0..2, 2..3, 9..12, 20..21, 0..1]), [0..3, 8..12, 20..21]);
        assert_eq!(joined(Vec::new()), []);
    }

    #[test]
    fn the_gap_with_the_most_pages_is_first_and_spans_only_pages() {
        let pages = [0..2, 3..5, 7..8, 20..29, 40..60];
        let found = gaps(&[4..6, 30..41], &pages);
        let expected = [(41..60, 19), (7..29, 10), (0..4, 3)].map(|(range, bytes)| Gap { range, bytes });
        assert_eq!(found, expected);
        assert_eq!(gaps(&[], &[3..5, 8..9]), [Gap { range: 3..9, bytes: 3 }]);
        assert_eq!(gaps(std::slice::from_ref(&(0..9)), &[3..5, 8..9]), []);
    }

    #[test]
    fn a_range_is_taken_out_of_the_pages() {
        let mut pages = vec![0..2, 3..9, 12..14];
        assert_eq!(split_off(&mut pages, &(4..13)), [4..9, 12..13]);
        assert_eq!(pages, [0..2, 3..4, 13..14]);
        assert_eq!(bytes_of(&pages), 4);
        assert_eq!(split_off(&mut pages, &(20..30)), []);
        assert_eq!(pages, [0..2, 3..4, 13..14]);
    }
}
