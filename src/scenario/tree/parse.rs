//! RON text to nodes: a recursive descent that goes on after small faults and stops at the first broken bracket.

use super::json;
use super::token::{self, Number};
use super::{Entry, FileId, Kind, MAX_DEPTH, MAX_FILE_BYTES, MAX_NODES, Node, Span};
use std::collections::BTreeMap;

/// Most faults that are kept of one file.
pub(super) const MAX_FAULTS: usize = 1_000;

/// What is wrong with a piece of text.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct Fault {
    pub(in crate::scenario) span: Span,
    pub(in crate::scenario) message: String,
    pub(in crate::scenario) help: Option<String>,
}

impl Fault {
    pub(super) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(super) fn too_large(file: FileId) -> Self {
        Self::new(Span::new(file, 0, 0), format!("the file is larger than {} MiB", MAX_FILE_BYTES >> 20))
    }
}

/// Reads a whole file; `budget` is the number of values that may still be made. Without a node the text is too
/// broken to go on.
pub(super) fn parse(text: &str, file: FileId, budget: &mut usize) -> (Option<Node>, Vec<Fault>) {
    let mut parser = Parser::new(text, start_of(text), file, budget);
    let node = parser.file();
    parser.finish(node)
}

/// As [`parse`], of a file that is no scenario.
pub(super) fn parse_plain(text: &str, file: FileId, budget: &mut usize) -> (Option<Node>, Vec<Fault>) {
    parse_part(text, start_of(text), file, budget)
}

/// As [`parse_plain`], of JSON. What is JSON is read as RON reads it, but for escapes in strings and `null`, which is
/// `None`.
pub(super) fn parse_json(text: &str, file: FileId, budget: &mut usize) -> (Option<Node>, Vec<Fault>) {
    let start = start_of(text);
    if let Some(fault) = json::syntax_fault(text, start, file) {
        return (None, vec![fault]);
    }
    let mut parser = Parser { json: true, ..Parser::new(text, start, file, budget) };
    let node = parser.whole_value();
    parser.finish(node)
}

/// Where a text begins, its mark of byte order aside.
fn start_of(text: &str) -> usize {
    if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
}

/// Reads the one value in bytes `start..end` of `text`.
pub(super) fn parse_part(text: &str, start: usize, file: FileId, budget: &mut usize) -> (Option<Node>, Vec<Fault>) {
    let mut parser = Parser::new(text, start, file, budget);
    let node = parser.whole_value();
    parser.finish(node)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    file: FileId,
    depth: usize,
    budget: &'a mut usize,
    faults: Vec<Fault>,
    /// Where the last string over several lines begins: its closing quote may be another's.
    long_string: Option<usize>,
    /// Whether strings are escaped as in JSON, and nothing is called `null`.
    json: bool,
}

/// What a file looks like.
const FORM: &str = "a scenario is `(name: \"..\", base: \"baseline.ron\", changes: [..])`, or complete without a base";

type Step<T> = Result<T, Fault>;

impl<'a> Parser<'a> {
    fn new(text: &'a str, at: usize, file: FileId, budget: &'a mut usize) -> Self {
        Self { text, at, file, depth: 0, budget, faults: Vec::new(), long_string: None, json: false }
    }

    fn finish(mut self, node: Step<Node>) -> (Option<Node>, Vec<Fault>) {
        match node {
            Ok(node) => (Some(node), self.faults),
            Err(mut fault) => {
                if let (None, Some(start)) = (&fault.help, self.long_string) {
                    let line = self.line(start);
                    fault.help = Some(format!("is the string that begins on line {line} closed where it should be?"));
                }
                self.faults.push(fault);
                (None, self.faults)
            }
        }
    }

    fn file(&mut self) -> Step<Node> {
        self.blank()?;
        let begins_well =
            self.rest().starts_with(['(', '#']) || word_length(self.rest()) > 0 && self.rest().contains('(');
        self.attributes_and_value().map_err(|fault| match (begins_well, &fault.help) {
            (false, None) => fault.help(FORM),
            _ => fault,
        })
    }

    fn attributes_and_value(&mut self) -> Step<Node> {
        // `#![enable(..)]`: all extensions are always on.
        while self.rest().starts_with("#!") {
            let end = self.rest().find(']').ok_or_else(|| self.fault_here("an attribute that is never closed"))?;
            self.at += end + 1;
            self.blank()?;
        }
        self.whole_value()
    }

    fn whole_value(&mut self) -> Step<Node> {
        let node = self.value()?;
        self.blank()?;
        match self.at < self.text.len() {
            true => Err(self.fault_here(format!("expected the end, found {}", self.found()))),
            false => Ok(node),
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn span_from(&self, start: usize) -> Span {
        Span::new(self.file, start, self.at)
    }

    /// The word or character at the cursor, for messages.
    fn found(&self) -> String {
        let word = &self.rest()[..word_length(self.rest())];
        match self.peek() {
            None => "the end".into(),
            Some(_) if !word.is_empty() && word.len() <= 40 => format!("`{word}`"),
            Some(char) => format!("`{}`", char.escape_debug()),
        }
    }

    fn fault_here(&self, message: impl Into<String>) -> Fault {
        let length = word_length(self.rest()).max(self.peek().map_or(0, char::len_utf8));
        Fault::new(Span::new(self.file, self.at, self.at + length), message)
    }

    /// Skips blanks and comments, nested ones too.
    fn blank(&mut self) -> Step<()> {
        loop {
            self.at = self.text.len() - self.rest().trim_start().len();
            if self.rest().starts_with("//") {
                self.at += self.rest().find('\n').unwrap_or(self.rest().len());
            } else if self.rest().starts_with("/*") {
                self.block_comment()?;
            } else {
                return Ok(());
            }
        }
    }

    fn block_comment(&mut self) -> Step<()> {
        let start = self.at;
        let mut open = 0usize;
        loop {
            let rest = self.rest();
            let Some(next) = rest.find(['/', '*']) else {
                return Err(Fault::new(Span::new(self.file, start, start + 2), "a comment that is never closed"));
            };
            let mark = &rest[next..];
            let (step, level) = match mark.get(..2) {
                Some("/*") => (2, open + 1),
                Some("*/") => (2, open - 1),
                _ => (1, open),
            };
            self.at += next + step;
            open = level;
            if open == 0 {
                return Ok(());
            }
        }
    }

    fn value(&mut self) -> Step<Node> {
        self.blank()?;
        let start = self.at;
        *self.budget = self
            .budget
            .checked_sub(1)
            .ok_or_else(|| self.fault_here(format!("the scenario has more than {MAX_NODES} values")))?;
        let kind = match self.peek() {
            Some('"') => self.string()?,
            Some('\'') => self.character()?,
            Some('(') => self.nested(|parser| parser.parenthesis(None))?,
            Some('[') => self.nested(|parser| Ok(Kind::List(parser.items('[', ']')?)))?,
            Some('{') => self.nested(Self::map)?,
            Some('r') if self.at_raw_string() => self.raw_string()?,
            Some('b')
                if self.rest()[1..].starts_with(['"', '\''])
                    || self.rest().starts_with("br\"")
                    || self.rest().starts_with("br#") =>
            {
                return Err(self.fault_here("byte strings are not used in scenarios"));
            }
            Some(char) if char.is_ascii_digit() || "+-.".contains(char) => self.number(),
            Some(_) => self.word(start)?,
            None => return Err(self.fault_here("expected a value, found the end")),
        };
        Ok(Node { kind, span: self.span_from(start) })
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Step<Kind>) -> Step<Kind> {
        if self.depth == MAX_DEPTH {
            return Err(self.fault_here(format!("nested deeper than {MAX_DEPTH} levels")));
        }
        self.depth += 1;
        let kind = read(self);
        self.depth -= 1;
        kind
    }

    fn number(&mut self) -> Kind {
        let rest = self.rest();
        let length = rest.find(|char: char| !(char.is_alphanumeric() || "_.+-".contains(char))).unwrap_or(rest.len());
        let start = self.at;
        self.at += length;
        let number = Number::parse(&rest[..length]).unwrap_or_else(|message| {
            let shown = if length > 80 { "a very long number that cannot be read".into() } else { message };
            self.small_fault(self.span_from(start), shown);
            stand_in()
        });
        Kind::Number(number)
    }

    fn word(&mut self, start: usize) -> Step<Kind> {
        let Some(name) = self.identifier() else {
            return Err(self.fault_here(format!("expected a value, found {}", self.found())));
        };
        if ["inf", "NaN"]
            .iter()
            .any(|word| name == *word || name == format!("{word}f32") || name == format!("{word}f64"))
        {
            self.small_fault(self.span_from(start), format!("`{name}` is not a finite number"));
            return Ok(Kind::Number(stand_in()));
        }
        let end = self.at;
        self.blank()?;
        if self.peek() == Some('(') {
            return self.nested(|parser| parser.parenthesis(Some(name)));
        }
        self.at = end;
        Ok(Kind::Word(if self.json && name == "null" { "None".to_owned() } else { name }))
    }

    /// A field, struct or variant name, also as `r#name`.
    fn identifier(&mut self) -> Option<String> {
        let skipped = if self.rest().starts_with("r#") { 2 } else { 0 };
        let name = &self.rest()[skipped..];
        let length = word_length(name);
        if length == 0 || name.starts_with(|char: char| char.is_numeric()) {
            return None;
        }
        self.at += skipped + length;
        Some(name[..length].to_owned())
    }

    fn string(&mut self) -> Step<Kind> {
        let start = self.at;
        let mut escaped = false;
        for (offset, byte) in self.rest().bytes().enumerate().skip(1) {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    self.at += offset + 1;
                    if self.text[start..self.at].contains('\n') {
                        self.long_string = Some(start);
                    }
                    return Ok(self.text_token(start));
                }
                _ => {}
            }
        }
        Err(Fault::new(Span::new(self.file, start, start + 1), "a string that is never closed"))
    }

    fn at_raw_string(&self) -> bool {
        self.rest()[1..].trim_start_matches('#').starts_with('"')
    }

    fn raw_string(&mut self) -> Step<Kind> {
        let start = self.at;
        let marked = &self.rest()[1..];
        let hashes = marked.len() - marked.trim_start_matches('#').len();
        let content = start + 2 + hashes;
        let close = format!("\"{}", "#".repeat(hashes));
        let length = self.text[content..]
            .find(&close)
            .ok_or_else(|| Fault::new(Span::new(self.file, start, start + 1), "a raw string that is never closed"))?;
        self.at = content + length + close.len();
        Ok(Kind::Text(self.text[content..content + length].to_owned()))
    }

    fn text_token(&mut self, start: usize) -> Kind {
        let token = &self.text[start..self.at];
        let read = if self.json { json::string(token) } else { token::string(token) };
        let text = read.unwrap_or_else(|message| {
            self.small_fault(self.span_from(start), message);
            String::new()
        });
        Kind::Text(text)
    }

    fn character(&mut self) -> Step<Kind> {
        let start = self.at;
        let rest = &self.rest()[1..];
        let escape = usize::from(rest.starts_with('\\'));
        let first = rest[escape..].chars().next().map_or(0, char::len_utf8);
        // No character token is longer than '\u{10ffff}'.
        let close = rest[escape + first..].bytes().take(10).position(|byte| byte == b'\'');
        let Some(close) = close else {
            return Err(Fault::new(Span::new(self.file, start, start + 1), "a character that is never closed"));
        };
        self.at += 1 + escape + first + close + 1;
        let read = token::character(&self.text[start..self.at]);
        Ok(Kind::Char(read.unwrap_or_else(|message| {
            self.small_fault(self.span_from(start), message);
            ' '
        })))
    }

    fn parenthesis(&mut self, name: Option<String>) -> Step<Kind> {
        let open = self.at;
        self.at += 1;
        self.blank()?;
        let first = self.at;
        let named = self.identifier().is_some() && {
            self.blank()?;
            self.peek() == Some(':')
        };
        self.at = first;
        if !named {
            self.at = open;
            return Ok(Kind::Tuple(name, self.items('(', ')')?));
        }
        self.at = open;
        let entries = self.entries('(', ')', |parser| {
            parser
                .identifier()
                .ok_or_else(|| parser.fault_here(format!("expected a field name, found {}", parser.found())))
        })?;
        Ok(Kind::Struct(name, entries))
    }

    fn map(&mut self) -> Step<Kind> {
        let entries = self.entries('{', '}', |parser| {
            let key = parser.value()?;
            match key.kind {
                Kind::Text(text) => Ok(text),
                _ => {
                    parser.small_fault(key.span, format!("a key is a string in quotes, found {}", key.found()));
                    Ok(parser.text[key.span.start as usize..key.span.end as usize].to_owned())
                }
            }
        })?;
        Ok(Kind::Map(entries))
    }

    /// `key: value, ..` up to `close`; the cursor is on `open`.
    fn entries(&mut self, open: char, close: char, key: impl Fn(&mut Self) -> Step<String>) -> Step<Vec<Entry>> {
        let start = self.at;
        self.at += open.len_utf8();
        let mut entries: Vec<Entry> = Vec::new();
        while !self.closes(open, close, start)? {
            let key_start = self.at;
            let name = key(self)?;
            let key_span = self.span_from(key_start);
            self.blank()?;
            if self.peek() != Some(':') {
                return Err(self.fault_here(format!("expected `:` after `{name}`, found {}", self.found())));
            }
            self.at += 1;
            let value = self.value()?;
            entries.push(Entry { key: name, key_span, value });
            self.separator(open, close, start)?;
        }
        self.refuse_repeats(&mut entries);
        Ok(entries)
    }

    /// Keeps the first entry of each key and says so.
    fn refuse_repeats(&mut self, entries: &mut Vec<Entry>) {
        let mut first: BTreeMap<String, Span> = BTreeMap::new();
        entries.retain(|entry| {
            let Some(earlier) = first.get(&entry.key) else {
                first.insert(entry.key.clone(), entry.key_span);
                return true;
            };
            // Lines are counted only while the fault is kept, or a file of repeats would take quadratic time.
            if self.faults.len() < MAX_FAULTS {
                let line = self.line(earlier.start as usize);
                let fault = Fault::new(entry.key_span, format!("`{}` is given twice", entry.key));
                self.faults.push(fault.help(format!("it was first given on line {line}")));
            }
            false
        });
    }

    fn small_fault(&mut self, span: Span, message: impl Into<String>) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault::new(span, message));
        }
    }

    /// `value, ..` up to `close`; the cursor is on `open`.
    fn items(&mut self, open: char, close: char) -> Step<Vec<Node>> {
        let start = self.at;
        self.at += open.len_utf8();
        let mut items = Vec::new();
        while !self.closes(open, close, start)? {
            items.push(self.value()?);
            self.separator(open, close, start)?;
        }
        Ok(items)
    }

    /// Whether the closing bracket is next, which is then consumed.
    fn closes(&mut self, open: char, close: char, start: usize) -> Step<bool> {
        self.blank()?;
        if self.peek().is_none() {
            return Err(Fault::new(
                Span::new(self.file, start, start + open.len_utf8()),
                format!("`{open}` is never closed"),
            ));
        }
        let closes = self.peek() == Some(close);
        if closes {
            self.at += close.len_utf8();
        } else if let Some(other @ (')' | ']' | '}')) = self.peek() {
            return Err(self.wrong_bracket(open, close, other, start));
        }
        Ok(closes)
    }

    fn wrong_bracket(&self, open: char, close: char, found: char, start: usize) -> Fault {
        self.fault_here(format!("expected `{close}` for the `{open}` of line {}, found `{found}`", self.line(start)))
    }

    /// The line of a byte, counted from 1.
    fn line(&self, at: usize) -> usize {
        self.text[..at].matches('\n').count() + 1
    }

    /// A comma, or nothing before the closing bracket.
    fn separator(&mut self, open: char, close: char, start: usize) -> Step<()> {
        self.blank()?;
        match self.peek() {
            Some(',') => {
                self.at += 1;
                Ok(())
            }
            Some(next) if next == close => Ok(()),
            None => Err(Fault::new(
                Span::new(self.file, start, start + open.len_utf8()),
                format!("`{open}` is never closed"),
            )),
            Some(other @ (')' | ']' | '}')) => Err(self.wrong_bracket(open, close, other, start)),
            Some(_) => Err(self.fault_here(format!("expected `,` or `{close}`, found {}", self.found()))),
        }
    }
}

/// Keeps the parser going after a number that cannot be read.
fn stand_in() -> Number {
    Number::of(1.0).expect("one is finite")
}

fn word_length(text: &str) -> usize {
    text.find(|char: char| !(char.is_alphanumeric() || char == '_')).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<Node>, Vec<Fault>) {
        parse(text, FileId(0), &mut MAX_NODES.clone())
    }

    fn first_message(text: &str) -> (String, u32) {
        let (_, faults) = read(text);
        let fault = faults.first().unwrap_or_else(|| panic!("{text} has no fault"));
        (fault.message.clone(), fault.span.start)
    }

    #[test]
    fn every_form_is_read() {
        let text = "#![enable(implicit_some)]\n/* a /* nested */ comment */ Root( // line\n a: 1_000, r#type: \"x\\n\", raw: r#\"a\"b\"#, c: 'x', q: '\\'', w: None, e: (), t: (1, 2,), n: V(5/* no blank */), l: [ ], m: {\"gpt-4-1\": true,},)";
        let (node, faults) = read(text);
        assert!(faults.is_empty(), "{faults:?}");
        let Kind::Struct(Some(name), entries) = node.unwrap().kind else { panic!() };
        assert_eq!(name, "Root");
        let keys: Vec<_> = entries.iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(keys, ["a", "type", "raw", "c", "q", "w", "e", "t", "n", "l", "m"]);
        assert_eq!(entries[1].value.kind, Kind::Text("x\n".into()));
        assert_eq!(entries[2].value.kind, Kind::Text("a\"b".into()));
        assert_eq!(entries[4].value.kind, Kind::Char('\''));
        assert_eq!(entries[6].value.kind, Kind::Tuple(None, vec![]));
    }

    #[test]
    fn each_mistake_has_its_message_and_place() {
        for (text, message, at) in [
            ("", "expected a value, found the end", 0),
            ("(a: 1 b: 2)", "expected `,` or `)`, found `b`", 6),
            ("(a: 1", "`(` is never closed", 0),
            ("[1, 2", "`[` is never closed", 0),
            ("(a 1)", "expected `,` or `)`, found `1`", 3),
            ("(a: 1, 2)", "expected a field name, found `2`", 7),
            ("(a: 1, b 2)", "expected `:` after `b`, found `2`", 9),
            ("(a: )", "expected a value, found `)`", 4),
            ("(a: \"x)", "a string that is never closed", 4),
            ("(a: r#\"x\")", "a raw string that is never closed", 4),
            ("(a: 'x)", "a character that is never closed", 4),
            ("(a: /* x)", "a comment that is never closed", 4),
            ("(a: 1) b", "expected the end, found `b`", 7),
            ("(a: [1)", "expected `]` for the `[` of line 1, found `)`", 6),
            ("(\na: (b: 1]\n)", "expected `)` for the `(` of line 2, found `]`", 10),
            ("(a: 1, a: 2)", "`a` is given twice", 7),
            ("{\"a\": 1, \"a\": 2}", "`a` is given twice", 9),
            ("{a: 1}", "a key is a string in quotes, found `a`", 1),
            ("(a: NaN)", "`NaN` is not a finite number", 4),
            ("(a: -inf)", "`-inf` is not a finite number", 4),
            ("(a: 1e999)", "`1e999` is not a finite number", 4),
            ("(a: 2026-04-27)", "`2026-04-27` is not a number; a date is written in quotes", 4),
            ("(a: \"\\q\")", "a string that cannot be read: Unknown escape character", 4),
            ("(a: b\"x\")", "byte strings are not used in scenarios", 4),
            ("(a: @)", "expected a value, found `@`", 4),
        ] {
            assert_eq!(first_message(text), (message.to_owned(), at), "{text}");
        }
    }

    #[test]
    fn what_may_have_gone_wrong_before_is_said() {
        let help = |text: &str| read(text).1[0].help.clone().unwrap_or_default();
        assert_eq!(help("(\na: \"x,\nb: \"y\",\n)"), "is the string that begins on line 2 closed where it should be?");
        assert!(help("name = 5").starts_with("a scenario is `(name: "));
        assert!(help("").starts_with("a scenario is `(name: "));
        assert_eq!(help("(a: @)"), "");
    }

    #[test]
    fn small_faults_do_not_hide_the_next() {
        let (node, faults) = read("(a: NaN, b: 1-2, a: 3)");
        assert!(node.is_some());
        assert_eq!(faults.len(), 3);
    }

    #[test]
    fn nesting_is_limited() {
        let nested = |levels| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(read(&nested(MAX_DEPTH)).1.is_empty());
        assert_eq!(first_message(&nested(MAX_DEPTH + 1)), ("nested deeper than 64 levels".into(), 64));
        assert_eq!(first_message(&"(".repeat(1_000_000)).0, "nested deeper than 64 levels");
    }

    #[test]
    fn the_number_of_values_is_limited() {
        let (node, faults) = parse("[1, 2, 3]", FileId(0), &mut 3);
        assert!(node.is_none());
        assert_eq!(faults[0].message, "the scenario has more than 1000000 values");
    }
}
