//! Scalars of a scenario: a number, a schedule over dates or a distribution, with or without evidence.
//!
//! | written | means |
//! |---|---|
//! | `0.2` | the same at all times |
//! | `Steps([("2026-04-27", 0.2)])` | holds each value until the next; `Linear` and `Geometric` run between them |
//! | `Linear(points: [..], then_per_year: 0.1)` | the same, with compound growth after the last point |
//! | `Growth(from: "2023-01-01", value: 1.0, per_year: 0.3)` | compound growth from a date, flat before |
//! | `Uncertain(LogNormal(median: 18, sigma: 0.3))` | one draw a replication |
//! | `Scaled(schedule: Linear([..]), by: LogNormal(median: 1, sigma: 0.2))` | a schedule times one draw |
//! | `Sourced(.., "table:row")` | any of these, with its evidence |
//!
//! Why no inference of bounds? Whether a share may exceed 1 is the schema's business; [`Scalar::bounds`] tells it what
//! a scalar can become.

mod distribution;

pub use distribution::Distribution;

use super::decode::Cited;
use crate::units::{CivilDate, Curve, Schedule, YEAR_DAYS};
use serde::de::value::{EnumAccessDeserializer, MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// A civil date, written `"YYYY-MM-DD"`, from 1990 to 2100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub CivilDate);

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(DateVisitor)
    }
}

struct DateVisitor;

impl Visitor<'_> for DateVisitor {
    type Value = Date;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a date as \"YYYY-MM-DD\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Date, E> {
        CivilDate::parse(text).map(Date).map_err(E::custom)
    }
}

/// A number, a schedule or a distribution, with its evidence if it has any.
#[derive(Clone, Debug, PartialEq)]
pub struct Scalar {
    /// What it is.
    pub level: Level,
    /// Id of a row in the reference tables; an assumption has none.
    pub source: Option<String>,
}

/// The forms of a scalar.
#[derive(Clone, Debug, PartialEq)]
pub enum Level {
    /// Known at all times.
    Fixed(Dated),
    /// The same at all times, drawn once.
    Uncertain(Distribution),
    /// `schedule · draw + plus`, drawn once.
    Scaled {
        /// The shape over time.
        schedule: Dated,
        /// The factor.
        by: Distribution,
        /// Added to every point.
        plus: f64,
    },
}

/// A value over dates.
#[derive(Clone, Debug, PartialEq)]
pub enum Dated {
    /// The same at all times.
    Constant(f64),
    /// Points with ascending dates.
    Points {
        /// How it runs between them.
        curve: Curve,
        /// Dates and values.
        points: Vec<(Date, f64)>,
        /// Compound growth a year after the last point.
        then_per_year: f64,
    },
    /// `value · (1 + per_year)^years` from a date, `value` before.
    Growth {
        /// When growth begins.
        from: Date,
        /// The level until then.
        value: f64,
        /// Growth a year, 0.3 for 30 %.
        per_year: f64,
    },
}

impl Scalar {
    /// The number `value`, assumed.
    pub fn constant(value: f64) -> Self {
        Self { level: Level::Fixed(Dated::Constant(value)), source: None }
    }

    /// Id of the row in the reference tables that the value rests on; `None` for an assumption.
    pub fn evidence(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// Whether it takes a draw.
    pub fn is_uncertain(&self) -> bool {
        !matches!(self.level, Level::Fixed(_))
    }

    /// The schedule of one replication, in years since `start`. `uniform` gives a number between 0 and 1; it is asked
    /// once if the scalar is uncertain and not at all otherwise.
    pub fn resolve(&self, start: CivilDate, mut uniform: impl FnMut() -> f64) -> Schedule {
        match &self.level {
            Level::Fixed(dated) => dated.schedule(start, |value| value),
            Level::Uncertain(distribution) => Schedule::constant(distribution.quantile(uniform())),
            Level::Scaled { schedule, by, plus } => {
                let factor = by.quantile(uniform());
                schedule.schedule(start, |value| value * factor + plus)
            }
        }
    }

    /// The least and the greatest value that it can have at any time in any replication, infinite where there is no
    /// limit.
    pub fn bounds(&self) -> (f64, f64) {
        match &self.level {
            Level::Fixed(dated) => dated.bounds(),
            Level::Uncertain(distribution) => distribution.bounds(),
            Level::Scaled { schedule, by, plus } => {
                let (low, high) = times(schedule.bounds(), by.bounds());
                (low + plus, high + plus)
            }
        }
    }
}

/// The interval of products of two intervals; nothing times infinity is nothing.
fn times(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    let product = |x: f64, y: f64| if x == 0.0 || y == 0.0 { 0.0 } else { x * y };
    let all = [product(a.0, b.0), product(a.0, b.1), product(a.1, b.0), product(a.1, b.1)];
    (all.into_iter().fold(f64::INFINITY, f64::min), all.into_iter().fold(f64::NEG_INFINITY, f64::max))
}

impl Dated {
    fn schedule(&self, start: CivilDate, level: impl Fn(f64) -> f64) -> Schedule {
        let years = |date: Date| date.0.days_since(start) as f64 / YEAR_DAYS;
        // A draw far out in a tail must not make an infinite level.
        let level = |value| level(value).clamp(-f64::MAX, f64::MAX);
        match self {
            Dated::Constant(value) => Schedule::constant(level(*value)),
            Dated::Growth { from, value, per_year } => {
                Schedule::new(Curve::Steps, vec![(years(*from), level(*value))], *per_year)
            }
            Dated::Points { curve, points, then_per_year } => {
                // Nor may one round a geometric curve down to zero.
                let least = if *curve == Curve::Geometric { f64::MIN_POSITIVE } else { -f64::MAX };
                let points = points.iter().map(|(date, value)| (years(*date), level(*value).max(least)));
                Schedule::new(*curve, points.collect(), *then_per_year)
            }
        }
    }

    fn bounds(&self) -> (f64, f64) {
        let (values, last, growth): (Vec<f64>, f64, f64) = match self {
            Dated::Constant(value) => return (*value, *value),
            Dated::Growth { value, per_year, .. } => (vec![*value], *value, *per_year),
            Dated::Points { points, then_per_year, .. } => {
                let values: Vec<f64> = points.iter().map(|point| point.1).collect();
                let last = values.last().copied().unwrap_or(0.0);
                (values, last, *then_per_year)
            }
        };
        let limit = match growth {
            growth if growth > 0.0 && last != 0.0 => f64::INFINITY.copysign(last),
            growth if growth < 0.0 => 0.0,
            _ => last,
        };
        let values = || values.iter().copied().chain([limit]);
        (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max))
    }

    fn points(curve: Curve, points: Points) -> Result<Self, String> {
        let Points { points, then_per_year } = points;
        if points.is_empty() {
            return Err("a schedule has at least one point".into());
        }
        if let Some(pair) = points.windows(2).find(|pair| pair[0].0 >= pair[1].0) {
            return Err(format!("the dates of a schedule ascend, but {} follows {}", pair[1].0.0, pair[0].0.0));
        }
        if let (Curve::Geometric, Some(point)) = (curve, points.iter().find(|point| point.1 <= 0.0)) {
            return Err(format!("the values of a geometric schedule are positive, but one is {}", point.1));
        }
        check_growth("then_per_year", then_per_year)?;
        Ok(Dated::Points { curve, points, then_per_year })
    }

    fn growth(from: Date, value: f64, per_year: f64) -> Result<Self, String> {
        check_growth("per_year", per_year)?;
        Ok(Dated::Growth { from, value, per_year })
    }
}

fn check_growth(name: &str, growth: f64) -> Result<(), String> {
    match growth > -1.0 && growth <= 1e3 {
        true => Ok(()),
        false => Err(format!("`{name}` is growth a year above -1 and up to 1000 (0.3 for 30 %), but it is {growth}")),
    }
}

impl Level {
    fn scaled(schedule: Dated, by: Distribution, plus: f64) -> Result<Self, String> {
        if let Dated::Points { curve: Curve::Geometric, points, .. } = &schedule {
            let (low, _) = by.bounds();
            if low < 0.0 || points.iter().any(|point| point.1 * low + plus < 0.0) {
                return Err(
                    "the values of a geometric schedule are positive, but the factor can make them negative".into()
                );
            }
        }
        Ok(Level::Scaled { schedule, by, plus })
    }
}

/// The points of a schedule: a list, or a struct with the growth that follows.
struct Points {
    points: Vec<(Date, f64)>,
    then_per_year: f64,
}

/// [`Points`] with names.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedPoints {
    points: Vec<(Date, f64)>,
    #[serde(default)]
    then_per_year: f64,
}

impl<'de> Deserialize<'de> for Points {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PointsVisitor)
    }
}

struct PointsVisitor;

impl<'de> Visitor<'de> for PointsVisitor {
    type Value = Points;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("points `[(\"YYYY-MM-DD\", value), ..]`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Points, A::Error> {
        let points = Vec::deserialize(SeqAccessDeserializer::new(items))?;
        Ok(Points { points, then_per_year: 0.0 })
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Points, A::Error> {
        let NamedPoints { points, then_per_year } = Deserialize::deserialize(MapAccessDeserializer::new(fields))?;
        Ok(Points { points, then_per_year })
    }

    /// The decoder's stand-in for points that were wrong.
    fn visit_f64<E: Error>(self, value: f64) -> Result<Points, E> {
        Err(E::invalid_type(serde::de::Unexpected::Float(value), &self))
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
enum LevelForm {
    Steps(Points),
    Linear(Points),
    Geometric(Points),
    Growth {
        from: Date,
        value: f64,
        per_year: f64,
    },
    Uncertain(Distribution),
    Scaled {
        schedule: Dated,
        by: Distribution,
        #[serde(default)]
        plus: f64,
    },
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
enum DatedForm {
    Steps(Points),
    Linear(Points),
    Geometric(Points),
    Growth { from: Date, value: f64, per_year: f64 },
}

impl TryFrom<DatedForm> for Dated {
    type Error = String;

    fn try_from(form: DatedForm) -> Result<Self, String> {
        match form {
            DatedForm::Steps(points) => Dated::points(Curve::Steps, points),
            DatedForm::Linear(points) => Dated::points(Curve::Linear, points),
            DatedForm::Geometric(points) => Dated::points(Curve::Geometric, points),
            DatedForm::Growth { from, value, per_year } => Dated::growth(from, value, per_year),
        }
    }
}

impl TryFrom<LevelForm> for Level {
    type Error = String;

    fn try_from(form: LevelForm) -> Result<Self, String> {
        let dated = match form {
            LevelForm::Steps(points) => DatedForm::Steps(points),
            LevelForm::Linear(points) => DatedForm::Linear(points),
            LevelForm::Geometric(points) => DatedForm::Geometric(points),
            LevelForm::Growth { from, value, per_year } => DatedForm::Growth { from, value, per_year },
            LevelForm::Uncertain(distribution) => return Ok(Level::Uncertain(distribution)),
            LevelForm::Scaled { schedule, by, plus } => return Level::scaled(schedule, by, plus),
        };
        Dated::try_from(dated).map(Level::Fixed)
    }
}

/// `Deserialize` for a type that is written as a plain number or in one of the forms of an enum.
macro_rules! number_or_form {
    ($type:ty, $form:ty, $number:expr, $expected:literal) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Forms;

                impl<'de> Visitor<'de> for Forms {
                    type Value = $type;

                    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                        f.write_str($expected)
                    }

                    fn visit_f64<E: Error>(self, value: f64) -> Result<$type, E> {
                        Ok($number(value))
                    }

                    fn visit_i64<E: Error>(self, value: i64) -> Result<$type, E> {
                        Ok($number(value as f64))
                    }

                    fn visit_enum<A: EnumAccess<'de>>(self, form: A) -> Result<$type, A::Error> {
                        let form = <$form>::deserialize(EnumAccessDeserializer::new(form))?;
                        <$type>::try_from(form).map_err(Error::custom)
                    }
                }

                deserializer.deserialize_any(Forms)
            }
        }
    };
}

use number_or_form;

number_or_form!(
    Level,
    LevelForm,
    |value| Level::Fixed(Dated::Constant(value)),
    "a number, a schedule or a distribution"
);
number_or_form!(Dated, DatedForm, Dated::Constant, "a number or a schedule");

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Cited { value: level, source } = Cited::deserialize(deserializer)?;
        Ok(Scalar { level, source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::decode::decode;
    use crate::scenario::tree::Tree;
    use crate::units::Time;

    fn read(text: &str) -> Scalar {
        let tree = Tree::parse("s", text).unwrap();
        decode(&tree).unwrap_or_else(|problems| panic!("{problems}"))
    }

    fn refusal(text: &str) -> String {
        let problems = decode::<Scalar>(&Tree::parse("s", text).unwrap()).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems}");
        problems.iter().next().unwrap().message.clone()
    }

    fn start() -> CivilDate {
        CivilDate::parse("2025-01-01").unwrap()
    }

    fn at(text: &str, uniform: f64, date: &str) -> f64 {
        let years = CivilDate::parse(date).unwrap().days_since(start()) as f64 / YEAR_DAYS;
        read(text).resolve(start(), || uniform).at_years(years)
    }

    #[test]
    fn each_form_by_hand() {
        for (text, uniform, date, value) in [
            ("0.2", 0.5, "2026-01-01", 0.2),
            ("3", 0.5, "2026-01-01", 3.0),
            ("Steps([(\"2025-07-01\", 1), (\"2026-01-01\", 2)])", 0.5, "2025-12-31", 1.0),
            ("Steps([(\"2025-07-01\", 1), (\"2026-01-01\", 2)])", 0.5, "2026-01-01", 2.0),
            // 2025-01-01 to 2025-12-31 has 364 days; the 182nd is 2025-07-02.
            ("Linear([(\"2025-01-01\", 1), (\"2025-12-31\", 3)])", 0.5, "2025-07-02", 2.0),
            ("Geometric([(\"2025-01-01\", 1), (\"2025-12-31\", 4)])", 0.5, "2025-07-02", 2.0),
            // Four years are 1,461 days: exactly 4 × 365.25.
            ("Growth(from: \"2025-01-01\", value: 2, per_year: 0.5)", 0.5, "2029-01-01", 2.0 * 1.5 * 1.5 * 1.5 * 1.5),
            ("Growth(from: \"2027-01-01\", value: 2, per_year: 0.5)", 0.5, "2026-01-01", 2.0),
            (
                "Linear(points: [(\"2025-01-01\", 2)], then_per_year: 0.1)",
                0.5,
                "2029-01-01",
                2.0 * 1.1 * 1.1 * 1.1 * 1.1,
            ),
            ("Uncertain(Uniform(low: 1, high: 3))", 0.25, "2026-01-01", 1.5),
            ("Scaled(schedule: 10, by: Uniform(low: 1, high: 3))", 0.25, "2026-01-01", 15.0),
            (
                "Scaled(schedule: Steps([(\"2025-07-01\", 4)]), by: Uniform(low: 1, high: 3), plus: 1)",
                0.5,
                "2026-01-01",
                9.0,
            ),
            ("Sourced(Uncertain(LogNormal(median: 18, sigma: 0.3)), \"t:r\")", 0.5, "2026-01-01", 18.0),
        ] {
            let found = at(text, uniform, date);
            assert!((found - value).abs() < 1e-12 * value.abs(), "{text}: {found} is not {value}");
        }
    }

    #[test]
    fn only_what_is_uncertain_draws() {
        let draws = |text: &str| {
            let mut draws = 0;
            read(text).resolve(start(), || {
                draws += 1;
                0.5
            });
            draws
        };
        assert_eq!(draws("1"), 0);
        assert_eq!(draws("Growth(from: \"2025-01-01\", value: 2, per_year: 0.5)"), 0);
        assert_eq!(draws("Uncertain(Normal(mean: 1, sd: 1))"), 1);
        assert_eq!(draws("Scaled(schedule: 1, by: Normal(mean: 1, sd: 1))"), 1);
    }

    #[test]
    fn evidence_is_kept() {
        assert_eq!(read("Sourced(0.2, \"contracts:MSOAI-2026\")").evidence(), Some("contracts:MSOAI-2026"));
        assert_eq!(read("0.2").evidence(), None);
    }

    #[test]
    fn wrong_scalars_are_refused() {
        for (text, message) in [
            ("\"0.2\"", "expected a number, a schedule or a distribution, found the string \"0.2\""),
            ("[1]", "expected a number, a schedule or a distribution, found a list `[..]`"),
            ("LogNormal(median: 18, sigma: 0.3)", "unknown form `LogNormal`"),
            ("Steps([])", "a schedule has at least one point"),
            (
                "Steps([(\"2026-01-01\", 1), (\"2025-01-01\", 2)])",
                "the dates of a schedule ascend, but 2025-01-01 follows 2026-01-01",
            ),
            ("Geometric([(\"2026-01-01\", 0)])", "the values of a geometric schedule are positive, but one is 0"),
            ("Steps([(\"soon\", 1)])", "expected a date from 1990-01-01 to 2100-12-31 as YYYY-MM-DD, found `soon`"),
            ("Steps([(2026, 1)])", "expected a date as \"YYYY-MM-DD\", found the number 2026"),
            ("Steps(5)", "expected points `[(\"YYYY-MM-DD\", value), ..]`, found the number 5"),
            ("Steps(point: [])", "unknown field `point`"),
            (
                "Growth(from: \"2026-01-01\", value: 1, per_year: -1)",
                "`per_year` is growth a year above -1 and up to 1000 (0.3 for 30 %), but it is -1",
            ),
            ("Uncertain(LogNormal(median: 18, sigma: -1))", "`sigma` is from 0 to 10, but it is -1"),
            ("Uncertain(Uniform(low: 2, high: 1))", "`low` is below `high`, but they are 2 and 1"),
            (
                "Scaled(schedule: Geometric([(\"2026-01-01\", 1)]), by: Normal(mean: 1, sd: 1))",
                "the values of a geometric schedule are positive, but the factor can make them negative",
            ),
        ] {
            assert_eq!(refusal(text), message, "{text}");
        }
    }

    #[test]
    fn bounds_hold_for_every_draw() {
        let infinite = f64::INFINITY;
        for (text, bounds) in [
            ("2", (2.0, 2.0)),
            ("Linear([(\"2025-01-01\", 3), (\"2026-01-01\", 1)])", (1.0, 3.0)),
            ("Growth(from: \"2025-01-01\", value: 2, per_year: 0.5)", (2.0, infinite)),
            ("Growth(from: \"2025-01-01\", value: 2, per_year: -0.5)", (0.0, 2.0)),
            ("Uncertain(LogNormal(median: 1, sigma: 1))", (0.0, infinite)),
            ("Uncertain(Normal(mean: 1, sd: 1))", (-infinite, infinite)),
            ("Scaled(schedule: 2, by: Uniform(low: -1, high: 3), plus: 1)", (-1.0, 7.0)),
        ] {
            assert_eq!(read(text).bounds(), bounds, "{text}");
        }
    }

    #[test]
    fn no_draw_makes_an_infinite_level() {
        let schedule =
            read("Scaled(schedule: Geometric([(\"2026-01-01\", 1e-300)]), by: LogNormal(median: 1e-300, sigma: 10))")
                .resolve(start(), || 0.0);
        assert!(schedule.at(Time(0)) > 0.0);
        let schedule =
            read("Scaled(schedule: 1e300, by: LogNormal(median: 1e300, sigma: 10))").resolve(start(), || 1.0);
        assert!(schedule.at(Time(0)).is_finite());
    }
}
