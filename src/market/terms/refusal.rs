//! Right of first refusal: new capacity needs go to the holder first.

use crate::ids::{CloudId, LabId};
use serde::{Deserialize, Serialize};

/// Right of first refusal: `taken = min(need, deliverable)`, the rest is free.
///
/// need and deliverable in the same unit, H100-equivalents or MW.
/// Source: OpenAI and Microsoft, 2025-01-21. Status: reported.
/// Not modelled: the time the holder has to answer, and matching of a rival's price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refusal {
    /// Who asks first.
    pub lab: LabId,
    /// Who is asked first.
    pub holder: CloudId,
}

/// How a need divides between the holder of a refusal right and everyone else.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Offer {
    /// What the holder takes, in the unit of the need.
    pub taken: f64,
    /// What may be offered to others, in the unit of the need.
    pub released: f64,
}

impl Refusal {
    /// Offers `need` to the holder, who can deliver `deliverable` in time; negative amounts count as none.
    pub fn offer(&self, need: f64, deliverable: f64) -> Offer {
        let need = need.max(0.0);
        let taken = need.min(deliverable.max(0.0));
        Offer { taken, released: need - taken }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RIGHT: Refusal = Refusal { lab: LabId(0), holder: CloudId(0) };

    #[test]
    fn the_holder_takes_what_it_can_deliver() {
        assert_eq!(RIGHT.offer(100.0, 60.0), Offer { taken: 60.0, released: 40.0 });
        assert_eq!(RIGHT.offer(100.0, 160.0), Offer { taken: 100.0, released: 0.0 });
    }

    #[test]
    fn a_holder_without_capacity_releases_everything() {
        assert_eq!(RIGHT.offer(100.0, -5.0), Offer { taken: 0.0, released: 100.0 });
    }
}
