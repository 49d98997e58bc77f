//! Everything that can happen, and in which phase of its instant.

use crate::engine::Phase;
use crate::ids::{CloudId, LabId};
use crate::market::demand::DemandEvent;
use crate::supply::SupplyEvent;
use crate::supply::gang::JobId;
use serde::{Deserialize, Serialize};

/// The phases of an instant, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Arrivals, failures, power: what is there decides what can be sold.
    Physical,
    /// Terms begin and end, cases open and close: before anybody may act on them.
    Contracts,
    /// Models come out, ports are done: under the terms of the day.
    Releases,
    /// Prices are set, knowing what is on offer.
    Prices,
    /// Customers adopt, renew and look again, knowing offers and prices; labs and clouds plan.
    Demand,
    /// Load meets the fleets.
    Dispatch,
    /// Books close on what was served.
    Accounting,
    /// Metrics are read and change nothing.
    Observation,
}

impl From<Stage> for Phase {
    fn from(stage: Stage) -> Phase {
        Phase::new(stage as u8)
    }
}

/// An event of the market.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// Something on the supply side.
    Supply(SupplyEvent),
    /// The week's installations begin.
    WeekOpened,
    /// A channel goes out: by chance, or as its dated outage of a position.
    ChannelFailed(u16, Option<u16>),
    /// A channel is back, from an outage that came by chance or from a dated one.
    ChannelRestored(u16, bool),
    /// A month begins.
    MonthOpened(u16),
    /// Terms begin or end.
    TermsChanged,
    /// Regulators look at the market.
    RegulatorsMet(u16),
    /// A scripted model comes out, by its position.
    ModelReleased(u16),
    /// A frontier run of a lab begins.
    RunStarted(LabId),
    /// A training job has done its work: lab, lot and job.
    JobEnded(LabId, u16, JobId),
    /// The next research job of a lab comes, or, if not, it is time to look when it will.
    ResearchDue(LabId, bool),
    /// A lab's programme brings out its models.
    ProgrammeReleased(LabId),
    /// A lab's models run on all stacks of a cloud.
    Ported(LabId, CloudId),
    /// A channel opens, a lead ends or a model is withdrawn: the offers are looked through.
    OffersReviewed,
    /// Prices of compute and tokens are reviewed.
    PricesReviewed(u16),
    /// A workload or an account acts.
    Demand(DemandEvent),
    /// Labs forecast their needs and commit.
    LabsPlanned,
    /// Clouds plan chips and power.
    CloudsPlanned,
    /// Load is dispatched.
    Dispatched,
    /// A month's books close.
    MonthClosed(u16),
    /// A month is observed.
    MonthObserved(u16),
}

impl Event {
    /// The phase that the event belongs to.
    pub fn stage(&self) -> Stage {
        match self {
            Self::Supply(_)
            | Self::WeekOpened
            | Self::ChannelFailed(..)
            | Self::ChannelRestored(..)
            | Self::MonthOpened(_) => Stage::Physical,
            Self::TermsChanged | Self::RegulatorsMet(_) => Stage::Contracts,
            Self::ModelReleased(_)
            | Self::RunStarted(_)
            | Self::JobEnded(..)
            | Self::ResearchDue(..)
            | Self::ProgrammeReleased(_)
            | Self::Ported(..)
            | Self::OffersReviewed => Stage::Releases,
            Self::PricesReviewed(_) => Stage::Prices,
            Self::Demand(_) | Self::LabsPlanned | Self::CloudsPlanned => Stage::Demand,
            Self::Dispatched => Stage::Dispatch,
            Self::MonthClosed(_) => Stage::Accounting,
            Self::MonthObserved(_) => Stage::Observation,
        }
    }

    /// `snake_case` name for the event table and the stage profile.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Supply(_) => "supply",
            Self::WeekOpened => "week_opened",
            Self::ChannelFailed(..) => "channel_failed",
            Self::ChannelRestored(..) => "channel_restored",
            Self::MonthOpened(_) => "month_opened",
            Self::TermsChanged => "terms_changed",
            Self::RegulatorsMet(_) => "regulators_met",
            Self::ModelReleased(_) => "model_released",
            Self::RunStarted(_) => "run_started",
            Self::JobEnded(..) => "job_ended",
            Self::ResearchDue(..) => "research_due",
            Self::ProgrammeReleased(_) => "programme_released",
            Self::Ported(..) => "ported",
            Self::OffersReviewed => "offers_reviewed",
            Self::PricesReviewed(_) => "prices_reviewed",
            Self::Demand(_) => "demand",
            Self::LabsPlanned => "labs_planned",
            Self::CloudsPlanned => "clouds_planned",
            Self::Dispatched => "dispatched",
            Self::MonthClosed(_) => "month_closed",
            Self::MonthObserved(_) => "month_observed",
        }
    }
}
