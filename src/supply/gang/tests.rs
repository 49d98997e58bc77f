//! The disciplines on situations worked out by hand, and against the naive reference on random ones.

use super::naive::Naive;
use super::*;
use crate::engine::Stream;

const ALL: [Discipline; 5] =
    [Discipline::FirstCome, Discipline::FirstFit, Discipline::Easy, Discipline::Conservative, Discipline::Priority];

fn job(chips: u64, seconds: u64) -> Request {
    Request { chips, estimate: Span(seconds), priority: 0 }
}

fn pass(pool: &mut GangPool, now: u64) -> Vec<u32> {
    let mut started = Vec::new();
    pool.schedule(Time(now), &mut started);
    started.iter().map(|job| job.0).collect()
}

/// A pool of ten chips, of which job 0 holds six for 100 s; then a job of eight waits, and behind it the others.
fn blocked(discipline: Discipline, others: &[Request]) -> GangPool {
    let mut pool = GangPool::new(discipline, 10);
    pool.submit(job(6, 100));
    assert_eq!(pass(&mut pool, 0), [0]);
    pool.submit(job(8, 50));
    others.iter().for_each(|other| {
        pool.submit(*other);
    });
    pool
}

#[test]
fn who_passes_a_blocked_head_depends_on_the_discipline() {
    // Four chips are free. At 100 s the head starts and leaves two. Job 2 is long and fits beside the head; job 3 is as
    // long, and would not then; job 4 is over before.
    let others = [job(2, 500), job(2, 500), job(1, 90)];
    for (discipline, expected) in [
        (Discipline::FirstCome, &[][..]),
        (Discipline::FirstFit, &[2, 3]),
        (Discipline::Easy, &[2, 4]),
        (Discipline::Conservative, &[2, 4]),
        (Discipline::Priority, &[]),
    ] {
        let mut pool = blocked(discipline, &others);
        assert_eq!(pass(&mut pool, 10), expected, "{discipline:?}");
    }
}

#[test]
fn easy_lets_past_what_ends_exactly_at_the_shadow_time_and_not_a_second_later() {
    assert_eq!(pass(&mut blocked(Discipline::Easy, &[job(4, 90)]), 10), [2]);
    assert_eq!(pass(&mut blocked(Discipline::Easy, &[job(4, 91)]), 10), Vec::<u32>::new());
}

#[test]
fn a_job_that_ends_early_lets_the_head_start_at_once() {
    for discipline in ALL {
        let mut pool = blocked(discipline, &[]);
        assert_eq!(pass(&mut pool, 10), Vec::<u32>::new());
        pool.finish(JobId(0), Time(20));
        assert_eq!(pass(&mut pool, 20), [1], "{discipline:?}");
        assert_eq!((pool.held(), pool.free(), pool.running(), pool.waiting()), (8, 2, 1, 0));
    }
}

#[test]
fn what_is_overdue_is_expected_in_the_next_second() {
    // At 150 s job 0 should have ended; the head's shadow time is 151 s. Only a job of a second may go before it, and
    // one that leaves the head its eight chips.
    let mut pool = blocked(Discipline::Easy, &[job(3, 2), job(3, 1), job(1, 500)]);
    assert_eq!(pass(&mut pool, 150), [3, 4]);
}

#[test]
fn a_job_larger_than_the_pool_blocks_some_and_not_others() {
    for (discipline, expected) in [
        (Discipline::FirstCome, &[][..]),
        (Discipline::FirstFit, &[1]),
        (Discipline::Easy, &[1]),
        (Discipline::Conservative, &[1]),
        (Discipline::Priority, &[]),
    ] {
        let mut pool = GangPool::new(discipline, 10);
        pool.submit(job(11, 5));
        pool.submit(job(10, 5));
        assert_eq!(pass(&mut pool, 0), expected, "{discipline:?}");
        // With one chip more it can run, once the other has ended.
        pool.resize(11);
        assert_eq!(pass(&mut pool, 1), if expected.is_empty() { &[0][..] } else { &[] }, "{discipline:?}");
    }
}

#[test]
fn a_shrunken_pool_starts_nobody_before_it_has_room() {
    for discipline in ALL {
        let mut pool = GangPool::new(discipline, 10);
        (0..2).for_each(|_| {
            pool.submit(job(5, 100));
        });
        assert_eq!(pass(&mut pool, 0), [0, 1]);
        pool.resize(6);
        pool.submit(job(1, 10));
        assert_eq!(pass(&mut pool, 1), Vec::<u32>::new(), "{discipline:?}");
        assert_eq!((pool.held(), pool.free()), (10, 0));
        pool.finish(JobId(0), Time(50));
        assert_eq!(pass(&mut pool, 50), [2], "{discipline:?}");
    }
}

#[test]
fn who_was_interrupted_goes_to_the_head() {
    for discipline in ALL {
        let mut pool = GangPool::new(discipline, 4);
        pool.submit(job(4, 100));
        pool.submit(job(4, 10));
        assert_eq!(pass(&mut pool, 0), [0]);
        pool.requeue(JobId(0), Span(80));
        assert_eq!(pool.queue().collect::<Vec<_>>(), [JobId(0), JobId(1)]);
        assert_eq!(pass(&mut pool, 30), [0], "{discipline:?}");
    }
}

#[test]
fn a_wait_is_until_chips_come_free_and_what_waits_has_run() {
    // Ten chips: six until 100 s. Four are free now, ten from 100 s on; never eleven.
    let mut pool = blocked(Discipline::Easy, &[]);
    pool.withdraw(JobId(1));
    assert_eq!(pool.wait_for(4, Time(10)), Some(Span(0)));
    assert_eq!(pool.wait_for(5, Time(10)), Some(Span(90)));
    assert_eq!(pool.wait_for(11, Time(10)), None);
    // Eight chips for 50 s wait: 400 chip-seconds over ten chips are 40 s.
    pool.submit(job(8, 50));
    assert_eq!(pool.wait_for(5, Time(10)), Some(Span(130)));
}

#[test]
fn another_discipline_is_followed_from_the_next_pass_on() {
    let mut pool = blocked(Discipline::FirstCome, &[job(2, 500), job(2, 500)]);
    assert_eq!(pass(&mut pool, 10), Vec::<u32>::new());
    pool.set_discipline(Discipline::Conservative);
    assert_eq!(pass(&mut pool, 10), [2]);
    pool.set_discipline(Discipline::FirstFit);
    assert_eq!(pass(&mut pool, 10), [3]);
}

#[test]
fn under_priority_the_least_and_the_longest_yield_first() {
    let with = |priority, seconds| Request { chips: 3, estimate: Span(seconds), priority };
    let mut pool = GangPool::new(Discipline::Priority, 9);
    for (priority, seconds) in [(1, 500), (0, 10), (0, 20)] {
        pool.submit(with(priority, seconds));
    }
    assert_eq!(pass(&mut pool, 0), [0, 1, 2]);
    pool.submit(Request { chips: 4, estimate: Span(9), priority: 2 });
    assert_eq!(pass(&mut pool, 1), Vec::<u32>::new());
    assert_eq!(pool.yielders(), [JobId(2), JobId(1)]);
    for job in pool.yielders() {
        pool.requeue(job, Span(30));
    }
    assert_eq!(pass(&mut pool, 1), [3]);
    // Nobody yields to its equal, and nobody yields where that would not do.
    pool.submit(Request { chips: 9, estimate: Span(9), priority: 2 });
    assert_eq!(pool.yielders(), Vec::new());
}

/// The pool and the reference side by side.
struct Pair {
    pool: GangPool,
    naive: Naive,
    /// Number of the test by job of the pool, and the other way round.
    numbers: Vec<usize>,
    jobs: Vec<JobId>,
    /// When those who run will end.
    ends: Vec<(Time, usize)>,
    chance: Stream,
}

impl Pair {
    fn new(discipline: Discipline, chips: u64, chance: Stream) -> Self {
        Self {
            pool: GangPool::new(discipline, chips),
            naive: Naive::new(discipline, chips),
            numbers: Vec::new(),
            jobs: Vec::new(),
            ends: Vec::new(),
            chance,
        }
    }

    fn submit(&mut self, request: Request) {
        let (job, number) = (self.pool.submit(request), self.jobs.len());
        self.naive.submit(number, request);
        self.jobs.push(job);
        if self.numbers.len() <= job.index() {
            self.numbers.resize(job.index() + 1, 0);
        }
        self.numbers[job.index()] = number;
    }

    /// `exact`: whether jobs run as long as estimated.
    fn schedule(&mut self, now: Time, exact: bool) {
        let mut started = Vec::new();
        self.pool.schedule(now, &mut started);
        let started: Vec<usize> = started.iter().map(|job| self.numbers[job.index()]).collect();
        let expected = self.naive.schedule(now);
        assert_eq!(started, expected, "{:?} at {now:?}", self.pool.discipline);
        let queue: Vec<usize> = self.pool.queue().map(|job| self.numbers[job.index()]).collect();
        assert_eq!(queue, self.naive.waiting());
        assert_eq!(self.pool.held() as i64, self.naive.held());
        for number in started {
            let estimate = self.pool.request(self.jobs[number]).estimate.0;
            let factor = if exact { 1.0 } else { self.chance.uniform_in(0.2, 1.6) };
            let length = if exact || self.chance.bernoulli(0.5) { estimate } else { (estimate as f64 * factor) as u64 };
            self.ends.push((now + Span(length.max(1)), number));
        }
    }

    fn finish_due(&mut self, now: Time) {
        self.ends.sort();
        while self.ends.first().is_some_and(|(end, _)| *end <= now) {
            let (end, number) = self.ends.remove(0);
            assert_eq!(end, now, "the test looks at every end");
            self.pool.finish(self.jobs[number], now);
            self.naive.finish(number, now);
        }
    }

    /// Interrupts, gives up, grows or shrinks.
    fn disturb(&mut self) {
        let jobs = self.ends.len() as u64;
        match self.chance.below(4) {
            0 if jobs > 0 => {
                let (_, number) = self.ends.remove(self.chance.below(jobs) as usize);
                let estimate = Span(1 + self.chance.below(20));
                self.pool.requeue(self.jobs[number], estimate);
                self.naive.requeue(number, estimate);
            }
            1 if jobs > 0 => {
                let (_, number) = self.ends.remove(self.chance.below(jobs) as usize);
                self.pool.withdraw(self.jobs[number]);
                self.naive.withdraw(number);
            }
            2 if !self.naive.waiting().is_empty() => {
                let waiting = self.naive.waiting();
                let number = waiting[self.chance.below(waiting.len() as u64) as usize];
                self.pool.withdraw(self.jobs[number]);
                self.naive.withdraw(number);
            }
            _ => {
                let chips = 4 + self.chance.below(20);
                self.pool.resize(chips);
                self.naive.resize(chips);
            }
        }
    }
}

/// A random trace: bursts of arrivals, sizes up to the pool and sometimes over, small times so that many coincide.
fn trace(discipline: Discipline, number: u64, exact: bool, calm: bool) {
    let mut chance = Stream::named(7, number, "gang", "traces");
    let chips = 1 + chance.below(24);
    let (spacing, longest) = (1 + chance.below(8), 1 + chance.below(30));
    let own = Stream::named(7, number, "gang", "trace");
    let mut pair = Pair::new(discipline, chips, own);
    let mut next = 0;
    let mut now = Time(0);
    for _ in 0..60 {
        let due = pair.ends.iter().map(|(end, _)| end.0).min().unwrap_or(u64::MAX);
        now = Time(due.min(next));
        pair.finish_due(now);
        if !calm && chance.bernoulli(0.2) {
            pair.disturb();
        }
        if next == now.0 {
            for _ in 0..=chance.below(3) {
                let size = 1 + chance.below(chips + chips / 8);
                let size = if chance.bernoulli(0.6) { 1 + size / 4 } else { size };
                let estimate = Span(1 + chance.below(longest));
                pair.submit(Request { chips: size, estimate, priority: chance.below(3) as u8 });
            }
            next += 1 + chance.below(spacing);
        }
        pair.schedule(now, exact);
    }
    assert!(now > Time(0));
}

#[test]
fn every_discipline_starts_whom_the_naive_reference_starts() {
    for discipline in ALL {
        for number in 0..1_500 {
            trace(discipline, number, true, true);
            trace(discipline, number, false, true);
            trace(discipline, number, false, false);
        }
    }
}

#[test]
fn a_pool_that_was_saved_goes_on_as_before() {
    for discipline in ALL {
        let mut pool = blocked(discipline, &[job(2, 500), job(3, 20), job(1, 90)]);
        pass(&mut pool, 10);
        let saved: GangPool = postcard::from_bytes(&postcard::to_stdvec(&pool).unwrap()).unwrap();
        assert_eq!(saved, pool);
        let mut again = saved;
        pool.finish(JobId(0), Time(60));
        again.finish(JobId(0), Time(60));
        assert_eq!(pass(&mut pool, 60), pass(&mut again, 60));
    }
}
