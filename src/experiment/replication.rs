//! A scenario as a study: its replications, run through the model.

use super::study::{Cells, Column, Failure, Outcome, Study, Table};
use crate::accounts::Posting;
use crate::engine::Journal;
use crate::model::record::Statements;
use crate::model::{self, CapBelowPaid, Options, Params, RunResult, Simulation};
use crate::scenario::Scenario;
use crate::units::CivilDate;
use std::sync::atomic::AtomicBool;

/// A scenario ready to run.
pub struct ScenarioStudy {
    stem: String,
    scenario: Scenario,
    options: Options,
    /// First day that is not run.
    end: Option<CivilDate>,
}

impl ScenarioStudy {
    /// A study of `scenario`, whose output goes by `stem`.
    pub fn new(stem: String, scenario: Scenario, options: Options) -> Self {
        Self { stem, scenario, options, end: None }
    }

    /// The same up to a day and no further: the scenario's horizon, which plans look ahead to, stays, and what lies after
    /// that day is not observed.
    pub fn ending(self, end: CivilDate) -> Self {
        Self { end: Some(end), ..self }
    }

    /// The scenario.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }
}

impl Study for ScenarioStudy {
    fn stem(&self) -> &str {
        &self.stem
    }

    fn name(&self) -> &str {
        &self.scenario.spec().name
    }

    fn about(&self) -> &str {
        &self.scenario.spec().about
    }

    fn scenario_digest(&self) -> String {
        self.scenario.digest()
    }

    fn seed(&self) -> u64 {
        self.scenario.spec().seed
    }

    fn replications(&self) -> u32 {
        self.scenario.spec().replications
    }

    fn warnings(&self) -> Vec<String> {
        self.scenario.warnings().iter().map(|warning| format!("{}: {}", warning.path, warning.message)).collect()
    }

    fn run(&self, replication: u32, interrupt: &AtomicBool) -> Result<Outcome, Failure> {
        let params = params(&self.scenario, replication)?;
        let end = self.end.map_or(params.calendar.horizon(), |end| params.calendar.time(end));
        let mut simulation = Simulation::new(&params, self.options);
        simulation.run_until(end, interrupt).map_err(|why| failure(&self.scenario, &params, why))?;
        let result = simulation.finish();
        Ok(outcome(&params, result))
    }
}

/// The parameters of a replication.
pub(super) fn params(scenario: &Scenario, replication: u32) -> Result<Params, Failure> {
    scenario.params(replication).map_err(|findings| {
        let told: Vec<String> = findings.iter().map(|f| format!("{}: {}", f.path, f.message)).collect();
        Failure::Broken(told.join("; "))
    })
}

/// Why a run has no outcome, as the experiment tells it.
pub(super) fn failure(scenario: &Scenario, params: &Params, why: model::Failure) -> Failure {
    match why {
        model::Failure::Interrupted => Failure::Interrupted,
        model::Failure::TooManyEvents(count) => {
            Failure::Broken(format!("{count} events fired; raise --max-events or shorten the run"))
        }
        model::Failure::Broken(what) => Failure::Broken(what),
        model::Failure::Refused(cap) => Failure::Broken(cap_below_paid(scenario, params, &cap)),
    }
}

fn cap_below_paid(scenario: &Scenario, params: &Params, refused: &CapBelowPaid) -> String {
    let path = |term| scenario.path_of_term(&params.calendar, &refused.contract, term);
    let clause = path(&refused.clause);
    let earlier = refused.earlier.as_ref().map(path).filter(|earlier| *earlier != clause);
    let under = earlier.map_or_else(String::new, |earlier| format!(" under `{earlier}`"));
    format!(
        "{clause}.rule.total_cap_usd: the cap of {:.3} billion USD is below the {:.3} billion that was paid{under} by {}; raise \
         it, or let it count from a later day (`counting_from`)",
        refused.cap.dollars() / 1e9,
        refused.paid.dollars() / 1e9,
        refused.on,
    )
}

/// What a finished run leaves to the experiment.
pub(super) fn outcome(params: &Params, result: RunResult) -> Outcome {
    let mut tables = Vec::new();
    if let Some(journal) = &result.journal {
        tables.push(event_table(params, journal));
    }
    if !result.postings.is_empty() {
        tables.push(ledger_table(params, &result.postings));
        tables.push(statement_table(&result.statements));
    }
    let RunResult { recorded, statements, events, digest, warnings, .. } = result;
    Outcome { recorded, statements, events, digest, warnings, tables }
}

fn event_table(params: &Params, journal: &Journal) -> Table {
    let entries = journal.entries();
    let number = |id: crate::engine::EventId| i64::try_from(id.0).expect("44-bit event numbers");
    let columns = vec![
        Column { name: "event", cells: Cells::Int(entries.iter().map(|e| number(e.id)).collect()) },
        Column {
            name: "date",
            cells: Cells::Date(entries.iter().map(|e| params.calendar.date(e.time).to_string()).collect()),
        },
        Column { name: "time_s", cells: Cells::Int(entries.iter().map(|e| e.time.0 as i64).collect()) },
        Column { name: "kind", cells: Cells::Text(entries.iter().map(|e| e.label.clone()).collect()) },
        Column { name: "cause", cells: Cells::Int(entries.iter().map(|e| e.cause.map_or(-1, number)).collect()) },
    ];
    Table { name: "events", columns }
}

/// Every posting, with the clause that asked for it, if one did.
fn ledger_table(params: &Params, postings: &[Posting]) -> Table {
    let party = |id: crate::ids::PartyId| params.parties[id.index()].id.clone();
    let contract = |p: &Posting| p.cause.contract.map(|id| &params.contracts[id.index()]);
    let named = |p: &Posting| contract(p).map_or_else(String::new, |contract| contract.name.clone());
    let clause = |p: &Posting| {
        contract(p).map_or_else(String::new, |contract| {
            format!("{}.{}", contract.name, contract.terms[usize::from(p.cause.term)].id)
        })
    };
    let columns = vec![
        Column {
            name: "date",
            cells: Cells::Date(postings.iter().map(|p| params.calendar.date(p.time).to_string()).collect()),
        },
        Column { name: "time_s", cells: Cells::Int(postings.iter().map(|p| p.time.0 as i64).collect()) },
        Column { name: "from", cells: Cells::Text(postings.iter().map(|p| party(p.from)).collect()) },
        Column { name: "to", cells: Cells::Text(postings.iter().map(|p| party(p.to)).collect()) },
        Column { name: "flow", cells: Cells::Text(postings.iter().map(|p| p.flow.name().to_owned()).collect()) },
        Column { name: "contract", cells: Cells::Text(postings.iter().map(named).collect()) },
        Column { name: "clause", cells: Cells::Text(postings.iter().map(clause).collect()) },
        Column { name: "event", cells: Cells::Int(postings.iter().map(|p| p.cause.event as i64).collect()) },
        Column { name: "amount_usd", cells: Cells::Usd(postings.iter().map(|p| p.amount).collect()) },
    ];
    Table { name: "ledger", columns }
}

/// The statements of one replication to the micro-dollar, where every identity of the books holds; what
/// `statements.csv` says of all of them together.
fn statement_table(statements: &Statements) -> Table {
    let party = |id: crate::ids::PartyId| statements.parties[id.index()].clone();
    let lines = || statements.quarters.iter().flat_map(|(end, lines)| lines.iter().map(move |line| (end, line)));
    let columns = vec![
        Column { name: "quarter", cells: Cells::Date(lines().map(|(end, _)| end.clone()).collect()) },
        Column { name: "party", cells: Cells::Text(lines().map(|(_, line)| party(line.party)).collect()) },
        Column {
            name: "counterparty",
            cells: Cells::Text(lines().map(|(_, line)| line.counterparty.map_or_else(String::new, party)).collect()),
        },
        Column { name: "item", cells: Cells::Text(lines().map(|(_, line)| line.item.name().into_owned()).collect()) },
        Column { name: "amount_usd", cells: Cells::Usd(lines().map(|(_, line)| line.amount).collect()) },
    ];
    Table { name: "statements", columns }
}
