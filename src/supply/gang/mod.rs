//! Gang scheduling: a pool of identical chips, and jobs that need all of theirs at once and hold them to the end.
//!
//! A plain state machine without clock, chance or market. The caller submits jobs, says when one ends, and asks for a
//! scheduling pass; a pass gives the jobs that start. At one instant: first everything that ends, then everything that
//! comes, in order, then one pass.
//!
//! ```text
//! submit ──▶ waiting ──schedule──▶ running ──finish──▶ gone
//!               ▲                     │
//!               └──────requeue────────┘     withdraw: gone from either
//! ```
//!
//! | discipline | who starts |
//! |---|---|
//! | first come | the head of the queue, and nobody before it |
//! | first fit | everybody who fits, looked at in the order of the queue; a large job may wait for ever |
//! | EASY | the head; who is behind it starts if it fits and does not delay the head's reservation (`easy`) |
//! | conservative | everybody at the time reserved for it; a reservation delays none that was made before (`plan`) |
//! | priority | the highest priority first, first come first served within one; nobody is let past the head |
//!
//! Source: Mu'alem and Feitelson, IEEE TPDS 12 (2001), 529–543, for EASY and conservative backfilling.
//!
//! **Estimates.** EASY and conservative plan with the run time that a job was submitted with. A job that runs over its
//! estimate is taken to end in the next second, until it ends. One that ends early frees its chips at once.
//!
//! **Does priority backfill?** No: who waits for room under priority is not passed by lesser work, which would hold that
//! room for its whole length. Instead a head may ask running jobs of lower priority to yield ([`GangPool::yielders`]).
//!
//! **A job larger than the pool** waits. Under first come and priority so does all behind it; under EASY and
//! conservative it has no reservation, so that others go past it. The caller sees to it that this does not last.
//!
//! **Why a tree over the queue?** A pass after every event that looks at everybody who waits costs the more the longer
//! the queue. `line` finds the next job that may start without looking at the others, and who was passed over once is
//! not looked at again before chips come free.

mod easy;
mod line;
mod plan;

#[cfg(test)]
mod naive;
#[cfg(test)]
mod tests;

use crate::units::{Span, Time};
use easy::Reservation;
use line::{Asked, Line};
use plan::Plan;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Shortest run time that is planned with: no job ends before the instant is over in which it began.
const LEAST_ESTIMATE: Span = Span(1);

/// In which order waiting jobs start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Discipline {
    /// First come, first served.
    FirstCome,
    /// Whoever fits.
    FirstFit,
    /// A reservation for the head alone.
    #[default]
    Easy,
    /// A reservation for everybody.
    Conservative,
    /// The highest priority first.
    Priority,
}

/// A job within its pool. Used again once the job is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct JobId(pub u32);

impl JobId {
    /// Position in an array by job.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a job asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Chips, all at once.
    pub chips: u64,
    /// How long it will run, as far as is known.
    pub estimate: Span,
    /// The higher the sooner; only [`Discipline::Priority`] looks at it.
    pub priority: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Place {
    Waiting,
    /// Until when, by its estimate.
    Running(Time),
    Gone,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Job {
    request: Request,
    place: Place,
    /// Rises along the queue.
    rank: i64,
}

/// A pool of identical chips with its queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GangPool {
    discipline: Discipline,
    chips: u64,
    held: u64,
    jobs: Vec<Job>,
    vacant: Vec<JobId>,
    line: Line,
    /// Ranks of the next job at the head and at the end of the queue.
    ranks: (i64, i64),
    /// By the end that is expected.
    running: BTreeSet<(Time, JobId)>,
    /// Of the head, under EASY, while it stands.
    reservation: Option<Reservation>,
    plan: Plan,
}

impl GangPool {
    /// An empty pool of so many chips.
    pub fn new(discipline: Discipline, chips: u64) -> Self {
        Self {
            discipline,
            chips,
            held: 0,
            jobs: Vec::new(),
            vacant: Vec::new(),
            line: Line::default(),
            ranks: (-1, 0),
            running: BTreeSet::new(),
            reservation: None,
            plan: Plan::default(),
        }
    }

    /// Its chips.
    pub fn chips(&self) -> u64 {
        self.chips
    }

    /// Chips that running jobs hold; more than there are after the pool has shrunk under them.
    pub fn held(&self) -> u64 {
        self.held
    }

    /// Chips that nobody holds.
    pub fn free(&self) -> u64 {
        self.chips.saturating_sub(self.held)
    }

    /// Jobs that wait.
    pub fn waiting(&self) -> usize {
        self.line.len()
    }

    /// Jobs that run.
    pub fn running(&self) -> usize {
        self.running.len()
    }

    /// The jobs that wait, in the order of the queue.
    pub fn queue(&self) -> impl Iterator<Item = JobId> + '_ {
        self.line.iter()
    }

    /// The jobs that run, by the end that is expected.
    pub fn runners(&self) -> impl Iterator<Item = JobId> + '_ {
        self.running.iter().map(|(_, job)| *job)
    }

    /// What a job that waits or runs has asked for.
    pub fn request(&self, job: JobId) -> Request {
        self.jobs[job.index()].request
    }

    /// Whether a job is running.
    pub fn is_running(&self, job: JobId) -> bool {
        matches!(self.jobs[job.index()].place, Place::Running(_))
    }

    /// Puts a job at the end of the queue.
    pub fn submit(&mut self, request: Request) -> JobId {
        let request = Request { estimate: request.estimate.max(LEAST_ESTIMATE), ..request };
        let job = Job { request, place: Place::Waiting, rank: self.ranks.1 };
        self.ranks.1 += 1;
        let id = match self.vacant.pop() {
            Some(id) => {
                self.jobs[id.index()] = job;
                id
            }
            None => {
                let id = JobId(u32::try_from(self.jobs.len()).expect("fewer jobs than numbers for them"));
                self.jobs.push(job);
                id
            }
        };
        self.line.push_back(id, Asked::of(request));
        id
    }

    /// A running job has ended; its chips are free.
    ///
    /// # Panics
    /// If it does not run.
    pub fn finish(&mut self, job: JobId, now: Time) {
        let end = self.stop(job);
        if end != now {
            self.off_plan();
        }
        self.vanish(job);
    }

    /// A running job goes back to the head of the queue, with a new estimate of what is left of it.
    ///
    /// # Panics
    /// If it does not run.
    pub fn requeue(&mut self, job: JobId, estimate: Span) {
        self.stop(job);
        let entry = &mut self.jobs[job.index()];
        entry.place = Place::Waiting;
        entry.rank = self.ranks.0;
        entry.request.estimate = estimate.max(LEAST_ESTIMATE);
        self.ranks.0 -= 1;
        self.line.push_front(job, Asked::of(entry.request));
        self.off_plan();
    }

    /// A job that waits or runs is given up.
    ///
    /// # Panics
    /// If it is gone already.
    pub fn withdraw(&mut self, job: JobId) {
        match self.jobs[job.index()].place {
            Place::Waiting => {
                self.line.remove(job);
            }
            Place::Running(_) => {
                self.stop(job);
            }
            Place::Gone => panic!("a job that is gone cannot be withdrawn"),
        }
        self.off_plan();
        self.vanish(job);
    }

    /// The pool has so many chips from now on. Running jobs keep what they hold, be it more.
    pub fn resize(&mut self, chips: u64) {
        if chips != self.chips {
            self.chips = chips;
            self.off_plan();
        }
    }

    /// About how long a job of so many chips that came now would wait: until the running jobs leave so many free, and for
    /// what waits already, spread over all chips; none if there are never so many.
    pub fn wait_for(&self, chips: u64, now: Time) -> Option<Span> {
        let asked: f64 =
            self.line.iter().map(|job| self.request(job)).map(|r| r.chips as f64 * r.estimate.0 as f64).sum();
        let queue = Span((asked / self.chips.max(1) as f64) as u64);
        let mut free = self.slack();
        if free >= signed(chips) {
            return Some(queue);
        }
        let end = self.ends(now).find(|(_, held)| {
            free += signed(*held);
            free >= signed(chips)
        });
        end.map(|(end, _)| Span(end.since(now).0 + queue.0))
    }

    /// The queue follows another discipline from now on.
    pub fn set_discipline(&mut self, discipline: Discipline) {
        if discipline != self.discipline {
            self.discipline = discipline;
            self.off_plan();
        }
    }

    /// Starts whoever may start, and adds them to `started` in the order of the queue.
    pub fn schedule(&mut self, now: Time, started: &mut Vec<JobId>) {
        match self.discipline {
            Discipline::FirstCome => self.pass_in_order(now, started),
            Discipline::FirstFit => self.pass_first_fit(now, started),
            Discipline::Easy => self.pass_easy(now, started),
            Discipline::Conservative => self.pass_conservative(now, started),
            Discipline::Priority => self.pass_by_priority(now, started),
        }
    }

    /// Running jobs of lower priority that would make room for the head of the queue: the lowest priority first, and
    /// within one who has most of its time still to run; none if all of them were not enough, or under another
    /// discipline than priority. The caller puts them back with [`Self::requeue`], which loses them what it loses.
    pub fn yielders(&self) -> Vec<JobId> {
        let Some(head) = self.line.highest_priority().filter(|_| self.discipline == Discipline::Priority) else {
            return Vec::new();
        };
        let head = self.request(head);
        let mut lesser: Vec<(u8, Time, JobId)> = self
            .running
            .iter()
            .map(|(end, job)| (*end, *job))
            .map(|(end, job)| (self.request(job).priority, end, job))
            .filter(|(priority, ..)| *priority < head.priority)
            .collect();
        lesser.sort_by_key(|(priority, end, job)| (*priority, std::cmp::Reverse(*end), *job));
        let (mut free, mut yielders) = (self.slack(), Vec::new());
        for (_, _, job) in lesser {
            if free >= signed(head.chips) {
                break;
            }
            free += signed(self.request(job).chips);
            yielders.push(job);
        }
        if free >= signed(head.chips) { yielders } else { Vec::new() }
    }

    fn pass_in_order(&mut self, now: Time, started: &mut Vec<JobId>) {
        while let Some(head) = self.line.head()
            && self.fits(head)
        {
            self.start(head, now, started);
        }
    }

    fn pass_by_priority(&mut self, now: Time, started: &mut Vec<JobId>) {
        while let Some(head) = self.line.highest_priority()
            && self.fits(head)
        {
            self.start(head, now, started);
        }
    }

    fn pass_first_fit(&mut self, now: Time, started: &mut Vec<JobId>) {
        while let Some(job) = self.line.next_fresh(self.free(), |_| true) {
            self.start(job, now, started);
        }
        self.line.settle();
    }

    fn fits(&self, job: JobId) -> bool {
        self.request(job).chips <= self.free()
    }

    /// Free chips, negative where more are held than there are.
    fn slack(&self) -> i64 {
        signed(self.chips) - signed(self.held)
    }

    fn start(&mut self, job: JobId, now: Time, started: &mut Vec<JobId>) {
        self.line.remove(job);
        let entry = &mut self.jobs[job.index()];
        let end = now + entry.request.estimate;
        entry.place = Place::Running(end);
        self.held += entry.request.chips;
        self.running.insert((end, job));
        started.push(job);
    }

    /// Frees the chips of a running job; gives the end that was expected.
    fn stop(&mut self, job: JobId) -> Time {
        let entry = &self.jobs[job.index()];
        let Place::Running(end) = entry.place else { panic!("only a running job ends") };
        self.held -= entry.request.chips;
        self.running.remove(&(end, job));
        // Chips came free: everybody may fit now. With reservations they came as planned, or else the plan is made anew.
        if self.discipline != Discipline::Conservative {
            self.line.unsettle();
        }
        end
    }

    fn vanish(&mut self, job: JobId) {
        self.jobs[job.index()].place = Place::Gone;
        self.vacant.push(job);
    }

    /// What was planned no longer holds.
    fn off_plan(&mut self) {
        self.reservation = None;
        self.plan.stale = true;
        self.line.unsettle();
    }

    /// Whether a job runs that was to have ended by now.
    fn overdue(&self, now: Time) -> bool {
        self.running.first().is_some_and(|(end, _)| *end <= now)
    }

    /// Ends that are expected, with chips, in order; what is overdue ends in the next second.
    fn ends(&self, now: Time) -> impl Iterator<Item = (Time, u64)> + '_ {
        let soonest = now + Span(1);
        self.running.iter().map(move |(end, job)| ((*end).max(soonest), self.jobs[job.index()].request.chips))
    }
}

/// Chips as a signed number; no pool comes near the limit.
fn signed(chips: u64) -> i64 {
    i64::try_from(chips).unwrap_or(i64::MAX)
}
