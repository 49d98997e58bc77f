//! Estimates from independent replications: ratios, quantiles, and how far to run.
//!
//! - A ratio `R = Σ num / Σ den` over replications, with the standard error `√(Σ e² / (r·(r − 1))) / mean(den)` of its
//!   residuals `e = num − R·den`.
//! - Where the service law's moments are known, their sampling error explains much of that of waits: with a control z of
//!   mean 0 the residual `e − β·z` is used instead, `β = Σ e·z / Σ z²`.
//! - A share may be rare. Three visits more than were seen are counted into its standard error, `√(se² + (3/n)²)` with n
//!   arrivals: by the rule of three, what was never met in n is more frequent than 3/n once in twenty times.
//! - A variance over time `V = Σ n²·t / Σ t − M²`, M the mean, has the residuals `(n² − V − M²)·t − 2·M·(n − M)·t`.
//! - A quantile is that of all replications together; its standard error is that of the share below it, a ratio, times
//!   the slope of the quantiles there.
//!
//! The run goes on until every standard error is small enough, or nobody would wait longer. Small enough is relative; that
//! of a share below [`RAREST`] is held to what would do at [`RAREST`], or no run would be long enough.
//! Source: A. M. Law, Simulation Modeling and Analysis, 5th edition (2015), chapters 9 and 11; for the rule of three J. A.
//! Hanley, A. Lippman-Hand, JAMA 249 (1983) 1743.

use super::system::{Class, Replication, System, Tally, Watch, histogram};
use crate::evidence::verify::Effort;
use crate::evidence::verify::value::{RAREST, Value};
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
    /// A share of time or of customers, which may be rare.
    Share(Sum, Sum),
    /// Variance over time of what these are the integrals of, squared and plain.
    Variance(Sum, Sum),
    /// A ratio controlled by a moment of the service law.
    Controlled(Sum, Sum, u32),
    /// A quantile \[hours\].
    Quantile(Times, f64),
}

/// A quantity: a number, or a list of them.
pub(super) struct Question {
    pub name: &'static str,
    pub measures: Vec<Measure>,
    pub list: bool,
    /// Largest relative standard error that is wanted, below what the effort allows.
    pub within: f64,
}

/// A mean and its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Estimate {
    pub mean: f64,
    pub se: f64,
    /// Whether it is a share, which may be rare.
    pub share: bool,
}

impl Estimate {
    /// Standard error over the size that it is held against.
    pub fn relative(self) -> f64 {
        let size = if self.share { self.mean.max(RAREST) } else { self.mean.abs() };
        if self.se == 0.0 { 0.0 } else { self.se / size }
    }

    /// As a quantity of a case.
    pub fn told(self) -> Value {
        let Self { mean, se, share } = self;
        if share { Value::Share { mean, se } } else { Value::Simulated { mean, se } }
    }
}

/// The relative standard error that is aimed at.
pub(super) fn target(effort: &Effort) -> f64 {
    MARGIN * effort.precision()
}

/// Ticks an hour for a queue with these mean times, the shortest of which tells.
pub(super) fn ticks_per_hour(means: impl IntoIterator<Item = f64>) -> f64 {
    TICKS / means.into_iter().fold(f64::INFINITY, f64::min)
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
        let mut replication = Replication::new(id, number, system, watch);
        replication.run(system, watch, warm_up, effort.interrupt);
        replication.forget(system, watch);
        replication
    };
    let mut replications: Vec<Replication> = (0..REPLICATIONS).into_par_iter().map(begin).collect();
    let most = if effort.precise { MOST_CUSTOMERS_PRECISELY } else { MOST_CUSTOMERS } / REPLICATIONS as f64;
    let (mut done, mut goal) = (0.0, FIRST_LOOK);
    let mut second = SecondLook::new(effort);
    loop {
        let more = span(goal - done);
        replications.par_iter_mut().for_each(|replication| replication.run(system, watch, more, effort.interrupt));
        done = goal;
        let answers = estimates(system, &replications, questions);
        let worst = excess(&answers, questions, target(effort));
        let enough = second.is_enough(worst, done);
        if enough || done >= most || effort.interrupt.load(Ordering::Relaxed) {
            let values = answers.iter().zip(questions).map(|(estimates, question)| question.told(estimates));
            return questions.iter().map(|question| question.name).zip(values).collect();
        }
        // Errors fall with the root of the length; early estimates of them are rough, so the steps are bounded.
        let factor = (1.1 * worst * worst).clamp(1.25, 6.0);
        goal = (done * factor).max(second.least.min(6.0 * done)).min(most);
    }
}

/// A second look is not only to half the standard error: one that was small enough before is halved too, by four times
/// the length.
pub(super) struct SecondLook {
    again: bool,
    /// The length from which on it is enough.
    pub least: f64,
}

impl SecondLook {
    pub fn new(effort: &Effort) -> Self {
        Self { again: effort.again, least: 0.0 }
    }

    /// Whether a run of the length `done` is long enough, with `worst` the largest standard error over what it may be.
    pub fn is_enough(&mut self, worst: f64, done: f64) -> bool {
        // The first look allowed twice as much.
        if self.again && self.least == 0.0 && worst <= 2.0 {
            self.least = 4.0 * done;
        }
        worst <= 1.0 && done >= self.least
    }
}

/// The largest standard error over what it may be.
fn excess(answers: &[Vec<Estimate>], questions: &[Question], target: f64) -> f64 {
    let of = |(estimates, question): (&Vec<Estimate>, &Question)| {
        let largest = estimates.iter().map(|estimate| estimate.relative()).fold(0.0, f64::max);
        largest / target.min(question.within)
    };
    answers.iter().zip(questions).map(of).fold(0.0, f64::max)
}

impl System {
    /// The time in which so many customers come, on average.
    fn span(&self, customers: f64) -> Span {
        Span((customers * self.hours_between_arrivals() * self.ticks_per_hour) as u64)
    }

    /// Mean time between arrivals \[hours\]; of a population at least that, since who is in the system does not come.
    pub fn hours_between_arrivals(&self) -> f64 {
        match self.population {
            Some(customers) => {
                let (out, service) = (self.classes[0].arrivals.moment(1), self.classes[0].service.moment(1));
                ((out + service) / customers as f64).max(service / self.servers as f64)
            }
            None => 1.0 / self.classes.iter().map(|class| 1.0 / class.arrivals.moment(1)).sum::<f64>(),
        }
    }

    /// Mean service time of all customers \[hours\].
    pub fn hours_of_service(&self) -> f64 {
        self.work_per_hour() * self.hours_between_arrivals()
    }

    /// Hours of service that come in an hour.
    pub fn work_per_hour(&self) -> f64 {
        match self.population {
            Some(_) => self.classes[0].service.moment(1) / self.hours_between_arrivals(),
            None => self.classes.iter().map(|class| class.service.moment(1) / class.arrivals.moment(1)).sum(),
        }
    }
}

/// Customers after whom an empty start is forgotten: twenty service times, and fifteen times the relaxation time
/// `(C_a² + C_s²)/2 / (c·μ·(1 − √ρ)²)`, which in a room of K places, or with a population of K, is at most that of
/// crossing it, `(K − c + √c)² / (c·μ)`, and with impatient customers at most their patience.
///
/// Source of the relaxation time: J. W. Cohen, The Single Server Queue (1982), for M/M/1; for others a rule of thumb.
fn warm_up_customers(system: &System) -> f64 {
    const MOST: f64 = 1e6;
    let (servers, service) = (system.servers as f64, system.hours_of_service());
    let load = system.work_per_hour() / servers;
    let gap = 1.0 - load.sqrt();
    let scv = |class: &Class| 0.5 * (class.arrivals.scv() + class.service.scv());
    let variation = system.classes.iter().map(scv).fold(0.5, f64::max);
    let relaxing = if load < 1.0 { variation / (gap * gap) } else { f64::INFINITY };
    let crossing = system.room.or(system.population).map_or(f64::INFINITY, |room| {
        let width = room.saturating_sub(system.servers) as f64 + servers.sqrt();
        width * width
    });
    let patience = system.patience.map_or(f64::INFINITY, |law| law.moment(1));
    let hours = 20.0 * service + 15.0 * (relaxing.min(crossing) * service / servers).min(patience);
    (hours / system.hours_between_arrivals()).min(MOST)
}

impl Question {
    fn told(&self, estimates: &[Estimate]) -> Value {
        let mut values = estimates.iter().map(|estimate| estimate.told());
        if self.list { Value::List(values.collect()) } else { values.next().unwrap_or(Value::None) }
    }
}

fn estimates(system: &System, replications: &[Replication], questions: &[Question]) -> Vec<Vec<Estimate>> {
    let service = &system.classes[0].service;
    let estimate = |measure: &Measure| match measure {
        Measure::Ratio(num, den) => ratio(replications, num, den, None),
        Measure::Share(num, den) => share(replications, num, den),
        Measure::Variance(squares, plain) => variance(replications, squares, plain),
        // What does not vary explains nothing, and its rounding would be taken for it.
        Measure::Controlled(num, den, _) if service.scv() < LEAST_VARIATION => ratio(replications, num, den, None),
        Measure::Controlled(num, den, power) => {
            let moment = service.moment(*power);
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

/// One figure of every replication.
fn column(replications: &[Replication], of: &dyn Fn(&Tally) -> f64) -> Vec<f64> {
    replications.iter().map(|replication| of(&replication.tally)).collect()
}

fn share(replications: &[Replication], num: &Sum, den: &Sum) -> Estimate {
    let seen = ratio(replications, num, den, None);
    let arrivals: f64 = column(replications, &|tally| tally.arrivals).iter().sum();
    let unseen = 3.0 / arrivals;
    Estimate { se: (seen.se * seen.se + unseen * unseen).sqrt(), share: true, ..seen }
}

fn variance(replications: &[Replication], squares: &Sum, plain: &Sum) -> Estimate {
    let time = column(replications, &|tally| tally.time);
    let (squares, plain) = (column(replications, squares), column(replications, plain));
    let all: f64 = time.iter().sum();
    let mean = plain.iter().sum::<f64>() / all;
    let square = squares.iter().sum::<f64>() / all;
    let residual = (0..time.len()).map(|i| squares[i] - square * time[i] - 2.0 * mean * (plain[i] - mean * time[i]));
    let sum: f64 = residual.map(|e| e * e).sum();
    let r = time.len() as f64;
    Estimate { mean: square - mean * mean, se: (sum * r / (r - 1.0)).sqrt() / all, share: false }
}

fn ratio(replications: &[Replication], num: &Sum, den: &Sum, control: Option<&dyn Fn(&Tally) -> f64>) -> Estimate {
    let (num, den) = (column(replications, num), column(replications, den));
    let (r, all) = (num.len() as f64, den.iter().sum::<f64>());
    let plain = num.iter().sum::<f64>() / all;
    let residual: Vec<f64> = num.iter().zip(&den).map(|(num, den)| num - plain * den).collect();
    let control = control.map_or_else(|| vec![0.0; num.len()], |control| column(replications, control));
    let own: f64 = control.iter().map(|z| z * z).sum();
    let with: f64 = residual.iter().zip(&control).map(|(e, z)| e * z).sum();
    let beta = if own > 0.0 { with / own } else { 0.0 };
    let squares: f64 = residual.iter().zip(&control).map(|(e, z)| (e - beta * z) * (e - beta * z)).sum();
    // Fitting β takes a degree of freedom.
    let freedom = r - 1.0 - f64::from(u8::from(beta != 0.0));
    let mean = plain - beta * control.iter().sum::<f64>() / all;
    // Of what does not vary at all, the rounding of the sums is left.
    Estimate { mean, se: ((squares * r / freedom).sqrt() / all).max(ROUNDING * mean.abs()), share: false }
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
        return Estimate { mean, se: 0.0, share: false };
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
    Estimate { mean, se: se_below * slope, share: false }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;

    #[test]
    fn a_second_look_is_four_times_as_long_as_the_first() {
        let interrupt = AtomicBool::new(false);
        let first = Effort::new(false, &interrupt);
        let mut look = SecondLook::new(&first);
        assert_eq!([look.is_enough(1.1, 10.0), look.is_enough(0.9, 20.0)], [false, true]);
        let second = Effort { again: true, ..first };
        assert_eq!((first.precision(), second.precision()), (0.02, 0.01));
        let mut look = SecondLook::new(&second);
        // At 100 the first look would have ended, with what is twice too much now; at 300 it is small enough, too early.
        assert_eq!([look.is_enough(2.1, 50.0), look.is_enough(1.9, 100.0)], [false, false]);
        assert_eq!([look.is_enough(0.9, 300.0), look.is_enough(0.8, 400.0)], [false, true]);
    }

    /// A share is held to its own size, or to one in a thousand; another figure always to its own.
    #[test]
    fn errors_of_rare_shares_are_not_held_to_their_own_size() {
        let estimate = |mean, share| Estimate { mean, se: 1e-5, share };
        let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
        near(estimate(1e-5, true).relative(), 0.01);
        near(estimate(0.1, true).relative(), 1e-4);
        near(estimate(1e-5, false).relative(), 1.0);
    }
}
