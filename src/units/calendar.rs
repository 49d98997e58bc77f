//! The civil calendar of a run: dates at the edge, seconds inside.

use super::time::{Span, Time};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A civil date, `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CivilDate(Date);

impl CivilDate {
    /// Reads `YYYY-MM-DD` from 1990-01-01 to 2100-12-31.
    ///
    /// # Errors
    /// Says what was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let well_formed = text.len() == 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
        match text.parse::<Date>() {
            Ok(date) if well_formed && (1990..=2100).contains(&date.year()) => Ok(Self(date)),
            _ => Err(format!("expected a date from 1990-01-01 to 2100-12-31 as YYYY-MM-DD, found `{text}`")),
        }
    }

    /// Whole days from `earlier` to this date, negative if it is later.
    pub fn days_since(self, earlier: CivilDate) -> i64 {
        let span = self.0.since(earlier.0).expect("dates within the calendar");
        i64::from(span.get_days())
    }

    /// This date moved by `days`, if that stays within 1990 to 2100.
    pub fn plus_days(self, days: i64) -> Option<Self> {
        let span = jiff::Span::new().try_days(days).ok()?;
        let date = self.0.checked_add(span).ok()?;
        (1990..=2100).contains(&date.year()).then_some(Self(date))
    }

    /// Civil year.
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// Civil month, 1 to 12.
    pub fn month(self) -> i8 {
        self.0.month()
    }

    /// Day of the month, from 1.
    pub fn day(self) -> i8 {
        self.0.day()
    }

    /// The same day some months later, or the last of that month if it has no such day; none outside 1990 to 2100.
    pub fn plus_months(self, months: i32) -> Option<Self> {
        let span = jiff::Span::new().try_months(months).ok()?;
        let date = self.0.checked_add(span).ok()?;
        (1990..=2100).contains(&date.year()).then_some(Self(date))
    }

    /// Days of its civil year.
    pub fn days_in_year(self) -> i16 {
        self.0.days_in_year()
    }

    /// The first of January that follows, if it is before 2101.
    pub fn first_of_next_year(self) -> Option<Self> {
        let first = self.0.first_of_year();
        Self(first).plus_months(12)
    }

    /// The first of the month that follows.
    pub fn first_of_next_month(self) -> Self {
        let last = self.0.last_of_month();
        Self(last.tomorrow().expect("within the calendar"))
    }
}

impl std::fmt::Display for CivilDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Maps dates to seconds since the start of the run, and lists its months.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calendar {
    start: CivilDate,
    end: CivilDate,
    /// First day of every month after the start's, up to the one after the end's.
    month_starts: Vec<CivilDate>,
}

impl Calendar {
    /// A run from `start` to `end`, both days included.
    ///
    /// # Panics
    /// If `end` is before `start`; the scenario reader refuses that.
    pub fn new(start: CivilDate, end: CivilDate) -> Self {
        assert!(start <= end, "the horizon ends before it starts");
        let mut month_starts = Vec::new();
        let mut next = start.first_of_next_month();
        loop {
            month_starts.push(next);
            if next > end {
                break;
            }
            next = next.first_of_next_month();
        }
        Self { start, end, month_starts }
    }

    /// First day.
    pub fn start(&self) -> CivilDate {
        self.start
    }

    /// Last day, included.
    pub fn end(&self) -> CivilDate {
        self.end
    }

    /// The first second of `date`; dates before the start give the start.
    pub fn time(&self, date: CivilDate) -> Time {
        Time(date.days_since(self.start).max(0) as u64 * 86_400)
    }

    /// Signed years from the start to the first second of `date`.
    pub fn years(&self, date: CivilDate) -> f64 {
        date.days_since(self.start) as f64 / super::time::YEAR_DAYS
    }

    /// The civil date of an instant.
    pub fn date(&self, time: Time) -> CivilDate {
        let days = i64::try_from(time.0 / 86_400).expect("48-bit time");
        self.start.plus_days(days).unwrap_or(self.end)
    }

    /// Number of months that the run touches; the last may be cut short.
    pub fn months(&self) -> usize {
        self.month_starts.len()
    }

    /// First instant after month number `month`, counted from 0; the run's end for the last.
    pub fn month_end(&self, month: usize) -> Time {
        self.time(self.month_starts[month]).min(self.horizon())
    }

    /// The last second of month number `month`: 23:59:59, when its books close.
    pub fn month_close(&self, month: usize) -> Time {
        Time(self.month_end(month).0 - 1)
    }

    /// The last day of month number `month` that the run covers.
    pub fn month_last_day(&self, month: usize) -> CivilDate {
        self.date(self.month_close(month))
    }

    /// The month that an instant falls in.
    pub fn month_of(&self, time: Time) -> usize {
        let date = self.date(time);
        self.month_starts.partition_point(|first| *first <= date).min(self.months() - 1)
    }

    /// First instant after the run.
    pub fn horizon(&self) -> Time {
        self.time(self.end) + Span(86_400)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> CivilDate {
        CivilDate::parse(text).unwrap()
    }

    #[test]
    fn months_close_at_the_last_second() {
        let calendar = Calendar::new(date("2023-01-01"), date("2024-02-29"));
        assert_eq!(calendar.months(), 14);
        assert_eq!(calendar.month_close(0), Time(31 * 86_400 - 1));
        assert_eq!(calendar.month_last_day(13), date("2024-02-29"));
        assert_eq!(calendar.month_of(Time(31 * 86_400 - 1)), 0);
        assert_eq!(calendar.month_of(Time(31 * 86_400)), 1);
        assert_eq!(calendar.horizon(), calendar.month_end(13));
    }

    #[test]
    fn a_run_may_start_and_end_within_a_month() {
        let calendar = Calendar::new(date("2023-01-15"), date("2023-02-10"));
        assert_eq!(calendar.months(), 2);
        assert_eq!(calendar.month_last_day(0), date("2023-01-31"));
        assert_eq!(calendar.month_last_day(1), date("2023-02-10"));
    }

    #[test]
    fn a_month_later_is_the_same_day_or_the_last() {
        let later = |from: &str, months| date(from).plus_months(months).map(|date| date.to_string());
        assert_eq!(later("2028-01-31", 1).as_deref(), Some("2028-02-29"));
        assert_eq!(later("2027-08-31", 6).as_deref(), Some("2028-02-29"));
        assert_eq!(later("2028-03-15", -1).as_deref(), Some("2028-02-15"));
        assert_eq!((later("2100-12-01", 1), later("2027-01-01", i32::MAX)), (None, None));
        assert_eq!((date("2027-05-05").days_in_year(), date("2028-05-05").days_in_year()), (365, 366));
        assert_eq!(date("2028-02-29").first_of_next_year(), Some(date("2029-01-01")));
    }

    #[test]
    fn dates_are_refused_with_what_was_expected() {
        for text in ["2023-13-01", "23-01-01", "1989-12-31", "2101-01-01", "2023-02-29", "soon", "2023-1-1"] {
            assert!(CivilDate::parse(text).unwrap_err().contains("expected a date"), "{text}");
        }
    }
}
