//! `compare --half-width`: as many replications as the intervals need.

use super::lines::{Line, differences};
use super::sample::Sample;
use super::{Compare, Selection};
use crate::cli::Shell;
use crate::cli::scenarios::Scenario;
use crate::cli::stop::Stop;
use crate::experiment::paired::PairedDifference;
use crate::experiment::statistics::stopping::{Target, next};

/// A half-width as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Precision(Target);

/// `0.01`, or `2%` of the difference.
pub(super) fn parse_precision(text: &str) -> Result<Precision, String> {
    let number = |text: &str| text.trim().parse().ok().filter(|x: &f64| *x > 0.0 && x.is_finite());
    let target = match text.strip_suffix('%') {
        Some(percent) => number(percent).map(|percent| Target::relative_error(percent / 100.0)),
        None => number(text).map(Target::Absolute),
    };
    target.map(Precision).ok_or_else(|| "expected a number above 0, or per cent such as 2%".to_owned())
}

impl Compare {
    /// Runs the scenarios until every difference is known as well as asked for, or no more replications are allowed.
    pub(super) fn run_to(
        &self,
        precision: Precision,
        scenarios: &[Box<dyn Scenario>],
        selection: &Selection,
        shell: &mut Shell<'_>,
    ) -> Result<Vec<Sample>, Stop> {
        let first = scenarios[0].study().replications();
        if first < 2 || first > self.max_replications {
            return Err(Stop::problem(format!(
                "--half-width begins with {first} replications: expected from 2 to {}, the most that \
                 --max-replications allows; see --replications",
                self.max_replications
            )));
        }
        let mut samples: Vec<Sample> = scenarios.iter().map(|_| Sample::default()).collect();
        let (mut there, mut wanted) = (0, first);
        loop {
            self.run_more(scenarios, &mut samples, there..wanted, selection, shell)?;
            there = wanted;
            let lines = differences(scenarios, &samples, selection);
            let more = |line: &Line<'_>| needed(&line.difference, precision.0, there, self.max_replications);
            match lines.iter().filter_map(more).max() {
                Some(more) => wanted = more,
                None => break,
            }
        }
        let lines = differences(scenarios, &samples, selection);
        let wide = lines.iter().filter(|line| !is_met(&line.difference, precision.0)).count();
        if wide > 0 {
            shell.notes.say(&format!(
                "{wide} of {} differences are not known as well as asked for after {there} replications; see \
                 --max-replications",
                lines.len()
            ));
        }
        Ok(samples)
    }
}

/// Replications to have next for this difference, after `there`; none if it is known well enough. Replications without a
/// value in both scenarios are no pairs, and as many may come again.
fn needed(difference: &PairedDifference, target: Target, there: u32, most: u32) -> Option<u32> {
    let spread = difference.spread?;
    let moments = (difference.mean, spread.sd * spread.sd);
    let without = there as usize - difference.pairs;
    next(target, difference.pairs, moments, 0.95, most as usize - without).map(|pairs| (pairs + without) as u32)
}

fn is_met(difference: &PairedDifference, target: Target) -> bool {
    difference.spread.is_some_and(|spread| target.is_met(difference.mean, spread.half_width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_width_is_a_number_or_a_part() {
        assert_eq!(parse_precision("0.25"), Ok(Precision(Target::Absolute(0.25))));
        assert_eq!(parse_precision("25%"), Ok(Precision(Target::Relative(0.2))));
        for wrong in ["0", "-1", "%", "inf", "NaN%", "two"] {
            assert!(parse_precision(wrong).is_err(), "{wrong}");
        }
    }
}
