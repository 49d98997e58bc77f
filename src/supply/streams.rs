//! Random streams of the supply side: one for each entity and purpose.

use crate::ids::{AcceleratorId, CloudId, SiteId};
use crate::supply::params::SupplyParams;
use serde::{Deserialize, Serialize};

pub use crate::engine::Dice;

/// Streams of one type of accelerator at one cloud.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct GroupStreams<S> {
    /// From order to shipment: one draw for each order or planning round.
    pub lead_time: S,
    /// From shipment to power: one draw a month.
    pub ship_to_power: S,
    /// How many fail: one draw a month.
    pub failures: S,
    /// How long their repair takes: one draw a month.
    pub repairs: S,
}

/// Streams of one site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SiteStreams<S> {
    /// Slips of announced phases: two draws for each, all at the start.
    pub announced: S,
    /// Delays of requested phases: two draws for each.
    pub requested: S,
    /// Up times and lengths of outages, in turn.
    pub outages: S,
}

/// Every stream of the supply side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Streams<S> {
    accelerators: usize,
    groups: Vec<GroupStreams<S>>,
    sites: Vec<SiteStreams<S>>,
    /// For each residual buyer, one for each type that it orders.
    pub residual_lead_times: Vec<Vec<S>>,
}

impl<S> Streams<S> {
    /// Makes every stream from the ids of its entity and its purpose, so that no position decides a draw.
    pub fn new(params: &SupplyParams, make: &mut dyn FnMut(&str, &str) -> S) -> Self {
        let mut groups = Vec::new();
        for cloud in &params.clouds {
            for accelerator in &params.accelerators {
                let entity = format!("{}/{}", cloud.id, accelerator.id);
                groups.push(GroupStreams {
                    lead_time: make(&entity, "lead-time"),
                    ship_to_power: make(&entity, "ship-to-power"),
                    failures: make(&entity, "failures"),
                    repairs: make(&entity, "repairs"),
                });
            }
        }
        let sites = params.sites.iter().map(|site| SiteStreams {
            announced: make(&site.id, "announced-power"),
            requested: make(&site.id, "requested-power"),
            outages: make(&site.id, "outages"),
        });
        let sites = sites.collect();
        let residual_lead_times = params.residual_buyers.iter().map(|buyer| {
            let types = buyer.orders_per_quarter.iter();
            types
                .map(|(accelerator, _)| {
                    let accelerator = &params.accelerators[accelerator.index()];
                    make(&format!("{}/{}", buyer.id, accelerator.id), "residual-lead-time")
                })
                .collect()
        });
        let residual_lead_times = residual_lead_times.collect();
        Self { accelerators: params.accelerators.len(), groups, sites, residual_lead_times }
    }

    /// Streams of a type at a cloud.
    pub fn group(&mut self, cloud: CloudId, accelerator: AcceleratorId) -> &mut GroupStreams<S> {
        &mut self.groups[cloud.index() * self.accelerators + accelerator.index()]
    }

    /// Streams of a site.
    pub fn site(&mut self, site: SiteId) -> &mut SiteStreams<S> {
        &mut self.sites[site.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supply::testing;
    use crate::units::Schedule;
    use std::collections::BTreeSet;

    #[test]
    fn every_entity_and_purpose_has_a_stream_of_its_own() {
        let mut params = testing::world(2);
        params.accelerators.push(testing::accelerator("b200", 2.6, 1.9));
        params.residual_buyers[0].orders_per_quarter = vec![(AcceleratorId(1), Schedule::constant(1.0))];
        // Even if a residual buyer bears the name of a cloud.
        params.residual_buyers[0].id = "cloud-0".into();
        let mut names = BTreeSet::new();
        let mut made = 0;
        Streams::new(&params, &mut |entity: &str, purpose: &str| {
            made += 1;
            names.insert(format!("{entity} {purpose}"));
        });
        // Two clouds by two types by four purposes, two sites by three, and one residual order.
        assert_eq!((made, names.len()), (23, 23));
        assert!(names.contains("cloud-1/b200 lead-time") && names.contains("site-0 outages"));
    }
}
