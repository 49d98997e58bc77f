//! Scenarios that compute nothing. A file holds words `key=value`:
//! `replications`, `seed`, `shift` (added to all values), `slow` (ms of every other replication), `warn` (a warning),
//! `noise` (added to all values of odd replications), and `break`, `panic`, `interrupt` (the replication in which that
//! happens). `change=` may stand many times: `shift:N` adds N, `twice` doubles all values, and `needs:N` cannot be made
//! without change number N.

use cloudmarket::accounts::{Flow, Item, StatementLine};
use cloudmarket::cli::scenarios::{Changes, ChartFacts, Entry, Figure, Reader, Scenario, Topic};
use cloudmarket::experiment::study::{Cells, Column, Failure, Outcome, Study, Table};
use cloudmarket::ids::PartyId;
use cloudmarket::model::record::{Milestone, Recorded, SeriesKey, Statements};
use cloudmarket::units::Usd;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const KEYS: [&str; 10] =
    ["replications", "seed", "shift", "noise", "change", "slow", "warn", "break", "panic", "interrupt"];

/// Reads such files.
pub(crate) struct FakeReader;

impl Reader for FakeReader {
    fn read(&self, file: &Path, changes: &Changes) -> Result<Box<dyn Scenario>, Vec<String>> {
        let text = std::fs::read_to_string(file).map_err(|error| vec![format!("{}: {error}", file.display())])?;
        let words = text.split_whitespace().map(|word| word.split_once('=').unwrap_or((word, "")));
        let (known, unknown): (Vec<_>, Vec<_>) = words.partition(|(key, _)| KEYS.contains(key));
        if !unknown.is_empty() {
            return Err(unknown.iter().map(|(key, _)| format!("{}: no field `{key}`", file.display())).collect());
        }
        let (own, known): (Vec<_>, Vec<_>) = known.into_iter().partition(|(key, _)| *key == "change");
        let own: Vec<String> = own.into_iter().map(|(_, change)| change.to_owned()).collect();
        let is_kept = |place: usize| changes.kept.as_ref().is_none_or(|kept| kept[place]);
        let kept: Vec<String> =
            (0..own.len()).filter(|place| is_kept(*place)).map(|place| own[place].clone()).collect();
        let needs = |change: &String| change.strip_prefix("needs:").map(|number| number.parse::<usize>().unwrap() - 1);
        if kept.iter().filter_map(needs).any(|place| !is_kept(place)) {
            return Err(vec![format!("{}: nothing is there to change", file.display())]);
        }
        let mut fields: BTreeMap<String, String> =
            known.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        fields.extend(changes.set.iter().cloned());
        let numbers = [("replications", changes.replications.map(u64::from)), ("seed", changes.seed)];
        fields.extend(numbers.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.to_string()))));
        let stem = file.file_stem().unwrap().to_str().unwrap().to_owned();
        Ok(Box::new(Fake { name: format!("Fake {stem}"), stem, fields, own, kept, ledger: changes.journals.ledger }))
    }
}

struct Fake {
    stem: String,
    name: String,
    fields: BTreeMap<String, String>,
    /// Changes of the file, and those that are made.
    own: Vec<String>,
    kept: Vec<String>,
    ledger: bool,
}

impl Fake {
    fn number(&self, key: &str) -> Option<u32> {
        self.fields.get(key).map(|text| text.parse().unwrap())
    }
}

impl Scenario for Fake {
    fn study(&self) -> &dyn Study {
        self
    }

    fn chart_facts(&self) -> ChartFacts {
        let milestones = vec![Milestone { date: "2023-02-01".into(), label: "a mark".into() }];
        ChartFacts { milestones, entities: vec!["azure".into()], ..ChartFacts::default() }
    }

    fn list(&self, topic: Topic) -> Vec<Entry> {
        let entry = |id: &str| Entry { id: id.into(), what: "cloud".into(), about: "sells".into() };
        match topic {
            Topic::Entities => vec![entry("azure"), entry("aws")],
            Topic::Fields | Topic::Contracts => Vec::new(),
        }
    }

    fn figures(&self) -> Vec<Figure> {
        let figure = |path: &str, source: Option<&str>| Figure {
            path: path.into(),
            value: "1".into(),
            source: source.map(str::to_owned),
        };
        vec![figure("seed", None), figure("shift", Some("prices:A1"))]
    }

    fn own_changes(&self) -> Vec<String> {
        self.own.clone()
    }

    fn resolved(&self) -> String {
        let shift = self.number("shift").map_or_else(String::new, |shift| format!(", shift: {shift}"));
        format!("(replications: {}{shift})", self.replications())
    }
}

impl Study for Fake {
    fn stem(&self) -> &str {
        &self.stem
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn about(&self) -> &str {
        "computes\n  nothing"
    }

    fn scenario_digest(&self) -> String {
        blake3::hash(format!("{:?}", self.fields).as_bytes()).to_hex().to_string()
    }

    fn seed(&self) -> u64 {
        u64::from(self.number("seed").unwrap_or(1))
    }

    fn replications(&self) -> u32 {
        self.number("replications").unwrap_or(2)
    }

    fn run(&self, replication: u32, interrupt: &AtomicBool) -> Result<Outcome, Failure> {
        if replication.is_multiple_of(2) {
            std::thread::sleep(Duration::from_millis(u64::from(self.number("slow").unwrap_or(0))));
        }
        let happens = |what: &str| self.number(what) == Some(replication);
        if interrupt.load(Ordering::SeqCst) {
            return Err(Failure::Interrupted);
        }
        if happens("break") {
            return Err(Failure::Broken("cash ran out".into()));
        }
        assert!(!happens("panic"), "the ledger does not balance");
        if happens("interrupt") {
            interrupt.store(true, Ordering::SeqCst);
        }
        Ok(self.outcome(replication))
    }
}

impl Fake {
    /// One series over three months: `seed + replication + shift + month − 2`, and what changes make of it.
    fn outcome(&self, replication: u32) -> Outcome {
        let number = |key| f64::from(self.number(key).unwrap_or(0));
        let added = |change: &String| change.strip_prefix("shift:").map(|amount| amount.parse::<f64>().unwrap());
        let added: f64 = self.kept.iter().filter_map(added).sum();
        let factor = if self.kept.iter().any(|change| change == "twice") { 2.0 } else { 1.0 };
        let noise = if !replication.is_multiple_of(2) { number("noise") } else { 0.0 };
        let level = self.seed() as f64 + f64::from(replication) + number("shift") + noise + added;
        let key = SeriesKey { metric: "share_revenue".into(), entity: "azure".into(), counterparty: String::new() };
        let dates = ["2023-01-31", "2023-02-28", "2023-03-31"].map(str::to_owned).to_vec();
        let values: Vec<f64> = (0..3).map(|month| factor * (level + f64::from(month) - 2.0)).collect();
        Outcome {
            digest: blake3::hash(format!("{values:?}").as_bytes()).to_hex().to_string(),
            recorded: Recorded { dates, keys: vec![key], values },
            statements: statements(replication),
            events: 100,
            warnings: self.fields.get("warn").cloned().into_iter().collect(),
            tables: if self.ledger { vec![ledger()] } else { Vec::new() },
        }
    }
}

/// A quarter in which a lab pays a cloud 1.50 USD and as many dollars as the replication counts.
fn statements(replication: u32) -> Statements {
    let amount = Usd(1_500_000 + 1_000_000 * i128::from(replication));
    let (lab, cloud) = (PartyId(0), PartyId(1));
    let line = |party, counterparty, item| StatementLine { party, counterparty, item, amount };
    let lines = vec![
        line(lab, None, Item::CashPaid),
        line(lab, Some(cloud), Item::PaidFor(Flow::ChipHours)),
        line(cloud, None, Item::CashReceived),
    ];
    Statements { parties: vec!["openai".into(), "azure".into()], quarters: vec![("2023-03-31".into(), lines)] }
}

/// Two postings, with a column of every kind.
fn ledger() -> Table {
    let column = |name, cells| Column { name, cells };
    let date = "2023-01-31".to_owned();
    Table {
        name: "ledger",
        columns: vec![
            column("date", Cells::Date(vec![date.clone(), date])),
            column("account", Cells::Text(vec!["azure".into(), "openai".into()])),
            column("cause", Cells::Int(vec![1, 1])),
            column("hours", Cells::Float(vec![0.5, 0.5])),
            column("amount_usd", Cells::Usd(vec![Usd(1_000_000), Usd(-1_000_000)])),
        ],
    }
}
