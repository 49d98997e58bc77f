//! What two scenarios say differently, however they are written.
//!
//! Fields and ids are compared by name and numbers by value: blanks, comments, order, files, bases and the way a number
//! is written do not count. Values with parts that have names are entered; a schedule, a distribution or a list is one
//! value. Evidence is compared where the values agree.

use super::{Entry, Kind, Node, Tree, is_wrapper};

/// A place at which two scenarios differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Dotted path.
    pub path: String,
    /// What the first says, on one line; none if it says nothing here.
    pub base: Option<String>,
    /// What the second says.
    pub other: Option<String>,
}

/// Every difference, in the order of the first, what only the second has after its neighbours.
pub fn differences(base: &Tree, other: &Tree) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(base.root(), other.root(), "", &mut found);
    found
}

fn compare(base: &Node, other: &Node, path: &str, found: &mut Vec<Difference>) {
    let (value, other_value) = (base.inner(), other.inner());
    if let Some((entries, other_entries)) = alike(value, other_value) {
        return compare_entries(entries, other_entries, path, found);
    }
    // Evidence counts only where the values agree: a new value brings its own.
    let same = same(value, other_value);
    if !same || evidence(base) != evidence(other) {
        let text = |node: &Node, value: &Node| if same { node.to_string() } else { value.to_string() };
        let (base, other) = (text(base, value), text(other, other_value));
        found.push(Difference { path: path.to_owned(), base: Some(base), other: Some(other) });
    }
}

/// The entries of two maps, or of two structs of one name.
fn alike<'a>(base: &'a Node, other: &'a Node) -> Option<(&'a [Entry], &'a [Entry])> {
    match (&base.kind, &other.kind) {
        (Kind::Map(a), Kind::Map(b)) => Some((a, b)),
        (Kind::Struct(name, a), Kind::Struct(other, b)) if name == other => Some((a, b)),
        _ => None,
    }
}

fn compare_entries(base: &[Entry], other: &[Entry], path: &str, found: &mut Vec<Difference>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    let one_sided = |entry: &Entry, is_base: bool| {
        let (path, text) = (below(&entry.key), Some(entry.value.to_string()));
        if is_base {
            Difference { path, base: text, other: None }
        } else {
            Difference { path, base: None, other: text }
        }
    };
    for entry in base {
        match other.iter().find(|candidate| candidate.key == entry.key) {
            Some(partner) => compare(&entry.value, &partner.value, &below(&entry.key), found),
            None => found.push(one_sided(entry, true)),
        }
    }
    let new = other.iter().filter(|entry| base.iter().all(|known| known.key != entry.key));
    found.extend(new.map(|entry| one_sided(entry, false)));
}

/// Whether two values say the same, evidence and order of names aside.
fn same(base: &Node, other: &Node) -> bool {
    let (base, other) = (base.inner(), other.inner());
    let all = |a: &[Node], b: &[Node]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b));
    match (&base.kind, &other.kind) {
        (Kind::Number(a), Kind::Number(b)) => a.value() == b.value(),
        (Kind::List(a), Kind::List(b)) => all(a, b),
        (Kind::Tuple(name, a), Kind::Tuple(other, b)) => name == other && all(a, b),
        (Kind::Struct(..), Kind::Struct(..)) | (Kind::Map(_), Kind::Map(_)) => {
            alike(base, other).is_some_and(|(a, b)| {
                let partner = |entry: &Entry| b.iter().find(|candidate| candidate.key == entry.key);
                a.len() == b.len()
                    && a.iter().all(|entry| partner(entry).is_some_and(|partner| same(&entry.value, &partner.value)))
            })
        }
        (a, b) => a == b,
    }
}

/// The row that a value cites, through any other wrapper.
fn evidence(node: &Node) -> Option<&str> {
    match &node.kind {
        Kind::Tuple(Some(name), items) if is_wrapper(name, items) => match node.sourced() {
            Some((_, row)) => Some(row),
            None => evidence(&items[0]),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(base: &str, other: &str) -> Vec<String> {
        let tree = |text: &str| Tree::parse("test.ron", text).unwrap();
        let side = |text: Option<String>| text.unwrap_or_else(|| "-".into());
        differences(&tree(base), &tree(other))
            .into_iter()
            .map(|difference| format!("{} {} {}", difference.path, side(difference.base), side(difference.other)))
            .collect()
    }

    #[test]
    fn what_is_only_written_otherwise_is_no_difference() {
        let base = "(a: 1_000, b: {\"x\": (c: 0.50, d: [1, 2])}, s: Steps([(\"2023-01-01\", 1)]))";
        let other = "( // the same\n s: Steps([(\"2023-01-01\", 1.0)]), b: {\"x\": (d: [1.0, 2], c: .5)}, a: 1e3 )";
        assert_eq!(found(base, other), Vec::<String>::new());
    }

    #[test]
    fn changed_new_and_gone_are_told_by_path() {
        let base = "(a: 1, b: {\"x\": (c: 2), \"gone\": (c: 3)})";
        let other = "(a: Steps([(\"2023-01-01\", 1.5)]), b: {\"x\": (c: 4), \"new\": (c: 5)})";
        let expected = ["a 1 Steps([(\"2023-01-01\", 1.5)])", "b.x.c 2 4", "b.gone (c: 3) -", "b.new - (c: 5)"];
        assert_eq!(found(base, other), expected);
    }

    #[test]
    fn evidence_counts_where_the_values_agree() {
        assert_eq!(found("(a: Sourced(1, \"t:r\"))", "(a: Sourced(2, \"t:q\"))"), ["a 1 2"]);
        assert_eq!(found("(a: Sourced(1, \"t:r\"))", "(a: 1)"), ["a Sourced(1, \"t:r\") 1"]);
        assert_eq!(found("(a: Some(1))", "(a: 1)"), Vec::<String>::new());
    }
}
