//! Failures of chips and their repair.
//!
//! Each month, per cloud and accelerator, `N ~ Poisson(working · f / 12)`, at most what works; f failures per chip and
//! year [1/year]. The batch is repaired after one drawn time, in its place. Both numbers are drawn every month, needed
//! or not, so that the same month meets the same luck in every scenario. Source: rates in the scenario, after published
//! interruption counts. Not modelled: spares, bursts of failures, early failures of new chips, losses beyond repair.

use crate::ids::{AcceleratorId, CloudId};
use crate::supply::event::{Fact, Outbox, SupplyEvent};
use crate::supply::fleet::Fleet;
use crate::supply::params::SupplyParams;
use crate::supply::poisson::poisson;
use crate::supply::streams::{Dice, GroupStreams};
use crate::units::{Span, Time};

/// Draws a month's failures of a type at a cloud; returns how many chips broke.
pub(super) fn fail_for_a_month<S: Dice>(
    params: &SupplyParams,
    fleet: &mut Fleet,
    (cloud, accelerator): (CloudId, AcceleratorId),
    now: Time,
    draws: &mut GroupStreams<S>,
    out: &mut Outbox,
) -> u64 {
    let chip = &params.accelerators[accelerator.index()];
    let working = fleet.stages(cloud, accelerator).working;
    let (luck, patience) = (draws.failures.uniform(), draws.repairs.uniform());
    let failed = fleet.fail(cloud, accelerator, poisson(working as f64 * chip.failures_per_year / 12.0, luck));
    if failed > 0 {
        out.facts.push(Fact::Failed { cloud, accelerator, chips: failed });
        let chips = u32::try_from(failed).expect("fewer than 4 billion chips fail in a month");
        let back = now + Span::from_days(chip.repair_days.quantile(patience));
        out.schedule.push((back, SupplyEvent::Repaired { cloud, accelerator, chips }));
    }
    failed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SiteId;
    use crate::supply::streams::Streams;
    use crate::supply::testing::{self, Fixed};
    use crate::units::Distribution;

    #[test]
    fn a_month_of_failures_by_hand() {
        let mut params = testing::world(1);
        params.accelerators[0].failures_per_year = 0.12;
        params.accelerators[0].repair_days = Distribution::Uniform { low: 0.0, high: 20.0 };
        let (cloud, accelerator) = (CloudId(0), AcceleratorId(0));
        let mut streams = Streams::new(&params, &mut |_: &str, _: &str| Fixed(0.5));
        let (mut fleet, mut out) = (Fleet::new(&params), Outbox::default());
        let mut month = |fleet: &mut Fleet| {
            let draws = streams.group(cloud, accelerator);
            fail_for_a_month(&params, fleet, (cloud, accelerator), Time(0), draws, &mut out)
        };
        assert_eq!(month(&mut fleet), 0);
        fleet.ship(cloud, accelerator, 5_000);
        fleet.deliver(cloud, accelerator, 5_000);
        fleet.install(&params, (cloud, accelerator), SiteId(0), 5_000, 0);
        // Mean 5,000 × 0.01 = 50, above the switch to the normal approximation; its median is the mean.
        assert_eq!(month(&mut fleet), 50);
        assert_eq!(fleet.stages(cloud, accelerator).in_repair, 50);
        assert_eq!(out.facts, [Fact::Failed { cloud, accelerator, chips: 50 }]);
        let back = SupplyEvent::Repaired { cloud, accelerator, chips: 50 };
        assert_eq!(out.schedule, [(Time(864_000), back)]);
    }
}
