//! Dotted paths: `clouds.azure.wacc`, `accelerators.*.throughput.chat`, `share.0.1`.

use super::{Entry, Kind, MAX_DEPTH, Node, is_wrapper};
use std::fmt;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// A field, an id, or an index of a list or tuple.
    Name(String),
    /// `*`: every field, id or index at its place.
    Every,
}

impl Segment {
    fn is(&self, key: &str) -> bool {
        match self {
            Segment::Name(name) => name == key,
            Segment::Every => true,
        }
    }

    fn index(&self) -> Option<usize> {
        match self {
            Segment::Name(name) => name.parse().ok(),
            Segment::Every => None,
        }
    }
}

/// Steps from the root of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(Vec<Segment>);

impl Path {
    /// Reads a dotted path.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        // Far more than the deepest value needs, and few enough to cost nothing.
        const MOST: usize = 2 * MAX_DEPTH;
        if text.split('.').nth(MOST).is_some() {
            return Err(format!("a path has at most {MOST} steps"));
        }
        text.split('.').map(|part| segment(part, text)).collect::<Result<_, _>>().map(Self)
    }

    /// The steps.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// Every value at this path, in the order of the tree.
    pub fn matches<'a>(&self, root: &'a Node) -> Vec<&'a Node> {
        self.0.iter().fold(vec![root], |nodes, segment| step(&nodes, segment))
    }

    /// How far the path leads: the longest part that exists, the first step that does not, and the names it could
    /// have been.
    pub(super) fn dead_end(&self, root: &Node) -> Option<DeadEnd> {
        let mut nodes = vec![root];
        for (done, segment) in self.0.iter().enumerate() {
            let next = step(&nodes, segment);
            if next.is_empty() {
                return Some(DeadEnd {
                    prefix: Self(self.0[..done].to_vec()).to_string(),
                    missing: segment.to_string(),
                    is_last: done + 1 == self.0.len(),
                    names: names_below(&nodes),
                });
            }
            nodes = next;
        }
        None
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Segment::Name(name) => name,
            Segment::Every => "*",
        })
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, segment) in self.0.iter().enumerate() {
            let dot = if index == 0 { "" } else { "." };
            write!(f, "{dot}{segment}")?;
        }
        Ok(())
    }
}

/// Where a path stops existing.
pub(super) struct DeadEnd {
    pub(super) prefix: String,
    pub(super) missing: String,
    pub(super) is_last: bool,
    pub(super) names: Vec<String>,
}

fn segment(part: &str, path: &str) -> Result<Segment, String> {
    match part {
        "*" => Ok(Segment::Every),
        "" if path.is_empty() => Err("the path is empty".into()),
        "" => Err(format!("`{path}` has an empty step; a path is names joined by single dots")),
        _ => match part.chars().find(|char| !(char.is_alphanumeric() || *char == '_' || *char == '-')) {
            Some(odd) => Err(format!(
                "`{}` has no place in a path, which is names, indices or `*` joined by dots",
                odd.escape_debug()
            )),
            None => Ok(Segment::Name(part.into())),
        },
    }
}

fn step<'a>(nodes: &[&'a Node], segment: &Segment) -> Vec<&'a Node> {
    let mut next = Vec::new();
    nodes.iter().for_each(|node| step_one(node, segment, &mut next));
    next
}

fn step_one<'a>(node: &'a Node, segment: &Segment, next: &mut Vec<&'a Node>) {
    match &node.inner().kind {
        Kind::Struct(_, entries) | Kind::Map(entries) => {
            next.extend(entries.iter().filter(|entry| segment.is(&entry.key)).map(|entry| &entry.value));
        }
        Kind::Tuple(_, items) if goes_through(items, segment) => step_one(&items[0], segment, next),
        Kind::Tuple(_, items) | Kind::List(items) => match segment {
            Segment::Every => next.extend(items),
            Segment::Name(_) => next.extend(segment.index().and_then(|index| items.get(index))),
        },
        _ => {}
    }
}

/// Whether a step by name leads through a tuple of one, as in `Uncertain(LogNormal(median: 18, sigma: 0.3))`.
pub(super) fn goes_through(items: &[Node], segment: &Segment) -> bool {
    items.len() == 1 && matches!(segment, Segment::Name(_)) && segment.index().is_none()
}

/// Names to compare a misspelt one with; not all, if there are very many.
fn names_below(nodes: &[&Node]) -> Vec<String> {
    const MOST: usize = 10_000;
    let mut names: Vec<String> = Vec::new();
    for node in nodes {
        let room = MOST.saturating_sub(names.len());
        match &node.inner().kind {
            Kind::Struct(_, entries) | Kind::Map(entries) => {
                names.extend(entries.iter().take(room).map(|entry| entry.key.clone()));
            }
            Kind::Tuple(_, items) if items.len() == 1 => names.extend(names_below(&[&items[0]])),
            _ => {}
        }
    }
    names.sort();
    names.dedup();
    names
}

/// Whether a key of a map may stand in paths.
pub(super) fn is_id(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Calls `edit` with every value at `segments` and the number of brackets around it, until it fails; `work` counts
/// down the values that are looked at.
pub(super) fn edit_matches(
    node: &mut Node,
    segments: &[Segment],
    depth: usize,
    work: &mut usize,
    edit: &mut dyn FnMut(&mut Node, usize) -> Result<(), String>,
) -> Result<(), String> {
    // Keys are looked up one after the other, so a wide value costs its width.
    *work =
        work.checked_sub(1 + node.children().count()).ok_or("the changes of this scenario look at too many values")?;
    let Some((first, rest)) = segments.split_first() else { return edit(node, depth) };
    let mut node = node;
    let mut depth = depth;
    while let Kind::Tuple(Some(name), items) = &node.kind
        && is_wrapper(name, items)
    {
        let Kind::Tuple(_, items) = &mut node.kind else { unreachable!("matched above") };
        node = &mut items[0];
        depth += 1;
    }
    match &mut node.kind {
        Kind::Struct(_, entries) | Kind::Map(entries) => {
            for Entry { value, .. } in entries.iter_mut().filter(|entry| first.is(&entry.key)) {
                edit_matches(value, rest, depth + 1, work, edit)?;
            }
        }
        Kind::Tuple(_, items) if goes_through(items, first) => {
            edit_matches(&mut items[0], segments, depth + 1, work, edit)?;
        }
        Kind::Tuple(_, items) | Kind::List(items) => match first {
            Segment::Every => {
                for item in items {
                    edit_matches(item, rest, depth + 1, work, edit)?;
                }
            }
            Segment::Name(_) => {
                if let Some(item) = first.index().and_then(|index| items.get_mut(index)) {
                    edit_matches(item, rest, depth + 1, work, edit)?;
                }
            }
        },
        _ => {}
    }
    Ok(())
}
