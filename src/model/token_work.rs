//! What tokens take on the day of a dispatch, looked up once for all of it.

use super::params::Params;
use crate::ids::{CloudId, LabId};
use crate::market::serving::h100e_of_tokens;
use crate::supply::params::Class;
use crate::units::Time;

/// The factors behind [`h100e_of_tokens`] on one day.
#[derive(Clone, Debug, Default)]
pub(super) struct TokenWork {
    /// R, tokens of the reference model that an H100e serves when busy [Mtok/h].
    reference: f64,
    /// Work per token by class, of the blend of a list price [1].
    pub by_class: [f64; Class::COUNT],
    /// Overhead and busy share of each lab's own serving [1].
    of_labs: Vec<(f64, f64)>,
    /// Busy share behind each channel [1].
    of_channels: Vec<f64>,
    /// Busy share of platforms that state none of their own [1].
    of_platforms: f64,
}

impl TokenWork {
    /// Looks everything up for `now`.
    pub fn refresh(&mut self, params: &Params, now: Time) {
        self.reference = params.serving.reference_mtok_per_hour.at(now);
        self.by_class = params.tokens.work_by_class(now);
        self.of_labs.clear();
        self.of_labs.extend(params.labs.iter().map(|lab| (lab.serving_overhead, lab.busy_share.at(now))));
        self.of_channels.clear();
        self.of_channels.extend((0..params.channels.len()).map(|channel| params.busy_at(channel as u16, now)));
        self.of_platforms = params.serving.platform_busy_share.at(now);
    }

    /// Compute that a million tokens an hour of a model keep busy [H100e], sold on a cloud's channel or a lab's own.
    pub fn sold(&self, compute_per_token: f64, lab: LabId, (cloud, channel): (Option<CloudId>, u16)) -> f64 {
        match cloud {
            Some(_) => {
                let busy = self.of_channels[usize::from(channel)];
                h100e_of_tokens(1.0, compute_per_token, 1.0, self.reference, busy)
            }
            None => self.by_lab(compute_per_token, lab),
        }
    }

    /// The same on a lab's own serving.
    pub fn by_lab(&self, compute_per_token: f64, lab: LabId) -> f64 {
        let (overhead, busy) = self.of_labs[lab.index()];
        h100e_of_tokens(1.0, compute_per_token, overhead, self.reference, busy)
    }

    /// Compute that tokens of the reference model keep busy on a cloud's own products [H100e].
    pub fn on_platform(&self, mtok_per_hour: f64) -> f64 {
        h100e_of_tokens(mtok_per_hour, 1.0, 1.0, self.reference, self.of_platforms)
    }
}
