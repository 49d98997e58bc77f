//! Accounts, the postings between them, and who paid whom.

use super::flow::{AccountKind, Flow, Legs};
use crate::ids::{ContractId, PartyId};
use crate::units::{Time, Usd};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What asked for a posting: a clause, where there is one, and the event that was being handled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cause {
    /// The contract, if a clause asked.
    pub contract: Option<ContractId>,
    /// Position of the clause among the terms of the contract; 0 without a contract.
    pub term: u16,
    /// Sequence number of the event.
    pub event: u64,
}

impl Cause {
    /// A posting that no clause asked for.
    pub fn event(event: u64) -> Self {
        Self { contract: None, term: 0, event }
    }
}

/// One entry of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// When.
    pub time: Time,
    /// Who paid.
    pub from: PartyId,
    /// Who was paid; the payer itself for depreciation and opening entries.
    pub to: PartyId,
    /// How much, positive.
    pub amount: Usd,
    /// What for.
    pub flow: Flow,
    /// What asked for it.
    pub cause: Cause,
}

/// One cell of the who-paid-whom matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowRow {
    /// Who paid.
    pub from: PartyId,
    /// Who was paid.
    pub to: PartyId,
    /// What for.
    pub flow: Flow,
    /// How much, positive.
    pub amount: Usd,
}

/// A flow between two parties, within the open month and quarter and since the start of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Totals {
    month: Usd,
    quarter: Usd,
    run: Usd,
}

/// Every party's books.
///
/// After every posting the books of each party, and so all balances together, sum to zero.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// `balances[party * AccountKind::COUNT + kind]`, debits positive.
    balances: Vec<Usd>,
    /// Sum of each party's balances: zero between postings.
    books: Vec<Usd>,
    /// The balances when the open quarter began.
    at_start: Vec<Usd>,
    flows: BTreeMap<(PartyId, PartyId, Flow), Totals>,
    postings: Option<Vec<Posting>>,
}

impl Ledger {
    /// Empty books for `parties` parties, with a journal of postings if `keep_postings`.
    pub fn new(parties: usize, keep_postings: bool) -> Self {
        Self {
            balances: vec![Usd::ZERO; parties * AccountKind::COUNT],
            books: vec![Usd::ZERO; parties],
            at_start: vec![Usd::ZERO; parties * AccountKind::COUNT],
            flows: BTreeMap::new(),
            postings: keep_postings.then(Vec::new),
        }
    }

    /// Opens books for one more party.
    pub fn add_party(&mut self) -> PartyId {
        let party = PartyId::new(self.books.len());
        self.books.push(Usd::ZERO);
        self.balances.resize(self.books.len() * AccountKind::COUNT, Usd::ZERO);
        self.at_start.resize(self.balances.len(), Usd::ZERO);
        party
    }

    /// Moves cash, and books what it was for on both sides (see [`Flow::legs`]). A zero amount posts nothing.
    ///
    /// # Panics
    /// If the amount is negative, or the flow is one of the ledger's own (depreciation, opening).
    pub fn pay(&mut self, time: Time, from: PartyId, to: PartyId, amount: Usd, flow: Flow, cause: Cause) {
        assert!(flow.moves_cash(), "{} is not a payment", flow.name());
        if !self.record(Posting { time, from, to, amount, flow, cause }) {
            return;
        }
        let legs = flow.legs();
        self.debit(from, legs.payer, amount);
        self.debit(from, AccountKind::Cash, -amount);
        self.debit(to, AccountKind::Cash, amount);
        self.debit(to, legs.payee, -amount);
        self.assert_balanced(from);
        self.assert_balanced(to);
    }

    /// Writes `amount` off a party's property and equipment.
    ///
    /// # Panics
    /// If the amount is negative.
    pub fn depreciate(&mut self, time: Time, party: PartyId, amount: Usd, cause: Cause) {
        self.enter(Posting { time, from: party, to: party, amount, flow: Flow::Depreciation, cause });
    }

    /// Gives a party the cash that it starts with, against its opening equity.
    ///
    /// # Panics
    /// If the amount is negative.
    pub fn open(&mut self, time: Time, party: PartyId, cash: Usd, cause: Cause) {
        self.enter(Posting { time, from: party, to: party, amount: cash, flow: Flow::OpeningCash, cause });
    }

    /// Gives a party the property and equipment that it starts with, at book value, against its opening equity.
    ///
    /// # Panics
    /// If the amount is negative.
    pub fn open_fixed_assets(&mut self, time: Time, party: PartyId, value: Usd, cause: Cause) {
        self.enter(Posting { time, from: party, to: party, amount: value, flow: Flow::OpeningProperty, cause });
    }

    /// Gives a party what it owes when the run starts, and `lender` the claim, each against its opening equity.
    ///
    /// # Panics
    /// If the amount is negative.
    pub fn open_debt(&mut self, time: Time, borrower: PartyId, lender: PartyId, amount: Usd, cause: Cause) {
        let flow = Flow::OpeningDebt;
        if self.record(Posting { time, from: lender, to: borrower, amount, flow, cause }) {
            self.book_inside(lender, flow.legs(), amount);
            self.book_inside(borrower, flow.legs(), -amount);
        }
    }

    /// An entry inside one party's books, on the accounts that its flow names.
    fn enter(&mut self, posting: Posting) {
        if self.record(posting) {
            self.book_inside(posting.from, posting.flow.legs(), posting.amount);
        }
    }

    fn book_inside(&mut self, party: PartyId, legs: Legs, amount: Usd) {
        self.debit(party, legs.payer, amount);
        self.debit(party, legs.payee, -amount);
        self.assert_balanced(party);
    }

    /// Counts a posting and keeps it if a journal is kept; `false` if there is nothing to post.
    fn record(&mut self, posting: Posting) -> bool {
        assert!(posting.amount >= Usd::ZERO, "a negative payment of {} {:?}", posting.flow.name(), posting.amount);
        if posting.amount == Usd::ZERO {
            return false;
        }
        let totals = self.flows.entry((posting.from, posting.to, posting.flow)).or_default();
        totals.month += posting.amount;
        totals.quarter += posting.amount;
        totals.run += posting.amount;
        if let Some(postings) = &mut self.postings {
            postings.push(posting);
        }
        true
    }

    fn debit(&mut self, party: PartyId, kind: AccountKind, amount: Usd) {
        self.balances[party.index() * AccountKind::COUNT + kind.index()] += amount;
        self.books[party.index()] += amount;
    }

    fn assert_balanced(&self, party: PartyId) {
        let sum = self.books[party.index()];
        assert!(sum == Usd::ZERO, "the books of party {} are out by {sum:?}", party.0);
    }

    /// Adds up every balance again, party by party.
    ///
    /// # Panics
    /// If the books of a party do not sum to zero, or differ from the running sum.
    pub fn check(&self) {
        for (party, book) in self.balances.chunks(AccountKind::COUNT).enumerate() {
            let sum: Usd = book.iter().copied().sum();
            let running = self.books[party];
            assert!(sum == Usd::ZERO && running == Usd::ZERO, "party {party}: {sum:?}, running {running:?}");
        }
    }

    /// Balance of an account, debits positive.
    pub fn balance(&self, party: PartyId, kind: AccountKind) -> Usd {
        self.balances[party.index() * AccountKind::COUNT + kind.index()]
    }

    /// Cash of a party; negative if it is overdrawn.
    pub fn cash(&self, party: PartyId) -> Usd {
        self.balance(party, AccountKind::Cash)
    }

    /// Property and equipment of a party, net of depreciation.
    pub fn fixed_assets(&self, party: PartyId) -> Usd {
        self.balance(party, AccountKind::FixedAssets)
    }

    /// What a party owes, less what it has lent.
    pub fn debt(&self, party: PartyId) -> Usd {
        -self.balance(party, AccountKind::Debt)
    }

    /// Revenue of a party from a flow since the start of the run.
    pub fn revenue_in(&self, party: PartyId, flow: Flow) -> Usd {
        -self.balance(party, AccountKind::Revenue(flow))
    }

    /// Expense of a party on a flow since the start of the run.
    pub fn expense_in(&self, party: PartyId, flow: Flow) -> Usd {
        self.balance(party, AccountKind::Expense(flow))
    }

    /// What `from` paid `to` for a flow since the start of the run.
    pub fn paid(&self, from: PartyId, to: PartyId, flow: Flow) -> Usd {
        self.flows.get(&(from, to, flow)).map_or(Usd::ZERO, |totals| totals.run)
    }

    /// Balance of an account when the open quarter began, debits positive.
    pub fn balance_at_start(&self, party: PartyId, kind: AccountKind) -> Usd {
        self.at_start[party.index() * AccountKind::COUNT + kind.index()]
    }

    /// Number of parties with books.
    pub fn parties(&self) -> usize {
        self.books.len()
    }

    /// The flows of the open quarter, ordered by payer, payee and flow; then a new quarter begins.
    pub fn close_quarter(&mut self) -> Vec<FlowRow> {
        self.at_start.clone_from(&self.balances);
        let mut rows = Vec::new();
        for (&(from, to, flow), totals) in &mut self.flows {
            if totals.quarter > Usd::ZERO {
                rows.push(FlowRow { from, to, flow, amount: totals.quarter });
                totals.quarter = Usd::ZERO;
            }
        }
        rows
    }

    /// The flows of the open month, ordered by payer, payee and flow.
    pub fn month_flows(&self) -> impl Iterator<Item = FlowRow> + '_ {
        self.flows.iter().map(|(&(from, to, flow), totals)| FlowRow { from, to, flow, amount: totals.month })
    }

    /// Begins a new month.
    pub fn close_month(&mut self) {
        self.flows.values_mut().for_each(|totals| totals.month = Usd::ZERO);
    }

    /// The flows since the start of the run, ordered by payer, payee and flow.
    pub fn who_paid_whom(&self) -> impl Iterator<Item = FlowRow> + '_ {
        self.flows.iter().map(|(&(from, to, flow), totals)| FlowRow { from, to, flow, amount: totals.run })
    }

    /// Hands over the postings journalled since the last call; none if no journal is kept.
    pub fn take_postings(&mut self) -> Vec<Posting> {
        self.postings.as_mut().map(std::mem::take).unwrap_or_default()
    }
}

/// Entries between two parties that move no cash.
impl Ledger {
    /// Uses up an advance: what the buyer gets is its expense and the seller's revenue now, and the claim falls.
    ///
    /// # Panics
    /// If the amount is negative.
    pub fn draw_down(&mut self, time: Time, buyer: PartyId, seller: PartyId, amount: Usd, cause: Cause) {
        self.exchange(
            Posting { time, from: buyer, to: seller, amount, flow: Flow::Drawdown, cause },
            (AccountKind::Advances, AccountKind::Advances),
        );
    }

    /// Lets a stake vest: a cost of the issuer against its equity, an income of the holder that becomes its stake.
    ///
    /// # Panics
    /// If the amount is negative.
    pub fn grant(&mut self, time: Time, issuer: PartyId, holder: PartyId, amount: Usd, cause: Cause) {
        self.exchange(
            Posting { time, from: issuer, to: holder, amount, flow: Flow::Warrant, cause },
            (AccountKind::Equity, AccountKind::Stakes),
        );
    }

    /// Books a flow's expense and revenue against an account of each side in place of cash.
    fn exchange(&mut self, posting: Posting, (of_payer, of_payee): (AccountKind, AccountKind)) {
        let Posting { from, to, amount, flow, .. } = posting;
        if !self.record(posting) {
            return;
        }
        let legs = flow.legs();
        self.debit(from, legs.payer, amount);
        self.debit(from, of_payer, -amount);
        self.debit(to, of_payee, amount);
        self.debit(to, legs.payee, -amount);
        self.assert_balanced(from);
        self.assert_balanced(to);
    }

    /// Revenue less expenses of a party since the start of the run, over the flows that count.
    pub fn income(&self, party: PartyId, counts: impl Fn(Flow) -> bool) -> Usd {
        let flows = Flow::ALL.iter().copied().filter(|flow| counts(*flow));
        flows.map(|flow| self.revenue_in(party, flow) - self.expense_in(party, flow)).sum()
    }

    /// What a seller still owes a party for its advances, over all sellers; negative for a seller.
    pub fn advances(&self, party: PartyId) -> Usd {
        self.balance(party, AccountKind::Advances)
    }

    /// What a party was paid for goods and services since the start of the run, by the payers that count.
    pub fn sales_to(&self, seller: PartyId, counts: impl Fn(PartyId) -> bool) -> Usd {
        let sale = |flow: Flow| {
            matches!(
                flow,
                Flow::ChipHours
                    | Flow::Drawdown
                    | Flow::Tokens
                    | Flow::Accelerators
                    | Flow::Prepayment
                    | Flow::Backstop
            )
        };
        let flows = self.flows.iter().filter(|((from, to, flow), _)| *to == seller && sale(*flow) && counts(*from));
        flows.map(|(_, totals)| totals.run).sum()
    }
}

impl Ledger {
    /// Receipts less payments of each party since the start of the run, before financing ([`Flow::is_financing`]).
    /// Over all parties they sum to zero.
    pub fn cash_before_financing(&self) -> Vec<Usd> {
        let mut cash = vec![Usd::ZERO; self.books.len()];
        for row in self.who_paid_whom().filter(|row| !row.flow.is_financing()) {
            cash[row.from.index()] += -row.amount;
            cash[row.to.index()] += row.amount;
        }
        cash
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LAB: PartyId = PartyId(0);
    const CLOUD: PartyId = PartyId(1);
    const NOW: Time = Time(5);

    fn usd(dollars: i128) -> Usd {
        Usd(dollars * 1_000_000)
    }

    fn cause() -> Cause {
        Cause::event(1)
    }

    #[test]
    fn a_sale_moves_cash_and_is_booked_on_both_sides() {
        let mut ledger = Ledger::new(2, false);
        ledger.open(NOW, LAB, usd(100), cause());
        ledger.pay(NOW, LAB, CLOUD, usd(30), Flow::ChipHours, cause());
        assert_eq!((ledger.cash(LAB), ledger.cash(CLOUD)), (usd(70), usd(30)));
        assert_eq!(ledger.expense_in(LAB, Flow::ChipHours), usd(30));
        assert_eq!(ledger.revenue_in(CLOUD, Flow::ChipHours), usd(30));
        assert_eq!(ledger.balance(LAB, AccountKind::OpeningEquity), usd(-100));
        ledger.check();
    }

    #[test]
    fn accelerators_become_an_asset_that_wears_out() {
        let mut ledger = Ledger::new(2, false);
        ledger.open_fixed_assets(NOW, CLOUD, usd(10), cause());
        ledger.pay(NOW, CLOUD, LAB, usd(90), Flow::Accelerators, cause());
        ledger.depreciate(NOW, CLOUD, usd(15), cause());
        assert_eq!(ledger.fixed_assets(CLOUD), usd(85));
        assert_eq!(ledger.expense_in(CLOUD, Flow::Accelerators), Usd::ZERO);
        assert_eq!(ledger.expense_in(CLOUD, Flow::Depreciation), usd(15));
        assert_eq!(ledger.revenue_in(LAB, Flow::Accelerators), usd(90));
        assert_eq!(ledger.cash(CLOUD), usd(-90));
        ledger.check();
    }

    #[test]
    fn a_loan_is_owed_until_it_is_paid_back() {
        let mut ledger = Ledger::new(2, false);
        ledger.pay(NOW, CLOUD, LAB, usd(50), Flow::Borrowing, cause());
        assert_eq!((ledger.debt(LAB), ledger.debt(CLOUD)), (usd(50), usd(-50)));
        ledger.pay(NOW, LAB, CLOUD, usd(20), Flow::Repayment, cause());
        assert_eq!((ledger.debt(LAB), ledger.cash(LAB)), (usd(30), usd(30)));
        ledger.check();
    }

    #[test]
    fn a_debt_from_before_the_run_moves_no_cash() {
        let mut ledger = Ledger::new(2, false);
        ledger.open_debt(NOW, LAB, CLOUD, usd(50), cause());
        assert_eq!((ledger.debt(LAB), ledger.debt(CLOUD)), (usd(50), usd(-50)));
        assert_eq!((ledger.cash(LAB), ledger.cash(CLOUD)), (Usd::ZERO, Usd::ZERO));
        assert_eq!(ledger.balance(LAB, AccountKind::OpeningEquity), usd(50));
        ledger.check();
    }

    #[test]
    fn a_stake_is_an_asset_of_the_investor_and_equity_of_the_issuer() {
        let mut ledger = Ledger::new(2, false);
        ledger.pay(NOW, CLOUD, LAB, usd(13), Flow::EquityIssue, cause());
        assert_eq!(ledger.balance(CLOUD, AccountKind::Stakes), usd(13));
        assert_eq!(ledger.balance(LAB, AccountKind::Equity), usd(-13));
        assert_eq!(ledger.revenue_in(LAB, Flow::EquityIssue), Usd::ZERO);
    }

    /// Of 100 to start with, a stake of 50, a loan of 40 with 5 of interest, a payout of 7, a sale of 30 and chips for 90:
    /// only the sale and the chips count, 30 − 90.
    #[test]
    fn cash_before_financing_is_of_sales_and_purchases_alone() {
        let mut ledger = Ledger::new(2, false);
        ledger.open(NOW, CLOUD, usd(100), cause());
        ledger.open_debt(NOW, CLOUD, LAB, usd(9), cause());
        ledger.pay(NOW, LAB, CLOUD, usd(50), Flow::EquityIssue, cause());
        ledger.pay(NOW, LAB, CLOUD, usd(40), Flow::Borrowing, cause());
        ledger.pay(NOW, CLOUD, LAB, usd(5), Flow::Interest, cause());
        ledger.pay(NOW, CLOUD, LAB, usd(3), Flow::Repayment, cause());
        ledger.pay(NOW, CLOUD, LAB, usd(7), Flow::Payout, cause());
        ledger.pay(NOW, LAB, CLOUD, usd(30), Flow::ChipHours, cause());
        ledger.pay(NOW, CLOUD, LAB, usd(90), Flow::Accelerators, cause());
        ledger.depreciate(NOW, CLOUD, usd(15), cause());
        assert_eq!(ledger.cash_before_financing(), [usd(60), usd(-60)]);
    }

    #[test]
    fn an_advance_is_a_claim_until_it_is_drawn_down() {
        let mut ledger = Ledger::new(2, false);
        ledger.pay(NOW, LAB, CLOUD, usd(50), Flow::Advance, cause());
        assert_eq!((ledger.cash(LAB), ledger.cash(CLOUD)), (usd(-50), usd(50)));
        assert_eq!(ledger.revenue_in(CLOUD, Flow::Advance), Usd::ZERO);
        ledger.draw_down(NOW, LAB, CLOUD, usd(20), cause());
        assert_eq!((ledger.advances(LAB), ledger.advances(CLOUD)), (usd(30), usd(-30)));
        assert_eq!((ledger.cash(LAB), ledger.expense_in(LAB, Flow::Drawdown)), (usd(-50), usd(20)));
        assert_eq!(ledger.revenue_in(CLOUD, Flow::Drawdown), usd(20));
        ledger.check();
    }

    #[test]
    fn a_warrant_is_a_cost_of_the_issuer_and_a_stake_of_the_holder() {
        let mut ledger = Ledger::new(2, false);
        ledger.grant(NOW, CLOUD, LAB, usd(9), cause());
        assert_eq!((ledger.cash(LAB), ledger.balance(LAB, AccountKind::Stakes)), (Usd::ZERO, usd(9)));
        assert_eq!(ledger.balance(CLOUD, AccountKind::Equity), usd(-9));
        assert_eq!(ledger.sales_to(LAB, |_| true), Usd::ZERO);
        ledger.check();
    }

    #[test]
    fn sales_are_what_is_paid_for_goods_and_services() {
        let mut ledger = Ledger::new(3, false);
        ledger.pay(NOW, LAB, CLOUD, usd(5), Flow::Accelerators, cause());
        ledger.pay(NOW, PartyId(2), CLOUD, usd(7), Flow::ChipHours, cause());
        ledger.pay(NOW, LAB, CLOUD, usd(100), Flow::EquityIssue, cause());
        assert_eq!(ledger.sales_to(CLOUD, |_| true), usd(12));
        assert_eq!(ledger.sales_to(CLOUD, |payer| payer == LAB), usd(5));
    }

    #[test]
    fn dealings_inside_a_party_leave_its_cash_alone() {
        let mut ledger = Ledger::new(1, false);
        ledger.pay(NOW, LAB, LAB, usd(7), Flow::ChipHours, cause());
        assert_eq!(ledger.cash(LAB), Usd::ZERO);
        assert_eq!(ledger.revenue_in(LAB, Flow::ChipHours), ledger.expense_in(LAB, Flow::ChipHours));
        assert_eq!(ledger.paid(LAB, LAB, Flow::ChipHours), usd(7));
    }

    #[test]
    fn a_closed_quarter_keeps_the_run_and_starts_afresh() {
        let mut ledger = Ledger::new(2, false);
        ledger.pay(NOW, LAB, CLOUD, usd(3), Flow::ChipHours, cause());
        ledger.pay(NOW, LAB, CLOUD, usd(4), Flow::ChipHours, cause());
        let row = FlowRow { from: LAB, to: CLOUD, flow: Flow::ChipHours, amount: usd(7) };
        assert_eq!(ledger.close_quarter(), vec![row]);
        assert_eq!(ledger.close_quarter(), vec![]);
        ledger.pay(NOW, LAB, CLOUD, usd(1), Flow::ChipHours, cause());
        assert_eq!(ledger.who_paid_whom().collect::<Vec<_>>(), vec![FlowRow { amount: usd(8), ..row }]);
    }

    #[test]
    fn the_journal_is_kept_on_request_and_omits_nothing_but_zeros() {
        let (mut with, mut without) = (Ledger::new(2, true), Ledger::new(2, false));
        for ledger in [&mut with, &mut without] {
            ledger.pay(NOW, LAB, CLOUD, Usd::ZERO, Flow::Tokens, cause());
            ledger.pay(NOW, LAB, CLOUD, usd(1), Flow::Tokens, cause());
        }
        let posting = Posting { time: NOW, from: LAB, to: CLOUD, amount: usd(1), flow: Flow::Tokens, cause: cause() };
        assert_eq!(with.take_postings(), vec![posting]);
        assert_eq!(with.take_postings(), vec![]);
        assert_eq!(without.take_postings(), vec![]);
    }

    #[test]
    fn a_party_may_be_added_during_a_run() {
        let mut ledger = Ledger::new(1, false);
        let late = ledger.add_party();
        ledger.pay(NOW, LAB, late, usd(2), Flow::Power, cause());
        assert_eq!((late, ledger.cash(late)), (PartyId(1), usd(2)));
    }

    #[test]
    #[should_panic(expected = "a negative payment")]
    fn a_negative_payment_is_a_programming_error() {
        Ledger::new(2, false).pay(NOW, LAB, CLOUD, usd(-1), Flow::Tokens, cause());
    }

    #[test]
    #[should_panic(expected = "party 1")]
    fn the_check_finds_a_balance_that_was_tampered_with() {
        let mut ledger = Ledger::new(2, false);
        ledger.balances[AccountKind::COUNT] += Usd(1);
        ledger.check();
    }

    proptest! {
        #[test]
        fn balances_sum_to_zero_over_any_sequence(
            steps in prop::collection::vec((0u16..4, 0u16..4, 0usize..Flow::ALL.len(), 0i128..1_000_000_000_000), 0..60)
        ) {
            let mut ledger = Ledger::new(4, true);
            for (from, to, flow, amount) in steps {
                let (from, to, amount) = (PartyId(from), PartyId(to), Usd(amount));
                match Flow::ALL[flow] {
                    Flow::Depreciation => ledger.depreciate(NOW, from, amount, cause()),
                    Flow::OpeningCash => ledger.open(NOW, from, amount, cause()),
                    Flow::OpeningProperty => ledger.open_fixed_assets(NOW, from, amount, cause()),
                    Flow::OpeningDebt => ledger.open_debt(NOW, from, to, amount, cause()),
                    Flow::Drawdown => ledger.draw_down(NOW, from, to, amount, cause()),
                    Flow::Warrant => ledger.grant(NOW, from, to, amount, cause()),
                    flow => ledger.pay(NOW, from, to, amount, flow, cause()),
                }
            }
            ledger.check();
            let flows: Usd = ledger.who_paid_whom().map(|row| row.amount).sum();
            let quarter: Usd = ledger.close_quarter().iter().map(|row| row.amount).sum();
            let journal: Usd = ledger.take_postings().iter().map(|posting| posting.amount).sum();
            prop_assert_eq!(flows, journal);
            prop_assert_eq!(flows, quarter);
        }
    }
}
