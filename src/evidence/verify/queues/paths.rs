//! Queues from an empty start: many short runs, each of which is one observation.
//!
//! Runs are made in rounds, each as many as all before, until the standard errors `√(Σ (x − x̄)² / (n·(n − 1)))` are small
//! enough.

use super::estimate::{Estimate, SecondLook, answer, target};
use super::repair::{machines, most_down};
use super::system::{Class, ENDLESS, Replication, System, Watch};
use super::{
    Fields, Law, MOST_STATES, Measure, NOT_NEGATIVE, Task, checked, exponential, over_time, question, questions, states,
};
use crate::evidence::verify::Effort;
use crate::evidence::verify::value::Value;
use crate::units::Span;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::sync::atomic::Ordering;

/// Runs of the first round.
const FIRST_ROUND: u64 = 2_048;
/// Most runs in all.
const MOST_RUNS: u64 = 1 << 24;
/// Most customers of a run to a given time.
const MOST_ARRIVALS: f64 = 1e5;
/// Runs on one stream of random numbers, one after the other.
const RUNS_TOGETHER: u64 = 64;

/// Sums over runs of what each shows, and of its squares.
#[derive(Clone)]
struct Moments {
    count: f64,
    sums: Vec<f64>,
    squares: Vec<f64>,
}

impl Moments {
    fn new(figures: usize) -> Self {
        Self { count: 0.0, sums: vec![0.0; figures], squares: vec![0.0; figures] }
    }

    fn add(&mut self, figures: &[f64]) {
        self.count += 1.0;
        for (place, x) in figures.iter().enumerate() {
            self.sums[place] += x;
            self.squares[place] += x * x;
        }
    }

    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        for (place, (sum, square)) in other.sums.iter().zip(&other.squares).enumerate() {
            self.sums[place] += sum;
            self.squares[place] += square;
        }
    }

    fn estimates(&self) -> Vec<Estimate> {
        let estimate = |(sum, square): (&f64, &f64)| {
            let mean = sum / self.count;
            let variance = (square - sum * mean).max(0.0) / (self.count - 1.0);
            Estimate { mean, se: (variance / self.count).sqrt(), share: false }
        };
        self.sums.iter().zip(&self.squares).map(estimate).collect()
    }
}

/// Means over runs of a queue from an empty start, of the `figures` that `watched` reads off each.
fn over_runs(
    id: &str,
    system: &System,
    figures: usize,
    watched: impl Fn(&mut Replication) -> Option<Vec<f64>> + Sync,
    effort: &Effort,
) -> Vec<Estimate> {
    let together = |number: u64| {
        let mut moments = Moments::new(figures);
        let mut run = Replication::new(id, number, system, &Watch::default());
        for _ in 0..RUNS_TOGETHER {
            let Some(figures) = watched(&mut run) else { break };
            moments.add(&figures);
            run.restart(system);
        }
        moments
    };
    let (mut all, mut done, mut goal) = (Moments::new(figures), 0, FIRST_ROUND / RUNS_TOGETHER);
    let mut second = SecondLook::new(effort);
    loop {
        let round: Vec<Moments> = (done..goal).into_par_iter().map(together).collect();
        round.iter().for_each(|moments| all.merge(moments));
        let estimates = all.estimates();
        let worst = estimates.iter().map(|estimate| estimate.relative()).fold(0.0, f64::max);
        let enough = second.is_enough(worst / target(effort), goal as f64) || goal * RUNS_TOGETHER >= MOST_RUNS;
        if enough || effort.interrupt.load(Ordering::Relaxed) {
            return estimates;
        }
        (done, goal) = (goal, 2 * goal);
    }
}

/// Customers present at each of `times` \[hours\], after an empty start.
fn present_at(id: &str, system: &System, times: &[f64], effort: &Effort) -> Value {
    let watch = Watch::default();
    let instants: Vec<u64> = times.iter().map(|hours| (hours * system.ticks_per_hour).round() as u64).collect();
    let mut order: Vec<usize> = (0..instants.len()).collect();
    order.sort_by_key(|place| instants[*place]);
    let watched = |run: &mut Replication| {
        let (mut found, mut now) = (vec![0.0; instants.len()], 0);
        for place in &order {
            run.run(system, &watch, Span(instants[*place] - now), effort.interrupt);
            (found[*place], now) = (run.present() as f64, instants[*place]);
        }
        (!effort.interrupt.load(Ordering::Relaxed)).then_some(found)
    };
    let estimates = over_runs(id, system, times.len(), watched, effort);
    Value::List(estimates.into_iter().map(Estimate::told).collect())
}

/// `M/M/∞` in the long run, and it and `M/D/∞` from an empty start.
pub(in super::super) fn mm_inf(fields: &mut Fields, id: &str) -> Task {
    let (arrivals, service) = (exponential(fields, "arrival_rate"), exponential(fields, "service_rate"));
    let queue = |service| {
        let classes = vec![Class { arrivals, service }];
        System { classes, population: None, servers: ENDLESS, room: None, patience: None, ticks_per_hour: 1.0 }
    };
    let random = checked(fields, "arrival_rate", queue(service));
    let steady =
        System { ticks_per_hour: random.ticks_per_hour, ..queue(Law::Deterministic { mean: service.moment(1) }) };
    let times = fields.numbers("times", NOT_NEGATIVE);
    if times.iter().any(|hours| hours / random.classes[0].arrivals.moment(1) > MOST_ARRIVALS) {
        fields.refuse("times", "times within which at most 100,000 customers come");
    }
    let numbers = fields.counts("n_values", 0, MOST_STATES);
    let numbers: Vec<usize> = numbers.into_iter().map(|n| n as usize).collect();
    let id = id.to_owned();
    Box::new(move |effort| {
        let asked = [
            question("L", over_time(|t| t.present_time)),
            question("variance", Measure::Variance(Box::new(|t| t.present_squared_time), Box::new(|t| t.present_time))),
            questions("state_probabilities_at_n", states(numbers.iter().copied())),
        ];
        let watch = Watch { states: numbers.iter().max().map_or(0, |n| n + 1), ..Watch::default() };
        let mut found = answer(&id, &random, &watch, &asked, effort);
        let name = format!("{id}/empty");
        found.push(("transient_mean", present_at(&name, &random, &times, effort)));
        let steady = present_at(&name, &steady, &times, effort);
        found.push(("transient_mean_deterministic_service_same_mean", steady));
        found
    })
}

/// The time from all units in order to the first instant at which fewer than k of n are.
pub(in super::super) fn k_of_n_mttf_with_repair(fields: &mut Fields, id: &str) -> Task {
    let system = machines(fields, "n");
    let level = most_down(fields, "k", system.population.unwrap_or(1));
    let id = id.to_owned();
    Box::new(move |effort| {
        let hour = system.ticks_per_hour;
        let watched = |run: &mut Replication| Some(vec![run.first_passage(&system, level, effort.interrupt)? / hour]);
        let time = over_runs(&id, &system, 1, watched, effort).remove(0);
        vec![("MTTF", time.told())]
    })
}
