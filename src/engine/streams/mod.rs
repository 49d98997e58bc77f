//! Random streams: one per entity and purpose, each 32 bytes, and samplers that give the same bits everywhere.
//!
//! **Why a stream per entity and purpose?** With one stream for all, a single extra draw shifts every draw after it, and two
//! scenarios that differ in one rule differ in all their luck. Named streams keep the rest of the luck equal, so that a
//! difference between scenarios is an effect of what was changed.
//!
//! **Why names and not numbers?** Numbers move when an entity is added. A stream is found by a hash of the seed, the
//! draw and the two names, lengths included, so `("ab", "c")` and `("a", "bc")` have nothing in common.
//!
//! **Why not `rand_distr`?** Its logarithms come from the platform or from `libm` depending on the features that some
//! other crate turned on. These samplers use `libm`, integers, and `+ − × ÷ √` only. It is the yardstick in the tests.
//!
//! **Why normal draws by inversion?** One draw each and rising in it: streams stay aligned whatever the parameters, and
//! more luck is more of the quantity. Samplers that may need several draws say so.

mod continuous;
mod discrete;
mod normal;

pub use crate::units::norm_inv;

use rand::{SeedableRng, TryRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;

/// Separates these hashes from any other use of BLAKE3 on the same bytes.
const DOMAIN: &str = "random stream 1";

/// The two numbers that every stream of a replication shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StreamKey {
    /// The seed of the experiment.
    pub seed: u64,
    /// Which draw of the world this is: the index of a replication.
    pub draw: u64,
}

impl StreamKey {
    /// The stream of `entity` for `purpose`; always the same for the same names.
    pub fn stream(self, entity: &str, purpose: &str) -> Stream {
        Stream::named(self.seed, self.draw, entity, purpose)
    }
}

/// A source of random numbers (Xoshiro256++). Implements [`rand::Rng`], so crates that want one can use it.
///
/// Cloned or saved and restored, it goes on with the same numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream(Xoshiro256PlusPlus);

impl Stream {
    /// The stream of `entity` for `purpose`, in draw number `draw` of the experiment with `seed`.
    pub fn named(seed: u64, draw: u64, entity: &str, purpose: &str) -> Self {
        let mut named = Vec::with_capacity(128);
        for text in [DOMAIN, entity, purpose] {
            named.extend_from_slice(&(text.len() as u64).to_le_bytes());
            named.extend_from_slice(text.as_bytes());
        }
        named.extend_from_slice(&seed.to_le_bytes());
        named.extend_from_slice(&draw.to_le_bytes());
        Self(Xoshiro256PlusPlus::from_seed(*blake3::hash(&named).as_bytes()))
    }

    /// 64 random bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        let Ok(bits) = self.0.try_next_u64();
        bits
    }

    /// Uniform in the open interval (0, 1): neither 0 nor 1 ever comes. One draw.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        open_unit(self.bits())
    }
}

/// The middle of one of 2⁵² equal parts of (0, 1). With 53 bits the topmost middle would round to 1.
#[inline]
fn open_unit(bits: u64) -> f64 {
    const PARTS: f64 = (1_u64 << 52) as f64;
    ((bits >> 12) as f64 + 0.5) / PARTS
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.0.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0.try_next_u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.try_fill_bytes(bytes)
    }
}

#[cfg(test)]
mod tests;

/// What a model asks of a stream where it does not matter which kind it is: tests hand in streams of their own.
pub trait Dice {
    /// The next number of the open interval (0, 1).
    fn uniform(&mut self) -> f64;
}

impl Dice for Stream {
    fn uniform(&mut self) -> f64 {
        Stream::uniform(self)
    }
}
