//! Edits of a finished tree: `--set PATH=VALUE`, and single values by sweeps and tests.

use super::change::{Action, Budget, Change};
use super::parse::{Fault, parse_part};
use super::{FileId, Kind, MAX_NODES, Node, Path, Span, Tree};
use crate::scenario::problems::Problems;
use std::sync::Arc;

impl Tree {
    /// Applies settings of the form `PATH=VALUE`, in order. A value is RON; a bare word or date is a string where it
    /// replaces a string, and otherwise unless it is `true`, `false` or begins with a capital, as variants do.
    ///
    /// # Errors
    /// Every setting that cannot be read or names no value, located in `<--set>`; the tree then has the others.
    pub fn apply_settings(&mut self, settings: &[String]) -> Result<(), Problems> {
        if settings.is_empty() {
            return Ok(());
        }
        let text = settings.join("\n");
        let file = Arc::make_mut(&mut self.sources).add("<--set>", &text);
        let root = Arc::make_mut(&mut self.root);
        let mut budget = Budget::new();
        let mut faults = Vec::new();
        let mut start = 0;
        for part in settings {
            match setting(&text, start..start + part.len(), file, root) {
                Ok(change) => {
                    let fault = change.apply(root, &mut budget).err();
                    faults.extend(fault.map(|fault| (change.path, fault)));
                }
                Err(fault) => faults.push((String::new(), fault)),
            }
            start += part.len() + 1;
        }
        self.outcome(faults)
    }

    /// Replaces the values at `path` by a RON value, as `--set` does, but a word stays a word.
    ///
    /// # Errors
    /// If the text is not RON or nothing is at the path.
    pub fn set_raw(&mut self, path: &str, ron_text: &str) -> Result<(), Problems> {
        let file = Arc::make_mut(&mut self.sources).add("<set>", ron_text);
        let mut budget = Budget::new();
        let (value, mut faults) = parse_part(ron_text, 0, file, &mut budget.nodes);
        if let (Some(value), true) = (value, faults.is_empty()) {
            let span = Span::new(file, 0, ron_text.len());
            let change = Change { path: path.into(), action: Action::Set(value), path_span: span };
            faults.extend(change.apply(Arc::make_mut(&mut self.root), &mut budget).err());
        }
        self.outcome(faults.into_iter().map(|fault| (path.to_owned(), fault)).collect())
    }

    /// Takes out the values at `paths`, one path after the other, as `Remove` does.
    ///
    /// # Errors
    /// Every path at which there is nothing.
    pub fn remove(&mut self, paths: &[String]) -> Result<(), Problems> {
        let text = paths.join("\n");
        let file = Arc::make_mut(&mut self.sources).add("<removed>", &text);
        let root = Arc::make_mut(&mut self.root);
        let mut budget = Budget::new();
        let mut faults = Vec::new();
        let mut start = 0;
        for path in paths {
            let path_span = Span::new(file, start, start + path.len());
            let change = Change { path: path.clone(), action: Action::Remove, path_span };
            faults.extend(change.apply(root, &mut budget).err().map(|fault| (path.clone(), fault)));
            start += path.len() + 1;
        }
        self.outcome(faults)
    }

    pub(super) fn outcome(&self, faults: Vec<(String, Fault)>) -> Result<(), Problems> {
        let mut problems = Problems::new(self);
        faults.into_iter().for_each(|(path, fault)| problems.add_fault(&path, fault));
        problems.into_result(())
    }
}

/// Reads one `PATH=VALUE` that stands in bytes `part` of `text`.
fn setting(text: &str, part: std::ops::Range<usize>, file: FileId, root: &Node) -> Result<Change, Fault> {
    let line = &text[part.clone()];
    let whole = Span::new(file, part.start, part.end);
    let Some((path, value)) = line.split_once('=') else {
        return Err(Fault::new(whole, format!("expected PATH=VALUE, found `{line}`")));
    };
    let path_span = Span::new(file, part.start, part.start + path.len());
    let value = value_of(text, part.end - value.len()..part.end, file, path.trim(), root)?;
    Ok(Change { path: path.trim().into(), action: Action::Set(value), path_span })
}

/// Reads the value in bytes `part` of `text`, which is to stand at `path`.
pub(super) fn value_of(
    text: &str,
    part: std::ops::Range<usize>,
    file: FileId,
    path: &str,
    root: &Node,
) -> Result<Node, Fault> {
    let value = &text[part.clone()];
    let span = Span::new(file, part.start, part.end);
    let mut budget = MAX_NODES;
    let node = match parse_part(&text[..part.end], part.start, file, &mut budget) {
        (Some(node), faults) if faults.is_empty() => node,
        (_, faults) => match is_bare(value) {
            true => Node { kind: Kind::Text(value.trim().into()), span },
            false => {
                let unreadable = || Fault::new(span, "a value that cannot be read");
                return Err(faults.into_iter().next().unwrap_or_else(unreadable));
            }
        },
    };
    Ok(word_or_text(node, path, root))
}

/// A date, an id or a few words, but nothing with brackets, quotes or commas.
fn is_bare(value: &str) -> bool {
    let value = value.trim();
    !value.is_empty()
        && value.chars().all(|char| char.is_alphanumeric() || " _-.:+/%".contains(char))
        && !is_number_like(value)
}

/// `1e999` and `-inf` are wrong numbers, not words.
fn is_number_like(value: &str) -> bool {
    value.parse::<f64>().is_ok()
}

fn word_or_text(node: Node, path: &str, root: &Node) -> Node {
    let Kind::Word(word) = &node.kind else { return node };
    let old = Path::parse(path).ok().and_then(|path| path.matches(root).into_iter().next());
    let replaces_text = matches!(old.map(|old| &old.inner().kind), Some(Kind::Text(_)));
    let keyword = ["true", "false"].contains(&word.as_str()) || word.starts_with(char::is_uppercase);
    match replaces_text && word != "None" || !keyword {
        true => Node { kind: Kind::Text(word.clone()), span: node.span },
        false => node,
    }
}
