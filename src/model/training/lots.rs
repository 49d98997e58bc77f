//! The chips that labs train on, divided anew each week.
//!
//! 1. What was lost (failures, retirement, swaps) is taken from the labs that come last in the scenario.
//! 2. A lab that holds more at a cloud than its research compute there gives back from its smallest lots, idle chips
//!    first.
//! 3. A lab that holds less grows at the cloud's sites, and with what the cloud leases at its lessors' too, where its lot
//!    becomes the largest, in whole chips of types that its models run on.
//!
//! A site that is out is left alone until it is back: dispatch does not count its chips, and neither does this.

use super::Lot;
use crate::ids::{AcceleratorId, CloudId, LabId, SiteId};
use crate::market::serving::StackMask;
use crate::model::simulation::Simulation;
use crate::supply::gang::GangPool;
use crate::supply::params::Class;
use crate::supply::throughput;

/// Training H100e below which a lot is not begun.
const LEAST_H100E: f64 = 1.0;

/// What is free: chips by site and type, and what a chip of a type does.
struct Floor {
    types: usize,
    free: Vec<i64>,
    h100e: Vec<f64>,
}

impl Floor {
    fn cell(&self, site: SiteId, accelerator: AcceleratorId) -> usize {
        site.index() * self.types + accelerator.index()
    }
}

impl Simulation<'_> {
    /// Divides the chips for training by the research compute that labs got at the dispatch of this instant.
    pub(in crate::model) fn carve(&mut self) {
        let now = self.now();
        for lab in &mut self.state.labs {
            lab.training.lots.iter_mut().for_each(|lot| lot.count(now));
        }
        let mut floor = self.floor();
        self.take_lost(&mut floor);
        for l in 0..self.state.labs.len() {
            for cloud in self.cloud_ids() {
                self.shrink(LabId::new(l), cloud, &mut floor);
            }
        }
        for l in 0..self.state.labs.len() {
            for cloud in self.cloud_ids() {
                self.grow(LabId::new(l), cloud, &mut floor);
            }
        }
        for l in 0..self.state.labs.len() {
            self.settle_lots(LabId::new(l));
        }
    }

    /// Working chips less those of all lots; what a lot's chips do today.
    fn floor(&mut self) -> Floor {
        let (now, supply) = (self.now(), &self.params.supply);
        let h100e: Vec<f64> = supply.accelerators.iter().map(|kind| throughput(kind, Class::Training, now)).collect();
        let mut free = Vec::with_capacity(supply.sites.len() * h100e.len());
        for site in 0..supply.sites.len() {
            let working = |a| self.state.supply.working_at(SiteId::new(site), AcceleratorId::new(a)) as i64;
            free.extend((0..h100e.len()).map(working));
        }
        let mut floor = Floor { types: h100e.len(), free, h100e };
        for lab in &mut self.state.labs {
            for lot in &mut lab.training.lots {
                lot.h100e = floor.h100e[lot.accelerator.index()];
                let cell = floor.cell(lot.site, lot.accelerator);
                floor.free[cell] -= lot.chips as i64;
            }
        }
        floor
    }

    fn take_lost(&mut self, floor: &mut Floor) {
        for lab in self.state.labs.iter_mut().rev() {
            for lot in lab.training.lots.iter_mut().rev() {
                let cell = floor.cell(lot.site, lot.accelerator);
                let lost = floor.free[cell].min(0).unsigned_abs().min(lot.chips);
                lot.chips -= lost;
                floor.free[cell] += lost as i64;
            }
        }
    }

    /// What a lab holds at a cloud over what it may [training H100e], sites that are out apart.
    fn over(&self, lab: LabId, cloud: CloudId) -> f64 {
        let state = &self.state.labs[lab.index()];
        let lots = state.training.lots.iter().filter(|lot| lot.cloud == cloud && !lot.out);
        lots.map(Lot::all_h100e).sum::<f64>() - state.at[cloud.index()].research
    }

    fn shrink(&mut self, lab: LabId, cloud: CloudId, floor: &mut Floor) {
        let mut over = self.over(lab, cloud);
        if over <= 0.0 {
            return;
        }
        let lots = &mut self.state.labs[lab.index()].training.lots;
        let mut order: Vec<usize> = (0..lots.len()).filter(|i| lots[*i].cloud == cloud && !lots[*i].out).collect();
        order.sort_by(|a, b| lots[*a].all_h100e().total_cmp(&lots[*b].all_h100e()));
        for only_idle in [true, false] {
            for i in &order {
                let lot = &mut lots[*i];
                let idle = if only_idle { lot.chips.saturating_sub(lot.pool.held()) } else { lot.chips };
                // Rounded down: a lab keeps the chip of which it may have a part.
                let chips = ((over / lot.h100e).max(0.0) as u64).min(idle);
                lot.chips -= chips;
                over -= chips as f64 * lot.h100e;
                let cell = floor.cell(lot.site, lot.accelerator);
                floor.free[cell] += chips as i64;
            }
        }
    }

    fn grow(&mut self, lab: LabId, cloud: CloudId, floor: &mut Floor) {
        let mut under = -self.over(lab, cloud);
        let stacks = self.state.labs[lab.index()].at[cloud.index()].stacks;
        while under >= LEAST_H100E {
            let Some((site, accelerator)) = self.largest_lot_in_reach((lab, cloud), under, stacks, floor) else {
                return;
            };
            let (cell, h100e) = (floor.cell(site, accelerator), floor.h100e[accelerator.index()]);
            let chips = ((under / h100e) as u64).min(floor.free[cell].unsigned_abs());
            floor.free[cell] -= chips as i64;
            under -= chips as f64 * h100e;
            self.add_to_lot((lab, cloud), (site, accelerator), chips, h100e);
        }
    }

    /// Where a lot becomes the largest by growing with what is free and missing: at own sites first.
    fn largest_lot_in_reach(
        &self,
        (lab, cloud): (LabId, CloudId),
        under: f64,
        stacks: StackMask,
        floor: &Floor,
    ) -> Option<(SiteId, AcceleratorId)> {
        let supply = &self.params.supply;
        let leased = &self.state.clouds[cloud.index()].leased_delivered;
        let lessors = self.cloud_ids().filter(|lessor| leased[lessor.index()] > 0.0 && *lessor != cloud);
        let lots = &self.state.labs[lab.index()].training.lots;
        let best_of = |owner: CloudId| {
            let mut best: Option<(f64, SiteId, AcceleratorId)> = None;
            for site in self.state.supply.sites_of(owner).iter().filter(|site| self.state.supply.in_service(**site)) {
                for (a, kind) in supply.accelerators.iter().enumerate() {
                    let accelerator = AcceleratorId::new(a);
                    let (free, h100e) = (floor.free[floor.cell(*site, accelerator)], floor.h100e[a]);
                    if free <= 0 || h100e <= 0.0 || under < h100e || !stacks.meets(StackMask::of([kind.stack])) {
                        continue;
                    }
                    let here = |lot: &&Lot| lot.cloud == cloud && lot.site == *site && lot.accelerator == accelerator;
                    let size = lots.iter().find(here).map_or(0.0, Lot::all_h100e) + (free as f64 * h100e).min(under);
                    if best.is_none_or(|(most, ..)| size > most) {
                        best = Some((size, *site, accelerator));
                    }
                }
            }
            best.map(|(_, site, accelerator)| (site, accelerator))
        };
        best_of(cloud).or_else(|| lessors.filter_map(best_of).next())
    }

    fn add_to_lot(
        &mut self,
        (lab, cloud): (LabId, CloudId),
        (site, accelerator): (SiteId, AcceleratorId),
        chips: u64,
        h100e: f64,
    ) {
        let (now, discipline) = (self.now(), self.params.clouds[cloud.index()].training_queue);
        let lots = &mut self.state.labs[lab.index()].training.lots;
        let here = |lot: &&mut Lot| (lot.cloud, lot.site, lot.accelerator) == (cloud, site, accelerator);
        if let Some(lot) = lots.iter_mut().find(here) {
            lot.chips += chips;
            return;
        }
        lots.push(Lot {
            cloud,
            site,
            accelerator,
            chips,
            h100e,
            out: false,
            pool: GangPool::new(discipline, 0),
            jobs: Vec::new(),
            queued: 0,
            pace: 1.0,
            counted: now,
            hours: (0.0, 0.0),
        });
    }

    /// Pools get the chips of their lots; jobs that have none left go elsewhere; who may start starts.
    fn settle_lots(&mut self, lab: LabId) {
        let l = lab.index();
        let mut changed = Vec::new();
        for (i, lot) in self.state.labs[l].training.lots.iter_mut().enumerate() {
            lot.pool.set_discipline(self.params.clouds[lot.cloud.index()].training_queue);
            let chips = if lot.out { 0 } else { lot.chips };
            // Who found no other lot last week may find one now.
            let stranded = lot.chips == 0 && lot.pool.waiting() + lot.pool.running() > 0;
            if lot.pool.chips() != chips || stranded {
                lot.pool.resize(chips);
                changed.push(i);
            }
        }
        for lot in &changed {
            self.move_stranded(lab, *lot);
        }
        for lot in changed {
            self.pass(lab, lot);
        }
        if self.state.labs[l].run.is_some_and(|run| run.place.is_none()) {
            self.place_run(lab);
        }
        self.move_run(lab);
    }

    /// A site is out of service: what trains there stops.
    pub(in crate::model) fn stop_training_at(&mut self, site: SiteId) {
        let now = self.now();
        for l in 0..self.state.labs.len() {
            for i in 0..self.state.labs[l].training.lots.len() {
                let lot = &mut self.state.labs[l].training.lots[i];
                if lot.site != site || lot.out {
                    continue;
                }
                lot.count(now);
                lot.out = true;
                lot.pool.resize(0);
                let mut runners: Vec<_> = lot.pool.runners().collect();
                // Who came first is to stand first.
                runners.sort_by_key(|job| std::cmp::Reverse(lot.jobs[job.index()].as_ref().map(|job| job.came)));
                for job in runners {
                    self.stop_job(LabId::new(l), i, job);
                }
                self.repace(LabId::new(l), i);
            }
        }
    }

    /// A site is back in service: what waits there starts.
    pub(in crate::model) fn resume_training_at(&mut self, site: SiteId) {
        let now = self.now();
        for l in 0..self.state.labs.len() {
            for i in 0..self.state.labs[l].training.lots.len() {
                let lot = &mut self.state.labs[l].training.lots[i];
                if lot.site == site && lot.out {
                    lot.count(now);
                    lot.out = false;
                    lot.pool.resize(lot.chips);
                    self.move_stranded(LabId::new(l), i);
                    self.pass(LabId::new(l), i);
                }
            }
        }
    }

    /// Every job is somewhere, and right after the division no chip is in two lots.
    ///
    /// # Errors
    /// Says what does not hold.
    pub(in crate::model) fn check_training(&self) -> Result<(), String> {
        for (lab, state) in self.params.labs.iter().zip(&self.state.labs) {
            let (counts, present) = (state.training.counts, state.training.present());
            if counts.submitted != counts.finished + counts.dropped + present {
                return Err(format!("{}: {counts:?}, and {present} jobs wait or run", lab.id));
            }
            for lot in &state.training.lots {
                let (held, chips) = (lot.pool.held(), lot.pool.chips());
                if held as f64 * lot.pace > chips as f64 * (1.0 + 1e-9) {
                    return Err(format!("{}: jobs use {held} chips of {chips} at a pace of {}", lab.id, lot.pace));
                }
            }
        }
        if self.state.next_carve != self.now() + super::CARVE_EVERY {
            return Ok(());
        }
        let types = self.params.supply.accelerators.len();
        let mut given = vec![0; self.params.supply.sites.len() * types];
        for lot in self.state.labs.iter().flat_map(|lab| &lab.training.lots) {
            given[lot.site.index() * types + lot.accelerator.index()] += lot.chips;
        }
        for (cell, given) in given.into_iter().enumerate() {
            let (site, accelerator) = (SiteId::new(cell / types), AcceleratorId::new(cell % types));
            let working = self.state.supply.working_at(site, accelerator);
            if given > working {
                return Err(format!("{given} chips of {accelerator:?} in lots at {site:?}, of {working}"));
            }
        }
        Ok(())
    }
}
