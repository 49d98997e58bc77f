//! Choice shares straight from the equations: slow, plain, and what the fast chooser is held against.

use super::logit::{Shares, nested_logit_shares};
use super::offers::{Offer, Offers};
use super::taste::{ChoiceKey, Taste};

/// Nested-logit shares of every option that `key` faces, in the order of [`Offers`]; barred options get 0.
///
/// See [`Taste`] for the utility and [`nested_logit_shares`] for the shares; the nests are the labs.
///
/// # Panics
/// If a utility is not a number.
pub fn plain_shares(taste: &Taste, offers: &Offers, key: &ChoiceKey) -> Shares {
    let labs = offers.iter().map(|(_, offer)| offer.lab.index() + 1).max().unwrap_or(0);
    let (utilities, nest_of): (Vec<f64>, Vec<usize>) = offers
        .iter()
        .map(|(option, offer)| {
            let ln_price = offers.ln_price(option, key.class);
            (utility(taste, offers, key, offer, ln_price), offer.lab.index())
        })
        .unzip();
    let outside = taste.outside_utility(offers.outside_quality(key.class), key.class);
    nested_logit_shares(&utilities, &nest_of, &vec![taste.lambda; labs], outside)
}

fn utility(taste: &Taste, offers: &Offers, key: &ChoiceKey, offer: &Offer, ln_price: f64) -> f64 {
    if !taste.admits(offer, key.class) {
        return f64::NEG_INFINITY;
    }
    let home = if key.home.is_some() && offer.cloud == key.home { taste.home_utility(key.committed) } else { 0.0 };
    let moving = |from| taste.switching_cost(&offers[from], offer, key.tenure_half_years);
    let cost = key.current.map_or(taste.switch_entry, moving);
    taste.common_utility(offer, ln_price, key.class) + home - cost
}
