//! The command line: one file for each subcommand.
//!
//! Results go to standard output, everything else to standard error. The exit status is 0 when the work is done, 1
//! when it failed, 2 when the input is wrong and 130 when it was interrupted. Nothing here reads the environment:
//! what a command needs of the process it gets as a [`Shell`], so that tests can run commands without one.

// `println!` panics when nobody reads any more.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod backtest;
mod branch;
mod check;
mod clock;
mod compare;
mod kept;
mod list;
mod notes;
mod options;
mod output;
mod paths;
mod progress;
pub mod reader;
mod run;
pub mod scenarios;
mod sensitivity;
mod solve;
mod stop;
mod sweep;
mod text;
mod verify;

pub use notes::Notes;

use clap::{Parser, Subcommand};
use scenarios::Reader;
use std::ffi::OsString;
use std::io::Write;
use std::sync::atomic::AtomicBool;
use stop::Stop;

/// Exit status of a command that did its work.
pub const DONE: u8 = 0;
/// Exit status when the work failed.
pub const FAILED: u8 = 1;
/// Exit status when the input is wrong.
pub const WRONG_INPUT: u8 = 2;
/// Exit status after an interrupt.
pub const INTERRUPTED: u8 = 130;

/// What a command needs of the process that it runs in.
pub struct Shell<'a> {
    /// Reads scenario files.
    pub reader: &'a dyn Reader,
    /// Takes results.
    pub out: &'a mut dyn Write,
    /// Takes everything else.
    pub notes: Notes<'a>,
    /// Raised when the user wants the command to end.
    pub interrupt: &'a AtomicBool,
}

impl Shell<'_> {
    /// Writes `text` to standard output.
    fn print(&mut self, text: &str) -> Result<(), Stop> {
        self.out.write_all(text.as_bytes())?;
        Ok(self.out.flush()?)
    }

    /// Writes `value` to standard output as JSON.
    fn print_json(&mut self, value: &impl serde::Serialize) -> Result<(), Stop> {
        let text = serde_json::to_string_pretty(value).map_err(anyhow::Error::new)?;
        self.print(&(text + "\n"))
    }
}

#[derive(Parser)]
#[command(
    name = "cloudmarket",
    version,
    about = "Simulates the market for AI models and cloud compute, event by event",
    after_help = "Examples:\n  cloudmarket run\n  cloudmarket run scenarios/baseline.ron --replications 4 --threads 2\n  \
                  cloudmarket compare scenarios/baseline.ron scenarios/exclusivity-stays.ron\n  \
                  cloudmarket list metrics\n\nExit status: 0 done, 1 the work failed, 2 the input is wrong, 130 \
                  interrupted."
)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(run::Run),
    Branch(branch::Branch),
    Backtest(backtest::Backtest),
    Compare(compare::Compare),
    Check(check::Check),
    List(list::List),
    Sensitivity(sensitivity::Sensitivity),
    Solve(solve::Solve),
    Sweep(sweep::Sweep),
    Verify(verify::Verify),
}

/// Does what the arguments (the program's name first) ask for and gives the exit status. Errors are told to
/// [`Shell::notes`], with what to do about them.
pub fn execute(arguments: impl IntoIterator<Item = OsString>, shell: &mut Shell<'_>) -> u8 {
    let outcome = match CommandLine::try_parse_from(arguments) {
        Ok(line) => line.command.execute(shell),
        Err(refusal) if refusal.use_stderr() => Err(Stop::Usage(refusal.to_string())),
        Err(help) => shell.print(&help.to_string()),
    };
    match outcome {
        Ok(()) => DONE,
        Err(stop) => stop.tell(&shell.notes),
    }
}

impl Command {
    fn execute(&self, shell: &mut Shell<'_>) -> Result<(), Stop> {
        match self {
            Command::Run(run) => run.execute(shell),
            Command::Backtest(backtest) => backtest.execute(shell),
            Command::Branch(branch) => branch.execute(shell),
            Command::Compare(compare) => compare.execute(shell),
            Command::Check(check) => check.execute(shell),
            Command::List(list) => list.execute(shell),
            Command::Sensitivity(sensitivity) => sensitivity.execute(shell),
            Command::Solve(solve) => solve.execute(shell),
            Command::Sweep(sweep) => sweep.execute(shell),
            Command::Verify(verify) => verify.execute(shell),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn every_command_has_an_example() {
        for command in CommandLine::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let call = format!("cloudmarket {}", command.get_name());
            assert!(help.contains(&call), "the help of `{}` shows no call of it", command.get_name());
        }
    }
}
