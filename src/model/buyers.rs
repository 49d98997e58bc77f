//! How accounts spread over clouds, what they negotiate, and what their homes bring: read, never changed.

use super::observe::{Sheet, share};
use super::simulation::Simulation;
use crate::ids::CloudId;
use crate::market::demand::Bought;

/// Months of a year.
const MONTHS: f64 = 12.0;

impl Simulation<'_> {
    /// Conventional revenue of a cloud now [USD/year]: `R(t)·H(t)/H(0)`.
    ///
    /// R the scripted trend [USD/year] · H share of accounts at home on it, weighted by their spend [1]. MODEL §5.
    /// Limits: spend on tokens stands for what an account spends on clouds altogether.
    pub(super) fn other_revenue_usd_per_year(&self, cloud: CloudId) -> f64 {
        let trend = self.params.clouds[cloud.index()].other_revenue_usd_per_year.at(self.now());
        trend * self.state.demand.home_ratio(cloud)
    }

    /// By segment, how many providers accounts use, who has several clouds, what that costs them, and what they negotiate.
    pub(super) fn observe_accounts(&self, sheet: &mut Sheet) {
        let demand = &self.params.demand;
        let (spread, by_channel) = self.state.demand.spread(demand, &self.state.offers, self.now());
        let negotiated = |bought: &Bought| share(bought.off_usd_per_year, bought.usd_per_year);
        for (segment, spread) in demand.segments.iter().zip(&spread) {
            sheet.put("providers_per_account", &segment.id, share(spread.providers, spread.accounts));
            sheet.put("multicloud_share", &segment.id, share(spread.multicloud, spread.accounts));
            let usd = spread.further_clouds_usd_per_year(segment) / MONTHS;
            sheet.put("further_clouds_usd", &segment.id, usd);
            sheet.put("discount_share", &segment.id, negotiated(&spread.bought));
        }
        for (c, channel) in self.params.channels.iter().enumerate() {
            let bought = by_channel.get(c).copied().unwrap_or_default();
            sheet.put("discount_at_channel_share", &channel.id, negotiated(&bought));
        }
    }
}
