//! Why a command ends before its end, and how that is told.

use super::{DONE, FAILED, INTERRUPTED, Notes, WRONG_INPUT};
use std::collections::BTreeSet;
use std::io;

/// Why a command ended early.
#[derive(Debug)]
pub(super) enum Stop {
    /// The arguments do not form a command; the text is complete.
    Usage(String),
    /// What the user gave is wrong in these ways.
    Problems(Vec<String>),
    /// The work failed.
    Failed(anyhow::Error),
    /// The user asked for it.
    Interrupted,
    /// Nobody reads standard output any more, as behind `| head`.
    OutputClosed,
}

impl Stop {
    /// A single problem of the input.
    pub(super) fn problem(text: impl Into<String>) -> Self {
        Stop::Problems(vec![text.into()])
    }

    /// Tells the user why, and gives the exit status.
    pub(super) fn tell(self, notes: &Notes<'_>) -> u8 {
        match self {
            Stop::Usage(text) => {
                notes.error(text.trim_end());
                WRONG_INPUT
            }
            Stop::Problems(mut problems) => {
                // What all scenarios are given is as wrong in each of them.
                let mut seen = BTreeSet::new();
                problems.retain(|problem| seen.insert(problem.clone()));
                for problem in &problems {
                    notes.error(&format!("error: {problem}"));
                }
                let noun = if problems.len() == 1 { "problem" } else { "problems" };
                notes.error(&format!("{} {noun}; nothing was written", problems.len()));
                WRONG_INPUT
            }
            Stop::Failed(error) => {
                notes.error(&format!("error: {error}"));
                for cause in error.chain().skip(1) {
                    notes.error(&format!("  because: {cause}"));
                }
                FAILED
            }
            Stop::Interrupted => {
                notes.error("interrupted");
                INTERRUPTED
            }
            Stop::OutputClosed => DONE,
        }
    }
}

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Self {
        Stop::Failed(error)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Stop::OutputClosed;
        }
        Stop::Failed(anyhow::Error::new(error).context("cannot write to standard output"))
    }
}
