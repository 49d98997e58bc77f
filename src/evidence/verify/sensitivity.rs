//! Sensitivity analysis: the estimators on functions whose indices are known.

use super::Effort;
use super::fields::{ANY, Fields, NOT_NEGATIVE};
use super::kinds::Task;
use super::sampling::points;
use super::value::{Quantities, Value};
use crate::engine::Stream;
use crate::experiment::sampling::sobol::Sobol;
use crate::experiment::sensitivity::Resampling;
use crate::experiment::sensitivity::morris::{effects, screen, trajectory};
use crate::experiment::sensitivity::variance::{Design, Outcomes};
use crate::experiment::statistics::{mean, variance};
use std::f64::consts::PI;

/// A function of the unit cube.
type Function = Box<dyn Fn(&[f64]) -> f64 + Send + Sync>;

/// Independently shifted sequences, whose spread is the error of an estimate: many, since what a shift leaves of the
/// error is far from normal, and a few would often tell too little of it.
const SHIFTS: u64 = 64;
/// Pairs of points of each at a first look.
const PAIRS: u64 = 4_096;
/// Most factors.
const MOST: usize = 32;
/// Trajectories of a screening, and their levels.
const TRAJECTORIES: (u64, u32) = (20, 4);
/// No interval of a screening is compared.
const NO_RESAMPLES: Resampling = Resampling { resamples: 2, seed: 0 };

/// `sin x₁ + a sin² x₂ + b x₃⁴ sin x₁` with x from −π to π (Ishigami and Homma, 1990).
fn ishigami_of(a: f64, b: f64) -> Function {
    Box::new(move |u| {
        let x = |j: usize| -PI + 2.0 * PI * u[j];
        let (sine, square) = (libm::sin(x(1)), x(2) * x(2));
        libm::sin(x(0)) * (1.0 + b * square * square) + a * sine * sine
    })
}

/// `Π (|4x − 2| + a)/(1 + a)` (Saltelli and Sobol', 1995).
fn sobol_g_of(a: Vec<f64>) -> Function {
    Box::new(move |u| u.iter().zip(&a).map(|(x, a)| ((4.0 * x - 2.0).abs() + a) / (1.0 + a)).product())
}

fn coefficients_of_g(fields: &mut Fields) -> Vec<f64> {
    let a = fields.numbers("a", NOT_NEGATIVE);
    if a.len() > MOST {
        fields.refuse("a", &format!("at most {MOST} numbers"));
    }
    a
}

/// The design of `d` factors, run on one shifted sequence.
fn run(design: &Design, d: usize, of: &Function, pairs: u64, shift: u64) -> Outcomes {
    let sobol = Sobol::new(2 * d).shifted(|j| Stream::named(0, shift, &format!("axis {j}"), "verify"));
    let runs = (0..pairs).flat_map(|pair| design.points(&sobol.point(pair)));
    design.outcomes(&runs.map(|point| of(&point)).collect::<Vec<f64>>())
}

/// Means over the shifted sequences of several quantities each, with their standard errors.
fn simulated(
    design: &Design,
    d: usize,
    of: &Function,
    effort: &Effort<'_>,
    ask: impl Fn(&Outcomes) -> Vec<f64>,
) -> Vec<Value> {
    let more = |yes: bool| if yes { 4 } else { 1 };
    let pairs = PAIRS * more(effort.precise) * more(effort.again);
    let asked: Vec<Vec<f64>> = (0..SHIFTS).map(|shift| ask(&run(design, d, of, pairs, shift))).collect();
    let value = |place: usize| {
        let values: Vec<f64> = asked.iter().map(|of_shift| of_shift[place]).collect();
        Value::Simulated { mean: mean(&values), se: (variance(&values) / SHIFTS as f64).sqrt() }
    };
    (0..asked[0].len()).map(value).collect()
}

/// Mean, variance and the indices of each factor.
fn indices(d: usize, of: &Function, effort: &Effort<'_>) -> Quantities {
    let ask = |outcomes: &Outcomes| {
        let (pairs, scaled) = (outcomes.pairs(), outcomes.standardised());
        let centre = 0.5 * (mean(&outcomes.a) + mean(&outcomes.b));
        let first = (0..d).map(|factor| scaled.first(factor, &pairs));
        let total = (0..d).map(|factor| scaled.total(factor, &pairs));
        [centre, outcomes.variance(&pairs)].into_iter().chain(first).chain(total).collect()
    };
    let mut values = simulated(&Design::new(d), d, of, effort, ask);
    let total = values.split_off(2 + d);
    let first = values.split_off(2);
    let (mean, variance) = (values.remove(0), values.remove(0));
    vec![("mean", mean), ("variance", variance), ("S1", Value::List(first)), ("ST", Value::List(total))]
}

/// A function whose first and third factor act together.
pub(super) fn ishigami(fields: &mut Fields, _id: &str) -> Task {
    let of = ishigami_of(fields.number("a", ANY), fields.number("b", ANY));
    Box::new(move |effort| {
        let mut quantities = indices(3, &of, effort);
        // What the first and the third do together is what both hold less what each holds alone.
        let design = Design { factors: vec![vec![0], vec![2], vec![0, 2]] };
        let ask = |outcomes: &Outcomes| {
            let (pairs, scaled) = (outcomes.pairs(), outcomes.standardised());
            let [one, three, both] = [0, 1, 2].map(|factor| scaled.first(factor, &pairs));
            vec![both - one - three]
        };
        quantities.push(("S2_13", simulated(&design, 3, &of, effort, ask).remove(0)));
        quantities
    })
}

/// A product of factors of falling weight.
pub(super) fn sobol_g(fields: &mut Fields, _id: &str) -> Task {
    let a = coefficients_of_g(fields);
    Box::new(move |effort| indices(a.len(), &sobol_g_of(a.clone()), effort))
}

/// A linear function of uniform inputs, by Sobol' indices and by elementary effects.
pub(super) fn linear(fields: &mut Fields, _id: &str) -> Task {
    let (coefficients, bounds) = (fields.numbers("coefficients", ANY), bounds(fields));
    if coefficients.len() != bounds.len() || coefficients.len() > MOST {
        fields.refuse("bounds", &format!("bounds for each of at most {MOST} coefficients"));
    }
    Box::new(move |effort| {
        let (d, terms) = (coefficients.len(), coefficients.clone().into_iter().zip(bounds.clone()).collect::<Vec<_>>());
        let of: Function =
            Box::new(move |u| terms.iter().zip(u).map(|((c, (low, high)), u)| c * (low + (high - low) * u)).sum());
        let mut quantities = indices(d, &of, effort);
        let (count, levels) = TRAJECTORIES;
        let trajectories: Vec<Vec<Vec<f64>>> = (0..count).map(|number| trajectory(0, number, d, levels)).collect();
        let [mu, mu_star, sigma] = screened(&trajectories, &of);
        quantities.extend([
            ("morris_mu_unit_scaled", mu),
            ("morris_mu_star_unit_scaled", mu_star),
            ("morris_sigma", sigma),
        ]);
        quantities
    })
}

fn bounds(fields: &mut Fields) -> Vec<(f64, f64)> {
    fields.list("bounds", "two numbers that rise", |item| match item.as_array()?.as_slice() {
        [low, high] => Some((low.as_f64()?, high.as_f64()?)).filter(|(low, high)| low < high),
        _ => None,
    })
}

/// µ, µ* and σ of every factor.
fn screened(trajectories: &[Vec<Vec<f64>>], of: &Function) -> [Value; 3] {
    let of_trajectory = |points: &Vec<Vec<f64>>| effects(points, &points.iter().map(|u| of(u)).collect::<Vec<f64>>());
    let all: Option<Vec<Vec<f64>>> = trajectories.iter().map(of_trajectory).collect();
    let factors = all.map_or_else(Vec::new, |effects| screen(&effects, NO_RESAMPLES, 0.95));
    [
        Value::numbers(factors.iter().map(|factor| factor.mean.value)),
        Value::numbers(factors.iter().map(|factor| factor.mean_size.value)),
        Value::numbers(factors.iter().map(|factor| factor.deviation)),
    ]
}

/// Given points for the function of Ishigami and Homma.
pub(super) fn given_ishigami(fields: &mut Fields, _id: &str) -> Task {
    let (a, b) = match fields.within("parameters") {
        Some(mut parameters) => (parameters.number("a", ANY), parameters.number("b", ANY)),
        None => (0.0, 0.0),
    };
    given(fields, 3, ishigami_of(a, b))
}

/// Given points for the product of factors.
pub(super) fn given_sobol_g(fields: &mut Fields, _id: &str) -> Task {
    let a = fields.within("parameters").map_or_else(Vec::new, |mut parameters| coefficients_of_g(&mut parameters));
    given(fields, a.len(), sobol_g_of(a))
}

/// The estimates from given pairs of points, of the outcomes as they are and standardised.
fn given(fields: &mut Fields, factors: usize, of: Function) -> Task {
    let d = fields.count("d", 1, MOST as u64) as usize;
    let pairs = points(fields, "base_sample_unit");
    if factors != d || pairs.iter().any(|pair| pair.len() != 2 * d) {
        fields.refuse("d", "the number of inputs, which every row has twice");
    }
    Box::new(move |_| {
        let design = Design::new(d);
        let runs: Vec<f64> = pairs.iter().flat_map(|pair| design.points(pair)).map(|point| of(&point)).collect();
        let raw = design.outcomes(&runs);
        let scaled = raw.standardised();
        let all = raw.pairs();
        let first = |outcomes: &Outcomes| Value::numbers((0..d).map(|factor| outcomes.first(factor, &all)));
        let total = |outcomes: &Outcomes| Value::numbers((0..d).map(|factor| outcomes.total(factor, &all)));
        let first_five = |outcomes: &[f64]| Value::numbers(outcomes.iter().take(5).copied());
        vec![
            ("S1_saltelli2010_raw_outputs", first(&raw)),
            ("ST_jansen_raw_outputs", total(&raw)),
            ("S1_saltelli2010_standardised_outputs", first(&scaled)),
            ("ST_jansen_standardised_outputs", total(&scaled)),
            ("model_output_A_first_5", first_five(&raw.a)),
            ("model_output_B_first_5", first_five(&raw.b)),
        ]
    })
}

/// Elementary effects on given trajectories of the function of Ishigami and Homma.
pub(super) fn given_trajectories(fields: &mut Fields, _id: &str) -> Task {
    let of = ishigami_of(fields.number("a", ANY), fields.number("b", ANY));
    let points = points(fields, "trajectories_unit");
    let rows = fields.count("rows_per_trajectory", 4, 4) as usize;
    let fits = points.len().is_multiple_of(rows) && points.iter().all(|point| point.len() == 3);
    let trajectories: Vec<Vec<Vec<f64>>> = points.chunks(rows).map(<[Vec<f64>]>::to_vec).collect();
    let moves = |one: &Vec<Vec<f64>>| effects(one, &vec![0.0; one.len()]).is_some();
    if !fits || !trajectories.iter().all(moves) {
        fields.refuse("trajectories_unit", "points of three inputs that each step moves one of, each once");
    }
    Box::new(move |_| {
        let [mu, mu_star, sigma] = screened(&trajectories, &of);
        vec![("mu", mu), ("mu_star", mu_star), ("sigma", sigma)]
    })
}
