//! Random streams of the supply side: one for each entity and purpose.

use crate::ids::{AcceleratorId, CloudId, SiteId};
use crate::supply::params::{Site, SupplyParams};
use crate::units::norm_inv;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// How far ahead the waits for announced phases are bridged: one draw for each, all at the start.
    pub announced_bridges: S,
    /// Delays of requested phases: two draws for each.
    pub requested: S,
    /// How far ahead the waits for requested phases are bridged: one draw for each.
    pub requested_bridges: S,
    /// Up times and lengths of outages, in turn.
    pub outages: S,
    /// Normal score of the region's delays in this run, the same for all its sites.
    pub region_score: f64,
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

/// Draws the normal score of a region's delays.
pub(super) fn region_score<S: Dice>(region: &str, make: &mut dyn FnMut(&str, &str) -> S) -> f64 {
    norm_inv(make(region, "power-delays").uniform())
}

impl<S: Dice> SiteStreams<S> {
    /// Makes the streams of a site in a region of the given score.
    pub fn new(site: &Site, region_score: f64, make: &mut dyn FnMut(&str, &str) -> S) -> Self {
        Self {
            announced: make(&site.id, "announced-power"),
            announced_bridges: make(&site.id, "announced-bridges"),
            requested: make(&site.id, "requested-power"),
            requested_bridges: make(&site.id, "requested-bridges"),
            outages: make(&site.id, "outages"),
            region_score,
        }
    }
}

impl<S: Dice> Streams<S> {
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
        let mut scores = BTreeMap::new();
        let mut sites = Vec::with_capacity(params.sites.len());
        for site in &params.sites {
            let score = *scores.entry(&site.region).or_insert_with_key(|region| region_score(region, make));
            sites.push(SiteStreams::new(site, score, make));
        }
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
    use crate::supply::testing::{self, Fixed};
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
            Fixed(0.5)
        });
        // Two clouds by two types by four purposes, two sites by five, their region, and one residual order.
        assert_eq!((made, names.len()), (28, 28));
        assert!(names.contains("cloud-1/b200 lead-time") && names.contains("site-0 outages"));
    }
}
