//! Outages of sites.
//!
//! Each site alternates between up times, exponential with mean `1 / outages_per_year` years, and outages of drawn
//! length (an alternating renewal process); outages of the record come on their dates. A counter keeps overlapping
//! outages apart: a site is back when the last of them ends. While it is out its chips serve nobody, though they stay
//! installed. An outage of the record may cut only part of a site's power; then [`curtailment`](super::curtailment) says
//! which chips work on. Source: rates and lengths in the scenario. Not modelled: outages common to several sites.

use crate::ids::{AcceleratorId, SiteId};
use crate::supply::curtailment::{Candidate, Curtailment, Loss, run_under};
use crate::supply::event::{Fact, Outbox, SupplyEvent};
use crate::supply::fleet::{SiteLoad, chip_w};
use crate::supply::params::{Class, SupplyParams};
use crate::supply::power::it_power;
use crate::supply::streams::Dice;
use crate::units::{Distribution, Span, Time, YEAR_DAYS};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Outage {
    /// How many outages run at once.
    depth: u32,
    /// When the first of them began.
    since: Time,
    /// Cuts of its power.
    curtailment: Curtailment,
    /// Working chips of each accelerator that run under the cuts; empty where there is none.
    kept: Vec<u64>,
}

/// Which sites are out of service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Outages {
    sites: Vec<Outage>,
}

fn seconds(hours: f64) -> u32 {
    u32::try_from(Span::from_hours(hours).0).unwrap_or(u32::MAX)
}

impl Outages {
    pub fn new(params: &SupplyParams) -> Self {
        Self { sites: vec![Outage::default(); params.sites.len()] }
    }

    pub fn is_out(&self, site: SiteId) -> bool {
        self.sites[site.index()].depth > 0
    }

    /// Draws the next outage of a site after `now`.
    pub fn draw_next<S: Dice>(params: &SupplyParams, site: SiteId, now: Time, draws: &mut S, out: &mut Outbox) {
        let place = &params.sites[site.index()];
        if place.outages_per_year <= 0.0 {
            return;
        }
        let up_years = Distribution::Exponential { mean: 1.0 / place.outages_per_year }.quantile(draws.uniform());
        let seconds = seconds(place.outage_hours.quantile(draws.uniform()));
        let begins = now + Span::from_days(up_years * YEAR_DAYS);
        out.schedule.push((begins, SupplyEvent::OutageBegan { site, seconds, renewal: true }));
    }

    /// Schedules the outages of the record.
    pub fn schedule_scripted(params: &SupplyParams, out: &mut Outbox) {
        for outage in &params.outages {
            let (site, seconds) = (outage.site, seconds(outage.hours));
            let event = match outage.cut_mw {
                None => SupplyEvent::OutageBegan { site, seconds, renewal: false },
                // A cut of more than 4 TW is all there is, like the largest that is told.
                Some(mw) => SupplyEvent::CurtailmentBegan { site, seconds, cut_kw: (mw * 1e3).round() as u32 },
            };
            out.schedule.push((outage.from, event));
        }
    }

    /// Whether part of a site's power is cut.
    pub fn is_curtailed(&self, site: SiteId) -> bool {
        self.sites[site.index()].curtailment.in_force()
    }

    /// How many of the `working` chips of a type at a site are in service.
    pub fn in_service(&self, site: SiteId, accelerator: AcceleratorId, working: u64) -> u64 {
        let outage = &self.sites[site.index()];
        match outage.depth {
            0 => outage.kept.get(accelerator.index()).copied().unwrap_or(working),
            _ => 0,
        }
    }

    /// A cut begins.
    pub fn curtail(&mut self, site: SiteId, now: Time, cut_kw: u32) {
        self.sites[site.index()].curtailment.begin(now, 1_000 * u64::from(cut_kw));
    }

    /// A cut ends; gives what all of them cost, if it was the last.
    pub fn restore(&mut self, site: SiteId, now: Time, cut_kw: u32) -> Option<Loss> {
        self.sites[site.index()].curtailment.end(now, 1_000 * u64::from(cut_kw))
    }

    /// Decides afresh which chips of a site run, if part of its power is cut: after anything that changed them or it.
    pub fn refresh(&mut self, params: &SupplyParams, site: SiteId, energized_w: u64, load: &SiteLoad, now: Time) {
        let outage = &mut self.sites[site.index()];
        outage.kept.clear();
        if !outage.curtailment.in_force() {
            return;
        }
        let chips = params.accelerators.iter().zip(&load.working);
        let candidates = chips.map(|(chip, working)| Candidate {
            watts: chip_w(chip),
            chips: *working,
            throughput: chip.throughput_h100e[Class::Chat.index()],
        });
        let left_w = outage.curtailment.left_w(energized_w);
        let cap_w = it_power(left_w, 0.0, params.sites[site.index()].pue);
        outage.kept = run_under(cap_w, &candidates.collect::<Vec<Candidate>>());
        let dark = load.working.iter().sum::<u64>() - outage.kept.iter().sum::<u64>();
        // A site that is out altogether loses nothing more by a cut.
        let (supply_w, dark) = if outage.depth > 0 { (0, 0) } else { (energized_w, dark) };
        outage.curtailment.note(now, supply_w, dark);
    }

    /// An outage of `seconds` begins; says so, and returns true, if the site was in service.
    pub fn begin(&mut self, params: &SupplyParams, site: SiteId, now: Time, seconds: u32, out: &mut Outbox) -> bool {
        let outage = &mut self.sites[site.index()];
        outage.depth += 1;
        if outage.depth == 1 {
            outage.since = now;
            let (cloud, hours) = (params.sites[site.index()].cloud, f64::from(seconds) / 3_600.0);
            out.facts.push(Fact::OutageBegan { site, cloud, hours });
        }
        outage.depth == 1
    }

    /// An outage ends; says so, and returns true, if it was the last.
    pub fn end(&mut self, params: &SupplyParams, site: SiteId, now: Time, out: &mut Outbox) -> bool {
        let outage = &mut self.sites[site.index()];
        outage.depth -= 1;
        if outage.depth == 0 {
            let (cloud, hours) = (params.sites[site.index()].cloud, now.since(outage.since).hours());
            out.facts.push(Fact::OutageEnded { site, cloud, hours });
        }
        outage.depth == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::CloudId;
    use crate::supply::params::ScriptedOutage;
    use crate::supply::testing::{self, Fixed};

    const SITE: SiteId = SiteId(0);

    #[test]
    fn overlapping_outages_end_with_the_last() {
        let params = testing::world(1);
        let (mut outages, mut out) = (Outages::new(&params), Outbox::default());
        assert!(outages.begin(&params, SITE, Time(3_600), 7_200, &mut out));
        assert!(!outages.begin(&params, SITE, Time(7_200), 36_000, &mut out));
        assert!(!outages.end(&params, SITE, Time(10_800), &mut out));
        assert!(outages.is_out(SITE));
        assert!(outages.end(&params, SITE, Time(43_200), &mut out));
        assert!(!outages.is_out(SITE));
        let cloud = CloudId(0);
        let began = Fact::OutageBegan { site: SITE, cloud, hours: 2.0 };
        assert_eq!(out.facts, [began, Fact::OutageEnded { site: SITE, cloud, hours: 11.0 }]);
    }

    #[test]
    fn up_times_and_lengths_by_hand() {
        let mut params = testing::world(1);
        params.sites[0].outages_per_year = 2.0;
        params.sites[0].outage_hours = Distribution::Uniform { low: 0.0, high: 8.0 };
        params.outages = vec![ScriptedOutage { site: SITE, from: Time(99), hours: 0.5, cut_mw: None }];
        let mut out = Outbox::default();
        Outages::schedule_scripted(&params, &mut out);
        Outages::draw_next(&params, SITE, Time(0), &mut Fixed(0.5), &mut out);
        // Half of the up times are shorter than ln 2 / 2 years = 126.58 days = 10,937,031 s.
        let scripted = (Time(99), SupplyEvent::OutageBegan { site: SITE, seconds: 1_800, renewal: false });
        let drawn = (Time(10_937_031), SupplyEvent::OutageBegan { site: SITE, seconds: 14_400, renewal: true });
        assert_eq!(out.schedule, [scripted, drawn]);
        params.sites[0].outages_per_year = 0.0;
        Outages::draw_next(&params, SITE, Time(0), &mut Fixed(0.5), &mut out);
        assert_eq!(out.schedule.len(), 2);
    }
}
