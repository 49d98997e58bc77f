//! The lines of a part under way: each run as it ends, appended and checked line by line.

use super::rows::{FAILED, FINISHED, RunRow};
use crate::report::files::FileError;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Seek, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A journal that runs are appended to, and that no other process appends to meanwhile.
pub struct Journal {
    path: PathBuf,
    file: File,
    key: String,
}

/// What was found in a journal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recovered {
    /// Runs, ascending.
    pub rows: Vec<RunRow>,
    /// Lines that are torn, altered, double or of another design.
    pub dropped: usize,
}

impl Journal {
    /// Opens the journal at `path` of a part with these runs, and takes out of it what is no line of this design.
    ///
    /// # Errors
    /// If another process has it, or the disk refuses it.
    pub fn open(
        path: &Path,
        key: &str,
        outcomes: &[String],
        runs: &Range<u32>,
    ) -> Result<(Self, Recovered), FileError> {
        let failed = |action| move |source: io::Error| FileError::new(action, path, source);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed("create the folder of"))?;
        }
        let options = OpenOptions::new().read(true).append(true).create(true).open(path);
        let mut file = options.map_err(failed("open"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let told = "another process is running this part of the sweep";
                return Err(FileError::new("append to", path, io::Error::other(told)));
            }
            Err(TryLockError::Error(error)) => return Err(failed("lock")(error)),
        }
        // Behind the lock, so that what is read is not written to.
        let recovered = recover(path, key, outcomes.len(), runs);
        let kept: u64 = recovered.kept_bytes(key, outcomes);
        if file.metadata().map_err(failed("read"))?.len() != kept || recovered.dropped > 0 {
            file.set_len(0).and_then(|()| file.rewind()).map_err(failed("write"))?;
            let mut text = header(outcomes);
            recovered.rows.iter().for_each(|row| text.push_str(&line(row, key)));
            file.write_all(text.as_bytes()).map_err(failed("write"))?;
        }
        Ok((Self { path: path.to_owned(), file, key: key.to_owned() }, recovered))
    }

    /// Appends a run.
    ///
    /// # Errors
    /// If the disk refuses it.
    pub fn append(&mut self, row: &RunRow) -> Result<(), FileError> {
        let text = line(row, &self.key);
        self.file.write_all(text.as_bytes()).map_err(|source| FileError::new("write", &self.path, source))
    }
}

impl Recovered {
    /// Length of the file that holds what was kept and nothing else.
    fn kept_bytes(&self, key: &str, outcomes: &[String]) -> u64 {
        let lines: usize = self.rows.iter().map(|row| line(row, key).len()).sum();
        (header(outcomes).len() + lines) as u64
    }
}

/// Reads the lines at `path`; a journal that is not there has none.
pub(super) fn recover(path: &Path, key: &str, outcomes: usize, runs: &Range<u32>) -> Recovered {
    let text = std::fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let mut rows: BTreeMap<u32, RunRow> = BTreeMap::new();
    let mut dropped = 0;
    for piece in text.split_inclusive('\n').skip(1) {
        match parse(piece, key, outcomes) {
            Some(row) if runs.contains(&row.run) && !rows.contains_key(&row.run) => {
                rows.insert(row.run, row);
            }
            _ => dropped += 1,
        }
    }
    Recovered { rows: rows.into_values().collect(), dropped }
}

fn header(outcomes: &[String]) -> String {
    format!("run,status,{},reason,check\n", outcomes.join(","))
}

/// A run as a line. What the check covers stands before it.
fn line(row: &RunRow, key: &str) -> String {
    let mut line = format!("{},{}", row.run, row.status());
    match &row.result {
        Ok(values) => {
            for value in values {
                line.push(',');
                if !value.is_nan() {
                    line.push_str(&value.to_string());
                }
            }
            line.push(',');
        }
        // Reasons are quoted whatever they hold; they are on one line.
        Err(reason) => line.push_str(&format!(",\"{}\"", reason.replace('"', "\"\""))),
    }
    let check = check(&line, key);
    line.push_str(&format!(",{check}\n"));
    line
}

fn check(line: &str, key: &str) -> String {
    blake3::hash(format!("{key}\n{line}").as_bytes()).to_hex()[..16].to_owned()
}

fn parse(piece: &str, key: &str, outcomes: usize) -> Option<RunRow> {
    let (line, found) = piece.strip_suffix('\n')?.rsplit_once(',')?;
    if found != check(line, key) {
        return None;
    }
    let (run, rest) = line.split_once(',')?;
    let (run, (status, rest)) = (run.parse().ok()?, rest.split_once(',')?);
    if status == FAILED {
        let quoted = rest.strip_prefix('"')?.strip_suffix('"')?;
        return Some(RunRow { run, result: Err(quoted.replace("\"\"", "\"")) });
    }
    let values = rest.strip_suffix(',')?.split(',');
    let value = |cell: &str| if cell.is_empty() { Some(f64::NAN) } else { cell.parse().ok() };
    let values: Vec<f64> = values.map(value).collect::<Option<_>>()?;
    (status == FINISHED && values.len() == outcomes).then_some(RunRow { run, result: Ok(values) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "design 5c part 3";

    fn names() -> Vec<String> {
        ["a", "b"].map(str::to_owned).into()
    }

    fn rows() -> Vec<RunRow> {
        let row = |run, a, b| RunRow { run, result: Ok(vec![a, b]) };
        vec![row(10, 0.1, -0.0), RunRow::failed(11, "cash, \"all\"\nof it"), row(12, 1e300, 2.0 / 3.0)]
    }

    /// A journal with these rows, and its text.
    fn written(folder: &Path) -> (PathBuf, String) {
        let path = folder.join("part.csv");
        let (mut journal, _) = Journal::open(&path, KEY, &names(), &(10..20)).unwrap();
        rows().iter().for_each(|row| journal.append(row).unwrap());
        let text = std::fs::read_to_string(&path).unwrap();
        (path, text)
    }

    fn reopened(path: &Path, key: &str) -> Recovered {
        Journal::open(path, key, &names(), &(10..20)).unwrap().1
    }

    #[test]
    fn runs_are_recovered_to_the_bit() {
        let folder = tempfile::tempdir().unwrap();
        let (path, text) = written(folder.path());
        assert!(text.starts_with("run,status,a,b,reason,check\n10,finished,0.1,-0,,"), "{text}");
        let recovered = reopened(&path, KEY);
        assert_eq!((recovered.rows, recovered.dropped), (rows(), 0));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }

    /// Cut anywhere, the whole lines before the cut remain and the next append follows them.
    #[test]
    fn a_torn_line_is_dropped_wherever_it_is_torn() {
        let folder = tempfile::tempdir().unwrap();
        let (path, text) = written(folder.path());
        for cut in 0..=text.len() {
            std::fs::write(&path, &text[..cut]).unwrap();
            let whole = text[..cut].matches('\n').count().saturating_sub(1);
            let (mut journal, recovered) = Journal::open(&path, KEY, &names(), &(10..20)).unwrap();
            assert_eq!(recovered.rows, rows()[..whole], "cut at {cut}");
            rows()[whole..].iter().for_each(|row| journal.append(row).unwrap());
            drop(journal);
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "cut at {cut}");
        }
    }

    #[test]
    fn altered_double_and_foreign_lines_are_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let (path, text) = written(folder.path());
        std::fs::write(&path, text.replace("0.1,", "0.2,")).unwrap();
        assert_eq!(reopened(&path, KEY), Recovered { rows: rows()[1..].to_vec(), dropped: 1 });
        assert_eq!(reopened(&path, KEY), Recovered { rows: rows()[1..].to_vec(), dropped: 0 });
        std::fs::write(&path, format!("{text}{}", text.lines().nth(1).unwrap().to_owned() + "\n")).unwrap();
        assert_eq!(reopened(&path, KEY), Recovered { rows: rows(), dropped: 1 });
        assert_eq!(reopened(&path, "another design"), Recovered { rows: Vec::new(), dropped: 3 });
    }

    #[test]
    fn two_processes_do_not_append_to_one_part() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part.csv");
        let held = Journal::open(&path, KEY, &names(), &(10..20)).unwrap();
        let refused = Journal::open(&path, KEY, &names(), &(10..20)).err().unwrap().to_string();
        assert!(refused.contains("another process"), "{refused}");
        drop(held);
        assert!(Journal::open(&path, KEY, &names(), &(10..20)).is_ok());
    }
}
