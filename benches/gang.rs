//! A pool of 100,000 chips under EASY, with so many jobs waiting: events a second, beside a scan of the whole queue.
//!
//! `cargo bench --bench gang`, with `-- --quick` for a short run. An event is an arrival or the end of a job, each with its
//! scheduling pass. Nanoseconds are indicative; the ratios count: to the naive scan in the same run, and from one
//! length of the queue to the next. Every contestant starts the same jobs in the same order, which is checked.

#[path = "gang/naive.rs"]
mod naive;

use cloudmarket::engine::Stream;
use cloudmarket::supply::gang::{Discipline, GangPool, JobId, Request};
use cloudmarket::units::{Span, Time};
use naive::NaiveEasy;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

const CHIPS: u64 = 100_000;
const WAITING: [usize; 4] = [10, 100, 1_000, 10_000];

/// What the workload asks of a pool.
trait Pool {
    fn submit(&mut self, request: Request) -> u32;
    fn finish(&mut self, job: u32, now: Time);
    fn schedule(&mut self, now: Time, started: &mut Vec<JobId>);
    fn waiting(&self) -> usize;
}

impl Pool for GangPool {
    fn submit(&mut self, request: Request) -> u32 {
        Self::submit(self, request).0
    }

    fn finish(&mut self, job: u32, now: Time) {
        Self::finish(self, JobId(job), now);
    }

    fn schedule(&mut self, now: Time, started: &mut Vec<JobId>) {
        Self::schedule(self, now, started);
    }

    fn waiting(&self) -> usize {
        Self::waiting(self)
    }
}

/// Sizes from 1 to 16,384 chips, evenly on a log scale; run times from minutes to a week, likewise; ends either as
/// estimated or, for `off` of them, off by up to a half.
struct Work {
    sizes: Stream,
    times: Stream,
    off: f64,
    ends: BinaryHeap<Reverse<(Time, u32)>>,
    /// By job: what it will take.
    takes: Vec<Span>,
    started: Vec<JobId>,
    hash: u64,
    events: u64,
}

/// Between `low` and `high`, evenly on a log scale.
fn log_uniform(low: f64, high: f64, u: f64) -> f64 {
    low * libm::pow(high / low, u)
}

impl Work {
    fn new(off: f64) -> Self {
        Self {
            sizes: Stream::named(1, 0, "gang", "sizes"),
            times: Stream::named(1, 0, "gang", "times"),
            off,
            ends: BinaryHeap::new(),
            takes: Vec::new(),
            started: Vec::new(),
            hash: 0,
            events: 0,
        }
    }

    fn arrive(&mut self, pool: &mut impl Pool, now: Time) {
        let chips = log_uniform(1.0, 16_384.0, self.sizes.uniform()) as u64;
        let estimate = Span(log_uniform(600.0, 604_800.0, self.times.uniform()) as u64);
        let job = pool.submit(Request { chips, estimate, priority: 0 }) as usize;
        let exact = self.times.uniform() >= self.off;
        let factor = self.times.uniform_in(0.5, 1.5);
        let takes = if exact { estimate } else { Span((estimate.0 as f64 * factor) as u64) };
        if self.takes.len() <= job {
            self.takes.resize(job + 1, Span(0));
        }
        self.takes[job] = takes;
        self.pass(pool, now);
    }

    fn pass(&mut self, pool: &mut impl Pool, now: Time) {
        self.events += 1;
        pool.schedule(now, &mut self.started);
        for job in self.started.drain(..) {
            self.hash = (self.hash ^ u64::from(job.0) ^ now.0).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
            self.ends.push(Reverse((now + self.takes[job.index()], job.0)));
        }
    }

    /// Keeps `waiting` jobs waiting until there were `events` more.
    fn run(&mut self, pool: &mut impl Pool, waiting: usize, events: u64) {
        let goal = self.events + events;
        let mut now = self.ends.peek().map_or(Time(0), |Reverse((end, _))| *end);
        while self.events < goal {
            if pool.waiting() < waiting {
                self.arrive(pool, now);
                continue;
            }
            let Reverse((end, _)) = *self.ends.peek().expect("somebody runs");
            now = end;
            while let Some(Reverse((end, job))) = self.ends.peek().copied()
                && end == now
            {
                self.ends.pop();
                pool.finish(job, now);
                // The pass below counts one.
                self.events += 1;
            }
            self.events -= 1;
            self.pass(pool, now);
        }
    }
}

/// Nanoseconds an event, and the order of starts.
fn turn(mut pool: impl Pool, waiting: usize, off: f64, warm_up: u64, timed: u64) -> (f64, u64) {
    let mut work = Work::new(off);
    work.run(&mut pool, waiting, warm_up);
    let (start, before) = (Instant::now(), work.events);
    work.run(&mut pool, waiting, timed);
    (start.elapsed().as_nanos() as f64 / (work.events - before) as f64, work.hash)
}

fn main() {
    // The test runner calls benches too, to see that they run.
    let quick = std::env::args().any(|argument| ["--quick", "--test"].contains(&argument.as_str()));
    let rounds = if quick { 1 } else { 3 };
    for (off, what) in [(0.0, "run times as estimated"), (0.5, "half of the run times off the estimate")] {
        println!("\nEASY, {CHIPS} chips, {what}");
        println!("{:>8} {:>12} {:>10} {:>14} {:>14}", "waiting", "events/s", "ns/event", "ns, naive", "naive/ours");
        for waiting in WAITING {
            let warm_up = 3 * waiting as u64 + 10_000;
            let timed = if quick { 20_000 } else { 400_000 };
            // The naive scan is slow: it gets fewer events, and the same ones are compared.
            let fewer = (timed / (1 + waiting as u64 / 20)).max(2_000);
            let best = |run: &dyn Fn() -> (f64, u64)| {
                (0..rounds).map(|_| run()).min_by(|a, b| a.0.total_cmp(&b.0)).expect("a round at least")
            };
            let ours = best(&|| turn(GangPool::new(Discipline::Easy, CHIPS), waiting, off, warm_up, timed));
            let naive = best(&|| turn(NaiveEasy::new(CHIPS), waiting, off, warm_up.min(5 * fewer), fewer));
            let check = turn(GangPool::new(Discipline::Easy, CHIPS), waiting, off, warm_up.min(5 * fewer), fewer);
            assert_eq!(check.1, naive.1, "the naive scan starts others");
            let rate = 1e9 / ours.0;
            println!("{waiting:>8} {rate:>12.0} {:>10.0} {:>14.0} {:>14.1}", ours.0, naive.0, naive.0 / ours.0);
        }
    }
}
