//! The demand side of a fork: accounts, tastes and responses as the fork's parameters have them.
//!
//! Accounts are drawn again with the same luck. Every account spends from now on what the fork's parameters give it; one
//! that has not adopted yet also takes its home, its commitment and its day from them, at the earliest now. What has
//! adopted stays where it is, at its home, and renews when it was to.

use super::accounts::{Account, draw_accounts};
use super::dice::Dice;
use super::params::{DemandParams, SegmentParams};
use super::state::{AccountIndex, DemandState};
use crate::ids::SegmentId;
use crate::units::Time;

impl<S: Dice> DemandState<S> {
    /// Goes over from the parameters of `base` to those of `fork`, which have as many accounts with as many workloads.
    /// Gives the accounts that will adopt on another day, with that day.
    pub fn adopt(
        &mut self,
        base: &DemandParams,
        fork: &DemandParams,
        mut make_stream: impl FnMut(&str, &str) -> S,
    ) -> Vec<(AccountIndex, Time)> {
        let mut moved = Vec::new();
        let mut respent = false;
        let mut first = 0;
        for (s, (before, after)) in base.segments.iter().zip(&fork.segments).enumerate() {
            if before != after {
                for (i, account) in draw_accounts(SegmentId::new(s), after, &mut make_stream).into_iter().enumerate() {
                    let index = AccountIndex((first + i) as u32);
                    respent |= self.respend(index, &account, after.weight());
                    moved.extend(self.reconsider(index, account));
                }
            }
            first += after.sampled_accounts as usize;
        }
        if base.segments.iter().zip(&fork.segments).any(|(before, after)| before.taste != after.taste) {
            self.chooser.set_tastes(fork.segments.iter().map(|segment| segment.taste.clone()).collect());
        }
        if answers(base) != answers(fork) {
            self.volumes.respond_again(fork);
        }
        if respent {
            self.rebuild();
        }
        moved
    }

    /// Sets what an account spends; whether that is another amount.
    fn respend(&mut self, index: AccountIndex, drawn: &Account, weight: f64) -> bool {
        self.accounts[index.0 as usize].spend_usd_per_year = drawn.spend_usd_per_year;
        let usd_per_year = drawn.spend_usd_per_year * weight;
        let mut other = false;
        for w in self.workloads_of(index) {
            other |= self.workloads[w].usd_per_year != usd_per_year;
            self.workloads[w].usd_per_year = usd_per_year;
        }
        other
    }

    /// Takes over the rest of an account that has not adopted; its day, if that is another.
    fn reconsider(&mut self, index: AccountIndex, drawn: Account) -> Option<(AccountIndex, Time)> {
        let a = index.0 as usize;
        if self.adopted[a] {
            return None;
        }
        for w in self.workloads_of(index) {
            (self.workloads[w].home, self.workloads[w].committed) = (drawn.home, drawn.committed);
        }
        let (before, after) = (self.accounts[a].adopts(), drawn.adopts());
        self.accounts[a] = drawn;
        (before != after).then_some((index, after))
    }
}

/// What volumes answer prices by.
fn answers(params: &DemandParams) -> (Vec<(f64, f64)>, &[f64]) {
    let of = |segment: &SegmentParams| (segment.elasticity, segment.wallet_factor);
    (params.segments.iter().map(of).collect(), &params.reference_price_usd_per_mtok)
}
