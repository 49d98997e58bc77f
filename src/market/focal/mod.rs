//! A focal customer: one account in full, under each of its procurement strategies.
//!
//! It takes the market as it is. It is too small to move a price, a queue or a share, so that its strategies are followed
//! side by side in one run, on the same draws, and a run with it is bit by bit the run without it.
//!
//! - [`plan`]: what each workload runs on, decided at renewals, and at once where an option is gone;
//! - [`outcome`]: tokens, money, latency and what is not served, from the dispatch's served shares;
//! - [`lock_in`]: the share of its spend that it could move within a quarter.
//!
//! *Why does it never stay outside?* It has work to do and a budget for it; whether to adopt is the segments' question.
//!
//! *Why is it not drawn like an account?* The question is what a strategy brings, and a draw of the extreme-value term
//! would blur it: each strategy takes the best option by the mean taste of its segment.

pub mod lock_in;
#[cfg(test)]
mod mini_customer;
pub mod outcome;
pub mod plan;

use super::choice::{Offer, Provider, Taste};
use crate::ids::CloudId;
use crate::supply::params::Class;
use crate::units::{Schedule, Time};
use serde::{Deserialize, Serialize};

/// How a customer procures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Strategy {
    /// Every workload on the home cloud's platform.
    SingleCloud,
    /// The same, and what the home cloud does not serve runs with one other provider.
    PrimaryWithFallback,
    /// Every workload split over the two best options of different providers, each of which stands in for the other.
    MultiCloud,
    /// Every workload on the best option anywhere.
    PlacementByWorkload,
}

impl Strategy {
    /// All of them, in the order of tables.
    pub const ALL: [Self; 4] =
        [Self::SingleCloud, Self::PrimaryWithFallback, Self::MultiCloud, Self::PlacementByWorkload];

    /// Name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::SingleCloud => "single-cloud",
            Self::PrimaryWithFallback => "primary-with-fallback",
            Self::MultiCloud => "multi-cloud",
            Self::PlacementByWorkload => "placement-by-workload",
        }
    }
}

/// Work of one class that the customer has done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Workload {
    /// Id in the scenario.
    pub id: String,
    /// Kind of work.
    pub class: Class,
    /// Tokens asked for [Mtok/month].
    pub mtok_per_month: Schedule,
    /// Part of what the home cloud is worth that counts for it [1]: all where its data are there, none where it needs none.
    pub home_weight: f64,
}

/// Spend promised to a cloud for a calendar year.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CommittedSpend {
    /// To whom.
    pub cloud: CloudId,
    /// How much [USD/year].
    pub usd_per_year: Schedule,
    /// Off the price of tokens on its platform [1].
    pub discount: f64,
}

/// How long it takes to move a workload [days].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MoveDays {
    /// To another model of the same lab.
    pub version: f64,
    /// To another lab.
    pub lab: f64,
    /// To a provider that is not used yet.
    pub provider: f64,
}

/// A focal customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Customer {
    /// Id in the scenario.
    pub id: String,
    /// Its segment's taste, with what it needs itself.
    pub taste: Taste,
    /// Its home cloud.
    pub home: CloudId,
    /// When it first chooses.
    pub from: Time,
    /// Time between renewals [months].
    pub renewal_months: f64,
    /// What it has done.
    pub workloads: Vec<Workload>,
    /// What it promised to spend.
    pub commitment: Option<CommittedSpend>,
    /// What each provider beside the home cloud costs it by itself [USD/year].
    pub further_cloud_usd_per_year: Schedule,
    /// How long moving takes it.
    pub move_days: MoveDays,
    /// The strategies that are followed.
    pub strategies: Vec<Strategy>,
}

impl Customer {
    /// What it pays for tokens of an option over their price [1]: `1 − d` where it committed, else 1.
    pub fn price_factor(&self, provider: Provider) -> f64 {
        match &self.commitment {
            Some(deal) if provider == Provider::Cloud(deal.cloud) => 1.0 - deal.discount,
            _ => 1.0,
        }
    }

    /// What an option is worth to it, switching apart [nats]:
    /// `V = taste(offer, ln(p·(1 − d))) + w·β_home·[home cloud] + β_commit·[cloud it committed to]`.
    ///
    /// p price [USD/Mtok] · d discount [1] · w the workload's weight of home [1]; the rest as in [`Taste`].
    pub fn worth(&self, offer: &Offer, ln_price: f64, workload: &Workload) -> f64 {
        let provider = offer.provider();
        let ln_paid = ln_price + libm::log(self.price_factor(provider));
        let home =
            if provider == Provider::Cloud(self.home) { workload.home_weight * self.taste.beta_home } else { 0.0 };
        let drawn_down = self.commitment.as_ref().is_some_and(|deal| provider == Provider::Cloud(deal.cloud));
        let commitment = if drawn_down { self.taste.beta_commit } else { 0.0 };
        self.taste.common_utility(offer, ln_paid, workload.class) + home + commitment
    }
}

#[cfg(test)]
mod tests {
    use super::mini_customer::customer;
    use super::*;
    use crate::market::choice::mini_world::{AWS, AZURE, OPENAI, offer};

    #[test]
    fn worth_by_hand() {
        let commitment = CommittedSpend { cloud: AWS, usd_per_year: Schedule::constant(1e6), discount: 0.2 };
        let committed = Customer { commitment: Some(commitment), ..customer() };
        let ln_price = libm::log(5.0);
        let worth =
            |customer: &Customer, cloud| customer.worth(&offer(0, OPENAI, cloud), ln_price, &customer.workloads[0]);
        let common =
            |cloud, paid: f64| customer().taste.common_utility(&offer(0, OPENAI, cloud), libm::log(paid), Class::Chat);
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} is not {b}");
        // β_home 1.25 at Azure; at AWS 0.5 for the commitment and 4 instead of 5 USD.
        close(worth(&committed, Some(AZURE)), common(Some(AZURE), 5.0) + 1.25);
        close(worth(&committed, Some(AWS)), common(Some(AWS), 4.0) + 0.5);
        close(worth(&customer(), Some(AWS)), common(Some(AWS), 5.0));
        close(worth(&committed, None), common(None, 5.0));
        // Batch needs a fifth of what is at home.
        let batch = customer().worth(&offer(0, OPENAI, Some(AZURE)), ln_price, &customer().workloads[1]);
        let common = customer().taste.common_utility(&offer(0, OPENAI, Some(AZURE)), ln_price, Class::Batch);
        close(batch, common + 0.25);
    }
}
