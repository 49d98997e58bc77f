//! What is stood in for or skipped because it was wrong in an earlier decoding.

use super::error::{Cause, DecodeError, Place, did_you_mean};
use crate::scenario::problems::{Problem, Severity};
use crate::scenario::tree::{Entry, Node};
use std::collections::{BTreeMap, BTreeSet};

/// Marks are kept by the addresses of nodes, which stand still while a tree is decoded; only membership is asked.
#[derive(Debug, Default)]
pub(super) struct Marks {
    replaced: BTreeSet<usize>,
    skipped: BTreeSet<usize>,
    filled: BTreeMap<usize, Vec<&'static str>>,
    paths: Vec<String>,
    /// Paths of structs with an unknown field, and the advice given there.
    misspelt: Vec<(String, Option<String>)>,
}

/// The address of a node.
pub(super) fn id(node: &Node) -> usize {
    std::ptr::from_ref(node).addr()
}

impl Marks {
    /// Whether the value has a stand-in.
    pub(super) fn replaces(&self, node: &Node) -> bool {
        !self.replaced.is_empty() && self.replaced.contains(&id(node))
    }

    /// Whether the entry is passed over.
    pub(super) fn skips(&self, entry: &Entry) -> bool {
        !self.skipped.is_empty() && self.skipped.contains(&id(&entry.value))
    }

    /// Missing fields of the struct that get stand-ins.
    pub(super) fn filled(&self, node: &Node) -> &[&'static str] {
        self.filled.get(&id(node)).map_or(&[], Vec::as_slice)
    }

    /// How many errors were taken.
    pub(super) fn rounds(&self) -> usize {
        self.paths.len()
    }

    /// Paths of the values that errors were about.
    pub(super) fn into_paths(self) -> Vec<String> {
        self.paths
    }

    /// The problem to report, if any, and whether decoding again can get further.
    pub(super) fn take(&mut self, error: DecodeError) -> (Option<Problem>, bool) {
        let fault = *error.0;
        let Some(place) = fault.place else {
            return (None, false);
        };
        let follows = fault.cause == Cause::Check && self.any_below(&place);
        let misspelt = matches!(fault.cause, Cause::MissingField(name) if self.was_misspelt(&place.path, name));
        let news = match fault.cause {
            Cause::UnknownField => {
                let parent = place.path.rsplit_once('.').map_or("", |(parent, _)| parent);
                self.misspelt.push((parent.to_owned(), fault.help.clone()));
                self.skipped.insert(place.id)
            }
            Cause::MissingField(name) => {
                self.filled.entry(place.id).or_default().push(name);
                true
            }
            Cause::Value | Cause::Check | Cause::NoStandIn => self.replaced.insert(place.id),
        };
        self.paths.push(place.path.clone());
        let silent = follows || misspelt || fault.cause == Cause::NoStandIn;
        let problem = Problem {
            severity: Severity::Error,
            path: place.path,
            message: fault.message,
            help: fault.help,
            value: None,
            origin: Some(place.span),
        };
        ((!silent).then_some(problem), news)
    }

    /// Whether the field is missing because its name was misspelt, which has been said.
    fn was_misspelt(&self, path: &str, name: &str) -> bool {
        let advice = did_you_mean(name);
        self.misspelt.iter().any(|(parent, help)| parent == path && help.as_ref() == Some(&advice))
    }

    /// Whether something made up lies below: a failed check may then be a consequence.
    fn any_below(&self, place: &Place) -> bool {
        self.paths.iter().any(|path| match path.strip_prefix(place.path.as_str()) {
            Some(rest) => place.path.is_empty() || rest.is_empty() || rest.starts_with('.'),
            None => false,
        })
    }
}
