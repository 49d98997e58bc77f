//! Files beside a scenario whose fields are edits of it, such as sweeps: their problems are told with their own lines.

use super::arithmetic::Arithmetic;
use super::change::{Action, Budget, Change};
use super::parse::Fault;
use super::token::Number;
use super::{FileId, Kind, MAX_FILE_BYTES, Node, Tree};
use crate::scenario::problems::Problems;
use std::fs::File;
use std::io::Read;
use std::path::Path as FilePath;
use std::sync::Arc;

/// One edit of a tree, in the notation of a scenario's `changes`.
#[derive(Clone, Debug)]
pub struct Edit(Change);

/// An edit whose value is put in later: `Set("path")`, `Scale("path")` or `Shift("path")`.
#[derive(Clone, Debug)]
pub struct OpenEdit {
    path: Node,
    verb: Verb,
}

#[derive(Clone, Copy, Debug)]
enum Verb {
    Set,
    Scale,
    Shift,
}

impl OpenEdit {
    /// Reads an edit without its value.
    fn from_node(node: &Node) -> Result<Self, Fault> {
        let bad = || {
            Fault::new(node.span, format!("expected an edit, found {}", node.found()))
                .help("an edit is `Set(\"path\")`, `Scale(\"path\")` or `Shift(\"path\")`; the axis gives the value")
        };
        let Kind::Tuple(Some(name), items) = &node.kind else { return Err(bad()) };
        let [path @ Node { kind: Kind::Text(_), .. }] = items.as_slice() else { return Err(bad()) };
        let verb = match name.as_str() {
            "Set" => Verb::Set,
            "Scale" => Verb::Scale,
            "Shift" => Verb::Shift,
            _ => return Err(bad()),
        };
        Ok(Self { path: path.clone(), verb })
    }

    /// The edit with its value.
    ///
    /// # Errors
    /// If an amount is no number.
    pub fn with(&self, value: &Node) -> Result<Edit, String> {
        let amount = || match &value.kind {
            Kind::Number(number) => Ok(number.value()),
            _ => Err(format!("expected a number, found {}", value.found())),
        };
        let action = match self.verb {
            Verb::Set => Action::Set(value.clone()),
            Verb::Scale => Action::Arithmetic(Arithmetic::Scale(amount()?), value.span),
            Verb::Shift => Action::Arithmetic(Arithmetic::Shift(amount()?), value.span),
        };
        let Kind::Text(path) = &self.path.kind else { unreachable!("a path was read as a text") };
        Ok(Edit(Change { path: path.clone(), action, path_span: self.path.span }))
    }
}

impl Node {
    /// The number `value` in the place of this value.
    ///
    /// # Panics
    /// If it is not finite.
    pub fn with_number(&self, value: f64) -> Node {
        let number = Number::of(value).expect("values of axes are finite");
        Node { kind: Kind::Number(number), span: self.span }
    }
}

impl Tree {
    /// Reads a file that is no scenario: `base`, `include` and `changes` mean nothing special there.
    ///
    /// # Errors
    /// If it cannot be read, or every problem that can be told apart, located.
    pub fn read_plain(file: &FilePath) -> Result<Self, Problems> {
        let name = file.display().to_string();
        let mut text = Vec::new();
        let limit = MAX_FILE_BYTES as u64 + 1;
        let read = File::open(file).and_then(|file| file.take(limit).read_to_end(&mut text));
        let text = match read {
            Ok(_) => String::from_utf8(text).map_err(|_| "is not text in UTF-8".to_owned()),
            Err(error) => Err(format!("cannot be read: {error}")),
        };
        text.map_err(|why| unreadable(&name, &why)).and_then(|text| Self::parse(&name, &text))
    }

    /// The edits in the list at `path`.
    ///
    /// # Errors
    /// Every item that is none.
    pub fn edits(&self, path: &str) -> Result<Vec<Edit>, Problems> {
        self.items(path, |node| Change::from_node(node).map(Edit))
    }

    /// The edits without values in the list at `path`.
    ///
    /// # Errors
    /// Every item that is none.
    pub fn open_edits(&self, path: &str) -> Result<Vec<OpenEdit>, Problems> {
        self.items(path, OpenEdit::from_node)
    }

    fn items<T>(&self, path: &str, read: impl Fn(&Node) -> Result<T, Fault>) -> Result<Vec<T>, Problems> {
        let Some(Node { kind: Kind::List(items), .. }) = self.get(path) else { return Ok(Vec::new()) };
        let mut problems = Problems::new(self);
        let mut found = Vec::with_capacity(items.len());
        for (i, item) in items.iter().enumerate() {
            match read(item) {
                Ok(one) => found.push(one),
                Err(fault) => problems.add_fault(&format!("{path}.{i}"), fault),
            }
        }
        problems.into_result(found)
    }

    /// This tree after `edits`, which stand in a text that it was read beside.
    ///
    /// # Errors
    /// Every edit that names nothing, or cannot be made.
    pub fn edited<'e>(&self, edits: impl IntoIterator<Item = &'e Edit>) -> Result<Tree, Problems> {
        let mut tree = self.clone();
        let root = Arc::make_mut(&mut tree.root);
        let mut budget = Budget::new();
        let mut faults = Vec::new();
        for Edit(change) in edits {
            faults.extend(change.apply(root, &mut budget).err().map(|fault| (change.path.clone(), fault)));
        }
        let mut problems = Problems::new(&tree);
        faults.into_iter().for_each(|(path, fault)| problems.add_fault(&path, fault));
        problems.into_result(tree)
    }

    /// Keys of the map or struct at `path`, or of the outermost at an empty path, in the order that they were written.
    pub fn keys(&self, path: &str) -> Vec<&str> {
        let node = if path.is_empty() { Some(self.root()) } else { self.get(path) };
        match node.map(|node| &node.kind) {
            Some(Kind::Map(entries) | Kind::Struct(_, entries)) => entries.iter().map(|e| e.key.as_str()).collect(),
            _ => Vec::new(),
        }
    }
}

fn unreadable(name: &str, why: &str) -> Problems {
    let mut sources = super::Sources::default();
    sources.add(name, "");
    let tree = Tree::new(super::empty_root(FileId(0)), sources, Vec::new());
    let mut problems = Problems::new(&tree);
    problems.push("", format!("`{name}` {why}"));
    problems
}

/// As it is written.
impl std::fmt::Display for OpenEdit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}({})", self.verb, self.path)
    }
}

/// As it is written.
impl std::fmt::Display for Edit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Change { path, action, .. } = &self.0;
        match action {
            Action::Set(value) => write!(f, "Set({path:?}, {value})"),
            Action::Add(value) => write!(f, "Add({path:?}, {value})"),
            Action::Remove => write!(f, "Remove({path:?})"),
            Action::Arithmetic(how, _) => write!(f, "{how:?} {path:?}"),
        }
    }
}
