//! Statements of whole runs: the identities of the books hold to the micro-dollar, and no thread moves a byte.

#[path = "shipped/mod.rs"]
mod shipped;

use cloudmarket::accounts::{Item, StatementLine};
use cloudmarket::cli::reader::FileReader;
use cloudmarket::cli::{Notes, Shell, execute};
use cloudmarket::ids::PartyId;
use cloudmarket::model::{Options, RunResult};
use cloudmarket::units::Usd;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::sync::atomic::AtomicBool;

fn ran(stem: &str) -> RunResult {
    shipped::run(&shipped::read(stem, &shipped::thinned(stem, 20)), 0, Options::default())
}

/// A party's own lines of a quarter; a line that is not there is zero.
struct Own<'a>(BTreeMap<Item, &'a StatementLine>);

impl Own<'_> {
    fn usd(&self, item: Item) -> Usd {
        self.0.get(&item).map_or(Usd::ZERO, |line| line.amount)
    }

    /// Sum of the lines of items that `counts`.
    fn sum(&self, counts: fn(&Item) -> bool) -> Usd {
        self.0.iter().filter(|(item, _)| counts(item)).map(|(_, line)| line.amount).sum()
    }
}

fn own(lines: &[StatementLine], party: PartyId) -> Own<'_> {
    let of = lines.iter().filter(|line| line.party == party && line.counterparty.is_none());
    Own(of.map(|line| (line.item, line)).collect())
}

/// What the pair rows of a quarter add up to, over those that `counts`.
fn between(lines: &[StatementLine], counts: impl Fn(&StatementLine) -> bool) -> Usd {
    lines.iter().filter(|line| line.counterparty.is_some() && counts(line)).map(|line| line.amount).sum()
}

#[test]
fn every_party_s_statements_add_up_in_every_quarter() {
    let result = ran("baseline");
    assert_eq!(result.statements.quarters.len(), 40);
    for p in 0..result.statements.parties.len() {
        let party = PartyId::new(p);
        let (mut cash, mut equity) = (None, None);
        for (end, lines) in &result.statements.quarters {
            let of = own(lines, party);
            let at = format!("{} to {end}", result.statements.parties[p]);
            let (received, paid) = (of.usd(Item::CashReceived), of.usd(Item::CashPaid));
            assert_eq!(of.usd(Item::CashEnd), of.usd(Item::CashStart) + received - paid, "{at}");
            assert_eq!(cash.unwrap_or(of.usd(Item::CashStart)), of.usd(Item::CashStart), "{at}");
            assert_eq!(between(lines, |line| line.party == party), paid, "{at}");
            assert_eq!(between(lines, |line| line.counterparty == Some(party)), received, "{at}");
            assert_eq!(of.sum(|item| matches!(item, Item::RevenueFrom(_))), of.usd(Item::Revenue), "{at}");
            assert_eq!(of.sum(|item| matches!(item, Item::ExpenseOn(_))), of.usd(Item::Expense), "{at}");
            let income = of.usd(Item::NetIncome);
            assert_eq!(income, of.usd(Item::Revenue) - of.usd(Item::Expense), "{at}");
            let assets =
                of.sum(|item| matches!(item, Item::CashEnd | Item::FixedAssets | Item::Stakes | Item::Advances));
            assert_eq!(assets, of.usd(Item::Debt) + of.usd(Item::Equity), "{at}");
            let kept = income + of.usd(Item::OwnWork) + of.usd(Item::EquityRaised) - of.usd(Item::PaidOut);
            assert_eq!(equity.map_or(of.usd(Item::Equity), |equity: Usd| equity + kept), of.usd(Item::Equity), "{at}");
            (cash, equity) = (Some(of.usd(Item::CashEnd)), Some(of.usd(Item::Equity)));
        }
    }
}

/// What one is to buy another is to sell, and the quarters hold the payments of the whole run.
#[test]
fn the_quarters_leave_nothing_out() {
    let result = ran("baseline");
    let mut paid: BTreeMap<(PartyId, Option<PartyId>, Item), Usd> = BTreeMap::new();
    let mut outstanding = Usd::ZERO;
    for (end, lines) in &result.statements.quarters {
        let all = |item| lines.iter().filter(|line| line.item == item).map(|line| line.amount).sum::<Usd>();
        assert_eq!(all(Item::CommittedAsBuyer), all(Item::CommittedAsSeller), "{end}");
        assert_eq!(all(Item::ReservedAsBuyer), all(Item::ReservedAsSeller), "{end}");
        outstanding += all(Item::CommittedAsBuyer);
        for line in lines.iter().filter(|line| line.counterparty.is_some()) {
            *paid.entry((line.party, line.counterparty, line.item)).or_default() += line.amount;
        }
    }
    assert!(outstanding > Usd::ZERO, "nobody is bound to buy anything");
    let of_run = result.payments.iter().filter(|row| row.flow.moves_cash() && row.from != row.to);
    let expected: BTreeMap<_, _> =
        of_run.map(|row| ((row.from, Some(row.to), Item::PaidFor(row.flow)), row.amount)).collect();
    assert_eq!(paid, expected);
}

/// The metric is the same money: month by month, of pairs within the market.
#[test]
fn paid_usd_adds_up_to_the_payments_of_the_run() {
    let result = ran("baseline");
    let party = |id: &str| PartyId::new(result.statements.parties.iter().position(|p| p == id).unwrap());
    let mut pairs = 0;
    for (i, key) in result.recorded.keys.iter().enumerate().filter(|(_, key)| key.metric == "paid_usd") {
        let (from, to) = (party(&key.entity), party(&key.counterparty));
        let of_pair = result.payments.iter().filter(|row| (row.from, row.to) == (from, to) && row.flow.moves_cash());
        let expected = of_pair.map(|row| row.amount).sum::<Usd>().dollars();
        let told: f64 = result.recorded.series(i).iter().sum();
        assert!((told - expected).abs() <= 1e-9 * expected, "{} to {}: {told}", key.entity, key.counterparty);
        pairs += usize::from(told > 0.0);
    }
    assert!(pairs > 20, "{pairs} pairs paid anything");
}

fn call(out: &Path, threads: &str) {
    let settings = shipped::thinned("baseline", 20).into_iter().flat_map(|setting| ["--set".to_owned(), setting]);
    let mut arguments: Vec<OsString> = vec!["cloudmarket".into(), "run".into(), shipped::file("baseline").into()];
    arguments.extend(settings.map(OsString::from));
    arguments.extend(["--until", "2024-05-31", "--replications", "3", "--ledger", "--events"].map(OsString::from));
    arguments.extend(["--no-charts", "--quiet", "--threads", threads, "--out"].map(OsString::from));
    arguments.push(out.into());
    let (mut text, mut err, interrupt) = (Vec::new(), Vec::new(), AtomicBool::new(false));
    let notes = Notes::new(&mut err, false);
    let mut shell = Shell { reader: &FileReader, out: &mut text, notes, interrupt: &interrupt };
    assert_eq!(execute(arguments, &mut shell), 0);
}

#[test]
fn books_have_the_same_bytes_on_any_number_of_threads() {
    let place = tempfile::tempdir().unwrap();
    let outs = ["1", "3"].map(|threads| {
        let out = place.path().join(threads);
        call(&out, threads);
        out.join("baseline")
    });
    for name in ["statements.csv", "statements.parquet", "ledger.parquet", "events.parquet"] {
        let [one, three] = outs.each_ref().map(|out| std::fs::read(out.join(name)).unwrap());
        assert!(!one.is_empty() && one == three, "{name}");
    }
    // The run ends within a quarter, which is stated as far as it went.
    let text = std::fs::read_to_string(outs[0].join("statements.csv")).unwrap();
    assert!(text.contains(",2024-03-31,") && text.contains(",2024-05-31,"), "the last quarters are missing");
}
