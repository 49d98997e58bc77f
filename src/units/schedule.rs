//! A number that changes over dates.

use super::time::{Time, YEAR_DAYS};
use serde::{Deserialize, Serialize};

/// How a schedule runs between its points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Curve {
    /// Holds a point's value until the next.
    Steps,
    /// Straight from point to point, flat outside.
    Linear,
    /// Geometric from point to point, flat outside; the values are positive.
    Geometric,
}

/// A value over time: points in years since the scenario's start, ascending, and beyond the last point a compound
/// growth a year (0 for none).
///
/// `value(t) = curve(t)` up to the last point, then `last · (1 + growth)^(t − t_last)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    curve: Curve,
    points: Vec<(f64, f64)>,
    growth_per_year: f64,
}

impl Schedule {
    /// The same value at all times.
    pub fn constant(value: f64) -> Self {
        Self { curve: Curve::Steps, points: vec![(0.0, value)], growth_per_year: 0.0 }
    }

    /// A schedule through `points`, (years since the start, value), growing by `growth_per_year` after the last.
    ///
    /// # Panics
    /// Without points, if they do not ascend, or if a geometric curve has a value that is not positive; the scenario
    /// reader refuses all three.
    pub fn new(curve: Curve, points: Vec<(f64, f64)>, growth_per_year: f64) -> Self {
        assert!(!points.is_empty(), "a schedule has a point");
        assert!(points.windows(2).all(|w| w[0].0 < w[1].0), "points of a schedule ascend");
        assert!(curve != Curve::Geometric || points.iter().all(|p| p.1 > 0.0), "geometric values are positive");
        Self { curve, points, growth_per_year }
    }

    /// The value at an instant of the run.
    pub fn at(&self, time: Time) -> f64 {
        self.at_years(time.0 as f64 / (86_400.0 * YEAR_DAYS))
    }

    /// The value at `years` since the start, which may be negative.
    pub fn at_years(&self, years: f64) -> f64 {
        let after = self.points.partition_point(|p| p.0 <= years);
        if after == 0 {
            return self.points[0].1;
        }
        let (from, value) = self.points[after - 1];
        let Some(&(to, next)) = self.points.get(after) else {
            return if self.growth_per_year == 0.0 {
                value
            } else {
                value * libm::pow(1.0 + self.growth_per_year, years - from)
            };
        };
        let part = (years - from) / (to - from);
        match self.curve {
            Curve::Steps => value,
            Curve::Linear => value + (next - value) * part,
            Curve::Geometric => value * libm::pow(next / value, part),
        }
    }

    /// An instant before which the value of `time` holds for sure, at the earliest `time` itself.
    pub fn holds_until(&self, time: Time) -> Time {
        let years = |time: Time| time.0 as f64 / (86_400.0 * YEAR_DAYS);
        let after = self.points.partition_point(|p| p.0 <= years(time));
        let flat = after == 0 || self.curve == Curve::Steps;
        match self.points.get(after) {
            // A second early, for what rounding may do.
            Some((next, _)) if flat => Time(((next * 86_400.0 * YEAR_DAYS) as u64).saturating_sub(1)).max(time),
            None if self.growth_per_year == 0.0 => Time(u64::MAX),
            _ => time,
        }
    }

    /// The first fall between two moments, in years since the start: when it is over, from what and to what; none if the
    /// value only rises or stays. A step on the first moment is no fall within them.
    pub fn first_fall(&self, from: f64, until: f64) -> Option<(f64, f64, f64)> {
        let between = |a: f64, b: f64| match self.curve {
            Curve::Steps => from < b && b < until,
            Curve::Linear | Curve::Geometric => from < b && a < until,
        };
        let falls = |pair: &&[(f64, f64)]| pair[1].1 < pair[0].1 && between(pair[0].0, pair[1].0);
        let fall = self.points.windows(2).find(falls).map(|pair| (pair[1].0, pair[0].1, pair[1].1));
        let last = *self.points.last()?;
        let shrinks = self.growth_per_year < 0.0 && last.1 > 0.0 && last.0 < until;
        fall.or_else(|| shrinks.then(|| (last.0 + 1.0, last.1, self.at_years(last.0 + 1.0))))
    }

    /// Every value times `factor`.
    pub fn scaled(mut self, factor: f64) -> Self {
        for point in &mut self.points {
            point.1 *= factor;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_curve_by_hand() {
        let points = vec![(0.0, 1.0), (2.0, 4.0)];
        let at = |curve, years| Schedule::new(curve, points.clone(), 0.5).at_years(years);
        assert_eq!(at(Curve::Steps, 1.0), 1.0);
        assert_eq!(at(Curve::Linear, 1.0), 2.5);
        assert_eq!(at(Curve::Geometric, 1.0), 2.0);
        for curve in [Curve::Steps, Curve::Linear, Curve::Geometric] {
            assert_eq!(at(curve, -1.0), 1.0);
            assert_eq!(at(curve, 2.0), 4.0);
            assert_eq!(at(curve, 3.0), 6.0);
        }
    }

    #[test]
    fn a_value_holds_to_the_next_step_and_on_a_slope_not_at_all() {
        let day = |days: f64| Time((days * 86_400.0) as u64);
        let schedule = |curve, growth| Schedule::new(curve, vec![(1.0, 1.0), (2.0, 4.0)], growth);
        for time in [0.0, 100.0, 365.0, 365.25, 500.0, 730.5, 1_000.0].map(day) {
            for (curve, growth) in
                [(Curve::Steps, 0.0), (Curve::Steps, 0.5), (Curve::Linear, 0.0), (Curve::Geometric, 0.1)]
            {
                let schedule = schedule(curve, growth);
                let until = schedule.holds_until(time);
                assert!(until >= time);
                let last = Time(until.0.min(2_000 * 86_400).saturating_sub(1)).max(time);
                assert_eq!(schedule.at(last), schedule.at(time), "{curve:?} {time:?}");
            }
        }
        assert!(schedule(Curve::Steps, 0.0).holds_until(day(400.0)) > day(730.0));
        assert_eq!(schedule(Curve::Steps, 0.0).holds_until(day(800.0)), Time(u64::MAX));
        assert_eq!(schedule(Curve::Linear, 0.0).holds_until(day(400.0)), day(400.0));
    }

    #[test]
    fn a_fall_is_found_within_dates() {
        let fall = |curve, growth, from, until| {
            Schedule::new(curve, vec![(0.0, 1.0), (2.0, 4.0), (3.0, 2.0)], growth).first_fall(from, until)
        };
        for curve in [Curve::Steps, Curve::Linear, Curve::Geometric] {
            assert_eq!(fall(curve, 0.0, 0.0, 5.0), Some((3.0, 4.0, 2.0)));
            assert_eq!(fall(curve, 0.0, 0.0, 1.5), None, "it is over before the fall");
            assert_eq!(fall(curve, 0.0, 3.0, 5.0), None, "it begins after the fall");
            assert_eq!(fall(curve, -0.5, 3.0, 5.0), Some((4.0, 2.0, 1.0)));
        }
        // A step comes at its date; a slope is under way before it.
        assert_eq!(fall(Curve::Steps, 0.0, 0.0, 2.5), None);
        assert_eq!(fall(Curve::Linear, 0.0, 0.0, 2.5), Some((3.0, 4.0, 2.0)));
    }
}
