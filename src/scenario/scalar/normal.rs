//! The normal distribution's quantile.

/// `z` with `Φ(z) = p`, for `0 < p < 1`: Acklam's rational approximation (relative error below 1.15e-9) and one step of
/// Halley's method on `Φ(z) − p`, which leaves rounding errors only.
pub(super) fn quantile(p: f64) -> f64 {
    let z = acklam(p);
    let error = 0.5 * libm::erfc(-z / std::f64::consts::SQRT_2) - p;
    let step = error * (2.0 * std::f64::consts::PI).sqrt() * libm::exp(z * z / 2.0);
    z - step / (1.0 + z * step / 2.0)
}

fn acklam(p: f64) -> f64 {
    const CENTRE: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const CENTRE_BELOW: [f64; 6] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
        1.0,
    ];
    const TAIL: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const TAIL_BELOW: [f64; 5] =
        [7.784_695_709_041_462e-3, 3.224_671_290_700_398e-1, 2.445_134_137_142_996, 3.754_408_661_907_416, 1.0];
    const TAIL_BEGINS: f64 = 0.024_25;
    let polynomial = |factors: &[f64], x: f64| factors.iter().fold(0.0, |sum, factor| sum * x + factor);
    let tail = |p: f64| {
        let q = (-2.0 * libm::log(p)).sqrt();
        polynomial(&TAIL, q) / polynomial(&TAIL_BELOW, q)
    };
    if p < TAIL_BEGINS {
        tail(p)
    } else if p > 1.0 - TAIL_BEGINS {
        -tail(1.0 - p)
    } else {
        let q = p - 0.5;
        q * polynomial(&CENTRE, q * q) / polynomial(&CENTRE_BELOW, q * q)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabulated_quantiles() {
        for (p, z) in [
            (0.5, 0.0),
            (0.841_344_746_068_542_9, 1.0),
            (0.975, 1.959_963_984_540_054),
            (0.99, 2.326_347_874_040_841),
            (0.001, -3.090_232_306_167_813_5),
            (1e-10, -6.361_340_902_404_056),
        ] {
            assert!((quantile(p) - z).abs() < 1e-13 * (1.0 + z * z), "{p}: {}", quantile(p));
        }
    }
}
