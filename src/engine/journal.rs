//! What happened, in order, and what caused it: for finding where two runs part, and why something came about.

use super::digest::Digest;
use super::list::EventId;
use super::phase::Phase;
use crate::units::Time;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One fired event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number.
    pub id: EventId,
    /// When it fired.
    pub time: Time,
    /// In which phase.
    pub phase: Phase,
    /// The event that scheduled it; none if it was scheduled from outside or before the journal was on.
    pub cause: Option<EventId>,
    /// What the caller says about it.
    pub label: String,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "event {} at {} s, phase {}", self.id.0, self.time.0, self.phase.number())?;
        if let Some(cause) = self.cause {
            write!(f, ", caused by {}", cause.0)?;
        }
        if self.label.is_empty() { Ok(()) } else { write!(f, ": {}", self.label) }
    }
}

/// Fired events in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    entries: Vec<Entry>,
}

impl Journal {
    /// Everything recorded, in the order in which it happened.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The first place where two runs part; `None` if they are the same.
    pub fn first_difference<'a>(&'a self, other: &'a Journal) -> Option<Difference<'a>> {
        let shared = self.entries.iter().zip(&other.entries).take_while(|(left, right)| left == right).count();
        let (left, right) = (self.entries.get(shared), other.entries.get(shared));
        (left.is_some() || right.is_some()).then_some(Difference { position: shared, left, right })
    }

    /// The event `id`, what caused it, what caused that, and so on to the first cause; empty if `id` has not fired.
    pub fn causes(&self, id: EventId) -> Vec<&Entry> {
        let mut wanted = Some(id);
        let mut chain = Vec::new();
        // A cause fires before its effect, so one pass backwards meets the chain in order.
        for entry in self.entries.iter().rev() {
            if wanted == Some(entry.id) {
                chain.push(entry);
                wanted = entry.cause;
            }
        }
        chain
    }

    /// A digest of everything recorded.
    pub fn digest(&self) -> String {
        let mut digest = Digest::new();
        for entry in &self.entries {
            digest.push_u64(entry.id.0);
            digest.push_u64(entry.time.0);
            digest.push_u64(u64::from(entry.phase.number()));
            digest.push_u64(entry.cause.map_or(u64::MAX, |cause| cause.0));
            digest.push_str(&entry.label);
        }
        digest.finish()
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    pub(super) fn label_last(&mut self, label: String) {
        if let Some(last) = self.entries.last_mut() {
            last.label = label;
        }
    }
}

/// Where two journals part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference<'a> {
    /// How many events they share.
    pub position: usize,
    /// What comes next in the first, if anything does.
    pub left: Option<&'a Entry>,
    /// What comes next in the second, if anything does.
    pub right: Option<&'a Entry>,
}

impl fmt::Display for Difference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let describe = |entry: Option<&Entry>| entry.map_or("the end".to_string(), Entry::to_string);
        write!(f, "after {} equal events: {} | {}", self.position, describe(self.left), describe(self.right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: u64, cause: Option<u64>) -> Entry {
        let cause = cause.map(EventId);
        Entry { id: EventId(id), time: Time(10 * id), phase: Phase::new(2), cause, label: format!("e{id}") }
    }

    fn journal(entries: &[Entry]) -> Journal {
        Journal { entries: entries.to_vec() }
    }

    #[test]
    fn the_first_difference_is_found() {
        let left = journal(&[entry(0, None), entry(1, Some(0)), entry(2, None)]);
        let right = journal(&[entry(0, None), entry(1, None)]);
        assert_eq!(
            left.first_difference(&right).unwrap().to_string(),
            "after 1 equal events: event 1 at 10 s, phase 2, caused by 0: e1 | event 1 at 10 s, phase 2: e1"
        );
        assert_ne!(left.digest(), right.digest());
        assert_eq!(left.first_difference(&left.clone()), None);
    }

    #[test]
    fn a_shorter_journal_differs_at_its_end() {
        let long = journal(&[entry(0, None), entry(1, Some(0))]);
        let short = journal(&[entry(0, None)]);
        let difference = long.first_difference(&short).unwrap();
        assert_eq!((difference.position, difference.left, difference.right), (1, Some(&entry(1, Some(0))), None));
        assert!(difference.to_string().ends_with("| the end"));
    }

    #[test]
    fn causes_are_followed_to_the_first() {
        let journal = journal(&[entry(0, None), entry(3, Some(0)), entry(2, None), entry(5, Some(3))]);
        let chain: Vec<u64> = journal.causes(EventId(5)).iter().map(|entry| entry.id.0).collect();
        assert_eq!(chain, [5, 3, 0]);
        assert!(journal.causes(EventId(9)).is_empty());
    }
}
