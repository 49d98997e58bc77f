//! What `compare --without` says a clause is worth, on a thin sample of the baseline's customers.
//!
//! Two parties that have neither labs nor clouds share OpenAI's revenue: what they pay each other changes nothing else,
//! so a clause between them is worth exactly what is paid under it, discounted.

#[path = "shipped/mod.rs"]
mod shipped;

use cloudmarket::accounts::Flow;
use cloudmarket::cli::reader::FileReader;
use cloudmarket::cli::{Notes, Shell, execute};
use cloudmarket::model::{Options, RunResult};
use cloudmarket::scenario::Scenario;
use cloudmarket::scenario::clauses::{Clause, clauses, parties};
use std::ffi::OsString;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// A share of 5 %, of 8 % from 2023-10 on with a cap, that ends with March 2024; and one of 1 % the other way.
const BYSTANDERS: &str = r#"(
    changes: [
        Add("parties.payer", (name: "Payer", opening_cash_usd: 0)),
        Add("parties.payee", (name: "Payee", opening_cash_usd: 0)),
        Add("contracts.bystanders", (
            name: "Bystanders",
            terms: {
                "share": (from: "2023-01-01", status: Assumed,
                    rule: RevenueShare(payer: "payer", payee: "payee", rate: Uncertain(Uniform(low: 0.04, high: 0.06)),
                        base: AllRevenue("openai"))),
                "back": (from: "2023-01-01", status: Assumed,
                    rule: RevenueShare(payer: "payee", payee: "payer", rate: 0.01, base: AllRevenue("openai"))),
            },
            amendments: {
                "2023-10-01": (on: "2023-10-01", terms: {
                    "share": (from: "2023-10-01", status: Assumed,
                        rule: RevenueShare(payer: "payer", payee: "payee", rate: 0.08, base: AllRevenue("openai"),
                            total_cap_usd: 20_000_000)),
                }),
                "2024-04-01": (on: "2024-04-01", ends: ["back", "share"]),
            },
        )),
    ],
    correlations: { "luck": [(field: "contracts.bystanders.terms.share.rule.rate", loading: 0.5)] },
)"#;

fn settings() -> Vec<String> {
    let short = ["horizon.end=2024-06-30", "replications=2"].map(str::to_owned);
    shipped::thinned("baseline", 40).into_iter().chain(short).collect()
}

/// The baseline with the bystanders.
fn base() -> Scenario {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bystanders.ron");
    std::fs::write(&file, BYSTANDERS).unwrap();
    let tree = shipped::read("baseline", &settings()).tree().fork(&file);
    Scenario::of_tree(tree.unwrap_or_else(|problems| panic!("{problems}"))).unwrap_or_else(|p| panic!("{p}"))
}

fn share() -> Clause {
    Clause { contract: "bystanders".into(), term: "share".into() }
}

fn run(scenario: &Scenario) -> RunResult {
    shipped::run(scenario, 0, Options { ledger: true, ..Options::default() })
}

/// A monthly series of a party in dollars.
fn flows<'a>(result: &'a RunResult, metric: &str, party: &str) -> &'a [f64] {
    let keys = &result.recorded.keys;
    let at = keys.iter().position(|key| key.metric == metric && key.entity == party).unwrap();
    result.recorded.series(at)
}

/// Standard output of a command line that ends with `status`, and standard error.
fn call(words: &[&str], status: u8) -> (String, String) {
    let (mut out, mut err, interrupt) = (Vec::new(), Vec::new(), AtomicBool::new(false));
    let ended = {
        let notes = Notes::new(&mut err, false);
        let mut shell = Shell { reader: &FileReader, out: &mut out, notes, interrupt: &interrupt };
        let words = std::iter::once("cloudmarket").chain(words.iter().copied()).map(OsString::from);
        execute(words.collect::<Vec<_>>(), &mut shell)
    };
    let (out, err) = (String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap());
    assert_eq!(ended, status, "out: {out}\nerr: {err}");
    (out, err)
}

/// A monthly series with the months' ends.
fn series<'a>(result: &'a RunResult, metric: &str, entity: &str) -> Vec<(&'a str, f64)> {
    let dates = result.recorded.dates.iter().map(String::as_str);
    dates.zip(flows(result, metric, entity).iter().copied()).collect()
}

fn saved(folder: &Path) -> String {
    let file = folder.join("bystanders.ron");
    std::fs::write(&file, base().tree().print()).unwrap();
    file.display().to_string()
}

#[test]
fn a_revenue_share_is_worth_what_was_paid_discounted() {
    let base = base();
    let without = base.without(&share()).unwrap_or_else(|problems| panic!("{problems}"));
    let (with, without) = (run(&base), run(&without));
    // What was posted, quarter by quarter, a month's payments at its end; shares are netted, so the other way too.
    let params = base.params(0).unwrap();
    let party = |id: &str| params.parties.iter().position(|party| party.id == id).unwrap();
    let (payer, payee) = (party("payer"), party("payee"));
    let received = |result: &RunResult| -> f64 {
        let shares = result.postings.iter().filter(|posting| posting.flow == Flow::RevenueShare);
        let discounted = shares.filter_map(|posting| {
            let sign = match (posting.from.index(), posting.to.index()) {
                (from, to) if (from, to) == (payer, payee) => 1.0,
                (from, to) if (from, to) == (payee, payer) => -1.0,
                _ => return None,
            };
            let months = params.calendar.month_of(posting.time) as f64 + 1.0;
            Some(sign * posting.amount.dollars() / libm::pow(1.1, months / 12.0))
        });
        discounted.sum()
    };
    let expected = received(&with) - received(&without);
    assert!(expected > 10e6, "{expected}");
    let value_of = |id: &str| {
        let flows = flows(&with, "cash_flow_usd", id).iter().zip(flows(&without, "cash_flow_usd", id));
        (1..).zip(flows).map(|(month, (a, b))| (a - b) / libm::pow(1.1, f64::from(month) / 12.0)).sum::<f64>()
    };
    assert!((value_of("payee") - expected).abs() < 1e-6 * expected, "{} is not {expected}", value_of("payee"));
    assert!((value_of("payer") + expected).abs() < 1e-6 * expected);
    // A term's first day is an instant at which load is dispatched anew, which moves what others pay by a dollar or so.
    let of_others = [value_of("openai"), value_of("microsoft")];
    assert!(of_others.iter().all(|value| value.abs() < 10.0), "nobody else reacts: {of_others:?}");

    let folder = tempfile::tempdir().unwrap();
    let file = saved(folder.path());
    let parties = ["--party", "payee", "--party", "openai"];
    let words = ["compare", file.as_str(), "--without", "bystanders.share", "--json", "--quiet", "--replications", "1"];
    let (out, _) = call(&[&words[..], &parties].concat(), 0);
    let lines: serde_json::Value = serde_json::from_str(&out).unwrap();
    let told = lines[0]["value_usd"].as_f64().unwrap();
    assert!((told - expected).abs() < 1e-6 * expected, "{told} is not {expected}");
    let told = lines[1]["value_usd"].as_f64().unwrap();
    // The present values that are subtracted are of billions, with a rounding of 1e-16 of them a month.
    assert!(lines[1]["party"] == "openai" && (told - of_others[0]).abs() < 1e-3, "{told} is not {}", of_others[0]);
}

#[test]
fn a_contract_is_valued_clause_by_clause_with_a_table_and_a_chart() {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (saved(folder.path()), folder.path().join("out"));
    let (text, err) =
        call(&["compare", &file, "--without", "bystanders", "--out", out.to_str().unwrap(), "--threads", "2"], 0);
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split_whitespace().collect()).collect();
    let named: Vec<(&str, &str)> = rows.iter().map(|row| (row[0], row[1])).collect();
    let (back, share) = ("bystanders.back", "bystanders.share");
    assert_eq!(named, [(back, "payer"), (back, "payee"), (share, "payer"), (share, "payee")], "{text}");
    let value = |row: usize| rows[row][2].parse::<f64>().unwrap();
    assert!(value(0) > 0.0 && value(1) == -value(0) && value(3) > 0.0 && value(2) == -value(3), "{text}");
    assert!(rows.iter().all(|row| row[6] == "2"), "{text}");
    assert!(err.contains("values and their chart"), "{err}");
    let csv = std::fs::read_to_string(out.join("bystanders/clause_values.csv")).unwrap();
    assert!(csv.starts_with("clause,party,value_usd,half_width_95_usd,p05_usd,p95_usd,pairs,discount_rate"), "{csv}");
    assert_eq!(csv.lines().count(), 5);
    let png = std::fs::read(out.join("bystanders/charts/clause_values.png")).unwrap();
    assert_eq!(cloudmarket::report::charts::is_blank(&png), Ok(false));
}

#[test]
fn what_is_not_there_is_named_with_what_is_near() {
    let file = shipped::file("baseline").display().to_string();
    let wrong = |options: &[&str], text: &str| {
        let (_, err) = call(&[&["compare", file.as_str()], options].concat(), 2);
        assert!(err.contains(text), "{err}");
    };
    wrong(
        &["--without", "microsoft-opnai"],
        "there is no contract `microsoft-opnai`. Did you mean `microsoft-openai`?",
    );
    wrong(&["--without", "microsoft-openai.licenc"], "Did you mean `microsoft-openai.licence`?");
    wrong(&["--without", "microsoft-openai", "--party", "micosoft"], "Did you mean `microsoft`?");
    wrong(&["--without", "microsoft-openai", "--discount-rate", "10"], "such as 0.1 for 10 %");
    wrong(&["--without", "microsoft-openai", "--metric", "hhi_model"], "cannot be used with");
    wrong(&["--party", "microsoft"], "--without");
}

#[test]
fn a_cap_is_reached_when_what_was_paid_is_the_cap() {
    let result = run(&base());
    let of = |metric| flows(&result, metric, "bystanders.share");
    let (paid, cap, reached) = (of("revenue_share_paid_usd"), of("revenue_share_cap_usd"), of("cap_reached"));
    for month in 0..paid.len() {
        let expected = if cap[month].is_nan() { None } else { Some(f64::from(u8::from(paid[month] >= cap[month]))) };
        assert_eq!(Some(reached[month]).filter(|reached| !reached.is_nan()), expected, "month {month}");
    }
    assert_eq!((reached[8].is_nan(), reached[9], reached[paid.len() - 1]), (true, 0.0, 1.0), "{paid:?}");
}

/// What one receives another pays, and a clause bars offers while it holds: the exclusivity ends on 2026-04-27, when the
/// clause on new models begins.
#[test]
fn cash_flows_balance_and_clauses_bar_while_they_hold() {
    let settings: Vec<String> =
        shipped::thinned("baseline", 40).into_iter().chain(["horizon.end=2026-06-30".to_owned()]).collect();
    let result = run(&shipped::read("baseline", &settings));
    let keys = &result.recorded.keys;
    let of_parties = || (0..keys.len()).filter(|i| keys[*i].metric == "cash_flow_usd");
    for month in 0..result.recorded.dates.len() {
        let sum: f64 = of_parties().map(|i| result.recorded.series(i)[month]).sum();
        assert!(sum.abs() < 1.0, "month {month}: {sum}");
    }
    assert!(of_parties().count() > 10);
    let barred = series(&result, "barred_offers", "microsoft-openai.api-exclusivity");
    let held = barred.iter().filter(|(date, _)| ("2023-01-31".."2026-04-27").contains(date));
    // Months pass before the first model runs anywhere but at the holder; in the end several are kept from three clouds.
    assert!(held.clone().all(|(_, count)| *count >= 0.0) && held.map(|(_, count)| *count).fold(0.0, f64::max) >= 10.0);
    assert!(barred.iter().filter(|(date, _)| *date > "2026-04-27").all(|(_, count)| *count == 0.0), "{barred:?}");
    let first = series(&result, "barred_offers", "microsoft-openai.first-ship");
    assert!(first.iter().all(|(date, count)| count.is_nan() == (*date < "2026-04-27")), "{first:?}");
}

/// Amendments name clauses that they end: each clause of each shipped contract can be taken out all the same.
#[test]
fn every_shipped_clause_can_be_taken_out() {
    let baseline = shipped::read("baseline", &[]);
    let all = clauses(baseline.spec());
    assert!(all.len() > 40, "{}", all.len());
    for clause in &all {
        let without = baseline.without(clause).unwrap_or_else(|problems| panic!("{clause:?}:\n{problems}"));
        let rest = clauses(without.spec());
        assert_eq!(rest.len(), all.len() - 1, "{clause:?}");
        assert!(!rest.contains(clause));
    }
    assert_eq!(parties(baseline.spec(), "microsoft-openai"), ["microsoft", "openai"]);
    let gone = Clause { contract: "microsoft-openai".into(), term: "nothing".into() };
    assert!(baseline.without(&gone).is_err());
}
