//! A time as a guest gets it: in milliseconds since 1970, and as RFC 3339.

use std::fmt::{self, Display, Formatter};

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

const MS_PER_DAY: i64 = 86_400_000;

/// The first and the last millisecond that RFC 3339 can write: the years 0000 to 9999.
const RANGE: std::ops::RangeInclusive<i64> = -62_167_219_200_000..=253_402_300_799_999;

/// A time in milliseconds since 1970, between the years 0 and 9999.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The time that is so many milliseconds after the start of 1970, or `None` if its year has not four digits.
    #[must_use]
    pub fn new(ms: i64) -> Option<Self> {
        RANGE.contains(&ms).then_some(Self(ms))
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn ms(self) -> i64 {
        self.0
    }

    /// The time as RFC 3339 in UTC: `1970-01-01T00:00:00.000Z`.
    #[must_use]
    pub fn iso(self) -> String {
        let (days, in_day) = (self.0.div_euclid(MS_PER_DAY), self.0.rem_euclid(MS_PER_DAY));
        let (year, month, day) = date(days);
        let unit = |size: i64, count: i64| in_day.div_euclid(size).rem_euclid(count);
        let (hour, minute, second, ms) = (unit(3_600_000, 24), unit(60_000, 60), unit(1_000, 60), unit(1, 1_000));
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
    }
}

/// The year, month and day of a day since the start of 1970, in the Gregorian calendar. It counts from the first of March of the
/// year 0, so that the day that only leap years have is the last of a year.
#[expect(clippy::arithmetic_side_effects, reason = "the days of 10,000 years are far from the bounds of 64 bits")]
fn date(days: i64) -> (i64, i64, i64) {
    const DAYS_OF_400_YEARS: i64 = 146_097;
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(DAYS_OF_400_YEARS), days.rem_euclid(DAYS_OF_400_YEARS));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next_year) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + next_year, month, day)
}

/// `{"ms":0,"iso":"1970-01-01T00:00:00.000Z"}`.
impl Display for Timestamp {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "{{\"ms\":{},\"iso\":\"{}\"}}", self.0, self.iso())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_struct("Timestamp", 2)?;
        members.serialize_field("ms", &self.0)?;
        members.serialize_field("iso", &self.iso())?;
        members.end()
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn a_time_is_written_as_rfc_3339_on_either_side_of_1970_and_of_leap_days() {
        for (ms, iso) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (1_780_000_000_123, "2026-05-28T20:26:40.123Z"),
            (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(Timestamp::new(ms).unwrap().iso(), iso);
        }
    }

    #[test]
    fn a_year_of_five_digits_is_no_time() {
        assert_eq!(Timestamp::new(253_402_300_800_000), None);
        assert_eq!(Timestamp::new(-62_167_219_200_001), None);
    }
}
