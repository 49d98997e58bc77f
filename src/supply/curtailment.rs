//! Curtailment: part of a site's power is cut for a while, and part of its chips go dark.
//!
//! Cuts in force at once add up; a site has `max(0, E − Σ cut)` left of its energized power E. The reserve is what it is
//! held for and carries chips too. Which chips run under the cap is decided by [`run_under`]: the most throughput per
//! watt first, so that the chips of least throughput per watt go dark.
//!
//! Source: G. B. Dantzig, Operations Research 5 (1957) 266–288, for the order by throughput per watt. Not modelled: chips
//! at lower clocks, batteries and generators on site, time to come back.

use crate::units::Time;
use serde::{Deserialize, Serialize};

/// Chips alike that may run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// Power of one, above 0 \[W\].
    pub watts: u64,
    /// How many there are.
    pub chips: u64,
    /// Throughput of one, in any unit.
    pub throughput: f64,
}

/// Positions by throughput per watt, the best first; ties by position.
fn by_use_of_power(types: &[Candidate]) -> Vec<usize> {
    let worth = |place: &usize| types[*place].throughput / types[*place].watts as f64;
    let mut order: Vec<usize> = (0..types.len()).collect();
    order.sort_by(|a, b| worth(b).total_cmp(&worth(a)).then(a.cmp(b)));
    order
}

/// How many chips of each type run under a cap: type by type, the most throughput per watt first, as many as fit.
///
/// Limits: less than the best by at most one chip of the type that no longer fits whole; see [`best_throughput`].
pub fn run_under(cap_w: u64, types: &[Candidate]) -> Vec<u64> {
    let (mut left_w, mut run) = (cap_w, vec![0; types.len()]);
    for place in by_use_of_power(types) {
        let Candidate { watts, chips, .. } = types[place];
        run[place] = chips.min(left_w / watts);
        left_w -= run[place] * watts;
    }
    run
}

/// The same if a chip could run in part: what no division of the power is above.
pub fn run_in_parts(cap_w: u64, types: &[Candidate]) -> Vec<f64> {
    let (mut left_w, mut run) = (cap_w as f64, vec![0.0; types.len()]);
    for place in by_use_of_power(types) {
        let Candidate { watts, chips, .. } = types[place];
        run[place] = (chips as f64).min(left_w / watts as f64);
        left_w -= run[place] * watts as f64;
    }
    run
}

/// Steps after which the search for the best whole numbers of chips gives up.
const MOST_STEPS: u32 = 1 << 22;

/// The most throughput that whole chips reach under a cap: what [`run_under`] is held against. None if it is too long to
/// search for.
///
/// Branch and bound, type by type in the order of [`run_under`], with [`run_in_parts`] of what is left as the bound.
pub fn best_throughput(cap_w: u64, types: &[Candidate]) -> Option<f64> {
    let sorted: Vec<Candidate> = by_use_of_power(types).into_iter().map(|place| types[place]).collect();
    let mut search = Search { types: &sorted, best: 0.0, steps: MOST_STEPS };
    search.branch(0, cap_w, 0.0)?;
    Some(search.best)
}

struct Search<'a> {
    types: &'a [Candidate],
    best: f64,
    steps: u32,
}

impl Search<'_> {
    /// Goes through the numbers of the types from `place` on, with `left_w` to spend on top of `reached`.
    fn branch(&mut self, place: usize, left_w: u64, reached: f64) -> Option<()> {
        self.best = self.best.max(reached);
        let Some(&Candidate { watts, chips, throughput }) = self.types.get(place) else { return Some(()) };
        for run in (0..=chips.min(left_w / watts)).rev() {
            self.steps = self.steps.checked_sub(1)?;
            let (reached, left_w) = (reached + run as f64 * throughput, left_w - run * watts);
            let rest = &self.types[place + 1..];
            let bound = reached + total(rest, &run_in_parts(left_w, rest));
            // The fewer of the better type, the lower the bound.
            if bound <= self.best {
                break;
            }
            self.branch(place + 1, left_w, reached)?;
        }
        Some(())
    }
}

/// Throughput of so many chips of each type.
pub fn total(types: &[Candidate], run: &[f64]) -> f64 {
    types.iter().zip(run).map(|(kind, run)| kind.throughput * run).sum()
}

/// What curtailment has cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Loss {
    /// Energy that was not delivered \[MWh of facility\].
    pub mwh: f64,
    /// Hours that chips in order were dark \[chip-hours\].
    pub chip_hours: f64,
}

/// Cuts in force at a site, and what they have cost since the first of them began.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Curtailment {
    /// How many are in force.
    cuts: u32,
    /// Power that they take together \[W of facility\].
    cut_w: u64,
    /// Power of the site \[W of facility\] and chips that are dark, since the last change.
    supply_w: u64,
    dark: u64,
    as_of: Time,
    lost: Loss,
}

impl Curtailment {
    /// Whether any cut is in force.
    pub fn in_force(&self) -> bool {
        self.cuts > 0
    }

    /// What is left of `supply_w` \[W of facility\].
    pub fn left_w(&self, supply_w: u64) -> u64 {
        supply_w.saturating_sub(self.cut_w)
    }

    /// A cut begins.
    pub fn begin(&mut self, now: Time, cut_w: u64) {
        self.accrue(now);
        self.cuts += 1;
        self.cut_w += cut_w;
    }

    /// A cut ends; what all of them have cost, if it was the last.
    pub fn end(&mut self, now: Time, cut_w: u64) -> Option<Loss> {
        self.accrue(now);
        self.cuts -= 1;
        self.cut_w -= cut_w;
        (self.cuts == 0).then(|| std::mem::take(self).lost)
    }

    /// From now on the site has `supply_w` and that many of its chips are dark.
    pub fn note(&mut self, now: Time, supply_w: u64, dark: u64) {
        self.accrue(now);
        (self.supply_w, self.dark) = (supply_w, dark);
    }

    /// Counts what was lost until now.
    fn accrue(&mut self, now: Time) {
        if self.cuts > 0 {
            let hours = now.since(self.as_of).hours();
            self.lost.mwh += self.cut_w.min(self.supply_w) as f64 / 1e6 * hours;
            self.lost.chip_hours += self.dark as f64 * hours;
        }
        self.as_of = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chips(watts: u64, chips: u64, throughput: f64) -> Candidate {
        Candidate { watts, chips, throughput }
    }

    /// 0.1, 0.3 and 0.2 a watt: 2 of the second take 6 of 10 W, 1 of the third 3 W, and 1 W is left for one of the first.
    #[test]
    fn the_best_use_of_power_runs_first() {
        let types = [chips(1, 9, 0.1), chips(3, 2, 0.9), chips(3, 5, 0.6)];
        assert_eq!(run_under(10, &types), [1, 2, 1]);
        assert_eq!(run_in_parts(10, &types), [0.0, 2.0, 4.0 / 3.0]);
        assert_eq!(run_under(0, &types), [0, 0, 0]);
        assert_eq!(run_under(1_000, &types), [9, 2, 5]);
        assert!(run_under(10, &[]).is_empty());
    }

    /// 10 W: greedy takes the 6 W chip of 0.2 a watt and a 4 W one for 1.2 + 0.6; two of 5 W would give 1.9.
    #[test]
    fn the_best_whole_numbers_may_beat_the_order() {
        let types = [chips(6, 1, 1.2), chips(5, 2, 0.95), chips(4, 1, 0.6)];
        let run: Vec<f64> = run_under(10, &types).into_iter().map(|n| n as f64).collect();
        assert_eq!(run, [1.0, 0.0, 1.0]);
        assert!((total(&types, &run) - 1.8).abs() < 1e-12);
        assert!((best_throughput(10, &types).unwrap() - 1.9).abs() < 1e-12);
        assert_eq!(best_throughput(3, &types), Some(0.0));
    }

    /// 10 MW are cut by 4 MW for 6 h and by 8 MW for the last 2 of them and 1 h more: 4·4 + 10·2 + 8·1 = 44 MWh, of
    /// which the two hours together take all there is. 100 chips are dark for 4 h, 250 for 2 h, 200 for 1 h.
    #[test]
    fn cuts_in_force_at_once_add_up_to_no_more_than_there_is() {
        const HOUR: u64 = 3_600;
        let (mut site, mw) = (Curtailment::default(), 1_000_000);
        site.note(Time(0), 10 * mw, 0);
        site.begin(Time(HOUR), 4 * mw);
        site.note(Time(HOUR), 10 * mw, 100);
        site.begin(Time(5 * HOUR), 8 * mw);
        site.note(Time(5 * HOUR), 10 * mw, 250);
        assert_eq!((site.left_w(10 * mw), site.left_w(15 * mw)), (0, 3 * mw));
        assert_eq!(site.end(Time(7 * HOUR), 4 * mw), None);
        site.note(Time(7 * HOUR), 10 * mw, 200);
        let lost = site.end(Time(8 * HOUR), 8 * mw).unwrap();
        assert!((lost.mwh - 44.0).abs() < 1e-9 && (lost.chip_hours - 1_100.0).abs() < 1e-9, "{lost:?}");
        assert_eq!((site.in_force(), site), (false, Curtailment::default()));
    }
}
