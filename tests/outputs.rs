//! What a run promises to leave: every file there, whole and readable, and no chart blank.
//!
//! Checks a small run of its own. With `CLOUDMARKET_OUTPUT` set to the output folder of `cloudmarket run`, it checks
//! that there too, for every scenario that the crate ships.

#[path = "cli/fake.rs"]
mod fake;

use cloudmarket::cli::{Notes, Shell, execute};
use cloudmarket::experiment::manifest::Manifest;
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use tiny_skia::Pixmap;

/// Share of pixels that must differ from the commonest colour, the paper.
const LEAST_INK: f64 = 0.002;
/// Smallest side of a chart that can be printed, in pixels.
const LEAST_SIDE: u32 = 600;
/// A shipped scenario has at least this many charts.
const LEAST_CHARTS: usize = 10;

fn text_of(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn names_in(folder: &Path) -> BTreeSet<String> {
    let entries = folder.read_dir().unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The folder of one scenario holds a complete run with at least `charts` charts.
fn check_scenario(folder: &Path, charts: usize) {
    let names = names_in(folder);
    let leftovers: Vec<&String> = names.iter().filter(|name| name.ends_with(".tmp")).collect();
    assert!(leftovers.is_empty(), "{}: {leftovers:?}", folder.display());
    let manifest = check_manifest(folder);
    check_metrics(folder, &manifest);
    check_summary(folder);
    check_statements(folder);
    let timing: serde_json::Value = serde_json::from_str(&text_of(&folder.join("timing.json"))).unwrap();
    assert!(timing["wall_seconds"].is_f64(), "{timing}");
    check_charts(&folder.join("charts"), charts);
}

fn check_manifest(folder: &Path) -> Manifest {
    let manifest = Manifest::from_ron(&text_of(&folder.join("manifest.ron"))).unwrap();
    assert!(manifest.complete && manifest.broken.is_empty(), "{}: {manifest:?}", folder.display());
    assert_eq!(manifest.version, env!("CARGO_PKG_VERSION"));
    assert!(manifest.events > 0, "{}: nothing happened", folder.display());
    assert_eq!((manifest.digest.len(), manifest.scenario_digest.is_empty()), (64, false));
    manifest
}

/// A row group for each replication, none of them empty.
fn check_metrics(folder: &Path, manifest: &Manifest) {
    let path = folder.join("metrics.parquet");
    let file = File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let reader = SerializedFileReader::new(file).unwrap();
    let groups = reader.metadata().row_groups();
    assert_eq!(groups.len(), manifest.finished.len(), "{}", path.display());
    assert!(groups.iter().all(|group| group.num_rows() > 0), "{}", path.display());
    let columns: Vec<&str> =
        reader.metadata().file_metadata().schema().get_fields().iter().map(|field| field.name()).collect();
    assert_eq!(columns, ["scenario", "replication", "date", "metric", "entity", "counterparty", "value"]);
}

fn check_summary(folder: &Path) {
    let summary = text_of(&folder.join("summary.csv"));
    let heading = summary.lines().next().unwrap_or_default();
    for column in ["metric", "entity", "counterparty", "date", "mean", "sd", "p05", "p25", "p50", "p75", "p95"] {
        assert!(heading.split(',').any(|name| name == column), "{}: no {column}", folder.display());
    }
    assert!(summary.lines().count() > 1, "{}: an empty summary", folder.display());
}

/// Rows of parties and rows of who paid whom, every amount in dollars and cents.
fn check_statements(folder: &Path) {
    let statements = text_of(&folder.join("statements.csv"));
    let heading = "scenario,quarter,party,counterparty,item,nonzero,mean_usd,p05_usd,p50_usd,p95_usd";
    assert_eq!(statements.lines().next(), Some(heading), "{}", folder.display());
    let mut table = csv::Reader::from_reader(statements.as_bytes());
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    assert!(rows.iter().any(|row| &row[4] == "cash_paid" && row[3].is_empty()), "{}", folder.display());
    assert!(rows.iter().any(|row| row[4].starts_with("paid_") && !row[3].is_empty()), "{}", folder.display());
    for amount in rows.iter().flat_map(|row| row.iter().skip(6)) {
        let (dollars, cents) = amount.split_once('.').unwrap_or_else(|| panic!("`{amount}` has no cents"));
        assert!(dollars.parse::<i128>().is_ok() && cents.len() == 2, "{}: `{amount}`", folder.display());
    }
}

fn check_charts(folder: &Path, at_least: usize) {
    let names = names_in(folder);
    let pictures: Vec<PathBuf> =
        names.iter().filter(|name| name.ends_with(".png")).map(|name| folder.join(name)).collect();
    assert!(pictures.len() >= at_least, "{}: {} charts", folder.display(), pictures.len());
    for picture in pictures {
        let bytes = fs::read(&picture).unwrap();
        if let Err(fault) = check_picture(&bytes) {
            panic!("{}: {fault}", picture.display());
        }
    }
}

/// A PNG that can be decoded, is large enough to print, and has something on it.
fn check_picture(png: &[u8]) -> Result<(), String> {
    let picture = Pixmap::decode_png(png).map_err(|error| error.to_string())?;
    if picture.width().min(picture.height()) < LEAST_SIDE {
        return Err(format!("{} x {} pixels are too few to print", picture.width(), picture.height()));
    }
    let ink = share_of_ink(&picture);
    if ink < LEAST_INK { Err(format!("blank: {ink:.5} of the pixels are not paper")) } else { Ok(()) }
}

fn share_of_ink(picture: &Pixmap) -> f64 {
    let mut colours: Vec<[u8; 4]> =
        picture.pixels().iter().map(|p| [p.red(), p.green(), p.blue(), p.alpha()]).collect();
    colours.sort_unstable();
    let paper = colours.chunk_by(|a, b| a == b).map(<[_]>::len).max().unwrap_or(0);
    1.0 - paper as f64 / colours.len() as f64
}

#[test]
fn a_small_run_leaves_what_is_promised() {
    let place = tempfile::tempdir().unwrap();
    let (file, out) = (place.path().join("small.ron"), place.path().join("out"));
    fs::write(&file, "replications=3").unwrap();
    let arguments = ["cloudmarket".into(), "run".into(), file.into_os_string(), "--out".into(), OsString::from(&out)];
    let (mut text, mut err, interrupt) = (Vec::new(), Vec::new(), AtomicBool::new(false));
    let notes = Notes::new(&mut err, false);
    let mut shell = Shell { reader: &fake::FakeReader, out: &mut text, notes, interrupt: &interrupt };
    assert_eq!(execute(arguments, &mut shell), 0);
    check_scenario(&out.join("small"), 1);
}

#[test]
fn the_run_of_the_shipped_scenarios_left_what_is_promised() {
    let Some(out) = std::env::var_os("CLOUDMARKET_OUTPUT").map(PathBuf::from) else { return };
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let stems: Vec<String> =
        names_in(&scenarios).iter().filter_map(|name| Some(name.strip_suffix(".ron")?.to_owned())).collect();
    assert!(!stems.is_empty(), "no scenarios are shipped");
    for stem in stems {
        check_scenario(&out.join(stem), LEAST_CHARTS);
    }
}

#[test]
fn blank_small_and_broken_pictures_are_told_apart() {
    let paper = |side| {
        let mut picture = Pixmap::new(side, side).unwrap();
        picture.fill(tiny_skia::Color::WHITE);
        picture
    };
    assert!(check_picture(b"no picture").is_err());
    assert!(check_picture(&paper(100).encode_png().unwrap()).unwrap_err().contains("too few"));
    assert!(check_picture(&paper(700).encode_png().unwrap()).unwrap_err().starts_with("blank"));
    let mut drawn = paper(700);
    let bar = tiny_skia::Rect::from_xywh(10.0, 10.0, 600.0, 20.0).unwrap();
    drawn.fill_rect(bar, &tiny_skia::Paint::default(), tiny_skia::Transform::identity(), None);
    assert_eq!(check_picture(&drawn.encode_png().unwrap()), Ok(()));
}
