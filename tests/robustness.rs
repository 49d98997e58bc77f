//! Hostile input and a full disk: the program answers within a time, without a panic, and leaves no half of a file.

#[path = "robustness/random.rs"]
mod random;

use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// What the longest of these may take; far more than any does, so that a busy machine fails nothing.
const LIMIT: Duration = Duration::from_secs(60);

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn with(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// Names of all files below, with their folders.
    fn files(&self, folder: &str) -> Vec<String> {
        fn walk(folder: &Path, found: &mut Vec<String>) {
            for entry in folder.read_dir().into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() { walk(&path, found) } else { found.push(path.display().to_string()) }
            }
        }
        let mut found = Vec::new();
        walk(&self.path(folder), &mut found);
        found.sort();
        found
    }
}

/// Runs a command to its end, or panics at the limit of time.
fn ended(mut command: Command) -> Output {
    let call = format!("{command:?}");
    let start = Instant::now();
    // Files, not pipes: nobody reads while the program runs.
    let (mut out, mut err) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
    command.stdin(Stdio::null()).stdout(out.try_clone().unwrap()).stderr(err.try_clone().unwrap());
    let mut child = command.spawn().unwrap();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > LIMIT {
            child.kill().unwrap();
            panic!("{call} goes on after {LIMIT:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let status = child.wait().unwrap();
    let output = Output { status, stdout: contents(&mut out), stderr: contents(&mut err) };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code().is_some(), "{call} was killed: {said}");
    assert!(!said.contains("panicked"), "{call}: {said}");
    output
}

fn contents(file: &mut File) -> Vec<u8> {
    let mut bytes = Vec::new();
    file.rewind().and_then(|()| file.read_to_end(&mut bytes)).unwrap();
    bytes
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloudmarket"));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// The file is refused as wrong input, with `message`, and nothing is written.
#[track_caller]
fn is_refused(place: &Place, name: &str, message: &str) {
    let mut command = program();
    command.arg("run").arg(place.path(name)).arg("--out").arg(place.path("out"));
    let output = ended(command);
    let said = String::from_utf8_lossy(&output.stderr);
    let shown: String = said.chars().take(2_000).collect();
    assert_eq!(output.status.code(), Some(2), "{shown}");
    assert!(said.contains(message), "`{message}` is not in: {shown}");
    assert!(said.len() < 200_000, "{} bytes are said", said.len());
    assert!(!place.path("out").exists());
}

/// Numbers that look random and are the same everywhere (xorshift).
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn random_bytes_are_refused() {
    for seed in 1..=20 {
        let place = Place::new().with("noise.ron", noise(seed, 1 << (seed % 18)));
        is_refused(&place, "noise.ron", "error: ");
    }
}

#[test]
fn random_ascii_is_refused() {
    for seed in 1..=20 {
        let text: Vec<u8> = noise(seed, 5_000).iter().map(|byte| b' ' + byte % 95).collect();
        is_refused(&Place::new().with("noise.ron", text), "noise.ron", "error: ");
    }
}

#[test]
fn a_thousand_million_laughs_by_includes_are_refused() {
    // Each part includes the next twice, ten times over: parts include nothing.
    let mut place = Place::new().with("root.ron", "(include: [\"part-0.ron\", \"part-0.ron\"])");
    for i in 0..10 {
        place = place.with(&format!("part-{i}.ron"), format!("(include: [\"part-{0}.ron\", \"part-{0}.ron\"])", i + 1));
    }
    is_refused(&place.with("part-10.ron", "(seed: 1)"), "root.ron", "an included file has no `include`");
}

#[test]
fn a_thousand_million_laughs_by_changes_are_refused() {
    // Each change puts a list with ten of itself in the place of every item, nine times.
    let ten = ["0"; 10].join(", ");
    let mut changes = String::new();
    for depth in 0..9 {
        let path = format!("about{}", ".*".repeat(depth));
        write!(changes, "Set(\"{path}\", [{ten}]), ").unwrap();
    }
    let place = Place::new().with("laughs.ron", format!("(about: 0, changes: [{changes}])"));
    is_refused(&place, "laughs.ron", "the changes make more than 1000000 values");
}

#[test]
fn a_folder_of_very_many_files_is_refused() {
    let place = Place::new().with("root.ron", "(include: [\"parts/\"])");
    std::fs::create_dir(place.path("parts")).unwrap();
    for i in 0..4_200 {
        std::fs::write(place.path(&format!("parts/{i}.ron")), "()").unwrap();
    }
    is_refused(&place, "root.ron", "the scenario consists of more than 4096 files");
}

#[test]
fn nesting_of_ten_thousand_levels_is_refused() {
    for (open, close) in [("(", ")"), ("[", "]"), ("Some(", ")"), ("{\"a\": ", "}"), ("(a: ", ")")] {
        let nested = format!("(about: {}1{})", open.repeat(10_000), close.repeat(10_000));
        is_refused(&Place::new().with("deep.ron", nested), "deep.ron", "nested deeper than 64 levels");
    }
    let comments = format!("(seed: 1 {} x", "/*".repeat(1_000_000));
    is_refused(&Place::new().with("deep.ron", comments), "deep.ron", "a comment that is never closed");
}

#[test]
fn numbers_of_a_million_digits_are_refused() {
    let digits = "7".repeat(1_000_000);
    for number in
        [digits.clone(), format!("-{digits}"), format!("1e{digits}"), format!("0x{digits}"), format!("1_{digits}")]
    {
        let place = Place::new().with("digits.ron", format!("(seed: {number})"));
        is_refused(&place, "digits.ron", "error: ");
    }
    // A fraction of a million digits is a number, and none of the count that a seed is.
    is_refused(
        &Place::new().with("digits.ron", format!("(seed: 0.{digits})")),
        "digits.ron",
        "expected a whole number",
    );
}

#[test]
fn long_names_strings_and_lists_are_refused_in_time() {
    let long = "x".repeat(5_000_000);
    for text in [
        format!("({long}: 1)"),
        format!("(name: \"{long}\")"),
        format!("(seed: {long})"),
        format!("(changes: [Set(\"{long}\", 1)])"),
        format!("(changes: [Set(\"{}\", 1)])", "a.".repeat(2_000_000)),
        format!("(about: [{}])", "1,".repeat(2_000_000)),
        format!("({})", "seed: 1,".repeat(500_000)),
        format!("(changes: [{}])", "Remove(\"a\"),".repeat(200_000)),
    ] {
        is_refused(&Place::new().with("long.ron", text), "long.ron", "error: ");
    }
}

#[test]
fn a_file_over_the_limit_is_refused_unread() {
    is_refused(&Place::new().with("large.ron", vec![b' '; (16 << 20) + 1]), "large.ron", "larger than 16 MiB");
}

#[test]
fn what_is_no_readable_file_is_refused() {
    let place = Place::new().with("folder.ron/inside.txt", "");
    is_refused(&place, "missing.ron", "missing.ron: ");
    is_refused(&place, "folder.ron", "no scenario file (*.ron) directly in this folder");
    is_refused(
        &Place::new().with("a.ron", "(base: \"missing.ron\")"),
        "a.ron",
        "there is no file or folder `missing.ron`",
    );
}

#[cfg(unix)]
#[test]
fn what_may_not_be_read_or_never_ends_is_refused() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let place = Place::new().with("secret.ron", "()").with("root.ron", "(include: [\"secret.ron\"])");
    std::fs::set_permissions(place.path("secret.ron"), PermissionsExt::from_mode(0o000)).unwrap();
    // Who may read everything finds an empty part instead, and a scenario without fields.
    is_refused(&place, "root.ron", "error: ");
    for device in ["/dev/zero", "/dev/stdin", "/dev/full"] {
        let place = Place::new();
        symlink(device, place.path("device.ron")).unwrap();
        is_refused(&place, "device.ron", "device.ron");
    }
    let place = Place::new();
    symlink(place.path("loop.ron"), place.path("loop.ron")).unwrap();
    is_refused(&place, "loop.ron", "loop.ron");
    let place = Place::new();
    assert!(Command::new("mkfifo").arg(place.path("pipe.ron")).status().unwrap().success());
    is_refused(&place, "pipe.ron", "pipe.ron");
}

/// `/dev/full` takes nothing, as a full disk under a redirected output.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_under_standard_output_is_told() {
    for arguments in [
        &["check", "scenarios/baseline.ron"][..],
        &["check", "scenarios/baseline.ron", "--json"],
        &["check", "scenarios/baseline.ron", "--resolved"],
        &["list", "metrics"],
        &["list", "fields", "--json"],
    ] {
        let mut command = Command::new("sh");
        command.current_dir(env!("CARGO_MANIFEST_DIR"));
        command.args(["-c", "exec \"$0\" \"$@\" > /dev/full", env!("CARGO_BIN_EXE_cloudmarket")]).args(arguments);
        let output = ended(command);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains("cannot write to standard output"), "{arguments:?}: {said}");
    }
}

/// A run whose files may have `blocks` of 512 bytes, as on a disk that is full after so many.
#[cfg(target_os = "linux")]
fn run_with_room(place: &Place, blocks: u32, more: &[&str]) -> Output {
    let mut command = Command::new("sh");
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_cloudmarket")]);
    command.args(["run", "scenarios/baseline.ron", "--replications", "1", "--until", "2023-06-30", "--out"]);
    command.arg(place.path("out")).args(more);
    ended(command)
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_in_the_middle_of_a_file_leaves_no_half_of_it() {
    for (blocks, more, file) in [
        (8, &["--no-charts"][..], "metrics.parquet"),
        (8, &["--no-charts", "--format", "csv"], "metrics.csv"),
        (40, &["--no-charts", "--format", "csv"], "metrics.csv"),
        (60, &["--no-charts", "--ledger"], "cannot write `"),
        (60, &["--no-charts", "--events"], "cannot write `"),
    ] {
        let place = Place::new();
        let output = run_with_room(&place, blocks, more);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{more:?} in {blocks} blocks: {said}");
        assert!(said.contains(file), "`{file}` is not in: {said}");
        // A table that was finished before is whole, and no account calls the rest a run.
        for left in place.files("out") {
            assert!(left.ends_with(".parquet") && !left.ends_with(file), "{left}: {said}");
            assert!(std::fs::read(&left).unwrap().ends_with(b"PAR1"), "{left} is half a file: {said}");
        }
    }
}

/// What an earlier run left is whole, whatever a later one comes to.
#[cfg(target_os = "linux")]
#[test]
fn a_run_that_finds_no_room_leaves_the_results_of_the_one_before() {
    let place = Place::new();
    assert_eq!(run_with_room(&place, 1 << 20, &["--no-charts"]).status.code(), Some(0));
    let before: Vec<(String, Vec<u8>)> =
        place.files("out").into_iter().map(|name| (name.clone(), std::fs::read(name).unwrap())).collect();
    assert_eq!(before.len(), 5, "{:?}", place.files("out"));
    assert_eq!(run_with_room(&place, 8, &["--no-charts"]).status.code(), Some(1));
    for (name, bytes) in &before {
        assert!(std::fs::read(name).unwrap() == *bytes, "{name} is another");
    }
    assert_eq!(place.files("out").len(), before.len());
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_without_room_for_charts_leaves_no_half_of_one() {
    let place = Place::new();
    let output = run_with_room(&place, 200, &["--format", "csv"]);
    let said = String::from_utf8_lossy(&output.stderr);
    let files = place.files("out");
    assert_eq!(output.status.code(), Some(1), "{said}\n{files:?}");
    assert!(!files.iter().any(|file| file.ends_with(".tmp")), "{files:?}");
    assert!(!files.iter().any(|file| file.ends_with("manifest.ron")), "an account of half a run: {files:?}");
}
