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
const NEEDED: [&str; 65] = [
    "mm1",
    "mmc",
    "erlang_b",
    "mmck",
    "mg1",
    "mmc_priority",
    "mmc_priority_different_rates",
    "mg1_priority",
    "mm_inf",
    "machine_repair",
    "k_of_n",
    "k_of_n_mttf_no_repair",
    "k_of_n_mttf_with_repair",
    "erlang_a",
    "ggc",
    "mnl_shares",
    "nested_logit_shares",
    "nested_logit_inversion",
    "logit_switching_cost",
    "logit_monopoly",
    "bertrand_nash",
    "merger",
    "cost_shock",
    "capped_revenue_share",
    "take_or_pay",
    "npv_irr",
    "annuity",
    "straight_line",
    "levelised_cost",
    "levelised_cost_hand",
    "day_counts",
    "prorated_commitment",
    "tiered_capped_share",
    "pue_arithmetic",
    "pue_aggregate",
    "feasible_chips",
    "phased_energisation",
    "feed_capacity_table",
    "k_of_n_feeds",
    "n_plus_1",
    "power_capped_mix",
    "curtailment",
    "rationing",
    "bass",
    "constant_elasticity",
    "logistic",
    "t_interval",
    "paired_t_crn",
    "quantile_type7",
    "ishigami",
    "sobol_g",
    "linear",
    "sobol_estimator_exact_ishigami",
    "sobol_estimator_exact_sobol_g",
    "morris_exact",
    "sobol_sequence",
    "sobol_sequence_property",
    "discrepancy_latin_hypercube",
    "lhs_variance_additive",
    "welch_t",
    "bootstrap_bca_exhaustive",
    "bootstrap_given_indices",
    "multiple_testing",
    "sequential_stopping",
    "absolute_precision_sample_size",
];

#[track_caller]
fn verdicts(files: &[(&str, &str)]) -> Vec<Verdict> {
    let cases = read(files.iter().copied()).unwrap_or_else(|problems| panic!("{problems:#?}"));
    run(&cases, Effort::new(false, &AtomicBool::new(false))).expect("nobody interrupts")
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
    let told = format!("`verify` computes {counted} of {} reference cases", verdicts.len());
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    assert!(readme.contains(&told), "the README does not say: {told}");
}

#[test]
fn no_case_of_queues_without_gangs_and_none_of_choice_sensitivity_finance_or_power_is_skipped() {
    let known: BTreeSet<&str> = kinds::computed().collect();
    let counted = |name: &str| {
        let kinds: Vec<Value> =
            reference(name)["cases"].as_array().unwrap().iter().map(|c| c["kind"].clone()).collect();
        let kinds: Vec<&str> = kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "gang_queue").collect();
        (kinds.len(), kinds.iter().filter(|kind| known.contains(*kind)).count())
    };
    assert_eq!(counted("01_queueing_analytic.json"), (25, 25));
    assert_eq!(counted("02_queueing_simulated.json"), (7, 7));
    assert_eq!(counted("04_choice_pricing.json"), (16, 16));
    assert_eq!(counted("07_sensitivity.json"), (13, 13));
    assert_eq!(counted("08_statistics.json"), (16, 10));
    assert_eq!(counted("09_finance_ledgers.json"), (20, 20));
    assert_eq!(counted("10_power.json"), (13, 13));
}

/// One figure of each kind, made wrong; exactly what was made wrong is told.
#[test]
fn a_wrong_figure_fails_in_every_kind_of_queues_choice_rationing_demand_sensitivity_finance_and_power() {
    const QUEUES: &str = "01_queueing_analytic.json";
    const CHOICE: &str = "04_choice_pricing.json";
    const RATIONING: &str = "05_rationing_oligopoly.json";
    const DEMAND: &str = "06_diffusion_demand.json";
    const POWER: &str = "10_power.json";
    const FINANCE: &str = "09_finance_ledgers.json";
    const SENSITIVITY: &str = "07_sensitivity.json";
    const STATISTICS: &str = "08_statistics.json";
    let wrong = [
        (QUEUES, "mmc_priority", "Wq_class1", json!(0.27)),
        (QUEUES, "mmc_priority_different_rates", "Wq_class2", json!(0.65)),
        (QUEUES, "mg1_priority", "kleinrock_conservation", json!(2.8)),
        (QUEUES, "mm_inf", "variance", json!(13.5)),
        (QUEUES, "machine_repair", "mean_system_down_time", json!(2.9)),
        (QUEUES, "k_of_n", "system_unavailability", json!(0.001_158_126)),
        (QUEUES, "k_of_n_mttf_no_repair", "MTTF", json!(616.7)),
        (QUEUES, "k_of_n_mttf_with_repair", "MTTF", json!(650)),
        (QUEUES, "erlang_a", "P_abandon", json!(0.24)),
        ("02_queueing_simulated.json", "ggc", "sakasegawa_Wq", json!(2.1)),
        (
            CHOICE,
            "nested_logit_inversion",
            "mean_utilities",
            json!([-0.39, -0.678250679839855, -0.6506808660803554, -1.1701347509428237]),
        ),
        (
            CHOICE,
            "logit_switching_cost",
            "stationary_shares",
            json!([0.30732931829462257, 0.23128862258697627, 0.11836837883998653, 0.343]),
        ),
        (CHOICE, "logit_monopoly", "price", json!(2.034_624_57)),
        (CHOICE, "bertrand_nash", "HHI_inside", json!(3_383.863)),
        (CHOICE, "merger", "delta_HHI_at_pre_merger_shares", json!(1_453.26)),
        (CHOICE, "cost_shock", "consumer_surplus_change_per_customer", json!(-0.110_447)),
        (FINANCE, "straight_line", "by_calendar_year", json!([4050, 5400, 5400, 5400, 5400, 1351])),
        (FINANCE, "levelised_cost", "pv_cost", json!(36_698.559_662)),
        (FINANCE, "levelised_cost_hand", "usd_per_million_tokens", json!(0.400_431_253)),
        (FINANCE, "day_counts", "actual_days", json!([2, 1, 29, 365, 366])),
        (FINANCE, "prorated_commitment", "prorated_minimum_end_inclusive_fixed_365", json!("1824986.31")),
        (FINANCE, "tiered_capped_share", "uncapped_total", json!("232500.01")),
        (RATIONING, "rationing", "strict_priority_all_or_nothing_skip", json!([60, 30, 0, 10])),
        (RATIONING, "rationing", "unserved", json!(61)),
        (DEMAND, "constant_elasticity", "monopoly_price_at_unit_marginal_cost_1", json!(3.500_001)),
        (DEMAND, "constant_elasticity", "consumer_surplus_gain_from_max_to_min_price", json!(2_488.060_628)),
        (DEMAND, "logistic", "time_10_to_90_percent", json!(5.493_061_4)),
        (SENSITIVITY, "ishigami", "S2_13", json!(0.25)),
        (SENSITIVITY, "sobol_g", "variance", json!(0.47)),
        (SENSITIVITY, "linear", "morris_mu_unit_scaled", json!([3.0, -4.0, 3.0, 2.0, 0.0, 2.1])),
        (
            SENSITIVITY,
            "sobol_estimator_exact_ishigami",
            "S1_saltelli2010_raw_outputs",
            json!([0.335_940_906_696_114_76, 0.625_373_123_868_230_1, 0.083_421]),
        ),
        (SENSITIVITY, "morris_exact", "mu_star", json!([9.266_253_137_426_384, 7.875, 4.687])),
        (SENSITIVITY, "sobol_sequence_property", "count_per_interval_every_dimension", json!(31)),
        (SENSITIVITY, "discrepancy_latin_hypercube", "mixture_squared", json!(0.049_24)),
        (SENSITIVITY, "discrepancy_iid_uniform", "is_latin", json!(true)),
        (SENSITIVITY, "lhs_variance_additive", "variance_of_mean_lhs", json!(0.000_32)),
        (STATISTICS, "welch_t", "degrees_of_freedom", json!(11.844)),
        (STATISTICS, "bootstrap_bca_exhaustive", "z0", json!(0.095_64)),
        (STATISTICS, "bootstrap_given_indices", "basic_interval", json!([-1.391_15, 1.62])),
        (
            STATISTICS,
            "multiple_testing",
            "holm_reject",
            json!([false, false, true, false, false, false, false, false, true, false]),
        ),
        (STATISTICS, "sequential_stopping", "n_stop_adjusted_rule", json!(119)),
        (STATISTICS, "absolute_precision_sample_size", "n_required", json!(1_132)),
        (POWER, "pue_aggregate", "annual_pue", json!(1.269_810_606_060_606)),
        (POWER, "phased_energisation", "running_chip_days", json!(6_724_662)),
        (POWER, "feed_capacity_table", "expected_unserved_mw", json!(0.000_132_64)),
        (POWER, "k_of_n_feeds", "expected_deliverable_mw", json!(12)),
        (POWER, "n_plus_1", "N_plus_1", json!(9)),
        (POWER, "power_capped_mix", "integer_optimum_throughput", json!(221_857)),
        (POWER, "curtailment", "lost_chip_hours", json!(136_251)),
    ];
    for (file, kind, quantity, value) in wrong {
        let mut case = first_of(file, kind);
        case["expected"][quantity]["value"] = value;
        let Outcome::Failed(complaints) = verdict_of(&case).outcome else { panic!("{kind} passed") };
        assert_eq!(complaints.len(), 1, "{kind}: {complaints:?}");
        let place = complaints[0].split([' ', '[']).next();
        assert_eq!(place, Some(quantity), "{kind}: {complaints:?}");
    }
}

/// A figure beyond three standard errors, as one in some 400 is by chance, is looked at again with half of them, which
/// decides.
#[test]
fn what_is_off_by_chance_is_simulated_again() {
    let mut case = first_of("01_queueing_analytic.json", "erlang_a");
    let expected = case["expected"]["P_abandon"]["value"].as_f64().unwrap();
    let found = |verdict: &Verdict| {
        let (_, value) = verdict.quantities.iter().find(|(name, _)| *name == "P_abandon").unwrap();
        (value.to_json()["mean"].as_f64().unwrap(), value.to_json()["se"].as_f64().unwrap())
    };
    let (mean, se) = found(&verdict_of(&case));
    // Beyond three of the first look, on the side of the true figure.
    let away = mean + (expected - mean).signum() * 3.2 * se;
    case["expected"]["P_abandon"]["value"] = json!(away);
    let again = verdict_of(&case);
    let (closer, smaller) = found(&again);
    assert!(smaller < 0.75 * se, "{smaller} after {se}");
    let passes = (closer - away).abs() <= 3.0 * smaller;
    assert_eq!(again.outcome == Outcome::Passed, passes, "{:?}", again.outcome);
}

#[test]
fn a_rare_state_is_held_to_its_standard_error() {
    let mut case = first_of("01_queueing_analytic.json", "machine_repair");
    // Nine machines of ten down: 8.6e-7 of the time.
    case["expected"]["state_probabilities_down"]["value"][9] = json!(1e-4);
    let Outcome::Failed(complaints) = verdict_of(&case).outcome else { panic!("it passed") };
    assert_eq!(complaints.len(), 1, "{complaints:?}");
    assert!(
        complaints[0].starts_with("state_probabilities_down[9] is ") && complaints[0].contains("standard errors away")
    );
}

/// Whatever is wrong with the inputs of the new kinds is told with its place, and nothing is computed.
#[test]
fn wrong_queues_clauses_facilities_and_samples_are_refused() {
    let case = |file: &str, kind: &str, inputs: Value| {
        let mut case = first_of(file, kind);
        for (name, value) in inputs.as_object().unwrap() {
            case["inputs"][name] = value.clone();
        }
        let text = json!({ "cases": [case] }).to_string();
        read([("a.json", text.as_str())]).err().unwrap_or_else(|| panic!("{kind} is taken"))
    };
    const RATIONING: &str = "05_rationing_oligopoly.json";
    const DEMAND: &str = "06_diffusion_demand.json";
    const QUEUES: &str = "01_queueing_analytic.json";
    const POWER: &str = "10_power.json";
    const FINANCE: &str = "09_finance_ledgers.json";
    const SENSITIVITY: &str = "07_sensitivity.json";
    const STATISTICS: &str = "08_statistics.json";
    for (file, kind, inputs, start) in [
        (SENSITIVITY, "linear", json!({ "bounds": [[0, 1]] }), "bounds: expected bounds for each of"),
        (SENSITIVITY, "linear", json!({ "bounds": [[1, 0]] }), "bounds[0]: expected two numbers that rise"),
        (SENSITIVITY, "sobol_estimator_exact_sobol_g", json!({ "d": 3 }), "d: expected the number of inputs"),
        (
            SENSITIVITY,
            "morris_exact",
            json!({ "trajectories_unit": [[0, 0, 0]] }),
            "trajectories_unit: expected points",
        ),
        (
            SENSITIVITY,
            "sobol_sequence",
            json!({ "dimensions": 129 }),
            "dimensions: expected a whole number from 1 to 128",
        ),
        (
            SENSITIVITY,
            "sobol_sequence",
            json!({ "dimensions": 2, "direction_numbers": { "2": { "a": 0, "m": [2] } } }),
            "direction_numbers.2.m: expected odd numbers",
        ),
        (
            SENSITIVITY,
            "discrepancy_latin_hypercube",
            json!({ "points": [[0.5], [0.5, 0.5]] }),
            "points: expected points",
        ),
        (SENSITIVITY, "lhs_variance_additive", json!({ "d": 3 }), "coefficients: expected one for every coordinate"),
        (STATISTICS, "bootstrap_bca_exhaustive", json!({ "data": vec![1; 9] }), "data: expected so few values"),
        (STATISTICS, "bootstrap_given_indices", json!({ "resample_indices": [[10]] }), "resample_indices[0]: expected"),
        (STATISTICS, "sequential_stopping", json!({ "n0": 200 }), "n0: expected a whole number from 2 to 120"),
        (STATISTICS, "welch_t", json!({ "sample_2": [1] }), "sample_2: expected a list of at least two"),
        (QUEUES, "mmc_priority", json!({ "arrival_rate_class1": 1.6 }), "arrival_rate_class2: expected less than"),
        (QUEUES, "mg1_priority", json!({ "mean_service": [1] }), "mean_service: expected two numbers"),
        (QUEUES, "mm_inf", json!({ "times": [1e9] }), "times: expected times within which"),
        (QUEUES, "mm_inf", json!({ "service_rate": 1e-4 }), "arrival_rate: expected at most 10,000 customers at once"),
        (
            QUEUES,
            "erlang_a",
            json!({ "abandon_rate": 1e-4 }),
            "arrival_rate: expected at most 10,000 customers at once",
        ),
        (QUEUES, "machine_repair", json!({ "k_required": 11 }), "k_required: expected a whole number from 1 to 10"),
        (QUEUES, "k_of_n", json!({ "unit_availability": 1 }), "unit_availability: expected a number between"),
        (QUEUES, "erlang_a", json!({ "abandon_rate": 0 }), "abandon_rate: expected a number above 0"),
        ("02_queueing_simulated.json", "ggc", json!({ "servers": 2 }), "interarrival: expected less than"),
        (FINANCE, "straight_line", json!({ "life_years": 4.04 }), "life_years: expected a life of whole months"),
        (FINANCE, "straight_line", json!({ "salvage": 1e6 }), "salvage: expected at most the cost"),
        (FINANCE, "levelised_cost", json!({ "utilisation": 0 }), "utilisation: expected a number above 0"),
        (FINANCE, "day_counts", json!({ "pairs": [["2028-03-01", "2028-02-28"]] }), "pairs[0]: expected"),
        (FINANCE, "day_counts", json!({ "add_months": [["2100-12-01", 1]] }), "add_months[0]: expected"),
        (FINANCE, "prorated_commitment", json!({ "annual_minimum": 0.001 }), "annual_minimum: expected an amount"),
        (FINANCE, "prorated_commitment", json!({ "term_end": "2028-02-15" }), "term_end: expected a date after"),
        (
            FINANCE,
            "tiered_capped_share",
            json!({ "tiers_upper_bound_and_rate": [["5", "0.1"], ["4", "0.1"], [null, "0.2"]] }),
            "tiers_upper_bound_and_rate: expected bounds that rise",
        ),
        (RATIONING, "rationing", json!({ "priority_rank": [1] }), "priority_rank: expected one for every demand"),
        (RATIONING, "rationing", json!({ "weights": [0, 1, 1, 1] }), "weights[0]: expected a number above 0"),
        (DEMAND, "constant_elasticity", json!({ "elasticity": 0 }), "elasticity: expected a number below 0"),
        (DEMAND, "logistic", json!({ "growth_rate": 0 }), "growth_rate: expected a number above 0"),
        (POWER, "pue_aggregate", json!({ "it_mwh": [1] }), "facility_mwh: expected as many"),
        (POWER, "phased_energisation", json!({ "facility_kw_per_chip": 0 }), "facility_kw_per_chip: expected more"),
        (POWER, "feed_capacity_table", json!({ "feed_capacity_mw": [1] }), "feed_availability: expected one number"),
        (POWER, "n_plus_1", json!({ "module_mw": 0 }), "module_mw: expected a module of which"),
        (POWER, "power_capped_mix", json!({ "types": [{}] }), "types[0]: expected a type with"),
        (
            POWER,
            "curtailment",
            json!({ "events": [{ "start": "2027-07-10", "hours": 1, "cut_mw": 1 }] }),
            "events[0]: ",
        ),
    ] {
        let problems = case(file, kind, inputs);
        let place = format!("a.json: cases[0].inputs.{start}");
        assert!(problems.iter().any(|problem| problem.starts_with(&place)), "{kind}: {problems:?}");
    }
}

/// 40 MW less 12 and, in the last of six hours, 20 more: 72 + 20 MWh; the hour leaves 8 MW, and 5,000 chips of 1.6 kW.
#[test]
fn cuts_at_once_add_up() {
    let mut case = first_of("10_power.json", "curtailment");
    case.as_object_mut().unwrap().remove("expected");
    case["inputs"]["events"] = json!([
        { "start": "2027-07-10T14:00", "hours": 6.0, "cut_mw": 12.0 },
        { "start": "2027-07-10T19:00", "hours": "1", "cut_mw": "20" },
        { "start": "2027-07-10T20:00", "hours": 1, "cut_mw": 100 },
    ]);
    let verdict = verdict_of(&case);
    let found = |name: &str| verdict.quantities.iter().find(|(n, _)| *n == name).unwrap().1.to_json();
    assert_eq!(found("chips_running_during_each_event"), json!([5_000, 5_000, 0]));
    // The last takes all there is, 40 MW.
    assert_eq!(found("curtailed_mwh"), json!(132.0));
    assert_eq!(found("lost_chip_hours"), json!(82_500.0));
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
