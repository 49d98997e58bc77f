//! Day counts, and the clauses that count by the day or by slices of revenue.

use super::fields::{Fields, Range, SHARE, approximate, date, decimal, scaled, usd};
use super::kinds::Task;
use super::ledgers::{book_of, cents, clause};
use super::value::Value;
use crate::ids::{ContractId, LabId, PartyId};
use crate::market::contracts::TermRef;
use crate::market::settlement::{Owners, Setting, committed};
use crate::market::terms::{Base, Commitment, RevenueShare, Term, Tier};
use crate::units::{CivilDate, DAY, DayCount, PARTS, Schedule, Time, Usd};
use serde_json::Value as Json;

const MOST_MONTHS: i64 = 1_200;

/// Two dates, the second not before the first.
fn pair(json: &Json) -> Option<(CivilDate, CivilDate)> {
    let [from, until] = json.as_array()?.as_slice() else { return None };
    let (from, until) = (date(from)?, date(until)?);
    (from <= until).then_some((from, until))
}

/// A date moved by months.
fn moved(json: &Json) -> Option<CivilDate> {
    let [from, months] = json.as_array()?.as_slice() else { return None };
    let months = months.as_i64().filter(|months| (-MOST_MONTHS..=MOST_MONTHS).contains(months))?;
    date(from)?.plus_months(months as i32)
}

/// Days and parts of a year by every convention, and dates some months later.
pub(super) fn day_counts(fields: &mut Fields, _id: &str) -> Task {
    let pairs = fields.list("pairs", "[a date, a date that is not before it]", pair);
    let dates =
        fields.list("add_months", "[a date, whole months, from -1200 to 1200, that stay in 1990 to 2100]", moved);
    Box::new(move |_| {
        let days = |count: DayCount| {
            Value::List(pairs.iter().map(|(from, until)| Value::Count(count.days(*from, *until).into())).collect())
        };
        let years = |count: DayCount| {
            Value::List(pairs.iter().map(|(from, until)| ratio(count.parts(*from, *until))).collect())
        };
        vec![
            ("actual_days", days(DayCount::ActualActual)),
            ("actual_365_fixed", years(DayCount::Actual365)),
            ("actual_360", years(DayCount::Actual360)),
            ("actual_actual_isda", years(DayCount::ActualActual)),
            ("thirty_360_us_bond_basis_days", days(DayCount::Thirty360)),
            (
                "dates_after_adding_months",
                Value::List(dates.iter().map(|date| Value::Text(date.to_string())).collect()),
            ),
        ]
    })
}

/// Parts of a year as a fraction in lowest terms.
fn ratio(parts: i64) -> Value {
    let (mut a, mut b) = (parts, PARTS);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    let (above, below) = (parts / a, PARTS / a);
    Value::Text(if below == 1 { above.to_string() } else { format!("{above}/{below}") })
}

const YEARLY: Range =
    Range { expected: "an amount from 0 to 1000000000 with at most 2 decimals", holds: |x| (0.0..=1e9).contains(&x) };

/// A yearly commitment over part of a year, in both readings of its end and over two lengths of the year, and what of
/// it falls to each month.
pub(super) fn prorated_commitment(fields: &mut Fields, _id: &str) -> Task {
    let yearly = fields.decimal("annual_minimum", YEARLY);
    if scaled(yearly, 2).is_none() {
        fields.refuse("annual_minimum", YEARLY.expected);
    }
    let (start, end) = (fields.date("term_start"), fields.date("term_end"));
    if start >= end {
        fields.refuse("term_end", "a date after term_start");
    }
    let (Some(start), Some(end)) = (start, end) else { return Box::new(|_| Vec::new()) };
    Box::new(move |_| {
        let usd_per_year = approximate(yearly);
        let due = |inclusive, count| cents(prorated(usd_per_year, (start, end), inclusive, count));
        let total = prorated(usd_per_year, (start, end), false, DayCount::ActualActual);
        let (mut lengths, mut shares) = (Vec::new(), Vec::new());
        let (mut from, mut allotted, days) = (start, Usd::ZERO, end.days_since(start));
        while from < end {
            let next = from.first_of_next_month().min(end);
            let to_date = Usd(total.0 * i128::from(next.days_since(start))).divided(days.into(), Usd::CENT);
            lengths.push(Value::Count(next.days_since(from).into()));
            shares.push(cents(to_date - allotted));
            (from, allotted) = (next, to_date);
        }
        vec![
            ("prorated_minimum_end_exclusive_actual_days_in_year", due(false, DayCount::ActualActual)),
            ("prorated_minimum_end_exclusive_fixed_365", due(false, DayCount::Actual365)),
            ("prorated_minimum_end_inclusive_actual_days_in_year", due(true, DayCount::ActualActual)),
            ("prorated_minimum_end_inclusive_fixed_365", due(true, DayCount::Actual365)),
            ("days_end_exclusive", Value::Count(days.into())),
            ("days_by_month_end_exclusive", Value::List(lengths)),
            ("monthly_allocation_cumulative_rounding", Value::List(shares)),
        ]
    })
}

/// What a commitment in a book of its own commits its buyer to.
fn prorated(usd_per_year: f64, dates: (CivilDate, CivilDate), inclusive: bool, day_count: DayCount) -> Usd {
    let clause = Commitment { usd_per_year: Schedule::constant(usd_per_year), day_count, ..clause(0) };
    let (calendar, book) = book_of(Term::Commitment(clause), dates, inclusive, &[]);
    let owners = Owners { of_lab: vec![PartyId(0)], of_cloud: vec![PartyId(1)] };
    let setting = Setting { book: &book, owners: &owners, calendar: &calendar };
    committed(setting, TermRef { contract: ContractId(0), term: 0 }, Time(0), calendar.horizon() + DAY)
}

/// The upper end of a slice, none for the last, and its rate.
fn slice(json: &Json) -> Option<(Option<Usd>, f64)> {
    let [bound, rate] = json.as_array()?.as_slice() else { return None };
    let bound = if bound.is_null() { None } else { Some(usd(bound)?) };
    let rate = decimal(rate).filter(|rate| scaled(*rate, 9).is_some()).map(approximate)?;
    (SHARE.holds)(rate).then_some((bound, rate))
}

/// A revenue share by slices of cumulative revenue, settled each quarter up to a cap.
pub(super) fn tiered_capped_share(fields: &mut Fields, _id: &str) -> Task {
    let expected = "[an upper bound or null, a rate from 0 to 1 with at most 9 decimals]";
    let slices = fields.list("tiers_upper_bound_and_rate", expected, slice);
    let bounds: Vec<Usd> = slices.iter().map_while(|(bound, _)| *bound).collect();
    if bounds.len() + 1 != slices.len() || !bounds.windows(2).all(|pair| pair[0] < pair[1]) {
        fields.refuse("tiers_upper_bound_and_rate", "bounds that rise, and null for the last alone");
    }
    let revenue = fields.list("quarterly_revenue", "an amount from 0 to 10^18 with at most 6 decimals", usd);
    let cap = fields.has("annual_cap").then(|| fields.usd("annual_cap"));
    Box::new(move |_| {
        let rates = slices.iter().map(|(_, rate)| *rate);
        let tiers = bounds.iter().zip(rates.clone().skip(1)).map(|(above, rate)| Tier { above: *above, rate });
        let clause = RevenueShare {
            payer: PartyId(0),
            payee: PartyId(1),
            rate: rates.clone().next().unwrap_or(0.0),
            tiers: tiers.collect(),
            base: Base::AllRevenue(LabId(0)),
            total_cap: cap,
            counting_from: Time(0),
            paid_before: Usd::ZERO,
            elsewhere_usd_per_year: Schedule::constant(0.0),
            quantum: Usd::CENT,
        };
        let (mut to_date, mut paid) = (Usd::ZERO, Usd::ZERO);
        let payments = revenue.iter().map(|quarter| {
            to_date += *quarter;
            let due = clause.due(to_date, paid).amount;
            paid += due;
            cents(due)
        });
        let payments = payments.collect();
        vec![
            ("quarterly_payments", Value::List(payments)),
            ("total", cents(paid)),
            ("uncapped_total", cents(clause.uncapped(to_date))),
        ]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_told_in_lowest_terms() {
        let told = [0, PARTS, PARTS / 365 * 2, 2 * PARTS, PARTS / 366 * 183].map(ratio);
        assert_eq!(told, ["0", "1", "2/365", "2", "1/2"].map(|text| Value::Text(text.to_owned())));
    }
}
