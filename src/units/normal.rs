//! The normal distribution: its quantile and what lies below a value.

/// Coefficients of a polynomial, highest power first.
type Polynomial = [f64; 8];

#[rustfmt::skip]
const CENTRE: [Polynomial; 2] = [
    [2_509.080_928_730_122_7, 33_430.575_583_588_13, 67_265.770_927_008_7, 45_921.953_931_549_87,
     13_731.693_765_509_46, 1_971.590_950_306_551_3, 133.141_667_891_784_38, 3.387_132_872_796_366_5],
    [5_226.495_278_852_546, 28_729.085_735_721_943, 39_307.895_800_092_71, 21_213.794_301_586_597,
     5_394.196_021_424_751, 687.187_007_492_057_9, 42.313_330_701_600_91, 1.0],
];

#[rustfmt::skip]
const SHOULDER: [Polynomial; 2] = [
    [7.745_450_142_783_414e-4, 0.022_723_844_989_269_184, 0.241_780_725_177_450_6, 1.270_458_252_452_368_4,
     3.647_848_324_763_204_5, 5.769_497_221_460_691, 4.630_337_846_156_546, 1.423_437_110_749_683_5],
    [1.050_750_071_644_416_9e-9, 5.475_938_084_995_345e-4, 0.015_198_666_563_616_457, 0.148_103_976_427_480_08,
     0.689_767_334_985_1, 1.676_384_830_183_803_8, 2.053_191_626_637_759, 1.0],
];

#[rustfmt::skip]
const TAIL: [Polynomial; 2] = [
    [2.010_334_399_292_288_1e-7, 2.711_555_568_743_487_6e-5, 0.001_242_660_947_388_078_4, 0.026_532_189_526_576_124,
     0.296_560_571_828_504_87, 1.784_826_539_917_291_3, 5.463_784_911_164_114, 6.657_904_643_501_103],
    [2.044_263_103_389_939_8e-15, 1.421_511_758_316_446e-7, 1.846_318_317_510_054_8e-5, 7.868_691_311_456_133e-4,
     0.014_875_361_290_850_615, 0.136_929_880_922_735_8, 0.599_832_206_555_888, 1.0],
];

/// The standard normal distribution function: the share below `z`, `erfc(−z/√2)/2`.
pub fn norm_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

/// The standard normal quantile: the z below which a share `p` lies.
///
/// Wichura's AS 241 (PPND16), Applied Statistics 37 (1988), 477–484; relative error about 10⁻¹⁶.
///
/// # Panics
/// Unless 0 < `p` < 1.
pub fn norm_inv(p: f64) -> f64 {
    assert!(p > 0.0 && p < 1.0, "a quantile is asked for between 0 and 1, exclusive");
    let from_median = p - 0.5;
    if from_median.abs() <= 0.425 {
        return from_median * ratio(&CENTRE, 0.180_625 - from_median * from_median);
    }
    let depth = (-libm::log(p.min(1.0 - p))).sqrt();
    let z = if depth <= 5.0 { ratio(&SHOULDER, depth - 1.6) } else { ratio(&TAIL, depth - 5.0) };
    if from_median < 0.0 { -z } else { z }
}

fn ratio([above, below]: &[Polynomial; 2], x: f64) -> f64 {
    let horner = |polynomial: &Polynomial| polynomial.iter().fold(0.0, |sum, coefficient| sum * x + coefficient);
    horner(above) / horner(below)
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, Normal};

    #[test]
    fn the_share_below_a_quantile_is_what_was_asked_for() {
        for p in [1e-12, 1e-3, 0.1, 0.5, 0.8, 0.999] {
            assert!((norm_cdf(norm_inv(p)) - p).abs() < 1e-13 * p.max(1e-3), "{p}");
        }
        // Tables: Φ(1.96) = 0.9750021.
        assert!((norm_cdf(1.96) - 0.975_002_105).abs() < 1e-9);
    }

    #[test]
    fn quantiles_agree_with_tables_and_with_statrs() {
        // NIST/SEMATECH e-Handbook, 1.3.6.7.1, to the digits commonly printed.
        for (p, z) in [
            (0.5, 0.0),
            (0.841_344_746_068_542_9, 1.0),
            (0.975, 1.959_963_984_540_054),
            (0.99, 2.326_347_874_040_841),
            (0.999, 3.090_232_306_167_813),
        ] {
            assert!((norm_inv(p) - z).abs() < 2e-15 * (1.0 + z * z), "{p}: {}", norm_inv(p));
        }
        // Far out, where statrs loses digits.
        assert!((norm_inv(1e-10) + 6.361_340_902_404_056).abs() < 1e-14 * 6.4);
        let normal = Normal::standard();
        for i in 1..2_000 {
            let z = f64::from(i - 1_000) / 130.0;
            let p = normal.cdf(z);
            if p < 1.0 - 1e-6 {
                assert!((norm_inv(p) - z).abs() < 1e-8 * z.abs().max(1.0), "{z}: {}", norm_inv(p));
            }
        }
    }

    #[test]
    fn quantiles_are_antisymmetric_and_rise_across_the_seams() {
        // Multiples of a power of two, so that 1 − p is exact.
        for i in 1..1024 {
            let p = f64::from(i) / 2048.0;
            assert_eq!(norm_inv(p), -norm_inv(1.0 - p));
        }
        for seam in [0.075, 0.925, 1.388_794_386_496_402e-11] {
            let around: Vec<f64> = (-50..=50).map(|i| norm_inv(seam * (1.0 + f64::from(i) * 1e-12))).collect();
            assert!(around.is_sorted(), "{seam}");
        }
    }

    #[test]
    #[should_panic(expected = "between 0 and 1, exclusive")]
    fn the_quantile_of_one_is_refused() {
        norm_inv(1.0);
    }
}
