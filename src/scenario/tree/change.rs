//! Changes: `Set`, `Add`, `Remove`, `Scale`, `Shift` on every value at a path.

use super::arithmetic::{self, Arithmetic};
use super::parse::Fault;
use super::path::{Path, Segment, edit_matches, goes_through, is_id};
use super::{Entry, Kind, MAX_DEPTH, MAX_NODES, Node, Span, is_wrapper};
use crate::scenario::problems::nearest;

/// Values that all changes of one scenario may look at together, so that no file can keep the reader busy for long.
pub(super) const MAX_WORK: usize = 50_000_000;

/// An edit of a tree.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) path: String,
    pub(super) action: Action,
    /// The path as written, which a wrong path is blamed on.
    pub(super) path_span: Span,
}

#[derive(Clone, Debug)]
pub(super) enum Action {
    Set(Node),
    Add(Node),
    Remove,
    Arithmetic(Arithmetic, Span),
}

/// An edit of the value that holds the last step of a path: the value, that step, the brackets around it. Gives the
/// number of values that it changed.
type EditBelow<'a> = dyn FnMut(&mut Node, &Segment, usize, &mut Budget) -> Result<usize, String> + 'a;

/// What is left of the limits on values and on work.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    pub(super) nodes: usize,
    pub(super) work: usize,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self { nodes: MAX_NODES, work: MAX_WORK }
    }
}

const FORMS: &str = "a change is `Set(\"path\", value)`, `Add(\"path\", value)`, `Remove(\"path\")`, \
                     `Scale(\"path\", factor)` or `Shift(\"path\", amount)`";

impl Change {
    /// Reads one entry of `changes`.
    pub(super) fn from_node(node: &Node) -> Result<Self, Fault> {
        let bad = || Fault::new(node.span, format!("expected a change, found {}", node.found())).help(FORMS);
        let Kind::Tuple(Some(name), items) = &node.kind else { return Err(bad()) };
        let (path, value) = match items.as_slice() {
            [path] => (path, None),
            [path, value] => (path, Some(value)),
            _ => return Err(bad()),
        };
        let Kind::Text(text) = &path.kind else {
            return Err(Fault::new(path.span, format!("expected a path in quotes, found {}", path.found())).help(FORMS));
        };
        let action = match (name.as_str(), value) {
            ("Set", Some(value)) => Action::Set(value.clone()),
            ("Add", Some(value)) => Action::Add(value.clone()),
            ("Remove", None) => Action::Remove,
            ("Scale", Some(value)) => Action::Arithmetic(Arithmetic::Scale(amount(value)?), value.span),
            ("Shift", Some(value)) => Action::Arithmetic(Arithmetic::Shift(amount(value)?), value.span),
            _ => return Err(bad()),
        };
        Ok(Self { path: text.clone(), action, path_span: path.span })
    }

    /// Edits every value at the path.
    pub(super) fn apply(&self, root: &mut Node, budget: &mut Budget) -> Result<(), Fault> {
        let blame = |message: String| Fault::new(self.path_span, message);
        let path = Path::parse(&self.path).map_err(blame)?;
        let edited = match &self.action {
            Action::Set(value) => self.edit(root, path.segments(), budget, &mut |node, depth, budget| {
                check_size(value, depth, budget)?;
                *node = value.clone();
                Ok(1)
            }),
            Action::Arithmetic(how, span) => self.edit(root, path.segments(), budget, &mut |node, _, _| {
                arithmetic::apply(node, *how, *span).map(|()| 1)
            }),
            Action::Add(value) => self.with_parent(root, &path, budget, &mut |parent, last, depth, budget| {
                check_size(value, depth + 1, budget)?;
                add(parent, last, value, self.path_span).map(|()| 1)
            }),
            Action::Remove => self.with_parent(root, &path, budget, &mut |parent, last, _, _| remove(parent, last)),
        };
        match edited.map_err(blame)? {
            0 => Err(self.no_match(&path, root)),
            _ => Ok(()),
        }
    }

    /// The number of edits that `edit` reports over all matches.
    fn edit(
        &self,
        root: &mut Node,
        segments: &[Segment],
        budget: &mut Budget,
        edit: &mut dyn FnMut(&mut Node, usize, &mut Budget) -> Result<usize, String>,
    ) -> Result<usize, String> {
        let mut done = 0;
        let mut work = budget.work;
        let result = edit_matches(root, segments, 0, &mut work, &mut |node, depth| {
            done += edit(node, depth, budget)?;
            Ok(())
        });
        budget.work = work;
        result.map(|()| done)
    }

    fn with_parent(
        &self,
        root: &mut Node,
        path: &Path,
        budget: &mut Budget,
        edit: &mut EditBelow,
    ) -> Result<usize, String> {
        let (last, parents) = path.segments().split_last().expect("a path has a step");
        self.edit(root, parents, budget, &mut |node, depth, budget| {
            edit(container_mut(node, last), last, depth, budget)
        })
    }

    /// Why nothing is at the path, with the nearest name.
    fn no_match(&self, path: &Path, root: &Node) -> Fault {
        let adds = matches!(self.action, Action::Add(_));
        let Some(end) = path.dead_end(root) else {
            return Fault::new(self.path_span, format!("nothing at `{}` can be changed", self.path));
        };
        let place = if end.prefix.is_empty() { "the scenario".to_owned() } else { format!("`{}`", end.prefix) };
        let fault = Fault::new(self.path_span, format!("{place} has no `{}`", end.missing));
        match nearest(&end.missing, end.names.iter().map(String::as_str)) {
            Some(name) => fault.help(format!("did you mean `{name}`?")),
            None if end.is_last && matches!(self.action, Action::Set(_)) => {
                fault.help("to give a value to an optional field that is not there, use `Add`")
            }
            None if adds => fault.help(format!("add `{}` first", end.missing)),
            None => fault,
        }
    }
}

fn amount(node: &Node) -> Result<f64, Fault> {
    match &node.kind {
        Kind::Number(number) => Ok(number.value()),
        _ => Err(Fault::new(node.span, format!("expected a number, found {}", node.found()))),
    }
}

fn check_size(value: &Node, depth: usize, budget: &mut Budget) -> Result<(), String> {
    if depth + value.depth() > MAX_DEPTH + 1 {
        return Err(format!("nested deeper than {MAX_DEPTH} levels"));
    }
    budget.nodes = budget
        .nodes
        .checked_sub(value.count())
        .ok_or_else(|| format!("the changes make more than {MAX_NODES} values"))?;
    Ok(())
}

/// What holds the last step of a path: the value inside `Some(..)`, `Sourced(.., "row")` and, for a name, tuples of one.
fn container_mut<'a>(node: &'a mut Node, last: &Segment) -> &'a mut Node {
    let enters = match &node.kind {
        Kind::Tuple(Some(name), items) if is_wrapper(name, items) => true,
        Kind::Tuple(_, items) => goes_through(items, last),
        _ => false,
    };
    if !enters {
        return node;
    }
    match &mut node.kind {
        Kind::Tuple(_, items) => container_mut(&mut items[0], last),
        _ => unreachable!("only tuples are entered"),
    }
}

fn add(parent: &mut Node, last: &Segment, value: &Node, path_span: Span) -> Result<(), String> {
    let Segment::Name(key) = last else { return Err("what is added needs a name, not `*`".into()) };
    // `()` is a struct without fields as well as an empty tuple.
    if let Kind::Tuple(name, items) = &mut parent.kind
        && items.is_empty()
    {
        parent.kind = Kind::Struct(name.take(), Vec::new());
    }
    match &mut parent.kind {
        Kind::Map(_) if !is_id(key) => Err(format!("an id is made of a-z, 0-9 and `-`, found {key:?}")),
        Kind::Struct(..) if key.contains('-') || key.starts_with(char::is_numeric) => {
            Err(format!("`{key}` is not the name of a field"))
        }
        Kind::Struct(_, entries) | Kind::Map(entries) => {
            if entries.iter().any(|entry| entry.key == *key) {
                return Err(format!("`{key}` is there already; use `Set` to change it"));
            }
            entries.push(Entry { key: key.clone(), key_span: path_span, value: value.clone() });
            Ok(())
        }
        Kind::List(items) if key.parse() == Ok(items.len()) => {
            items.push(value.clone());
            Ok(())
        }
        Kind::List(items) => Err(format!("the next item of this list is number {}", items.len())),
        _ => Err(format!("cannot add to {}", parent.found())),
    }
}

/// Takes out what `last` names; the number of values taken.
fn remove(parent: &mut Node, last: &Segment) -> Result<usize, String> {
    let found = parent.found();
    match &mut parent.kind {
        Kind::Struct(_, entries) | Kind::Map(entries) => {
            let before = entries.len();
            entries.retain(|entry| matches!(last, Segment::Name(name) if *name != entry.key));
            Ok(before - entries.len())
        }
        Kind::List(items) => match last {
            Segment::Every => Ok(std::mem::take(items).len()),
            Segment::Name(name) => {
                let index = name.parse().ok().filter(|index| *index < items.len());
                Ok(index.map(|index: usize| items.remove(index)).iter().len())
            }
        },
        Kind::Tuple(..) => Err(format!("cannot remove from {found}: set the whole value")),
        _ => Ok(0),
    }
}
