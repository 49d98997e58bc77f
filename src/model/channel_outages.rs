//! Channels go out while the compute behind them stands: a gateway, a login or a release that fails.
//!
//! An alternating renewal process for each channel: time to the next failure is exponential with mean `1/λ` from the last
//! repair on, λ failures [1/year]; each lasts a drawn time. Outages of the past come on their dates. While a channel is out
//! nothing of it is served: its tokens go elsewhere as those of a full place do (see [`super::spill`]), what can wait of the
//! rest is throttled and what cannot is lost, and whoever notices looks again.
//!
//! Source: MODEL §3's rule for sites, carried over; the rates are assumed. Limits: a channel is out as a whole or not at
//! all; products do not go through channels; a lab's credits for its own outages are left out.

use super::events::Event;
use super::simulation::Simulation;
use crate::engine::Stream;
use crate::ids::ChannelId;
use crate::market::demand::Place;
use crate::units::{Span, YEAR_DAYS};
use serde::{Deserialize, Serialize};

/// A channel's outages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChannelState {
    /// Outages under way; it is up without any.
    out: u16,
    /// Month to date [h].
    pub month_hours: f64,
    stream: Stream,
}

impl ChannelState {
    /// A channel that is up.
    pub fn new(stream: Stream) -> Self {
        Self { out: 0, month_hours: 0.0, stream }
    }

    /// Whether it is out.
    pub fn is_out(&self) -> bool {
        self.out > 0
    }
}

impl Simulation<'_> {
    /// Whether nothing comes through a channel now.
    pub(super) fn is_out(&self, channel: u16) -> bool {
        self.state.channels[usize::from(channel)].is_out()
    }

    /// Puts outages of known dates and the first of the others on the clock.
    pub(super) fn await_channel_outages(&mut self) {
        for channel in 0..self.params.channels.len() as u16 {
            let Some(outages) = &self.params.channels[usize::from(channel)].outages else { continue };
            for (position, (day, _)) in outages.dated.iter().enumerate() {
                self.at(*day, Event::ChannelFailed(channel, Some(position as u16)));
            }
            self.await_channel_failure(channel);
        }
    }

    fn await_channel_failure(&mut self, channel: u16) {
        let per_year = self.params.channels[usize::from(channel)].outages.as_ref().map_or(0.0, |o| o.per_year);
        if per_year > 0.0 {
            let days = self.state.channels[usize::from(channel)].stream.exponential(YEAR_DAYS / per_year);
            self.after(Span::from_days(days), Event::ChannelFailed(channel, None));
        }
    }

    /// A channel goes out, by chance or as the dated outage of that position.
    pub(super) fn on_channel_failed(&mut self, channel: u16, dated: Option<u16>) {
        let c = usize::from(channel);
        let Some(outages) = &self.params.channels[c].outages else { return };
        let hours = match dated {
            Some(position) => outages.dated[usize::from(position)].1,
            None => outages.hours.quantile(self.state.channels[c].stream.uniform()),
        };
        self.accrue();
        self.state.channels[c].out += 1;
        self.after(Span::from_days(hours / 24.0), Event::ChannelRestored(channel, dated.is_none()));
        let (now, place) = (self.engine.now(), Place::Channel(ChannelId::new(c)));
        self.state.demand.on_outage(&self.params.demand, &self.state.offers, now, place, hours);
        self.dispatch_due();
    }

    /// A channel is back; if by chance, the next failure is awaited.
    pub(super) fn on_channel_restored(&mut self, channel: u16, by_chance: bool) {
        self.accrue();
        self.state.channels[usize::from(channel)].out -= 1;
        if by_chance {
            self.await_channel_failure(channel);
        }
        self.dispatch_due();
    }

    /// Counts hours for which channels were out until now.
    pub(super) fn accrue_outages(&mut self, hours: f64) {
        for channel in self.state.channels.iter_mut().filter(|channel| channel.is_out()) {
            channel.month_hours += hours;
        }
    }
}
