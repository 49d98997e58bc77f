//! Statements of a quarter: each party's income, cash and balance sheet, and who paid whom.
//!
//! They are drawn up from the books alone: what the accounts of a party moved by within the quarter, and the flows
//! between parties. They are consolidated: what a party posts between its own accounts (`from` is `to`) is neither
//! revenue nor expense, and is no payment. Where that leaves an asset that nothing was paid for, the asset is own work.
//!
//! - net income = revenue − expense, depreciation and interest among the expenses
//! - operating result = net income without interest and without payouts received
//! - cash at the end = cash at the start + received − paid
//! - assets − debt = equity = contributed + opening + what earlier results and own work have left
//!
//! Source: the identities of double-entry books; R. Brealey, S. Myers, F. Allen, Principles of Corporate Finance,
//! 13th edition (2019), chapter 28. Limits: as those of the ledger, no receivables and no taxes, so that what is due is
//! cash at once; stakes stand at cost.

use super::flow::{AccountKind, Flow};
use super::ledger::{FlowRow, Ledger};
use crate::ids::PartyId;
use crate::units::Usd;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A line of a statement, in the order of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Item {
    /// Revenue from others, all flows.
    Revenue,
    /// Revenue from others by a flow.
    RevenueFrom(Flow),
    /// Expense, all flows.
    Expense,
    /// Expense on a flow, depreciation, interest and shortfalls among them.
    ExpenseOn(Flow),
    /// Revenue less expense without interest and payouts.
    OperatingResult,
    /// Revenue less expense.
    NetIncome,
    /// Assets made for own use, revenue of no one.
    OwnWork,
    /// Property and equipment bought, less what was refunded.
    CapitalExpenditure,
    /// Cash when the quarter began.
    CashStart,
    /// Cash from others, all flows.
    CashReceived,
    /// Cash to others, all flows.
    CashPaid,
    /// Cash when the quarter ended.
    CashEnd,
    /// Property and equipment, net of depreciation, at the end.
    FixedAssets,
    /// Stakes in other parties at cost, at the end.
    Stakes,
    /// What is owed, less what is lent, at the end.
    Debt,
    /// What was paid in advance, less what is owed for advances received, at the end.
    Advances,
    /// Assets less debt at the end.
    Equity,
    /// What shareholders put in: cash, and shares granted at a cost of income.
    EquityRaised,
    /// Cash that shareholders took out.
    PaidOut,
    /// What is still to be bought under commitments in force, until their end.
    CommittedAsBuyer,
    /// What is still to be sold under them.
    CommittedAsSeller,
    /// What is still to be paid for compute reserved, by contract or during the run.
    ReservedAsBuyer,
    /// What is still to be received for it.
    ReservedAsSeller,
    /// Cash to one counterparty for a flow.
    PaidFor(Flow),
}

impl Item {
    /// `snake_case` name for tables.
    pub fn name(self) -> Cow<'static, str> {
        let name = match self {
            Self::Revenue => "revenue",
            Self::RevenueFrom(flow) => return format!("revenue_{}", flow.name()).into(),
            Self::Expense => "expense",
            Self::ExpenseOn(flow) => return format!("expense_{}", flow.name()).into(),
            Self::OperatingResult => "operating_result",
            Self::NetIncome => "net_income",
            Self::OwnWork => "own_work",
            Self::CapitalExpenditure => "capital_expenditure",
            Self::CashStart => "cash_start",
            Self::CashReceived => "cash_received",
            Self::CashPaid => "cash_paid",
            Self::CashEnd => "cash_end",
            Self::FixedAssets => "fixed_assets",
            Self::Stakes => "stakes",
            Self::Debt => "debt",
            Self::Advances => "advances",
            Self::Equity => "equity",
            Self::EquityRaised => "equity_raised",
            Self::PaidOut => "paid_out",
            Self::CommittedAsBuyer => "committed_as_buyer",
            Self::CommittedAsSeller => "committed_as_seller",
            Self::ReservedAsBuyer => "reserved_as_buyer",
            Self::ReservedAsSeller => "reserved_as_seller",
            Self::PaidFor(flow) => return format!("paid_{}", flow.name()).into(),
        };
        Cow::Borrowed(name)
    }

    /// The line that an account's balance at the end is told on; `None` for those that equity adds up.
    fn of_balance(kind: AccountKind) -> Option<Self> {
        match kind {
            AccountKind::Cash => Some(Self::CashEnd),
            AccountKind::FixedAssets => Some(Self::FixedAssets),
            AccountKind::Stakes => Some(Self::Stakes),
            AccountKind::Debt => Some(Self::Debt),
            AccountKind::Advances => Some(Self::Advances),
            AccountKind::Equity | AccountKind::OpeningEquity => None,
            AccountKind::Revenue(_) | AccountKind::Expense(_) => None,
        }
    }
}

/// An amount of a statement, not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementLine {
    /// Whose statement; the payer of a line between two parties.
    pub party: PartyId,
    /// Who was paid, on a line between two parties.
    pub counterparty: Option<PartyId>,
    /// Which line.
    pub item: Item,
    /// How much; below zero for losses, overdrafts and net lenders' debt.
    pub amount: Usd,
}

/// The statements of the open quarter, party by party, then who paid whom; a new quarter begins. Lines of zero are left
/// out.
pub fn draw_up(ledger: &mut Ledger) -> Vec<StatementLine> {
    let parties = ledger.parties();
    let mut drafts: Vec<Draft> = (0..parties).map(|p| Draft::new(ledger, PartyId::new(p))).collect();
    let payments = ledger.close_quarter();
    for row in payments.iter().filter(|row| row.flow == Flow::Warrant) {
        drafts[row.from.index()].raised += row.amount;
    }
    for row in payments.iter().filter(|row| row.flow.moves_cash()) {
        if row.from == row.to {
            drafts[row.from.index()].eliminate(row.flow, row.amount);
        } else {
            drafts[row.from.index()].pays(row);
            drafts[row.to.index()].receives(row);
        }
    }
    let mut lines: Vec<StatementLine> = Vec::new();
    for (p, draft) in drafts.iter().enumerate() {
        draft.write(ledger, PartyId::new(p), &mut lines);
    }
    let between = payments.iter().filter(|row| row.flow.moves_cash() && row.from != row.to);
    lines.extend(between.map(|row| StatementLine {
        party: row.from,
        counterparty: Some(row.to),
        item: Item::PaidFor(row.flow),
        amount: row.amount,
    }));
    lines
}

/// What moved in a party's quarter.
struct Draft {
    /// By flow, in the order of [`Flow::ALL`].
    revenue: Vec<Usd>,
    expense: Vec<Usd>,
    own_work: Usd,
    additions: Usd,
    cash_start: Usd,
    received: Usd,
    paid: Usd,
    raised: Usd,
    paid_out: Usd,
}

impl Draft {
    fn new(ledger: &Ledger, party: PartyId) -> Self {
        let moved = |kind| ledger.balance(party, kind) - ledger.balance_at_start(party, kind);
        let expense: Vec<Usd> = Flow::ALL.iter().map(|flow| moved(AccountKind::Expense(*flow))).collect();
        Self {
            revenue: Flow::ALL.iter().map(|flow| -moved(AccountKind::Revenue(*flow))).collect(),
            additions: moved(AccountKind::FixedAssets) + expense[Flow::Depreciation as usize],
            expense,
            own_work: Usd::ZERO,
            cash_start: ledger.balance_at_start(party, AccountKind::Cash),
            received: Usd::ZERO,
            paid: Usd::ZERO,
            raised: Usd::ZERO,
            paid_out: Usd::ZERO,
        }
    }

    /// Takes a dealing with itself out of revenue and expense. What was on one side only is work on its own assets.
    fn eliminate(&mut self, flow: Flow, amount: Usd) {
        let legs = flow.legs();
        if matches!(legs.payee, AccountKind::Revenue(_)) {
            self.revenue[flow as usize] -= amount;
            self.own_work += amount;
        }
        if matches!(legs.payer, AccountKind::Expense(_)) {
            self.expense[flow as usize] -= amount;
            self.own_work -= amount;
        }
    }

    fn pays(&mut self, row: &FlowRow) {
        self.paid += row.amount;
        if row.flow.legs().payer == AccountKind::Equity {
            self.paid_out += row.amount;
        }
    }

    fn receives(&mut self, row: &FlowRow) {
        self.received += row.amount;
        if row.flow.legs().payee == AccountKind::Equity {
            self.raised += row.amount;
        }
    }

    fn write(&self, ledger: &Ledger, party: PartyId, lines: &mut Vec<StatementLine>) {
        let mut put = |item: Item, amount: Usd| {
            if amount != Usd::ZERO {
                lines.push(StatementLine { party, counterparty: None, item, amount });
            }
        };
        let (revenue, expense): (Usd, Usd) = (self.revenue.iter().copied().sum(), self.expense.iter().copied().sum());
        put(Item::Revenue, revenue);
        Flow::ALL.iter().zip(&self.revenue).for_each(|(flow, amount)| put(Item::RevenueFrom(*flow), *amount));
        put(Item::Expense, expense);
        Flow::ALL.iter().zip(&self.expense).for_each(|(flow, amount)| put(Item::ExpenseOn(*flow), *amount));
        let financial = [Flow::Interest, Flow::Payout].map(|flow| flow as usize);
        let financial: Usd = financial.into_iter().map(|flow| self.revenue[flow] - self.expense[flow]).sum();
        put(Item::OperatingResult, revenue - expense - financial);
        put(Item::NetIncome, revenue - expense);
        put(Item::OwnWork, self.own_work);
        put(Item::CapitalExpenditure, self.additions);
        put(Item::CashStart, self.cash_start);
        put(Item::CashReceived, self.received);
        put(Item::CashPaid, self.paid);
        let mut equity = Usd::ZERO;
        for kind in AccountKind::SHEET {
            let balance = ledger.balance(party, kind);
            match Item::of_balance(kind) {
                Some(Item::Debt) => put(Item::Debt, -balance),
                Some(item) => put(item, balance),
                None => equity -= balance,
            }
        }
        for flow in Flow::ALL {
            equity += ledger.revenue_in(party, *flow) - ledger.expense_in(party, *flow);
        }
        put(Item::Equity, equity);
        put(Item::EquityRaised, self.raised);
        put(Item::PaidOut, self.paid_out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::Cause;
    use crate::units::Time;
    use proptest::prelude::*;

    const LAB: PartyId = PartyId(0);
    const CLOUD: PartyId = PartyId(1);
    const MAKER: PartyId = PartyId(2);

    fn usd(dollars: i128) -> Usd {
        Usd(dollars * 1_000_000)
    }

    fn pay(ledger: &mut Ledger, from: PartyId, to: PartyId, dollars: i128, flow: Flow) {
        ledger.pay(Time(5), from, to, usd(dollars), flow, Cause::event(1));
    }

    fn line(lines: &[StatementLine], party: PartyId, item: Item) -> Usd {
        let own = |l: &&StatementLine| l.party == party && l.counterparty.is_none() && l.item == item;
        lines.iter().find(own).map_or(Usd::ZERO, |l| l.amount)
    }

    /// A cloud with 100 in cash, 40 of property and 20 of debt.
    fn opened() -> Ledger {
        let (mut ledger, cause) = (Ledger::new(3, false), Cause::event(0));
        ledger.open(Time(0), CLOUD, usd(100), cause);
        ledger.open_fixed_assets(Time(0), CLOUD, usd(40), cause);
        ledger.open_debt(Time(0), CLOUD, MAKER, usd(20), cause);
        ledger.close_quarter();
        ledger
    }

    /// Sells for 50, pays 3 of interest and 60 for chips of which 10 are refunded, writes 8 off, raises 30 and pays 5
    /// out. Net income 50 − 3 − 8 = 39, before interest 42; cash 100 + 50 + 10 + 30 − 3 − 60 − 5 = 122; property
    /// 40 + 60 − 10 − 8 = 82; equity 100 + 40 − 20 + 39 + 30 − 5 = 184 = 122 + 82 − 20.
    #[test]
    fn a_quarter_by_hand() {
        let mut ledger = opened();
        pay(&mut ledger, LAB, CLOUD, 50, Flow::ChipHours);
        pay(&mut ledger, CLOUD, MAKER, 3, Flow::Interest);
        pay(&mut ledger, CLOUD, MAKER, 60, Flow::Accelerators);
        pay(&mut ledger, MAKER, CLOUD, 10, Flow::Refund);
        ledger.depreciate(Time(5), CLOUD, usd(8), Cause::event(1));
        pay(&mut ledger, LAB, CLOUD, 30, Flow::EquityIssue);
        pay(&mut ledger, CLOUD, LAB, 5, Flow::Payout);
        let lines = draw_up(&mut ledger);
        let expected = [
            (Item::Revenue, 50),
            (Item::RevenueFrom(Flow::ChipHours), 50),
            (Item::Expense, 11),
            (Item::ExpenseOn(Flow::Interest), 3),
            (Item::ExpenseOn(Flow::Depreciation), 8),
            (Item::OperatingResult, 42),
            (Item::NetIncome, 39),
            (Item::CapitalExpenditure, 50),
            (Item::CashStart, 100),
            (Item::CashReceived, 90),
            (Item::CashPaid, 68),
            (Item::CashEnd, 122),
            (Item::FixedAssets, 82),
            (Item::Debt, 20),
            (Item::Equity, 184),
            (Item::EquityRaised, 30),
            (Item::PaidOut, 5),
        ];
        let own = lines.iter().filter(|l| l.party == CLOUD && l.counterparty.is_none());
        assert_eq!(own.map(|l| (l.item, l.amount)).collect::<Vec<_>>(), expected.map(|(i, d)| (i, usd(d))).to_vec());
        let paid = StatementLine {
            party: CLOUD,
            counterparty: Some(MAKER),
            item: Item::PaidFor(Flow::Accelerators),
            amount: usd(60),
        };
        assert!(lines.contains(&paid));
    }

    /// 7 sold to itself are neither revenue nor expense; chips of 9 from its own works are an asset without a payment.
    #[test]
    fn dealings_inside_a_party_are_eliminated() {
        let mut ledger = opened();
        pay(&mut ledger, CLOUD, CLOUD, 7, Flow::ChipHours);
        pay(&mut ledger, CLOUD, CLOUD, 9, Flow::Accelerators);
        let lines = draw_up(&mut ledger);
        let figures = [Item::Revenue, Item::Expense, Item::CashPaid, Item::OwnWork, Item::FixedAssets, Item::Equity]
            .map(|item| line(&lines, CLOUD, item));
        assert_eq!(figures, [0, 0, 0, 9, 49, 129].map(usd));
        assert!(lines.iter().all(|l| l.counterparty.is_none()));
    }

    #[test]
    fn a_quarter_begins_where_the_last_one_ended() {
        let mut ledger = opened();
        pay(&mut ledger, LAB, CLOUD, 50, Flow::ChipHours);
        draw_up(&mut ledger);
        let lines = draw_up(&mut ledger);
        assert_eq!(line(&lines, CLOUD, Item::CashStart), usd(150));
        assert_eq!(line(&lines, CLOUD, Item::Revenue), Usd::ZERO);
    }

    #[test]
    fn no_two_lines_have_one_name() {
        let flows = Flow::ALL.iter().flat_map(|f| [Item::RevenueFrom(*f), Item::ExpenseOn(*f), Item::PaidFor(*f)]);
        let mut names: Vec<_> = flows.chain([Item::PaidOut, Item::CashPaid, Item::Revenue]).map(Item::name).collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    proptest! {
        #[test]
        fn the_identities_hold_over_any_postings(
            steps in prop::collection::vec((0u16..3, 0u16..3, 0usize..Flow::ALL.len(), 0i128..1_000_000), 0..60)
        ) {
            let mut ledger = opened();
            for (from, to, flow, amount) in steps {
                if Flow::ALL[flow].moves_cash() {
                    ledger.pay(Time(5), PartyId(from), PartyId(to), Usd(amount), Flow::ALL[flow], Cause::event(1));
                } else {
                    let (time, from, to, cause) = (Time(5), PartyId(from), PartyId(to), Cause::event(1));
                    match Flow::ALL[flow] {
                        Flow::Drawdown => ledger.draw_down(time, from, to, Usd(amount), cause),
                        Flow::Warrant => ledger.grant(time, from, to, Usd(amount), cause),
                        _ => ledger.depreciate(time, from, Usd(amount), cause),
                    }
                }
            }
            let lines = draw_up(&mut ledger);
            for party in [LAB, CLOUD, MAKER] {
                let of = |item| line(&lines, party, item);
                prop_assert_eq!(of(Item::CashEnd), of(Item::CashStart) + of(Item::CashReceived) - of(Item::CashPaid));
                let assets = [Item::CashEnd, Item::FixedAssets, Item::Stakes, Item::Advances];
                let assets: Usd = assets.into_iter().map(of).sum();
                prop_assert_eq!(assets - of(Item::Debt), of(Item::Equity));
                prop_assert_eq!(of(Item::NetIncome), of(Item::Revenue) - of(Item::Expense));
            }
        }
    }
}
