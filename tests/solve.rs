//! Break-even: a crossing that is known by hand, none, and everything that may be wrong with the question.

use cloudmarket::experiment::sweep::solve::Solve;
use cloudmarket::model::Options;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const SOLVE: &str = "tests/sweep/solve.ron";
/// What the rate 0.2 pays in 2025 at a plain price, in USD.
const TARGET: f64 = 23_983_572.90;

fn solve(arguments: &[&str], out: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloudmarket"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).arg("solve").args(arguments).arg("--out").arg(out);
    command.output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[track_caller]
fn solved(arguments: &[&str], out: &Path) -> Value {
    let output = solve(&[arguments, &["--json", "--quiet"]].concat(), out);
    assert!(output.status.success() && output.stderr.is_empty(), "{}", told(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The file of the tests in `folder`, with text replaced; it stays beside the rules that it varies.
fn variant(folder: &Path, replace: &[(&str, &str)]) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join(SOLVE)).unwrap();
    let text = text.replace("../../scenarios", root.join("scenarios").to_str().unwrap());
    let text = replace.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    let path = folder.join("solve.ron");
    fs::write(&path, text).unwrap();
    path
}

#[track_caller]
fn near(value: &Value, expected: f64) {
    let value = value.as_f64().unwrap();
    assert!((value - expected).abs() < 1e-6 * expected, "{value}, not {expected}");
}

/// What is paid is the rate times the revenue, so its mean and the half-width of its interval are lines through nothing:
/// with their quotient k, known at any point, the interval of the crossing r goes from r/(1 + k) to r/(1 − k). A price
/// that is 1.2 times as high in every replication needs a rate 1.2 times as low.
#[test]
fn the_rate_that_pays_a_known_sum_is_found_under_every_policy() {
    let folder = tempfile::tempdir().unwrap();
    let found = solved(&[SOLVE], folder.path());
    let names = ["axis", "outcome"].map(|name| found[name].as_str());
    assert_eq!((names, found["target"].as_f64()), ([Some("rate"), Some("paid")], Some(TARGET)));
    let [plain, cheap, dear] = [0, 1, 2].map(|policy| &found["results"][policy]);
    assert_eq!([plain, cheap, dear].map(|one| one["policy"].as_str()), [Some("plain"), Some("cheap"), Some("dear")]);
    near(&plain["value"], 0.2);
    near(&plain["interval_95"][0], 0.2);
    near(&plain["interval_95"][1], 0.2);
    let rate = cheap["value"].as_f64().unwrap();
    near(&dear["value"], rate / 1.2);
    for one in [cheap, dear] {
        let value = |value: &Value| value.as_f64().unwrap();
        let rate = value(&one["value"]);
        let points = one["points"].as_array().unwrap();
        let point = points.iter().find(|point| point["replications"] == 16).unwrap();
        near(&(TARGET * value(&point["value"]) / value(&point["mean"])).into(), rate);
        let k = value(&point["half_width_95"]) / value(&point["mean"]);
        near(&one["interval_95"][0], rate / (1.0 + k));
        near(&one["interval_95"][1], rate / (1.0 - k));
        assert!(value(&one["bracket"][0]) <= rate && rate <= value(&one["bracket"][1]), "{one}");
        let ran: u64 = points.iter().map(|point| point["replications"].as_u64().unwrap()).sum();
        assert_eq!(Some(ran), one["runs"].as_u64(), "all runs are of points that are told");
        // Points half an interval apart, and both ends.
        let apart = 0.5 * (value(&one["interval_95"][1]) - value(&one["interval_95"][0]));
        assert_eq!(value(&one["runs_of_grid"]), ((0.25 / apart).ceil() + 1.0) * 16.0);
    }
}

#[test]
fn threads_move_nothing_and_the_table_holds_every_point() {
    let folder = tempfile::tempdir().unwrap();
    let [one, two] = ["one", "two"].map(|name| folder.path().join(name));
    let found = [("1", &one), ("2", &two)].map(|(threads, out)| solved(&[SOLVE, "--threads", threads], out));
    let tables = [&one, &two].map(|out| fs::read_to_string(out.join("solve/solve.csv")).unwrap());
    assert_eq!((&found[0], &tables[0]), (&found[1], &tables[1]));
    let rows: Vec<Vec<&str>> = tables[0].lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows[0], ["policy", "row", "value", "replications", "mean", "half_width_95"]);
    let results = found[0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 3);
    for result in results {
        let of_policy: Vec<&Vec<&str>> = rows.iter().filter(|row| result["policy"] == row[0]).collect();
        let points: Vec<f64> =
            of_policy.iter().filter(|row| row[1] == "point").map(|row| row[2].parse().unwrap()).collect();
        assert_eq!(points.len(), result["points"].as_array().unwrap().len());
        assert!(points.is_sorted());
        let crossing = of_policy.iter().find(|row| row[1] == "crossing").unwrap();
        assert_eq!(crossing[2].parse().ok(), result["value"].as_f64());
    }
    for policy in ["plain", "cheap", "dear"] {
        let charts = [&one, &two].map(|out| fs::read(out.join(format!("solve/solve-{policy}.png"))).unwrap());
        assert!(charts[0] == charts[1] && !charts[0].is_empty());
    }
    let text = solve(&[SOLVE, "--quiet"], &one);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("paid = 23983573, policy plain\n") && text.contains("\nrate  "), "{text}");
    assert!(text.contains("95 % interval") && text.contains("bracket") && text.contains("runs of a grid"), "{text}");
}

#[test]
fn a_target_out_of_reach_has_no_crossing_and_both_ends_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = variant(folder.path(), &[("target: 23_983_572.90", "target: 50_000_000")]);
    let file = file.to_str().unwrap();
    let found = solved(&[file], folder.path());
    let plain = &found["results"][0];
    assert_eq!((plain["crossing"].as_bool(), plain["says"].as_str()), (Some(false), Some("no crossing in range")));
    // A twentieth, and three tenths, of 119,917,864.48 USD.
    near(&plain["at_low"]["mean"], 5_995_893.22);
    near(&plain["at_high"]["mean"], 35_975_359.34);
    assert!(folder.path().join("solve/solve-plain.png").exists(), "what was run is drawn");
    let text = solve(&[file, "--no-charts"], &folder.path().join("bare"));
    assert!(text.status.success() && !folder.path().join("bare/solve/solve-plain.png").exists());
    let text = String::from_utf8(text.stdout).unwrap();
    assert_eq!(text.matches("no crossing in range").count(), 3, "{text}");
    assert!(text.contains("at rate 0.050000") && text.contains("at rate 0.300000") && text.contains(" +- "), "{text}");
}

#[test]
fn options_stand_for_what_the_file_says() {
    let folder = tempfile::tempdir().unwrap();
    let replications = |found: &Value| {
        let points = found["results"][1]["points"].as_array().unwrap().clone();
        points.iter().map(|point| point["replications"].as_u64().unwrap()).max().unwrap()
    };
    let [own, fewer, other] = [&[][..], &["--replications", "5"], &["--seed", "8"]]
        .map(|options| solved(&[&[SOLVE], options].concat(), folder.path()));
    assert_eq!((replications(&own), replications(&fewer)), (16, 5));
    assert_ne!(own["results"][1]["value"], other["results"][1]["value"]);
    // A plain price has no luck, but for the cents of the books.
    near(&other["results"][0]["value"], 0.2);
    let short = solve(&[SOLVE, "--until", "2025-06-30"], folder.path());
    assert!(short.status.code() == Some(2) && told(&short).contains("outside the runs"), "{}", told(&short));
}

/// What is wrong, and words that the answer holds.
const WRONG: [(&str, &str, &[&str]); 13] = [
    (
        "    solve: (axis: \"rate\", outcome: \"paid\", target: 23_983_572.90),\n",
        "",
        &["nothing to solve for", "add `solve: (axis: \"rate\", outcome: \"paid\", target: 0.0)`"],
    ),
    ("axis: \"rate\"", "axis: \"rat\"", &["solve.axis", "no axis of this id", "did you mean `rate`?", "solve.ron:24:"]),
    (
        "axis: \"rate\"",
        "axis: \"cap\"",
        &["between two ends, which this axis does not have", "such as `values: Range("],
    ),
    ("outcome: \"paid\"", "outcome: \"payed\"", &["no outcome of this id", "did you mean `paid`?"]),
    ("target: 23_983_572.90", "target: inf", &["target"]),
    ("target: 23_983_572.90", "target: 1, tolerance: 0", &["solve.tolerance", "above 0 and below 0.25"]),
    ("target: 23_983_572.90", "target: 1, tolerance: 0.25", &["solve.tolerance", "above 0 and below 0.25"]),
    ("target: 23_983_572.90", "targets: 1", &["targets", "target"]),
    ("points: 3)", "points: 3), whole: true", &["solve.axis", "whole values go in steps"]),
    ("Range(from: 0.05, to: 0.3, points: 3)", "Normal(mean: 0.2, sd: 0.01)", &["between two ends"]),
    ("to: 0.3", "to: 1.3", &["contracts.deal.terms.share.rule.rate", "of: point 1 (rate 1.3), policy plain"]),
    ("replications: 16", "replications: 1", &["replications", "at least 2 replications"]),
    ("rules/revenue-share.ron", "rules/revenue-shares.ron", &["there is no scenario file"]),
];

#[test]
fn wrong_questions_are_refused_before_anything_runs() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    for (right, wrong, words) in WRONG {
        let file = variant(folder.path(), &[(right, wrong)]);
        let output = solve(&[file.to_str().unwrap()], &out);
        let told = told(&output);
        assert_eq!(output.status.code(), Some(2), "{wrong}: {told}");
        assert!(words.iter().all(|word| told.contains(word)), "{wrong}: {told}");
        assert!(!out.exists(), "{wrong}: something was written");
    }
    let two = [("axis: \"rate\"", "axis: \"x\""), ("outcome: \"paid\"", "outcome: \"y\"")];
    let two = variant(folder.path(), &two);
    assert!(told(&solve(&[two.to_str().unwrap()], &out)).contains("2 problems; nothing was written"));
}

/// The shipped questions, and the one that the page explains, are right, as far as can be told without running them.
#[test]
fn shipped_questions_and_the_example_of_the_page_are_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/sweeps");
    let page = fs::read_to_string(folder.join("README.md")).unwrap();
    let block = page.lines().find(|line| line.starts_with("    solve: (")).expect("the page shows a question").trim();
    let example = page.split("```ron\n").nth(1).unwrap().split("```").next().unwrap();
    let example = example.replace("../rules", folder.parent().unwrap().join("rules").to_str().unwrap());
    let beside = tempfile::tempdir().unwrap();
    let mut files = vec![beside.path().join("example.ron")];
    fs::write(&files[0], format!("{}{block}\n)\n", example.trim_end().strip_suffix(')').unwrap())).unwrap();
    let shipped = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let scenarios = shipped.filter(|path| path.extension().is_some_and(|ending| ending == "ron"));
    files.extend(scenarios.filter(|path| fs::read_to_string(path).unwrap().contains("\n    solve: (")));
    assert!(files.len() > 2, "fewer questions are shipped than there were");
    for file in &files {
        let read = Solve::read(file, &[], Options::default());
        assert!(read.is_ok(), "{}: {:?}", file.display(), read.err());
    }
}

/// At the least rate less than ten million are ever paid: there is no such month, and no mean of them.
#[test]
fn an_outcome_that_a_run_does_not_have_ends_the_search() {
    let folder = tempfile::tempdir().unwrap();
    let file =
        variant(folder.path(), &[("outcome: \"paid\", target: 23_983_572.90", "outcome: \"when\", target: 2025.8")]);
    let output = solve(&[file.to_str().unwrap()], folder.path());
    let told = told(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("nothing can be said of when at rate 0.050000"), "{told}");
    assert!(told.contains("because: a run has no such outcome"), "{told}");
    assert!(!folder.path().join("solve/solve.csv").exists());
}
