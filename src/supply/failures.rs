//! Failures of chips and their repair.
//!
//! Each month, per cloud and accelerator, `N ~ Poisson(working · f / 12)`, at most what works; f failures per chip and
//! year [1/year]. The batch is repaired in one drawn time, in its place. Both numbers are drawn every month, needed
//! or not, so that the same month meets the same luck in every scenario.
//!
//! **Crews.** Where a cloud has crews, at most that many of its chips are in repair at once. The others wait in order of
//! failure, whatever their type, and a batch is split as crews come free; each part takes the batch's time from when it
//! is begun. Chips are not told apart: one that retires while it waits or is in repair keeps its place and its crew.
//!
//! Source: rates in the scenario, after published interruption counts; crews assumed. Not modelled: spares, bursts of
//! failures, early failures of new chips, losses beyond repair.

use crate::ids::{AcceleratorId, CloudId};
use crate::supply::event::{Fact, Outbox, SupplyEvent};
use crate::supply::fleet::Fleet;
use crate::supply::params::SupplyParams;
use crate::supply::poisson::poisson;
use crate::supply::streams::{Dice, GroupStreams};
use crate::units::{Span, Time};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Failed chips that wait for a crew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Batch {
    accelerator: AcceleratorId,
    chips: u32,
    /// How long their repair takes.
    takes: Span,
}

/// The repairs of one cloud.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Repairs {
    /// Chips in repair now.
    begun: u64,
    /// Oldest first.
    waiting: VecDeque<Batch>,
}

impl Repairs {
    /// Chips in repair, and those that wait for it.
    pub fn chips(&self) -> (u64, u64) {
        (self.begun, self.waiting.iter().map(|batch| u64::from(batch.chips)).sum())
    }

    /// Chips fail together; their repair takes that long.
    pub fn bring(&mut self, accelerator: AcceleratorId, chips: u32, takes: Span) {
        self.waiting.push_back(Batch { accelerator, chips, takes });
    }

    /// Begins with as many chips as there are crews free, the oldest first.
    pub fn begin(&mut self, params: &SupplyParams, cloud: CloudId, now: Time, out: &mut Outbox) {
        let crews = params.clouds[cloud.index()].repair_crews.map_or(u64::MAX, u64::from);
        while let Some(batch) = self.waiting.front_mut() {
            let Batch { accelerator, takes, .. } = *batch;
            let chips = u64::from(batch.chips).min(crews.saturating_sub(self.begun)) as u32;
            if chips == 0 {
                return;
            }
            batch.chips -= chips;
            if batch.chips == 0 {
                self.waiting.pop_front();
            }
            self.begun += u64::from(chips);
            out.schedule.push((now + takes, SupplyEvent::Repaired { cloud, accelerator, chips }));
        }
    }

    /// Chips are done, and their crews go on.
    pub fn end(&mut self, params: &SupplyParams, cloud: CloudId, chips: u32, now: Time, out: &mut Outbox) {
        self.begun -= u64::from(chips);
        self.begin(params, cloud, now, out);
    }
}

/// Draws a month's failures of a type at a cloud; returns how many chips broke.
pub(super) fn fail_for_a_month<S: Dice>(
    params: &SupplyParams,
    fleet: &mut Fleet,
    (cloud, accelerator): (CloudId, AcceleratorId),
    now: Time,
    draws: &mut GroupStreams<S>,
    repairs: &mut Repairs,
    out: &mut Outbox,
) -> u64 {
    let chip = &params.accelerators[accelerator.index()];
    let working = fleet.stages(cloud, accelerator).working;
    let (luck, patience) = (draws.failures.uniform(), draws.repairs.uniform());
    let failed = fleet.fail(cloud, accelerator, poisson(working as f64 * chip.failures_per_year / 12.0, luck));
    if failed > 0 {
        out.facts.push(Fact::Failed { cloud, accelerator, chips: failed });
        let chips = u32::try_from(failed).expect("fewer than 4 billion chips fail in a month");
        repairs.bring(accelerator, chips, Span::from_days(chip.repair_days.quantile(patience)));
        repairs.begin(params, cloud, now, out);
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

    /// Three crews, and 4 and 2 chips that take 10 and 5 days: 3 begin at once, on day 10 the last of the first batch and
    /// both of the second, which are done on days 20 and 15.
    #[test]
    fn few_crews_split_batches_and_the_rest_waits_in_order() {
        let mut params = testing::world(1);
        params.clouds[0].repair_crews = Some(3);
        let (cloud, day) = (CloudId(0), |days: f64| Time(0) + Span::from_days(days));
        let (mut repairs, mut out) = (Repairs::default(), Outbox::default());
        let repaired = |accelerator, chips| SupplyEvent::Repaired { cloud, accelerator, chips };
        repairs.bring(AcceleratorId(0), 4, Span::from_days(10.0));
        repairs.bring(AcceleratorId(1), 2, Span::from_days(5.0));
        repairs.begin(&params, cloud, day(0.0), &mut out);
        assert_eq!(
            (out.schedule.split_off(0), repairs.chips()),
            (vec![(day(10.0), repaired(AcceleratorId(0), 3))], (3, 3))
        );
        repairs.end(&params, cloud, 3, day(10.0), &mut out);
        let next = [(day(20.0), repaired(AcceleratorId(0), 1)), (day(15.0), repaired(AcceleratorId(1), 2))];
        assert_eq!((out.schedule.split_off(0), repairs.chips()), (next.to_vec(), (3, 0)));
        repairs.end(&params, cloud, 2, day(15.0), &mut out);
        // Two more crews than are free, and then nobody waits.
        repairs.bring(AcceleratorId(0), 9, Span::from_days(1.0));
        params.clouds[0].repair_crews = None;
        repairs.begin(&params, cloud, day(15.0), &mut out);
        assert_eq!((out.schedule, repairs.chips()), (vec![(day(16.0), repaired(AcceleratorId(0), 9))], (10, 0)));
    }

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
            let repairs = &mut Repairs::default();
            fail_for_a_month(&params, fleet, (cloud, accelerator), Time(0), draws, repairs, &mut out)
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
