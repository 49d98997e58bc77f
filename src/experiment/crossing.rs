//! Break-even: the value of an input at which the mean of a noisy outcome reaches a target.
//!
//! Every input x is run on the same replications, so that `g(x) = ȳ(x) − target` is one curve, and bends as smoothly as the
//! outcome does. With h(x) the half-width of the t interval of ȳ(x), the crossing is the x with g(x) = 0, and its interval
//! all x at which zero cannot be excluded, `|g(x)| ≤ h(x)`: its ends are the crossings of g + h and g − h. At the true
//! crossing the interval of the mean misses the target in the share 1 − level of experiments, and so does this one, however
//! steep or bent the curve; no slope is estimated. Between two points that were run the curves are taken as straight.
//!
//! *How are runs saved?* The crossing is first narrowed down on a few replications, to about the width of what they know.
//! Only points near it are then run on all.
//!
//! *What is supposed?* One crossing in the range, and outcomes of a point that are independent and not far from normal. A
//! curve that touches the target and turns back may be found not to cross it.
//!
//! Sources: the interval inverts a test, as in G. Casella, R. L. Berger, *Statistical Inference*, 2nd ed. (2002), §9.2.1;
//! steps by regula falsi with halved weights, M. Dowell, P. Jarratt, BIT 11 (1971) 168–174 ("Illinois").

use super::statistics::{mean, t_of_interval, variance};
use std::collections::BTreeMap;
use std::ops::Range;

/// What is looked for, and how.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Search {
    /// Where the outcome is to be.
    pub target: f64,
    /// Least and greatest value of the input.
    pub range: (f64, f64),
    /// Part of the range that is not resolved any further.
    pub resolution: f64,
    /// Confidence of the interval.
    pub level: f64,
    /// Replications of the points that narrow it down, and of those near the crossing; at least 2.
    pub replications: (u32, u32),
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub enum Crossing {
    /// The outcome reaches the target.
    Found(Found),
    /// At both ends of the range the outcome lies on the same side of the target.
    NotInRange {
        /// Mean outcome at the least value of the input, and the half-width of its interval.
        at_low: (f64, f64),
        /// The same at the greatest.
        at_high: (f64, f64),
        /// Replications that were run.
        runs: u64,
    },
}

/// A crossing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// The value of the input.
    pub value: f64,
    /// Its interval; an end that is the range's may lie beyond.
    pub interval: (f64, f64),
    /// The nearest points that were run on all replications and have the target between them.
    pub bracket: (f64, f64),
    /// Replications that were run.
    pub runs: u64,
}

/// Finds the crossing. `run` gives the outcomes of an input on some replications, in their order, all of them finite.
///
/// # Errors
/// What `run` fails with.
///
/// # Panics
/// If the range is empty, or one of the numbers of replications is below 2.
pub fn find<E>(search: &Search, run: impl FnMut(f64, Range<u32>) -> Result<Vec<f64>, E>) -> Result<Crossing, E> {
    let Search { range: (low, high), replications: (few, all), .. } = *search;
    assert!(low < high && few.min(all) >= 2, "a search has a range, and spread needs two replications");
    let mut curve = Curve { search, run, points: BTreeMap::new(), runs: 0 };
    let few = few.min(all);
    for x in [low, high] {
        // Where few replications cannot tell the side, all do.
        if curve.at(x, few)?.may_be_zero() {
            curve.at(x, all)?;
        }
    }
    if curve.known(low).g.signum() == curve.known(high).g.signum() {
        let told = |point: Point| (point.g + search.target, point.h);
        return Ok(Crossing::NotInRange {
            at_low: told(curve.known(low)),
            at_high: told(curve.known(high)),
            runs: curve.runs,
        });
    }
    let about = curve.narrow(few)?;
    curve.settle(about).map(Crossing::Found)
}

/// What is known of a point.
#[derive(Clone, Copy, Debug)]
struct Point {
    x: f64,
    /// Mean less target.
    g: f64,
    /// Half-width of the interval of the mean.
    h: f64,
}

/// Steps after which a search ends, wherever it is: halving a range so often leaves nothing of it.
const MOST_STEPS: usize = 60;

impl Point {
    fn may_be_zero(self) -> bool {
        self.g.abs() <= self.h
    }
}

/// One of the three curves whose crossings are looked for: g + side·h.
#[derive(Clone, Copy)]
struct Side(f64);

impl Side {
    fn of(self, point: Point) -> f64 {
        point.g + self.0 * point.h
    }
}

struct Curve<'a, F> {
    search: &'a Search,
    run: F,
    /// Outcomes by the bits of the input, which ascend with it as [`key`] makes them.
    points: BTreeMap<i64, Vec<f64>>,
    runs: u64,
}

/// Ascends with `x`.
fn key(x: f64) -> i64 {
    let bits = (x + 0.0).to_bits() as i64;
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}

/// The input of a [`key`].
fn input(key: i64) -> f64 {
    f64::from_bits((key ^ ((key >> 63) as u64 >> 1) as i64) as u64)
}

impl<E, F: FnMut(f64, Range<u32>) -> Result<Vec<f64>, E>> Curve<'_, F> {
    /// What `replications` say of `x`, of which those that are missing are run.
    fn at(&mut self, x: f64, replications: u32) -> Result<Point, E> {
        let outcomes = self.points.entry(key(x)).or_default();
        let there = outcomes.len() as u32;
        if there < replications {
            outcomes.extend((self.run)(x, there..replications)?);
            self.runs += u64::from(replications - there);
        }
        Ok(self.known(x))
    }

    /// What is known of a point that was run.
    fn known(&self, x: f64) -> Point {
        let outcomes = &self.points[&key(x)];
        let n = outcomes.len();
        let h = t_of_interval(n, self.search.level) * (variance(outcomes) / n as f64).sqrt();
        Point { x, g: mean(outcomes) - self.search.target, h }
    }

    /// Least distance that is looked into.
    fn least(&self) -> f64 {
        self.search.resolution * (self.search.range.1 - self.search.range.0)
    }

    /// Narrows the crossing down on a few replications until they know no better; where it is about.
    fn narrow(&mut self, few: u32) -> Result<f64, E> {
        let (low, high) = self.search.range;
        let mut ends = Ends::new(self.known(low), self.known(high), Side(0.0));
        for _ in 0..MOST_STEPS {
            let known = ends.a.may_be_zero() || ends.b.may_be_zero();
            if ends.width() <= self.least() || known && ends.width() <= 2.0 * ends.half_width() {
                break;
            }
            let point = self.at(ends.next(), few)?;
            ends.replace(point);
        }
        Ok(ends.straight())
    }

    /// The crossing, and the ends of its interval, on all replications from points near `about`.
    fn settle(&mut self, about: f64) -> Result<Found, E> {
        let all = self.search.replications.1;
        let (low, high) = self.search.range;
        let first = self.at(about, all)?;
        // A step of about the interval's half-width, by the slope over the points known so far.
        let slope = self.slope(about);
        let step = (first.h / slope).clamp(self.least(), 0.5 * (high - low));
        let centre = self.cross(Side(0.0), about, step)?;
        let ends = [-1.0, 1.0].map(|side| self.cross(Side(side), about, step));
        let [one, other] = ends;
        let (one, other) = (one?.straight(), other?.straight());
        Ok(Found {
            value: centre.straight(),
            interval: (one.min(other), one.max(other)),
            bracket: (centre.a.x.min(centre.b.x), centre.a.x.max(centre.b.x)),
            runs: self.runs,
        })
    }

    /// Rise of the outcome over the nearest points around `x` with zero between them, without its sign.
    fn slope(&self, x: f64) -> f64 {
        let points: Vec<Point> = self.points.keys().map(|key| self.known(input(*key))).collect();
        let (first, last) = (points[0], points[points.len() - 1]);
        let below = points.iter().rev().find(|point| point.x < x && point.g.signum() == first.g.signum());
        let above = points.iter().find(|point| point.x > x && point.g.signum() == last.g.signum());
        let (a, b) = (below.unwrap_or(&first), above.unwrap_or(&last));
        ((b.g - a.g) / (b.x - a.x)).abs()
    }

    /// Two points on all replications, a step apart at most, between which the curve of `side` crosses zero; both the end
    /// of the range if it does not before. Goes out from `about`, away from the sign that it finds there.
    fn cross(&mut self, side: Side, about: f64, step: f64) -> Result<Ends, E> {
        let all = self.search.replications.1;
        let (low, high) = self.search.range;
        let rises = self.known(low).g < self.known(high).g;
        let start = self.at(about, all)?;
        let outward = if (side.of(start) < 0.0) == rises { 1.0 } else { -1.0 };
        let (mut inner, mut reach) = (start, step);
        let mut ends = loop {
            let x = (inner.x + outward * reach).clamp(low, high);
            if x == inner.x {
                return Ok(Ends::new(inner, inner, side));
            }
            let outer = self.at(x, all)?;
            if side.of(inner).signum() != side.of(outer).signum() {
                break Ends::new(inner, outer, side);
            }
            (inner, reach) = (outer, 2.0 * reach);
        };
        for _ in 0..MOST_STEPS {
            if ends.width() <= 1.5 * step {
                break;
            }
            let point = self.at(ends.next(), all)?;
            ends.replace(point);
        }
        Ok(ends)
    }
}

/// Two points with a crossing between them, and weights that keep both moving.
#[derive(Clone, Copy)]
struct Ends {
    a: Point,
    b: Point,
    side: Side,
    weights: (f64, f64),
}

impl Ends {
    fn new(a: Point, b: Point, side: Side) -> Self {
        Self { a, b, side, weights: (1.0, 1.0) }
    }

    fn width(&self) -> f64 {
        (self.b.x - self.a.x).abs()
    }

    /// Half-width of an interval of the crossing, by the straight line between the ends.
    fn half_width(&self) -> f64 {
        self.a.h.max(self.b.h) * self.width() / (self.b.g - self.a.g).abs()
    }

    fn between(&self, (of_a, of_b): (f64, f64)) -> f64 {
        let (f, g) = (of_a * self.side.of(self.a), of_b * self.side.of(self.b));
        if f == g { self.a.x } else { self.a.x + (self.b.x - self.a.x) * (f / (f - g)) }
    }

    /// Where the straight line between the ends crosses zero.
    fn straight(&self) -> f64 {
        self.between((1.0, 1.0))
    }

    /// Where to look next, not nearer to an end than a tenth of the way.
    fn next(&self) -> f64 {
        let share = ((self.between(self.weights) - self.a.x) / (self.b.x - self.a.x)).clamp(0.1, 0.9);
        self.a.x + share * (self.b.x - self.a.x)
    }

    fn replace(&mut self, point: Point) {
        let same_side = |end: Point| self.side.of(end).signum() == self.side.of(point).signum();
        if same_side(self.a) {
            (self.a, self.weights) = (point, (1.0, 0.5 * self.weights.1));
        } else {
            (self.b, self.weights) = (point, (0.5 * self.weights.0, 1.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Stream;
    use std::convert::Infallible;

    fn search(target: f64, range: (f64, f64)) -> Search {
        Search { target, range, resolution: 1e-3, level: 0.95, replications: (5, 20) }
    }

    fn found(search: &Search, of: impl Fn(f64, u32) -> f64) -> Crossing {
        let run = |x: f64, replications: Range<u32>| Ok::<_, Infallible>(replications.map(|r| of(x, r)).collect());
        let Ok(crossing) = find(search, run);
        crossing
    }

    fn luck(replication: u32, what: &str) -> f64 {
        Stream::named(11, u64::from(replication), what, "luck").normal()
    }

    /// y = 3x on every replication: the target 6 is reached at 2 and nowhere else.
    #[test]
    fn a_line_without_luck_crosses_at_one_point() {
        let Crossing::Found(found) = found(&search(6.0, (0.0, 10.0)), |x, _| 3.0 * x) else { panic!("not found") };
        assert!((found.value - 2.0).abs() < 1e-9, "{found:?}");
        assert!((found.interval.0 - 2.0).abs() < 1e-9 && (found.interval.1 - 2.0).abs() < 1e-9, "{found:?}");
        assert!(found.bracket.0 <= 2.0 && 2.0 <= found.bracket.1, "{found:?}");
    }

    /// y = x + luck: the interval of the crossing is that of the mean of the luck, mirrored, on all 20 replications.
    #[test]
    fn luck_that_shifts_a_line_widens_the_crossing_by_as_much() {
        let Crossing::Found(found) = found(&search(5.0, (0.0, 100.0)), |x, r| x + luck(r, "shift")) else {
            panic!("not found")
        };
        let shifts: Vec<f64> = (0..20).map(|r| luck(r, "shift")).collect();
        let half_width = t_of_interval(20, 0.95) * (variance(&shifts) / 20.0).sqrt();
        assert!((found.value - (5.0 - mean(&shifts))).abs() < 1e-9, "{found:?}");
        assert!((found.interval.1 - found.interval.0 - 2.0 * half_width).abs() < 1e-9, "{found:?}");
        // A grid as fine as the half-width needs 100/0.44 points of 20 replications.
        assert!(found.runs <= (100.0 / half_width * 20.0 / 5.0) as u64, "{found:?}");
    }

    /// A falling, bent curve: 100/x reaches 10 at 10.
    #[test]
    fn a_falling_bent_curve_is_found() {
        let of = |x: f64, r: u32| 100.0 / x + 0.2 * luck(r, "level") + 0.05 * x * luck(r, "slope");
        let Crossing::Found(found) = found(&search(10.0, (1.0, 60.0)), of) else { panic!("not found") };
        assert!(found.interval.0 < 10.0 && 10.0 < found.interval.1, "{found:?}");
        assert!(found.interval.1 - found.interval.0 < 1.0, "{found:?}");
    }

    #[test]
    fn a_step_is_found_to_the_resolution() {
        let of = |x: f64, r: u32| f64::from(x > 3.7) + 0.01 * luck(r, "level");
        let Crossing::Found(found) = found(&search(0.5, (0.0, 10.0)), of) else { panic!("not found") };
        assert!((found.value - 3.7).abs() < 0.02 && found.interval.0 < 3.72 && found.interval.1 > 3.68, "{found:?}");
    }

    #[test]
    fn a_target_that_is_not_reached_is_said_to_be_none() {
        let crossing = found(&search(50.0, (0.0, 10.0)), |x, r| x + f64::from(r % 2));
        let Crossing::NotInRange { at_low, at_high, runs } = crossing else { panic!("{crossing:?}") };
        assert!((at_low.0 - 0.4).abs() < 1e-12 && (at_high.0 - 10.4).abs() < 1e-12 && at_low.1 > 0.0, "{at_low:?}");
        assert_eq!(runs, 10);
    }

    /// Luck of 30 about a slope of 1 over a range of 10: neither end can be excluded.
    #[test]
    fn an_interval_wider_than_the_range_ends_at_its_ends() {
        let of = |x: f64, r: u32| x + if r.is_multiple_of(2) { 30.0 } else { -30.0 };
        let Crossing::Found(found) = found(&search(5.0, (0.0, 10.0)), of) else { panic!("not found") };
        assert_eq!(found.interval, (0.0, 10.0));
        assert!((found.value - 5.0).abs() < 1e-9);
    }

    #[test]
    fn inputs_are_sorted_whatever_their_sign() {
        let inputs = [-1e9, -2.0, -1e-9, 0.0, 1e-9, 3.5, 1e12];
        assert!(inputs.windows(2).all(|two| key(two[0]) < key(two[1])));
        assert!(inputs.iter().all(|x| input(key(*x)) == *x) && key(-0.0) == key(0.0));
    }
}
