//! Labs port their models to the stacks of the clouds where they are sold or hold rights.
//!
//! A lab has so many teams, each with one cloud at a time: what waits for a team goes by the compute that it would open, the
//! most first. How long a port takes and how its throughput comes to par is in [`crate::market::porting`].

use super::events::Event;
use super::simulation::Simulation;
use crate::ids::{CloudId, LabId};
use crate::market::serving::{Ported, StackMask};
use crate::supply::params::Class;
use crate::units::Span;

impl Simulation<'_> {
    /// Starts porting wherever a lab is bound to a cloud, does not run on every stack there and has a team free.
    pub(super) fn begin_porting(&mut self) {
        for lab in (0..self.params.labs.len()).map(LabId::new) {
            let busy = self.state.labs[lab.index()].at.iter().filter(|at| at.porting).count();
            let teams = self.params.labs[lab.index()].porting_teams.map_or(usize::MAX, |teams| teams as usize);
            if busy >= teams {
                continue;
            }
            let mut open: Vec<(f64, CloudId)> =
                self.cloud_ids().filter_map(|cloud| Some((self.would_open(lab, cloud)?, cloud))).collect();
            open.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            for (_, cloud) in open.into_iter().take(teams - busy) {
                self.start_port(lab, cloud);
            }
        }
    }

    /// Compute on the stacks of a cloud that a lab is bound to and does not run on yet [chat H100e]; none if there is no
    /// such stack, or a port is under way.
    fn would_open(&self, lab: LabId, cloud: CloudId) -> Option<f64> {
        let at = &self.state.labs[lab.index()].at[cloud.index()];
        let missing = self.missing(lab, cloud);
        let bound = || at.right > 0.0 || self.state.listings.iter().any(|x| x.lab == lab && x.cloud == Some(cloud));
        let due = !at.porting && missing.0 != 0 && bound();
        due.then(|| self.state.clouds[cloud.index()].fleet.h100e_on(Class::Chat, missing))
    }

    /// Stacks of a cloud that a lab's models do not run on.
    fn missing(&self, lab: LabId, cloud: CloudId) -> StackMask {
        let present = self.state.clouds[cloud.index()].fleet.stacks();
        if present == StackMask::ANY {
            return StackMask::default();
        }
        StackMask(present.0 & !self.state.labs[lab.index()].at[cloud.index()].stacks.0)
    }

    fn start_port(&mut self, lab: LabId, cloud: CloudId) {
        let others = self.others_on(lab, self.missing(lab, cloud));
        let state = &mut self.state.labs[lab.index()];
        let first_days = self.params.labs[lab.index()].porting_days.quantile(state.porting_stream.uniform());
        state.at[cloud.index()].porting = true;
        let days = self.params.serving.porting.days(first_days, others) * self.state.porting_factor;
        self.after(Span::from_days(days), Event::Ported(lab, cloud));
    }

    /// Other labs that run on all of these stacks somewhere.
    fn others_on(&self, lab: LabId, stacks: StackMask) -> usize {
        let runs = |at: &super::state::LabAtCloud| at.stacks.0 & stacks.0 == stacks.0;
        let others = self.state.labs.iter().enumerate().filter(|(l, _)| *l != lab.index());
        others.filter(|(_, other)| other.at.iter().any(runs)).count()
    }

    pub(super) fn on_ported(&mut self, lab: LabId, cloud: CloudId) {
        let (fresh, now) = (self.missing(lab, cloud), self.now());
        let at = &mut self.state.labs[lab.index()].at[cloud.index()];
        at.stacks = StackMask(at.stacks.0 | fresh.0);
        (at.fresh, at.ported, at.porting) = (fresh, now, false);
        self.review_offers();
    }

    /// What a lab's models run on at a cloud today, and how fast.
    pub(super) fn ported(&self, lab: LabId, cloud: CloudId) -> Ported {
        let at = &self.state.labs[lab.index()].at[cloud.index()];
        if at.fresh.0 == 0 {
            return at.stacks.into();
        }
        let days = self.now().since(at.ported).days();
        Ported { stacks: at.stacks, fresh: at.fresh, pace: self.params.serving.porting.pace(days) }
    }
}
