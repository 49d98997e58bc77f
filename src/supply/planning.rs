//! What a cloud orders, and the power that it asks for.
//!
//! With n needed H100e of chat work, τ target utilisation, and chips counted at their throughput at the horizon:
//!
//! `order = max(0, n(chip horizon)/τ − installed that still live then − stock − in transit − open orders)` [H100e]
//!
//! The order is divided over the types that the cloud may buy, that come out within the horizon and that somebody makes
//! in it, in proportion to `(preference / levelised cost)^sensitivity`; types without chat throughput are left out. A type is ordered at most as far as its lines
//! can ship within the horizon, less what this cloud has open there; the remainder goes to the others. All new ones shrink
//! alike to what the power takes that is energized, announced or due by then, beside the chips held; those that a swap
//! would push out do not count. Orders are commitments: open and new ones together may cost, with the shell for their power, at most `budget × chip horizon`,
//! else all new ones shrink alike. The budget is the guidance while it holds, then what the forecast says.
//!
//! Power needed at the power horizon is `n/τ` at the kW per H100e of the fleet expected then: what lives and is under
//! way, and the mix of types on sale for the rest. If the energized, the announced and all the requested power fall
//! short of it, as many whole blocks of the smallest request as fit are requested at the expansion site, in one phase. No
//! more power counts as needed than `budget × power horizon` fills with chips and shells of that mix, beside what the
//! fleet held takes: nobody asks for power that it could never use.
//!
//! Limits: clouds do not see each other's orders, so that a scarce line collects a backlog; orders are never withdrawn.
//! Source: rules of thumb, assumed.

use super::event::Outbox;
use super::levelised_cost::levelised_cost;
use super::params::{Buyer, Class, SupplyParams};
use super::rationing::water_fill;
use super::state::SupplyState;
use super::streams::Dice;
use super::suppliers::{line_capacity_between, line_runs_between};
use super::throughput::{throughput, value_per_kw};
use crate::ids::{AcceleratorId, CloudId};
use crate::units::{Span, Time, YEAR_DAYS};
use serde::{Deserialize, Serialize};

/// What a cloud expects to be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoadForecast {
    /// Busy compute one chip horizon ahead [chat H100e].
    pub need_h100e_at_chip_horizon: f64,
    /// Busy compute one power horizon ahead [chat H100e].
    pub need_h100e_at_power_horizon: f64,
    /// What it can spend on chips and their shells where no guidance holds [USD/year].
    pub budget_usd_per_year: f64,
}

/// What kept a plan's orders from being larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlanBound {
    /// No more was needed.
    Demand,
    /// What the lines can ship within the horizon.
    Lines,
    /// The power that is to be there within the horizon.
    Power,
    /// The budget.
    Budget,
}

/// What a plan led to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Compute that was missing [chat H100e].
    pub wanted_h100e: f64,
    /// Chips ordered; types of which none were ordered are left out.
    pub orders: Vec<(AcceleratorId, u64)>,
    /// Why not more.
    pub bound: PlanBound,
    /// Facility power requested [MW].
    pub requested_mw: f64,
}

/// What a plan would have ordered besides, had what bound it been larger.
///
/// As if it had been so all along: a need of one per cent more is one per cent more compute in hand by now, whatever the
/// plan had in hand already.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Margin {
    /// What bound the plan.
    pub bound: PlanBound,
    /// What could be spent within the chip horizon [USD].
    pub budget_usd: f64,
    /// Chips for a limit twice as large; in proportion for less.
    pub more: Vec<(AcceleratorId, f64)>,
}

/// A type that may be bought.
struct Candidate {
    accelerator: AcceleratorId,
    weight: f64,
}

impl<S: Dice> SupplyState<S> {
    /// Plans for a cloud: places its orders and requests power.
    pub fn plan(
        &mut self,
        params: &SupplyParams,
        cloud: CloudId,
        now: Time,
        forecast: &LoadForecast,
        out: &mut Outbox,
    ) -> Plan {
        let (mut plan, margin) = self.choose_orders(params, cloud, now, forecast);
        self.margins[cloud.index()] = Some(margin);
        // Every type that may be bought draws its lead time, so that the draws of later rounds do not depend on this one.
        for purchase in &params.clouds[cloud.index()].purchases {
            let chips = plan.orders.iter().find(|order| order.0 == purchase.accelerator).map_or(0, |order| order.1);
            self.place_cloud_order(params, (cloud, purchase.accelerator), chips, now, out);
        }
        let shortfall_mw = self.power_shortfall_mw(params, cloud, now, forecast);
        let blocks = (shortfall_mw / params.power.smallest_request_mw).floor();
        if blocks >= 1.0 {
            let site = params.clouds[cloud.index()].expansion_site;
            plan.requested_mw = blocks * params.power.smallest_request_mw;
            self.power.request(params, (site, plan.requested_mw), now, self.streams.site(site), out);
        }
        plan
    }

    fn choose_orders(
        &self,
        params: &SupplyParams,
        cloud: CloudId,
        now: Time,
        forecast: &LoadForecast,
    ) -> (Plan, Margin) {
        let until = now + years(params.planning.chip_horizon_years);
        let per_chip = |a: AcceleratorId| throughput(&params.accelerators[a.index()], Class::Chat, until);
        let held: f64 =
            self.accelerator_ids().map(|a| self.expected_chips(params, cloud, a, until) * per_chip(a)).sum();
        let target = params.clouds[cloud.index()].target_utilisation;
        let wanted_h100e = (forecast.need_h100e_at_chip_horizon / target - held).max(0.0);
        let types = candidates(params, cloud, now, until);
        let weights: Vec<f64> = types.iter().map(|candidate| candidate.weight).collect();
        let most: Vec<f64> = types
            .iter()
            .map(|candidate| {
                let a = candidate.accelerator;
                let open = self.book.tally(Buyer::Cloud(cloud), a).open as f64;
                (line_capacity_between(params, a, now, until) - open).max(0.0) * per_chip(a)
            })
            .collect();
        let parts = water_fill(wanted_h100e, &weights, &most);
        let mixed: Vec<f64> = types.iter().zip(&parts).map(|(c, part)| part / per_chip(c.accelerator)).collect();
        let total = |chips: &[f64], of: &dyn Fn(AcceleratorId) -> f64| -> f64 {
            types.iter().zip(chips).map(|(candidate, n)| of(candidate.accelerator) * n).sum()
        };
        let mut bound =
            if parts.iter().sum::<f64>() < wanted_h100e * (1.0 - 1e-9) { PlanBound::Lines } else { PlanBound::Demand };
        let new_kw = total(&mixed, &|a| params.accelerators[a.index()].power_kw);
        let [room_kw, expected_kw] = self.power_room_kw(params, cloud, until, &types);
        let mut powered = mixed.clone();
        if new_kw > room_kw {
            powered.iter_mut().for_each(|n| *n *= room_kw / new_kw);
            bound = PlanBound::Power;
        }
        let new_cost = total(&powered, &|a| cost_with_shell(params, cloud, a, now));
        let budget_usd = budget(params, cloud, now, forecast);
        let allowance = self.budget_left(params, cloud, now, budget_usd);
        let mut chips = powered.clone();
        if new_cost > allowance {
            chips.iter_mut().for_each(|n| *n *= allowance / new_cost);
            bound = PlanBound::Budget;
        }
        let more: Vec<f64> = match bound {
            PlanBound::Demand => {
                let need = forecast.need_h100e_at_chip_horizon / target;
                let free = |(most, part): (&f64, &f64)| if most > part { f64::INFINITY } else { 0.0 };
                let parts = water_fill(need, &weights, &most.iter().zip(&parts).map(free).collect::<Vec<_>>());
                types.iter().zip(parts).map(|(c, part)| part / per_chip(c.accelerator)).collect()
            }
            PlanBound::Lines => {
                types.iter().map(|c| line_capacity_between(params, c.accelerator, now, until)).collect()
            }
            PlanBound::Power => mixed.iter().map(|n| n * expected_kw / new_kw).collect(),
            PlanBound::Budget => powered.iter().map(|n| n * (budget_usd / new_cost)).collect(),
        };
        let more = types.iter().zip(more).map(|(candidate, n)| (candidate.accelerator, n)).collect();
        // A rounding error in a product of shares must not cost a chip.
        let orders = types.iter().zip(chips).map(|(candidate, n)| (candidate.accelerator, (n + 1e-6).floor() as u64));
        let orders = orders.filter(|order| order.1 > 0).collect();
        (Plan { wanted_h100e, orders, bound, requested_mw: 0.0 }, Margin { bound, budget_usd, more })
    }

    /// Power of IT that new chips may take at `until`, and all that is to be there by then [kW]. Chips that the best type
    /// on sale would push out take none away.
    fn power_room_kw(&self, params: &SupplyParams, cloud: CloudId, until: Time, types: &[Candidate]) -> [f64; 2] {
        let value = |a: AcceleratorId| value_per_kw(&params.accelerators[a.index()]);
        let best = types.iter().map(|candidate| value(candidate.accelerator)).fold(0.0, f64::max);
        let stays = |a: &AcceleratorId| value(*a) * params.planning.swap_ratio > best;
        let held = self.accelerator_ids().filter(stays);
        let held_kw: f64 =
            held.map(|a| self.expected_chips(params, cloud, a, until) * params.accelerators[a.index()].power_kw).sum();
        let sites = self.sites_of[cloud.index()].iter();
        let expected_kw = sites.map(|site| self.power.it_w_by(params, *site, until)).sum::<u64>() as f64 / 1e3;
        [(expected_kw - held_kw).max(0.0), expected_kw]
    }

    /// What may still be committed beside the open orders [USD].
    fn budget_left(&self, params: &SupplyParams, cloud: CloudId, now: Time, budget_usd: f64) -> f64 {
        let open = |a: AcceleratorId| self.book.tally(Buyer::Cloud(cloud), a).open;
        let with_orders = self.accelerator_ids().filter(|a| open(*a) > 0);
        let committed: f64 = with_orders.map(|a| open(a) as f64 * cost_with_shell(params, cloud, a, now)).sum();
        (budget_usd - committed).max(0.0)
    }

    /// Chips of a type that live at `until`, counting all that is under way.
    fn expected_chips(&self, params: &SupplyParams, cloud: CloudId, accelerator: AcceleratorId, until: Time) -> f64 {
        let chip = &params.accelerators[accelerator.index()];
        let stages = self.fleet.stages(cloud, accelerator);
        let cohorts = self.fleet.cohorts(cloud, accelerator).iter();
        let living: u64 = cohorts.filter(|cohort| !cohort.worn_out(chip, until)).map(|cohort| cohort.chips()).sum();
        let open = self.book.tally(Buyer::Cloud(cloud), accelerator).open;
        (living + stages.stock + stages.in_transit + open) as f64
    }

    /// Facility power at the expansion site that will be missing [MW], 0 if none.
    fn power_shortfall_mw(&self, params: &SupplyParams, cloud: CloudId, now: Time, forecast: &LoadForecast) -> f64 {
        let until = now + years(params.planning.power_horizon_years);
        let owner = &params.clouds[cloud.index()];
        let (mut held_h100e, mut held_kw) = (0.0, 0.0);
        for accelerator in self.accelerator_ids() {
            let chip = &params.accelerators[accelerator.index()];
            let chips = self.expected_chips(params, cloud, accelerator, until);
            held_h100e += chips * throughput(chip, Class::Chat, until);
            held_kw += chips * chip.power_kw;
        }
        let need_h100e = forecast.need_h100e_at_power_horizon / owner.target_utilisation;
        let needed_kw = if need_h100e <= held_h100e {
            if held_h100e > 0.0 { held_kw * need_h100e / held_h100e } else { 0.0 }
        } else {
            let mix = Mix::on_sale(params, cloud, now, until);
            let budget = budget_guidance(params, cloud, now).unwrap_or(forecast.budget_usd_per_year);
            let affordable_kw = budget * params.planning.power_horizon_years * mix.kw_per_usd();
            held_kw + ((need_h100e - held_h100e) * mix.kw_per_h100e).min(affordable_kw)
        };
        let sites = self.sites_of[cloud.index()].iter();
        let expected_kw = sites.map(|site| self.power.expected_it_w(params, *site, until)).sum::<u64>() as f64 / 1e3;
        let site = &params.sites[owner.expansion_site.index()];
        ((needed_kw - expected_kw) / 1e3 * site.pue / (1.0 - site.reserve)).max(0.0)
    }
}

/// The budget that a cloud's owner has announced for now [USD/year], while it holds.
pub fn budget_guidance(params: &SupplyParams, cloud: CloudId, now: Time) -> Option<f64> {
    let cloud = &params.clouds[cloud.index()];
    let guidance = cloud.budget_guidance_usd_per_year.as_ref().filter(|_| now <= cloud.guidance_until);
    guidance.map(|budget| budget.at(now))
}

/// What may be spent within the chip horizon [USD].
fn budget(params: &SupplyParams, cloud: CloudId, now: Time, forecast: &LoadForecast) -> f64 {
    let guidance = budget_guidance(params, cloud, now);
    guidance.unwrap_or(forecast.budget_usd_per_year) * params.planning.chip_horizon_years
}

fn years(years: f64) -> Span {
    Span::from_days(years * YEAR_DAYS)
}

/// A chip and the shell for its power at today's prices, or those of the day that it comes out [USD].
fn cost_with_shell(params: &SupplyParams, cloud: CloudId, accelerator: AcceleratorId, now: Time) -> f64 {
    let chip = &params.accelerators[accelerator.index()];
    let shell = chip.power_kw * params.clouds[cloud.index()].shell_usd_per_mw / 1e3;
    chip.unit_capex_usd.at(now.max(chip.available)) + shell
}

/// What a cloud may buy for delivery by `until`, with its weight in the mix.
fn candidates(params: &SupplyParams, cloud: CloudId, now: Time, until: Time) -> Vec<Candidate> {
    let purchases = params.clouds[cloud.index()].purchases.iter();
    let on_sale = purchases.filter(|purchase| {
        let chip = &params.accelerators[purchase.accelerator.index()];
        // What does no chat work cannot be sized by it.
        throughput(chip, Class::Chat, until) > 0.0 && line_runs_between(params, purchase.accelerator, now, until)
    });
    on_sale
        .map(|purchase| {
            let accelerator = purchase.accelerator;
            let value = purchase.preference / levelised_cost(params, cloud, accelerator, now);
            Candidate { accelerator, weight: libm::pow(value, params.planning.cost_sensitivity) }
        })
        .collect()
}

/// The types on sale, in the proportions of the mix.
struct Mix {
    /// Power [kW/H100e]; 0 if none is on sale.
    kw_per_h100e: f64,
    /// Cost with the shell for that power [USD/H100e].
    usd_per_h100e: f64,
}

impl Mix {
    /// What may be bought for delivery by `until`.
    fn on_sale(params: &SupplyParams, cloud: CloudId, now: Time, until: Time) -> Self {
        let (mut weights, mut kw, mut usd) = (0.0, 0.0, 0.0);
        for Candidate { accelerator, weight } in candidates(params, cloud, now, until) {
            let chip = &params.accelerators[accelerator.index()];
            let per_h100e = weight / throughput(chip, Class::Chat, until);
            weights += weight;
            kw += per_h100e * chip.power_kw;
            usd += per_h100e * cost_with_shell(params, cloud, accelerator, now);
        }
        if weights > 0.0 {
            Self { kw_per_h100e: kw / weights, usd_per_h100e: usd / weights }
        } else {
            Self { kw_per_h100e: 0.0, usd_per_h100e: 0.0 }
        }
    }

    /// Power that a dollar fills with chips and their shell [kW/USD]; without bound for what costs nothing.
    fn kw_per_usd(&self) -> f64 {
        if self.usd_per_h100e > 0.0 { self.kw_per_h100e / self.usd_per_h100e } else { f64::INFINITY }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supply::SupplyEvent;
    use crate::supply::params::{Phase, Purchase};
    use crate::supply::testing::{self, Fixed, day};
    use crate::units::{Curve, Distribution, Schedule};

    const CLOUD: CloudId = CloudId(0);
    const CHIP: AcceleratorId = AcceleratorId(0);
    const OTHER: AcceleratorId = AcceleratorId(1);

    fn state(params: &SupplyParams) -> SupplyState<Fixed> {
        SupplyState::new(params, day(3_652.5), &mut |_, _| Fixed(0.5)).0
    }

    fn plan(params: &SupplyParams, state: &mut SupplyState<Fixed>, forecast: &LoadForecast) -> Plan {
        let plan = state.plan(params, CLOUD, Time(0), forecast, &mut Outbox::default());
        state.check(params).unwrap();
        plan
    }

    const RICH: LoadForecast =
        LoadForecast { need_h100e_at_chip_horizon: 800.0, need_h100e_at_power_horizon: 0.0, budget_usd_per_year: 1e12 };

    /// Two types alike but for the preference, 3 : 1 in the mix.
    fn two_types() -> SupplyParams {
        let mut params = testing::world(1);
        params.accelerators.push(testing::accelerator("other", 1.0, 1.0));
        params.suppliers[0].lines.push(testing::line(1, 3_000.0));
        params.clouds[0].purchases.push(Purchase { accelerator: OTHER, preference: 1.0 });
        params.clouds[0].purchases[0].preference = 3.0;
        params.planning.cost_sensitivity = 1.0;
        params
    }

    #[test]
    fn what_is_missing_is_ordered_once() {
        let params = testing::world(1);
        let mut state = state(&params);
        // 800 / 0.8 = 1,000 H100e.
        let first = plan(&params, &mut state, &RICH);
        assert_eq!((first.orders, first.wanted_h100e, first.bound), (vec![(CHIP, 1_000)], 1_000.0, PlanBound::Demand));
        assert_eq!(state.open_orders(CLOUD).collect::<Vec<_>>(), [(CHIP, 1_000)]);
        assert_eq!(plan(&params, &mut state, &RICH).orders, []);
    }

    #[test]
    fn chips_in_transit_and_in_stock_count() {
        let mut params = testing::world(1);
        params.sites[0].phases[0].planned = Some(day(300.0));
        let (mut state, mut out) = (state(&params), Outbox::default());
        plan(&params, &mut state, &RICH);
        state.handle(&params, Time(0), SupplyEvent::MonthOpened, &mut out);
        assert_eq!(state.stages(CLOUD, CHIP).in_transit, 1_000);
        assert_eq!(plan(&params, &mut state, &RICH).orders, []);
        state.handle(&params, out.schedule[0].0, out.schedule[0].1, &mut Outbox::default());
        assert_eq!(state.stages(CLOUD, CHIP).stock, 1_000);
        assert_eq!(plan(&params, &mut state, &RICH).orders, []);
    }

    #[test]
    fn chips_that_wear_out_within_the_horizon_do_not_count() {
        let mut params = testing::world(1);
        let initial = crate::supply::params::InitialFleet { accelerator: CHIP, chips: 400, mean_age_years: 2.5 };
        params.clouds[0].initial_fleet = vec![initial];
        // Ages from 0 to the life of 5 years: 80 of 400 end within a year.
        assert_eq!(plan(&params, &mut state(&params), &RICH).orders, [(CHIP, 680)]);
    }

    #[test]
    fn the_mix_follows_preference_over_cost_and_what_lines_can_ship() {
        let mut params = two_types();
        assert_eq!(plan(&params, &mut state(&params), &RICH).orders, [(CHIP, 750), (OTHER, 250)]);
        params.accelerators[1].throughput_h100e = [2.0; Class::COUNT];
        // Half the cost per H100e doubles the weight: 3 : 2, and two H100e a chip.
        assert_eq!(plan(&params, &mut state(&params), &RICH).orders, [(CHIP, 600), (OTHER, 200)]);
        // 100 a quarter are 400 in a year; the other type makes up for it.
        params.suppliers[0].lines[0].capacity_per_quarter = Schedule::constant(100.0);
        assert_eq!(plan(&params, &mut state(&params), &RICH).orders, [(CHIP, 400), (OTHER, 300)]);
        params.suppliers[0].lines[1].capacity_per_quarter = Schedule::constant(20.0);
        let mut state = state(&params);
        let short = plan(&params, &mut state, &RICH);
        assert_eq!((short.orders, short.bound), (vec![(CHIP, 400), (OTHER, 80)], PlanBound::Lines));
        // The lines' year is taken.
        assert_eq!(plan(&params, &mut state, &RICH).orders, []);
    }

    #[test]
    fn types_that_come_too_late_or_are_no_longer_made_are_not_ordered() {
        let mut params = two_types();
        params.sites[0].phases[0].adds_mw = 100.0;
        params.accelerators[1].available = day(366.0);
        assert_eq!(plan(&params, &mut state(&params), &RICH).orders, [(CHIP, 1_000)]);
        params.accelerators[1].available = Time(0);
        params.accelerators[1].throughput_h100e[Class::Chat.index()] = 0.0;
        assert_eq!(plan(&params, &mut state(&params), &RICH).orders, [(CHIP, 1_000)]);
        params.accelerators[1].throughput_h100e[Class::Chat.index()] = 1.0;
        params.accelerators[1].available = day(183.0);
        // Six of the twelve months are before the type comes out: 5,000 less than the lines' 12,000 in a year.
        let late = LoadForecast { need_h100e_at_chip_horizon: 1e6, ..RICH };
        assert_eq!(plan(&params, &mut state(&params), &late).orders, [(CHIP, 12_000), (OTHER, 5_000)]);
        params.suppliers[0].lines[0].capacity_per_quarter = Schedule::new(Curve::Steps, vec![(0.0, 0.0)], 0.0);
        assert_eq!(plan(&params, &mut state(&params), &late).orders, [(OTHER, 5_000)]);
    }

    #[test]
    fn orders_stay_within_the_power_that_is_to_come() {
        let mut params = testing::world(1);
        params.sites[0].phases = vec![Phase { adds_mw: 0.6, planned: None, slips: false }];
        params.sites[0].phases.push(Phase { adds_mw: 0.3, planned: Some(day(365.0)), slips: true });
        params.sites[0].phases.push(Phase { adds_mw: 9.0, planned: Some(day(366.0)), slips: true });
        let initial = crate::supply::params::InitialFleet { accelerator: CHIP, chips: 200, mean_age_years: 0.0 };
        params.clouds[0].initial_fleet = vec![initial];
        // 900 kW within the year carry 700 chips beside the 200 that are there; 800 are wanted.
        let mut short = state(&params);
        let found = plan(&params, &mut short, &RICH);
        assert_eq!((found.orders, found.bound), (vec![(CHIP, 700)], PlanBound::Power));
        // Twice the power would have carried 900 more.
        let more = &short.margins[0].as_ref().unwrap().more;
        assert!((more[0].1 - 900.0).abs() < 1e-9, "{more:?}");
        assert_eq!(plan(&params, &mut short, &RICH).orders, []);
        // Two of the old take a kW each, which one of the new, twice as good for it, may push out.
        params.accelerators.push(testing::accelerator("new", 2.0, 1.0));
        params.suppliers[0].lines.push(testing::line(1, 3_000.0));
        params.clouds[0].purchases = vec![Purchase { accelerator: OTHER, preference: 1.0 }];
        params.planning.swap_ratio = 2.0;
        let rich = LoadForecast { need_h100e_at_chip_horizon: 8_000.0, ..RICH };
        assert_eq!(plan(&params, &mut state(&params), &rich).orders, [(OTHER, 900)]);
    }

    #[test]
    fn open_and_new_orders_stay_within_the_budget() {
        let mut params = testing::world(1);
        let mut state = state(&params);
        // A chip costs 10,000 and its kW of shell 10,000: 250 for 5M.
        let poor = LoadForecast { budget_usd_per_year: 5e6, ..RICH };
        let first = plan(&params, &mut state, &poor);
        assert_eq!((first.orders, first.bound), (vec![(CHIP, 250)], PlanBound::Budget));
        assert_eq!(plan(&params, &mut state, &poor).orders, []);
        // Guidance comes before the forecast's budget, as long as it holds.
        params.clouds[0].budget_guidance_usd_per_year = Some(Schedule::constant(8e6));
        assert_eq!(plan(&params, &mut state, &poor).orders, [(CHIP, 150)]);
        assert_eq!(budget_guidance(&params, CLOUD, Time(0)), Some(8e6));
        assert_eq!(budget_guidance(&params, CLOUD, Time(1)), None);
    }

    /// What a limit twice as large would order besides: the need again over the target, the budget again in chips and
    /// shells, the lines' year again.
    #[test]
    fn a_plan_tells_what_more_it_would_have_ordered() {
        let mut params = two_types();
        let margin = |params: &SupplyParams, forecast: &LoadForecast| {
            let mut state = state(params);
            plan(params, &mut state, forecast);
            let Margin { bound, budget_usd, more } = state.margins[0].clone().unwrap();
            (bound, budget_usd, more.iter().map(|(_, chips)| chips.round() as u64).collect::<Vec<_>>())
        };
        assert_eq!(margin(&params, &RICH), (PlanBound::Demand, 1e12, vec![750, 250]));
        // A chip and its shell cost 20,000.
        let poor = LoadForecast { budget_usd_per_year: 6e6, ..RICH };
        assert_eq!(margin(&params, &poor), (PlanBound::Budget, 6e6, vec![225, 75]));
        params.suppliers[0].lines[0].capacity_per_quarter = Schedule::constant(100.0);
        // The first type is ordered as far as its line goes, so the other takes all of what is needed besides.
        assert_eq!(margin(&params, &RICH), (PlanBound::Demand, 1e12, vec![0, 1_000]));
        params.suppliers[0].lines[1].capacity_per_quarter = Schedule::constant(20.0);
        assert_eq!(margin(&params, &RICH), (PlanBound::Lines, 1e12, vec![400, 80]));
    }

    #[test]
    fn missing_power_is_requested_once() {
        let mut params = testing::world(1);
        (params.sites[0].pue, params.sites[0].reserve) = (1.25, 0.2);
        // What was requested counts, even if it comes after the horizon.
        params.power.grid_months = Distribution::Constant(60.0);
        params.power.smallest_request_mw = 0.5;
        let mut state = state(&params);
        let need = |h100e| LoadForecast { need_h100e_at_power_horizon: h100e, ..RICH };
        // 10 MW carry 6.4 MW of IT, enough for 6,400 H100e; 8,012 need 1.61 MW of IT more, 2.52 MW of facility:
        // five blocks.
        let mut out = Outbox::default();
        let plan = state.plan(&params, CLOUD, Time(0), &need(6_410.0), &mut out);
        assert!((plan.requested_mw - 2.5).abs() < 1e-9, "{}", plan.requested_mw);
        assert_eq!(out.schedule.len(), 1);
        assert_eq!(state.plan(&params, CLOUD, day(90.0), &need(6_410.0), &mut out).requested_mw, 0.0);
        // 290 H100e more, over 0.8, need 0.57 MW of facility: one block.
        assert_eq!(state.plan(&params, CLOUD, day(90.0), &need(6_700.0), &mut out).requested_mw, 0.5);
    }

    #[test]
    fn power_is_planned_at_the_kw_of_what_is_held_and_of_the_mix_for_the_rest() {
        let mut params = testing::world(1);
        params.accelerators.push(testing::accelerator("old", 1.0, 4.0));
        let initial = crate::supply::params::InitialFleet { accelerator: OTHER, chips: 1_000, mean_age_years: 0.0 };
        params.clouds[0].initial_fleet = vec![initial];
        let state = state(&params);
        let missing = |h100e| {
            let need = LoadForecast { need_h100e_at_power_horizon: h100e, ..RICH };
            state.power_shortfall_mw(&params, CLOUD, Time(0), &need)
        };
        // 1,000 old at 4 kW and 9,000 new at 1 kW are 13 MW; of 500 old 2 MW; 10 MW are there.
        assert!((missing(8_000.0) - 3.0).abs() < 1e-9);
        assert_eq!(missing(400.0), 0.0);
        // A new chip with its kW of shell costs 20,000: what 60M a year buy until then takes 9 MW at most.
        let years = params.planning.power_horizon_years;
        let poor = LoadForecast { need_h100e_at_power_horizon: 1e6, budget_usd_per_year: 180e6 / years, ..RICH };
        let short = state.power_shortfall_mw(&params, CLOUD, Time(0), &poor);
        assert!((short - 3.0).abs() < 1e-9, "{short}");
    }
}
