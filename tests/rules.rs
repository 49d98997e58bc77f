//! Every rule in a world small enough to follow by hand: `scenarios/rules/`.
//!
//! Each file there puts one contract on a small world, works out in its comments what must come of it, and says so in
//! lines `expect: METRIC ENTITY [COUNTERPARTY] DATE [/ another] = VALUE +- TOLERANCE`. Here each is run and compared; and without
//! the clause, something that the file expects does not come out, so that no rule holds by itself.

#[path = "shipped/mod.rs"]
mod shipped;

use cloudmarket::market::terms::TermKind;
use cloudmarket::model::{Options, RunResult};
use cloudmarket::scenario::Scenario;
use cloudmarket::scenario::clauses::Clause;
use std::collections::BTreeSet;
use std::fmt::Write;

/// One figure: a metric of an entity on a date.
#[derive(Debug)]
struct Figure {
    metric: String,
    entity: String,
    counterparty: String,
    date: String,
}

impl Figure {
    fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (metric, entity, counterparty, date) = match words.as_slice() {
            [metric, entity, date] => (metric, entity, &"", date),
            [metric, entity, counterparty, date] => (metric, entity, counterparty, date),
            _ => return None,
        };
        let [metric, entity, counterparty, date] = [metric, entity, counterparty, date].map(|word| (*word).to_owned());
        Some(Self { metric, entity, counterparty, date })
    }

    /// What came out; none if there is no such figure.
    fn found(&self, result: &RunResult) -> Option<f64> {
        let recorded = &result.recorded;
        let series = recorded.keys.iter().position(|key| {
            key.metric == self.metric && key.entity == self.entity && key.counterparty == self.counterparty
        })?;
        let date = recorded.dates.iter().position(|date| *date == self.date)?;
        Some(recorded.series(series)[date])
    }
}

/// What a file expects: a figure, or one over another.
#[derive(Debug)]
struct Expectation {
    figure: Figure,
    over: Option<Figure>,
    value: f64,
    tolerance: f64,
}

impl Expectation {
    fn parse(line: &str) -> Option<Self> {
        let text = line.trim().strip_prefix("// expect:")?;
        let parse = || {
            let (key, figures) = text.split_once('=')?;
            let (value, tolerance) = figures.split_once("+-")?;
            let number = |text: &str| text.trim().replace('_', "").parse::<f64>().ok();
            let (figure, over) = match key.split_once('/') {
                Some((figure, over)) => (figure, Some(Figure::parse(over)?)),
                None => (key, None),
            };
            Some(Self { figure: Figure::parse(figure)?, over, value: number(value)?, tolerance: number(tolerance)? })
        };
        Some(parse().unwrap_or_else(|| panic!("not an expectation: {line}")))
    }

    fn found(&self, result: &RunResult) -> Option<f64> {
        let figure = self.figure.found(result)?;
        self.over.as_ref().map_or(Some(figure), |over| Some(figure / over.found(result)?))
    }

    fn holds(&self, result: &RunResult) -> bool {
        // The figures of the files are sums of doubles at the edge of their tolerance: a millionth of a cent is none.
        self.found(result).is_some_and(|found| (found - self.value).abs() <= self.tolerance + 1e-8)
    }
}

/// The files of the folder, without the world that they stand on, and what they expect.
fn rules() -> Vec<(String, Vec<Expectation>)> {
    let folder = shipped::file("rules/world").parent().unwrap().to_owned();
    let mut stems: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|stem| stem != "world")
        .collect();
    stems.sort();
    let expectations = |stem: &String| {
        let text = std::fs::read_to_string(shipped::file(&format!("rules/{stem}"))).unwrap();
        text.lines().filter_map(Expectation::parse).collect::<Vec<_>>()
    };
    stems.into_iter().map(|stem| (stem.clone(), expectations(&stem))).collect()
}

fn run(scenario: &Scenario) -> RunResult {
    shipped::run(scenario, 0, Options { audit: true, ..Options::default() })
}

#[test]
fn every_rule_comes_out_as_its_file_works_out() {
    let mut wrong = String::new();
    for (stem, expectations) in rules() {
        assert!(!expectations.is_empty(), "{stem} expects nothing");
        let result = run(&shipped::read(&format!("rules/{stem}"), &[]));
        for expected in expectations.iter().filter(|expected| !expected.holds(&result)) {
            writeln!(wrong, "{stem}: {:?}, found {:?}", expected, expected.found(&result)).unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn no_rule_holds_without_its_clause() {
    let mut idle = Vec::new();
    for (stem, expectations) in rules() {
        let scenario = shipped::read(&format!("rules/{stem}"), &[]);
        for (contract, spec) in &scenario.spec().contracts {
            let brought = spec.amendments.values().flat_map(|amendment| amendment.terms.keys());
            let clauses: BTreeSet<&String> = spec.terms.keys().chain(brought).collect();
            for clause in clauses {
                let clause = Clause { contract: contract.clone(), term: clause.clone() };
                let result = run(&scenario.without(&clause).unwrap_or_else(|problems| panic!("{problems}")));
                if expectations.iter().all(|expected| expected.holds(&result)) {
                    idle.push(format!("{stem}: {clause:?}"));
                }
            }
        }
    }
    assert!(idle.is_empty(), "{idle:?} change nothing that their files expect");
}

#[test]
fn every_kind_of_term_has_a_file() {
    let mut kinds: BTreeSet<TermKind> = BTreeSet::new();
    for (stem, _) in rules() {
        let scenario = shipped::read(&format!("rules/{stem}"), &[]);
        let params = scenario.params(0).unwrap_or_else(|findings| panic!("{findings:?}"));
        kinds.extend(params.contracts.iter().flat_map(|contract| &contract.terms).map(|dated| dated.term.kind()));
    }
    assert_eq!(kinds.len(), TermKind::COUNT, "{kinds:?}");
}
