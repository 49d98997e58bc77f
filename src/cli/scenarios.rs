//! The seam between the command line and scenario files: what a command asks of a scenario, and who reads it.

use crate::experiment::study::Study;
use crate::experiment::sweep::outcome::Outcome;
use crate::model::record::Milestone;
use crate::report::charts::{Amendment, TimelineRow};
use crate::units::CivilDate;
use clap::ValueEnum;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What the command line changes in a scenario before it is resolved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Number of replications.
    pub replications: Option<u32>,
    /// Seed.
    pub seed: Option<u64>,
    /// Last day of the run.
    pub until: Option<CivilDate>,
    /// Files of fields to set, RON or JSON by their ending; made before those of `set`.
    pub set_files: Vec<PathBuf>,
    /// Fields to set: dotted path and value, as written.
    pub set: Vec<(String, String)>,
    /// Which of the changes that the file itself makes are made, by position; all without it.
    pub kept: Option<Vec<bool>>,
    /// Most events of a replication.
    pub max_events: Option<u64>,
    /// What is recorded beside the metrics.
    pub journals: Journals,
}

/// What a run records or checks beside its metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Journals {
    /// Every event.
    pub events: bool,
    /// Every posting.
    pub ledger: bool,
    /// Check all invariants after every event.
    pub audit: bool,
}

/// What `list` can list of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Topic {
    /// Fields with their paths.
    Fields,
    /// Entities with their kinds.
    Entities,
    /// Contracts as sentences.
    Contracts,
}

/// A line of a list.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Entry {
    /// Path or id.
    pub id: String,
    /// Unit of a field, kind of an entity, dates of a contract.
    pub what: String,
    /// One line.
    pub about: String,
}

/// A figure of a scenario and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Figure {
    /// Dotted path.
    pub path: String,
    /// The value as written.
    pub value: String,
    /// Row of the reference tables, or `None` for an assumption.
    pub source: Option<String>,
}

/// What charts show that is not recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChartFacts {
    /// Ids of entities in the order that gives them their colours, the same for all scenarios of one base.
    pub entities: Vec<String>,
    /// Channels, each with the cloud or lab whose colour it has, paler from its second on.
    pub channels: Vec<(String, String)>,
    /// Display names of entities, contracts and terms by id.
    pub names: BTreeMap<String, String>,
    /// Dated events to mark.
    pub milestones: Vec<Milestone>,
    /// Terms of contracts, in the order of the timeline.
    pub timeline: Vec<TimelineRow>,
    /// Amendments of contracts.
    pub amendments: Vec<Amendment>,
}

/// A clause that may be taken out of a scenario: a contract's terms of one id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// `contract.term`.
    pub id: String,
    /// Ids of the parties to its contract.
    pub parties: Vec<String>,
}

/// Somebody who receives and pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The entity on charts whose colour it has: its first cloud, else its first lab.
    pub entity: Option<String>,
}

/// A scenario that was read and found right.
pub trait Scenario: Send + Sync {
    /// Ready to be run.
    fn study(&self) -> &dyn Study;

    /// What charts show beside the recorded series.
    fn chart_facts(&self) -> ChartFacts;

    /// What there is.
    fn list(&self, topic: Topic) -> Vec<Entry>;

    /// Every figure with its evidence, in the order of their paths.
    fn figures(&self) -> Vec<Figure>;

    /// The changes that its own file makes, as written.
    fn own_changes(&self) -> Vec<String> {
        Vec::new()
    }

    /// What its author may not have meant, each with place, path and what to check.
    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }

    /// Clauses that [`Scenario::without`] can take out.
    fn clauses(&self) -> Vec<Clause> {
        Vec::new()
    }

    /// Who receives and pays.
    fn parties(&self) -> Vec<Party> {
        Vec::new()
    }

    /// The scenario as if the clause of this id had never been agreed.
    ///
    /// # Errors
    /// If there is no such clause, or the rest cannot do without it.
    fn without(&self, clause: &str) -> Result<Box<dyn Scenario>, Vec<String>> {
        Err(vec![format!("there is no clause `{clause}`")])
    }

    /// The outcomes in `file`, as `--outcomes` has them.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    fn outcomes(&self, file: &Path) -> Result<Vec<Outcome>, Vec<String>> {
        Err(vec![format!("{}: this scenario has no outcomes", file.display())])
    }

    /// The scenario as one RON text, after bases, includes and changes.
    fn resolved(&self) -> String;
}

/// Reads scenario files.
pub trait Reader: Sync {
    /// Reads and checks `file` with `changes`.
    ///
    /// # Errors
    /// Every problem, each with place, path, value and what was expected.
    fn read(&self, file: &Path, changes: &Changes) -> Result<Box<dyn Scenario>, Vec<String>>;
}
