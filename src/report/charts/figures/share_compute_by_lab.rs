//! Who trains and serves on how much.

use super::shares::{self, Shares};
use crate::report::charts::input::ChartInput;
use crate::report::charts::picture::Picture;

const SHARES: Shares = Shares {
    metric: "share_compute_lab",
    title: "Share of compute in use",
    of: "H100-equivalents that labs train and serve on, mean of the month",
    entity: "lab",
};

/// Stacked means.
pub fn stack(input: &ChartInput<'_>) -> Result<Picture, String> {
    shares::stack(input, &SHARES)
}

/// Medians with bands.
pub fn bands(input: &ChartInput<'_>) -> Result<Picture, String> {
    shares::bands(input, &SHARES)
}
