//! Each lint at a small change of the baseline, and silence on what is shipped.

use cloudmarket::scenario::Scenario;
use std::path::{Path, PathBuf};
use std::process::Command;

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name)
}

fn read(file: &Path) -> Scenario {
    Scenario::read(file, &[]).unwrap_or_else(|problems| panic!("{problems}"))
}

fn told(scenario: &Scenario) -> Vec<String> {
    let warnings = scenario.warnings();
    assert!(warnings.iter().all(|warning| warnings.location(warning).is_some()), "a warning without a place");
    warnings.iter().map(|warning| format!("{}: {}", warning.path, warning.message)).collect()
}

/// What is told of the baseline after some changes.
fn after(base: &Scenario, changes: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fork.ron");
    std::fs::write(&file, format!("(changes: [{changes}])")).unwrap();
    let tree = base.tree().fork(&file).unwrap_or_else(|problems| panic!("{changes}\n{problems}"));
    told(&Scenario::of_tree(tree).unwrap_or_else(|problems| panic!("{changes}\n{problems}")))
}

/// A change, and how each warning that it brings begins.
const CASES: &[(&str, &[&str])] = &[
    ("Scale(\"clouds.azure.initial_fleet.h100.chips\", 100)", &["clouds.azure.initial_fleet: the first fleet needs "]),
    (
        "Add(\"clouds.azure.initial_fleet.feynman\", (chips: 1, mean_age_years: 0))",
        &[
            "clouds.azure.initial_fleet.feynman: the cloud owns `feynman` at the start, before it comes out on 2028-10-01",
        ],
    ),
    ("Remove(\"clouds.azure.purchases.maia-200\")", &["accelerators.maia-200: nobody owns, buys or orders this type"]),
    (
        "Set(\"suppliers.microsoft-silicon.lines.maia-200\", 0)",
        &[
            "suppliers.microsoft-silicon.lines.maia-200: clouds may buy `maia-200`, of which its line makes none within the run",
        ],
    ),
    (
        "Add(\"suppliers.amd.lines.h100\", 1000)",
        &["suppliers.amd.lines.h100: `h100` is made by `nvidia`, so no order reaches this line"],
    ),
    (
        "Set(\"suppliers.amd.allocation\", Strategic({\"meta\": 0.7, \"azure\": 0.5}))",
        &["suppliers.amd.allocation: the buyers' shares sum to 1.200 on 2023-01-01, over 1"],
    ),
    ("Set(\"sites.abilene.phases\", [])", &["sites.abilene: the site never has power, so nothing can stand there"]),
    (
        "Set(\"clouds.azure.guidance_until\", \"2022-06-30\")",
        &["clouds.azure.guidance_until: the guidance ends on 2022-06-30, before the run begins on 2023-01-01"],
    ),
    (
        "Add(\"outages.old\", (site: \"legacy-aws\", on: \"2021-12-07\", hours: 7))",
        &["outages.old.on: the run goes from 2023-01-01 to 2032-12-31, without 2021-12-07"],
    ),
    (
        "Remove(\"contracts.own-models.terms.nova\"), Set(\"labs.amazon-agi.party\", \"lenders\"), Set(\"labs.amazon-agi.own_cloud\", None), \
         Set(\"models.*.open_weights\", false), Remove(\"demand.offset.amazon-agi\")",
        &[
            "models.nova-2-lite: no channel may ever sell this model",
            "models.nova-2-pro: ",
            "models.nova-lite: ",
            "models.nova-premier: ",
            "models.nova-pro: ",
        ],
    ),
    (
        "Add(\"channels.meta-platform\", (name: \"Meta\", kind: Platform(\"meta\"), opens: \"2024-01-01\", governance: 1, support: 1, \
         certification: 1, price_over_list: 1, latency_excess_s: 0)), Set(\"labs.*.open_weights\", false), \
         Set(\"models.*.open_weights\", false), Set(\"labs.meta-ai.party\", \"lenders\"), Set(\"labs.meta-ai.own_cloud\", None), \
         Set(\"products.meta-ai-app.party\", \"lenders\")",
        &[
            "channels.meta-platform: no model may ever be sold here",
            "channels.self-hosted-aws: no model may ever be sold here",
            "channels.self-hosted-azure: no model may ever be sold here",
            "channels.self-hosted-google-cloud: no model may ever be sold here",
        ],
    ),
    (
        "Set(\"channels.*.certification\", 1)",
        &[
            "segments.public.certification: no channel is certified at level 3: the highest is 1",
            "segments.regulated.certification: no channel is certified at level 2: the highest is 1",
        ],
    ),
    (
        "Add(\"demand.offset.anthropic.oci-genai\", 0.5)",
        &[
            "demand.offset.anthropic.oci-genai: models of `anthropic` are never sold on `oci-genai`, so nothing reads this",
        ],
    ),
    (
        "Set(\"labs.mistral.stacks\", [\"tpu\"]), Set(\"clouds.google-cloud.sells\", false)",
        &["labs.mistral.stacks: no cloud that sells has chips for this lab"],
    ),
    (
        "Set(\"labs.amazon-agi.own_cloud\", \"oracle\")",
        &["labs.amazon-agi.own_cloud: `oracle` belongs to `oracle`, the lab to `amazon`"],
    ),
    (
        "Set(\"models.gpt-6-sol.released\", \"2033-02-01\")",
        &["models.gpt-6-sol.released: 2033-02-01 is after the run ends on 2032-12-31"],
    ),
    (
        // 5 a day × 0.04·e^(1/2) × 3·e^(1.2²/2) days + 0.3 for frontier runs = 2.33.
        "Set(\"labs.openai.research_jobs.per_day\", 5)",
        &["labs.openai.research_jobs: jobs and frontier runs ask for 2.33 times the lab's research compute"],
    ),
    (
        "Add(\"contracts.openai-google.amendments\", {}), Add(\"contracts.openai-google.amendments.late\", (on: \"2034-01-01\", terms: {\"commitment\": (from: \"2034-01-01\", \
         status: Assumed, rule: Commitment(buyer: Lab(\"openai\"), seller: \"google-cloud\", usd_per_year: 1e9, take_or_pay: 0.5, \
         rolls_over: true))}))",
        &[
            "contracts.openai-google.amendments.late.on: the amendment of 2034-01-01 comes after the run ends on 2032-12-31",
        ],
    ),
    (
        "Set(\"contracts.openai-google.terms.commitment.from\", \"2020-06-01\"), Set(\"contracts.openai-google.terms.commitment.until\", \"2022-05-31\")",
        &["contracts.openai-google.terms.commitment.until: the term is over on 2022-05-31, before the run begins"],
    ),
    (
        "Set(\"contracts.openai-google.terms.commitment.from\", \"2035-06-01\"), Set(\"contracts.openai-google.terms.commitment.until\", None)",
        &[
            "contracts.openai-google.terms.commitment.from: the term begins on 2035-06-01, after the run ends on 2032-12-31",
        ],
    ),
    (
        "Set(\"contracts.microsoft-openai.terms.revenue-share-in.from\", \"2026-04-27\")",
        &[
            "contracts.microsoft-openai.terms.revenue-share-in: an amendment ends the term on or before its first day, so it is never in force",
        ],
    ),
    (
        "Set(\"contracts.openai-google.terms.commitment.rule.usd_per_year\", 5e12)",
        &["contracts.openai-google.terms.commitment.rule.usd_per_year: commitments of "],
    ),
    (
        "Set(\"contracts.microsoft-openai.amendments.2025-01-21.ends\", [])",
        &[
            "contracts.openai-amazon.terms.commitment-2025: `contracts.microsoft-openai.amendments.2024-06-11.terms.compute-exclusivity` forbids",
            "contracts.openai-amazon.terms.commitment-2026: ",
            "contracts.openai-coreweave.terms.commitment-2025-03: ",
            "contracts.openai-coreweave.terms.commitment-2025-05: ",
            "contracts.openai-coreweave.terms.commitment-2025-09: ",
            "contracts.openai-google.terms.commitment: ",
        ],
    ),
    (
        "Add(\"contracts.mistral-platforms.terms.own\", (from: \"2024-01-01\", status: Assumed, rule: Distribution(lab: \"mistral\", \
         channel: \"mistral-api\", principal: Lab, remit_share: 1)))",
        &["contracts.mistral-platforms.terms.own.rule.channel: `mistral-api` is a lab's own interface"],
    ),
    (
        "Set(\"contracts.microsoft-openai.terms.licence.rule.licensee\", \"nvidia\")",
        &["contracts.microsoft-openai.terms.licence.rule.licensee: `nvidia` has neither a platform nor a product"],
    ),
    (
        "Set(\"contracts.microsoft-openai.amendments.2026-04-27.terms.revenue-share-out.rule.total_cap_usd\", 0)",
        &[
            "contracts.microsoft-openai.amendments.2026-04-27.terms.revenue-share-out.rule.total_cap_usd: a cap of 0 lets nothing ever be paid",
        ],
    ),
    (
        "Add(\"contracts.microsoft-openai.terms.revenue-share-out.rule.total_cap_usd\", 50e9), \
         Set(\"contracts.microsoft-openai.amendments.2026-04-27.terms.revenue-share-out.rule.counting_from\", \"2023-01-23\"), \
         Set(\"contracts.microsoft-openai.amendments.2026-04-27.terms.revenue-share-out.rule.total_cap_usd\", 38e9)",
        &[
            "contracts.microsoft-openai.amendments.2026-04-27.terms.revenue-share-out.rule.total_cap_usd: the cap of 38 billion USD is below the 50 billion",
        ],
    ),
    (
        "Set(\"power.extra_months\", Steps([(\"2023-01-01\", 0), (\"2035-01-01\", 12)]))",
        &["power.extra_months.0.1: 2035-01-01 is never read: the run ends on 2032-12-31"],
    ),
    (
        "Set(\"power.extra_months\", Linear(points: [(\"2020-01-01\", 0), (\"2021-01-01\", 3), (\"2035-01-01\", 12), (\"2036-01-01\", 24)]))",
        &[
            "power.extra_months.points.0: 2020-01-01 is never read: 2021-01-01 comes after it, and the run begins on 2023-01-01",
            "power.extra_months.points.3: 2036-01-01 is never read: the run ends on 2032-12-31",
        ],
    ),
];

#[test]
fn each_lint_speaks_up_at_a_change_of_the_baseline_and_no_other_does() {
    let base = read(&shipped("baseline.ron"));
    for (changes, expected) in CASES {
        let mut told = after(&base, changes);
        told.sort();
        let matches =
            told.len() == expected.len() && told.iter().zip(*expected).all(|(told, begins)| told.starts_with(begins));
        assert!(matches, "{changes}\nbrings {told:#?}\nand not {expected:#?}");
    }
}

#[test]
fn nothing_that_is_shipped_is_warned_of() {
    let entries = std::fs::read_dir(shipped("")).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "ron")).collect();
    assert!(!files.is_empty());
    for file in files {
        let warnings = read(&file).warnings();
        assert!(warnings.is_empty(), "{}:\n{warnings}", file.display());
    }
}

/// A short run is a look at the beginning: what comes later is left out on purpose.
#[test]
fn a_run_cut_short_by_an_option_warns_of_nothing_that_comes_later() {
    let scenario = Scenario::read(&shipped("baseline.ron"), &["horizon.end=\"2024-06-30\"".to_owned()]).unwrap();
    assert_eq!(told(&scenario), Vec::<String>::new());
}

#[test]
fn check_draws_warnings_with_their_place_and_succeeds() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloudmarket"));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command.args(["check", "scenarios/baseline.ron", "--set", "clouds.azure.guidance_until=2022-06-30"]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8(output.stderr).unwrap();
    let start = "warning: the guidance ends on 2022-06-30, before the run begins on 2023-01-01\n --> <--set>:1:";
    assert!(said.starts_with(start), "{said}");
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.starts_with("baseline: right, with 1 warning ("), "{out}");
}

#[test]
fn warnings_stand_in_the_manifest_of_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloudmarket"));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command.args([
        "run",
        "scenarios/baseline.ron",
        "--no-charts",
        "--replications",
        "1",
        "--until",
        "2023-02-28",
        "--out",
    ]);
    command.arg(folder.path()).args(["--set", "clouds.azure.guidance_until=2022-06-30"]);
    assert_eq!(command.output().unwrap().status.code(), Some(0));
    let manifest = std::fs::read_to_string(folder.path().join("baseline/manifest.ron")).unwrap();
    assert!(manifest.contains("clouds.azure.guidance_until: the guidance ends on 2022-06-30"), "{manifest}");
}
