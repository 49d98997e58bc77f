//! Consumer products: users by an S-curve, tokens and revenue per user.

use super::growth::{logistic, logistic_step};
use crate::ids::LabId;
use crate::market::choice::logit::softmax;
use crate::supply::params::Class;
use crate::units::{Schedule, YEAR_DAYS};
use serde::{Deserialize, Serialize};

/// Users of a product left to itself.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserGrowth {
    /// Ceiling [million weekly users].
    pub ceiling_m: f64,
    /// Logistic rate [1/month].
    pub rate_per_month: f64,
    /// When half the ceiling is reached [years since the start].
    pub midpoint_years: f64,
}

impl UserGrowth {
    /// Weekly users at `years` since the start, along the [`logistic`] curve [millions].
    pub fn users_m(&self, years: f64) -> f64 {
        logistic(self.ceiling_m, self.rate_per_month, 12.0 * self.midpoint_years, 12.0 * years)
    }
}

/// A consumer product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProductParams {
    /// Id in the scenario.
    pub id: String,
    /// Whose product it is.
    pub lab: LabId,
    /// Its users if no product's quality stands out.
    pub users: UserGrowth,
    /// Messages per weekly user and day [1/day].
    pub messages_per_user_day: Schedule,
    /// Processed tokens per message [tokens].
    pub tokens_per_message: Schedule,
    /// Share of weekly users that pay [1].
    pub paid_share: Schedule,
    /// What a paying user pays [USD/month].
    pub price_usd_per_month: Schedule,
    /// Advertising income per weekly user [USD/month].
    pub ads_usd_per_user_month: Schedule,
    /// Share of tokens by class, summing to 1.
    pub class_mix: [f64; Class::COUNT],
}

impl ProductParams {
    /// Tokens of a month: `U·m·(days in a month)·k` [million tokens/month].
    ///
    /// U weekly users [millions] · m messages per user and day · k tokens per message.
    pub fn mtok_per_month(&self, users_m: f64, years: f64) -> f64 {
        let messages = self.messages_per_user_day.at_years(years) * YEAR_DAYS / 12.0;
        users_m * messages * self.tokens_per_message.at_years(years)
    }

    /// Income of a month: `U·(paid share·price + ads)` [USD/month].
    pub fn revenue_usd_per_month(&self, users_m: f64, years: f64) -> f64 {
        let subscription = self.paid_share.at_years(years) * self.price_usd_per_month.at_years(years);
        users_m * 1e6 * (subscription + self.ads_usd_per_user_month.at_years(years))
    }
}

/// Ceilings of products that compete for the same users [millions]:
/// `K_i' = ΣK · K_i·exp(α·(Q_i − Q̄)) / Σ_k K_k·exp(α·(Q_k − Q̄))`.
///
/// K ceiling without regard to quality [millions] · Q quality of the product's best model [nats] · α how strongly
/// quality draws users, 0 for not at all [1]. The sum of the ceilings stays; Q̄ cancels.
/// Source: assumed form; logit shares of a fixed pool.
/// Limits: people use one product; those of several are counted in each ceiling.
pub fn contested_ceilings(ceilings_m: &[f64], quality: &[f64], alpha: f64) -> Vec<f64> {
    if ceilings_m.is_empty() {
        return Vec::new();
    }
    let total: f64 = ceilings_m.iter().sum();
    let pull: Vec<f64> = ceilings_m.iter().zip(quality).map(|(k, q)| libm::log(*k) + alpha * q).collect();
    softmax(&pull).into_iter().map(|share| share * total).collect()
}

/// Weekly users of every product as the run goes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Audiences {
    users_m: Vec<f64>,
}

impl Audiences {
    /// Users at the start, each product on its own curve.
    pub fn at_start(products: &[ProductParams]) -> Self {
        Self { users_m: products.iter().map(|product| product.users.users_m(0.0)).collect() }
    }

    /// Weekly users by product [millions].
    pub fn users_m(&self) -> &[f64] {
        &self.users_m
    }

    /// Sets the weekly users of a product [millions].
    pub fn set_users_m(&mut self, product: usize, users_m: f64) {
        self.users_m[product] = users_m;
    }

    /// Carries the users over `months`: `d ln U = r·(1 − U/K')·dt` towards the [`contested_ceilings`] of `quality`.
    pub fn advance(&mut self, products: &[ProductParams], quality: &[f64], alpha: f64, months: f64) {
        let ceilings: Vec<f64> = products.iter().map(|product| product.users.ceiling_m).collect();
        let contested = contested_ceilings(&ceilings, quality, alpha);
        for ((users, product), ceiling) in self.users_m.iter_mut().zip(products).zip(contested) {
            *users = logistic_step(*users, ceiling, product.users.rate_per_month, months);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ChatGPT as observed: 100 million weekly users in 2023-11, 400 in 2025-02; the start is 2023-01.
    fn chat() -> ProductParams {
        let mut class_mix = [0.0; Class::COUNT];
        class_mix[Class::Chat.index()] = 1.0;
        ProductParams {
            id: "chat".into(),
            lab: LabId(0),
            users: UserGrowth { ceiling_m: 1_500.0, rate_per_month: 0.108, midpoint_years: (25.0 + 9.35) / 12.0 },
            messages_per_user_day: Schedule::constant(4.6),
            tokens_per_message: Schedule::constant(2_000.0),
            paid_share: Schedule::constant(0.05),
            price_usd_per_month: Schedule::constant(20.0),
            ads_usd_per_user_month: Schedule::constant(0.1),
            class_mix,
        }
    }

    #[test]
    fn users_pass_through_the_observed_numbers() {
        let users = chat().users;
        assert!((users.users_m(10.0 / 12.0) - 100.0).abs() < 2.0, "{}", users.users_m(10.0 / 12.0));
        assert!((users.users_m(25.0 / 12.0) - 400.0).abs() < 2.0, "{}", users.users_m(25.0 / 12.0));
        assert!((users.users_m(29.5 / 12.0) - 560.0).abs() < 30.0);
    }

    #[test]
    fn tokens_and_revenue_by_hand() {
        // 560M × 4.6 × 30.4375 × 2,000 = 156.8T tokens; 560M × (0.05 × 20 + 0.1) = 616M USD.
        let mtok = chat().mtok_per_month(560.0, 2.45);
        assert!((mtok - 156.814e6).abs() < 1e3, "{mtok}");
        assert!((chat().revenue_usd_per_month(560.0, 2.45) - 616e6).abs() < 1e-3);
    }

    #[test]
    fn months_of_a_lone_product_follow_its_curve() {
        let products = [chat()];
        let mut audiences = Audiences::at_start(&products);
        for _ in 0..25 {
            audiences.advance(&products, &[1.7], 2.0, 1.0);
        }
        let expected = products[0].users.users_m(25.0 / 12.0);
        assert!((audiences.users_m()[0] / expected - 1.0).abs() < 1e-12);
    }

    #[test]
    fn quality_draws_users_and_conserves_the_pool() {
        let ceilings = contested_ceilings(&[1_000.0, 500.0], &[2.0, 1.0], libm::log(2.0));
        // Weights 1,000 × 2² and 500 × 2: 4 to 1 of 1,500.
        assert!((ceilings[0] - 1_200.0).abs() < 1e-9 && (ceilings[1] - 300.0).abs() < 1e-9, "{ceilings:?}");
        let same = contested_ceilings(&[1_000.0, 500.0], &[2.0, 1.0], 0.0);
        assert!((same[0] - 1_000.0).abs() < 1e-9);
        let products = [chat(), ProductParams { id: "rival".into(), ..chat() }];
        let mut audiences = Audiences::at_start(&products);
        for _ in 0..300 {
            audiences.advance(&products, &[1.0, 1.0 + libm::log(3.0)], 1.0, 1.0);
        }
        let users = audiences.users_m();
        assert!((users[0] - 750.0).abs() < 1.0 && (users[1] - 2_250.0).abs() < 1.0, "{users:?}");
    }
}
