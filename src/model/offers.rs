//! What is on offer: releases, availability, and the options that customers choose among.

use super::events::Event;
use super::simulation::Simulation;
use super::state::{ListPrice, Listing, ModelState, OptionFlow, State};
use crate::ids::{ChannelId, CloudId, JurisdictionId, LabId, ModelId};
use crate::market::availability::{self, Bar, Place};
use crate::market::choice::{Offer, OptionIndex, Provider};
use crate::market::contracts::TermRef;
use crate::market::latency::mean_wait_s;
use crate::market::params::ChannelKind;
use crate::market::residency::Jurisdictions;
use crate::market::serving::cost_usd_per_mtok;
use crate::market::terms::{FirstShip, Principal};
use crate::market::tokens::KindPrices;
use crate::supply::params::Class;
use crate::units::{Span, Time};

/// Least change of a quality or latency that customers see; smaller ones would only recompute choices.
const LATENCY_GRAIN_S: f64 = 0.05;

impl Simulation<'_> {
    pub(super) fn on_model_released(&mut self, position: u16) {
        let script = &self.params.models[usize::from(position)];
        let line = &self.params.labs[script.lab.index()].lines[usize::from(script.line)];
        let mut quality = line.class_bonus;
        quality.iter_mut().for_each(|q| *q += script.quality);
        let model = ModelState {
            lab: script.lab,
            line: script.line,
            released: self.now(),
            quality,
            base_quality: script.quality,
            compute_per_token: script.compute_per_token,
            list: ListPrice::Scripted(position),
            open_weights: script.open_weights,
            withdrawn: None,
            gone: false,
            first_ship_waived: false,
        };
        self.release(model);
    }

    /// Brings a model out: its predecessor of the line is withdrawn after the lab's notice, and offers are reviewed.
    pub(super) fn release(&mut self, mut model: ModelState) {
        let now = self.now();
        let clause = availability::first_ship(&self.state.book, now, model.lab);
        model.first_ship_waived = clause.is_some_and(|clause| self.waives(clause));
        let notice = Span::from_days(self.params.labs[model.lab.index()].withdrawal_days);
        let (lab, line) = (model.lab, model.line);
        for old in &mut self.state.models {
            if old.lab == lab && old.line == line && old.withdrawn.is_none() {
                old.withdrawn = Some(now + notice);
            }
        }
        self.state.models.push(model);
        self.state.listing_of.resize(self.state.models.len() * self.params.channels.len(), None);
        self.after(notice, Event::OffersReviewed);
        self.review_offers();
        self.route_products();
        self.review_conditions();
    }

    /// List price of a model now [USD/Mtok].
    pub(super) fn list_price(&self, model: &ModelState) -> f64 {
        match model.list {
            ListPrice::Scripted(position) => self.params.models[usize::from(position)].list_usd_per_mtok.at(self.now()),
            ListPrice::Set(price) | ListPrice::Reviewed(_, price) => price,
        }
    }

    /// What a model's kinds of tokens cost over one another now.
    pub(super) fn kind_prices(&self, model: &ModelState) -> KindPrices {
        let paths = match model.list {
            ListPrice::Scripted(position) | ListPrice::Reviewed(position, _) => {
                &self.params.models[usize::from(position)].kind_prices
            }
            ListPrice::Set(_) => &self.params.tokens.prices,
        };
        paths.at(self.now())
    }

    /// Opens, closes and revises options. An option that opens is a launch; one that closes makes its customers choose.
    pub(super) fn review_offers(&mut self) {
        let now = self.now();
        // What flowed until now is counted before an option closes.
        self.accrue();
        self.begin_porting();
        self.refresh_outside();
        let mut launched: Vec<OptionIndex> = Vec::new();
        let mut closed: Vec<OptionIndex> = Vec::new();
        let mut breadth = vec![0; self.params.channels.len()];
        for model in (0..self.state.models.len()).map(ModelId::new) {
            if self.state.models[model.index()].gone {
                continue;
            }
            for (channel, models) in breadth.iter_mut().enumerate() {
                let open = self.is_open(model, channel, now);
                *models += usize::from(open);
                match (self.find_listing(model, channel), open) {
                    (None, true) => launched.push(self.open_option(model, channel)),
                    (Some(i), _) if self.state.offers[State::option(i)].open != open => {
                        self.state.offers.revise(State::option(i), |offer| offer.open = open);
                        if open { launched.push(State::option(i)) } else { closed.push(State::option(i)) }
                    }
                    _ => {}
                }
            }
            let state = &mut self.state.models[model.index()];
            state.gone = state.withdrawn.is_some_and(|end| end <= now);
        }
        self.state.breadth = breadth;
        self.state.live = self.state.offers.open().iter().map(|option| option.0).collect();
        let left = self.revise_offers();
        let frontier = self.frontier_quality();
        let noticed = |option: &OptionIndex| {
            let model = self.state.listings[option.index()].model;
            self.state.models[model.index()].base_quality >= frontier - self.params.tastes.launch_gap
        };
        launched.retain(noticed);
        if !launched.is_empty() {
            self.state.demand.on_launch(&self.params.demand, &self.state.offers, now, &launched);
        }
        for option in left {
            self.state.demand.on_residency_lost(&self.params.demand, &self.state.offers, now, option);
        }
        for option in closed {
            self.state.flows[option.index()] = OptionFlow::default();
            self.state.demand.on_option_closed(&self.params.demand, &self.state.offers, now, option);
        }
        self.dispatch_due();
    }

    pub(super) fn find_listing(&self, model: ModelId, channel: usize) -> Option<usize> {
        self.state.listing_of[model.index() * self.params.channels.len() + channel].map(usize::from)
    }

    fn open_option(&mut self, model: ModelId, channel: usize) -> OptionIndex {
        let state = &self.state.models[model.index()];
        let lab = state.lab;
        let cloud = self.params.channels[channel].kind.cloud();
        let listing =
            Listing { model, lab, channel: channel as u16, cloud, opened: Some(self.now()), noticed_price: 0.0 };
        self.state.listings.push(listing);
        self.state.flows.push(OptionFlow::default());
        self.state.unbilled.push(OptionFlow::default());
        self.state.month.options.push(OptionFlow::default());
        let i = self.state.listings.len() - 1;
        let place = model.index() * self.params.channels.len() + channel;
        self.state.listing_of[place] = Some(State::option(i).0);
        let offer = self.offer_at(&self.state.listings[i], true);
        self.state.listings[i].noticed_price = offer.price_usd_per_mtok[Class::Chat.index()];
        self.state.offers.push(offer);
        State::option(i)
    }

    /// What a listing looks like to customers today, or would.
    pub(super) fn offer_at(&self, listing: &Listing, open: bool) -> Offer {
        self.offer_behind(listing, open, self.wait_s(listing.lab, listing.cloud))
    }

    /// The same, given the wait for compute [s].
    fn offer_behind(&self, listing: &Listing, open: bool, wait_s: f64) -> Offer {
        let now = self.now();
        let model = &self.state.models[listing.model.index()];
        let channel = &self.params.channels[usize::from(listing.channel)];
        let prices = self.prices_at(listing, model);
        let breadth = self.state.breadth.get(usize::from(listing.channel)).copied().unwrap_or(0);
        let latency = ((channel.latency_excess_s + wait_s) / LATENCY_GRAIN_S).round() * LATENCY_GRAIN_S;
        let closed = self.closed_in(listing.model, usize::from(listing.channel));
        let closed = Jurisdictions::of(closed.into_iter().map(|(place, _)| place));
        Offer {
            model: listing.model,
            lab: listing.lab,
            line: model.line,
            channel: ChannelId::new(usize::from(listing.channel)),
            cloud: listing.cloud,
            quality: model.quality,
            price_usd_per_mtok: prices,
            latency_excess_s: [latency; Class::COUNT],
            governance: channel.governance.at(now),
            support: channel.support.at(now),
            ln_breadth: libm::log(breadth.max(1) as f64),
            certification: channel.certification,
            residency: channel.residency.at(now).without(closed),
            xi: self.xi(listing.lab, usize::from(listing.channel)),
            open,
            sold_out: self.is_sold_out(listing.lab, listing.cloud),
        }
    }

    /// Mean time for which a request waits for the compute behind an option [s].
    fn wait_s(&self, lab: LabId, cloud: Option<CloudId>) -> f64 {
        self.queueing_delay_s(self.busy_of(lab, cloud))
    }

    /// Mean time for which a request waits at a utilisation [s].
    pub(super) fn queueing_delay_s(&self, utilisation: f64) -> f64 {
        let serving = &self.params.serving;
        mean_wait_s(serving.replicas, utilisation, serving.service_seconds, serving.service_scv)
    }

    /// Price of a model at a channel, of the blend that lists are stated for [USD/Mtok].
    ///
    /// Where customers host it themselves they pay for the chip-hours that its tokens keep, `w·c/(R·u)`, times what their
    /// own work adds: w price on demand [USD/H100e-hour], the rest as in [`cost_usd_per_mtok`].
    fn price_at(&self, listing: &Listing, model: &ModelState) -> f64 {
        let channel = &self.params.channels[usize::from(listing.channel)];
        let ChannelKind::SelfHosted(cloud) = channel.kind else {
            return self.list_price(model) * self.price_over_list(listing.lab, usize::from(listing.channel));
        };
        let (now, hour) = (self.now(), self.state.clouds[cloud.index()].price);
        let reference = &self.params.serving.reference_mtok_per_hour;
        let cost = cost_usd_per_mtok(
            hour,
            model.compute_per_token,
            1.0,
            reference,
            self.params.busy_at(listing.channel, now),
            now,
        );
        cost * channel.price_over_list.at(now)
    }

    /// What a million tokens of each class cost at a channel: times what the class's kinds sell for over the list, or take
    /// to serve where customers host the model themselves [USD/Mtok].
    pub(super) fn prices_at(&self, listing: &Listing, model: &ModelState) -> [f64; Class::COUNT] {
        let (price, tokens) = (self.price_at(listing, model), &self.params.tokens);
        let factors = if self.is_self_hosted(listing) {
            tokens.work_by_class(self.now())
        } else {
            tokens.over_list(&self.kind_prices(model))
        };
        factors.map(|factor| price * factor)
    }

    /// Whether customers of a listing run the model themselves, on chip-hours.
    pub(super) fn is_self_hosted(&self, listing: &Listing) -> bool {
        matches!(self.params.channels[usize::from(listing.channel)].kind, ChannelKind::SelfHosted(_))
    }

    /// Jurisdictions in which clauses limited to them keep a model on a channel from those who must keep their data there.
    pub(super) fn closed_in(&self, model: ModelId, channel: usize) -> Vec<(JurisdictionId, TermRef)> {
        let state = &self.state.models[model.index()];
        let cloud = self.params.channels[channel].kind.cloud();
        let model = (state.lab, state.line, state.open_weights);
        availability::closed_in(&self.state.book, self.now(), model, (ChannelId::new(channel), cloud))
    }

    /// Whether a platform, or a lab's own interface, takes no new customers: last month it served too little of what it was
    /// asked for.
    ///
    /// `u > u*`: u share of the month's tokens not served [1] · u* the limit ([`sold_out_above`]) [1]. MODEL §5; the measure assumed.
    ///
    /// [`sold_out_above`]: crate::market::params::Serving::sold_out_above
    fn is_sold_out(&self, lab: LabId, cloud: Option<CloudId>) -> bool {
        let throttled = match cloud {
            Some(cloud) => self.state.clouds[cloud.index()].throttled,
            None => self.state.labs[lab.index()].throttled,
        };
        self.params.serving.sold_out_above.is_some_and(|limit| throttled > limit)
    }

    /// Utilisation that tokens see behind an option: on the platform's cloud, or on the lab's clouds weighted by its use.
    fn busy_of(&self, lab: LabId, cloud: Option<CloudId>) -> f64 {
        if let Some(cloud) = cloud {
            return self.state.clouds[cloud.index()].token_utilisation;
        }
        let at = |cloud: CloudId| self.placement(lab, cloud) * self.state.clouds[cloud.index()].token_utilisation;
        self.cloud_ids().map(at).sum()
    }

    fn xi(&self, lab: LabId, channel: usize) -> f64 {
        let offset: f64 = self
            .params
            .tastes
            .offsets
            .iter()
            .filter(|o| o.lab == lab && usize::from(o.channel) == channel)
            .map(|o| o.nats)
            .sum();
        offset + self.state.shocks[lab.index() * self.params.channels.len() + channel].0
    }

    /// Brings prices, latency, breadth, residency and worth of every open option up to date; options that some can choose
    /// no more, with the jurisdictions that they must keep their data in.
    fn revise_offers(&mut self) -> Vec<(OptionIndex, Jurisdictions)> {
        let mut left = Vec::new();
        let clouds = self.params.clouds.len();
        let mut waits: Vec<Option<f64>> = vec![None; clouds + self.params.labs.len()];
        for i in self.live() {
            let (option, listing) = (State::option(i), &self.state.listings[i]);
            let provider = listing.cloud.map_or(Provider::OwnApi(listing.lab), Provider::Cloud).place(clouds);
            let wait_s = *waits[provider].get_or_insert_with(|| self.wait_s(listing.lab, listing.cloud));
            let fresh = self.offer_behind(listing, true, wait_s);
            let before = &self.state.offers[option];
            if *before != fresh {
                let lost = before.residency.without(fresh.residency);
                if !lost.is_empty() {
                    left.push((option, lost));
                }
                self.state.offers.revise(option, |offer| *offer = fresh);
            }
        }
        left
    }

    fn is_open(&self, model: ModelId, channel: usize, now: Time) -> bool {
        self.may_open(model, channel, now).is_some_and(|answer| answer.is_ok())
    }

    /// Whether a model may be sold on a channel, or what bars it; none where nobody asks: a channel that is not open yet,
    /// a model that is withdrawn, another lab's own API, or
    /// weights that nobody else has.
    pub(super) fn may_open(&self, model: ModelId, channel: usize, now: Time) -> Option<Result<(), Bar>> {
        let state = &self.state.models[model.index()];
        let place = &self.params.channels[channel];
        if place.opens > now || state.withdrawn.is_some_and(|end| end <= now) {
            return None;
        }
        let (kind, ported_at) = match place.kind {
            ChannelKind::Api(lab) if lab != state.lab => return None,
            ChannelKind::Api(lab) => (Place::LabApi(lab), Some(state.released)),
            ChannelKind::SelfHosted(_) if !state.open_weights => return None,
            ChannelKind::Platform(cloud) | ChannelKind::SelfHosted(cloud) => {
                let operator = self.params.supply.clouds[cloud.index()].party;
                let runs = self.state.labs[state.lab.index()].at[cloud.index()].stacks;
                let ported = self.state.clouds[cloud.index()].fleet.stacks().meets(runs);
                (Place::Platform { cloud, operator }, ported.then_some(state.released))
            }
        };
        let clause = availability::first_ship(&self.state.book, now, state.lab);
        let holder = clause.map(|clause| clause.holder);
        let holder_opened =
            holder.and_then(|h| self.find_listing(model, h.index())).and_then(|i| self.state.listings[i].opened);
        let listing = availability::Listing {
            lab: state.lab,
            line: state.line,
            lab_party: self.params.labs[state.lab.index()].party,
            released: state.released,
            open_weights: state.open_weights,
            channel: ChannelId::new(channel),
            place: kind,
            ported_at,
            holder_opened,
            holder_can: holder.is_some() && !state.first_ship_waived,
        };
        Some(availability::may_sell(&self.state.book, now, &listing))
    }

    /// Whether the holder of a first-ship clause has no room for one more model.
    fn waives(&self, clause: &FirstShip) -> bool {
        let holder = self.params.channels[clause.holder.index()].kind.platform();
        holder.is_some_and(|cloud| !clause.holder_can(self.state.clouds[cloud.index()].utilisation))
    }

    /// Price of a model on a channel over the list price [1]: the channel's premium, unless the lab sets the price.
    fn price_over_list(&self, lab: LabId, channel: usize) -> f64 {
        let now = self.now();
        let at = ChannelId::new(channel);
        match availability::distribution(&self.state.book, now, lab, at) {
            Some((_, deal)) if deal.price == Principal::Lab => 1.0,
            _ => self.params.channels[channel].price_over_list.at(now),
        }
    }

    /// The outside option follows the frontier with a lag.
    fn refresh_outside(&mut self) {
        let lag = (self.params.tastes.outside_lag_years * 12.0).round() as usize;
        let months = self.state.frontier.len();
        let Some(lagged) = self.state.frontier.get(months.saturating_sub(1 + lag)).copied() else { return };
        self.state.offers.set_outside_quality([lagged; Class::COUNT]);
    }

    /// Options that are open, in the order of the offers.
    pub(super) fn live(&self) -> impl Iterator<Item = usize> + use<> {
        self.state.live.clone().into_iter().map(usize::from)
    }

    /// Highest quality that is out.
    pub(super) fn frontier_quality(&self) -> f64 {
        self.state.models.iter().map(|m| m.base_quality).fold(0.0, f64::max)
    }
}
