//! Outcomes: one figure of a run, made of a recorded series.

use super::axis::in_words;
use super::file::{Better, OutcomeSpec, StatisticSpec};
use crate::model::metrics::METRICS;
use crate::model::record::{MetricInfo, Recorded, SeriesKey};
use crate::scenario::problems::{Problems, nearest};
use crate::scenario::schema::ScenarioSpec;
use crate::scenario::tree::Tree;
use crate::units::CivilDate;
use std::ops::Range;

/// What is kept of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its id.
    pub id: String,
    /// Name on charts.
    pub name: String,
    /// The metric that it is made of.
    pub metric: &'static MetricInfo,
    /// Which way is better, if it says.
    pub better: Option<Better>,
    /// A level at which something changes, if it has one.
    pub level: Option<f64>,
    series: SeriesKey,
    minus: Option<SeriesKey>,
    over: Option<(CivilDate, CivilDate)>,
    statistic: StatisticSpec,
}

impl Outcome {
    /// The outcome `id` of the file in `tree`, of runs of `scenario`.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(super) fn new(tree: &Tree, id: &str, spec: &OutcomeSpec, scenario: &Known<'_>) -> Result<Self, Problems> {
        let path = format!("outcomes.{id}");
        let mut problems = Problems::new(tree);
        let metric = METRICS.iter().find(|metric| metric.name == spec.metric);
        if metric.is_none() {
            let problem = problems.push(&format!("{path}.metric"), "there is no such metric");
            match nearest(&spec.metric, METRICS.iter().map(|metric| metric.name)) {
                Some(name) => problem.help(format!("did you mean `{name}`?")),
                None => problem.help("see `list metrics`"),
            };
        }
        let key = |entity: &str, counterparty: &str| SeriesKey {
            metric: spec.metric.clone(),
            entity: entity.to_owned(),
            counterparty: counterparty.to_owned(),
        };
        let minus = spec.minus.as_ref().map(|minus| key(&minus.entity, &minus.counterparty));
        let series = key(&spec.entity, &spec.counterparty);
        for (below, key) in [("", Some(&series)), (".minus", minus.as_ref())] {
            if let Some(key) = key {
                scenario.check(&mut problems, &format!("{path}{below}"), key);
            }
        }
        let over = period(spec, &path, scenario, &mut problems);
        let name = spec.name.clone().unwrap_or_else(|| in_words(id));
        let Some(metric) = metric else { return Err(problems) };
        let (better, level, statistic) = (spec.better, spec.level, spec.statistic.clone());
        problems.into_result(Self { id: id.to_owned(), name, metric, better, level, series, minus, over, statistic })
    }

    /// The figure of a run; NaN where the statistic has none.
    ///
    /// # Errors
    /// If the run recorded no such series.
    pub fn of(&self, recorded: &Recorded) -> Result<f64, String> {
        let own = series(recorded, &self.series)?;
        let other = self.minus.as_ref().map(|key| series(recorded, key)).transpose()?;
        let months = self.months(&recorded.dates);
        let value = |month: usize| own[month] - other.map_or(0.0, |other| other[month]);
        let mut observed = months.map(|month| (month, value(month))).filter(|(_, value)| !value.is_nan());
        let instant =
            |found: Option<(usize, f64)>| found.map_or(f64::NAN, |(month, _)| year_at_end_of(&recorded.dates[month]));
        Ok(match self.statistic {
            StatisticSpec::Mean => {
                let (sum, count) = observed.fold((0.0, 0_u32), |(sum, count), (_, value)| (sum + value, count + 1));
                sum / f64::from(count)
            }
            StatisticSpec::Sum => observed.map(|(_, value)| value).reduce(|sum, value| sum + value).unwrap_or(f64::NAN),
            StatisticSpec::Min => observed.map(|(_, value)| value).fold(f64::NAN, f64::min),
            StatisticSpec::Max => observed.map(|(_, value)| value).fold(f64::NAN, f64::max),
            StatisticSpec::Last | StatisticSpec::At(_) => observed.next_back().map_or(f64::NAN, |(_, value)| value),
            StatisticSpec::FirstAbove(level) => instant(observed.find(|(_, value)| *value > level)),
            StatisticSpec::FirstBelow(level) => instant(observed.find(|(_, value)| *value < level)),
        })
    }

    /// What it is, in words: the statistic, the metric, whose, and when; `name` names ids and `figure` puts levels in words.
    pub fn said(&self, name: impl Fn(&str) -> String, figure: impl Fn(f64) -> String) -> String {
        let statistic = match &self.statistic {
            StatisticSpec::Mean => "Mean".to_owned(),
            StatisticSpec::Sum => "Sum".to_owned(),
            StatisticSpec::Min => "Least value".to_owned(),
            StatisticSpec::Max => "Greatest value".to_owned(),
            StatisticSpec::Last => "Last value".to_owned(),
            StatisticSpec::At(_) => "Value".to_owned(),
            StatisticSpec::FirstAbove(level) => format!("First month above {}", figure(*level)),
            StatisticSpec::FirstBelow(level) => format!("First month below {}", figure(*level)),
        };
        let month = |date: CivilDate| date.to_string()[..7].to_owned();
        let when = match self.over {
            None => String::new(),
            Some((from, to)) if month(from) == month(to) => format!(", {}", month(from)),
            Some((from, to)) => format!(", {} to {}", month(from), month(to)),
        };
        let whose = |key: &SeriesKey| match key.counterparty.as_str() {
            "" => name(&key.entity),
            other => format!("{} with {}", name(&key.entity), name(other)),
        };
        let minus = self.minus.as_ref().map_or_else(String::new, |key| format!(" less {}", whose(key)));
        format!("{statistic} of {}, {}{minus}{when}", self.metric.name, whose(&self.series))
    }

    /// Whether it is an instant, in years.
    pub fn is_instant(&self) -> bool {
        matches!(self.statistic, StatisticSpec::FirstAbove(_) | StatisticSpec::FirstBelow(_))
    }

    /// The positions of its months among month ends.
    fn months(&self, dates: &[String]) -> Range<usize> {
        let Some((from, to)) = self.over else { return 0..dates.len() };
        let month = |date: CivilDate| date.to_string()[..7].to_owned();
        let (from, to) = (month(from), month(to));
        let start = dates.partition_point(|date| date[..7] < *from);
        start..dates.partition_point(|date| date[..7] <= *to).max(start)
    }

    /// Everything about the outcome that a value depends on.
    pub(super) fn canonical(&self) -> String {
        format!("{} {:?} {:?} {:?} {:?}", self.id, self.series, self.minus, self.over, self.statistic)
    }
}

fn period(
    spec: &OutcomeSpec,
    path: &str,
    scenario: &Known<'_>,
    problems: &mut Problems,
) -> Option<(CivilDate, CivilDate)> {
    let (first, last) = (scenario.spec.horizon.start.0, scenario.spec.horizon.end.0);
    let within = |date: CivilDate| first <= date && date <= last;
    let (at, period) = match (&spec.statistic, spec.over) {
        (StatisticSpec::At(_), Some(_)) => {
            problems
                .push(&format!("{path}.over"), "a period beside `At(date)`, which looks at one month")
                .help("take one of them out");
            return None;
        }
        (StatisticSpec::At(date), None) => (format!("{path}.statistic.0"), Some((date.0, date.0))),
        (_, over) => (format!("{path}.over"), over.map(|(from, to)| (from.0, to.0))),
    };
    let (from, to) = period?;
    if from > to {
        problems.push(&at, "a period that ends before it begins");
    } else if !within(from) || !within(to) {
        problems.push(&at, format!("outside the runs, which go from {first} to {last}"));
    }
    Some((from, to))
}

fn series<'r>(recorded: &'r Recorded, key: &SeriesKey) -> Result<&'r [f64], String> {
    let place = recorded.keys.iter().position(|other| other == key);
    let with = if key.counterparty.is_empty() { String::new() } else { format!(" with `{}`", key.counterparty) };
    let place = place.ok_or_else(|| format!("the run recorded no `{}` of `{}`{with}", key.metric, key.entity))?;
    Ok(recorded.series(place))
}

/// The end of a month in years: `2027-06-30` is 2027.5.
fn year_at_end_of(month_end: &str) -> f64 {
    let date = CivilDate::parse(month_end).expect("recorded dates are civil dates");
    f64::from(date.year()) + f64::from(date.month()) / 12.0
}

/// What a scenario knows of names and days.
pub(super) struct Known<'a> {
    spec: &'a ScenarioSpec,
    names: Vec<String>,
}

impl<'a> Known<'a> {
    /// Of a scenario.
    pub(super) fn of(spec: &'a ScenarioSpec, tree: &Tree) -> Self {
        let mut names: Vec<String> = tree.keys("").iter().flat_map(|kind| tree.keys(kind)).map(str::to_owned).collect();
        names.sort();
        names.dedup();
        Self { spec, names }
    }

    /// An entity that no map of the scenario has cannot be recorded. Names of other forms (`market`, classes, terms,
    /// items) are found missing by the first run.
    fn check(&self, problems: &mut Problems, path: &str, key: &SeriesKey) {
        let kind = METRICS.iter().find(|metric| metric.name == key.metric).map_or("", |metric| metric.entity);
        const IN_MAPS: [&str; 8] =
            ["cloud", "lab", "channel", "product", "accelerator", "party", "segment", "supplier"];
        if !IN_MAPS.contains(&kind) || self.names.contains(&key.entity) {
            return;
        }
        let problem = problems.push(&format!("{path}.entity"), format!("the scenario has no {kind} of this id"));
        if let Some(name) = nearest(&key.entity, self.names.iter().map(String::as_str)) {
            problem.help(format!("did you mean `{name}`?"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::scalar::Date;

    fn recorded() -> Recorded {
        let key = |entity: &str| SeriesKey {
            metric: "share_revenue".into(),
            entity: entity.into(),
            counterparty: String::new(),
        };
        Recorded {
            dates: ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"].map(str::to_owned).into(),
            keys: vec![key("a"), key("b")],
            values: vec![1.0, 2.0, f64::NAN, 6.0, 3.0, 1.0, 1.0, 1.0],
        }
    }

    fn outcome(statistic: StatisticSpec, minus: bool, over: Option<(&str, &str)>) -> f64 {
        let day = |text: &str| CivilDate::parse(text).unwrap();
        let Recorded { keys, .. } = recorded();
        let outcome = Outcome {
            id: "o".into(),
            name: "o".into(),
            metric: &METRICS[0],
            better: None,
            level: None,
            series: keys[0].clone(),
            minus: minus.then(|| keys[1].clone()),
            over: over.map(|(from, to)| (day(from), day(to))),
            statistic,
        };
        outcome.of(&recorded()).unwrap()
    }

    /// The series is 1, 2, nothing, 6; the other 3, 1, 1, 1.
    #[test]
    fn statistics_by_hand() {
        use StatisticSpec::{FirstAbove, FirstBelow, Last, Max, Mean, Min, Sum};
        assert_eq!([Mean, Sum, Min, Max, Last].map(|s| outcome(s, false, None)), [3.0, 9.0, 1.0, 6.0, 6.0]);
        assert_eq!([Mean, Sum, Min, Max, Last].map(|s| outcome(s, true, None)), [4.0 / 3.0, 4.0, -2.0, 5.0, 5.0]);
        assert_eq!(outcome(FirstAbove(0.0), true, None), 2027.0 + 2.0 / 12.0);
        assert!(outcome(FirstBelow(-5.0), true, None).is_nan());
    }

    #[test]
    fn a_period_holds_the_months_that_it_touches() {
        use StatisticSpec::{At, Mean};
        assert_eq!(outcome(Mean, false, Some(("2027-01-15", "2027-02-01"))), 1.5);
        assert!(outcome(Mean, false, Some(("2027-03-01", "2027-03-31"))).is_nan());
        let day = CivilDate::parse("2027-04-02").unwrap();
        assert_eq!(outcome(At(Date(day)), false, Some(("2027-04-02", "2027-04-02"))), 6.0);
    }
}
