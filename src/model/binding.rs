//! What binds, cloud by cloud: the load that dispatch turns away, and the month problems made of it.

use super::dispatch::Target;
use super::observe::Sheet;
use super::params::Params;
use super::simulation::Simulation;
use super::state::State;
use crate::ids::CloudId;
use crate::market::serving::{CloudSolution, Fleet, Load, LoadOutcome};
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
    /// research at most the part of its right that the cloud does not deliver; and the leases that it does not deliver.
    pub(super) fn turned_away(
        &self,
        cloud: CloudId,
        loads: &[Load],
        targets: &[Target],
        solution: &CloudSolution,
    ) -> f64 {
        let k = cloud.index();
        let fleet = &self.state.clouds[k].fleet;
        let leases: f64 = self.state.clouds.iter().map(|lessee| lessee.leased[k] - lessee.leased_delivered[k]).sum();
        let loads = targets.iter().zip(loads).zip(&solution.loads);
        leases
            + loads
                .map(|((target, load), outcome)| match *target {
                    Target::LabTraining(lab) if self.params.labs[lab.index()].own_cloud != Some(cloud) => {
                        let at = &self.state.labs[lab.index()].at[k];
                        unserved_chat(fleet, load, outcome).min(at.right - at.delivered)
                    }
                    _ => unserved_chat(fleet, load, outcome),
                })
                .sum::<f64>()
    }
}

/// What a load asked for and did not get [chat H100e], at the rate of what was served of it, else of the whole fleet.
#[inline]
fn unserved_chat(fleet: &Fleet, load: &Load, outcome: &LoadOutcome) -> f64 {
    let unserved = load.h100e - outcome.served_h100e;
    if unserved <= 0.0 {
        return 0.0;
    }
    if outcome.served_h100e > 0.0 {
        return unserved * outcome.chat_h100e / outcome.served_h100e;
    }
    let of_class = fleet.h100e(load.class);
    if of_class > 0.0 { unserved * fleet.h100e(Class::Chat) / of_class } else { unserved }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::serving::{Bucket, FleetType, Holder, StackMask};

    /// A chip does 2 H100e of chat and 4 of training: 30 of training that are missing would take 15 of chat.
    #[test]
    fn what_is_turned_away_counts_in_chat() {
        let mut throughput = [2.0; Class::COUNT];
        throughput[Class::Training.index()] = 4.0;
        let fleet = Fleet::new(vec![FleetType { chips: 10.0, stack: StackMask(1), throughput, usd_per_hour: 0.1 }]);
        let load = Load {
            bucket: Bucket::OwnTraining,
            holder: Holder(0),
            class: Class::Training,
            runs: StackMask::ANY.into(),
            h100e: 40.0,
            diurnal: false,
        };
        let outcome = |served_h100e, chat_h100e| LoadOutcome { served_h100e, chat_h100e, ..LoadOutcome::default() };
        assert_eq!(unserved_chat(&fleet, &load, &outcome(10.0, 5.0)), 15.0);
        assert_eq!(unserved_chat(&fleet, &load, &outcome(0.0, 0.0)), 20.0);
        assert_eq!(unserved_chat(&fleet, &load, &outcome(40.0, 20.0)), 0.0);
        // Nothing to serve on: as it was asked for.
        assert_eq!(unserved_chat(&Fleet::default(), &load, &outcome(0.0, 0.0)), 40.0);
    }
}
