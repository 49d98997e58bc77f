//! Sweeps: one digest however they are run, killed or damaged, and every problem told before anything runs.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

const SHARE: &str = "tests/sweep/share.ron";

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloudmarket"));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn sweep(arguments: &[&str], out: &Path) -> Output {
    program().arg("sweep").args(arguments).arg("--out").arg(out).output().unwrap()
}

#[track_caller]
fn done(output: &Output) -> String {
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}");
    told
}

/// The sweep of the tests in `folder`, with text replaced; it stays beside the rules that it varies.
fn variant(folder: &Path, replace: &[(&str, &str)]) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join(SHARE)).unwrap();
    let scenario = root.join("scenarios/rules/revenue-share.ron").display().to_string();
    let text = text.replace("../../scenarios/rules/revenue-share.ron", &scenario);
    let text = replace.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    let path = folder.join("share.ron");
    fs::write(&path, text).unwrap();
    path
}

/// Everything that a sweep's folder holds in the end, but for the parts, which depend on nothing else either.
fn results(out: &Path) -> Vec<(&'static str, Vec<u8>)> {
    ["plan.ron", "design.csv", "results.parquet", "summary.csv", "regret.csv", "manifest.ron"]
        .map(|name| (name, fs::read(out.join("share").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))))
        .into()
}

#[track_caller]
fn same(one: &Path, other: &Path) {
    for ((name, expected), (_, found)) in results(one).into_iter().zip(results(other)) {
        assert!(expected == found, "{name} differs");
    }
    assert!(results(one).iter().all(|(_, bytes)| !bytes.is_empty()));
}

/// A generator of its own, so that moments are random and the same in every test run (Numerical Recipes' constants).
struct Moments(u64);

impl Moments {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

#[test]
fn one_two_threads_and_seven_shuffled_slices_give_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let [one, two, slices] = ["one", "two", "slices"].map(|name| folder.path().join(name));
    done(&sweep(&[SHARE, "--threads", "1", "--no-charts"], &one));
    done(&sweep(&[SHARE, "--threads", "2", "--no-charts"], &two));
    same(&one, &two);
    let told = sweep(&[SHARE, "--no-charts", "--json"], &two);
    assert!(done(&told).contains("36 of 36 runs are there already"));
    let told: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    let (sweep_told, paid) = (&told["sweep"], &told["outcomes"][0]);
    assert_eq!((sweep_told["complete"].as_bool(), sweep_told["finished"].as_u64()), (Some(true), Some(36)));
    // Three tenths of what is taken in a year and a half are over the greater cap, which binds.
    assert_eq!((paid["outcome"].as_str(), paid["greatest"]["mean"].as_f64()), (Some("paid"), Some(4e7)));
    assert_eq!(paid["greatest"]["axes"], serde_json::json!({ "rate": "0.3", "cap": "1" }));
    done(&sweep(&["plan", SHARE], &slices));
    for shard in [3, 0, 6, 1, 5, 2, 4] {
        let missing = sweep(&["merge", SHARE, "--no-charts"], &slices);
        let told = String::from_utf8_lossy(&missing.stderr).into_owned();
        assert!(missing.status.code() == Some(1) && told.contains("is missing"), "{told}");
        done(&sweep(&["run", SHARE, "--shard", &format!("{shard}/7")], &slices));
    }
    done(&sweep(&["merge", SHARE, "--no-charts"], &slices));
    same(&one, &slices);
}

/// The bytes below `folder`, as a measure of how far a sweep is.
fn bytes_below(folder: &Path) -> u64 {
    let entries = folder.read_dir().into_iter().flatten().filter_map(Result::ok);
    entries.map(|entry| entry.metadata().map_or(0, |data| data.len())).sum()
}

/// Killed as it writes, at random moments after each new byte.
#[test]
fn killed_twenty_times_and_resumed_it_ends_with_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, killed) = (folder.path().join("whole"), folder.path().join("killed"));
    let file = variant(folder.path(), &[("replications: 3", "replications: 80")]);
    let file = file.to_str().unwrap();
    done(&sweep(&[file, "--no-charts"], &whole));
    let parts = killed.join("share/parts");
    let (mut moments, mut kills) = (Moments(20_260_427), 0);
    while kills < 20 {
        let before = bytes_below(&parts);
        let mut command = program();
        command.args(["sweep", file, "--no-charts", "--quiet", "--out"]).arg(&killed);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while bytes_below(&parts) == before && child.try_wait().unwrap().is_none() {
            sleep(Duration::from_micros(200));
        }
        sleep(Duration::from_micros(moments.below(12_000)));
        child.kill().unwrap();
        if child.wait().unwrap().signal() != Some(9) {
            break;
        }
        kills += 1;
    }
    assert!(kills >= 10, "it was done after {kills} kills");
    let told = done(&sweep(&[file, "--no-charts"], &killed));
    assert!(told.contains("of 960 runs are there already"), "{told}");
    same(&whole, &killed);
    let left: Vec<String> =
        parts.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(left.iter().all(|name| name.ends_with(".parquet") || name.ends_with(".ron")), "{left:?}");
}

#[test]
fn an_interrupt_is_told_and_keeps_the_runs() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, stopped) = (folder.path().join("whole"), folder.path().join("stopped"));
    let file = variant(folder.path(), &[("replications: 3", "replications: 80")]);
    let file = file.to_str().unwrap();
    done(&sweep(&[file, "--no-charts"], &whole));
    let mut command = program();
    command.args(["sweep", file, "--no-charts", "--out"]).arg(&stopped);
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    while bytes_below(&stopped.join("share/parts")) == 0 {
        sleep(Duration::from_millis(1));
    }
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(130), "{told}");
    assert!(told.contains("the finished runs are kept"), "{told}");
    assert!(done(&sweep(&[file, "--no-charts"], &stopped)).contains("runs are there already"));
    same(&whole, &stopped);
}

#[test]
fn damaged_parts_are_named_and_only_their_runs_are_run_again() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, damaged) = (folder.path().join("whole"), folder.path().join("damaged"));
    for out in [&whole, &damaged] {
        done(&sweep(&[SHARE, "--no-charts"], out));
    }
    let parts = damaged.join("share/parts");
    let path = |name: &str| parts.join(name);
    let bytes = fs::read(path("part-00003.parquet")).unwrap();
    fs::write(path("part-00003.parquet"), &bytes[..bytes.len() / 2]).unwrap();
    let mut bytes = fs::read(path("part-00005.parquet")).unwrap();
    bytes[100] ^= 1;
    fs::write(path("part-00005.parquet"), bytes).unwrap();
    for ending in ["parquet", "ron"] {
        fs::copy(path(&format!("part-00008.{ending}")), path(&format!("part-00009.{ending}"))).unwrap();
    }
    let account = fs::read_to_string(path("part-00011.ron")).unwrap();
    fs::write(path("part-00011.ron"), account.replace("version: \"", "version: \"9.")).unwrap();
    let account = fs::read_to_string(path("part-00013.ron")).unwrap();
    fs::write(path("part-00013.ron"), account.replace("design: \"", "design: \"0")).unwrap();
    fs::remove_file(path("part-00015.ron")).unwrap();
    fs::remove_file(path("part-00017.parquet")).unwrap();
    fs::write(path("part-00003 (copy).parquet"), "").unwrap();
    let merged = sweep(&["merge", SHARE, "--no-charts"], &damaged);
    let told = String::from_utf8_lossy(&merged.stderr).into_owned();
    assert_eq!(merged.status.code(), Some(1), "{told}");
    let whys = [
        "part-00003.parquet is truncated or altered",
        "part-00005.parquet is truncated or altered",
        "part-00009.parquet is a copy of part 8",
        "part-00011.parquet is of version 9.",
        "part-00013.parquet is of another design",
        "part-00015.parquet has no account",
        "part-00017.parquet is missing",
    ];
    assert!(told.contains("7 of 36 parts"), "{told}");
    assert!(whys.iter().all(|why| told.contains(why)), "{told}");
    let told = done(&sweep(&[SHARE, "--no-charts"], &damaged));
    assert!(told.contains("29 of 36 runs are there already") && told.contains("(copy).parquet: is no part"), "{told}");
    assert!(whys[..6].iter().all(|why| told.contains(&why.replacen(' ', ": ", 1))), "{told}");
    same(&whole, &damaged);
}

/// Files may not grow beyond a few kilobytes, which is told as a full disk is: the results do not fit, the parts do.
#[test]
fn a_disk_that_refuses_is_told_and_the_sweep_goes_on_when_it_no_longer_does() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, full) = (folder.path().join("whole"), folder.path().join("full"));
    let file = variant(folder.path(), &[("replications: 3", "replications: 80")]);
    let file = file.to_str().unwrap();
    done(&sweep(&[file, "--no-charts"], &whole));
    let script = format!(
        "trap '' XFSZ; ulimit -f 2; exec '{}' sweep '{file}' --no-charts --out '{}'",
        env!("CARGO_BIN_EXE_cloudmarket"),
        full.display()
    );
    let output = Command::new("bash").args(["-c", &script]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("cannot write") && told.contains("large"), "{told}");
    assert!(!full.join("share/manifest.ron").exists());
    done(&sweep(&[file, "--no-charts"], &full));
    same(&whole, &full);
}

#[test]
fn failed_runs_are_kept_labelled_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let output = sweep(&[SHARE, "--no-charts", "--max-events", "10"], &out);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("36 of 36 runs failed; the first: ") && told.contains("--max-events"), "{told}");
    let manifest = fs::read_to_string(out.join("share/manifest.ron")).unwrap();
    assert!(manifest.contains("complete: true") && manifest.contains("failed: 36"), "{manifest}");
    let summary = fs::read_to_string(out.join("share/summary.csv")).unwrap();
    assert!(summary.lines().nth(1).unwrap().starts_with("0,cheap,0.1,0.5,paid,0,3,,"), "{summary}");
}

/// A rate of 0.3 and 3.8 to 4 times it is above 1: 3 of 36 points under 2 policies, which are too many to be looked at before, and
/// not the ones with the least or the greatest number on an axis.
#[test]
fn a_sweep_of_which_some_runs_fail_is_written_and_has_failed() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let cap = "\"cap\": (edits: [Scale(\"contracts.deal.terms.share.rule.total_cap_usd\")], unit: \"times 40m\", values: Values([0.5, 1])";
    let more = "\"more\": (edits: [Scale(\"contracts.deal.terms.share.rule.rate\")], values: Values([1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 3.8, 3.9, 4, 1.7, 2])";
    let rates = ("Range(from: 0.1, to: 0.3, points: 3)", "Values([0.1, 0.3, 0.2])");
    let file = variant(folder.path(), &[(cap, more), rates, ("replications: 3", "replications: 1")]);
    let output = sweep(&[file.to_str().unwrap(), "--no-charts"], &out);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("incomplete: 6 of 72 runs are missing from every figure"), "{told}");
    let manifest = fs::read_to_string(out.join("share/manifest.ron")).unwrap();
    assert!(manifest.contains("finished: 66") && manifest.contains("failed: 6"), "{manifest}");
    assert!(out.join("share/results.parquet").exists());
}

/// What is wrong, and words that the answer holds.
const WRONG: [(&str, &str, &[&str]); 14] = [
    ("rule.rate\"", "rule.rat\"", &["has no `rat`", "did you mean `rate`?", "share.ron:10:"]),
    ("to: 0.3", "to: 1.3", &["contracts.deal.terms.share.rule.rate", "of: point 4 (rate 1.3, cap 0.5)"]),
    ("Range(from: 0.1, to: 0.3, points: 3)", "Values([])", &["an axis without a value"]),
    ("Range(from: 0.1, to: 0.3, points: 3)", "Uniform(low: 0, high: 1)", &["a grid needs `Values` or a `Range`"]),
    ("points: 3)", "points: 1)", &["from 2 to 1,000,000 points", "axes.rate.values.points"]),
    ("unit: \"times 40m\"", "units: \"x\"", &["units", "unit"]),
    ("metric: \"revenue_lab_usd\"", "metric: \"revenue_labs_usd\"", &["did you mean `revenue_lab_usd`?"]),
    ("entity: \"atlas\"", "entity: \"atlass\"", &["the scenario has no lab of this id", "did you mean `atlas`?"]),
    ("over: (\"2025-01-01\", \"2025-12-31\")", "over: (\"2025-01-01\", \"2027-12-31\")", &["outside the runs"]),
    ("replications: 3", "replications: 3000", &["--max-runs", "points"]),
    ("design: Grid", "design: List([])", &["a list without a point", "a list design gives the values itself"]),
    ("\"cap\":", "\"Cap\":", &["an id is made of"]),
    ("rules/revenue-share.ron", "rules/revenue-shares.ron", &["there is no scenario file"]),
    ("[Scale(", "[Scales(", &["expected an edit"]),
];

#[test]
fn wrong_sweeps_are_refused_with_everything_that_is_wrong_before_anything_runs() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    for (right, wrong, words) in WRONG {
        let file = variant(folder.path(), &[(right, wrong)]);
        let output = sweep(&[file.to_str().unwrap()], &out);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{wrong}: {told}");
        assert!(words.iter().all(|word| told.contains(word)), "{wrong}: {told}");
        assert!(!out.exists(), "{wrong}: something was written");
    }
    let two = [("metric: \"revenue_lab_usd\"", "metric: \"x\""), ("to: 0.3", "to: 0.1")];
    let output = sweep(&[variant(folder.path(), &two).to_str().unwrap()], &out);
    assert!(String::from_utf8_lossy(&output.stderr).contains("2 problems; nothing was written"));
}

#[test]
fn slices_follow_the_plan() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let file = variant(folder.path(), &[]);
    let file = file.to_str().unwrap();
    let refused = |arguments: &[&str]| {
        let output = sweep(arguments, &out);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(refused(&["run", file, "--shard", "0/2"]).contains("cloudmarket sweep plan"));
    done(&sweep(&["plan", file], &out));
    assert!(refused(&["run", file, "--shard", "2/2"]).contains("counted from 0"));
    assert!(refused(&["run", file, "--shard", "0/37"]).contains("36 parts"));
    variant(folder.path(), &[("replications: 3", "replications: 4")]);
    assert!(refused(&["run", file, "--shard", "0/2"]).contains("plan of another design"));
    assert!(refused(&["merge", file]).contains("plan of another design"));
}

/// Names and what charts show may change without running anything again; what a run depends on may not.
#[test]
fn only_what_a_result_depends_on_is_in_the_digest() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let digest = |replace: &[(&str, &str)]| {
        let file = variant(folder.path(), replace);
        done(&sweep(&["plan", file.to_str().unwrap()], &out));
        let plan = fs::read_to_string(out.join("share/plan.ron")).unwrap();
        plan.lines().find(|line| line.contains("design:")).unwrap().to_owned()
    };
    let base = digest(&[]);
    assert_eq!(digest(&[("level: 2.0e7", "level: 3.0e7"), ("of revenue", "share"), ("A small", "Another")]), base);
    let moved: [(&str, &str); 6] = [
        ("points: 3", "points: 4"),
        ("median: 10", "median: 11"),
        ("statistic: Sum", "statistic: Mean"),
        ("replications: 3", "replications: 3, seed: 8"),
        ("2026-06-30", "2026-07-31"),
        ("[0.5, 1]", "[0.5, 2]"),
    ];
    for change in moved {
        assert_ne!(digest(&[change]), base, "{change:?}");
    }
}

#[test]
fn samples_are_the_same_points_whoever_asks() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    for design in ["Sobol(points: 8)", "LatinHypercube(points: 8)"] {
        let uniform = ("Range(from: 0.1, to: 0.3, points: 3)", "Uniform(low: 0.1, high: 0.3)");
        let file = variant(folder.path(), &[("design: Grid", &format!("design: {design}")), uniform]);
        done(&sweep(&["plan", file.to_str().unwrap()], &out));
        let table = fs::read_to_string(out.join("share/design.csv")).unwrap();
        let rates: Vec<f64> =
            table.lines().skip(1).step_by(2).map(|line| line.split(',').nth(4).unwrap().parse().unwrap()).collect();
        // One in each eighth of the range.
        let mut eighths: Vec<u32> = rates.iter().map(|rate| ((rate - 0.1) / 0.2 * 8.0) as u32).collect();
        eighths.sort_unstable();
        assert_eq!(eighths, [0, 1, 2, 3, 4, 5, 6, 7], "{design}: {table}");
        assert_eq!(table.matches(",0.5\n").count(), 8, "half of the points have each of two values: {table}");
    }
}

/// The shipped sweeps and the one that the page explains are right, as far as can be told without running them.
#[test]
fn shipped_sweeps_and_the_example_of_the_page_are_right() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let page = fs::read_to_string(root.join("sweeps/README.md")).unwrap();
    let example = page.split("```ron\n").nth(1).unwrap().split("```").next().unwrap();
    let example = example.replace("../rules", root.join("rules").to_str().unwrap());
    let mut files = vec![folder.path().join("example.ron")];
    fs::write(&files[0], example).unwrap();
    let shipped = root.join("sweeps").read_dir().unwrap().map(|entry| entry.unwrap().path());
    files.extend(shipped.filter(|path| path.extension().is_some_and(|ending| ending == "ron")));
    assert!(files.len() > 1, "no sweep is shipped");
    for file in files {
        done(&sweep(&["plan", file.to_str().unwrap()], &folder.path().join("out")));
    }
}

/// A stand-in for Slurm: runs a job array's tasks and then what waits for them, and writes down how it was called.
const SBATCH: &str = r##"#!/bin/bash
set -eu
here="$(dirname "$0")"
echo "$*" >> "$here/calls"
script="${!#}"
cp "$script" "$here/$(basename "$script")"
if grep -q '^#SBATCH --array=' "$script"; then
    last="$(sed -n 's/^#SBATCH --array=0-\([0-9]*\).*/\1/p' "$script")"
    for ((task = last; task >= 0; task--)); do
        SLURM_ARRAY_TASK_ID=$task sh "$script" >&2
    done
    echo 41
else
    sh "$script" >&2
    echo "42;cluster"
fi
"##;

fn with_sbatch(folder: &Path, text: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    let sbatch = folder.join("sbatch");
    fs::write(&sbatch, text).unwrap();
    fs::set_permissions(&sbatch, fs::Permissions::from_mode(0o755)).unwrap();
    format!("{}:{}", folder.display(), std::env::var("PATH").unwrap())
}

#[test]
fn submitted_slices_are_a_job_array_with_a_merge_behind_it() {
    let folder = tempfile::tempdir().unwrap();
    let [whole, slurm, bin] = ["whole", "it's slurm", "bin"].map(|name| folder.path().join(name));
    fs::create_dir(&bin).unwrap();
    done(&sweep(&[SHARE, "--no-charts"], &whole));
    let path = with_sbatch(&bin, SBATCH);
    let submit = |more: &[&str]| {
        let mut command = program();
        command.args(["sweep", "submit", SHARE, "--slurm", "--shards", "5", "--cpus", "2", "--at-once", "3"]);
        command.args(more).arg("--out").arg(&slurm).env("PATH", &path).output().unwrap()
    };
    let stated = ["--seconds-per-run", "50", "--partition", "short"];
    let dry = submit(&[&stated[..], &["--dry-run", "--json"]].concat());
    done(&dry);
    let shown: serde_json::Value = serde_json::from_slice(&dry.stdout).unwrap();
    // 36 runs of 50 s are half an hour; 8 of them on 2 cores are 200 s, and twice that and 5 minutes the limit.
    assert_eq!((shown["shards"].as_u64(), shown["core_hours"].as_f64()), (Some(5), Some(0.5)));
    assert_eq!(shown["time_limit_minutes"].as_u64(), Some(12));
    assert!(!slurm.exists() && !bin.join("calls").exists(), "a dry run did something");
    let refused = submit(&[&stated[..], &["--max-core-hours", "0.4"]].concat());
    assert!(refused.status.code() == Some(2) && !bin.join("calls").exists());
    let measured = submit(&["--dry-run"]);
    done(&measured);
    assert!(String::from_utf8_lossy(&measured.stdout).contains("measured here"));
    let told = done(&submit(&stated));
    assert!(told.contains("job array 41: 5 slices") && told.contains("job 42: puts"), "{told}");
    let calls = fs::read_to_string(bin.join("calls")).unwrap();
    let calls: Vec<&str> = calls.lines().collect();
    assert!(calls.len() == 2 && calls[0].starts_with("--parsable --output=/"), "{calls:?}");
    assert!(calls[1].contains(" --dependency=afterok:41 "), "{calls:?}");
    let array = fs::read_to_string(bin.join("array.sh")).unwrap();
    for option in ["--array=0-4%3", "--cpus-per-task=2", "--time=12", "--requeue", "--partition=short"] {
        assert!(array.contains(&format!("\n#SBATCH {option}\n")), "{option}: {array}");
    }
    same(&whole, &slurm);
}

#[test]
fn a_scheduler_that_refuses_is_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let path = with_sbatch(folder.path(), "#!/bin/sh\necho 'invalid partition' >&2\nexit 1\n");
    let mut command = program();
    command.args(["sweep", "submit", SHARE, "--slurm", "--seconds-per-run", "1", "--out"]);
    let output = command.arg(folder.path().join("out")).env("PATH", path).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && told.contains("sbatch refused the job: invalid partition"), "{told}");
}
