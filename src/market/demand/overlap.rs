//! Which providers the accounts of a provider also use: where their load can go without anybody choosing anew.

use super::dice::Dice;
use super::params::DemandParams;
use super::state::{DemandState, Placed};
use super::uses::Uses;
use crate::ids::LabId;
use crate::market::choice::{Offers, Provider};
use crate::units::Time;
use serde::{Deserialize, Serialize};

/// By lab and provider, how much of the spend is of accounts that use another provider too.
///
/// `o(l, p, q) = Σ_{w on l at p, account of w uses q} s_w / Σ_{w on l at p} s_w`, and `a(l, p)` likewise with "uses any other".
///
/// l lab · p, q providers: clouds, then the labs' own interfaces · w workload in use · s_w its spend at reference prices
/// [USD/year]. An account uses its home cloud and every provider that a workload of it is on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Overlap {
    clouds: usize,
    providers: usize,
    /// Spend by lab and provider [USD/year].
    spend: Vec<f64>,
    /// The part of it of accounts that use any other provider [USD/year].
    any: Vec<f64>,
    /// The part of it of accounts that use each provider [USD/year].
    with: Vec<f64>,
}

impl Overlap {
    /// Nobody yet, in a market of so many clouds and labs.
    fn empty(clouds: usize, labs: usize) -> Self {
        let providers = clouds + labs;
        let cells = labs * providers + 1;
        Self { clouds, providers, spend: vec![0.0; cells], any: vec![0.0; cells], with: vec![0.0; cells * providers] }
    }

    /// Position of a provider: clouds, then the labs' own interfaces.
    pub fn place(&self, provider: Provider) -> usize {
        provider.place(self.clouds)
    }

    /// The cell of a lab at a provider, and the position of the provider.
    fn cell(&self, lab: LabId, provider: Provider) -> (usize, usize) {
        let at = self.place(provider);
        (lab.index() * self.providers + at, at)
    }

    /// The cell after the last, of workloads on nothing that is sold, for as long as accounts are added.
    fn nowhere(&self) -> usize {
        self.spend.len() - 1
    }

    /// Drops the cell of what is not sold, and what each provider would share with itself.
    fn forget_nowhere(&mut self) {
        let cells = self.nowhere();
        self.spend.truncate(cells);
        self.any.truncate(cells);
        self.with.truncate(cells * self.providers);
        for cell in 0..cells {
            self.with[cell * self.providers + cell % self.providers] = 0.0;
        }
    }

    /// Counts `usd` spent in a cell of an account that uses so many providers.
    fn add(&mut self, cell: usize, uses: &Uses, count: f64, usd: f64) {
        self.spend[cell] += usd;
        if count <= 1.0 {
            return;
        }
        self.any[cell] += usd;
        let with = &mut self.with[cell * self.providers..][..self.providers];
        for (with, used) in with.iter_mut().zip(uses.of()) {
            *with += usd * used;
        }
    }

    /// How many providers there are.
    pub fn providers(&self) -> usize {
        self.providers
    }

    /// Share of the spend on a lab's models at `from` whose accounts also use `to` [1].
    pub fn share(&self, lab: LabId, from: Provider, to: Provider) -> f64 {
        let cell = lab.index() * self.providers + self.place(from);
        part(self.with[cell * self.providers + self.place(to)], self.spend[cell])
    }

    /// Share of the spend on a lab's models at `from` whose accounts use any other provider [1].
    pub fn any(&self, lab: LabId, from: Provider) -> f64 {
        let cell = lab.index() * self.providers + self.place(from);
        part(self.any[cell], self.spend[cell])
    }
}

fn part(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

impl<S: Dice> DemandState<S> {
    /// Who uses what besides, as of the first call since the last month's end; to be given back by [`Self::keep_overlap`].
    pub fn take_overlap(&mut self, params: &DemandParams, offers: &Offers, now: Time) -> Overlap {
        self.overlap.take().unwrap_or_else(|| self.overlapping(params, offers, now))
    }

    /// Keeps what was taken until the month ends.
    pub fn keep_overlap(&mut self, overlap: Overlap) {
        self.overlap = Some(overlap);
    }

    fn overlapping(&self, params: &DemandParams, offers: &Offers, now: Time) -> Overlap {
        let mut overlap = Overlap::empty(params.clouds, params.labs);
        let factors = params.factors(now);
        let nowhere = (overlap.nowhere(), overlap.providers);
        let on_options = offers.iter().map(|(_, offer)| overlap.cell(offer.lab, offer.provider()));
        let cells: Vec<(usize, usize)> = Placed::table(nowhere, on_options);
        let mut uses = Uses::new(overlap.providers);
        for buyer in self.buyers.iter().filter(|buyer| buyer.adopted) {
            let own = &self.placed[buyer.own()];
            let factors = &factors[buyer.segment.index()];
            uses.clear();
            let mut count = buyer.home.map_or(0.0, |home| uses.add(home.index()));
            for placed in own {
                count += uses.add(cells[placed.index()].1);
            }
            for (class, placed) in self.classes(buyer.segment).iter().zip(own) {
                let usd = buyer.usd_per_year * factors[class.index()];
                overlap.add(cells[placed.index()].0, &uses, count, usd);
            }
        }
        overlap.forget_nowhere();
        overlap
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::CloudId;

    /// 60 of accounts that are here only, 30 that also use cloud 1, 10 that use both others: o = 0.4 and 0.1, a = 0.4.
    #[test]
    fn shares_by_hand() {
        let (lab, here) = (LabId(0), Provider::Cloud(CloudId(0)));
        let mut overlap = Overlap::empty(2, 1);
        for (places, usd) in [(0..1, 60.0), (0..2, 30.0), (0..3, 10.0)] {
            let mut uses = Uses::new(3);
            uses.clear();
            let count = places.map(|at| uses.add(at)).sum();
            overlap.add(0, &uses, count, usd);
            overlap.add(overlap.nowhere(), &uses, count, 5.0);
        }
        overlap.forget_nowhere();
        assert_eq!(overlap.share(lab, here, Provider::Cloud(CloudId(1))), 0.4);
        assert_eq!(overlap.share(lab, here, Provider::OwnApi(lab)), 0.1);
        assert_eq!(overlap.any(lab, here), 0.4);
        assert_eq!(overlap.share(lab, here, here), 0.0, "nobody moves to where they are");
        assert_eq!(overlap.any(lab, Provider::OwnApi(lab)), 0.0, "nobody spends there");
    }
}
