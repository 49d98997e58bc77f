//! Finished parts: written, checked, read back.

use super::journal::{Journal, Recovered, recover};
use super::manifest::{PartAccount, from_ron, to_ron};
use super::rows::{ResultsWriter, RunRow, read_rows};
use crate::experiment::sweep::Sweep;
use crate::report::files::{FileError, write_atomically};
use std::path::{Path, PathBuf};

/// The parts of a sweep in a folder.
pub struct Parts<'a> {
    sweep: &'a Sweep,
    folder: PathBuf,
}

/// What there is of a part.
#[derive(Clone, Debug, PartialEq)]
pub enum PartState {
    /// A file that is what its account says.
    Whole(PartAccount),
    /// No file.
    Missing,
    /// A file that cannot be trusted, and why.
    Wrong(String),
}

impl<'a> Parts<'a> {
    /// The parts in `folder`.
    pub fn new(sweep: &'a Sweep, folder: PathBuf) -> Self {
        Self { sweep, folder }
    }

    fn path(&self, part: u32, ending: &str) -> PathBuf {
        self.folder.join(format!("part-{part:05}.{ending}"))
    }

    /// The file of a part.
    pub fn file(&self, part: u32) -> PathBuf {
        self.path(part, "parquet")
    }

    /// What there is of a part.
    pub fn state(&self, part: u32) -> PartState {
        let bytes = match std::fs::read(self.file(part)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return PartState::Missing,
            Err(error) => return PartState::Wrong(format!("cannot be read: {error}")),
        };
        let wrong = |why: &str| PartState::Wrong(why.to_owned());
        let Ok(text) = std::fs::read_to_string(self.path(part, "ron")) else { return wrong("has no account") };
        let Some(account) = from_ron::<PartAccount>(&text) else { return wrong("has an account that cannot be read") };
        let runs = self.sweep.plan.runs_of(part);
        if account.version != env!("CARGO_PKG_VERSION") {
            return PartState::Wrong(format!("is of version {}", account.version));
        }
        if account.design != self.sweep.digest {
            return wrong("is of another design");
        }
        if (account.part, account.first_run, account.last_run) != (part, runs.start, runs.end - 1) {
            return PartState::Wrong(format!("is a copy of part {}", account.part));
        }
        if account.file != blake3::hash(&bytes).to_hex().as_str() {
            return wrong("is truncated or altered");
        }
        PartState::Whole(account)
    }

    /// The runs of a whole part, in order.
    ///
    /// # Errors
    /// If they are not the runs that the part has to have.
    pub fn rows(&self, part: u32) -> Result<Vec<RunRow>, String> {
        let rows = read_rows(&self.file(part), self.sweep.outcomes.len())?;
        let runs = self.sweep.plan.runs_of(part);
        if rows.iter().map(|row| row.run).eq(runs) { Ok(rows) } else { Err("has other runs than its part".to_owned()) }
    }

    /// What was run of a part that is not finished.
    pub fn recovered(&self, part: u32) -> Recovered {
        let (key, runs) = (self.key(part), self.sweep.plan.runs_of(part));
        recover(&self.path(part, "csv"), &key, self.sweep.outcomes.len(), &runs)
    }

    /// The journal of a part, to append to.
    ///
    /// # Errors
    /// If another process has it, or the disk refuses it.
    pub fn journal(&self, part: u32) -> Result<(Journal, Recovered), FileError> {
        let outcomes: Vec<String> = self.sweep.outcomes.iter().map(|outcome| outcome.id.clone()).collect();
        Journal::open(&self.path(part, "csv"), &self.key(part), &outcomes, &self.sweep.plan.runs_of(part))
    }

    fn key(&self, part: u32) -> String {
        format!("{} {} {part}", env!("CARGO_PKG_VERSION"), self.sweep.digest)
    }

    /// Writes a part of which all runs are there, ascending, and takes its journal away.
    ///
    /// # Errors
    /// If the disk refuses it; what was there stays.
    ///
    /// # Panics
    /// If the runs are not those of the part.
    pub fn write(&self, part: u32, rows: &[RunRow]) -> Result<(), FileError> {
        let runs = self.sweep.plan.runs_of(part);
        assert!(rows.iter().map(|row| row.run).eq(runs.clone()), "the runs of part {part}");
        let file = self.file(part);
        let mut table = ResultsWriter::create(&file, self.sweep)?;
        rows.iter().try_for_each(|row| table.push(row))?;
        table.finish()?;
        let bytes = std::fs::read(&file).map_err(|source| FileError::new("read", &file, source))?;
        let finished = rows.iter().filter(|row| row.result.is_ok()).count() as u32;
        let account = PartAccount {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            sweep: self.sweep.name.clone(),
            design: self.sweep.digest.clone(),
            part,
            first_run: runs.start,
            last_run: runs.end - 1,
            finished,
            failed: rows.len() as u32 - finished,
            file: blake3::hash(&bytes).to_hex().to_string(),
        };
        write_atomically(&self.path(part, "ron"), |out| out.write_all(to_ron(&account).as_bytes()))?;
        remove(&self.path(part, "csv"))
    }

    /// Files in the folder that are none of this sweep's, by name.
    pub fn strangers(&self) -> Vec<String> {
        let names =
            self.folder.read_dir().into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut strangers: Vec<String> = names.filter(|name| !self.owns(name)).collect();
        strangers.sort();
        strangers
    }

    fn owns(&self, name: &str) -> bool {
        // A kill leaves temporaries behind, which the next writer of that process number may replace.
        let part = name.strip_prefix("part-").and_then(|rest| rest.split_once('.'));
        part.is_some_and(|(number, ending)| {
            let known = ["parquet", "ron", "csv"].contains(&ending) || ending.ends_with(".tmp");
            known && number.len() == 5 && number.parse::<u32>().is_ok_and(|part| part < self.sweep.plan.parts())
        })
    }

    /// Takes away what killed processes left half-written.
    ///
    /// # Errors
    /// If the disk refuses it.
    pub fn remove_temporaries(&self) -> Result<(), FileError> {
        let entries = self.folder.read_dir().into_iter().flatten().filter_map(Result::ok);
        let temporary = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "tmp");
        entries.map(|entry| entry.path()).filter(temporary).try_for_each(|path| remove(&path))
    }
}

fn remove(path: &Path) -> Result<(), FileError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(FileError::new("remove", path, error)),
        _ => Ok(()),
    }
}
