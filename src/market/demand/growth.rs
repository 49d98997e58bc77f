//! S-curves and constant-elasticity demand.

/// Logistic curve: `y(t) = K / (1 + e^{−r(t − t₀)})`.
///
/// K ceiling [unit of y] · r growth rate [1/unit of t] · t₀ midpoint, where y is K/2 [unit of t].
/// Source: J. C. Fisher, R. H. Pry, Technological Forecasting and Social Change 3 (1971) 75–88.
pub fn logistic(ceiling: f64, rate: f64, midpoint: f64, t: f64) -> f64 {
    ceiling / (1.0 + libm::exp(-rate * (t - midpoint)))
}

/// The logistic law `dy/dt = r·y·(1 − y/K)` carried from `y` over `dt`, exact for a constant K:
/// `y' = K / (1 + (K/y − 1)·e^{−r·dt})`.
///
/// Above its ceiling y falls towards it. Zero stays zero.
pub fn logistic_step(y: f64, ceiling: f64, rate: f64, dt: f64) -> f64 {
    if y <= 0.0 {
        return 0.0;
    }
    ceiling / (1.0 + (ceiling / y - 1.0) * libm::exp(-rate * dt))
}

/// The midpoint of the logistic curve that is at `y` at `t`: `t₀ = t + ln(K/y − 1) / r`, symbols as in [`logistic`].
///
/// Defined for 0 < y < K.
pub fn logistic_midpoint(ceiling: f64, rate: f64, t: f64, y: f64) -> f64 {
    t + libm::log(ceiling / y - 1.0) / rate
}

/// Time in which a logistic curve rises from the share `from` of its ceiling to the share `to`:
/// `ln(to·(1 − from) / (from·(1 − to))) / r`, `ln(81)/r` from a tenth to nine tenths [unit of 1/r].
///
/// from, to shares between 0 and 1, which excludes both [1]. Source: as for [`logistic`].
pub fn logistic_duration(rate: f64, from: f64, to: f64) -> f64 {
    libm::log(to * (1.0 - from) / (from * (1.0 - to))) / rate
}

/// Slope of a logistic curve where it stands at `y`: `dy/dt = r·y·(1 − y/K)` [unit of y over unit of t], greatest at K/2
/// with `r·K/4`. Symbols as in [`logistic`].
pub fn logistic_slope(ceiling: f64, rate: f64, y: f64) -> f64 {
    rate * y * (1.0 - y / ceiling)
}

/// Constant-elasticity demand: `Q = Q₀·(P/P₀)^ε`.
///
/// Q₀ quantity at the reference price P₀ · ε elasticity, negative where a higher price buys less [1].
/// Source: H. Varian, Microeconomic Analysis, 3rd edition (1992).
pub fn isoelastic(reference_quantity: f64, reference_price: f64, elasticity: f64, price: f64) -> f64 {
    reference_quantity * libm::pow(price / reference_price, elasticity)
}

/// The price at which [`isoelastic`] demand is `quantity`: `P = P₀·(Q/Q₀)^{1/ε}`, symbols as there; ε is not 0.
pub fn inverse_isoelastic(reference_quantity: f64, reference_price: f64, elasticity: f64, quantity: f64) -> f64 {
    reference_price * libm::pow(quantity / reference_quantity, 1.0 / elasticity)
}

/// What consumers gain by a price that goes from `from` to `to`: the area under [`isoelastic`] demand between the two,
/// `ΔCS = ∫_to^from Q dP = Q₀·P₀/(1 + ε)·((from/P₀)^{1+ε} − (to/P₀)^{1+ε})`, and `Q₀·P₀·ln(from/to)` at ε = −1.
///
/// In the unit of price times quantity; below 0 where the price rises. Source: H. Varian, as for [`isoelastic`].
/// Limits: income effects are left out; the surplus from the first unit on is infinite for ε ≥ −1, a change is not.
pub fn surplus_gain(reference_quantity: f64, reference_price: f64, elasticity: f64, from: f64, to: f64) -> f64 {
    let (power, logs) = (1.0 + elasticity, libm::log(from / reference_price) - libm::log(to / reference_price));
    let spend = reference_quantity * reference_price;
    if power == 0.0 {
        return spend * logs;
    }
    // a^p − b^p = b^p·(e^{p·ln(a/b)} − 1), which loses nothing where p is small.
    spend * libm::pow(to / reference_price, power) * libm::expm1(power * logs) / power
}

/// The price that a monopolist would take: `p = c·ε/(1 + ε)`, c its marginal cost in the unit of the price; none where
/// ε ≥ −1, since every higher price brings in more.
///
/// Source: A. P. Lerner, Review of Economic Studies 1 (1934) 157–175: `(p − c)/p = −1/ε`.
/// Limits: a bound to hold prices of a scenario against; sellers of the market price by rules of their own.
pub fn monopoly_price(marginal_cost: f64, elasticity: f64) -> Option<f64> {
    (elasticity < -1.0).then(|| marginal_cost * elasticity / (1.0 + elasticity))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(actual: f64, expected: f64) {
        assert!((actual - expected).abs() <= 1e-12 * expected.abs(), "{actual} is not {expected}");
    }

    #[test]
    fn the_reference_s_curves() {
        for (t, y) in [(0.0, 0.008162571153159895), (3.0, 0.08317269649392237), (6.0, 0.5), (12.0, 0.9918374288468401)]
        {
            close(logistic(1.0, 0.8, 6.0, t), y);
        }
        for (t, y) in [(1.0, 0.01289619872715038), (4.0, 0.325), (7.0, 0.6371038012728496)] {
            close(logistic(0.65, 1.3, 4.0, t), y);
        }
    }

    #[test]
    fn steps_follow_the_curve() {
        let mut y = logistic(0.65, 1.3, 4.0, 1.0);
        for _ in 0..12 {
            y = logistic_step(y, 0.65, 1.3, 0.25);
        }
        close(y, 0.325);
        assert_eq!(logistic_step(0.0, 1.0, 0.5, 1.0), 0.0);
        assert!(logistic_step(2.0, 1.0, 0.5, 1.0) < 2.0);
        assert!(logistic_step(2.0, 1.0, 0.5, 1.0) > 1.0);
    }

    #[test]
    fn the_reference_demand_curves() {
        close(isoelastic(1000.0, 2.5, -1.4, 1.5), 2044.5053411606482);
        close(isoelastic(1000.0, 2.5, -1.4, 4.0), 517.8834402093729);
        close(isoelastic(80.0, 10.0, -0.6, 5.0), 121.25732532083185);
        close(isoelastic(80.0, 10.0, -0.6, 12.0), 71.71025046217135);
    }

    #[test]
    fn curves_are_turned_around() {
        close(logistic_midpoint(0.65, 1.3, 4.0, 0.325), 4.0);
        for t in [0.5, 3.0, 9.0] {
            close(logistic_midpoint(2.0, 0.7, t, logistic(2.0, 0.7, 5.0, t)), 5.0);
        }
        close(logistic_duration(0.8, 0.1, 0.9), libm::log(81.0) / 0.8);
        // From a fifth to two thirds.
        let spent = logistic_midpoint(3.0, 0.8, 6.0, 0.6) - logistic_midpoint(3.0, 0.8, 6.0, 2.0);
        close(logistic_duration(0.8, 0.2, 2.0 / 3.0), spent);
        close(logistic_slope(0.65, 1.3, 0.325), 0.25 * 1.3 * 0.65);
        close(inverse_isoelastic(80.0, 10.0, -0.6, isoelastic(80.0, 10.0, -0.6, 7.0)), 7.0);
    }

    /// Q = 100·(P/2)^−2 = 400/P²: from 4 to 2, 400·(1/2 − 1/4) = 100; at ε = −1, 200·ln 2; at −0.5, 400·√2·(2 − √2).
    #[test]
    fn what_consumers_gain_by_hand() {
        close(surplus_gain(100.0, 2.0, -2.0, 4.0, 2.0), 100.0);
        close(surplus_gain(100.0, 2.0, -2.0, 2.0, 4.0), -100.0);
        close(surplus_gain(100.0, 2.0, -1.0, 4.0, 2.0), 200.0 * libm::log(2.0));
        close(surplus_gain(100.0, 2.0, -0.5, 4.0, 2.0), 200.0 * 2.0_f64.sqrt() * (2.0 - 2.0_f64.sqrt()));
        // Near −1 as at −1.
        let near = surplus_gain(100.0, 2.0, -1.0 + 1e-12, 4.0, 2.0) / (200.0 * libm::log(2.0));
        assert!((near - 1.0).abs() < 1e-11, "{near}");
    }

    #[test]
    fn a_monopolist_stops_where_a_higher_price_loses() {
        let price = monopoly_price(3.0, -1.5).unwrap();
        close(price, 9.0);
        let profit = |p: f64| (p - 3.0) * isoelastic(10.0, 1.0, -1.5, p);
        assert!(profit(price) > profit(1.01 * price) && profit(price) > profit(0.99 * price));
        assert_eq!([monopoly_price(3.0, -1.0), monopoly_price(3.0, -0.6)], [None, None]);
    }
}
