//! Problems of a scenario: collected, located, and shown all at once.

use super::tree::{FileId, Sources, Span, Tree};
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::borrow::Cow;
use std::fmt;

/// Most problems that are shown; the rest are counted.
pub const MAX_SHOWN: usize = 100;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The scenario cannot run.
    Error,
    /// It runs, but may not mean what its author meant.
    Warning,
}

/// One thing that is wrong with a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// Dotted path of the value; empty where there is none, as in broken syntax.
    pub path: String,
    /// What was expected and what was found.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The value at the path, if it is a single one.
    pub value: Option<String>,
    /// Where it was written: the file, change or setting that gave the value.
    pub origin: Option<Span>,
}

impl Problem {
    /// Adds advice.
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }

    /// Makes it a warning.
    pub fn warning(&mut self) -> &mut Self {
        self.severity = Severity::Warning;
        self
    }
}

/// A place in a source, counted from 1; columns count characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// File name as the user knows it.
    pub file: String,
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

/// The problems of one tree.
#[derive(Clone, Debug)]
pub struct Problems {
    tree: Tree,
    list: Vec<Problem>,
    /// Whether looking for problems was given up after the last.
    cut_short: bool,
}

impl Problems {
    /// No problems of `tree` so far.
    pub fn new(tree: &Tree) -> Self {
        Self { tree: tree.clone(), list: Vec::new(), cut_short: false }
    }

    /// Adds an error about the value at `path`, or about the longest part of the path that exists.
    pub fn push(&mut self, path: &str, message: impl Into<String>) -> &mut Problem {
        let node = self.tree.get(path);
        let value = node.map(|node| node.inner()).filter(|node| node.is_leaf()).map(ToString::to_string);
        let origin = match path {
            "" => None,
            _ => Some(node.map_or_else(|| self.nearest_span(path), |node| node.span)),
        };
        self.add(Problem {
            severity: Severity::Error,
            path: path.into(),
            message: message.into(),
            help: None,
            value,
            origin,
        })
    }

    fn nearest_span(&self, path: &str) -> Span {
        let mut prefix = path;
        while let Some((shorter, _)) = prefix.rsplit_once('.') {
            prefix = shorter;
            if let Some(node) = self.tree.get(prefix) {
                return node.span;
            }
        }
        self.tree.root().span
    }

    pub(super) fn add(&mut self, problem: Problem) -> &mut Problem {
        self.list.push(problem);
        self.list.last_mut().expect("just pushed")
    }

    pub(super) fn add_fault(&mut self, path: &str, fault: super::tree::Fault) {
        self.add(Problem {
            severity: Severity::Error,
            path: path.into(),
            message: fault.message,
            help: fault.help,
            value: None,
            origin: Some(fault.span),
        });
    }

    /// Takes over the problems of a later state of the same tree.
    pub fn absorb(&mut self, other: Problems) {
        self.list.extend(other.list);
        self.tree = other.tree;
        self.cut_short |= other.cut_short;
    }

    /// The problems whose message `drop` does not pick.
    pub(super) fn without(mut self, drop: impl Fn(&str) -> bool) -> Self {
        self.list.retain(|problem| !drop(&problem.message));
        self
    }

    pub(super) fn cut_short(&mut self) {
        self.cut_short = true;
    }

    /// `value` if no problem is an error.
    ///
    /// # Errors
    /// These problems, sorted, if one is.
    pub fn into_result<T>(self, value: T) -> Result<T, Problems> {
        match self.has_errors() {
            true => Err(self.sorted()),
            false => Ok(value),
        }
    }

    /// The problems by place, each once.
    pub fn sorted(mut self) -> Self {
        let key = |problem: &Problem| {
            let place = problem.origin.map_or((FileId(0), 0, 0), |span| (span.file, span.start, span.end));
            (place, problem.severity, problem.path.clone(), problem.message.clone())
        };
        self.list.sort_by_cached_key(key);
        self.list.dedup();
        self
    }

    /// Whether a problem is an error.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// Number of problems.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The problems, in the order found or [`sorted`](Self::sorted).
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.list.iter()
    }

    /// File, line and column of a problem, if it has a place.
    pub fn location(&self, problem: &Problem) -> Option<Location> {
        let place = Place::of(self.tree.sources(), problem.origin?)?;
        let column = place.line_text[..place.start].chars().count() + 1;
        Some(Location { file: place.file.into(), line: place.line, column })
    }

    /// The problems with the lines they are about, as compilers show them, with terminal colours if `colour`.
    pub fn render(&self, colour: bool) -> String {
        let mut out = String::new();
        for problem in self.render_each(colour) {
            out.push_str(&problem);
            out.push_str("\n\n");
        }
        out.push_str(&self.closing_line());
        out
    }

    /// The problems one by one, as [`render`](Self::render) shows them, without a line break at the end.
    pub fn render_each(&self, colour: bool) -> Vec<String> {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        self.list.iter().take(MAX_SHOWN).map(|problem| renderer.render(&[self.group(problem)])).collect()
    }

    /// What is not among [`render_each`](Self::render_each), if anything.
    pub fn hidden(&self) -> Option<String> {
        match self.list.len().saturating_sub(MAX_SHOWN) {
            0 if self.cut_short => Some("there may be more problems, which were not looked for".to_owned()),
            0 => None,
            more => Some(format!("{more} more problems are not shown")),
        }
    }

    fn closing_line(&self) -> String {
        let count = match self.list.len() {
            1 => "1 problem".to_owned(),
            n => format!("{n} problems"),
        };
        match self.list.len().saturating_sub(MAX_SHOWN) {
            0 if self.cut_short => format!("{count}, and there may be more\n"),
            0 => format!("{count}\n"),
            more => format!("{count}, {more} not shown\n"),
        }
    }

    fn group<'a>(&'a self, problem: &'a Problem) -> Group<'a> {
        let level = match problem.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group = Group::with_title(level.primary_title(clipped(&problem.message)));
        if let Some(place) = problem.origin.and_then(|span| Place::of(self.tree.sources(), span)) {
            group = match place.shows_line() {
                true => group.element(place.snippet()),
                false => group.element(Origin::path(place.file).line(place.line)),
            };
        }
        let path = clipped(&problem.path);
        match &problem.value {
            _ if path.is_empty() => {}
            Some(value) => group = group.element(Level::NOTE.message(format!("`{path}` is {}", clipped(value)))),
            None => group = group.element(Level::NOTE.message(format!("at `{path}`"))),
        }
        match &problem.help {
            Some(help) => group.element(Level::HELP.message(clipped(help))),
            None => group,
        }
    }
}

/// A text that may quote what an author wrote, cut where it gets too long for anybody.
fn clipped(text: &str) -> Cow<'_, str> {
    const LONGEST: usize = 500;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => Cow::Owned(format!("{} ...", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Problems {}

/// The line that a span begins on; the span is cut at its end.
struct Place<'a> {
    file: &'a str,
    line: usize,
    line_text: &'a str,
    start: usize,
    end: usize,
}

impl<'a> Place<'a> {
    fn of(sources: &'a Sources, span: Span) -> Option<Self> {
        let source = sources.get(span.file)?;
        let text: &str = &source.text;
        let start = floor_boundary(text, span.start as usize);
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |newline| start + newline);
        let line_text = text[line_start..line_end].trim_end_matches('\r');
        let start = (start - line_start).min(line_text.len());
        let end = floor_boundary(line_text, (span.end as usize).saturating_sub(line_start)).max(start);
        let line = text[..line_start].matches('\n').count() + 1;
        Some(Self { file: &source.name, line, line_text, start, end })
    }

    /// A line of megabytes helps nobody.
    fn shows_line(&self) -> bool {
        const LONGEST: usize = 1_000;
        (1..=LONGEST).contains(&self.line_text.len())
    }

    fn snippet(&self) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        let mark = AnnotationKind::Primary.span(self.start..self.end);
        Snippet::source(self.line_text).path(self.file).line_start(self.line).annotation(mark)
    }
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

impl Sources {
    /// `file:line` of a span, for messages that refer to a second place.
    pub(super) fn line(&self, span: Span) -> String {
        match Place::of(self, span) {
            Some(place) => format!("{}:{}", place.file, place.line),
            None => "another place".into(),
        }
    }
}

/// The name closest to a misspelt one, if it is close enough to be meant.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A third of the letters may be wrong; long names are not compared, so that no input costs much.
    const LONGEST: usize = 100;
    if name.len() > LONGEST {
        return None;
    }
    let close = 1 + name.chars().count() / 3;
    known
        .into_iter()
        .filter(|known| known.len() <= LONGEST)
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .filter(|(distance, _)| *distance <= close)
        .min()
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        Tree::parse("a.ron", "(\n    clouds: {\n        \"azure\": (wacc: 1.4, names: [\"ä\", \"b\"]),\n    },\n)")
            .unwrap()
    }

    #[test]
    fn a_problem_shows_its_line() {
        let mut problems = Problems::new(&tree());
        problems.push("clouds.azure.wacc", "1.4 is not within 0..=1").help("a rate a year, such as 0.09");
        let expected = r#"error: 1.4 is not within 0..=1
 --> a.ron:3:25
  |
3 |         "azure": (wacc: 1.4, names: ["ä", "b"]),
  |                         ^^^
  |
  = note: `clouds.azure.wacc` is 1.4
  = help: a rate a year, such as 0.09

1 problem
"#;
        assert_eq!(problems.to_string(), expected);
        assert!(problems.render(true).contains("\u{1b}["));
    }

    #[test]
    fn columns_count_characters() {
        let mut problems = Problems::new(&tree());
        let problem = problems.push("clouds.azure.names.1", "no").clone();
        assert_eq!(problems.location(&problem), Some(Location { file: "a.ron".into(), line: 3, column: 43 }));
    }

    #[test]
    fn a_missing_path_is_blamed_on_what_exists_of_it() {
        let mut problems = Problems::new(&tree());
        let problem = problems.push("clouds.aws.wacc", "missing").clone();
        assert_eq!(problems.location(&problem).unwrap().line, 2);
        assert_eq!(problem.value, None);
    }

    #[test]
    fn the_rest_is_counted() {
        let mut problems = Problems::new(&tree());
        for number in 0..130 {
            problems.push("clouds.azure", format!("problem {number:03}"));
        }
        let text = problems.sorted().to_string();
        assert_eq!(text.matches("error:").count(), 100);
        assert!(text.ends_with("130 problems, 30 not shown\n"));
    }

    #[test]
    fn long_texts_are_cut() {
        let mut problems = Problems::new(&tree());
        problems.push(&format!("clouds.{}", "x".repeat(5_000_000)), "ä".repeat(5_000_000)).help("y".repeat(5_000_000));
        let text = problems.to_string();
        assert!(text.len() < 5_000 && text.contains("ä ...") && text.contains("y ..."), "{} bytes", text.len());
    }

    #[test]
    fn warnings_are_no_errors() {
        let mut problems = Problems::new(&tree());
        problems.push("clouds", "odd").warning();
        assert!(problems.to_string().starts_with("warning: odd"));
        assert_eq!(problems.into_result(5).unwrap(), 5);
    }

    #[test]
    fn the_nearest_name() {
        assert_eq!(nearest("wac", ["wacc", "debt"]), Some("wacc"));
        assert_eq!(nearest("xyz", ["wacc", "debt"]), None);
    }
}
