//! What an hour of compute costs over the life of a chip.

use crate::accounts::capital_recovery_factor;
use crate::ids::{AcceleratorId, CloudId};
use crate::supply::params::{Class, SupplyParams};
use crate::supply::power::{energy_usd, facility_power};
use crate::units::Time;

/// Hours of a year in the cost of compute.
const HOURS: f64 = 8_760.0;

/// What a chip costs, and how it is used.
///
/// `(I·CRF(w, n) + S·CRF(w, N) + k·PUE·8760·(u + d·(1 − u))·p + O) / (8760·u)` [USD per busy hour]
///
/// I IT cost, S shell and power [USD] · w cost of capital [1/year] · n life of the chip, N of the shell [years] ·
/// k power [kW] · u utilisation [1] · d share of its power that an idle chip draws [1] · p price of electricity
/// [USD/kWh] · O other yearly cost [USD/year].
/// Source: capital recovery as in any text on engineering economics. Limits: no residual value, no taxes; the price of
/// electricity is held over the life.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChipCost {
    /// The chip with its server and network [USD].
    pub it_usd: f64,
    /// Its part of shell and power equipment [USD].
    pub shell_usd: f64,
    /// Cost of capital [1/year].
    pub wacc: f64,
    /// Life of the chip [years].
    pub life_years: f64,
    /// Life of the shell [years].
    pub shell_life_years: f64,
    /// Power of the IT [kW].
    pub power_kw: f64,
    /// Facility power over IT power [1].
    pub pue: f64,
    /// Price of electricity [USD/kWh].
    pub usd_per_kwh: f64,
    /// Share of the year that the chip is busy [1].
    pub utilisation: f64,
    /// Share of its power that it draws while idle [1].
    pub idle_power_share: f64,
    /// Other cost [USD/year].
    pub opex_usd_per_year: f64,
}

impl ChipCost {
    /// Hours of a year in which the chip is busy [h].
    pub fn busy_hours(&self) -> f64 {
        HOURS * self.utilisation
    }

    /// What a year's electricity costs [USD/year].
    pub fn energy_usd_per_year(&self) -> f64 {
        let hours = self.busy_hours() + self.idle_power_share * HOURS * (1.0 - self.utilisation);
        energy_usd(facility_power(self.power_kw, self.pue), hours, self.usd_per_kwh)
    }

    /// What a year costs, capital included [USD/year].
    pub fn usd_per_year(&self) -> f64 {
        self.it_usd * capital_recovery_factor(self.wacc, self.life_years)
            + self.shell_usd * capital_recovery_factor(self.wacc, self.shell_life_years)
            + self.energy_usd_per_year()
            + self.opex_usd_per_year
    }

    /// What an hour of the chip costs, of those that it is there [USD/h].
    pub fn usd_per_hour(&self) -> f64 {
        self.usd_per_year() / HOURS
    }
}

/// Levelised cost of compute of a type at a cloud [USD per chat H100e-hour]: what a busy hour of [`ChipCost`] costs over
/// the chip's mature chat throughput.
///
/// The chip is priced at the date, or when the type comes out if that is later, and powered at the site that the cloud
/// requests new phases at.
pub fn levelised_cost(params: &SupplyParams, cloud: CloudId, accelerator: AcceleratorId, now: Time) -> f64 {
    let chip = &params.accelerators[accelerator.index()];
    let cloud = &params.clouds[cloud.index()];
    let site = &params.sites[cloud.expansion_site.index()];
    let planning = &params.planning;
    let it_usd = chip.unit_capex_usd.at(now.max(chip.available));
    let cost = ChipCost {
        it_usd,
        shell_usd: chip.power_kw * cloud.shell_usd_per_mw / 1_000.0,
        wacc: cloud.wacc,
        life_years: chip.life_years,
        shell_life_years: planning.shell_life_years,
        power_kw: chip.power_kw,
        pue: site.pue,
        usd_per_kwh: site.electricity_usd_per_mwh.at(now) / 1_000.0,
        utilisation: planning.levelised_utilisation,
        idle_power_share: planning.idle_power_share,
        opex_usd_per_year: cloud.opex_share_per_year * it_usd,
    };
    cost.usd_per_year() / (cost.busy_hours() * chip.throughput_h100e[Class::Chat.index()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supply::testing;
    use crate::units::Schedule;

    fn h100_of_2025() -> SupplyParams {
        let mut params = testing::world(1);
        params.accelerators[0] = testing::accelerator("h100", 1.0, 1.4);
        params.accelerators[0].unit_capex_usd = Schedule::constant(36_000.0);
        params.accelerators[0].life_years = 5.0;
        let cloud = &mut params.clouds[0];
        (cloud.wacc, cloud.opex_share_per_year, cloud.shell_usd_per_mw) = (0.09, 0.04, 11.7e6);
        params.sites[0].pue = 1.17;
        params.sites[0].electricity_usd_per_mwh = Schedule::constant(80.0);
        params.planning.levelised_utilisation = 0.85;
        params.planning.shell_life_years = 20.0;
        params
    }

    #[test]
    fn an_h100_of_2025_costs_1_81() {
        // 36,000 × 0.257 + 16,380 × 0.1095 + 12,197 kWh × 0.08 + 1,440 = 13,465 USD a year over 7,446 h.
        let cost = levelised_cost(&h100_of_2025(), CloudId(0), AcceleratorId(0), Time(0));
        assert!((cost - 1.81).abs() < 0.005, "{cost}");
        assert!((cost * 7_446.0 - 13_465.0).abs() < 5.0, "{cost}");
    }

    #[test]
    fn an_idle_chip_that_draws_power_costs_more() {
        // 1,314 idle hours at half of 1.638 kW and 0.08 USD are 86.1 USD a year, over 7,446 busy hours.
        let mut params = h100_of_2025();
        let dark = levelised_cost(&params, CloudId(0), AcceleratorId(0), Time(0));
        params.planning.idle_power_share = 0.5;
        let drawn = levelised_cost(&params, CloudId(0), AcceleratorId(0), Time(0)) - dark;
        assert!((drawn * 7_446.0 - 86.09).abs() < 0.01, "{drawn}");
    }

    #[test]
    fn twice_the_throughput_halves_the_cost() {
        let mut params = h100_of_2025();
        let one = levelised_cost(&params, CloudId(0), AcceleratorId(0), Time(0));
        params.accelerators[0].throughput_h100e[Class::Chat.index()] = 2.0;
        assert_eq!(levelised_cost(&params, CloudId(0), AcceleratorId(0), Time(0)), one / 2.0);
    }
}
