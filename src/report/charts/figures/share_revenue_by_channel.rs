//! Where customers spend on tokens: platforms of clouds, or the labs' own interfaces.

use super::shares::{self, Shares};
use crate::report::charts::input::ChartInput;
use crate::report::charts::picture::Picture;

const SHARES: Shares = Shares {
    metric: "share_revenue_channel",
    title: "Share of spend on tokens",
    of: "what customers paid for tokens in the month on all channels, products apart",
    entity: "channel",
};

/// Stacked means.
pub fn stack(input: &ChartInput<'_>) -> Result<Picture, String> {
    shares::stack(input, &SHARES)
}

/// Medians with bands.
pub fn bands(input: &ChartInput<'_>) -> Result<Picture, String> {
    shares::bands(input, &SHARES)
}
