//! Three points about the crossing, the curve through them, and where it crosses.

use super::curve::{Curve, MOST_STEPS};
use super::point::Point;
use super::{Fitted, Found, Search};
use std::ops::Range;

/// How far the points beside the centre lie from it, in half-widths of the interval. Nearer ones leave the slope to chance, and
/// farther ones suppose more of the curve.
const REACH: f64 = 3.0;
/// What is left of a reach when a centre is moved, and what it may be of the half-width before it is chosen anew.
const ROOM: (f64, f64) = (1.6, 5.0);
/// Part of the reach within which the crossing has to lie for the centre to stay.
const CENTRAL: f64 = 0.8;
/// One of so many replications says whether the centre is well placed.
const TRIAL: u32 = 8;
/// Times that a window is placed anew.
const MOST_PLACES: usize = 12;

/// Places of the three points, ascending.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Window {
    left: f64,
    centre: f64,
    right: f64,
}

impl Window {
    /// A window about `centre`, within the range; a centre too near to an end of it is moved.
    fn about(centre: f64, reach: f64, (low, high): (f64, f64)) -> Self {
        let reach = reach.min(0.5 * (high - low));
        let centre = centre.clamp(low + 0.5 * reach, high - 0.5 * reach);
        Self { left: (centre - reach).max(low), centre, right: (centre + reach).min(high) }
    }

    fn reach(&self) -> f64 {
        (self.right - self.centre).max(self.centre - self.left)
    }

    /// Weights of the three points in the parabola through them, at `x`.
    fn weights(&self, x: f64) -> [f64; 3] {
        let Self { left, centre, right } = *self;
        let of = |at: f64, one: f64, other: f64| (x - one) / (at - one) * ((x - other) / (at - other));
        [of(left, centre, right), of(centre, left, right), of(right, left, centre)]
    }
}

/// The curve near a crossing: where it is, and the ends of its interval, as far as they lie in the window.
struct Local {
    value: f64,
    low: Option<f64>,
    high: Option<f64>,
    /// Half of the interval, or what the slope makes of it where an end lies outside.
    half_width: f64,
    /// The curve, from one end of the window to the other.
    points: Vec<Point>,
}

impl<E, F: FnMut(f64, Range<u32>) -> Result<Vec<f64>, E>> Curve<'_, F> {
    /// The crossing near `about`, and its interval.
    pub(super) fn settle(&mut self, about: f64, few: u32) -> Result<Found, E> {
        let Search { replications: (_, all), range, .. } = *self.search;
        let trial = (all / TRIAL).max(few);
        self.at(about, trial)?;
        // Half-widths shrink as the root of the replications.
        let shrink = (f64::from(trial) / f64::from(all)).sqrt();
        let reach = REACH * shrink * self.known(about).h / self.slope(about);
        let mut window = Window::about(about, reach.max(self.least()), range);
        for _ in 0..MOST_PLACES {
            let local = self.tried(&window, trial, few)?;
            let next = self.moved(&window, local.as_ref(), shrink);
            if next == window {
                break;
            }
            window = next;
        }
        for _ in 0..MOST_PLACES {
            let local = self.tried(&window, all, few)?;
            let wider = self.widened(&window, local.as_ref());
            if wider == window {
                break;
            }
            window = wider;
        }
        let local = self.tried(&window, all, few)?;
        let (value, low, high, points) = match local {
            Some(local) => (local.value, local.low, local.high, local.points),
            // Nothing but the range is known of it.
            None => (about, None, None, Vec::new()),
        };
        let target = self.search.target;
        let fitted = |point: Point| Fitted { x: point.x, mean: point.g + target, half_width: point.h };
        Ok(Found {
            value,
            interval: (low.unwrap_or(range.0), high.unwrap_or(range.1)),
            bracket: self.bracket(value),
            runs: self.runs(),
            curve: points.into_iter().map(fitted).collect(),
        })
    }

    /// What a window says of the crossing, with so many replications of its centre and as many of its other points as it
    /// takes.
    fn tried(&mut self, window: &Window, replications: u32, few: u32) -> Result<Option<Local>, E> {
        self.at(window.centre, replications)?;
        let mut beside = few.min(replications);
        loop {
            for x in [window.left, window.right] {
                self.at(x, beside)?;
            }
            let local = self.local(window);
            let lacks = local.as_ref().is_some_and(|local| {
                let ends = [local.low, Some(local.value), local.high];
                ends.into_iter().flatten().any(|x| self.estimate(window, x).lacks())
            });
            if !lacks || beside >= replications {
                return Ok(local);
            }
            beside = beside.saturating_mul(2).min(replications);
        }
    }

    /// Where a window should lie by what it says itself on a part of the replications.
    fn moved(&self, window: &Window, local: Option<&Local>, shrink: f64) -> Window {
        let range = self.search.range;
        let (least, reach) = (self.least(), window.reach());
        let Some(local) = local else {
            // The curve does not cross in it: on to the side where it does.
            return Window::about(self.beyond(window), 1.5 * reach, range);
        };
        let half_width = (shrink * local.half_width).max(least / REACH);
        let widest = reach >= 0.499 * (range.1 - range.0);
        let sized = (widest || reach >= ROOM.0 * half_width) && (reach <= least || reach <= ROOM.1 * half_width);
        if sized && (local.value - window.centre).abs() <= CENTRAL * reach {
            return *window;
        }
        let next = if sized { reach } else { (REACH * half_width).clamp(0.4 * reach, 2.5 * reach).max(least) };
        Window::about(local.value, next, range)
    }

    /// A window that holds the crossing and its interval on all replications, if this one does not and the range allows it.
    fn widened(&self, window: &Window, local: Option<&Local>) -> Window {
        let (low, high) = self.search.range;
        let Some(local) = local else {
            return Window::about(self.beyond(window), 1.5 * window.reach(), (low, high));
        };
        let (mut left, mut right) = (window.left, window.right);
        if local.low.is_none() {
            left = (window.centre - 1.6 * (window.centre - left)).max(low);
        }
        if local.high.is_none() {
            right = (window.centre + 1.6 * (right - window.centre)).min(high);
        }
        Window { left, right, ..*window }
    }

    /// A place outside a window that does not hold the crossing, by the points that do.
    fn beyond(&self, window: &Window) -> f64 {
        let points = self.every();
        let pairs = points.windows(2).filter(|two| two[0].g.signum() != two[1].g.signum());
        let middle = pairs.map(|two| 0.5 * (two[0].x + two[1].x));
        let away = |x: &f64| (x - window.centre).abs();
        middle.min_by(|one, other| away(one).total_cmp(&away(other))).unwrap_or(window.centre)
    }

    /// The nearest inputs that were run on both sides of a crossing; an end of the range where it is one.
    fn bracket(&self, value: f64) -> (f64, f64) {
        let (low, high) = self.search.range;
        let points = self.every();
        let below = points.iter().rev().find(|point| point.x < value);
        let above = points.iter().find(|point| point.x > value);
        (below.map_or(low, |point| point.x), above.map_or(high, |point| point.x))
    }

    /// What the parabolas through the three points say at `x`, a replication each, and the centre's further replications.
    fn estimate(&self, window: &Window, x: f64) -> Point {
        let [left, centre, right] = [window.left, window.centre, window.right].map(|x| self.outcomes(x));
        let [one, own, other] = window.weights(x);
        let three = left.iter().zip(right).zip(centre);
        let outcomes: Vec<f64> = three.map(|((l, r), c)| one * l + own * c + other * r).collect();
        let what = (x, self.search.target, self.search.level);
        if (3..centre.len()).contains(&outcomes.len()) {
            Point::beside(what, &outcomes, centre)
        } else {
            Point::alone(what, &outcomes)
        }
    }

    /// The crossing in a window that is nearest to its centre.
    fn local(&self, window: &Window) -> Option<Local> {
        const PARTS: i32 = 48;
        let at = |i: i32| window.left + (window.right - window.left) * f64::from(i) / f64::from(PARTS);
        let points: Vec<Point> = (0..=PARTS).map(|i| self.estimate(window, at(i))).collect();
        let pairs = points.windows(2).filter(|two| two[0].g.signum() != two[1].g.signum());
        let away = |two: &&[Point]| (two[0].x - window.centre).abs().max((two[1].x - window.centre).abs());
        let nearest = pairs.min_by(|one, other| away(one).total_cmp(&away(other)))?;
        let value = self.root(window, (nearest[0].x, nearest[1].x), |point| point.g);
        // Outwards, zero is excluded from where |g| > h on.
        let excluded = |point: Point| point.g.abs() - point.h;
        let here = self.estimate(window, value);
        let out = |points: &mut dyn Iterator<Item = &Point>| {
            let mut inner = here;
            if excluded(inner) > 0.0 {
                // Without luck rounding alone keeps the curve off the target.
                return Some(value);
            }
            for outer in points {
                if excluded(*outer) > 0.0 {
                    return Some(self.root(window, (inner.x, outer.x), excluded));
                }
                inner = *outer;
            }
            None
        };
        let low = out(&mut points.iter().rev().filter(|point| point.x < value));
        let high = out(&mut points.iter().filter(|point| point.x > value));
        let half_width = match (low, high) {
            (Some(low), Some(high)) => 0.5 * (high - low),
            (Some(low), None) => value - low,
            (None, Some(high)) => high - value,
            (None, None) => {
                let slope = (points[points.len() - 1].g - points[0].g).abs() / (window.right - window.left);
                if slope > 0.0 { here.h / slope } else { window.reach() }
            }
        };
        Some(Local { value, low, high, half_width, points })
    }

    /// Where `of` changes its sign between two places.
    fn root(&self, window: &Window, (mut a, mut b): (f64, f64), of: impl Fn(Point) -> f64) -> f64 {
        let sign = of(self.estimate(window, a)).signum();
        for _ in 0..MOST_STEPS {
            let middle = 0.5 * (a + b);
            if of(self.estimate(window, middle)).signum() == sign { a = middle } else { b = middle }
        }
        0.5 * (a + b)
    }
}
