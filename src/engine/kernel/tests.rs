//! Behaviour of the engine: clock, phases, horizons, causes, saving.

use super::*;
use crate::engine::{Stream, snapshot};

const EARLY: Phase = Phase::new(2);
const LATE: Phase = Phase::new(5);

#[test]
fn the_clock_moves_from_event_to_event() {
    let mut engine = Engine::new();
    engine.schedule_at(Time(10), LATE, 'b');
    engine.schedule_in(Span(10), EARLY, 'a');
    assert_eq!((engine.now(), engine.peek_time(), engine.pending()), (Time(0), Some(Time(10)), 2));
    let first = engine.step().unwrap();
    assert_eq!(first, Fired { id: EventId(1), time: Time(10), phase: EARLY, event: 'a' });
    assert_eq!((engine.now(), engine.phase(), engine.current()), (Time(10), EARLY, Some(EventId(1))));
    engine.schedule_in(Span(5), EARLY, 'c');
    assert_eq!(engine.step().unwrap().event, 'b');
    assert_eq!((engine.step().unwrap().time, engine.fired()), (Time(15), 3));
    assert_eq!(engine.step(), None);
}

#[test]
fn a_handler_may_go_on_in_its_own_phase_or_a_later_one() {
    let mut engine = Engine::new();
    engine.schedule_at(Time(1), EARLY, 0);
    let mut order = Vec::new();
    engine.run_until(Time(2), |engine, fired| {
        order.push((fired.phase, fired.event));
        if fired.event == 0 {
            engine.schedule_in(Span(0), LATE, 1);
            engine.schedule_in(Span(0), EARLY, 2);
        }
    });
    assert_eq!(order, [(EARLY, 0), (EARLY, 2), (LATE, 1)]);
}

#[test]
#[should_panic(expected = "must be in the present phase or a later one")]
fn a_phase_that_is_over_stays_over() {
    let mut engine = Engine::new();
    engine.schedule_at(Time(1), LATE, ());
    engine.step();
    engine.schedule_in(Span(0), EARLY, ());
}

#[test]
#[should_panic(expected = "cannot be scheduled in the past")]
fn the_past_stays_past() {
    let mut engine = Engine::new();
    engine.schedule_at(Time(7), LATE, ());
    engine.step();
    engine.schedule_at(Time(6), LATE, ());
}

#[test]
#[should_panic(expected = "must fit into 48 bits")]
fn a_span_beyond_the_clock_is_refused() {
    Engine::new().schedule_in(Span(u64::MAX), LATE, ());
}

#[test]
fn a_horizon_is_not_part_of_the_run_before_it() {
    let mut engine = Engine::new();
    [3, 5, 8].into_iter().for_each(|time| {
        engine.schedule_at(Time(time), LATE, time);
    });
    let mut seen = Vec::new();
    assert_eq!(engine.run_until(Time(5), |_, fired| seen.push(fired.event)), 1);
    assert_eq!((engine.now(), engine.current(), engine.pending()), (Time(5), None, 2));
    // A new instant: every phase is open again.
    engine.schedule_at(Time(5), EARLY, 4);
    assert_eq!(engine.run_until(Time(100), |_, fired| seen.push(fired.event)), 3);
    assert_eq!((seen, engine.now()), (vec![3, 4, 5, 8], Time(100)));
}

#[test]
fn the_journal_tells_causes_and_labels() {
    let mut engine = Engine::new();
    engine.schedule_at(Time(0), EARLY, 0);
    engine.start_journal();
    engine.schedule_at(Time(1), EARLY, 1);
    engine.run_until(Time(10), |engine, fired| {
        engine.label(|| format!("n = {}", fired.event));
        if fired.event == 1 {
            let gone = engine.schedule_in(Span(2), LATE, 7);
            engine.cancel(gone);
            engine.schedule_in(Span(3), LATE, 2);
        }
        if fired.event == 2 {
            engine.schedule_in(Span(0), LATE, 3);
        }
    });
    let journal = engine.stop_journal().unwrap();
    let told: Vec<String> = journal.entries().iter().map(Entry::to_string).collect();
    assert_eq!(
        told,
        [
            "event 0 at 0 s, phase 2: n = 0",
            "event 1 at 1 s, phase 2: n = 1",
            "event 3 at 4 s, phase 5, caused by 1: n = 2",
            "event 4 at 4 s, phase 5, caused by 3: n = 3",
        ]
    );
    let chain: Vec<u64> = journal.causes(EventId(4)).iter().map(|entry| entry.id.0).collect();
    assert_eq!(chain, [4, 3, 1]);
    assert!(engine.journal().is_none());
    engine.label(|| unreachable!("labels are not made while the journal is off"));
}

/// A small world with everything that has to survive saving: chance, a held handle, an engine amid a run.
#[derive(Clone, Serialize, Deserialize)]
struct World {
    engine: Engine<u32>,
    chance: Stream,
    timeout: Option<Handle>,
    seen: Vec<(u64, u32)>,
}

impl World {
    fn new() -> Self {
        let mut engine = Engine::new();
        engine.start_journal();
        (0..20).for_each(|i| {
            engine.schedule_at(Time(0), EARLY, i);
        });
        Self { engine, chance: Stream::named(3, 1, "world", "delays"), timeout: None, seen: Vec::new() }
    }

    fn step(&mut self) {
        let fired = self.engine.step().expect("every event schedules another");
        self.seen.push((fired.id.0, fired.event));
        let cancelled = self.timeout.take().is_some_and(|timeout| self.engine.cancel(timeout).is_some());
        let delay = Span(self.chance.below(3));
        self.engine.schedule_in(delay, LATE, fired.event + u32::from(cancelled));
        if self.chance.bernoulli(0.5) {
            self.timeout = Some(self.engine.schedule_in(Span(self.chance.below(5)), LATE, 1_000));
        }
    }
}

#[test]
fn a_restored_run_is_the_unbroken_run() {
    for broken_at in [0, 1, 7, 100, 333] {
        let mut world = World::new();
        (0..broken_at).for_each(|_| world.step());
        let bytes = snapshot::save(&world, "world").unwrap();
        let mut restored: World = snapshot::load(&bytes, "world").unwrap();
        for _ in 0..500 {
            world.step();
            restored.step();
        }
        assert_eq!(world.seen, restored.seen);
        assert_eq!(world.engine.journal().unwrap().first_difference(restored.engine.journal().unwrap()), None);
        assert_eq!(snapshot::save(&world, "world"), snapshot::save(&restored, "world"));
    }
}

#[test]
fn a_clone_is_a_branch_of_its_own() {
    let mut world = World::new();
    (0..50).for_each(|_| world.step());
    let mut branch = world.clone();
    branch.engine.schedule_in(Span(1), LATE, 5_000);
    for _ in 0..200 {
        world.step();
        branch.step();
    }
    assert!(branch.seen.iter().any(|(_, event)| *event >= 5_000) && world.seen.iter().all(|(_, event)| *event < 5_000));
    let difference = world.engine.journal().unwrap().first_difference(branch.engine.journal().unwrap());
    assert!(difference.unwrap().position >= 50);
}
