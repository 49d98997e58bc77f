//! The shape of a sweep file.

use crate::scenario::decode::RawValue;
use crate::scenario::scalar::Date;
use crate::spec;
use std::collections::BTreeMap;

spec! {
    /// A sweep as it is written.
    pub struct SweepSpec {
        /// Name on charts. [label]
        pub name: String,
        /// What the sweep asks. [label]
        pub about: String,
        /// The scenario that is varied, from the sweep's own folder. [path]
        pub scenario: String,
        /// Changes that are made to the scenario first, whatever the policy and the point, as in a scenario's own `changes`. [edit]
        #[serde(default)]
        pub changes: Vec<RawValue>,
        /// Replications of every point under every policy, all on the same luck; the scenario's own if left out. `solve` runs so many
        /// at the crossing, and `sensitivity` spreads its points over so many seeds. [1]
        #[serde(default)]
        pub replications: Option<u32>,
        /// Seed of all runs; the scenario's own if left out. [1]
        #[serde(default)]
        pub seed: Option<u64>,
        /// Last day of all runs; the scenario's own if left out. [date]
        #[serde(default)]
        pub until: Option<Date>,
        /// Which points of the axes are run.
        pub design: DesignSpec,
        /// What is uncertain, by id.
        pub axes: BTreeMap<String, AxisSpec>,
        /// What may be done about it, by id: every policy is run at every point. Its changes are made before those of the axes. [edit]
        #[serde(default)]
        pub policies: BTreeMap<String, Vec<RawValue>>,
        /// What is kept of a run, by id.
        pub outcomes: BTreeMap<String, OutcomeSpec>,
        /// What `solve` looks for; a sweep itself has no use for it.
        #[serde(default)]
        pub solve: Option<SolveSpec>,
        /// How `sensitivity` tries the axes; a sweep itself has no use for it.
        #[serde(default)]
        pub sensitivity: Option<SensitivitySpec>,
    }

    /// How factors are tried: the axes, and chance.
    #[derive(Copy, Eq)]
    pub enum SensitivitySpec {
        /// Morris' elementary effects, to screen many axes.
        Morris {
            /// Number of trajectories, each with a run more than there are factors; at least 2. [1]
            trajectories: u32,
            /// Levels of each factor, an even number. [1]
            levels: u32,
        },
        /// Sobol' indices, to measure a few.
        Sobol {
            /// Number of pairs of points, each with two runs more than there are factors; at least 2. [1]
            base_points: u32,
        },
    }

    /// A break-even: where on an axis the mean of an outcome reaches a target.
    pub struct SolveSpec {
        /// Id of the axis, which goes without steps from one end to another. [axis]
        pub axis: String,
        /// Id of the outcome. [outcome]
        pub outcome: String,
        /// What the outcome's mean is to reach. [unit of the outcome]
        pub target: f64,
        /// Distance on the axis that is not resolved any further; a thousandth of its length if left out. [unit of the axis]
        #[serde(default)]
        pub tolerance: Option<f64>,
    }

    /// Which points are run.
    pub enum DesignSpec {
        /// Every value of each axis with every value of the others; the last axis moves fastest.
        Grid,
        /// The points given, each with a value for every axis.
        List(Vec<BTreeMap<String, RawValue>>),
        /// A Latin hypercube sample.
        LatinHypercube {
            /// Number of points. [1]
            points: u32,
        },
        /// The first points of a Sobol' sequence.
        Sobol {
            /// Number of points. [1]
            points: u32,
        },
    }

    /// One axis.
    pub struct AxisSpec {
        /// Name on charts; the id in words if left out. [label]
        #[serde(default)]
        pub name: Option<String>,
        /// Unit on charts. [label]
        #[serde(default)]
        pub unit: Option<String>,
        /// What a value of the axis does to the scenario: `Set(path)`, `Scale(path)` and `Shift(path)`, into which the value is put. [edit]
        pub edits: Vec<RawValue>,
        /// Its values; a list design gives them itself.
        #[serde(default)]
        pub values: Option<ValuesSpec>,
        /// Whether values are rounded to whole numbers, as days by which a date moves are.
        #[serde(default)]
        pub whole: bool,
    }

    /// Values of an axis. A sampled design goes through the quantile function: the value below which the share `u` lies.
    pub enum ValuesSpec {
        /// These, equally likely.
        Values(Vec<RawValue>),
        /// Evenly spaced from one end to the other, both included, equally likely.
        Range {
            /// First value. [unit of the axis]
            from: f64,
            /// Last value. [unit of the axis]
            to: f64,
            /// Number of values, both ends among them; from 2 to a million. [1]
            points: u32,
        },
        /// `low + u·(high − low)`.
        Uniform {
            /// Lower end. [unit of the axis]
            low: f64,
            /// Upper end. [unit of the axis]
            high: f64,
        },
        /// `low·(high/low)^u`.
        LogUniform {
            /// Lower end, positive. [unit of the axis]
            low: f64,
            /// Upper end. [unit of the axis]
            high: f64,
        },
        /// `mean + sd·z`, with the normal quantile `z`.
        Normal {
            /// Mean. [unit of the axis]
            mean: f64,
            /// Standard deviation, positive. [unit of the axis]
            sd: f64,
        },
        /// `median·exp(sigma·z)`.
        LogNormal {
            /// Median, positive. [unit of the axis]
            median: f64,
            /// Standard deviation of the logarithm, positive. [1]
            sigma: f64,
        },
        /// A triangle.
        Triangular {
            /// Lower end. [unit of the axis]
            low: f64,
            /// Most likely value, between the ends. [unit of the axis]
            mode: f64,
            /// Upper end. [unit of the axis]
            high: f64,
        },
    }

    /// One figure that is kept of a run: a statistic of a metric's series over a period.
    pub struct OutcomeSpec {
        /// Name on charts; the id in words if left out. [label]
        #[serde(default)]
        pub name: Option<String>,
        /// Name of the metric; `cloudmarket list metrics` shows all. [metric]
        pub metric: String,
        /// Whose: a cloud, a lab, a channel, as the metric says. [entity]
        pub entity: String,
        /// With whom, if the metric has a counterparty. [entity]
        #[serde(default)]
        pub counterparty: String,
        /// Whose series of the same metric is taken off first.
        #[serde(default)]
        pub minus: Option<SeriesSpec>,
        /// Months that touch the days from the first to the second; the whole run if left out. [date]
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
    pub struct SeriesSpec {
        /// Whose: a cloud, a lab, a channel, as the metric says. [entity]
        pub entity: String,
        /// With whom, if the metric has a counterparty. [entity]
        #[serde(default)]
        pub counterparty: String,
    }

    /// What is made of the months in which the series was observed; nothing if there are none.
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
    #[derive(Copy, Eq)]
    pub enum Better {
        /// Up.
        Higher,
        /// Down.
        Lower,
    }
}
