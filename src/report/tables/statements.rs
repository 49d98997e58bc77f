//! `statements.csv`: quarterly statements and who paid whom, over the replications.
//!
//! *Why not a row for each replication?* The shipped baseline's 64 would fill some 65 MB with a million rows, and nobody reads
//! 64 balance sheets. A row tells mean, median and spread of one line; `statements.parquet`, which `--ledger`
//! writes, has each replication's lines to the micro-dollar.
//!
//! A replication without a line counts as zero, and `nonzero` says how many have it. Means add up, but for the rounding
//! to a cent; medians and quantiles do not: the median of net income is not that of revenue less that of expense.
//!
//! Every figure is exact: sums and order statistics of whole micro-dollars, rounded once, half-even, to the cent.
//! Quantiles are those of the summary: linear between order statistics, `h = (n − 1)·p`.

use crate::accounts::Item;
use crate::ids::PartyId;
use crate::model::record::Statements;
use crate::report::files::{FileError, write_atomically};
use crate::units::Usd;
use csv::Writer;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

const COLUMNS: [&str; 10] =
    ["scenario", "quarter", "party", "counterparty", "item", "nonzero", "mean_usd", "p05_usd", "p50_usd", "p95_usd"];
/// Quantiles are told in twentieths.
const TWENTIETHS: [usize; 3] = [1, 10, 19];

/// A line of a party's statement: quarter, party, counterparty, item.
type Line = (usize, PartyId, Option<PartyId>, Item);

/// Gathers the statements of one scenario.
#[derive(Default)]
pub struct StatementsCsv {
    parties: Vec<String>,
    quarters: Vec<String>,
    replications: usize,
    /// What each line came to in the replications that have it.
    amounts: BTreeMap<Line, Vec<Usd>>,
}

impl StatementsCsv {
    /// Takes the statements of one more replication.
    pub fn append(&mut self, statements: &Statements) {
        if self.replications == 0 {
            self.parties.clone_from(&statements.parties);
            self.quarters = statements.quarters.iter().map(|(end, _)| end.clone()).collect();
        }
        self.replications += 1;
        for (quarter, (_, lines)) in statements.quarters.iter().enumerate() {
            for line in lines {
                let at = (quarter, line.party, line.counterparty, line.item);
                self.amounts.entry(at).or_default().push(line.amount);
            }
        }
    }

    /// Writes `statements.csv`.
    ///
    /// # Errors
    /// If the file cannot be written; what stood there stays.
    pub fn write(&self, path: &Path, scenario: &str) -> Result<(), FileError> {
        write_atomically(path, |out| {
            let mut table = Writer::from_writer(out);
            table.write_record(COLUMNS)?;
            for (line, amounts) in &self.amounts {
                self.write_line(&mut table, scenario, line, amounts)?;
            }
            table.flush()
        })
    }

    fn write_line(
        &self,
        table: &mut Writer<&mut dyn io::Write>,
        scenario: &str,
        (quarter, party, counterparty, item): &Line,
        amounts: &[Usd],
    ) -> io::Result<()> {
        let id = |party: &PartyId| self.parties[party.index()].as_str();
        let item = item.name();
        for text in [scenario, &self.quarters[*quarter], id(party), counterparty.as_ref().map_or("", id), &item] {
            table.write_field(text)?;
        }
        table.write_field(amounts.len().to_string())?;
        let mut ascending: Vec<i128> = amounts.iter().map(|amount| amount.0).collect();
        ascending.resize(self.replications, 0);
        ascending.sort_unstable();
        table.write_field(cents_text(ascending.iter().sum(), self.replications as i128))?;
        for twentieths in TWENTIETHS {
            let (sum, weight) = quantile(&ascending, twentieths);
            table.write_field(cents_text(sum, weight))?;
        }
        Ok(table.write_record(None::<&[u8]>)?)
    }
}

/// Quantile `k`/20 of ascending values, as a numerator and its denominator 20.
fn quantile(ascending: &[i128], k: usize) -> (i128, i128) {
    let last = ascending.len() - 1;
    let (below, above) = (last * k / 20, (last * k % 20) as i128);
    let (low, high) = (ascending[below], ascending[(below + 1).min(last)]);
    (low * (20 - above) + high * above, 20)
}

/// `micro_dollars / divisor` in dollars and cents, rounded half-even.
fn cents_text(micro_dollars: i128, divisor: i128) -> String {
    let cents = Usd(micro_dollars).round_to(Usd(Usd::CENT.0 * divisor)).0 / (Usd::CENT.0 * divisor);
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::{Flow, StatementLine};

    const LAB: PartyId = PartyId(0);
    const CLOUD: PartyId = PartyId(1);

    /// One quarter in which the lab pays the cloud, and has a result.
    fn statements(paid: i128, income: i128) -> Statements {
        let line = |counterparty, item, amount| StatementLine { party: LAB, counterparty, item, amount: Usd(amount) };
        let lines = vec![line(None, Item::NetIncome, income), line(Some(CLOUD), Item::PaidFor(Flow::ChipHours), paid)];
        Statements {
            parties: vec!["lab".into(), "cloud".into()],
            quarters: vec![("2024-03-31".into(), lines.into_iter().filter(|line| line.amount != Usd::ZERO).collect())],
        }
    }

    /// Paid: 0, 1.00 and 4.00 USD. Mean 5/3 = 1.666… → 1.67; h = 2·p: p05 at 0.1 is 0.10, p50 1.00, p95 at 1.9 is
    /// 1 + 0.9·3 = 3.70. Income: −0.015, −0.005 and 0.035 USD. Mean 0.005 → 0.00 (half to even); p05 −0.014 → −0.01,
    /// p50 −0.005 → 0.00, p95 −0.005 + 0.9·0.04 = 0.031 → 0.03.
    #[test]
    fn mean_and_quantiles_by_hand() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("statements.csv");
        let mut table = StatementsCsv::default();
        table.append(&statements(0, 35_000));
        table.append(&statements(4_000_000, -15_000));
        table.append(&statements(1_000_000, -5_000));
        table.write(&path, "base").unwrap();
        let expected = "scenario,quarter,party,counterparty,item,nonzero,mean_usd,p05_usd,p50_usd,p95_usd\n\
                        base,2024-03-31,lab,,net_income,3,0.00,-0.01,0.00,0.03\n\
                        base,2024-03-31,lab,cloud,paid_chip_hours,2,1.67,0.10,1.00,3.70\n";
        assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
    }

    #[test]
    fn one_replication_is_its_own_mean_and_median() {
        assert_eq!(quantile(&[7], 1), (140, 20));
        assert_eq!(cents_text(140_000, 20), "0.01");
    }

    #[test]
    fn amounts_beyond_a_float_keep_their_cents() {
        let trillions = 123_456_789_012_345_670_000;
        assert_eq!(cents_text(trillions, 1), "123456789012345.67");
        assert_eq!(cents_text(-trillions, 1), "-123456789012345.67");
        assert_eq!(cents_text(-4_000, 1), "0.00");
    }
}
