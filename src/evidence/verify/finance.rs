//! Finance: present values, internal rates, annuities, wear of assets and the levelised cost of compute.

use super::fields::{ANY, Fields, NOT_NEGATIVE, POSITIVE, Range, SHARE};
use super::kinds::Task;
use super::ledgers::cents;
use super::value::{Quantities, Value};
use crate::accounts::{annuity_factor, capital_recovery_factor, internal_rates, net_present_value, sign_changes};
use crate::model::Asset;
use crate::supply::ChipCost;
use crate::units::Usd;

/// Most periods of a row of flows, whose internal rates take time with its square.
const MOST_FLOWS: usize = 1_000;
const RATE: Range = Range { expected: "a rate above -1 and up to 1000", holds: |x| x > -1.0 && x <= 1e3 };
const PRINCIPAL: Range =
    Range { expected: "an amount from 0 to 1000000000000000", holds: |x| (0.0..=1e15).contains(&x) };

fn flows(fields: &mut Fields) -> Vec<f64> {
    let flows = fields.numbers("cash_flows", ANY);
    if flows.len() > MOST_FLOWS {
        fields.refuse("cash_flows", "at most 1000 flows");
    }
    flows
}

/// Net present value and internal rate of return: of several rates, the one nearest to 0.
pub(super) fn npv_irr(fields: &mut Fields, _id: &str) -> Task {
    let (rate, flows) = (fields.number("rate", RATE), flows(fields));
    Box::new(move |_| {
        let npv = net_present_value(rate, &flows);
        let spent = -flows[0];
        let index = if spent > 0.0 { Value::Number((npv + spent) / spent) } else { Value::None };
        let irr = internal_rates(&flows).into_iter().min_by(|a, b| a.abs().total_cmp(&b.abs()));
        vec![
            ("npv", Value::Number(npv)),
            ("irr", irr.map_or(Value::None, Value::Number)),
            ("payback_linear", payback(&flows).map_or(Value::None, Value::Number)),
            ("profitability_index", index),
        ]
    })
}

/// When what was spent has come back, undiscounted, a period's flow counting evenly over it \[periods\].
fn payback(flows: &[f64]) -> Option<f64> {
    let mut balance = 0.0;
    for (period, flow) in flows.iter().enumerate() {
        if balance < 0.0 && balance + flow >= 0.0 {
            return Some(period as f64 - 1.0 - balance / flow);
        }
        balance += flow;
    }
    None
}

/// All internal rates of flows that change sign more than once.
pub(super) fn multiple_irr(fields: &mut Fields, _id: &str) -> Task {
    let flows = flows(fields);
    Box::new(move |_| {
        vec![
            ("irr_roots", Value::numbers(internal_rates(&flows))),
            ("sign_changes", Value::Count(sign_changes(&flows) as i128)),
        ]
    })
}

/// A loan paid back in level payments, in arrears.
pub(super) fn annuity(fields: &mut Fields, _id: &str) -> Task {
    let (principal, rate) = (fields.number("principal", PRINCIPAL), fields.number("rate_per_period", RATE));
    let periods = fields.count("periods", 1, 100_000);
    Box::new(move |_| {
        let payment = principal * capital_recovery_factor(rate, periods as f64);
        let left = periods - periods / 2;
        vec![
            ("payment", Value::Number(payment)),
            ("payment_rounded_cents", cents(Usd::from_dollars(payment))),
            ("interest_first_period", Value::Number(principal * rate)),
            ("total_interest", Value::Number(payment * periods as f64 - principal)),
            ("balance_after_half", Value::Number(payment * annuity_factor(rate, left as f64))),
            ("annuity_factor", Value::Number(annuity_factor(rate, periods as f64))),
        ]
    })
}

const MONTHS: Range = Range {
    expected: "a life of whole months, from a month to 1000 years",
    holds: |years| (1.0 / 12.0..=1e3).contains(&years) && ((years * 12.0).round() / 12.0 - years).abs() < 1e-9,
};

/// Straight-line wear of an asset by months, down to what it is worth at the end.
pub(super) fn straight_line(fields: &mut Fields, _id: &str) -> Task {
    let (cost, salvage) = (fields.number("cost", PRINCIPAL), fields.number("salvage", PRINCIPAL));
    if salvage > cost {
        fields.refuse("salvage", "at most the cost");
    }
    let life = fields.number("life_years", MONTHS);
    let month = fields.count("in_service_month", 1, 12) as u16 - 1;
    Box::new(move |_| {
        let asset = Asset::new(cost - salvage, month, life, life);
        let years = asset.written_off.div_ceil(12);
        let left_after = |year: u16| asset.book_value((12 * year).max(month));
        let by_year = (0..years).map(|year| left_after(year) - left_after(year + 1));
        vec![
            ("annual", Value::Number(12.0 * asset.wear)),
            ("by_calendar_year", Value::numbers(by_year)),
            ("net_book_value_end_of_year", Value::numbers((1..=years).map(|year| salvage + left_after(year)))),
        ]
    })
}

const LIFE: Range = Range { expected: "a number above 0 and up to 1000", holds: |x| x > 0.0 && x <= 1e3 };
const BUSY: Range = Range { expected: "a number above 0 and up to 1", holds: |x| x > 0.0 && x <= 1.0 };

/// A chip that draws its power all year, busy or not.
struct Levelised {
    chip: ChipCost,
    tokens_per_second: f64,
}

impl Levelised {
    fn read(fields: &mut Fields) -> Self {
        let it_usd = fields.number("capex_usd", PRINCIPAL);
        let (wacc, life_years) = (fields.number("discount_rate", RATE), fields.number("life_years", LIFE));
        let chip = ChipCost {
            it_usd,
            shell_usd: 0.0,
            wacc,
            life_years,
            shell_life_years: life_years,
            power_kw: fields.number("chip_watts", NOT_NEGATIVE) / 1_000.0,
            pue: fields.number("pue", POSITIVE),
            usd_per_kwh: fields.number("electricity_usd_per_kwh", NOT_NEGATIVE),
            utilisation: fields.number("utilisation", BUSY),
            idle_power_share: 1.0,
            opex_usd_per_year: 0.0,
        };
        Self { chip, tokens_per_second: fields.number("tokens_per_second_when_utilised", POSITIVE) }
    }

    fn costs(&self) -> Quantities {
        let busy_hour = self.chip.usd_per_year() / self.chip.busy_hours();
        let per_million = busy_hour / (self.tokens_per_second * 3_600.0 / 1e6);
        vec![
            ("usd_per_utilised_chip_hour", Value::Number(busy_hour)),
            ("usd_per_million_tokens", Value::Number(per_million)),
        ]
    }
}

/// Levelised cost of a chip hour and of a million tokens, nothing but capital and electricity.
pub(super) fn levelised_cost_hand(fields: &mut Fields, _id: &str) -> Task {
    let case = Levelised::read(fields);
    Box::new(move |_| case.costs())
}

/// Levelised cost with other yearly cost, and what the chip brings at the end taken off its price at its present value.
pub(super) fn levelised_cost(fields: &mut Fields, _id: &str) -> Task {
    let mut case = Levelised::read(fields);
    let salvage = fields.number("salvage_usd", PRINCIPAL);
    let price = case.chip.it_usd;
    case.chip.opex_usd_per_year = price * fields.number("annual_opex_fraction_of_capex", SHARE);
    let (rate, life) = (case.chip.wacc, case.chip.life_years);
    case.chip.it_usd -= salvage * libm::pow(1.0 + rate, -life);
    Box::new(move |_| {
        let (chip, factor) = (&case.chip, annuity_factor(rate, life));
        let present_value = chip.usd_per_year() * factor;
        let mut quantities = vec![
            ("annuity_factor", Value::Number(factor)),
            ("annual_energy_cost", Value::Number(chip.energy_usd_per_year())),
            ("pv_cost", Value::Number(present_value)),
            ("usd_per_available_chip_hour", Value::Number(chip.usd_per_hour())),
            ("capital_share_of_cost", Value::Number(chip.it_usd / present_value)),
        ];
        quantities.extend(case.costs());
        quantities
    })
}
