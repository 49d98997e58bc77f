//! What payments at different times are worth now: annuities, net present value and internal rates of return.
//!
//! Flows come once a period, the first now; rates are per period. The levelised cost of compute pays capital back by
//! [`capital_recovery_factor`].
//! Source: R. Brealey, S. Myers, F. Allen, Principles of Corporate Finance, 13th edition (2019), chapters 2 and 5.
//! Limits: whole periods, one rate for all of them, no taxes.

/// Most halvings of an interval between two roots; 64-bit floats do not hold more.
const HALVINGS: usize = 2_100;

/// Share of a price paid back each period at rate r over n periods: `CRF = r / (1 − (1 + r)^−n)` [1/period]; 1/n at 0.
pub fn capital_recovery_factor(rate: f64, periods: f64) -> f64 {
    if rate == 0.0 {
        return 1.0 / periods;
    }
    rate / -libm::expm1(-periods * libm::log1p(rate))
}

/// What 1 at the end of each of n periods is worth now: `1 / CRF` \[periods\]; 0 for no period.
pub fn annuity_factor(rate: f64, periods: f64) -> f64 {
    if periods == 0.0 { 0.0 } else { 1.0 / capital_recovery_factor(rate, periods) }
}

/// Net present value: `Σ_t F_t / (1 + r)^t`.
///
/// F flow in period t, from 0 \[USD\] · r rate above −1 \[1/period\]
pub fn net_present_value(rate: f64, flows: &[f64]) -> f64 {
    flows.iter().rev().fold(0.0, |later, flow| flow + later / (1.0 + rate))
}

/// What monthly flows are worth at the start of the first month: `Σ_m F_m / (1 + R)^((m + 1) / 12)`.
///
/// F flow of month m, from 0, taken at its end \[USD\] · R rate above −1 \[1/year\]
/// Limits: twelve equal months a year.
pub fn present_value_of_months(rate_per_year: f64, flows: &[f64]) -> f64 {
    let rate = libm::expm1(libm::log1p(rate_per_year) / 12.0);
    net_present_value(rate, flows) / (1.0 + rate)
}

/// Every rate r above −1 at which the net present value crosses 0, ascending.
///
/// `Σ F_t x^t` in `x = 1/(1 + r) > 0` is a polynomial, and between two neighbouring roots of its derivative it is
/// monotone, so that each of its roots is found by halving. A root where it touches 0 without crossing is not told.
pub fn internal_rates(flows: &[f64]) -> Vec<f64> {
    let largest = flows.iter().fold(0.0, |largest: f64, flow| largest.max(flow.abs()));
    if largest == 0.0 {
        return Vec::new();
    }
    let scaled: Vec<f64> = flows.iter().map(|flow| flow / largest).collect();
    let mut rates: Vec<f64> = positive_roots(&scaled).iter().map(|x| 1.0 / x - 1.0).collect();
    rates.sort_by(f64::total_cmp);
    rates
}

/// How often the flows change sign: an upper bound on the number of internal rates, and even where that is.
pub fn sign_changes(flows: &[f64]) -> usize {
    let signs: Vec<bool> = flows.iter().filter(|flow| **flow != 0.0).map(|flow| *flow > 0.0).collect();
    signs.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

/// Where the polynomial with these coefficients, the constant first, crosses 0 above 0, ascending.
fn positive_roots(coefficients: &[f64]) -> Vec<f64> {
    // Zeros at either end are roots at 0 or no degree at all.
    let trimmed = {
        let first = coefficients.iter().position(|c| *c != 0.0).unwrap_or(0);
        let end = coefficients.iter().rposition(|c| *c != 0.0).map_or(0, |last| last + 1);
        &coefficients[first.min(end)..end]
    };
    match sign_changes(trimmed) {
        0 => Vec::new(),
        1 => crossings(trimmed, &[]),
        _ => {
            // Divided by the degree, so that a derivative of a derivative does not grow beyond all bounds.
            let degree = (trimmed.len() - 1) as f64;
            let derivative: Vec<f64> =
                trimmed.iter().enumerate().skip(1).map(|(power, c)| c * (power as f64 / degree)).collect();
            crossings(trimmed, &positive_roots(&derivative))
        }
    }
}

/// The crossings of a polynomial that is monotone between neighbours of `turns`.
fn crossings(coefficients: &[f64], turns: &[f64]) -> Vec<f64> {
    let value = |x: f64| coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c);
    let leading = coefficients[coefficients.len() - 1];
    // Cauchy's bound: no root is larger.
    let far = 1.0 + coefficients.iter().fold(0.0, |largest: f64, c| largest.max((c / leading).abs()));
    let mut ends = vec![0.0];
    ends.extend(turns.iter().copied().filter(|turn| *turn < far));
    ends.push(far);
    let parts = ends.windows(2).filter(|part| (value(part[0]) < 0.0) != (value(part[1]) < 0.0));
    parts.map(|part| halve(&value, part[0], part[1])).collect()
}

/// Where `value` changes its sign between `low` and `high`.
fn halve(value: &impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    let below = value(low) < 0.0;
    for _ in 0..HALVINGS {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            break;
        }
        if (value(middle) < 0.0) == below { low = middle } else { high = middle }
    }
    // Of the two neighbours, the one where less is left.
    if value(low).abs() < value(high).abs() { low } else { high }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(actual: f64, expected: f64, relative: f64) {
        assert!((actual - expected).abs() <= relative * expected.abs(), "{actual} is not {expected}");
    }

    #[test]
    fn capital_recovery_by_hand_and_in_the_limit() {
        // 0.09 / (1 − 1.09^−5) = 0.09 / (1 − 0.649931) = 0.257092; over 20 years 0.109546.
        close(capital_recovery_factor(0.09, 5.0), 0.257_092, 1e-5);
        close(capital_recovery_factor(0.09, 20.0), 0.109_546, 1e-5);
        assert_eq!(capital_recovery_factor(0.0, 4.0), 0.25);
        assert!((capital_recovery_factor(1e-12, 4.0) - 0.25).abs() < 1e-11);
        assert_eq!((annuity_factor(0.0, 4.0), annuity_factor(0.1, 0.0)), (4.0, 0.0));
    }

    #[test]
    fn an_annuity_is_worth_its_payments() {
        // 1/1.1 + 1/1.21 + 1/1.331 = (1.21 + 1.1 + 1)/1.331.
        close(annuity_factor(0.1, 3.0), 3.31 / 1.331, 1e-14);
        close(net_present_value(0.1, &[0.0, 1.0, 1.0, 1.0]), 3.31 / 1.331, 1e-14);
    }

    #[test]
    fn a_year_of_months_is_discounted_by_a_year() {
        // 110 at the end of the twelfth month is 100 at the start, and 121 a year later still 100.
        let mut flows = [0.0; 24];
        (flows[11], flows[23]) = (110.0, 121.0);
        close(present_value_of_months(0.1, &flows), 200.0, 1e-13);
        assert_eq!(present_value_of_months(0.0, &[1.0, 2.0]), 3.0);
    }

    #[test]
    fn one_rate_and_two_rates_and_none() {
        // −100 + 110 x is 0 at 10 %; −100 + 230 x − 132 x² at 10 and 20 %; 1 + x² nowhere.
        close(internal_rates(&[-100.0, 110.0])[0], 0.1, 1e-13);
        let two = internal_rates(&[-100.0, 230.0, -132.0]);
        assert_eq!(two.len(), 2);
        close(two[0], 0.1, 1e-12);
        close(two[1], 0.2, 1e-12);
        for none in [&[1.0, 0.0, 1.0][..], &[0.0, 0.0], &[5.0], &[]] {
            assert_eq!(internal_rates(none), Vec::<f64>::new(), "{none:?}");
        }
    }

    #[test]
    fn three_rates_of_a_long_row_of_zeros() {
        // (x − 0.5)(x − 0.8)(x − 1.25), times x³ and with nothing after: rates 100 %, 25 % and −20 %.
        let cubic = [-0.5, 2.025, -2.55, 1.0];
        let flows: Vec<f64> = [0.0; 3].into_iter().chain(cubic).chain([0.0; 4]).collect();
        for (found, expected) in internal_rates(&flows).into_iter().zip([-0.2, 0.25, 1.0]) {
            close(found, expected, 1e-12);
        }
        assert_eq!((internal_rates(&flows).len(), sign_changes(&flows)), (3, 3));
    }

    proptest! {
        #[test]
        fn at_an_internal_rate_nothing_is_left(flows in prop::collection::vec(-100.0..100.0f64, 2..12)) {
            let rates = internal_rates(&flows);
            prop_assert!(rates.len() <= sign_changes(&flows));
            // Crossings and sign changes differ by an even number (Descartes).
            prop_assert_eq!(rates.len() % 2, sign_changes(&flows) % 2);
            for rate in rates {
                let size: f64 = (0..).zip(&flows).map(|(t, flow)| {
                    flow.abs() / libm::pow(1.0 + rate, f64::from(t))
                }).sum();
                prop_assert!(net_present_value(rate, &flows).abs() <= 1e-10 * size, "{} {:?}", rate, flows);
            }
        }
    }
}
