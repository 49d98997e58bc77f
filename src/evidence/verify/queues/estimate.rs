//! Estimates from independent replications: ratios, quantiles, and how far to run.
//!
//! - A ratio `R = Σ num / Σ den` over replications, with the standard error `√(Σ e² / (r·(r − 1))) / mean(den)` of its
//!   residuals `e = num − R·den`.
//! - Where the service law's moments are known, their sampling error explains much of that of waits: with a control z of
//!   mean 0 the residual `e − β·z` is used instead, `β = Σ e·z / Σ z²`.
//! - A quantile is that of all replications together; its standard error is that of the share below it, a ratio, times
//!   the slope of the quantiles there.
//!
//! The run goes on until every standard error is small enough, or nobody would wait longer.
//! Source: A. M. Law, Simulation Modeling and Analysis, 5th edition (2015), chapters 9 and 11.

use super::law::Law;
use super::system::{Replication, System, Tally, Watch, histogram};
use crate::evidence::verify::{Effort, Value};
use crate::units::Span;
use hdrhistogram::Histogram;
use rayon::iter::{IntoParallelIterator, IntoParallelRefMutIterator, ParallelIterator};
use std::sync::atomic::Ordering;

/// Independent replications: enough for normal means.
const REPLICATIONS: u64 = 128;
/// Customers of a replication before the first look at the estimates.
const FIRST_LOOK: f64 = 2_000.0;
/// How much smaller than allowed standard errors are made, since the true one is not known.
const MARGIN: f64 = 0.75;
/// Most customers over all replications.
const MOST_CUSTOMERS: f64 = 1.5e8;
const MOST_CUSTOMERS_PRECISELY: f64 = 2.5e9;
/// Squared coefficient of variation below which a law counts as constant.
const LEAST_VARIATION: f64 = 1e-9;
/// Relative rounding error of long sums, of which nothing is known but that it is smaller.
const ROUNDING: f64 = 1e-11;
/// Ticks of the shorter of the mean times.
const TICKS: f64 = 1e6;

type Sum = Box<dyn Fn(&Tally) -> f64 + Send + Sync>;

/// Which distribution.
#[derive(Clone, Copy)]
pub(super) enum Times {
    Waits,
    Stays,
}

/// What is estimated.
pub(super) enum Measure {
    /// `Σ num / Σ den`.
    Ratio(Sum, Sum),
    /// The same, controlled by a moment of the service law.
    Controlled(Sum, Sum, u32),
    /// A quantile \[hours\].
    Quantile(Times, f64),
}

/// A quantity: a number, or a list of them.
pub(super) struct Question {
    pub name: &'static str,
    pub measures: Vec<Measure>,
    pub list: bool,
}

/// A mean and its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Estimate {
    mean: f64,
    se: f64,
}

impl Estimate {
    fn relative(self) -> f64 {
        if self.se == 0.0 { 0.0 } else { self.se / self.mean.abs() }
    }
}

/// Ticks an hour for a queue with these mean times.
pub(super) fn ticks_per_hour(arrivals: &Law, service: &Law) -> f64 {
    TICKS / arrivals.moment(1).min(service.moment(1))
}

/// Simulates a queue until every question is answered as precisely as the effort asks.
pub(super) fn answer(
    id: &str,
    system: &System,
    watch: &Watch,
    questions: &[Question],
    effort: &Effort,
) -> Vec<(&'static str, Value)> {
    let span = |customers: f64| system.span(customers);
    let warm_up = span(warm_up_customers(system));
    let begin = |number: u64| {
        let mut replication = Replication::new(id, number, watch);
        replication.run(system, watch, warm_up, effort.interrupt);
        replication.forget(watch);
        replication
    };
    let mut replications: Vec<Replication> = (0..REPLICATIONS).into_par_iter().map(begin).collect();
    let most = if effort.precise { MOST_CUSTOMERS_PRECISELY } else { MOST_CUSTOMERS } / REPLICATIONS as f64;
    let target = MARGIN * effort.precision();
    let (mut done, mut goal) = (0.0, FIRST_LOOK);
    loop {
        let more = span(goal - done);
        replications.par_iter_mut().for_each(|replication| replication.run(system, watch, more, effort.interrupt));
        done = goal;
        let answers = estimates(system, &replications, questions);
        let worst = answers.iter().flatten().map(|estimate| estimate.relative()).fold(0.0, f64::max);
        if worst <= target || done >= most || effort.interrupt.load(Ordering::Relaxed) {
            let values = answers.iter().zip(questions).map(|(estimates, question)| question.told(estimates));
            return questions.iter().map(|question| question.name).zip(values).collect();
        }
        // Errors fall with the root of the length; early estimates of them are rough, so the steps are bounded.
        let factor = (1.1 * (worst / target) * (worst / target)).clamp(1.25, 6.0);
        goal = (done * factor).min(most);
    }
}

impl System {
    /// The time in which so many customers come, on average.
    fn span(&self, customers: f64) -> Span {
        Span((customers * self.arrivals.moment(1) * self.ticks_per_hour) as u64)
    }
}

/// Customers after whom an empty start is forgotten: twenty service times, and fifteen times the relaxation time
/// `(C_a² + C_s²)/2 / (c·μ·(1 − √ρ)²)`, which in a room of K places is at most that of crossing it,
/// `(K − c + √c)² / (c·μ)`.
///
/// Source of the relaxation time: J. W. Cohen, The Single Server Queue (1982), for M/M/1; for others a rule of thumb.
fn warm_up_customers(system: &System) -> f64 {
    const MOST: f64 = 1e6;
    let (servers, service) = (system.servers as f64, system.service.moment(1));
    let load = service / (system.arrivals.moment(1) * servers);
    let gap = 1.0 - load.sqrt();
    let variation = 0.5 * (system.arrivals.scv() + system.service.scv()).max(1.0);
    let relaxing = if load < 1.0 { variation / (gap * gap) } else { f64::INFINITY };
    let crossing = system.room.map_or(f64::INFINITY, |room| {
        let width = (room - system.servers) as f64 + servers.sqrt();
        width * width
    });
    let hours = 20.0 * service + 15.0 * relaxing.min(crossing) * service / servers;
    (hours / system.arrivals.moment(1)).min(MOST)
}

impl Question {
    fn told(&self, estimates: &[Estimate]) -> Value {
        let mut values = estimates.iter().map(|estimate| Value::Simulated { mean: estimate.mean, se: estimate.se });
        if self.list { Value::List(values.collect()) } else { values.next().unwrap_or(Value::None) }
    }
}

fn estimates(system: &System, replications: &[Replication], questions: &[Question]) -> Vec<Vec<Estimate>> {
    let estimate = |measure: &Measure| match measure {
        Measure::Ratio(num, den) => ratio(replications, num, den, None),
        // What does not vary explains nothing, and its rounding would be taken for it.
        Measure::Controlled(num, den, _) if system.service.scv() < LEAST_VARIATION => {
            ratio(replications, num, den, None)
        }
        Measure::Controlled(num, den, power) => {
            let moment = system.service.moment(*power);
            let control = |tally: &Tally| {
                let sum = if *power == 2 { tally.service_squared } else { tally.service_cubed };
                sum - moment * tally.served
            };
            ratio(replications, num, den, Some(&control))
        }
        Measure::Quantile(times, p) => quantile(system, replications, *times, *p),
    };
    questions.iter().map(|question| question.measures.iter().map(estimate).collect()).collect()
}

fn ratio(replications: &[Replication], num: &Sum, den: &Sum, control: Option<&dyn Fn(&Tally) -> f64>) -> Estimate {
    let column = |of: &dyn Fn(&Tally) -> f64| replications.iter().map(|r| of(&r.tally)).collect::<Vec<f64>>();
    let (num, den) = (column(num), column(den));
    let (r, all) = (num.len() as f64, den.iter().sum::<f64>());
    let plain = num.iter().sum::<f64>() / all;
    let residual: Vec<f64> = num.iter().zip(&den).map(|(num, den)| num - plain * den).collect();
    let control = control.map_or_else(|| vec![0.0; num.len()], column);
    let own: f64 = control.iter().map(|z| z * z).sum();
    let with: f64 = residual.iter().zip(&control).map(|(e, z)| e * z).sum();
    let beta = if own > 0.0 { with / own } else { 0.0 };
    let squares: f64 = residual.iter().zip(&control).map(|(e, z)| (e - beta * z) * (e - beta * z)).sum();
    // Fitting β takes a degree of freedom.
    let freedom = r - 1.0 - f64::from(u8::from(beta != 0.0));
    let mean = plain - beta * control.iter().sum::<f64>() / all;
    // Of what does not vary at all, the rounding of the sums is left.
    Estimate { mean, se: ((squares * r / freedom).sqrt() / all).max(ROUNDING * mean.abs()) }
}

fn quantile(system: &System, replications: &[Replication], times: Times, p: f64) -> Estimate {
    let of = |tally: &'_ Tally| match times {
        Times::Waits => tally.waits.clone(),
        Times::Stays => tally.stays.clone(),
    };
    let parts: Vec<Histogram<u32>> = replications.iter().filter_map(|replication| of(&replication.tally)).collect();
    let mut all = histogram();
    parts.iter().for_each(|part| all.add(part).expect("histograms of one size"));
    let hours = |p: f64| all.median_equivalent(all.value_at_quantile(p)) as f64 / system.ticks_per_hour;
    let mean = hours(p);
    if mean == 0.0 {
        return Estimate { mean, se: 0.0 };
    }
    // The share below, whose error is that of a ratio, and how the quantile moves with it.
    let here = all.value_at_quantile(p);
    let counts: Vec<(f64, f64)> =
        parts.iter().map(|part| (part.count_between(0, here) as f64, part.len() as f64)).collect();
    let (below, len): (f64, f64) = counts.iter().fold((0.0, 0.0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
    let squares: f64 = counts.iter().map(|(b, n)| (b - below / len * n) * (b - below / len * n)).sum();
    let replications = counts.len() as f64;
    let se_below = (squares * replications / (replications - 1.0)).sqrt() / len;
    let step = 0.25 * p.min(1.0 - p);
    let slope = (hours(p + step) - hours(p - step)) / (2.0 * step);
    Estimate { mean, se: se_below * slope }
}
