//! Crossings of curves that are known, with luck and without.

use super::curve::{input, key};
use super::point::Point;
use super::*;
use crate::engine::Stream;
use crate::experiment::statistics::{mean, t_of_interval, variance};
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

/// By hand: y = 2c over three of four replications with c = 0, 1, 2 and then 5. The line leaves nothing, so that the mean is
/// twice that of the four, and its variance four times theirs by four.
#[test]
fn a_point_borrows_the_replications_that_it_lacks() {
    let centre = [0.0, 1.0, 2.0, 5.0];
    let point = Point::beside((7.0, 1.0, 0.95), &[0.0, 2.0, 4.0], &centre);
    assert!((point.g - 3.0).abs() < 1e-12, "{point:?}");
    let h = t_of_interval(4, 0.95) * (4.0 * variance(&centre) / 4.0).sqrt();
    assert!((point.h - h).abs() < 1e-9 * h && !point.lacks(), "{point:?}");
}

/// With luck of its own, three replications know no more than three.
#[test]
fn a_point_that_shares_no_luck_with_the_centre_lacks_replications() {
    let centre = [0.0, 1.0, 2.0, 5.0, 3.0, 1.0, 0.0, 2.0];
    let point = Point::beside((7.0, 0.0, 0.95), &[4.0, -9.0, 5.0, 0.5], &centre);
    assert!(point.lacks(), "{point:?}");
}

/// Where luck is shared the search is little dearer than the centre's replications, and where it is not, than thrice those.
#[test]
fn runs_go_to_the_crossing() {
    let search = Search { replications: (8, 64), ..search(5.0, (0.0, 10.0)) };
    let shared = found(&search, |x, r| x + 0.5 * luck(r, "shift"));
    let own = found(&search, |x, r| x + 0.5 * luck(r, &format!("at {x}")));
    let runs = [shared, own].map(|crossing| match crossing {
        Crossing::Found(found) => found.runs,
        Crossing::NotInRange { .. } => panic!("not found"),
    });
    assert!(runs[0] < 64 + 80 && runs[1] < 3 * 64 + 160, "{runs:?}");
}
