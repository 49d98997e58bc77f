//! Forks of the shipped baseline: the unchanged one is the unbroken run, and a change shares its past to the bit.

#[path = "shipped/mod.rs"]
mod shipped;

use cloudmarket::cli::reader::FileReader;
use cloudmarket::cli::{Notes, Shell, execute};
use cloudmarket::engine::snapshot::SnapshotError;
use cloudmarket::experiment::branch::{Fork, Trunk};
use cloudmarket::experiment::manifest::Manifest;
use cloudmarket::experiment::replication::ScenarioStudy;
use cloudmarket::experiment::study::{Outcome, Study};
use cloudmarket::model::record::Recorded;
use cloudmarket::model::{Options, Simulation};
use cloudmarket::scenario::Scenario;
use cloudmarket::scenario::tree::LoadOptions;
use cloudmarket::units::CivilDate;
use std::ffi::OsString;
use std::fmt::Write;
use std::path::Path;
use std::sync::atomic::AtomicBool;

static NEVER: AtomicBool = AtomicBool::new(false);

/// Thin and short, so that the tests are quick; all that a state holds is in it.
fn thin(stem: &str, more: &[&str]) -> Scenario {
    let mut settings = shipped::thinned(stem, 20);
    settings.extend(["replications=2".to_owned(), "horizon.end=\"2027-12-31\"".to_owned()]);
    settings.extend(more.iter().map(|setting| (*setting).to_owned()));
    shipped::read(stem, &settings)
}

fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap()
}

/// The baseline with `changes` in the notation of scenario files.
fn changed(base: &Scenario, changes: &str) -> Scenario {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fork.ron");
    std::fs::write(&file, format!("(changes: [{changes}])")).unwrap();
    base.read_fork(&file, &LoadOptions::default()).unwrap_or_else(|problems| panic!("{changes}:\n{problems}"))
}

fn branched(base: &Scenario, fork: Scenario, at: &str, replication: u32) -> Outcome {
    base.check_fork(&fork, day(at)).unwrap_or_else(|problems| panic!("{problems}"));
    let trunk = Trunk::new(base.clone(), day(at), Options { audit: true, ..Options::default() }, 1);
    Fork::new(&trunk, "fork".into(), fork).run(replication, &NEVER).unwrap_or_else(|failure| panic!("{failure}"))
}

fn unbroken(scenario: &Scenario, replication: u32) -> (String, Recorded) {
    let result = shipped::run(scenario, replication, Options::default());
    (result.digest, result.recorded)
}

/// The problems with a change, as they are told.
fn refused(base: &Scenario, changes: &str, at: &str) -> String {
    let problems = base.check_fork(&changed(base, changes), day(at)).expect_err(changes);
    problems.iter().fold(String::new(), |mut text, problem| {
        writeln!(text, "{}: {}", problem.path, problem.message).unwrap();
        text
    })
}

/// Bits of a metric by date, all entities of it.
fn bits(recorded: &Recorded, metric: &str) -> Vec<(String, Vec<u64>)> {
    let series: Vec<usize> = (0..recorded.keys.len()).filter(|s| recorded.keys[*s].metric == metric).collect();
    assert!(!series.is_empty(), "{metric} is not recorded");
    let row = |month: usize| series.iter().map(|s| recorded.series(*s)[month].to_bits()).collect();
    recorded.dates.iter().enumerate().map(|(month, date)| (date.clone(), row(month))).collect()
}

#[test]
fn an_unchanged_continuation_is_the_unbroken_run() {
    let base = thin("baseline", &[]);
    for replication in [0, 1] {
        let (digest, recorded) = unbroken(&base, replication);
        // The starts of a month and of a quarter, the middle of a month, the day of an amendment, the last day.
        for at in ["2023-02-01", "2025-07-01", "2026-02-14", "2026-04-27", "2027-12-31"] {
            let outcome = branched(&base, base.clone(), at, replication);
            assert!(outcome.recorded.keys == recorded.keys, "{at}");
            assert_eq!(outcome.digest, digest, "{at}");
        }
    }
}

/// Nothing that happens before the day, and nothing that the start looks ahead to, tells these from the baseline.
#[test]
fn a_fork_that_differs_only_later_is_the_unbroken_run_of_its_parameters() {
    let base = thin("baseline", &[]);
    let variants = [
        (thin("exclusivity-stays", &[]), "2026-04-27"),
        (thin("exclusivity-stays", &[]), "2026-03-20"),
        (thin("power-slips", &[]), "2026-07-01"),
        (
            changed(&base, r#"Set("models.gpt-6-sol.released", "2027-05-03"), Set("models.gpt-6-sol.quality", 5.6)"#),
            "2026-09-10",
        ),
        (changed(&base, r#"Set("sites.fairwater-wisconsin.phases.1.planned", "2027-08-01")"#), "2026-09-10"),
        (changed(&base, r#"Add("outages.long", (site: "legacy-azure", on: "2027-02-03", hours: 90))"#), "2026-09-10"),
        (
            changed(&base, r#"Add("outages.cut", (site: "legacy-azure", on: "2027-02-03", hours: 400, cut_mw: 2000))"#),
            "2026-09-10",
        ),
        (
            changed(
                &base,
                r#"Add("contracts.microsoft-openai.amendments.2027-02-10", (on: "2027-02-10", ends: ["first-ship"]))"#,
            ),
            "2026-12-31",
        ),
    ];
    for (fork, at) in variants {
        let name = fork.tree().changes().join(", ");
        let (digest, recorded) = unbroken(&fork, 0);
        assert_ne!(digest, unbroken(&base, 0).0, "{name} changes nothing");
        let outcome = branched(&base, fork, at, 0);
        assert!(outcome.recorded.keys == recorded.keys, "{name} at {at} has other series");
        assert_eq!(outcome.digest, digest, "{name} at {at}");
    }
}

#[test]
fn a_change_shares_the_past_to_the_bit_and_shows_in_the_future() {
    let base = thin("baseline", &[]);
    let (_, unbroken) = unbroken(&base, 1);
    let changes = [
        (r#"Set("clouds.aws.chip_price", Scheduled(9.5))"#, "price_usd_per_h100e_hour"),
        (r#"Scale("segments.enterprises.ceiling_accounts", 2)"#, "tokens_mtok"),
        (r#"Set("contracts.openai-coreweave.terms.commitment-2025-05.until", "2026-12-31")"#, "commitment_due_usd"),
        (r#"Set("contracts.microsoft-openai.terms.revenue-share-out.rule.rate", 0.1)"#, "revenue_share_paid_usd"),
        (r#"Scale("accelerators.h100.power_kw", 1.5)"#, "used_mw"),
        (r#"Set("sites.legacy-azure.outages_per_year", 40)"#, "utilisation"),
        (r#"Add("outages.cut", (site: "legacy-azure", on: "2026-11-02", hours: 400, cut_mw: 1500))"#, "utilisation"),
        (r#"Add("clouds.azure.repair_crews", 1)"#, "utilisation"),
        (r#"Scale("segments.*.elasticity", 2)"#, "tokens_mtok"),
        (r#"Set("segments.*.taste.quality", 4)"#, "share_revenue_lab"),
        (r#"Set("labs.openai.programme.every_days", 60)"#, "quality"),
    ];
    for (change, metric) in changes {
        let outcome = branched(&base, changed(&base, change), "2026-02-14", 1);
        let (before, after) = (bits(&unbroken, metric), bits(&outcome.recorded, metric));
        let first = before.iter().zip(&after).position(|(a, b)| a != b).unwrap_or(before.len());
        assert!(first < before.len(), "{change}: {metric} is the same to the end");
        assert!(before[first].0.as_str() > "2026-02-14", "{change}: {metric} differs on {}", before[first].0);
        let past = |recorded: &Recorded| -> Vec<Vec<u64>> {
            let months = recorded.dates.iter().filter(|date| date.as_str() < "2026-02-14").count();
            let series = (0..recorded.keys.len()).map(|s| &recorded.series(s)[..months]);
            series.map(|values| values.iter().map(|value| value.to_bits()).collect()).collect()
        };
        assert!(unbroken.keys == outcome.recorded.keys, "{change}");
        assert!(past(&unbroken) == past(&outcome.recorded), "{change} moved the past");
    }
}

/// A share of 20 % until the fork and of 10 % from then on, settled on the same revenue but for what follows from it.
#[test]
fn an_amended_share_counts_what_was_paid_before() {
    let base = thin("baseline", &[]);
    let change = r#"Set("contracts.microsoft-openai.terms.revenue-share-out.rule.rate", 0.0)"#;
    let (recorded, outcome) = (unbroken(&base, 0).1, branched(&base, changed(&base, change), "2025-07-01", 0));
    let paid = |recorded: &Recorded, date: &str| {
        let is = |key: &&cloudmarket::model::record::SeriesKey| {
            key.metric == "revenue_share_paid_usd" && key.entity == "microsoft-openai.revenue-share-out"
        };
        let series = recorded.keys.iter().position(|key| is(&key)).unwrap();
        recorded.series(series)[recorded.dates.iter().position(|day| day == date).unwrap()]
    };
    let until = paid(&recorded, "2025-06-30");
    assert!(until > 1e8 && paid(&recorded, "2025-12-31") > 1.2 * until);
    assert_eq!(paid(&outcome.recorded, "2025-12-31"), until);
}

/// OpenAI has paid far more than 100 million under the clause of 2026 by the summer of 2027, and under the one before it by
/// the day on which that clause begins.
#[test]
fn a_cap_below_what_was_paid_ends_the_run_and_names_both_clauses() {
    let base = thin("baseline", &[]);
    let clause = "contracts.microsoft-openai.amendments.2026-04-27.terms.revenue-share-out.rule";
    let cap = format!(r#"Set("{clause}.total_cap_usd", 100_000_000)"#);
    let trunk = Trunk::new(base.clone(), day("2027-06-01"), Options::default(), 1);
    let forked = Fork::new(&trunk, "fork".into(), changed(&base, &cap)).run(0, &NEVER).unwrap_err().to_string();
    let counted = format!(r#"{cap}, Set("{clause}.counting_from", "2023-01-23")"#);
    let amended = changed(&base, &counted);
    let amended =
        ScenarioStudy::new("amended".into(), amended, Options::default()).run(0, &NEVER).unwrap_err().to_string();
    let earlier = "that was paid under `contracts.microsoft-openai.terms.revenue-share-out` by 2026-04-27";
    for (told, by) in [(forked, "that was paid by 2027-06-01"), (amended, earlier)] {
        assert!(
            told.starts_with(&format!("{clause}.total_cap_usd: the cap of 0.100 billion USD is below the ")),
            "{told}"
        );
        assert!(told.contains(by), "{told}");
    }
}

#[test]
fn a_contract_that_a_fork_signs_is_observed_from_then_on() {
    let base = thin("baseline", &[]);
    let signed = r#"Add("contracts.a-new-one", (name: "A new one", terms: {"commitment": (from: "2026-06-01", status: Assumed,
        rule: Commitment(buyer: Lab("anthropic"), seller: "oracle", usd_per_year: 2e9, take_or_pay: 0.5, rolls_over: true))}))"#;
    let outcome = branched(&base, changed(&base, signed), "2026-02-14", 0);
    let is = |key: &cloudmarket::model::record::SeriesKey| {
        key.metric == "commitment_due_usd" && key.entity == "a-new-one.commitment"
    };
    let series = outcome.recorded.keys.iter().position(is).expect("the contract has a series");
    let values = outcome.recorded.series(series);
    let due = |date: &str| values[outcome.recorded.dates.iter().position(|day| day == date).unwrap()];
    assert!(due("2026-01-31").is_nan());
    // 214 days of 2026.
    assert!((due("2026-12-31") / (2e9 * 214.0 / 365.25) - 1.0).abs() < 0.01, "{}", due("2026-12-31"));
}

#[test]
fn what_would_change_the_past_is_refused_with_its_path_all_at_once() {
    let base = thin("baseline", &[]);
    let changes = [
        (
            r#"Set("models.deepseek-r1.released", "2027-01-20")"#,
            "models.deepseek-r1.released: happened on 2025-01-20, before the fork on 2026-02-14",
        ),
        (
            r#"Add("regulators.cma.opens", "2025-11-01")"#,
            "regulators.cma.opens: 2025-11-01 is before the fork on 2026-02-14",
        ),
        (
            r#"Set("models.gpt-6-sol.released", "2025-11-01")"#,
            "models.gpt-6-sol.released: 2025-11-01 is before the fork",
        ),
        (r#"Scale("models.deepseek-v3.quality", 2)"#, "models.deepseek-v3: came out on 2024-12-26"),
        (
            r#"Scale("parties.openai.opening_cash_usd", 2)"#,
            "parties.openai.opening_cash_usd: was settled when the run started",
        ),
        (r#"Set("clouds.aws.initial_fleet.a100.chips", 1)"#, "clouds.aws.initial_fleet: was settled"),
        (r#"Set("sites.legacy-azure.phases.3.adds_mw", 1)"#, "sites.legacy-azure.phases.3: is of 2023-07-01"),
        (r#"Remove("outages.google-cloud-2025-06-12")"#, "outages: those before the fork"),
        (
            r#"Remove("contracts.openai-amazon.terms.commitment-2025")"#,
            "contracts.openai-amazon.terms.commitment-2025: is of 2025-11-03",
        ),
        (
            r#"Scale("contracts.microsoft-openai.terms.equity-2023-1.rule.usd", 2)"#,
            "contracts.microsoft-openai.terms.equity-2023-1.rule: is of 2023-01-23",
        ),
        (r#"Set("segments.enterprises.sampled_accounts", 7)"#, "segments.enterprises.sampled_accounts: was settled"),
        (r#"Set("labs.openai.stacks", [])"#, "labs.openai.stacks: was settled"),
    ];
    let all: Vec<&str> = changes.iter().map(|(change, _)| *change).collect();
    let told = refused(&base, &all.join(","), "2026-02-14");
    for (_, message) in changes {
        assert!(told.contains(message), "`{message}` is not in:\n{told}");
    }
    assert_eq!(told.lines().count(), changes.len(), "{told}");
}

#[test]
fn what_the_whole_run_rests_on_is_refused() {
    let base = thin("baseline", &[]);
    for (change, message) in [
        (r#"Set("seed", 5)"#, "seed: a fork has the luck of its base"),
        (r#"Set("horizon.end", "2028-06-30")"#, "horizon.end: a fork ends with its base"),
        (r#"Set("replications", 3)"#, "replications: a fork has the replications of its base"),
        (
            r#"Remove("outages.google-cloud-2025-06-12"), Add("parties.a", (name: "A", opening_cash_usd: 1))"#,
            "parties.a: cannot join a run under way",
        ),
    ] {
        let told = refused(&base, change, "2026-02-14");
        assert!(told.contains(message), "`{message}` is not in:\n{told}");
    }
}

#[test]
fn a_saved_run_comes_back_the_same_and_damage_is_noticed() {
    let base = thin("baseline", &[]);
    let params = base.params(0).unwrap();
    let mut simulation = Simulation::new(&params, Options::default());
    simulation.run_until(params.calendar.time(day("2024-05-17")), &NEVER).unwrap();
    let bytes = simulation.save("this one").unwrap();
    let load = |bytes: &[u8], digest: &str| Simulation::load(&params, Options::default(), bytes, digest);
    let again = load(&bytes, "this one").unwrap();
    assert!(again.save("this one").unwrap() == bytes);
    assert!(matches!(load(&bytes, "another"), Err(SnapshotError::Digest { .. })));
    for place in [0, 9, 40, bytes.len() / 2, bytes.len() - 1] {
        let mut damaged = bytes.clone();
        damaged[place] ^= 4;
        assert!(load(&damaged, "this one").is_err(), "byte {place}");
        assert!(load(&bytes[..place], "this one").is_err(), "cut at {place}");
    }
}

/// Calls the command line; gives the exit status and what it says.
fn call(arguments: &[&str]) -> (u8, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let status = {
        let notes = Notes::new(&mut err, false);
        let mut shell = Shell { reader: &FileReader, out: &mut out, notes, interrupt: &NEVER };
        execute(["cloudmarket", "branch"].iter().chain(arguments).map(OsString::from), &mut shell)
    };
    (status, String::from_utf8([out, err].concat()).unwrap())
}

#[test]
fn the_command_writes_a_folder_for_each_fork() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let base = shipped::file("baseline").to_str().unwrap().to_owned();
    let fork = r#"(name: "Dear", changes: [Set("clouds.aws.chip_price", Scheduled(9))])"#;
    std::fs::write(at("dear.ron"), fork).unwrap();
    std::fs::write(at("wrong.ron"), r#"(changes: [Set("clouds.aws.party", "oracle"), Set("seed", 1)])"#).unwrap();
    let thin: Vec<String> =
        shipped::thinned("baseline", 40).iter().flat_map(|set| ["--set".into(), set.clone()]).collect();
    let common = |more: &[&str]| -> (u8, String) {
        let options = ["--until", "2024-12-31", "--replications", "3", "--no-charts", "--format", "csv"];
        let all: Vec<&str> = [more, &options].concat().into_iter().chain(thin.iter().map(String::as_str)).collect();
        call(&all)
    };
    let (out, dear) = (at("out"), at("dear.ron"));
    let (status, told) = common(&[&base, "--at", "2024-06-15", &dear, "--with-base", "--out", &out]);
    assert_eq!(status, 0, "{told}");
    let manifest =
        |stem: &str| Manifest::from_ron(&std::fs::read_to_string(at(&format!("out/{stem}/manifest.ron"))).unwrap());
    let (dear_one, base_one) = (manifest("dear").unwrap(), manifest("baseline").unwrap());
    let trunk = dear_one.trunk.clone().unwrap();
    assert_eq!((trunk.at.as_str(), &trunk.scenario_digest), ("2024-06-15", &base_one.scenario_digest));
    assert!(dear_one.complete && dear_one.finished == [0, 1, 2] && dear_one.scenario == "Dear");
    assert_ne!(dear_one.digest, base_one.digest);
    let rows = |stem: &str| std::fs::read_to_string(at(&format!("out/{stem}/metrics.csv"))).unwrap();
    let past = |stem: &str| -> Vec<String> {
        let rest = |row: &str| row.split_once(',').unwrap().1.to_owned();
        rows(stem).lines().skip(1).map(rest).filter(|row| row.split(',').nth(1).unwrap() < "2024-06-15").collect()
    };
    assert!(past("dear").len() > 1_000 && past("dear") == past("baseline"));
    let (status, told) = common(&[&base, "--at", "2024-06-15", &at("wrong.ron"), "--out", &at("none")]);
    assert!(status == 2 && told.contains("`clouds.aws.party`") && told.contains("`seed`"), "{told}");
    assert!(told.contains("wrong.ron:1:") && !Path::new(&at("none")).exists(), "{told}");
    assert_eq!(told.matches(&format!("= fork: {}", at("wrong.ron"))).count(), 2, "{told}");
    let (status, told) = common(&[&base, "--at", "2022-06-15", &dear]);
    assert!(status == 2 && told.contains("--at 2022-06-15: expected a day after 2023-01-01"), "{told}");
}

/// Forks share their past and nothing else, in whatever order threads take them.
#[test]
fn many_forks_at_once_are_each_what_they_are_alone() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let base = shipped::file("baseline").to_str().unwrap().to_owned();
    let names: Vec<String> = (0..5).map(|number| at(&format!("fork-{number}.ron"))).collect();
    for (number, file) in names.iter().enumerate() {
        let changes = format!("[Set(\"clouds.aws.chip_price\", Scheduled({}))]", 2 + number);
        std::fs::write(file, format!("(changes: {changes})")).unwrap();
    }
    let thin: Vec<String> =
        shipped::thinned("baseline", 40).iter().flat_map(|set| ["--set".into(), set.clone()]).collect();
    let run = |forks: &[String], threads: &str| -> Vec<serde_json::Value> {
        let fixed = ["--at", "2024-06-15", "--until", "2024-12-31", "--replications", "3", "--threads", threads];
        let quiet = ["--no-files", "--json", "--quiet"];
        let all = [base.as_str()].into_iter().chain(fixed).chain(quiet).chain(forks.iter().map(String::as_str));
        let (status, told) = call(&all.chain(thin.iter().map(String::as_str)).collect::<Vec<_>>());
        assert_eq!(status, 0, "{told}");
        serde_json::from_str(&told).unwrap()
    };
    let together = run(&names, "1");
    let digests: std::collections::BTreeSet<&str> = together.iter().map(|f| f["digest"].as_str().unwrap()).collect();
    assert_eq!(digests.len(), names.len());
    assert_eq!(run(&names, "3"), together);
    for (number, file) in names.iter().enumerate().step_by(2) {
        assert_eq!(run(std::slice::from_ref(file), "2"), together[number..=number]);
    }
}
