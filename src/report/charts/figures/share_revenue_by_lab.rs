//! Whose models earn the money.

use super::shares::{self, Shares};
use crate::report::charts::input::ChartInput;
use crate::report::charts::picture::Picture;

const SHARES: Shares = Shares {
    metric: "share_revenue_lab",
    title: "Share of AI end-customer revenue",
    of: "labs’ end-customer revenue in the month: API, resale at list price and products",
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
