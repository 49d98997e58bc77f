//! `--outcomes`: a few figures of each replication, for standard output.

use super::output::Folder;
use super::text::{Side, figure, table};
use crate::experiment::manifest::Manifest;
use crate::experiment::sink::Sink;
use crate::experiment::statistics::{mean, t_of_interval, variance};
use crate::experiment::study::Outcome as OfRun;
use crate::experiment::sweep::outcome::Outcome;
use std::fmt;

/// The outcomes of one scenario, replication by replication.
pub(super) struct Kept {
    outcomes: Vec<Outcome>,
    /// By outcome; NaN where a replication has no such figure.
    values: Vec<Vec<f64>>,
}

impl Kept {
    /// Of no replication yet.
    pub(super) fn new(outcomes: Vec<Outcome>) -> Self {
        let values = vec![Vec::new(); outcomes.len()];
        Self { outcomes, values }
    }

    /// By the ids of the outcomes.
    pub(super) fn to_json(&self) -> serde_json::Value {
        let of = |(outcome, values): (&Outcome, &Vec<f64>)| (outcome.id.clone(), Spread::of(values).to_json(values));
        self.outcomes.iter().zip(&self.values).map(of).collect::<serde_json::Map<_, _>>().into()
    }

    fn rows<'k>(&'k self, stem: &'k str) -> impl Iterator<Item = [String; 5]> + 'k {
        self.outcomes.iter().zip(&self.values).map(move |(outcome, values)| {
            let Spread { count, mean, sd, half_width } = Spread::of(values);
            let told = |value: f64| if value.is_nan() { "-".to_owned() } else { figure(value) };
            let of = format!("{count} of {}", values.len());
            [format!("{stem}  {}", outcome.id), of, told(mean), told(sd), told(half_width)]
        })
    }
}

/// The outcomes of all scenarios as a table; nothing if none are kept.
pub(super) fn text<'k>(kept: impl Iterator<Item = (&'k str, &'k Kept)>) -> String {
    let rows: Vec<[String; 5]> = kept.flat_map(|(stem, kept)| kept.rows(stem)).collect();
    if rows.is_empty() {
        return String::new();
    }
    let right = |name| (name, Side::Right);
    let headings =
        [("outcome", Side::Left), right("replications"), right("mean"), right("sd"), right("half-width 95 %")];
    format!("\n{}", table(headings, &rows))
}

/// What the replications that have a figure say together.
struct Spread {
    count: usize,
    mean: f64,
    sd: f64,
    half_width: f64,
}

impl Spread {
    fn of(values: &[f64]) -> Self {
        let found: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
        let (count, sd) = (found.len(), variance(&found).sqrt());
        Self { count, mean: mean(&found), sd, half_width: t_of_interval(count, 0.95) * sd / (count as f64).sqrt() }
    }

    /// What is not there is `null`.
    fn to_json(&self, values: &[f64]) -> serde_json::Value {
        let Self { count, mean, sd, half_width } = self;
        serde_json::json!({
            "count": count, "mean": mean, "sd": sd, "half_width_95": half_width, "values": values,
        })
    }
}

/// Keeps the outcomes of replications on their way to the folder, if there is one.
pub(super) struct Keeping<'a> {
    kept: &'a mut Kept,
    folder: Option<Folder<'a>>,
}

impl<'a> Keeping<'a> {
    pub(super) fn new(kept: &'a mut Kept, folder: Option<Folder<'a>>) -> Self {
        Self { kept, folder }
    }
}

impl Sink for Keeping<'_> {
    fn open(&mut self) -> anyhow::Result<()> {
        self.folder.as_mut().map_or(Ok(()), Folder::open)
    }

    fn accept(&mut self, replication: u32, run: &OfRun) -> anyhow::Result<()> {
        let of = |outcome: &Outcome| {
            outcome.of(&run.recorded).map_err(|why| NotRecorded(format!("outcome `{}`: {why}", outcome.id)))
        };
        let values: Vec<f64> = self.kept.outcomes.iter().map(of).collect::<Result<_, _>>()?;
        self.kept.values.iter_mut().zip(values).for_each(|(all, value)| all.push(value));
        self.folder.as_mut().map_or(Ok(()), |folder| folder.accept(replication, run))
    }

    fn close(&mut self, manifest: &Manifest) -> anyhow::Result<()> {
        self.folder.as_mut().map_or(Ok(()), |folder| folder.close(manifest))
    }
}

/// An outcome of a series that no run has, which no other folder would mend.
#[derive(Debug)]
pub(super) struct NotRecorded(String);

impl fmt::Display for NotRecorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotRecorded {}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1, 2 and 6 have mean 3 and variance (4 + 1 + 9)/2; t(2) is 4.3027.
    #[test]
    fn a_replication_without_a_figure_is_shown_and_not_counted() {
        let values = [1.0, f64::NAN, 2.0, 6.0];
        let told = Spread::of(&values).to_json(&values);
        assert_eq!((told["count"].as_u64(), told["mean"].as_f64()), (Some(3), Some(3.0)));
        let half_width = 4.302_652_7 * (7.0_f64 / 3.0).sqrt();
        assert!((told["half_width_95"].as_f64().unwrap() - half_width).abs() < 1e-6, "{told}");
        assert_eq!(told["values"], serde_json::json!([1.0, null, 2.0, 6.0]));
        let none = Spread::of(&[f64::NAN]).to_json(&[f64::NAN]);
        assert_eq!((&none["count"], &none["mean"], &none["sd"]), (&0.into(), &().into(), &().into()));
    }
}
