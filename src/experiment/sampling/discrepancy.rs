//! How evenly points fill the unit cube: four discrepancies in L₂, and the strata of a Latin hypercube.
//!
//! Each is a distance between the share of points in boxes and the boxes' volume; smaller is more even. With x points of n,
//! d coordinates, `z = |x − ½|`, `δ = |x_i − x_k|` by coordinate, products over coordinates and sums over points:
//!
//! - centred, squared: `(13/12)^d − 2/n Σ Π(1 + z/2 − z²/2) + 1/n² ΣΣ Π(1 + z_i/2 + z_k/2 − δ/2)`
//! - wrap-around, squared: `−(4/3)^d + 1/n² ΣΣ Π(3/2 − δ(1 − δ))`
//! - mixture, squared: `(19/12)^d − 2/n Σ Π(5/3 − z/4 − z²/4) + 1/n² ΣΣ Π(15/8 − z_i/4 − z_k/4 − 3δ/4 + δ²/2)`
//! - star: the root of `3^{−d} − 2^{1−d}/n Σ Π(1 − x²) + 1/n² ΣΣ Π(1 − max(x_i, x_k))`
//!
//! Sources: F. J. Hickernell, Mathematics of Computation 67 (1998) 299–322 (centred, wrap-around); Y.-D. Zhou, K.-T. Fang,
//! J.-H. Ning, Journal of Complexity 29 (2013) 283–301 (mixture); T. T. Warnock in *Applications of Number Theory to
//! Numerical Analysis* (1972) 319–343 (star).

/// The discrepancies of a set of points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Discrepancy {
    /// Centred, squared.
    pub centred_squared: f64,
    /// Wrap-around, squared.
    pub wrap_around_squared: f64,
    /// Mixture of the two, squared.
    pub mixture_squared: f64,
    /// Star discrepancy.
    pub star: f64,
}

impl Discrepancy {
    /// Of `points`, all of one number of coordinates.
    pub fn of(points: &[Vec<f64>]) -> Self {
        let d = points.first().map_or(0, Vec::len);
        let power = |base: f64| (0..d).fold(1.0, |product, _| product * base);
        let single = |factor: fn(f64) -> f64| mean(points.iter().map(|x| x.iter().map(|x| factor(*x)).product()));
        let double = |factor: fn(f64, f64) -> f64| {
            let row = |x: &Vec<f64>| {
                mean(points.iter().map(|y| x.iter().zip(y).map(|(x, y)| factor(*x, *y)).product::<f64>()))
            };
            mean(points.iter().map(row))
        };
        let star = power(1.0 / 3.0) - 2.0 * power(0.5) * single(|x| 1.0 - x * x) + double(|x, y| 1.0 - x.max(y));
        Self {
            centred_squared: power(13.0 / 12.0) - 2.0 * single(|x| 1.0 + 0.5 * z(x) - 0.5 * z(x) * z(x))
                + double(|x, y| 1.0 + 0.5 * z(x) + 0.5 * z(y) - 0.5 * (x - y).abs()),
            wrap_around_squared: double(|x, y| 1.5 - (x - y).abs() * (1.0 - (x - y).abs())) - power(4.0 / 3.0),
            mixture_squared: power(19.0 / 12.0) - 2.0 * single(|x| 5.0 / 3.0 - 0.25 * z(x) - 0.25 * z(x) * z(x))
                + double(|x, y| 1.875 - 0.25 * z(x) - 0.25 * z(y) - 0.75 * (x - y).abs() + 0.5 * (x - y) * (x - y)),
            star: star.max(0.0).sqrt(),
        }
    }
}

fn z(x: f64) -> f64 {
    (x - 0.5).abs()
}

fn mean(terms: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = terms.len() as f64;
    terms.sum::<f64>() / n
}

/// By coordinate, the stratum of each of n points among n equal ones.
pub fn strata(points: &[Vec<f64>]) -> Vec<Vec<usize>> {
    let stratum = |x: f64| (x * points.len() as f64) as usize;
    (0..points.first().map_or(0, Vec::len)).map(|j| points.iter().map(|point| stratum(point[j])).collect()).collect()
}

/// Whether each stratum of each coordinate holds one point.
pub fn is_latin(strata: &[Vec<usize>]) -> bool {
    strata.iter().all(|of_points| {
        let mut sorted = of_points.clone();
        sorted.sort_unstable();
        sorted.into_iter().eq(0..of_points.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One point in the middle of a line. Centred: 13/12 − 2 + 1; wrap-around: 3/2 − 4/3; mixture: 19/12 − 10/3 + 15/8;
    /// star: 1/3 − 3/4 + 1/2.
    #[test]
    fn one_point_by_hand() {
        let found = Discrepancy::of(&[vec![0.5]]);
        let expected = [1.0 / 12.0, 1.0 / 6.0, 0.125, (1.0_f64 / 12.0).sqrt()];
        let found = [found.centred_squared, found.wrap_around_squared, found.mixture_squared, found.star];
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-15), "{found:?}");
    }

    #[test]
    fn two_points_in_one_stratum_are_no_latin_hypercube() {
        assert_eq!(strata(&[vec![0.1, 0.6], vec![0.4, 0.2]]), [[0, 0], [1, 0]]);
        assert!(!is_latin(&[vec![0, 0], vec![1, 0]]) && is_latin(&[vec![1, 0]]));
    }
}
