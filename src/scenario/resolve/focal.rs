//! Focal customers.

use super::Resolver;
use crate::ids::CloudId;
use crate::market::choice::Taste;
use crate::market::demand::DemandParams;
use crate::market::focal::{CommittedSpend, Customer, MoveDays, Strategy, Workload};
use crate::market::residency::Jurisdictions;
use crate::scenario::schema::{ChannelKindSpec, CommittedSpendSpec, FocalSpec, MoveDaysSpec, StrategySpec};

/// Most focal customers of a scenario.
const MOST_CUSTOMERS: usize = 64;

impl Resolver<'_> {
    pub(super) fn focal(&mut self, demand: &DemandParams) -> Vec<Customer> {
        let spec = self.spec;
        if spec.focal.len() > MOST_CUSTOMERS {
            self.find("focal", format!("{} customers, at most {MOST_CUSTOMERS}", spec.focal.len()));
        }
        spec.focal.iter().take(MOST_CUSTOMERS).filter_map(|(id, focal)| self.customer(id, focal, demand)).collect()
    }

    /// None where there is no segment whose taste it could have.
    fn customer(&mut self, id: &str, spec: &FocalSpec, demand: &DemandParams) -> Option<Customer> {
        let root = self.spec;
        let at = |field: &str| format!("focal.{id}.{field}");
        let segment = demand.segments.get(self.id(&at("segment"), &spec.segment, "segment", &root.segments))?;
        let certification = match spec.certification {
            Some(level) => self.certification(&at("certification"), level),
            None => segment.taste.certification,
        };
        let residency = spec.residency.as_ref().map(|place| self.jurisdiction(&at("residency"), place));
        let residency = residency.map_or(Jurisdictions::NONE, Jurisdictions::one);
        if spec.workloads.is_empty() {
            self.find(&at("workloads"), "a customer needs work to be done");
        }
        let workloads = spec.workloads.iter().filter_map(|(name, workload)| {
            let at = |field: &str| format!("focal.{id}.workloads.{name}.{field}");
            let mtok_per_month = self.series_at_least(&at("mtok_per_month"), &workload.mtok_per_month, 0.0);
            let home_weight =
                workload.home_weight.as_ref().map_or(1.0, |weight| self.share(&at("home_weight"), weight));
            let class = self.class(&at("class"), &workload.class)?;
            Some(Workload { id: name.clone(), class, mtok_per_month, home_weight })
        });
        let workloads = workloads.collect();
        let renewal_months = spec.renewal_months.as_ref();
        let renewal_months = renewal_months.map(|months| self.at_least(&at("renewal_months"), months, 0.1));
        let further = &spec.further_cloud_usd_per_year;
        Some(Customer {
            id: id.to_owned(),
            taste: Taste { certification, residency, ..segment.taste.clone() },
            home: self.platform_owner(&at("home"), &spec.home),
            from: self.time(spec.from.0),
            renewal_months: renewal_months.unwrap_or(segment.renewal_months),
            workloads,
            commitment: spec.commitment.as_ref().map(|deal| self.committed_spend(&at("commitment"), deal)),
            further_cloud_usd_per_year: self.series_at_least(&at("further_cloud_usd_per_year"), further, 0.0),
            move_days: self.move_days(&at("move_days"), &spec.move_days),
            strategies: self.strategies(&at("strategies"), &spec.strategies),
        })
    }

    /// A cloud on whose platform models are sold.
    fn platform_owner(&mut self, path: &str, cloud: &str) -> CloudId {
        let root = self.spec;
        let position = self.id(path, cloud, "cloud", &root.clouds);
        let sells = |kind: &ChannelKindSpec| matches!(kind, ChannelKindSpec::Platform(owner) if owner == cloud);
        if root.clouds.contains_key(cloud) && !root.channels.values().any(|channel| sells(&channel.kind)) {
            self.find(path, format!("`{cloud}` has no platform that sells models")).help =
                Some("name a cloud for which there is a channel `Platform(..)`".into());
        }
        CloudId::new(position)
    }

    fn committed_spend(&mut self, path: &str, spec: &CommittedSpendSpec) -> CommittedSpend {
        let at = |field: &str| format!("{path}.{field}");
        CommittedSpend {
            cloud: self.platform_owner(&at("cloud"), &spec.cloud),
            usd_per_year: self.series_at_least(&at("usd_per_year"), &spec.usd_per_year, 0.0),
            discount: self.within(&at("discount"), &spec.discount, 0.0, 0.95),
        }
    }

    fn move_days(&mut self, path: &str, spec: &MoveDaysSpec) -> MoveDays {
        let at = |field: &str| format!("{path}.{field}");
        MoveDays {
            version: self.at_least(&at("version"), &spec.version, 0.0),
            lab: self.at_least(&at("lab"), &spec.lab, 0.0),
            provider: self.at_least(&at("provider"), &spec.provider, 0.0),
        }
    }

    fn strategies(&mut self, path: &str, spec: &[StrategySpec]) -> Vec<Strategy> {
        let mut strategies: Vec<Strategy> = Vec::with_capacity(Strategy::ALL.len());
        for (i, strategy) in spec.iter().enumerate() {
            let strategy = match strategy {
                StrategySpec::SingleCloud => Strategy::SingleCloud,
                StrategySpec::PrimaryWithFallback => Strategy::PrimaryWithFallback,
                StrategySpec::MultiCloud => Strategy::MultiCloud,
                StrategySpec::PlacementByWorkload => Strategy::PlacementByWorkload,
            };
            if strategies.contains(&strategy) {
                self.find(&format!("{path}.{i}"), "the strategy is followed already");
            }
            strategies.push(strategy);
        }
        if strategies.is_empty() { Strategy::ALL.to_vec() } else { strategies }
    }
}
