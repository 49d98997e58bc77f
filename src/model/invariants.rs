//! Invariants: chips, megawatts, tokens and dollars, checked after every event that moves them.

use super::events::Event;
use super::simulation::Simulation;
use super::state::{CloudState, LabState, TokenBalance};
use crate::supply::params::Class;

/// Relative error to which tokens and energy are reconciled.
const TOLERANCE: f64 = 1e-9;

impl Simulation<'_> {
    /// Checks what an event may have broken.
    ///
    /// # Errors
    /// Says what does not hold.
    pub(super) fn check(&self, event: &Event) -> Result<(), String> {
        match event {
            Event::Supply(_) | Event::WeekOpened | Event::MonthOpened(_) | Event::CloudsPlanned => {
                self.state.supply.check(&self.params.supply)
            }
            Event::Dispatched => self.check_dispatch().and_then(|()| self.check_training()),
            Event::RunStarted(_) | Event::JobEnded(..) | Event::ResearchDue(..) => self.check_training(),
            Event::MonthClosed(_) | Event::TermsChanged => {
                self.state.ledger.check();
                self.check_month()
            }
            Event::RegulatorsMet(_)
            | Event::ChannelFailed(..)
            | Event::ChannelRestored(..)
            | Event::ModelReleased(_)
            | Event::ProgrammeReleased(_)
            | Event::Ported(..)
            | Event::OffersReviewed
            | Event::PricesReviewed(_)
            | Event::Demand(_)
            | Event::LabsPlanned
            | Event::MonthObserved(_) => Ok(()),
        }
    }

    /// Compute in use is within the fleets, now and over the month, and no option is served more than it is asked for.
    fn check_dispatch(&self) -> Result<(), String> {
        for (cloud, owner) in self.state.clouds.iter().zip(&self.params.supply.clouds) {
            let now = (cloud.used, cloud.fleet.h100e(Class::Chat), "chat H100e");
            let this_month = (cloud.used_hours, cloud.capacity_hours, "chat H100e-hours");
            for (used, capacity, unit) in [now, this_month] {
                if used > capacity * (1.0 + TOLERANCE) + TOLERANCE {
                    return Err(format!("{}: {used} {unit} in use of {capacity}", owner.id));
                }
            }
        }
        self.check_views()?;
        for (i, flow) in self.state.flows.iter().enumerate() {
            let asked = flow.asked + flow.spill_in;
            if flow.served > asked * (1.0 + TOLERANCE) + TOLERANCE {
                return Err(format!("option {i}: {} Mtok/h served of {asked} asked for and taken in", flow.served));
            }
        }
        self.check_balances(|cloud| &cloud.tokens, |lab| &lab.tokens)
    }

    /// Compute in use is its users', cloud by cloud, and owners and operators have the same altogether.
    fn check_views(&self) -> Result<(), String> {
        let (mut owned, mut operated) = (0.0, 0.0);
        for cloud in self.cloud_ids() {
            let (views, state) = (self.views(cloud), &self.state.clouds[cloud.index()]);
            let by_user = views.operated - views.idle() - views.spot + state.leased_out;
            if (by_user - state.used).abs() > TOLERANCE * state.used + TOLERANCE {
                let id = &self.params.supply.clouds[cloud.index()].id;
                return Err(format!("{id}: {} chat H100e in use, {by_user} by users", state.used));
            }
            owned += views.owned;
            operated += views.operated;
        }
        if (owned - operated).abs() > TOLERANCE * owned + TOLERANCE {
            return Err(format!("{owned} chat H100e owned, {operated} operated"));
        }
        Ok(())
    }

    /// Tokens counted by option and product agree with tokens counted by fleet.
    fn check_month(&self) -> Result<(), String> {
        let mut by_option: f64 = self.state.month.options.iter().map(|o| o.served).sum();
        by_option += self.state.unbilled.iter().map(|o| o.served).sum::<f64>();
        let by_product: f64 = self.state.month.products.iter().map(|p| p.1).sum();
        let by_fleet: f64 = self.state.clouds.iter().map(|cloud| cloud.fleet_mtok).sum();
        let sum = by_option + by_product;
        if (sum - by_fleet).abs() > TOLERANCE * sum.max(by_fleet) + TOLERANCE {
            return Err(format!("{sum} Mtok served by option and product, {by_fleet} by fleet"));
        }
        self.check_balances(|cloud| &cloud.month_tokens, |lab| &lab.month_tokens)
    }

    /// At each place, tokens asked for and taken in are served, throttled, spilled or lost; what leaves one place comes
    /// in at another; what all places serve is what options and products are served.
    fn check_balances(
        &self,
        of_cloud: impl Fn(&CloudState) -> &TokenBalance,
        of_lab: impl Fn(&LabState) -> &TokenBalance,
    ) -> Result<(), String> {
        let clouds = self.params.supply.clouds.iter().zip(&self.state.clouds);
        let clouds = clouds.map(|(owner, state)| (&owner.id, of_cloud(state)));
        let labs = self.params.labs.iter().zip(&self.state.labs).map(|(lab, state)| (&lab.id, of_lab(state)));
        let (mut left, mut came, mut asked_for) = (0.0, 0.0, 0.0);
        for (id, balance) in clouds.chain(labs) {
            let (asked, accounted) = balance.sides();
            if (asked - accounted).abs() > TOLERANCE * asked + TOLERANCE {
                return Err(format!(
                    "{id}: {asked} Mtok asked for and taken in, {accounted} accounted for: {balance:?}"
                ));
            }
            let parts = [balance.throttled, balance.spill_out, balance.lost, balance.spill_in];
            if parts.iter().any(|part| *part < 0.0) {
                return Err(format!("{id}: less than nothing: {balance:?}"));
            }
            left += balance.spill_out;
            came += balance.spill_in;
            asked_for += asked;
        }
        if (left - came).abs() > TOLERANCE * asked_for + TOLERANCE {
            return Err(format!("{left} Mtok left for elsewhere, {came} came in"));
        }
        Ok(())
    }
}
