//! What brings an amendment in where no date does: a fact about the market that first holds on some day of the run.
//!
//! *Who looks whether it holds?* The model, at each month's close, at each release and when a case opens; the amendment
//! comes into force at the next midnight, since terms hold for whole days.

use crate::ids::{CloudId, LabId, RegulatorId};
use serde::{Deserialize, Serialize};

/// A fact that an amendment waits for. Each holds once its figure is at or over the one named.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Condition {
    /// A revenue share of the same contract has paid its total cap.
    CapReached {
        /// Id of the clause.
        clause: String,
    },
    /// A lab is worth so much, by the rule of [`valuation`](crate::market::labs::valuation) or its last round.
    Valuation {
        /// The lab.
        lab: LabId,
        /// Valuation \[USD\].
        usd: f64,
    },
    /// A lab's revenue run-rate.
    Revenue {
        /// The lab.
        lab: LabId,
        /// Run-rate \[USD/year\].
        usd_per_year: f64,
    },
    /// The quality of a lab's best model: a milestone of technology, such as general intelligence as the parties define it.
    Quality {
        /// The lab.
        lab: LabId,
        /// Quality \[quality units\].
        at_least: f64,
    },
    /// A regulator has a case open.
    CaseOpened {
        /// The regulator.
        regulator: RegulatorId,
    },
    /// A cloud has turned away so much of its customers' first choices in a month, over its capacity.
    CapacityRefused {
        /// The cloud.
        cloud: CloudId,
        /// Turned away over capacity \[1\].
        share: f64,
    },
}
