//! `G/G/c`: the queue is simulated, what approximates it is computed by the market's own formulas.

use super::super::value::Value;
use super::estimate::{Question, answer};
use super::system::{System, Watch};
use super::{Fields, Task, law, over_customers, over_time, question, servers, system};
use crate::evidence::verify::value::Quantities;
use crate::market::latency::{allen_cunneen, kingman, kingman_bound, sakasegawa};

/// Relative standard error of the simulated wait, so that how far an approximation is off is known to a hundredth.
const WAIT_WITHIN: f64 = 0.0075;

/// `G/G/c`, first come first served.
pub(in super::super) fn ggc(fields: &mut Fields, id: &str) -> Task {
    let mut given = |name| fields.within(name).map(|mut fields| law(&mut fields));
    let (arrivals, service) = (given("interarrival"), given("service"));
    let servers = servers(fields);
    let exact = super::Law::Deterministic { mean: 1.0 };
    let (arrivals, service) = (arrivals.unwrap_or(exact), service.unwrap_or(exact));
    let system = system(fields, "interarrival", (arrivals, service), servers, None);
    let id = id.to_owned();
    Box::new(move |effort| {
        let (servers, hour) = (system.servers as f64, system.ticks_per_hour);
        let asked = [
            question("utilisation", over_time(move |t| t.busy_time / servers)),
            Question { within: WAIT_WITHIN, ..question("Wq", over_customers(move |t| t.wait / hour).controlled(2)) },
            question("P_wait_gt_0", over_customers(|t| t.waited)),
        ];
        let simulated = answer(&id, &system, &Watch::default(), &asked, effort);
        let approximated = approximations(&system, &simulated);
        simulated.into_iter().chain(approximated).collect()
    })
}

/// What the laws say of the wait, and how far that is from the simulated one.
fn approximations(system: &System, simulated: &Quantities) -> Quantities {
    let laws = system.classes[0];
    let (servers, service) = (system.servers as u32, laws.service.moment(1));
    let busy = service / (laws.arrivals.moment(1) * f64::from(servers));
    let (arrivals_scv, service_scv) = (laws.arrivals.scv(), laws.service.scv());
    let wait = allen_cunneen(servers, busy, service, arrivals_scv, service_scv);
    let mut found = vec![
        ("scv_interarrival", Value::Number(arrivals_scv)),
        ("scv_service", Value::Number(service_scv)),
        ("allen_cunneen_Wq", Value::Number(wait)),
        ("sakasegawa_Wq", Value::Number(sakasegawa(servers, busy, service, arrivals_scv, service_scv))),
    ];
    if servers == 1 {
        found.push(("kingman_Wq", Value::Number(kingman(busy, service, arrivals_scv, service_scv))));
        let bound = kingman_bound(busy, service, arrivals_scv, service_scv);
        found.push(("kingman_upper_bound_Wq", Value::Number(bound)));
    }
    if let Some((_, Value::Simulated { mean, se })) = simulated.iter().find(|(name, _)| *name == "Wq") {
        let error = Value::Simulated { mean: wait / mean - 1.0, se: wait / (mean * mean) * se };
        found.push(("allen_cunneen_relative_error", error));
    }
    found
}
