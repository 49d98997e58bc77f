//! Products during a run: users, which lab's models serve which of their tokens, the bill, and what is observed.

use super::observe::{Sheet, share};
use super::simulation::Simulation;
use super::state::{Listing, ModelState, PartFlow, ProductPart, ProductState};
use crate::accounts::Flow;
use crate::ids::{ChannelId, CloudId, LabId, ModelId};
use crate::market::availability::{self, Bar, Builder, Ground};
use crate::market::demand::brokering::{Candidate, fee_usd_per_mtok, split, told_part};
use crate::market::params::{ChannelKind, ServedBy};
use crate::market::serving::{cost_usd_per_mtok, h100e_of_tokens};
use crate::market::terms::{Base, Buyer, Distribution, Principal};
use crate::supply::params::Class;
use crate::units::{Time, Usd};
use std::collections::BTreeSet;

impl Simulation<'_> {
    /// Users of the products over a month, drawn by the quality of what each may route to.
    pub(super) fn advance_audiences(&mut self) {
        let now = self.now();
        let quality: Vec<f64> = self.route_products();
        let months = if now.0 == 0 { 0.0 } else { 1.0 };
        self.state.audiences.advance(
            &self.params.product_rules,
            &quality,
            self.params.serving.product_quality_pull,
            months,
        );
        for (p, product) in self.params.products.iter().enumerate() {
            let users = self.state.audiences.users_m()[p];
            let years = now.years();
            let state = &mut self.state.products[p];
            if now < product.launched {
                continue;
            }
            let rules = &self.params.product_rules[p];
            let mtok_per_hour = rules.mtok_per_month(users, years) * 12.0 / 8_766.0;
            state.asked = rules.class_mix.map(|share| share * mtok_per_hour);
            state.revenue_per_hour = rules.revenue_usd_per_month(users, years) * 12.0 / 8_766.0;
        }
    }

    /// Divides each product's tokens over the labs whose models it may use today; returns the best chat quality that each
    /// may route to, 0 without any. A product that may use no model asks for nothing.
    pub(super) fn route_products(&mut self) -> Vec<f64> {
        let route = |p: usize| {
            let candidates = self.candidates(p);
            let weight = self.params.products[p].cost_weight.as_ref().map(|weight| weight.at(self.now()));
            let shares = split(&candidates, weight.unwrap_or(self.params.serving.routing_cost_weight));
            (candidates, shares)
        };
        let routes: Vec<_> = (0..self.params.products.len()).map(route).collect();
        let mut best = Vec::with_capacity(routes.len());
        for (state, (candidates, shares)) in self.state.products.iter_mut().zip(&routes) {
            state.route(candidates, shares);
            let chat = candidates.iter().map(|candidate| candidate.quality[Class::Chat.index()]);
            best.push(chat.fold(0.0, f64::max));
        }
        best
    }

    /// The models that a product may use today, with what a token of each costs it.
    fn candidates(&self, p: usize) -> Vec<Candidate> {
        let product = &self.params.products[p];
        let clouds: Vec<CloudId> =
            self.cloud_ids().filter(|cloud| self.params.supply.clouds[cloud.index()].party == product.party).collect();
        let of_owner = |kind: ChannelKind| kind.platform().is_some_and(|cloud| clouds.contains(&cloud));
        let channels = self.params.channels.iter().enumerate().filter(|(_, channel)| of_owner(channel.kind));
        let channels: Vec<ChannelId> = channels.map(|(at, _)| ChannelId::new(at)).collect();
        let builder = Builder { party: product.party, clouds: &clouds, channels: &channels };
        let lines = product.candidates.iter().filter(|line| line.from <= self.now());
        let current = lines.filter_map(|line| self.current_model_id(line.lab, line.line));
        current.filter_map(|model| self.candidate(p, model, builder)).collect()
    }

    /// A model that a product may use, unless it may not.
    fn candidate(&self, p: usize, id: ModelId, builder: Builder) -> Option<Candidate> {
        let model = &self.state.models[id.index()];
        let fee = match self.ground(model, builder).ok()? {
            Ground::Free | Ground::Licence => None,
            Ground::Distribution => self.lowest_fee(p, id, builder.channels),
        };
        Some(Candidate {
            lab: model.lab,
            quality: model.quality,
            compute_per_token: model.compute_per_token,
            compute_usd_per_mtok: self.product_compute_cost(p, model.compute_per_token),
            fee_usd_per_mtok: fee.map_or([0.0; Class::COUNT], |(_, fee, _)| fee),
            channel: fee.map(|(channel, ..)| channel),
            lab_pays_compute: fee.is_some_and(|(.., capacity)| capacity == Principal::Lab),
        })
    }

    /// On what ground a party may build on a model today.
    fn ground(&self, model: &ModelState, builder: Builder) -> Result<Ground, Bar> {
        let of_lab = (self.params.labs[model.lab.index()].party, model.open_weights);
        availability::may_build_on(&self.state.book, self.now(), builder, (model.lab, model.line), of_lab)
    }

    /// The latest model of a line.
    fn current_model_id(&self, lab: LabId, line: u16) -> Option<ModelId> {
        let current = |m: &ModelState| m.lab == lab && m.line == line && m.withdrawn.is_none();
        self.state.models.iter().rposition(current).map(ModelId::new)
    }

    /// The channel of a product's owner on which a model bears the lowest fee for the product's mix of tokens, the fee by
    /// class, and who pays for the compute.
    fn lowest_fee(
        &self,
        p: usize,
        model: ModelId,
        channels: &[ChannelId],
    ) -> Option<(u16, [f64; Class::COUNT], Principal)> {
        let lab = self.state.models[model.index()].lab;
        let mix = &self.params.product_rules[p].class_mix;
        let on_channel = |channel: &ChannelId| {
            let (_, deal) = availability::distribution(&self.state.book, self.now(), lab, *channel)?;
            let fee = fee_usd_per_mtok(deal.remit_share, self.price_on(model, channel.index()));
            let mean: f64 = fee.iter().zip(mix).map(|(fee, share)| fee * share).sum();
            Some((mean, (channel.0, fee, deal.capacity)))
        };
        let fees = channels.iter().filter_map(on_channel);
        fees.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, fee)| fee)
    }

    /// What an outside customer pays for a model on a channel today, by class, whether it is on sale there or not yet
    /// [USD/Mtok].
    fn price_on(&self, model: ModelId, channel: usize) -> [f64; Class::COUNT] {
        let cloud = self.params.channels[channel].kind.cloud();
        let lab = self.state.models[model.index()].lab;
        let listing = Listing { model, lab, channel: channel as u16, cloud, opened: None, noticed_price: 0.0 };
        self.prices_at(&listing, &self.state.models[model.index()])
    }

    /// What the compute for a million tokens costs a product where it runs [USD/Mtok].
    fn product_compute_cost(&self, p: usize, compute_per_token: f64) -> f64 {
        match self.params.products[p].served_by {
            ServedBy::Lab(lab) => self.token_cost(lab, compute_per_token),
            ServedBy::Cloud(cloud) => {
                let now = self.now();
                let levelised = self.state.clouds[cloud.index()].levelised_cost;
                let serving = &self.params.serving;
                let busy = serving.platform_busy_share.at(now);
                cost_usd_per_mtok(levelised, compute_per_token, 1.0, &serving.reference_mtok_per_hour, busy, now)
            }
        }
    }

    /// Served shares of a dispatch, by product and lab on the owners' clouds, and the tokens of each place.
    pub(super) fn serve_products(&mut self, on_cloud: &[[f64; Class::COUNT]]) {
        let labs = self.params.labs.len();
        for (p, product) in self.params.products.iter().enumerate() {
            for (l, part) in self.state.products[p].parts.iter_mut().enumerate().filter(|(_, part)| part.used) {
                part.served_share = match product.served_by {
                    ServedBy::Lab(lab) => self.state.labs[lab.index()].served_share,
                    ServedBy::Cloud(_) => on_cloud[p * labs + l],
                };
            }
            let (asked, served) = (self.state.products[p].asked_now(), self.state.products[p].served());
            let balance = self.balance_mut(self.place_of_product(p));
            balance.asked += asked;
            balance.served += served;
        }
    }

    /// What flowed through the products since the last dispatch: tokens by the lab that served them, fees, revenue.
    pub(super) fn accrue_products(&mut self, hours: f64) {
        for (p, product) in self.params.products.iter().enumerate() {
            let state = &mut self.state.products[p];
            let asked = hours * state.asked_now();
            let served = hours * state.accrue(hours);
            self.state.month.products[p].0 += asked;
            self.state.month.products[p].1 += served;
            match product.served_by {
                ServedBy::Lab(lab) => self.state.labs[lab.index()].own_mtok += served,
                ServedBy::Cloud(cloud) => self.state.clouds[cloud.index()].fleet_mtok += served,
            }
        }
    }

    /// Posts what a product's users paid, once, to its party, and what its party owes the labs for tokens of their models.
    pub(super) fn bill_product(&mut self, p: usize, when: Time) {
        let product = &self.params.products[p];
        let revenue = std::mem::take(&mut self.state.products[p].unbilled);
        let amount = Usd::from_dollars(revenue).round_to(Usd::CENT);
        let lab = product.lab;
        self.pay(self.params.externals.households, product.party, amount, Flow::Subscriptions);
        if product.served_by == ServedBy::Lab(lab) {
            self.book_revenue(Base::AllRevenue(lab), amount, when);
        }
        let fees: f64 = self.state.products[p].parts.iter().map(|part| part.unbilled.fee_usd).sum();
        let told = told_part(revenue, fees);
        self.state.labs[lab.index()].month_revenue += (revenue - told * fees).max(0.0);
        for of in (0..self.params.labs.len()).map(LabId::new) {
            let flow = std::mem::take(&mut self.state.products[p].parts[of.index()].unbilled);
            if flow.fee_usd > 0.0 {
                self.state.labs[of.index()].month_revenue += told * flow.fee_usd;
                self.pay_fee(p, of, flow, told, when);
            }
        }
    }

    /// Posts a product's fee to a lab under the clause that lists the lab, and the lab's compute if it pays for it.
    fn pay_fee(&mut self, p: usize, lab: LabId, flow: PartFlow, told: f64, when: Time) {
        let amount = Usd::from_dollars(flow.fee_usd).round_to(Usd::CENT);
        let (payer, payee) = (self.params.products[p].party, self.params.labs[lab.index()].party);
        let channel = self.state.products[p].parts[lab.index()].channel;
        let deal = channel.and_then(|channel| self.deal_on(lab, channel, when));
        match &deal {
            Some((clause, _)) => self.pay_under(*clause, payer, payee, amount, Flow::ModelFees),
            None => self.pay(payer, payee, amount, Flow::ModelFees),
        }
        self.book_revenue(Base::AllRevenue(lab), amount, when);
        let ServedBy::Cloud(cloud) = self.params.products[p].served_by else { return };
        self.state.labs[lab.index()].month_by_cloud[cloud.index()] += told * flow.fee_usd;
        if deal.is_some_and(|(_, deal)| deal.capacity == Principal::Lab) {
            let (reference, busy) = self.platform_rate();
            let hours = h100e_of_tokens(flow.owed_by_lab_mtok, 1.0, 1.0, reference, busy);
            let buyer = Buyer::Lab(lab);
            let price = Usd::from_dollars(hours * self.price_to(buyer, cloud)).round_to(Usd::CENT);
            self.pay_for_hours((buyer, cloud), price, Usd::ZERO, when);
        }
    }

    fn deal_on(
        &self,
        lab: LabId,
        channel: u16,
        when: Time,
    ) -> Option<(crate::market::contracts::TermRef, Distribution)> {
        let channel = ChannelId::new(usize::from(channel));
        let deal = availability::distribution(&self.state.book, when, lab, channel);
        deal.map(|(clause, deal)| (clause, deal.clone()))
    }

    /// Tokens of the reference model per busy H100-hour [Mtok/h], and the busy share behind a platform's tokens [1].
    fn platform_rate(&self) -> (f64, f64) {
        let (serving, now) = (&self.params.serving, self.now());
        (serving.reference_mtok_per_hour.at(now), serving.platform_busy_share.at(now))
    }

    pub(super) fn observe_products(&self, sheet: &mut Sheet) {
        for (p, product) in self.params.products.iter().enumerate() {
            let (id, state) = (&self.params.product_rules[p].id, &self.state.products[p]);
            let users = if product.launched <= self.now() { self.state.audiences.users_m()[p] } else { 0.0 };
            sheet.put("users_m", id, users);
            let (revenue, cost) = (state.month_revenue, self.product_cost(p));
            let served = self.state.month.products[p].1;
            sheet.put("product_revenue_usd", id, revenue);
            sheet.put("product_cost_usd_per_mtok", id, share(cost, served));
            sheet.put("product_gross_margin", id, share(revenue - cost, revenue));
            let labs: BTreeSet<LabId> = product.candidates.iter().map(|line| line.lab).collect();
            for lab in &labs {
                let (month, whose) = (state.parts[lab.index()].month, &self.params.labs[lab.index()]);
                sheet.put_pair("product_tokens_mtok", id, &whose.id, month.mtok);
                if labs.len() > 1 {
                    sheet.put_pair("product_share_tokens", id, &whose.id, share(month.mtok, served));
                }
                if whose.party != product.party {
                    sheet.put_pair("model_fees_usd", id, &whose.id, month.fee_usd);
                }
            }
        }
    }

    /// What a product's tokens of the month cost: compute at its levelised cost where they ran, and fees [USD].
    fn product_cost(&self, p: usize) -> f64 {
        let paid = |part: &ProductPart| part.month.reference_mtok - part.month.owed_by_lab_mtok;
        let parts = &self.state.products[p].parts;
        let reference_mtok: f64 = parts.iter().map(paid).sum();
        let fees: f64 = parts.iter().map(|part| part.month.fee_usd).sum();
        reference_mtok * self.product_compute_cost(p, 1.0) + fees
    }
}

impl ProductState {
    /// A product that nobody uses yet.
    pub(super) fn new(labs: usize) -> Self {
        Self {
            revenue_per_hour: 0.0,
            unbilled: 0.0,
            month_revenue: 0.0,
            asked: [0.0; Class::COUNT],
            parts: vec![ProductPart::default(); labs],
        }
    }

    /// Takes the shares of the candidates over, lab by lab: the lines of a lab run on the same stacks and under the same
    /// terms, so that what becomes of their tokens is one and the same.
    fn route(&mut self, candidates: &[Candidate], shares: &[[f64; Class::COUNT]]) {
        for part in &mut self.parts {
            let ProductPart { unbilled, month, served_share, channel, .. } = *part;
            // What is still to be billed is billed under the terms of the channel that it was served under.
            *part = ProductPart { unbilled, month, served_share, channel, ..ProductPart::default() };
        }
        for (candidate, share) in candidates.iter().zip(shares) {
            let part = &mut self.parts[candidate.lab.index()];
            part.channel = candidate.channel.or(part.channel);
            part.used = true;
            for (class, share) in share.iter().enumerate() {
                let compute = share * candidate.compute_per_token;
                part.share[class] += share;
                part.compute[class] += compute;
                part.owed_by_lab[class] += if candidate.lab_pays_compute { compute } else { 0.0 };
                part.fee_usd[class] += share * candidate.fee_usd_per_mtok[class];
            }
        }
    }

    fn used(&self) -> impl Iterator<Item = &ProductPart> {
        self.parts.iter().filter(|part| part.used)
    }

    /// Tokens of the reference model that take the compute that is asked for now, by class [Mtok/h].
    pub(super) fn reference_mtok_by_class(&self) -> [f64; Class::COUNT] {
        let mut mtok = [0.0; Class::COUNT];
        for part in self.used() {
            for (class, mtok) in mtok.iter_mut().enumerate() {
                *mtok += self.asked[class] * part.compute[class];
            }
        }
        mtok
    }

    /// The same over all classes [Mtok/h].
    pub(super) fn reference_mtok(&self) -> f64 {
        self.reference_mtok_by_class().iter().sum()
    }

    /// Tokens asked for now [Mtok/h]: none where there is no model to ask.
    fn asked_now(&self) -> f64 {
        if self.used().next().is_some() { self.asked.iter().sum() } else { 0.0 }
    }

    /// Tokens served now, by class [Mtok/h].
    fn served_by_class(&self) -> [f64; Class::COUNT] {
        let mut served = [0.0; Class::COUNT];
        for part in self.used() {
            for (class, served) in served.iter_mut().enumerate() {
                *served += self.asked[class] * part.share[class] * part.served_share[class].min(1.0);
            }
        }
        served
    }

    /// Tokens served now [Mtok/h].
    pub(super) fn served(&self) -> f64 {
        self.served_by_class().iter().sum()
    }

    /// Tokens asked for and not served now, by class [Mtok/h].
    pub(super) fn unserved_by_class(&self) -> [f64; Class::COUNT] {
        if self.used().next().is_none() {
            return [0.0; Class::COUNT];
        }
        let served = self.served_by_class();
        // Shares add up to 1 but for rounding.
        std::array::from_fn(|class| (self.asked[class] - served[class]).max(0.0))
    }

    /// Adds what flowed in so many hours to the bill and the month; returns the tokens served [Mtok/h].
    fn accrue(&mut self, hours: f64) -> f64 {
        self.unbilled += hours * self.revenue_per_hour;
        self.month_revenue += hours * self.revenue_per_hour;
        let served = self.served();
        let asked = self.asked;
        for part in self.parts.iter_mut().filter(|part| part.used) {
            let served: [f64; Class::COUNT] =
                std::array::from_fn(|class| hours * asked[class] * part.served_share[class].min(1.0));
            let of = |per_token: &[f64; Class::COUNT]| served.iter().zip(per_token).map(|(s, x)| s * x).sum::<f64>();
            let flow = PartFlow {
                mtok: of(&part.share),
                reference_mtok: of(&part.compute),
                owed_by_lab_mtok: of(&part.owed_by_lab),
                fee_usd: of(&part.fee_usd),
            };
            part.unbilled.add(&flow);
            part.month.add(&flow);
        }
        served
    }
}

impl PartFlow {
    fn add(&mut self, other: &Self) {
        self.mtok += other.mtok;
        self.reference_mtok += other.reference_mtok;
        self.owed_by_lab_mtok += other.owed_by_lab_mtok;
        self.fee_usd += other.fee_usd;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAT: usize = Class::Chat as usize;
    const CODING: usize = Class::Coding as usize;

    fn candidate(lab: u16, compute_per_token: f64, fee: f64, lab_pays_compute: bool) -> Candidate {
        Candidate {
            lab: LabId(lab),
            quality: [1.0; Class::COUNT],
            compute_per_token,
            compute_usd_per_mtok: 1.0,
            fee_usd_per_mtok: [fee; Class::COUNT],
            channel: (fee > 0.0).then_some(3),
            lab_pays_compute,
        }
    }

    fn shares(chat: f64, coding: f64) -> [f64; Class::COUNT] {
        let mut shares = [0.0; Class::COUNT];
        (shares[CHAT], shares[CODING]) = (chat, coding);
        shares
    }

    /// 100 Mtok/h of chat and 40 of coding. Lab 2 has a quarter of the chat on a line of compute 4 and half of the coding on
    /// one of compute 1, at 2 USD a Mtok each and its own compute; lab 0 has the rest, free, at a compute of 2. Half of lab
    /// 2's chat is served: 12.5 + 20 at lab 2, 75 + 20 at lab 0; 12.5 of chat are not.
    #[test]
    fn each_lab_s_part_is_served_and_paid_by_itself() {
        let mut product = ProductState::new(3);
        assert_eq!((product.asked_now(), product.served()), (0.0, 0.0));
        product.asked = shares(100.0, 40.0);
        assert_eq!(product.asked_now(), 0.0, "there is no model to ask");
        let candidates = [candidate(0, 2.0, 0.0, false), candidate(2, 4.0, 2.0, true), candidate(2, 1.0, 2.0, true)];
        product.route(&candidates, &[shares(0.75, 0.5), shares(0.25, 0.0), shares(0.0, 0.5)]);
        product.parts[0].served_share = [1.0; Class::COUNT];
        product.parts[2].served_share = [1.0; Class::COUNT];
        product.parts[2].served_share[CHAT] = 0.5;
        // 2·0.75·100 + 4·0.25·100 of chat, 2·0.5·40 + 1·0.5·40 of coding.
        assert_eq!(product.reference_mtok_by_class(), shares(250.0, 60.0));
        assert_eq!((product.asked_now(), product.served()), (140.0, 127.5));
        assert_eq!(product.unserved_by_class(), shares(12.5, 0.0));
        product.accrue(2.0);
        let of_2 = PartFlow { mtok: 65.0, reference_mtok: 140.0, owed_by_lab_mtok: 140.0, fee_usd: 130.0 };
        let of_0 = PartFlow { mtok: 190.0, reference_mtok: 380.0, owed_by_lab_mtok: 0.0, fee_usd: 0.0 };
        assert_eq!((product.parts[2].unbilled, product.parts[0].month), (of_2, of_0));
        assert_eq!(product.parts[1], ProductPart::default());
    }

    /// What was served before a model is lost is still billed, on the terms that it was served on.
    #[test]
    fn a_bill_outlives_the_route() {
        let mut product = ProductState::new(1);
        product.asked = shares(10.0, 0.0);
        product.route(&[candidate(0, 1.0, 2.0, false)], &[shares(1.0, 1.0)]);
        product.parts[0].served_share = [1.0; Class::COUNT];
        product.accrue(1.0);
        product.route(&[], &[]);
        product.accrue(1.0);
        let part = &product.parts[0];
        assert_eq!((part.used, part.unbilled.fee_usd, part.channel), (false, 20.0, Some(3)));
    }
}
