//! Prices in equilibrium, before and after mergers and shocks, through [`crate::market::pricing`].

use super::choice::{Nests, nests};
use super::fields::{ANY, Fields, NOT_NEGATIVE, POSITIVE};
use super::kinds::Task;
use super::value::{Quantities, Value};
use crate::market::pricing::{Demand, Equilibrium, PriceGame, PriceTerm, Search, equilibrium, herfindahl};
use std::collections::BTreeSet;

/// Most products of a case: a search takes a few hundred milliseconds for as many.
const MOST_PRODUCTS: usize = 100;

/// What customers want, as a case tells it.
struct Customers {
    delta: Vec<f64>,
    alpha: f64,
    nests: Nests,
    number: f64,
}

/// Who sells, at what cost.
struct Sellers {
    names: Vec<String>,
    seller_of: Vec<usize>,
    cost: Vec<f64>,
    capacity: Vec<f64>,
}

/// One product, one seller.
pub(super) fn monopoly(fields: &mut Fields, _id: &str) -> Task {
    let delta = fields.numbers("delta", ANY);
    let alpha = fields.number("alpha", POSITIVE);
    let cost = fields.numbers("marginal_cost", NOT_NEGATIVE);
    if delta.len() != 1 || cost.len() != 1 {
        fields.refuse("delta", "one product with one marginal cost");
    }
    let nests = Nests { names: Vec::new(), nest_of: vec![0], lambda: vec![1.0] };
    let customers = Customers { delta, alpha, nests, number: 1.0 };
    let sellers = Sellers { names: vec!["only".into()], seller_of: vec![0], cost, capacity: vec![f64::INFINITY] };
    Box::new(move |_| match solved(&customers, &sellers) {
        Some(found) => {
            vec![("price", Value::Number(found.prices[0])), ("share", Value::Number(found.shares.inside[0]))]
        }
        None => Vec::new(),
    })
}

/// Several sellers of one or more products each.
pub(super) fn bertrand_nash(fields: &mut Fields, _id: &str) -> Task {
    let customers = customers(fields);
    let sellers = sellers(fields, customers.delta.len(), "firm_of_product", "marginal_costs");
    Box::new(move |_| solved(&customers, &sellers).map_or_else(Vec::new, |found| told(&found, &sellers)))
}

/// The equilibria before and after owners or costs changed.
pub(super) fn before_and_after(fields: &mut Fields, _id: &str) -> Task {
    let customers = customers(fields);
    let products = customers.delta.len();
    let before = sellers(fields, products, "firm_of_product_before", "marginal_costs_before");
    let after = sellers(fields, products, "firm_of_product_after", "marginal_costs_after");
    Box::new(move |_| {
        let (Some(old), Some(new)) = (solved(&customers, &before), solved(&customers, &after)) else {
            return Vec::new();
        };
        let mut quantities = told(&new, &after);
        let hhi = |found: &Equilibrium, sellers: &Sellers| herfindahl(&sellers.shares(found));
        let hhi_before = hhi(&old, &before);
        let surplus = |found: &Equilibrium| found.consumer_surplus.unwrap_or(f64::NAN);
        quantities.extend([
            ("price_changes", Value::numbers(new.prices.iter().zip(&old.prices).map(|(new, old)| new - old))),
            ("HHI_inside_before", Value::Number(hhi_before)),
            ("HHI_inside_change", Value::Number(hhi(&new, &after) - hhi_before)),
            ("delta_HHI_at_pre_merger_shares", Value::Number(hhi(&old, &after) - hhi_before)),
            ("consumer_surplus_change_per_customer", Value::Number(surplus(&new) - surplus(&old))),
        ]);
        quantities
    })
}

fn customers(fields: &mut Fields) -> Customers {
    let delta = fields.numbers("delta", ANY);
    if delta.len() > MOST_PRODUCTS {
        fields.refuse("delta", "at most 100 products");
    }
    let nests = nests(fields, delta.len());
    Customers { alpha: fields.number("alpha", POSITIVE), number: fields.number("market_size", POSITIVE), delta, nests }
}

fn sellers(fields: &mut Fields, products: usize, firms: &str, costs: &str) -> Sellers {
    let firm_names = fields.texts(firms);
    let cost = fields.numbers(costs, NOT_NEGATIVE);
    for (name, length) in [(firms, firm_names.len()), (costs, cost.len())] {
        if length != products {
            fields.refuse(name, "one for every product");
        }
    }
    let names: BTreeSet<&String> = firm_names.iter().collect();
    let seller_of = firm_names.iter().filter_map(|name| names.iter().position(|firm| *firm == name)).collect();
    let names: Vec<String> = names.into_iter().cloned().collect();
    Sellers { seller_of, cost, capacity: vec![f64::INFINITY; names.len()], names }
}

impl Sellers {
    /// Share of all customers of each seller [1].
    fn shares(&self, found: &Equilibrium) -> Vec<f64> {
        let mut shares = vec![0.0; self.names.len()];
        for (share, seller) in found.shares.inside.iter().zip(&self.seller_of) {
            shares[*seller] += share;
        }
        shares
    }

    fn by_name(&self, values: &[f64]) -> Value {
        Value::Map(self.names.iter().cloned().zip(values.iter().copied().map(Value::Number)).collect())
    }
}

/// The equilibrium, if it is found and is the only one that was.
fn solved(customers: &Customers, sellers: &Sellers) -> Option<Equilibrium> {
    let demand = Demand {
        utility: &customers.delta,
        price_weight: customers.alpha,
        term: PriceTerm::Linear,
        nest_of: &customers.nests.nest_of,
        lambda: &customers.nests.lambda,
        outside: 0.0,
        customers: customers.number,
    };
    let game = PriceGame::new(demand, &sellers.seller_of, &sellers.cost, &sellers.capacity).ok()?;
    let found = equilibrium(&game, Search::default());
    (found.converged && found.starts_agree).then_some(found)
}

fn told(found: &Equilibrium, sellers: &Sellers) -> Quantities {
    let shares = sellers.shares(found);
    let inside: f64 = shares.iter().sum();
    let hhi = herfindahl(&shares);
    vec![
        ("prices", Value::numbers(found.prices.iter().copied())),
        ("markups", Value::numbers(found.markups.iter().copied())),
        ("shares", Value::numbers(found.shares.inside.iter().copied())),
        ("outside_share", Value::Number(found.shares.outside)),
        ("firm_shares_of_market", sellers.by_name(&shares)),
        ("firm_profits", sellers.by_name(&found.profits)),
        ("consumer_surplus_per_customer", found.consumer_surplus.map_or(Value::None, Value::Number)),
        ("HHI_inside", Value::Number(hhi)),
        ("HHI_market_including_outside_in_denominator", Value::Number(hhi * inside * inside)),
    ]
}
