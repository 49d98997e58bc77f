//! A queue in which the next job that fits is found without looking at the others.
//!
//! Jobs stand in places of growing number, with gaps where some have left. A tree over the places keeps, for each
//! stretch of them, the fewest chips, the shortest run time and the highest priority that anybody there asked for. A
//! stretch where even these do not do is passed over as a whole. When the places run out, those who wait close ranks.
//!
//! Finding the first job under one bound takes O(log n). Under two bounds at once (chips and run time) a stretch may
//! hold both bounds in different jobs, so that it is entered in vain; the number of such entries is at most that of the
//! jobs which keep one bound and not the other.

use super::{JobId, Request};
use serde::{Deserialize, Serialize};

/// Fewest places of a line.
const LEAST_WIDTH: usize = 16;

/// What a job, or somebody in a stretch of jobs, asks for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Asked {
    pub chips: u64,
    /// [s]
    pub estimate: u64,
    /// One more than the job's, so that nobody's is 0.
    priority: u16,
}

/// What nobody asks for.
const NOBODY: Asked = Asked { chips: u64::MAX, estimate: u64::MAX, priority: 0 };

impl Asked {
    pub fn of(request: Request) -> Self {
        let Request { chips, estimate, priority } = request;
        Self { chips, estimate: estimate.0, priority: u16::from(priority) + 1 }
    }

    fn of_both(self, other: Self) -> Self {
        Self {
            chips: self.chips.min(other.chips),
            estimate: self.estimate.min(other.estimate),
            priority: self.priority.max(other.priority),
        }
    }
}

/// The queue.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Line {
    /// Node 1 is the root, 2i and 2i + 1 are below i; the second half are the places.
    tree: Vec<Asked>,
    /// Who stands at a place.
    jobs: Vec<Option<JobId>>,
    /// Where a job stands, if it waits.
    places: Vec<u32>,
    /// First place in use, and the first after the last.
    front: usize,
    back: usize,
    len: usize,
    /// Before this place nobody can start until something changes.
    settled: usize,
}

impl Line {
    pub fn len(&self) -> usize {
        self.len
    }

    fn width(&self) -> usize {
        self.jobs.len()
    }

    /// Everybody in order.
    pub fn iter(&self) -> impl Iterator<Item = JobId> + '_ {
        self.jobs.get(self.front..self.back).unwrap_or(&[]).iter().flatten().copied()
    }

    pub fn push_back(&mut self, job: JobId, asked: Asked) {
        if self.back == self.width() {
            self.close_ranks();
        }
        self.set(self.back, job, asked);
        self.back += 1;
    }

    pub fn push_front(&mut self, job: JobId, asked: Asked) {
        if self.front == 0 {
            self.close_ranks();
        }
        self.front -= 1;
        self.set(self.front, job, asked);
    }

    pub fn remove(&mut self, job: JobId) {
        let place = self.places[job.index()] as usize;
        debug_assert_eq!(self.jobs[place], Some(job));
        self.jobs[place] = None;
        self.len -= 1;
        self.write(place, NOBODY);
    }

    /// The first in the queue.
    pub fn head(&self) -> Option<JobId> {
        self.find(self.front, |asked| asked.priority > 0).and_then(|place| self.jobs[place])
    }

    /// The first of the highest priority.
    pub fn highest_priority(&self) -> Option<JobId> {
        let highest = self.tree.get(1).map_or(0, |asked| asked.priority);
        if highest == 0 {
            return None;
        }
        self.find(self.front, |asked| asked.priority >= highest).and_then(|place| self.jobs[place])
    }

    /// The first who is not settled, asks for at most so many chips, and may start for what it asks; everybody before it
    /// is settled. `may` must hold for a stretch (least chips, least run time) of which it holds for anybody.
    pub fn next_fresh(&mut self, chips: u64, may: impl Fn(&Asked) -> bool) -> Option<JobId> {
        let place = self.find(self.settled.max(self.front), |asked| asked.chips <= chips && may(asked))?;
        self.settled = place + 1;
        self.jobs[place]
    }

    /// The first who is not settled; it is then.
    pub fn settle_next(&mut self) -> Option<JobId> {
        self.next_fresh(u64::MAX - 1, |_| true)
    }

    /// Nobody who waits now can start until something changes.
    pub fn settle(&mut self) {
        self.settled = self.back;
    }

    /// Everybody may be able to start.
    pub fn unsettle(&mut self) {
        self.settled = 0;
    }

    /// The first place from `from` on for which `may` holds, which must hold for a stretch of which it holds for anybody.
    fn find(&self, from: usize, may: impl Fn(&Asked) -> bool) -> Option<usize> {
        let width = self.width();
        if from >= self.back {
            return None;
        }
        let mut node = width + from;
        loop {
            if may(&self.tree[node]) {
                if node >= width {
                    return Some(node - width);
                }
                node *= 2;
                continue;
            }
            // On to the stretch to the right: up from every right end.
            while node & 1 == 1 {
                node >>= 1;
            }
            if node == 0 {
                return None;
            }
            node += 1;
        }
    }

    fn set(&mut self, place: usize, job: JobId, asked: Asked) {
        if self.places.len() <= job.index() {
            self.places.resize(job.index() + 1, u32::MAX);
        }
        self.places[job.index()] = u32::try_from(place).expect("fewer places than numbers for them");
        self.jobs[place] = Some(job);
        self.len += 1;
        self.write(place, asked);
    }

    fn write(&mut self, place: usize, asked: Asked) {
        let mut node = self.width() + place;
        self.tree[node] = asked;
        while node > 1 {
            node >>= 1;
            let both = self.tree[2 * node].of_both(self.tree[2 * node + 1]);
            if self.tree[node] == both {
                break;
            }
            self.tree[node] = both;
        }
    }

    /// Moves everybody together, with room before and behind: at least as many places as jobs are free.
    fn close_ranks(&mut self) {
        let before = self.width();
        let waiting: Vec<(JobId, Asked, bool)> = (self.front..self.back)
            .filter_map(|place| Some((self.jobs[place]?, self.tree[before + place], place < self.settled)))
            .collect();
        let width = (2 * waiting.len() + 2).next_power_of_two().max(LEAST_WIDTH);
        self.front = (width - waiting.len()) / 4;
        self.back = self.front + waiting.len();
        self.settled = self.front + waiting.iter().filter(|(.., settled)| *settled).count();
        self.jobs.clear();
        self.jobs.resize(width, None);
        self.tree.clear();
        self.tree.resize(2 * width, NOBODY);
        for (place, (job, asked, _)) in (self.front..).zip(waiting) {
            self.places[job.index()] = u32::try_from(place).expect("fewer places than numbers for them");
            self.jobs[place] = Some(job);
            self.tree[width + place] = asked;
        }
        for node in (1..width).rev() {
            self.tree[node] = self.tree[2 * node].of_both(self.tree[2 * node + 1]);
        }
    }
}
