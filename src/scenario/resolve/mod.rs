//! From schema to parameters: one replication's draws, ids turned into indices, dates into seconds.
//!
//! Every uncertain field has a stream of its own, keyed by its path, so that a field added or changed leaves the draws
//! of the others as they were. What does not fit (an unknown id, a share over 1) is collected with its path; nothing
//! unchecked reaches the model.

mod contracts;
mod correlations;
mod market;
mod supply;

use self::correlations::Correlations;
use super::problems::nearest;
use super::scalar::{Dated, Distribution as DistributionSpec, Level, Scalar};
use super::schema::ScenarioSpec;
use crate::model::Params;
use crate::model::params::{Externals, Forecasting, Party};
use crate::model::record::Milestone;
use crate::units::{Calendar, CivilDate, Distribution, Schedule, Span, Time};
use std::collections::BTreeMap;

/// Something that does not fit, at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Dotted path of the value.
    pub path: String,
    /// What was found and what was expected.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// Parties that every scenario needs, because the model posts against them.
const EXTERNALS: [&str; 7] = ["customers", "households", "investors", "lenders", "builders", "utilities", "staff"];
/// Most entities of one kind.
const MOST_ENTITIES: usize = 4_096;

/// The parameters of one replication.
///
/// # Errors
/// Everything that does not fit.
pub fn resolve(spec: &ScenarioSpec, seed: u64, draw: u64) -> Result<Params, Vec<Finding>> {
    let mut resolver = Resolver::new(spec, seed, draw);
    let calendar = resolver.calendar()?;
    resolver.calendar = Some(calendar);
    resolver.check_counts();
    resolver.parameters()
}

/// A resolution under way.
struct Resolver<'a> {
    spec: &'a ScenarioSpec,
    seed: u64,
    draw: u64,
    start: CivilDate,
    calendar: Option<Calendar>,
    stacks: Vec<String>,
    correlations: Correlations,
    findings: Vec<Finding>,
}

impl<'a> Resolver<'a> {
    fn new(spec: &'a ScenarioSpec, seed: u64, draw: u64) -> Self {
        let mut stacks: Vec<String> = spec.accelerators.values().map(|a| a.stack.clone()).collect();
        stacks.sort();
        stacks.dedup();
        let (correlations, findings) = (Correlations::default(), Vec::new());
        Self { spec, seed, draw, start: spec.horizon.start.0, calendar: None, stacks, correlations, findings }
    }

    fn calendar(&self) -> Result<Calendar, Vec<Finding>> {
        let (start, end) = (self.spec.horizon.start.0, self.spec.horizon.end.0);
        if end < start {
            let message = format!("the horizon ends on {end}, before it starts on {start}");
            return Err(vec![Finding { path: "horizon.end".into(), message, help: None }]);
        }
        Ok(Calendar::new(start, end))
    }

    fn parameters(mut self) -> Result<Params, Vec<Finding>> {
        self.read_correlations();
        let parties = self.parties();
        let externals = self.externals();
        let supply = self.supply();
        let purchases_8bit_at_start = self.purchases_at_start();
        let clouds = self.cloud_markets();
        let labs = self.labs();
        let models = self.models();
        let channels = self.channels();
        let (products, product_rules) = self.products();
        let demand = self.demand();
        let tastes = self.tastes();
        let (rental, rental_share_at_equal_prices) = self.rental();
        let serving = self.serving();
        let training = self.training();
        let forecasting = Forecasting {
            growth_cap_per_year: self.at_least(
                "planning.growth_cap_per_year",
                &self.spec.planning.growth_cap_per_year,
                0.0,
            ),
            growth_damping: self.at_least("planning.growth_damping", &self.spec.planning.growth_damping, 0.0),
            first_year_growth: self.at_least("planning.first_year_growth", &self.spec.planning.first_year_growth, 0.0),
        };
        let contracts = self.contracts();
        let (regulators, regulator_ids) = self.regulators();
        let milestones = self.milestones();
        self.check_correlations();
        let params = Params {
            calendar: self.cal().clone(),
            seed: self.seed,
            draw: self.draw,
            parties,
            externals,
            stacks: self.stacks.clone(),
            supply,
            purchases_8bit_at_start,
            clouds,
            labs,
            models,
            channels,
            products,
            product_rules,
            demand,
            tastes,
            rental,
            rental_share_at_equal_prices,
            serving,
            training,
            forecasting,
            contracts,
            regulators,
            regulator_ids,
            milestones,
        };
        if self.findings.is_empty() { Ok(params) } else { Err(self.findings) }
    }

    fn cal(&self) -> &Calendar {
        self.calendar.as_ref().expect("set before anything is resolved")
    }

    fn find(&mut self, path: &str, message: impl Into<String>) -> &mut Finding {
        self.findings.push(Finding { path: path.into(), message: message.into(), help: None });
        self.findings.last_mut().expect("just pushed")
    }

    fn check_counts(&mut self) {
        let spec = self.spec;
        let kinds = [
            ("parties", spec.parties.len()),
            ("accelerators", spec.accelerators.len()),
            ("suppliers", spec.suppliers.len()),
            ("clouds", spec.clouds.len()),
            ("sites", spec.sites.len()),
            ("labs", spec.labs.len()),
            ("models", spec.models.len()),
            ("channels", spec.channels.len()),
            ("segments", spec.segments.len()),
            ("contracts", spec.contracts.len()),
        ];
        for (kind, count) in kinds {
            if count > MOST_ENTITIES {
                self.find(kind, format!("{count} entities, at most {MOST_ENTITIES} of a kind"));
            } else if count == 0 && kind != "contracts" {
                self.find(kind, "at least one is needed");
            }
        }
        if self.stacks.len() > 64 {
            self.find("accelerators", format!("{} software stacks, at most 64", self.stacks.len()));
        }
        let month_count = self.cal().months();
        if month_count > 1_200 {
            self.find("horizon.end", "a run covers at most 100 years");
        }
    }

    // ---- values ----

    /// The schedule of a scalar in this replication.
    fn series(&mut self, path: &str, scalar: &Scalar) -> Schedule {
        // Without a draw it is not asked for.
        let uniform = if scalar.is_uncertain() { self.uniform(path) } else { f64::NAN };
        scalar.resolve(self.start, || uniform)
    }

    /// A scalar that is one number for the whole run.
    fn number(&mut self, path: &str, scalar: &Scalar) -> f64 {
        let dated = match &scalar.level {
            Level::Fixed(dated) | Level::Scaled { schedule: dated, .. } => Some(dated),
            Level::Uncertain(_) => None,
        };
        if dated.is_some_and(|dated| !matches!(dated, Dated::Constant(_))) {
            self.find(path, "expected one number for the whole run, found a schedule");
        }
        self.series(path, scalar).at(Time(0))
    }

    fn within(&mut self, path: &str, scalar: &Scalar, low: f64, high: f64) -> f64 {
        self.check_bounds(path, scalar, low, high);
        self.number(path, scalar).clamp(low, high)
    }

    fn share(&mut self, path: &str, scalar: &Scalar) -> f64 {
        self.within(path, scalar, 0.0, 1.0)
    }

    fn at_least(&mut self, path: &str, scalar: &Scalar, low: f64) -> f64 {
        self.check_bounds(path, scalar, low, f64::INFINITY);
        self.number(path, scalar).max(low)
    }

    /// A number over zero.
    fn positive(&mut self, path: &str, scalar: &Scalar) -> f64 {
        let found = self.findings.len();
        let value = self.at_least(path, scalar, 0.0);
        if value > 0.0 {
            return value;
        }
        if self.findings.len() == found {
            self.find(path, format!("{value} is not over 0"));
        }
        1.0
    }

    /// A schedule that is never below `low`.
    fn series_at_least(&mut self, path: &str, scalar: &Scalar, low: f64) -> Schedule {
        self.check_bounds(path, scalar, low, f64::INFINITY);
        self.series(path, scalar)
    }

    /// Values that could only ever be wrong; an uncertain one is clamped by its reader.
    fn check_bounds(&mut self, path: &str, scalar: &Scalar, low: f64, high: f64) {
        let (least, greatest) = scalar.bounds();
        let fixed = !scalar.is_uncertain();
        let wrong = if fixed { least < low || greatest > high } else { greatest < low || least > high };
        if wrong {
            let limits = if high.is_finite() { format!("within {low} to {high}") } else { format!("at least {low}") };
            let found = if least < low { least } else { greatest };
            self.find(path, format!("{found} is not {limits}"));
        }
    }

    /// A distribution that is drawn event by event.
    fn durations(&mut self, path: &str, spec: &DistributionSpec) -> Distribution {
        if spec.bounds().1 < 0.0 {
            self.find(path, "a length of time is not negative");
        }
        match *spec {
            DistributionSpec::Constant(value) => Distribution::Constant(value),
            DistributionSpec::LogNormal { median, sigma, plus } => {
                Distribution::ShiftedLogNormal { plus, median, sigma }
            }
            DistributionSpec::Exponential { mean, plus } => Distribution::ShiftedExponential { plus, mean },
            DistributionSpec::Normal { mean, sd } => Distribution::Normal { mean, sd },
            DistributionSpec::Uniform { low, high } => Distribution::Uniform { low, high },
            DistributionSpec::Triangular { low, mode, high } => Distribution::Triangular { low, mode, high },
        }
    }

    // ---- dates ----

    fn time(&self, date: CivilDate) -> Time {
        self.cal().time(date)
    }

    /// The first instant after a day.
    fn time_after(&self, date: CivilDate) -> Time {
        if date < self.start { Time(0) } else { self.time(date) + Span(86_400) }
    }

    fn years(&self, date: CivilDate) -> f64 {
        self.cal().years(date)
    }

    // ---- ids ----

    /// Position of an id among the entities of a kind.
    fn id<T>(&mut self, path: &str, id: &str, kind: &str, known: &BTreeMap<String, T>) -> usize {
        if let Some(position) = known.keys().position(|key| key == id) {
            return position;
        }
        let close = nearest(id, known.keys().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
        self.find(path, format!("there is no {kind} `{id}`")).help = close;
        0
    }

    fn parties(&mut self) -> Vec<Party> {
        let spec = self.spec;
        spec.parties
            .iter()
            .map(|(id, party)| {
                let mut opening = |field: &str, usd| self.at_least(&format!("parties.{id}.{field}"), usd, 0.0);
                Party {
                    id: id.clone(),
                    opening_cash_usd: opening("opening_cash_usd", &party.opening_cash_usd),
                    opening_debt_usd: party
                        .opening_debt_usd
                        .as_ref()
                        .map_or(0.0, |usd| opening("opening_debt_usd", usd)),
                }
            })
            .collect()
    }

    fn party(&mut self, path: &str, id: &str) -> crate::ids::PartyId {
        crate::ids::PartyId::new(self.id(path, id, "party", &self.spec.parties))
    }

    fn externals(&mut self) -> Externals {
        let spec = self.spec;
        let [customers, households, investors, lenders, builders, utilities, staff] = EXTERNALS.map(|id| {
            let position = spec.parties.keys().position(|key| key == id);
            if position.is_none() {
                self.find("parties", format!("the party `{id}` is missing: the model posts against it"));
            }
            crate::ids::PartyId::new(position.unwrap_or(0))
        });
        Externals { customers, households, investors, lenders, builders, utilities, staff }
    }

    /// Dates that charts mark: amendments within the run.
    fn milestones(&self) -> Vec<Milestone> {
        let mut marks: Vec<Milestone> = self
            .spec
            .contracts
            .values()
            .flat_map(|contract| contract.amendments.values().map(move |a| (contract, a)))
            .filter(|(_, amendment)| {
                self.spec.horizon.start <= amendment.on.value && amendment.on.value <= self.spec.horizon.end
            })
            .map(|(contract, amendment)| Milestone {
                date: amendment.on.value.0.to_string(),
                label: format!("{} amended", contract.name),
            })
            .collect();
        marks.sort();
        marks.dedup();
        marks
    }
}
