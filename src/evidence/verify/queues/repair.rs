//! Machines that fail and are repaired by few crews: a queue whose customers are the machines that are down.

use super::Tally;
use super::estimate::answer;
use super::system::{Class, System, Watch};
use super::{
    Fields, MOST_STATES, Task, checked, exponential, over_customers, over_time, question, questions, ratio, states,
};

/// Failures and repairs of `n` machines with crews, from the fields of a case.
pub(super) fn machines(fields: &mut Fields, n: &str) -> System {
    let (arrivals, service) = (exponential(fields, "failure_rate"), exponential(fields, "repair_rate"));
    let population = Some(fields.count(n, 1, MOST_STATES) as usize);
    let servers = fields.count("repair_crews", 1, MOST_STATES) as usize;
    let classes = vec![Class { arrivals, service }];
    checked(
        fields,
        "failure_rate",
        System { classes, population, servers, room: None, patience: None, ticks_per_hour: 1.0 },
    )
}

/// The most machines that may be down while the system is up, which needs `k` of `n`.
pub(super) fn most_down(fields: &mut Fields, k: &str, n: usize) -> usize {
    n - fields.count(k, 1, n as u64) as usize
}

/// Machines in and out of order, and a system that is up while at least k of them work.
pub(in super::super) fn machine_repair(fields: &mut Fields, id: &str) -> Task {
    let system = machines(fields, "machines");
    let n = system.population.unwrap_or(1);
    let level = most_down(fields, "k_required", n);
    let id = id.to_owned();
    Box::new(move |effort| {
        let (hour, all) = (system.ticks_per_hour, n as f64);
        let up = move |t: &Tally| t.state_time[..=level].iter().sum::<f64>();
        let down = move |t: &Tally| t.state_time[level + 1..].iter().sum::<f64>();
        let failures = |t: &Tally| t.crossings;
        let asked = [
            questions("state_probabilities_down", states(0..=n)),
            question("mean_down", over_time(|t| t.present_time)),
            question("machine_availability", over_time(move |t| t.time - t.present_time / all)),
            question("failure_throughput", over_time(move |t| t.arrivals * hour)),
            question("mean_waiting_for_repair", over_time(|t| t.line_time)),
            question("mean_wait_for_crew", over_customers(move |t| t.wait / hour)),
            question("k_of_n_availability", over_time(up)),
            question("system_failure_frequency", over_time(move |t| t.crossings * hour)),
            question("mean_system_up_time", ratio(move |t| up(t) / hour, failures)),
            question("mean_system_down_time", ratio(move |t| down(t) / hour, failures)),
        ];
        let watch = Watch { states: n + 1, level: Some(level), ..Watch::default() };
        answer(&id, &system, &watch, &asked, effort)
    })
}
