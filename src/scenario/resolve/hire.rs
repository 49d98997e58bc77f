//! Terms of rental.

use super::Resolver;
use crate::market::demand::hire::{HireParams, SpotParams};
use crate::scenario::schema::{RentalTermsSpec, ReservedSpec};
use crate::units::Schedule;

/// Limits of the price on demand over a cloud's price.
const MARKUPS: (f64, f64) = (0.1, 10.0);
/// A discount leaves something to pay.
const MOST_DISCOUNT: f64 = 0.99;
/// Least size of the elasticity of spot demand: a price clears only what answers to it.
const LEAST_ELASTIC: f64 = -0.05;

impl Resolver<'_> {
    pub(super) fn rental_terms(&mut self, spec: &RentalTermsSpec) -> HireParams {
        let at = |field: &str| format!("rental.terms.{field}");
        let (one, three) =
            (self.reserved(&at("one_year"), &spec.one_year), self.reserved(&at("three_years"), &spec.three_years));
        let (markup, spot) = (&spec.on_demand_over_price, &spec.spot);
        HireParams {
            on_demand_over_price: self.series_within(&at("on_demand_over_price"), markup, MARKUPS.0, MARKUPS.1),
            discount: [one.0, three.0],
            bound: [one.1, three.1],
            review_per_month: self.share(&at("review_per_month"), &spec.review_per_month),
            spot: SpotParams {
                h100e: self.series_at_least(&at("spot.h100e"), &spot.h100e, 0.0),
                reference_over_price: self.within(
                    &at("spot.reference_over_price"),
                    &spot.reference_over_price,
                    0.01,
                    MARKUPS.1,
                ),
                elasticity: self.within(&at("spot.elasticity"), &spot.elasticity, -10.0, LEAST_ELASTIC),
                offered_share: self.share(&at("spot.offered_share"), &spot.offered_share),
            },
        }
    }

    fn reserved(&mut self, path: &str, spec: &ReservedSpec) -> (Schedule, f64) {
        let discount = self.series_within(&format!("{path}.discount"), &spec.discount, 0.0, MOST_DISCOUNT);
        (discount, self.number(&format!("{path}.bound"), &spec.bound))
    }
}
