//! `check`: is everything right, without running it?

use super::Shell;
use super::options::ChangeOptions;
use super::paths::read_all;
use super::scenarios::{Figure, Journals, Scenario};
use super::stop::Stop;
use super::text::{Side, table};
use clap::Args;
use std::path::PathBuf;

/// Checks scenarios without running them: shows every problem at once, and warns of what was hardly meant
#[derive(Args)]
#[command(after_help = "Examples:\n  cloudmarket check\n  cloudmarket check my.ron --resolved\n  \
                        cloudmarket check scenarios/baseline.ron --sources")]
pub(super) struct Check {
    /// Scenario files, or folders with *.ron files directly inside [default: scenarios/]
    path: Vec<PathBuf>,
    /// List each figure with its evidence, and what has none
    #[arg(long, conflicts_with = "resolved")]
    sources: bool,
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
