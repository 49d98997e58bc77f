//! What `compare --out` leaves: every monthly difference, and a chart for each metric.

use super::sample::{Sample, paired_months};
use crate::cli::scenarios::{ChartFacts, Scenario};
use crate::experiment::paired::PairedDifference;
use crate::model::metrics::METRICS;
use crate::model::record::SeriesKey;
use crate::report::charts::{ComparedSeries, Comparison, Format, Palette, write_picture};
use crate::report::files::write_atomically;
use std::path::{Path, PathBuf};

const DIFFERENCES: &str = "differences.csv";
const HEADINGS: [&str; 9] =
    ["metric", "entity", "counterparty", "date", "base_mean", "other_mean", "difference", "half_width_95", "pairs"];

/// One series over the months of the base.
struct Months<'a> {
    key: &'a SeriesKey,
    points: Vec<Option<PairedDifference>>,
}

/// Writes `out/<stem of other>/differences.csv` and `charts/<metric>.png` there; says where.
pub(super) fn write(
    out: &Path,
    metrics: &[String],
    (base, of_base): (&dyn Scenario, &Sample),
    (other, of_other): (&dyn Scenario, &Sample),
) -> anyhow::Result<PathBuf> {
    let folder = out.join(other.study().stem());
    let facts = other.chart_facts();
    let all: Vec<Months<'_>> = metrics.iter().flat_map(|metric| months_of(metric, of_base, of_other)).collect();
    write_differences(&folder.join(DIFFERENCES), &of_base.dates, &all)?;
    for metric in metrics {
        let series = all.iter().filter(|months| months.key.metric == *metric);
        let series = in_order(series.map(|months| named(months, &facts)).collect(), &facts);
        let comparison = Comparison {
            base: base.study().name(),
            other: other.study().name(),
            metric: METRICS.iter().find(|info| info.name == metric).expect("metrics were checked"),
            dates: &of_base.dates,
            series: &series,
            milestones: &facts.milestones,
            palette: &Palette::new(facts.entities.iter().map(String::as_str)),
        };
        // A metric that neither scenario observed has no chart.
        if let Ok(picture) = comparison.picture() {
            write_picture(&picture, metric, &folder.join("charts"), &[Format::Png])?;
        }
    }
    Ok(folder)
}

fn months_of<'a>(metric: &str, base: &'a Sample, other: &Sample) -> Vec<Months<'a>> {
    let keys = base.series.keys().filter(|key| key.metric == metric);
    keys.filter_map(|key| Some(Months { key, points: paired_months(base, other, key)? })).collect()
}

fn named(months: &Months<'_>, facts: &ChartFacts) -> ComparedSeries {
    let name = |id: &str| facts.names.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let SeriesKey { entity, counterparty, .. } = months.key;
    let name = if counterparty.is_empty() { name(entity) } else { format!("{}, {}", name(entity), name(counterparty)) };
    ComparedSeries { id: entity.clone(), name, points: months.points.clone() }
}

/// In the scenario's order of entities, as on its other charts.
fn in_order(mut series: Vec<ComparedSeries>, facts: &ChartFacts) -> Vec<ComparedSeries> {
    series.sort_by_key(|one| facts.entities.iter().position(|id| *id == one.id).unwrap_or(usize::MAX));
    series
}

fn write_differences(path: &Path, dates: &[String], all: &[Months<'_>]) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(HEADINGS)?;
    for Months { key, points } in all {
        for (date, point) in dates.iter().zip(points) {
            let Some(PairedDifference { pairs, base_mean, other_mean, mean, spread }) = point else { continue };
            let half_width = spread.map_or_else(String::new, |spread| spread.half_width.to_string());
            csv.write_record([
                &key.metric,
                &key.entity,
                &key.counterparty,
                date,
                &base_mean.to_string(),
                &other_mean.to_string(),
                &mean.to_string(),
                &half_width,
                &pairs.to_string(),
            ])?;
        }
    }
    let bytes = csv.into_inner().map_err(|error| error.into_error())?;
    Ok(write_atomically(path, |file| file.write_all(&bytes))?)
}
