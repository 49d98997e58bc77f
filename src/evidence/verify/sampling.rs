//! Designs: the points that sweeps and sensitivity analyses run.

use super::Effort;
use super::fields::{ANY, Fields, SHARE};
use super::kinds::Task;
use super::value::Value;
use crate::engine::Stream;
use crate::experiment::sampling::discrepancy::{Discrepancy, is_latin, strata};
use crate::experiment::sampling::latin_hypercube::latin_hypercube as sample;
use crate::experiment::sampling::sobol::{MOST_DIMENSIONS, Sobol};
use crate::experiment::statistics::{mean, variance};

const MOST_POINTS: u64 = 100_000;

/// A list of points of the unit cube, all of one number of coordinates.
pub(super) fn points(fields: &mut Fields, name: &str) -> Vec<Vec<f64>> {
    let share = |value: &serde_json::Value| value.as_f64().filter(|x| (SHARE.holds)(*x));
    let points = fields.list(name, "a list of numbers from 0 to 1", |item| {
        item.as_array().filter(|point| !point.is_empty())?.iter().map(share).collect::<Option<Vec<f64>>>()
    });
    if points.windows(2).any(|two| two[0].len() != two[1].len()) {
        fields.refuse(name, "points that all have as many coordinates");
    }
    points
}

/// The sequence of given direction numbers, or of our own.
fn sequence(fields: &mut Fields, dimensions: usize) -> Sobol {
    if !fields.has("direction_numbers") {
        return Sobol::new(dimensions);
    }
    let mut rest = Vec::new();
    if let Some(mut given) = fields.within("direction_numbers") {
        for dimension in 2..=dimensions {
            let Some(mut one) = given.within(&dimension.to_string()) else { continue };
            let m = one.counts("m", 1, u64::from(u32::MAX));
            let a = one.count("a", 0, 1 << 30) as u32;
            let fits = m.len() <= 30 && m.iter().zip(1..).all(|(m, k)| m % 2 == 1 && *m < 1 << k);
            if !fits {
                one.refuse("m", "odd numbers, the k-th below 2^k");
            } else if !m.is_empty() {
                rest.push((a, m.iter().map(|m| *m as u32).collect::<Vec<u32>>()));
            }
        }
    }
    Sobol::of(rest.iter().map(|(a, m)| (*a, m.as_slice())))
}

/// Points of the sequence, one after the other.
pub(super) fn sobol_sequence(fields: &mut Fields, _id: &str) -> Task {
    let dimensions = fields.count("dimensions", 1, MOST_DIMENSIONS as u64) as usize;
    let first = fields.count("first_index", 0, 1 << 40);
    let count = fields.count("count", 1, MOST_POINTS);
    let sobol = sequence(fields, dimensions);
    Box::new(move |_| {
        let points: Vec<Vec<f64>> = (first..first + count).map(|index| sobol.point(index)).collect();
        let of_all = |of: fn(f64) -> Value| {
            points.iter().map(|point| Value::List(point.iter().map(|x| of(*x)).collect())).collect::<Vec<Value>>()
        };
        let sums = (0..sobol.dimensions()).map(|j| points.iter().map(|point| point[j]).sum::<f64>());
        vec![
            ("column_sums", Value::numbers(sums)),
            ("points", Value::List(of_all(Value::Number))),
            ("points_times_2_pow_7", Value::List(of_all(|x| Value::Number(128.0 * x)))),
        ]
    })
}

/// How many points of a block each interval of every coordinate holds.
pub(super) fn sobol_stratification(fields: &mut Fields, _id: &str) -> Task {
    let sobol = Sobol::new(fields.count("dimensions", 1, MOST_DIMENSIONS as u64) as usize);
    let start = fields.count("block_start", 0, 1 << 40);
    let length = fields.count("block_length", 1, MOST_POINTS);
    let intervals = 1_usize << fields.count("k", 0, 20);
    Box::new(move |_| {
        let mut counts = vec![vec![0_i128; intervals]; sobol.dimensions()];
        for point in (start..start + length).map(|index| sobol.point(index)) {
            counts.iter_mut().zip(point).for_each(|(counts, x)| counts[(x * intervals as f64) as usize] += 1);
        }
        let everywhere = counts[0][0];
        let same = counts.iter().flatten().all(|count| *count == everywhere);
        let count = if same { Value::Count(everywhere) } else { Value::None };
        vec![("count_per_interval_every_dimension", count)]
    })
}

/// How evenly given points fill the cube.
pub(super) fn discrepancy(fields: &mut Fields, _id: &str) -> Task {
    let points = points(fields, "points");
    Box::new(move |_| {
        let (found, strata) = (Discrepancy::of(&points), strata(&points));
        let counts = |places: &Vec<usize>| Value::List(places.iter().map(|k| Value::Count(*k as i128)).collect());
        vec![
            ("centered_L2_squared", Value::Number(found.centred_squared)),
            ("wraparound_L2_squared", Value::Number(found.wrap_around_squared)),
            ("mixture_squared", Value::Number(found.mixture_squared)),
            ("L2_star_unsquared", Value::Number(found.star)),
            ("is_latin", Value::Flag(is_latin(&strata))),
            ("stratum_index_by_column", Value::List(strata.iter().map(counts).collect())),
        ]
    })
}

/// Variance of the mean of a linear function over points of Latin hypercubes, and over independent ones.
pub(super) fn latin_hypercube(fields: &mut Fields, id: &str) -> Task {
    let (n, d) = (fields.count("n", 2, 256) as usize, fields.count("d", 1, 32) as usize);
    let coefficients = fields.numbers("coefficients", ANY);
    if coefficients.len() != d {
        fields.refuse("coefficients", "one for every coordinate");
    }
    let id = id.to_owned();
    Box::new(move |effort| {
        let stream = |draw: u64, j: usize| Stream::named(0, draw, &format!("{id} {j}"), "axis");
        let mean_of = |points: Vec<Vec<f64>>| {
            mean(&points.iter().map(|x| x.iter().zip(&coefficients).map(|(x, c)| c * x).sum()).collect::<Vec<f64>>())
        };
        let independent = |draw: u64| {
            let mut axes: Vec<Stream> = (0..d).map(|j| stream(draw, d + j)).collect();
            (0..n).map(|_| axes.iter_mut().map(Stream::uniform).collect()).collect()
        };
        let draws = draws(effort);
        let hypercubes: Vec<f64> = (0..draws).map(|draw| mean_of(sample(n, (0..d).map(|j| stream(draw, j))))).collect();
        let independent: Vec<f64> = (0..draws).map(|draw| mean_of(independent(draw))).collect();
        let (of_hypercubes, of_independent) = (variance(&hypercubes), variance(&independent));
        // Means of so many are nearly normal: a variance is known to √(2/draws) of it.
        let error = (2.0 / draws as f64).sqrt();
        let simulated = |mean: f64, relative: f64| Value::Simulated { mean, se: relative * mean };
        vec![
            ("variance_of_mean_lhs", simulated(of_hypercubes, error)),
            ("variance_of_mean_iid", simulated(of_independent, error)),
            ("variance_reduction_factor", simulated(of_independent / of_hypercubes, std::f64::consts::SQRT_2 * error)),
        ]
    })
}

/// Designs that bring a ratio of two variances down to the precision asked for.
fn draws(effort: &Effort<'_>) -> u64 {
    (4.0 / (effort.precision() * effort.precision())).ceil() as u64 + 1
}
