//! The labs' own programmes: when frontier runs are due, and the models that come of them. How they run is in
//! [`super::training`].

use super::events::Event;
use super::simulation::Simulation;
use super::state::{ListPrice, ModelState, TrainingRun};
use crate::ids::LabId;
use crate::market::pricing::{TokenPriceFacts, list_price};
use crate::market::serving::cost_usd_per_mtok;
use crate::market::training::quality;
use crate::units::{Span, norm_inv};

impl Simulation<'_> {
    pub(super) fn on_run_started(&mut self, lab: LabId) {
        let Some(programme) = &self.params.labs[lab.index()].programme else { return };
        if self.state.labs[lab.index()].defaulted {
            return;
        }
        if self.state.labs[lab.index()].run.is_none() {
            let target_flop = programme.flop.at(self.now());
            self.state.labs[lab.index()].run = Some(TrainingRun { target_flop, place: None, warned: false });
            self.place_run(lab);
        }
        // A run that is late keeps the next one waiting for its turn.
        self.after(Span::from_days(programme.every_days), Event::RunStarted(lab));
    }

    /// A frontier run has done its work.
    pub(super) fn on_run_completed(&mut self, lab: LabId) {
        let Some(run) = self.state.labs[lab.index()].run.take() else { return };
        self.state.labs[lab.index()].last_flop = run.target_flop;
        let Some(programme) = &self.params.labs[lab.index()].programme else { return };
        let u = self.state.labs[lab.index()].release_stream.uniform();
        let lag = programme.release_lag_days.quantile(u);
        self.after(Span::from_days(lag), Event::ProgrammeReleased(lab));
    }

    /// Brings out a model of every line of the lab.
    pub(super) fn on_programme_released(&mut self, lab: LabId) {
        let now = self.now();
        let u = self.state.labs[lab.index()].release_stream.uniform();
        let noise = self.params.training.noise_sd * norm_inv(u);
        let flop = self.state.labs[lab.index()].last_flop;
        let reached = quality(&self.params.training, flop, now.years(), noise);
        for line in 0..self.params.labs[lab.index()].lines.len() {
            self.release_line(lab, line as u16, reached);
        }
    }

    fn release_line(&mut self, lab: LabId, line: u16, reached: f64) {
        let now = self.now();
        let params = &self.params.labs[lab.index()];
        let family = &params.lines[usize::from(line)];
        // A lab does not bring out what is worse than what it sells.
        let current = self.current_model(lab, line);
        let base_quality = (reached + family.quality_gap).max(current.map_or(0.0, |m| m.base_quality));
        let mut quality = family.class_bonus;
        quality.iter_mut().for_each(|q| *q += base_quality);
        let compute_per_token = family.compute_per_token.at(now);
        let facts = TokenPriceFacts {
            cost: self.token_cost(lab, compute_per_token),
            replaced: current.map(|m| (self.list_price(m), now.since(m.released).years())),
            lowest_rival: self.lowest_rival(lab, family.kind),
        };
        let model = ModelState {
            lab,
            line,
            released: now,
            quality,
            base_quality,
            compute_per_token,
            list: ListPrice::Set(list_price(params.pricing_at(now), &facts)),
            open_weights: params.open_weights,
            withdrawn: None,
            gone: false,
            first_ship_waived: false,
        };
        self.release(model);
    }

    /// The latest model of a line.
    pub(super) fn current_model(&self, lab: LabId, line: u16) -> Option<&ModelState> {
        self.state.models.iter().rev().find(|m| m.lab == lab && m.line == line && m.withdrawn.is_none())
    }

    /// Full cost of a million tokens on a lab's compute, at the mean levelised cost where it runs [USD/Mtok].
    pub(super) fn token_cost(&self, lab: LabId, compute_per_token: f64) -> f64 {
        let params = &self.params.labs[lab.index()];
        let levelised: f64 = self
            .cloud_ids()
            .map(|cloud| self.placement(lab, cloud) * self.state.clouds[cloud.index()].levelised_cost)
            .sum();
        let now = self.now();
        let reference = &self.params.serving.reference_mtok_per_hour;
        cost_usd_per_mtok(
            levelised,
            compute_per_token,
            params.serving_overhead,
            reference,
            params.busy_share.at(now),
            now,
        )
    }

    fn lowest_rival(&self, lab: LabId, kind: u16) -> Option<f64> {
        let rivals = self.state.models.iter().filter(|m| {
            m.lab != lab
                && m.withdrawn.is_none()
                && self.params.labs[m.lab.index()].lines[usize::from(m.line)].kind == kind
        });
        rivals.map(|m| self.list_price(m)).min_by(f64::total_cmp)
    }
}
