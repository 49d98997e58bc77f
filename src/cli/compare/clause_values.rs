//! `compare --without`: what clauses are worth to the parties.
//!
//! For each clause the base is run against itself without that clause, on the same replications. To a party the clause
//! is worth the net present value of its cash flows in the base less that without it.
//!
//! *Which cash flows?* The metric `cash_flow_usd`: before financing, so that neither a stake taken nor a loan is a gain.
//! *Up to when?* The end of the run; what a clause brings or costs after that is left out, and so is what is still
//! standing then, such as chips.
//!
//! *Why may two clauses be worth nothing each, that are worth much together?* Each is taken out by itself: where both bar
//! the same, as an exclusivity beside an exclusive licence, the other still does.

use super::{Compare, judge};
use crate::accounts::present_value_of_months;
use crate::cli::Shell;
use crate::cli::progress::run_and_tell;
use crate::cli::scenarios::{Clause, Journals, Party, Scenario};
use crate::cli::stop::Stop;
use crate::cli::text::{Side, suggestion, table};
use crate::experiment::manifest::Manifest;
use crate::experiment::paired::{PairedDifference, ascending_differences, paired_difference};
use crate::experiment::parallel::Assignment;
use crate::experiment::sink::Sink;
use crate::experiment::statistics::quantile;
use crate::experiment::study::Outcome;
use crate::model::record::Recorded;
use crate::report::charts::{ClauseBar, ClauseValues, Format, Palette, write_picture};
use crate::report::files::write_atomically;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

const VALUES: &str = "clause_values";
const METRIC: &str = "cash_flow_usd";
const HEADINGS: [&str; 8] =
    ["clause", "party", "value_usd", "half_width_95_usd", "p05_usd", "p95_usd", "pairs", "discount_rate_per_year"];
const BILLION: f64 = 1e9;

/// A yearly rate, 0.1 for 10 %.
pub(super) fn parse_rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate| (0.0..=1.0).contains(rate));
    rate.ok_or_else(|| "expected a rate from 0 to 1, such as 0.1 for 10 % a year".to_owned())
}

/// What a clause is worth to a party.
struct Value<'a> {
    clause: &'a str,
    party: &'a Party,
    /// From without to with the clause.
    difference: PairedDifference,
    p05: f64,
    p95: f64,
}

/// Net present values by party, each with its replication.
type PresentValues = BTreeMap<String, Vec<(u32, f64)>>;

impl Compare {
    pub(super) fn value_clauses(&self, shell: &mut Shell<'_>) -> Result<(), Stop> {
        let changes = self.changes.changes(Journals::default());
        let base = shell.reader.read(&self.base, &changes).map_err(Stop::Problems)?;
        let clauses = asked_for(&base.clauses(), &self.without)?;
        let all = base.parties();
        let parties = self.parties(&clauses, &all)?;
        let scenarios = without_each(base, &clauses)?;
        let wanted: BTreeSet<&str> = parties.iter().flatten().map(|party| party.id.as_str()).collect();
        let samples = self.present_values(&scenarios, &wanted, shell)?;
        let values: Vec<Value<'_>> = (clauses.iter().zip(&parties).zip(&samples[1..]))
            .flat_map(|((clause, parties), sample)| values_of(clause, parties, &samples[0], sample))
            .collect();
        if values.is_empty() {
            return Err(Stop::problem(format!("nothing to value: the run records no {METRIC} of these parties")));
        }
        if let Some(out) = &self.out {
            let folder = self.write_values(out, scenarios[0].as_ref(), &values)?;
            shell.notes.say(&format!("values and their chart: {}", folder.display()));
        }
        if self.manner.json {
            let lines: Vec<serde_json::Value> = values.iter().map(|value| self.to_json(value)).collect();
            return shell.print_json(&lines);
        }
        shell.print(&text_of(&values))
    }

    /// For each clause whom it is valued for.
    fn parties<'a>(&self, clauses: &[Clause], all: &'a [Party]) -> Result<Vec<Vec<&'a Party>>, Stop> {
        let known = || all.iter().map(|party| party.id.as_str());
        let unknown = self.party.iter().filter(|id| !known().any(|party| party == id.as_str()));
        let problems: Vec<String> = unknown
            .map(|id| format!("there is no party `{id}`.{} See `list entities`", suggestion(id, known())))
            .collect();
        if !problems.is_empty() {
            return Err(Stop::Problems(problems));
        }
        let named = |ids: &[String]| ids.iter().filter_map(|id| all.iter().find(|party| party.id == *id)).collect();
        Ok(clauses.iter().map(|one| named(if self.party.is_empty() { &one.parties } else { &self.party })).collect())
    }

    /// Runs all scenarios and keeps what the flows of the wanted parties are worth.
    fn present_values(
        &self,
        scenarios: &[Box<dyn Scenario>],
        wanted: &BTreeSet<&str>,
        shell: &Shell<'_>,
    ) -> Result<Vec<PresentValues>, Stop> {
        let samples: Vec<Mutex<PresentValues>> = scenarios.iter().map(|_| Mutex::default()).collect();
        let assignments = scenarios.iter().zip(&samples).map(|(scenario, sample)| Assignment {
            study: scenario.study(),
            sink: Box::new(Discounter { wanted, rate: self.discount_rate, sample }),
        });
        let finished = run_and_tell(assignments.collect(), self.manner.threads(), shell)?;
        judge(&finished, 0, shell)?;
        Ok(samples.into_iter().map(|sample| sample.into_inner().unwrap_or_else(PoisonError::into_inner)).collect())
    }

    /// Writes the values and their chart; says where.
    fn write_values(&self, out: &Path, base: &dyn Scenario, values: &[Value<'_>]) -> anyhow::Result<PathBuf> {
        let folder = out.join(base.study().stem());
        let mut csv = csv::Writer::from_writer(Vec::new());
        csv.write_record(HEADINGS)?;
        for Value { clause, party, difference, p05, p95 } in values {
            let half_width = difference.spread.map_or_else(String::new, |spread| spread.half_width.to_string());
            csv.write_record([
                clause,
                party.id.as_str(),
                &difference.mean.to_string(),
                &half_width,
                &p05.to_string(),
                &p95.to_string(),
                &difference.pairs.to_string(),
                &self.discount_rate.to_string(),
            ])?;
        }
        let bytes = csv.into_inner().map_err(|error| error.into_error())?;
        write_atomically(&folder.join(format!("{VALUES}.csv")), |file| file.write_all(&bytes))?;
        let picture = self.chart(base, values);
        write_picture(&picture.picture(), VALUES, &folder.join("charts"), &[Format::Png])?;
        Ok(folder)
    }

    fn chart(&self, base: &dyn Scenario, values: &[Value<'_>]) -> ClauseValues {
        let facts = base.chart_facts();
        let palette = Palette::new(facts.entities.iter().map(String::as_str));
        let bar = |value: &Value<'_>| ClauseBar {
            clause: facts.names.get(value.clause).cloned().unwrap_or_else(|| value.clause.to_owned()),
            party: value.party.name.clone(),
            colour: value.party.entity.as_ref().map(|entity| palette.colour(entity)),
            value: value.difference.mean,
            half_width: value.difference.spread.map_or(0.0, |spread| spread.half_width),
        };
        ClauseValues {
            scenario: base.study().name().to_owned(),
            discount_rate: self.discount_rate,
            pairs: values.iter().map(|value| value.difference.pairs).max().unwrap_or(0),
            bars: values.iter().map(bar).collect(),
        }
    }

    fn to_json(&self, value: &Value<'_>) -> serde_json::Value {
        let Value { clause, party, difference, p05, p95 } = value;
        serde_json::json!({
            "clause": clause,
            "party": party.id,
            "value_usd": difference.mean,
            "half_width_95_usd": difference.spread.map(|spread| spread.half_width),
            "p05_usd": p05,
            "p95_usd": p95,
            "pairs": difference.pairs,
            "present_value_usd": difference.other_mean,
            "present_value_without_usd": difference.base_mean,
            "discount_rate_per_year": self.discount_rate,
        })
    }
}

/// The clauses that are asked for, each once, in the order asked: `contract.term`, or each of a contract.
fn asked_for(known: &[Clause], asked: &[String]) -> Result<Vec<Clause>, Stop> {
    let (mut found, mut problems) = (Vec::<Clause>::new(), Vec::new());
    for id in asked {
        let is_meant = |clause: &&Clause| clause.id == *id || contract_of(&clause.id) == id;
        let meant: Vec<&Clause> = known.iter().filter(is_meant).collect();
        if meant.is_empty() {
            problems.push(unknown(known, id));
        }
        for clause in meant {
            if !found.contains(clause) {
                found.push(clause.clone());
            }
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(Stop::Problems(problems)) }
}

fn contract_of(clause: &str) -> &str {
    clause.split('.').next().unwrap_or_default()
}

/// Why nothing goes by this id, with the nearest name.
fn unknown(known: &[Clause], id: &str) -> String {
    let contract = contract_of(id);
    let terms = known.iter().map(|clause| clause.id.as_str()).filter(|clause| contract_of(clause) == contract);
    let (what, near) = match terms.clone().next() {
        Some(_) => ("clause", suggestion(id, terms)),
        None => ("contract", suggestion(contract, known.iter().map(|clause| contract_of(&clause.id)))),
    };
    let named = if what == "clause" { id } else { contract };
    format!("there is no {what} `{named}`.{near} See `list contracts`")
}

/// The base, then the base without each of the clauses, all with the base's seed and number of replications.
fn without_each(base: Box<dyn Scenario>, clauses: &[Clause]) -> Result<Vec<Box<dyn Scenario>>, Stop> {
    let (mut scenarios, mut problems) = (Vec::new(), Vec::new());
    for clause in clauses {
        match base.without(&clause.id) {
            Ok(scenario) => scenarios.push(scenario),
            Err(more) => problems.extend(more.into_iter().map(|one| format!("without `{}`: {one}", clause.id))),
        }
    }
    scenarios.insert(0, base);
    if problems.is_empty() { Ok(scenarios) } else { Err(Stop::Problems(problems)) }
}

fn values_of<'a>(
    clause: &'a Clause,
    parties: &[&'a Party],
    base: &PresentValues,
    without: &PresentValues,
) -> Vec<Value<'a>> {
    let value = |party: &&'a Party| {
        let (with, without) = (base.get(&party.id)?, without.get(&party.id)?);
        let difference = paired_difference(without, with)?;
        let all = ascending_differences(without, with);
        let (p05, p95) = (quantile(&all, 0.05), quantile(&all, 0.95));
        Some(Value { clause: &clause.id, party, difference, p05, p95 })
    };
    parties.iter().filter_map(value).collect()
}

fn text_of(values: &[Value<'_>]) -> String {
    let billions = |usd: f64| format!("{:.3}", usd / BILLION + 0.0);
    let row = |Value { clause, party, difference, p05, p95 }: &Value<'_>| {
        let half_width = difference.spread.map_or_else(|| "-".to_owned(), |spread| billions(spread.half_width));
        let pairs = difference.pairs.to_string();
        let (value, p05, p95) = (billions(difference.mean), billions(*p05), billions(*p95));
        [(*clause).to_owned(), party.id.clone(), value, half_width, p05, p95, pairs]
    };
    let headings = [
        ("clause", Side::Left),
        ("party", Side::Left),
        ("value, bn USD", Side::Right),
        ("+- 95 %", Side::Right),
        ("p05", Side::Right),
        ("p95", Side::Right),
        ("pairs", Side::Right),
    ];
    table(headings, &values.iter().map(row).collect::<Vec<_>>())
}

/// Keeps of each replication what the cash flows of some parties are worth at its start.
struct Discounter<'a> {
    wanted: &'a BTreeSet<&'a str>,
    rate: f64,
    sample: &'a Mutex<PresentValues>,
}

impl Discounter<'_> {
    fn present_values<'r>(&self, recorded: &'r Recorded) -> impl Iterator<Item = (&'r String, f64)> {
        let keys = recorded.keys.iter().enumerate();
        let flows = keys.filter(|(_, key)| key.metric == METRIC && self.wanted.contains(key.entity.as_str()));
        flows.map(|(i, key)| (&key.entity, present_value_of_months(self.rate, recorded.series(i))))
    }
}

impl Sink for Discounter<'_> {
    fn open(&mut self) -> anyhow::Result<()> {
        Ok(())
    }

    fn accept(&mut self, replication: u32, outcome: &Outcome) -> anyhow::Result<()> {
        let mut sample = self.sample.lock().unwrap_or_else(PoisonError::into_inner);
        for (party, value) in self.present_values(&outcome.recorded) {
            sample.entry(party.clone()).or_default().push((replication, value));
        }
        Ok(())
    }

    fn close(&mut self, _manifest: &Manifest) -> anyhow::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<Clause> {
        ["a-b.share", "a-b.licence", "c-d.share"].map(|id| Clause { id: id.into(), parties: vec![] }).into()
    }

    fn ids(asked: &[&str]) -> Vec<String> {
        let asked: Vec<String> = asked.iter().map(|id| (*id).to_owned()).collect();
        asked_for(&known(), &asked).unwrap().into_iter().map(|clause| clause.id).collect()
    }

    #[test]
    fn a_contract_stands_for_each_of_its_clauses_and_none_is_valued_twice() {
        assert_eq!(ids(&["a-b"]), ["a-b.share", "a-b.licence"]);
        assert_eq!(ids(&["c-d.share", "a-b.licence", "a-b"]), ["c-d.share", "a-b.licence", "a-b.share"]);
    }

    #[test]
    fn an_unknown_name_comes_with_the_nearest() {
        assert_eq!(
            unknown(&known(), "a-b.shares"),
            "there is no clause `a-b.shares`. Did you mean `a-b.share`? See `list contracts`"
        );
        assert_eq!(
            unknown(&known(), "c-e.share"),
            "there is no contract `c-e`. Did you mean `c-d`? See `list contracts`"
        );
    }

    /// With the clause 5 and 9, without it 2 and 4: 3 and 5, so 4 on average, and 3.1 and 4.9 at the quantiles.
    #[test]
    fn a_clause_is_worth_what_a_party_has_with_it_less_what_it_has_without() {
        let party = Party { id: "p".into(), name: "P".into(), entity: None };
        let sample = |a: f64, b: f64| PresentValues::from([("p".to_owned(), vec![(0, a), (1, b)])]);
        let clause = &known()[0];
        let values = values_of(clause, &[&party], &sample(5.0, 9.0), &sample(2.0, 4.0));
        assert_eq!((values[0].difference.mean, values[0].difference.pairs), (4.0, 2));
        assert!((values[0].p05 - 3.1).abs() < 1e-12 && (values[0].p95 - 4.9).abs() < 1e-12);
    }

    #[test]
    fn a_rate_is_a_share() {
        assert_eq!(parse_rate("0.08"), Ok(0.08));
        for wrong in ["8", "-0.1", "NaN", "ten"] {
            assert!(parse_rate(wrong).is_err(), "{wrong}");
        }
    }
}
