//! How clauses count the days of a year.
//!
//! Parts of a year are whole numbers of [`PARTS`] to the year, which 360, 365 and 366 all divide: amounts by the day add
//! up exactly, whatever convention a clause names.

use super::calendar::CivilDate;
use serde::{Deserialize, Serialize};

/// Parts of a year that every convention counts in: the least common multiple of 360, 365 and 366.
pub const PARTS: i64 = 1_603_080;

/// A day-count convention. The first day counts, the last does not.
///
/// Source: 2006 ISDA Definitions, section 4.16: (b) Actual/Actual, (d) Actual/365 (Fixed), (e) Actual/360, (f) 30/360.
/// Limits: 30/360 without the adjustment at the end of February; under it, days cut at a 30th or 31st need not add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DayCount {
    /// Days as they are, over the days of the civil year that each falls in.
    #[default]
    ActualActual,
    /// Days as they are, over 365.
    Actual365,
    /// Days as they are, over 360.
    Actual360,
    /// Months of 30 days, over 360.
    Thirty360,
}

impl DayCount {
    /// Days from a date to a later one, as the convention counts them.
    pub fn days(self, from: CivilDate, until: CivilDate) -> i64 {
        if self != Self::Thirty360 {
            return until.days_since(from);
        }
        let first = i64::from(from.day()).min(30);
        let last = i64::from(until.day()).min(if first == 30 { 30 } else { 31 });
        let months = |date: CivilDate| 12 * i64::from(date.year()) + i64::from(date.month());
        30 * (months(until) - months(from)) + last - first
    }

    /// Parts of a year from a date to a later one, [`PARTS`] to the year.
    pub fn parts(self, from: CivilDate, until: CivilDate) -> i64 {
        match self {
            Self::ActualActual => actual_parts(from, until),
            Self::Actual365 => self.days(from, until) * (PARTS / 365),
            Self::Actual360 | Self::Thirty360 => self.days(from, until) * (PARTS / 360),
        }
    }
}

/// Days of each civil year over the length of that year.
fn actual_parts(from: CivilDate, until: CivilDate) -> i64 {
    let (mut parts, mut day) = (0, from);
    while day < until {
        let year = PARTS / i64::from(day.days_in_year());
        match day.first_of_next_year().filter(|next| *next < until) {
            Some(next) => {
                parts += next.days_since(day) * year;
                day = next;
            }
            None => return parts + until.days_since(day) * year,
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> CivilDate {
        CivilDate::parse(text).unwrap()
    }

    #[test]
    fn every_convention_by_hand() {
        // 2027-12-30 to 2028-03-01: 2 days of 2027, then 31 + 29 of 2028; in months of 30 days, 2·30 + 1.
        let (from, until) = (date("2027-12-30"), date("2028-03-01"));
        let days = |count: DayCount| count.days(from, until);
        assert_eq!([DayCount::ActualActual, DayCount::Actual365, DayCount::Thirty360].map(days), [62, 62, 61]);
        let parts = |count: DayCount| count.parts(from, until) as f64 / PARTS as f64;
        assert!((parts(DayCount::ActualActual) - (2.0 / 365.0 + 60.0 / 366.0)).abs() < 1e-15);
        assert!((parts(DayCount::Actual365) - 62.0 / 365.0).abs() < 1e-15);
        assert!((parts(DayCount::Actual360) - 62.0 / 360.0).abs() < 1e-15);
        assert!((parts(DayCount::Thirty360) - 61.0 / 360.0).abs() < 1e-15);
    }

    #[test]
    fn a_civil_year_is_a_year_by_all_that_follow_it() {
        for (year, actual) in [(2027, 365), (2028, 366)] {
            let (from, until) = (date(&format!("{year}-01-01")), date(&format!("{}-01-01", year + 1)));
            assert_eq!(DayCount::ActualActual.parts(from, until), PARTS);
            assert_eq!(DayCount::Thirty360.parts(from, until), PARTS);
            assert_eq!(DayCount::Actual365.parts(from, until), actual * PARTS / 365);
        }
        assert_eq!(DayCount::ActualActual.parts(date("2026-07-01"), date("2029-07-01")), 3 * PARTS);
    }

    #[test]
    fn a_thirty_first_is_a_thirtieth_after_one() {
        let days = |from: &str, until: &str| DayCount::Thirty360.days(date(from), date(until));
        assert_eq!(days("2027-01-30", "2027-03-31"), 60);
        assert_eq!(days("2027-01-29", "2027-03-31"), 62);
        assert_eq!(days("2027-01-31", "2027-02-28"), 28);
    }
}
