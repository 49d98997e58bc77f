//! Tokens by kind and chip-hours by term, in a world small enough to work out: `scenarios/rules/world.ron`.

#[path = "shipped/mod.rs"]
mod shipped;

use cloudmarket::model::{Options, RunResult};
use cloudmarket::scenario::Scenario;

/// The world under audit, after values that it has are set and others are added, each as `path=value`.
fn run(settings: &[&str], additions: &[&str]) -> RunResult {
    let settings: Vec<String> = settings.iter().map(|setting| (*setting).to_owned()).collect();
    let add = |addition: &&str| {
        let (path, value) = addition.split_once('=').unwrap();
        format!("Add({path:?}, {value})")
    };
    let changes: Vec<String> = additions.iter().map(add).collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("additions.ron");
    std::fs::write(&file, format!("(changes: [{}])", changes.join(", "))).unwrap();
    let tree = shipped::read("rules/world", &settings).tree().clone();
    let tree = tree.fork(&file).unwrap_or_else(|problems| panic!("{problems}"));
    let scenario = Scenario::of_tree(tree).unwrap_or_else(|problems| panic!("{problems}"));
    shipped::run(&scenario, 0, Options { audit: true, ..Options::default() })
}

/// A metric of an entity and a counterparty in a month.
fn at(result: &RunResult, metric: &str, (entity, counterparty): (&str, &str), month: usize) -> f64 {
    let recorded = &result.recorded;
    let place = recorded.keys.iter().position(|key| {
        (key.metric.as_str(), key.entity.as_str(), key.counterparty.as_str()) == (metric, entity, counterparty)
    });
    recorded.series(place.unwrap_or_else(|| panic!("no {metric} of {entity}")))[month]
}

fn close(actual: f64, expected: f64, relative: f64) {
    assert!((actual - expected).abs() <= relative * expected.abs(), "{actual} is not {expected}");
}

/// Two hundred accounts that spend 20,000 a year, partly on a model of Birch that any cloud may host.
const CUSTOMERS: [&str; 4] = [
    "segments.nobody.spend_median_usd_per_year=20000",
    "segments.nobody.ceiling_accounts=200",
    "segments.nobody.sampled_accounts=200",
    "models.birch-1.open_weights=true",
];
const PRICES: &str = "demand.kind_prices=(output_over_input: 4, cached_over_input: 0.5, batch_over_list: 0.5)";
const MIX: &str = "demand.token_mix={\"chat\": (output: 0.1, cached: 0.75, batch: 0.2)}";
const WORK: &str = "serving.kind_work=(output_over_input: 3.5, cached_over_input: 0.1)";
/// What a token of the mix costs over list: (0.225 × 1 + 0.675 × 0.5 + 0.1 × 4) × 4/7, less a tenth.
const OVER_LIST: f64 = 0.9 * 0.9625 * 4.0 / 7.0;
/// What it takes to serve, over the list's blend.
const TAKES: f64 = (0.225 + 0.0675 + 0.35) * 4.0 / 6.5;

/// List 3: input 3 × 4/7, cached half of it, output four times it; batches half of what all three come to.
#[test]
fn each_kind_sells_at_its_ratio_to_the_list() {
    let result = run(&CUSTOMERS, &[PRICES, MIX]);
    let price = |metric: &str, of: &str| at(&result, metric, (of, ""), 11);
    close(price("price_of_class_usd_per_mtok", "chat"), 3.0 * OVER_LIST, 1e-9);
    close(price("price_usd_per_mtok", "market"), 3.0 * OVER_LIST, 1e-9);
    for (kind, expected) in [("input", 12.0 / 7.0), ("cached", 6.0 / 7.0), ("output", 48.0 / 7.0)] {
        close(price("price_of_kind_usd_per_mtok", kind), expected, 1e-9);
    }
    close(price("price_of_kind_usd_per_mtok", "batch"), 0.5 * 0.9625 * 12.0 / 7.0, 1e-9);
    close(price("cached_share", "market"), 0.75, 1e-9);
}

/// Against a world that buys at the list price: as much is spent, on tokens that are cheaper and so more, and each takes as
/// much compute as its kinds do.
#[test]
fn spend_stays_while_tokens_and_their_price_become_those_of_the_mix() {
    let (plain, mixed) = (run(&CUSTOMERS, &[]), run(&CUSTOMERS, &[PRICES, MIX, WORK]));
    let both = |result: &RunResult, metric: &str, of: &str| {
        ["first", "second"].map(|cloud| {
            let pair = if of.is_empty() { (cloud, "") } else { (of, cloud) };
            at(result, metric, pair, 11)
        })
    };
    let ratio = |metric: &str, of: &str| {
        both(&mixed, metric, of).iter().sum::<f64>() / both(&plain, metric, of).iter().sum::<f64>()
    };
    let spend = |result: &RunResult| at(result, "revenue_lab_usd", ("birch", ""), 11);
    assert!(spend(&plain) > 1_000.0);
    close(spend(&mixed), spend(&plain), 1e-6);
    // On the platforms there is nothing but Birch's model.
    close(ratio("served_mtok", ""), 1.0 / OVER_LIST, 1e-6);
    close(ratio("used_h100e", "platform-customers"), TAKES / OVER_LIST, 1e-6);
}

/// A thousand rented, 600 at the first cloud; 2.0 by policy, 2.5 on demand, 2.0 for a year and 1.25 for three.
const RENTAL: [&str; 3] =
    ["rental.h100e=1000", "rental.elasticity=0", "rental.share_at_equal_prices={\"first\": 0.6, \"second\": 0.4}"];

fn terms(spot_h100e: f64) -> String {
    format!(
        "rental.terms=(on_demand_over_price: 1.25, one_year: (discount: 0.2, bound: 0), three_years: (discount: 0.5, \
         bound: 2), review_per_month: 0.1, spot: (h100e: {spot_h100e}, reference_over_price: 0.5, elasticity: -2, \
         offered_share: 0.5))"
    )
}

const TERMS: [&str; 3] = ["on-demand", "reserved-1y", "reserved-3y"];

fn rented(result: &RunResult, cloud: &str, month: usize) -> [f64; 3] {
    TERMS.map(|term| at(result, "rented_by_term_h100e", (cloud, term), month))
}

/// A month closes a second early, so that means of a month are off by some millionths. In the first month all choose, with weights 1, 1/0.8², e^−2/0.5². Later a tenth of those on demand look anew, and so do
/// those whose year is over: in the thirteenth month the first cohort of a year.
#[test]
fn renters_choose_a_term_and_are_bound_by_it() {
    let result = run(&RENTAL, &[&terms(0.0)]);
    let weights = [1.0, 1.0 / 0.64, 4.0 * libm::exp(-2.0)];
    let shares = weights.map(|weight| weight / weights.iter().sum::<f64>());
    let first = rented(&result, "first", 0);
    for (rented, share) in first.iter().zip(shares) {
        close(*rented, 600.0 * share, 1e-6);
    }
    let second = rented(&result, "first", 1);
    close(second[0], first[0] * (0.9 + 0.1 * shares[0]), 1e-6);
    close(second[2], first[2] + 0.1 * first[0] * shares[2], 1e-6);
    for month in 0..36 {
        close(rented(&result, "first", month).iter().sum(), 600.0, 1e-6);
    }
    for (term, price) in TERMS.iter().zip([2.5, 2.0, 1.25]) {
        close(at(&result, "price_by_term_usd_per_h100e_hour", ("first", term), 5), price, 1e-12);
    }
    let year = |month: usize| rented(&result, "first", month)[1];
    assert!(year(11) > year(10) && year(12) < year(11), "the first year ends: {} {} {}", year(10), year(11), year(12));
    // January has 744 hours.
    let expected = 744.0 * (2.5 * first[0] + 2.0 * first[1] + 1.25 * first[2]);
    // Atlas rents the compute of its product there too, as it does where nobody is offered a term.
    let revenue = |result: &RunResult| at(result, "revenue_ai_usd", ("first", ""), 0);
    let of_labs = revenue(&run(&RENTAL, &[])) - 744.0 * 600.0 * 2.0;
    close(revenue(&result) - of_labs, expected, 1e-6);
    close(at(&result, "price_paid_usd_per_h100e_hour", ("first", ""), 0), expected / (744.0 * 600.0), 1e-6);
}

/// The policy's price halves in 2026: whoever has reserved pays on, so that the mean paid is above all that is on sale.
#[test]
fn what_is_reserved_holds_its_price() {
    let half = "clouds.first.chip_price=Scheduled(Steps([(\"2025-01-01\", 2.0), (\"2026-01-01\", 1.0)]))";
    let flat = "rental.price_sensitivity=0.001";
    let result = run(&[&RENTAL[..], &[half, flat]].concat(), &[&terms(0.0)]);
    close(at(&result, "price_by_term_usd_per_h100e_hour", ("first", "on-demand"), 13), 1.25, 1e-12);
    let paid = at(&result, "price_paid_usd_per_h100e_hour", ("first", ""), 13);
    let signed_now = at(&result, "price_by_term_usd_per_h100e_hour", ("first", "reserved-3y"), 13);
    assert!(paid > signed_now + 0.2, "{paid} paid");
    // Nearly all of what was reserved for three years in 2025 is still paid 1.25 an hour in the last month of 2027.
    let [on_demand, year, three] = rented(&result, "first", 34);
    let most = 1.25 * on_demand + 1.0 * year + 0.625 * three;
    let paid = 600.0 * at(&result, "price_paid_usd_per_h100e_hour", ("first", ""), 34);
    assert!(paid > 1.05 * most, "{paid} against {most} at today's prices");
}

/// Four times the fleet is wanted: what is reserved comes first, and what cannot be delivered is not paid.
#[test]
fn what_is_reserved_is_served_first() {
    let result = full();
    let [on_demand, year, three] = rented(&result, "first", 3);
    assert!(on_demand < 1.0, "{on_demand} on demand beside {year} and {three}");
    close(year + three, 10_000.0, 1e-6);
}

/// Some 9,400 stand idle, half of it is offered, and 300 (60 % of 500) are wanted at half the price: it clears at
/// 1.0 × (offered/300)^(−1/2) and is sold on top of everything else, without counting as load.
#[test]
fn spot_hours_clear_on_what_stands_idle() {
    let (without, with) = (run(&RENTAL, &[&terms(0.0)]), run(&RENTAL, &[&terms(500.0)]));
    let first = ("first", "");
    let idle = 10_000.0 * (1.0 - at(&with, "utilisation", first, 4));
    let price = at(&with, "price_by_term_usd_per_h100e_hour", ("first", "spot"), 5);
    close(price, libm::pow(0.5 * idle / 300.0, -0.5), 1e-6);
    let sold = at(&with, "rented_by_term_h100e", ("first", "spot"), 5);
    close(sold, 0.5 * idle, 1e-6);
    close(at(&with, "utilisation", first, 5), at(&without, "utilisation", first, 5), 1e-12);
    // June has 720 hours.
    let more = at(&with, "revenue_ai_usd", first, 5) - at(&without, "revenue_ai_usd", first, 5);
    close(more, 720.0 * sold * price, 1e-6);
    // Where everything is taken nothing is left for spot.
    assert_eq!(at(&full(), "rented_by_term_h100e", ("first", "spot"), 5), 0.0);
}

/// A world in which renters want four times the fleet.
fn full() -> RunResult {
    run(&["rental.h100e=40000", RENTAL[1], RENTAL[2]], &[&terms(500.0)])
}
