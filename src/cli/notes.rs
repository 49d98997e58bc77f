//! Standard error: what is told beside the results.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

/// Writes lines to standard error, from any thread. A reader that has gone away is no reason to stop working, so
/// what cannot be written is dropped.
pub struct Notes<'a> {
    err: Mutex<&'a mut (dyn Write + Send)>,
    terminal: bool,
    quiet: bool,
}

impl<'a> Notes<'a> {
    /// Notes to `err`, which is a terminal or not.
    pub fn new(err: &'a mut (dyn Write + Send), terminal: bool) -> Self {
        Self { err: Mutex::new(err), terminal, quiet: false }
    }

    /// From now on, only errors are told.
    pub(super) fn silence(&mut self, quiet: bool) {
        self.quiet = quiet;
    }

    /// Whether progress may be drawn, and redrawn in place.
    pub(super) fn draws(&self) -> bool {
        self.terminal && !self.quiet
    }

    /// Tells something good to know.
    pub(super) fn say(&self, line: &str) {
        if !self.quiet {
            self.error(line);
        }
    }

    /// Tells what went wrong, however quiet.
    pub(super) fn error(&self, line: &str) {
        let mut err = self.err.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = writeln!(err, "{line}").and_then(|()| err.flush());
    }
}
