//! The whole engine on a queue whose answer is known.

use super::{Engine, Phase, StreamKey};
use crate::units::{Span, Time};
use std::collections::VecDeque;

const DEPARTURES: Phase = Phase::new(0);
const ARRIVALS: Phase = Phase::new(1);
const TICKS_PER_SECOND: f64 = 1e6;

#[derive(Clone, Copy)]
enum Event {
    Arrival,
    Departure,
}

/// Mean wait in queue of the customers of one replication, in seconds, from an empty start with a warm-up cut off.
fn mean_wait(draw: u64, arrivals_every: f64, service: f64) -> f64 {
    const WARM_UP: Time = Time(20_000_000_000);
    const END: Time = Time(220_000_000_000);
    let key = StreamKey { seed: 99, draw };
    let (mut arrivals, mut services) = (key.stream("mm1", "arrivals"), key.stream("mm1", "services"));
    let ticks = |seconds: f64| Span((seconds * TICKS_PER_SECOND).round() as u64);
    let mut line: VecDeque<Time> = VecDeque::new();
    let (mut waited, mut served) = (0.0, 0.0);
    let mut engine = Engine::new();
    engine.schedule_at(Time(0), ARRIVALS, Event::Arrival);
    engine.run_until(END, |engine, fired| {
        let begins = match fired.event {
            Event::Arrival => {
                engine.schedule_in(ticks(arrivals.exponential(arrivals_every)), ARRIVALS, Event::Arrival);
                line.push_back(fired.time);
                line.len() == 1
            }
            Event::Departure => {
                line.pop_front();
                !line.is_empty()
            }
        };
        if begins {
            if line[0] >= WARM_UP {
                waited += (fired.time - line[0]).0 as f64 / TICKS_PER_SECOND;
                served += 1.0;
            }
            engine.schedule_in(ticks(services.exponential(service)), DEPARTURES, Event::Departure);
        }
    });
    waited / served
}

#[test]
fn mean_wait_in_an_mm1_queue_is_that_of_theory() {
    // ρ = 0.8, so W_q = ρ / (1 − ρ) · 0.8 s = 3.2 s (Pollaczek–Khinchine).
    const REPLICATIONS: u32 = 12;
    let waits: Vec<f64> = (0..REPLICATIONS).map(|draw| mean_wait(draw.into(), 1.0, 0.8)).collect();
    let n = f64::from(REPLICATIONS);
    let mean = waits.iter().sum::<f64>() / n;
    let variance = waits.iter().map(|wait| (wait - mean) * (wait - mean)).sum::<f64>() / (n - 1.0);
    let standard_error = (variance / n).sqrt();
    assert!(standard_error < 0.05, "too few customers to tell: {standard_error}");
    assert!((mean - 3.2).abs() < 4.0 * standard_error, "{mean} ± {standard_error}");
}
