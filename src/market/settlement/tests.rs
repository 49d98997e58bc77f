//! Settlement, worked by hand: amounts in whole dollars, a calendar from 2023-01-01.

use super::*;
use crate::ids::{CloudId, ContractId, LabId, StackId};
use crate::market::contracts::{Contract, DatedTerm, OPEN_END};
use crate::market::terms::{Base, Binding, Commitment, Investment, RevenueShare};
use crate::units::{CivilDate, Curve, DayCount, Schedule};
use proptest::prelude::*;

const LAB: PartyId = PartyId(0);
const CLOUD: PartyId = PartyId(1);
const LAB_SALES: Base = Base::AllRevenue(LabId(0));
const PLATFORM_SALES: Base = Base::ChannelRevenue(LabId(0), crate::ids::ChannelId(0));

/// A world of one lab and one cloud, with its contract, books and settlement.
struct Deal {
    book: ContractBook,
    owners: Owners,
    calendar: Calendar,
    ledger: Ledger,
    settlement: Settlement,
}

impl Deal {
    fn new(terms: Vec<DatedTerm>) -> Self {
        let contract = Contract { id: ContractId(0), name: "cloud-lab".into(), terms, pending: vec![] };
        Self {
            book: ContractBook::new(vec![contract]),
            owners: Owners { of_lab: vec![LAB], of_cloud: vec![CLOUD] },
            calendar: calendar(),
            ledger: Ledger::new(2, false),
            settlement: Settlement::default(),
        }
    }

    /// Revenue on a date, in the lab's scope.
    fn earn(&mut self, on: &str, base: Base, dollars: i128) {
        self.settlement.book_revenue(&self.book, base, usd(dollars), date(on));
    }

    fn dealing(dollars: i128, stack: Option<StackId>) -> Dealing {
        Dealing { buyer: Buyer::Lab(LabId(0)), seller: CloudId(0), stack, amount: usd(dollars) }
    }

    fn buy(&mut self, on: &str, dollars: i128) {
        let setting = Setting { book: &self.book, owners: &self.owners, calendar: &self.calendar };
        self.settlement.book_purchase(setting, Self::dealing(dollars, None), date(on));
    }

    fn buy_on_stack(&mut self, on: &str, dollars: i128) {
        let setting = Setting { book: &self.book, owners: &self.owners, calendar: &self.calendar };
        self.settlement.book_purchase(setting, Self::dealing(dollars, Some(StackId(3))), date(on));
    }

    fn fail_to_deliver(&mut self, on: &str, dollars: i128) {
        let setting = Setting { book: &self.book, owners: &self.owners, calendar: &self.calendar };
        self.settlement.book_undeliverable(setting, Self::dealing(dollars, None), date(on));
    }

    /// Closes the quarter that ends on a date.
    fn close(&mut self, last_day: &str) -> Vec<Settled> {
        let setting = Setting { book: &self.book, owners: &self.owners, calendar: &self.calendar };
        self.settlement.quarter_closed(setting, &mut self.ledger, close_of(last_day), 1)
    }

    /// What the lab paid the cloud, net, for a flow so far, dollars.
    fn net(&self, flow: Flow) -> f64 {
        (self.ledger.paid(LAB, CLOUD, flow) - self.ledger.paid(CLOUD, LAB, flow)).dollars()
    }

    fn commitment(&self, last_day: &str) -> Vec<CommitmentFigures> {
        let setting = Setting { book: &self.book, owners: &self.owners, calendar: &self.calendar };
        self.settlement.commitment_figures(setting, close_of(last_day))
    }
}

fn calendar() -> Calendar {
    Calendar::new(CivilDate::parse("2023-01-01").unwrap(), CivilDate::parse("2030-12-31").unwrap())
}

fn date(text: &str) -> Time {
    calendar().time(CivilDate::parse(text).unwrap())
}

fn close_of(last_day: &str) -> Time {
    Time(date(last_day).0 + 86_399)
}

fn usd(dollars: i128) -> Usd {
    Usd(dollars * 1_000_000)
}

fn dated(id: &str, from: &str, until: Option<&str>, term: Term) -> DatedTerm {
    let (from, until) = (date(from), until.map_or(OPEN_END, date));
    DatedTerm { id: id.into(), from, until, signed: from, term, source: None }
}

fn at(term: u16) -> TermRef {
    TermRef { contract: ContractId(0), term }
}

/// The lab's share to the cloud: 20 % of all revenue.
fn share(cap: Option<i128>, counting_from: &str) -> RevenueShare {
    RevenueShare {
        payer: LAB,
        payee: CLOUD,
        rate: 0.2,
        tiers: vec![],
        base: LAB_SALES,
        total_cap: cap.map(usd),
        counting_from: date(counting_from),
        paid_before: Usd::ZERO,
        elsewhere_usd_per_year: Schedule::constant(0.0),
        quantum: Usd::CENT,
    }
}

/// 365 dollars a year: a dollar a day in common years.
fn commitment(rolls_over: bool) -> Commitment {
    Commitment {
        buyer: Buyer::Lab(LabId(0)),
        seller: CloudId(0),
        usd_per_year: Schedule::constant(365.0),
        day_count: DayCount::ActualActual,
        take_or_pay: 1.0,
        stacks: vec![],
        rolls_over,
        make_up_periods: 0,
        prepaid: Usd::ZERO,
        notice: None,
    }
}

#[test]
fn three_quarters_to_the_cap() {
    // Rate 20 %, cap 100. Revenue 200, 250, 150 a quarter:
    //   Q1  min(100, 0.2·200) − 0  = 40   the rate binds
    //   Q2  min(100, 0.2·450) − 40 = 50   the rate binds
    //   Q3  min(100, 0.2·600) − 90 = 10   the cap binds
    //   Q4  nothing
    let mut deal =
        Deal::new(vec![dated("share", "2023-01-01", None, Term::RevenueShare(share(Some(100), "2023-01-01")))]);
    let quarters = [
        ("2023-03-31", 200, 40, Binding::Rate),
        ("2023-06-30", 250, 50, Binding::Rate),
        ("2023-09-30", 150, 10, Binding::Cap),
    ];
    for (last_day, revenue, amount, binding) in quarters {
        deal.earn(last_day, LAB_SALES, revenue);
        let due = Due { amount: usd(amount), binding };
        assert_eq!(deal.close(last_day), [Settled::Share { term: at(0), due }], "{last_day}");
    }
    deal.earn("2023-12-31", LAB_SALES, 1_000);
    assert_eq!(deal.close("2023-12-31"), []);
    assert_eq!(deal.net(Flow::RevenueShare), 100.0);
    assert_eq!(deal.ledger.revenue_in(CLOUD, Flow::RevenueShare), usd(100));
    deal.ledger.check();
}

#[test]
fn nothing_is_due_after_the_end_date() {
    let clause = Term::RevenueShare(share(None, "2023-01-01"));
    let mut deal = Deal::new(vec![dated("share", "2023-01-01", Some("2023-05-01"), clause)]);
    deal.earn("2023-04-30", LAB_SALES, 100);
    deal.earn("2023-05-01", LAB_SALES, 1_000);
    deal.close("2023-06-30");
    deal.earn("2023-07-01", LAB_SALES, 1_000);
    assert_eq!(deal.close("2023-09-30"), []);
    assert_eq!(deal.net(Flow::RevenueShare), 20.0);
}

#[test]
fn nothing_counts_before_the_counting_date() {
    let clause = Term::RevenueShare(share(None, "2023-02-01"));
    let mut deal = Deal::new(vec![dated("share", "2023-01-01", None, clause)]);
    deal.earn("2023-01-31", LAB_SALES, 1_000);
    deal.earn("2023-02-01", LAB_SALES, 100);
    deal.close("2023-03-31");
    assert_eq!(deal.net(Flow::RevenueShare), 20.0);
}

#[test]
fn revenue_outside_the_base_earns_no_share() {
    let clause = Term::RevenueShare(share(None, "2023-01-01"));
    let mut deal = Deal::new(vec![dated("share", "2023-01-01", None, clause)]);
    deal.earn("2023-01-31", PLATFORM_SALES, 1_000);
    deal.earn("2023-01-31", Base::AllRevenue(LabId(1)), 1_000);
    assert_eq!(deal.close("2023-03-31"), []);
}

#[test]
fn opposite_shares_are_computed_apart_and_paid_net() {
    // Lab to cloud 20 % of 500 = 100; cloud to lab 20 % of 200 = 40; one payment of 60.
    let back = RevenueShare { payer: CLOUD, payee: LAB, base: PLATFORM_SALES, ..share(None, "2023-01-01") };
    let mut deal = Deal::new(vec![
        dated("out", "2023-01-01", None, Term::RevenueShare(share(None, "2023-01-01"))),
        dated("in", "2023-01-01", None, Term::RevenueShare(back)),
    ]);
    deal.ledger = Ledger::new(2, true);
    deal.earn("2023-02-01", LAB_SALES, 500);
    deal.earn("2023-02-01", PLATFORM_SALES, 200);
    assert_eq!(deal.close("2023-03-31").len(), 2);
    let postings = deal.ledger.take_postings();
    assert_eq!(postings.len(), 1);
    assert_eq!((postings[0].from, postings[0].to, postings[0].amount), (LAB, CLOUD, usd(60)));
    assert_eq!((postings[0].cause.contract, postings[0].cause.term), (Some(ContractId(0)), 0));
    let gross: Vec<Usd> =
        deal.settlement.share_figures(&deal.book, date("2023-03-31")).iter().map(|f| f.settled).collect();
    assert_eq!(gross, [usd(100), usd(40)]);
}

#[test]
fn a_refund_turns_the_payment_round() {
    let clause = Term::RevenueShare(share(None, "2023-01-01"));
    let mut deal = Deal::new(vec![dated("share", "2023-01-01", None, clause)]);
    deal.earn("2023-02-01", LAB_SALES, 500);
    deal.close("2023-03-31");
    deal.earn("2023-05-01", LAB_SALES, -100);
    deal.close("2023-06-30");
    assert_eq!(deal.ledger.paid(CLOUD, LAB, Flow::RevenueShare), usd(20));
    assert_eq!(deal.net(Flow::RevenueShare), 80.0);
}

/// 20 % uncapped until 2023-05-15, then 10 % with a cap of 60 that counts from a date.
fn amended(counting_from: &str) -> Deal {
    let new = RevenueShare { rate: 0.1, ..share(Some(60), counting_from) };
    Deal::new(vec![
        dated("share", "2023-01-01", Some("2023-05-15"), Term::RevenueShare(share(None, "2023-01-01"))),
        dated("share", "2023-05-15", None, Term::RevenueShare(new)),
    ])
}

#[test]
fn an_amendment_in_mid_quarter_splits_it_by_day() {
    // Q1: 100 at 20 % = 20. Q2: 200 to 05-14 at 20 % = 40, 300 from 05-15 at 10 % = 30.
    let mut deal = amended("2023-05-15");
    deal.earn("2023-02-01", LAB_SALES, 100);
    deal.close("2023-03-31");
    deal.earn("2023-05-14", LAB_SALES, 200);
    deal.earn("2023-05-15", LAB_SALES, 300);
    let share =
        |term, amount| Settled::Share { term: at(term), due: Due { amount: usd(amount), binding: Binding::Rate } };
    assert_eq!(deal.close("2023-06-30"), [share(0, 40), share(1, 30)]);
    assert_eq!(deal.net(Flow::RevenueShare), 90.0);
}

#[test]
fn earlier_payments_count_towards_the_cap_from_the_counting_date() {
    // As above. Counting from 04-01, the 40 of the second quarter use up the cap of 60 but for 20, so of the 30 only
    // 20 are due; counting from 01-01, the 20 of the first quarter count too and the cap is reached: nothing is due.
    for (counting_from, last, to_date) in [("2023-04-01", 20, 60), ("2023-01-01", 0, 60), ("2023-05-15", 30, 30)] {
        let mut deal = amended(counting_from);
        deal.earn("2023-02-01", LAB_SALES, 100);
        deal.earn("2023-05-14", LAB_SALES, 200);
        deal.earn("2023-05-15", LAB_SALES, 300);
        deal.close("2023-06-30");
        assert_eq!(deal.net(Flow::RevenueShare), f64::from(60 + last), "{counting_from}");
        let figures = deal.settlement.share_figures(&deal.book, close_of("2023-06-30"));
        let expected = ShareFigures {
            counted: usd(to_date),
            term: at(1),
            due_to_date: usd(to_date),
            total_cap: Some(usd(60)),
            settled: usd(60 + i128::from(last)),
        };
        assert_eq!(figures, [expected], "{counting_from}");
    }
}

#[test]
fn what_was_paid_before_the_run_counts_towards_the_cap() {
    // 20 % of 200 would be 40; of a cap of 60, 45 were used up before.
    let clause = RevenueShare { paid_before: usd(45), ..share(Some(60), "2023-01-01") };
    let mut deal = Deal::new(vec![dated("share", "2023-01-01", None, Term::RevenueShare(clause))]);
    deal.earn("2023-02-01", LAB_SALES, 200);
    deal.close("2023-03-31");
    assert_eq!(deal.net(Flow::RevenueShare), 15.0);
    assert_eq!(deal.settlement.over_cap(&deal.book, close_of("2023-03-31")), None);
}

#[test]
fn a_cap_that_is_lowered_below_what_was_paid_is_noticed_once_it_is_in_force() {
    // 20 % of 400 are 80, over the cap of 60 that counts them from 05-15 on.
    let mut deal = amended("2023-01-01");
    deal.earn("2023-02-01", LAB_SALES, 400);
    deal.close("2023-03-31");
    let over = |day: &str| deal.settlement.over_cap(&deal.book, date(day)).map(|row| (row.term, row.counted));
    assert_eq!((over("2023-05-14"), over("2023-05-15")), (None, Some((at(1), usd(80)))));
}

#[test]
fn what_was_not_taken_is_paid_at_the_close_of_the_year() {
    let mut deal = Deal::new(vec![dated("take", "2023-01-01", None, Term::Commitment(commitment(false)))]);
    deal.buy("2023-02-01", 300);
    assert_eq!(deal.close("2023-09-30"), []);
    let open = deal.commitment("2023-09-30");
    assert_eq!((open[0].due, open[0].used), (usd(273), usd(300)));
    assert_eq!(deal.close("2023-12-31"), [Settled::Shortfall { term: at(0), amount: usd(65) }]);
    assert_eq!(deal.net(Flow::Shortfall), 65.0);
    // At the closing second the figures are of the year that closed; a second later, of the next.
    let closing = deal.commitment("2023-12-31")[0];
    assert_eq!((closing.due, closing.used, closing.shortfall_paid), (usd(365), usd(300), usd(65)));
    let next = deal.commitment("2024-01-31")[0];
    assert_eq!((next.due.dollars(), next.used), (30.92, Usd::ZERO)); // 31 of 366 days
}

#[test]
fn a_commitment_nobody_uses_is_due_all_the_same() {
    let mut deal = Deal::new(vec![dated("take", "2023-07-01", None, Term::Commitment(commitment(false)))]);
    deal.close("2023-12-31");
    assert_eq!(deal.net(Flow::Shortfall), 184.0); // July to December
}

#[test]
fn excess_rolls_over_into_the_next_year() {
    // 2023: 400 of 365, so 35 roll over. 2024: 300 of 365, less 35: 30 are paid.
    let mut deal = Deal::new(vec![dated("take", "2023-01-01", None, Term::Commitment(commitment(true)))]);
    deal.buy("2023-02-01", 400);
    assert_eq!(deal.close("2023-12-31"), []);
    deal.buy("2024-02-01", 300);
    deal.close("2024-12-31");
    assert_eq!(deal.net(Flow::Shortfall), 30.0);
}

#[test]
fn what_the_seller_could_not_deliver_is_not_paid() {
    let mut deal = Deal::new(vec![dated("take", "2023-01-01", None, Term::Commitment(commitment(false)))]);
    deal.buy("2023-02-01", 300);
    deal.fail_to_deliver("2023-03-01", 25);
    deal.close("2023-12-31");
    assert_eq!(deal.net(Flow::Shortfall), 40.0);
    assert_eq!(deal.commitment("2023-12-31")[0].undeliverable, usd(25));
}

#[test]
fn a_paid_shortfall_is_made_up_by_later_excess() {
    // 2023: 300 of 365, 65 paid. 2024: 405 of 365, 40 come back. 2025: too late for the other 25.
    let clause = Commitment { make_up_periods: 1, ..commitment(false) };
    let mut deal = Deal::new(vec![dated("take", "2023-01-01", None, Term::Commitment(clause))]);
    deal.buy("2023-02-01", 300);
    deal.close("2023-12-31");
    deal.buy("2024-02-01", 405);
    assert_eq!(deal.close("2024-12-31"), [Settled::MadeUp { term: at(0), amount: usd(40) }]);
    deal.buy("2025-02-01", 400);
    assert_eq!(deal.close("2025-12-31"), []);
    assert_eq!(deal.net(Flow::Shortfall), 25.0);
}

#[test]
fn excess_that_makes_up_for_a_shortfall_does_not_roll_over_as_well() {
    // 2023: 65 paid. 2024: 405 of 365, 40 come back. 2025: 300 of 365, with nothing carried: 65 paid again.
    let clause = Commitment { make_up_periods: 1, ..commitment(true) };
    let mut deal = Deal::new(vec![dated("take", "2023-01-01", None, Term::Commitment(clause))]);
    for (year, bought) in [(2023, 300), (2024, 405), (2025, 300)] {
        deal.buy(&format!("{year}-02-01"), bought);
        deal.close(&format!("{year}-12-31"));
    }
    assert_eq!(deal.net(Flow::Shortfall), 90.0);
}

#[test]
fn a_commitment_that_ends_in_mid_year_settles_its_days_at_the_quarters_close() {
    // January and February are 59 days: 59 committed, 50 taken.
    let clause = Term::Commitment(commitment(false));
    let mut deal = Deal::new(vec![dated("take", "2023-01-01", Some("2023-03-01"), clause)]);
    deal.buy("2023-02-01", 50);
    deal.buy("2023-03-01", 500);
    assert_eq!(deal.close("2023-03-31"), [Settled::Shortfall { term: at(0), amount: usd(9) }]);
    assert_eq!(deal.close("2023-12-31"), []);
}

#[test]
fn a_commitment_ended_early_owes_its_days_only() {
    let mut deal = Deal::new(vec![dated("take", "2023-01-01", None, Term::Commitment(commitment(false)))]);
    deal.book.end_early(at(0), date("2023-02-01"));
    assert_eq!(deal.close("2023-03-31"), [Settled::Shortfall { term: at(0), amount: usd(31) }]);
}

#[test]
fn an_amended_commitment_adds_up_the_days_of_its_versions() {
    // 181 days to 06-30 at 1 a day, 184 from 07-01 at 2 a day: 549 in all, under one account.
    let doubled = Commitment { usd_per_year: Schedule::constant(730.0), ..commitment(false) };
    let mut deal = Deal::new(vec![
        dated("take", "2023-01-01", Some("2023-07-01"), Term::Commitment(commitment(false))),
        dated("take", "2023-07-01", None, Term::Commitment(doubled)),
    ]);
    deal.buy("2023-02-01", 500);
    assert_eq!(deal.close("2023-06-30"), []);
    assert_eq!(deal.close("2023-12-31"), [Settled::Shortfall { term: at(1), amount: usd(49) }]);
    assert_eq!(deal.commitment("2023-12-31")[0].due, usd(549));
}

#[test]
fn a_purchase_counts_once_and_first_where_its_stack_is_named() {
    let named = Commitment { stacks: vec![StackId(3)], ..commitment(false) };
    let mut deal = Deal::new(vec![
        dated("any", "2023-01-01", None, Term::Commitment(commitment(true))),
        dated("named", "2023-01-01", None, Term::Commitment(named)),
    ]);
    deal.buy_on_stack("2023-02-01", 400); // 365 to the named one, 35 to the other
    deal.buy("2023-02-01", 360); // 330 fill the other, 30 are its excess
    let used: Vec<Usd> = deal.commitment("2023-03-31").iter().map(|f| f.used).collect();
    assert_eq!(used, [usd(395), usd(365)]);
    assert_eq!(deal.close("2023-12-31"), []);
    assert_eq!(deal.commitment("2024-01-01")[0].carried, usd(30));
}

#[test]
fn a_party_buys_through_its_labs() {
    let clause = Commitment { buyer: Buyer::Party(LAB), ..commitment(false) };
    let mut deal = Deal::new(vec![dated("take", "2023-01-01", None, Term::Commitment(clause))]);
    deal.buy("2023-02-01", 365);
    assert_eq!(deal.close("2023-12-31"), []);
}

#[test]
fn committed_amounts_follow_the_civil_year() {
    // A-finance_ledgers-018: 3,660,000 a year from 2028-02-15 to 08-14, both included: 182 of 366 days.
    let clause = Commitment { usd_per_year: Schedule::constant(3_660_000.0), ..commitment(false) };
    let deal = Deal::new(vec![dated("take", "2028-02-15", Some("2028-08-15"), Term::Commitment(clause))]);
    let setting = Setting { book: &deal.book, owners: &deal.owners, calendar: &deal.calendar };
    assert_eq!(committed(setting, at(0), Time(0), OPEN_END), usd(1_820_000));
    assert_eq!(committed(setting, at(0), Time(0), date("2028-03-01")), usd(150_000));
}

#[test]
fn a_clause_may_count_days_over_a_fixed_year() {
    // The same 182 days over 365, 1,824,986.301 USD, and over 360, 1,850,333.333; six months of 30 days are half of it.
    let at_hand = [DayCount::Actual365, DayCount::Actual360, DayCount::Thirty360].map(|day_count| {
        let clause = Commitment { usd_per_year: Schedule::constant(3_660_000.0), day_count, ..commitment(false) };
        let deal = Deal::new(vec![dated("take", "2028-02-15", Some("2028-08-15"), Term::Commitment(clause))]);
        let setting = Setting { book: &deal.book, owners: &deal.owners, calendar: &deal.calendar };
        committed(setting, at(0), Time(0), OPEN_END)
    });
    assert_eq!(at_hand.map(Usd::dollars), [1_824_986.30, 1_850_333.33, 1_830_000.0]);
}

#[test]
fn a_ramp_steps_up_on_its_date() {
    // 365 a year in 2023, 732 in 2024 (2 a day): the last two days and the first three are 2 + 6.
    let years = calendar().years(CivilDate::parse("2024-01-01").unwrap());
    let ramp = Schedule::new(Curve::Steps, vec![(0.0, 365.0), (years, 732.0)], 0.0);
    let clause = Commitment { usd_per_year: ramp, ..commitment(false) };
    let deal = Deal::new(vec![dated("take", "2023-01-01", None, Term::Commitment(clause))]);
    let setting = Setting { book: &deal.book, owners: &deal.owners, calendar: &deal.calendar };
    assert_eq!(committed(setting, at(0), date("2023-12-30"), date("2024-01-04")), usd(8));
}

#[test]
fn an_investment_is_paid_once_on_its_date() {
    let stake =
        Investment { investor: CLOUD, issuer: LAB, usd: usd(10), on: date("2023-01-23"), pre_money: None, stake: None };
    let mut deal = Deal::new(vec![dated("stake", "2023-01-23", None, Term::Investment(stake))]);
    for (on, paid) in [("2023-01-22", vec![]), ("2023-01-23", vec![at(0)]), ("2023-01-24", vec![])] {
        let done = deal.settlement.pay_investments(&deal.book, &mut deal.ledger, date(on), 1);
        assert_eq!(done, paid, "{on}");
    }
    assert_eq!(deal.ledger.paid(CLOUD, LAB, Flow::EquityIssue), usd(10));
}

proptest! {
    #[test]
    fn what_the_terms_say_was_paid_is_what_the_ledger_moved(
        facts in prop::collection::vec((0usize..4, 0u64..700, 0i128..400), 0..80)
    ) {
        let back = RevenueShare { payer: CLOUD, payee: LAB, base: PLATFORM_SALES, ..share(Some(50), "2023-01-01") };
        let mut deal = amended("2023-01-01");
        deal.book.append(Contract {
            id: ContractId(1),
            name: "more".into(),
            terms: vec![
                dated("in", "2023-01-01", None, Term::RevenueShare(back)),
                dated("take", "2023-03-10", None, Term::Commitment(Commitment { make_up_periods: 1, ..commitment(true) })),
            ],
            pending: vec![],
        });
        let mut facts = facts;
        facts.sort_by_key(|fact| fact.1);
        let closes = ["2023-03-31", "2023-06-30", "2023-09-30", "2023-12-31", "2024-03-31", "2024-12-31"];
        let mut facts = facts.into_iter().peekable();
        for last_day in closes {
            while let Some((kind, day, dollars)) = facts.next_if(|fact| fact.1 * 86_400 < close_of(last_day).0) {
                let now = deal.calendar.date(Time(day * 86_400)).to_string();
                match kind {
                    0 => deal.earn(&now, LAB_SALES, dollars),
                    1 => deal.earn(&now, PLATFORM_SALES, dollars),
                    2 => deal.buy(&now, dollars),
                    _ => deal.fail_to_deliver(&now, dollars),
                }
            }
            deal.close(last_day);
            deal.ledger.check();
        }
        let end = close_of("2024-12-31");
        let shares = deal.settlement.share_figures(&deal.book, end);
        // Everything counts towards the amended cap, so what was settled is what is due to date.
        prop_assert_eq!(shares[0].due_to_date, shares[0].settled);
        prop_assert!(shares[1].settled <= usd(50));
        prop_assert_eq!((shares[0].settled - shares[1].settled).dollars(), deal.net(Flow::RevenueShare));
        let take = deal.commitment("2024-12-31")[0];
        prop_assert_eq!((take.shortfall_paid - take.made_up).dollars(), deal.net(Flow::Shortfall));
    }
}
