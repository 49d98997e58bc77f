//! Queues of gang jobs: traces with exact starts, and Poisson arrivals by class simulated through the engine.
//!
//! ```text
//! Arrival ──▶ pool.submit ──▶ Pass ──▶ Departure ──▶ pool.finish ──▶ Pass
//! ```
//!
//! Both drive the [`GangPool`] that the market trains on. At one instant first all that ends, then all that comes in the
//! order of its index, then one pass: three phases of the engine. Run times are known exactly when a job is submitted.
//!
//! Estimates are ratios of sums over independent replications, as in [`super::estimate`], and the replications grow until
//! every standard error is small enough or nobody would wait longer.

use super::law::Law;
use super::{SIZE, law};
use crate::engine::{Engine, Phase, Stream};
use crate::evidence::verify::Effort;
use crate::evidence::verify::fields::{Fields, number};
use crate::evidence::verify::kinds::Task;
use crate::evidence::verify::value::{Quantities, Value};
use crate::supply::gang::{Discipline, GangPool, JobId, Request};
use crate::units::{Span, Time};
use rayon::iter::{IntoParallelIterator, IntoParallelRefMutIterator, ParallelIterator};
use serde_json::Value as Json;
use std::sync::atomic::{AtomicBool, Ordering};

const DEPARTURES: Phase = Phase::new(0);
const ARRIVALS: Phase = Phase::new(1);
const PASSES: Phase = Phase::new(2);

const MOST_SERVERS: u64 = 1_000_000;
/// Longest time of a trace.
const LONGEST: u64 = 1 << 40;
/// Seed of all streams; what differs is the case's id, the number of the replication and the class.
const SEED: u64 = 0x006A_6E65;
const REPLICATIONS: u64 = 128;
/// Jobs of a replication before the first look at the estimates.
const FIRST_LOOK: f64 = 2_000.0;
/// How much smaller than allowed standard errors are made, since the true one is not known.
const MARGIN: f64 = 0.75;
/// Most jobs over all replications.
const MOST_JOBS: f64 = 5e7;
const MOST_JOBS_PRECISELY: f64 = 1e9;
/// Ticks of the shortest of the mean times.
const TICKS: f64 = 1e6;
/// Mean run times, over the square of the idle share, after which an empty start is forgotten: twenty times what the
/// relaxation time of a single server is, whose law gangs do not follow exactly.
const WARM_UP: f64 = 40.0;
/// Events between two looks at the interrupt.
const PATIENCE: u32 = 1 << 16;

/// Disciplines by the names that cases have for them, with those of the quantities of a trace.
const TRACED: [(Discipline, [&str; 3]); 4] = [
    (Discipline::FirstCome, ["start_fcfs", "makespan_fcfs", "total_wait_fcfs"]),
    (Discipline::FirstFit, ["start_first_fit", "makespan_first_fit", "total_wait_first_fit"]),
    (Discipline::Easy, ["start_easy", "makespan_easy", "total_wait_easy"]),
    (Discipline::Conservative, ["start_conservative", "makespan_conservative", "total_wait_conservative"]),
];

/// Names of the quantities of a class, by its number.
const BY_CLASS: [[&str; 2]; 8] = [
    ["mean_wait_class1", "P_no_wait_class1"],
    ["mean_wait_class2", "P_no_wait_class2"],
    ["mean_wait_class3", "P_no_wait_class3"],
    ["mean_wait_class4", "P_no_wait_class4"],
    ["mean_wait_class5", "P_no_wait_class5"],
    ["mean_wait_class6", "P_no_wait_class6"],
    ["mean_wait_class7", "P_no_wait_class7"],
    ["mean_wait_class8", "P_no_wait_class8"],
];

enum Event {
    /// Of the job with this index, or of a job of this class.
    Arrival(usize),
    Departure(JobId),
    Pass,
}

/// The engine and the pool, and who is who.
struct Hall {
    engine: Engine<Event>,
    pool: GangPool,
    /// By the pool's number for it: what the caller calls a job, when it came and how long it runs.
    jobs: Vec<(usize, Time, Span)>,
    started: Vec<JobId>,
    /// Whether this instant's pass is scheduled.
    pass_due: bool,
}

impl Hall {
    fn new(discipline: Discipline, servers: u64) -> Self {
        Self {
            engine: Engine::new(),
            pool: GangPool::new(discipline, servers),
            jobs: Vec::new(),
            started: Vec::new(),
            pass_due: false,
        }
    }

    fn submit(&mut self, name: usize, chips: u64, length: Span) {
        let job = self.pool.submit(Request { chips, estimate: length, priority: 0 });
        let now = self.engine.now();
        if self.jobs.len() <= job.index() {
            self.jobs.resize(job.index() + 1, (name, now, length));
        }
        self.jobs[job.index()] = (name, now, length);
        self.ask_for_pass();
    }

    fn finish(&mut self, job: JobId) {
        self.pool.finish(job, self.engine.now());
        self.ask_for_pass();
    }

    fn ask_for_pass(&mut self) {
        if !self.pass_due {
            self.pass_due = true;
            self.engine.schedule_in(Span(0), PASSES, Event::Pass);
        }
    }

    /// `tell` gets the name of each job that starts, and when it came.
    fn pass(&mut self, mut tell: impl FnMut(usize, Time)) {
        self.pass_due = false;
        self.pool.schedule(self.engine.now(), &mut self.started);
        for job in self.started.drain(..) {
            let (name, came, length) = self.jobs[job.index()];
            self.engine.schedule_in(length, DEPARTURES, Event::Departure(job));
            tell(name, came);
        }
    }
}

/// A job of a trace: arrival, servers, run time.
type Traced = [u64; 3];

/// Exact starts of a trace under each discipline.
pub(in crate::evidence::verify) fn trace(fields: &mut Fields, _id: &str) -> Task {
    let servers = fields.count("servers", 1, MOST_SERVERS);
    let expected = "[arrival, servers up to all of them, run time above 0] in whole numbers";
    let jobs: Vec<Traced> = fields.list("jobs_arrival_size_runtime", expected, |item| {
        let [arrival, size, length] = item.as_array()?.as_slice() else { return None };
        let job = [arrival.as_u64()?, size.as_u64()?, length.as_u64()?];
        let fits = job[0] <= LONGEST && (1..=servers).contains(&job[1]) && (1..=LONGEST).contains(&job[2]);
        fits.then_some(job)
    });
    Box::new(move |_| {
        let mut quantities: Quantities = Vec::new();
        for (discipline, [start, makespan, total_wait]) in TRACED {
            let starts = starts(discipline, servers, &jobs);
            let ends = starts.iter().zip(&jobs).map(|(start, job)| start + job[2]);
            let waits = starts.iter().zip(&jobs).map(|(start, job)| start - job[0]);
            quantities.push((makespan, Value::Count(ends.max().unwrap_or(0).into())));
            quantities.push((total_wait, Value::Count(waits.map(i128::from).sum())));
            quantities.push((start, Value::List(starts.iter().map(|at| Value::Count((*at).into())).collect())));
        }
        let demand = jobs.iter().map(|job| i128::from(job[1]) * i128::from(job[2])).sum();
        quantities.push(("server_time_demand", Value::Count(demand)));
        quantities
    })
}

fn starts(discipline: Discipline, servers: u64, jobs: &[Traced]) -> Vec<u64> {
    let mut hall = Hall::new(discipline, servers);
    let mut starts = vec![0; jobs.len()];
    for (index, [arrival, ..]) in jobs.iter().enumerate() {
        hall.engine.schedule_at(Time(*arrival), ARRIVALS, Event::Arrival(index));
    }
    while let Some(fired) = hall.engine.step() {
        match fired.event {
            Event::Arrival(index) => hall.submit(index, jobs[index][1], Span(jobs[index][2])),
            Event::Departure(job) => hall.finish(job),
            Event::Pass => hall.pass(|index, _| starts[index] = fired.time.0),
        }
    }
    starts
}

/// Jobs alike: Poisson arrivals, so many servers each.
#[derive(Clone, Copy)]
struct Class {
    between: Law,
    servers: u64,
    service: Law,
}

struct System {
    discipline: Discipline,
    servers: u64,
    classes: Vec<Class>,
    ticks_per_hour: f64,
}

/// Waits of a queue of gang jobs with Poisson arrivals.
pub(in crate::evidence::verify) fn queue(fields: &mut Fields, id: &str) -> Task {
    const POLICIES: [(&str, Discipline); 4] = [
        ("fcfs", Discipline::FirstCome),
        ("first_fit", Discipline::FirstFit),
        ("easy", Discipline::Easy),
        ("conservative", Discipline::Conservative),
    ];
    let servers = fields.count("servers", 1, MOST_SERVERS);
    let policy = fields.one_of("policy", &POLICIES.map(|(name, _)| name));
    let discipline = POLICIES.iter().find(|(name, _)| Some(*name) == policy).map_or(Discipline::Easy, |(_, d)| *d);
    let expected = "an arrival rate, as many servers as there are or fewer, and a law of run times";
    let classes: Vec<Class> = fields.list("classes", expected, |item| class(item, servers));
    if classes.len() > BY_CLASS.len() {
        fields.refuse("classes", "at most eight classes");
    }
    let system = System { discipline, servers, ticks_per_hour: ticks_per_hour(&classes), classes };
    if system.load() >= 1.0 {
        fields.refuse("classes", "a load below 1, or the queue grows without bound");
    }
    let id = id.to_owned();
    Box::new(move |effort| answer(&id, &system, effort))
}

fn class(item: &Json, most: u64) -> Option<Class> {
    let object = item.as_object()?;
    let rate = number(object.get("arrival_rate")?).filter(|rate| (SIZE.holds)(*rate))?;
    let servers = object.get("servers_needed")?.as_u64().filter(|servers| (1..=most).contains(servers))?;
    let mut problems = Vec::new();
    let service = law(&mut Fields::new(String::new(), object.get("service")?.as_object()?, &mut problems));
    problems.is_empty().then_some(Class { between: Law::Exponential { mean: 1.0 / rate }, servers, service })
}

fn ticks_per_hour(classes: &[Class]) -> f64 {
    let means = classes.iter().flat_map(|class| [class.between.moment(1), class.service.moment(1)]);
    TICKS / means.fold(f64::INFINITY, f64::min)
}

impl System {
    /// Share of the servers that is held.
    fn load(&self) -> f64 {
        let of = |class: &Class| class.servers as f64 * class.service.moment(1) / class.between.moment(1);
        self.classes.iter().map(of).sum::<f64>() / self.servers as f64
    }

    fn jobs_per_hour(&self) -> f64 {
        self.classes.iter().map(|class| 1.0 / class.between.moment(1)).sum()
    }

    fn warm_up_hours(&self) -> f64 {
        let longest = self.classes.iter().map(|class| class.service.moment(1)).fold(0.0, f64::max);
        let idle = 1.0 - self.load();
        WARM_UP * longest / (idle * idle)
    }

    /// Hours in whole ticks, at least one.
    fn ticks(&self, hours: f64) -> Span {
        Span((hours * self.ticks_per_hour).round().max(1.0) as u64)
    }
}

/// Sums of a replication; times in ticks.
#[derive(Clone, Copy, Default)]
struct Sums {
    jobs: f64,
    wait: f64,
    at_once: f64,
}

struct Replication {
    hall: Hall,
    streams: Vec<(Stream, Stream)>,
    by_class: Vec<Sums>,
    time: f64,
    busy_time: f64,
    since: Time,
}

impl Replication {
    fn new(id: &str, number: u64, system: &System) -> Self {
        let stream = |class: usize, what: &str| Stream::named(SEED, number, id, &format!("{what} {class}"));
        let classes = system.classes.len();
        let mut replication = Self {
            hall: Hall::new(system.discipline, system.servers),
            streams: (0..classes).map(|class| (stream(class, "arrivals"), stream(class, "services"))).collect(),
            by_class: vec![Sums::default(); classes],
            time: 0.0,
            busy_time: 0.0,
            since: Time(0),
        };
        (0..classes).for_each(|class| replication.schedule_arrival(system, class));
        replication
    }

    fn schedule_arrival(&mut self, system: &System, class: usize) {
        let hours = system.classes[class].between.draw(&mut self.streams[class].0);
        self.hall.engine.schedule_in(system.ticks(hours), ARRIVALS, Event::Arrival(class));
    }

    fn forget(&mut self) {
        self.by_class.fill(Sums::default());
        (self.time, self.busy_time) = (0.0, 0.0);
    }

    fn run(&mut self, system: &System, hours: f64, interrupt: &AtomicBool) {
        let end = self.hall.engine.now() + system.ticks(hours);
        let mut patience = PATIENCE;
        while let Some(fired) = self.hall.engine.step_before(end) {
            self.elapse(fired.time);
            match fired.event {
                Event::Arrival(class) => {
                    let length = system.classes[class].service.draw(&mut self.streams[class].1);
                    self.hall.submit(class, system.classes[class].servers, system.ticks(length));
                    self.schedule_arrival(system, class);
                }
                Event::Departure(job) => self.hall.finish(job),
                Event::Pass => {
                    let by_class = &mut self.by_class;
                    self.hall.pass(|class, came| by_class[class].note(fired.time.since(came)));
                }
            }
            patience -= 1;
            if patience == 0 {
                if interrupt.load(Ordering::Relaxed) {
                    return;
                }
                patience = PATIENCE;
            }
        }
        self.elapse(end);
        self.hall.engine.advance(end);
    }

    fn elapse(&mut self, now: Time) {
        let ticks = now.since(self.since).0 as f64;
        self.time += ticks;
        self.busy_time += ticks * self.hall.pool.held() as f64;
        self.since = now;
    }

    /// Sums of a class, or of all.
    fn sums(&self, class: Option<usize>) -> Sums {
        match class {
            Some(class) => self.by_class[class],
            None => self.by_class.iter().fold(Sums::default(), |all, one| Sums {
                jobs: all.jobs + one.jobs,
                wait: all.wait + one.wait,
                at_once: all.at_once + one.at_once,
            }),
        }
    }
}

impl Sums {
    fn note(&mut self, wait: Span) {
        self.jobs += 1.0;
        self.wait += wait.0 as f64;
        self.at_once += f64::from(wait.0 == 0);
    }
}

fn answer(id: &str, system: &System, effort: &Effort) -> Quantities {
    let begin = |number: u64| {
        let mut replication = Replication::new(id, number, system);
        replication.run(system, system.warm_up_hours(), effort.interrupt);
        replication.forget();
        replication
    };
    let mut replications: Vec<Replication> = (0..REPLICATIONS).into_par_iter().map(begin).collect();
    let most = if effort.precise { MOST_JOBS_PRECISELY } else { MOST_JOBS } / REPLICATIONS as f64;
    let target = MARGIN * effort.precision();
    let (mut done, mut goal) = (0.0, FIRST_LOOK);
    loop {
        let hours = (goal - done) / system.jobs_per_hour();
        replications.par_iter_mut().for_each(|replication| replication.run(system, hours, effort.interrupt));
        done = goal;
        let estimates = estimates(system, &replications);
        let worst = estimates.iter().map(|(_, mean, se)| se / mean.abs().max(f64::MIN_POSITIVE)).fold(0.0, f64::max);
        if worst <= target || done >= most || effort.interrupt.load(Ordering::Relaxed) {
            let told = |(name, mean, se)| (name, Value::Simulated { mean, se });
            return estimates.into_iter().map(told).collect();
        }
        // Errors fall with the root of the length; early estimates of them are rough, so the steps are bounded.
        let factor = (1.1 * (worst / target) * (worst / target)).clamp(1.25, 6.0);
        goal = (done * factor).min(most);
    }
}

/// Name, mean and standard error of every quantity.
fn estimates(system: &System, replications: &[Replication]) -> Vec<(&'static str, f64, f64)> {
    let hour = system.ticks_per_hour;
    let named = |name, of: &dyn Fn(&Replication) -> (f64, f64)| {
        let (mean, se) = ratio(&replications.iter().map(of).collect::<Vec<_>>());
        (name, mean, se)
    };
    let servers = system.servers as f64;
    let mut all = vec![named("server_utilisation", &|r| (r.busy_time / servers, r.time))];
    let classes = (0..system.classes.len()).map(|class| (Some(class), BY_CLASS[class]));
    for (class, [wait, at_once]) in classes.chain([(None, ["mean_wait_overall", "P_no_wait_overall"])]) {
        all.push(named(wait, &|r| (r.sums(class).wait / hour, r.sums(class).jobs)));
        all.push(named(at_once, &|r| (r.sums(class).at_once, r.sums(class).jobs)));
    }
    all
}

/// `R = Σ num / Σ den` with the standard error `√(Σ (num − R·den)² / (r·(r − 1))) / mean(den)` over r replications.
fn ratio(sums: &[(f64, f64)]) -> (f64, f64) {
    let (num, den) = sums.iter().fold((0.0, 0.0), |all, one| (all.0 + one.0, all.1 + one.1));
    let (mean, r) = (num / den, sums.len() as f64);
    let squares: f64 = sums.iter().map(|(num, den)| (num - mean * den) * (num - mean * den)).sum();
    (mean, (squares * r / (r - 1.0)).sqrt() / den)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two replications of 1 in 2 and 2 in 2: 3/4, residuals ∓1/2, so √(1/2 · 2 / 1) / 4 = 1/4.
    #[test]
    fn a_ratio_by_hand() {
        assert_eq!(ratio(&[(1.0, 2.0), (2.0, 2.0)]), (0.75, 0.25));
    }

    /// Two jobs end at 5 and leave four servers; of what came meanwhile the first asks for three, the second for two.
    #[test]
    fn what_ends_together_is_gone_before_anybody_starts() {
        let jobs = [[0, 2, 5], [0, 2, 5], [1, 3, 4], [2, 2, 6], [5, 1, 2]];
        assert_eq!(starts(Discipline::FirstFit, 4, &jobs), [0, 0, 5, 9, 5]);
    }

    /// One class on one server is M/M/1: at load 1/2 the mean wait is a service time and half of the jobs find it idle.
    #[test]
    fn one_class_of_one_server_is_a_single_server_queue() {
        let class =
            Class { between: Law::Exponential { mean: 2.0 }, servers: 1, service: Law::Exponential { mean: 1.0 } };
        for discipline in [Discipline::FirstCome, Discipline::Easy, Discipline::Conservative] {
            let system = System { discipline, servers: 1, classes: vec![class], ticks_per_hour: 1e6 };
            let mut replication = Replication::new("single", 0, &system);
            replication.run(&system, 400_000.0, &AtomicBool::new(false));
            let found = estimates(&system, std::slice::from_ref(&replication));
            let estimate = |name| found.iter().find(|(n, ..)| *n == name).unwrap().1;
            assert!((estimate("mean_wait_overall") - 1.0).abs() < 0.05, "{discipline:?}");
            assert!((estimate("P_no_wait_class1") - 0.5).abs() < 0.01, "{discipline:?}");
            assert!((estimate("server_utilisation") - 0.5).abs() < 0.01, "{discipline:?}");
        }
    }
}
