//! Demand: curves of adoption and growth, and how volume answers to price.

use super::fields::{ANY, Fields, NOT_NEGATIVE, POSITIVE, Range};
use super::kinds::Task;
use super::value::Value;
use crate::market::demand::{
    Bass, inverse_isoelastic, isoelastic, logistic, logistic_duration, logistic_slope, monopoly_price, surplus_gain,
};

const NEGATIVE: Range = Range { expected: "a number below 0", holds: |x| x < 0.0 };

/// Bass diffusion from zero adopters.
///
/// Most adopt at a time when `(1 − p/q)/2` have adopted, or at once where p ≥ q.
pub(super) fn bass(fields: &mut Fields, _id: &str) -> Task {
    let curve = Bass { p: fields.number("p", POSITIVE), q: fields.number("q", NOT_NEGATIVE) };
    let market = fields.number("market_size", POSITIVE);
    let times = fields.numbers("times", NOT_NEGATIVE);
    Box::new(move |_| {
        let peak_share = if curve.q > curve.p { 0.5 * (1.0 - curve.p / curve.q) } else { 0.0 };
        let peak_time = curve.years_to(peak_share);
        vec![
            ("cumulative_adopters", Value::numbers(times.iter().map(|t| market * curve.share(*t)))),
            ("adoption_rate", Value::numbers(times.iter().map(|t| market * curve.rate_per_year(*t)))),
            ("peak_time", Value::Number(peak_time)),
            ("peak_rate", Value::Number(market * curve.rate_per_year(peak_time))),
        ]
    })
}

/// Demand of constant elasticity.
pub(super) fn constant_elasticity(fields: &mut Fields, _id: &str) -> Task {
    let quantity = fields.number("reference_quantity", POSITIVE);
    let price = fields.number("reference_price", POSITIVE);
    let elasticity = fields.number("elasticity", NEGATIVE);
    let prices = fields.numbers("prices", POSITIVE);
    Box::new(move |_| {
        let demand = |p: &f64| isoelastic(quantity, price, elasticity, *p);
        let (dearest, cheapest) = prices.iter().fold((0.0_f64, f64::INFINITY), |(d, c), p| (d.max(*p), c.min(*p)));
        let half = inverse_isoelastic(quantity, price, elasticity, 0.5 * quantity);
        let gain = surplus_gain(quantity, price, elasticity, dearest, cheapest);
        let monopoly = monopoly_price(1.0, elasticity).map_or(Value::None, Value::Number);
        vec![
            ("quantity", Value::numbers(prices.iter().map(demand))),
            ("revenue", Value::numbers(prices.iter().map(|p| p * demand(p)))),
            ("inverse_demand_price_at_half_Q0", Value::Number(half)),
            ("consumer_surplus_gain_from_max_to_min_price", Value::Number(gain)),
            ("monopoly_price_at_unit_marginal_cost_1", monopoly),
        ]
    })
}

/// The logistic curve.
pub(super) fn logistic_curve(fields: &mut Fields, _id: &str) -> Task {
    let ceiling = fields.number("ceiling", POSITIVE);
    let rate = fields.number("growth_rate", POSITIVE);
    let midpoint = fields.number("midpoint", ANY);
    let times = fields.numbers("times", ANY);
    Box::new(move |_| {
        let value = |t: &f64| logistic(ceiling, rate, midpoint, *t);
        vec![
            ("value", Value::numbers(times.iter().map(value))),
            ("time_10_to_90_percent", Value::Number(logistic_duration(rate, 0.1, 0.9))),
            ("max_growth", Value::Number(logistic_slope(ceiling, rate, value(&midpoint)))),
        ]
    })
}
