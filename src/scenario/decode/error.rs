//! What serde reports, put into words for the author of a file, and the place that it is about.

use crate::scenario::problems::nearest;
use crate::scenario::tree::Span;
use serde::de::{Error, Expected, Unexpected};
use std::fmt::{self, Display};

/// How evidence is written.
pub(super) const EVIDENCE: &str = "evidence is given as `Sourced(value, \"table:row\")`";
/// Distributions, which an author may write where only a scalar can stand.
const DRAWN: [&str; 5] = ["LogNormal", "Exponential", "Normal", "Uniform", "Triangular"];

/// An error of decoding one value. [`decode`](super::decode) turns it into a problem.
#[derive(Debug)]
pub struct DecodeError(pub(super) Box<Fault>);

#[derive(Debug)]
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) help: Option<String>,
    pub(super) cause: Cause,
    /// Whether ", found .." is to be added where the value is known.
    pub(super) wants_found: bool,
    pub(super) place: Option<Place>,
}

/// What has to be marked so that the next decoding gets further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The value is of the wrong type or form.
    Value,
    /// A check on a whole value failed, such as the order of two dates.
    Check,
    /// A field that no type has; the place is its entry.
    UnknownField,
    /// A field that the struct at the place lacks.
    MissingField(&'static str),
    /// No stand-in could be made below the place.
    NoStandIn,
}

/// The value that an error is about; `id` is the address of its node.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) id: usize,
    pub(super) path: String,
    pub(super) span: Span,
}

impl DecodeError {
    fn new(cause: Cause, message: String) -> Self {
        Self(Box::new(Fault { message, help: None, cause, wants_found: false, place: None }))
    }

    /// A value of the wrong type: what was found is added where the value is known.
    pub(super) fn expected(what: impl Display) -> Self {
        let mut error = Self::new(Cause::Value, format!("expected {what}"));
        error.0.wants_found = true;
        error
    }

    pub(super) fn value(message: String) -> Self {
        Self::new(Cause::Value, message)
    }

    pub(super) fn no_stand_in() -> Self {
        Self::new(Cause::NoStandIn, String::new())
    }

    pub(super) fn help(mut self, help: Option<String>) -> Self {
        self.0.help = self.0.help.or(help);
        self
    }
}

/// Whether a message is one of [`Error::missing_field`].
pub(super) fn is_missing(message: &str) -> bool {
    message.starts_with("missing field `")
}

impl Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for DecodeError {}

impl Error for DecodeError {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(Cause::Check, message.to_string())
    }

    fn invalid_type(_: Unexpected, expected: &dyn Expected) -> Self {
        Self::expected(words(expected))
    }

    fn invalid_value(_: Unexpected, expected: &dyn Expected) -> Self {
        Self::expected(words(expected))
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Self::value(format!("expected {}, found {length} values", words(expected)))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        if variant == "Sourced" {
            return Self::value("expected a value and the row that it rests on".into()).help(Some(EVIDENCE.into()));
        }
        if DRAWN.contains(&variant) && expected.contains(&"Uncertain") {
            let help = format!("a value that is drawn is written `Uncertain({variant}(..))`");
            return Self::value(format!("unknown form `{variant}`")).help(Some(help));
        }
        Self::value(format!("unknown form `{variant}`")).help(Some(suggestion(variant, expected)))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::new(Cause::UnknownField, format!("unknown field `{field}`")).help(Some(suggestion(field, expected)))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(Cause::MissingField(field), format!("missing field `{field}`"))
    }
}

/// The nearest of the known names, or else all of them.
fn suggestion(name: &str, known: &[&str]) -> String {
    match nearest(name, known.iter().copied()) {
        Some(near) => did_you_mean(near),
        None if known.is_empty() => "no names are known here".into(),
        None => format!("expected {}", one_of(known)),
    }
}

/// Advice on a misspelt name.
pub(super) fn did_you_mean(name: &str) -> String {
    format!("did you mean `{name}`?")
}

/// "`a`, `b` or `c`", or the first dozen of a longer list.
pub(super) fn one_of(names: &[&str]) -> String {
    const SHOWN: usize = 12;
    let quoted: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        _ if names.len() > SHOWN => format!("one of {} and {} more", quoted.join(", "), names.len() - SHOWN),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => "nothing".into(),
    }
}

/// Serde names Rust's types; an author knows numbers and lists.
pub(super) fn words(expected: &dyn Expected) -> String {
    let text = expected.to_string();
    match text.as_str() {
        "f64" | "f32" => "a number".into(),
        "a boolean" => "`true` or `false`".into(),
        "a sequence" => "a list `[..]`".into(),
        "a map" => "a map `{..}`".into(),
        "unit" => "`()`".into(),
        _ => text,
    }
}
