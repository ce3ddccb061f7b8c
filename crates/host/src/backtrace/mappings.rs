//! The mappings of a source map (version 3), read from beginning to end without keeping them.
//!
//! They are untrusted and can have megabytes. Libraries decode all of them into a list that takes several times as much memory.

/// The bytes that are read between two looks at the clock: at most half a millisecond.
const STRIDE: usize = 65_536;

/// The bits of a digit, and the bit that says that more follow.
const DIGIT_BITS: u32 = 5;
const CONTINUES: u8 = 0x20;

/// The most bits of a number. Numbers of a source map fit 32 bits.
const MOST_BITS: u32 = 60;

/// A position in a script or a source, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Position {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// Where code comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The index of the source.
    pub(crate) source: usize,
    pub(crate) position: Position,
}

/// For each position in the script, the origin of the code there. What is damaged, or comes after `is_late`, is not found.
pub(crate) fn find(mappings: &str, wanted: &[Position], is_late: &dyn Fn() -> bool) -> Vec<Option<Origin>> {
    let mut found = vec![None; wanted.len()];
    let Some(last) = wanted.iter().max() else { return found };
    let mut reading = Reading { rest: mappings.as_bytes(), line: 0, column: 0, source: 0, at: (0, 0) };
    let mut checkpoint = reading.rest.len();
    while reading.line <= last.line && !(reading.line == last.line && reading.column > i64::from(last.column)) {
        if checkpoint.saturating_sub(reading.rest.len()) >= STRIDE {
            checkpoint = reading.rest.len();
            if is_late() {
                break;
            }
        }
        match reading.next() {
            None => break,
            Some(Step::Separator) => {}
            Some(Step::Segment(origin)) => {
                for (wanted, found) in wanted.iter().zip(&mut found) {
                    if wanted.line == reading.line && i64::from(wanted.column) >= reading.column {
                        *found = origin;
                    }
                }
            }
        }
    }
    found
}

/// The numbers of the last segment. Each is the difference to the one before.
struct Reading<'a> {
    rest: &'a [u8],
    line: u32,
    column: i64,
    source: i64,
    /// Line and column in the source.
    at: (i64, i64),
}

enum Step {
    /// The end of a segment or a line.
    Separator,
    /// The origin of the code from here on, if it has one.
    Segment(Option<Origin>),
}

impl Reading<'_> {
    /// `None` at the end, and where it is damaged.
    fn next(&mut self) -> Option<Step> {
        match *self.rest.first()? {
            b';' => {
                self.rest = self.rest.get(1..)?;
                (self.line, self.column) = (self.line.checked_add(1)?, 0);
                return Some(Step::Separator);
            }
            b',' => {
                self.rest = self.rest.get(1..)?;
                return Some(Step::Separator);
            }
            _ => {}
        }
        self.column = self.column.wrapping_add(self.number()?);
        if self.is_at_end() {
            return Some(Step::Segment(None));
        }
        self.source = self.source.wrapping_add(self.number()?);
        self.at.0 = self.at.0.wrapping_add(self.number()?);
        self.at.1 = self.at.1.wrapping_add(self.number()?);
        if !self.is_at_end() {
            // A name.
            self.number()?;
        }
        Some(Step::Segment(self.origin()))
    }

    fn origin(&self) -> Option<Origin> {
        let position = Position { line: u32::try_from(self.at.0).ok()?, column: u32::try_from(self.at.1).ok()? };
        Some(Origin { source: usize::try_from(self.source).ok()?, position })
    }

    fn is_at_end(&self) -> bool {
        matches!(self.rest.first(), None | Some(b',' | b';'))
    }

    /// Reads a number in base 64, five bits a digit, the sign in the lowest bit.
    fn number(&mut self) -> Option<i64> {
        let (mut value, mut shift) = (0_i64, 0_u32);
        loop {
            let digit = digit(*self.rest.first()?)?;
            self.rest = self.rest.get(1..)?;
            value |= i64::from(digit & !CONTINUES) << shift;
            if digit & CONTINUES == 0 {
                break;
            }
            shift = shift.saturating_add(DIGIT_BITS);
            if shift > MOST_BITS.saturating_sub(DIGIT_BITS) {
                return None;
            }
        }
        let magnitude = value >> 1;
        Some(if value & 1 == 0 { magnitude } else { magnitude.wrapping_neg() })
    }
}

fn digit(character: u8) -> Option<u8> {
    Some(match character {
        b'A'..=b'Z' => character.wrapping_sub(b'A'),
        b'a'..=b'z' => character.wrapping_sub(b'a').wrapping_add(26),
        b'0'..=b'9' => character.wrapping_sub(b'0').wrapping_add(52),
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::{Origin, Position, find};

    fn origin(mappings: &str, line: u32, column: u32) -> Option<(usize, u32, u32)> {
        let found = find(mappings, &[Position { line, column }], &|| false);
        found[0].map(|Origin { source, position }| (source, position.line, position.column))
    }

    #[test]
    fn a_position_belongs_to_the_segment_before_it() {
        // Columns 0, 5 and 9 of line 0 and column 2 of line 2.
        let mappings = "AAAA,KACE,I;;ECDFA";
        for ((line, column), expected) in [
            ((0, 0), Some((0, 0, 0))),
            ((0, 4), Some((0, 0, 0))),
            ((0, 5), Some((0, 1, 2))),
            ((0, 8), Some((0, 1, 2))),
            ((0, 9), None),
            ((0, 1_000), None),
            ((1, 0), None),
            ((2, 1), None),
            ((2, 2), Some((1, 0, 0))),
            ((3, 0), None),
        ] {
            assert_eq!(origin(mappings, line, column), expected, "{line}:{column}");
        }
    }

    #[test]
    fn damaged_mappings_end_and_keep_what_was_found() {
        for damage in ["!", "g", "AA", "gggggggggggggggggggggggg", "AAAA\u{e9}", "\"", "D"] {
            let mappings = format!("AAAA;{damage}");
            assert_eq!(origin(&mappings, 0, 7), Some((0, 0, 0)), "{damage}");
            assert_eq!(origin(&mappings, 1, 7), None, "{damage}");
        }
        assert_eq!(origin("ADDD", 0, 7), None);
        assert_eq!(origin("", u32::MAX, u32::MAX), None);
    }

    #[test]
    fn a_lookup_ends_when_it_is_late() {
        let mappings = "AAAA,".repeat(1_000_000);
        let looks = Cell::new(0);
        let is_late = || looks.replace(looks.get() + 1) == 2;
        find(&mappings, &[Position { line: 0, column: 7 }], &is_late);
        assert_eq!(looks.get(), 3);
    }

    #[test]
    fn several_positions_are_found_in_one_pass_in_any_order() {
        let wanted = [(2, 2), (0, 5), (0, 0)].map(|(line, column)| Position { line, column });
        let found = find("AAAA,KACE,I;;ECDFA", &wanted, &|| false);
        let lines: Vec<_> = found.iter().map(|origin| origin.map(|origin| origin.position.line)).collect();
        assert_eq!(lines, [Some(0), Some(1), Some(0)]);
    }
}
