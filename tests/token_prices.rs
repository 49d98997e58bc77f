//! Labs that price by best response, in a world small enough to solve: `scenarios/rules/world.ron`.

#[path = "shipped/mod.rs"]
mod shipped;

use cloudmarket::market::pricing::{Search, TokenGame, TokenProduct, equilibrium};
use cloudmarket::model::{Options, RunResult};

/// Customers who come anew every month, with a weight of 3 on the price; each lab's model has one nest.
fn world(spend_usd: f64, menu_cost_usd: f64) -> RunResult {
    let policy = format!(
        "BestResponse(start_markup: 2, cost_share: 1, every_months: 2, damping: 0.7, menu_cost_usd: {menu_cost_usd})"
    );
    let mut settings: Vec<String> = [
        "segments.nobody.ceiling_accounts=20000",
        "segments.nobody.sampled_accounts=20000",
        "segments.nobody.bass_p=50",
        "segments.nobody.renewal_months=1",
        "segments.nobody.elasticity=0",
        "segments.nobody.taste.log_price=3",
        "segments.nobody.taste.outside=-2.5",
        "models.birch-1.open_weights=true",
    ]
    .map(str::to_owned)
    .into();
    settings.push(format!("segments.nobody.spend_median_usd_per_year={spend_usd}"));
    settings.extend(["atlas", "birch"].map(|lab| format!("labs.{lab}.pricing={policy}")));
    settings.extend(["first", "second"].map(|cloud| format!("clouds.{cloud}.purchases={{\"chip\": 1.0}}")));
    shipped::run(&shipped::read("rules/world", &settings), 0, Options::default())
}

/// A metric of an entity in the last month.
fn last(result: &RunResult, metric: &str, entity: &str, counterparty: &str) -> f64 {
    let recorded = &result.recorded;
    let place = recorded.keys.iter().position(|key| {
        (key.metric.as_str(), key.entity.as_str(), key.counterparty.as_str()) == (metric, entity, counterparty)
    });
    *recorded.series(place.unwrap_or_else(|| panic!("no {metric} of {entity}"))).last().unwrap()
}

fn of_both(result: &RunResult, metric: &str) -> [f64; 2] {
    ["atlas", "birch"].map(|lab| last(result, metric, lab, ""))
}

/// The equilibrium of the customers' true tastes: Atlas on its interface, Birch on two platforms, which count as one product
/// of ln 2 more; outside, −2.5 and the quality of a year ago, 1. At a price of 3: V = 1 − 3·ln 3.
fn solved(cost: f64) -> Vec<f64> {
    let attraction = libm::exp(1.0 - 3.0 * libm::log(3.0));
    let product = |seller: usize, channels: f64| TokenProduct { seller, mtok: channels * attraction, price: 3.0, cost };
    let game = TokenGame::new(&[product(0, 1.0), product(1, 2.0)], libm::exp(-1.5), 3.0, 1.0).unwrap();
    let found = equilibrium(&game.at(&[f64::INFINITY; 2]).unwrap(), Search::default());
    assert!(found.converged && found.starts_agree, "{found:?}");
    found.prices
}

/// What a million tokens cost: half a million an hour of an H100e.
fn cost(result: &RunResult) -> f64 {
    2.0 * last(result, "levelised_cost_at_cloud_usd_per_h100e_hour", "chip", "first")
}

/// Twenty thousand accounts choose by chance, so that shares are known to about a percent.
#[test]
fn reviews_in_turn_without_a_menu_cost_end_at_the_equilibrium() {
    let result = world(200.0, 0.0);
    let (prices, expected) = (of_both(&result, "price_usd_per_mtok"), solved(cost(&result)));
    for (price, expected) in prices.iter().zip(&expected) {
        assert!((price / expected - 1.0).abs() < 0.02, "{prices:?} are not {expected:?}");
    }
    assert!(prices[1] > prices[0], "Birch is wanted more: {prices:?}");
    assert!(of_both(&result, "price_off_best_response").iter().all(|gap| gap.abs() < 0.02));
    assert_eq!(of_both(&result, "best_response_sound"), [1.0; 2]);
    assert!(of_both(&result, "best_response_residual").iter().all(|residual| *residual < 1e-9));
}

/// Where a change costs more than it earns, list prices stay at 3, and the output says how far off that is.
#[test]
fn a_menu_cost_leaves_list_prices_off_their_best_response_and_says_so() {
    let result = world(200.0, 1e12);
    for price in of_both(&result, "price_usd_per_mtok") {
        assert!((price - 3.0).abs() < 1e-9, "{price}");
    }
    let gaps = of_both(&result, "price_off_best_response");
    assert!(gaps.iter().all(|gap| gap.abs() > 0.1), "{gaps:?}");
}

/// A hundred times the customers are more than the fleets serve: prices rise above those with room for all.
#[test]
fn labs_that_are_sold_out_price_to_what_they_serve() {
    let (roomy, full) = (world(200.0, 0.0), world(20_000.0, 0.0));
    let (free, dear) = (of_both(&roomy, "price_usd_per_mtok"), of_both(&full, "price_usd_per_mtok"));
    assert!(dear[0] > 1.1 * free[0], "{dear:?} against {free:?}");
}
