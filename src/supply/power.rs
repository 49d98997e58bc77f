//! Power: phases of sites, their delays, and what may run on them.
//!
//! At a site, in facility power: `Σ installed × kW × PUE ≤ E·(1 − reserve)`, E energized; and of that the liquid-cooled
//! types at most the liquid share. Inside, the same in whole watts of IT: `Σ installed × W ≤ ⌊E·(1 − reserve)/PUE⌋`.
//!
//! - An *announced* phase comes on its planned date with probability p, else after a drawn slip; both numbers are drawn
//!   for every phase that may slip, once, at the start.
//! - A *requested* phase comes `max(grid, build)` after the request.
//! - Either is then delayed by `extra_months` as it stands on the date that it is due. Facts of the record never slip.
//!
//! Source: delays in the scenario. Not modelled: bridge power, partial phases, correlation of delays within a region.

use crate::ids::SiteId;
use crate::supply::event::{Fact, Outbox, SupplyEvent};
use crate::supply::params::{Phase, Site, SupplyParams};
use crate::supply::streams::{Dice, SiteStreams};
use crate::supply::suppliers::MONTH_DAYS;
use crate::units::{Span, Time, Usd};
use serde::{Deserialize, Serialize};

/// A step of power as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Step {
    /// Facility power [W].
    adds_w: u64,
    /// Date announced; for a requested phase the date expected when it was requested.
    planned: Time,
    requested: bool,
    slips: bool,
    energized: bool,
}

/// The power of every site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Power {
    sites: Vec<Vec<Step>>,
    energized_w: Vec<u64>,
}

/// IT power that may be used at a site [W].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Limits {
    pub total_w: u64,
    pub liquid_w: u64,
}

fn watts(mw: f64) -> u64 {
    (mw * 1e6).round() as u64
}

fn phase_number(phase: usize) -> u16 {
    u16::try_from(phase).expect("fewer than 65,536 phases at a site")
}

fn months(months: f64) -> Span {
    Span::from_days(months * MONTH_DAYS)
}

/// Power that a facility takes for its IT load, in the unit of `it`: `E = P·PUE`.
///
/// Source: ISO/IEC 30134-2:2016. Limits: the same PUE at any load.
pub fn facility_power(it: f64, pue: f64) -> f64 {
    it * pue
}

/// What energy costs \[USD\]: power times hours times the price of that unit of energy.
pub fn energy_usd(power: f64, hours: f64, usd_per_unit: f64) -> f64 {
    power * hours * usd_per_unit
}

/// IT power that a facility of `facility` carries, in its unit: `⌊E·(1 − reserve) / PUE⌋`.
///
/// Reserve and PUE count to nine decimals and are taken as integers, so that power that divides evenly in decimals
/// carries the last whole unit too, which floats may miss.
///
/// # Panics
/// If the reserve is outside 0 to 1, or the PUE below 1; the scenario reader refuses that.
pub fn it_power(facility: u64, reserve: f64, pue: f64) -> u64 {
    const BILLION: f64 = 1e9;
    assert!((0.0..=1.0).contains(&reserve) && pue >= 1.0, "a reserve of {reserve}, a PUE of {pue}");
    let billionths = |share: f64| (share * BILLION).round() as u128;
    let carried = u128::from(facility) * billionths(1.0 - reserve) / billionths(pue);
    // A PUE of at least 1 carries no more than there is.
    carried as u64
}

/// What `facility_w` of energized power carries at a site.
fn limits(site: &Site, facility_w: u64) -> Limits {
    let total_w = it_power(facility_w, site.reserve, site.pue);
    Limits { total_w, liquid_w: (total_w as f64 * site.liquid_share).floor() as u64 }
}

/// When the phases of a site that the scenario announces are due, those before the start included: their planned date,
/// or a drawn slip later. Two draws for each that may slip.
pub(super) fn due_dates<S: Dice>(params: &SupplyParams, site: SiteId, draws: &mut S) -> Vec<Time> {
    let due = |phase: &Phase| {
        let planned = phase.planned.unwrap_or(Time(0));
        if !phase.slips {
            return planned;
        }
        let late = draws.uniform() >= params.power.on_time_probability;
        let slip = params.power.slip_months.quantile(draws.uniform());
        if late { planned + months(slip) } else { planned }
    };
    params.sites[site.index()].phases.iter().map(due).collect()
}

impl Power {
    /// What was energized before the start; no announced phase yet.
    pub fn new(params: &SupplyParams) -> Self {
        let step = |phase: &Phase| Step {
            adds_w: watts(phase.adds_mw),
            planned: phase.planned.unwrap_or(Time(0)),
            requested: false,
            slips: phase.slips,
            energized: phase.planned.is_none(),
        };
        let sites: Vec<Vec<Step>> = params.sites.iter().map(|site| site.phases.iter().map(step).collect()).collect();
        let energized = |steps: &Vec<Step>| steps.iter().filter(|step| step.energized).map(|step| step.adds_w).sum();
        let energized_w = sites.iter().map(energized).collect();
        Self { sites, energized_w }
    }

    /// Draws the slips of a site's announced phases and schedules the days that they are due.
    pub fn announce<S: Dice>(&self, params: &SupplyParams, site: SiteId, draws: &mut SiteStreams<S>, out: &mut Outbox) {
        let steps = &self.sites[site.index()];
        for (phase, due) in due_dates(params, site, &mut draws.announced).into_iter().enumerate() {
            if !steps[phase].energized {
                let phase = phase_number(phase);
                out.schedule.push((due, SupplyEvent::PhaseDue { site, phase }));
            }
        }
    }

    /// Takes an announced phase as it is told from now on; one that is no more adds nothing. Gives its number among the
    /// site's steps, and whether it is still to come.
    pub fn announce_again(&mut self, site: SiteId, announced: usize, told: Option<&Phase>) -> (u16, bool) {
        let adds_w = told.map_or(0, |phase| watts(phase.adds_mw));
        let planned = told.and_then(|phase| phase.planned).unwrap_or(Time(u64::MAX));
        let steps = &mut self.sites[site.index()];
        let step = &mut steps[announced];
        if !step.energized {
            (step.adds_w, step.planned, step.slips) = (adds_w, planned, told.is_some_and(|phase| phase.slips));
        }
        (phase_number(announced), !step.energized)
    }

    /// Takes up a phase that nobody had announced before; gives its number among the site's steps.
    pub fn announce_more(&mut self, site: SiteId, phase: &Phase) -> u16 {
        let steps = &mut self.sites[site.index()];
        steps.push(Step {
            adds_w: watts(phase.adds_mw),
            planned: phase.planned.unwrap_or(Time(0)),
            requested: false,
            slips: phase.slips,
            energized: false,
        });
        phase_number(steps.len() - 1)
    }

    /// Asks for `mw` of facility power at a site.
    pub fn request<S: Dice>(
        &mut self,
        params: &SupplyParams,
        (site, mw): (SiteId, f64),
        now: Time,
        draws: &mut SiteStreams<S>,
        out: &mut Outbox,
    ) {
        let grid = params.power.grid_months.quantile(draws.requested.uniform());
        let build = params.power.build_months.quantile(draws.requested.uniform());
        let due = now + months(grid.max(build));
        let steps = &mut self.sites[site.index()];
        let phase = phase_number(steps.len());
        steps.push(Step { adds_w: watts(mw), planned: due, requested: true, slips: true, energized: false });
        out.schedule.push((due, SupplyEvent::PhaseDue { site, phase }));
    }

    /// When a phase that is due at `now` really comes.
    pub fn comes_at(&self, params: &SupplyParams, site: SiteId, phase: u16, now: Time) -> Time {
        let slips = self.sites[site.index()][usize::from(phase)].slips;
        if slips { now + months(params.power.extra_months.at(now)) } else { now }
    }

    /// Takes a phase into service and says so.
    pub fn energize(&mut self, params: &SupplyParams, site: SiteId, phase: u16, out: &mut Outbox) {
        let step = &mut self.sites[site.index()][usize::from(phase)];
        debug_assert!(!step.energized, "a phase is energized once");
        step.energized = true;
        self.energized_w[site.index()] += step.adds_w;
        let place = &params.sites[site.index()];
        let mw_it = step.adds_w as f64 / 1e6 / place.pue;
        let cost = Usd::from_dollars(mw_it * params.clouds[place.cloud.index()].shell_usd_per_mw);
        out.facts.push(Fact::PhaseEnergized { cloud: place.cloud, site, mw_it, cost });
    }

    /// Energized facility power [W].
    pub fn energized_w(&self, site: SiteId) -> u64 {
        self.energized_w[site.index()]
    }

    /// What may run at a site now.
    pub fn limits(&self, params: &SupplyParams, site: SiteId) -> Limits {
        limits(&params.sites[site.index()], self.energized_w(site))
    }

    /// IT power that a site carries once it has what is energized, what is announced until `until`, and whatever was
    /// requested [W].
    pub fn expected_it_w(&self, params: &SupplyParams, site: SiteId, until: Time) -> u64 {
        let counts = |step: &&Step| step.energized || step.requested || step.planned <= until;
        let facility_w = self.sites[site.index()].iter().filter(counts).map(|step| step.adds_w).sum();
        limits(&params.sites[site.index()], facility_w).total_w
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::CloudId;
    use crate::supply::streams::Streams;
    use crate::supply::testing::{self, Fixed};
    use crate::units::{Distribution, Schedule};

    const SITE: SiteId = SiteId(0);

    fn days(days: f64) -> Time {
        Time(0) + Span::from_days(days)
    }

    /// One site with 10 MW energized and 20 MW announced for day 100.
    fn world(slips: bool) -> SupplyParams {
        let mut params = testing::world(1);
        let announced = Phase { adds_mw: 20.0, planned: Some(days(100.0)), slips };
        params.sites[0].phases = vec![Phase { adds_mw: 10.0, planned: None, slips: true }, announced];
        params.power.on_time_probability = 0.55;
        params.power.slip_months = Distribution::Uniform { low: 0.0, high: 8.0 };
        params
    }

    fn due(params: &SupplyParams, u: f64) -> Vec<(Time, SupplyEvent)> {
        let mut streams = Streams::new(params, &mut |_: &str, _: &str| Fixed(u));
        let mut out = Outbox::default();
        Power::new(params).announce(params, SITE, streams.site(SITE), &mut out);
        out.schedule
    }

    #[test]
    fn announced_phases_are_on_time_or_slip() {
        let event = SupplyEvent::PhaseDue { site: SITE, phase: 1 };
        assert_eq!(due(&world(true), 0.5), [(days(100.0), event)]);
        // A quantile of 0.75 is a slip of 6 months, 182.625 days.
        assert_eq!(due(&world(true), 0.75), [(days(282.625), event)]);
        assert_eq!(due(&world(false), 0.75), [(days(100.0), event)]);
    }

    #[test]
    fn requests_take_the_longer_of_grid_and_build_and_everybody_waits_the_extra_months() {
        let mut params = world(true);
        params.power.grid_months = Distribution::Constant(36.0);
        params.power.build_months = Distribution::Constant(22.0);
        params.power.extra_months = Schedule::constant(12.0);
        let mut streams = Streams::new(&params, &mut |_: &str, _: &str| Fixed(0.5));
        let (mut power, mut out) = (Power::new(&params), Outbox::default());
        power.request(&params, (SITE, 5.0), days(10.0), streams.site(SITE), &mut out);
        let event = SupplyEvent::PhaseDue { site: SITE, phase: 2 };
        assert_eq!(out.schedule, [(days(10.0 + 3.0 * 365.25), event)]);
        assert_eq!(power.comes_at(&params, SITE, 2, days(50.0)), days(50.0 + 365.25));
        let record = world(false);
        assert_eq!(Power::new(&record).comes_at(&params, SITE, 1, days(50.0)), days(50.0));
    }

    #[test]
    fn power_that_divides_evenly_in_decimals_carries_the_last_watt() {
        // In floats, 1070 / 1.07 is 999.9999999999999.
        assert_eq!(it_power(1_070, 0.0, 1.07), 1_000);
        assert_eq!(it_power(1_069, 0.0, 1.07), 999);
        // Reference case A-power-005: 1.3 MW at a PUE of 1.3; and all power held in reserve.
        assert_eq!(it_power(1_300_000, 0.0, 1.3), 1_000_000);
        assert_eq!(it_power(u64::MAX, 1.0, 1.0), 0);
        assert_eq!(it_power(u64::MAX, 0.0, 1.0), u64::MAX);
    }

    #[test]
    fn energized_power_carries_it_after_reserve_and_pue() {
        let mut params = world(true);
        (params.sites[0].pue, params.sites[0].reserve, params.sites[0].liquid_share) = (1.25, 0.1, 0.5);
        params.clouds[0].shell_usd_per_mw = 10e6;
        let (mut power, mut out) = (Power::new(&params), Outbox::default());
        // 10 × 0.9 / 1.25 = 7.2 MW of IT.
        assert_eq!(power.limits(&params, SITE), Limits { total_w: 7_200_000, liquid_w: 3_600_000 });
        assert_eq!(power.expected_it_w(&params, SITE, days(99.0)), 7_200_000);
        assert_eq!(power.expected_it_w(&params, SITE, days(100.0)), 21_600_000);
        power.energize(&params, SITE, 1, &mut out);
        assert_eq!(power.energized_w(SITE), 30_000_000);
        // 20 MW over 1.25 is 16 MW of IT, at 10M USD a MW.
        let cost = Usd::from_dollars(160e6);
        assert_eq!(out.facts, [Fact::PhaseEnergized { cloud: CloudId(0), site: SITE, mw_it: 16.0, cost }]);
    }
}
