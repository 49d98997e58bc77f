//! Whole seconds on the simulated clock.

use serde::{Deserialize, Serialize};
use std::ops::{Add, Sub};

/// One hour.
pub const HOUR: Span = Span(3_600);
/// One day.
pub const DAY: Span = Span(86_400);
/// Mean length of a civil year in days.
pub const YEAR_DAYS: f64 = 365.25;

/// An instant: whole seconds since the scenario's start (UTC).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Time(pub u64);

/// A length of time in whole seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span(pub u64);

impl Span {
    /// `days` rounded to whole seconds; negative and non-finite lengths count as zero.
    pub fn from_days(days: f64) -> Self {
        // The cast saturates, so NaN and negative values give 0.
        Self((days * 86_400.0).round() as u64)
    }

    /// `hours` rounded to whole seconds; negative and non-finite lengths count as zero.
    pub fn from_hours(hours: f64) -> Self {
        Self((hours * 3_600.0).round() as u64)
    }

    /// Length in hours.
    pub fn hours(self) -> f64 {
        self.0 as f64 / 3_600.0
    }

    /// Length in days.
    pub fn days(self) -> f64 {
        self.0 as f64 / 86_400.0
    }

    /// Length in mean civil years.
    pub fn years(self) -> f64 {
        self.days() / YEAR_DAYS
    }
}

impl Time {
    /// Years since the scenario's start.
    pub fn years(self) -> f64 {
        Span(self.0).years()
    }

    /// The time from `earlier` to this instant, zero if `earlier` is later.
    pub fn since(self, earlier: Time) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Span> for Time {
    type Output = Time;
    fn add(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }
}

impl Sub<Time> for Time {
    type Output = Span;
    /// # Panics
    /// In debug builds, if `earlier` is later.
    fn sub(self, earlier: Time) -> Span {
        Span(self.0 - earlier.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_convert_by_hand() {
        assert_eq!(Span::from_days(1.5), Span(129_600));
        assert_eq!(Span::from_days(-3.0), Span(0));
        assert_eq!(Span::from_hours(0.25), Span(900));
        assert_eq!((Time(10) + DAY).since(Time(10)), DAY);
        assert!((Span::from_days(365.25).years() - 1.0).abs() < 1e-12);
    }
}
