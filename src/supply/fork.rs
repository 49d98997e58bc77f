//! The supply side of a fork: what the parameters of the base have put into the state and on the clock is brought in
//! line with the fork's.
//!
//! - A *phase* that is announced for another day, or slips by other odds, is due when the same draws say it is under the
//!   fork's parameters, at the earliest now; what is energized, or due already, stays. A phase that is no longer
//!   announced adds nothing.
//! - The *next outage* of a site whose rate or length changed is drawn afresh from now on: up times have no memory. An
//!   outage under way runs to its end.
//! - *Scripted outages* to come are those of the fork.
//! - *Power of types* is added up afresh. Chips that are more than a site can carry now run on, and none are added.
//!
//! Everything else is read from the parameters when it is needed. Not modelled: chips in transit and repairs keep the
//! days that they were given.

use super::event::{Outbox, Scheduled, SupplyEvent};
use super::outages::Outages;
use super::params::SupplyParams;
use super::power::{Limits, due_dates};
use super::state::SupplyState;
use super::streams::Dice;
use crate::ids::SiteId;
use crate::units::Time;

/// Changes to the events that are pending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revision {
    /// Positions of those that will not come.
    pub cancel: Vec<usize>,
    /// What comes instead, or in addition.
    pub schedule: Vec<Scheduled>,
}

impl Revision {
    fn cancel(&mut self, pending: &[Scheduled], which: impl Fn(&SupplyEvent) -> bool) -> Option<Time> {
        let position = pending.iter().position(|(_, event)| which(event))?;
        self.cancel.push(position);
        Some(pending[position].0)
    }
}

impl<S: Dice> SupplyState<S> {
    /// Goes over from the parameters of `base` to those of `fork`; nothing happens where they are the same.
    ///
    /// `pending` are the events of the supply side still to come, `make` the streams as for [`SupplyState::new`].
    pub fn adopt(
        &mut self,
        base: &SupplyParams,
        fork: &SupplyParams,
        now: Time,
        pending: &[Scheduled],
        make: &mut dyn FnMut(&str, &str) -> S,
    ) -> Revision {
        let mut revision = Revision::default();
        if base.accelerators != fork.accelerators {
            self.fleet.weigh(fork);
        }
        let running = self.fleet.sites.iter().map(|load| Limits { total_w: load.used_w, liquid_w: load.liquid_w });
        self.found_running = running.collect();
        for site in (0..fork.sites.len()).map(SiteId::new) {
            self.adopt_phases(base, fork, (site, now), pending, make, &mut revision);
            self.adopt_outages(base, fork, (site, now), pending, &mut revision);
        }
        adopt_scripted_outages(base, fork, now, pending, &mut revision);
        revision
    }

    fn adopt_phases(
        &mut self,
        base: &SupplyParams,
        fork: &SupplyParams,
        (site, now): (SiteId, Time),
        pending: &[Scheduled],
        make: &mut dyn FnMut(&str, &str) -> S,
        revision: &mut Revision,
    ) {
        let id = &fork.sites[site.index()].id;
        let mut dues = |params| due_dates(params, site, &mut make(id, "announced-power"));
        let (were_due, are_due) = (dues(base), dues(fork));
        let (before, after) = (&base.sites[site.index()].phases, &fork.sites[site.index()].phases);
        for i in 0..before.len() {
            if before.get(i) == after.get(i) && were_due.get(i) == are_due.get(i) {
                continue;
            }
            let (phase, to_come) = self.power.announce_again(site, i, after.get(i));
            let is_due = |event: &SupplyEvent| *event == SupplyEvent::PhaseDue { site, phase };
            if to_come
                && revision.cancel(pending, is_due).is_some()
                && let Some(due) = are_due.get(i)
            {
                revision.schedule.push((now.max(*due), SupplyEvent::PhaseDue { site, phase }));
            }
        }
        for (told, due) in after.iter().zip(are_due).skip(before.len()) {
            let phase = self.power.announce_more(site, told);
            revision.schedule.push((now.max(due), SupplyEvent::PhaseDue { site, phase }));
        }
    }

    fn adopt_outages(
        &mut self,
        base: &SupplyParams,
        fork: &SupplyParams,
        (site, now): (SiteId, Time),
        pending: &[Scheduled],
        revision: &mut Revision,
    ) {
        let (before, after) = (&base.sites[site.index()], &fork.sites[site.index()]);
        if (before.outages_per_year, &before.outage_hours) == (after.outages_per_year, &after.outage_hours) {
            return;
        }
        let ends = |event: &SupplyEvent| *event == SupplyEvent::OutageEnded { site, renewal: true };
        let begins = |event: &SupplyEvent| matches!(event, SupplyEvent::OutageBegan { site: at, renewal: true, .. } if *at == site);
        let _ = revision.cancel(pending, begins);
        // While one is under way the next is drawn at its end.
        if !pending.iter().any(|(_, event)| ends(event)) {
            let mut out = Outbox::default();
            Outages::draw_next(fork, site, now, &mut self.streams.site(site).outages, &mut out);
            revision.schedule.append(&mut out.schedule);
        }
    }
}

fn adopt_scripted_outages(
    base: &SupplyParams,
    fork: &SupplyParams,
    now: Time,
    pending: &[Scheduled],
    revision: &mut Revision,
) {
    if base.outages == fork.outages {
        return;
    }
    let scripted = |event: &SupplyEvent| matches!(event, SupplyEvent::OutageBegan { renewal: false, .. });
    let coming = (0..pending.len()).filter(|i| scripted(&pending[*i].1));
    revision.cancel.extend(coming);
    let mut out = Outbox::default();
    Outages::schedule_scripted(fork, &mut out);
    revision.schedule.extend(out.schedule.into_iter().filter(|(time, _)| *time >= now));
}
