//! Putting files together: included files only add, a file with a base also restates.

use super::parse::{Fault, MAX_FAULTS};
use super::{Entry, Kind, Node, Sources};
use std::collections::BTreeMap;

/// What a second value for the same field does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Second {
    /// It is an error: two included files define the same thing.
    Refused,
    /// It replaces the first: a file restates a field of its base. An id of a map is never restated.
    Replaces,
}

/// Merges the fields of `other` into `node`: structs and maps key by key.
pub(super) fn merge(node: &mut Node, other: Node, second: Second, sources: &Sources, faults: &mut Vec<Fault>) {
    match (&mut node.kind, other.kind) {
        (Kind::Struct(_, entries), Kind::Struct(_, others)) => {
            merge_entries(entries, others, |old, new| merge_field(old, new, second, sources, faults));
        }
        // `()` adds nothing.
        (Kind::Struct(..), Kind::Tuple(None, items)) if items.is_empty() => {}
        (kind @ Kind::Tuple(..), others @ Kind::Struct(..)) => *kind = others,
        _ => faults.push(Fault::new(other.span, "expected fields `(name: ..)`")),
    }
}

fn merge_field(old: &mut Entry, new: Entry, second: Second, sources: &Sources, faults: &mut Vec<Fault>) {
    match (&mut old.value.kind, new.value.kind) {
        (Kind::Struct(name, entries), Kind::Struct(other, others)) if *name == other => {
            merge_entries(entries, others, |old, new| merge_field(old, new, second, sources, faults));
        }
        (Kind::Map(entries), Kind::Map(others)) => {
            merge_entries(entries, others, |old, new| clash(faults, || defined_twice(old, &new, second, sources)));
        }
        (_, kind) if second == Second::Replaces => {
            old.key_span = new.key_span;
            old.value = Node { kind, span: new.value.span };
        }
        (_, kind) => {
            let new = Entry { value: Node { kind, span: new.value.span }, ..new };
            clash(faults, || defined_twice(old, &new, second, sources));
        }
    }
}

fn merge_entries(entries: &mut Vec<Entry>, others: Vec<Entry>, mut clash: impl FnMut(&mut Entry, Entry)) {
    let known: BTreeMap<String, usize> = entries.iter().enumerate().map(|(i, entry)| (entry.key.clone(), i)).collect();
    for other in others {
        match known.get(&other.key) {
            Some(&index) => clash(&mut entries[index], other),
            None => entries.push(other),
        }
    }
}

fn clash(faults: &mut Vec<Fault>, fault: impl FnOnce() -> Fault) {
    // Finding a line takes time, and nobody reads thousands.
    if faults.len() < MAX_FAULTS {
        faults.push(fault());
    }
}

fn defined_twice(old: &Entry, new: &Entry, second: Second, sources: &Sources) -> Fault {
    let fault = Fault::new(new.key_span, format!("`{}` is defined twice", new.key));
    let first = sources.line(old.key_span);
    match second {
        Second::Refused => fault.help(format!("it is first defined at {first}")),
        Second::Replaces => fault.help(format!("it is first defined at {first}; use `changes` to alter it")),
    }
}
