//! Sensitivity: a product whose shares are known, the same bytes however it is run, and everything that may be wrong.

use cloudmarket::experiment::sweep::Limits;
use cloudmarket::experiment::sweep::sensitivity::Sensitivity;
use cloudmarket::model::Options;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const STUDY: &str = "tests/sweep/sensitivity.ron";
const SOBOL: &str = "sensitivity: Sobol(base_points: 256)";

fn sensitivity(arguments: &[&str], out: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloudmarket"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).arg("sensitivity").args(arguments).arg("--out").arg(out);
    command.output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[track_caller]
fn done(output: &Output) -> String {
    assert!(output.status.success(), "{}", told(output));
    told(output)
}

#[track_caller]
fn found(arguments: &[&str], out: &Path) -> Value {
    let output = sensitivity(&[arguments, &["--json", "--quiet", "--no-charts"]].concat(), out);
    done(&output);
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The file of the tests in `folder`, with text replaced; it stays beside the rules that it varies.
fn variant(folder: &Path, replace: &[(&str, &str)]) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join(STUDY)).unwrap();
    let text = text.replace("../../scenarios", root.join("scenarios").to_str().unwrap());
    let text = replace.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    let path = folder.join("sensitivity.ron");
    fs::write(&path, text).unwrap();
    path
}

/// A measure of a factor for the first outcome.
fn measure(found: &Value, factor: &str, measure: &str) -> f64 {
    let factors = found["findings"][0]["factors"].as_array().unwrap();
    let of = factors.iter().find(|of| of["factor"] == factor).unwrap_or_else(|| panic!("{factor}"));
    of[measure]["value"].as_f64().unwrap()
}

/// The outcome is a product of independent factors with squared coefficients of variation 0.2²/12/0.2² = 1/12 of the rate,
/// 0.4²/12 = 1/75 of the price, and k of the luck, about 0.1². Over the squared mean, V = (1 + 1/12)(1 + 1/75)(1 + k) − 1; the
/// rate brings 1/12 of it by itself, the price 1/75, the luck k; with all that it does together, each brings as much times
/// one and the other two.
#[test]
fn shares_of_a_product_are_found_with_chance_among_them() {
    let folder = tempfile::tempdir().unwrap();
    let found = found(&[STUDY], folder.path());
    let rest = (1.0 + 1.0 / 12.0) * (1.0 + 1.0 / 75.0);
    let total = measure(&found, "chance", "total");
    // T = k·rest/(rest·(1 + k) − 1), solved for k.
    let k = total * (rest - 1.0) / (rest * (1.0 - total));
    assert!((0.004..0.02).contains(&k), "16 draws of a deviation of a tenth: {k}");
    let variance = rest * (1.0 + k) - 1.0;
    for (factor, brings) in [("rate", 1.0 / 12.0), ("price", 1.0 / 75.0), ("chance", k), ("cap", 0.0)] {
        let first = measure(&found, factor, "first");
        assert!((first - brings / variance).abs() < 0.03, "{factor}: {first}, not {}", brings / variance);
    }
    let rate = measure(&found, "rate", "total");
    let together = (1.0 + 1.0 / 75.0) * (1.0 + k) / 12.0 / variance;
    assert!((rate - together).abs() < 0.05, "{rate}, not {together}");
    assert_eq!(measure(&found, "cap", "total"), 0.0, "a cap that never binds moves nothing");
    let finding = &found["findings"][0];
    let order: Vec<&str> =
        finding["factors"].as_array().unwrap().iter().map(|factor| factor["factor"].as_str().unwrap()).collect();
    assert_eq!((order[0], order[3]), ("rate", "cap"));
    let shares = ["assumptions", "chance", "both"].map(|share| finding["shares_of_variance"][share].as_f64().unwrap());
    assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{shares:?}");
    assert!((shares[0] - (1.0 - total)).abs() < 1e-12 && shares[1] == measure(&found, "chance", "first"), "{shares:?}");
    // Revenue knows no rate.
    let of_revenue = found["findings"][1]["factors"].as_array().unwrap();
    let rate = of_revenue.iter().find(|factor| factor["factor"] == "rate").unwrap();
    assert_eq!(rate["total"]["interval_95"], serde_json::json!([0.0, 0.0]));
}

/// From the lowest of four levels to the highest, three quarters of 0.2, the rate moves what is paid by 0.15 times the
/// revenue, which at all prices and lucks is 119,917,864.48 USD on average.
#[test]
fn screening_finds_the_effects_of_a_product() {
    let folder = tempfile::tempdir().unwrap();
    let file = variant(folder.path(), &[(SOBOL, "sensitivity: Morris(trajectories: 24, levels: 4)")]);
    let found = found(&[file.to_str().unwrap()], folder.path());
    let (size, mean) = (measure(&found, "rate", "mean_size"), measure(&found, "rate", "mean"));
    assert!((size / (0.15 * 119_917_864.48) - 1.0).abs() < 0.1, "{size}");
    assert!((size / mean - 1.0).abs() < 1e-12, "a higher rate never pays less");
    assert_eq!(measure(&found, "cap", "mean_size"), 0.0);
    assert!(measure(&found, "chance", "mean_size") > 1e5);
    assert!(found["findings"][0]["shares_of_variance"].is_null(), "effects are no shares");
    assert_eq!(found["sweep"]["runs"].as_u64(), Some(24 * 5));
}

#[test]
fn threads_slices_and_repaired_parts_give_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let [one, slices] = ["one", "slices"].map(|name| folder.path().join(name));
    let file = variant(folder.path(), &[(SOBOL, "sensitivity: Sobol(base_points: 8)")]);
    let file = file.to_str().unwrap();
    let results = |out: &Path| {
        let of = |name: &str| fs::read(out.join("sensitivity/sensitivity").join(name)).unwrap();
        ["sensitivity.csv", "results.parquet", "manifest.ron"].map(of)
    };
    done(&sensitivity(&[file, "--threads", "1", "--no-charts"], &one));
    for shard in ["2/3", "0/3"] {
        done(&sensitivity(&[file, "--threads", "2", "--no-charts", "--shard", shard], &slices));
    }
    assert!(!slices.join("sensitivity/sensitivity/sensitivity.csv").exists());
    let rest = done(&sensitivity(&[file, "--no-charts"], &slices));
    assert!(rest.contains("32 of 48 runs are there already"), "{rest}");
    assert!(results(&one) == results(&slices), "slices differ");
    let parts = slices.join("sensitivity/sensitivity/parts");
    fs::remove_file(parts.join("part-00003.parquet")).unwrap();
    fs::write(parts.join("part-00005.parquet"), "torn").unwrap();
    let rest = done(&sensitivity(&[file, "--no-charts"], &slices));
    assert!(rest.contains("46 of 48 runs are there already") && rest.contains("part-00005.parquet: is"), "{rest}");
    assert!(results(&one) == results(&slices), "repaired parts differ");
}

#[test]
fn the_table_and_the_charts_are_of_every_outcome() {
    let folder = tempfile::tempdir().unwrap();
    let file = variant(folder.path(), &[(SOBOL, "sensitivity: Sobol(base_points: 16)")]);
    let output = sensitivity(&[file.to_str().unwrap(), "--quiet"], folder.path());
    done(&output);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("paid\nfactor ") && text.contains("\nrevenue\nfactor "), "{text}");
    assert_eq!(text.matches("shares of variance: assumptions ").count(), 2, "{text}");
    let results = folder.path().join("sensitivity/sensitivity");
    let table = fs::read_to_string(results.join("sensitivity.csv")).unwrap();
    assert!(
        table.starts_with(
            "policy,outcome,factor,measure,value,standard_error,low_95,high_95\nunchanged,paid,rate,total,"
        )
    );
    // Two outcomes of four factors with two measures each, and three shares.
    assert_eq!(table.lines().count(), 1 + 2 * (4 * 2 + 3));
    for outcome in ["paid", "revenue"] {
        assert!(results.join(format!("charts/{outcome}.png")).exists(), "{outcome}");
    }
}

/// What is wrong, and words that the answer holds.
const WRONG: [(&str, &str, &[&str]); 9] = [
    (
        "    sensitivity: Sobol(base_points: 256),\n",
        "",
        &["asks for no study of its axes", "add `sensitivity: Morris("],
    ),
    (
        SOBOL,
        "sensitivity: Sobol(base_points: 1)",
        &["sensitivity.base_points", "from 2 to 1,000,000", "sensitivity.ron:20:"],
    ),
    (SOBOL, "sensitivity: Sobol(base_points: 10_000)", &["60000 points", "--max-runs", "at most 10000"]),
    (SOBOL, "sensitivity: Sobol(points: 8)", &["points", "base_points"]),
    (SOBOL, "sensitivity: Morris(trajectories: 1, levels: 4)", &["sensitivity.trajectories", "from 2 to"]),
    (SOBOL, "sensitivity: Morris(trajectories: 8, levels: 3)", &["sensitivity.levels", "an even number of levels"]),
    ("replications: 16", "replications: 1", &["replications", "chance is a factor"]),
    ("\"cap\":", "\"chance\":", &["axes.chance", "another id"]),
    ("high: 0.3", "high: 1.7", &["contracts.deal.terms.share.rule.rate", "of: point "]),
];

#[test]
fn wrong_studies_are_refused_before_anything_runs() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    for (right, wrong, words) in WRONG {
        let file = variant(folder.path(), &[(right, wrong)]);
        let output = sensitivity(&[file.to_str().unwrap()], &out);
        let told = told(&output);
        assert_eq!(output.status.code(), Some(2), "{wrong}: {told}");
        assert!(words.iter().all(|word| told.contains(word)), "{wrong}: {told}");
        assert!(!out.exists(), "{wrong}: something was written");
    }
}

/// The shipped studies are right, as far as can be told without running them.
#[test]
fn shipped_studies_are_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/sweeps");
    let files = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let scenarios = files.filter(|path| path.extension().is_some_and(|ending| ending == "ron"));
    let asks = |path: &PathBuf| fs::read_to_string(path).unwrap().contains("\n    sensitivity: ");
    let studies: Vec<PathBuf> = scenarios.filter(asks).collect();
    assert!(!studies.is_empty(), "no study is shipped");
    for file in studies {
        let read = Sensitivity::read(&file, Limits { max_runs: 10_000, options: Options::default() });
        assert!(read.is_ok(), "{}: {:?}", file.display(), read.err());
    }
}

#[test]
fn holes_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let never = [(SOBOL, "sensitivity: Sobol(base_points: 2)"), ("statistic: Sum", "statistic: FirstAbove(1e15)")];
    let file = variant(folder.path(), &never);
    let output = sensitivity(&[file.to_str().unwrap()], folder.path());
    let told = told(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(
        told.contains("12 of 12 runs have no figure: run 0, point 0 (rate ") && told.contains("has no revenue"),
        "{told}"
    );
    assert!(!folder.path().join("sensitivity/sensitivity/sensitivity.csv").exists());
}
