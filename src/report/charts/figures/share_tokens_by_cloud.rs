//! On whose fleets tokens are served.

use super::shares::{self, Shares};
use crate::report::charts::input::ChartInput;
use crate::report::charts::picture::Picture;

const SHARES: Shares = Shares {
    metric: "share_tokens",
    title: "Share of tokens served",
    of: "tokens served in the month on the fleets of clouds that sell",
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
