//! Backtests: the shipped observations, a run scored against itself, and wrong input.

#[path = "shipped/mod.rs"]
mod shipped;

use cloudmarket::cli::reader::FileReader;
use cloudmarket::cli::{Notes, Shell, execute};
use cloudmarket::evidence::backtest::{Ensemble, Mapping, Observed, Plan, Sample, score, summarise};
use cloudmarket::model::Options;
use cloudmarket::units::{Calendar, CivilDate};
use serde_json::Value;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

static NEVER: AtomicBool = AtomicBool::new(false);

fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap()
}

/// The shipped folder of reference tables.
fn reference(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/reference").join(name)
}

/// Calls `backtest`; gives the exit status, standard output and standard error.
fn call(arguments: &[&str]) -> (u8, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let status = {
        let notes = Notes::new(&mut err, false);
        let mut shell = Shell { reader: &FileReader, out: &mut out, notes, interrupt: &NEVER };
        execute(["cloudmarket", "backtest"].iter().chain(arguments).map(OsString::from), &mut shell)
    };
    (status, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

/// A table and what it is compared with, in a folder of their own.
struct Place(tempfile::TempDir);

impl Place {
    fn with(observed: &str, series: &str) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        std::fs::write(place.at("seen.csv"), observed).unwrap();
        std::fs::write(place.at("series.ron"), series).unwrap();
        place
    }

    fn at(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    /// The mapping and the table, planned over 2023 to 2025.
    fn plan(&self, cutoff: &str) -> Plan {
        let observed = Observed::read(Path::new(&self.at("seen.csv"))).unwrap();
        let mapping = Mapping::read(Path::new(&self.at("series.ron")), &observed).unwrap();
        Plan::new(&observed, &mapping, &Calendar::new(day("2023-01-01"), day("2025-12-31")), day(cutoff))
    }
}

const USERS: &str = r#"(series: {"users": (observed: ["Chat:users"], unit: "million", over: Month, factor: 1.0,
    simulated: [(metric: "users_m", entity: "chatgpt")])})"#;

#[test]
fn every_shipped_series_has_points_and_none_is_from_after_mid_2025() {
    let observed = Observed::read(&reference("observed.csv")).unwrap();
    let mapping = Mapping::read(&reference("series.ron"), &observed).unwrap_or_else(|problems| panic!("{problems}"));
    let plan = Plan::new(&observed, &mapping, &Calendar::new(day("2023-01-01"), day("2032-12-31")), day("2024-12-31"));
    for series in &plan.series {
        assert!(!series.points.is_empty(), "{} has no point within the run", series.name);
    }
    assert_eq!(plan.last_day(), Some(day("2025-06-30")));
    let scenario = shipped::read("baseline", &["horizon.end=\"2023-03-31\"".into()]);
    let recorded = shipped::run(&scenario, 0, Options::default()).recorded;
    let short = Plan::new(&observed, &mapping, &Calendar::new(day("2023-01-01"), day("2023-03-31")), day("2023-01-31"));
    short.simulated(&recorded).unwrap_or_else(|missing| panic!("{missing:?}"));
}

#[test]
fn naive_forecasts_see_nothing_after_the_cutoff() {
    let table = |late: f64| {
        format!(
            "series,period_end,value,unit\nChat:users,2023-06-30,100,million\nChat:users,2024-06-30,200,million\n\
             Chat:users,2024-12-31,300,million\nChat:users,2025-03-31,{late},million\nChat:users,2025-06-30,500,million\n"
        )
    };
    for late in [400.0, 9_000.0] {
        let plan = Place::with(&table(late), USERS).plan("2024-12-31");
        let naive: Vec<_> = plan.series[0].points.iter().map(|point| point.carried_forward).collect();
        assert_eq!(naive, [None, Some(100.0), Some(200.0), Some(300.0), Some(300.0)]);
        let out: Vec<bool> = plan.series[0].points.iter().map(|point| point.out_of_sample).collect();
        assert_eq!(out, [false, false, false, true, true]);
        // 100 in the 184 days from mid-2024 on, and 181 days to mid-2025.
        let trend = plan.series[0].points[4].trend.unwrap();
        assert!((trend - (300.0 + 100.0 * 181.0 / 184.0)).abs() < 1e-9, "{trend}");
    }
}

/// What the baseline's first replication gives is taken for observed.
#[test]
fn a_run_that_comes_true_scores_best() {
    let mut settings = shipped::thinned("baseline", 40);
    settings.push("replications=1".into());
    let recorded = {
        let mut short = settings.clone();
        short.push("horizon.end=\"2024-12-31\"".into());
        shipped::run(&shipped::read("baseline", &short), 0, Options::default()).recorded
    };
    let value = |metric: &str, entity: &str, month: usize| {
        let place = recorded.keys.iter().position(|key| (key.metric.as_str(), key.entity.as_str()) == (metric, entity));
        recorded.series(place.unwrap())[month]
    };
    let revenue = |months: std::ops::Range<usize>| -> f64 {
        months
            .map(|month| value("revenue_lab_usd", "openai", month) + value("revenue_lab_usd", "anthropic", month))
            .sum()
    };
    let mut table = String::from("series,period_end,value,unit,note\n");
    for (month, date) in recorded.dates.iter().enumerate().skip(2).step_by(3) {
        table += &format!("Labs:revenue,{date},{:e},USD_bn,\n", revenue(month - 2..month + 1) / 1e9);
        table += &format!("Chat:users,{date},{:e},million,\n", value("users_m", "chatgpt", month));
        if month >= 3 {
            let share = |way: &str, month| {
                value("revenue_share_paid_usd", &format!("microsoft-openai.revenue-share-{way}"), month)
            };
            let paid = |month| share("out", month) - share("in", month);
            table += &format!("Share:paid,{date},{:e},USD_bn,\n", (paid(month) - paid(month - 3)) / 1e9);
        }
    }
    table += &format!("Labs:yearly,2024-12-31,{:e},USD_bn,\nIdle:thing,2024-12-31,1,USD_bn,\n", revenue(12..24) / 1e9);
    let labs = r#"simulated: [(metric: "revenue_lab_usd", entity: "openai"), (metric: "revenue_lab_usd", entity: "anthropic")]"#;
    let series = format!(
        r#"(series: {{
            "labs": (observed: ["Labs:revenue"], unit: "USD_bn", over: Quarter, factor: 1e-9, {labs}),
            "labs-yearly": (observed: ["Labs:yearly"], unit: "USD_bn", over: Year, factor: 1e-9, {labs}),
            "share": (observed: ["Share:paid"], unit: "USD_bn", over: QuarterRise, factor: 1e-9,
                simulated: [(metric: "revenue_share_paid_usd", entity: "microsoft-openai.revenue-share-out"),
                    (metric: "revenue_share_paid_usd", entity: "microsoft-openai.revenue-share-in", less: true)]),
            "users": (observed: ["Chat:users"], unit: "million", over: Month, factor: 1.0,
                simulated: [(metric: "users_m", entity: "chatgpt")]),
        }})"#
    );
    let place = Place::with(&table, &series);
    let (seen, out) = (place.at("seen.csv"), place.at("out"));
    let scenario = shipped::file("baseline").to_str().unwrap().to_owned();
    let mut arguments = vec![&scenario, "--observed", &seen, "--cutoff", "2024-06-30", "--out", &out, "--json"];
    arguments.extend(settings.iter().flat_map(|setting| ["--set", setting.as_str()]));
    let (status, told, err) = call(&arguments);
    assert_eq!(status, 0, "{err}");
    let answer: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(answer["unmapped"], serde_json::json!(["Idle:thing"]));
    let scores = answer["series"].as_array().unwrap();
    // Every series in both samples, but for the year that ends after the cutoff.
    assert_eq!(scores.len(), 7, "{told}");
    for one in scores {
        let number = |field: &str| one[field].as_f64().unwrap_or(f64::NAN);
        assert!(number("crps") < 1e-9 && number("bias").abs() < 1e-9 && number("mape") < 1e-9, "{one}");
        let naive = number("crps_last");
        assert!(one["series"] == "labs-yearly" || naive > 1e-3 && number("skill_over_last") > 0.999, "{one}");
    }
    let points = std::fs::read_to_string(place.at("out/baseline/backtest.csv")).unwrap();
    assert!(points.starts_with("series,unit,sample,period_end,observed,p05,"));
    assert_eq!(points.lines().count(), 1 + 8 + 8 + 7 + 1, "{points}");
    assert!(points.contains("\nusers,million,out,2024-09-30,"));
}

#[test]
fn bands_cover_what_lies_in_them() {
    let table = "series,period_end,value,unit\nChat:users,2023-03-31,1,million\nChat:users,2023-06-30,2.9,million\n\
                 Chat:users,2023-09-30,9,million\n";
    let plan = Place::with(table, USERS).plan("2023-12-31");
    let scenario = shipped::read("baseline", &["horizon.end=\"2023-12-31\"".into()]);
    let mut recorded = shipped::run(&scenario, 0, Options::default()).recorded;
    let place = recorded.keys.iter().position(|key| key.metric == "users_m" && key.entity == "chatgpt").unwrap();
    let (months, mut ensemble) = (recorded.dates.len(), Ensemble::default());
    // Members 0, 1, .. 5 on every date: 1.25 to 3.75 is the 50 % band, 0.25 to 4.75 the 90 % band.
    for member in 0..6 {
        recorded.values[place * months..(place + 1) * months].fill(f64::from(member));
        ensemble.take(&plan, &recorded).unwrap();
    }
    let scores = summarise(&score(&plan, &ensemble));
    assert_eq!((scores.len(), scores[0].n, scores[0].sample), (1, 3, Sample::In));
    assert_eq!((scores[0].coverage_50, scores[0].coverage_90), (1.0 / 3.0, 2.0 / 3.0));
    // Medians of 2.5 against 1, 2.9 and 9.
    assert!((scores[0].bias - (1.5 - 0.4 - 6.5) / 3.0).abs() < 1e-12);
    assert!((scores[0].mae - (1.5 + 0.4 + 6.5) / 3.0).abs() < 1e-12);
}

#[test]
fn wrong_input_is_told_with_its_place() {
    let table = "series,period_end,value,unit\nChat:users,2023-02-30,1,million\nChat:users,2023-06-30,many,million\n";
    let place = Place::with(table, USERS);
    let scenario = shipped::file("baseline").to_str().unwrap().to_owned();
    let (seen, out) = (place.at("seen.csv"), place.at("out"));
    let run = || call(&[&scenario, "--observed", &seen, "--cutoff", "2024-06-30", "--out", &out]);
    let (status, _, told) = run();
    assert_eq!(status, 2, "{told}");
    for text in ["seen.csv:2: period_end", "seen.csv:3: value: expected a number, found `many`"] {
        assert!(told.contains(text), "`{text}` is not in: {told}");
    }
    std::fs::write(
        &seen,
        "series,period_end,value,unit\nChat:users,2023-06-30,1,thousand\nChat:users,2023-06-30,2,thousand\n",
    )
    .unwrap();
    assert!(run().2.contains("seen.csv:3: series `Chat:users` has 2023-06-30 in line 2 already"));
    std::fs::write(&seen, "series,period_end,value,unit\nChat:users,2023-06-30,1,thousand\n").unwrap();
    let (status, _, told) = run();
    assert!(status == 2 && told.contains("line 2 is in `thousand`, not in `million`"), "{told}");
    assert!(told.contains("series.ron:1:"), "{told}");
    std::fs::write(&seen, "series,period_end,value,unit\nChat:users,2023-06-30,1,million\n").unwrap();
    std::fs::write(place.at("series.ron"), USERS.replace("users_m", "user_m").replace("Chat:users", "Chat:user"))
        .unwrap();
    let (_, _, told) = run();
    for text in ["no series `Chat:user` was observed", "did you mean `Chat:users`?", "did you mean `users_m`?"] {
        assert!(told.contains(text), "`{text}` is not in: {told}");
    }
    std::fs::write(place.at("series.ron"), USERS.replace("factor", "factr")).unwrap();
    assert!(run().2.contains("factr"));
    std::fs::write(place.at("series.ron"), USERS.replace("\"chatgpt\"", "\"chatgtp\"")).unwrap();
    let (status, _, told) =
        call(&[&scenario, "--observed", &seen, "--cutoff", "2024-06-30", "--out", &out, "--replications", "1"]);
    assert!(status == 2 && told.contains("the run has no metric `users_m` of `chatgtp`"), "{told}");
    assert!(!Path::new(&out).exists());
}
