//! Who has the compute.

use super::shares::{self, Shares};
use crate::report::charts::input::ChartInput;
use crate::report::charts::picture::Picture;

const SHARES: Shares = Shares {
    metric: "share_compute",
    title: "Share of installed compute",
    of: "H100-equivalents installed at month end by clouds that sell",
    entity: "cloud",
};

/// Stacked means.
pub fn stack(input: &ChartInput<'_>) -> Result<Picture, String> {
    shares::stack(input, &SHARES)
}

/// Medians with bands.
pub fn bands(input: &ChartInput<'_>) -> Result<Picture, String> {
    shares::bands(input, &SHARES)
}
