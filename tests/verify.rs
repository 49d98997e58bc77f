//! Reference cases through the simulator's own modules: all of them pass, and what is wrong is told.

use cloudmarket::cli::reader::FileReader;
use cloudmarket::cli::{Notes, Shell, execute};
use cloudmarket::evidence::verify::{Effort, Outcome, REFERENCE, Verdict, kinds, read, run};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Kinds that have to be computed, whatever else is.
const NEEDED: [&str; 16] = [
    "mm1",
    "mmc",
    "erlang_b",
    "mg1",
    "mnl_shares",
    "nested_logit_shares",
    "capped_revenue_share",
    "take_or_pay",
    "npv_irr",
    "annuity",
    "feasible_chips",
    "pue_arithmetic",
    "bass",
    "t_interval",
    "paired_t_crn",
    "quantile_type7",
];

#[track_caller]
fn verdicts(files: &[(&str, &str)]) -> Vec<Verdict> {
    let cases = read(files.iter().copied()).unwrap_or_else(|problems| panic!("{problems:#?}"));
    run(&cases, Effort { precise: false, interrupt: &AtomicBool::new(false) }).expect("nobody interrupts")
}

/// The shipped file of this name.
fn reference(name: &str) -> Value {
    let (_, text) = REFERENCE.iter().find(|(file, _)| *file == name).expect("a shipped file");
    serde_json::from_str(text).unwrap()
}

/// The first case of a kind in a shipped file.
fn first_of(name: &str, kind: &str) -> Value {
    let file = reference(name);
    file["cases"].as_array().unwrap().iter().find(|case| case["kind"] == kind).expect("a case of the kind").clone()
}

#[track_caller]
fn verdict_of(case: &Value) -> Verdict {
    verdicts(&[("one.json", &json!({ "cases": [case] }).to_string())]).remove(0)
}

#[test]
fn every_reference_case_that_is_computed_passes() {
    let verdicts = verdicts(&REFERENCE);
    let failed: Vec<&Verdict> = verdicts.iter().filter(|v| matches!(v.outcome, Outcome::Failed(_))).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    let passed = |kind: &str| verdicts.iter().filter(|v| v.kind == kind).all(|v| v.outcome == Outcome::Passed);
    let known: BTreeSet<&str> = verdicts.iter().map(|v| v.kind.as_str()).collect();
    for kind in kinds::computed() {
        assert!(known.contains(kind) && passed(kind), "{kind}");
    }
    for kind in NEEDED {
        assert!(kinds::computed().any(|computed| computed == kind), "{kind} is not computed");
    }
    let unknown = |v: &Verdict| v.outcome == Outcome::Skipped("unknown kind".to_owned());
    assert!(!verdicts.iter().any(unknown), "every kind of the reference cases has its place in the table of kinds");
    let counted = verdicts.iter().filter(|v| v.outcome == Outcome::Passed).count();
    println!("{counted} of {} reference cases passed, the others skipped", verdicts.len());
}

#[test]
fn the_shipped_cases_are_the_folders() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    let names = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let files: BTreeSet<String> = names.filter(|name| name.ends_with(".json")).collect();
    assert_eq!(files, REFERENCE.iter().map(|(name, _)| (*name).to_owned()).collect());
}

#[test]
fn the_second_run_gives_the_same_bits_on_any_number_of_threads() {
    let file = reference("01_queueing_analytic.json");
    let text = json!({ "cases": [file["cases"][0], file["cases"][9]] }).to_string();
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| verdicts(&[("a.json", &text)]))
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn a_wrong_expectation_fails_with_quantity_value_and_tolerance() {
    let mut case = first_of("06_diffusion_demand.json", "bass");
    case["expected"]["cumulative_adopters"]["value"][2] = json!(150_501.0);
    let Outcome::Failed(complaints) = verdict_of(&case).outcome else { panic!("it passed") };
    assert_eq!(complaints.len(), 1);
    assert!(complaints[0].starts_with("cumulative_adopters[2] is 150500.0719"), "{complaints:?}");
    assert!(complaints[0].contains("expected 150501.0 (rel_tol 1e-11"), "{complaints:?}");
}

#[test]
fn a_cent_too_many_fails_an_exact_ledger() {
    let mut case = first_of("09_finance_ledgers.json", "take_or_pay");
    case["expected"]["total"]["value"][1] = json!("2500.01");
    let Outcome::Failed(complaints) = verdict_of(&case).outcome else { panic!("it passed") };
    assert_eq!(complaints, ["total[1] is \"2500.00\", expected \"2500.01\" (exact)"]);
}

#[test]
fn a_wrong_mean_fails_a_simulated_quantity() {
    let mut case = first_of("01_queueing_analytic.json", "mm1");
    case["expected"]["Wq"]["value"] = json!(5.0);
    let Outcome::Failed(complaints) = verdict_of(&case).outcome else { panic!("it passed") };
    assert!(complaints.len() == 1 && complaints[0].contains("standard errors away"), "{complaints:?}");
}

#[test]
fn a_quantity_that_is_not_computed_fails() {
    let mut case = first_of("08_statistics.json", "quantile_type7");
    case["expected"]["vigintiles"] = json!({ "value": 1, "exact": true });
    assert_eq!(verdict_of(&case).outcome, Outcome::Failed(vec!["vigintiles is not computed".to_owned()]));
}

#[test]
fn the_same_is_computed_without_an_expectation() {
    for (file, kind) in [
        ("04_choice_pricing.json", "nested_logit_shares"),
        ("09_finance_ledgers.json", "capped_revenue_share"),
        ("10_power.json", "feasible_chips"),
    ] {
        let case = first_of(file, kind);
        let mut bare = case.clone();
        bare.as_object_mut().unwrap().remove("expected");
        let (with, without) = (verdict_of(&case), verdict_of(&bare));
        assert_eq!(with.outcome, Outcome::Passed);
        assert!(matches!(without.outcome, Outcome::Skipped(_)));
        assert_eq!(with.quantities, without.quantities);
    }
}

#[test]
fn money_never_passes_through_a_float() {
    // 0.3 of 10^15 + 0.05 USD is …0.015 above 3·10^14: a float of this size knows eighths of a dollar.
    let mut case = first_of("09_finance_ledgers.json", "capped_revenue_share");
    case["inputs"] = json!({
        "events": [["2027-01-15", "revenue", "1000000000000000.05"], ["2027-01-16", "revenue", 0.05]],
        "share_rate": "0.30", "lifetime_cap": "900000000000000.00",
        "term_start": "2027-01-01", "term_end": "2027-12-31",
    });
    case.as_object_mut().unwrap().remove("expected");
    let verdict = verdict_of(&case);
    let found = |name: &str| verdict.quantities.iter().find(|(n, _)| *n == name).unwrap().1.to_json();
    // Half-even: 0.015 goes to 0.02, 0.030 is 0.03.
    assert_eq!(found("expiry_inclusive_refund_claws_back"), json!(["300000000000000.02", "0.01"]));
    assert_eq!(found("total_expiry_exclusive_no_claw_back"), json!("300000000000000.03"));
}

#[test]
fn everything_wrong_is_told_at_once_with_file_and_path() {
    let mut short = first_of("01_queueing_analytic.json", "mm1");
    short["inputs"] = json!({ "arrival_rate": -1, "service_rate": "fast", "times": [1, "x"], "quantile": 1.5 });
    let mut late = first_of("09_finance_ledgers.json", "capped_revenue_share");
    late["inputs"]["term_end"] = json!("2026-02-30");
    late["inputs"]["events"][1] = json!(["2027-02-10", "gift", "1"]);
    late["inputs"]["share_rate"] = json!("0.12345678901");
    let a = json!({ "schema": "reference-cases/2", "cases": [short, { "id": "x" }, 7] }).to_string();
    let b = json!({ "cases": [late, { "id": "y", "kind": "bass", "inputs": {}, "expected": { "q": 1 } }] }).to_string();
    let Err(problems) = read([("a.json", a.as_str()), ("b.json", b.as_str()), ("c.json", "{"), ("d.json", "[]")])
    else {
        panic!("nothing was found wrong")
    };
    for start in [
        "a.json: schema: expected",
        "a.json: cases[0].inputs.arrival_rate: expected a number above 0, from 1e-9 to 1e9, found -1",
        "a.json: cases[0].inputs.service_rate: expected a number above 0, from 1e-9 to 1e9, found \"fast\"",
        "a.json: cases[0].inputs.times[1]: expected a number of at least 0, found \"x\"",
        "a.json: cases[0].inputs.quantile: expected",
        "a.json: cases[0].inputs.n_states: expected a whole number from 1 to 10000, found nothing",
        "a.json: cases[1].kind: expected a text",
        "a.json: cases[1].inputs: expected an object",
        "a.json: cases[2]: expected an object",
        "b.json: cases[0].inputs.term_end: expected a date",
        "b.json: cases[0].inputs.events[1]: expected",
        "b.json: cases[0].inputs.share_rate: expected at most 9 decimals",
        "b.json: cases[1].inputs.p: expected a number above 0, found nothing",
        "b.json: cases[1].inputs.times: expected a list",
        "b.json: cases[1].expected.q: expected an object with a `value`",
        "c.json: not JSON: EOF while parsing an object at line 1 column 1",
        "d.json: expected an object with a list of `cases`",
    ] {
        assert!(problems.iter().any(|problem| problem.starts_with(start)), "`{start}` is not in {problems:#?}");
    }
}

#[test]
fn a_queue_that_never_empties_and_an_id_given_twice_are_refused() {
    let mut case = first_of("01_queueing_analytic.json", "mmc");
    case["inputs"]["arrival_rate"] = json!(3.0);
    let text = json!({ "cases": [case, case] }).to_string();
    let Err(problems) = read([("a.json", text.as_str())]) else { panic!("nothing was found wrong") };
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(problems[0].contains("grows without bound"), "{problems:?}");
    assert!(problems.iter().any(|p| p.contains("cases[1].id: `A-queueing_analytic-002` is taken by a.json: cases[0]")));
}

/// Calls `verify` on a file with this text; gives status, standard output and standard error.
fn call(text: &str, options: &[&str]) -> (u8, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases.json");
    std::fs::write(&file, text).unwrap();
    let arguments = ["cloudmarket", "verify"].into_iter().chain(options.iter().copied()).map(OsString::from);
    let (mut out, mut err, interrupt) = (Vec::new(), Vec::new(), AtomicBool::new(false));
    let status = {
        let notes = Notes::new(&mut err, false);
        let mut shell = Shell { reader: &FileReader, out: &mut out, notes, interrupt: &interrupt };
        execute(arguments.chain([file.into_os_string()]), &mut shell)
    };
    (status, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

#[test]
fn the_command_prints_a_line_for_each_case_and_the_count() {
    let unknown = json!({ "id": "u", "kind": "phlogiston", "inputs": {} });
    let mut wrong = first_of("06_diffusion_demand.json", "bass");
    wrong["expected"]["peak_rate"]["value"] = json!(1);
    let right = first_of("10_power.json", "pue_arithmetic");
    let (status, out, err) = call(&json!({ "cases": [unknown, wrong, right] }).to_string(), &[]);
    assert_eq!(status, 1, "{err}");
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines[0].starts_with("u  ") && lines[0].ends_with("phlogiston      skipped: unknown kind"), "{out}");
    assert!(lines[1].ends_with("FAILED") && lines[2].starts_with("    peak_rate is 110592.1"), "{out}");
    assert!(lines[3].starts_with("A-power-001") && lines[3].ends_with("passed"), "{out}");
    assert_eq!(lines[4], "1 passed, 1 failed, 1 skipped");
    assert!(err.contains("1 of 3 cases failed"), "{err}");
}

#[test]
fn the_command_prints_what_it_computed_as_json() {
    let mut queue = first_of("01_queueing_analytic.json", "mg1");
    queue.as_object_mut().unwrap().remove("expected");
    let skipped = first_of("08_statistics.json", "mser5");
    let ledger = first_of("09_finance_ledgers.json", "take_or_pay");
    let (status, out, _) = call(&json!({ "cases": [queue, skipped, ledger] }).to_string(), &["--json", "--quiet"]);
    assert_eq!(status, 0);
    let printed: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(printed.as_object().unwrap().len(), 2);
    let wait = &printed["A-queueing_analytic-010"]["Wq"];
    let (mean, se) = (wait["mean"].as_f64().unwrap(), wait["se"].as_f64().unwrap());
    assert!((mean - 1.6).abs() < 4.0 * se && se < 0.02 * 1.6, "{wait}");
    assert_eq!(printed["A-finance_ledgers-015"]["grand_total"], json!("11250.00"));
}

#[test]
fn wrong_files_end_the_command_with_status_2() {
    let (status, out, err) = call("{ \"cases\": [ 1, ] }", &[]);
    assert_eq!((status, out.as_str()), (2, ""));
    assert!(err.contains("cases.json: not JSON") && err.contains("line 1 column"), "{err}");
}
