//! `verify`: does the simulator compute what is known from elsewhere?

use super::Shell;
use super::options::MannerOptions;
use super::stop::Stop;
use crate::evidence::verify::{Case, Effort, MOST_BYTES, Outcome, REFERENCE, Verdict, read, run};
use clap::Args;
use std::path::{Path, PathBuf};

/// Runs the simulator's own modules on reference cases, and compares with what is known
#[derive(Args)]
#[command(
    after_help = "Examples:\n  cloudmarket verify\n  cloudmarket verify tests/reference/09_finance_ledgers.json\n  \
                        cloudmarket verify my-cases.json --precise --json\n\nA case passes if every expected quantity \
                        is met: computed ones within their tolerance, simulated ones within three standard errors of at \
                        most 2 % (0.5 % with --precise), or of what the case itself allows; if one is not, the case is simulated \
                        again to half of that, which decides. A share of time below one in \
                        a thousand is simulated as closely as one in a thousand, since rarer states would take too long \
                        to meet often enough. Kinds that the market has no use for are skipped. With --json, \
                        the computed quantities go to standard output and the verdicts to standard error."
)]
pub(super) struct Verify {
    /// Files of cases [default: the reference cases that ship with the program]
    cases: Vec<PathBuf>,
    /// Run simulated cases until standard errors are below 0.5 %, instead of 2 %
    #[arg(long)]
    precise: bool,
    #[command(flatten)]
    manner: MannerOptions,
}

impl Verify {
    pub(super) fn execute(&self, shell: &mut Shell<'_>) -> Result<(), Stop> {
        shell.notes.silence(self.manner.quiet);
        let cases = self.read()?;
        let precision = if self.precise { "0.5 %" } else { "2 %" };
        shell.notes.say(&format!(
            "{} cases; queues are simulated to {precision}, shares of time below 0.1 % as closely as one of 0.1 %",
            cases.len()
        ));
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.manner.threads().get()).build();
        let pool = pool.map_err(|error| anyhow::Error::new(error).context("cannot start threads"))?;
        let effort = Effort::new(self.precise, shell.interrupt);
        let verdicts = pool.install(|| run(&cases, effort)).ok_or(Stop::Interrupted)?;
        let (lines, failed) = (lines(&verdicts), count(&verdicts, |outcome| matches!(outcome, Outcome::Failed(_))));
        if self.manner.json {
            shell.notes.say(lines.trim_end());
            shell.print_json(&json(&verdicts))?;
        } else {
            shell.print(&lines)?;
        }
        match failed {
            0 => Ok(()),
            _ => Err(Stop::Failed(anyhow::anyhow!("{failed} of {} cases failed", verdicts.len()))),
        }
    }

    fn read(&self) -> Result<Vec<Case>, Stop> {
        if self.cases.is_empty() {
            return read(REFERENCE).map_err(Stop::Problems);
        }
        let (mut texts, mut problems) = (Vec::new(), Vec::new());
        for path in &self.cases {
            match text_of(path) {
                Ok(text) => texts.push((path.display().to_string(), text)),
                Err(problem) => problems.push(problem),
            }
        }
        let cases = read(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())));
        match cases {
            Ok(cases) if problems.is_empty() => Ok(cases),
            Ok(_) => Err(Stop::Problems(problems)),
            Err(more) => Err(Stop::Problems(problems.into_iter().chain(more).collect())),
        }
    }
}

fn text_of(path: &Path) -> Result<String, String> {
    let size = path.metadata().map_err(|error| format!("{}: {error}", path.display()))?.len();
    if size > MOST_BYTES as u64 {
        return Err(format!("{}: larger than {} MiB", path.display(), MOST_BYTES >> 20));
    }
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn count(verdicts: &[Verdict], counts: impl Fn(&Outcome) -> bool) -> usize {
    verdicts.iter().filter(|verdict| counts(&verdict.outcome)).count()
}

/// A line for each case, those of its failures indented, and the count.
fn lines(verdicts: &[Verdict]) -> String {
    let width = |of: fn(&Verdict) -> &String| verdicts.iter().map(|v| of(v).chars().count()).max().unwrap_or(0);
    let (ids, kinds) = (width(|v| &v.id), width(|v| &v.kind));
    let mut text = String::new();
    for Verdict { id, kind, outcome, .. } in verdicts {
        let end = match outcome {
            Outcome::Passed => "passed".to_owned(),
            Outcome::Skipped(reason) => format!("skipped: {reason}"),
            Outcome::Failed(complaints) => format!("FAILED\n    {}", complaints.join("\n    ")),
        };
        text += &format!("{id:<ids$}  {kind:<kinds$}  {end}\n");
    }
    let passed = count(verdicts, |outcome| matches!(outcome, Outcome::Passed));
    let skipped = count(verdicts, |outcome| matches!(outcome, Outcome::Skipped(_)));
    text + &format!("{passed} passed, {} failed, {skipped} skipped\n", verdicts.len() - passed - skipped)
}

/// `{case id: {quantity: value}}` of the cases that were computed.
fn json(verdicts: &[Verdict]) -> serde_json::Value {
    let computed = verdicts.iter().filter(|verdict| !verdict.quantities.is_empty());
    let case = |verdict: &Verdict| {
        let quantities = verdict.quantities.iter().map(|(name, value)| ((*name).to_owned(), value.to_json()));
        (verdict.id.clone(), serde_json::Value::Object(quantities.collect()))
    };
    serde_json::Value::Object(computed.map(case).collect())
}
