//! Licence: the licensee may host and resell the licensor's models and use them in own products.

use crate::ids::{LabId, PartyId};
use serde::{Deserialize, Serialize};

/// Licence: `permits = licensee is the operator`; an exclusive one bars the platforms of other operators.
///
/// Source: Microsoft–OpenAI licences of 2020, 2025-10-28 (exclusive) and 2026-04-27 (not exclusive). Status: reported.
/// Nothing is owed for a token, of the licensee's own products nor sold on its platform on its own account: what a licence
/// costs is in the other clauses of its deal. Without it the model itself has a price, that of a
/// [`Distribution`](super::Distribution).
/// Not modelled: a licence to research results, or to some products only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Licence {
    /// Whose models.
    pub licensor: LabId,
    /// Who may host them.
    pub licensee: PartyId,
    /// Whether no other operator may.
    pub exclusive: bool,
}

impl Licence {
    /// Whether `operator` may host and use the models of `lab` under this licence.
    pub fn permits(&self, lab: LabId, operator: PartyId) -> bool {
        lab == self.licensor && operator == self.licensee
    }

    /// Whether this licence keeps the models of `lab` off the platforms of `operator`.
    pub fn bars(&self, lab: LabId, operator: PartyId) -> bool {
        self.exclusive && lab == self.licensor && operator != self.licensee
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_exclusive_licence_bars_others() {
        let (lab, licensee, other) = (LabId(0), PartyId(0), PartyId(1));
        for exclusive in [true, false] {
            let licence = Licence { licensor: lab, licensee, exclusive };
            assert!(licence.permits(lab, licensee) && !licence.permits(lab, other));
            assert_eq!(licence.bars(lab, other), exclusive);
            assert!(!licence.bars(lab, licensee) && !licence.bars(LabId(1), other));
        }
    }
}
