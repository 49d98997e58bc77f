//! `compare --attribute` on a thin sample of the baseline: the parts of a difference sum to it.

#[path = "shipped/mod.rs"]
mod shipped;

use cloudmarket::cli::reader::FileReader;
use cloudmarket::cli::{Notes, Shell, execute};
use serde_json::Value;
use std::ffi::OsString;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// The third change needs the second; the number of replications is no change of the market.
const OTHER: &str = r#"(
    name: "Other", about: "", base: "base.ron",
    changes: [
        Shift("labs.openai.lines.*.quality_gap", -0.4),
        Add("parties.bystander", (name: "Bystander", opening_cash_usd: 5)),
        Set("parties.bystander.opening_cash_usd", 7),
        Set("clouds.azure.price_factor", 0.7),
        Set("replications", 9),
    ],
)"#;

/// Standard output of a call that ends with `status`, and standard error.
fn call(folder: &Path, words: &[&str], status: u8) -> (String, String) {
    let (mut out, mut err, interrupt) = (Vec::new(), Vec::new(), AtomicBool::new(false));
    let own = |word: &&str| match word.strip_prefix('@') {
        Some(name) => folder.join(name).into_os_string(),
        None => OsString::from(word),
    };
    let words: Vec<OsString> = ["cloudmarket", "compare"].iter().chain(words).map(own).collect();
    let ended = {
        let notes = Notes::new(&mut err, false);
        execute(words, &mut Shell { reader: &FileReader, out: &mut out, notes, interrupt: &interrupt })
    };
    let (out, err) = (String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap());
    assert_eq!(ended, status, "out: {out}\nerr: {err}");
    (out, err)
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let short = ["horizon.end=2023-12-31", "replications=2"].map(str::to_owned);
    let base =
        shipped::read("baseline", &shipped::thinned("baseline", 40).into_iter().chain(short).collect::<Vec<_>>());
    std::fs::write(folder.path().join("base.ron"), base.tree().print()).unwrap();
    std::fs::write(folder.path().join("other.ron"), OTHER).unwrap();
    folder
}

#[test]
fn parts_sum_to_the_difference_that_compare_finds() {
    let folder = folder();
    let plain = ["@base.ron", "@other.ron", "--metric", "share_revenue_lab", "--json", "--quiet"];
    let split = [&plain[..], &["--attribute", "--together", "2,3", "--out", "@out"]].concat();
    let (plain, _) = call(folder.path(), &plain, 0);
    let (split, _) = call(folder.path(), &split, 0);
    let (plain, split): (Value, Value) = (serde_json::from_str(&plain).unwrap(), serde_json::from_str(&split).unwrap());
    assert!(plain.as_array().unwrap().len() == split.as_array().unwrap().len() && !plain[0].is_null());
    let mut moved = false;
    for (plain, split) in plain.as_array().unwrap().iter().zip(split.as_array().unwrap()) {
        let number = |value: &Value| value.as_f64().unwrap();
        let parts: Vec<f64> = split["parts"].as_array().unwrap().iter().map(|part| number(&part["part"])).collect();
        let whole = number(&plain["difference"]);
        assert!((parts.iter().sum::<f64>() - whole).abs() < 1e-9, "{split}");
        assert!((number(&split["difference"]) - whole).abs() < 1e-12 && parts.len() == 3, "{split}");
        // A party that nobody deals with changes nothing.
        assert!(parts[1].abs() < 1e-12, "{split}");
        moved |= whole.abs() > 1e-4;
    }
    assert!(moved, "nothing moved: {split}");
    let drawn = folder.path().join("out/other/charts").read_dir().unwrap().count();
    assert_eq!(drawn, 3);
}

#[test]
fn changes_that_need_each_other_are_named() {
    let folder = folder();
    let (_, err) = call(folder.path(), &["@base.ron", "@other.ron", "--attribute"], 2);
    assert!(err.contains("3 Set(\"parties.bystander.opening_cash_usd\", 7) cannot do without 2 Add("), "{err}");
    assert!(
        err.contains("--together 2,3") && err.contains("has no `bystander`") && err.contains("1 problem;"),
        "{err}"
    );
}
