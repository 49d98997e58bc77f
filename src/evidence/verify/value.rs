//! Computed quantities, and how they are held against what a case expects.
//!
//! A computed number passes if `|x − e| ≤ abs_tol + rel_tol·|e|`, element by element; an exact one only if it is equal,
//! decimals by value and not by spelling. A simulated one passes within [`MOST_ERRORS`] standard errors, its own and the
//! expectation's together, if its own is small enough to say something: a small part of what is expected, or no more than
//! the tolerance that the case itself gives, be it one for estimators alone (`estimator_test_abs_tol`). Of a share below [`RAREST`] it is small enough if it were at [`RAREST`].

use super::fields::{decimal, number};
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// Standard errors that a simulated quantity may be off.
const MOST_ERRORS: f64 = 3.0;

/// Share of time or of customers below which standard errors are held to an absolute size: no run of bearable length
/// would know what is rarer to a relative one.
pub(super) const RAREST: f64 = 1e-3;

/// A computed quantity.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number in floating point.
    Number(f64),
    /// A simulated number with its standard error.
    Simulated {
        /// Estimate.
        mean: f64,
        /// Standard error of the estimate.
        se: f64,
    },
    /// A simulated share of time or of customers, which may be rare, with its standard error.
    Share {
        /// Estimate.
        mean: f64,
        /// Standard error of the estimate.
        se: f64,
    },
    /// A whole number.
    Count(i128),
    /// An exact decimal.
    Decimal(Decimal),
    /// Yes or no.
    Flag(bool),
    /// A text, as of a date.
    Text(String),
    /// Items in order.
    List(Vec<Value>),
    /// Items by name.
    Map(BTreeMap<String, Value>),
    /// There is none, as the internal rate of return of nothing but payments.
    None,
}

/// Quantities of a case by name, in the order of computation.
pub type Quantities = Vec<(&'static str, Value)>;

impl Value {
    /// Numbers in order.
    pub(super) fn numbers(values: impl IntoIterator<Item = f64>) -> Self {
        Self::List(values.into_iter().map(Self::Number).collect())
    }

    /// Whether it, or any item of it, is simulated.
    pub(super) fn is_simulated(&self) -> bool {
        match self {
            Self::Simulated { .. } | Self::Share { .. } => true,
            Self::List(items) => items.iter().any(Self::is_simulated),
            Self::Map(items) => items.values().any(Self::is_simulated),
            _ => false,
        }
    }

    /// As JSON: decimals as texts, simulated numbers as `{"mean", "se"}`.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Number(x) => json!(x),
            Self::Simulated { mean, se } | Self::Share { mean, se } => json!({ "mean": mean, "se": se }),
            Self::Count(n) => i64::try_from(*n).map_or_else(|_| json!(n.to_string()), |n| json!(n)),
            Self::Decimal(decimal) => json!(decimal.to_string()),
            Self::Flag(flag) => json!(flag),
            Self::Text(text) => json!(text),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Map(items) => Json::Object(items.iter().map(|(name, item)| (name.clone(), item.to_json())).collect()),
            Self::None => Json::Null,
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Simulated { mean, se } | Self::Share { mean, se } => format!("{mean} ± {se}"),
            Self::None => "none".to_owned(),
            other => other.to_json().to_string(),
        }
    }
}

/// What a case says of a quantity.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Expected {
    value: Json,
    exact: bool,
    relative: f64,
    absolute: f64,
    /// Absolute tolerance of an estimate by sampling.
    sampling: f64,
    standard_error: f64,
}

impl Expected {
    /// Reads what stands at `path`; notes what is wrong.
    pub fn read(path: &str, json: &Json, problems: &mut Vec<String>) -> Option<Self> {
        let Some(fields) = json.as_object() else {
            problems.push(format!("{path}: expected an object with a `value`, found {json}"));
            return None;
        };
        let before = problems.len();
        let value = fields.get("value").cloned().unwrap_or_else(|| {
            problems.push(format!("{path}.value: expected the expected value, found nothing"));
            Json::Null
        });
        let exact = match fields.get("exact") {
            None => false,
            Some(Json::Bool(exact)) => *exact,
            Some(other) => {
                problems.push(format!("{path}.exact: expected true or false, found {other}"));
                false
            }
        };
        let mut tolerance = |name: &str| tolerance(path, fields, name, problems);
        let (relative, absolute) = (tolerance("rel_tol"), tolerance("abs_tol"));
        let (sampling, standard_error) = (tolerance("estimator_test_abs_tol"), tolerance("standard_error"));
        (problems.len() == before).then_some(Self { value, exact, relative, absolute, sampling, standard_error })
    }

    /// Why `found` does not pass, element by element, with `precision` the largest relative standard error that a
    /// simulated number may have; nothing if it passes.
    pub fn complaints(&self, name: &str, found: &Value, precision: f64) -> Vec<String> {
        let mut complaints = Vec::new();
        self.compare(name, found, &self.value, precision, &mut complaints);
        complaints
    }

    fn compare(&self, at: &str, found: &Value, expected: &Json, precision: f64, complaints: &mut Vec<String>) {
        match (found, expected) {
            (Value::List(found), Json::Array(expected)) if found.len() == expected.len() => {
                for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
                    self.compare(&format!("{at}[{place}]"), found, expected, precision, complaints);
                }
            }
            (Value::Map(found), Json::Object(expected))
                if found.len() == expected.len() && found.keys().all(|name| expected.contains_key(name)) =>
            {
                for (name, found) in found {
                    self.compare(&format!("{at}.{name}"), found, &expected[name], precision, complaints);
                }
            }
            _ => complaints.extend(self.complaint(at, found, expected, precision)),
        }
    }

    fn complaint(&self, at: &str, found: &Value, expected: &Json, precision: f64) -> Option<String> {
        let complain =
            |tolerance: String| Some(format!("{at} is {}, expected {expected} ({tolerance})", found.shown()));
        match *found {
            Value::Simulated { mean, se } | Value::Share { mean, se } => {
                let Some(value) = number(expected) else { return complain("not of this form".into()) };
                let error = (se * se + self.standard_error * self.standard_error).sqrt();
                let distance = (mean - value).abs();
                // Not the other way round: a standard error that is not a number says nothing either.
                let rarest = if matches!(found, Value::Share { .. }) { RAREST } else { 0.0 };
                let says_something = se <= (precision * value.abs().max(rarest)).max(self.absolute).max(self.sampling);
                if !says_something {
                    return complain(format!("standard error above {} %", 100.0 * precision));
                }
                let within = distance <= MOST_ERRORS * error;
                if within { None } else { complain(format!("{:.1} standard errors away", distance / error)) }
            }
            Value::Flag(flag) => {
                if expected == &json!(flag) {
                    None
                } else {
                    complain("exact".into())
                }
            }
            Value::Text(ref text) => {
                if expected == &json!(text) {
                    None
                } else {
                    complain("exact".into())
                }
            }
            Value::None => {
                if expected.is_null() {
                    None
                } else {
                    complain("there is none".into())
                }
            }
            Value::List(_) | Value::Map(_) => complain("not of this form".into()),
            Value::Number(_) | Value::Count(_) | Value::Decimal(_) if self.exact => {
                if equal(found, expected) {
                    None
                } else {
                    complain("exact".into())
                }
            }
            Value::Number(_) | Value::Count(_) | Value::Decimal(_) => {
                let (Some(found), Some(value)) = (number(&found.to_json()), number(expected)) else {
                    return complain("not of this form".into());
                };
                let within = (found - value).abs() <= self.absolute + self.relative * value.abs();
                if within {
                    None
                } else {
                    complain(format!("rel_tol {:e}, abs_tol {:e}", self.relative, self.absolute))
                }
            }
        }
    }
}

fn tolerance(path: &str, fields: &Map<String, Json>, name: &str, problems: &mut Vec<String>) -> f64 {
    let Some(given) = fields.get(name) else { return 0.0 };
    let tolerance = number(given).filter(|x| *x >= 0.0);
    if tolerance.is_none() {
        problems.push(format!("{path}.{name}: expected a number of at least 0, found {given}"));
    }
    tolerance.unwrap_or(0.0)
}

/// Equality by value, as decimals where both are.
fn equal(found: &Value, expected: &Json) -> bool {
    match found {
        Value::Number(x) => number(expected) == Some(*x),
        other => decimal(expected).is_some_and(|expected| decimal(&other.to_json()) == Some(expected)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn complaints(found: &Value, expected: &Json) -> Vec<String> {
        let mut problems = Vec::new();
        let expected = Expected::read("q", expected, &mut problems).unwrap_or_else(|| panic!("{problems:?}"));
        expected.complaints("q", found, 0.02)
    }

    #[test]
    fn numbers_pass_within_their_tolerance() {
        let expected = json!({ "value": 100.0, "rel_tol": 1e-3, "abs_tol": 0.1 });
        assert!(complaints(&Value::Number(100.19), &expected).is_empty());
        let told = complaints(&Value::Number(100.21), &expected);
        assert_eq!(told, ["q is 100.21, expected 100.0 (rel_tol 1e-3, abs_tol 1e-1)"]);
        assert_eq!(complaints(&Value::Number(f64::NAN), &json!({ "value": 1, "rel_tol": 1 })).len(), 1);
    }

    #[test]
    fn exact_decimals_are_equal_by_value_and_not_by_spelling() {
        let found = Value::Decimal(Decimal::from_str_exact("0.10").unwrap());
        for same in [json!("0.1"), json!("0.100"), json!(0.1)] {
            assert!(complaints(&found, &json!({ "value": same, "exact": true })).is_empty());
        }
        for other in [json!("0.1000000000001"), json!("ten"), json!(true)] {
            assert_eq!(complaints(&found, &json!({ "value": other, "exact": true })).len(), 1);
        }
        assert!(complaints(&Value::Count(3), &json!({ "value": "3.0", "exact": true })).is_empty());
    }

    #[test]
    fn simulated_numbers_pass_within_three_errors_that_are_small_enough() {
        let found = |mean, se| Value::Simulated { mean, se };
        assert!(complaints(&found(102.9, 1.0), &json!({ "value": 100 })).is_empty());
        assert!(complaints(&found(103.1, 1.0), &json!({ "value": 100 }))[0].contains("3.1 standard errors away"));
        assert!(complaints(&found(103.1, 1.0), &json!({ "value": 100, "standard_error": 1 })).is_empty());
        assert!(complaints(&found(100.0, 2.1), &json!({ "value": 100 }))[0].contains("standard error above 2 %"));
        assert_eq!(complaints(&found(100.0, f64::NAN), &json!({ "value": 100 })).len(), 1);
        // Where the case itself allows more, so much will do.
        assert!(complaints(&found(100.0, 2.1), &json!({ "value": 100, "abs_tol": 2.5 })).is_empty());
        assert_eq!(complaints(&found(107.0, 2.1), &json!({ "value": 100, "abs_tol": 2.5 })).len(), 1);
        let nothing = json!({ "value": 0, "abs_tol": 1e-12, "estimator_test_abs_tol": 0.02 });
        assert!(complaints(&found(0.01, 0.02), &nothing).is_empty());
        assert_eq!(complaints(&found(0.01, 0.021), &nothing).len() + complaints(&found(0.07, 0.02), &nothing).len(), 2);
        assert_eq!(complaints(&Value::Number(0.01), &nothing).len(), 1);
    }

    #[test]
    fn rare_shares_pass_within_three_errors_of_an_absolute_size() {
        let found = |mean, se| Value::Share { mean, se };
        // Two per cent of one in a thousand are 2e-5.
        let rare = json!({ "value": 1e-6 });
        assert!(complaints(&found(0.0, 1.9e-5), &rare).is_empty());
        assert!(complaints(&found(0.0, 2.1e-5), &rare)[0].contains("standard error above 2 %"));
        assert!(complaints(&found(2e-5, 5e-6), &rare)[0].contains("3.8 standard errors away"));
        assert_eq!(complaints(&Value::Simulated { mean: 1e-6, se: 1e-6 }, &rare).len(), 1);
        assert_eq!(complaints(&found(0.5, 0.011), &json!({ "value": 0.5 })).len(), 1);
    }

    #[test]
    fn lists_and_maps_are_compared_item_by_item() {
        let found = Value::Map([("a".to_owned(), Value::numbers([1.0, 2.0]))].into());
        let told = complaints(&found, &json!({ "value": { "a": [1, 3] } }));
        assert_eq!(told, ["q.a[1] is 2.0, expected 3 (rel_tol 0e0, abs_tol 0e0)"]);
        for other in [json!({ "a": [1] }), json!({ "b": [1, 2] }), json!([1, 2]), json!(1)] {
            assert_eq!(complaints(&found, &json!({ "value": other })).len(), 1, "{other}");
        }
    }

    #[test]
    fn what_is_malformed_is_told_with_its_path() {
        let mut problems = Vec::new();
        for wrong in [json!(3), json!({}), json!({ "value": 1, "exact": 1, "rel_tol": -1 })] {
            assert_eq!(Expected::read("q", &wrong, &mut problems), None);
        }
        let paths: Vec<&str> = problems.iter().map(|problem| problem.split(':').next().unwrap()).collect();
        assert_eq!(paths, ["q", "q.value", "q.exact", "q.rel_tol"]);
    }
}
