//! A difference split over the changes that make it, as a waterfall from one scenario to the other.

use super::comparison::unit_of;
use super::draw::frame::{Entry, Swatch};
use super::draw::palette::Colour;
use super::draw::scene::Dash;
use super::forms::{Form, Step, Waterfall};
use super::picture::Picture;
use crate::model::record::MetricInfo;

/// What one change, or changes made together, add.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributionStep {
    /// As written, after its number: `1 Set("path", value)`.
    pub change: String,
    /// Shapley value, in the unit of the metric.
    pub part: f64,
    /// Half-width of its 95 % interval.
    pub half_width: f64,
}

/// One series of two scenarios.
#[derive(Clone, Debug)]
pub struct AttributionChart {
    /// Name of the scenario compared with.
    pub base: String,
    /// Name of the scenario compared.
    pub other: String,
    /// What is compared.
    pub metric: &'static MetricInfo,
    /// Of whom.
    pub entity: String,
    /// When, in words.
    pub period: String,
    /// Paired replications.
    pub pairs: usize,
    /// Orders that were drawn; 0 if all count.
    pub orders: usize,
    /// Mean of the base.
    pub base_mean: f64,
    /// The parts, in the order of the changes.
    pub steps: Vec<AttributionStep>,
}

/// Colours of a step up and of one down, told apart by those who see no red.
const UP: Colour = Colour(0x1f, 0x6f, 0xb4);
const DOWN: Colour = Colour::ACCENT;

impl AttributionChart {
    /// The chart.
    pub fn picture(&self) -> Picture {
        let mut legend = Vec::new();
        if self.steps.iter().any(|step| step.part >= 0.0) {
            legend.push(Entry::new(Swatch::Area(UP, 0.9), "Adds"));
        }
        if self.steps.iter().any(|step| step.part < 0.0) {
            legend.push(Entry::new(Swatch::Area(DOWN, 0.9), "Takes"));
        }
        if self.steps.iter().any(|step| step.half_width > 0.0) {
            legend.push(Entry::new(Swatch::Line(Colour::INK, Dash::Solid), "95% interval of the part"));
        }
        let orders = match self.orders {
            0 => "over all orders of making them".to_owned(),
            drawn => format!("over {drawn} drawn orders of making them"),
        };
        Picture {
            title: format!("{}: what makes “{}” differ from “{}”", self.entity, self.other, self.base),
            subtitle: format!("{}. Each part is the mean of what a change adds {orders}", self.told()),
            legend,
            marks: Vec::new(),
            source: format!(
                "Source: cloudmarket {}, {} paired replications. Shapley values; the parts sum to the difference.",
                env!("CARGO_PKG_VERSION"),
                self.pairs
            ),
            form: Form::Waterfall(Waterfall {
                unit: unit_of(self.metric),
                from: (self.base.clone(), self.base_mean),
                steps: self.steps.iter().map(step).collect(),
                to: self.other.clone(),
                colours: (UP, DOWN),
            }),
        }
    }

    fn told(&self) -> String {
        let mut letters = self.metric.about.chars();
        let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
        let unit = if self.metric.unit == "1" { String::new() } else { format!(", {}", self.metric.unit) };
        format!("{first}{}{unit}, {}", letters.as_str(), self.period)
    }
}

/// Longest value that is told, in characters.
const LONGEST: usize = 24;

/// The end of the path, which says most, and what becomes of it; the whole path below.
fn step(step: &AttributionStep) -> Step {
    let (number, change) = step.change.split_once(' ').unwrap_or(("", &step.change));
    let (label, note) = match parted(change) {
        Some((action, path, value)) => {
            let end = end_of(path);
            // A short path is in the label already.
            let note = if end == path { String::new() } else { path.to_owned() };
            (becomes(action, &end, value), note)
        }
        None => (change.to_owned(), String::new()),
    };
    Step { label: format!("{number}. {label}"), note, part: step.part, half_width: step.half_width }
}

/// The last step of a path after whose it is, unless that is everybody's.
fn end_of(path: &str) -> String {
    let (rest, last) = path.rsplit_once('.').unwrap_or(("", path));
    match rest.rsplit('.').next() {
        Some(whose) if !["", "*"].contains(&whose) => format!("{whose}.{last}"),
        _ => last.to_owned(),
    }
}

fn becomes(action: &str, end: &str, value: &str) -> String {
    match (action, value.strip_prefix('-')) {
        ("Set", _) if value.chars().count() > LONGEST => format!("{end} set anew"),
        ("Set", _) => format!("{end} = {value}"),
        ("Scale", _) => format!("{end} × {value}"),
        ("Shift", Some(size)) => format!("{end} − {size}"),
        ("Shift", None) => format!("{end} + {value}"),
        ("Remove", _) => format!("without {end}"),
        _ => format!("with {end}"),
    }
}

/// `Action("path", value)` in its three parts; `None` for several changes at once.
fn parted(change: &str) -> Option<(&str, &str, &str)> {
    if change.contains(") and ") {
        return None;
    }
    let (action, rest) = change.split_once("(\"")?;
    let (path, rest) = rest.strip_suffix(')')?.split_once('"')?;
    Some((action, path, rest.trim_start_matches(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::metrics::METRICS;

    fn label(change: &str) -> (String, String) {
        let step = step(&AttributionStep { change: change.into(), part: 1.0, half_width: 0.0 });
        (step.label, step.note)
    }

    #[test]
    fn a_change_is_told_by_the_end_of_its_path_and_its_value() {
        let told = label("2 Scale(\"accelerators.trainium-3.price\", 0.8)");
        assert_eq!(told, ("2. trainium-3.price × 0.8".into(), "accelerators.trainium-3.price".into()));
        assert_eq!(label("1 Remove(\"contracts.a.amendments.b\")").0, "1. without amendments.b");
        assert_eq!(label("1 Set(\"seed\", 3)").0, "1. seed = 3");
        assert_eq!(label("4 Shift(\"labs.a.lines.*.gap\", -0.4)").0, "4. gap − 0.4");
        assert_eq!(label("4 Set(\"a.b\", Linear([(\"2026-01-01\", 1)]))").0, "4. a.b set anew");
        assert_eq!(label("4 Add(\"outages.b\", (site: \"c\"))"), ("4. with outages.b".into(), String::new()));
        let several = "1 Add(\"a.b\", 1) and 2 Set(\"a.b\", 2)";
        assert_eq!(label(several), (format!("1. {}", &several[2..]), String::new()));
    }

    #[test]
    fn the_waterfall_begins_at_the_base_and_ends_at_the_other() {
        let metric = METRICS.iter().find(|metric| metric.name == "share_revenue").unwrap();
        let steps = [("1 Set(\"a\", 1)", 0.05), ("2 Set(\"b\", 1)", -0.01)];
        let chart = AttributionChart {
            base: "Base".into(),
            other: "Other".into(),
            metric,
            entity: "Azure".into(),
            period: "Dec 2026".into(),
            pairs: 4,
            orders: 0,
            base_mean: 0.3,
            steps: steps.map(|(change, part)| AttributionStep { change: change.into(), part, half_width: 0.0 }).into(),
        };
        let picture = chart.picture();
        assert!(picture.title.contains("“Other” differ from “Base”"), "{}", picture.title);
        let Form::Waterfall(form) = picture.form else { panic!("another form") };
        assert_eq!(form.unit, super::super::draw::scale::Unit::Share);
        let last = *form.levels().last().unwrap();
        assert!((last - 0.34).abs() < 1e-15, "{last}");
    }
}
