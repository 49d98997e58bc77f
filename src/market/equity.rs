//! Who holds what share of a party, and what it is worth at the last round.
//!
//! A round at pre-money value P brings U: the new holder has `U/(P+U)` more, and everyone else keeps `P/(P+U)` of what
//! they had. A recapitalisation says what a holder has from then on. What nobody named here holds belongs to founders,
//! staff and other investors.
//!
//! Source: the arithmetic of priced rounds. Left out: preferences, options, and what a share is worth between rounds.

use super::terms::Investment;
use crate::ids::PartyId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The shares of every issuer, and what it is worth.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Holdings {
    /// By issuer and holder \[1\].
    shares: BTreeMap<(PartyId, PartyId), f64>,
    /// By issuer: value after its last round \[USD\].
    values: BTreeMap<PartyId, f64>,
}

impl Holdings {
    /// A deal on its day: the round that it is part of, then the share that it settles.
    pub fn close(&mut self, deal: &Investment) {
        if let Some(pre_money) = deal.pre_money {
            self.round(deal.issuer, deal.investor, deal.usd.dollars(), pre_money.dollars());
        }
        if let Some(stake) = deal.stake {
            self.settle(deal.issuer, deal.investor, stake);
        }
    }

    /// A round: `usd` at a pre-money value.
    pub fn round(&mut self, issuer: PartyId, investor: PartyId, usd: f64, pre_money_usd: f64) {
        let post = pre_money_usd + usd;
        if post <= 0.0 {
            return;
        }
        for ((of, _), share) in &mut self.shares {
            if *of == issuer {
                *share *= pre_money_usd / post;
            }
        }
        *self.shares.entry((issuer, investor)).or_default() += usd / post;
        self.values.insert(issuer, post);
    }

    /// A recapitalisation: the holder has `share` from now on, whatever it had.
    pub fn settle(&mut self, issuer: PartyId, holder: PartyId, share: f64) {
        self.shares.insert((issuer, holder), share);
    }

    /// Share of an issuer that a holder has \[1\].
    pub fn share(&self, issuer: PartyId, holder: PartyId) -> f64 {
        self.shares.get(&(issuer, holder)).copied().unwrap_or(0.0)
    }

    /// Share of an issuer that all named holders have together \[1\].
    pub fn held(&self, issuer: PartyId) -> f64 {
        self.shares.iter().filter(|((of, _), _)| *of == issuer).map(|(_, share)| share).sum()
    }

    /// What an issuer was worth after its last round \[USD\]; 0 without one.
    pub fn value(&self, issuer: PartyId) -> f64 {
        self.values.get(&issuer).copied().unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: PartyId = PartyId(0);
    const FIRST: PartyId = PartyId(1);
    const SECOND: PartyId = PartyId(2);

    #[test]
    fn a_round_dilutes_those_before_it() {
        let mut holdings = Holdings::default();
        holdings.round(ISSUER, FIRST, 20.0, 80.0);
        assert_eq!((holdings.share(ISSUER, FIRST), holdings.value(ISSUER)), (0.2, 100.0));
        // 50 on 150: a quarter is new, and 20 % become 15 %.
        holdings.round(ISSUER, SECOND, 50.0, 150.0);
        assert!((holdings.share(ISSUER, FIRST) - 0.15).abs() < 1e-12);
        assert_eq!((holdings.share(ISSUER, SECOND), holdings.value(ISSUER)), (0.25, 200.0));
        assert!((holdings.held(ISSUER) - 0.4).abs() < 1e-12);
    }

    #[test]
    fn a_recapitalisation_replaces_what_was_held() {
        let mut holdings = Holdings::default();
        holdings.round(ISSUER, FIRST, 20.0, 80.0);
        holdings.settle(ISSUER, FIRST, 0.27);
        assert_eq!((holdings.share(ISSUER, FIRST), holdings.share(FIRST, ISSUER)), (0.27, 0.0));
        holdings.round(ISSUER, SECOND, 0.0, 0.0);
        assert_eq!(holdings.value(ISSUER), 100.0);
    }
}
