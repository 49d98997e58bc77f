//! Latin hypercube: of n points exactly one in each of n equal strata of every coordinate.
//!
//! Coordinate j of point i is `(π_j(i) + u_{ij})/n`, with a random order π_j of the strata and u uniform in (0, 1). The mean
//! of an additive linear function Σ c_j x_j over such points has variance `Σ c_j²/(12n³)`, against `Σ c_j²/(12n)` of
//! independent points. Source: M. D. McKay, R. J. Beckman, W. J. Conover, Technometrics 21 (1979) 239–245; M. Stein, ibid. 29
//! (1987) 143–151.

use crate::engine::Stream;

/// `n` points, each coordinate from a stream of its own, so that one more coordinate leaves the others as they are.
pub fn latin_hypercube(n: usize, coordinates: impl Iterator<Item = Stream>) -> Vec<Vec<f64>> {
    let mut points = vec![Vec::new(); n];
    for mut stream in coordinates {
        let mut strata: Vec<usize> = (0..n).collect();
        shuffle(&mut strata, &mut stream);
        for (point, stratum) in points.iter_mut().zip(strata) {
            // The last stratum must not round up to 1.
            point.push(((stratum as f64 + stream.uniform()) / n as f64).min(1.0_f64.next_down()));
        }
    }
    points
}

/// Every order equally likely (Fisher and Yates, from the end).
pub(in crate::experiment) fn shuffle<T>(items: &mut [T], stream: &mut Stream) {
    for last in (1..items.len()).rev() {
        items.swap(last, stream.below(last as u64 + 1) as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::super::discrepancy::{is_latin, strata};
    use super::*;

    fn points(n: usize, d: usize) -> Vec<Vec<f64>> {
        latin_hypercube(n, (0..d).map(|j| Stream::named(7, 0, &format!("axis {j}"), "latin hypercube")))
    }

    #[test]
    fn every_stratum_holds_one_point() {
        assert!(is_latin(&strata(&points(33, 5))));
    }

    #[test]
    fn another_coordinate_leaves_the_others_as_they_are() {
        let (few, many) = (points(10, 2), points(10, 3));
        assert!(few.iter().zip(&many).all(|(few, many)| few[..] == many[..2]));
    }

    /// All six orders of three come up about equally often: χ² of 6,000 with 5 degrees of freedom is below 20.5 (0.999).
    #[test]
    fn no_order_is_preferred() {
        let mut stream = Stream::named(1, 0, "a", "orders");
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..6_000 {
            let mut items = [0, 1, 2];
            shuffle(&mut items, &mut stream);
            *counts.entry(items).or_insert(0.0_f64) += 1.0;
        }
        let chi: f64 = counts.values().map(|count| (count - 1_000.0) * (count - 1_000.0) / 1_000.0).sum();
        assert!(counts.len() == 6 && chi < 20.5, "{counts:?}");
    }
}
