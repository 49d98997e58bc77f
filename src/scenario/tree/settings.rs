//! Settings in a file of their own, `--set-file`: a map from dotted paths to values, in RON or in JSON.
//!
//! In RON a value is what `Set` takes. JSON has no variants, tuples or structs, so that a string of JSON that does not replace
//! a string is read as `--set` reads what stands behind its `=`: `"Scheduled(9.5)"`; `null` is `None`.

use super::change::{Action, Budget, Change};
use super::edit::value_of;
use super::parse::{Fault, parse_json, parse_plain};
use super::{Entry, FileId, Kind, Node, Path, Span, Tree};
use crate::scenario::problems::Problems;
use std::path::Path as FilePath;
use std::sync::Arc;

/// A file of settings that was read.
pub(super) struct SettingsFile {
    /// Paths and values, in their order.
    entries: Vec<Entry>,
    json: bool,
}

impl SettingsFile {
    /// Reads `text`, which is the source `id`; `file` says by its ending whether it is JSON.
    pub(super) fn parse(file: &FilePath, text: &str, id: FileId, budget: &mut usize) -> (Option<Self>, Vec<Fault>) {
        let json = file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        let (node, mut faults) = if json { parse_json(text, id, budget) } else { parse_plain(text, id, budget) };
        let entries = match node {
            Some(Node { kind: Kind::Map(entries), .. }) => Some(entries),
            Some(other) => {
                let message = format!("expected a map from paths to values, found {}", other.found());
                faults.push(Fault::new(other.span, message).help(FORM));
                None
            }
            None => None,
        };
        let entries = entries.filter(|_| faults.is_empty());
        (entries.map(|entries| Self { entries, json }), faults)
    }

    fn change(&self, entry: &Entry, root: &Node) -> Result<Change, Fault> {
        let value = match &entry.value.kind {
            Kind::Text(text) if self.json => of_json(text, entry.value.span, &entry.key, root)?,
            _ => entry.value.clone(),
        };
        Ok(Change { path: entry.key.clone(), action: Action::Set(value), path_span: entry.key_span })
    }
}

const FORM: &str = "settings are a map such as `{\"clouds.azure.wacc\": 0.12, \"horizon.end\": \"2030-12-31\"}`";

impl Tree {
    /// Makes the settings of a file that is among the tree's sources, in their order.
    ///
    /// # Errors
    /// Every setting that names no value, or has none; the tree then has the others.
    pub(super) fn apply_settings_file(&mut self, settings: &SettingsFile) -> Result<(), Problems> {
        let root = Arc::make_mut(&mut self.root);
        let mut budget = Budget::new();
        let mut faults = Vec::new();
        for entry in &settings.entries {
            let change = settings.change(entry, root);
            let made = change.and_then(|change| change.apply(root, &mut budget));
            faults.extend(made.err().map(|fault| (entry.key.clone(), fault)));
        }
        self.outcome(faults)
    }
}

/// The value that a string of JSON stands for; it has the place of the whole string, whose escapes leave no other.
fn of_json(text: &str, span: Span, path: &str, root: &Node) -> Result<Node, Fault> {
    let old = Path::parse(path).ok().and_then(|path| path.matches(root).into_iter().next());
    if old.is_none_or(|old| matches!(old.inner().kind, Kind::Text(_))) {
        return Ok(Node { kind: Kind::Text(text.to_owned()), span });
    }
    let mut value = value_of(text, 0..text.len(), span.file, path, root).map_err(|fault| Fault { span, ..fault })?;
    place(&mut value, span);
    Ok(value)
}

fn place(node: &mut Node, span: Span) {
    node.span = span;
    match &mut node.kind {
        Kind::Struct(_, entries) | Kind::Map(entries) => {
            for entry in entries {
                entry.key_span = span;
                place(&mut entry.value, span);
            }
        }
        Kind::Tuple(_, items) | Kind::List(items) => items.iter_mut().for_each(|item| place(item, span)),
        Kind::Number(_) | Kind::Text(_) | Kind::Char(_) | Kind::Word(_) => {}
    }
}
