//! Whose models serve the tokens.

use super::shares::{self, Shares};
use crate::report::charts::input::ChartInput;
use crate::report::charts::picture::Picture;

const SHARES: Shares = Shares {
    metric: "share_tokens_lab",
    title: "Share of tokens served",
    of: "tokens served in the month by all labs’ models",
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
