//! Power: phases of sites, their delays, and what may run on them.
//!
//! At a site, in facility power: `Σ installed × kW × PUE ≤ E·(1 − reserve)`, E energized; and of that the liquid-cooled
//! types at most the liquid share. Inside, the same in whole watts of IT: `Σ installed × W ≤ ⌊E·(1 − reserve)/PUE⌋`.
//!
//! - An *announced* phase comes on its planned date with probability p, else after a drawn slip; both numbers are drawn
//!   for every phase that may slip, once, at the start.
//! - A *requested* phase comes `max(grid, build)` after the request.
//! - Either is then delayed by `extra_months` as it stands on the date that it is due. Facts of the record never slip.
//! - *Delays go together within a region*: a draw u becomes `Φ(√ρ·Z + √(1 − ρ)·Φ⁻¹(u))`, ρ their correlation [1], Z the
//!   region's score in this run. The delays of the build are each site's own.
//! - *Bridge power*, generated on site, carries a share β of a phase that waits for the grid, from b months before the
//!   grid is due, but not before the date that was planned or the shell is built; of the extra months nobody knows before
//!   the day that the phase is due, and from then on b months before they are over. Its energy costs more; see
//!   [`Power::bridge_usd_per_mwh`].
//!
//! Source: delays in the scenario. Limits: what waits for the grid and what for its shell is not told apart for announced
//! phases; a region's score holds for the whole run.

use crate::ids::SiteId;
use crate::supply::event::{Fact, Outbox, Scheduled, SupplyEvent};
use crate::supply::params::{Phase, Site, SupplyParams};
use crate::supply::streams::{Dice, SiteStreams};
use crate::supply::suppliers::MONTH_DAYS;
use crate::units::{Span, Time, Usd, norm_cdf, norm_inv};
use serde::{Deserialize, Serialize};

/// Draws nearer to 0 or 1 than this have no normal score that could be told from the next.
const NEAREST: f64 = 1e-12;

/// A step of power as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Step {
    /// Facility power [W].
    adds_w: u64,
    /// Date announced; for a requested phase the date expected when it was requested.
    planned: Time,
    requested: bool,
    slips: bool,
    energized: bool,
    /// The part of it that bridge power carries until the grid comes [W].
    bridged_w: u64,
    /// When the shell of a requested phase is finished.
    ready: Time,
    /// Draw of its bridge.
    bridge_luck: f64,
}

/// The power of every site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Power {
    sites: Vec<Vec<Step>>,
    /// Facility power in service, what is bridged included [W].
    energized_w: Vec<u64>,
}

/// When an announced phase is due, and from when its site would bridge the wait for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct DueDate {
    pub due: Time,
    pub bridged: Option<Time>,
    /// Draw of the bridge.
    pub bridge_luck: f64,
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

/// A draw of a delay, moved by the score of its region.
fn with_region(params: &SupplyParams, draw: f64, region_score: f64) -> f64 {
    let correlation = params.power.regional_correlation;
    if correlation == 0.0 {
        return draw;
    }
    let own = norm_inv(draw.clamp(NEAREST, 1.0 - NEAREST));
    let score = correlation.sqrt() * region_score + (1.0 - correlation).sqrt() * own;
    norm_cdf(score).clamp(NEAREST, 1.0 - NEAREST)
}

/// From when a site bridges the wait for a phase that comes at `comes` and could be used from `ready` on.
fn bridged_from(params: &SupplyParams, site: SiteId, luck: f64, ready: Time, comes: Time) -> Option<Time> {
    let ahead = months(params.power.bridge_months.quantile(luck));
    let from = ready.max(Time(comes.0.saturating_sub(ahead.0)));
    (params.sites[site.index()].bridge_share > 0.0 && from < comes).then_some(from)
}

/// When the phases of a site that the scenario announces are due, those before the start included: their planned date,
/// or a drawn slip later. Two draws for each that may slip, and one for each phase for its bridge.
pub(super) fn due_dates<S: Dice>(params: &SupplyParams, site: SiteId, draws: &mut SiteStreams<S>) -> Vec<DueDate> {
    let region_score = draws.region_score;
    let due = |phase: &Phase| {
        let planned = phase.planned.unwrap_or(Time(0));
        let bridge_luck = draws.announced_bridges.uniform();
        if !phase.slips {
            return DueDate { due: planned, bridged: None, bridge_luck };
        }
        let mut luck = || with_region(params, draws.announced.uniform(), region_score);
        let late = luck() >= params.power.on_time_probability;
        let slip = params.power.slip_months.quantile(luck());
        let due = if late { planned + months(slip) } else { planned };
        DueDate { due, bridged: bridged_from(params, site, bridge_luck, planned, due), bridge_luck }
    };
    params.sites[site.index()].phases.iter().map(due).collect()
}

impl DueDate {
    /// Puts it on the clock, at the earliest `now`.
    pub fn schedule(self, site: SiteId, phase: u16, now: Time, events: &mut Vec<Scheduled>) {
        events.push((now.max(self.due), SupplyEvent::PhaseDue { site, phase }));
        if let Some(from) = self.bridged {
            events.push((now.max(from), SupplyEvent::PhaseBridged { site, phase }));
        }
    }
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
            bridged_w: 0,
            ready: Time(0),
            bridge_luck: 0.0,
        };
        let sites: Vec<Vec<Step>> = params.sites.iter().map(|site| site.phases.iter().map(step).collect()).collect();
        let energized = |steps: &Vec<Step>| steps.iter().filter(|step| step.energized).map(|step| step.adds_w).sum();
        let energized_w = sites.iter().map(energized).collect();
        Self { sites, energized_w }
    }

    /// Draws the slips of a site's announced phases and schedules the days that they are due.
    pub fn announce<S: Dice>(
        &mut self,
        params: &SupplyParams,
        site: SiteId,
        draws: &mut SiteStreams<S>,
        out: &mut Outbox,
    ) {
        let steps = &mut self.sites[site.index()];
        for (phase, date) in due_dates(params, site, draws).into_iter().enumerate() {
            steps[phase].bridge_luck = date.bridge_luck;
            if !steps[phase].energized {
                date.schedule(site, phase_number(phase), Time(0), &mut out.schedule);
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
            // What bridge power carries already stays in service.
            let adds_w = adds_w.max(step.bridged_w);
            (step.adds_w, step.planned, step.slips) = (adds_w, planned, told.is_some_and(|phase| phase.slips));
        }
        (phase_number(announced), !step.energized)
    }

    /// Takes up a phase that nobody had announced before; gives its number among the site's steps.
    pub fn announce_more(&mut self, site: SiteId, phase: &Phase, date: DueDate) -> u16 {
        let steps = &mut self.sites[site.index()];
        steps.push(Step {
            adds_w: watts(phase.adds_mw),
            planned: phase.planned.unwrap_or(Time(0)),
            requested: false,
            slips: phase.slips,
            energized: false,
            bridged_w: 0,
            ready: Time(0),
            bridge_luck: date.bridge_luck,
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
        let luck = with_region(params, draws.requested.uniform(), draws.region_score);
        let grid = params.power.grid_months.quantile(luck);
        let build = params.power.build_months.quantile(draws.requested.uniform());
        let due = now + months(grid.max(build));
        let (ready, bridge_luck) = (now + months(build), draws.requested_bridges.uniform());
        let steps = &mut self.sites[site.index()];
        let phase = phase_number(steps.len());
        let (adds_w, energized) = (watts(mw), false);
        let (requested, slips, bridged_w) = (true, true, 0);
        steps.push(Step { adds_w, planned: due, requested, slips, energized, bridged_w, ready, bridge_luck });
        let bridged = self.requested_bridge(params, site, phase, due);
        DueDate { due, bridged, bridge_luck }.schedule(site, phase, now, &mut out.schedule);
    }

    /// From when a site bridges the wait for a requested phase that is due at an instant.
    pub fn requested_bridge(&self, params: &SupplyParams, site: SiteId, phase: u16, due: Time) -> Option<Time> {
        let step = self.sites[site.index()][usize::from(phase)];
        bridged_from(params, site, step.bridge_luck, step.ready, due)
    }

    /// From when a site bridges what a phase that is due now has to wait until `comes`, unless it does already.
    pub fn extra_bridge(
        &self,
        params: &SupplyParams,
        site: SiteId,
        phase: u16,
        now: Time,
        comes: Time,
    ) -> Option<Time> {
        let step = self.sites[site.index()][usize::from(phase)];
        bridged_from(params, site, step.bridge_luck, now, comes).filter(|_| step.bridged_w == 0)
    }

    /// The requested phases of a site of which nothing is in service yet.
    pub fn waiting_requests(&self, site: SiteId) -> Vec<u16> {
        let steps = self.sites[site.index()].iter().enumerate();
        let waits = |step: &Step| step.requested && !step.energized && step.bridged_w == 0;
        steps.filter(|(_, step)| waits(step)).map(|(phase, _)| phase_number(phase)).collect()
    }

    /// When a phase that is due at `now` really comes.
    pub fn comes_at(&self, params: &SupplyParams, site: SiteId, phase: u16, now: Time) -> Time {
        let slips = self.sites[site.index()][usize::from(phase)].slips;
        if slips { now + months(params.power.extra_months.at(now)) } else { now }
    }

    /// Takes what is missing of a phase into service, now that the grid carries all of it, and says so.
    pub fn energize(&mut self, params: &SupplyParams, site: SiteId, phase: u16, out: &mut Outbox) {
        let step = &mut self.sites[site.index()][usize::from(phase)];
        debug_assert!(!step.energized, "a phase is energized once");
        step.energized = true;
        let more_w = step.adds_w - std::mem::take(&mut step.bridged_w);
        self.serve(params, site, more_w, out);
    }

    /// Takes a site's share of a phase into service on bridge power; whether there is anything to bridge.
    pub fn bridge(&mut self, params: &SupplyParams, site: SiteId, phase: u16, out: &mut Outbox) -> bool {
        let step = &mut self.sites[site.index()][usize::from(phase)];
        let share_w = (step.adds_w as f64 * params.sites[site.index()].bridge_share).floor() as u64;
        if step.energized || step.bridged_w > 0 || share_w == 0 {
            return false;
        }
        step.bridged_w = share_w;
        self.serve(params, site, share_w, out);
        true
    }

    fn serve(&mut self, params: &SupplyParams, site: SiteId, facility_w: u64, out: &mut Outbox) {
        self.energized_w[site.index()] += facility_w;
        let place = &params.sites[site.index()];
        let mw_it = facility_w as f64 / 1e6 / place.pue;
        let cost = Usd::from_dollars(mw_it * params.clouds[place.cloud.index()].shell_usd_per_mw);
        out.facts.push(Fact::PhaseEnergized { cloud: place.cloud, site, mw_it, cost });
    }

    /// What bridge power adds to the price of a site's energy, over all of it [USD/MWh]: `p·B/E`, p its price over the
    /// grid's [USD/MWh], B what it carries and E all that is in service [W].
    pub fn bridge_usd_per_mwh(&self, params: &SupplyParams, site: SiteId) -> f64 {
        let bridged_w: u64 = self.sites[site.index()].iter().map(|step| step.bridged_w).sum();
        if bridged_w == 0 {
            return 0.0;
        }
        params.power.bridge_usd_per_mwh * bridged_w as f64 / self.energized_w(site) as f64
    }

    /// Energized facility power [W].
    pub fn energized_w(&self, site: SiteId) -> u64 {
        self.energized_w[site.index()]
    }

    /// What may run at a site now.
    pub fn limits(&self, params: &SupplyParams, site: SiteId) -> Limits {
        limits(&params.sites[site.index()], self.energized_w(site))
    }

    /// IT power that a site is to carry at `until`, by the dates that were announced or are known for requests [W].
    pub fn it_w_by(&self, params: &SupplyParams, site: SiteId, until: Time) -> u64 {
        self.it_w_of(params, site, |step| step.energized || step.planned <= until)
    }

    /// IT power that a site carries once it has what is energized, what is announced until `until`, and whatever was
    /// requested [W].
    pub fn expected_it_w(&self, params: &SupplyParams, site: SiteId, until: Time) -> u64 {
        self.it_w_of(params, site, |step| step.energized || step.requested || step.planned <= until)
    }

    fn it_w_of(&self, params: &SupplyParams, site: SiteId, counts: impl Fn(&Step) -> bool) -> u64 {
        let steps = self.sites[site.index()].iter().filter(|step| counts(step));
        limits(&params.sites[site.index()], steps.map(|step| step.adds_w).sum()).total_w
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
    fn bridge_power_pulls_a_share_of_a_phase_forward_at_a_price() {
        let mut params = world(true);
        (params.sites[0].bridge_share, params.clouds[0].shell_usd_per_mw) = (0.3, 10e6);
        params.power.bridge_months = Distribution::Constant(4.0);
        params.power.bridge_usd_per_mwh = 35.0;
        let bridged = |phase| SupplyEvent::PhaseBridged { site: SITE, phase };
        // Six months late at a quantile of 0.75, four of them bridged: from day 100 + 2 × 30.4375 on.
        assert_eq!(due(&params, 0.75)[1], (days(160.875), bridged(1)));
        // Nobody bridges before the day that was planned, nor what is on time.
        params.power.bridge_months = Distribution::Constant(9.0);
        assert_eq!(due(&params, 0.75)[1], (days(100.0), bridged(1)));
        assert_eq!(due(&params, 0.5).len(), 1);
        // Of months on top of that nobody knows before the phase is due.
        params.power.bridge_months = Distribution::Constant(4.0);
        let (year, site) = (365.25, SITE);
        let mut waits = Power::new(&params);
        assert_eq!(
            waits.extra_bridge(&params, site, 1, days(100.0), days(100.0 + year)),
            Some(days(100.0 + year - 121.75))
        );
        assert!(waits.bridge(&params, site, 1, &mut Outbox::default()));
        assert_eq!(waits.extra_bridge(&params, site, 1, days(100.0), days(100.0 + year)), None);
        params.power.bridge_months = Distribution::Constant(9.0);
        // What was requested waits for its shell, 30 months, at least.
        params.power.grid_months = Distribution::Constant(36.0);
        params.power.build_months = Distribution::Constant(30.0);
        let mut streams = Streams::new(&params, &mut |_: &str, _: &str| Fixed(0.5));
        let (mut power, mut out) = (Power::new(&params), Outbox::default());
        power.request(&params, (SITE, 5.0), Time(0), streams.site(SITE), &mut out);
        assert_eq!(out.schedule[1], (days(2.5 * 365.25), bridged(2)));
        // 30 % of 20 MW, beside 10: 6 of 16 MW at 35 USD/MWh more. The rest of the phase is paid when the grid comes.
        let mut out = Outbox::default();
        assert!(power.bridge(&params, SITE, 1, &mut out) && !power.bridge(&params, SITE, 1, &mut out));
        assert_eq!(power.energized_w(SITE), 16_000_000);
        assert_eq!(power.bridge_usd_per_mwh(&params, SITE), 35.0 * 6.0 / 16.0);
        power.energize(&params, SITE, 1, &mut out);
        assert_eq!((power.energized_w(SITE), power.bridge_usd_per_mwh(&params, SITE)), (30_000_000, 0.0));
        let cost = |mw: f64| Usd::from_dollars(mw * 10e6);
        let fact = |mw_it| Fact::PhaseEnergized { cloud: CloudId(0), site: SITE, mw_it, cost: cost(mw_it) };
        assert_eq!(out.facts, [fact(6.0), fact(14.0)]);
    }

    #[test]
    fn delays_of_a_region_go_together() {
        let mut params = world(true);
        params.power.regional_correlation = 0.36;
        // Scores of 1 and of −0.5: 0.6 × 1 − 0.8 × 0.5 = 0.2.
        let moved = with_region(&params, norm_cdf(-0.5), 1.0);
        assert!((norm_inv(moved) - 0.2).abs() < 1e-12);
        params.power.regional_correlation = 1.0;
        assert!((with_region(&params, 0.1, 1.0) - norm_cdf(1.0)).abs() < 1e-12);
        assert!(with_region(&params, 1.0, 99.0) < 1.0);
        params.power.regional_correlation = 0.0;
        assert_eq!(with_region(&params, 0.1, 9.0), 0.1);
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
