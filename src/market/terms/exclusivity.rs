//! Exclusivity: in a scope, the grantor deals with no one else.

use crate::ids::{ChannelId, CloudId, LabId};
use serde::{Deserialize, Serialize};

/// What an exclusivity covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Scope {
    /// The lab buys chip-hours from the holder only.
    Compute,
    /// The lab's models are sold on no other cloud's platform.
    Distribution,
}

/// Exclusivity: `barred = in scope ∧ other ≠ holder ∧ other ∉ exceptions`.
///
/// The lab's own API is not a platform and is never barred. Weights that are open are not barred either, which
/// [`availability`](crate::market::availability) decides.
/// Source: the scopes are those of the Microsoft–OpenAI terms of 2019 to 2026. Status: reported.
/// Not modelled: exclusivity by product, by model or by region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exclusivity {
    /// Who is bound.
    pub grantor: LabId,
    /// For whose benefit.
    pub holder: CloudId,
    /// What it covers.
    pub scope: Scope,
    /// Channels that are excepted by name.
    pub except_channels: Vec<ChannelId>,
    /// Clouds that are excepted by name.
    pub except_clouds: Vec<CloudId>,
}

impl Exclusivity {
    /// Whether `lab` may not buy chip-hours from `cloud`.
    pub fn bars_compute(&self, lab: LabId, cloud: CloudId) -> bool {
        self.scope == Scope::Compute && self.bars(lab, cloud)
    }

    /// Whether the models of `lab` may not be sold on `channel`, a platform of `cloud`.
    pub fn bars_platform(&self, lab: LabId, cloud: CloudId, channel: ChannelId) -> bool {
        self.scope == Scope::Distribution && self.bars(lab, cloud) && !self.except_channels.contains(&channel)
    }

    fn bars(&self, lab: LabId, cloud: CloudId) -> bool {
        lab == self.grantor && cloud != self.holder && !self.except_clouds.contains(&cloud)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAB: LabId = LabId(0);
    const HOLDER: CloudId = CloudId(0);
    const OTHER: CloudId = CloudId(1);
    const EXCEPTED: CloudId = CloudId(2);
    const PLATFORM: ChannelId = ChannelId(4);
    const GOVERNMENT: ChannelId = ChannelId(5);

    fn exclusivity(scope: Scope) -> Exclusivity {
        Exclusivity {
            grantor: LAB,
            holder: HOLDER,
            scope,
            except_channels: vec![GOVERNMENT],
            except_clouds: vec![EXCEPTED],
        }
    }

    #[test]
    fn only_another_cloud_is_barred() {
        let compute = exclusivity(Scope::Compute);
        assert!(compute.bars_compute(LAB, OTHER));
        assert!(!compute.bars_compute(LAB, HOLDER));
        assert!(!compute.bars_compute(LAB, EXCEPTED));
        assert!(!compute.bars_compute(LabId(1), OTHER));
    }

    #[test]
    fn a_scope_does_not_reach_into_the_other() {
        assert!(!exclusivity(Scope::Compute).bars_platform(LAB, OTHER, PLATFORM));
        assert!(!exclusivity(Scope::Distribution).bars_compute(LAB, OTHER));
        assert!(exclusivity(Scope::Distribution).bars_platform(LAB, OTHER, PLATFORM));
    }

    #[test]
    fn a_channel_excepted_by_name_is_free() {
        assert!(!exclusivity(Scope::Distribution).bars_platform(LAB, OTHER, GOVERNMENT));
    }
}
