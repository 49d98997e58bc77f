//! Finance: present values, internal rates and annuities.

use super::fields::{ANY, Fields, Range};
use super::kinds::Task;
use super::ledgers::cents;
use super::value::Value;
use crate::accounts::{annuity_factor, capital_recovery_factor, internal_rates, net_present_value, sign_changes};
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
