//! Axes: their values, one by one or through a quantile function, and what a value does to a scenario.

use super::file::{AxisSpec, ValuesSpec};
use crate::scenario::problems::Problems;
use crate::scenario::scalar::Distribution;
use crate::scenario::tree::{Edit, Kind, Node, OpenEdit, Tree};
use crate::units::CivilDate;

/// One axis of a sweep.
#[derive(Clone, Debug)]
pub struct Axis {
    /// Its id.
    pub id: String,
    /// Name on charts.
    pub name: String,
    /// Unit on charts, empty without one.
    pub unit: String,
    edits: Vec<OpenEdit>,
    values: Values,
    whole: bool,
    numeric: bool,
    dated: bool,
    /// What values that are computed are blamed on.
    origin: Node,
}

/// Where an axis' values come from.
#[derive(Clone, Debug)]
enum Values {
    /// One of these.
    Listed(Vec<Node>),
    /// Any that the quantile function gives.
    Drawn(Quantile),
}

/// A one-to-one function from (0, 1) to the values of an axis.
#[derive(Clone, Debug)]
enum Quantile {
    Of(Distribution),
    /// `exp(ln low + u·(ln high − ln low))`.
    LogUniform(f64, f64),
}

impl Quantile {
    fn at(&self, u: f64) -> f64 {
        match self {
            Quantile::Of(distribution) => distribution.quantile(u),
            Quantile::LogUniform(low, high) => {
                let (low, high) = (libm::log(*low), libm::log(*high));
                libm::exp(low + u * (high - low))
            }
        }
    }
}

/// A value of an axis at a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Coordinate {
    /// One of the listed values, by position.
    Listed(usize),
    /// A number that was drawn.
    Drawn(f64),
}

impl Axis {
    /// The axis `id` of the file in `tree`; `list` are its values in a list design.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(super) fn new(tree: &Tree, id: &str, spec: &AxisSpec, list: Option<Vec<Node>>) -> Result<Self, Problems> {
        let path = format!("axes.{id}");
        let mut problems = Problems::new(tree);
        let edits = tree.open_edits(&format!("{path}.edits")).unwrap_or_else(|more| {
            problems.absorb(more);
            Vec::new()
        });
        if spec.edits.is_empty() {
            problems
                .push(&format!("{path}.edits"), "an axis that edits nothing")
                .help("say which field it moves: `edits: [Scale(\"path\")]`");
        }
        let values = match (list, &spec.values) {
            (Some(list), None) => Values::Listed(list),
            (Some(_), Some(_)) => {
                problems
                    .push(&format!("{path}.values"), "a list design gives the values itself")
                    .help("take out `values`, or choose another design");
                Values::Listed(Vec::new())
            }
            (None, Some(values)) => read_values(tree, &format!("{path}.values"), values, &mut problems),
            (None, None) => {
                problems
                    .push(&path, "an axis without `values`")
                    .help("such as `values: Range(from: 0.5, to: 1.5, points: 5)`");
                Values::Listed(Vec::new())
            }
        };
        let origin = tree.get(&format!("{path}.values")).or_else(|| tree.get(&path)).unwrap_or(tree.root()).clone();
        let name = spec.name.clone().unwrap_or_else(|| in_words(id));
        let unit = spec.unit.clone().unwrap_or_default();
        let all = |holds: fn(&Node) -> bool, drawn: bool| match &values {
            Values::Listed(nodes) => nodes.iter().all(holds),
            Values::Drawn(_) => drawn,
        };
        let (numeric, dated) = (all(|node| number(node).is_some(), true), all(is_date, false));
        let (id, whole) = (id.to_owned(), spec.whole);
        problems.into_result(Self { id, name, unit, edits, values, whole, numeric, dated, origin })
    }

    /// The column of its values in the results.
    pub fn column(&self) -> String {
        super::read::column(&self.id)
    }

    /// Its values one by one, for a grid; `None` if they are drawn.
    pub fn listed(&self) -> Option<usize> {
        match &self.values {
            Values::Listed(nodes) => Some(nodes.len()),
            Values::Drawn(_) => None,
        }
    }

    /// The value below which the share `u` of (0, 1) lies. This is where samples of the unit cube come in.
    pub fn at(&self, u: f64) -> Coordinate {
        match &self.values {
            Values::Listed(nodes) => Coordinate::Listed(((u * nodes.len() as f64) as usize).min(nodes.len() - 1)),
            Values::Drawn(quantile) if self.whole => Coordinate::Drawn(quantile.at(u).round()),
            Values::Drawn(quantile) => Coordinate::Drawn(quantile.at(u)),
        }
    }

    /// The value as it is put into the scenario.
    fn node(&self, at: Coordinate) -> Node {
        match (at, &self.values) {
            (Coordinate::Listed(i), Values::Listed(nodes)) => match (self.whole, number(&nodes[i])) {
                (true, Some(value)) => nodes[i].with_number(value.round()),
                _ => nodes[i].clone(),
            },
            (Coordinate::Drawn(value), _) => self.origin.with_number(value),
            (Coordinate::Listed(_), Values::Drawn(_)) => unreachable!("the coordinates of an axis are its own"),
        }
    }

    /// The value as a number, if it is one.
    pub fn number(&self, at: Coordinate) -> Option<f64> {
        number(&self.node(at))
    }

    /// The value in words, as tables show it: a string without its quotes.
    pub fn text(&self, at: Coordinate) -> String {
        let node = self.node(at);
        match (&node.kind, number(&node)) {
            (Kind::Text(text), _) => text.clone(),
            (_, Some(value)) => format!("{value}"),
            _ => node.to_string(),
        }
    }

    /// Whether each of its values is a number.
    pub fn is_numeric(&self) -> bool {
        self.numeric
    }

    /// Whether each of its values is a date.
    pub fn is_dated(&self) -> bool {
        self.dated
    }

    /// What the value does to the scenario.
    ///
    /// # Errors
    /// If it cannot do that, such as scaling by a word.
    pub fn edits(&self, at: Coordinate) -> Result<Vec<Edit>, String> {
        let node = self.node(at);
        self.edits.iter().map(|edit| edit.with(&node)).collect()
    }

    /// Everything about the axis that a result depends on, beside its values.
    pub(super) fn canonical(&self) -> String {
        format!("{} {:?} {}", self.id, self.edits.iter().map(OpenEdit::to_string).collect::<Vec<_>>(), self.whole)
    }
}

fn number(node: &Node) -> Option<f64> {
    if let Kind::Number(number) = &node.kind { Some(number.value()) } else { None }
}

fn is_date(node: &Node) -> bool {
    matches!(&node.kind, Kind::Text(text) if CivilDate::parse(text).is_ok())
}

/// An id in words.
pub(super) fn in_words(id: &str) -> String {
    id.replace('-', " ")
}

fn read_values(tree: &Tree, path: &str, spec: &ValuesSpec, problems: &mut Problems) -> Values {
    let drawn = |distribution| Values::Drawn(Quantile::Of(distribution));
    match *spec {
        ValuesSpec::Values(ref raw) => {
            let nodes: Vec<Node> = (0..raw.len()).filter_map(|i| tree.get(&format!("{path}.0.{i}")).cloned()).collect();
            if nodes.is_empty() {
                problems.push(path, "an axis without a value");
            }
            Values::Listed(nodes)
        }
        ValuesSpec::Range { from, to, points } => {
            check(problems, path, "points", (2..=MOST_VALUES).contains(&points), "from 2 to 1,000,000 points");
            check(problems, path, "to", from != to && (to - from).is_finite(), "another value than `from`");
            let origin = tree.get(path).unwrap_or(tree.root());
            let last = points.clamp(2, MOST_VALUES) - 1;
            let value = |i: u32| from + (to - from) * (f64::from(i) / f64::from(last));
            Values::Listed((0..=last).map(|i| origin.with_number(value(i))).collect())
        }
        ValuesSpec::Uniform { low, high } => {
            check(problems, path, "high", low < high && (high - low).is_finite(), "a value above `low`");
            drawn(Distribution::Uniform { low, high })
        }
        ValuesSpec::LogUniform { low, high } => {
            check(problems, path, "low", low > 0.0, "a positive value");
            check(problems, path, "high", low < high, "a value above `low`");
            Values::Drawn(Quantile::LogUniform(low, high))
        }
        ValuesSpec::Normal { mean, sd } => {
            check(problems, path, "sd", sd > 0.0, "a positive deviation");
            drawn(Distribution::Normal { mean, sd })
        }
        ValuesSpec::LogNormal { median, sigma } => {
            check(problems, path, "median", median > 0.0, "a positive median");
            check(problems, path, "sigma", 0.0 < sigma && sigma <= 10.0, "a value above 0 and at most 10");
            drawn(Distribution::LogNormal { median, sigma, plus: 0.0 })
        }
        ValuesSpec::Triangular { low, mode, high } => {
            check(problems, path, "high", low < high, "a value above `low`");
            check(problems, path, "mode", low <= mode && mode <= high, "a value from `low` to `high`");
            drawn(Distribution::Triangular { low, mode, high })
        }
    }
}

/// Most values of a range: they are all made.
const MOST_VALUES: u32 = 1_000_000;

fn check(problems: &mut Problems, path: &str, field: &str, holds: bool, expected: &str) {
    if !holds {
        problems.push(&format!("{path}.{field}"), format!("expected {expected}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(values: &str, whole: bool) -> Axis {
        let text = format!("(axes: {{\"a\": (edits: [Scale(\"seed\")], values: {values}, whole: {whole})}})");
        let tree = Tree::parse("s.ron", &text).unwrap();
        #[derive(serde::Deserialize)]
        struct File {
            axes: std::collections::BTreeMap<String, AxisSpec>,
        }
        let file: File = crate::scenario::decode::decode(&tree).unwrap();
        Axis::new(&tree, "a", &file.axes["a"], None).unwrap_or_else(|problems| panic!("{problems}"))
    }

    fn at(axis: &Axis, u: f64) -> f64 {
        axis.number(axis.at(u)).unwrap()
    }

    /// z(0.975) = 1.959964; exp(0.5·1.959964) = 2.664408; a triangle from 0 to 4 with its mode at 1 has the median
    /// 4 − √(0.5·4·3) = 1.550510.
    #[test]
    fn quantile_functions_agree_with_hand_arithmetic() {
        for (values, u, expected) in [
            ("Uniform(low: 2, high: 4)", 0.25, 2.5),
            ("LogUniform(low: 1, high: 100)", 0.5, 10.0),
            ("Normal(mean: 1, sd: 2)", 0.975, 1.0 + 2.0 * 1.959_963_985),
            ("LogNormal(median: 1, sigma: 0.5)", 0.975, 2.664_408_262),
            ("Triangular(low: 0, mode: 1, high: 4)", 0.5, 1.550_510_257),
        ] {
            let value = at(&axis(values, false), u);
            assert!((value - expected).abs() < 1e-8, "{values} at {u}: {value}, not {expected}");
        }
    }

    #[test]
    fn listed_values_are_equally_likely() {
        let axis = axis("Values([5, 7, 9])", false);
        assert_eq!([0.0, 0.33, 0.34, 0.67, 0.999_999].map(|u| at(&axis, u)), [5.0, 5.0, 7.0, 9.0, 9.0]);
    }

    #[test]
    fn a_range_holds_both_ends_and_whole_values_are_rounded() {
        let range = axis("Range(from: 0, to: 10, points: 4)", true);
        let values: Vec<String> = (0..4).map(|i| range.text(Coordinate::Listed(i))).collect();
        assert_eq!(values, ["0", "3", "7", "10"]);
        assert_eq!(at(&axis("Uniform(low: 0, high: 9)", true), 0.5), 5.0);
    }
}
