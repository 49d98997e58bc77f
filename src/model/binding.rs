//! What binds, cloud by cloud: the load that dispatch turns away, and the month problems made of it.

use super::dispatch::Target;
use super::observe::Sheet;
use super::params::Params;
use super::simulation::Simulation;
use super::state::State;
use crate::ids::CloudId;
use crate::market::serving::{CloudSolution, Load};
use crate::supply::binding::{CloudMonth, Limit, SupplyMonth};
use crate::supply::params::Class;
use crate::units::Time;

/// The month problems of all clouds, at the observation of the month that ends at `now`; the makers' part of them is
/// the opening that the supply side keeps.
pub fn cloud_months(params: &Params, state: &State, now: Time) -> Vec<CloudMonth> {
    let clouds = (0..params.clouds.len()).map(CloudId::new);
    clouds
        .map(|cloud| {
            let load = state.clouds[cloud.index()].month_h100e;
            state.supply.cloud_month(&params.supply, cloud, now, load)
        })
        .collect()
}

impl Simulation<'_> {
    /// The limit that bound each cloud's month, and what one more unit of each limit would have been worth.
    pub(super) fn observe_binding(&self, sheet: &mut Sheet) {
        let supply = &self.params.supply;
        let makers = SupplyMonth::new(supply, self.state.supply.opening());
        let hours = self.month_hours();
        for month in cloud_months(self.params, &self.state, self.now()) {
            let k = month.cloud.index();
            let problem = makers.problem(&month);
            let named = problem.named();
            let usd_per_h100e = hours * self.state.clouds[k].price;
            for limit in Limit::ALL {
                let worth = if problem.binds(limit) { usd_per_h100e * problem.worth_h100e(limit) } else { 0.0 };
                sheet.put_pair("binds", &supply.clouds[k].id, limit.name(), if limit == named { 1.0 } else { 0.0 });
                sheet.put_pair("limit_value_usd", &supply.clouds[k].id, limit.name(), worth);
            }
        }
    }

    /// Load that a cloud was asked for and does not serve [chat H100e]: on demand what found no room; of a holder's
    /// research at most what its right would still allow; and the leases that it does not deliver.
    ///
    /// Converted from the load's class at the rate of what was served of it, else of the whole fleet.
    pub(super) fn turned_away(
        &self,
        cloud: CloudId,
        loads: &[Load],
        targets: &[Target],
        solution: &CloudSolution,
    ) -> f64 {
        let k = cloud.index();
        let fleet = &self.state.clouds[k].fleet;
        let mut sum: f64 = self.state.clouds.iter().map(|lessee| lessee.leased[k] - lessee.leased_delivered[k]).sum();
        let mut used_of_right = vec![0.0; self.state.labs.len()];
        for ((target, load), outcome) in targets.iter().zip(loads).zip(&solution.loads) {
            let unserved = (load.h100e - outcome.served_h100e).max(0.0);
            let chat_per_h100e = || {
                if outcome.served_h100e > 0.0 {
                    return outcome.chat_h100e / outcome.served_h100e;
                }
                let of_class = fleet.h100e(load.class);
                if of_class > 0.0 { fleet.h100e(Class::Chat) / of_class } else { 1.0 }
            };
            let mut missing = if unserved > 0.0 { unserved * chat_per_h100e() } else { 0.0 };
            match *target {
                Target::LabServing(lab, _) => {
                    used_of_right[lab.index()] += outcome.chat_h100e - outcome.excess_chat_h100e;
                }
                Target::LabTraining(lab) if self.params.labs[lab.index()].own_cloud != Some(cloud) => {
                    let right = self.state.labs[lab.index()].at[k].right;
                    missing = missing.min((right - used_of_right[lab.index()] - outcome.chat_h100e).max(0.0));
                }
                _ => {}
            }
            sum += missing;
        }
        sum
    }
}
