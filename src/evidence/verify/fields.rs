//! Inputs of a case, read field by field; everything that is wrong is noted with its path, and reading goes on.

use crate::units::{CivilDate, Usd};
use rust_decimal::Decimal;
use serde_json::{Map, Value};

/// Longest list of a case.
const LONGEST_LIST: usize = 100_000;

/// What a number must be.
#[derive(Clone, Copy)]
pub(super) struct Range {
    /// In words.
    pub expected: &'static str,
    /// In a function.
    pub holds: fn(f64) -> bool,
}

/// Any number.
pub(super) const ANY: Range = Range { expected: "a number", holds: |_| true };
/// Above 0.
pub(super) const POSITIVE: Range = Range { expected: "a number above 0", holds: |x| x > 0.0 };
/// At least 0.
pub(super) const NOT_NEGATIVE: Range = Range { expected: "a number of at least 0", holds: |x| x >= 0.0 };
/// A probability, its ends included.
pub(super) const SHARE: Range = Range { expected: "a number from 0 to 1", holds: |x| (0.0..=1.0).contains(&x) };
/// A probability, its ends excluded.
pub(super) const BETWEEN: Range =
    Range { expected: "a number between 0 and 1, which excludes both", holds: |x| x > 0.0 && x < 1.0 };

/// The fields of an object. What cannot be read is replaced by a value that nothing is computed from, since a case with
/// a problem is not run.
pub(super) struct Fields<'a> {
    path: String,
    object: &'a Map<String, Value>,
    problems: &'a mut Vec<String>,
}

impl<'a> Fields<'a> {
    /// The fields of `object`, which stands at `path`.
    pub fn new(path: String, object: &'a Map<String, Value>, problems: &'a mut Vec<String>) -> Self {
        Self { path, object, problems }
    }

    /// Notes that `name` is not as expected.
    pub fn refuse(&mut self, name: &str, expected: &str) {
        let key = name.split(['[', '.']).next().unwrap_or(name);
        let found = self.object.get(key).map_or_else(|| "nothing".to_owned(), shown);
        self.problems.push(format!("{}.{name}: expected {expected}, found {found}", self.path));
    }

    fn refuse_value(&mut self, name: &str, expected: &str, found: &Value) {
        self.problems.push(format!("{}.{name}: expected {expected}, found {}", self.path, shown(found)));
    }

    /// Whether there is such a field, other than `null`.
    pub fn has(&self, name: &str) -> bool {
        self.object.get(name).is_some_and(|value| !value.is_null())
    }

    fn read<T>(&mut self, name: &str, expected: &str, parse: impl Fn(&Value) -> Option<T>) -> Option<T> {
        let parsed = self.object.get(name).and_then(parse);
        if parsed.is_none() {
            self.refuse(name, expected);
        }
        parsed
    }

    /// A list of at least one item, each read by `parse`.
    pub fn list<T>(&mut self, name: &str, expected: &str, parse: impl Fn(&Value) -> Option<T>) -> Vec<T> {
        let Some(Value::Array(items)) = self.object.get(name) else {
            self.refuse(name, &format!("a list, each item {expected}"));
            return Vec::new();
        };
        if items.is_empty() || items.len() > LONGEST_LIST {
            self.refuse(name, &format!("a list of 1 to {LONGEST_LIST} items"));
        }
        let mut read = Vec::with_capacity(items.len());
        for (place, item) in items.iter().enumerate() {
            match parse(item) {
                Some(value) => read.push(value),
                None => self.refuse_value(&format!("{name}[{place}]"), expected, item),
            }
        }
        read
    }

    /// A number; one in quotation marks counts as well.
    pub fn number(&mut self, name: &str, range: Range) -> f64 {
        self.read(name, range.expected, |value| number(value).filter(|x| (range.holds)(*x))).unwrap_or(f64::NAN)
    }

    /// A list of numbers.
    pub fn numbers(&mut self, name: &str, range: Range) -> Vec<f64> {
        self.list(name, range.expected, |value| number(value).filter(|x| (range.holds)(*x)))
    }

    /// A whole number from `least` to `most`.
    pub fn count(&mut self, name: &str, least: u64, most: u64) -> u64 {
        let expected = format!("a whole number from {least} to {most}");
        self.read(name, &expected, |value| whole(value).filter(|n| (least..=most).contains(n))).unwrap_or(least)
    }

    /// A list of whole numbers from `least` to `most`.
    pub fn counts(&mut self, name: &str, least: u64, most: u64) -> Vec<u64> {
        let expected = format!("a whole number from {least} to {most}");
        self.list(name, &expected, |value| whole(value).filter(|n| (least..=most).contains(n)))
    }

    /// A flag.
    pub fn flag(&mut self, name: &str) -> bool {
        self.read(name, "true or false", Value::as_bool).unwrap_or(false)
    }

    /// An exact decimal.
    pub fn decimal(&mut self, name: &str, range: Range) -> Decimal {
        self.read(name, range.expected, |value| decimal(value).filter(|x| (range.holds)(approximate(*x))))
            .unwrap_or_default()
    }

    /// A list of exact decimals.
    pub fn decimals(&mut self, name: &str, range: Range) -> Vec<Decimal> {
        self.list(name, range.expected, |value| decimal(value).filter(|x| (range.holds)(approximate(*x))))
    }

    /// An amount of at least 0, exact to the micro-dollar.
    pub fn usd(&mut self, name: &str) -> Usd {
        self.read(name, "an amount from 0 to 10^18 with at most 6 decimals", usd).unwrap_or(Usd::ZERO)
    }

    /// A date.
    pub fn date(&mut self, name: &str) -> Option<CivilDate> {
        self.read(name, "a date from 1990-01-01 to 2100-12-31 as YYYY-MM-DD", date)
    }

    /// A list of texts.
    pub fn texts(&mut self, name: &str) -> Vec<String> {
        self.list(name, "a text", |value| value.as_str().map(str::to_owned))
    }

    /// The fields of an object within.
    pub fn within(&mut self, name: &str) -> Option<Fields<'_>> {
        match self.object.get(name) {
            Some(Value::Object(object)) => {
                Some(Fields { path: format!("{}.{name}", self.path), object, problems: self.problems })
            }
            _ => {
                self.refuse(name, "an object");
                None
            }
        }
    }

    /// The names of all fields, sorted.
    pub fn names(&self) -> Vec<String> {
        self.object.keys().cloned().collect()
    }

    /// A text that is one of several.
    pub fn one_of(&mut self, name: &str, choices: &[&'static str]) -> Option<&'static str> {
        let expected = format!("one of {}", choices.join(", "));
        let chosen = |value: &Value| choices.iter().copied().find(|choice| value.as_str() == Some(choice));
        self.read(name, &expected, chosen)
    }
}

/// A finite number, in quotation marks or not.
pub(super) fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::String(_) => approximate(decimal(value)?),
        _ => value.as_f64()?,
    };
    number.is_finite().then_some(number)
}

/// A whole number of at least 0.
fn whole(value: &Value) -> Option<u64> {
    decimal(value).filter(Decimal::is_integer).and_then(|x| u64::try_from(x).ok())
}

/// The decimal that a text or a number spells, if it is kept whole in 28 digits.
pub(super) fn decimal(value: &Value) -> Option<Decimal> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    match text.contains(['e', 'E']) {
        true => Decimal::from_scientific(&text).ok(),
        false => Decimal::from_str_exact(&text).ok(),
    }
}

/// The float nearest to a decimal. Digits are handed to the parser of floats, which rounds once.
pub(super) fn approximate(decimal: Decimal) -> f64 {
    decimal.to_string().parse().unwrap_or(f64::NAN)
}

/// An amount from 0 to 10^18 USD, if it is whole in micro-dollars.
pub(super) fn usd(value: &Value) -> Option<Usd> {
    const MOST: i128 = 10_i128.pow(24);
    scaled(decimal(value)?, 6).filter(|micro| (0..=MOST).contains(micro)).map(Usd)
}

/// A date.
pub(super) fn date(value: &Value) -> Option<CivilDate> {
    CivilDate::parse(value.as_str()?).ok()
}

/// `decimal · 10^decimals`, if that is a whole number.
pub(super) fn scaled(decimal: Decimal, decimals: u32) -> Option<i128> {
    let plain = decimal.normalize();
    let more = decimals.checked_sub(plain.scale())?;
    plain.mantissa().checked_mul(10_i128.checked_pow(more)?)
}

/// A value as it is shown in a message.
fn shown(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = value.to_string();
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST).chain("…".chars()).collect()
}
