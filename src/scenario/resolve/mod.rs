//! From schema to parameters: one replication's draws, ids turned into indices, dates into seconds.
//!
//! Every uncertain field has a stream of its own, keyed by its path, so that a field added or changed leaves the draws
//! of the others as they were. What does not fit (an unknown id, a share over 1) is collected with its path; nothing
//! unchecked reaches the model.

mod conflicts;
mod contracts;
mod correlations;
mod demand;
mod focal;
mod hire;
mod market;
mod regulators;
mod supply;
mod tokens;
mod training;

pub(super) use contracts::path_of_term;

use self::correlations::Correlations;
use super::problems::nearest;
use super::scalar::{Dated, Distribution as DistributionSpec, Level, Scalar};
use super::schema::ScenarioSpec;
use crate::market::residency::MOST_JURISDICTIONS;
use crate::model::Params;
use crate::model::params::{Externals, Forecasting, Party};
use crate::model::record::Milestone;
use crate::units::{Calendar, CivilDate, Distribution, Schedule, Span, Time, YEAR_DAYS};
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

impl Finding {
    /// Whether it misses an entity, which may stand where something else was wrong.
    pub(super) fn misses_something(&self) -> bool {
        const STARTS: [&str; 6] =
            ["there is no ", "no ", "at least one is needed", "the party `", "supplier `", "lab `"];
        STARTS.iter().any(|start| self.message.starts_with(start))
    }
}

/// Parties that every scenario needs, because the model posts against them.
const EXTERNALS: [&str; 7] = ["customers", "households", "investors", "lenders", "builders", "utilities", "staff"];
/// Most entities of one kind.
const MOST_ENTITIES: usize = 4_096;
/// Largest figure of any kind. Larger ones are slips of the pen, and their products would leave the numbers.
const MOST: f64 = 1e30;
/// Largest amount of dollars and largest count of things, which become integers.
const MOST_COUNTED: f64 = 1e15;
/// Longest draw that a length of time may be sure to have, in its own unit.
const MOST_LENGTH: f64 = 1e6;

/// The parameters of one replication.
///
/// # Errors
/// Everything that does not fit.
pub fn resolve(spec: &ScenarioSpec, seed: u64, draw: u64) -> Result<Params, Vec<Finding>> {
    let mut resolver = Resolver::new(spec, seed, draw);
    resolver.calendar = Some(resolver.calendar_or_day());
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

    /// The calendar of the run; of its first day alone where the horizon is wrong, so that all else is looked at.
    fn calendar_or_day(&mut self) -> Calendar {
        let (start, end) = (self.spec.horizon.start.0, self.spec.horizon.end.0);
        if end < start {
            self.find("horizon.end", format!("the horizon ends on {end}, before it starts on {start}"));
        }
        Calendar::new(start, end.max(start))
    }

    fn parameters(mut self) -> Result<Params, Vec<Finding>> {
        self.read_correlations();
        let parties = self.parties();
        let externals = self.externals();
        let supply = self.supply();
        let purchases_8bit_at_start = self.purchases_at_start();
        let clouds = self.cloud_markets();
        let labs = self.labs();
        let tokens = self.tokens();
        let models = self.models(&tokens);
        let channels = self.channels();
        let (products, product_rules) = self.products();
        let demand = self.demand(&tokens);
        let tastes = self.tastes();
        let focal = self.focal(&demand);
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
            talks: self.spec.planning.talks_years.as_ref().map_or(Span(0), |years| {
                Span::from_days(self.at_least("planning.talks_years", years, 0.0) * YEAR_DAYS)
            }),
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
            tokens,
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
            focal,
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
        if spec.jurisdictions.len() > MOST_JURISDICTIONS {
            let message = format!("{} jurisdictions, at most {MOST_JURISDICTIONS}", spec.jurisdictions.len());
            self.find("jurisdictions", message);
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
            self.find(path, format!("expected a number over 0, found {value}"));
        }
        1.0
    }

    /// A schedule that stays within limits.
    fn series_within(&mut self, path: &str, scalar: &Scalar, low: f64, high: f64) -> Schedule {
        self.check_bounds(path, scalar, low, high);
        self.series(path, scalar)
    }

    /// A schedule that stays a share.
    fn series_of_shares(&mut self, path: &str, scalar: &Scalar) -> Schedule {
        self.series_within(path, scalar, 0.0, 1.0)
    }

    /// As [`at_least`](Self::at_least) 0, for what becomes an integer of dollars, watts or chips.
    fn counted(&mut self, path: &str, scalar: &Scalar) -> f64 {
        self.check_bounds(path, scalar, 0.0, MOST_COUNTED);
        self.number(path, scalar).clamp(0.0, MOST_COUNTED)
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
        let too_large = |value: f64| value.is_finite() && value.abs() > MOST;
        if too_large(least) || too_large(greatest) {
            let found = if too_large(greatest) { greatest } else { least };
            self.find(path, format!("{found:e} is too large: no figure is over {MOST:e}"));
            return;
        }
        let wrong = if fixed { least < low || greatest > high } else { greatest < low || least > high };
        if wrong {
            let found = if least < low { least } else { greatest };
            let finding = self.find(path, format!("{} is not {}", shown(found), limits(low, high)));
            if (low, high) == (0.0, 1.0) && (2.0..=100.0).contains(&found) {
                finding.help = Some(format!("a share is a fraction: {} % is {}", shown(found), shown(found / 100.0)));
            }
        }
    }

    /// A distribution that is drawn event by event.
    fn durations(&mut self, path: &str, spec: &DistributionSpec) -> Distribution {
        let (least, greatest) = spec.bounds();
        let (least, greatest) = match spec {
            // Its tails are cut by whoever draws.
            DistributionSpec::Normal { mean, .. } => (*mean, *mean),
            _ => (least, if greatest.is_finite() { greatest } else { spec.mean() }),
        };
        if least < 0.0 {
            self.find(path, format!("a length of time is not negative, and this one can be {}", shown(least)));
        } else if greatest > MOST_LENGTH {
            self.find(path, format!("a length of time of {} is longer than any run", shown(greatest)));
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
        // That there is none at all of a kind is said once.
        if known.is_empty() {
            return 0;
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
                let mut opening = |field: &str, usd| self.counted(&format!("parties.{id}.{field}"), usd);
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

    /// Two sides of a deal that should be two.
    fn check_sides(&mut self, path: &str, (one, other): (&str, &str), what: &str) {
        if one == other {
            self.find(path, format!("{what} are both `{one}`"));
        }
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
                amendment.when.is_none()
                    && self.spec.horizon.start <= amendment.on.value
                    && amendment.on.value <= self.spec.horizon.end
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

/// The limits of a value in words.
fn limits(low: f64, high: f64) -> String {
    match (low.is_finite(), high.is_finite()) {
        (true, true) => format!("within {} to {}", shown(low), shown(high)),
        (true, false) => format!("at least {}", shown(low)),
        (false, _) => format!("at most {}", shown(high)),
    }
}

/// A number as an author would write it: large and small ones with an exponent.
fn shown(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (1e-4..1e9).contains(&size) { value.to_string() } else { format!("{value:e}") }
}
