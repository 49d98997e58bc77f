//! Puts the parts of a sweep together.

use super::folder::SweepFolder;
use crate::cli::Shell;
use crate::cli::stop::Stop;
use crate::cli::text::{Side, table};
use crate::experiment::sweep::Sweep;
use crate::report::files::write_atomically;
use crate::report::sweep::{PartState, Parts, PointsSummary, ResultsWriter, RunRow, SweepAccount};

/// Name of the file that says what was run.
const MANIFEST: &str = "manifest.ron";

/// What the user asked for.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub(super) charts: bool,
    pub(super) json: bool,
}

/// Checks that every run is there once, and writes the results; the command's end.
pub(super) fn merge(folder: &SweepFolder<'_>, asked: Asked, shell: &mut Shell<'_>) -> Result<(), Stop> {
    let parts = folder.parts();
    check(folder.sweep, &parts)?;
    let merged = write(folder, &parts).map_err(|error| cannot(folder, error))?;
    let account = merged.account;
    if account.failed > 0 {
        let reason = merged.reason.unwrap_or_default();
        shell.notes.error(&format!("{} of {} runs failed; the first: {reason}", account.failed, account.runs));
    }
    if asked.charts {
        super::draw::draw(folder, &merged.summary, shell)?;
    }
    if asked.json {
        let outcomes = merged.summary.to_json(folder.sweep);
        let json = serde_json::json!({ "sweep": account, "folder": folder.path, "outcomes": outcomes });
        shell.print_json(&json)?;
        return judge(&account);
    }
    let headings = [
        ("sweep", Side::Left),
        ("points", Side::Right),
        ("runs", Side::Right),
        ("failed", Side::Right),
        ("digest", Side::Left),
    ];
    let stem = folder.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let counts = [account.points.to_string(), account.runs.to_string(), account.failed.to_string()];
    let [points, runs, failed] = counts;
    shell.print(&table(headings, &[[stem, points, runs, failed, account.digest[..16].to_owned()]]))?;
    judge(&account)
}

fn cannot(folder: &SweepFolder<'_>, error: anyhow::Error) -> Stop {
    Stop::Failed(error.context(format!("cannot put the parts in `{}` together", folder.path.display())))
}

/// Checks that every run is there once, and writes the results.
pub(in crate::cli) fn write_merged(folder: &SweepFolder<'_>) -> Result<SweepAccount, Stop> {
    let parts = folder.parts();
    check(folder.sweep, &parts)?;
    Ok(write(folder, &parts).map_err(|error| cannot(folder, error))?.account)
}

/// All runs, in their order.
pub(in crate::cli) fn read_rows(folder: &SweepFolder<'_>) -> Result<Vec<RunRow>, Stop> {
    let parts = folder.parts();
    let mut rows = Vec::new();
    for part in 0..folder.sweep.plan.parts() {
        rows.extend(
            parts.rows(part).map_err(|why| cannot(folder, anyhow::anyhow!("{} {why}", parts.file(part).display())))?,
        );
    }
    Ok(rows)
}

/// As with `run`, work of which a part failed has failed: what the other runs gave is written all the same.
fn judge(account: &SweepAccount) -> Result<(), Stop> {
    match (account.failed, account.finished) {
        (0, _) => Ok(()),
        (_, 0) => Err(Stop::Failed(anyhow::anyhow!("no run came to its end"))),
        (failed, _) => {
            let told = format!("incomplete: {failed} of {} runs are missing from every figure", account.runs);
            Err(Stop::Failed(anyhow::anyhow!(told)))
        }
    }
}

/// Names every part that is missing or wrong.
fn check(sweep: &Sweep, parts: &Parts<'_>) -> Result<(), Stop> {
    const SHOWN: usize = 20;
    let mut wrong = Vec::new();
    for part in 0..sweep.plan.parts() {
        let why = match parts.state(part) {
            PartState::Whole(_) => continue,
            PartState::Missing => "is missing".to_owned(),
            PartState::Wrong(why) => why,
        };
        wrong.push(format!("{} {why}", parts.file(part).display()));
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let more = wrong.len().checked_sub(SHOWN + 1).map(|more| format!("and {} more", more + 1));
    let told: Vec<String> = wrong.iter().take(SHOWN).cloned().chain(more).collect();
    let advice = "run the sweep, or its slices, again: only what is missing or wrong is run";
    let error = anyhow::anyhow!(told.join("\n  "));
    Err(Stop::Failed(error.context(format!(
        "{} of {} parts cannot be used; {advice}",
        wrong.len(),
        sweep.plan.parts()
    ))))
}

struct Merged {
    account: SweepAccount,
    summary: PointsSummary,
    /// Why the first failed run failed.
    reason: Option<String>,
}

/// Writes results and summaries; the account last.
fn write(folder: &SweepFolder<'_>, parts: &Parts<'_>) -> anyhow::Result<Merged> {
    let sweep = folder.sweep;
    let manifest = folder.path.join(MANIFEST);
    let mut digest = blake3::Hasher::new();
    digest.update(sweep.digest.as_bytes());
    let mut summary = PointsSummary::new(sweep);
    let mut results = ResultsWriter::create(&folder.path.join("results.parquet"), sweep)?;
    let mut reason = None;
    for part in 0..sweep.plan.parts() {
        let rows = parts.rows(part).map_err(|why| anyhow::anyhow!("{} {why}", parts.file(part).display()))?;
        for row in rows {
            row.digest(&mut digest);
            results.push(&row)?;
            if let (None, Err(why)) = (&reason, &row.result) {
                reason = Some(why.clone());
            }
            summary.push(sweep, &row);
        }
    }
    match std::fs::remove_file(&manifest) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    results.finish()?;
    summary.write(sweep, &folder.path)?;
    parts.remove_temporaries()?;
    let account = SweepAccount {
        complete: true,
        finished: sweep.plan.runs() - summary.failed(),
        failed: summary.failed(),
        digest: digest.finalize().to_hex().to_string(),
        ..folder.account()
    };
    let text = account.to_ron();
    write_atomically(&manifest, |out| out.write_all(text.as_bytes()))?;
    Ok(Merged { account, summary, reason })
}
