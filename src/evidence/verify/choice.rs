//! Choice: shares of the multinomial and the nested logit.
//!
//! The plain logit goes through [`Chooser`], which draws every choice of the market; the nested logit, whose nests may
//! differ in their dissimilarity, through the equations that the chooser is held against.

use super::fields::{ANY, BETWEEN, Fields, Range};
use super::kinds::Task;
use super::value::Value;
use crate::ids::{ChannelId, LabId, ModelId, SegmentId};
use crate::market::choice::logit::{mnl_shares, nested_logit_shares};
use crate::market::choice::{ChoiceKey, Chooser, Offer, Offers, Taste};
use crate::supply::params::Class;
use std::collections::BTreeMap;

/// Most options of a choice.
const MOST_OPTIONS: usize = 10_000;
const CLASS: Class = Class::Chat;
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
    let mut offers = Offers::new();
    for (place, utility) in utilities.iter().enumerate() {
        offers.push(option(place, *utility));
    }
    let key = ChoiceKey {
        segment: SegmentId(0),
        class: CLASS,
        home: None,
        committed: false,
        current: None,
        tenure_half_years: 0,
    };
    Chooser::new(vec![indifferent()], 0).shares(&offers, &key)
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
        regions: 0,
        xi: utility,
        open: true,
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
        lambda: 1.0,
        v0: 0.0,
        certification: 0,
        regions: 0,
    }
}

/// Nested logit with an outside option of utility 0 in a nest of its own; λ = 1 − ρ.
pub(super) fn nested(fields: &mut Fields, _id: &str) -> Task {
    let utilities = utilities(fields);
    let nest_names = fields.texts("nest_of_product");
    if nest_names.len() != utilities.len() {
        fields.refuse("nest_of_product", "a nest for every utility");
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
    let nest_of: Vec<usize> = nest_of.into_iter().flatten().collect();
    Box::new(move |_| {
        let lambda: Vec<f64> = rho.values().map(|rho| 1.0 - rho).collect();
        let shares = nested_logit_shares(&utilities, &nest_of, &lambda, 0.0);
        let mut nest_shares = vec![0.0; lambda.len()];
        for (share, nest) in shares.inside.iter().zip(&nest_of) {
            nest_shares[*nest] += share;
        }
        let conditional = shares.inside.iter().zip(&nest_of).map(|(share, nest)| share / nest_shares[*nest]);
        let by_name = rho.keys().cloned().zip(nest_shares.iter().map(|share| Value::Number(*share)));
        vec![
            ("conditional_shares", Value::numbers(conditional)),
            ("nest_shares", Value::Map(by_name.collect())),
            ("shares", Value::numbers(shares.inside)),
            ("outside_share", Value::Number(shares.outside)),
            ("inclusive_value", Value::Number(shares.inclusive_value)),
        ]
    })
}
