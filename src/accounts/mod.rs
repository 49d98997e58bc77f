//! The double-entry ledger: it knows parties and amounts, not why they are due.
//!
//! *Why integer micro-dollars?* Balances then sum to zero exactly, and a digest of the books means something.
//!
//! *Why no overdraft rule?* Who may owe what is a matter of financing, decided above; here cash may be negative.
//!
//! *What is left out?* Receivables: what is due is paid at once. Taxes, dividends and currencies.

mod flow;
mod ledger;
mod present_value;
mod statement;

pub use flow::{AccountKind, Flow, Legs};
pub use ledger::{Cause, FlowRow, Ledger, Posting};
pub use present_value::present_value_of_months;
pub use present_value::{annuity_factor, capital_recovery_factor, internal_rates, net_present_value, sign_changes};
pub use statement::{Item, StatementLine, draw_up};
