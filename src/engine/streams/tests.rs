//! Streams by name, and samplers against `rand_distr`, against their limits, and against recorded draws.

use super::*;
use crate::engine::Digest;
use rand_distr::{Distribution, Poisson};

const DRAWS: usize = 40_000;

/// A sampler with its name.
type Case<T> = (&'static str, fn(&mut Stream) -> T);

fn stream(purpose: &str) -> Stream {
    Stream::named(11, 0, "tests", purpose)
}

#[test]
fn every_part_of_a_name_counts() {
    let reference = Stream::named(1, 2, "ab", "c");
    assert_eq!(StreamKey { seed: 1, draw: 2 }.stream("ab", "c"), reference);
    for other in [
        Stream::named(2, 2, "ab", "c"),
        Stream::named(1, 1, "ab", "c"),
        Stream::named(2, 1, "ab", "c"),
        Stream::named(1, 2, "a", "bc"),
        Stream::named(1, 2, "c", "ab"),
        Stream::named(1, 2, "abc", ""),
    ] {
        assert_ne!(other, reference);
    }
}

#[test]
fn a_stream_is_32_bytes_and_goes_on_after_saving() {
    assert_eq!(size_of::<Stream>(), 32);
    let mut stream = stream("saving");
    stream.bits();
    let mut restored: Stream = postcard::from_bytes(&postcard::to_stdvec(&stream).unwrap()).unwrap();
    assert_eq!(restored, stream);
    assert_eq!(restored.bits(), stream.bits());
}

#[test]
fn the_unit_interval_is_open_at_both_ends() {
    assert!(open_unit(0) > 0.0);
    assert!(open_unit(u64::MAX) < 1.0);
    assert_eq!(open_unit(0), 1.0 - open_unit(u64::MAX));
}

#[test]
fn samplers_of_one_draw_take_one_draw() {
    let samplers: [Case<()>; 8] = [
        ("uniform", |s| {
            s.uniform();
        }),
        ("exponential", |s| {
            s.exponential(2.0);
        }),
        ("normal", |s| {
            s.normal();
        }),
        ("lognormal", |s| {
            s.lognormal(2.0, 1.0);
        }),
        ("triangular", |s| {
            s.triangular(0.0, 1.0, 3.0);
        }),
        ("bernoulli", |s| {
            s.bernoulli(0.3);
        }),
        ("discrete", |s| {
            s.discrete(&[1.0, 2.0]);
        }),
        ("small poisson", |s| {
            s.poisson(9.9);
        }),
    ];
    for (name, sample) in samplers {
        let (mut sampled, mut plain) = (stream("draws"), stream("draws"));
        sample(&mut sampled);
        plain.bits();
        assert_eq!(sampled, plain, "{name}");
    }
}

/// Largest distance between the shares of two samples below any value.
fn kolmogorov_smirnov(mut left: Vec<f64>, mut right: Vec<f64>) -> f64 {
    left.sort_by(f64::total_cmp);
    right.sort_by(f64::total_cmp);
    let (mut i, mut j, mut distance) = (0, 0, 0.0_f64);
    while i < left.len() && j < right.len() {
        let value = left[i].min(right[j]);
        i += left[i..].iter().take_while(|x| **x <= value).count();
        j += right[j..].iter().take_while(|x| **x <= value).count();
        distance = distance.max((i as f64 / left.len() as f64 - j as f64 / right.len() as f64).abs());
    }
    distance
}

/// Compares a sampler with the yardstick's distribution, each on a stream of its own.
fn agrees<T: Into<f64>>(name: &str, mut ours: impl FnMut(&mut Stream) -> f64, theirs: impl Distribution<T>) {
    let (mut left, mut right) = (stream(name), Stream::named(11, 1, "yardstick", name));
    let left = (0..DRAWS).map(|_| ours(&mut left)).collect();
    let right = (0..DRAWS).map(|_| theirs.sample(&mut right).into()).collect();
    // Two samples of one distribution are farther apart than 1.95 · √(2 / n) once in a thousand seeds.
    let bound = 1.95 * (2.0 / DRAWS as f64).sqrt();
    let distance = kolmogorov_smirnov(left, right);
    assert!(distance < bound, "{name}: {distance} ≥ {bound}");
}

#[test]
fn continuous_samplers_agree_with_the_yardstick() {
    agrees("uniform", |s| s.uniform_in(-2.0, 5.0), rand_distr::Uniform::new(-2.0, 5.0).unwrap());
    agrees("exponential", |s| s.exponential(4.0), rand_distr::Exp::new(0.25).unwrap());
    agrees("normal", Stream::normal, rand_distr::Normal::new(0.0, 1.0).unwrap());
    agrees("lognormal", |s| s.lognormal(libm::exp(0.5), 0.7), rand_distr::LogNormal::new(0.5, 0.7).unwrap());
    agrees("triangular", |s| s.triangular(1.0, 2.0, 5.0), rand_distr::Triangular::new(1.0, 5.0, 2.0).unwrap());
    for shape in [0.1, 0.7, 1.0, 3.5, 200.0] {
        agrees(&format!("gamma {shape}"), |s| s.gamma(shape, 2.0), rand_distr::Gamma::new(shape, 2.0).unwrap());
    }
    for (a, b) in [(0.3, 0.4), (2.0, 5.0), (1.0, 0.5), (40.0, 2.0)] {
        agrees(&format!("beta {a} {b}"), |s| s.beta(a, b), rand_distr::Beta::new(a, b).unwrap());
    }
}

#[test]
fn counts_agree_with_the_yardstick() {
    for mean in [0.05, 1.0, 9.9, 10.0, 37.0, 1e4, 1e7] {
        let name = format!("poisson {mean}");
        agrees(&name, |s| s.poisson(mean) as f64, Poisson::new(mean).unwrap());
    }
    agrees("below", |s| s.below(1_000) as f64, rand_distr::Uniform::new(0_u32, 1_000).unwrap());
}

#[test]
fn the_yardstick_tells_distributions_apart() {
    let mut draws = [stream("left"), stream("right")];
    let [left, right] = [1.0, 1.04].map(|mean| (0..DRAWS).map(|_| draws[0].exponential(mean)).collect::<Vec<_>>());
    assert!(kolmogorov_smirnov(left, right) > 1.95 * (2.0 / DRAWS as f64).sqrt());
    let same: Vec<f64> = (0..100).map(|_| draws[1].normal()).collect();
    assert_eq!(kolmogorov_smirnov(same.clone(), same), 0.0);
}

#[test]
fn choices_follow_their_weights() {
    let mut stream = stream("weights");
    let mut counts = [0_u32; 4];
    (0..DRAWS).for_each(|_| counts[stream.discrete(&[1.0, 0.0, 3.0, 0.0])] += 1);
    // The standard error of a share of a quarter is 0.0022.
    assert_eq!((counts[1], counts[3]), (0, 0));
    assert!((f64::from(counts[0]) / DRAWS as f64 - 0.25).abs() < 0.009, "{counts:?}");
    let heads = (0..DRAWS).filter(|_| stream.bernoulli(0.25)).count();
    assert!((heads as f64 / DRAWS as f64 - 0.25).abs() < 0.009, "{heads}");
    assert!(!stream.bernoulli(0.0) && stream.bernoulli(1.0));
}

#[test]
fn degenerate_parameters_give_their_only_value() {
    let mut stream = stream("degenerate");
    assert_eq!((stream.exponential(0.0), stream.poisson(0.0), stream.below(1)), (0.0, 0, 0));
    assert_eq!((stream.lognormal(3.0, 0.0), stream.triangular(2.0, 2.0, 2.0)), (3.0, 2.0));
    assert_eq!((stream.uniform_in(4.0, 4.0), stream.gamma(2.0, 0.0), stream.discrete(&[0.5])), (4.0, 0.0, 0));
    let tiny: Vec<f64> = (0..100).map(|_| stream.beta(1e-4, 1e-4)).collect();
    assert!(tiny.iter().all(|share| (0.0..=1.0).contains(share)), "{tiny:?}");
    assert!(tiny.iter().any(|share| *share < 0.5) && tiny.iter().any(|share| *share > 0.5));
}

#[test]
fn integers_below_a_bound_above_half_the_range_stay_unbiased() {
    // With n two thirds of 2⁶⁴ the plain product gives even numbers twice as often as odd ones.
    let mut stream = stream("lemire");
    let n = u64::MAX / 3 * 2;
    let even = (0..DRAWS).filter(|_| stream.below(n).is_multiple_of(2)).count();
    assert!((even as f64 / DRAWS as f64 - 0.5).abs() < 0.01, "{even}");
}

#[test]
#[should_panic(expected = "a probability is between 0 and 1")]
fn a_probability_above_one_is_refused() {
    stream("refused").bernoulli(1.5);
}

#[test]
#[should_panic(expected = "the sum of the weights is positive and finite")]
fn weights_that_are_all_zero_are_refused() {
    stream("refused").discrete(&[0.0, 0.0]);
}

/// Every sampler with parameters that take each of its branches, as numbers that a digest can hold.
const SAMPLERS: [Case<f64>; 16] = [
    ("bits", |s| (s.bits() >> 11) as f64),
    ("uniform", Stream::uniform),
    ("uniform_in", |s| s.uniform_in(1.0, 3.0)),
    ("exponential", |s| s.exponential(5.0)),
    ("normal", Stream::normal),
    ("lognormal", |s| s.lognormal(2.0, 0.5)),
    ("triangular", |s| s.triangular(0.0, 1.0, 4.0)),
    ("gamma, shape below 1", |s| s.gamma(0.5, 2.0)),
    ("gamma", |s| s.gamma(3.0, 2.0)),
    ("beta", |s| s.beta(0.5, 3.0)),
    ("poisson by search", |s| s.poisson(2.5) as f64),
    ("poisson by rejection", |s| s.poisson(250.0) as f64),
    ("below", |s| s.below(1_000_003) as f64),
    ("below, with rejection", |s| s.below(u64::MAX / 3 * 2) as f64),
    ("discrete", |s| s.discrete(&[0.2, 0.3, 0.5]) as f64),
    ("bernoulli", |s| f64::from(s.bernoulli(0.4))),
];

/// Recorded draws. They may change only for a stated reason, because every result changes with them.
#[test]
fn first_draws_are_as_recorded() {
    let mut lines = String::new();
    for (name, sample) in SAMPLERS {
        let mut stream = Stream::named(2026, 4, "golden", name);
        let first = [sample(&mut stream), sample(&mut stream)];
        let mut digest = Digest::new();
        (0..2_000).for_each(|_| digest.push_f64(sample(&mut stream)));
        lines += &format!("{name}: {} {} then {}\n", first[0], first[1], &digest.finish()[..12]);
    }
    assert_eq!(lines, RECORDED, "the draws are now\n{lines}");
}

const RECORDED: &str = "\
bits: 6796106436851835 316244911845702 then f33b45cb406d
uniform: 0.9753314617684347 0.1910414663353267 then 022f42933f1a
uniform_in: 2.0981012214761305 1.1062815860504867 then 19fd2f332726
exponential: 8.094305781328966 1.5323313382950903 then 88a3748d6b30
normal: 1.0604976871670966 0.05036376140144798 then 76d91f4826a7
lognormal: 1.3329028728161427 1.5471336525559947 then b47c1fc16321
triangular: 1.7567828408622317 0.8134007437983654 then 26eeb522b86f
gamma, shape below 1: 0.00658263467191298 0.047823141483580564 then 5cc300ee51e2
gamma: 2.0113658498835902 5.0533501225321915 then 45784d68a1d7
beta: 0.42193303092369916 0.4397061989141558 then 5aea780db39e
poisson by search: 1 2 then 02d340d1d134
poisson by rejection: 253 243 then 9741c790a5a3
below: 136177 945980 then 438ff5245326
below, with rejection: 9902036738455015000 3762814790647407600 then e0a11315dd15
discrete: 0 2 then 1a3283ab9fb9
bernoulli: 1 0 then 04971d11958e
";
