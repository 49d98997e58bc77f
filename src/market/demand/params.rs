//! Resolved parameters of the demand side, fixed for a run.

use super::bass::Bass;
use super::discounts::DiscountParams;
use crate::ids::{CloudId, JurisdictionId, SegmentId};
use crate::market::choice::{Provider, Taste, TasteId};
use crate::market::residency::Jurisdictions;
use crate::supply::params::Class;
use crate::units::{Schedule, Time};
use serde::{Deserialize, Serialize};

/// How likely something makes a workload look at the offers again [1].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LookParams {
    /// A model comes out on the home cloud.
    pub launch_home: f64,
    /// A model comes out elsewhere.
    pub launch_elsewhere: f64,
    /// A price moves beyond the threshold.
    pub price_change: f64,
    /// A long outage where the workload runs.
    pub outage: f64,
    /// A share of a month's tokens throttled.
    pub throttled: f64,
    /// A regulator moves switching costs.
    pub policy: f64,
}

/// A segment: accounts alike in needs and taste.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SegmentParams {
    /// Id in the scenario; keys the random streams.
    pub id: String,
    /// Accounts that will adopt in the end [accounts].
    pub ceiling_accounts: f64,
    /// Accounts simulated, each standing for `ceiling_accounts / sampled_accounts`; at least 1.
    pub sampled_accounts: u32,
    /// Pace of adoption.
    pub bass: Bass,
    /// When the first could adopt [years since the start, negative before].
    pub bass_origin_years: f64,
    /// Median spend of an account [USD/year], at reference prices on the reference date.
    pub spend_median_usd_per_year: f64,
    /// Standard deviation of the logarithm of spend [1].
    pub spend_sigma: f64,
    /// Date at which spend is measured [years since the start].
    pub reference_years: f64,
    /// Volume per active account at constant price, as an index of any base: only ratios to the reference date count.
    pub volume_index: Schedule,
    /// Home clouds and their shares, which sum to 1.
    pub home_mix: Vec<(Option<CloudId>, f64)>,
    /// Jurisdictions in which shares of the accounts must keep their data [1]; the rest may keep them anywhere.
    pub residency: Vec<(JurisdictionId, f64)>,
    /// Share of accounts with a home cloud that draw down a commitment there [1].
    pub committed_share: f64,
    /// Time between renewals [months].
    pub renewal_months: f64,
    /// Share of volume by class, summing to 1 at all times; training has none.
    pub class_mix: [Schedule; Class::COUNT],
    /// What it cares about when it chooses.
    pub taste: Taste,
    /// What makes it look again.
    pub looks: LookParams,
    /// Relative price change that is noticed [1].
    pub price_threshold: f64,
    /// ε, long-run elasticity of volume to the price paid, not positive [1].
    pub elasticity: f64,
    /// Over how long a price change works through [months].
    pub price_smoothing_months: f64,
    /// f, the volume's response to price stays within `1/f` to `f`; at least 1 [1].
    pub wallet_factor: f64,
    /// k, what each cloud beyond the first costs an account, tokens apart [USD/year].
    pub second_cloud_usd_per_year: f64,
}

impl SegmentParams {
    /// Accounts that one simulated account stands for [accounts].
    pub fn weight(&self) -> f64 {
        self.ceiling_accounts / f64::from(self.sampled_accounts)
    }

    /// The tastes of its accounts: of those that may keep their data anywhere, then of those that must keep it in each of
    /// the jurisdictions that it names.
    pub fn tastes(&self) -> impl Iterator<Item = Taste> {
        let bound = self.residency.iter().map(|(jurisdiction, _)| Jurisdictions::one(*jurisdiction));
        std::iter::once(Jurisdictions::NONE).chain(bound).map(|residency| Taste { residency, ..self.taste.clone() })
    }

    /// Spend at reference prices at `years` over that on the reference date [1].
    pub fn growth(&self, years: f64) -> f64 {
        self.volume_index.at_years(years) / self.volume_index.at_years(self.reference_years)
    }

    /// Volume of a class at `years`, over an account's reference spend: its share of the mix times the volume index.
    pub fn volume_factor(&self, class: Class, years: f64) -> f64 {
        self.class_mix[class.index()].at_years(years) * self.growth(years)
    }

    /// Classes that have a share of the mix at the start of some month of a run of `horizon_years`.
    pub fn classes(&self, horizon_years: f64) -> Vec<Class> {
        let months = (12.0 * horizon_years).ceil() as u32;
        let ever = |class: &Class| {
            let mix = &self.class_mix[class.index()];
            (0..=months).any(|month| mix.at_years(f64::from(month) / 12.0) > 0.0)
        };
        Class::ALL.into_iter().filter(ever).collect()
    }
}

/// The demand side of a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DemandParams {
    /// By [`SegmentId`].
    pub segments: Vec<SegmentParams>,
    /// Price at which spend is turned into volume, by class [USD per million tokens].
    pub reference_price_usd_per_mtok: [f64; Class::COUNT],
    /// r, rate at which the home clouds of accounts follow their work [1/year].
    pub home_drift_per_year: f64,
    /// T, the term of accounts' commitments [years]; none: they never end nor are drawn down.
    pub commitment_years: Option<f64>,
    /// What buyers negotiate off list prices; none: nothing.
    pub discounts: Option<DiscountParams>,
    /// Number of clouds in the market.
    pub clouds: usize,
    /// Number of labs in the market.
    pub labs: usize,
    /// First instant after the run.
    pub horizon: Time,
}

impl DemandParams {
    /// Volume of each class at `now` over an account's reference spend, by segment. See [`SegmentParams::volume_factor`].
    pub(super) fn factors(&self, now: Time) -> Vec<[f64; Class::COUNT]> {
        let of = |segment: &SegmentParams| Class::ALL.map(|class| segment.volume_factor(class, now.years()));
        self.segments.iter().map(of).collect()
    }

    /// Tier of the discount of an account by its spend [USD/year].
    pub fn tier(&self, usd_per_year: f64) -> u8 {
        self.discounts.as_ref().map_or(0, |discounts| discounts.tier(usd_per_year))
    }

    /// How many tiers of discounts there are, with none.
    pub(super) fn tiers(&self) -> usize {
        1 + self.discounts.as_ref().map_or(0, |discounts| discounts.tiers.len())
    }

    /// Position of a provider among all: clouds, then the labs' own interfaces.
    pub fn place(&self, provider: Provider) -> usize {
        provider.place(self.clouds)
    }

    /// The tastes of all segments, segment by segment.
    pub fn tastes(&self) -> Vec<Taste> {
        self.segments.iter().flat_map(SegmentParams::tastes).collect()
    }

    /// The taste of a segment's accounts that must keep their data in `residency`, or may keep it anywhere; the latter also
    /// where the segment does not name the jurisdiction.
    pub fn taste_of(&self, segment: SegmentId, residency: Option<JurisdictionId>) -> TasteId {
        let before: usize = self.segments[..segment.index()].iter().map(|s| 1 + s.residency.len()).sum();
        let named = &self.segments[segment.index()].residency;
        let place = residency.and_then(|bound| named.iter().position(|(jurisdiction, _)| *jurisdiction == bound));
        TasteId(u16::try_from(before + place.map_or(0, |place| 1 + place)).expect("fewer than 65,536 tastes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::demand::mini_market;

    #[test]
    fn tastes_stand_segment_by_segment_those_without_residency_first() {
        let (eu, uk) = (JurisdictionId(2), JurisdictionId(5));
        let mut params = mini_market::params();
        params.segments[1].residency = vec![(eu, 0.2), (uk, 0.1)];
        params.segments[3].residency = vec![(uk, 0.3)];
        let residency: Vec<u8> = params.tastes().iter().map(|taste| taste.residency.0).collect();
        assert_eq!(residency, [0, 0, 0b100, 0b10_0000, 0, 0, 0b10_0000, 0]);
        let of = |segment, residency| params.taste_of(SegmentId(segment), residency).0;
        assert_eq!((of(0, None), of(1, None), of(1, Some(eu)), of(1, Some(uk))), (0, 1, 2, 3));
        assert_eq!((of(2, None), of(3, Some(uk)), of(3, Some(eu)), of(4, None)), (4, 6, 5, 7));
    }
}
