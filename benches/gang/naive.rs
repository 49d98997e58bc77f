//! EASY as it is written down: every pass sorts the ends and looks at everybody who waits.

use super::Pool;
use cloudmarket::supply::gang::{JobId, Request};
use cloudmarket::units::{Span, Time};

pub struct NaiveEasy {
    free: u64,
    waiting: Vec<(u32, Request)>,
    running: Vec<(Time, u32, u64)>,
    vacant: Vec<u32>,
    jobs: u32,
}

impl NaiveEasy {
    pub fn new(chips: u64) -> Self {
        Self { free: chips, waiting: Vec::new(), running: Vec::new(), vacant: Vec::new(), jobs: 0 }
    }

    fn start(&mut self, place: usize, now: Time, started: &mut Vec<JobId>) {
        let (job, request) = self.waiting.remove(place);
        self.free -= request.chips;
        self.running.push((now + request.estimate, job, request.chips));
        started.push(JobId(job));
    }
}

impl Pool for NaiveEasy {
    fn submit(&mut self, request: Request) -> u32 {
        let job = self.vacant.pop().unwrap_or_else(|| {
            self.jobs += 1;
            self.jobs - 1
        });
        self.waiting.push((job, request));
        job
    }

    fn finish(&mut self, job: u32, _now: Time) {
        let place = self.running.iter().position(|(_, running, _)| *running == job).expect("it runs");
        self.free += self.running.swap_remove(place).2;
        self.vacant.push(job);
    }

    fn schedule(&mut self, now: Time, started: &mut Vec<JobId>) {
        while self.waiting.first().is_some_and(|(_, head)| head.chips <= self.free) {
            self.start(0, now, started);
        }
        let Some((_, head)) = self.waiting.first() else { return };
        let mut ends: Vec<(Time, u64)> =
            self.running.iter().map(|(end, _, chips)| ((*end).max(now + Span(1)), *chips)).collect();
        ends.sort_unstable();
        let (mut then, mut shadow) = (self.free, None);
        for (end, chips) in ends {
            if shadow.is_some_and(|shadow| end > shadow) {
                break;
            }
            then += chips;
            if then >= head.chips {
                shadow = Some(end);
            }
        }
        let mut extra = shadow.map_or(0, |_| then - head.chips);
        let mut place = 1;
        while place < self.waiting.len() {
            let request = self.waiting[place].1;
            let before = shadow.is_none_or(|shadow| now + request.estimate <= shadow);
            if request.chips <= self.free && (before || request.chips <= extra) {
                extra -= if before { 0 } else { request.chips };
                self.start(place, now, started);
            } else {
                place += 1;
            }
        }
    }

    fn waiting(&self) -> usize {
        self.waiting.len()
    }
}
