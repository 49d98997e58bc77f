//! What the guides say holds: the example reads, the commands parse, the list of fields is the schema's.

#[path = "shipped/mod.rs"]
mod shipped;

use cloudmarket::experiment::sweep::file::SweepSpec;
use cloudmarket::experiment::sweep::kept::read_outcomes;
use cloudmarket::experiment::sweep::{Limits, Sweep};
use cloudmarket::model::Options;
use cloudmarket::scenario::Scenario;
use cloudmarket::scenario::describe::{FieldInfo, fields};
use cloudmarket::scenario::schema::ScenarioSpec;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

const GUIDES: [&str; 4] = ["README.md", "scenarios/README.md", "scenarios/sweeps/README.md", "examples/README.md"];

fn text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The fenced blocks of a guide with their language, indentation taken off.
fn blocks(guide: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in guide.lines() {
        match (line.trim_start().strip_prefix("```"), &mut open) {
            (Some(language), None) => open = Some((language.to_owned(), String::new())),
            (Some(_), Some(_)) => found.extend(open.take()),
            (None, Some((_, block))) => writeln!(block, "{line}").unwrap(),
            (None, None) => {}
        }
    }
    found
}

/// The command lines of a guide, continued lines joined.
fn commands(guide: &str) -> Vec<String> {
    let joined: String = blocks(guide).into_iter().map(|(_, block)| block.replace("\\\n", " ")).collect();
    let lines = joined.lines().map(str::trim);
    lines
        .filter(|line| line.starts_with("cloudmarket "))
        .map(|line| line.split(" #").next().unwrap().to_owned())
        .collect()
}

/// Options are read before `--help` answers, so a wrong one fails.
#[test]
fn every_command_of_the_guides_is_understood() {
    let all: Vec<String> = GUIDES.iter().flat_map(|name| commands(&text(name))).collect();
    assert!(all.len() >= 8, "{all:?}");
    for line in all {
        let arguments = line.split_whitespace().skip(1);
        let done = Command::new(env!("CARGO_BIN_EXE_cloudmarket")).args(arguments).arg("--help").output().unwrap();
        assert!(done.status.success(), "{line}\n{}", String::from_utf8_lossy(&done.stderr));
    }
}

/// What the examples give the simulator; that they run, only `.ci/extra` can tell, which installs what they need.
#[test]
fn the_files_of_the_examples_are_right() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let outcomes = read_outcomes(&examples.join("outcomes.ron"), &shipped::read("baseline", &[]));
    let outcomes = outcomes.unwrap_or_else(|problems| panic!("{problems}"));
    let driver = text("examples/explore.py");
    assert!(outcomes.iter().all(|outcome| driver.contains(&format!("means[\"{}\"]", outcome.id))), "{outcomes:?}");
    let limits = Limits { max_runs: 20, options: Options::default() };
    let sweep = Sweep::read(&examples.join("trainium-price.ron"), limits);
    let sweep = sweep.unwrap_or_else(|error| panic!("{:?}", error.problems));
    assert!(text("examples/crossing.py").contains(&format!("\"{}\"", sweep.outcomes[0].id)));
}

#[test]
fn the_first_scenario_of_the_guide_reads_and_changes_two_fields() {
    let (_, example) =
        blocks(&text("scenarios/README.md")).into_iter().find(|(language, _)| language == "ron").unwrap();
    let folder = tempfile::tempdir().unwrap();
    copy(&shipped::file("baseline").parent().unwrap().to_owned(), folder.path());
    let file = folder.path().join("azure-cheaper.ron");
    std::fs::write(&file, example).unwrap();
    let scenario = Scenario::read(&file, &[]).unwrap_or_else(|problems| panic!("{problems}"));
    let baseline = shipped::read("baseline", &[]);
    let found = cloudmarket::scenario::tree::differences(baseline.tree(), scenario.tree());
    let paths: Vec<&str> = found.iter().map(|difference| difference.path.as_str()).collect();
    assert_eq!(paths, ["name", "about", "clouds.azure.price_factor", "channels.azure-foundry.price_over_list"]);
}

fn copy(from: &PathBuf, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy(&path, &target);
        } else {
            std::fs::copy(&path, target).unwrap();
        }
    }
}

/// What `CLOUDMARKET_BLESS=1 cargo test --test docs` writes.
#[track_caller]
fn is_the_page(name: &str, expected: &str) {
    if std::env::var_os("CLOUDMARKET_BLESS").is_some() {
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(name), expected).unwrap();
    }
    assert!(text(name) == expected, "run `CLOUDMARKET_BLESS=1 cargo test --test docs` to renew {name}");
}

#[test]
fn the_list_of_fields_is_the_schemas() {
    let about = "# Every field of a scenario\n\nMade from the schema; `cloudmarket list fields` prints the same. `*` stands for an \
                 id or an index, *of* names the variant that a field belongs to, and a field marked ° may be left out.\n";
    is_the_page("scenarios/FIELDS.md", &fields_page(about, &fields::<ScenarioSpec>()));
}

#[test]
fn the_list_of_fields_of_a_sweep_is_the_schemas() {
    let about = "# Every field of a sweep\n\nMade from the schema; [README.md](README.md) explains what a sweep is. `*` stands for an \
                 id or an index, *of* names the variant that a field belongs to, and a field marked ° may be left out.\n";
    is_the_page("scenarios/sweeps/FIELDS.md", &fields_page(about, &fields::<SweepSpec>()));
}

/// A table for each part of a file.
fn fields_page(about: &str, fields: &[FieldInfo]) -> String {
    let mut page = about.to_owned();
    let mut part = "";
    for field in fields {
        let first = field.path.split('.').next().unwrap();
        if first != part {
            part = first;
            write!(page, "\n## {part}\n\n| field | holds | unit | meaning |\n|---|---|---|---|\n").unwrap();
        }
        let variant = if field.variant.is_empty() { String::new() } else { format!(" of {}", field.variant) };
        let mark = if field.optional { "°" } else { "" };
        let cell = |text: &str| text.replace('|', "\\|");
        let (path, kind, unit, about) = (&field.path, cell(&field.kind), cell(&field.unit), cell(&field.about));
        writeln!(page, "| `{path}`{mark}{variant} | {kind} | {unit} | {about} |").unwrap();
    }
    page
}
