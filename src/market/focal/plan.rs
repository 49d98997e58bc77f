//! What each workload runs on: decided at renewals, by what the options are worth.
//!
//! An option may be chosen that is open, meets the customer's needs ([`Taste::admits`](crate::market::choice::Taste)) and is
//! not sold out, unless the workload is with its provider already.
//! The best is the one with the highest `V − switching cost`, V as in [`Customer::worth`] and the cost that of leaving what
//! the workload runs on, with the tenure there and the factor that regulators have brought; between equals the option that
//! was listed first. Nothing is drawn.
//!
//! | strategy | first | second |
//! |---|---|---|
//! | single cloud | best on the home cloud's platform | – |
//! | primary with fallback | best on the home cloud's platform | best with the fallback provider |
//! | multi-cloud | best anywhere | best with another provider; the load is split in halves |
//! | placement by workload | best anywhere | – |
//!
//! *Which provider is the fallback?* One for all workloads: the one that has an option for most of the tokens, of those the
//! one with the highest worth by tokens. It is there to take over, so that of its options a model that the first leg runs
//! already is worth the cost of changing models more.
//!
//! Limits: what a further provider costs does not weigh in the choice, and nobody looks ahead.

use super::{Customer, Strategy, Workload};
use crate::market::choice::{Offers, OptionIndex, Provider, Taste, half_years};
use crate::supply::params::Class;
use crate::units::Time;
use serde::{Deserialize, Serialize};

/// An option in use.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Leg {
    /// Which.
    pub option: OptionIndex,
    /// Since when the workload is with its provider.
    pub since: Time,
}

/// What a workload runs on; on nothing while no option meets its needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Where it runs, or half of it.
    pub first: Option<Leg>,
    /// What takes over, or runs the other half.
    pub second: Option<Leg>,
    /// Whether the load is split in halves.
    pub split: bool,
}

impl Plan {
    /// Its legs.
    pub fn legs(&self) -> impl Iterator<Item = Leg> {
        [self.first, self.second].into_iter().flatten()
    }

    /// Share of the load that is asked of the first leg before anything fails [1].
    pub fn first_share(&self) -> f64 {
        if self.split { 0.5 } else { 1.0 }
    }
}

/// The market at a decision.
#[derive(Clone, Copy, Debug)]
pub struct Market<'a> {
    /// Options.
    pub offers: &'a Offers,
    /// Factor on switching costs.
    pub switching: f64,
    /// When.
    pub now: Time,
}

/// Decides where all workloads run from now on, given where each runs.
pub fn decide(customer: &Customer, strategy: Strategy, market: Market, before: &[Plan]) -> Vec<Plan> {
    let decision = Decision::new(customer, market);
    let fallback = decision.fallback(strategy, before);
    let plan = |(workload, before): (&Workload, &Plan)| decision.plan(strategy, workload, before, fallback);
    customer.workloads.iter().zip(before).map(plan).collect()
}

/// Decides anew for those legs alone that cannot go on as they are; whether there were any. The fallback provider stays the
/// same as long as another workload falls back on it.
pub fn repair(customer: &Customer, strategy: Strategy, market: Market, plans: &mut [Plan]) -> bool {
    let fallen: Vec<bool> = customer
        .workloads
        .iter()
        .zip(plans.iter())
        .map(|(workload, plan)| !stands(customer, market.offers, workload.class, plan))
        .collect();
    if !fallen.contains(&true) {
        return false;
    }
    let decision = Decision::new(customer, market);
    let standing = plans.iter().zip(&fallen).filter(|(_, fallen)| !**fallen);
    let kept = standing.filter_map(|(plan, _)| plan.second).map(|leg| decision.provider(leg)).next();
    let fallback = kept.or_else(|| decision.fallback(strategy, plans));
    for ((workload, plan), _) in customer.workloads.iter().zip(plans).zip(&fallen).filter(|(_, fallen)| **fallen) {
        *plan = decision.mended(strategy, workload, plan, fallback);
    }
    true
}

/// Whether a plan can go on as it is: each leg may still be chosen.
pub fn stands(customer: &Customer, offers: &Offers, class: Class, plan: &Plan) -> bool {
    plan.first.is_some() && plan.legs().all(|leg| customer.taste.admits(&offers[leg.option], class))
}

/// Providers in use beside the home cloud.
pub fn further_providers(customer: &Customer, offers: &Offers, plans: &[Plan]) -> usize {
    let mut providers: Vec<Provider> = Vec::new();
    for leg in plans.iter().flat_map(Plan::legs) {
        let provider = offers[leg.option].provider();
        if provider != Provider::Cloud(customer.home) && !providers.contains(&provider) {
            providers.push(provider);
        }
    }
    providers.len()
}

struct Decision<'a> {
    customer: &'a Customer,
    market: Market<'a>,
    /// With switching costs as they are now.
    taste: Taste,
}

impl<'a> Decision<'a> {
    fn new(customer: &'a Customer, market: Market<'a>) -> Self {
        Self { customer, market, taste: customer.taste.with_switching(market.switching) }
    }

    fn plan(&self, strategy: Strategy, workload: &Workload, before: &Plan, fallback: Option<Provider>) -> Plan {
        let home = Provider::Cloud(self.customer.home);
        let at_home = |provider| provider == home;
        match strategy {
            Strategy::SingleCloud => Plan { first: self.best(workload, before.first, at_home), ..Plan::default() },
            Strategy::PrimaryWithFallback => {
                let first = self.best(workload, before.first, at_home);
                let second = fallback.and_then(|provider| self.stand_in(workload, first, before.second, provider));
                Plan { first, second, split: false }
            }
            Strategy::MultiCloud => {
                let first = self.best(workload, before.first, |_| true);
                let taken = first.map(|leg| self.provider(leg));
                let second = self.best(workload, before.second, |provider| Some(provider) != taken);
                Plan { first, second, split: second.is_some() }
            }
            Strategy::PlacementByWorkload => {
                Plan { first: self.best(workload, before.first, |_| true), ..Plan::default() }
            }
        }
    }

    /// A plan of which a leg has fallen: what stands goes on.
    fn mended(&self, strategy: Strategy, workload: &Workload, before: &Plan, fallback: Option<Provider>) -> Plan {
        let standing =
            |leg: Option<Leg>| leg.filter(|leg| self.taste.admits(&self.market.offers[leg.option], workload.class));
        let (first, second) = (standing(before.first), standing(before.second));
        let apart_from = |leg: Leg| move |provider| provider != self.provider(leg);
        match (strategy, first, second) {
            (Strategy::PrimaryWithFallback, Some(_), _) => {
                let stand_in = |provider| self.stand_in(workload, first, before.second, provider);
                Plan { first, second: second.or_else(|| fallback.and_then(stand_in)), split: false }
            }
            (Strategy::PrimaryWithFallback, None, Some(_)) => {
                let home = Provider::Cloud(self.customer.home);
                Plan { first: self.best(workload, before.first, |provider| provider == home), second, split: false }
            }
            (Strategy::MultiCloud, Some(stays), None) => {
                let second = self.best(workload, before.second, apart_from(stays));
                Plan { first, second, split: second.is_some() }
            }
            (Strategy::MultiCloud, None, Some(stays)) => match self.best(workload, before.first, apart_from(stays)) {
                Some(found) => Plan { first: Some(found), second, split: true },
                None => Plan { first: second, ..Plan::default() },
            },
            _ => self.plan(strategy, workload, before, fallback),
        }
    }

    fn provider(&self, leg: Leg) -> Provider {
        self.market.offers[leg.option].provider()
    }

    /// Worth less the cost of leaving `current` [nats].
    fn value(&self, option: OptionIndex, workload: &Workload, current: Option<Leg>) -> f64 {
        let offers = self.market.offers;
        let worth = self.customer.worth(&offers[option], offers.ln_price(option, workload.class), workload);
        let cost = current.map_or(0.0, |leg| {
            let tenure = half_years(self.market.now.since(leg.since));
            self.taste.switching_cost(&offers[leg.option], &offers[option], tenure)
        });
        worth - cost
    }

    /// The option of the highest value among those of some providers that a workload may choose that is with the provider of
    /// `current`, with its value.
    fn highest(
        &self,
        workload: &Workload,
        current: Option<Leg>,
        allowed: impl Fn(Provider) -> bool,
        value: impl Fn(OptionIndex) -> f64,
    ) -> Option<(OptionIndex, f64)> {
        let with = current.map(|leg| self.provider(leg));
        let open = self.market.offers.iter().filter(|(_, offer)| {
            let takes = !offer.sold_out || with == Some(offer.provider());
            takes && self.taste.admits(offer, workload.class) && allowed(offer.provider())
        });
        let valued = open.map(|(option, _)| (option, value(option)));
        valued.reduce(|best, next| if next.1 > best.1 { next } else { best })
    }

    fn best(&self, workload: &Workload, current: Option<Leg>, allowed: impl Fn(Provider) -> bool) -> Option<Leg> {
        let value = |option| self.value(option, workload, current);
        let (option, _) = self.highest(workload, current, allowed, value)?;
        Some(self.leg(option, current))
    }

    /// The option at `provider` that stands in best for `first`.
    fn stand_in(
        &self,
        workload: &Workload,
        first: Option<Leg>,
        current: Option<Leg>,
        provider: Provider,
    ) -> Option<Leg> {
        let from = first.map(|leg| Leg { since: self.market.now, ..leg });
        let value = |option| self.value(option, workload, from);
        let (option, _) = self.highest(workload, current, |p| p == provider, value)?;
        Some(self.leg(option, current))
    }

    /// A leg on `option`, which has been with its provider since `current` came there if that is the same.
    fn leg(&self, option: OptionIndex, current: Option<Leg>) -> Leg {
        let provider = self.market.offers[option].provider();
        let stays = current.filter(|leg| self.provider(*leg) == provider);
        Leg { option, since: stays.map_or(self.market.now, |leg| leg.since) }
    }

    /// Of a strategy with a fallback, the provider beside the home cloud that covers most tokens, then the one of the highest worth by tokens; between
    /// equals the one that was listed first.
    fn fallback(&self, strategy: Strategy, before: &[Plan]) -> Option<Provider> {
        if strategy != Strategy::PrimaryWithFallback {
            return None;
        }
        let home = Provider::Cloud(self.customer.home);
        let mut providers: Vec<Provider> = Vec::new();
        for (_, offer) in self.market.offers.iter().filter(|(_, offer)| offer.open && offer.provider() != home) {
            if !providers.contains(&offer.provider()) {
                providers.push(offer.provider());
            }
        }
        let mut best: Option<(Provider, (f64, f64))> = None;
        for provider in providers {
            let Some((covered, worth)) = self.cover(provider, before) else { continue };
            if best.is_none_or(|(_, (most, highest))| covered > most || (covered == most && worth > highest)) {
                best = Some((provider, (covered, worth)));
            }
        }
        best.map(|(provider, _)| provider)
    }

    /// Tokens for which a provider has an option, and their worth there by tokens [Mtok/month, nats·Mtok/month]; nothing if
    /// it has none for any workload.
    fn cover(&self, provider: Provider, before: &[Plan]) -> Option<(f64, f64)> {
        let at = |(workload, before): (&Workload, &Plan)| {
            let value = |option| self.value(option, workload, before.second);
            let (_, value) = self.highest(workload, before.second, |p| p == provider, value)?;
            let mtok = workload.mtok_per_month.at(self.market.now);
            Some((mtok, mtok * value))
        };
        let covered = self.customer.workloads.iter().zip(before).filter_map(at);
        covered.reduce(|sum, one| (sum.0 + one.0, sum.1 + one.1))
    }
}

#[cfg(test)]
mod tests {
    use super::super::mini_customer::customer;
    use super::*;
    use crate::ids::LabId;
    use crate::market::choice::mini_world::{AWS, AZURE, GOOGLE_CLOUD, OPENAI, offer};
    use crate::market::residency::Jurisdictions;
    use crate::units::Span;

    const HOME: OptionIndex = OptionIndex(0);
    const AT_AWS: OptionIndex = OptionIndex(1);
    const OTHER_AT_AWS: OptionIndex = OptionIndex(2);
    const AT_GOOGLE: OptionIndex = OptionIndex(3);
    const OWN_API: OptionIndex = OptionIndex(4);

    /// One model on Azure, AWS and its own API, and a better one of another lab on AWS and Google.
    fn offers() -> Offers {
        let mut offers = Offers::new();
        let better = |cloud| {
            let mut offer = offer(9, LabId(3), cloud);
            offer.quality = [1.5; Class::COUNT];
            offer
        };
        for offer in [
            offer(0, OPENAI, Some(AZURE)),
            offer(0, OPENAI, Some(AWS)),
            better(Some(AWS)),
            better(Some(GOOGLE_CLOUD)),
            offer(0, OPENAI, None),
        ] {
            offers.push(offer);
        }
        offers
    }

    fn market(offers: &Offers) -> Market<'_> {
        Market { offers, switching: 1.0, now: Time(0) + Span::from_days(365.25 * 2.0) }
    }

    fn decided(customer: &Customer, strategy: Strategy, offers: &Offers) -> Vec<Plan> {
        decide(customer, strategy, market(offers), &[Plan::default(); 2])
    }

    fn options(plan: &Plan) -> (Option<OptionIndex>, Option<OptionIndex>) {
        (plan.first.map(|leg| leg.option), plan.second.map(|leg| leg.option))
    }

    #[test]
    fn each_strategy_by_hand() {
        let offers = offers();
        // Half a unit of quality is worth less than the home cloud's 1.25.
        let first = |strategy| options(&decided(&customer(), strategy, &offers)[0]);
        assert_eq!(first(Strategy::SingleCloud), (Some(HOME), None));
        assert_eq!(first(Strategy::PlacementByWorkload), (Some(HOME), None));
        // The second half goes to the better model, on AWS as that was listed before Google's.
        assert_eq!(first(Strategy::MultiCloud), (Some(HOME), Some(OTHER_AT_AWS)));
        // As the stand-in for the same lab's model, the other's 0.5 is not worth a change of lab at 2.8.
        assert_eq!(first(Strategy::PrimaryWithFallback), (Some(HOME), Some(AT_AWS)));
    }

    #[test]
    fn the_best_anywhere_may_be_elsewhere() {
        let mut offers = offers();
        offers.revise(AT_GOOGLE, |offer| offer.quality = [3.0; Class::COUNT]);
        let plans = decided(&customer(), Strategy::PlacementByWorkload, &offers);
        assert_eq!(options(&plans[0]), (Some(AT_GOOGLE), None));
        assert_eq!(further_providers(&customer(), &offers, &plans), 1);
        assert_eq!(options(&decided(&customer(), Strategy::SingleCloud, &offers)[0]), (Some(HOME), None));
    }

    #[test]
    fn what_runs_somewhere_stays_unless_the_gain_is_over_the_cost() {
        let mut offers = offers();
        let current = Leg { option: HOME, since: Time(0) };
        let before = [Plan { first: Some(current), ..Plan::default() }; 2];
        // Leaving the lab costs 2.8, the cloud 2.0 + 0.3 × 2 years, home 1.25: 6.65 in all; half the costs with a factor.
        offers.revise(AT_GOOGLE, |offer| offer.quality = [1.0 + 6.6; Class::COUNT]);
        let at = |factor, offers: &Offers| {
            let market = Market { switching: factor, ..market(offers) };
            decide(&customer(), Strategy::PlacementByWorkload, market, &before)[0].first.unwrap()
        };
        assert_eq!(at(1.0, &offers), current);
        assert_eq!(at(0.5, &offers), Leg { option: AT_GOOGLE, since: market(&offers).now });
        offers.revise(AT_GOOGLE, |offer| offer.quality = [1.0 + 6.7; Class::COUNT]);
        assert_eq!(at(1.0, &offers).option, AT_GOOGLE);
    }

    #[test]
    fn the_fallback_covers_most_tokens() {
        let mut offers = offers();
        // AWS cannot do batch, three quarters of the tokens; Google and the lab's own API can, and Google is worth more.
        for option in [AT_AWS, OTHER_AT_AWS] {
            offers.revise(option, |offer| offer.quality[Class::Batch.index()] = f64::NEG_INFINITY);
        }
        let plans = decided(&customer(), Strategy::PrimaryWithFallback, &offers);
        assert_eq!(plans.iter().map(options).collect::<Vec<_>>(), [(Some(HOME), Some(AT_GOOGLE)); 2]);
    }

    #[test]
    fn what_does_not_meet_a_need_is_never_chosen() {
        let mut offers = offers();
        offers.revise(OTHER_AT_AWS, |offer| offer.certification = 1);
        offers.revise(AT_GOOGLE, |offer| offer.residency = Jurisdictions(0b110));
        let plans = decided(&customer(), Strategy::MultiCloud, &offers);
        assert_eq!(options(&plans[0]), (Some(HOME), Some(AT_AWS)));
        offers.revise(AT_AWS, |offer| offer.open = false);
        assert!(!stands(&customer(), &offers, Class::Chat, &plans[0]));
        let plans = decided(&customer(), Strategy::MultiCloud, &offers);
        assert_eq!(options(&plans[0]), (Some(HOME), Some(OWN_API)));
        assert!(stands(&customer(), &offers, Class::Chat, &plans[0]));
        offers.revise(HOME, |offer| offer.open = false);
        let plan = decided(&customer(), Strategy::SingleCloud, &offers)[0];
        assert_eq!(options(&plan), (None, None));
        assert!(!stands(&customer(), &offers, Class::Chat, &plan));
    }

    #[test]
    fn only_what_has_fallen_is_decided_anew_and_the_fallback_stays() {
        let mut offers = offers();
        let mut plans = decided(&customer(), Strategy::PrimaryWithFallback, &offers);
        assert!(!repair(&customer(), Strategy::PrimaryWithFallback, market(&offers), &mut plans));
        // Chat loses its stand-in; Google's would be worth more, but batch still falls back on AWS.
        offers.revise(AT_AWS, |offer| offer.quality[Class::Chat.index()] = f64::NEG_INFINITY);
        offers.revise(AT_GOOGLE, |offer| offer.quality = [9.0; Class::COUNT]);
        let before = plans.clone();
        assert!(repair(&customer(), Strategy::PrimaryWithFallback, market(&offers), &mut plans));
        assert_eq!(options(&plans[0]), (Some(HOME), Some(OTHER_AT_AWS)));
        assert_eq!(plans[1], before[1]);
    }

    #[test]
    fn a_leg_that_stands_goes_on_when_the_other_falls() {
        let mut offers = offers();
        let mut plans = decided(&customer(), Strategy::MultiCloud, &offers);
        let first = plans[0].first;
        // What is at home would not be the best any more, but it is the other half that has to move.
        offers.revise(OTHER_AT_AWS, |offer| offer.open = false);
        offers.revise(OWN_API, |offer| offer.quality = [9.0; Class::COUNT]);
        assert!(repair(&customer(), Strategy::MultiCloud, market(&offers), &mut plans));
        assert_eq!((plans[0].first, plans[0].second.map(|leg| leg.option)), (first, Some(OWN_API)));
        // Then home falls: of what is left Google's is best, and the half on the lab's own interface goes on.
        offers.revise(HOME, |offer| offer.open = false);
        let second = plans[0].second;
        assert!(repair(&customer(), Strategy::MultiCloud, market(&offers), &mut plans));
        assert_eq!((plans[0].first.map(|leg| leg.option), plans[0].second), (Some(AT_AWS), second));
    }

    #[test]
    fn what_is_sold_out_keeps_its_own_and_takes_nobody_new() {
        let mut offers = offers();
        for option in [AT_AWS, OTHER_AT_AWS] {
            offers.revise(option, |offer| offer.sold_out = true);
        }
        let plans = decided(&customer(), Strategy::MultiCloud, &offers);
        assert_eq!(options(&plans[0]), (Some(HOME), Some(AT_GOOGLE)));
        let there = Plan { first: Some(Leg { option: AT_AWS, since: Time(0) }), ..Plan::default() };
        assert!(stands(&customer(), &offers, Class::Chat, &there));
        let kept = decide(&customer(), Strategy::PlacementByWorkload, market(&offers), &[there; 2]);
        assert_eq!(options(&kept[0]).0, Some(AT_AWS));
    }

    #[test]
    fn between_equals_the_first_listed_is_taken() {
        let mut offers = offers();
        offers.revise(HOME, |offer| offer.open = false);
        offers.revise(OTHER_AT_AWS, |offer| offer.quality = [1.0; Class::COUNT]);
        offers.revise(AT_GOOGLE, |offer| offer.open = false);
        assert_eq!(options(&decided(&customer(), Strategy::PlacementByWorkload, &offers)[0]).0, Some(AT_AWS));
    }
}
