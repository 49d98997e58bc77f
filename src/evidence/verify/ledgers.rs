//! Ledgers of contract terms, exact to the cent.
//!
//! *How do amounts stay exact?* Inputs are decimals and become whole micro-dollars before a term sees them, or are
//! refused. Units of a take-or-pay clause go through it as amounts, a cent for the smallest unit that any of them has:
//! the clause is linear and rounds to cents, so that nothing is lost. Prices are multiplied in as integers, and the
//! product is rounded to cents once, by [`Usd::round_to`].

use super::fields::{Fields, Range, SHARE, approximate, date, scaled, usd};
use super::kinds::Task;
use super::value::{Quantities, Value};
use crate::ids::{CloudId, ContractId, LabId, PartyId};
use crate::market::contracts::{Contract, ContractBook, DatedTerm};
use crate::market::residency::Jurisdictions;
use crate::market::terms::{Base, Buyer, Commitment, Exclusivity, MakeUpBank, RevenueShare, Scope, Term};
use crate::units::{Calendar, CivilDate, DAY, DayCount, Schedule, Time, Usd};
use rust_decimal::Decimal;
use serde_json::Value as Json;

/// Decimals that a share counts to, in the market's terms.
const SHARE_DECIMALS: u32 = 9;
const UNIT_DECIMALS: u32 = 6;
const UNITS: Range = Range {
    expected: "a number from 0 to 1000000000000 with at most 6 decimals",
    holds: |x| (0.0..=1e12).contains(&x),
};
const PRICE_DECIMALS: u32 = 9;
const PRICE: Range =
    Range { expected: "a number from 0 to 1000000000 with at most 9 decimals", holds: |x| (0.0..=1e9).contains(&x) };

/// An amount of dollars and cents.
pub(super) fn cents(amount: Usd) -> Value {
    let whole = amount.round_to(Usd::CENT).0 / Usd::CENT.0;
    Decimal::try_from_i128_with_scale(whole, 2).map_or(Value::Count(whole), Value::Decimal)
}

/// Revenue, or a refund as negative revenue.
struct Sale {
    on: CivilDate,
    amount: Usd,
}

fn sale(json: &Json) -> Option<Sale> {
    let [on, kind, amount] = json.as_array()?.as_slice() else { return None };
    let (on, amount) = (date(on)?, usd(amount)?);
    match kind.as_str()? {
        "revenue" => Some(Sale { on, amount }),
        "refund" => Some(Sale { on, amount: -amount }),
        _ => None,
    }
}

struct ShareCase {
    sales: Vec<Sale>,
    rate: f64,
    cap: Option<Usd>,
    start: CivilDate,
    end: CivilDate,
}

/// A revenue share with a cap over a dated term, in both readings of its end, with and without claw-back of refunds.
pub(super) fn capped_revenue_share(fields: &mut Fields, _id: &str) -> Task {
    let sales = fields.list(
        "events",
        "[a date, \"revenue\" or \"refund\", an amount from 0 to 10^18 with at most 6 decimals]",
        sale,
    );
    let rate = fields.decimal("share_rate", SHARE);
    if scaled(rate, SHARE_DECIMALS).is_none() {
        fields.refuse("share_rate", "at most 9 decimals");
    }
    let cap = fields.has("lifetime_cap").then(|| fields.usd("lifetime_cap"));
    let (start, end) = (fields.date("term_start"), fields.date("term_end"));
    if start > end {
        fields.refuse("term_end", "a date that is not before term_start");
    }
    let (Some(start), Some(end)) = (start, end) else { return Box::new(|_| Vec::new()) };
    let case = ShareCase { sales, rate: approximate(rate), cap, start, end };
    Box::new(move |_| {
        let mut quantities = Vec::new();
        for (names, inclusive, claws_back) in [
            (["expiry_inclusive_refund_claws_back", "total_expiry_inclusive_refund_claws_back"], true, true),
            (["expiry_inclusive_no_claw_back", "total_expiry_inclusive_no_claw_back"], true, false),
            (["expiry_exclusive_refund_claws_back", "total_expiry_exclusive_refund_claws_back"], false, true),
            (["expiry_exclusive_no_claw_back", "total_expiry_exclusive_no_claw_back"], false, false),
        ] {
            let paid = case.payments(inclusive, claws_back);
            quantities.push((names[1], cents(paid.iter().copied().sum())));
            quantities.push((names[0], Value::List(paid.into_iter().map(cents).collect())));
        }
        quantities
    })
}

impl ShareCase {
    /// What is paid at each sale.
    fn payments(&self, inclusive: bool, claws_back: bool) -> Vec<Usd> {
        let (calendar, book) = self.contract(inclusive);
        let (mut to_date, mut paid) = (Usd::ZERO, Usd::ZERO);
        let payment = |sale: &Sale| {
            let Some((_, clause)) = book.revenue_shares(calendar.time(sale.on)).next() else { return Usd::ZERO };
            to_date += sale.amount;
            let due = clause.due(to_date, paid).amount;
            let amount = if claws_back { due } else { due.or_zero() };
            paid += amount;
            amount
        };
        self.sales.iter().map(payment).collect()
    }

    /// The clause in a book of its own.
    fn contract(&self, inclusive: bool) -> (Calendar, ContractBook) {
        let clause = RevenueShare {
            payer: PartyId(0),
            payee: PartyId(1),
            rate: self.rate,
            tiers: vec![],
            base: Base::AllRevenue(LabId(0)),
            total_cap: self.cap,
            counting_from: Time(0),
            paid_before: Usd::ZERO,
            elsewhere_usd_per_year: Schedule::constant(0.0),
            quantum: Usd::CENT,
        };
        let dates: Vec<CivilDate> = self.sales.iter().map(|sale| sale.on).collect();
        book_of(Term::RevenueShare(clause), (self.start, self.end), inclusive, &dates)
    }
}

/// An exclusivity over a dated term, in both readings of its end: is another provider barred on each date?
pub(super) fn exclusivity_window(fields: &mut Fields, _id: &str) -> Task {
    let (start, end) = (fields.date("start"), fields.date("end"));
    let dates = fields.list("dates", "a date from 1990-01-01 to 2100-12-31 as YYYY-MM-DD", date);
    if start > end {
        fields.refuse("end", "a date that is not before start");
    }
    let (Some(start), Some(end)) = (start, end) else { return Box::new(|_| Vec::new()) };
    Box::new(move |_| {
        let window = |inclusive: bool| {
            let clause = Term::Exclusivity(Exclusivity {
                lines: vec![],
                jurisdictions: Jurisdictions::NONE,
                grantor: LabId(0),
                holder: CloudId(0),
                scope: Scope::Compute,
                except_channels: vec![],
                except_clouds: vec![],
            });
            let (calendar, book) = book_of(clause, (start, end), inclusive, &dates);
            let bars = |date: &CivilDate| {
                book.exclusivities(calendar.time(*date)).any(|(_, clause)| clause.bars_compute(LabId(0), CloudId(1)))
            };
            Value::List(dates.iter().map(|date| Value::Flag(bars(date))).collect())
        };
        let days = i128::from(end.days_since(start));
        vec![
            ("barred_end_inclusive", window(true)),
            ("barred_end_exclusive", window(false)),
            ("window_days_end_inclusive", Value::Count(days + 1)),
            ("window_days_end_exclusive", Value::Count(days)),
        ]
    })
}

/// A term in a book of its own, and a calendar over its dates and these.
pub(super) fn book_of(
    term: Term,
    (from, end): (CivilDate, CivilDate),
    inclusive: bool,
    dates: &[CivilDate],
) -> (Calendar, ContractBook) {
    let all = || dates.iter().copied().chain([from, end]);
    let calendar = Calendar::new(all().min().unwrap_or(from), all().max().unwrap_or(end));
    let last = calendar.time(end);
    let term = DatedTerm {
        id: "term".to_owned(),
        from: calendar.time(from),
        until: if inclusive { last + DAY } else { last },
        signed: calendar.time(from),
        term,
        source: None,
    };
    let contract = Contract { id: ContractId(0), name: "case".to_owned(), terms: vec![term], pending: vec![] };
    (calendar, ContractBook::new(vec![contract]))
}

struct TakeOrPay {
    /// Minimum and consumption of each quarter, in smallest units.
    quarters: Vec<(i128, i128)>,
    /// Decimals of the smallest unit.
    unit_decimals: u32,
    /// Price in smallest parts of a dollar.
    price: i128,
    price_decimals: u32,
    makes_up: bool,
    clause: Commitment,
}

/// A take-or-pay clause, quarter by quarter.
pub(super) fn take_or_pay(fields: &mut Fields, _id: &str) -> Task {
    let (minimum, consumed) = (fields.decimals("minimum_units", UNITS), fields.decimals("consumed_units", UNITS));
    if minimum.len() != consumed.len() {
        fields.refuse("consumed_units", "as many quarters as in minimum_units");
    }
    let price = fields.decimal("unit_price", PRICE).normalize();
    let makes_up = fields.flag("make_up");
    let life = fields.count("make_up_life_quarters", 0, 10_000) as u16;
    let unit_decimals = minimum.iter().chain(&consumed).map(|units| units.normalize().scale()).max().unwrap_or(0);
    for (name, refused) in
        [("minimum_units", unit_decimals > UNIT_DECIMALS), ("unit_price", price.scale() > PRICE_DECIMALS)]
    {
        if refused {
            fields.refuse(name, if name == "unit_price" { PRICE.expected } else { UNITS.expected });
        }
    }
    let smallest = |units: &Decimal| scaled(*units, unit_decimals).unwrap_or(0);
    let case = TakeOrPay {
        quarters: minimum.iter().map(smallest).zip(consumed.iter().map(smallest)).collect(),
        unit_decimals,
        price: price.mantissa(),
        price_decimals: price.scale(),
        makes_up,
        clause: clause(if makes_up { life } else { 0 }),
    };
    Box::new(move |_| case.ledger())
}

/// Everything that was not taken is paid.
pub(super) fn clause(make_up_periods: u16) -> Commitment {
    Commitment {
        buyer: Buyer::Lab(LabId(0)),
        seller: CloudId(0),
        usd_per_year: Schedule::constant(0.0),
        day_count: DayCount::ActualActual,
        take_or_pay: 1.0,
        stacks: vec![],
        rolls_over: false,
        make_up_periods,
        prepaid: Usd::ZERO,
        notice: None,
    }
}

impl TakeOrPay {
    fn ledger(&self) -> Quantities {
        let mut bank = MakeUpBank::default();
        let mut columns: [Vec<Value>; 6] = Default::default();
        let mut grand_total = Usd::ZERO;
        for &(minimum, consumed) in &self.quarters {
            let alive = bank.alive();
            let outcome = self.clause.shortfall(amount(minimum), amount(consumed), Usd::ZERO, Usd::ZERO);
            let applied = bank.close(outcome.excess, outcome.paid, self.clause.make_up_periods);
            let shortfall = units(outcome.paid);
            let total = self.charge(consumed - units(applied) + shortfall);
            grand_total += total;
            // What may be used for the last time at this close is still in the bank at the quarter's end.
            let banked = if self.makes_up { alive - applied + outcome.paid } else { Usd::ZERO };
            let row = [
                cents(self.charge(consumed - units(applied))),
                self.told(shortfall),
                cents(self.charge(shortfall)),
                self.told(units(applied)),
                self.told(units(banked)),
                cents(total),
            ];
            columns.iter_mut().zip(row).for_each(|(column, cell)| column.push(cell));
        }
        let names =
            ["usage_charge", "shortfall_units", "shortfall_charge", "makeup_units_applied", "makeup_bank_end", "total"];
        let columns = names.into_iter().zip(columns.map(Value::List));
        columns.chain([("grand_total", cents(grand_total))]).collect()
    }

    /// What so many smallest units cost, rounded half-even to a cent.
    fn charge(&self, units: i128) -> Usd {
        let decimals = self.unit_decimals + self.price_decimals;
        let exact = units * self.price;
        match decimals.checked_sub(2) {
            Some(beyond) => {
                let quantum = 10_i128.pow(beyond);
                Usd(Usd(exact).round_to(Usd(quantum)).0 / quantum * Usd::CENT.0)
            }
            None => Usd(exact * 10_i128.pow(2 - decimals) * Usd::CENT.0),
        }
    }

    fn told(&self, units: i128) -> Value {
        let exact = Decimal::try_from_i128_with_scale(units, self.unit_decimals);
        exact.map_or(Value::None, |decimal| Value::Decimal(decimal.normalize()))
    }
}

/// Smallest units as an amount in whole cents.
fn amount(units: i128) -> Usd {
    Usd(units * Usd::CENT.0)
}

/// The units that an amount stands for.
fn units(amount: Usd) -> i128 {
    amount.0 / Usd::CENT.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(quarters: Vec<(i128, i128)>, unit_decimals: u32, price: i128, price_decimals: u32) -> TakeOrPay {
        TakeOrPay { quarters, unit_decimals, price, price_decimals, makes_up: false, clause: clause(0) }
    }

    #[test]
    fn prices_and_units_of_many_decimals_lose_nothing() {
        // 0.000001 units at 0.000000001 USD: far below a cent; a million million of them each: 10^12 · 10^-15 USD.
        assert_eq!(case(vec![], 6, 1, 9).charge(1), Usd::ZERO);
        // 400.25 × 3.333 = 1334.03325; 2.5 × 0.002 = 0.005 and 7.5 × 0.002 = 0.015, halves to the even cent.
        assert_eq!(case(vec![], 2, 3_333, 3).charge(40_025).dollars(), 1_334.03);
        assert_eq!([25, 75].map(|units| case(vec![], 1, 2, 3).charge(units).dollars()), [0.0, 0.02]);
        // No decimals at all.
        assert_eq!(case(vec![], 0, 7, 0).charge(3).dollars(), 21.0);
    }

    #[test]
    fn the_largest_amounts_do_not_overflow() {
        let (units, price) = (10_i128.pow(18), 10_i128.pow(18));
        let quantities = case(vec![(units, 0), (0, units)], 6, price, 9).ledger();
        assert_eq!(quantities[6], ("grand_total", cents(Usd(2 * 10_i128.pow(27)))));
    }
}
