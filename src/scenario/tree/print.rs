//! A tree as text again: pretty for people, canonical for the digest, leaf by leaf for listings.

use super::{Entry, Kind, Node, Span, Tree, is_wrapper, tuple_segment};
use std::fmt;

/// Lines are broken so that they have at most this many characters where that is possible.
const WIDTH: usize = 110;

/// A value without parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    /// Dotted path.
    pub path: String,
    /// As it prints.
    pub value: String,
    /// Where it was written.
    pub origin: Span,
    /// The evidence that it, or a value it is part of, carries.
    pub source: Option<String>,
}

impl Tree {
    /// The tree as RON, which reads as the same tree again.
    pub fn print(&self) -> String {
        let mut out = String::new();
        pretty(&self.root, 0, 0, &mut out);
        out.push('\n');
        out
    }

    /// Every leaf in the order of the tree.
    pub fn leaves(&self) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        collect(&self.root, &mut String::new(), None, &mut leaves);
        leaves
    }

    /// BLAKE3 of the canonical print: blanks, comments, the order of fields and ids, and the way a number is written
    /// do not count.
    pub fn digest(&self) -> [u8; 32] {
        let mut out = String::new();
        canonical(&self.root, &mut out);
        blake3::hash(out.as_bytes()).into()
    }
}

/// The value on one line.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        inline(self, usize::MAX, &mut out);
        f.write_str(&out)
    }
}

/// Appends the value on one line; false, and something half-done, if `out` would grow beyond `limit` bytes.
fn inline(node: &Node, limit: usize, out: &mut String) -> bool {
    match &node.kind {
        Kind::Struct(name, entries) => {
            out.push_str(name.as_deref().unwrap_or(""));
            inline_entries(entries, ['(', ')'], str::to_owned, limit, out)
        }
        Kind::Map(entries) => inline_entries(entries, ['{', '}'], quoted, limit, out),
        Kind::Tuple(name, items) => {
            out.push_str(name.as_deref().unwrap_or(""));
            inline_items(items, ['(', ')'], limit, out)
        }
        Kind::List(items) => inline_items(items, ['[', ']'], limit, out),
        _ => {
            out.push_str(&scalar(node));
            out.len() <= limit
        }
    }
}

fn inline_entries(
    entries: &[Entry],
    brackets: [char; 2],
    key: fn(&str) -> String,
    limit: usize,
    out: &mut String,
) -> bool {
    out.push(brackets[0]);
    let fits = entries.iter().enumerate().all(|(index, entry)| {
        out.push_str(if index == 0 { "" } else { ", " });
        out.push_str(&key(&entry.key));
        out.push_str(": ");
        inline(&entry.value, limit, out)
    });
    out.push(brackets[1]);
    fits && out.len() <= limit
}

fn inline_items(items: &[Node], brackets: [char; 2], limit: usize, out: &mut String) -> bool {
    out.push(brackets[0]);
    let fits = items.iter().enumerate().all(|(index, item)| {
        out.push_str(if index == 0 { "" } else { ", " });
        inline(item, limit, out)
    });
    out.push(brackets[1]);
    fits && out.len() <= limit
}

/// Appends the value over as many lines as it needs; `used` characters of the current line are taken.
fn pretty(node: &Node, indent: usize, used: usize, out: &mut String) {
    let start = out.len();
    if inline(node, start + WIDTH.saturating_sub(used), out) {
        return;
    }
    out.truncate(start);
    match &node.kind {
        Kind::Struct(name, entries) => {
            out.push_str(name.as_deref().unwrap_or(""));
            pretty_entries(entries, ['(', ')'], str::to_owned, indent, out);
        }
        Kind::Map(entries) => pretty_entries(entries, ['{', '}'], quoted, indent, out),
        Kind::Tuple(name, items) => {
            out.push_str(name.as_deref().unwrap_or(""));
            pretty_items(items, ['(', ')'], indent, out);
        }
        Kind::List(items) => pretty_items(items, ['[', ']'], indent, out),
        _ => out.push_str(&scalar(node)),
    }
}

fn pretty_entries(entries: &[Entry], brackets: [char; 2], key: fn(&str) -> String, indent: usize, out: &mut String) {
    out.push(brackets[0]);
    for entry in entries {
        let label = format!("{}: ", key(&entry.key));
        new_line(indent + 1, out);
        out.push_str(&label);
        pretty(&entry.value, indent + 1, 4 * (indent + 1) + label.len() + 1, out);
        out.push(',');
    }
    new_line(indent, out);
    out.push(brackets[1]);
}

fn pretty_items(items: &[Node], brackets: [char; 2], indent: usize, out: &mut String) {
    out.push(brackets[0]);
    for item in items {
        new_line(indent + 1, out);
        pretty(item, indent + 1, 4 * (indent + 1) + 1, out);
        out.push(',');
    }
    new_line(indent, out);
    out.push(brackets[1]);
}

fn new_line(indent: usize, out: &mut String) {
    out.push('\n');
    out.push_str(&"    ".repeat(indent));
}

fn scalar(node: &Node) -> String {
    match &node.kind {
        Kind::Number(number) => number.text().to_owned(),
        Kind::Text(text) => quoted(text),
        Kind::Char(char) => format!("{char:?}"),
        Kind::Word(word) => word.clone(),
        _ => unreachable!("values with parts are printed part by part"),
    }
}

/// Rust's escapes are RON's too.
fn quoted(text: &str) -> String {
    format!("{text:?}")
}

fn canonical(node: &Node, out: &mut String) {
    match &node.kind {
        Kind::Struct(name, entries) => {
            out.push_str(name.as_deref().unwrap_or(""));
            canonical_entries(entries, ['(', ')'], str::to_owned, out);
        }
        Kind::Map(entries) => canonical_entries(entries, ['{', '}'], quoted, out),
        Kind::Tuple(name, items) => {
            out.push_str(name.as_deref().unwrap_or(""));
            canonical_items(items, ['(', ')'], out);
        }
        Kind::List(items) => canonical_items(items, ['[', ']'], out),
        Kind::Number(number) => out.push_str(&number.canonical()),
        _ => out.push_str(&scalar(node)),
    }
}

fn canonical_entries(entries: &[Entry], brackets: [char; 2], key: fn(&str) -> String, out: &mut String) {
    let mut sorted: Vec<&Entry> = entries.iter().collect();
    sorted.sort_by(|a, b| a.key.cmp(&b.key));
    out.push(brackets[0]);
    for entry in sorted {
        out.push_str(&key(&entry.key));
        out.push(':');
        canonical(&entry.value, out);
        out.push(',');
    }
    out.push(brackets[1]);
}

fn canonical_items(items: &[Node], brackets: [char; 2], out: &mut String) {
    out.push(brackets[0]);
    for item in items {
        canonical(item, out);
        out.push(',');
    }
    out.push(brackets[1]);
}

fn collect(node: &Node, path: &mut String, source: Option<&str>, leaves: &mut Vec<Leaf>) {
    if let Some((value, row)) = node.sourced() {
        return collect(value, path, Some(row), leaves);
    }
    match &node.kind {
        Kind::Tuple(Some(name), items) if is_wrapper(name, items) => collect(&items[0], path, source, leaves),
        Kind::Struct(_, entries) | Kind::Map(entries) => {
            for entry in entries {
                below(&entry.value, path, Some(&entry.key), source, leaves);
            }
        }
        Kind::Tuple(_, items) => {
            for (index, item) in items.iter().enumerate() {
                let segment = tuple_segment(items, index).map(|index| index.to_string());
                below(item, path, segment.as_deref(), source, leaves);
            }
        }
        Kind::List(items) => {
            for (index, item) in items.iter().enumerate() {
                below(item, path, Some(&index.to_string()), source, leaves);
            }
        }
        _ => leaves.push(Leaf {
            path: path.clone(),
            value: scalar(node),
            origin: node.span,
            source: source.map(str::to_owned),
        }),
    }
}

fn below(node: &Node, path: &mut String, segment: Option<&str>, source: Option<&str>, leaves: &mut Vec<Leaf>) {
    let length = path.len();
    if let Some(segment) = segment {
        path.push_str(if length == 0 { "" } else { "." });
        path.push_str(segment);
    }
    collect(node, path, source, leaves);
    path.truncate(length);
}
