//! What makes workloads look at the offers again between renewals.

use super::dice::Dice;
use super::params::{DemandParams, LookParams};
use super::state::{DemandState, Workload};
use crate::ids::CloudId;
use crate::market::choice::{Offers, OptionIndex};
use crate::units::Time;

/// An outage shorter than this goes unnoticed [hours]. Assumed: a working half-day.
const NOTICED_OUTAGE_HOURS: f64 = 4.0;
/// A smaller share of a month's tokens throttled goes unnoticed [1]. Assumed.
const NOTICED_THROTTLED_SHARE: f64 = 0.02;

/// Where something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On a cloud's platform: every option there.
    Cloud(CloudId),
    /// On one option.
    Option(OptionIndex),
}

impl Place {
    fn holds(self, offers: &Offers, option: OptionIndex) -> bool {
        match self {
            Place::Cloud(cloud) => offers[option].cloud == Some(cloud),
            Place::Option(place) => place == option,
        }
    }
}

/// What came of a trigger, in simulated workloads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looks {
    /// How many chose again.
    pub looked: u32,
    /// How many of them moved.
    pub moved: u32,
}

impl<S: Dice> DemandState<S> {
    /// A model came out as `options`: who does work that it can do looks, more so if it is on the home cloud.
    pub fn on_launch(&mut self, params: &DemandParams, offers: &Offers, now: Time, options: &[OptionIndex]) -> Looks {
        let on = |cloud: CloudId| options.iter().any(|option| offers[*option].cloud == Some(cloud));
        let is_on: Vec<bool> = (0..params.clouds).map(|cloud| on(CloudId::new(cloud))).collect();
        self.look(params, offers, now, |workload, looks| {
            if !options.iter().any(|option| offers[*option].serves(workload.class)) {
                0.0
            } else if workload.home.is_some_and(|home| is_on[home.index()]) {
                looks.launch_home
            } else {
                looks.launch_elsewhere
            }
        })
    }

    /// A price moved by `relative` (0.25 for a quarter up).
    ///
    /// Beyond a segment's threshold, a rise makes those on the option look, a cut those on other options of the same
    /// lab: what other labs charge is weighed at renewals, since choices between labs hardly answer to price.
    pub fn on_price_change(
        &mut self,
        params: &DemandParams,
        offers: &Offers,
        now: Time,
        option: OptionIndex,
        relative: f64,
    ) -> Looks {
        let lab = offers[option].lab;
        self.look(params, offers, now, |workload, looks| {
            let concerned = workload.option().is_some_and(|current| {
                if relative > 0.0 { current == option } else { current != option && offers[current].lab == lab }
            });
            let noticed = relative.abs() > params.segments[workload.segment.index()].price_threshold;
            if concerned && noticed { looks.price_change } else { 0.0 }
        })
    }

    /// An outage of `hours` at `place`.
    pub fn on_outage(&mut self, params: &DemandParams, offers: &Offers, now: Time, place: Place, hours: f64) -> Looks {
        if hours <= NOTICED_OUTAGE_HOURS {
            return Looks::default();
        }
        self.look_at(params, offers, now, place, |looks| looks.outage)
    }

    /// A share of a month's tokens throttled at `place`.
    pub fn on_throttled(
        &mut self,
        params: &DemandParams,
        offers: &Offers,
        now: Time,
        place: Place,
        share: f64,
    ) -> Looks {
        if share <= NOTICED_THROTTLED_SHARE {
            return Looks::default();
        }
        self.look_at(params, offers, now, place, |looks| looks.throttled)
    }

    /// More capacity was refused at `place`.
    pub fn on_refused(&mut self, params: &DemandParams, offers: &Offers, now: Time, place: Place) -> Looks {
        self.look_at(params, offers, now, place, |looks| looks.refused)
    }

    /// An option closed: everybody on it chooses again.
    ///
    /// # Panics
    /// If it is still open.
    pub fn on_option_closed(
        &mut self,
        params: &DemandParams,
        offers: &Offers,
        now: Time,
        option: OptionIndex,
    ) -> Looks {
        assert!(!offers[option].open, "option {option:?} is still open");
        self.look_at(params, offers, now, Place::Option(option), |_| 1.0)
    }

    /// A regulator brought every switching cost to `factor` times its own.
    pub fn on_policy_shift(&mut self, params: &DemandParams, offers: &Offers, now: Time, factor: f64) -> Looks {
        self.chooser.set_switching_factor(factor);
        self.look(params, offers, now, |_, looks| looks.policy)
    }

    fn look_at(
        &mut self,
        params: &DemandParams,
        offers: &Offers,
        now: Time,
        place: Place,
        chance: impl Fn(&LookParams) -> f64,
    ) -> Looks {
        self.look(params, offers, now, |workload, looks| {
            let there = workload.option().is_some_and(|option| place.holds(offers, option));
            if there { chance(looks) } else { 0.0 }
        })
    }

    fn look(
        &mut self,
        params: &DemandParams,
        offers: &Offers,
        now: Time,
        chance: impl Fn(&Workload<S>, &LookParams) -> f64,
    ) -> Looks {
        let mut result = Looks::default();
        for w in 0..self.workloads.len() {
            let workload = &self.workloads[w];
            if workload.choice.is_none() {
                continue;
            }
            let chance = chance(workload, &params.segments[workload.segment.index()].looks);
            if self.looks_up(w, chance) {
                result.looked += 1;
                result.moved += u32::from(self.choose(params, offers, now, w));
            }
        }
        result
    }
}
