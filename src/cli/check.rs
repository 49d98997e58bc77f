//! `check`: is everything right, without running it?

use super::Shell;
use super::options::ChangeOptions;
use super::paths::read_all;
use super::scenarios::{Figure, Journals, Scenario};
use super::stop::Stop;
use super::text::{Side, table};
use crate::scenario::tree::{Difference, Tree, differences};
use clap::Args;
use std::path::PathBuf;

/// Checks scenarios without running them: shows every problem at once, and warns of what was hardly meant
#[derive(Args)]
#[command(after_help = "Examples:\n  cloudmarket check\n  cloudmarket check my.ron --resolved\n  \
                        cloudmarket check scenarios/baseline.ron --sources\n  cloudmarket check \
                        scenarios/baseline.ron scenarios/power-slips.ron --diff")]
pub(super) struct Check {
    /// Scenario files, or folders with *.ron files directly inside [default: scenarios/]
    path: Vec<PathBuf>,
    /// List each figure with its evidence, and what has none
    #[arg(long, conflicts_with = "resolved")]
    sources: bool,
    /// List what each further scenario says otherwise than the first, whatever the files look like
    #[arg(long, conflicts_with_all = ["resolved", "sources"])]
    diff: bool,
    /// Print the scenarios after bases, includes and changes
    #[arg(long)]
    resolved: bool,
    /// Print as JSON
    #[arg(long, conflicts_with = "resolved")]
    json: bool,
    #[command(flatten)]
    changes: ChangeOptions,
}

impl Check {
    pub(super) fn execute(&self, shell: &mut Shell<'_>) -> Result<(), Stop> {
        let scenarios = read_all(&self.path, shell.reader, &self.changes.changes(Journals::default()))?;
        if self.diff {
            return self.show_differences(&scenarios, shell);
        }
        if self.json {
            let lines: Vec<_> = scenarios.iter().map(|scenario| self.to_json(scenario.as_ref())).collect();
            return shell.print_json(&lines);
        }
        let mut parts = String::new();
        for scenario in &scenarios {
            // The text of a scenario is nothing to mix warnings into, even where both go to one terminal.
            let warnings = if self.resolved { Vec::new() } else { scenario.warnings() };
            warnings.iter().for_each(|warning| shell.notes.say(&format!("{warning}\n")));
            parts.push_str(&self.text(scenario.as_ref(), warnings.len()));
        }
        shell.print(&parts)
    }

    fn show_differences(&self, scenarios: &[Box<dyn Scenario>], shell: &mut Shell<'_>) -> Result<(), Stop> {
        let [base, others @ ..] = scenarios else { return Err(Stop::problem(ONE_IS_NOT_ENOUGH)) };
        if others.is_empty() {
            return Err(Stop::problem(ONE_IS_NOT_ENOUGH));
        }
        let base = tree_of(base.as_ref());
        let found = others.iter().map(|other| (other.study().stem(), differences(&base, &tree_of(other.as_ref()))));
        if self.json {
            return shell
                .print_json(&found.flat_map(|(stem, found)| differences_to_json(stem, &found)).collect::<Vec<_>>());
        }
        shell.print(&found.map(|(stem, found)| differences_text(stem, &found)).collect::<String>())
    }

    fn text(&self, scenario: &dyn Scenario, warnings: usize) -> String {
        let study = scenario.study();
        if self.resolved {
            return format!("// {}\n{}\n", study.stem(), scenario.resolved().trim_end());
        }
        let (stem, name, n, seed) = (study.stem(), study.name(), study.replications(), study.seed());
        let warned = match warnings {
            0 => String::new(),
            1 => ", with 1 warning".to_owned(),
            n => format!(", with {n} warnings"),
        };
        let line = format!("{stem}: right{warned} ({name}; {n} replications, seed {seed})\n");
        if self.sources { line + &sources(&scenario.figures()) } else { line }
    }

    fn to_json(&self, scenario: &dyn Scenario) -> serde_json::Value {
        let study = scenario.study();
        let mut line = serde_json::json!({
            "stem": study.stem(),
            "scenario": study.name(),
            "replications": study.replications(),
            "seed": study.seed(),
            "scenario_digest": study.scenario_digest(),
            "warnings": study.warnings(),
        });
        if self.sources {
            line["figures"] = serde_json::json!(scenario.figures());
        }
        line
    }
}

const ONE_IS_NOT_ENOUGH: &str = "--diff compares scenarios with the first: name two files or more";
/// Longer values are cut in the table; JSON has them whole.
const LONGEST_VALUE: usize = 60;

fn tree_of(scenario: &dyn Scenario) -> Tree {
    Tree::parse(scenario.study().stem(), &scenario.resolved()).expect("what is printed reads as the same tree again")
}

fn differences_text(stem: &str, found: &[Difference]) -> String {
    let cut = |text: &Option<String>| match text {
        None => "-".to_owned(),
        Some(text) if text.chars().count() <= LONGEST_VALUE => text.clone(),
        Some(text) => text.chars().take(LONGEST_VALUE - 3).chain("...".chars()).collect(),
    };
    let rows: Vec<[String; 3]> = found.iter().map(|one| [one.path.clone(), cut(&one.base), cut(&one.other)]).collect();
    let text = table([("path", Side::Left), ("first", Side::Left), (stem, Side::Left)], &rows);
    format!("{text}{stem}: {} differences\n", found.len())
}

fn differences_to_json(stem: &str, found: &[Difference]) -> Vec<serde_json::Value> {
    let line = |one: &Difference| serde_json::json!({ "scenario": stem, "path": one.path, "first": one.base, "other": one.other });
    found.iter().map(line).collect()
}

fn sources(figures: &[Figure]) -> String {
    let row = |figure: &Figure| {
        let source = figure.source.clone().unwrap_or_else(|| "assumed".to_owned());
        [figure.path.clone(), figure.value.clone(), source]
    };
    let rows: Vec<[String; 3]> = figures.iter().map(row).collect();
    let assumed = figures.iter().filter(|figure| figure.source.is_none()).count();
    let text = table([("path", Side::Left), ("value", Side::Right), ("source", Side::Left)], &rows);
    format!("{text}{} figures, of which {assumed} assumed\n", figures.len())
}
