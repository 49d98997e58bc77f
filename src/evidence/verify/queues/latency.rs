//! What the market says of requests that wait, held against queues simulated through its engine.

use super::estimate::{Estimate, Question, answer, ticks_per_hour};
use super::law::Law;
use super::system::{Class, System, Tally, Watch};
use super::{over_customers, question, share_of_customers};
use crate::evidence::verify::Effort;
use crate::evidence::verify::value::{RAREST, Value};
use crate::market::latency::{erlang_c, mean_wait_s};
use std::sync::atomic::AtomicBool;

/// Replicas: one, a few, and as many as the scenarios give a pool.
const SERVERS: [u32; 3] = [1, 5, 40];
const UTILISATIONS: [f64; 3] = [0.5, 0.8, 0.95];
/// Standard errors that a simulated figure may be off: one in 370 is, by chance.
const MOST_ERRORS: f64 = 3.0;

/// Part of a rare figure that its standard error may be.
const RARELY_WITHIN: f64 = 0.12;

/// Share of customers who wait and their mean wait, in service times, with Poisson arrivals: simulated.
fn simulated(servers: u32, utilisation: f64, service: Law) -> [Estimate; 2] {
    let arrivals = Law::Exponential { mean: service.moment(1) / (utilisation * f64::from(servers)) };
    let ticks_per_hour = ticks_per_hour([arrivals.moment(1), service.moment(1)]);
    let classes = vec![Class { arrivals, service }];
    let system =
        System { classes, population: None, servers: servers as usize, room: None, patience: None, ticks_per_hour };
    let wait = move |t: &Tally| t.wait / ticks_per_hour;
    // Where hardly anybody waits, shares and means are held to an absolute size, small enough to see what is there.
    let rare = |told: f64, name, measure| Question { within: RARELY_WITHIN * told / RAREST, ..question(name, measure) };
    let told = mean_wait_s(servers, utilisation, 1.0, service.scv());
    let asked = [
        rare(erlang_c(servers, utilisation), "waits", share_of_customers(|t| t.waited)),
        match told > RAREST {
            true => question("wait", over_customers(wait).controlled(2)),
            false => rare(told, "wait", share_of_customers(wait)),
        },
    ];
    let id = format!("latency-{servers}-{utilisation}-{service:?}");
    let found = answer(&id, &system, &Watch::default(), &asked, &Effort::new(false, &AtomicBool::new(false)));
    let estimate = |value: &Value| match *value {
        Value::Simulated { mean, se } => Estimate { mean, se, share: false },
        Value::Share { mean, se } => Estimate { mean, se, share: true },
        _ => panic!("not simulated"),
    };
    [estimate(&found[0].1), estimate(&found[1].1)]
}

fn agrees(what: &str, theory: f64, found: Estimate) {
    println!("{what}: {theory:.5}, simulated {:.5} ± {:.5}", found.mean, found.se);
    assert!((found.mean - theory).abs() <= MOST_ERRORS * found.se, "{what}: {theory}, simulated {found:?}");
}

#[test]
fn erlang_c_is_the_share_of_requests_that_wait() {
    for servers in SERVERS {
        for utilisation in UTILISATIONS {
            let [waits, wait] = simulated(servers, utilisation, Law::Exponential { mean: 1.0 });
            let at = format!("{servers} servers at {utilisation}");
            agrees(&format!("share that waits, {at}"), erlang_c(servers, utilisation), waits);
            agrees(&format!("mean wait, {at}"), mean_wait_s(servers, utilisation, 1.0, 1.0), wait);
        }
    }
}

/// How far the approximation is off, relative to the simulated wait, and the standard error of that.
fn error(servers: u32, utilisation: f64, service: Law) -> (f64, f64) {
    let [_, wait] = simulated(servers, utilisation, service);
    let told = mean_wait_s(servers, utilisation, 1.0, service.scv());
    (told / wait.mean - 1.0, told / wait.mean * wait.se / wait.mean)
}

/// The signs and sizes that the documentation of `allen_cunneen` tells: exact for one server, too short where services
/// vary little and too long where they vary much, by more the more servers there are.
#[test]
fn allen_cunneen_is_off_by_what_is_told() {
    let gamma = |scv| Law::Gamma { mean: 1.0, scv };
    let lognormal = |scv| Law::Lognormal { mean: 1.0, scv };
    for (servers, utilisation, law, told) in [
        (1, 0.8, gamma(0.25), 0.0),
        (1, 0.8, gamma(4.0), 0.0),
        (5, 0.8, gamma(0.25), -0.02),
        (5, 0.8, gamma(2.0), 0.02),
        (40, 0.8, gamma(0.25), -0.10),
        (40, 0.8, gamma(1.0), 0.0),
        (40, 0.8, gamma(2.0), 0.09),
        (40, 0.8, gamma(4.0), 0.17),
        (40, 0.95, gamma(4.0), 0.02),
        (40, 0.8, lognormal(2.0), 0.31),
        (40, 0.8, lognormal(4.0), 0.64),
        (40, 0.95, lognormal(4.0), 0.17),
    ] {
        let (error, se) = error(servers, utilisation, law);
        println!("{law:?}, {servers} servers at {utilisation}: {error:+.3} ± {se:.3}, told {told:+.2}");
        assert!(
            (error - told).abs() <= MOST_ERRORS * se + 0.005,
            "{law:?}, {servers} at {utilisation}: {error} ± {se}"
        );
    }
}
