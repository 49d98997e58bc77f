//! Training in the market: frontier runs and research jobs as gangs on the chips of labs.

#[path = "shipped/mod.rs"]
mod shipped;

use cloudmarket::model::{Options, RunResult};
use cloudmarket::scenario::Scenario;
use std::fmt::Write;

/// Two years of the baseline with one in twenty accounts, after some changes.
fn changed(changes: &str) -> Scenario {
    let mut settings = shipped::thinned("baseline", 20);
    settings.push("horizon.end=\"2024-12-31\"".to_owned());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("changed.ron");
    std::fs::write(&file, format!("(changes: [{changes}])")).unwrap();
    let tree = shipped::read("baseline", &settings).tree().fork(&file).unwrap_or_else(|problems| panic!("{problems}"));
    Scenario::of_tree(tree).unwrap_or_else(|problems| panic!("{problems}"))
}

fn run(scenario: &Scenario) -> RunResult {
    shipped::run(scenario, 0, Options { audit: true, ..Options::default() })
}

/// What was observed of a lab, month by month; what was not is left out.
fn observed(result: &RunResult, metric: &str, lab: &str) -> Vec<f64> {
    let keys = result.recorded.keys.iter().position(|key| key.metric == metric && key.entity == lab);
    let series = result.recorded.series(keys.unwrap_or_else(|| panic!("no {metric} of {lab}")));
    series.iter().copied().filter(|value| !value.is_nan()).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// A lab with a cloud of its own that gets 4,000 training H100e from the start, trains one run a year on half of them
/// and nothing else; nothing fails and checkpoints are free.
const ONE_RUN: &str = r#"
    Set("clouds.meta.internal_load_h100e", 0), Set("labs.meta-ai.research_h100e", 4_000),
    Set("labs.meta-ai.programme.first_start", "2023-03-01"),
    Set("labs.meta-ai.programme.every_days", 365),
    Set("labs.meta-ai.programme.share_of_research", 0.5),
    Set("labs.meta-ai.programme.flop", 1.6e24),
    Remove("labs.meta-ai.research_jobs"),
    Set("training.mfu", 0.4), Set("training.peak_tflops", 1_000),
    Set("training.checkpoint_hours", 0), Set("training.restart_hours", 0),
"#;

/// 1.6·10²⁴ FLOP on 2,000 H100e at 0.4 · 10¹⁵ FLOP/s are 2·10⁶ s, 23.15 days; of a chip a part may be missing.
#[test]
fn a_frontier_run_takes_its_compute_over_its_gang() {
    let result = run(&changed(&format!("{ONE_RUN} Set(\"sites.legacy-meta.outages_per_year\", 0)")));
    let days = observed(&result, "frontier_run_days", "meta-ai");
    assert_eq!(days.len(), 2, "one run in each year: {days:?}");
    for days in days {
        assert!((days / (1.6e24 / (2_000.0 * 0.4e15) / 86_400.0) - 1.0).abs() < 1e-3, "{days}");
    }
    assert_eq!(observed(&result, "queue_wait_hours", "meta-ai"), [0.0, 0.0]);
}

/// A hundred outages of six hours a year stop a run of 23 days six times: 36 hours and, with free checkpoints, no work
/// is lost. In any year the number varies, so that the bounds are wide.
#[test]
fn an_outage_stops_a_run_until_the_site_is_back() {
    let outages = r#"Set("sites.legacy-meta.outages_per_year", 100),
        Set("sites.legacy-meta.outage_hours", Constant(6))"#;
    let result = run(&changed(&format!("{ONE_RUN} {outages}")));
    for days in observed(&result, "frontier_run_days", "meta-ai") {
        let longer = 24.0 * days - 1.6e24 / (2_000.0 * 0.4e15) / 3_600.0;
        assert!((6.0..=120.0).contains(&longer), "{longer} hours longer");
    }
    // A checkpoint every √(2 · 0.5 / λ) hours: with hardly any failures of chips a run has none to go back to.
    let rare = r#"Set("training.checkpoint_hours", 0.5), Set("training.restart_hours", 1)"#;
    let lossy = run(&changed(&format!("{ONE_RUN} {outages}, {rare}")));
    let days = |result| mean(&observed(result, "frontier_run_days", "meta-ai"));
    assert!(days(&lossy) > days(&result), "{} and {} days", days(&lossy), days(&result));
}

/// Every discipline keeps its books under audit; backfilling does not make anybody wait longer on the whole.
#[test]
fn backfilling_shortens_the_waits() {
    let waits = |queue: &str| {
        let clouds = ["azure", "aws", "google-cloud", "meta", "oracle", "coreweave", "specialised-clouds"];
        let changes = clouds.iter().fold(String::new(), |mut text, cloud| {
            write!(text, "Add(\"clouds.{cloud}.training_queue\", {queue}),").unwrap();
            text
        });
        let result = run(&changed(&changes));
        let labs = ["openai", "google-deepmind", "meta-ai", "microsoft-ai", "anthropic"];
        let all: Vec<f64> = labs.iter().flat_map(|lab| observed(&result, "queue_wait_hours", lab)).collect();
        mean(&all)
    };
    let [first_come, first_fit, easy, conservative, priority] =
        ["FirstCome", "FirstFit", "Easy", "Conservative", "Priority"].map(waits);
    let all = [first_come, first_fit, easy, conservative, priority];
    assert!(easy < first_come && conservative < first_come && first_fit < first_come, "{all:?}");
    assert!(all.iter().all(|hours| (0.1..1_000.0).contains(hours)), "{all:?}");
}

#[test]
fn a_lab_without_chips_is_warned_of() {
    let none = r#"
        Set("labs.mistral.research_h100e", 0), Set("labs.mistral.research_share_of_revenue", 0),
        Set("labs.mistral.programme.first_start", "2023-06-01")"#;
    let result = run(&changed(none));
    let told: Vec<&String> = result.warnings.iter().filter(|warning| warning.contains("mistral")).collect();
    assert_eq!(told.len(), 1, "{:?}", result.warnings);
    assert_eq!(told[0], "2023-06-01: a frontier run of mistral waits: the lab has no chips to train on");
}
