//! The scenario as a tree of named values, each of which knows the file and the bytes it came from.
//!
//! Why a tree of our own? `ron::Value` forgets struct and variant names and every position, so it can neither be patched
//! nor blamed. Bases, includes, `changes`, `--set` and sweeps edit this tree; it is then decoded once ([`super::decode`]).
//!
//! In paths, `Some(..)` and `Sourced(.., "row")` are transparent, a variant's fields are reached without its name, and
//! items of lists and tuples are counted from 0.

mod arithmetic;
mod beside;
mod change;
mod diff;
mod edit;
mod json;
mod load;
mod merge;
mod parse;
mod path;
mod print;
mod settings;
mod token;

pub use beside::{Edit, OpenEdit};
pub use diff::{Difference, differences};
pub use load::{LoadOptions, load, load_with};
pub use path::{Path, Segment};
pub use print::Leaf;
pub use token::Number;

pub(super) use load::{Loaded, load_partly};

pub(super) use parse::Fault;

use super::problems::Problems;
use std::sync::Arc;

/// Largest file that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 16 << 20;
/// Deepest nesting of brackets, in files and after changes.
pub const MAX_DEPTH: usize = 64;
/// Most files that one scenario may consist of.
pub const MAX_FILES: usize = 4_096;
/// Most bytes that all files of a scenario may have together.
pub const MAX_TOTAL_BYTES: usize = 64 << 20;
/// Most values that a scenario may have, before and after its changes.
pub const MAX_NODES: usize = 1_000_000;

/// Which of the [`Sources`] a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// Bytes `start..end` of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The source.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    pub(super) fn new(file: FileId, start: usize, end: usize) -> Self {
        let offset = |at: usize| u32::try_from(at).expect("sources stay far below 4 GiB");
        Self { file, start: offset(start), end: offset(end) }
    }
}

/// A value with its origin. Two nodes are equal when they say the same, wherever they stand.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Where it was written; for a value that a change computed, the change.
    pub span: Span,
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

/// The forms of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A finite number.
    Number(Number),
    /// A string, unescaped.
    Text(String),
    /// A character.
    Char(char),
    /// A bare word: `true`, `None` or a variant without values.
    Word(String),
    /// `Name(field: ..)` or `(field: ..)`.
    Struct(Option<String>, Vec<Entry>),
    /// `Name(a, b)` or `(a, b)`, also `()` and `Name()`.
    Tuple(Option<String>, Vec<Node>),
    /// `[a, b]`.
    List(Vec<Node>),
    /// `{"id": ..}`.
    Map(Vec<Entry>),
}

/// A field of a struct or an entry of a map.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Field name or id.
    pub key: String,
    /// Where the key was written.
    pub key_span: Span,
    /// Its value.
    pub value: Node,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.value == other.value
    }
}

impl Node {
    /// The value inside `Some(..)` and `Sourced(.., "row")`, else itself.
    pub fn inner(&self) -> &Node {
        match &self.kind {
            Kind::Tuple(Some(name), items) if is_wrapper(name, items) => items[0].inner(),
            _ => self,
        }
    }

    /// The value and the evidence of `Sourced(value, "row")`.
    pub fn sourced(&self) -> Option<(&Node, &str)> {
        match &self.kind {
            Kind::Tuple(Some(name), items) if name == "Sourced" => match items.as_slice() {
                [value, Node { kind: Kind::Text(row), .. }] => Some((value, row)),
                _ => None,
            },
            _ => None,
        }
    }

    /// A few words for messages: the value if it is short, else its form.
    pub(super) fn found(&self) -> String {
        const LONGEST: usize = 40;
        match &self.kind {
            Kind::Number(number) => format!("the number {}", number.text()),
            Kind::Text(text) if text.chars().count() <= LONGEST => format!("the string {text:?}"),
            Kind::Text(_) => "a long string".into(),
            Kind::Char(char) => format!("the character {char:?}"),
            Kind::Word(word) => format!("`{word}`"),
            Kind::Struct(Some(name), _) | Kind::Tuple(Some(name), _) => format!("`{name}(..)`"),
            Kind::Struct(None, _) => "fields `(name: ..)`".into(),
            Kind::Tuple(None, items) if items.is_empty() => "`()`".into(),
            Kind::Tuple(None, items) => format!("a tuple of {}", items.len()),
            Kind::List(_) => "a list `[..]`".into(),
            Kind::Map(_) => "a map `{..}`".into(),
        }
    }

    /// Whether it has no parts.
    pub(super) fn is_leaf(&self) -> bool {
        matches!(self.kind, Kind::Number(_) | Kind::Text(_) | Kind::Char(_) | Kind::Word(_))
    }

    /// Number of values in this subtree, itself included.
    fn count(&self) -> usize {
        1 + self.children().map(Node::count).sum::<usize>()
    }

    /// Levels of nesting below and including this value.
    fn depth(&self) -> usize {
        1 + self.children().map(Node::depth).max().unwrap_or(0)
    }

    fn children(&self) -> impl Iterator<Item = &Node> {
        let (entries, items): (&[Entry], &[Node]) = match &self.kind {
            Kind::Struct(_, entries) | Kind::Map(entries) => (entries, &[]),
            Kind::Tuple(_, items) | Kind::List(items) => (&[], items),
            _ => (&[], &[]),
        };
        entries.iter().map(|entry| &entry.value).chain(items)
    }
}

/// Whether `name(items)` is `Some(..)` or `Sourced(.., "row")`, which paths look through.
fn is_wrapper(name: &str, items: &[Node]) -> bool {
    match (name, items) {
        ("Some", [_]) => true,
        ("Sourced", [_, row]) => matches!(row.kind, Kind::Text(_)),
        _ => false,
    }
}

/// The index that a path needs to enter a tuple's item: none where the only item is a struct, whose fields are
/// reached directly.
pub(super) fn tuple_segment(items: &[Node], index: usize) -> Option<usize> {
    match items {
        [Node { kind: Kind::Struct(..), .. }] => None,
        _ => Some(index),
    }
}

/// A text that values come from.
#[derive(Clone, Debug)]
pub struct Source {
    /// File name as the user knows it, or a name in `<>` for what is no file.
    pub name: String,
    /// The whole text.
    pub text: Arc<str>,
}

/// All texts of a tree.
#[derive(Clone, Debug, Default)]
pub struct Sources(Vec<Source>);

impl Sources {
    /// The text that a span is of.
    pub fn get(&self, file: FileId) -> Option<&Source> {
        self.0.get(file.0 as usize)
    }

    fn add(&mut self, name: impl Into<String>, text: &str) -> FileId {
        let id = FileId(u32::try_from(self.0.len()).expect("fewer than 2^32 sources"));
        self.0.push(Source { name: name.into(), text: text.into() });
        id
    }
}

/// A scenario, or any other RON file, as nodes. Cheap to clone; an edit copies.
#[derive(Clone, Debug)]
pub struct Tree {
    root: Arc<Node>,
    sources: Arc<Sources>,
    changes: Arc<Vec<String>>,
}

impl Tree {
    /// Reads one text; `base`, `include` and `changes` mean nothing special here.
    ///
    /// # Errors
    /// Every problem that can be told apart, located.
    pub fn parse(name: &str, text: &str) -> Result<Self, Problems> {
        let mut sources = Sources::default();
        let file = sources.add(name, text);
        let mut budget = MAX_NODES;
        let (node, faults) = if text.len() > MAX_FILE_BYTES {
            (None, vec![parse::Fault::too_large(file)])
        } else {
            parse::parse(text, file, &mut budget)
        };
        let root = node.unwrap_or_else(|| empty_root(file));
        let tree = Self::new(root, sources, Vec::new());
        let mut problems = Problems::new(&tree);
        faults.into_iter().for_each(|fault| problems.add_fault("", fault));
        problems.into_result(tree)
    }

    fn new(root: Node, sources: Sources, changes: Vec<String>) -> Self {
        Self { root: Arc::new(root), sources: Arc::new(sources), changes: Arc::new(changes) }
    }

    /// The outermost value.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// The texts that spans refer to.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The changes that the scenario's own file makes to its base, as written there, kept or not by
    /// [`LoadOptions::keep_changes`].
    pub fn changes(&self) -> &[String] {
        &self.changes
    }

    /// Calls `see` with every value and its path, from the outermost inwards, in the order of the tree.
    pub(super) fn visit<'t>(&'t self, see: &mut dyn FnMut(&str, &'t Node)) {
        visit(&self.root, &mut String::new(), see);
    }

    /// The first value at a dotted path; `None` if there is none or the path is malformed.
    pub fn get(&self, path: &str) -> Option<&Node> {
        Path::parse(path).ok()?.matches(&self.root).into_iter().next()
    }
}

fn visit<'t>(node: &'t Node, path: &mut String, see: &mut dyn FnMut(&str, &'t Node)) {
    see(path, node);
    let mut below = |step: &str, node: &'t Node| {
        let length = path.len();
        if !step.is_empty() {
            path.push_str(if length == 0 { "" } else { "." });
            path.push_str(step);
        }
        visit(node, path, see);
        path.truncate(length);
    };
    match &node.kind {
        Kind::Struct(_, entries) | Kind::Map(entries) => {
            entries.iter().for_each(|entry| below(&entry.key, &entry.value));
        }
        Kind::Tuple(Some(name), items) if is_wrapper(name, items) => below("", &items[0]),
        Kind::Tuple(_, items) => items.iter().enumerate().for_each(|(i, item)| {
            below(&tuple_segment(items, i).map_or_else(String::new, |i| i.to_string()), item);
        }),
        Kind::List(items) => items.iter().enumerate().for_each(|(i, item)| below(&i.to_string(), item)),
        _ => {}
    }
}

fn empty_root(file: FileId) -> Node {
    Node { kind: Kind::Struct(None, Vec::new()), span: Span::new(file, 0, 0) }
}
