//! The kinds of payment, and the accounts that each of them moves.

use serde::{Deserialize, Serialize};

macro_rules! flows {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)+) => {
        /// What a payment is for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Flow {
            $($(#[$doc])* $name,)+
        }

        impl Flow {
            /// Every flow, in the order of the output.
            pub const ALL: &[Flow] = &[$(Flow::$name,)+];

            /// `snake_case` name for tables.
            pub fn name(self) -> &'static str {
                match self {
                    $(Flow::$name => $text,)+
                }
            }
        }
    };
}

flows! {
    /// Accelerator-hours sold by a cloud.
    ChipHours = "chip_hours",
    /// Tokens sold on a platform or on a lab's own API.
    Tokens = "tokens",
    /// Subscriptions to a product.
    Subscriptions = "subscriptions",
    /// Advertising shown in a product.
    Advertising = "advertising",
    /// A share of revenue or profit under a contract.
    RevenueShare = "revenue_share",
    /// The part of the end customer's spend that passes between the platform and the lab.
    Remittance = "remittance",
    /// The use of a lab's models in a product of another party, by the token.
    ModelFees = "model_fees",
    /// The unused part of a commitment, and its return as make-up.
    Shortfall = "shortfall",
    /// Accelerators: an asset of the payer, revenue of the supplier.
    Accelerators = "accelerators",
    /// A share of an order of accelerators, paid with it: an asset of the payer, revenue of the supplier.
    Prepayment = "prepayment",
    /// What was paid in advance for an order that is cancelled: less assets of the payee.
    Refund = "refund",
    /// Used accelerators.
    Resale = "resale",
    /// Paid in advance for compute: a claim of the payer on the payee.
    Advance = "advance",
    /// Compute drawn from an advance: no cash, the claim falls.
    Drawdown = "drawdown",
    /// Compute that a party buys because the cloud could not sell it.
    Backstop = "backstop",
    /// A stake that vests with purchases: no cash, a cost of the issuer and an income of the holder.
    Warrant = "warrant",
    /// Sites and shells: an asset of the payer.
    Construction = "construction",
    /// Electricity.
    Power = "power",
    /// Running a fleet, electricity apart.
    Operations = "operations",
    /// Interest on debt.
    Interest = "interest",
    /// Credits to customers for missed service levels.
    SlaCredit = "sla_credit",
    /// Revenue of the conventional business.
    Conventional = "conventional",
    /// Cost of the conventional business.
    ConventionalCost = "conventional_cost",
    /// Pay of researchers.
    ResearchStaff = "research_staff",
    /// Cash for a stake: an asset of the payer, contributed equity of the payee.
    EquityIssue = "equity_issue",
    /// Dividends and buybacks: less equity of the payer, income of the payee.
    Payout = "payout",
    /// A loan paid out by the lender.
    Borrowing = "borrowing",
    /// A loan paid back to the lender.
    Repayment = "repayment",
    /// Wear of property and equipment, inside one party.
    Depreciation = "depreciation",
    /// Cash that a party starts with.
    OpeningCash = "opening_cash",
    /// Property and equipment that a party starts with.
    OpeningProperty = "opening_property",
    /// Debt that a party starts with, from its lender.
    OpeningDebt = "opening_debt",
}

/// One side of a party's books. Debits are positive: assets and expenses are above zero, debts, equity and revenue
/// below, and the books of a party add up to zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AccountKind {
    /// Money in the bank.
    Cash,
    /// Property and equipment, net of depreciation.
    FixedAssets,
    /// Stakes in other parties, at cost.
    Stakes,
    /// Loans: positive for the lender, negative for the borrower.
    Debt,
    /// Advances for compute: positive for the buyer, negative for the seller that owes it.
    Advances,
    /// Equity contributed during the run, less what was paid out.
    Equity,
    /// Equity that the party starts with.
    OpeningEquity,
    /// Revenue from a flow.
    Revenue(Flow),
    /// Expense on a flow.
    Expense(Flow),
}

impl AccountKind {
    /// Number of kinds that are not of one flow.
    const PLAIN: usize = 7;
    /// Number of accounts of a party.
    pub(super) const COUNT: usize = Self::PLAIN + 2 * Flow::ALL.len();

    /// The kinds that are not of one flow, in the order of the books.
    pub const SHEET: [AccountKind; Self::PLAIN] =
        [Self::Cash, Self::FixedAssets, Self::Stakes, Self::Debt, Self::Advances, Self::Equity, Self::OpeningEquity];

    /// Position among the accounts of a party.
    pub(super) fn index(self) -> usize {
        match self {
            Self::Cash => 0,
            Self::FixedAssets => 1,
            Self::Stakes => 2,
            Self::Debt => 3,
            Self::Advances => 4,
            Self::Equity => 5,
            Self::OpeningEquity => 6,
            Self::Revenue(flow) => Self::PLAIN + 2 * flow as usize,
            Self::Expense(flow) => Self::PLAIN + 2 * flow as usize + 1,
        }
    }
}

/// The accounts that a payment moves beside the cash of both parties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Legs {
    /// Debited at the payer.
    pub payer: AccountKind,
    /// Credited at the payee.
    pub payee: AccountKind,
}

impl Flow {
    /// Whether cash changes hands; else the ledger makes the entry inside the books of a party.
    pub fn moves_cash(self) -> bool {
        !matches!(
            self,
            Self::Depreciation
                | Self::OpeningCash
                | Self::OpeningProperty
                | Self::OpeningDebt
                | Self::Drawdown
                | Self::Warrant
        )
    }

    /// Whether it brings capital in or takes it out, interest on loans included, so that what the capital is worth is
    /// found without it; also the opening entries and what moves no cash.
    pub fn is_financing(self) -> bool {
        let capital = [Self::EquityIssue, Self::Payout, Self::Borrowing, Self::Repayment, Self::Interest];
        !self.moves_cash() || capital.contains(&self)
    }

    /// What the payer gets for its cash and what the payee gives: expense and revenue, unless the flow is an
    /// investment, a loan or a payout. [`Flow::Depreciation`] and the opening flows move no cash between parties: theirs
    /// are the accounts that the ledger's own entries debit and credit. Beside those of [`Flow::Drawdown`] it moves
    /// advances, beside those of [`Flow::Warrant`] a stake and equity.
    pub fn legs(self) -> Legs {
        let (payer, payee) = match self {
            Self::Accelerators | Self::Prepayment | Self::Construction => {
                (AccountKind::FixedAssets, AccountKind::Revenue(self))
            }
            Self::Refund => (AccountKind::Expense(self), AccountKind::FixedAssets),
            Self::EquityIssue => (AccountKind::Stakes, AccountKind::Equity),
            Self::Borrowing | Self::Repayment => (AccountKind::Debt, AccountKind::Debt),
            Self::Advance => (AccountKind::Advances, AccountKind::Advances),
            Self::Depreciation => (AccountKind::Expense(self), AccountKind::FixedAssets),
            Self::OpeningCash => (AccountKind::Cash, AccountKind::OpeningEquity),
            Self::OpeningProperty => (AccountKind::FixedAssets, AccountKind::OpeningEquity),
            Self::OpeningDebt => (AccountKind::Debt, AccountKind::OpeningEquity),
            Self::Payout => (AccountKind::Equity, AccountKind::Revenue(self)),
            Self::ChipHours
            | Self::Tokens
            | Self::Subscriptions
            | Self::Advertising
            | Self::RevenueShare
            | Self::Remittance
            | Self::ModelFees
            | Self::Shortfall
            | Self::Drawdown
            | Self::Backstop
            | Self::Warrant
            | Self::Resale
            | Self::Power
            | Self::Operations
            | Self::Interest
            | Self::SlaCredit
            | Self::Conventional
            | Self::ConventionalCost
            | Self::ResearchStaff => (AccountKind::Expense(self), AccountKind::Revenue(self)),
        };
        Legs { payer, payee }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_account_of_a_party_has_a_place_of_its_own() {
        let mut kinds = AccountKind::SHEET.to_vec();
        kinds.extend(Flow::ALL.iter().flat_map(|f| [AccountKind::Revenue(*f), AccountKind::Expense(*f)]));
        let places: Vec<usize> = kinds.iter().map(|k| k.index()).collect();
        assert_eq!(places, (0..AccountKind::COUNT).collect::<Vec<_>>());
    }

    #[test]
    fn capital_spending_is_an_asset_of_the_payer_and_revenue_of_the_supplier() {
        let legs = Flow::Accelerators.legs();
        assert_eq!(legs.payer, AccountKind::FixedAssets);
        assert_eq!(legs.payee, AccountKind::Revenue(Flow::Accelerators));
    }
}
