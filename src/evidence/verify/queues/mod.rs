//! Queues, simulated through the engine that runs the market.
//!
//! Nothing of what is told is computed from a formula of queueing theory: shares of time and of customers, mean times
//! and their quantiles are counted. Only warm-up and controls use the moments of the given laws; see [`estimate`]. What a
//! case asks of approximations is computed by the market's own, [`latency`](crate::market::latency).

mod classes;
mod estimate;
pub(super) mod gangs;
mod general;
#[cfg(test)]
mod latency;
mod law;
mod paths;
mod repair;
mod system;

pub(super) use classes::{mg1_priority, mmc_priority, mmc_priority_different_rates};
pub(super) use general::ggc;
pub(super) use paths::{k_of_n_mttf_with_repair, mm_inf};
pub(super) use repair::machine_repair;

use super::fields::{BETWEEN, Fields, NOT_NEGATIVE, Range, SHARE};
use super::kinds::Task;
use estimate::{Measure, Question, Times, answer, ticks_per_hour};
use law::Law;
use system::{Class, ENDLESS, System, Tally, Watch};

const MOST_SERVERS: u64 = 100_000;
const MOST_STATES: u64 = 10_000;
const MOST_STAGES: u64 = 1_000;
/// Largest ratio of the mean times between and of services: the clock has 48 bits.
const LARGEST_RATIO: f64 = 1e6;

/// Rates, times and variations that can be simulated; none that means anything is beyond.
const SIZE: Range = Range { expected: "a number above 0, from 1e-9 to 1e9", holds: |x| (1e-9..=1e9).contains(&x) };

fn question(name: &'static str, measure: Measure) -> Question {
    Question { name, measures: vec![measure], list: false, within: f64::INFINITY }
}

fn questions(name: &'static str, measures: impl IntoIterator<Item = Measure>) -> Question {
    Question { name, measures: measures.into_iter().collect(), list: true, within: f64::INFINITY }
}

fn ratio(
    num: impl Fn(&Tally) -> f64 + Send + Sync + 'static,
    den: impl Fn(&Tally) -> f64 + Send + Sync + 'static,
) -> Measure {
    Measure::Ratio(Box::new(num), Box::new(den))
}

/// Mean over time.
fn over_time(num: impl Fn(&Tally) -> f64 + Send + Sync + 'static) -> Measure {
    ratio(num, |tally| tally.time)
}

/// Share of time, which may be rare.
fn share_of_time(num: impl Fn(&Tally) -> f64 + Send + Sync + 'static) -> Measure {
    Measure::Share(Box::new(num), Box::new(|tally| tally.time))
}

/// Shares of time with each number of customers, from 0.
fn states(numbers: impl IntoIterator<Item = usize>) -> Vec<Measure> {
    numbers.into_iter().map(|n| share_of_time(move |t| t.state_time[n])).collect()
}

/// Mean over the customers served.
fn over_customers(num: impl Fn(&Tally) -> f64 + Send + Sync + 'static) -> Measure {
    ratio(num, |tally| tally.served)
}

/// Share of the customers served, which may be rare.
#[cfg(test)]
fn share_of_customers(num: impl Fn(&Tally) -> f64 + Send + Sync + 'static) -> Measure {
    Measure::Share(Box::new(num), Box::new(|tally| tally.served))
}

impl Measure {
    /// Controlled by the service law's moment `power`.
    fn controlled(self, power: u32) -> Self {
        match self {
            Self::Ratio(num, den) => Self::Controlled(num, den, power),
            other => other,
        }
    }
}

fn exponential(fields: &mut Fields, rate: &str) -> Law {
    Law::Exponential { mean: 1.0 / fields.number(rate, SIZE) }
}

fn servers(fields: &mut Fields) -> usize {
    fields.count("servers", 1, MOST_SERVERS) as usize
}

/// A queue of one class.
fn system(
    fields: &mut Fields,
    at: &str,
    (arrivals, service): (Law, Law),
    servers: usize,
    room: Option<usize>,
) -> System {
    let classes = vec![Class { arrivals, service }];
    checked(fields, at, System { classes, population: None, servers, room, patience: None, ticks_per_hour: 1.0 })
}

/// Refuses, at the field that says how many come, a queue that grows without bound and one whose times are too different
/// for one clock; sets that clock.
fn checked(fields: &mut Fields, at: &str, mut system: System) -> System {
    let endless = system.room.is_none() && system.population.is_none() && system.patience.is_none();
    if endless && system.work_per_hour() >= system.servers as f64 {
        fields.refuse(at, "less than the servers can serve, or the queue grows without bound");
    }
    let services = system.classes.iter().map(|class| class.service.moment(1));
    let between = system.classes.iter().map(|class| class.arrivals.moment(1) / system.population.unwrap_or(1) as f64);
    let means: Vec<f64> = services.chain(between).chain(system.patience.map(|law| law.moment(1))).collect();
    let least = means.iter().copied().fold(f64::INFINITY, f64::min);
    let most = means.iter().copied().fold(0.0, f64::max);
    // A field that could not be read has left a mean that is not a number, and its own message.
    if means.iter().all(|mean| mean.is_finite()) && most / least > LARGEST_RATIO {
        fields.refuse(at, "times between arrivals within a million times those of service");
    }
    let stay = match system.patience {
        Some(patience) => patience.moment(1),
        None if system.servers == ENDLESS => system.hours_of_service(),
        None => 0.0,
    };
    if stay / system.hours_between_arrivals() > MOST_STATES as f64 {
        fields.refuse(at, "at most 10,000 customers at once, on average");
    }
    system.ticks_per_hour = ticks_per_hour(means);
    system
}

fn watched_times(system: &System, times: &[f64]) -> Vec<u64> {
    times.iter().map(|hours| (hours * system.ticks_per_hour).round() as u64).collect()
}

/// `M/M/1`.
pub(super) fn mm1(fields: &mut Fields, id: &str) -> Task {
    let (arrivals, service) = (exponential(fields, "arrival_rate"), exponential(fields, "service_rate"));
    let system = system(fields, "arrival_rate", (arrivals, service), 1, None);
    let (times, p) = (fields.numbers("times", NOT_NEGATIVE), fields.number("quantile", BETWEEN));
    let states = fields.count("n_states", 1, MOST_STATES) as usize;
    let id = id.to_owned();
    Box::new(move |effort| {
        let watch = Watch { states, times: watched_times(&system, &times), distributions: true, level: None };
        let mut asked = means(&system);
        asked.push(questions("state_probabilities", self::states(0..states)));
        let longer = |of: fn(&Tally) -> &Vec<f64>| (0..times.len()).map(move |i| over_customers(move |t| of(t)[i]));
        asked.push(questions("P_sojourn_gt_t", longer(|t| &t.longer_stays)));
        asked.push(questions("P_wait_gt_t", longer(|t| &t.longer_waits)));
        asked.push(question("sojourn_quantile", Measure::Quantile(Times::Stays, p)));
        asked.push(question("wait_quantile", Measure::Quantile(Times::Waits, p)));
        answer(&id, &system, &watch, &asked, effort)
    })
}

/// Utilisation, mean numbers and mean times.
fn means(system: &System) -> Vec<Question> {
    let (servers, hour) = (system.servers as f64, system.ticks_per_hour);
    vec![
        question("utilisation", over_time(move |t| t.busy_time / servers)),
        question("L", over_time(|t| t.present_time)),
        question("Lq", over_time(|t| t.line_time)),
        question("W", over_customers(move |t| t.stay / hour)),
        question("Wq", over_customers(move |t| t.wait / hour)),
    ]
}

/// `M/M/c`.
pub(super) fn mmc(fields: &mut Fields, id: &str) -> Task {
    let (arrivals, service) = (exponential(fields, "arrival_rate"), exponential(fields, "service_rate"));
    let servers = servers(fields);
    let system = system(fields, "arrival_rate", (arrivals, service), servers, None);
    let (times, p) = (fields.numbers("times", NOT_NEGATIVE), fields.number("quantile", BETWEEN));
    let id = id.to_owned();
    Box::new(move |effort| {
        let watch = Watch { states: 0, times: watched_times(&system, &times), distributions: true, level: None };
        let mut asked = means(&system);
        asked.push(question("P_wait_gt_0", over_customers(|t| t.waited)));
        let longer = (0..times.len()).map(|i| over_customers(move |t| t.longer_waits[i]));
        asked.push(questions("P_wait_gt_t", longer));
        asked.push(question("wait_quantile", Measure::Quantile(Times::Waits, p)));
        answer(&id, &system, &watch, &asked, effort)
    })
}

/// `M/M/c/c`: who finds all servers busy is lost.
pub(super) fn erlang_b(fields: &mut Fields, id: &str) -> Task {
    let (arrivals, service) = (exponential(fields, "arrival_rate"), exponential(fields, "service_rate"));
    let servers = servers(fields);
    let system = system(fields, "arrival_rate", (arrivals, service), servers, Some(servers));
    let id = id.to_owned();
    Box::new(move |effort| {
        let (servers, hour) = (system.servers as f64, system.ticks_per_hour);
        let asked = [
            question("blocking", ratio(|t| t.turned_away, |t| t.arrivals)),
            question("carried_load", over_time(|t| t.busy_time)),
            question("server_utilisation", over_time(move |t| t.busy_time / servers)),
            question("throughput", over_time(move |t| t.served * hour)),
        ];
        answer(&id, &system, &Watch::default(), &asked, effort)
    })
}

/// `M/M/c/K`.
pub(super) fn mmck(fields: &mut Fields, id: &str) -> Task {
    let (arrivals, service) = (exponential(fields, "arrival_rate"), exponential(fields, "service_rate"));
    let servers = servers(fields);
    let room = fields.count("system_capacity_K", servers as u64, MOST_STATES.max(servers as u64)) as usize;
    let system = system(fields, "arrival_rate", (arrivals, service), servers, Some(room));
    let id = id.to_owned();
    Box::new(move |effort| {
        let hour = system.ticks_per_hour;
        let asked = [
            question("blocking", ratio(|t| t.turned_away, |t| t.arrivals)),
            question("throughput", over_time(move |t| t.served * hour)),
            question("L", over_time(|t| t.present_time)),
            question("Lq", over_time(|t| t.line_time)),
            question("W_accepted", over_customers(move |t| t.stay / hour)),
            question("Wq_accepted", over_customers(move |t| t.wait / hour)),
            questions("state_probabilities", states(0..=room)),
        ];
        answer(&id, &system, &Watch { states: room + 1, ..Watch::default() }, &asked, effort)
    })
}

/// `M/M/c+M`: who waits too long gives up.
pub(super) fn erlang_a(fields: &mut Fields, id: &str) -> Task {
    let (arrivals, service) = (exponential(fields, "arrival_rate"), exponential(fields, "service_rate"));
    let (servers, patience) = (servers(fields), Some(exponential(fields, "abandon_rate")));
    let classes = vec![Class { arrivals, service }];
    let queue = System { classes, population: None, servers, room: None, patience, ticks_per_hour: 1.0 };
    let system = checked(fields, "arrival_rate", queue);
    let id = id.to_owned();
    Box::new(move |effort| {
        let hour = system.ticks_per_hour;
        let gone = |t: &Tally| t.served + t.given_up;
        let asked = [
            question("P_wait_gt_0", ratio(|t| t.waited + t.given_up, gone)),
            question("Lq", over_time(|t| t.line_time)),
            question("P_abandon", ratio(|t| t.given_up, gone)),
            question("mean_wait_all_customers", ratio(move |t| (t.wait + t.wait_in_vain) / hour, gone)),
            question("throughput_served", over_time(move |t| t.served * hour)),
        ];
        answer(&id, &system, &Watch::default(), &asked, effort)
    })
}

/// `M/G/1`.
pub(super) fn mg1(fields: &mut Fields, id: &str) -> Task {
    let arrivals = exponential(fields, "arrival_rate");
    let service = fields.within("service").map_or(Law::Deterministic { mean: 1.0 }, |mut fields| law(&mut fields));
    let system = system(fields, "arrival_rate", (arrivals, service), 1, None);
    let id = id.to_owned();
    Box::new(move |effort| {
        let hour = system.ticks_per_hour;
        let asked = [
            question("utilisation", over_time(|t| t.busy_time)),
            question("service_second_moment", over_customers(|t| t.service_squared)),
            question("Wq", over_customers(move |t| t.wait / hour).controlled(2)),
            question("Lq", over_time(|t| t.line_time).controlled(2)),
            question("W", over_customers(move |t| t.stay / hour).controlled(2)),
            question("L", over_time(|t| t.present_time).controlled(2)),
            question("E_wait_squared", over_customers(move |t| t.wait_squared / (hour * hour)).controlled(3)),
            question("P_wait_gt_0", over_customers(|t| t.waited)),
        ];
        answer(&id, &system, &Watch::default(), &asked, effort)
    })
}

/// A law of times by its description.
fn law(fields: &mut Fields) -> Law {
    const DISTS: [&str; 7] =
        ["deterministic", "exponential", "erlang", "gamma", "lognormal", "hyperexponential", "uniform"];
    let Some(dist) = fields.one_of("dist", &DISTS) else { return Law::Deterministic { mean: 1.0 } };
    match dist {
        "hyperexponential" => Law::Hyperexponential {
            p: fields.number("p1", SHARE),
            first: fields.number("mean1", SIZE),
            second: fields.number("mean2", SIZE),
        },
        "uniform" => {
            let (low, high) = (fields.number("low", NOT_NEGATIVE), fields.number("high", SIZE));
            if low > high {
                fields.refuse("high", "at least as much as low");
            }
            Law::Uniform { low, high }
        }
        _ => {
            let mean = fields.number("mean", SIZE);
            match dist {
                "exponential" => Law::Exponential { mean },
                "erlang" => Law::Erlang { mean, stages: fields.count("k", 1, MOST_STAGES) },
                "gamma" => Law::Gamma { mean, scv: fields.number("scv", SIZE) },
                "lognormal" => Law::Lognormal { mean, scv: fields.number("scv", SIZE) },
                _ => Law::Deterministic { mean },
            }
        }
    }
}
