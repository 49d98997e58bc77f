//! What a scenario may say without meaning it: looked for before a run, and told as warnings.
//!
//! A lint is one function from a scenario to what it found, each with its path. A lint speaks only where nothing that
//! the run could draw or decide would prove it wrong: bounds are generous, and what hangs on chance is left alone.
//!
//! *Why are these no errors?* A counterfactual may want them: a contract signed after the run ends, a site that never
//! gets power. An error is what no scenario can mean.

mod contracts;
mod market;
mod schedules;
mod supply;

use super::resolve::Finding;
use super::schema::ScenarioSpec;
use super::tree::Tree;
use crate::market::contracts::OPEN_END;
use crate::model::Params;
use crate::units::{CivilDate, Time};

/// A scenario as lints see it: as written, and as one replication would run it.
pub(super) struct View<'a> {
    pub(super) tree: &'a Tree,
    pub(super) spec: &'a ScenarioSpec,
    pub(super) params: &'a Params,
}

/// Every lint, in the order of the warnings.
const LINTS: &[fn(&View) -> Vec<Finding>] = &[
    supply::fleet_without_power,
    supply::fleet_from_the_future,
    supply::type_that_nobody_buys,
    supply::type_that_no_line_makes,
    supply::line_of_another_maker,
    supply::output_over_committed,
    supply::site_without_power,
    supply::guidance_without_effect,
    supply::outage_outside_the_run,
    market::model_that_nobody_sells,
    market::channel_without_models,
    market::segment_without_a_channel,
    market::offset_of_no_offer,
    market::lab_without_compute,
    market::cloud_of_another_owner,
    market::starts_after_the_end,
    market::jobs_over_compute,
    contracts::amendment_after_the_end,
    contracts::term_never_in_force,
    contracts::commitment_out_of_reach,
    contracts::commitment_that_is_barred,
    contracts::distribution_on_an_own_interface,
    contracts::licence_without_use,
    contracts::cap_without_room,
    schedules::points_that_nothing_reads,
];

/// What every lint has to say.
pub(super) fn lint(tree: &Tree, spec: &ScenarioSpec, params: &Params) -> Vec<Finding> {
    let view = View { tree, spec, params };
    LINTS.iter().flat_map(|lint| lint(&view)).collect()
}

impl View<'_> {
    fn end(&self) -> CivilDate {
        self.spec.horizon.end.0
    }

    /// Whether `--until` or another setting cuts the run short: all that comes later is then left out on purpose.
    fn is_cut_short(&self) -> bool {
        let end = self.tree.get("horizon.end");
        end.and_then(|end| self.tree.sources().get(end.span.file)).is_some_and(|source| source.name.starts_with('<'))
    }

    /// Whether a day lies after the run; none does where that is on purpose.
    fn is_after_the_end(&self, date: CivilDate) -> bool {
        date > self.end() && !self.is_cut_short()
    }

    /// Until when something may come to pass: the end of the run, or of all time where it is cut short.
    fn horizon(&self) -> Time {
        if self.is_cut_short() { OPEN_END } else { self.params.calendar.horizon() }
    }

    /// The last instant of each month of the run.
    fn months(&self) -> impl Iterator<Item = Time> + '_ {
        (0..self.params.calendar.months()).map(|month| self.params.calendar.month_close(month))
    }
}

fn warn(path: String, message: impl Into<String>, help: &str) -> Finding {
    Finding { path, message: message.into(), help: (!help.is_empty()).then(|| help.to_owned()) }
}
