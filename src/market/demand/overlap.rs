//! Which providers the accounts of a provider also use: where their load can go without anybody choosing anew.

use super::dice::Dice;
use super::params::DemandParams;
use super::state::DemandState;
use crate::ids::{CloudId, LabId};
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
    pub(super) fn empty(clouds: usize, labs: usize) -> Self {
        let providers = clouds + labs;
        let cells = labs * providers;
        Self { clouds, providers, spend: vec![0.0; cells], any: vec![0.0; cells], with: vec![0.0; cells * providers] }
    }

    /// Position of a provider: clouds, then the labs' own interfaces.
    pub fn place(&self, provider: Provider) -> usize {
        provider.place(self.clouds)
    }

    /// Counts `usd` of an account that uses the providers at `uses`, each told once, spent on a lab at one of them.
    fn add(&mut self, lab: LabId, at: usize, uses: &[usize], usd: f64) {
        let cell = lab.index() * self.providers + at;
        self.spend[cell] += usd;
        if uses.len() > 1 {
            self.any[cell] += usd;
        }
        for other in uses.iter().filter(|other| **other != at) {
            self.with[cell * self.providers + other] += usd;
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
        let (mut uses, mut own) = (Vec::new(), Vec::new());
        let places: Vec<(LabId, usize)> =
            offers.iter().map(|(_, offer)| (offer.lab, overlap.place(offer.provider()))).collect();
        for buyer in self.buyers.iter().filter(|buyer| buyer.adopted) {
            own.clear();
            own.extend(self.options_of(buyer).map(|(class, option)| (class, places[option.index()])));
            uses.clear();
            uses.extend(buyer.home.map(CloudId::index));
            for (_, (_, at)) in &own {
                if !uses.contains(at) {
                    uses.push(*at);
                }
            }
            for (class, (lab, at)) in &own {
                let usd = buyer.usd_per_year * factors[buyer.segment.index()][class.index()];
                overlap.add(*lab, *at, &uses, usd);
            }
        }
        overlap
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 60 of accounts that are here only, 30 that also use cloud 1, 10 that use both others: o = 0.4 and 0.1, a = 0.4.
    #[test]
    fn shares_by_hand() {
        let (lab, here) = (LabId(0), Provider::Cloud(CloudId(0)));
        let mut overlap = Overlap::empty(2, 1);
        overlap.add(lab, 0, &[0], 60.0);
        overlap.add(lab, 0, &[0, 1], 30.0);
        overlap.add(lab, 0, &[0, 1, 2], 10.0);
        assert_eq!(overlap.share(lab, here, Provider::Cloud(CloudId(1))), 0.4);
        assert_eq!(overlap.share(lab, here, Provider::OwnApi(lab)), 0.1);
        assert_eq!(overlap.any(lab, here), 0.4);
        assert_eq!(overlap.any(lab, Provider::OwnApi(lab)), 0.0, "nobody spends there");
    }
}
