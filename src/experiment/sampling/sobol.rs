//! Sobol' sequences: points of the unit cube that fill it evenly, whatever their number.
//!
//! Point n of dimension j is `⊕ v_{j,c}` over the bits c set in the Gray code `n ⊕ ⌊n/2⌋`, with direction numbers
//! `v_{j,c} = m_{j,c}/2^{c+1}` from `m_c = 2a₁m_{c−1} ⊕ 4a₂m_{c−2} ⊕ … ⊕ 2^s m_{c−s} ⊕ m_{c−s}`; dimension 1 has m = 1
//! throughout. Each aligned block of 2^k points puts one into every interval of length 2^{−k} of every coordinate.
//!
//! A *shift* takes the exclusive or of every coordinate with random bits. It leaves that stratification, makes each point
//! uniform, and two shifts make two independent estimates, whose spread tells the error. Points that are shifted stand in
//! the middle of their 2^{−52}, never on 0.
//!
//! Sources: I. M. Sobol', USSR Computational Mathematics and Mathematical Physics 7 (1967) 86–112; I. A. Antonov, V. M.
//! Saleev, ibid. 19 (1979) 252–256; P. Bratley, B. L. Fox, ACM TOMS 14 (1988) 88–100; shifts: P. L'Ecuyer, C. Lemieux in
//! *Modeling Uncertainty* (2002) 419–474.

use super::joe_kuo::JOE_KUO;
use crate::engine::Stream;

/// Most dimensions with direction numbers of our own.
pub const MOST_DIMENSIONS: usize = JOE_KUO.len() + 1;
/// Bits of a coordinate; a sequence has two to that power points.
const BITS: usize = 52;
const PARTS: f64 = (1_u64 << BITS) as f64;

/// A sequence of some dimensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sobol {
    directions: Vec<[u64; BITS]>,
    shift: Option<Vec<u64>>,
}

impl Sobol {
    /// Of so many dimensions.
    ///
    /// # Panics
    /// If there are none or more than [`MOST_DIMENSIONS`].
    pub fn new(dimensions: usize) -> Self {
        assert!((1..=MOST_DIMENSIONS).contains(&dimensions), "direction numbers are known for 1 to {MOST_DIMENSIONS}");
        Self::of(JOE_KUO[..dimensions - 1].iter().copied())
    }

    /// With these polynomials and first direction numbers for the dimensions after the first.
    ///
    /// # Panics
    /// If a dimension has no direction number.
    pub fn of<'a>(rest: impl Iterator<Item = (u32, &'a [u32])>) -> Self {
        let first = std::array::from_fn(|bit| 1 << (BITS - 1 - bit));
        Self { directions: std::iter::once(first).chain(rest.map(|(a, m)| directions(a, m))).collect(), shift: None }
    }

    /// The same with every coordinate shifted by bits of its stream.
    pub fn shifted(self, stream_of: impl Fn(usize) -> Stream) -> Self {
        let shift = (0..self.dimensions()).map(|j| stream_of(j).bits() >> (64 - BITS)).collect();
        Self { shift: Some(shift), ..self }
    }

    /// Number of dimensions.
    pub fn dimensions(&self) -> usize {
        self.directions.len()
    }

    /// Point number `index`, from 0.
    ///
    /// # Panics
    /// From index 2^52 on.
    pub fn point(&self, index: u64) -> Vec<f64> {
        assert!(index < 1 << BITS, "a sequence has 2^52 points");
        let gray = index ^ (index >> 1);
        let bits = |of: &[u64; BITS]| {
            let (mut rest, mut coordinate) = (gray, 0);
            while rest != 0 {
                coordinate ^= of[rest.trailing_zeros() as usize];
                rest &= rest - 1;
            }
            coordinate
        };
        let coordinates = self.directions.iter().map(bits);
        match &self.shift {
            None => coordinates.map(|x| x as f64 / PARTS).collect(),
            Some(shift) => coordinates.zip(shift).map(|(x, shift)| ((x ^ shift) as f64 + 0.5) / PARTS).collect(),
        }
    }
}

/// The direction numbers of one dimension, the most significant bit first.
fn directions(a: u32, m: &[u32]) -> [u64; BITS] {
    let s = m.len();
    assert!(s > 0, "a dimension has direction numbers");
    let mut v = [0_u64; BITS];
    for bit in 0..BITS {
        v[bit] = if bit < s {
            u64::from(m[bit]) << (BITS - 1 - bit)
        } else {
            let inner = (1..s).filter(|k| a >> (s - 1 - k) & 1 == 1);
            inner.fold(v[bit - s] ^ (v[bit - s] >> s), |sum, k| sum ^ v[bit - k])
        };
    }
    v
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Dimension 2 by hand: s = 1, m = 1, 3, 5, … as m_c = 2m_{c−1} ⊕ m_{c−1}; v = 0.5, 0.75, 0.625.
    #[test]
    fn the_first_points_by_hand() {
        let sobol = Sobol::new(2);
        let points: Vec<Vec<f64>> = (0..5).map(|index| sobol.point(index)).collect();
        assert_eq!(points, [[0.0, 0.0], [0.5, 0.5], [0.75, 0.25], [0.25, 0.75], [0.375, 0.375]]);
    }

    /// By dimension.
    const PEER: [(usize, f64); 8] = [
        (1, 0.2764749526977539),
        (2, 0.5619192123413086),
        (3, 0.07799625396728516),
        (17, 0.19301128387451172),
        (64, 0.3081216812133789),
        (100, 0.04960346221923828),
        (127, 0.33739566802978516),
        (128, 0.4584512710571289),
    ];

    /// From scipy 1.17.1 (`stats.qmc.Sobol(128, scramble=False)`, point 1,000,003).
    #[test]
    fn a_late_point_of_many_dimensions_agrees_with_scipy() {
        let point = Sobol::new(128).point(1_000_003);
        for (dimension, expected) in PEER {
            assert_eq!(point[dimension - 1], expected, "dimension {dimension}");
        }
    }

    /// Without m there is no polynomial; every m is odd and below 2^k, as the sequence needs.
    #[test]
    fn direction_numbers_are_odd_and_small() {
        for (a, m) in JOE_KUO {
            assert!(a < 1 << (m.len() - 1) || m.len() == 1 && a == 0);
            assert!(m.iter().enumerate().all(|(k, m)| m % 2 == 1 && *m < 2 << k), "{m:?}");
        }
    }

    #[test]
    fn every_block_is_stratified_in_every_dimension_shifted_or_not() {
        let stream = |j: usize| Stream::named(1, 0, &format!("axis {j}"), "shift");
        for sobol in [Sobol::new(MOST_DIMENSIONS), Sobol::new(MOST_DIMENSIONS).shifted(stream)] {
            let block: Vec<Vec<f64>> = (192..256).map(|index| sobol.point(index)).collect();
            for j in 0..MOST_DIMENSIONS {
                let mut strata: Vec<usize> = block.iter().map(|point| (point[j] * 64.0) as usize).collect();
                strata.sort_unstable();
                assert_eq!(strata, (0..64).collect::<Vec<_>>(), "dimension {}", j + 1);
            }
        }
    }

    #[test]
    fn a_shift_moves_no_point_to_an_end() {
        let sobol = Sobol::new(3).shifted(|j| Stream::named(1, 0, &format!("axis {j}"), "shift"));
        assert_ne!(sobol.point(0), Sobol::new(3).point(0));
        assert!((0..1_000).flat_map(|index| sobol.point(index)).all(|x| x > 0.0 && x < 1.0));
    }
}
