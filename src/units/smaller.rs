//! Comparing numbers that are known to be numbers.

/// The smaller of two: one instruction, where `f64::min` has to see to what is no number.
#[inline]
pub fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// The larger of two, likewise.
#[inline]
pub fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}
