//! Behaviour of the list: order, cancellation, sweeping, restoring, and agreement with simpler lists.

use super::*;
use crate::engine::{Digest, Stream, snapshot};
use proptest::prelude::*;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

const P0: Phase = Phase::new(0);

fn drain<E>(list: &mut EventList<E>) -> Vec<E> {
    std::iter::from_fn(|| list.pop()).map(|pending| pending.event).collect()
}

#[test]
fn ties_leave_in_the_order_of_scheduling() {
    let mut list = EventList::new();
    for i in 0..1_000 {
        list.schedule(Time(5 + i % 2), P0, i);
    }
    let expected: Vec<u64> = (0..1_000).step_by(2).chain((1..1_000).step_by(2)).collect();
    assert_eq!(drain(&mut list), expected);
}

#[test]
fn phases_come_in_order_whatever_was_scheduled_first() {
    let mut list = EventList::new();
    for phase in (0..16).rev() {
        list.schedule(Time(9), Phase::new(phase), phase);
        list.schedule(Time(0), Phase::new(phase), phase + 100);
    }
    let expected: Vec<u8> = (100..116).chain(0..16).collect();
    assert_eq!(drain(&mut list), expected);
}

#[test]
fn events_of_the_instant_come_after_those_scheduled_ahead_for_it() {
    let mut list = EventList::new();
    for event in ["first", "ahead"] {
        list.schedule(Time(3), P0, event);
    }
    list.schedule(Time(3), Phase::new(1), "ahead, next phase");
    list.pop();
    list.schedule(Time(3), P0, "on the spot");
    assert_eq!(drain(&mut list), ["ahead", "on the spot", "ahead, next phase"]);
}

#[test]
fn a_burst_on_the_spot_never_touches_the_heap() {
    let mut list = EventList::new();
    (0..1_000).for_each(|i| {
        list.schedule(Time(50 + i), P0, 0);
    });
    list.schedule(Time(1), P0, 0);
    list.pop();
    list.peek_time();
    let before = list.ahead.steps();
    for i in 0..100_000_u32 {
        list.schedule(Time(1), Phase::new((i % 16) as u8), i);
    }
    for _ in 0..100_000 {
        assert_eq!(list.pop().map(|pending| pending.time), Some(Time(1)));
    }
    assert_eq!(list.ahead.steps(), before);
    assert_eq!(list.pop().map(|pending| pending.time), Some(Time(50)));
}

#[test]
fn a_burst_scheduled_ahead_pays_for_the_depth_of_the_heap_and_no_more() {
    const EVENTS: u64 = 100_000;
    let mut list = EventList::new();
    (0..EVENTS).for_each(|i| {
        list.schedule(Time(77), P0, i);
    });
    assert_eq!(list.ahead.steps(), 0, "later ties never rise");
    assert_eq!(drain(&mut list), (0..EVENTS).collect::<Vec<_>>());
    // 4⁰ + … + 4⁸ = 87,381 < 100,000: nine levels below the root at most.
    assert!(list.ahead.steps() <= EVENTS * 9, "{} steps", list.ahead.steps());
}

#[test]
fn a_cancelled_event_never_fires_and_its_handle_is_stale() {
    let mut list = EventList::new();
    let kept = list.schedule(Time(1), P0, 'k');
    let gone = list.schedule(Time(2), P0, 'g');
    let spot = list.schedule(Time(0), P0, 's');
    assert_eq!((list.cancel(gone), list.cancel(gone), list.cancel(spot)), (Some('g'), None, Some('s')));
    let reused = list.schedule(Time(3), P0, 'r');
    assert_eq!((gone.slot(), list.cancel(gone), list.get(gone)), (1, None, None));
    assert_eq!((list.len(), list.get(reused)), (2, Some(&'r')));
    assert_eq!(drain(&mut list), ['k', 'r']);
    assert_eq!((list.cancel(kept), list.cancel(reused), list.is_empty()), (None, None, true));
}

#[test]
fn what_comes_next_is_told_where_many_wait() {
    let mut list = EventList::new();
    assert_eq!(list.upcoming(), None);
    (0..10_000_u64).for_each(|i| {
        list.schedule(Time(1 + i * 7_919 % 10_007), P0, i);
    });
    let (mut told, mut last) = (0, None);
    while let Some(pending) = list.pop() {
        assert!(last.is_none_or(|next| next == pending.event), "another event was announced");
        last = list.upcoming().copied();
        told += u32::from(last.is_some());
    }
    assert!(told > 8_000, "{told}");
}

#[test]
fn peeking_passes_over_the_dead() {
    let mut list = EventList::new();
    let first = list.schedule(Time(1), P0, ());
    list.schedule(Time(4), P0, ());
    assert_eq!(list.peek_time(), Some(Time(1)));
    list.cancel(first);
    assert_eq!(list.peek_time(), Some(Time(4)));
    assert_eq!(list.now(), Time(0), "looking does not move time");
    list.pop();
    assert_eq!(list.peek_time(), None);
}

#[test]
fn the_dead_never_outnumber_the_living_by_more_than_the_sweep_allows() {
    let mut list = EventList::new();
    let mut timeouts: Vec<Handle> = (0..100).map(|i| list.schedule(Time(1_000_000 + i), P0, i)).collect();
    let mut most = 0;
    for round in 0..200_000 {
        let place = round as usize * 31 % 100;
        list.cancel(timeouts[place]);
        timeouts[place] = list.schedule(Time(2_000_000 + round), P0, round);
        most = most.max(list.stored());
    }
    assert_eq!(list.len(), 100);
    assert!((150..=201).contains(&most), "{most} keys for 100 events");
    // On the spot as well: the queues of the instant are swept like the heap.
    for _ in 0..10_000 {
        let spot = list.schedule(Time(0), P0, 0);
        list.cancel(spot);
        most = most.max(list.stored());
    }
    assert!(most <= 202, "{most} keys for 100 events");
}

#[test]
fn sweeping_keeps_the_order() {
    let mut list = EventList::new();
    let handles: Vec<Handle> = (0..10_000_u64).map(|i| list.schedule(Time(i * 7919 % 5_003), P0, i)).collect();
    handles.iter().filter(|handle| handle.id().0 % 5 != 0).for_each(|handle| {
        list.cancel(*handle);
    });
    assert!(list.stored() < 5_000, "no sweep took place");
    let mut expected: Vec<u64> = (0..10_000).filter(|i| i % 5 == 0).collect();
    expected.sort_by_key(|i| (i * 7919 % 5_003, *i));
    assert_eq!(drain(&mut list), expected);
}

/// Pops and reschedules with the given increments, and hashes the order (time, number); the same on a sorted std heap.
fn orders_agree(purpose: &str, mut increment: impl FnMut(&mut Stream) -> u64) {
    let mut chance = Stream::named(1, 0, "list", purpose);
    let mut list = EventList::new();
    let mut reference = BinaryHeap::new();
    let mut digests = [Digest::new(), Digest::new()];
    for i in 0..3_000_u64 {
        let time = increment(&mut chance);
        list.schedule(Time(time), P0, i);
        reference.push(Reverse((time, i)));
    }
    for i in 3_000..60_000_u64 {
        let ours = list.pop().unwrap();
        let Reverse((time, id)) = reference.pop().unwrap();
        for (digest, (time, id)) in digests.iter_mut().zip([(ours.time.0, ours.event), (time, id)]) {
            digest.push_u64(time);
            digest.push_u64(id);
        }
        let next = ours.time.0 + increment(&mut chance);
        list.schedule(Time(next), P0, i);
        reference.push(Reverse((next, i)));
    }
    assert_eq!(digests[0].finish(), digests[1].finish());
}

#[test]
fn exponential_increments_match_a_sorted_reference() {
    orders_agree("exponential", |chance| chance.exponential(1_000.0) as u64);
}

#[test]
fn bimodal_increments_match_a_sorted_reference() {
    orders_agree(
        "bimodal",
        |chance| if chance.bernoulli(0.9) { chance.below(3) } else { 1_000_000 + chance.below(1_000) },
    );
}

#[test]
fn heavy_tailed_increments_match_a_sorted_reference() {
    orders_agree("heavy", |chance| (1.0 / (chance.uniform() * chance.uniform())).min(1e9) as u64);
}

#[test]
fn bursts_match_a_sorted_reference() {
    orders_agree("bursts", |chance| 3_600 * chance.below(2));
}

#[test]
fn a_restored_list_goes_on_alike_and_honours_its_handles() {
    let mut list = EventList::new();
    let handles: Vec<Handle> = (0..500_u64).map(|i| list.schedule(Time(i * 37 % 101), P0, i)).collect();
    handles.iter().step_by(3).for_each(|handle| {
        list.cancel(*handle);
    });
    (0..50).for_each(|_| {
        list.pop();
    });
    let now = list.now();
    list.schedule(now, Phase::new(3), 9_000);

    let bytes = snapshot::save(&list, "list").unwrap();
    let mut restored: EventList<u64> = snapshot::load(&bytes, "list").unwrap();
    assert_eq!(restored.len(), list.len());
    for list in [&mut list, &mut restored] {
        assert_eq!(list.cancel(handles[0]), None, "cancelled before saving");
        assert!(list.cancel(handles[100]).is_some(), "pending when saved");
        for i in 0..100 {
            list.schedule(now + crate::units::Span(i % 7), P0, 10_000 + i);
        }
    }
    assert_eq!(snapshot::save(&list, "list"), snapshot::save(&restored, "list"), "same numbers, same slots");
    let rest: Vec<Pending<u64>> = std::iter::from_fn(|| list.pop()).collect();
    assert_eq!(rest, std::iter::from_fn(|| restored.pop()).collect::<Vec<_>>());
    assert_eq!(rest.len(), 333 - 50 + 1 - 1 + 100);
}

#[test]
fn a_damaged_list_is_refused() {
    let mut list = EventList::new();
    list.schedule(Time(5), P0, 'a');
    list.schedule(Time(6), P0, 'b');
    let text = serde_json::to_string(&list).unwrap();
    let read =
        |text: &str| serde_json::from_str::<EventList<char>>(text).map(|_| ()).map_err(|error| error.to_string());
    assert_eq!(read(&text), Ok(()));
    for (from, to, complaint) in [
        ("\"time\":6", "\"time\":4", "event 1 is out of order"),
        ("\"time\":6", "\"time\":281474976710656", "event 1 is out of range"),
        ("\"next_sequence\":2", "\"next_sequence\":1", "event 1 is out of range"),
        ("\"now\":0", "\"now\":6", "event 0 is out of range"),
        ("\"slot\":1", "\"slot\":7", "slot 7 of 2 is out of range or used twice"),
        ("\"phase\":0", "\"phase\":16", "phase 16 is not below 16"),
    ] {
        assert!(text.contains(from), "{text}");
        let error = read(&text.replacen(from, to, 1)).unwrap_err();
        assert!(error.contains(complaint), "{error}");
    }
}

#[test]
#[should_panic(expected = "cannot be scheduled in the past")]
fn the_past_is_closed() {
    let mut list = EventList::new();
    list.schedule(Time(5), P0, ());
    list.pop();
    list.schedule(Time(4), P0, ());
}

#[test]
#[should_panic(expected = "time cannot pass over a pending event")]
fn time_does_not_pass_over_an_event() {
    let mut list = EventList::new();
    list.schedule(Time(5), P0, ());
    list.advance(Time(6));
}

/// What a caller may do to a list.
#[derive(Clone, Debug)]
enum Action {
    Schedule { ahead: u64, phase: u8 },
    Cancel { which: usize },
    Pop,
    PopBefore { ahead: u64 },
    Peek,
    Restore,
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        6 => (prop_oneof![Just(0), 0..4_u64, 0..1_000_u64], 0..16_u8)
            .prop_map(|(ahead, phase)| Action::Schedule { ahead, phase }),
        4 => (0..1_000_usize).prop_map(|which| Action::Cancel { which }),
        3 => Just(Action::Pop),
        1 => (0..10_u64).prop_map(|ahead| Action::PopBefore { ahead }),
        1 => Just(Action::Peek),
        1 => Just(Action::Restore),
    ]
}

/// The list beside the plainest thing that does the same: an ordered map.
struct Beside {
    list: EventList<u64>,
    naive: BTreeMap<(u64, u8, u64), ()>,
    handles: Vec<(Handle, (u64, u8, u64))>,
}

impl Beside {
    fn perform(&mut self, action: &Action) {
        match *action {
            Action::Schedule { ahead, phase } => {
                let time = self.list.now().0 + ahead;
                let id = self.handles.len() as u64;
                let handle = self.list.schedule(Time(time), Phase::new(phase), id);
                self.handles.push((handle, (time, phase, id)));
                self.naive.insert((time, phase, id), ());
            }
            Action::Cancel { which } if !self.handles.is_empty() => {
                let (handle, key) = self.handles[which % self.handles.len()];
                let cancelled = self.list.cancel(handle);
                assert_eq!(cancelled, self.naive.remove(&key).map(|()| key.2));
                assert!(cancelled.is_none() || self.list.dead() <= self.list.len().max(SWEEP_FROM));
            }
            Action::Cancel { .. } => {}
            Action::Pop => self.pop(u64::MAX),
            Action::PopBefore { ahead } => self.pop(self.list.now().0 + ahead),
            Action::Peek => {
                assert_eq!(self.list.peek_time().map(|time| time.0), self.naive.keys().next().map(|key| key.0));
            }
            Action::Restore => {
                let bytes = snapshot::save(&self.list, "").unwrap();
                self.list = snapshot::load(&bytes, "").unwrap();
            }
        }
    }

    fn pop(&mut self, limit: u64) {
        let expected = self.naive.keys().next().copied().filter(|key| key.0 < limit);
        expected.map(|key| self.naive.remove(&key));
        let popped = if limit == u64::MAX { self.list.pop() } else { self.list.pop_before(Time(limit)) };
        assert_eq!(popped.map(|pending| (pending.time.0, pending.phase.number(), pending.event)), expected);
    }
}

proptest! {
    #[test]
    fn any_sequence_of_actions_does_what_an_ordered_map_does(actions in prop::collection::vec(action(), 0..400)) {
        let mut beside = Beside { list: EventList::new(), naive: BTreeMap::new(), handles: Vec::new() };
        for action in actions {
            beside.perform(&action);
            prop_assert_eq!(beside.list.len(), beside.naive.len());
        }
        let sorted: Vec<u64> = beside.list.sorted().iter().map(|pending| *pending.event).collect();
        prop_assert_eq!(sorted, beside.naive.keys().map(|key| key.2).collect::<Vec<_>>());
    }
}
