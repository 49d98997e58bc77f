//! The same disciplines as they are written down, without any index: what the pool is compared with.

use super::{Discipline, Request};
use crate::units::{Span, Time};

/// A job by the number that the test gave it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Entry {
    number: usize,
    request: Request,
    /// Its reservation, under conservative backfilling.
    reserved: Option<Time>,
}

pub(super) struct Naive {
    pub discipline: Discipline,
    pub chips: i64,
    waiting: Vec<Entry>,
    /// With the end that is expected.
    running: Vec<(Entry, Time)>,
    /// Whether a job ended off its estimate, or anything else went otherwise than planned.
    stale: bool,
    /// Jobs from this place of the queue on have no reservation yet.
    unplaced: usize,
}

impl Naive {
    pub fn new(discipline: Discipline, chips: u64) -> Self {
        Self { discipline, chips: chips as i64, waiting: Vec::new(), running: Vec::new(), stale: true, unplaced: 0 }
    }

    pub fn submit(&mut self, number: usize, request: Request) {
        self.waiting.push(Entry { number, request, reserved: None });
    }

    pub fn finish(&mut self, number: usize, now: Time) {
        let place = self.running.iter().position(|(job, _)| job.number == number).unwrap();
        self.stale |= self.running.remove(place).1 != now;
    }

    pub fn requeue(&mut self, number: usize, estimate: Span) {
        let place = self.running.iter().position(|(job, _)| job.number == number).unwrap();
        let (mut job, _) = self.running.remove(place);
        job.request.estimate = estimate;
        self.waiting.insert(0, job);
        self.stale = true;
    }

    pub fn withdraw(&mut self, number: usize) {
        self.waiting.retain(|job| job.number != number);
        self.running.retain(|(job, _)| job.number != number);
        self.stale = true;
    }

    pub fn resize(&mut self, chips: u64) {
        self.stale |= self.chips != chips as i64;
        self.chips = chips as i64;
    }

    pub fn waiting(&self) -> Vec<usize> {
        self.waiting.iter().map(|job| job.number).collect()
    }

    pub fn held(&self) -> i64 {
        self.running.iter().map(|(job, _)| job.request.chips as i64).sum()
    }

    fn free(&self) -> i64 {
        self.chips - self.held()
    }

    fn start(&mut self, place: usize, now: Time) -> usize {
        let job = self.waiting.remove(place);
        self.running.push((job, now + job.request.estimate));
        job.number
    }

    fn fits(&self, place: usize) -> bool {
        self.waiting[place].request.chips as i64 <= self.free()
    }

    /// A pass; the numbers of those who start.
    pub fn schedule(&mut self, now: Time) -> Vec<usize> {
        match self.discipline {
            Discipline::FirstCome => self.heads(now),
            Discipline::FirstFit => self.every(now, |_, _| true),
            Discipline::Easy => self.easy(now),
            Discipline::Conservative => self.conservative(now),
            Discipline::Priority => self.by_priority(now),
        }
    }

    fn heads(&mut self, now: Time) -> Vec<usize> {
        let mut started = Vec::new();
        while !self.waiting.is_empty() && self.fits(0) {
            started.push(self.start(0, now));
        }
        started
    }

    fn every(&mut self, now: Time, mut may: impl FnMut(&mut Self, usize) -> bool) -> Vec<usize> {
        let (mut started, mut place) = (Vec::new(), 0);
        while place < self.waiting.len() {
            if self.fits(place) && may(self, place) {
                started.push(self.start(place, now));
            } else {
                place += 1;
            }
        }
        started
    }

    /// Ends that are expected, with what is overdue in the next second.
    fn ends(&self, now: Time) -> Vec<(Time, i64)> {
        self.running.iter().map(|(job, end)| ((*end).max(now + Span(1)), job.request.chips as i64)).collect()
    }

    fn easy(&mut self, now: Time) -> Vec<usize> {
        let mut started = self.heads(now);
        let Some(head) = self.waiting.first() else { return started };
        let need = head.request.chips as i64;
        let ends = self.ends(now);
        let free_at = |at: Time| self.free() + ends.iter().filter(|(end, _)| *end <= at).map(|(_, n)| n).sum::<i64>();
        let shadow = ends.iter().map(|(end, _)| *end).filter(|at| free_at(*at) >= need).min();
        let mut extra = shadow.map_or(0, |at| free_at(at) - need);
        started.extend(self.every(now, |queue, place| {
            let request = queue.waiting[place].request;
            if shadow.is_none_or(|shadow| now + request.estimate <= shadow) {
                return true;
            }
            let fits = request.chips as i64 <= extra;
            if fits {
                extra -= request.chips as i64;
            }
            fits
        }));
        started
    }

    fn by_priority(&mut self, now: Time) -> Vec<usize> {
        let mut started = Vec::new();
        loop {
            let best = self.waiting.iter().map(|job| job.request.priority).max();
            let head = self.waiting.iter().position(|job| Some(job.request.priority) == best);
            let Some(head) = head.filter(|place| self.fits(*place)) else { return started };
            started.push(self.start(head, now));
        }
    }

    /// On arrival the earliest hole beside all earlier reservations, which are kept unless something goes otherwise.
    fn conservative(&mut self, now: Time) -> Vec<usize> {
        if self.stale || self.running.iter().any(|(_, end)| *end <= now) {
            self.waiting.iter_mut().for_each(|job| job.reserved = None);
            (self.stale, self.unplaced) = (false, 0);
        }
        for place in self.unplaced..self.waiting.len() {
            let hole = self.hole(now, place);
            self.waiting[place].reserved = hole;
        }
        let started = self.every(now, |queue, place| queue.waiting[place].reserved.is_some_and(|at| at <= now));
        self.unplaced = self.waiting.len();
        started
    }

    fn hole(&self, now: Time, place: usize) -> Option<Time> {
        let request = self.waiting[place].request;
        let mut taken: Vec<(Time, Time, i64)> = self.ends(now).into_iter().map(|(end, n)| (now, end, n)).collect();
        taken.extend(self.waiting.iter().enumerate().filter(|(other, _)| *other != place).filter_map(|(_, job)| {
            let at = job.reserved?;
            Some((at, at + job.request.estimate, job.request.chips as i64))
        }));
        let free_at = |at: Time| {
            self.chips - taken.iter().filter(|(from, to, _)| *from <= at && at < *to).map(|(.., n)| n).sum::<i64>()
        };
        let mut edges: Vec<Time> = taken.iter().flat_map(|(from, to, _)| [*from, *to]).chain([now]).collect();
        edges.sort();
        let holds = |at: &Time| {
            let inside = edges.iter().filter(|edge| **edge >= *at && **edge < *at + request.estimate);
            inside.chain([at]).all(|edge| free_at(*edge) >= request.chips as i64)
        };
        edges.iter().copied().filter(|at| *at >= now).find(holds)
    }
}
