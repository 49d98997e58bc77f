//! Demand: the curve of adoption.

use super::fields::{Fields, NOT_NEGATIVE, POSITIVE};
use super::kinds::Task;
use super::value::Value;
use crate::market::demand::Bass;

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
