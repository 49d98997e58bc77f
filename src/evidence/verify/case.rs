//! Reference cases: files, reading and checking.
//!
//! A file is JSON of the schema `reference-cases/1`: an object with `cases`, each with `id`, `kind`, `inputs` and, where
//! there is something to compare with, `expected`: quantities by name, each with its `value` and either `exact: true` or
//! `rel_tol` and `abs_tol`. Further fields are context and are passed over.

use super::fields::Fields;
use super::kinds::{Kind, Task, kind_of};
use super::value::Expected;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// What a file may say that it is.
const SCHEMA: &str = "reference-cases/1";
/// Largest file that is read.
pub const MOST_BYTES: usize = 16 << 20;

/// A case ready to be computed.
pub struct Case {
    /// Its id, unique over all files read together.
    pub id: String,
    /// What is computed.
    pub kind: String,
    pub(super) work: Work,
    /// None if the case expects nothing.
    pub(super) expected: Option<BTreeMap<String, Expected>>,
}

pub(super) enum Work {
    Compute(Task),
    /// With the reason.
    Skip(&'static str),
}

/// Reads the cases of several files, given as name and text.
///
/// # Errors
/// Everything that is wrong with any of them, each with file and path.
pub fn read<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Vec<Case>, Vec<String>> {
    let (mut cases, mut problems): (Vec<Case>, _) = (Vec::new(), Vec::new());
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for (name, text) in files {
        let before = problems.len();
        for (path, case) in read_file(text, &mut problems) {
            if let Some(first) = seen.insert(case.id.clone(), format!("{name}: {path}")) {
                problems.push(format!("{path}.id: `{}` is taken by {first}", case.id));
            }
            cases.push(case);
        }
        problems[before..].iter_mut().for_each(|problem| *problem = format!("{name}: {problem}"));
    }
    if problems.is_empty() { Ok(cases) } else { Err(problems) }
}

/// The cases of one file that could be read, with their paths.
fn read_file(text: &str, problems: &mut Vec<String>) -> Vec<(String, Case)> {
    if text.len() > MOST_BYTES {
        problems.push(format!("larger than {} MiB", MOST_BYTES >> 20));
        return Vec::new();
    }
    let json: Json = match serde_json::from_str(text) {
        Ok(json) => json,
        Err(error) => {
            problems.push(format!("not JSON: {error}"));
            return Vec::new();
        }
    };
    let Some(file) = json.as_object() else {
        problems.push("expected an object with a list of `cases`".into());
        return Vec::new();
    };
    if let Some(schema) = file.get("schema").filter(|schema| schema.as_str() != Some(SCHEMA)) {
        problems.push(format!("schema: expected \"{SCHEMA}\", found {schema}"));
    }
    let Some(Json::Array(cases)) = file.get("cases") else {
        problems.push("cases: expected a list of cases".into());
        return Vec::new();
    };
    let paths = (0..cases.len()).map(|place| format!("cases[{place}]"));
    paths.zip(cases).filter_map(|(path, json)| Some((path.clone(), read_case(&path, json, problems)?))).collect()
}

fn read_case(path: &str, json: &Json, problems: &mut Vec<String>) -> Option<Case> {
    let Some(case) = json.as_object() else {
        problems.push(format!("{path}: expected an object with `id`, `kind` and `inputs`"));
        return None;
    };
    let id = text_of(path, case, "id", problems);
    let kind = text_of(path, case, "kind", problems);
    let inputs = case.get("inputs").and_then(Json::as_object);
    if inputs.is_none() {
        problems.push(format!("{path}.inputs: expected an object"));
    }
    let expected = read_expected(path, case.get("expected"), problems);
    let (id, kind, inputs) = (id?, kind?, inputs?);
    let work = match kind_of(&kind) {
        Kind::Computed(begin) => {
            Work::Compute(begin(&mut Fields::new(format!("{path}.inputs"), inputs, problems), &id))
        }
        Kind::Skipped(reason) => Work::Skip(reason),
    };
    Some(Case { id, kind, work, expected })
}

fn text_of(path: &str, case: &Map<String, Json>, name: &str, problems: &mut Vec<String>) -> Option<String> {
    let text = case.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
    if text.is_none() {
        problems.push(format!("{path}.{name}: expected a text"));
    }
    text.map(str::to_owned)
}

fn read_expected(path: &str, json: Option<&Json>, problems: &mut Vec<String>) -> Option<BTreeMap<String, Expected>> {
    let quantities = match json {
        None | Some(Json::Null) => return None,
        Some(Json::Object(quantities)) => quantities,
        Some(other) => {
            problems.push(format!("{path}.expected: expected an object of quantities, found {other}"));
            return None;
        }
    };
    let mut expected = BTreeMap::new();
    for (name, json) in quantities {
        if let Some(quantity) = Expected::read(&format!("{path}.expected.{name}"), json, problems) {
            expected.insert(name.clone(), quantity);
        }
    }
    (!expected.is_empty()).then_some(expected)
}
