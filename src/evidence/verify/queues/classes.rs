//! Queues of two classes, the first of which is always served before the second; nobody in service is interrupted.

use super::estimate::{Question, answer};
use super::system::{Class, System, Watch};
use super::{Fields, Law, SIZE, Task, checked, exponential, over_customers, over_time, question, ratio, servers};

const WAITS: [&str; 2] = ["Wq_class1", "Wq_class2"];
const LINES: [&str; 2] = ["Lq_class1", "Lq_class2"];

fn queue(classes: Vec<Class>, servers: usize) -> System {
    System { classes, population: None, servers, room: None, patience: None, ticks_per_hour: 1.0 }
}

/// Mean waits of each class.
fn waits(system: &System) -> Vec<Question> {
    let hour = system.ticks_per_hour;
    let of =
        |(k, name): (usize, _)| question(name, ratio(move |t| t.classes[k].wait / hour, move |t| t.classes[k].served));
    WAITS.into_iter().enumerate().map(of).collect()
}

/// `M/M/c` with priority, one service rate.
pub(in super::super) fn mmc_priority(fields: &mut Fields, id: &str) -> Task {
    let service = exponential(fields, "service_rate");
    let rates = ["arrival_rate_class1", "arrival_rate_class2"];
    let classes = rates.map(|rate| Class { arrivals: exponential(fields, rate), service });
    let servers = servers(fields);
    let system = checked(fields, rates[1], queue(classes.into(), servers));
    let id = id.to_owned();
    Box::new(move |effort| {
        let hour = system.ticks_per_hour;
        let mut asked = waits(&system);
        asked.push(question("P_wait_gt_0", over_customers(|t| t.waited)));
        asked.push(question("Wq_overall", over_customers(move |t| t.wait / hour)));
        let lines = LINES.into_iter().enumerate();
        asked.extend(lines.map(|(k, name): (usize, _)| question(name, over_time(move |t| t.classes[k].line_time))));
        answer(&id, &system, &Watch::default(), &asked, effort)
    })
}

/// Two classes from the lists `arrivals` and `services` of rates or, with `means`, of mean times of service.
fn two_classes(fields: &mut Fields, services: &str, means: bool) -> Vec<Class> {
    let (rates, services) = (fields.numbers("arrival_rates", SIZE), {
        let given = fields.numbers(services, SIZE);
        if given.len() != 2 {
            fields.refuse(services, "two numbers, one for each class");
        }
        given
    });
    if rates.len() != 2 {
        fields.refuse("arrival_rates", "two numbers, one for each class");
    }
    let mean = |given: f64| if means { given } else { 1.0 / given };
    let class = |(rate, service): (&f64, &f64)| Class {
        arrivals: Law::Exponential { mean: 1.0 / rate },
        service: Law::Exponential { mean: mean(*service) },
    };
    rates.iter().zip(&services).map(class).collect()
}

/// `M/M/c` with priority, a service rate for each class.
pub(in super::super) fn mmc_priority_different_rates(fields: &mut Fields, id: &str) -> Task {
    let classes = two_classes(fields, "service_rates", false);
    let servers = servers(fields);
    let system = checked(fields, "arrival_rates", queue(classes, servers));
    let id = id.to_owned();
    Box::new(move |effort| {
        let mut asked = waits(&system);
        asked.push(question("P_wait_gt_0", over_customers(|t| t.waited)));
        answer(&id, &system, &Watch::default(), &asked, effort)
    })
}

/// `M/M/1` with priority, a mean service time for each class.
///
/// The residual work that a customer finds in service is its mean over time, since arrivals are Poisson: a service of
/// length S adds S²/2. The work in line, `Σ ρ_k·Wq_k`, is what no order of service changes.
pub(in super::super) fn mg1_priority(fields: &mut Fields, id: &str) -> Task {
    let classes = two_classes(fields, "mean_service", true);
    let system = checked(fields, "arrival_rates", queue(classes, 1));
    let id = id.to_owned();
    Box::new(move |effort| {
        let hour = system.ticks_per_hour;
        let mut asked = waits(&system);
        asked.push(question("W0_residual", over_time(move |t| 0.5 * t.service_squared * hour)));
        asked.push(question("kleinrock_conservation", over_time(|t| t.waiting_work)));
        answer(&id, &system, &Watch::default(), &asked, effort)
    })
}
