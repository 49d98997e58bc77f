//! Driven from outside: parameters in by files, outcomes out as JSON.

use cloudmarket::cli::reader::FileReader;
use cloudmarket::cli::{Notes, Shell, execute};
use serde_json::Value;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

static NEVER: AtomicBool = AtomicBool::new(false);

/// A folder with files, in which commands are called.
struct Place(tempfile::TempDir);

/// What a call did.
struct Call {
    status: u8,
    out: String,
    err: String,
}

impl Place {
    fn with(files: &[(&str, &str)]) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        files.iter().for_each(|(name, text)| fs::write(place.at(name), text).unwrap());
        place
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Calls a command line, split at blanks; `@x` is the path of `x` in this place, and `%x` a scenario of a rule.
    fn call(&self, line: &str) -> Call {
        let rules = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios/rules");
        let word = |word: &str| match (word.strip_prefix('@'), word.strip_prefix('%')) {
            (Some(name), _) => self.at(name).into_os_string(),
            (_, Some(name)) => rules.join(format!("{name}.ron")).into_os_string(),
            _ => OsString::from(word),
        };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let status = {
            let notes = Notes::new(&mut err, false);
            let mut shell = Shell { reader: &FileReader, out: &mut out, notes, interrupt: &NEVER };
            execute(["cloudmarket".into()].into_iter().chain(line.split_whitespace().map(word)), &mut shell)
        };
        let text = |bytes| String::from_utf8(bytes).unwrap().replace(self.0.path().to_str().unwrap(), "");
        Call { status, out: text(out), err: text(err) }
    }

    /// The only scenario of a run without files, as JSON.
    #[track_caller]
    fn run(&self, options: &str) -> Value {
        let call = self.call(&format!("run %revenue-share --until 2026-06-30 --no-files --json --quiet {options}"));
        assert_eq!((call.status, call.err.as_str()), (0, ""));
        let results: Value = serde_json::from_str(&call.out).unwrap();
        results[0].clone()
    }

    /// The errors of a call that finds its input wrong, each with place and path.
    #[track_caller]
    fn refused(&self, line: &str) -> String {
        let call = self.call(line);
        assert_eq!((call.status, call.out.as_str()), (2, ""), "{}", call.err);
        call.err
    }
}

#[track_caller]
fn says(told: &str, texts: &[&str]) {
    for text in texts {
        assert!(told.contains(text), "`{text}` is not in:\n{told}");
    }
}

const IN_RON: &str = r#"{
    "products.app.price_usd_per_month": Steps([("2025-01-01", 10), ("2025-07-01", 12)]),
    "contracts.deal.terms.share.rule.rate": 0.25, // a quarter
    "contracts.deal.terms.share.rule.total_cap_usd": None,
    "name": "Quarter",
    "seed": 5,
}"#;

const IN_JSON: &str = r#"{
    "products.app.price_usd_per_month": "Steps([(\"2025-01-01\", 10), (\"2025-07-01\", 12)])",
    "contracts.deal.terms.share.rule.rate": 2.5e-1,
    "contracts.deal.terms.share.rule.total_cap_usd": null,
    "name": "\u0051uarter",
    "seed": 5
}"#;

#[test]
fn a_file_in_ron_one_in_json_and_settings_one_by_one_are_the_same() {
    let place = Place::with(&[("p.ron", IN_RON), ("p.json", IN_JSON)]);
    let price = r#"products.app.price_usd_per_month=Steps([("2025-01-01",10),("2025-07-01",12)])"#;
    let share = "contracts.deal.terms.share.rule";
    let one_by_one = place.run(&format!(
        "--set {price} --set {share}.rate=0.25 --set {share}.total_cap_usd=None --set name=Quarter --seed 5"
    ));
    assert_eq!(one_by_one["scenario"], "Quarter");
    assert_ne!(one_by_one["digest"], place.run("")["digest"]);
    for file in ["p.ron", "p.json"] {
        assert_eq!(place.run(&format!("--set-file @{file}")), one_by_one, "{file}");
    }
}

#[test]
fn what_comes_later_goes_before_and_set_before_files() {
    let rate = |rate: f64| format!("{{\"contracts.deal.terms.share.rule.rate\": {rate}}}");
    let (low, high) = (rate(0.1), rate(0.3));
    let place = Place::with(&[("low.ron", &low), ("high.json", &high)]);
    let (low, high) = (place.run("--set-file @low.ron"), place.run("--set-file @high.json"));
    assert_ne!(low["digest"], high["digest"]);
    assert_eq!(place.run("--set-file @low.ron --set-file @high.json"), high);
    assert_eq!(place.run("--set contracts.deal.terms.share.rule.rate=0.3 --set-file @low.ron"), high);
    // Compared with themselves, the base and the other both have them.
    let call =
        place.call("compare %revenue-share %revenue-share --set-file @low.ron --until 2025-06-30 --json --quiet");
    let lines: Value = serde_json::from_str(&call.out).unwrap();
    assert!(lines.as_array().unwrap().iter().all(|line| line["difference"] == 0.0), "{}", call.out);
}

#[test]
fn every_problem_of_the_files_and_of_the_settings_is_told_at_once() {
    let ron =
        "{\n    \"contracts.deal.terms.share.rule.rat\": 0.1,\n    \"seed\": \"many\",\n    \"products.app.\": 1,\n}";
    let json = "{\n  \"horizon.end\": 2030,\n  \"contracts.deal.terms.share.rule.rate\": \"Uncertain(Lognorm(1)\"\n}";
    let place = Place::with(&[("p.ron", ron), ("p.json", json)]);
    let files = "--set-file @p.ron --set-file @gone.json --set-file @p.json";
    let told = place.refused(&format!("run %revenue-share {files} --set sede=1 --out @out"));
    says(
        &told,
        &[
            "there is no file `/gone.json`",
            "/p.ron:2:5",
            "`contracts.deal.terms.share.rule` has no `rat`",
            "did you mean `rate`?",
            "/p.ron:3:13",
            "expected a whole number from 0, found the string \"many\"",
            "/p.ron:4:5",
            "`products.app.` has an empty step",
            "/p.json:2:18",
            "found the number 2030",
            "/p.json:3:43",
            "`(` is never closed",
            "<--set>:1:1",
            "did you mean `seed`?",
            "7 problems; nothing was written",
        ],
    );
    assert!(!place.at("out").exists());
}

#[test]
fn a_file_that_is_no_map_or_says_a_thing_twice_is_refused() {
    let twice = "{\n  \"seed\": 1,\n  \"seed\": 2\n}";
    let place = Place::with(&[
        ("fields.ron", "(seed: 1)"),
        ("list.json", "[1]"),
        ("broken.json", "{\n  \"seed\": 1,\n}"),
        ("ron.json", "{\"seed\": Sourced(1, \"a:b\")}"),
        ("twice.json", twice),
        ("twice.ron", twice),
        ("deep.json", &format!("{{\"seed\": {}{}}}", "[".repeat(70), "]".repeat(70))),
    ]);
    for (file, texts) in [
        ("fields.ron", ["/fields.ron:1:1", "expected a map from paths to values, found fields"]),
        ("list.json", ["/list.json:1:1", "expected a map from paths to values, found a list"]),
        ("broken.json", ["/broken.json:3:1", "JSON has no trailing commas"]),
        ("ron.json", ["/ron.json:1:10", "this is not JSON: expected value"]),
        ("twice.json", ["/twice.json:3:3", "`seed` is given twice"]),
        ("twice.ron", ["/twice.ron:3:3", "it was first given on line 2"]),
        ("deep.json", ["/deep.json:1:73", "nested deeper than 64 levels"]),
    ] {
        // What every scenario is given is told once.
        let told = place.refused(&format!("run %revenue-share %commitment --set-file @{file} --no-files"));
        says(&told, &texts);
        says(&told, &["1 problem; nothing was written"]);
    }
}

/// Sums are in the scenario's own comment: 328,542.09 USD a day, of which a fifth is due.
const OUTCOMES: &str = r#"(outcomes: {
    "paid-in-2025": (metric: "revenue_share_paid_usd", entity: "deal.share", statistic: At("2025-12-31")),
    "over-ten-million": (metric: "revenue_share_paid_usd", entity: "deal.share", statistic: FirstAbove(1e7)),
    "never": (metric: "revenue_share_paid_usd", entity: "deal.share", statistic: FirstAbove(1e12)),
})"#;

#[test]
fn outcomes_come_out_by_name_and_no_file_is_written() {
    let place = Place::with(&[("o.ron", OUTCOMES)]);
    let result = place.run("--outcomes @o.ron --replications 2");
    let outcome = |id: &str, field: &str| result["outcomes"][id][field].clone();
    assert!((outcome("paid-in-2025", "mean").as_f64().unwrap() - 23_983_572.90).abs() < 1.0, "{result}");
    assert_eq!(outcome("paid-in-2025", "values").as_array().unwrap().len(), 2);
    // 10 million are a fifth of 152 days' revenue; the quarter with that day is closed and paid by the end of June.
    assert_eq!(outcome("over-ten-million", "mean"), 2025.5);
    assert_eq!((outcome("never", "count"), outcome("never", "mean")), (0.into(), Value::Null));
    assert_eq!(outcome("never", "values"), serde_json::json!([null, null]));
    assert_eq!(result["folder"], Value::Null);
    assert_eq!(fs::read_dir(place.0.path()).unwrap().count(), 1);
    let call = place.call("run %revenue-share --until 2026-06-30 --outcomes @o.ron --no-files --quiet");
    says(&call.out, &["revenue-share  paid-in-2025", "revenue-share  never", "0 of "]);
}

#[test]
fn outcomes_are_kept_beside_the_files_and_of_sweep_files_and_forks_too() {
    let fork = r#"(changes: [Set("contracts.deal.terms.share.rule.rate", 0.1)])"#;
    let place = Place::with(&[("o.ron", OUTCOMES), ("less.ron", fork)]);
    let sweep = format!("{}/tests/sweep/share.ron", env!("CARGO_MANIFEST_DIR"));
    let call = place.call(&format!(
        "run %revenue-share --until 2026-06-30 --outcomes {sweep} --out @out --no-charts --json --quiet"
    ));
    let results: Value = serde_json::from_str(&call.out).unwrap();
    let ids: Vec<&String> = results[0]["outcomes"].as_object().unwrap().keys().collect();
    assert_eq!(ids, ["capped-by", "paid", "revenue"]);
    assert!(place.at("out/revenue-share/metrics.parquet").exists());
    let options = "--at 2025-07-01 --with-base --until 2026-06-30 --outcomes @o.ron --no-files --json --quiet";
    let call = place.call(&format!("branch %revenue-share @less.ron {options}"));
    let results: Value = serde_json::from_str(&call.out).unwrap_or_else(|_| panic!("{}", call.err));
    let paid = |fork: usize| results[fork]["outcomes"]["paid-in-2025"]["mean"].as_f64().unwrap();
    assert_eq!((results[0]["stem"].as_str(), results[1]["stem"].as_str()), (Some("less"), Some("revenue-share")));
    // A fifth of 181 of 365 days, and a tenth of the rest.
    let part = (181.0 + 0.5 * 184.0) / 365.0;
    assert!((paid(1) - 23_983_572.90).abs() < 1.0 && (paid(0) / paid(1) - part).abs() < 1e-6, "{results}");
}

#[test]
fn wrong_outcomes_are_refused_before_anything_runs() {
    let wrong = r#"(outcomes: {
        "a": (metric: "revenue_share_payed_usd", entity: "deal.share", statistic: Last),
        "b": (metric: "revenue_lab_usd", entity: "atlass", statistic: At("2031-01-01")),
        "c": (metric: "revenue_lab_usd", entity: "atlas", statistic: Median),
    })"#;
    let later = r#"(outcomes: {"a": (metric: "revenue_share_paid_usd", entity: "deal.other", statistic: Last)})"#;
    let place = Place::with(&[("wrong.ron", wrong), ("none.ron", "(outcomes: {})"), ("later.ron", later)]);
    let refused = |file: &str| place.refused(&format!("run %revenue-share --outcomes @{file} --out @out"));
    says(&refused("wrong.ron"), &["/wrong.ron:4:", "unknown form `Median`"]);
    fs::write(place.at("wrong.ron"), wrong.replace("Median", "Max")).unwrap();
    says(
        &refused("wrong.ron"),
        &[
            "`outcomes.a.metric`",
            "did you mean `revenue_share_paid_usd`?",
            "the scenario has no lab of this id",
            "did you mean `atlas`?",
            "outside the runs",
        ],
    );
    says(&refused("none.ron"), &["at least one outcome is needed"]);
    says(&refused("gone.ron"), &["gone.ron` cannot be read"]);
    assert!(!place.at("out").exists());
    let call = place.call("run %revenue-share --until 2025-06-30 --outcomes @later.ron --no-files");
    assert_eq!(call.status, 1);
    says(
        &call.err,
        &["outcome `a`: the run recorded no `revenue_share_paid_usd` of `deal.other`; choose another series"],
    );
    let told = place.refused("run %revenue-share --no-files --out @out");
    says(&told, &["--no-files", "--out"]);
}
