//! `Scale` and `Shift` on written values: numbers, schedules, distributions, dates.
//!
//! Both act on every value of a schedule or distribution: on the points (growth beyond the last starts from the moved
//! level), on all bounds, on the median and on the standard deviation as far as it has a scale. What a change computes
//! is no longer what a source says, so `Sourced` is taken off.

use super::token::Number;
use super::{Entry, Kind, Node, Span};
use crate::units::CivilDate;

/// What to do with each value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Arithmetic {
    /// Multiply.
    Scale(f64),
    /// Add; dates move by days.
    Shift(f64),
}

use Arithmetic::{Scale, Shift};

impl Arithmetic {
    fn of(self, value: f64) -> f64 {
        match self {
            Scale(factor) => value * factor,
            Shift(amount) => value + amount,
        }
    }

    fn verb(self) -> &'static str {
        match self {
            Scale(_) => "scale",
            Shift(_) => "shift",
        }
    }

    fn reverses(self) -> bool {
        matches!(self, Scale(factor) if factor < 0.0)
    }
}

/// Changes a whole value; `span` is the change, which new numbers are blamed on.
pub(super) fn apply(node: &mut Node, how: Arithmetic, span: Span) -> Result<(), String> {
    if let Some((value, _)) = node.sourced() {
        *node = value.clone();
    }
    level(node, how, span).unwrap_or_else(|| {
        let verb = how.verb();
        Err(format!("cannot {verb} {}: only a number, a schedule, a distribution or a date", node.found()))
    })
}

/// `None` if the value is nothing that has a level.
fn level(node: &mut Node, how: Arithmetic, span: Span) -> Option<Result<(), String>> {
    match &mut node.kind {
        Kind::Number(_) => Some(number(node, how, span)),
        Kind::Text(text) => match how {
            Shift(days) => Some(shifted_date(text, days).map(|moved| {
                *text = moved;
                node.span = span;
            })),
            Scale(_) => None,
        },
        Kind::Tuple(Some(name), items) => match (name.as_str(), items.as_mut_slice()) {
            ("Some" | "Uncertain" | "Constant", [inner]) => Some(apply(inner, how, span)),
            ("Steps" | "Linear" | "Geometric", [list]) => Some(points(list, how, span)),
            _ => None,
        },
        Kind::Struct(Some(name), fields) => match name.as_str() {
            "Steps" | "Linear" | "Geometric" => Some(field(fields, "points", |node| points(node, how, span))),
            "Growth" => Some(levels(fields, &["value"], how, span)),
            "Scaled" => Some(scaled_level(fields, how, span)),
            form => distribution(form, fields, how, span),
        },
        _ => None,
    }
}

/// `(schedule: s, by: f, plus: p)` is `s·f + p`.
fn scaled_level(fields: &mut Vec<Entry>, how: Arithmetic, span: Span) -> Result<(), String> {
    if let Scale(_) = how {
        field(fields, "schedule", |node| apply(node, how, span))?;
    }
    plus(fields, how, span)
}

/// The parameters of each distribution that have the unit of its values; `None` if `form` is none.
fn distribution(form: &str, fields: &mut Vec<Entry>, how: Arithmetic, span: Span) -> Option<Result<(), String>> {
    let moved = match form {
        "LogNormal" => with_location(fields, "median", how, span),
        "Exponential" => with_location(fields, "mean", how, span),
        "Normal" => levels(fields, &["mean"], how, span).and_then(|()| match how {
            Scale(factor) => levels(fields, &["sd"], Scale(factor.abs()), span),
            Shift(_) => Ok(()),
        }),
        "Uniform" => levels(fields, &["low", "high"], how, span),
        "Triangular" => levels(fields, &["low", "mode", "high"], how, span),
        _ => return None,
    };
    if how.reverses() {
        swap(fields, "low", "high");
    }
    Some(moved)
}

/// A distribution that starts at `plus`: scaling scales both, shifting moves only the start.
fn with_location(fields: &mut Vec<Entry>, scale: &str, how: Arithmetic, span: Span) -> Result<(), String> {
    if let Scale(_) = how {
        levels(fields, &[scale], how, span)?;
    }
    plus(fields, how, span)
}

fn plus(fields: &mut Vec<Entry>, how: Arithmetic, span: Span) -> Result<(), String> {
    if fields.iter().any(|entry| entry.key == "plus") {
        return levels(fields, &["plus"], how, span);
    }
    if let Shift(amount) = how {
        let value = Number::of(amount).ok_or("an amount that is not finite")?;
        let value = Node { kind: Kind::Number(value), span };
        fields.push(Entry { key: "plus".into(), key_span: span, value });
    }
    Ok(())
}

fn levels(fields: &mut [Entry], names: &[&str], how: Arithmetic, span: Span) -> Result<(), String> {
    names.iter().try_for_each(|name| field(fields, name, |node| number(node, how, span)))
}

fn field(fields: &mut [Entry], name: &str, edit: impl FnOnce(&mut Node) -> Result<(), String>) -> Result<(), String> {
    match fields.iter_mut().find(|entry| entry.key == name) {
        Some(entry) => edit(&mut entry.value),
        None => Err(format!("there is no `{name}` here")),
    }
}

fn swap(fields: &mut [Entry], one: &str, other: &str) {
    let position = |name: &str| fields.iter().position(|entry| entry.key == name);
    if let (Some(one), Some(other)) = (position(one), position(other)) {
        let (low, high) = (fields[one].value.clone(), fields[other].value.clone());
        fields[one].value = high;
        fields[other].value = low;
    }
}

fn points(list: &mut Node, how: Arithmetic, span: Span) -> Result<(), String> {
    let Kind::List(points) = &mut list.kind else {
        return Err(format!("expected a list of points, found {}", list.found()));
    };
    for point in points {
        match &mut point.kind {
            Kind::Tuple(None, items) if items.len() == 2 => number(&mut items[1], how, span)?,
            _ => return Err(format!("expected a point `(\"date\", value)`, found {}", point.found())),
        }
    }
    Ok(())
}

fn number(node: &mut Node, how: Arithmetic, span: Span) -> Result<(), String> {
    let Kind::Number(value) = &mut node.kind else {
        return Err(format!("expected a number to {}, found {}", how.verb(), node.found()));
    };
    *value = Number::of(how.of(value.value())).ok_or("the result is too large")?;
    node.span = span;
    Ok(())
}

fn shifted_date(text: &str, days: f64) -> Result<String, String> {
    let date = CivilDate::parse(text).map_err(|_| format!("cannot shift the string {text:?}: it is not a date"))?;
    if days.fract() != 0.0 || days.abs() > 1e6 {
        return Err(format!("a date moves by whole days, not by {days}"));
    }
    let moved =
        date.plus_days(days as i64).ok_or_else(|| format!("{text} moved by {days} days leaves 1990 to 2100"))?;
    Ok(moved.to_string())
}
