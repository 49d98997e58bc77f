//! Measures of an ensemble against one observation.

/// Continuous ranked probability score of an ensemble, in the unit of the quantity, 0 at best:
/// `CRPS = Σ|xᵢ − y|/m − ΣΣ|xᵢ − xⱼ|/(2m²)`.
///
/// x members · y observation · m number of members. Of a single forecast it is its absolute error.
/// Source: T. Gneiting, A. Raftery, J. Am. Stat. Assoc. 102 (2007), eq. 20–21, with the ensemble's own distribution.
/// Limits: small ensembles score a little worse than the distribution that they are drawn from. NaN without members.
pub fn crps(sorted: &[f64], observed: f64) -> f64 {
    let m = sorted.len() as f64;
    let error: f64 = sorted.iter().map(|x| (x - observed).abs()).sum();
    // Of sorted members, ΣΣ|xᵢ − xⱼ| = 2·Σ (2i − m − 1)·xᵢ, i from 1.
    let spread: f64 = (1..).zip(sorted).map(|(i, x)| (2.0 * f64::from(i) - m - 1.0) * x).sum();
    error / m - spread / (m * m)
}

/// The value below which the share `p` of an ensemble lies, straight between members (type 7 of Hyndman and Fan);
/// NaN without members.
pub fn quantile(sorted: &[f64], p: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = p * last as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    sorted[below] + (sorted[above] - sorted[below]) * (place - below as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Members 1, 2, 4 and 3 observed: (2 + 1 + 1)/3 − (1 + 3 + 2)·2/(2·9) = 4/3 − 2/3.
    #[test]
    fn the_score_by_hand() {
        assert!((crps(&[1.0, 2.0, 4.0], 3.0) - 2.0 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn a_single_forecast_scores_its_error_and_the_truth_nothing() {
        assert_eq!(crps(&[5.0], 7.5), 2.5);
        assert_eq!(crps(&[2.0, 2.0], 2.0), 0.0);
    }

    /// A uniform distribution on 0 to 1 seen at 0: ∫(1 − x)² dx = 1/3.
    #[test]
    fn a_large_ensemble_scores_as_its_distribution() {
        let members: Vec<f64> = (0..10_000).map(|i| (f64::from(i) + 0.5) / 10_000.0).collect();
        assert!((crps(&members, 0.0) - 1.0 / 3.0).abs() < 1e-4);
    }

    #[test]
    fn quantiles_lie_between_members() {
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.5), 2.0);
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), 3.0);
        assert_eq!((quantile(&[7.0], 0.05), quantile(&[1.0, 3.0], 1.0)), (7.0, 3.0));
        assert!(quantile(&[], 0.5).is_nan());
    }
}
