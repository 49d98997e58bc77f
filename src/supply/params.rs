//! Resolved parameters of the supply side: what suppliers can build, what clouds own and may buy, where power is.
//!
//! Everything here is fixed for a run. Dates are years or [`Time`]s since the run's start; a date before the start is
//! the start.

use crate::ids::{AcceleratorId, CloudId, PartyId, PoolId, SiteId, StackId, SupplierId};
use crate::units::{Distribution, Schedule, Time};
use serde::{Deserialize, Serialize};

/// Workload classes, in the order of every array over classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Class {
    /// Pre-training and post-training.
    Training,
    /// Chat.
    Chat,
    /// Long chains of reasoning.
    Reasoning,
    /// Coding and agents.
    Coding,
    /// Retrieval and batch.
    Batch,
    /// Images.
    Image,
    /// Video.
    Video,
}

impl Class {
    /// How many classes there are.
    pub const COUNT: usize = 7;
    /// Every class, in order.
    pub const ALL: [Class; Class::COUNT] =
        [Class::Training, Class::Chat, Class::Reasoning, Class::Coding, Class::Batch, Class::Image, Class::Video];

    /// Names, in order.
    pub const NAMES: [&str; Class::COUNT] = ["training", "chat", "reasoning", "coding", "batch", "image", "video"];

    /// Position in arrays over classes.
    pub fn index(self) -> usize {
        self as usize
    }
}

/// A type of accelerator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Accelerator {
    /// Id in the scenario.
    pub id: String,
    /// Who makes it.
    pub supplier: SupplierId,
    /// Software stack that models are ported to.
    pub stack: StackId,
    /// First day that it can be ordered for shipment.
    pub available: Time,
    /// Age of the type at the run's start in years, if it came out before (for the throughput ramp).
    pub age_at_start_years: f64,
    /// IT power per chip with its share of server and network [kW].
    pub power_kw: f64,
    /// IT cost per chip with its share of server and network, paid on delivery [USD].
    pub unit_capex_usd: Schedule,
    /// Economic life [years]; retired at its end.
    pub life_years: f64,
    /// Failures per chip and year [1/year].
    pub failures_per_year: f64,
    /// Repair time [days], drawn per batch of failures.
    pub repair_days: Distribution,
    /// Needs liquid-cooled power.
    pub liquid_cooled: bool,
    /// Units of each shared pool that one chip takes (wafers, GB of memory).
    pub pool_use: Vec<(PoolId, f64)>,
    /// Shortest time from order to shipment [weeks], drawn per order; waiting for output comes on top.
    pub lead_time_weeks: Distribution,
    /// Throughput by class over one H100 SXM's, on mature software [H100e].
    pub throughput_h100e: [f64; Class::COUNT],
    /// Share of the mature throughput when the type first ships [1].
    pub maturity_at_launch: f64,
    /// Half-life of the gap to maturity [years].
    pub maturity_half_life_years: f64,
    /// 8-bit H100-equivalents as Epoch AI counts purchases [H100e].
    pub h100e_8bit: f64,
}

/// How a supplier divides its output among open orders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Allocation {
    /// Oldest order first.
    FirstCome,
    /// In proportion to what is open.
    Proportional,
    /// The order of which the larger share was paid in advance first, the oldest of equals.
    PrepaidFirst,
    /// By a share for each buyer; those without one have together what the shares leave of 1, first come, first served.
    /// What a buyer does not take goes to the others in proportion to their shares, and what all of them leave goes to
    /// those without a share. Shares that add up to more than 1 count in proportion.
    Strategic(Vec<(Buyer, Schedule)>),
    /// By a rank for each buyer, the lowest first; those without one come last. Within a rank, oldest first.
    PriorityOrder(Vec<(Buyer, u32)>),
    /// In the same order, but an order ships whole or is passed over; chips that fill none wait with the maker.
    WholeOrders(Vec<(Buyer, u32)>),
}

/// Who orders accelerators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Buyer {
    /// A cloud or another operator of a fleet.
    Cloud(CloudId),
    /// A buyer of scripted volumes, by its position in [`SupplyParams::residual_buyers`].
    Residual(u16),
}

/// One product line of a supplier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// What it makes.
    pub accelerator: AcceleratorId,
    /// Most it can ship in a quarter [chips].
    pub capacity_per_quarter: Schedule,
}

/// A maker of accelerators.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Supplier {
    /// Id in the scenario.
    pub id: String,
    /// Who is paid.
    pub party: PartyId,
    /// What it makes.
    pub lines: Vec<Line>,
    /// Its share of each pool that it draws on [1].
    pub pool_shares: Vec<(PoolId, Schedule)>,
    /// How output is divided.
    pub allocation: Allocation,
}

/// What a pool offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PoolKind {
    /// Advanced packaging.
    Packaging,
    /// Memory on the package.
    Memory,
    /// Anything else that makers share.
    Other,
}

/// A shared input of suppliers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pool {
    /// Id in the scenario.
    pub id: String,
    /// What it is.
    pub kind: PoolKind,
    /// What it offers in a month [units].
    pub capacity_per_month: Schedule,
    /// Factor on that [1].
    pub capacity_factor: Schedule,
}

impl Pool {
    /// What it offers in a month [units].
    pub fn capacity_at(&self, now: Time) -> f64 {
        self.capacity_per_month.at(now) * self.capacity_factor.at(now)
    }
}

/// A buyer of scripted volumes that sells nothing in this market.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResidualBuyer {
    /// Id in the scenario.
    pub id: String,
    /// Who pays.
    pub party: PartyId,
    /// Orders in a quarter, by the date of the order; dates before the start are read too, as far back as lead times
    /// reach, so that deliveries do not pause at the start [chips].
    pub orders_per_quarter: Vec<(AcceleratorId, Schedule)>,
}

/// Chips that a cloud owns when the run starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InitialFleet {
    /// Type.
    pub accelerator: AcceleratorId,
    /// How many, all installed at the cloud's sites in their order, as far as power allows; the rest in stock [chips].
    pub chips: u64,
    /// Mean age at the start [years]; ages are spread evenly from 0 to twice the mean, at most the life.
    pub mean_age_years: f64,
}

/// A type that a cloud may buy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Purchase {
    /// Type.
    pub accelerator: AcceleratorId,
    /// Factor on the value of its compute in planning, above 1 for the cloud's own silicon [1].
    pub preference: f64,
}

/// The physical and planning side of a cloud.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CloudSupply {
    /// Id in the scenario.
    pub id: String,
    /// Who owns it.
    pub party: PartyId,
    /// Fleet at the start.
    pub initial_fleet: Vec<InitialFleet>,
    /// What it may buy.
    pub purchases: Vec<Purchase>,
    /// Share of an order that it pays with the order [1].
    pub prepaid_share: f64,
    /// From shipment to powered and commissioned, if power is there [days], drawn per shipment.
    pub ship_to_power_days: Distribution,
    /// Most that it can install in a month [MW of IT].
    pub install_mw_per_month: Schedule,
    /// Cost of shell and power per MW of IT energized [USD], paid when a phase is energized.
    pub shell_usd_per_mw: f64,
    /// Site that new phases are requested at.
    pub expansion_site: SiteId,
    /// Cost of capital [1/year].
    pub wacc: f64,
    /// Share of the IT cost spent each year on staff, spares and network [1/year].
    pub opex_share_per_year: f64,
    /// Utilisation that planning aims at [1].
    pub target_utilisation: f64,
    /// Most chips in repair at once; `None` where nobody waits for repair.
    pub repair_crews: Option<u32>,
    /// AI capital budget that the owner has announced [USD/year]; `None` where nothing is scripted.
    pub budget_guidance_usd_per_year: Option<Schedule>,
    /// Until when the guidance holds.
    pub guidance_until: Time,
    /// Whether it sells to others; the fleet of one that does not serves its owner alone.
    pub sells: bool,
}

/// A step in a site's energized power.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// Facility power that the phase adds [MW].
    pub adds_mw: f64,
    /// Planned date; `None` if energized before the run's start.
    pub planned: Option<Time>,
    /// Whether the date is a fact of the record (no slip) or a plan that may slip.
    pub slips: bool,
}

/// A campus.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Site {
    /// Id in the scenario.
    pub id: String,
    /// Who operates it.
    pub cloud: CloudId,
    /// Part of the grid that it is in; delays of grid connections go together within one.
    pub region: String,
    /// Steps of power.
    pub phases: Vec<Phase>,
    /// Facility power over IT power [1].
    pub pue: f64,
    /// Share of the power that is liquid-cooled [1].
    pub liquid_share: f64,
    /// Share of the energized power that is held back [1].
    pub reserve: f64,
    /// Price of electricity from the region's grid [USD/MWh].
    pub electricity_usd_per_mwh: Schedule,
    /// Share of a phase that the site can generate itself while it waits for the grid [1].
    pub bridge_share: f64,
    /// Outages per year in service [1/year], as told or as they follow from its feeds.
    pub outages_per_year: f64,
    /// Length of an outage [hours], drawn; from feeds see [`Feeds`](super::redundancy::Feeds).
    pub outage_hours: Distribution,
}

/// An outage of the record or of the scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScriptedOutage {
    /// Where.
    pub site: SiteId,
    /// When.
    pub from: Time,
    /// How long [hours].
    pub hours: f64,
    /// Facility power that is cut, to whole kilowatts [MW]; `None` where all of the site is out.
    pub cut_mw: Option<f64>,
}

/// Delays in bringing power to a site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PowerDelays {
    /// From request to grid connection of a phase without secured power [months].
    pub grid_months: Distribution,
    /// From request to a finished shell [months]; runs beside the grid connection, the later counts.
    pub build_months: Distribution,
    /// Probability that an announced phase comes on its planned date [1].
    pub on_time_probability: f64,
    /// Slip of an announced phase that is late [months].
    pub slip_months: Distribution,
    /// Delay on top of every phase that slips or is requested, by the date that it was due [months].
    pub extra_months: Schedule,
    /// Smallest phase that is requested; a larger one is a whole multiple of it [MW].
    pub smallest_request_mw: f64,
    /// Correlation of the delays of grid connections within a region [1].
    pub regional_correlation: f64,
    /// By how much bridge power pulls a date forward [months], drawn per phase.
    pub bridge_months: Distribution,
    /// What bridge power costs over the region's price of electricity [USD/MWh].
    pub bridge_usd_per_mwh: f64,
}

/// Rules of thumb of planning, the same for every cloud.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Planning {
    /// How far ahead chips are planned [years].
    pub chip_horizon_years: f64,
    /// How far ahead power is planned [years].
    pub power_horizon_years: f64,
    /// Dispersion of the purchase mix over levelised cost: share ∝ (preference / cost)^sensitivity [1].
    pub cost_sensitivity: f64,
    /// Least ratio of new to old throughput per kW at which a full site swaps old chips for waiting ones [1].
    pub swap_ratio: f64,
    /// What a used chip that was just installed brings, over the price of a new one [1].
    pub resale_share: f64,
    /// Time in which that share halves [years].
    pub resale_half_life_years: f64,
    /// Utilisation assumed in the levelised cost of compute [1].
    pub levelised_utilisation: f64,
    /// Share of its power that an installed chip draws while idle [1].
    pub idle_power_share: f64,
    /// Life of shell and power equipment in the levelised cost of compute [years].
    pub shell_life_years: f64,
}

/// Everything the supply side needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SupplyParams {
    /// Accelerator types.
    pub accelerators: Vec<Accelerator>,
    /// Makers.
    pub suppliers: Vec<Supplier>,
    /// Shared inputs.
    pub pools: Vec<Pool>,
    /// Buyers of scripted volumes.
    pub residual_buyers: Vec<ResidualBuyer>,
    /// Clouds and other operators.
    pub clouds: Vec<CloudSupply>,
    /// Campuses.
    pub sites: Vec<Site>,
    /// Scripted outages.
    pub outages: Vec<ScriptedOutage>,
    /// Delays.
    pub power: PowerDelays,
    /// Planning.
    pub planning: Planning,
}
