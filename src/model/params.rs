//! The resolved scenario of one replication: everything a run reads and nothing it writes.

use super::record::Milestone;
use crate::ids::{LabId, PartyId};
use crate::market::contracts::Contract;
use crate::market::demand::DemandParams;
use crate::market::demand::products::ProductParams;
use crate::market::demand::rental::RentalParams;
use crate::market::focal::Customer;
use crate::market::params::{Channel, CloudMarket, Lab, ScriptedModel, ServedBy, Serving, Training};
use crate::market::regulation::Regulator;
use crate::market::tokens::TokenParams;
use crate::supply::params::SupplyParams;
use crate::units::{Calendar, Schedule, Span, Time};
use serde::{Deserialize, Serialize};

/// A party and what it starts with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Party {
    /// Id in the scenario.
    pub id: String,
    /// Cash when the run starts [USD].
    pub opening_cash_usd: f64,
    /// Debt when the run starts [USD].
    pub opening_debt_usd: f64,
}

/// Parties outside the market, at the other end of postings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Externals {
    /// Firms that buy tokens and chip-hours.
    pub customers: PartyId,
    /// Users of products, and their advertisers.
    pub households: PartyId,
    /// Buyers of stakes.
    pub investors: PartyId,
    /// Banks and bond holders.
    pub lenders: PartyId,
    /// Builders of shells and power.
    pub builders: PartyId,
    /// Sellers of electricity.
    pub utilities: PartyId,
    /// Staff, spares and everything else.
    pub staff: PartyId,
}

/// A consumer product and how it is tied into the market.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Product {
    /// Whose it is.
    pub party: PartyId,
    /// The lab that its revenue counts for.
    pub lab: LabId,
    /// Whose compute serves it.
    pub served_by: ServedBy,
    /// Day of launch.
    pub launched: Time,
    /// Lines that it may route to.
    pub candidates: Vec<ProductLine>,
    /// Weight of log cost against quality in its routing, if not that of all products [nats].
    pub cost_weight: Option<Schedule>,
}

/// A line of models that a product may route to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductLine {
    /// Whose.
    pub lab: LabId,
    /// Position among the lab's lines.
    pub line: u16,
    /// First instant at which it may.
    pub from: Time,
}

/// What a load forecast extrapolates and counts on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forecasting {
    /// Highest yearly growth carried forward [1/year].
    pub growth_cap_per_year: f64,
    /// Share of last year's growth carried forward [1].
    pub growth_damping: f64,
    /// Growth assumed while there is no year of history [1/year].
    pub first_year_growth: f64,
    /// Time for which the parties to a commitment know of it before it is signed.
    pub talks: Span,
}

/// A channel-lab offset of utility [nats].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Offset {
    /// Whose models.
    pub lab: LabId,
    /// Position among the channels.
    pub channel: u16,
    /// Worth beyond the rest [nats].
    pub nats: f64,
}

/// Demand beyond the segments' own parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tastes {
    /// Lag of the outside option behind the frontier [years].
    pub outside_lag_years: f64,
    /// Quality below the frontier beyond which a launch goes unnoticed [quality units].
    pub launch_gap: f64,
    /// Standard deviation of a lab's shock on a channel [nats].
    pub shock_sd: f64,
    /// Share of last quarter's shock that persists [1].
    pub shock_persistence: f64,
    /// What a lab on a channel is worth beyond the rest.
    pub offsets: Vec<Offset>,
    /// Relative price change that counts, smallest over the segments [1].
    pub price_threshold: f64,
}

/// The resolved scenario of one replication.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Params {
    /// Dates and months.
    pub calendar: Calendar,
    /// Seed of the streams.
    pub seed: u64,
    /// Replication: the index of both the drawn parameters and the run's own chance.
    pub draw: u64,
    /// Parties.
    pub parties: Vec<Party>,
    /// Those outside the market.
    pub externals: Externals,
    /// Stack names.
    pub stacks: Vec<String>,
    /// Supply side.
    pub supply: SupplyParams,
    /// Cumulative 8-bit purchases at the start, by cloud [H100e].
    pub purchases_8bit_at_start: Vec<f64>,
    /// Market side of the clouds.
    pub clouds: Vec<CloudMarket>,
    /// Labs.
    pub labs: Vec<Lab>,
    /// Scripted models, by release.
    pub models: Vec<ScriptedModel>,
    /// Channels.
    pub channels: Vec<Channel>,
    /// Products: how they are tied into the market.
    pub products: Vec<Product>,
    /// Products: users, tokens and prices.
    pub product_rules: Vec<ProductParams>,
    /// Kinds of tokens.
    pub tokens: TokenParams,
    /// Segments.
    pub demand: DemandParams,
    /// Demand beyond the segments.
    pub tastes: Tastes,
    /// Chip-hours rented by others.
    pub rental: RentalParams,
    /// Share of each cloud in rental at equal prices [1].
    pub rental_share_at_equal_prices: Vec<Schedule>,
    /// Serving.
    pub serving: Serving,
    /// Training.
    pub training: Training,
    /// Forecasts.
    pub forecasting: Forecasting,
    /// Contracts.
    pub contracts: Vec<Contract>,
    /// Regulators.
    pub regulators: Vec<Regulator>,
    /// Their ids in the scenario.
    pub regulator_ids: Vec<String>,
    /// Focal customers.
    pub focal: Vec<Customer>,
    /// Dates that charts mark.
    pub milestones: Vec<Milestone>,
}

impl Params {
    /// Busy share of the compute behind a channel's tokens on its cloud [1].
    pub fn busy_at(&self, channel: u16, now: Time) -> f64 {
        let own = self.channels[usize::from(channel)].busy_share.as_ref();
        own.unwrap_or(&self.serving.platform_busy_share).at(now)
    }
}
