//! The supply side of a fork: what the parameters of the base have put into the state and on the clock is brought in
//! line with the fork's.
//!
//! - A *phase* that is announced for another day, or slips by other odds, is due when the same draws say it is under the
//!   fork's parameters, at the earliest now, and bridged from when they say, as requested ones are; what is energized, or
//!   due already, stays. A phase that is no longer announced adds nothing.
//! - The *next outage* of a site whose rate or length changed is drawn afresh from now on: up times have no memory. An
//!   outage under way runs to its end.
//! - *Scripted outages* to come are those of the fork; a cut of power that is in force runs to its end.
//! - *Crews* that are more begin with what waits; where they are fewer, repairs under way are finished.
//! - *Power of types* is added up afresh. Chips that are more than a site can carry now run on, and none are added.
//!
//! Everything else is read from the parameters when it is needed. Not modelled: chips in transit and repairs keep the
//! days that they were given.

use super::event::{Outbox, Scheduled, SupplyEvent};
use super::outages::Outages;
use super::params::SupplyParams;
use super::power::{Limits, due_dates};
use super::state::SupplyState;
use super::streams::{Dice, SiteStreams, region_score};
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
            self.adopt_bridges(fork, (site, now), pending, &mut revision);
            self.adopt_outages(base, fork, (site, now), pending, &mut revision);
            if base.accelerators != fork.accelerators || base.sites[site.index()] != fork.sites[site.index()] {
                let load = &self.fleet.sites[site.index()];
                self.outages.refresh(fork, site, self.power.energized_w(site), load, now);
            }
        }
        adopt_scripted_outages(base, fork, now, pending, &mut revision);
        let mut out = Outbox::default();
        for cloud in self.cloud_ids() {
            self.repairs[cloud.index()].begin(fork, cloud, now, &mut out);
        }
        revision.schedule.append(&mut out.schedule);
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
        let mut dues = |params: &SupplyParams| {
            let place = &params.sites[site.index()];
            let score = region_score(&place.region, make);
            due_dates(params, site, &mut SiteStreams::new(place, score, make))
        };
        let (were_due, are_due) = (dues(base), dues(fork));
        let (before, after) = (&base.sites[site.index()].phases, &fork.sites[site.index()].phases);
        for i in 0..before.len() {
            if before.get(i) == after.get(i) && were_due.get(i) == are_due.get(i) {
                continue;
            }
            let (phase, to_come) = self.power.announce_again(site, i, after.get(i));
            let is_due = |event: &SupplyEvent| *event == SupplyEvent::PhaseDue { site, phase };
            if to_come && revision.cancel(pending, is_due).is_some() {
                let _ = revision.cancel(pending, |event| *event == SupplyEvent::PhaseBridged { site, phase });
                if let Some(date) = are_due.get(i) {
                    date.schedule(site, phase, now, &mut revision.schedule);
                }
            }
        }
        for (told, date) in after.iter().zip(are_due).skip(before.len()) {
            let phase = self.power.announce_more(site, told, date);
            date.schedule(site, phase, now, &mut revision.schedule);
        }
    }

    /// Bridges of requested phases, as far ahead as the fork says.
    fn adopt_bridges(
        &self,
        fork: &SupplyParams,
        (site, now): (SiteId, Time),
        pending: &[Scheduled],
        revision: &mut Revision,
    ) {
        for phase in self.power.waiting_requests(site) {
            let when = |event: SupplyEvent| pending.iter().find(|(_, other)| *other == event).map(|(time, _)| *time);
            let Some(due) = when(SupplyEvent::PhaseDue { site, phase }) else { continue };
            let bridge = SupplyEvent::PhaseBridged { site, phase };
            let after = self.power.requested_bridge(fork, site, phase, due);
            if when(bridge) != after {
                let _ = revision.cancel(pending, |event| *event == bridge);
                revision.schedule.extend(after.map(|from| (now.max(from), bridge)));
            }
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
        let begins = |event: &SupplyEvent| match event {
            SupplyEvent::OutageBegan { site: at, renewal, .. } => *at == site && *renewal,
            _ => false,
        };
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
    let scripted = |event: &SupplyEvent| {
        matches!(event, SupplyEvent::OutageBegan { renewal: false, .. } | SupplyEvent::CurtailmentBegan { .. })
    };
    let coming = (0..pending.len()).filter(|i| scripted(&pending[*i].1));
    revision.cancel.extend(coming);
    let mut out = Outbox::default();
    Outages::schedule_scripted(fork, &mut out);
    revision.schedule.extend(out.schedule.into_iter().filter(|(time, _)| *time >= now));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::AcceleratorId;
    use crate::supply::params::{InitialFleet, Phase, ScriptedOutage};
    use crate::supply::testing::{self, Fixed};
    use crate::units::{DAY, Span};

    const SITE: SiteId = SiteId(0);
    const NOW: Time = Time(100 * DAY.0);

    fn day(day: u64) -> Time {
        Time(day * DAY.0)
    }

    fn phase(planned: u64, adds_mw: f64, slips: bool) -> Phase {
        Phase { adds_mw, planned: Some(day(planned)), slips }
    }

    /// A site with 10 MW, 5 more on day 50, 6 on day 200 and 7 on day 300, which slips.
    fn world() -> SupplyParams {
        let mut params = testing::world(1);
        params.sites[0].phases.extend([phase(50, 5.0, false), phase(200, 6.0, false), phase(300, 7.0, true)]);
        params
    }

    /// What becomes of the events that are pending on day 100.
    fn adopted(fork: &SupplyParams) -> (SupplyState<Fixed>, Vec<Scheduled>) {
        adopted_from(&world(), fork)
    }

    fn adopted_from(base: &SupplyParams, fork: &SupplyParams) -> (SupplyState<Fixed>, Vec<Scheduled>) {
        let mut make = |_: &str, _: &str| Fixed(0.6);
        let (mut state, scheduled) = SupplyState::new(base, day(3_000), &mut make);
        let mut out = Outbox::default();
        for (time, event) in scheduled.iter().filter(|(time, _)| *time < NOW) {
            state.handle(base, *time, *event, &mut out);
        }
        let all = scheduled.into_iter().chain(out.schedule);
        let mut pending: Vec<Scheduled> = all.filter(|(time, _)| *time >= NOW).collect();
        let revision = state.adopt(base, fork, NOW, &pending, &mut make);
        let mut place = 0;
        pending.retain(|_| {
            place += 1;
            !revision.cancel.contains(&(place - 1))
        });
        pending.extend(revision.schedule);
        pending.sort_by_key(|(time, _)| *time);
        (state, pending)
    }

    fn due(site: SiteId, phase: u16) -> SupplyEvent {
        SupplyEvent::PhaseDue { site, phase }
    }

    /// With luck of 0.6 against 0.5 it is late, by four months of 30.4375 days.
    const LATE: Time = Time(300 * DAY.0 + 4 * 2_629_800);

    #[test]
    fn nothing_changes_where_nothing_differs() {
        let (_, pending) = adopted(&world());
        assert_eq!(pending, [(day(200), due(SITE, 2)), (LATE, due(SITE, 3))]);
    }

    #[test]
    fn phases_move_join_and_leave() {
        let mut fork = world();
        fork.sites[0].phases[2] = phase(150, 9.0, false);
        fork.sites[0].phases.push(phase(120, 2.0, false));
        fork.power.on_time_probability = 0.7;
        let (mut state, pending) = adopted(&fork);
        assert_eq!(pending, [(day(120), due(SITE, 4)), (day(150), due(SITE, 2)), (day(300), due(SITE, 3))]);
        let mut out = Outbox::default();
        for (time, event) in pending {
            state.handle(&fork, time, event, &mut out);
        }
        assert!((state.energized_mw(CLOUD) - (10.0 + 5.0 + 9.0 + 2.0 + 7.0)).abs() < 1e-9);
        fork.sites[0].phases.truncate(2);
        let (state, pending) = adopted(&fork);
        assert!(pending.is_empty());
        assert_eq!(state.power.expected_it_w(&fork, SITE, day(5_000)), 15_000_000);
    }

    #[test]
    fn what_should_have_come_already_comes_now() {
        let mut fork = world();
        fork.power.slip_months = crate::units::Distribution::Constant(0.0);
        fork.sites[0].phases[3].planned = Some(NOW);
        assert_eq!(adopted(&fork).1[0], (NOW, due(SITE, 3)));
    }

    #[test]
    fn outages_to_come_are_the_forks() {
        let mut fork = world();
        fork.sites[0].outages_per_year = 2.0;
        fork.outages = vec![ScriptedOutage { site: SITE, from: day(20), hours: 1.0, cut_mw: None }];
        fork.outages.push(ScriptedOutage { site: SITE, from: day(110), hours: 2.0, cut_mw: None });
        let (_, pending) = adopted(&fork);
        let began = |seconds, renewal| SupplyEvent::OutageBegan { site: SITE, seconds, renewal };
        assert_eq!(pending[0], (day(110), began(7_200, false)));
        // 60 % of the up times are shorter than −ln 0.4 / 2 years = 167.3 days.
        assert_eq!(pending[2].1, began(14_400, true));
        assert!((pending[2].0.since(NOW).days() - 167.34).abs() < 0.01, "{:?}", pending[2].0);
    }

    /// 10 MW of 15 are cut from day 90 on, 5 of them for IT at a PUE of 1; with one of 2, half of that.
    #[test]
    fn a_cut_in_force_goes_on_and_keeps_what_the_fork_can_carry() {
        let mut base = world();
        base.outages = vec![ScriptedOutage { site: SITE, from: day(90), hours: 480.0, cut_mw: Some(10.0) }];
        let initial = InitialFleet { accelerator: AcceleratorId(0), chips: 9_000, mean_age_years: 0.0 };
        base.clouds[0].initial_fleet = vec![initial];
        let mut fork = base.clone();
        fork.sites[0].pue = 2.0;
        for (to, chips) in [(&base, 5_000), (&fork, 2_500)] {
            let (state, pending) = adopted_from(&base, to);
            assert_eq!(state.working_chips(CLOUD, AcceleratorId(0)), chips);
            assert_eq!(pending[0], (day(110), SupplyEvent::CurtailmentEnded { site: SITE, cut_kw: 10_000 }));
        }
        fork.outages = vec![];
        assert_eq!(adopted_from(&base, &fork).1[0].0, day(110));
    }

    /// Of 9,000 chips 75 fail on day 61, with 50 in repair at once for 60 days.
    #[test]
    fn more_crews_begin_with_what_waits() {
        let mut base = world();
        let initial = InitialFleet { accelerator: AcceleratorId(0), chips: 9_000, mean_age_years: 0.0 };
        base.clouds[0].initial_fleet = vec![initial];
        base.clouds[0].repair_crews = Some(50);
        let mut make = |_: &str, _: &str| Fixed(0.5);
        let (mut state, mut out) = (SupplyState::new(&base, day(3_000), &mut make).0, Outbox::default());
        state.fleet.fail(CLOUD, AcceleratorId(0), 75);
        state.repairs[0].bring(AcceleratorId(0), 75, Span(60 * DAY.0));
        state.repairs[0].begin(&base, CLOUD, day(61), &mut out);
        for (crews, begin) in [(Some(60), 10), (None, 25)] {
            let mut fork = base.clone();
            fork.clouds[0].repair_crews = crews;
            let revision = state.clone().adopt(&base, &fork, NOW, &out.schedule, &mut make);
            let repaired = SupplyEvent::Repaired { cloud: CLOUD, accelerator: AcceleratorId(0), chips: begin };
            assert_eq!(revision.schedule, [(day(160), repaired)]);
        }
        assert_eq!(state.clone().adopt(&base, &base, NOW, &out.schedule, &mut make), Revision::default());
    }

    #[test]
    fn power_is_added_up_with_the_forks_types() {
        let mut fork = world();
        fork.accelerators[0].power_kw = 2.0;
        let (state, _) = adopted(&fork);
        assert!(state.check(&fork).is_ok());
    }

    const CLOUD: crate::ids::CloudId = crate::ids::CloudId(0);
}
