//! The `cloudmarket` program: hands the command line to [`cloudmarket::cli`] and turns signals into a flag.

use cloudmarket::cli::{self, Notes, Shell, reader::FileReader};
use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

static INTERRUPT: AtomicBool = AtomicBool::new(false);

fn main() -> ExitCode {
    // Without a handler, a signal ends the program at once: less kind, but no reason to refuse to run.
    let _ = ctrlc::set_handler(|| {
        if INTERRUPT.swap(true, Ordering::SeqCst) {
            std::process::exit(i32::from(cli::INTERRUPTED));
        }
    });
    let (mut out, mut err) = (io::stdout(), io::stderr());
    let notes = Notes::new(&mut err, io::stderr().is_terminal());
    let mut shell = Shell { reader: &FileReader, out: &mut out, notes, interrupt: &INTERRUPT };
    ExitCode::from(cli::execute(std::env::args_os(), &mut shell))
}
