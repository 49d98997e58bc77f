//! `compare --attribute`: which of the other scenario's changes makes how much of the difference.
//!
//! The other scenario is run with every coalition of its changes that [`Plan`] names, on the same replications. In each
//! replication the difference is split by Shapley values; their mean is a change's part, and the parts sum to the mean
//! difference. *Which changes?* Those of the other's own file, in its order; those that cannot do without each other are
//! named together.

mod coalitions;
mod parts;

use self::coalitions::Coalitions;
use self::parts::{Attribution, PartOfChange, attributions};
use super::lines::entity_of;
use super::sample::Sample;
use super::{Compare, Selection};
use crate::cli::Shell;
use crate::cli::scenarios::{ChartFacts, Journals};
use crate::cli::stop::Stop;
use crate::cli::text::{Side, figure, table};
use crate::experiment::shapley::Plan;
use crate::model::metrics::METRICS;
use crate::report::charts::{AttributionChart, AttributionStep, Format, write_picture};
use crate::report::files::write_atomically;
use std::path::{Path, PathBuf};

const PARTS: &str = "attribution.csv";
const HEADINGS: [&str; 8] =
    ["metric", "entity", "counterparty", "change", "part", "half_width_95", "sampling_error", "pairs"];
/// What a row of all changes together is called.
const ALL: &str = "all changes";
/// Series of a metric that are drawn: those of the greatest differences.
const DRAWN: usize = 3;

/// Places of changes that are made together, from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Together(Vec<usize>);

/// `1,2`: the numbers of two changes or more.
pub(super) fn parse_together(text: &str) -> Result<Together, String> {
    let numbers: Option<Vec<usize>> =
        text.split(',').map(|number| number.trim().parse::<usize>().ok()?.checked_sub(1)).collect();
    let several = numbers.filter(|numbers| numbers.len() > 1);
    several.map(Together).ok_or_else(|| "expected the numbers of two changes or more, such as 1,2".to_owned())
}

impl Compare {
    pub(super) fn attribute(&self, shell: &mut Shell<'_>) -> Result<(), Stop> {
        let [file] = &self.other[..] else {
            return Err(Stop::problem(format!(
                "--attribute splits the difference of one OTHER over its changes, and there are {}",
                self.other.len()
            )));
        };
        let changes = self.changes.changes(Journals::default());
        let coalitions = Coalitions::read(shell.reader, &self.base, file, &changes, &self.together, self.orders)?;
        let selection = self.selection(&coalitions.scenarios)?;
        let samples = self.run(&coalitions.scenarios, &selection, shell)?;
        let found = attributions(&coalitions.plan, &samples, &selection.metrics)?;
        if found.is_empty() {
            return Err(Stop::problem(
                "nothing to split: no series of these metrics and entities is there whatever changes are made",
            ));
        }
        self.tell(&coalitions, &selection, &samples, &found, shell)
    }

    fn tell(
        &self,
        coalitions: &Coalitions,
        selection: &Selection,
        samples: &[Sample],
        found: &[Attribution<'_>],
        shell: &mut Shell<'_>,
    ) -> Result<(), Stop> {
        if let Some(out) = &self.out {
            let folder = write(out, coalitions, selection, &samples[0], found)?;
            shell.notes.say(&format!("parts and charts: {}", folder.display()));
        }
        let labels = &coalitions.labels;
        if self.manner.json {
            let all: Vec<serde_json::Value> = found.iter().map(|one| to_json(one, labels)).collect();
            return shell.print_json(&all);
        }
        shell.print(&text_of(found, labels))?;
        if let Plan::Sampled(orders) = &coalitions.plan {
            let (orders, runs) = (2 * orders.len(), coalitions.scenarios.len());
            shell.notes.say(&format!(
                "parts are means over {orders} drawn orders ({runs} coalitions); see --orders and their standard error"
            ));
        }
        Ok(())
    }
}

/// Writes the parts, and a waterfall for the greatest differences of each metric; says where.
fn write(
    out: &Path,
    coalitions: &Coalitions,
    selection: &Selection,
    sample: &Sample,
    found: &[Attribution<'_>],
) -> anyhow::Result<PathBuf> {
    let base = coalitions.scenarios[0].as_ref();
    let folder = out.join(base.study().stem());
    write_atomically(&folder.join(PARTS), |file| file.write_all(&csv_of(found, &coalitions.labels)?))?;
    let facts = base.chart_facts();
    let period = selection.window.told(&sample.dates);
    for metric in &selection.metrics {
        // What no change moves has no chart.
        let moves = |one: &&Attribution<'_>| one.parts.iter().any(|part| part.mean != 0.0);
        let of_metric = found.iter().filter(|one| one.key.metric == *metric).filter(moves);
        let mut of_metric: Vec<&Attribution<'_>> = of_metric.collect();
        of_metric.sort_by(|a, b| b.whole.mean.abs().total_cmp(&a.whole.mean.abs()));
        for one in of_metric.into_iter().take(DRAWN) {
            let picture = chart(one, coalitions, &facts, &period).picture();
            let stem = format!("attribution_{}_{}", one.key.metric, entity_of(one.key).replace([' ', '/', '.'], "_"));
            write_picture(&picture, &stem, &folder.join("charts"), &[Format::Png])?;
        }
    }
    Ok(folder)
}

fn csv_of(found: &[Attribution<'_>], labels: &[String]) -> std::io::Result<Vec<u8>> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(HEADINGS)?;
    for one in found {
        for (label, part) in rows(one, labels) {
            csv.write_record([
                &one.key.metric,
                &one.key.entity,
                &one.key.counterparty,
                label,
                &part.mean.to_string(),
                &part.half_width.map_or_else(String::new, |half_width| half_width.to_string()),
                &part.sampling_error.to_string(),
                &one.pairs.to_string(),
            ])?;
        }
    }
    csv.into_inner().map_err(csv::IntoInnerError::into_error)
}

/// The parts by what they are of, the whole last.
fn rows<'a>(one: &'a Attribution<'_>, labels: &'a [String]) -> impl Iterator<Item = (&'a str, &'a PartOfChange)> {
    labels.iter().map(String::as_str).zip(&one.parts).chain([(ALL, &one.whole)])
}

fn chart(one: &Attribution<'_>, coalitions: &Coalitions, facts: &ChartFacts, period: &str) -> AttributionChart {
    let name = |id: &str| facts.names.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let entity = match one.key.counterparty.as_str() {
        "" => name(&one.key.entity),
        counterparty => format!("{}, {}", name(&one.key.entity), name(counterparty)),
    };
    let step = |(label, part): (&String, &PartOfChange)| AttributionStep {
        change: label.clone(),
        part: part.mean,
        half_width: part.half_width.unwrap_or(0.0),
    };
    AttributionChart {
        base: coalitions.base.clone(),
        other: coalitions.other.clone(),
        metric: METRICS.iter().find(|info| info.name == one.key.metric).expect("metrics were checked"),
        entity,
        period: period.to_owned(),
        pairs: one.pairs,
        orders: if let Plan::Sampled(orders) = &coalitions.plan { 2 * orders.len() } else { 0 },
        base_mean: one.base_mean,
        steps: coalitions.labels.iter().zip(&one.parts).map(step).collect(),
    }
}

fn to_json(one: &Attribution<'_>, labels: &[String]) -> serde_json::Value {
    let part = |(label, part): (&str, &PartOfChange)| {
        serde_json::json!({
            "change": label,
            "part": part.mean,
            "half_width_95": part.half_width,
            "sampling_error": part.sampling_error,
        })
    };
    serde_json::json!({
        "metric": one.key.metric,
        "entity": one.key.entity,
        "counterparty": one.key.counterparty,
        "pairs": one.pairs,
        "base_mean": one.base_mean,
        "difference": one.whole.mean,
        "half_width_95": one.whole.half_width,
        "parts": labels.iter().map(String::as_str).zip(&one.parts).map(part).collect::<Vec<_>>(),
    })
}

/// A change as a table has room for it; files have the whole.
fn shortened(label: &str) -> String {
    const MOST: usize = 72;
    if label.chars().count() <= MOST {
        return label.to_owned();
    }
    label.chars().take(MOST - 1).chain("…".chars()).collect()
}

fn text_of(found: &[Attribution<'_>], labels: &[String]) -> String {
    let mut lines = Vec::new();
    for one in found {
        for (label, part) in rows(one, labels) {
            let half_width = part.half_width.map_or_else(|| "-".to_owned(), figure);
            let sampling = if part.sampling_error > 0.0 { figure(part.sampling_error) } else { "-".to_owned() };
            let (metric, entity) = (one.key.metric.clone(), entity_of(one.key));
            lines.push([metric, entity, shortened(label), figure(part.mean), half_width, sampling]);
        }
    }
    let headings = [
        ("metric", Side::Left),
        ("entity", Side::Left),
        ("change", Side::Left),
        ("part", Side::Right),
        ("+- 95 %", Side::Right),
        ("err. of orders", Side::Right),
    ];
    table(headings, &lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_changes_begin_at_one() {
        assert_eq!(parse_together("1, 3"), Ok(Together(vec![0, 2])));
        for wrong in ["1", "0,1", "a,b", ""] {
            assert!(parse_together(wrong).is_err(), "{wrong}");
        }
    }
}
