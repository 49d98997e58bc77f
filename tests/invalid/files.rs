//! The files of `scenarios/invalid/`. `CLOUDMARKET_BLESS=1 cargo test --test invalid` writes the expected texts anew; then
//! read them as somebody would who does not know the program.

use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Where the files are, from the crate's folder: the texts name files as a user calls them.
const FOLDER: &str = "scenarios/invalid";
/// At least so many mistakes are kept.
const LEAST_FILES: usize = 60;

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER);
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "ron")).collect();
    files.sort();
    files
}

fn program(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloudmarket"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments).output().unwrap()
}

/// What is wrong with how the program answers a file.
fn judge(file: &Path, out: &Path) -> Option<String> {
    let name = file.file_name().unwrap().to_str().unwrap();
    let output = program(&["run", &format!("{FOLDER}/{name}"), "--out", out.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let expected_file = file.with_extension("expected");
    if std::env::var_os("CLOUDMARKET_BLESS").is_some() {
        std::fs::write(&expected_file, &said).unwrap();
    }
    let expected = std::fs::read_to_string(&expected_file).unwrap_or_default();
    match output.status.code() {
        Some(2) if said != expected => Some(format!("{name} says\n{said}\nand not\n{expected}")),
        Some(2) if !output.stdout.is_empty() => Some(format!("{name} writes to standard output")),
        Some(2) if out.exists() => Some(format!("{name} leaves something at the place of results")),
        Some(2) => None,
        status => Some(format!("{name} ends with {status:?} and not with 2:\n{said}")),
    }
}

#[test]
fn each_wrong_file_has_its_exact_message_and_writes_nothing() {
    let files = files();
    assert!(files.len() >= LEAST_FILES, "{} files", files.len());
    let folder = tempfile::tempdir().unwrap();
    let wrong: Vec<String> =
        files.par_iter().filter_map(|file| judge(file, &folder.path().join(file.file_stem().unwrap()))).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), files.len(), wrong.join("\n"));
}

/// A text without its file would never be compared.
#[test]
fn each_expected_text_has_its_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER);
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut lost = entries
        .filter(|path| path.extension().is_some_and(|end| end == "expected") && !path.with_extension("ron").exists());
    assert_eq!(lost.next(), None);
}

#[test]
fn every_message_names_a_place_or_the_file() {
    for file in files() {
        let name = file.file_name().unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(file.with_extension("expected")).unwrap();
        let errors = text.lines().filter(|line| line.starts_with("error: ")).count();
        let places = text.lines().filter(|line| line.trim_start().starts_with("--> ")).count();
        assert!(errors > 0, "{name}");
        assert!(places == errors || text.contains(name), "{name}: {places} places for {errors} errors");
    }
}

#[test]
fn wrong_files_are_not_among_the_scenarios_that_run_by_themselves() {
    let output = program(&["list", "scenarios", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let listed = String::from_utf8(output.stdout).unwrap();
    assert!(listed.contains("baseline") && !listed.contains("invalid"), "{listed}");
}

#[test]
fn five_mistakes_in_three_files_are_told_in_one_go_each_with_its_place() {
    let output = program(&["check", &format!("{FOLDER}/many-mistakes-in-three-files.ron")]);
    let said = String::from_utf8(output.stderr).unwrap();
    let places: Vec<&str> = said.lines().filter_map(|line| line.trim_start().strip_prefix("--> ")).collect();
    assert_eq!(places.len(), 5, "{said}");
    for (file, mistakes) in
        [("many-mistakes-in-three-files.ron", 3), ("parts/middle.ron", 1), ("parts/regulator.ron", 1)]
    {
        let here = format!("{FOLDER}/{file}:");
        assert_eq!(places.iter().filter(|place| place.starts_with(&here)).count(), mistakes, "{file}:\n{said}");
    }
    assert!(said.ends_with("5 problems; nothing was written\n"), "{said}");
}
