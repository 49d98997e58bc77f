//! Training: the chips that labs train on, and the gang jobs that run there.
//!
//! ```text
//! dispatch ──research compute by lab and cloud──▶ carve ──▶ lots ──▶ queue ──▶ run ──▶ end ──▶ release
//!                                                            ▲          ▲        │ outage
//! programme ─────────frontier runs──────────────────────────┤          └────────┘
//! Poisson process ───research jobs──────────────────────────┘
//! ```
//!
//! Dispatch is fluid: it says how much of a cloud's fleet a lab's research gets [training H100e]. Once a week, after a
//! dispatch, that is made whole ([`lots`]): a lab holds *lots*, each of chips of one type at one site, in which jobs run
//! as gangs ([`jobs`]) under the cloud's discipline ([`crate::supply::gang`]).
//!
//! - **Lots stick.** A lab keeps what it has up to its research compute, then grows where its lot becomes the largest.
//!   All lots of a type at a site are within its working chips, each week anew.
//! - **Frontier runs** take a share of the lab's research compute, as much of it as its largest lot holds. How long a run
//!   takes follows from its compute, its gang and the failures on the way ([`crate::market::training::RunPlan`]).
//!   Once a week a run looks whether another lot would end it in half of the time left, and if so moves.
//! - **Research jobs** come as a Poisson process with sizes and lengths of their own; one larger than any lot runs longer
//!   on fewer chips.
//! - **A lot that shrinks under its jobs** slows them all in proportion, so that compute is conserved: a running gang
//!   yields only under priority. A lot that is gone sends its jobs to another.
//! - **An outage** stops the jobs of its site. They lose the work since their last checkpoint, pay a restart and stand at
//!   the head of their queue.
//!
//! Chance: a job has a random stream of its own, keyed by lab and number, so that its size, its length and its failures
//! are the same wherever it runs and whatever else does.
//!
//! Limits: no gang over several sites or types; the partition of a week is not changed by the day's load; runs for
//! scripted releases are in the releases' dates and not among the jobs; what ends and comes within one second is
//! handled event by event.

mod jobs;
mod lots;

use crate::engine::{Handle, Stream};
use crate::ids::{AcceleratorId, CloudId, SiteId};
use crate::market::training::RunPlan;
use crate::supply::gang::{GangPool, JobId};
use crate::units::{DAY, Span, Time};
use serde::{Deserialize, Serialize};

/// How often the chips for training are divided anew.
pub(super) const CARVE_EVERY: Span = Span(7 * DAY.0);

/// What a job is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JobKind {
    /// The next model of the lab.
    Frontier,
    /// Anything else.
    Research,
}

/// A job that runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Running {
    plan: RunPlan,
    /// What it takes at full pace, interruptions included [h].
    hours: f64,
    /// Of these, done by `since` [h].
    done: f64,
    since: Time,
    /// Its end, if that is before the horizon.
    end: Option<Handle>,
}

/// A training job that waits or runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Job {
    kind: JobKind,
    /// Compute that is left [FLOP].
    flop: f64,
    /// Its failures; while it runs, as the stream was when it started.
    stream: Stream,
    came: Time,
    /// When it first started.
    began: Option<Time>,
    /// Whether it was stopped from outside since it last started.
    stopped: bool,
    running: Option<Running>,
}

/// Chips of one type at one site that a lab trains on, through one cloud.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lot {
    cloud: CloudId,
    site: SiteId,
    accelerator: AcceleratorId,
    /// Chips that it was given.
    chips: u64,
    /// Training compute of a chip [H100e].
    h100e: f64,
    /// Whether the site is out of service.
    out: bool,
    pool: GangPool,
    /// By number in the pool.
    jobs: Vec<Option<Job>>,
    /// Chips that waiting jobs ask for.
    queued: u64,
    /// Pace of the running jobs over that on as many chips as they hold [1].
    pace: f64,
    /// Until when hours are counted.
    counted: Time,
    /// Month to date: chips in use, chips there [training H100e-hours].
    hours: (f64, f64),
}

impl Lot {
    /// Counts the hours until now, before anything changes.
    fn count(&mut self, now: Time) {
        let hours = now.since(self.counted).hours() * self.h100e;
        self.counted = now;
        self.hours.0 += hours * self.pool.held().min(self.pool.chips()) as f64;
        self.hours.1 += hours * self.chips as f64;
    }

    /// All of its compute [training H100e].
    fn all_h100e(&self) -> f64 {
        self.chips as f64 * self.h100e
    }

    fn job(&mut self, job: JobId) -> &mut Job {
        self.jobs[job.index()].as_mut().expect("a job that waits or runs")
    }
}

/// How many jobs a lab had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobCounts {
    /// Put into a queue.
    pub submitted: u64,
    /// Ended with their work done.
    pub finished: u64,
    /// Given up.
    pub dropped: u64,
}

/// A lab's training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabTraining {
    lots: Vec<Lot>,
    arrivals: Stream,
    /// Numbers of the next frontier run and of the next research job.
    numbers: (u64, u64),
    /// All jobs so far.
    pub counts: JobCounts,
    /// Month to date: jobs that started, and how long they had waited [h].
    waits: (u64, f64),
    /// Month to date: frontier runs that ended, and how long they took [days].
    runs: (u64, f64),
}

impl LabTraining {
    /// Nothing yet; `arrivals` says when research jobs come.
    pub fn new(arrivals: Stream) -> Self {
        Self {
            lots: Vec::new(),
            arrivals,
            numbers: (0, 0),
            counts: JobCounts::default(),
            waits: (0, 0.0),
            runs: (0, 0.0),
        }
    }

    /// Compute of all its lots [training H100e].
    pub fn h100e(&self) -> f64 {
        self.lots.iter().map(Lot::all_h100e).sum()
    }

    /// Mean time that jobs which started this month had waited [h].
    pub fn queue_wait_hours(&self) -> f64 {
        mean(self.waits)
    }

    /// Mean time that frontier runs which ended this month took [days].
    pub fn frontier_run_days(&self) -> f64 {
        mean(self.runs)
    }

    /// Share of the compute of its lots that jobs held this month until `now` [1].
    pub fn busy_share(&self, now: Time) -> f64 {
        let (mut held, mut all) = (0.0, 0.0);
        for lot in &self.lots {
            let mut counted = lot.hours;
            let hours = now.since(lot.counted).hours() * lot.h100e;
            counted.0 += hours * lot.pool.held().min(lot.pool.chips()) as f64;
            counted.1 += hours * lot.chips as f64;
            held += counted.0;
            all += counted.1;
        }
        if all > 0.0 { held / all } else { f64::NAN }
    }

    /// Starts a month's sums afresh.
    pub fn begin_month(&mut self, now: Time) {
        (self.waits, self.runs) = ((0, 0.0), (0, 0.0));
        for lot in &mut self.lots {
            lot.count(now);
            lot.hours = (0.0, 0.0);
        }
    }

    /// Jobs that wait or run.
    fn present(&self) -> u64 {
        self.lots.iter().map(|lot| (lot.pool.waiting() + lot.pool.running()) as u64).sum()
    }
}

fn mean((count, sum): (u64, f64)) -> f64 {
    if count > 0 { sum / count as f64 } else { f64::NAN }
}
