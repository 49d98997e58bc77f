//! `sensitivity`: how much each axis of a sweep, and chance, moves its outcomes.

use super::Shell;
use super::reader::chart_facts;
use super::stop::Stop;
use super::sweep::{Common, Slice, SweepFolder, parse_shard, read_rows, run, told, write_merged};
use super::text::{Side, figure, table};
use crate::experiment::sensitivity::Estimate;
use crate::experiment::sweep::NO_POLICY;
use crate::experiment::sweep::sensitivity::{Factor, Sensitivity as Study, Shares};
use crate::report::charts::{Format, tornadoes, write_picture};
use crate::report::sensitivity::{Finding, measures, write_findings};
use clap::Args;
use std::path::Path;

/// Measures how much each axis of a sweep, and chance, moves its outcomes
#[derive(Args)]
#[command(
    after_help = "The sweep file says how: `sensitivity: Morris(trajectories: 20, levels: 4)` screens many axes, \
                  `sensitivity: Sobol(base_points: 128)` measures a few; chance is a factor among them. \
                  scenarios/sweeps/README.md explains it. What is run is kept run by run: the same command goes on where it \
                  was stopped.\n\nExamples:\n  cloudmarket sensitivity scenarios/sweeps/what-moves-the-lead.ron\n  cloudmarket \
                  sensitivity my-sweep.ron --shard 0/4"
)]
pub(super) struct Sensitivity {
    #[command(flatten)]
    common: Common,
    /// Run only this slice of the runs, counted from 0; a call without it runs what is missing
    #[arg(long, value_name = "I/N", value_parser = parse_shard)]
    shard: Option<Slice>,
    /// Draw no charts
    #[arg(long)]
    no_charts: bool,
    #[command(flatten)]
    manner: super::options::MannerOptions,
}

impl Sensitivity {
    pub(super) fn execute(&self, shell: &mut Shell<'_>) -> Result<(), Stop> {
        shell.notes.silence(self.manner.quiet);
        let study =
            Study::read(self.common.file(), self.common.limits()).map_err(|error| Stop::Problems(told(&error)))?;
        let slice = self.shard.unwrap_or(Slice::WHOLE);
        slice.check(&study.sweep).map_err(Stop::problem)?;
        // The sweep itself has its own design, and keeps its parts beside these.
        let path = self.common.results().join("sensitivity");
        let folder = SweepFolder::new(&study.sweep, path);
        folder.check()?;
        folder.write_plan()?;
        let done = run(&folder, slice, self.manner.threads(), shell)?;
        if self.shard.is_some() {
            return if self.manner.json { shell.print_json(&done) } else { Ok(()) };
        }
        let account = write_merged(&folder)?;
        let findings = find(&study, &folder)?;
        write_findings(&folder.path.join("sensitivity.csv"), &study, &findings)?;
        if !self.no_charts {
            draw(&study, &findings, &folder.path.join("charts"))?;
        }
        if self.manner.json {
            let told: Vec<_> = findings.iter().map(|finding| finding.to_json(&study)).collect();
            return shell.print_json(&serde_json::json!({ "sweep": account, "folder": folder.path, "findings": told }));
        }
        let texts: Vec<String> = findings.iter().map(|finding| text(&study, finding)).collect();
        shell.print(&texts.join("\n"))
    }
}

/// What was found for every outcome under every policy.
fn find(study: &Study, folder: &SweepFolder<'_>) -> Result<Vec<Finding>, Stop> {
    let sweep = &study.sweep;
    let rows = read_rows(folder)?;
    let mut holes = Vec::new();
    for row in &rows {
        let why = match &row.result {
            Err(why) => Some(format!("failed: {why}")),
            Ok(values) => {
                let lacks = values.iter().position(|value| !value.is_finite());
                lacks.map(|outcome| format!("has no {}", sweep.outcomes[outcome].id))
            }
        };
        let of = sweep.plan.run(row.run);
        holes.extend(why.map(|why| format!("run {}, {}, {why}", row.run, sweep.said(of.point, of.policy))));
    }
    if let Some(first) = holes.first() {
        let advice = "an index without them would be of something else; narrow the axes, or choose another outcome";
        return Err(Stop::Failed(anyhow::anyhow!(
            "{} of {} runs have no figure: {first}; {advice}",
            holes.len(),
            rows.len()
        )));
    }
    let value = |point: usize, policy: usize, outcome: usize| {
        let row = &rows[sweep.plan.first_run(point, policy) as usize];
        row.value(outcome).expect("holes were refused")
    };
    let every =
        (0..sweep.policies.len()).flat_map(|policy| (0..sweep.outcomes.len()).map(move |outcome| (policy, outcome)));
    let found = every.map(|(policy, outcome)| {
        let outcomes: Vec<f64> = (0..sweep.design.points()).map(|point| value(point, policy, outcome)).collect();
        Finding::of(study, (policy, outcome), &outcomes)
    });
    Ok(found.collect())
}

fn draw(study: &Study, findings: &[Finding], charts: &Path) -> Result<(), Stop> {
    let names = chart_facts(study.sweep.base().spec()).names;
    for (stem, picture) in tornadoes(study, findings, &names) {
        write_picture(&picture, &stem, charts, &[Format::Png]).map_err(anyhow::Error::new)?;
    }
    Ok(())
}

/// What was found for an outcome under a policy, in words.
fn text(study: &Study, finding: &Finding) -> String {
    let sweep = &study.sweep;
    let policy = &sweep.policies[finding.policy].id;
    let under = if policy == NO_POLICY { String::new() } else { format!(", policy {policy}") };
    let heading = format!("{}{under}\n", sweep.outcomes[finding.outcome].id);
    let range = |of: Estimate| format!("{} to {}", figure(of.interval.0), figure(of.interval.1));
    let row = |factor: &Factor| {
        let id = sweep.axes[factor.axis].id.clone();
        let deviation = factor.deviation.map_or_else(String::new, figure);
        let (main, other) = (factor.main, factor.other);
        // Effects of nothing may be -0.
        [id, figure(main.value), range(main), figure(other.value + 0.0), range(other), deviation]
    };
    let rows: Vec<[String; 6]> = finding.factors.iter().map(row).collect();
    let [main, other] = measures(study.method);
    let deviation = if finding.shares.is_some() { "" } else { "deviation" };
    let headings = [
        ("factor", Side::Left),
        (main, Side::Right),
        ("95 % interval", Side::Right),
        (other, Side::Right),
        ("95 % interval", Side::Right),
        (deviation, Side::Right),
    ];
    let shares = finding.shares.map(|Shares { assumptions, chance, both }| {
        let [assumptions, chance, both] = [assumptions, chance, both].map(figure);
        format!("shares of variance: assumptions {assumptions}, chance {chance}, both together {both}\n")
    });
    heading + &table(headings, &rows) + &shares.unwrap_or_default()
}
