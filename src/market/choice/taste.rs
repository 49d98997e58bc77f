//! What a segment cares about when it chooses.

use super::offers::{Offer, OptionIndex};
use crate::ids::CloudId;
use crate::market::residency::Jurisdictions;
use crate::supply::params::Class;
use crate::units::Span;
use serde::{Deserialize, Serialize};

/// Position of a taste among those that a chooser knows: a segment's, for accounts that may keep their data anywhere or
/// for those that must keep it in one jurisdiction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TasteId(pub u16);

impl TasteId {
    /// Position in the list.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// Taste parameters of a segment.
///
/// `V = α_q·Q(model, class) − α_p·ln(price) − α_l·latency excess + α_g·governance + α_b·ln(breadth) + α_s·support
///    + β_home·[home cloud] + β_commit·[home cloud and committed] + ξ − switching costs`, and outside
/// `V_0 = v0 + α_q·Q_outside(class) − α_p·ln f(class)`: the work is the same, however its tokens are charged.
///
/// V in nats · price in USD per million tokens · latency in seconds over target.
/// Source of the default magnitudes: surveys of switching and price elasticities; each scenario names its own.
/// Limits: no taste differs within a segment beyond the extreme-value term; nobody looks ahead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Taste {
    /// α_q, weight of quality [nats per unit of quality].
    pub alpha_q: f64,
    /// Multiplier of α_q by class [1].
    pub alpha_q_class: [f64; Class::COUNT],
    /// α_p, weight of the logarithm of the price [nats].
    pub alpha_p: f64,
    /// α_l, weight of latency over the target [nats/s].
    pub alpha_l: f64,
    /// α_g, weight of governance [nats per level].
    pub alpha_g: f64,
    /// α_b, weight of the logarithm of the channel's breadth [1].
    pub alpha_b: f64,
    /// α_s, weight of support [nats per level].
    pub alpha_s: f64,
    /// β_home, worth of staying on the home cloud [nats].
    pub beta_home: f64,
    /// β_commit, worth of drawing down a commitment there [nats].
    pub beta_commit: f64,
    /// Cost of moving to another lab [nats].
    pub switch_lab: f64,
    /// Cost of moving to another model of the same lab [nats].
    pub switch_version: f64,
    /// Cost of moving to another provider's infrastructure [nats].
    pub switch_cloud: f64,
    /// What each year with the provider adds to that [nats/year].
    pub switch_tenure_per_year: f64,
    /// Years of tenure that count at most [years].
    pub switch_tenure_cap_years: f64,
    /// Cost of taking up any option from the outside, for the first time or again [nats].
    pub switch_entry: f64,
    /// λ, dissimilarity within a lab's nest, in (0, 1] [1].
    pub lambda: f64,
    /// v0, utility of the outside option at quality 0 and at list prices [nats].
    pub v0: f64,
    /// ln f, logarithm of what a token of the class costs over list when the outside option was weighed, by class [nats].
    pub ln_over_list: [f64; Class::COUNT],
    /// Certification level that a channel needs.
    pub certification: u8,
    /// Where a channel must keep data.
    pub residency: Jurisdictions,
}

/// What a choice depends on besides the offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChoiceKey {
    /// By which taste.
    pub taste: TasteId,
    /// Kind of work.
    pub class: Class,
    /// The account's home cloud.
    pub home: Option<CloudId>,
    /// Whether the account draws down a commitment there.
    pub committed: bool,
    /// The option in use, open or not; none at a first choice and after a stay outside, which cost the entry to leave.
    pub current: Option<OptionIndex>,
    /// Completed half-years with the current option's provider; see [`half_years`].
    pub tenure_half_years: u16,
}

/// Completed half-years in a span: the grain in which tenure counts.
pub fn half_years(span: Span) -> u16 {
    // The cast saturates far beyond any cap.
    (2.0 * span.years()) as u16
}

impl Taste {
    /// Whether another taste is the same, residency apart.
    pub fn is_like(&self, other: &Taste) -> bool {
        *self == Taste { residency: self.residency, ..other.clone() }
    }

    /// Whether an option may be chosen at all: open, doing the class, certified and present where it is needed.
    pub fn admits(&self, offer: &Offer, class: Class) -> bool {
        offer.open && self.is_served_by(offer, class) && offer.residency.hold(self.residency)
    }

    /// Whether an option does the class and is certified, wherever it keeps data.
    pub(super) fn is_served_by(&self, offer: &Offer, class: Class) -> bool {
        offer.serves(class) && offer.certification >= self.certification
    }

    /// The part of V that is the same for every account of the segment [nats].
    pub fn common_utility(&self, offer: &Offer, ln_price: f64, class: Class) -> f64 {
        let x = class.index();
        self.quality_weight(class) * offer.quality[x]
            - self.alpha_p * ln_price
            - self.alpha_l * offer.latency_excess_s[x]
            + self.alpha_g * offer.governance
            + self.alpha_b * offer.ln_breadth
            + self.alpha_s * offer.support
            + offer.xi
    }

    /// V_0, the utility of the outside option [nats].
    pub fn outside_utility(&self, outside_quality: f64, class: Class) -> f64 {
        let worth = self.v0 + self.quality_weight(class) * outside_quality;
        worth - self.alpha_p * self.ln_over_list[class.index()]
    }

    /// What an option on the account's home cloud is worth more [nats].
    pub fn home_utility(&self, committed: bool) -> f64 {
        self.beta_home + if committed { self.beta_commit } else { 0.0 }
    }

    /// Cost of leaving a provider after a tenure [nats].
    pub fn provider_cost(&self, tenure_half_years: u16) -> f64 {
        let years = (0.5 * f64::from(tenure_half_years)).min(self.switch_tenure_cap_years);
        self.switch_cloud + self.switch_tenure_per_year * years
    }

    /// Cost of moving from one option to another [nats]: the lab's or the version's, plus the provider's.
    pub fn switching_cost(&self, from: &Offer, to: &Offer, tenure_half_years: u16) -> f64 {
        let model = if from.lab != to.lab {
            self.switch_lab
        } else if from.model != to.model {
            self.switch_version
        } else {
            0.0
        };
        let provider = if from.provider() == to.provider() { 0.0 } else { self.provider_cost(tenure_half_years) };
        model + provider
    }

    /// The same taste with every switching cost times `factor`.
    pub fn with_switching(&self, factor: f64) -> Self {
        Self {
            switch_lab: self.switch_lab * factor,
            switch_version: self.switch_version * factor,
            switch_cloud: self.switch_cloud * factor,
            switch_tenure_per_year: self.switch_tenure_per_year * factor,
            switch_entry: self.switch_entry * factor,
            ..self.clone()
        }
    }

    fn quality_weight(&self, class: Class) -> f64 {
        self.alpha_q * self.alpha_q_class[class.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::choice::mini_world::{self, AWS, AZURE, OPENAI};
    use crate::units::Time;

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-12, "{a} is not {b}");
    }

    #[test]
    fn utility_by_hand() {
        let taste = Taste { alpha_q: 1.0, alpha_p: 0.45, alpha_l: 0.3, alpha_g: 0.3, ..mini_world::enterprise() };
        let mut offer = mini_world::offer(0, OPENAI, Some(AZURE));
        offer.quality[Class::Coding.index()] = 2.0;
        offer.latency_excess_s[Class::Coding.index()] = 0.5;
        (offer.governance, offer.ln_breadth, offer.support, offer.xi) = (2.0, 4.0, 1.0, 0.1);
        // 1.5 × 2 − 0.45 × 3 − 0.3 × 0.5 + 0.3 × 2 + 0.15 × 4 + 0.2 × 1 + 0.1
        close(taste.common_utility(&offer, 3.0, Class::Coding), 3.0 - 1.35 - 0.15 + 0.6 + 0.6 + 0.2 + 0.1);
        close(taste.home_utility(false), 1.25);
        close(taste.home_utility(true), 1.75);
        close(taste.outside_utility(2.0, Class::Coding), taste.v0 + 3.0);
        // Where a token costs a third of the list, an option is worth 0.45·ln 3 more for that alone, and so is doing without.
        let mut cheap = taste.clone();
        cheap.ln_over_list[Class::Coding.index()] = -libm::log(3.0);
        close(cheap.outside_utility(2.0, Class::Coding), taste.v0 + 3.0 + 0.45 * libm::log(3.0));
    }

    #[test]
    fn switching_costs_by_hand() {
        let taste = mini_world::enterprise();
        let here = mini_world::offer(0, OPENAI, Some(AZURE));
        let close_to = |to: &Offer, half_years, cost: f64| close(taste.switching_cost(&here, to, half_years), cost);
        close_to(&here, 9, 0.0);
        close_to(&mini_world::offer(1, OPENAI, Some(AZURE)), 9, 0.7);
        close_to(&mini_world::offer(0, OPENAI, None), 0, 2.0);
        close_to(&mini_world::offer(1, OPENAI, None), 4, 0.7 + 2.0 + 0.3 * 2.0);
        close_to(&mini_world::offer(5, mini_world::ANTHROPIC, Some(AZURE)), 9, 2.8);
        close_to(&mini_world::offer(5, mini_world::ANTHROPIC, Some(AWS)), 40, 2.8 + 2.0 + 0.3 * 3.0);
        let halved = taste.with_switching(0.5).switching_cost(&here, &mini_world::offer(1, OPENAI, None), 4);
        close(halved, 0.5 * 3.3);
    }

    #[test]
    fn every_need_can_bar_an_option() {
        let taste = Taste { certification: 2, residency: Jurisdictions(0b011), ..mini_world::enterprise() };
        let fit =
            Offer { certification: 2, residency: Jurisdictions(0b111), ..mini_world::offer(0, OPENAI, Some(AZURE)) };
        let admits = |offer: &Offer| taste.admits(offer, Class::Chat);
        assert!(admits(&fit));
        assert!(!admits(&Offer { open: false, ..fit.clone() }));
        assert!(!admits(&Offer { certification: 1, ..fit.clone() }));
        assert!(!admits(&Offer { residency: Jurisdictions(0b101), ..fit.clone() }));
        let mut chatless = fit;
        chatless.quality[Class::Chat.index()] = f64::NEG_INFINITY;
        assert!(!admits(&chatless));
    }

    #[test]
    fn tenure_counts_in_completed_half_years() {
        assert_eq!(half_years(Span::from_days(182.0)), 0);
        assert_eq!(half_years(Span::from_days(183.0)), 1);
        assert_eq!(half_years(Time(0) + Span::from_days(5.0 * 365.25) - Time(0)), 10);
    }
}
