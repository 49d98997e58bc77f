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

/// Constant-elasticity demand: `Q = Q₀·(P/P₀)^ε`.
///
/// Q₀ quantity at the reference price P₀ · ε elasticity, negative where a higher price buys less [1].
/// Source: H. Varian, Microeconomic Analysis, 3rd edition (1992).
pub fn isoelastic(reference_quantity: f64, reference_price: f64, elasticity: f64, price: f64) -> f64 {
    reference_quantity * libm::pow(price / reference_price, elasticity)
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
}
