//! Power: what a facility takes for its IT load, and what it carries.

use super::fields::{ANY, Fields, NOT_NEGATIVE, Range, approximate, scaled};
use super::kinds::Task;
use super::value::Value;
use crate::supply::{energy_usd, facility_power, it_power};
use rust_decimal::Decimal;

const PUE: Range = Range { expected: "a number from 1 to 100", holds: |x| (1.0..=100.0).contains(&x) };
const FACILITY_MW: Range = Range { expected: "a number from 0 to 1000000", holds: |x| (0.0..=1e6).contains(&x) };
const CHIP_W: Range = Range { expected: "a number from 0 to 1000000000", holds: |x| (0.0..=1e9).contains(&x) };

/// A year's energy at constant load.
pub(super) fn pue_arithmetic(fields: &mut Fields, _id: &str) -> Task {
    let (it, pue) = (fields.number("it_load_mw", NOT_NEGATIVE), fields.number("pue", PUE));
    let hours = fields.number("hours", NOT_NEGATIVE);
    let price = fields.number("price_usd_per_mwh", ANY);
    let tonnes_per_mwh = fields.number("grid_tco2_per_mwh", NOT_NEGATIVE);
    Box::new(move |_| {
        let facility = facility_power(it, pue);
        vec![
            ("facility_power_mw", Value::Number(facility)),
            ("overhead_mw", Value::Number(facility - it)),
            ("facility_energy_mwh", Value::Number(facility * hours)),
            ("energy_cost_usd", Value::Number(energy_usd(facility, hours, price))),
            ("emissions_t", Value::Number(facility * hours * tonnes_per_mwh)),
            ("dcie", Value::Number(1.0 / pue)),
        ]
    })
}

/// A limit on a facility, and the servers to stand in it. Decimals throughout, since a limit may divide evenly.
struct Hall {
    facility_mw: Decimal,
    pue: Decimal,
    server_w: Decimal,
    chips_per_server: u64,
    rack_kw: Option<Decimal>,
}

/// The largest whole number of servers under a facility limit.
pub(super) fn feasible_chips(fields: &mut Fields, _id: &str) -> Task {
    let facility_mw = fields.decimal("facility_limit_mw", FACILITY_MW);
    let pue = fields.decimal("pue", PUE);
    let (chip_w, host_w) = (fields.decimal("chip_w", CHIP_W), fields.decimal("host_w_per_server", CHIP_W));
    let network_w = fields.decimal("network_w_per_chip", CHIP_W);
    let chips_per_server = fields.count("chips_per_server", 1, 1_000_000);
    let rack_kw = fields.has("rack_limit_kw").then(|| fields.decimal("rack_limit_kw", CHIP_W));
    let server_w = host_w + (chip_w + network_w) * Decimal::from(chips_per_server);
    if micro(server_w).is_none_or(|w| w == 0) {
        fields.refuse("chip_w", "a server of more than no power, in at most 6 decimals of a watt");
    }
    if scaled(facility_mw, 12).is_none() {
        fields.refuse("facility_limit_mw", "at most 12 decimals");
    }
    if scaled(pue, 9).is_none() {
        fields.refuse("pue", "at most 9 decimals");
    }
    let hall = Hall { facility_mw, pue, server_w, chips_per_server, rack_kw };
    Box::new(move |_| hall.filled())
}

/// In millionths of a watt.
fn micro(watts: Decimal) -> Option<u64> {
    u64::try_from(scaled(watts, 6)?).ok()
}

impl Hall {
    fn filled(&self) -> Vec<(&'static str, Value)> {
        let watts_per_mw = Decimal::from(1_000_000);
        let facility = micro(self.facility_mw * watts_per_mw).unwrap_or(0);
        let it = it_power(facility, 0.0, approximate(self.pue));
        let servers = it / micro(self.server_w).unwrap_or(u64::MAX);
        let used_mw = Decimal::from(servers) * self.server_w * self.pue / watts_per_mw;
        let (servers, count) = (i128::from(servers), Value::Count);
        let mut quantities = vec![
            ("it_power_w", Value::Number(it as f64 / 1e6)),
            ("server_w", Value::Number(approximate(self.server_w))),
            ("servers", count(servers)),
            ("chips", count(servers * i128::from(self.chips_per_server))),
            ("facility_power_used_mw", Value::Number(approximate(used_mw))),
            ("stranded_mw", Value::Number(approximate(self.facility_mw - used_mw))),
        ];
        if let Some(rack_kw) = self.rack_kw {
            let full = (rack_kw * Decimal::from(1_000) / self.server_w).floor();
            let per_rack = full.to_string().parse::<i128>().unwrap_or(0);
            let racks = if per_rack == 0 { Value::None } else { count((servers + per_rack - 1) / per_rack) };
            quantities.push(("servers_per_rack", count(per_rack)));
            quantities.push(("racks_needed", racks));
            quantities.push(("rack_kw_used_full_rack", Value::Number(approximate(full * self.server_w) / 1e3)));
        }
        quantities
    }
}
