//! Which scenario files a command is about.

use super::scenarios::{Changes, Reader, Scenario};
use super::stop::Stop;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Where scenarios are when nothing else is said.
pub(super) const DEFAULT_FOLDER: &str = "scenarios";

/// Reads all scenarios of `paths` (files, or folders with `*.ron` files directly inside) with the same changes.
///
/// # Errors
/// Every problem of every file.
pub(super) fn read_all(
    paths: &[PathBuf],
    reader: &dyn Reader,
    changes: &Changes,
) -> Result<Vec<Box<dyn Scenario>>, Stop> {
    let (files, mut problems) = scenario_files(paths);
    problems.extend(clashes(&files));
    let mut scenarios = Vec::with_capacity(files.len());
    for file in &files {
        match reader.read(file, changes) {
            Ok(scenario) => scenarios.push(scenario),
            Err(more) => problems.extend(more),
        }
    }
    if problems.is_empty() { Ok(scenarios) } else { Err(Stop::Problems(problems)) }
}

/// The files of `paths`, each once, and what is wrong with `paths`. A folder's files are sorted by name.
pub(super) fn scenario_files(paths: &[PathBuf]) -> (Vec<PathBuf>, Vec<String>) {
    let default = [PathBuf::from(DEFAULT_FOLDER)];
    let paths = if paths.is_empty() { &default } else { paths };
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    for path in paths {
        match files_of(path) {
            Ok(more) => files.extend(more),
            Err(problem) => problems.push(problem),
        }
    }
    let mut seen = BTreeSet::new();
    files.retain(|file: &PathBuf| seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone())));
    (files, problems)
}

fn files_of(path: &Path) -> Result<Vec<PathBuf>, String> {
    if path.is_file() {
        return Ok(vec![path.to_path_buf()]);
    }
    let entries = path.read_dir().map_err(|error| {
        format!("{}: {error}; name a scenario file, or a folder with scenario files", path.display())
    })?;
    let mut files = Vec::new();
    for entry in entries {
        let file = entry.map_err(|error| format!("{}: {error}", path.display()))?.path();
        if file.is_file() && file.extension().is_some_and(|ending| ending == "ron") {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(format!("{}: no scenario file (*.ron) directly in this folder", path.display()));
    }
    Ok(files)
}

/// Files whose results would go to one folder.
pub(super) fn clashes(files: &[PathBuf]) -> Vec<String> {
    let mut by_stem: BTreeMap<String, Vec<&PathBuf>> = BTreeMap::new();
    for file in files {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        by_stem.entry(stem).or_default().push(file);
    }
    by_stem.retain(|_, files| files.len() > 1);
    let clash = |(stem, files): (&String, &Vec<&PathBuf>)| {
        let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        format!(
            "{}: files of one name would both write to the folder `{stem}`; rename one, or run them apart",
            names.join(" and ")
        )
    };
    by_stem.iter().map(clash).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "()").unwrap();
        }
        folder
    }

    fn names(files: &[PathBuf]) -> Vec<String> {
        files.iter().map(|file| file.file_name().unwrap().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_folder_gives_its_own_scenario_files_by_name() {
        let folder = folder(&["b.ron", "a.ron", "notes.md", "catalog/chips.ron"]);
        let (files, problems) = scenario_files(&[folder.path().into()]);
        assert_eq!(names(&files), ["a.ron", "b.ron"]);
        assert!(problems.is_empty());
    }

    #[test]
    fn a_file_named_twice_is_run_once() {
        let folder = folder(&["a.ron"]);
        let (files, _) = scenario_files(&[folder.path().into(), folder.path().join("a.ron")]);
        assert_eq!(names(&files), ["a.ron"]);
        assert!(clashes(&files).is_empty());
    }

    #[test]
    fn two_files_of_one_stem_clash() {
        let folder = folder(&["x/a.ron", "y/a.ron", "y/b.ron"]);
        let (files, _) = scenario_files(&[folder.path().join("x"), folder.path().join("y")]);
        let clashes = clashes(&files);
        assert_eq!(clashes.len(), 1);
        assert!(clashes[0].contains("x/a.ron and ") && clashes[0].contains("folder `a`"), "{clashes:?}");
    }

    #[test]
    fn empty_and_missing_folders_are_problems() {
        let folder = folder(&["notes.md"]);
        let (files, problems) = scenario_files(&[folder.path().into(), folder.path().join("gone")]);
        assert!(files.is_empty());
        assert!(problems[0].contains("no scenario file (*.ron)") && problems[1].contains("gone: "), "{problems:?}");
    }
}
