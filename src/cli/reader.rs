//! Scenario files read for the command line.

use super::scenarios::{Changes, ChartFacts, Clause, Entry, Figure, Party, Reader, Scenario, Topic};
use crate::experiment::replication::ScenarioStudy;
use crate::experiment::study::Study;
use crate::experiment::sweep::kept::read_outcomes;
use crate::experiment::sweep::outcome::Outcome;
use crate::model::Options;
use crate::model::record::Milestone;
use crate::report::charts::{Amendment, TimelineRow};
use crate::scenario::clauses::{self, clauses};
use crate::scenario::describe::fields;
use crate::scenario::problems::Problems;
use crate::scenario::schema::{AmendmentSpec, ChannelKindSpec, ContractSpec, RuleSpec, ScenarioSpec, TermSpec};
use crate::scenario::sentences::{label, sentences};
use crate::scenario::tree::LoadOptions;
use crate::units::CivilDate;
use std::collections::BTreeMap;
use std::path::Path;

/// Reads RON files from disk.
pub struct FileReader;

impl Reader for FileReader {
    fn read(&self, file: &Path, changes: &Changes) -> Result<Box<dyn Scenario>, Vec<String>> {
        let options_of_tree = LoadOptions { keep_changes: changes.kept.clone(), ..load_options(changes) };
        let scenario = crate::scenario::Scenario::read_with(file, &options_of_tree).map_err(|found| each(&found))?;
        Ok(Box::new(FileScenario::new(stem(file), scenario, options(changes))))
    }
}

/// The name of a scenario's results.
pub(super) fn stem(file: &Path) -> String {
    file.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
}

/// What a run is asked for.
pub(super) fn options(changes: &Changes) -> Options {
    Options {
        audit: changes.journals.audit,
        ledger: changes.journals.ledger,
        events: changes.journals.events,
        max_events: Some(changes.max_events.unwrap_or(MOST_EVENTS)),
    }
}

/// The problems one by one, as they are drawn, without the word that the command line puts before each.
pub(super) fn each(problems: &Problems) -> Vec<String> {
    let drawn = problems.render_each(false).into_iter();
    let errors = drawn.filter_map(|problem| Some(format!("{}\n", problem.strip_prefix("error: ")?)));
    errors.chain(problems.hidden().map(|hidden| hidden + "\n")).collect()
}

/// Events that a replication may fire unless told otherwise.
pub(super) const MOST_EVENTS: u64 = 100_000_000;

/// How a scenario is loaded with these changes, whatever its own file changes.
pub(super) fn load_options(changes: &Changes) -> LoadOptions {
    LoadOptions { settings: settings(changes), settings_files: changes.set_files.clone(), ..LoadOptions::default() }
}

/// The command line's own options as settings of the scenario, after what `--set` says.
pub(super) fn settings(changes: &Changes) -> Vec<String> {
    let mut settings: Vec<String> = changes.set.iter().map(|(path, value)| format!("{path}={value}")).collect();
    settings.extend(changes.replications.map(|n| format!("replications={n}")));
    settings.extend(changes.seed.map(|seed| format!("seed={seed}")));
    settings.extend(changes.until.map(|date| format!("horizon.end=\"{date}\"")));
    settings
}

struct FileScenario {
    study: ScenarioStudy,
    options: Options,
}

impl FileScenario {
    fn new(stem: String, scenario: crate::scenario::Scenario, options: Options) -> Self {
        Self { study: ScenarioStudy::new(stem, scenario, options), options }
    }

    fn spec(&self) -> &ScenarioSpec {
        self.study.scenario().spec()
    }
}

impl Scenario for FileScenario {
    fn study(&self) -> &dyn Study {
        &self.study
    }

    fn chart_facts(&self) -> ChartFacts {
        chart_facts(self.spec())
    }

    fn list(&self, topic: Topic) -> Vec<Entry> {
        let spec = self.spec();
        match topic {
            Topic::Fields => fields::<ScenarioSpec>()
                .into_iter()
                .map(|field| {
                    let id = if field.variant.is_empty() {
                        field.path
                    } else {
                        format!("{} ({})", field.path, field.variant)
                    };
                    let what =
                        if field.unit.is_empty() { field.kind } else { format!("{} [{}]", field.kind, field.unit) };
                    Entry { id, what, about: field.about }
                })
                .collect(),
            Topic::Entities => entities(spec),
            Topic::Contracts => sentences(spec)
                .into_iter()
                .map(|said| Entry { id: said.id, what: said.dates, about: said.text })
                .collect(),
        }
    }

    fn figures(&self) -> Vec<Figure> {
        let leaves = self.study.scenario().tree().leaves();
        leaves.into_iter().map(|leaf| Figure { path: leaf.path, value: leaf.value, source: leaf.source }).collect()
    }

    fn own_changes(&self) -> Vec<String> {
        self.study.scenario().tree().changes().to_vec()
    }

    fn warnings(&self) -> Vec<String> {
        self.study.scenario().warnings().render_each(false)
    }

    fn clauses(&self) -> Vec<Clause> {
        let spec = self.spec();
        let clause = |clause: clauses::Clause| Clause {
            id: format!("{}.{}", clause.contract, clause.term),
            parties: clauses::parties(spec, &clause.contract),
        };
        clauses(spec).into_iter().map(clause).collect()
    }

    fn parties(&self) -> Vec<Party> {
        let spec = self.spec();
        let entity = |party: &String| {
            let cloud = spec.clouds.iter().find(|(_, cloud)| cloud.party == *party).map(|(id, _)| id);
            cloud.or_else(|| spec.labs.iter().find(|(_, lab)| lab.party == *party).map(|(id, _)| id)).cloned()
        };
        let parties = spec.parties.iter();
        parties.map(|(id, party)| Party { id: id.clone(), name: party.name.clone(), entity: entity(id) }).collect()
    }

    fn without(&self, clause: &str) -> Result<Box<dyn Scenario>, Vec<String>> {
        let (contract, term) = clause.split_once('.').unwrap_or((clause, ""));
        let named = clauses::Clause { contract: contract.to_owned(), term: term.to_owned() };
        let scenario = self.study.scenario().without(&named).map_err(|problems| each(&problems))?;
        let stem = format!("{}-without-{contract}-{term}", self.study.stem());
        Ok(Box::new(Self::new(stem, scenario, self.options)))
    }

    fn outcomes(&self, file: &Path) -> Result<Vec<Outcome>, Vec<String>> {
        read_outcomes(file, self.study.scenario()).map_err(|problems| each(&problems))
    }

    fn resolved(&self) -> String {
        self.study.scenario().tree().print()
    }
}

/// What charts show beside the recorded series.
pub(super) fn chart_facts(spec: &ScenarioSpec) -> ChartFacts {
    let end = spec.horizon.end;
    let mut entities: Vec<String> = spec.clouds.keys().cloned().collect();
    entities.extend(spec.labs.keys().cloned());
    entities.extend(spec.accelerators.keys().cloned());
    let contracts = || spec.contracts.iter();
    let milestones = contracts()
        .flat_map(|(_, contract)| dated(contract).map(move |amendment| (contract, amendment)))
        .filter(|(_, amendment)| amendment.on.value >= spec.horizon.start && amendment.on.value <= end)
        .map(|(contract, amendment)| Milestone {
            date: amendment.on.value.0.to_string(),
            label: format!("{} amended", contract.name),
        })
        .collect();
    let timeline = contracts().flat_map(|(id, contract)| timeline(spec, id, contract)).collect();
    let amendments = contracts()
        .flat_map(|(id, contract)| {
            dated(contract).map(move |amendment| Amendment {
                contract: id.clone(),
                date: amendment.on.value.0.to_string(),
                label: "amended".to_owned(),
            })
        })
        .collect();
    ChartFacts { entities, channels: channels(spec), names: names(spec), milestones, timeline, amendments }
}

/// Channels with whose they are: platforms before the labs' own interfaces, and what customers host at clouds last.
fn channels(spec: &ScenarioSpec) -> Vec<(String, String)> {
    let whose = |kind: &ChannelKindSpec| match kind {
        ChannelKindSpec::Platform(cloud) => (0, cloud.clone()),
        ChannelKindSpec::Api(lab) => (1, lab.clone()),
        ChannelKindSpec::SelfHosted(cloud) => (2, cloud.clone()),
    };
    let mut channels: Vec<_> = spec.channels.iter().map(|(id, channel)| (id.clone(), whose(&channel.kind))).collect();
    channels.sort_by_key(|(_, (rank, _))| *rank);
    channels.into_iter().map(|(id, (_, owner))| (id, owner)).collect()
}

/// Display names by id.
fn names(spec: &ScenarioSpec) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    let mut add = |id: &String, name: &String| {
        names.insert(id.clone(), name.clone());
    };
    spec.parties.iter().for_each(|(id, x)| add(id, &x.name));
    spec.accelerators.iter().for_each(|(id, x)| add(id, &x.name));
    spec.models.iter().for_each(|(id, x)| add(id, &x.name));
    spec.channels.iter().for_each(|(id, x)| add(id, &x.name));
    spec.products.iter().for_each(|(id, x)| add(id, &x.name));
    spec.segments.iter().for_each(|(id, x)| add(id, &x.name));
    spec.regulators.iter().for_each(|(id, x)| add(id, &x.name));
    spec.focal.iter().for_each(|(id, x)| add(id, &x.name));
    spec.contracts.iter().for_each(|(id, x)| add(id, &x.name));
    spec.labs.iter().for_each(|(id, x)| add(id, &x.name));
    spec.clouds.iter().for_each(|(id, x)| add(id, &x.name));
    for (id, contract) in &spec.contracts {
        let amended = contract.amendments.values().flat_map(|a| a.terms.keys());
        for term in contract.terms.keys().chain(amended) {
            names.insert(format!("{id}.{term}"), format!("{}: {}", contract.name, readable(term)));
        }
    }
    names
}

/// The id of a term in words.
fn readable(term: &str) -> String {
    let word = |word| match word {
        "api" => "API",
        "tpus" => "TPUs",
        _ => word,
    };
    term.split('-').map(word).collect::<Vec<_>>().join(" ")
}

fn entities(spec: &ScenarioSpec) -> Vec<Entry> {
    let mut listed = Vec::new();
    let mut add = |kind: &str, id: &String, about: String| {
        listed.push(Entry { id: id.clone(), what: kind.to_owned(), about });
    };
    spec.parties.iter().for_each(|(id, x)| add("party", id, x.name.clone()));
    spec.accelerators.iter().for_each(|(id, x)| add("accelerator", id, format!("{}, made by {}", x.name, x.supplier)));
    spec.pools.keys().for_each(|id| add("pool", id, "shared input of suppliers".to_owned()));
    spec.suppliers
        .iter()
        .for_each(|(id, x)| add("supplier", id, format!("{} lines, paid to {}", x.lines.len(), x.party)));
    spec.residual_buyers.iter().for_each(|(id, x)| add("residual buyer", id, format!("paid by {}", x.party)));
    spec.clouds.iter().for_each(|(id, x)| add("cloud", id, format!("{}, owned by {}", x.name, x.party)));
    spec.sites.iter().for_each(|(id, x)| add("site", id, format!("operated by {}", x.cloud)));
    spec.labs.iter().for_each(|(id, x)| add("lab", id, format!("{}, owned by {}", x.name, x.party)));
    spec.models.iter().for_each(|(id, x)| add("model", id, format!("{}, {} of {}", x.name, x.line, x.lab)));
    spec.jurisdictions.iter().for_each(|(id, x)| add("jurisdiction", id, x.name.clone()));
    spec.channels.iter().for_each(|(id, x)| add("channel", id, x.name.clone()));
    spec.products.iter().for_each(|(id, x)| add("product", id, format!("{}, of {}", x.name, x.party)));
    spec.segments.iter().for_each(|(id, x)| add("segment", id, x.name.clone()));
    spec.contracts.iter().for_each(|(id, x)| add("contract", id, x.name.clone()));
    spec.regulators.iter().for_each(|(id, x)| add("regulator", id, x.name.clone()));
    let focal = spec.focal.iter();
    focal.for_each(|(id, x)| add("focal customer", id, format!("{}, at home on {}", x.name, x.home)));
    listed
}

/// The last day of a term; an investment is over when it is paid.
fn last_day(term: &TermSpec) -> Option<CivilDate> {
    match term.rule {
        RuleSpec::Investment { .. } => Some(term.from.value.0),
        _ => term.until.as_ref().map(|date| date.value.0),
    }
}

/// Amendments that come on a day. When others come, if ever, only a run can tell, so charts leave them out.
fn dated(contract: &ContractSpec) -> impl Iterator<Item = &AmendmentSpec> {
    contract.amendments.values().filter(|amendment| amendment.when.is_none())
}

/// The terms of a contract and of its amendments, with the dates between which each holds.
fn timeline(spec: &ScenarioSpec, id: &str, contract: &ContractSpec) -> Vec<TimelineRow> {
    let row = |term: &String, version: &TermSpec| TimelineRow {
        contract: id.to_owned(),
        term: term.clone(),
        from: version.from.value.0.to_string(),
        until: last_day(version).map(|date| date.to_string()),
        label: label(spec, &version.rule),
    };
    let mut rows: Vec<(&String, TimelineRow)> =
        contract.terms.iter().map(|(term, version)| (term, row(term, version))).collect();
    let mut amendments: Vec<_> = dated(contract).collect();
    amendments.sort_by_key(|amendment| amendment.on.value);
    for amendment in amendments {
        let eve = amendment.on.value.0.plus_days(-1).map(|day| day.to_string());
        let on = amendment.on.value.0.to_string();
        for (term, row) in &mut rows {
            let touched = amendment.ends.contains(term) || amendment.terms.contains_key(*term);
            if touched && row.until.as_ref().is_none_or(|until| *until >= on) {
                row.until.clone_from(&eve);
            }
        }
        rows.extend(amendment.terms.iter().map(|(term, version)| (term, row(term, version))));
    }
    rows.into_iter().map(|(_, row)| row).collect()
}
