//! House rules that the compiler does not know: which module may use which, and what a source file looks like.
//!
//! The rules are functions from a file's name and text to findings, so that the last tests can show each of them a
//! snippet that it must flag.

use std::fmt;
use std::path::{Path, PathBuf};

/// The modules from top to bottom: each may use those of lower rows, and none of its own row but itself.
const LAYERS: [&[&str]; 10] = [
    &["cli"],
    &["report", "evidence"],
    &["experiment"],
    &["scenario"],
    &["model"],
    &["market"],
    &["supply"],
    &["accounts"],
    &["engine"],
    &["units"],
];

/// `ids` is used by all but the two lowest layers, which know no entities; it may use nothing but `units`.
const IDS: &str = "ids";
const WITHOUT_IDS: [&str; 2] = ["engine", "units"];

/// The modules that a run's results are computed in.
const SIMULATION: [&str; 6] = ["engine", "accounts", "supply", "market", "model", "units"];

const LONGEST_FILE: usize = 700;

/// Firms, and products that stand for them. What is modelled knows clouds and labs; which ones is up to scenarios.
const FIRMS: [&str; 19] = [
    "amazon",
    "amd",
    "anthropic",
    "aws",
    "azure",
    "bedrock",
    "cerebras",
    "chatgpt",
    "claude",
    "coreweave",
    "deepseek",
    "gemini",
    "google",
    "microsoft",
    "mistral",
    "nvidia",
    "openai",
    "oracle",
    "trainium",
];

/// Words that have no place in a simulation, and why.
const BANNED: [(&str, &str); 6] = [
    ("HashMap", "its order differs from run to run"),
    ("HashSet", "its order differs from run to run"),
    ("thread_rng", "chance comes from named streams only"),
    ("from_entropy", "chance comes from named streams only"),
    ("from_os_rng", "chance comes from named streams only"),
    ("RandomState", "its order differs from run to run"),
];

/// Names of the wall clock, and the one file that may look at it.
const CLOCKS: [&str; 2] = ["Instant", "SystemTime"];
const CLOCK_FILE: &str = "cli/clock.rs";

/// Notes to oneself, written so that this file does not flag itself.
const NOTES: [&str; 6] =
    [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK"), "todo!", "unimplemented!"];

/// A rule that a line breaks.
#[derive(Debug, PartialEq)]
struct Finding {
    file: PathBuf,
    line: usize,
    what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file.display(), self.line, self.what)
    }
}

/// A source file.
struct Source {
    /// Folder of the crate, such as `src`.
    folder: &'static str,
    /// Path from that folder.
    path: PathBuf,
    text: String,
    /// Whether it is compiled for tests only.
    only_tests: bool,
}

impl Source {
    /// The top-level module that the file belongs to; `None` for the roots `lib.rs` and `main.rs`.
    fn module(&self) -> Option<&str> {
        let first = Path::new(self.path.iter().next()?);
        let name = first.file_stem()?.to_str()?;
        (!["lib", "main"].contains(&name)).then_some(name)
    }

    /// The modules that the file declares for tests only, as paths without ending.
    fn test_modules(&self) -> Vec<PathBuf> {
        let own = match self.path.file_stem().and_then(|stem| stem.to_str()) {
            Some("mod" | "lib" | "main") | None => self.path.with_file_name(""),
            Some(_) => self.path.with_extension(""),
        };
        let lines: Vec<&str> = self.text.lines().map(str::trim).collect();
        let declared = lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]");
        declared.filter_map(|pair| Some(own.join(pair[1].strip_suffix(';')?.rsplit_once("mod ")?.1))).collect()
    }

    /// Its lines, counted from 1, up to the tests at its end.
    fn lines_before_tests(&self) -> impl Iterator<Item = (usize, &str)> {
        let everything = !self.only_tests;
        let lines = (1..).zip(self.text.lines());
        lines.take_while(move |(_, line)| everything && line.trim() != "mod tests {")
    }

    /// The same without comments.
    fn code_before_tests(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines_before_tests().map(|(number, line)| (number, without_comment(line)))
    }

    fn finding(&self, line: usize, what: impl Into<String>) -> Finding {
        Finding { file: Path::new(self.folder).join(&self.path), line, what: what.into() }
    }
}

/// `line` up to a comment. A `//` behind a colon is part of an address in a text.
fn without_comment(line: &str) -> &str {
    let starts = line.match_indices("//").map(|(place, _)| place);
    let comment = starts.into_iter().find(|place| !line[..*place].ends_with(':'));
    comment.map_or(line, |place| &line[..place])
}

/// The words (`[A-Za-z0-9_]+`) of a line.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|modules| modules.contains(&module))
}

/// The top-level modules that a line names through `crate::` or, in the program, `cloudmarket::`.
fn modules_named(line: &str) -> Vec<&str> {
    let mut named = Vec::new();
    for root in ["crate::", "cloudmarket::"] {
        for (place, _) in line.match_indices(root) {
            let rest = &line[place + root.len()..];
            match rest.strip_prefix('{') {
                None => named.extend(words(rest).next()),
                Some(group) => named.extend(group_heads(group)),
            }
        }
    }
    named
}

/// The first names of the members of `a::b, c::{d, e}, f};`.
fn group_heads(group: &str) -> Vec<&str> {
    let mut heads = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (place, c) in group.char_indices().chain([(group.len(), '}')]) {
        match c {
            '{' => depth += 1,
            '}' | ',' if depth == 0 => {
                heads.extend(words(&group[start..place]).next());
                start = place + 1;
                if c == '}' {
                    break;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    heads
}

fn check_arrows(source: &Source) -> Vec<Finding> {
    let Some(module) = source.module() else { return Vec::new() };
    if module != IDS && layer(module).is_none() {
        return vec![source.finding(1, format!("`{module}` is in no layer: give it a place in tests/tidy.rs"))];
    }
    let mut findings = Vec::new();
    for (number, line) in statements(&source.text) {
        for used in modules_named(&line) {
            if let Some(reason) = forbidden(module, used) {
                findings.push(source.finding(number, format!("`{module}` uses `{used}`: {reason}")));
            }
        }
    }
    findings
}

/// Lines without comments, where the lines of a `use crate::{…}` are joined to its first.
fn statements(text: &str) -> Vec<(usize, String)> {
    let mut joined: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (number, line) in (1..).zip(text.lines()) {
        let line = without_comment(line);
        match joined.last_mut() {
            Some((_, statement)) if open => statement.push_str(line.trim()),
            _ => joined.push((number, line.to_owned())),
        }
        let starts = line.contains("use crate::{") || line.contains("use cloudmarket::{");
        open = (open || starts) && !line.contains(';');
    }
    joined
}

/// Why `module` may not use `used`, if so.
fn forbidden(module: &str, used: &str) -> Option<String> {
    if module == used {
        return None;
    }
    if used == IDS {
        return WITHOUT_IDS.contains(&module).then(|| "it knows no entities".to_owned());
    }
    let below = layer(used)?;
    if module == IDS {
        return (used != "units").then(|| "ids stand below everything but units".to_owned());
    }
    let own = layer(module)?;
    if below > own {
        return None;
    }
    let reason = if below == own { "they stand side by side" } else { "arrows run downwards only" };
    Some(format!("{reason} ({})", LAYERS.map(|modules| modules.join(", ")).join(" → ")))
}

fn check_length(source: &Source) -> Vec<Finding> {
    let lines = source.text.lines().count();
    let too_long = || source.finding(LONGEST_FILE + 1, format!("{lines} lines; at most {LONGEST_FILE}: split it"));
    (lines > LONGEST_FILE).then(too_long).into_iter().collect()
}

fn check_notes(source: &Source) -> Vec<Finding> {
    let lines = (1..).zip(source.text.lines());
    let note = |line: &str| NOTES.into_iter().find(|note| contains_note(line, note));
    lines.filter_map(|(number, line)| Some(source.finding(number, format!("`{}`", note(line)?)))).collect()
}

/// Macros as they are written, the others as whole words.
fn contains_note(line: &str, note: &str) -> bool {
    if note.ends_with('!') { line.contains(note) } else { words(line).any(|word| word == note) }
}

fn check_head(source: &Source) -> Vec<Finding> {
    let starts_well = source.text.starts_with("//! ");
    let missing = || source.finding(1, "starts without a `//!` comment that says what the file is for");
    (!starts_well).then(missing).into_iter().collect()
}

fn in_simulation(source: &Source) -> bool {
    source.module().is_some_and(|module| SIMULATION.contains(&module))
}

fn check_banned(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in source.code_before_tests().filter(|_| in_simulation(source)) {
        for (word, why) in BANNED {
            if words(line).any(|found| found == word) {
                findings.push(source.finding(number, format!("`{word}`: {why}")));
            }
        }
    }
    findings
}

fn check_clocks(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in source.code_before_tests().filter(|_| source.path != Path::new(CLOCK_FILE)) {
        if words(line).any(|word| CLOCKS.contains(&word)) {
            findings.push(source.finding(number, format!("only {CLOCK_FILE} looks at the wall clock")));
        }
    }
    findings
}

fn check_figures_of_the_world(source: &Source) -> Vec<Finding> {
    // What the world looks like belongs into scenarios. `units` defines what a date is and may name its bounds.
    let about_the_world = in_simulation(source) && source.module() != Some("units");
    let mut findings = Vec::new();
    for (number, line) in source.code_before_tests().filter(|_| about_the_world) {
        for word in words(line) {
            let parts = word.split('_').map(str::to_ascii_lowercase);
            if let Some(firm) = parts.into_iter().find(|part| FIRMS.contains(&part.as_str())) {
                findings.push(source.finding(number, format!("the firm `{firm}`: name it in a scenario")));
            }
        }
        if has_date(line) {
            findings.push(source.finding(number, "a calendar date: put it into a scenario"));
        }
    }
    findings
}

/// Whether a line has a date `dddd-dd-dd`.
fn has_date(line: &str) -> bool {
    line.as_bytes().windows(10).any(|window| {
        window
            .iter()
            .enumerate()
            .all(|(i, byte)| if [4, 7].contains(&i) { *byte == b'-' } else { byte.is_ascii_digit() })
    })
}

fn read(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        // Whatever has a manifest of its own is a crate of its own.
        if path.is_dir() && !path.join("Cargo.toml").exists() {
            read(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// All files in a folder of the crate.
fn sources(folder: &'static str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files = Vec::new();
    if root.is_dir() {
        read(&root, &mut files);
    }
    let texts = files.into_iter().map(|file| {
        let text = std::fs::read_to_string(&file).unwrap();
        (file.strip_prefix(&root).unwrap().to_path_buf(), text)
    });
    mark_tests(texts.map(|(path, text)| Source { folder, path, text, only_tests: false }).collect())
}

/// Finds the files that are compiled for tests only, by the modules that declare them.
fn mark_tests(mut sources: Vec<Source>) -> Vec<Source> {
    let modules: Vec<PathBuf> = sources.iter().flat_map(Source::test_modules).collect();
    for source in &mut sources {
        let module = source.path.with_extension("");
        source.only_tests = modules.iter().any(|test| module.starts_with(test));
    }
    sources
}

#[track_caller]
fn nothing_found(rule: fn(&Source) -> Vec<Finding>) {
    let sources = sources("src");
    assert!(sources.len() > 10, "the sources were not found");
    let findings: Vec<String> = sources.iter().flat_map(rule).map(|finding| finding.to_string()).collect();
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}

#[test]
fn modules_use_only_what_is_below_them() {
    nothing_found(check_arrows);
}

#[test]
fn no_file_is_too_long() {
    nothing_found(check_length);
}

#[test]
fn no_notes_to_oneself_are_left() {
    nothing_found(check_notes);
}

#[test]
fn every_file_says_what_it_is_for() {
    nothing_found(check_head);
    let tests: Vec<Finding> = ["tests", "benches"].into_iter().flat_map(sources).flat_map(|s| check_head(&s)).collect();
    assert!(tests.is_empty(), "{tests:?}");
}

#[test]
fn nothing_in_a_simulation_differs_from_run_to_run() {
    nothing_found(check_banned);
}

#[test]
fn one_file_looks_at_the_clock() {
    nothing_found(check_clocks);
}

#[test]
fn the_simulation_names_no_firm_and_no_date() {
    nothing_found(check_figures_of_the_world);
}

/// What `rule` says of `text` in `path`, without the place.
fn said_of(rule: fn(&Source) -> Vec<Finding>, path: &str, text: &str) -> Vec<String> {
    let source = Source { folder: "src", path: PathBuf::from(path), text: text.to_owned(), only_tests: false };
    rule(&source).into_iter().map(|finding| format!("{}: {}", finding.line, finding.what)).collect()
}

#[test]
fn wrong_arrows_are_flagged_with_their_line() {
    for (path, text, expected) in [
        ("engine/queue.rs", "use crate::market::Order;", "1: `engine` uses `market`"),
        ("engine/mod.rs", "\nuse crate::ids::CloudId;", "2: `engine` uses `ids`"),
        ("units/time.rs", "fn f() -> crate::engine::Clock {", "1: `units` uses `engine`"),
        ("supply/site.rs", "use crate::{\n    units::Time,\n    model::World,\n};", "1: `supply` uses `model`"),
        ("market/terms/share.rs", "use crate::{units::{Time, Usd}, scenario::Spec};", "1: `market` uses `scenario`"),
        ("experiment/parallel.rs", "pub use crate::report::files;", "1: `experiment` uses `report`"),
        ("report/tables.rs", "use crate::evidence::score;", "1: `report` uses `evidence`: they stand side by side"),
        ("report/tables.rs", "use crate::cli::Shell;", "1: `report` uses `cli`"),
        ("ids.rs", "use crate::model::World;", "1: `ids` uses `model`"),
        ("helpers/mod.rs", "", "1: `helpers` is in no layer"),
    ] {
        let said = said_of(check_arrows, path, text);
        assert!(said.len() == 1 && said[0].starts_with(expected), "{path}: {said:?}");
    }
}

#[test]
fn right_arrows_are_not_flagged() {
    for (path, text) in [
        ("cli/run.rs", "use crate::{report::Every, experiment::{study, sink}, units::Usd};"),
        ("report/mod.rs", "use crate::model::record::Recorded;\nuse crate::experiment::manifest::Manifest;"),
        ("supply/site.rs", "use crate::ids::SiteId;\nuse super::params::Site;\nuse crate::supply::order;"),
        ("engine/mod.rs", "// the opposite of crate::market::Order\nuse crate::units::Time;"),
        ("lib.rs", "use crate::cli::Shell;"),
        ("ids.rs", "use crate::units::Time;"),
    ] {
        assert_eq!(said_of(check_arrows, path, text), Vec::<String>::new(), "{path}");
    }
}

#[test]
fn long_files_and_missing_heads_are_flagged() {
    assert_eq!(said_of(check_length, "a.rs", &"x\n".repeat(701)), ["701: 701 lines; at most 700: split it"]);
    assert!(said_of(check_length, "a.rs", &"x\n".repeat(700)).is_empty());
    assert_eq!(said_of(check_head, "a.rs", "use x;\n//! Late.").len(), 1);
    assert!(said_of(check_head, "a.rs", "//! Early.\nuse x;").is_empty());
}

#[test]
fn notes_are_flagged_as_words() {
    for note in NOTES {
        assert_eq!(said_of(check_notes, "a.rs", &format!("fine\n    // {note} later")), [format!("2: `{note}`")]);
    }
    assert!(said_of(check_notes, "a.rs", "let hacksaw = toDOs;").is_empty());
}

#[test]
fn what_differs_from_run_to_run_is_flagged_in_simulation_code_only() {
    for (word, why) in BANNED {
        let line = format!("use x::{word};");
        assert_eq!(said_of(check_banned, "model/world.rs", &line), [format!("1: `{word}`: {why}")]);
        assert!(said_of(check_banned, "cli/clock.rs", &line).is_empty());
        assert!(said_of(check_banned, "model/world.rs", &format!("// {line}")).is_empty());
        assert!(said_of(check_banned, "model/world.rs", &format!("mod tests {{\n{line}")).is_empty());
    }
    assert!(said_of(check_banned, "model/world.rs", "let HashMapped = RandomStates;").is_empty());
}

#[test]
fn clocks_are_flagged_everywhere_else() {
    for line in ["let start = Instant::now();", "use std::time::{Duration, SystemTime};"] {
        assert_eq!(said_of(check_clocks, "report/charts/draw.rs", line).len(), 1, "{line}");
        assert!(said_of(check_clocks, CLOCK_FILE, line).is_empty());
    }
    assert!(said_of(check_clocks, "model/world.rs", "let InstantQueue = 1; // Instant").is_empty());
}

#[test]
fn files_for_tests_only_are_known_by_who_declares_them() {
    let source =
        |path: &str, text: &str| Source { folder: "src", path: path.into(), text: text.into(), only_tests: false };
    let marked = mark_tests(vec![
        source("market/mod.rs", "#[cfg(test)]\npub(crate) mod mini;\nmod choice;"),
        source("market/mini.rs", "use x::HashMap;"),
        source("market/mini/part.rs", ""),
        source("market/choice.rs", "#[cfg(test)]\nmod tests;"),
        source("market/choice/tests.rs", ""),
        source("market/minimum.rs", ""),
    ]);
    let only_tests: Vec<bool> = marked.iter().map(|source| source.only_tests).collect();
    assert_eq!(only_tests, [false, true, true, false, true, false]);
    assert!(check_banned(&marked[1]).is_empty());
}

#[test]
fn firms_and_dates_are_flagged_in_simulation_code_only() {
    let rule = check_figures_of_the_world;
    for (line, expected) in [
        ("if cloud.name == \"azure\" {", "1: the firm `azure`"),
        ("fn openai_share() {", "1: the firm `openai`"),
        ("let until = \"2026-04-27\";", "1: a calendar date"),
    ] {
        let said = said_of(rule, "market/choice.rs", line);
        assert!(said.len() == 1 && said[0].starts_with(expected), "{line}: {said:?}");
        assert!(said_of(rule, "report/charts.rs", line).is_empty());
        assert!(said_of(rule, "market/choice.rs", &format!("/// {line}")).is_empty());
    }
    assert!(said_of(rule, "market/choice.rs", "let amdahl = laws(awsome); // aws").is_empty());
}
