//! EASY backfilling: a reservation for the head of the queue, and nobody behind it may delay that.
//!
//! The *shadow time* is the earliest instant at which the head's chips are free, counting every running job that is
//! expected to end at or before it; the *extra* chips are those free then beyond the head's need. A later job starts now
//! if it fits now and is expected to end at or before the shadow time, or asks for no more than the extra chips, which it
//! then uses up.
//!
//! **Why may a reservation be kept between passes?** What is let past the head leaves shadow time and extra chips as they
//! are (or takes of the extra), and so does a running job that ends when it was expected to. Only a new head, a job that
//! ends off its estimate, and another number of chips make a new one.

use super::{GangPool, JobId, signed};
use crate::units::Time;
use serde::{Deserialize, Serialize};

/// What is reserved for the head of the queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Reservation {
    head: JobId,
    /// The shadow time; none if even all running jobs together do not make room.
    shadow: Option<Time>,
    /// Chips free then beyond the head's need.
    extra: u64,
}

impl GangPool {
    pub(super) fn pass_easy(&mut self, now: Time, started: &mut Vec<JobId>) {
        let before = started.len();
        // Taken first: a later job may have the number of one whose reservation is over.
        let kept = self.reservation.take();
        self.pass_in_order(now, started);
        let Some(head) = self.line.head() else { return };
        let kept = kept.filter(|kept| kept.head == head && started.len() == before && !self.overdue(now));
        let mut reservation = kept.unwrap_or_else(|| {
            self.line.unsettle();
            self.reservation_for(head, now)
        });
        if self.free() > 0 {
            self.backfill(&mut reservation, now, started);
        }
        self.line.settle();
        self.reservation = Some(reservation);
    }

    fn backfill(&mut self, reservation: &mut Reservation, now: Time, started: &mut Vec<JobId>) {
        let window = reservation.shadow.map_or(u64::MAX - 1, |shadow| shadow.since(now).0);
        loop {
            let extra = reservation.extra;
            // The head does not fit, so it is never found here.
            let next = self.line.next_fresh(self.free(), |asked| asked.estimate <= window || asked.chips <= extra);
            let Some(job) = next else { break };
            let request = self.request(job);
            if request.estimate.0 > window {
                reservation.extra -= request.chips;
            }
            self.start(job, now, started);
        }
    }

    fn reservation_for(&self, head: JobId, now: Time) -> Reservation {
        let need = signed(self.request(head).chips);
        let (mut free, mut shadow) = (self.slack(), None);
        for (end, chips) in self.ends(now) {
            if shadow.is_some_and(|shadow| end > shadow) {
                break;
            }
            free += signed(chips);
            if free >= need {
                shadow = Some(end);
            }
        }
        let extra = if shadow.is_some() { (free - need).unsigned_abs() } else { 0 };
        Reservation { head, shadow, extra }
    }
}
