//! Clouds that price by best response, in a world small enough to solve: `scenarios/rules/world.ron`.

#[path = "shipped/mod.rs"]
mod shipped;

use cloudmarket::market::demand::rental::RentalGame;
use cloudmarket::market::pricing::{Search, equilibrium};
use cloudmarket::model::{Options, RunResult};
use cloudmarket::scenario::Scenario;
use cloudmarket::units::Time;

/// Chips of each cloud.
const ROOM: f64 = 10_000.0;

/// Two clouds that reprice in turn, for renters who want so much compute at the reference price.
fn world(h100e: f64, menu_cost_usd: f64) -> Scenario {
    let policy = format!(
        "BestResponse(start_usd: 9, cost_share: 1, every_months: 2, damping: 0.7, menu_cost_usd: {menu_cost_usd})"
    );
    let mut settings = vec![
        format!("rental.h100e={h100e}"),
        "rental.share_at_equal_prices={\"first\": 0.6, \"second\": 0.4}".to_owned(),
        "rental.adjustment_per_month=1".to_owned(),
    ];
    for cloud in ["first", "second"] {
        settings.push(format!("clouds.{cloud}.chip_price={policy}"));
        settings.push(format!("clouds.{cloud}.purchases={{\"chip\": 1.0}}"));
    }
    shipped::read("rules/world", &settings)
}

/// A metric of an entity, and of a counterparty if it has one, in the last month.
fn last(result: &RunResult, metric: &str, entity: &str, counterparty: &str) -> f64 {
    let recorded = &result.recorded;
    let place = recorded.keys.iter().position(|key| {
        (key.metric.as_str(), key.entity.as_str(), key.counterparty.as_str()) == (metric, entity, counterparty)
    });
    *recorded.series(place.unwrap_or_else(|| panic!("no {metric} of {entity}"))).last().unwrap()
}

fn of_both(result: &RunResult, metric: &str) -> [f64; 2] {
    ["first", "second"].map(|cloud| last(result, metric, cloud, ""))
}

fn costs(result: &RunResult) -> [f64; 2] {
    ["first", "second"].map(|cloud| last(result, "levelised_cost_at_cloud_usd_per_h100e_hour", "chip", cloud))
}

/// The equilibrium of the same game, solved at once.
fn solved(scenario: &Scenario, cost: [f64; 2]) -> Vec<f64> {
    let params = scenario.params(0).unwrap();
    let attractiveness = [0.6, 0.4].map(libm::log);
    let game = RentalGame::new(&params.rental, Time(0), &attractiveness);
    let found = equilibrium(&game.at(&cost, &[ROOM; 2]).unwrap(), Search::default());
    assert!(found.converged, "{found:?}");
    found.prices
}

/// Prices of both clouds at the end of a run, and those of the equilibrium.
fn run_and_solved(h100e: f64) -> ([f64; 2], Vec<f64>, [f64; 2]) {
    let scenario = world(h100e, 0.0);
    let result = shipped::run(&scenario, 0, Options::default());
    let expected = solved(&scenario, costs(&result));
    (of_both(&result, "price_usd_per_h100e_hour"), expected, of_both(&result, "price_off_best_response"))
}

/// With room for all, every other month's reviews come to the equilibrium: prices over cost, the more wanted cloud's higher.
#[test]
fn reviews_in_turn_without_a_menu_cost_end_at_the_equilibrium() {
    let (prices, expected, gaps) = run_and_solved(1_000.0);
    for k in 0..2 {
        assert!((prices[k] / expected[k] - 1.0).abs() < 1e-6, "{prices:?} are not {expected:?}");
        assert!(gaps[k].abs() < 1e-6, "{gaps:?}");
    }
    assert!(prices[0] > prices[1], "{prices:?}");
}

/// Forty thousand are wanted at the reference price, and there are twenty thousand less what labs hold: prices rise until
/// demand meets the room, from which neither would move.
#[test]
fn clouds_without_room_price_to_their_capacity() {
    let ((prices, free, gaps), (roomy, _, _)) = (run_and_solved(40_000.0), run_and_solved(1_000.0));
    for k in 0..2 {
        assert!(gaps[k].abs() < 1e-6, "{prices:?} are off by {gaps:?}");
        assert!(prices[k] > free[k] && prices[k] > 1.2 * roomy[k], "{prices:?}, with more room {free:?} and {roomy:?}");
    }
}

/// Where a change costs more than it earns, prices stay where they were, and the output says how far off that is.
#[test]
fn a_menu_cost_leaves_prices_off_their_best_response_and_says_so() {
    let result = shipped::run(&world(1_000.0, 1e12), 0, Options::default());
    assert_eq!(of_both(&result, "price_usd_per_h100e_hour"), [9.0; 2]);
    let gaps = of_both(&result, "price_off_best_response");
    assert!(gaps.iter().all(|gap| *gap > 0.1), "{gaps:?}");
}
