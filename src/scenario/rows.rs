//! Evidence: does every `Sourced(.., "table:row")` name a row of the reference tables?
//!
//! The tables are `reference/*.csv` in the scenario's folder; the first column holds the ids of the rows. A folder
//! without `reference/` has no tables to look into, and then only the form is checked.

use super::problems::{Problem, Problems, Severity, nearest};
use super::tree::{Kind, Node, Tree};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Folder of the tables in that of the scenarios.
const REFERENCE: &str = "reference";
/// Most bytes that are read of a table.
const MAX_TABLE_BYTES: u64 = 16 << 20;
/// Wrong rows after which no more are told: finding what each could have meant takes time.
const MOST_TOLD: usize = 100;

/// The tables of a scenario, read when they are first asked for.
struct Tables {
    folder: PathBuf,
    names: Vec<String>,
    rows: BTreeMap<String, Vec<String>>,
}

/// Adds a problem for each piece of evidence that is not there.
pub(super) fn check_evidence(tree: &Tree, folder: Option<&Path>, problems: &mut Problems) {
    let mut tables = folder.and_then(Tables::of);
    let mut found: Vec<Problem> = Vec::new();
    tree.visit(&mut |path, node| {
        let Some(row) = evidence(node).filter(|_| found.len() < MOST_TOLD) else { return };
        let Kind::Text(text) = &row.kind else { return };
        if let Err((message, help)) = look_up(text, tables.as_mut()) {
            let (path, value, origin) = (path.to_owned(), None, Some(row.span));
            found.push(Problem { severity: Severity::Error, path, message, help, value, origin });
        }
    });
    found.into_iter().for_each(|problem| {
        problems.add(problem);
    });
}

/// The row that a node names.
fn evidence(node: &Node) -> Option<&Node> {
    match &node.kind {
        Kind::Tuple(Some(_), items) if node.sourced().is_some() => items.get(1),
        _ => None,
    }
}

type Refusal = (String, Option<String>);

fn look_up(text: &str, tables: Option<&mut Tables>) -> Result<(), Refusal> {
    let well_formed = text.split_once(':').filter(|(table, row)| !table.is_empty() && !row.is_empty());
    let Some((table, row)) = well_formed else {
        let help = "evidence is the id of a row in a reference table, such as `costs:wacc-hyperscaler`";
        return Err((format!("expected \"table:row\", found {text:?}"), Some(help.to_owned())));
    };
    let Some(tables) = tables else { return Ok(()) };
    let meant = |near: &str| format!("did you mean `{near}`?");
    if !tables.names.iter().any(|name| name == table) {
        let near = nearest(table, tables.names.iter().map(String::as_str));
        let help = near.map_or_else(|| format!("tables: {}", tables.names.join(", ")), meant);
        return Err((format!("there is no reference table `{table}`"), Some(help)));
    }
    let rows = tables.rows_of(table);
    if rows.binary_search_by(|known| known.as_str().cmp(row)).is_ok() {
        return Ok(());
    }
    let near = nearest(row, rows.iter().map(String::as_str)).map(|near| meant(&format!("{table}:{near}")));
    Err((format!("the reference table `{table}` has no row `{row}`"), near))
}

impl Tables {
    fn of(folder: &Path) -> Option<Self> {
        let folder = folder.join(REFERENCE);
        let entries = folder.read_dir().ok()?;
        let files = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<String> = files.filter_map(|name| Some(name.strip_suffix(".csv")?.to_owned())).collect();
        names.sort();
        Some(Self { folder, names, rows: BTreeMap::new() })
    }

    /// Ids of the rows, sorted; what cannot be read has none.
    fn rows_of(&mut self, table: &str) -> &[String] {
        if !self.rows.contains_key(table) {
            let mut rows = first_column(&self.folder.join(format!("{table}.csv")));
            rows.sort();
            self.rows.insert(table.to_owned(), rows);
        }
        &self.rows[table]
    }
}

fn first_column(file: &Path) -> Vec<String> {
    let Ok(file) = std::fs::File::open(file) else { return Vec::new() };
    let records = csv::Reader::from_reader(file.take(MAX_TABLE_BYTES)).into_records();
    records.filter_map(|record| record.ok()?.get(0).map(str::to_owned)).collect()
}
