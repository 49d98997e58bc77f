//! Exclusivity: in a scope, the grantor deals with no one else.

use crate::ids::{ChannelId, CloudId, LabId};
use crate::market::residency::Jurisdictions;
use serde::{Deserialize, Serialize};

/// What an exclusivity covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Scope {
    /// The lab buys chip-hours from the holder only.
    Compute,
    /// The lab's models are sold on no other cloud's platform.
    Distribution,
    /// Products of no other party are built on the lab's models.
    Product,
}

/// Exclusivity: `barred = in scope ∧ line covered ∧ other ≠ holder ∧ other ∉ exceptions`.
///
/// Limited to jurisdictions, an exclusivity of distribution bars sales to those alone who must keep their data there;
/// elsewhere other platforms are free.
///
/// The lab's own API is not a platform and is never barred. Weights that are open are not barred either, which
/// [`availability`](crate::market::availability) decides.
/// Source: the scopes are those of the Microsoft–OpenAI terms of 2019 to 2026. Status: reported.
/// Not modelled: compute and products by jurisdiction, which the scenario reader refuses.
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
    /// Lines of the grantor's models that are covered, by position; all if empty.
    pub lines: Vec<u16>,
    /// Jurisdictions that it is limited to; it holds everywhere if there are none.
    pub jurisdictions: Jurisdictions,
}

impl Exclusivity {
    /// Whether `lab` may not buy chip-hours from `cloud`.
    pub fn bars_compute(&self, lab: LabId, cloud: CloudId) -> bool {
        self.scope == Scope::Compute && self.bars(lab, cloud)
    }

    /// Whether models of a line of `lab` may not be sold on `channel`, a platform of `cloud`, to anybody.
    pub fn bars_platform(&self, model: (LabId, u16), cloud: CloudId, channel: ChannelId) -> bool {
        self.jurisdictions.is_empty() && self.covers_platform(model, cloud, channel)
    }

    /// Jurisdictions alone in which they may not be sold there.
    pub fn bars_platform_in(&self, model: (LabId, u16), cloud: CloudId, channel: ChannelId) -> Jurisdictions {
        if self.covers_platform(model, cloud, channel) { self.jurisdictions } else { Jurisdictions::NONE }
    }

    /// Whether both say something about the same jurisdiction.
    pub fn meets(&self, other: &Self) -> bool {
        let both = self.jurisdictions.common(other.jurisdictions);
        self.jurisdictions.is_empty() || other.jurisdictions.is_empty() || !both.is_empty()
    }

    fn covers_platform(&self, (lab, line): (LabId, u16), cloud: CloudId, channel: ChannelId) -> bool {
        let covered = self.scope == Scope::Distribution && self.covers(line);
        covered && self.bars(lab, cloud) && !self.except_channels.contains(&channel)
    }

    /// Whether a product of a party may not be built on a line of `lab`; `clouds` are those that the party owns.
    pub fn bars_product(&self, (lab, line): (LabId, u16), clouds: &[CloudId]) -> bool {
        let free = |cloud: &CloudId| !self.bars(lab, *cloud);
        self.scope == Scope::Product && lab == self.grantor && self.covers(line) && !clouds.iter().any(free)
    }

    fn covers(&self, line: u16) -> bool {
        self.lines.is_empty() || self.lines.contains(&line)
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
            lines: vec![],
            jurisdictions: Jurisdictions::NONE,
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
        assert!(!exclusivity(Scope::Compute).bars_platform((LAB, 0), OTHER, PLATFORM));
        assert!(!exclusivity(Scope::Distribution).bars_compute(LAB, OTHER));
        assert!(exclusivity(Scope::Distribution).bars_platform((LAB, 0), OTHER, PLATFORM));
    }

    #[test]
    fn a_channel_excepted_by_name_is_free() {
        assert!(!exclusivity(Scope::Distribution).bars_platform((LAB, 0), OTHER, GOVERNMENT));
    }

    #[test]
    fn named_lines_are_covered_and_others_are_not() {
        let some = Exclusivity { lines: vec![2], ..exclusivity(Scope::Distribution) };
        assert!(some.bars_platform((LAB, 2), OTHER, PLATFORM) && !some.bars_platform((LAB, 1), OTHER, PLATFORM));
    }

    #[test]
    fn limited_to_jurisdictions_it_bars_sales_there_alone() {
        let (here, there) = (Jurisdictions(0b01), Jurisdictions(0b10));
        let limited = |jurisdictions| Exclusivity { jurisdictions, ..exclusivity(Scope::Distribution) };
        let bars = |clause: &Exclusivity, cloud| clause.bars_platform_in((LAB, 0), cloud, PLATFORM);
        assert!(!limited(here).bars_platform((LAB, 0), OTHER, PLATFORM));
        assert_eq!(bars(&limited(here), OTHER), here);
        assert_eq!(bars(&limited(here), HOLDER), Jurisdictions::NONE);
        assert_eq!(bars(&limited(here), EXCEPTED), Jurisdictions::NONE);
        assert_eq!(bars(&limited(Jurisdictions::NONE), OTHER), Jurisdictions::NONE);
        assert!(!limited(here).meets(&limited(there)));
        assert!(limited(here).meets(&limited(here.and(there))) && limited(Jurisdictions::NONE).meets(&limited(there)));
    }

    #[test]
    fn products_of_the_holder_and_of_excepted_clouds_are_free() {
        let product = exclusivity(Scope::Product);
        let bars = |clouds: &[CloudId]| product.bars_product((LAB, 0), clouds);
        assert!(bars(&[OTHER]) && bars(&[]) && !bars(&[OTHER, HOLDER]) && !bars(&[EXCEPTED]));
        assert!(!product.bars_product((LabId(1), 0), &[OTHER]));
        assert!(!exclusivity(Scope::Compute).bars_product((LAB, 0), &[OTHER]));
    }
}
