//! Runs the replications of several studies on a few threads and delivers the outcomes of each study in order.
//!
//! A replication is single-threaded, and nothing is summed across threads: whatever the number of threads, each sink
//! sees the same calls in the same order.
//!
//! **Who delivers?** The thread that ends a replication hands on all outcomes of that study that are next in order,
//! and the one that hands on the last also closes the sink. So there is no thread that only waits or only writes, and
//! the charts of one study are drawn while the next is being run.
//!
//! **In which order?** Study by study, or, for studies that share work replication by replication, in blocks: some
//! replications of each study in turn, then the next of each. The order moves no result.
//!
//! **How much is held?** Replications of a study are taken in order. A thread that would run ahead of the
//! delivered ones by more than twice the number of threads waits. The oldest replication that was taken is never
//! waited for by itself, so this cannot lock up.

use super::manifest::{Manifest, ManifestDraft};
use super::sink::{Sink, Watcher};
use super::study::{Failure, Outcome, Study};
use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroUsize};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard};

/// A study and where its outcomes go.
pub struct Assignment<'a> {
    /// What to run.
    pub study: &'a dyn Study,
    /// Where the outcomes go.
    pub sink: Box<dyn Sink + 'a>,
}

/// What became of an [`Assignment`].
#[derive(Debug)]
pub struct Finished {
    /// What was run.
    pub manifest: Manifest,
    /// What the sink refused, if it did.
    pub sink_error: Option<anyhow::Error>,
}

/// Runs all replications of all studies on `threads` threads and says what became of each study, in the order given.
///
/// Once `interrupt` is raised, no replication is begun and those that run end soon; the sinks are closed with what is
/// finished. A replication that breaks down or panics costs nothing but its own outcome.
///
/// # Errors
/// If the threads cannot be started.
pub fn run_all(
    assignments: Vec<Assignment<'_>>,
    threads: NonZeroUsize,
    interrupt: &AtomicBool,
    watcher: &dyn Watcher,
) -> anyhow::Result<Vec<Finished>> {
    run_in_blocks(assignments, NonZeroU32::MAX, threads, interrupt, watcher)
}

/// As [`run_all`], `block` replications of each study in turn.
///
/// # Errors
/// If the threads cannot be started.
pub fn run_in_blocks(
    assignments: Vec<Assignment<'_>>,
    block: NonZeroU32,
    threads: NonZeroUsize,
    interrupt: &AtomicBool,
    watcher: &dyn Watcher,
) -> anyhow::Result<Vec<Finished>> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build()?;
    let experiment = Experiment {
        queue: Queue::new(assignments.iter().map(|assignment| assignment.study.replications()), block, threads),
        lanes: assignments.into_iter().map(Lane::new).collect(),
        interrupt,
        watcher,
    };
    pool.broadcast(|_| experiment.work());
    Ok(experiment.lanes.into_iter().map(Lane::finish).collect())
}

struct Experiment<'a> {
    queue: Queue,
    lanes: Vec<Lane<'a>>,
    interrupt: &'a AtomicBool,
    watcher: &'a dyn Watcher,
}

impl Experiment<'_> {
    /// What each thread does until there is nothing left to take.
    fn work(&self) {
        while let Some(Ticket { study, replication }) = self.queue.take(self.interrupt) {
            let lane = &self.lanes[study];
            let result = lane.run(replication, self.interrupt);
            self.watcher.replication_ended(study, result.as_ref().ok().map(|outcome| outcome.events));
            let delivery = lane.deliver(replication, result);
            self.queue.release(delivery.settled);
            if delivery.ended {
                lane.state().close();
            }
        }
    }
}

/// One replication of one study.
#[derive(Clone, Copy)]
struct Ticket {
    study: usize,
    replication: u32,
}

/// Hands out the replications in order, but not too far ahead of those delivered.
struct Queue {
    replications: Vec<u32>,
    block: NonZeroU32,
    look_ahead: usize,
    state: Mutex<QueueState>,
    room: Condvar,
}

struct QueueState {
    next: Ticket,
    /// First replication of the block under way.
    block_start: u32,
    /// Taken and not yet delivered.
    outstanding: usize,
}

impl Queue {
    fn new(replications: impl Iterator<Item = u32>, block: NonZeroU32, threads: NonZeroUsize) -> Self {
        let next = Ticket { study: 0, replication: 0 };
        Self {
            replications: replications.collect(),
            block,
            look_ahead: 2 * threads.get(),
            state: Mutex::new(QueueState { next, block_start: 0, outstanding: 0 }),
            room: Condvar::new(),
        }
    }

    fn take(&self, interrupt: &AtomicBool) -> Option<Ticket> {
        let state = lock(&self.state);
        let mut state = self
            .room
            .wait_while(state, |state| state.outstanding >= self.look_ahead && !interrupt.load(Ordering::Relaxed))
            .expect(NO_PANIC);
        if interrupt.load(Ordering::Relaxed) {
            return None;
        }
        let ticket = state.next_of(&self.replications, self.block)?;
        state.outstanding += 1;
        Some(ticket)
    }

    fn release(&self, delivered: usize) {
        lock(&self.state).outstanding -= delivered;
        self.room.notify_all();
    }
}

impl QueueState {
    fn next_of(&mut self, replications: &[u32], block: NonZeroU32) -> Option<Ticket> {
        loop {
            let block_end = self.block_start.saturating_add(block.get());
            match replications.get(self.next.study) {
                Some(count) if self.next.replication < block_end.min(*count) => {
                    let ticket = self.next;
                    self.next.replication += 1;
                    return Some(ticket);
                }
                Some(_) => self.next = Ticket { study: self.next.study + 1, replication: self.block_start },
                None if replications.iter().all(|count| *count <= block_end) => return None,
                None => {
                    self.block_start = block_end;
                    self.next = Ticket { study: 0, replication: block_end };
                }
            }
        }
    }
}

/// A study with its sink, and what is between the two.
struct Lane<'a> {
    study: &'a dyn Study,
    /// Raised when the sink failed: running more replications would be in vain.
    given_up: AtomicBool,
    state: Mutex<LaneState<'a>>,
}

struct LaneState<'a> {
    sink: Box<dyn Sink + 'a>,
    opened: bool,
    closed: bool,
    /// Ended ahead of their turn.
    early: BTreeMap<u32, Result<Outcome, Failure>>,
    next: u32,
    draft: ManifestDraft,
    manifest: Option<Manifest>,
    error: Option<anyhow::Error>,
}

/// What a delivery changed.
struct Delivery {
    /// Number of replications that were handed on.
    settled: usize,
    /// Whether the last replication was among them.
    ended: bool,
}

impl<'a> Lane<'a> {
    fn new(assignment: Assignment<'a>) -> Self {
        let state = LaneState {
            sink: assignment.sink,
            opened: false,
            closed: false,
            early: BTreeMap::new(),
            next: 0,
            draft: ManifestDraft::new(assignment.study),
            manifest: None,
            error: None,
        };
        Self { study: assignment.study, given_up: AtomicBool::new(false), state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, LaneState<'a>> {
        lock(&self.state)
    }

    fn run(&self, replication: u32, interrupt: &AtomicBool) -> Result<Outcome, Failure> {
        if replication == 0 && !self.state().open() {
            self.given_up.store(true, Ordering::Relaxed);
        }
        if self.given_up.load(Ordering::Relaxed) {
            return Err(Failure::Interrupted);
        }
        guarded(|| self.study.run(replication, interrupt)).unwrap_or_else(|panic| Err(Failure::Broken(panic)))
    }

    fn deliver(&self, replication: u32, result: Result<Outcome, Failure>) -> Delivery {
        let mut state = self.state();
        state.early.insert(replication, result);
        let first = state.next;
        while let Some(result) = state.take_next() {
            if !state.settle(result) {
                self.given_up.store(true, Ordering::Relaxed);
            }
        }
        Delivery { settled: (state.next - first) as usize, ended: state.next == self.study.replications() }
    }

    fn finish(self) -> Finished {
        let mut state = self.state.into_inner().expect(NO_PANIC);
        state.close();
        Finished { manifest: state.manifest.expect("close has just made it"), sink_error: state.error }
    }
}

impl LaneState<'_> {
    /// Opens the sink; says whether it takes outcomes.
    fn open(&mut self) -> bool {
        self.opened = true;
        self.ask(|sink| sink.open())
    }

    /// Asks the sink for something; says whether it did it.
    fn ask(&mut self, request: impl FnOnce(&mut dyn Sink) -> anyhow::Result<()>) -> bool {
        let sink = self.sink.as_mut();
        self.error = match guarded(|| request(sink)) {
            Ok(answer) => answer.err(),
            Err(panic) => Some(anyhow::Error::msg(panic)),
        };
        self.error.is_none()
    }

    fn take_next(&mut self) -> Option<(u32, Result<Outcome, Failure>)> {
        let result = self.early.remove(&self.next)?;
        self.next += 1;
        Some((self.next - 1, result))
    }

    /// Hands on the result of a replication; says whether the sink still takes outcomes.
    fn settle(&mut self, (replication, result): (u32, Result<Outcome, Failure>)) -> bool {
        match result {
            Ok(_) if self.error.is_some() => {}
            Ok(outcome) => {
                if self.ask(|sink| sink.accept(replication, &outcome)) {
                    self.draft.finished(replication, &outcome);
                }
            }
            Err(failure) => {
                if let (Failure::Broken(reason), None) = (&failure, &self.error) {
                    self.ask(|sink| sink.missed(replication, reason));
                }
                self.draft.missed(replication, failure);
            }
        }
        self.error.is_none()
    }

    /// Closes the account and, if it never failed, the sink. The second time nothing happens.
    fn close(&mut self) {
        if self.closed {
            return;
        }
        self.closed = true;
        let manifest = self.draft.account();
        if self.opened && self.error.is_none() {
            self.ask(|sink| sink.close(&manifest));
        }
        self.manifest = Some(manifest);
    }
}

const NO_PANIC: &str = "no thread panics while it holds this lock";

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect(NO_PANIC)
}

/// Does `work`; a panic in it becomes a message, so that it costs one replication and not the whole experiment.
/// Nothing that `work` may have left half done is looked at again.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().copied();
        let message = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
        format!("a mistake in the simulator, please report it: {message}")
    })
}

#[cfg(test)]
mod tests;
