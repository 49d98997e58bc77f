//! What happens on the supply side, and what it tells the layer above.

use crate::ids::{AcceleratorId, CloudId, ResidualBuyerId, SiteId};
use crate::supply::curtailment::Loss;
use crate::supply::params::Buyer;
use crate::units::{Time, Usd};
use serde::{Deserialize, Serialize};

/// Something that happens at an instant. The first two are scheduled by the caller, the others come out of
/// [`Outbox::schedule`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SupplyEvent {
    /// A month begins: residual orders are placed, output is built and shipped, failures are drawn.
    MonthOpened,
    /// Every cloud retires what is worn out and installs what waits; weekly.
    InstallTick,
    /// Chips reach a cloud's stock.
    ShipmentArrived {
        /// Who bought them.
        cloud: CloudId,
        /// What they are.
        accelerator: AcceleratorId,
        /// How many.
        chips: u32,
    },
    /// A batch of failed chips works again.
    Repaired {
        /// Whose they are.
        cloud: CloudId,
        /// What they are.
        accelerator: AcceleratorId,
        /// How many are repaired together.
        chips: u32,
    },
    /// A phase of power is due; what delays everybody at that date may still come on top.
    PhaseDue {
        /// Where.
        site: SiteId,
        /// Position among the site's phases.
        phase: u16,
    },
    /// A site's bridge power carries its share of a phase until the grid comes.
    PhaseBridged {
        /// Where.
        site: SiteId,
        /// Position among the site's phases.
        phase: u16,
    },
    /// A phase of power is there.
    PhaseEnergized {
        /// Where.
        site: SiteId,
        /// Position among the site's phases.
        phase: u16,
    },
    /// A site loses service.
    OutageBegan {
        /// Where.
        site: SiteId,
        /// Length [s].
        seconds: u32,
        /// Whether it belongs to the site's renewal process, so that the next one is drawn when it ends.
        renewal: bool,
    },
    /// Part of a site's power is cut.
    CurtailmentBegan {
        /// Where.
        site: SiteId,
        /// Length [s].
        seconds: u32,
        /// Facility power that is cut [kW].
        cut_kw: u32,
    },
    /// A cut is over; another may still be in force.
    CurtailmentEnded {
        /// Where.
        site: SiteId,
        /// See [`SupplyEvent::CurtailmentBegan`].
        cut_kw: u32,
    },
    /// An outage is over; another may still run.
    OutageEnded {
        /// Where.
        site: SiteId,
        /// See [`SupplyEvent::OutageBegan`].
        renewal: bool,
    },
}

/// An event and its instant.
pub type Scheduled = (Time, SupplyEvent);

/// A fact that the layer above posts, records or passes on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Fact {
    /// Chips reached a cloud's stock; what was not paid in advance is paid now.
    Delivered {
        /// Who bought them.
        cloud: CloudId,
        /// What they are.
        accelerator: AcceleratorId,
        /// How many.
        chips: u64,
        /// What they cost: today's unit price, or what was paid in advance if that was more.
        cost: Usd,
        /// The part of it that was paid in advance.
        prepaid: Usd,
    },
    /// A cloud paid a share of an order in advance.
    Prepaid {
        /// Who ordered.
        cloud: CloudId,
        /// What.
        accelerator: AcceleratorId,
        /// How much.
        amount: Usd,
    },
    /// Chips left the market for a residual buyer; they are paid now.
    DeliveredResidual {
        /// Who bought them.
        buyer: ResidualBuyerId,
        /// What they are.
        accelerator: AcceleratorId,
        /// How many.
        chips: u64,
        /// What they cost at today's unit price.
        cost: Usd,
    },
    /// Open orders were cancelled because nobody will make the type again.
    OrdersCancelled {
        /// Who had ordered.
        buyer: Buyer,
        /// What.
        accelerator: AcceleratorId,
        /// How many.
        chips: u64,
        /// What was paid in advance for them and is paid back.
        refund: Usd,
    },
    /// A phase's shell and power, or a part of them on bridge power, were taken into service; they are paid now.
    PhaseEnergized {
        /// Who operates the site.
        cloud: CloudId,
        /// Where.
        site: SiteId,
        /// Power for IT [MW].
        mw_it: f64,
        /// What shell and power cost.
        cost: Usd,
    },
    /// Chips broke and went into repair.
    Failed {
        /// Whose they are.
        cloud: CloudId,
        /// What they are.
        accelerator: AcceleratorId,
        /// How many.
        chips: u64,
    },
    /// Worn-out chips left the fleet.
    Retired {
        /// Whose they were.
        cloud: CloudId,
        /// What they are.
        accelerator: AcceleratorId,
        /// How many.
        chips: u64,
    },
    /// Chips left the fleet for better ones and were sold.
    Resold {
        /// Whose they were.
        cloud: CloudId,
        /// What they are.
        accelerator: AcceleratorId,
        /// How many.
        chips: u64,
        /// What they brought.
        proceeds: Usd,
    },
    /// The chips that a cloud can serve with changed; at most once for each cloud and event.
    CapacityChanged {
        /// Which cloud.
        cloud: CloudId,
    },
    /// A site that was in service lost it, or lost part of its power.
    OutageBegan {
        /// Where.
        site: SiteId,
        /// Who operates it.
        cloud: CloudId,
        /// Length of this outage [hours]; another that begins meanwhile may prolong it.
        hours: f64,
    },
    /// A site is back in service.
    OutageEnded {
        /// Where.
        site: SiteId,
        /// Who operates it.
        cloud: CloudId,
        /// How long it was out of service altogether [hours].
        hours: f64,
    },
    /// A site has all its power again.
    CurtailmentEnded {
        /// Where.
        site: SiteId,
        /// Who operates it.
        cloud: CloudId,
        /// What the cuts cost together, since the first of them began.
        lost: Loss,
    },
}

/// What handling an event leads to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outbox {
    /// Events to come, in the order in which they were decided.
    pub schedule: Vec<Scheduled>,
    /// Facts, in the order in which they came about.
    pub facts: Vec<Fact>,
}
