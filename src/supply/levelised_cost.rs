//! What an hour of compute costs over the life of a chip.

use crate::accounts::capital_recovery_factor;
use crate::ids::{AcceleratorId, CloudId};
use crate::supply::params::{Class, SupplyParams};
use crate::supply::power::{energy_usd, facility_power};
use crate::units::Time;

/// Hours of a year in the cost of compute.
const HOURS: f64 = 8_760.0;

/// Levelised cost of compute of a type at a cloud [USD per chat H100e-hour].
///
/// `(I·CRF(w, n) + k·s·CRF(w, N) + k·PUE·8760·u·p + o·I) / (8760·u·e)`
///
/// I IT cost per chip at the date, or when the type comes out if that is later [USD] · w cost of capital [1/year] · n
/// life of the chip, N of the shell [years] · k power [kW] · s shell and power per kW of IT [USD] · PUE and p, price of
/// electricity [USD/kWh], of the site that new phases are requested at · u utilisation [1] · o operating cost over IT
/// cost [1/year] · e mature chat throughput [H100e].
/// Source: capital recovery as in any text on engineering economics. Limits: no residual value, no taxes; the price of
/// electricity is held over the life.
pub fn levelised_cost(params: &SupplyParams, cloud: CloudId, accelerator: AcceleratorId, now: Time) -> f64 {
    let chip = &params.accelerators[accelerator.index()];
    let cloud = &params.clouds[cloud.index()];
    let site = &params.sites[cloud.expansion_site.index()];
    let planning = &params.planning;
    let it = chip.unit_capex_usd.at(now.max(chip.available));
    let shell = chip.power_kw * cloud.shell_usd_per_mw / 1_000.0;
    let busy_hours = HOURS * planning.levelised_utilisation;
    let usd_per_kwh = site.electricity_usd_per_mwh.at(now) / 1_000.0;
    let usd_per_year = it * capital_recovery_factor(cloud.wacc, chip.life_years)
        + shell * capital_recovery_factor(cloud.wacc, planning.shell_life_years)
        + energy_usd(facility_power(chip.power_kw, site.pue), busy_hours, usd_per_kwh)
        + cloud.opex_share_per_year * it;
    usd_per_year / (busy_hours * chip.throughput_h100e[Class::Chat.index()])
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
    fn twice_the_throughput_halves_the_cost() {
        let mut params = h100_of_2025();
        let one = levelised_cost(&params, CloudId(0), AcceleratorId(0), Time(0));
        params.accelerators[0].throughput_h100e[Class::Chat.index()] = 2.0;
        assert_eq!(levelised_cost(&params, CloudId(0), AcceleratorId(0), Time(0)), one / 2.0);
    }
}
