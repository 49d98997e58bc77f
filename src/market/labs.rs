//! What a lab needs, what it is worth and how it raises money.

use super::params::Funding;

/// Growth that a forecast may carry forward.
///
/// `g = min(cap, now/year ago − 1)`, at least 0; `first` while there is no year of history.
///
/// Source: bounded so that a young series does not explode; [`extrapolate`] damps it from year to year.
pub fn bounded_growth(now: f64, year_ago: Option<f64>, cap: f64, first: f64) -> f64 {
    match year_ago {
        Some(before) if before > 0.0 => (now / before - 1.0).clamp(0.0, cap),
        _ => first,
    }
}

/// A load `years` ahead on a damped trend: `now · Π_j (1 + g·φ^j)` over the years j = 0, 1, …, the last in part.
///
/// g growth of the first year [1/year] · φ what is left of growth from one year to the next [1].
/// Source: damped trend (Gardner and McKenzie 1985) in its multiplicative form.
pub fn extrapolate(now: f64, growth_per_year: f64, damping: f64, years: f64) -> f64 {
    let mut load = now;
    let mut growth = growth_per_year;
    let mut left = years;
    while left > 0.0 {
        load *= libm::pow(1.0 + growth, left.min(1.0));
        growth *= damping;
        left -= 1.0;
    }
    load
}

/// Compute that a lab's research and training budget buys [H100e].
///
/// `max(floor, ρ·R / (8,760·p))`: ρ share of revenue · R revenue run-rate [USD/year] · p price [USD/H100e-hour].
/// Source: bridge §5 (compute 2.1, 7.0, 7.4 bn USD against revenue 1.0, 3.7, 4.3). Left out: planned losses beyond ρ.
pub fn research_h100e(floor: f64, share: f64, revenue_usd_per_year: f64, price_usd_per_hour: f64) -> f64 {
    floor.max(share * revenue_usd_per_year / (8_760.0 * price_usd_per_hour))
}

/// Valuation [USD]: `R · (m + k·g) · (1 − δ·s)`.
///
/// R revenue run-rate [USD/year] · m multiple [years] · k added multiple per unit of growth · g growth [1/year], at
/// least 0 · δ discount at full dependence · s share of revenue through the largest distributor [1].
/// Source: form of the model; levels from priced rounds in `contracts.csv`. Left out: market-wide multiples.
pub fn valuation(funding: &Funding, revenue_usd_per_year: f64, growth: f64, largest_distributor: f64) -> f64 {
    let multiple = funding.multiple + funding.multiple_per_growth * growth.max(0.0);
    revenue_usd_per_year * multiple * (1.0 - funding.dependence_discount * largest_distributor)
}

/// Cash that a lab raises now [USD]: none while its cash covers the runway, else `min(n·B, λ·V)`.
///
/// B monthly burn [USD/month], positive when cash falls · n months that a round brings · V valuation [USD] · λ largest
/// round over valuation.
pub fn round_size(funding: &Funding, cash_usd: f64, burn_usd_per_month: f64, valuation_usd: f64) -> f64 {
    if burn_usd_per_month <= 0.0 || cash_usd >= funding.runway_months * burn_usd_per_month {
        return 0.0;
    }
    (funding.round_months * burn_usd_per_month).min(funding.largest_round * valuation_usd).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FUNDING: Funding = Funding {
        runway_months: 9.0,
        round_months: 18.0,
        multiple: 10.0,
        multiple_per_growth: 10.0,
        dependence_discount: 0.2,
        largest_round: 0.1,
    };

    #[test]
    fn growth_is_bounded_and_damped() {
        assert!((bounded_growth(14.0, Some(10.0), 1.0, 0.5) - 0.4).abs() < 1e-12);
        assert_eq!(bounded_growth(50.0, Some(10.0), 1.0, 0.5), 1.0);
        assert_eq!(bounded_growth(5.0, Some(10.0), 1.0, 0.5), 0.0);
        assert_eq!(bounded_growth(5.0, None, 1.0, 0.5), 0.5);
        assert!((extrapolate(10.0, 0.44, 0.5, 0.5) - 12.0).abs() < 1e-12);
        // 10 × 2 in the first year, × 1.5 in the second, × √1.25 in half of the third.
        assert!((extrapolate(10.0, 1.0, 0.5, 2.5) - 30.0 * 1.25_f64.sqrt()).abs() < 1e-12);
    }

    /// 10 bn × 1.2 ÷ (8,760 h × 2 USD) = 684,931.5 H100e.
    #[test]
    fn research_follows_revenue_above_its_floor() {
        assert!((research_h100e(0.0, 1.2, 10e9, 2.0) - 684_931.506_849_315).abs() < 1e-6);
        assert_eq!(research_h100e(5_000.0, 1.2, 0.0, 2.0), 5_000.0);
    }

    /// 4 bn × (10 + 10·1.5) × (1 − 0.2·0.5) = 90 bn; burn 0.5 bn a month: 18 months are 9 bn, a tenth of the value too.
    #[test]
    fn a_round_brings_months_of_burn_or_a_tenth_of_the_value() {
        let value = valuation(&FUNDING, 4e9, 1.5, 0.5);
        assert!((value - 90e9).abs() < 1.0);
        assert_eq!(round_size(&FUNDING, 5e9, 0.5e9, value), 0.0);
        assert!((round_size(&FUNDING, 4e9, 0.5e9, value) - 9e9).abs() < 1.0);
        assert!((round_size(&FUNDING, 1e9, 0.8e9, value) - 9e9).abs() < 1.0);
        assert_eq!(round_size(&FUNDING, 0.0, -1.0, value), 0.0);
    }
}
