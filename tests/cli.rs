//! The command line, on scenarios that compute nothing: order, interruption, failure, outputs and exit status.

#[path = "cli/fake.rs"]
mod fake;

use cloudmarket::cli::{Notes, Shell, execute};
use cloudmarket::experiment::manifest::Manifest;
use fake::FakeReader;
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

/// A folder with scenario files, in which commands are called.
struct Place(tempfile::TempDir);

/// What a call did.
struct Call {
    status: u8,
    out: String,
    err: String,
}

impl Call {
    /// The call ended with `status`.
    #[track_caller]
    fn ends_with(self, status: u8) -> Self {
        assert_eq!(self.status, status, "out: {}\nerr: {}", self.out, self.err);
        self
    }

    /// Standard error says each of `texts`.
    #[track_caller]
    fn says(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.err.contains(text), "`{text}` is not in: {}", self.err);
        }
        self
    }
}

impl Place {
    /// Scenario files by name and text; see [`fake`] for what the text may say.
    fn with(files: &[(&str, &str)]) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            let path = place.at(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        place
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Calls a command line, split at blanks; `@x` is the path of `x` in this place.
    fn call(&self, line: &str) -> Call {
        let (mut out, mut err, interrupt) = (Vec::new(), Vec::new(), AtomicBool::new(false));
        let status = {
            let notes = Notes::new(&mut err, false);
            let mut shell = Shell { reader: &FakeReader, out: &mut out, notes, interrupt: &interrupt };
            execute(self.arguments(line), &mut shell)
        };
        Call { status, out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap() }
    }

    fn arguments(&self, line: &str) -> Vec<OsString> {
        let own = |word: &str| match word.strip_prefix('@') {
            Some(name) => self.at(name).into_os_string(),
            None => OsString::from(word),
        };
        std::iter::once(OsString::from("cloudmarket")).chain(line.split_whitespace().map(own)).collect()
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.at(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn manifest(&self, name: &str) -> Manifest {
        Manifest::from_ron(&self.read(name)).unwrap()
    }

    /// Names of the files in a folder, sorted.
    fn files(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = self.at(folder).read_dir() else { return Vec::new() };
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.path().is_file())
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

#[test]
fn a_run_writes_a_folder_for_each_scenario() {
    let place = Place::with(&[("s/a.ron", "replications=3"), ("s/b.ron", "replications=2")]);
    let call = place.call("run @s --out @out --no-charts").ends_with(0);
    assert_eq!(
        place.files("out/a"),
        ["manifest.ron", "metrics.parquet", "statements.csv", "summary.csv", "timing.json"]
    );
    assert_eq!(place.files("out/b"), place.files("out/a"));
    let manifest = place.manifest("out/a/manifest.ron");
    assert!(manifest.complete);
    assert_eq!((manifest.finished.as_slice(), manifest.events), ([0, 1, 2].as_slice(), 300));
    let row = format!("a                    3     300  {}", &manifest.digest[..16]);
    assert!(call.out.contains(&row), "`{row}` is not in: {}", call.out);
    call.says(&["5 of 5 replications in "]);
}

#[test]
fn the_number_of_threads_moves_no_byte() {
    let place = Place::with(&[("s/a.ron", "replications=9 slow=2"), ("s/b.ron", "replications=4")]);
    for threads in ["1", "2", "5"] {
        place.call(&format!("run @s --out @out{threads} --threads {threads} --format csv --no-charts")).ends_with(0);
    }
    let in_a = ["a/manifest.ron", "a/metrics.csv", "a/summary.csv", "a/statements.csv"];
    for name in in_a.into_iter().chain(["b/manifest.ron", "b/metrics.csv"]) {
        let one = place.read(&format!("out1/{name}"));
        assert_eq!(one, place.read(&format!("out2/{name}")), "{name}");
        assert_eq!(one, place.read(&format!("out5/{name}")), "{name}");
    }
}

#[test]
fn options_reach_the_scenario_and_the_tables() {
    let place = Place::with(&[("a.ron", "replications=9")]);
    let options = "--replications 2 --seed 77 --set shift=5 --format csv,parquet --every quarter --ledger --no-charts";
    place.call(&format!("run @a.ron --out @out {options}")).ends_with(0);
    let names = [
        "ledger.parquet",
        "manifest.ron",
        "metrics.csv",
        "metrics.parquet",
        "statements.csv",
        "summary.csv",
        "timing.json",
    ];
    assert_eq!(place.files("out/a"), names);
    assert_eq!(place.manifest("out/a/manifest.ron").seed, 77);
    let ledger = SerializedFileReader::new(File::open(place.at("out/a/ledger.parquet")).unwrap()).unwrap();
    assert_eq!(ledger.metadata().file_metadata().num_rows(), 2 * 2);
    let metrics = place.read("out/a/metrics.csv");
    let rows: Vec<&str> = metrics.lines().skip(1).collect();
    assert_eq!(rows, ["Fake a,0,2023-03-31,share_revenue,azure,,82", "Fake a,1,2023-03-31,share_revenue,azure,,83"]);
}

#[test]
fn timing_is_apart_from_what_is_compared() {
    let place = Place::with(&[("a.ron", "replications=1")]);
    place.call("run @a.ron --out @out --no-charts --threads 2").ends_with(0);
    let timing: serde_json::Value = serde_json::from_str(&place.read("out/a/timing.json")).unwrap();
    assert_eq!(timing["threads"], 2);
    assert!(timing["wall_seconds"].as_f64().unwrap() >= 0.0 && timing["events_per_second"].as_f64().unwrap() > 0.0);
    let manifest = place.read("out/a/manifest.ron");
    assert!(!manifest.contains("seconds") && !manifest.contains("threads"), "{manifest}");
}

#[test]
fn every_problem_of_every_file_is_told_and_nothing_is_written() {
    let place = Place::with(&[("s/a.ron", "replicatons=3\nsede=1"), ("s/b.ron", ""), ("s/c.ron", "oops")]);
    place.call("run @s --out @out").ends_with(2).says(&[
        "replicatons",
        "sede",
        "oops",
        "3 problems; nothing was written",
    ]);
    assert!(!place.at("out").exists());
}

#[test]
fn two_files_of_one_stem_are_refused() {
    let place = Place::with(&[("x/a.ron", ""), ("y/a.ron", "")]);
    place.call("run @x @y --out @out").ends_with(2).says(&["x/a.ron and ", "would both write to the folder `a`"]);
    assert!(!place.at("out").exists());
}

#[test]
fn an_output_folder_that_cannot_be_written_to_says_what_to_do() {
    let place = Place::with(&[("a.ron", ""), ("taken", "a file"), ("out/a", "a file too")]);
    place.call("run @a.ron --out @taken").ends_with(2).says(&["taken", "choose another folder with --out"]);
    place.call("run @a.ron --out @out").ends_with(2).says(&["out/a: is not a folder"]);
}

#[test]
fn a_broken_replication_loses_no_other() {
    let place = Place::with(&[("s/a.ron", "replications=4 break=1"), ("s/b.ron", "replications=2")]);
    place
        .call("run @s --out @out --no-charts")
        .ends_with(1)
        .says(&["a: replication 1 failed: cash ran out", "incomplete: a"]);
    let manifest = place.manifest("out/a/manifest.ron");
    assert!(!manifest.complete);
    assert_eq!(manifest.finished, [0, 2, 3]);
    assert!(place.manifest("out/b/manifest.ron").complete);
}

#[test]
fn a_panic_is_reported_and_loses_no_other() {
    let place = Place::with(&[("a.ron", "replications=3 panic=2")]);
    place.call("run @a.ron --out @out --no-charts").ends_with(1).says(&["replication 2 failed", "please report it"]);
    assert_eq!(place.manifest("out/a/manifest.ron").finished, [0, 1]);
}

#[test]
fn an_interrupted_run_keeps_what_is_finished_and_says_which() {
    let place = Place::with(&[("s/a.ron", "replications=50 interrupt=3"), ("s/b.ron", "replications=2")]);
    place.call("run @s --out @out --threads 1 --format csv").ends_with(130).says(&["finished replications are kept"]);
    let manifest = place.manifest("out/a/manifest.ron");
    assert!(!manifest.complete && manifest.broken.is_empty());
    assert_eq!(manifest.finished, [0, 1, 2, 3]);
    assert_eq!(place.files("out/a"), ["manifest.ron", "metrics.csv", "statements.csv", "summary.csv", "timing.json"]);
    assert_eq!(place.read("out/a/metrics.csv").lines().count(), 1 + 4 * 3);
    assert!(place.files("out/b").is_empty(), "a scenario that was not begun was written");
}

#[test]
fn a_run_without_any_result_leaves_the_last_one_alone() {
    let place = Place::with(&[("a.ron", "replications=1")]);
    place.call("run @a.ron --out @out --no-charts").ends_with(0);
    let before = place.read("out/a/manifest.ron");
    place.call("run @a.ron --out @out --set break=0").ends_with(1);
    assert_eq!(place.read("out/a/manifest.ron"), before);
    assert_eq!(
        place.files("out/a"),
        ["manifest.ron", "metrics.parquet", "statements.csv", "summary.csv", "timing.json"]
    );
}

#[test]
fn what_an_earlier_run_left_is_taken_away() {
    let place = Place::with(&[("a.ron", "replications=1"), ("out/a/charts/old.png", ""), ("out/a/notes.md", "mine")]);
    place.call("run @a.ron --out @out --ledger --no-charts").ends_with(0);
    place.call("run @a.ron --out @out --format csv --no-charts").ends_with(0);
    assert_eq!(
        place.files("out/a"),
        ["manifest.ron", "metrics.csv", "notes.md", "statements.csv", "summary.csv", "timing.json"]
    );
    assert!(place.files("out/a/charts").is_empty());
}

#[test]
fn warnings_are_told_once_with_their_number() {
    let place = Place::with(&[("a.ron", "replications=3 warn=odd")]);
    place.call("run @a.ron --out @out --no-charts").ends_with(0).says(&["a: warning: odd (3 times)"]);
    assert!(place.read("out/a/manifest.ron").contains("count: 3"));
}

#[test]
fn quiet_tells_nothing_and_json_is_json() {
    let place = Place::with(&[("a.ron", "replications=2 warn=odd")]);
    let call = place.call("run @a.ron --out @out --quiet --json --no-charts").ends_with(0);
    assert_eq!(call.err, "");
    let lines: serde_json::Value = serde_json::from_str(&call.out).unwrap();
    assert_eq!((lines[0]["stem"].as_str(), lines[0]["complete"].as_bool()), (Some("a"), Some(true)));
    assert_eq!(lines[0]["digest"].as_str().unwrap(), place.manifest("out/a/manifest.ron").digest);
}

#[test]
fn compare_pairs_replications_of_one_seed() {
    let place = Place::with(&[("a.ron", "replications=3 seed=10"), ("b.ron", "replications=8 seed=20 shift=1")]);
    let call = place.call("compare @a.ron @b.ron --json --quiet").ends_with(0);
    let lines: serde_json::Value = serde_json::from_str(&call.out).unwrap();
    let line = &lines[0];
    assert_eq!((line["scenario"].as_str(), line["metric"].as_str()), (Some("b"), Some("share_revenue")));
    // Month 2 of replication r is seed + r + shift: 11 on average for the base, 12 for the other.
    assert_eq!((line["pairs"].as_u64(), line["base_mean"].as_f64()), (Some(3), Some(11.0)));
    assert_eq!((line["difference"].as_f64(), line["half_width_95"].as_f64()), (Some(1.0), Some(0.0)));
    assert_eq!(lines.as_array().unwrap().len(), 1);
}

#[test]
fn compare_takes_a_month_or_a_period() {
    let place = Place::with(&[("a.ron", "replications=1 seed=10"), ("b.ron", "shift=1")]);
    let base_mean = |window: &str| {
        let call = place.call(&format!("compare @a.ron @b.ron {window} --json --quiet")).ends_with(0);
        let lines: serde_json::Value = serde_json::from_str(&call.out).unwrap();
        lines[0]["base_mean"].as_f64().unwrap()
    };
    assert_eq!(base_mean(""), 10.0);
    assert_eq!(base_mean("--date 2023-02-14"), 9.0);
    assert_eq!(base_mean("--from 2023-01-01 --to 2023-02-01"), 8.5);
}

#[test]
fn compare_prints_a_table() {
    let place = Place::with(&[("a.ron", "replications=2"), ("b.ron", "replications=2 shift=3")]);
    let call = place.call("compare @a.ron @b.ron --entity azure --metric share_revenue").ends_with(0);
    let lines: Vec<&str> = call.out.lines().collect();
    assert_eq!(lines.len(), 2, "{}", call.out);
    assert!(lines[0].starts_with("scenario  metric") && lines[1].contains("3.000000"), "{}", call.out);
}

#[test]
fn compare_leaves_monthly_differences_and_a_chart_for_each_metric() {
    let place = Place::with(&[("a.ron", "replications=3"), ("b.ron", "replications=3 shift=5")]);
    place.call("compare @a.ron @b.ron --metric share_revenue --out @found --quiet").ends_with(0);
    assert_eq!(place.files("found/b"), ["differences.csv"]);
    assert_eq!(place.files("found/b/charts"), ["share_revenue.png"]);
    let differences = place.read("found/b/differences.csv");
    assert!(differences.starts_with("metric,entity,counterparty,date,base_mean,"), "{differences}");
    assert!(differences.lines().skip(1).all(|line| line.ends_with(",3")), "{differences}");
    let blocked = place.call("compare @a.ron @b.ron --metric share_revenue --out @a.ron").ends_with(1);
    blocked.says(&["a.ron"]);
}

#[test]
fn compare_refuses_what_it_does_not_know() {
    let place = Place::with(&[("a.ron", ""), ("b.ron", "")]);
    let wrong = |options: &str| place.call(&format!("compare @a.ron @b.ron {options}")).ends_with(2);
    wrong("--metric share_revenu --entity azur").says(&["Did you mean `share_revenue`?", "Did you mean `azure`?"]);
    wrong("--date 2031-01-31").says(&["2031-01-31 is outside the run", "from 2023-01-31 to 2023-03-31"]);
    wrong("--from 2023-02-01 --to 2023-01-01").says(&["--from 2023-02-01 is after --to 2023-01-01"]);
    wrong("--metric hhi_model").says(&["nothing to compare"]);
}

#[test]
fn compare_of_a_broken_scenario_fails() {
    let place = Place::with(&[("a.ron", "replications=3"), ("b.ron", "break=1")]);
    let call = place.call("compare @a.ron @b.ron").ends_with(1).says(&["replication 1 of Fake b failed: cash ran out"]);
    assert_eq!(call.out, "");
}

/// Differences 0, 2, 0, 2, …: a half-width of 0.5 needs 4, then 8, 16 and as many as that spread lets expect.
#[test]
fn compare_adds_replications_until_the_interval_is_narrow_and_repeats_none() {
    let place = Place::with(&[("a.ron", "replications=4"), ("b.ron", "noise=2")]);
    let call = place.call("compare @a.ron @b.ron --half-width 0.5 --json").ends_with(0);
    let lines: serde_json::Value = serde_json::from_str(&call.out).unwrap();
    let (pairs, half_width) = (lines[0]["pairs"].as_u64().unwrap(), lines[0]["half_width_95"].as_f64().unwrap());
    // t(n − 1)·√(s²/n) with s² about 1: 0.503 of 18 and 0.494 of 19, with s² = n/(n − 1) or a little less.
    assert!((18..=20).contains(&pairs) && half_width <= 0.5, "{lines}");
    let of_batches = ["8 of 8 replications", "8 of 8 replications", "16 of 16 replications"];
    let told: Vec<&str> = call.err.lines().filter(|line| line.contains(" replications in ")).collect();
    assert!(told.len() == 4 && told.iter().zip(of_batches).all(|(line, text)| line.starts_with(text)), "{told:?}");
    let last = format!("{} of", 2 * (pairs - 16));
    assert!(told[3].starts_with(&last), "{told:?}");
    let call = place.call("compare @a.ron @b.ron --half-width 1% --max-replications 12 --json").ends_with(0);
    let call = call.says(&["1 of 1 differences are not known as well as asked for after 12 replications"]);
    assert!(call.out.contains("\"pairs\": 12"), "{}", call.out);
    let wrong = |options: &str| place.call(&format!("compare @a.ron @b.ron {options}")).ends_with(2);
    wrong("--half-width 0").says(&["expected a number above 0, or per cent such as 2%"]);
    wrong("--half-width 1 --replications 1").says(&["--half-width begins with 1 replications"]);
    wrong("--half-width 1 --max-replications 3").says(&["begins with 4 replications", "from 2 to 3"]);
    wrong("--max-replications 3").says(&["--half-width"]);
}

/// A level of 11 on average. 3 and doubling: alone 3 and 11, together 2·14 − 11 = 17, so ½(3 + 6) and ½(11 + 14).
#[test]
fn compare_splits_a_difference_over_the_changes_that_make_it() {
    let place = Place::with(&[("a.ron", "replications=3 seed=10"), ("b.ron", "change=shift:3 change=twice")]);
    let call = place.call("compare @a.ron @b.ron --attribute --json --quiet --out @out").ends_with(0);
    let found: serde_json::Value = serde_json::from_str(&call.out).unwrap();
    let (one, part) = (&found[0], |place: usize| found[0]["parts"][place]["part"].as_f64().unwrap());
    assert_eq!((one["base_mean"].as_f64(), one["difference"].as_f64()), (Some(11.0), Some(17.0)));
    assert!((part(0) - 4.5).abs() < 1e-12 && (part(1) - 12.5).abs() < 1e-12, "{found}");
    assert_eq!(one["parts"][1]["change"], "2 twice");
    assert_eq!(place.files("out/b"), ["attribution.csv"]);
    assert_eq!(place.files("out/b/charts"), ["attribution_share_revenue_azure.png"]);
    let csv = place.read("out/b/attribution.csv");
    let parts: Vec<f64> = csv.lines().skip(1).map(|row| row.split(',').nth(4).unwrap().parse().unwrap()).collect();
    assert!((parts[0] + parts[1] - parts[2]).abs() < 1e-9 && parts[2] == 17.0, "{csv}");
    let together = place.call("compare @a.ron @b.ron --attribute --together 1,2").ends_with(0).out;
    assert!(together.contains("1 shift:3 and 2 twice"), "{together}");
}

/// Eight changes that add 1 to 8: each part is what it adds, in any order.
#[test]
fn compare_draws_orders_of_more_than_six_changes() {
    let changes: String = (1..=8).map(|n| format!(" change=shift:{n}")).collect();
    let place = Place::with(&[("a.ron", "replications=2"), ("b.ron", &changes)]);
    let call = place.call("compare @a.ron @b.ron --attribute --orders 3").ends_with(0);
    let parts: Vec<f64> =
        call.out.lines().skip(1).map(|row| row.split_whitespace().nth(4).unwrap().parse().unwrap_or(36.0)).collect();
    assert_eq!(parts, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 36.0], "{}", call.out);
    call.says(&["parts are means over 6 drawn orders"]);
}

#[test]
fn compare_says_which_changes_cannot_do_without_each_other() {
    let place = Place::with(&[
        ("a.ron", "replications=2"),
        ("b.ron", "change=shift:1 change=needs:1 change=shift:2"),
        ("c.ron", ""),
        ("d.ron", "change=shift:1 shift=4"),
    ]);
    let wrong = |line: &str| place.call(&format!("compare {line} --attribute --out @out")).ends_with(2);
    let call = wrong("@a.ron @b.ron");
    call.says(&["2 needs:1 cannot do without 1 shift:1; make them together with --together 1,2", "1 problem;"]);
    place.call("compare @a.ron @b.ron --attribute --together 2,1 --quiet").ends_with(0);
    wrong("@a.ron @b.ron --together 1,7 --together 1,2").says(&["no change 7, but 3", "change 1 is named twice"]);
    wrong("@a.ron @c.ron").says(&["c.ron: --attribute splits", "found 0"]);
    wrong("@a.ron @d.ron").says(&["without its changes it is not", "differs in `shift`"]);
    wrong("@a.ron @b.ron @c.ron").says(&["of one OTHER", "there are 2"]);
    wrong("@a.ron @b.ron --together 1,2 --metric hhi_model").says(&["nothing to split"]);
    assert!(place.files("out/b").is_empty());
}

#[test]
fn check_says_what_is_right_and_what_is_not() {
    let place = Place::with(&[("a.ron", "replications=3 seed=4"), ("bad.ron", "sede=1")]);
    assert_eq!(place.call("check @a.ron").ends_with(0).out, "a: right (Fake a; 3 replications, seed 4)\n");
    place.call("check @a.ron @bad.ron").ends_with(2).says(&["sede", "1 problem;"]);
    let sources = place.call("check @a.ron --sources").ends_with(0).out;
    assert!(sources.contains("assumed") && sources.contains("2 figures, of which 1 assumed"), "{sources}");
    assert_eq!(place.call("check @a.ron --resolved").ends_with(0).out, "// a\n(replications: 3)\n");
}

#[test]
fn lists_have_a_line_for_each_thing() {
    let place = Place::with(&[("s/a.ron", "replications=3"), ("s/b.ron", "")]);
    let metrics = place.call("list metrics").ends_with(0).out;
    assert!(metrics.lines().count() > 10 && metrics.contains("price_usd_per_mtok  "), "{metrics}");
    let scenarios = place.call("list scenarios @s").ends_with(0).out;
    assert!(scenarios.contains("a         3             Fake a: computes nothing"), "{scenarios}");
    let entities = place.call("list entities @s/a.ron --json").ends_with(0).out;
    assert_eq!(serde_json::from_str::<serde_json::Value>(&entities).unwrap()[0]["id"], "azure");
}

#[test]
fn wrong_usage_is_wrong_input() {
    let place = Place::with(&[("a.ron", "")]);
    for (line, text) in [
        ("", "Usage"),
        ("walk", "unrecognized subcommand 'walk'"),
        ("run @gone.ron", "gone.ron"),
        ("run @a.ron --threads 0", "expected a number from 1 to 1024"),
        ("run @a.ron --replications 0", "--replications"),
        ("run @a.ron --until 2031-02-30", "expected a date"),
        ("run @a.ron --every week", "expected month, quarter or year"),
        ("run @a.ron --format xml", "xml"),
        ("run @a.ron --set nothing", "expected PATH=VALUE"),
        ("compare @a.ron", "required"),
    ] {
        place.call(line).ends_with(2).says(&[text]);
    }
}

#[test]
fn help_is_a_result_and_shows_examples() {
    for command in ["run", "compare", "check", "list"] {
        let call = Place::with(&[]).call(&format!("{command} --help")).ends_with(0);
        assert!(call.out.contains("Examples:\n  cloudmarket "), "{}", call.out);
        assert_eq!(call.err, "");
    }
}

/// A pipe whose reader has gone.
struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_reader_that_went_away_is_no_failure() {
    let place = Place::with(&[("a.ron", "replications=1")]);
    let (mut err, interrupt) = (Closed, AtomicBool::new(false));
    let notes = Notes::new(&mut err, false);
    let mut shell = Shell { reader: &FakeReader, out: &mut Closed, notes, interrupt: &interrupt };
    assert_eq!(execute(place.arguments("run @a.ron --out @out --no-charts"), &mut shell), 0);
    assert!(place.manifest("out/a/manifest.ron").complete);
    assert!(!interrupt.load(Ordering::Relaxed));
}

fn program() -> Command {
    Command::new(Path::new(env!("CARGO_BIN_EXE_cloudmarket")))
}

#[test]
fn the_program_survives_closed_pipes() {
    let mut child = program().args(["list", "metrics"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn the_program_gives_its_exit_status() {
    let status_of = |arguments: &[&str]| program().args(arguments).output().unwrap().status.code();
    assert_eq!(status_of(&["--version"]), Some(0));
    assert_eq!(status_of(&["check", "no-such-file.ron"]), Some(2));
    assert_eq!(status_of(&["walk"]), Some(2));
}
