//! How accounts spread over clouds: read at a month's end, never changed.

use super::observe::{Sheet, share};
use super::simulation::Simulation;

/// Months of a year.
const MONTHS: f64 = 12.0;

impl Simulation<'_> {
    /// By segment, how many providers accounts use, who has several clouds, and what that costs them.
    pub(super) fn observe_accounts(&self, sheet: &mut Sheet) {
        let demand = &self.params.demand;
        let spread = self.state.demand.spread(demand, &self.state.offers);
        for (segment, spread) in demand.segments.iter().zip(&spread) {
            sheet.put("providers_per_account", &segment.id, share(spread.providers, spread.accounts));
            sheet.put("multicloud_share", &segment.id, share(spread.multicloud, spread.accounts));
            let usd = spread.further_clouds_usd_per_year(segment) / MONTHS;
            sheet.put("further_clouds_usd", &segment.id, usd);
        }
    }
}
