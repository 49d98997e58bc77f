//! Choice: shares of the multinomial and the nested logit, and utilities from shares.
//!
//! The plain logit, with costs of switching or without, goes through [`Chooser`], which draws every choice of the market;
//! the nested logit, whose nests may differ in their dissimilarity, through the equations that the chooser is held against.

use super::fields::{ANY, BETWEEN, Fields, NOT_NEGATIVE, Range, SHARE};
use super::kinds::Task;
use super::value::Value;
use crate::ids::{ChannelId, LabId, ModelId};
use crate::market::choice::inversion::nested_logit_utilities;
use crate::market::choice::logit::{mnl_shares, nested_logit_shares};
use crate::market::choice::{ChoiceKey, Chooser, Offer, Offers, OptionIndex, Taste, TasteId};
use crate::market::residency::Jurisdictions;
use crate::supply::params::Class;
use std::collections::{BTreeMap, BTreeSet};

/// Most options of a choice.
const MOST_OPTIONS: usize = 10_000;
const CLASS: Class = Class::Chat;
/// Most options of a case whose every state is followed.
const MOST_STATES: usize = 100;
/// Most periods.
const MOST_PERIODS: u64 = 10_000;
const RHO: Range = Range { expected: "a number of at least 0 and below 1", holds: |x| x == 0.0 || (BETWEEN.holds)(x) };

fn utilities(fields: &mut Fields) -> Vec<f64> {
    let utilities = fields.numbers("mean_utilities", ANY);
    if utilities.len() > MOST_OPTIONS {
        fields.refuse("mean_utilities", "at most 10000 options");
    }
    utilities
}

/// Multinomial logit with an outside option of utility 0.
pub(super) fn mnl(fields: &mut Fields, _id: &str) -> Task {
    let utilities = utilities(fields);
    Box::new(move |_| {
        let (inside, outside) = drawn_shares(&utilities);
        let inclusive_value = mnl_shares(&utilities, 0.0).inclusive_value;
        vec![
            ("shares", Value::numbers(inside)),
            ("outside_share", Value::Number(outside)),
            ("inclusive_value", Value::Number(inclusive_value)),
        ]
    })
}

/// The shares that the market's chooser draws from, for a segment to which options differ in ξ alone.
fn drawn_shares(utilities: &[f64]) -> (Vec<f64>, f64) {
    Chooser::new(vec![indifferent()], 0).shares(&offers(utilities), &in_state(None))
}

fn offers(utilities: &[f64]) -> Offers {
    let mut offers = Offers::new();
    for (place, utility) in utilities.iter().enumerate() {
        offers.push(option(place, *utility));
    }
    offers
}

/// A choice from an option, or from outside.
fn in_state(current: Option<usize>) -> ChoiceKey {
    ChoiceKey {
        taste: TasteId(0),
        class: CLASS,
        home: None,
        committed: false,
        current: current.map(|place| OptionIndex(place as u16)),
        tenure_half_years: 0,
    }
}

/// Every option is a lab of its own, so that none shares a nest.
fn option(place: usize, utility: f64) -> Offer {
    Offer {
        model: ModelId::new(place),
        lab: LabId::new(place),
        line: 0,
        channel: ChannelId::new(place),
        cloud: None,
        quality: [0.0; Class::COUNT],
        price_usd_per_mtok: [1.0; Class::COUNT],
        latency_excess_s: [0.0; Class::COUNT],
        governance: 0.0,
        support: 0.0,
        ln_breadth: 0.0,
        certification: 0,
        residency: Jurisdictions::NONE,
        xi: utility,
        open: true,
        sold_out: false,
    }
}

/// Cares for nothing that can be named.
fn indifferent() -> Taste {
    Taste {
        alpha_q: 0.0,
        alpha_q_class: [0.0; Class::COUNT],
        alpha_p: 0.0,
        alpha_l: 0.0,
        alpha_g: 0.0,
        alpha_b: 0.0,
        alpha_s: 0.0,
        beta_home: 0.0,
        beta_commit: 0.0,
        switch_lab: 0.0,
        switch_version: 0.0,
        switch_cloud: 0.0,
        switch_tenure_per_year: 0.0,
        switch_tenure_cap_years: 0.0,
        switch_entry: 0.0,
        lambda: 1.0,
        v0: 0.0,
        ln_over_list: [0.0; Class::COUNT],
        certification: 0,
        residency: Jurisdictions::NONE,
    }
}

/// Nested logit with an outside option of utility 0 in a nest of its own; λ = 1 − ρ.
pub(super) fn nested(fields: &mut Fields, _id: &str) -> Task {
    let utilities = utilities(fields);
    let Nests { names, nest_of, lambda } = nests(fields, utilities.len());
    Box::new(move |_| {
        let shares = nested_logit_shares(&utilities, &nest_of, &lambda, 0.0);
        let mut nest_shares = vec![0.0; lambda.len()];
        for (share, nest) in shares.inside.iter().zip(&nest_of) {
            nest_shares[*nest] += share;
        }
        let conditional = shares.inside.iter().zip(&nest_of).map(|(share, nest)| share / nest_shares[*nest]);
        let by_name = names.iter().cloned().zip(nest_shares.iter().map(|share| Value::Number(*share)));
        vec![
            ("conditional_shares", Value::numbers(conditional)),
            ("nest_shares", Value::Map(by_name.collect())),
            ("shares", Value::numbers(shares.inside)),
            ("outside_share", Value::Number(shares.outside)),
            ("inclusive_value", Value::Number(shares.inclusive_value)),
        ]
    })
}

/// The nests of a case: their names in order, the nest of each product, and λ = 1 − ρ of each nest.
pub(super) struct Nests {
    pub names: Vec<String>,
    pub nest_of: Vec<usize>,
    pub lambda: Vec<f64>,
}

/// Reads `nest_of_product` of so many products, and `rho_by_nest`.
pub(super) fn nests(fields: &mut Fields, products: usize) -> Nests {
    let nest_names = fields.texts("nest_of_product");
    if nest_names.len() != products {
        fields.refuse("nest_of_product", "a nest for every product");
    }
    let mut rho: BTreeMap<String, f64> = BTreeMap::new();
    if let Some(mut by_nest) = fields.within("rho_by_nest") {
        for name in by_nest.names() {
            let value = by_nest.number(&name, RHO);
            rho.insert(name, value);
        }
    }
    let place = |name: &String| rho.keys().position(|nest| nest == name);
    let nest_of: Vec<Option<usize>> = nest_names.iter().map(place).collect();
    for (product, _) in nest_of.iter().enumerate().filter(|(_, nest)| nest.is_none()) {
        fields.refuse(&format!("nest_of_product[{product}]"), "a nest with a rho");
    }
    let lambda = rho.values().map(|rho| 1.0 - rho).collect();
    Nests { names: rho.into_keys().collect(), nest_of: nest_of.into_iter().flatten().collect(), lambda }
}

/// Utilities of a nested logit from shares, over an outside option of utility 0.
pub(super) fn inversion(fields: &mut Fields, _id: &str) -> Task {
    let shares = fields.numbers("shares", BETWEEN);
    if shares.len() > MOST_OPTIONS {
        fields.refuse("shares", "at most 10000 options");
    }
    let nest_names = fields.texts("nest_of_product");
    if nest_names.len() != shares.len() {
        fields.refuse("nest_of_product", "a nest for every share");
    }
    let lambda = 1.0 - fields.number("rho", RHO);
    let names: BTreeSet<&String> = nest_names.iter().collect();
    let place = |name: &String| names.iter().position(|nest| *nest == name);
    let nest_of: Vec<usize> = nest_names.iter().filter_map(place).collect();
    let found = nested_logit_utilities(&shares, &nest_of, &vec![lambda; names.len()], 0.0);
    if let (Err(error), true) = (&found, lambda > 0.0 && nest_of.len() == shares.len()) {
        fields.refuse("shares", &format!("shares of a logit ({error})"));
    }
    let utilities = found.unwrap_or_default();
    Box::new(move |_| vec![("mean_utilities", Value::numbers(utilities.iter().copied()))])
}

/// A logit in which moving to another option costs the same from everywhere, outside included, and leaving nothing.
///
/// Each option is a lab of its own: moving between labs costs `switch_lab`, coming in `switch_entry`.
pub(super) fn switching(fields: &mut Fields, _id: &str) -> Task {
    let utilities = utilities(fields);
    if utilities.len() > MOST_STATES {
        fields.refuse("mean_utilities", "at most 100 options");
    }
    let cost = fields.number("switching_cost", NOT_NEGATIVE);
    let start = fields.numbers("initial_shares_outside_last", SHARE);
    if start.len() != utilities.len() + 1 || (start.iter().sum::<f64>() - 1.0).abs() > 1e-9 {
        fields.refuse("initial_shares_outside_last", "a share for every utility and for the outside, 1 in all");
    }
    let periods = fields.count("periods", 0, MOST_PERIODS);
    Box::new(move |_| {
        let taste = Taste { switch_lab: cost, switch_entry: cost, ..indifferent() };
        let (mut chooser, offers) = (Chooser::new(vec![taste], 0), offers(&utilities));
        let states = (0..utilities.len()).map(Some).chain([None]);
        let matrix: Vec<Vec<f64>> = states
            .map(|state| {
                let (mut row, outside) = chooser.shares(&offers, &in_state(state));
                row.push(outside);
                row
            })
            .collect();
        let mut shares = vec![start.clone()];
        for period in 0..periods as usize {
            let next = stepped(&shares[period], &matrix);
            shares.push(next);
        }
        let retention = (0..utilities.len()).map(|place| matrix[place][place]);
        vec![
            ("retention_by_provider", Value::numbers(retention)),
            ("shares_by_period", Value::List(shares.into_iter().skip(1).map(Value::numbers).collect())),
            ("stationary_shares", Value::numbers(stationary(&start, &matrix))),
            ("transition_matrix", Value::List(matrix.into_iter().map(Value::numbers).collect())),
        ]
    })
}

/// Shares after everybody has chosen once.
fn stepped(shares: &[f64], matrix: &[Vec<f64>]) -> Vec<f64> {
    (0..shares.len()).map(|to| shares.iter().zip(matrix).map(|(share, row)| share * row[to]).sum()).collect()
}

/// Shares that choosing again leaves as they are, as far as a hundred thousand rounds come.
fn stationary(start: &[f64], matrix: &[Vec<f64>]) -> Vec<f64> {
    const ROUNDS: usize = 100_000;
    let mut shares = start.to_vec();
    for _ in 0..ROUNDS {
        let next = stepped(&shares, matrix);
        let moved = shares.iter().zip(&next).fold(0.0, |most: f64, (a, b)| most.max((a - b).abs()));
        shares = next;
        if moved <= 1e-17 {
            break;
        }
    }
    shares
}
