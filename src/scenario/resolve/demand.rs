//! Segments of customers, and what is common to all demand.

use super::Resolver;
use super::market::MIX_TOLERANCE;
use crate::ids::{CloudId, JurisdictionId, LabId};
use crate::market::choice::Taste;
use crate::market::demand::{Bass, DemandParams, DiscountParams, LookParams, SegmentParams};
use crate::market::residency::Jurisdictions;
use crate::market::tokens::TokenParams;
use crate::model::params::{Offset, Tastes};
use crate::scenario::scalar::Scalar;
use crate::scenario::schema::{DiscountsSpec, SegmentSpec};
use crate::supply::params::Class;
use crate::units::Schedule;
use std::collections::BTreeMap;

/// Most that anybody negotiates off a price: something is paid [1].
const MOST_DISCOUNT: f64 = 0.95;
/// Most tiers of what is negotiated.
const MOST_TIERS: usize = 100;

impl Resolver<'_> {
    pub(super) fn demand(&mut self, tokens: &TokenParams) -> DemandParams {
        let spec = self.spec;
        let then = tokens.prices.at_years(self.years(spec.demand.reference_date.0));
        let over_list = tokens.over_list(&then);
        let segments = spec.segments.iter().map(|(id, segment)| self.segment(id, segment, over_list)).collect();
        let path = "demand.reference_usd_per_mtok";
        let reference = self.class_numbers(path, &spec.demand.reference_usd_per_mtok, 1e-4, 0.0);
        for class in &Class::ALL[1..] {
            if reference[class.index()] <= 0.0 {
                self.find(path, format!("the class `{}` has no reference price", Class::NAMES[class.index()]));
            }
        }
        // No tokens are of the class training; its price only keeps volumes finite.
        let mut reference: [f64; Class::COUNT] = std::array::from_fn(|class| reference[class] * over_list[class]);
        reference[Class::Training.index()] = 1.0;
        DemandParams {
            segments,
            reference_price_usd_per_mtok: reference,
            home_drift_per_year: spec
                .demand
                .home_drift_per_year
                .as_ref()
                .map_or(0.0, |rate| self.at_least("demand.home_drift_per_year", rate, 0.0)),
            commitment_years: spec
                .demand
                .commitment_years
                .as_ref()
                .map(|years| self.within("demand.commitment_years", years, 1.0 / 12.0, 100.0)),
            discounts: spec.demand.discounts.as_ref().map(|discounts| self.discounts(discounts)),
            clouds: spec.clouds.len(),
            labs: spec.labs.len(),
            horizon: self.cal().horizon(),
        }
    }

    fn discounts(&mut self, spec: &DiscountsSpec) -> DiscountParams {
        let at = |field: &str| format!("demand.discounts.{field}");
        let mut tiers: Vec<(f64, f64)> = Vec::with_capacity(spec.tiers.len());
        for (i, tier) in spec.tiers.iter().enumerate() {
            let path = at(&format!("tiers.{i}.from_usd_per_year"));
            let from = self.at_least(&path, &tier.from_usd_per_year, 0.0);
            if let Some((before, _)) = tiers.last().filter(|(before, _)| *before >= from) {
                let message = format!("the tier from {from} USD follows one from {before} USD");
                self.find(&path, message).help = Some("order the tiers by spend".into());
            }
            tiers.push((from, self.within(&at(&format!("tiers.{i}.discount")), &tier.discount, 0.0, MOST_DISCOUNT)));
        }
        if tiers.len() > MOST_TIERS {
            self.find(&at("tiers"), format!("{} tiers are more than {MOST_TIERS}", tiers.len()));
            tiers.truncate(MOST_TIERS);
        }
        DiscountParams {
            tiers,
            per_other_cloud: self.share(&at("per_other_cloud"), &spec.per_other_cloud),
            cap: self.within(&at("cap"), &spec.cap, 0.0, MOST_DISCOUNT),
            usual_other_clouds: self.at_least(&at("usual_other_clouds"), &spec.usual_other_clouds, 0.0),
        }
    }

    fn segment(&mut self, id: &str, spec: &SegmentSpec, over_list: [f64; Class::COUNT]) -> SegmentParams {
        let root = &self.spec.demand;
        let at = |field: &str| format!("segments.{id}.{field}");
        let looks = &spec.looks;
        let mut look = |name: &str, value: &Scalar| self.share(&at(&format!("looks.{name}")), value);
        let looks = LookParams {
            launch_home: look("launch_home", &looks.launch_home),
            launch_elsewhere: look("launch_elsewhere", &looks.launch_elsewhere),
            price_change: look("price_change", &looks.price_change),
            outage: look("outage", &looks.outage),
            throttled: look("throttled", &looks.throttled),
            policy: look("policy", &looks.policy),
        };
        if spec.sampled_accounts == 0 || spec.sampled_accounts > 1_000_000 {
            self.find(&at("sampled_accounts"), "expected 1 to 1,000,000");
        }
        let bass =
            Bass { p: self.positive(&at("bass_p"), &spec.bass_p), q: self.at_least(&at("bass_q"), &spec.bass_q, 0.0) };
        let elasticity = self.within(&at("elasticity"), &spec.elasticity, -10.0, 0.0);
        SegmentParams {
            id: id.to_owned(),
            ceiling_accounts: self.positive(&at("ceiling_accounts"), &spec.ceiling_accounts),
            sampled_accounts: spec.sampled_accounts.max(1),
            bass,
            bass_origin_years: self.years(root.adoption_origin.0),
            spend_median_usd_per_year: self.positive(&at("spend_median_usd_per_year"), &spec.spend_median_usd_per_year),
            spend_sigma: self.at_least(&at("spend_sigma"), &spec.spend_sigma, 0.0),
            reference_years: self.years(root.reference_date.0),
            volume_index: self.series_at_least(&at("volume_index"), &spec.volume_index, 1e-9),
            home_mix: self.home_mix(&at("home_mix"), &spec.home_mix),
            residency: self.residency(&at("residency"), &spec.residency),
            committed_share: self.share(&at("committed_share"), &spec.committed_share),
            renewal_months: self.at_least(&at("renewal_months"), &spec.renewal_months, 0.1),
            class_mix: self.class_mix(&at("class_mix"), &spec.class_mix),
            taste: Taste { ln_over_list: over_list.map(libm::log), ..self.taste(id, spec) },
            looks,
            price_threshold: self.positive(&at("looks.price_threshold"), &spec.looks.price_threshold),
            elasticity,
            price_smoothing_months: self.at_least("demand.price_smoothing_months", &root.price_smoothing_months, 1.0),
            wallet_factor: self.at_least("demand.wallet_factor", &root.wallet_factor, 1.0),
            second_cloud_usd_per_year: spec
                .second_cloud_usd_per_year
                .as_ref()
                .map_or(0.0, |usd| self.at_least(&at("second_cloud_usd_per_year"), usd, 0.0)),
        }
    }

    fn taste(&mut self, id: &str, spec: &SegmentSpec) -> Taste {
        let root = &self.spec.demand;
        let (taste, switching) = (&spec.taste, &spec.switching);
        let at = |field: &str| format!("segments.{id}.{field}");
        let dissimilarity = self.within(&at("taste.dissimilarity"), &taste.dissimilarity, 0.05, 1.0);
        let rate = self.at_least(&at("switching.tenure_per_year"), &switching.tenure_per_year, 0.0);
        let cap = self.at_least(&at("switching.tenure_cap"), &switching.tenure_cap, 0.0);
        let entry = switching.entry.as_ref().map_or(0.0, |cost| self.at_least(&at("switching.entry"), cost, 0.0));
        Taste {
            alpha_q: self.at_least(&at("taste.quality"), &taste.quality, 0.0),
            alpha_q_class: self.class_numbers("demand.quality_weight", &root.quality_weight, 0.0, 1.0),
            alpha_p: self.at_least(&at("taste.log_price"), &taste.log_price, 0.0),
            alpha_l: self.at_least(&at("taste.latency"), &taste.latency, 0.0),
            alpha_g: self.number(&at("taste.governance"), &taste.governance),
            alpha_b: self.number(&at("taste.breadth"), &taste.breadth),
            alpha_s: self.number(&at("taste.support"), &taste.support),
            beta_home: self.number(&at("taste.home"), &taste.home),
            beta_commit: self.number(&at("taste.commitment"), &taste.commitment),
            switch_lab: self.at_least(&at("switching.lab"), &switching.lab, 0.0),
            switch_version: self.at_least(&at("switching.version"), &switching.version, 0.0),
            switch_cloud: self.at_least(&at("switching.cloud"), &switching.cloud, 0.0),
            switch_tenure_per_year: rate,
            switch_tenure_cap_years: if rate > 0.0 { cap / rate } else { 0.0 },
            switch_entry: entry,
            lambda: dissimilarity,
            v0: self.number(&at("taste.outside"), &taste.outside),
            ln_over_list: [0.0; Class::COUNT],
            certification: self.certification(&at("certification"), spec.certification),
            residency: Jurisdictions::NONE,
        }
    }

    /// Home clouds in the order of the clouds; what is left of 1 has none.
    fn home_mix(&mut self, path: &str, map: &BTreeMap<String, Scalar>) -> Vec<(Option<CloudId>, f64)> {
        let root = self.spec;
        let mut mix: Vec<(Option<CloudId>, f64)> = map
            .iter()
            .map(|(cloud, share)| {
                let path = format!("{path}.{cloud}");
                let id = self.id(&path, cloud, "cloud", &root.clouds);
                (Some(CloudId::new(id)), self.share(&path, share))
            })
            .collect();
        let rest = 1.0 - mix.iter().map(|(_, share)| share).sum::<f64>();
        if rest < -MIX_TOLERANCE {
            self.find(path, format!("the shares sum to {:.4}, over 1", 1.0 - rest));
        }
        mix.push((None, rest.max(0.0)));
        let total: f64 = mix.iter().map(|(_, share)| share).sum();
        mix.iter_mut().for_each(|(_, share)| *share /= total);
        mix
    }

    fn class_mix(&mut self, path: &str, map: &BTreeMap<String, Scalar>) -> [Schedule; Class::COUNT] {
        let mut mix: [Schedule; Class::COUNT] = std::array::from_fn(|_| Self::nothing());
        for (name, scalar) in map {
            let path = format!("{path}.{name}");
            if let Some(class) = self.class(&path, name) {
                mix[class.index()] = self.series_at_least(&path, scalar, 0.0);
            }
        }
        let calendar = self.cal().clone();
        for month in 0..calendar.months() {
            let total: f64 = mix.iter().map(|share| share.at(calendar.month_end(month))).sum();
            if (total - 1.0).abs() > MIX_TOLERANCE {
                let date = calendar.month_last_day(month);
                self.find(path, format!("the shares of the classes sum to {total:.4} on {date}, not 1"));
                break;
            }
        }
        mix
    }

    pub(super) fn tastes(&mut self) -> Tastes {
        let spec = self.spec;
        let demand = &spec.demand;
        let threshold = spec.segments.values().filter_map(|s| match s.looks.price_threshold.bounds() {
            (low, _) if low > 0.0 => Some(low),
            _ => None,
        });
        let price_threshold = threshold.fold(f64::INFINITY, f64::min);
        let mut offsets = Vec::new();
        for (lab, channels) in &demand.offset {
            for (channel, nats) in channels {
                let path = format!("demand.offset.{lab}.{channel}");
                offsets.push(Offset {
                    lab: LabId::new(self.id(&path, lab, "lab", &spec.labs)),
                    channel: self.id(&path, channel, "channel", &spec.channels) as u16,
                    nats: self.number(&path, nats),
                });
            }
        }
        Tastes {
            outside_lag_years: self.at_least("demand.outside_lag_years", &demand.outside_lag_years, 0.0),
            launch_gap: self.at_least("demand.launch_gap", &demand.launch_gap, 0.0),
            shock_sd: self.at_least("demand.taste_shock_sd", &demand.taste_shock_sd, 0.0),
            shock_persistence: self.within("demand.taste_shock_persistence", &demand.taste_shock_persistence, 0.0, 1.0),
            offsets,
            price_threshold,
        }
    }

    /// Shares of accounts that must keep their data in a jurisdiction; those without any are left out.
    fn residency(&mut self, path: &str, map: &BTreeMap<String, Scalar>) -> Vec<(JurisdictionId, f64)> {
        let mut shares: Vec<(JurisdictionId, f64)> = map
            .iter()
            .map(|(id, share)| {
                let path = format!("{path}.{id}");
                (self.jurisdiction(&path, id), self.share(&path, share))
            })
            .collect();
        let total: f64 = shares.iter().map(|(_, share)| share).sum();
        if total > 1.0 + MIX_TOLERANCE {
            self.find(path, format!("the shares sum to {total:.4}, over 1"));
        }
        shares.retain(|(_, share)| *share > 0.0);
        shares
    }
}
