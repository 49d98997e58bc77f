//! The shape of a sweep file.

use crate::scenario::decode::RawValue;
use crate::scenario::scalar::Date;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A sweep as it is written.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SweepSpec {
    /// Name on charts.
    pub name: String,
    /// What the sweep asks.
    pub about: String,
    /// Path of the scenario that is varied, from the sweep's own folder.
    pub scenario: String,
    /// Changes that are made to the scenario first, whatever the policy and the point.
    #[serde(default)]
    pub changes: Vec<RawValue>,
    /// Replications of every point under every policy; the scenario's own if left out.
    #[serde(default)]
    pub replications: Option<u32>,
    /// Seed of all runs; the scenario's own if left out.
    #[serde(default)]
    pub seed: Option<u64>,
    /// Last day of all runs; the scenario's own if left out.
    #[serde(default)]
    pub until: Option<Date>,
    /// Which points of the axes are run.
    pub design: DesignSpec,
    /// What is uncertain.
    pub axes: BTreeMap<String, AxisSpec>,
    /// What may be done about it: every policy is run at every point.
    #[serde(default)]
    pub policies: BTreeMap<String, Vec<RawValue>>,
    /// What is kept of a run.
    pub outcomes: BTreeMap<String, OutcomeSpec>,
    /// What `solve` looks for; a sweep itself has no use for it.
    #[serde(default)]
    pub solve: Option<SolveSpec>,
    /// How `sensitivity` tries the axes; a sweep itself has no use for it.
    #[serde(default)]
    pub sensitivity: Option<SensitivitySpec>,
}

/// How factors are tried: the axes, and chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum SensitivitySpec {
    /// Morris' elementary effects, to screen many axes.
    Morris {
        /// Number of trajectories, each with a run more than there are factors.
        trajectories: u32,
        /// Levels of each factor, an even number.
        levels: u32,
    },
    /// Sobol' indices, to measure a few.
    Sobol {
        /// Number of pairs of points, each with two runs more than there are factors.
        base_points: u32,
    },
}

/// A break-even: where on an axis the mean of an outcome reaches a target.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SolveSpec {
    /// Id of the axis, which goes without steps from one end to another.
    pub axis: String,
    /// Id of the outcome.
    pub outcome: String,
    /// What the outcome's mean is to reach.
    pub target: f64,
    /// Distance on the axis that is not resolved any further; a thousandth of its length if left out.
    #[serde(default)]
    pub tolerance: Option<f64>,
}

/// Which points are run.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum DesignSpec {
    /// Every value of each axis with every value of the others; the last axis moves fastest.
    Grid,
    /// The points given, each with a value for every axis.
    List(Vec<BTreeMap<String, RawValue>>),
    /// A Latin hypercube sample.
    LatinHypercube {
        /// Number of points.
        points: u32,
    },
    /// The first points of a Sobol' sequence.
    Sobol {
        /// Number of points.
        points: u32,
    },
}

/// One axis.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AxisSpec {
    /// Name on charts; the id in words if left out.
    #[serde(default)]
    pub name: Option<String>,
    /// Unit on charts.
    #[serde(default)]
    pub unit: Option<String>,
    /// What a value of the axis does to the scenario.
    pub edits: Vec<RawValue>,
    /// Its values; a list design gives them itself.
    #[serde(default)]
    pub values: Option<ValuesSpec>,
    /// Whether values are rounded to whole numbers, as days by which a date moves are.
    #[serde(default)]
    pub whole: bool,
}

/// Values of an axis. A sampled design goes through the quantile function: the value below which the share `u` lies.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum ValuesSpec {
    /// These, equally likely.
    Values(Vec<RawValue>),
    /// Evenly spaced from one end to the other, both included, equally likely.
    Range {
        /// First value.
        from: f64,
        /// Last value.
        to: f64,
        /// Number of values.
        points: u32,
    },
    /// `low + u·(high − low)`.
    Uniform {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// `low·(high/low)^u`.
    LogUniform {
        /// Lower end, positive.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// `mean + sd·z`, with the normal quantile `z`.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation, positive.
        sd: f64,
    },
    /// `median·exp(sigma·z)`.
    LogNormal {
        /// Median, positive.
        median: f64,
        /// Standard deviation of the logarithm, positive.
        sigma: f64,
    },
    /// A triangle.
    Triangular {
        /// Lower end.
        low: f64,
        /// Most likely value.
        mode: f64,
        /// Upper end.
        high: f64,
    },
}

/// One figure that is kept of a run: a statistic of a metric's series over a period.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeSpec {
    /// Name on charts; the id in words if left out.
    #[serde(default)]
    pub name: Option<String>,
    /// Name of the metric.
    pub metric: String,
    /// Whose.
    pub entity: String,
    /// With whom, if the metric has a counterparty.
    #[serde(default)]
    pub counterparty: String,
    /// Whose series of the same metric is taken off first.
    #[serde(default)]
    pub minus: Option<SeriesSpec>,
    /// Months that touch the days from the first to the second; the whole run if left out.
    #[serde(default)]
    pub over: Option<(Date, Date)>,
    /// What is made of the months.
    pub statistic: StatisticSpec,
    /// Which way is better; policies are only judged by outcomes that say so.
    #[serde(default)]
    pub better: Option<Better>,
    /// A level at which something changes, such as 0 for who leads; charts draw the line where it is crossed.
    #[serde(default)]
    pub level: Option<f64>,
}

/// A series of the outcome's metric.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesSpec {
    /// Whose.
    pub entity: String,
    /// With whom, if the metric has a counterparty.
    #[serde(default)]
    pub counterparty: String,
}

/// What is made of the months in which the series was observed; nothing if there are none.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum StatisticSpec {
    /// Their mean.
    Mean,
    /// Their sum.
    Sum,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// The last.
    Last,
    /// The month of a day, which stands for `over`.
    At(Date),
    /// The end of the first month above a level, in years (2027.5 is the end of June 2027); nothing if there is none.
    FirstAbove(f64),
    /// The end of the first month below a level, in years; nothing if there is none.
    FirstBelow(f64),
}

/// Which way an outcome is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Better {
    /// Up.
    Higher,
    /// Down.
    Lower,
}
