//! Chip-hours by term: on demand, reserved for one or three years, and spot.
//!
//! *Why does the policy's price stay what a cloud's price means?* Because it is fitted to what renters pay on the whole,
//! and labs' contracts are priced off it. Terms spread around it: on demand costs more, what is reserved less.

use super::growth::{inverse_isoelastic, isoelastic};
use crate::market::choice::logit::softmax;
use crate::units::{Schedule, Time};
use serde::{Deserialize, Serialize};

/// Names of the terms: on demand, reserved for one and three years, spot.
pub const TERM_NAMES: [&str; 4] = ["on-demand", "reserved-1y", "reserved-3y", "spot"];
/// Length of the reservations [months].
const MONTHS: [u16; 2] = [12, 36];

/// How chip-hours are sold by term.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HireParams {
    /// Price on demand over the price that a cloud's policy sets [1].
    pub on_demand_over_price: Schedule,
    /// Discount on the price on demand for one and for three years [1].
    pub discount: [Schedule; 2],
    /// What being bound for one and for three years costs renters [nats].
    pub bound: [f64; 2],
    /// Share of those on demand who look at the terms anew in a month, in [0, 1] [1].
    pub review_per_month: f64,
    /// Recallable hours.
    pub spot: SpotParams,
}

impl HireParams {
    /// Price on demand at a price of the policy [USD/h].
    pub fn on_demand(&self, price: f64, now: Time) -> f64 {
        price * self.on_demand_over_price.at(now)
    }

    /// Price of what is reserved on a day, for one and three years, at a price on demand [USD/h].
    pub fn reserved(&self, on_demand: f64, now: Time) -> [f64; 2] {
        [0, 1].map(|term| on_demand * (1.0 - self.discount(term, now)))
    }

    fn discount(&self, term: usize, now: Time) -> f64 {
        self.discount[term].at(now).clamp(0.0, 0.99)
    }

    /// Shares of those who choose that stay on demand, reserve for one and for three years: a logit of
    /// `−γ·ln(1 − d_T) − φ_T`.
    ///
    /// γ sensitivity to the logarithm of the price [nats] · d discount [1] · φ what being bound costs [nats]; both 0 on
    /// demand.
    /// Source: prices.csv for the discounts; the form is that of the choice of a cloud. Limits: nobody expects prices to
    /// fall, nor to need less; the choice of a cloud goes by the policy's price alone.
    pub fn shares(&self, price_sensitivity: f64, now: Time) -> [f64; 3] {
        let value = |term: usize| -price_sensitivity * libm::log(1.0 - self.discount(term, now)) - self.bound[term];
        let shares = softmax(&[0.0, value(0), value(1)]);
        [shares[0], shares[1], shares[2]]
    }
}

/// Demand for hours that may be taken back at any time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpotParams {
    /// Demand of the world at the reference price [H100e].
    pub h100e: Schedule,
    /// That price over the price that a cloud's policy sets [1].
    pub reference_over_price: f64,
    /// Elasticity to the price, negative [1].
    pub elasticity: f64,
    /// Share of what stands idle that a cloud offers; it keeps the rest for peaks and failures [1].
    pub offered_share: f64,
}

impl SpotParams {
    /// Price at which a cloud's spot hours clear, and how many are wanted at it [USD/h, H100e].
    ///
    /// `p = min(P, max(c, p₀·(a·I/Q₀)^{1/ε}))`, `Q = Q₀·(p/p₀)^ε`.
    ///
    /// I idle after all else [H100e], a share of it that is offered [1] · Q₀ the cloud's part of demand at p₀ [H100e] · ε
    /// elasticity [1] · c marginal cost of running, P price on demand [USD/h].
    /// Source: assumed; spot markets of clouds follow what stands idle. Limits: the idle compute of the month before sets
    /// the month's price, so that within a month hours are rationed.
    pub fn clear(&self, idle: f64, demand: f64, reference: f64, (cost, on_demand): (f64, f64)) -> (f64, f64) {
        if demand <= 0.0 {
            return (cost.min(on_demand), 0.0);
        }
        let offered = self.offered_share * idle;
        let clearing =
            if offered > 0.0 { inverse_isoelastic(demand, reference, self.elasticity, offered) } else { on_demand };
        let price = clearing.max(cost).min(on_demand);
        (price, isoelastic(demand, reference, self.elasticity, price).min(offered))
    }
}

/// Renters who signed for a term in the same month.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cohort {
    /// First month after it.
    pub until: u16,
    /// How much [H100e].
    pub h100e: f64,
    /// What they pay, whether they use it or not [USD/h].
    pub usd_per_hour: f64,
}

/// What a cloud has rented out, by term.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hire {
    /// Reserved for one and for three years, in the order of signing.
    pub cohorts: [Vec<Cohort>; 2],
    /// Their sums by term [H100e].
    h100e: [f64; 2],
    /// What they bring in by term [USD/h].
    usd_per_hour: [f64; 2],
    /// On demand [H100e].
    pub on_demand: f64,
    /// Price of spot hours [USD/h].
    pub spot_price: f64,
    /// Spot hours wanted at it and offered [H100e].
    pub spot_wanted: f64,
}

impl Hire {
    /// Reserved by term [H100e].
    pub fn reserved_by_term(&self) -> [f64; 2] {
        self.h100e
    }

    /// Reserved altogether [H100e].
    pub fn reserved(&self) -> f64 {
        self.h100e[0] + self.h100e[1]
    }

    /// What is reserved brings by term [USD/h].
    pub fn usd_per_hour(&self) -> [f64; 2] {
        self.usd_per_hour
    }

    /// Adds the cohorts up: a dispatch asks for the sums.
    fn add_up(&mut self) {
        for term in [0, 1] {
            self.h100e[term] = self.cohorts[term].iter().map(|cohort| cohort.h100e).sum();
            self.usd_per_hour[term] = self.cohorts[term].iter().map(|cohort| cohort.h100e * cohort.usd_per_hour).sum();
        }
    }

    /// A month: terms end, and those who are free choose anew.
    ///
    /// Of x that renters want, R is reserved and x − R is not. Of that, `(1 − κ)·o` at most stays on demand, o what was; the
    /// others (newcomers, those whose term ended, those who look anew) divide by `shares`. Where x falls below R, what is
    /// reserved stays and is paid.
    ///
    /// κ share that looks anew in a month [1].
    pub fn turn(&mut self, month: u16, wanted: f64, review: f64, shares: [f64; 3], prices: [f64; 2]) {
        for cohorts in &mut self.cohorts {
            cohorts.retain(|cohort| cohort.until > month);
        }
        self.add_up();
        let free = (wanted - self.reserved()).max(0.0);
        let stays = ((1.0 - review) * self.on_demand).min(free);
        let choosing = free - stays;
        for term in [0, 1] {
            let h100e = choosing * shares[term + 1];
            if h100e > 0.0 {
                let until = month.saturating_add(MONTHS[term]);
                self.cohorts[term].push(Cohort { until, h100e, usd_per_hour: prices[term] });
            }
        }
        self.on_demand = stays + choosing * shares[0];
        self.add_up();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params() -> HireParams {
        HireParams {
            on_demand_over_price: Schedule::constant(1.25),
            discount: [Schedule::constant(0.2), Schedule::constant(0.5)],
            bound: [0.5, 2.0],
            review_per_month: 0.1,
            spot: SpotParams {
                h100e: Schedule::constant(100.0),
                reference_over_price: 0.5,
                elasticity: -2.0,
                offered_share: 0.5,
            },
        }
    }

    fn close(actual: &[f64], expected: &[f64]) {
        assert_eq!(actual.len(), expected.len());
        for (a, e) in actual.iter().zip(expected) {
            assert!((a - e).abs() < 1e-12, "{actual:?} is not {expected:?}");
        }
    }

    /// A price of 2 is 2.5 on demand, 2.0 for a year and 1.25 for three. With γ = 2: weights 1, e^−0.5/0.64 and e^−2/0.25.
    #[test]
    fn prices_and_choice_of_a_term_by_hand() {
        let hire = params();
        assert_eq!(hire.on_demand(2.0, Time(0)), 2.5);
        close(&hire.reserved(2.5, Time(0)), &[2.0, 1.25]);
        let weights = [1.0, libm::exp(-0.5) / 0.64, libm::exp(-2.0) / 0.25];
        let sum: f64 = weights.iter().sum();
        close(&hire.shares(2.0, Time(0)), &weights.map(|weight| weight / sum));
    }

    /// 100 wanted: 50 on demand, 30 for a year, 20 for three. Next month 110: a tenth of the 50 looks anew, so that 15
    /// choose: 45 + 7.5 on demand. After a year at 105 the first thirty are free: 105 − 20 − 4.5 − 3 are not reserved.
    #[test]
    fn cohorts_hold_their_price_until_their_term_ends() {
        let (mut hire, shares) = (Hire::default(), [0.5, 0.3, 0.2]);
        hire.turn(0, 100.0, 0.1, shares, [2.0, 1.25]);
        close(&hire.reserved_by_term(), &[30.0, 20.0]);
        hire.turn(1, 110.0, 0.1, shares, [1.0, 0.5]);
        close(&[hire.on_demand], &[52.5]);
        close(&hire.reserved_by_term(), &[34.5, 23.0]);
        close(&hire.usd_per_hour(), &[30.0 * 2.0 + 4.5, 20.0 * 1.25 + 1.5]);
        hire.turn(12, 105.0, 0.0, [1.0, 0.0, 0.0], [1.0; 2]);
        close(&hire.reserved_by_term(), &[4.5, 23.0]);
        close(&[hire.on_demand], &[77.5]);
        // Half is wanted: what is reserved stays.
        hire.turn(13, 20.0, 0.1, shares, [1.0; 2]);
        close(&[hire.on_demand, hire.reserved()], &[0.0, 23.0]);
    }

    /// 800 idle, half offered, 100 wanted at 1.0: 400 are wanted at half of it. Of 50,000 a price under cost would be
    /// needed: at 0.25 1,600 are wanted. Nothing idle costs what is on demand.
    #[test]
    fn spot_clears_between_cost_and_the_price_on_demand() {
        let spot = params().spot;
        let clear = |idle: f64| spot.clear(idle, 100.0, 1.0, (0.25, 2.5));
        let told = |idle: f64| {
            let (price, wanted) = clear(idle);
            [price, wanted]
        };
        close(&told(800.0), &[0.5, 400.0]);
        close(&told(50_000.0), &[0.25, 1_600.0]);
        close(&told(0.0), &[2.5, 0.0]);
        assert_eq!(spot.clear(800.0, 0.0, 1.0, (0.25, 2.5)), (0.25, 0.0));
    }
}
