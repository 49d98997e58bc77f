//! Jobs: they come, wait, run, are stopped, and end.

use super::{Job, JobKind, Running};
use crate::engine::Stream;
use crate::ids::LabId;
use crate::market::training::{Gang, RunPlan, flop_per_hour};
use crate::model::events::{Event, Stage};
use crate::model::simulation::Simulation;
use crate::supply::gang::{JobId, Request};
use crate::units::{DAY, Span};

/// Longest time for which a rate of arrivals is taken as it is; without a job by then it is read again.
const LOOK_AGAIN: Span = Span(7 * DAY.0);
/// Expected length from which a frontier run is warned of [h].
const WORTH_A_WARNING_HOURS: f64 = 2.0 * 8_766.0;

/// Time on another lot over the time left on its own for which a frontier run moves [1]; assumed.
const WORTH_A_MOVE: f64 = 0.5;

impl JobKind {
    /// Frontier runs go first where priority counts.
    fn priority(self) -> u8 {
        match self {
            Self::Frontier => 1,
            Self::Research => 0,
        }
    }
}

impl Simulation<'_> {
    /// Puts the next research job of a lab on the clock, or the next look at when it will come.
    pub(in crate::model) fn await_research(&mut self, lab: LabId) {
        let now = self.now();
        let Some(jobs) = &self.params.labs[lab.index()].research_jobs else { return };
        let per_day = jobs.per_day.at(now);
        let u = self.state.labs[lab.index()].training.arrivals.uniform();
        // −ln(u) / rate; without end at rate 0.
        let days = -libm::log(u) / per_day;
        let comes = days < LOOK_AGAIN.days();
        let wait = if comes { Span::from_days(days).max(Span(1)) } else { LOOK_AGAIN };
        self.after(wait, Event::ResearchDue(lab, comes));
    }

    pub(in crate::model) fn on_research_due(&mut self, lab: LabId, comes: bool) {
        let l = lab.index();
        if self.state.labs[l].defaulted {
            return;
        }
        self.await_research(lab);
        let Some(jobs) = &self.params.labs[l].research_jobs else { return };
        if !comes {
            return;
        }
        let number = self.state.labs[l].training.numbers.1;
        self.state.labs[l].training.numbers.1 += 1;
        let mut stream = self.job_stream(lab, JobKind::Research, number);
        let h100e = jobs.share_of_research.quantile(stream.uniform()) * self.state.labs[l].training.h100e();
        let days = jobs.days.quantile(stream.uniform());
        let flop = flop_per_hour(&self.params.training, h100e, self.now()) * 24.0 * days;
        let Some((lot, chips)) = self.lot_for(lab, h100e, 24.0 * days) else { return };
        if flop > 0.0 {
            self.submit(lab, lot, self.new_job(JobKind::Research, flop, stream), chips);
        }
    }

    fn job_stream(&self, lab: LabId, kind: JobKind, number: u64) -> Stream {
        let purpose = match kind {
            JobKind::Frontier => format!("frontier run {number}"),
            JobKind::Research => format!("research job {number}"),
        };
        Stream::named(self.params.seed, self.params.draw, &self.params.labs[lab.index()].id, &purpose)
    }

    fn new_job(&self, kind: JobKind, flop: f64, stream: Stream) -> Job {
        Job { kind, flop, stream, came: self.now(), began: None, stopped: false, running: None }
    }

    /// The lot where a job of so many training H100e is likely to end first: after the wait in its queue and, where it does
    /// not have all those chips, at a slower pace. `hours` is its length at full size. Gives the lot and the chips.
    fn lot_for(&self, lab: LabId, h100e: f64, hours: f64) -> Option<(usize, u64)> {
        let now = self.now();
        let lots = self.state.labs[lab.index()].training.lots.iter().enumerate();
        let mut best: Option<(f64, usize, u64)> = None;
        for (i, lot) in lots.filter(|(_, lot)| !lot.out && lot.chips > 0) {
            let chips = ((h100e / lot.h100e).round() as u64).clamp(1, lot.chips);
            let runs = hours * h100e / (chips as f64 * lot.h100e);
            let sooner = |end: f64| best.is_none_or(|(least, ..)| end < least);
            // Who runs longer than another would wait and run need not be asked for its wait.
            if sooner(runs)
                && let Some(wait) = lot.pool.wait_for(chips, now)
                && sooner(wait.hours() + runs)
            {
                best = Some((wait.hours() + runs, i, chips));
            }
        }
        best.map(|(_, i, chips)| (i, chips))
    }

    /// Queues the frontier run that is due in the largest lot of the lab: a share of all research compute, or all of the
    /// lot if that is less. Without a lot it waits for one.
    pub(in crate::model) fn place_run(&mut self, lab: LabId) {
        let l = lab.index();
        let Some(programme) = &self.params.labs[l].programme else { return };
        let Some(run) = self.state.labs[l].run else { return };
        let wanted = programme.share_of_research * self.state.labs[l].training.h100e();
        let lots = self.state.labs[l].training.lots.iter().enumerate();
        let largest = lots
            .filter(|(_, lot)| !lot.out && lot.chips > 0)
            .max_by(|a, b| a.1.all_h100e().total_cmp(&b.1.all_h100e()).then(b.0.cmp(&a.0)));
        let Some((lot, chips)) = largest.map(|(i, lot)| (i, ((wanted / lot.h100e) as u64).clamp(1, lot.chips))) else {
            self.warn_of_run(lab, "waits: the lab has no chips to train on");
            return;
        };
        let number = self.state.labs[l].training.numbers.0;
        self.state.labs[l].training.numbers.0 += 1;
        let job = self.new_job(JobKind::Frontier, run.target_flop, self.job_stream(lab, JobKind::Frontier, number));
        if self.plan(lab, lot, &job, chips).expected_hours() > WORTH_A_WARNING_HOURS {
            self.warn_of_run(lab, "takes more than two years on the chips that one of the lab's lots has for it");
        }
        self.submit(lab, lot, job, chips);
    }

    /// A running frontier run that another lot would end in half of the time that it has left, the wait there included,
    /// goes there from its last checkpoint.
    ///
    /// *Why?* Fleets grow manifold in the time of a long run. A lab that got a far larger cluster would not leave its run
    /// on the old one for another year; nor would it move for a few days, since that stops whoever plans around it.
    pub(super) fn move_run(&mut self, lab: LabId) {
        let (now, l) = (self.now(), lab.index());
        let Some(programme) = &self.params.labs[l].programme else { return };
        let Some((lot, id)) = self.state.labs[l].run.and_then(|run| run.place) else { return };
        let (lot, training) = (usize::from(lot), &self.state.labs[l].training);
        let place = &training.lots[lot];
        let job = place.jobs[id.index()].as_ref().expect("it waits or runs");
        let Some(running) = job.running.filter(|_| !place.out) else { return };
        let done = running.done + now.since(running.since).hours() * place.pace;
        let (left, share_left) = ((running.hours - done) / place.pace, 1.0 - done / running.hours);
        let wanted = programme.share_of_research * training.h100e();
        let others = training.lots.iter().enumerate().filter(|(i, other)| *i != lot && !other.out && other.chips > 0);
        let ends = others.filter_map(|(i, other)| {
            let chips = ((wanted / other.h100e) as u64).clamp(1, other.chips);
            let wait = other.pool.wait_for(chips, now)?.hours();
            Some((wait + self.plan(lab, i, job, chips).expected_hours() * share_left, i, chips))
        });
        let best = ends.min_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, other, chips)) = best.filter(|(hours, ..)| *hours < WORTH_A_MOVE * left) {
            self.stop_job(lab, lot, id);
            let job = self.take_out(lab, lot, id);
            self.enqueue(lab, other, job, chips);
            self.pass(lab, lot);
            self.pass(lab, other);
        }
    }

    /// Warns of the frontier run of a lab, once.
    fn warn_of_run(&mut self, lab: LabId, what: &str) {
        let date = self.params.calendar.date(self.now());
        let id = &self.params.labs[lab.index()].id;
        if let Some(run) = &mut self.state.labs[lab.index()].run
            && !std::mem::replace(&mut run.warned, true)
        {
            self.state.warnings.push(format!("{date}: a frontier run of {id} {what}"));
        }
    }

    fn plan(&self, lab: LabId, lot: usize, job: &Job, chips: u64) -> RunPlan {
        let lot = &self.state.labs[lab.index()].training.lots[lot];
        let failures_per_chip_year = self.params.supply.accelerators[lot.accelerator.index()].failures_per_year;
        let chips = chips as f64;
        let gang = Gang { h100e: chips * lot.h100e, chips, failures_per_chip_year };
        RunPlan::new(&self.params.training, gang, job.flop, job.stopped, self.now())
    }

    fn submit(&mut self, lab: LabId, lot: usize, job: Job, chips: u64) {
        self.state.labs[lab.index()].training.counts.submitted += 1;
        self.enqueue(lab, lot, job, chips);
        self.pass(lab, lot);
    }

    fn enqueue(&mut self, lab: LabId, lot: usize, job: Job, chips: u64) {
        let estimate = Span::from_hours(self.plan(lab, lot, &job, chips).expected_hours());
        let state = &mut self.state.labs[lab.index()];
        let place = &mut state.training.lots[lot];
        place.queued += chips;
        let kind = job.kind;
        let id = place.pool.submit(Request { chips, estimate, priority: kind.priority() });
        if place.jobs.len() <= id.index() {
            place.jobs.resize(id.index() + 1, None);
        }
        place.jobs[id.index()] = Some(job);
        if kind == JobKind::Frontier
            && let Some(run) = &mut state.run
        {
            run.place = Some((u16::try_from(lot).expect("fewer lots than numbers for them"), id));
        }
    }

    /// Starts whoever may start in a lot, and under priority stops whom they displace.
    pub(super) fn pass(&mut self, lab: LabId, lot: usize) {
        let now = self.now();
        let mut started = std::mem::take(&mut self.scratch.started);
        let place = &mut self.state.labs[lab.index()].training.lots[lot];
        place.count(now);
        place.pool.schedule(now, &mut started);
        let yielders = place.pool.yielders();
        if !yielders.is_empty() {
            // Those that started at this very instant are among them, perhaps.
            started.drain(..).for_each(|job| self.start(lab, lot, job));
            yielders.into_iter().for_each(|job| self.stop_job(lab, lot, job));
            self.state.labs[lab.index()].training.lots[lot].pool.schedule(now, &mut started);
        }
        started.drain(..).for_each(|job| self.start(lab, lot, job));
        self.scratch.started = started;
        self.repace(lab, lot);
    }

    fn start(&mut self, lab: LabId, lot: usize, id: JobId) {
        let now = self.now();
        let place = &self.state.labs[lab.index()].training.lots[lot];
        let chips = place.pool.request(id).chips;
        let plan = self.plan(lab, lot, place.jobs[id.index()].as_ref().expect("it waits"), chips);
        let training = &mut self.state.labs[lab.index()].training;
        let place = &mut training.lots[lot];
        place.queued -= chips;
        let pace = place.pace;
        let job = place.job(id);
        let hours = plan.draw_hours(&mut job.stream.clone());
        if job.began.is_none() {
            job.began = Some(now);
            let waited = now.since(job.came).hours();
            training.waits = (training.waits.0 + 1, training.waits.1 + waited);
        }
        let end = self.put_end_on_clock(lab, lot, id, hours / pace);
        let job = self.state.labs[lab.index()].training.lots[lot].job(id);
        job.stopped = false;
        job.running = Some(Running { plan, hours, done: 0.0, since: now, end });
    }

    fn put_end_on_clock(&mut self, lab: LabId, lot: usize, id: JobId, hours: f64) -> Option<crate::engine::Handle> {
        let end = self.now() + Span::from_hours(hours).max(Span(1));
        let event = Event::JobEnded(lab, u16::try_from(lot).expect("fewer lots than numbers for them"), id);
        let in_time = end < self.params.calendar.horizon();
        in_time.then(|| self.engine.schedule_at(end, Stage::Releases.into(), event))
    }

    /// Sets the pace of a lot's jobs by the chips that there are for those that they hold, and moves their ends.
    pub(super) fn repace(&mut self, lab: LabId, lot: usize) {
        let now = self.now();
        let place = &mut self.state.labs[lab.index()].training.lots[lot];
        let (held, chips) = (place.pool.held(), place.pool.chips());
        let pace = if held > chips { chips as f64 / held as f64 } else { 1.0 };
        let before = std::mem::replace(&mut place.pace, pace);
        if pace == before {
            return;
        }
        for id in place.pool.runners().collect::<Vec<_>>() {
            let job = self.state.labs[lab.index()].training.lots[lot].job(id);
            let Some(mut running) = job.running else { continue };
            running.done += now.since(running.since).hours() * before;
            running.since = now;
            if let Some(end) = running.end {
                self.engine.cancel(end);
            }
            let left = (running.hours - running.done).max(0.0);
            running.end = if pace > 0.0 { self.put_end_on_clock(lab, lot, id, left / pace) } else { None };
            self.state.labs[lab.index()].training.lots[lot].job(id).running = Some(running);
        }
    }

    pub(in crate::model) fn on_job_ended(&mut self, lab: LabId, lot: usize, id: JobId) {
        let now = self.now();
        let training = &mut self.state.labs[lab.index()].training;
        training.counts.finished += 1;
        let place = &mut training.lots[lot];
        place.count(now);
        place.pool.finish(id, now);
        let job = place.jobs[id.index()].take().expect("a job that runs");
        if job.kind == JobKind::Frontier {
            let days = now.since(job.began.unwrap_or(now)).days();
            training.runs = (training.runs.0 + 1, training.runs.1 + days);
            self.on_run_completed(lab);
        }
        self.pass(lab, lot);
    }

    /// A running job is stopped from outside and goes to the head of its queue, back at its last checkpoint. Its
    /// caller sets the pace of the others.
    pub(super) fn stop_job(&mut self, lab: LabId, lot: usize, id: JobId) {
        let now = self.now();
        let place = &mut self.state.labs[lab.index()].training.lots[lot];
        place.count(now);
        let pace = place.pace;
        let chips = place.pool.request(id).chips;
        place.queued += chips;
        let job = place.job(id);
        let Some(running) = job.running.take() else { return };
        let done = running.done + now.since(running.since).hours() * pace;
        if running.plan.work_hours > 0.0 {
            job.flop *= running.plan.left_hours(&mut job.stream, done) / running.plan.work_hours;
        }
        job.stopped = true;
        let job = job.clone();
        if let Some(end) = running.end {
            self.engine.cancel(end);
        }
        let estimate = Span::from_hours(self.plan(lab, lot, &job, chips).expected_hours());
        self.state.labs[lab.index()].training.lots[lot].pool.requeue(id, estimate);
    }

    /// Jobs that their lot can no longer take go to another, on as much of their compute as that has.
    pub(super) fn move_stranded(&mut self, lab: LabId, lot: usize) {
        let place = &self.state.labs[lab.index()].training.lots[lot];
        if place.out {
            return;
        }
        let gone = place.chips == 0;
        let too_large = |job: &JobId| place.pool.request(*job).chips > place.chips;
        let waiting: Vec<JobId> = place.pool.queue().filter(too_large).collect();
        let running: Vec<JobId> = if gone { place.pool.runners().collect() } else { Vec::new() };
        if waiting.is_empty() && running.is_empty() {
            return;
        }
        for id in running.into_iter().chain(waiting) {
            let place = &self.state.labs[lab.index()].training.lots[lot];
            let (chips, h100e) = (place.pool.request(id).chips, place.h100e);
            let job = place.jobs[id.index()].as_ref().expect("it waits or runs");
            let hours = self.plan(lab, lot, job, chips).expected_hours();
            let Some((other, chips)) = self.lot_for(lab, chips as f64 * h100e, hours) else { return };
            if place.pool.is_running(id) {
                self.stop_job(lab, lot, id);
            }
            let job = self.take_out(lab, lot, id);
            self.enqueue(lab, other, job, chips);
            if other != lot {
                self.pass(lab, other);
            }
        }
    }

    /// Takes a job out of its lot for good, running or not.
    fn take_out(&mut self, lab: LabId, lot: usize, id: JobId) -> Job {
        let now = self.now();
        let place = &mut self.state.labs[lab.index()].training.lots[lot];
        place.count(now);
        if !place.pool.is_running(id) {
            place.queued -= place.pool.request(id).chips;
        }
        place.pool.withdraw(id);
        let job = place.jobs[id.index()].take().expect("a job that waits or runs");
        if let Some(end) = job.running.and_then(|running| running.end) {
            self.engine.cancel(end);
        }
        job
    }

    /// Gives up the frontier run of a lab.
    pub(in crate::model) fn drop_run(&mut self, lab: LabId) {
        let Some(run) = self.state.labs[lab.index()].run.take() else { return };
        if let Some((lot, id)) = run.place {
            self.take_out(lab, usize::from(lot), id);
            self.state.labs[lab.index()].training.counts.dropped += 1;
            self.pass(lab, usize::from(lot));
        }
    }

    /// Gives up everything that a lab trains.
    pub(in crate::model) fn drop_training(&mut self, lab: LabId) {
        let l = lab.index();
        self.state.labs[l].run = None;
        for lot in 0..self.state.labs[l].training.lots.len() {
            let pool = &self.state.labs[l].training.lots[lot].pool;
            let jobs: Vec<JobId> = pool.queue().chain(pool.runners()).collect();
            for id in jobs {
                self.take_out(lab, lot, id);
                self.state.labs[l].training.counts.dropped += 1;
            }
            self.repace(lab, lot);
        }
    }
}
