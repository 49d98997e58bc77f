//! Five segments for tests, on the clouds and options of the choice module's mini world.

use super::bass::Bass;
use super::dice::Dice;
use super::params::{DemandParams, LookParams, SegmentParams};
use super::state::{DemandEvent, DemandState};
use crate::ids::CloudId;
use crate::market::choice::mini_world::{AWS, AZURE, CLOUDS, GOOGLE_CLOUD, ORACLE, tastes};
use crate::market::choice::{Offers, Taste};
use crate::supply::params::Class;
use crate::units::{Curve, Schedule, Span, Time, YEAR_DAYS};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A stream for tests: SplitMix64 started from a hash of the names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestDice(u64);

impl Dice for TestDice {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        ((z >> 12) as f64 + 0.5) / (1u64 << 52) as f64
    }
}

/// The stream of (entity, purpose): FNV-1a of the names.
pub fn dice(entity: &str, purpose: &str) -> TestDice {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    TestDice(entity.bytes().chain([0]).chain(purpose.bytes()).fold(0xcbf2_9ce4_8422_2325, step))
}

/// Start-ups, digital natives, enterprises, regulated and public accounts over ten years from 2023.
pub fn params() -> DemandParams {
    let tastes = tastes();
    let home = |shares: [f64; 5]| {
        let clouds = [Some(AWS), Some(AZURE), Some(GOOGLE_CLOUD), Some(ORACLE), None];
        clouds.into_iter().zip(shares).collect::<Vec<(Option<CloudId>, f64)>>()
    };
    let segment =
        |i: usize, id: &str, accounts, sampled_accounts, p, q, median, sigma, renewal, shares| SegmentParams {
            id: id.into(),
            ceiling_accounts: accounts,
            sampled_accounts,
            bass: Bass { p, q },
            bass_origin_years: -0.08,
            spend_median_usd_per_year: median,
            spend_sigma: sigma,
            renewal_months: renewal,
            home_mix: home(shares),
            ..template(tastes[i].clone())
        };
    DemandParams {
        segments: vec![
            segment(0, "start-ups", 120e3, 900, 0.09, 1.15, 4.5e3, 2.0, 3.0, [0.48, 0.2, 0.27, 0.01, 0.04]),
            segment(1, "digital-natives", 5e3, 800, 0.12, 1.4, 86e3, 1.9, 6.0, [0.5, 0.22, 0.22, 0.04, 0.02]),
            segment(2, "enterprises", 60e3, 1_500, 0.03, 1.15, 25e3, 1.7, 12.0, [0.42, 0.36, 0.13, 0.05, 0.04]),
            segment(3, "regulated", 15e3, 600, 0.02, 1.15, 75e3, 1.6, 24.0, [0.38, 0.45, 0.1, 0.07, 0.0]),
            segment(4, "public", 12e3, 400, 0.012, 1.1, 112e3, 1.5, 36.0, [0.42, 0.45, 0.07, 0.06, 0.0]),
        ],
        reference_price_usd_per_mtok: [4.0; Class::COUNT],
        home_drift_per_year: 0.0,
        commitment_years: None,
        discounts: None,
        clouds: CLOUDS,
        labs: 6,
        horizon: Time(0) + Span::from_days(10.0 * YEAR_DAYS),
    }
}

fn template(taste: Taste) -> SegmentParams {
    let moving = |from: f64, to: f64| Schedule::new(Curve::Linear, vec![(1.5, from), (2.5, to)], 0.0);
    SegmentParams {
        id: String::new(),
        ceiling_accounts: 0.0,
        sampled_accounts: 1,
        bass: Bass { p: 0.03, q: 1.15 },
        bass_origin_years: 0.0,
        spend_median_usd_per_year: 0.0,
        spend_sigma: 0.0,
        reference_years: 1.9,
        volume_index: Schedule::new(Curve::Geometric, vec![(0.0, 1.0)], 0.6),
        home_mix: Vec::new(),
        residency: Vec::new(),
        committed_share: 0.3,
        renewal_months: 12.0,
        class_mix: [
            Schedule::constant(0.0),
            moving(0.45, 0.25),
            moving(0.0, 0.12),
            moving(0.12, 0.3),
            moving(0.38, 0.28),
            Schedule::constant(0.05),
            Schedule::constant(0.0),
        ],
        taste,
        looks: LookParams {
            launch_home: 0.35,
            launch_elsewhere: 0.15,
            price_change: 0.25,
            outage: 0.1,
            throttled: 0.15,
            policy: 0.3,
        },
        price_threshold: 0.2,
        elasticity: -0.5,
        price_smoothing_months: 6.0,
        wallet_factor: 3.0,
        second_cloud_usd_per_year: 0.0,
    }
}

/// A demand side with the events that it has ahead, in the order of time and then of scheduling.
#[derive(Clone)]
pub struct MiniMarket {
    pub params: DemandParams,
    pub state: DemandState<TestDice>,
    ahead: BinaryHeap<Reverse<(Time, u64, DemandEvent)>>,
    sequence: u64,
    buffer: Vec<(Time, DemandEvent)>,
}

impl MiniMarket {
    pub fn new(params: DemandParams) -> Self {
        let (state, adoptions) = DemandState::new(&params, dice);
        let mut market = Self { params, state, ahead: BinaryHeap::new(), sequence: 0, buffer: adoptions };
        market.schedule();
        market
    }

    /// Handles what happens up to and at `until`; how many events that was.
    pub fn run(&mut self, offers: &Offers, until: Time) -> u64 {
        let mut handled = 0;
        while let Some(&Reverse((time, _, event))) = self.ahead.peek().filter(|next| next.0.0 <= until) {
            self.ahead.pop();
            self.state.handle(&self.params, offers, time, event, &mut self.buffer);
            self.schedule();
            handled += 1;
        }
        handled
    }

    fn schedule(&mut self) {
        for (time, event) in self.buffer.drain(..) {
            self.sequence += 1;
            self.ahead.push(Reverse((time, self.sequence, event)));
        }
    }
}

/// An instant some years after the start.
pub fn years(years: f64) -> Time {
    Time(0) + Span::from_days(years * YEAR_DAYS)
}
