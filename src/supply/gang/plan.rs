//! Conservative backfilling: everybody has a reservation, at the earliest time that delays none made before.
//!
//! The profile says how many chips are free from when on, with all that runs and all that is reserved. A job gets the
//! earliest stretch in it where its chips are free for as long as it is estimated to run.
//!
//! **What if a job ends off its estimate, or chips come or go?** The plan is made anew: all that waits is placed again in
//! the order of the queue. While every estimate is exact that changes nothing: later jobs only make holes smaller, so
//! each finds its old place again. Otherwise a reservation may move, mostly to an earlier time.
//!
//! Limits: a place is found by walking along the profile, so an arrival costs in proportion to the jobs that wait and
//! run, and a new plan in proportion to their square.

use super::{GangPool, JobId, signed};
use crate::units::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Free chips from an instant until the next step's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Step {
    at: Time,
    free: i64,
}

/// What is free when, and who starts when.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Plan {
    profile: Vec<Step>,
    /// By time, then along the queue. Who can never start is not in it.
    starts: BTreeSet<(Time, i64, JobId)>,
    /// Whether it has to be made anew.
    pub stale: bool,
}

impl GangPool {
    pub(super) fn pass_conservative(&mut self, now: Time, started: &mut Vec<JobId>) {
        if self.plan.stale || self.plan.profile.is_empty() || self.overdue(now) {
            self.plan = Plan { profile: self.profile_of_running(now), ..Plan::default() };
            self.line.unsettle();
        }
        self.plan.forget_before(now);
        while let Some(job) = self.line.settle_next() {
            self.reserve(job, now);
        }
        let first = started.len();
        while let Some((at, rank, job)) = self.plan.starts.first().copied()
            && at <= now
        {
            self.plan.starts.remove(&(at, rank, job));
            self.start(job, now, started);
        }
        started[first..].sort_by_key(|job| self.jobs[job.index()].rank);
    }

    fn reserve(&mut self, job: JobId, now: Time) {
        let (request, rank) = (self.request(job), self.jobs[job.index()].rank);
        let (chips, length) = (signed(request.chips), request.estimate);
        let Some(start) = self.plan.earliest(now, chips, length.0) else { return };
        self.plan.take(start, start + length, chips);
        self.plan.starts.insert((start, rank, job));
    }

    fn profile_of_running(&self, now: Time) -> Vec<Step> {
        let mut profile = vec![Step { at: now, free: self.slack() }];
        let mut free = self.slack();
        for (at, chips) in self.ends(now) {
            free += signed(chips);
            match profile.last_mut() {
                Some(last) if last.at == at => last.free = free,
                _ => profile.push(Step { at, free }),
            }
        }
        profile
    }
}

impl Plan {
    fn forget_before(&mut self, now: Time) {
        let past = self.profile.partition_point(|step| step.at <= now).saturating_sub(1);
        self.profile.drain(..past);
    }

    /// The earliest time from `now` on at which `chips` are free for `length` seconds.
    fn earliest(&self, now: Time, chips: i64, length: u64) -> Option<Time> {
        let mut start = None;
        for (place, step) in self.profile.iter().enumerate() {
            if step.free < chips {
                start = None;
                continue;
            }
            let from = *start.get_or_insert(step.at.max(now));
            match self.profile.get(place + 1) {
                Some(next) if next.at.since(from).0 < length => {}
                _ => return Some(from),
            }
        }
        None
    }

    /// Takes `chips` from `from` until `until`.
    fn take(&mut self, from: Time, until: Time, chips: i64) {
        let (first, last) = (self.step_at(from), self.step_at(until));
        self.profile[first..last].iter_mut().for_each(|step| step.free -= chips);
    }

    /// The step that begins at `at`, made if there is none.
    fn step_at(&mut self, at: Time) -> usize {
        let place = self.profile.partition_point(|step| step.at < at);
        if self.profile.get(place).is_none_or(|step| step.at != at) {
            // The first step is at or before now, so there is one before.
            let free = self.profile[place - 1].free;
            self.profile.insert(place, Step { at, free });
        }
        place
    }
}
