//! Channels, as they are observed: what was sold through each, and how long its customers wait.

use super::observe::{Sheet, share};
use super::simulation::Simulation;
use super::state::State;
use crate::supply::params::Class;

/// What went through a channel in a month.
#[derive(Clone, Copy, Default)]
struct Sold {
    usd: f64,
    mtok: f64,
    /// Tokens that are still on sale, and the same times their latency over target [Mtok, Mtok·s].
    on_sale_mtok: f64,
    mtok_s: f64,
}

impl Simulation<'_> {
    pub(super) fn observe_channels(&self, sheet: &mut Sheet) {
        let sold = self.sold_by_channel();
        let usd: f64 = sold.iter().map(|channel| channel.usd).sum();
        let mtok: f64 = sold.iter().map(|channel| channel.mtok).sum();
        for ((channel, sold), state) in self.params.channels.iter().zip(&sold).zip(&self.state.channels) {
            let id = &channel.id;
            sheet.put("channel_down_hours", id, state.month_hours);
            sheet.put("share_revenue_channel", id, share(sold.usd, usd));
            sheet.put("share_tokens_channel", id, share(sold.mtok, mtok));
            sheet.put("revenue_channel_usd", id, sold.usd);
            sheet.put("tokens_channel_mtok", id, sold.mtok);
            sheet.put("latency_over_target_s", id, share(sold.mtok_s, sold.on_sale_mtok));
        }
    }

    fn sold_by_channel(&self) -> Vec<Sold> {
        let mut sold = vec![Sold::default(); self.params.channels.len()];
        for (i, (listing, month)) in self.state.listings.iter().zip(&self.state.month.options).enumerate() {
            let of = &mut sold[usize::from(listing.channel)];
            of.usd += month.spend;
            of.mtok += month.served;
            let offer = &self.state.offers[State::option(i)];
            if offer.open {
                of.on_sale_mtok += month.served;
                of.mtok_s += month.served * offer.latency_excess_s[Class::Chat.index()];
            }
        }
        sold
    }
}
