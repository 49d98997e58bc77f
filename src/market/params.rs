//! Resolved parameters of labs, models, channels, products, serving, pricing and training.

use super::porting::Porting;
use super::tokens::KindPricePaths;
use crate::ids::{ChannelId, CloudId, LabId, ModelId, PartyId, StackId};
use crate::market::residency::Residency;
use crate::supply::gang::Discipline;
use crate::supply::params::Class;
use crate::units::{Distribution, Schedule, Time};
use serde::{Deserialize, Serialize};

/// How a cloud prices an H100-equivalent hour on demand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ChipPricing {
    /// A path [USD/h].
    Scheduled(Schedule),
    /// Markup over the fleet's mean levelised cost of compute [1].
    CostPlus {
        /// Price over cost.
        markup: f64,
    },
    /// See [`super::pricing::utilisation_target`].
    UtilisationTarget {
        /// Price when the run starts [USD/h].
        start_usd: f64,
        /// Utilisation aimed at [1].
        target: f64,
        /// Relative change a month per point of utilisation off target [1/month].
        speed: f64,
        /// Least price over cost [1].
        floor: f64,
        /// Highest price over cost [1].
        cap: f64,
    },
    /// See [`super::pricing::match_lowest`].
    MatchLowest {
        /// Price when the run starts [USD/h].
        start_usd: f64,
        /// Price over the lowest rival's [1].
        premium: f64,
        /// Least price over cost [1].
        floor: f64,
    },
    /// See [`super::demand::rental::RentalGame`].
    BestResponse(BestResponding),
}

/// How a cloud prices by best response.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BestResponding {
    /// Price when the run starts [USD/h].
    pub start_usd: f64,
    /// Marginal over levelised cost of compute [1].
    pub cost_share: f64,
    /// Months between reviews; at least 1.
    pub every_months: u16,
    /// Part of the way to the best price that a review goes, in (0, 1] [1].
    pub damping: f64,
    /// Least gain until the next review for which the price is changed [USD].
    pub menu_cost_usd: f64,
}

/// How a lab prices its programme's releases.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum TokenPricing {
    /// Markup over the full cost of a token [1].
    CostPlus {
        /// Price over cost.
        markup: f64,
    },
    /// Lowest rival of the same line times a premium, above a floor over cost.
    MatchLowest {
        /// Own price over the lowest rival's [1].
        premium: f64,
        /// Least price over cost [1].
        floor: f64,
    },
    /// The list price of the model replaced, drifting, above a floor over cost.
    Hold {
        /// Yearly change [1/year].
        drift_per_year: f64,
        /// Least price over cost [1].
        floor: f64,
    },
    /// See [`super::pricing::TokenGame`].
    BestResponse(TokenBestResponding),
}

/// How a lab prices its models on sale by best response.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TokenBestResponding {
    /// Price over full cost of a release without a predecessor [1].
    pub start_markup: f64,
    /// Marginal over full cost of a token [1].
    pub cost_share: f64,
    /// Months between reviews; at least 1.
    pub every_months: u16,
    /// Part of the way to the best price that a review goes, in (0, 1] [1].
    pub damping: f64,
    /// Least gain until the next review for which prices are changed [USD].
    pub menu_cost_usd: f64,
}

/// The market side of a cloud.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CloudMarket {
    /// Price on demand.
    pub pricing: ChipPricing,
    /// Discount on committed compute [1].
    pub committed_discount: f64,
    /// Factor on the price that the policy sets [1].
    pub price_factor: Schedule,
    /// Own load in chat H100e, served before sales.
    pub internal_load_h100e: Schedule,
    /// Conventional revenue [USD/year].
    pub other_revenue_usd_per_year: Schedule,
    /// Operating cash of the owner's other business over that revenue; above 1 where the owner earns outside the cloud [1].
    pub other_cash_margin: f64,
    /// Capital expenditure outside AI [USD/year].
    pub other_capex_usd_per_year: Schedule,
    /// Time over which it writes its accelerators off [years].
    pub accounting_life_years: f64,
    /// Share of operating cash kept for AI capital; the rest goes to the shareholders [1].
    pub reinvestment_share: f64,
    /// Most debt over a year's operating cash [years].
    pub leverage_limit: f64,
    /// Interest on debt [1/year].
    pub interest_rate: Schedule,
    /// In which order training jobs start.
    pub training_queue: Discipline,
}

/// A family of a lab's models.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Id; the same id at two labs means rivals.
    pub id: String,
    /// Number shared by all lines of that id.
    pub kind: u16,
    /// Quality against the lab's frontier, negative below it [quality units].
    pub quality_gap: f64,
    /// Quality on top by class [quality units].
    pub class_bonus: [f64; Class::COUNT],
    /// Compute per token of the programme's releases [1].
    pub compute_per_token: Schedule,
}

/// Frontier training after the scripted releases.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Programme {
    /// Start of the first run.
    pub first_start: Time,
    /// Days between starts.
    pub every_days: f64,
    /// Share of research compute that a run takes [1].
    pub share_of_research: f64,
    /// Compute of a run by its start [FLOP].
    pub flop: Schedule,
    /// From the end of training to release [days].
    pub release_lag_days: Distribution,
}

/// Training jobs beside the frontier runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResearchJobs {
    /// Mean number [1/day].
    pub per_day: Schedule,
    /// Size over the lab's research compute [1].
    pub share_of_research: Distribution,
    /// Work at that size without failures [days].
    pub days: Distribution,
}

/// How an independent lab raises money. See [`super::labs`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Funding {
    /// It raises when cash covers fewer months of burn.
    pub runway_months: f64,
    /// Months of burn that a round brings.
    pub round_months: f64,
    /// Valuation over revenue run-rate without growth [years].
    pub multiple: f64,
    /// Added multiple per unit of yearly growth [years].
    pub multiple_per_growth: f64,
    /// Share of the multiple lost at full dependence on one distributor [1].
    pub dependence_discount: f64,
    /// Most of the valuation that a round may raise [1].
    pub largest_round: f64,
}

/// A developer of models.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lab {
    /// Id in the scenario.
    pub id: String,
    /// Owner.
    pub party: PartyId,
    /// Cloud of the same owner that it runs on at cost.
    pub own_cloud: Option<CloudId>,
    /// Serving compute over what tokens need by themselves [1].
    pub serving_overhead: f64,
    /// Busy share of the compute that it serves on [1].
    pub busy_share: Schedule,
    /// Research and training spend over revenue run-rate [1].
    pub research_share_of_revenue: Schedule,
    /// Least research and training compute, in training H100e.
    pub research_h100e: Schedule,
    /// Staff, sales and data over revenue [1].
    pub staff_share_of_revenue: Schedule,
    /// Staff, sales and data at least [USD/year].
    pub staff_usd_per_year: Schedule,
    /// Length of commitments signed in the run [months].
    pub commitment_months: Distribution,
    /// Families of models.
    pub lines: Vec<Line>,
    /// Frontier training after the scripted releases.
    pub programme: Option<Programme>,
    /// Training jobs beside it.
    pub research_jobs: Option<ResearchJobs>,
    /// Prices of the programme's releases.
    pub pricing: TokenPricing,
    /// The same from later days on, in the order of the days.
    pub pricing_from: Vec<(Time, TokenPricing)>,
    /// How it raises money.
    pub funding: Option<Funding>,
    /// Whether the programme's releases have open weights.
    pub open_weights: bool,
    /// Stacks that its models run on when released.
    pub stacks: Vec<StackId>,
    /// Clouds that it ports to at once; none for as many as there are.
    pub porting_teams: Option<u32>,
    /// Porting to another stack, for the first lab that does it [days].
    pub porting_days: Distribution,
    /// Days for which a model is still sold after its successor came out [days].
    pub withdrawal_days: f64,
}

impl Lab {
    /// How it prices a release on a day: the policy of the latest day that has come, else the first.
    pub fn pricing_at(&self, now: Time) -> &TokenPricing {
        pricing_at(&self.pricing, &self.pricing_from, now)
    }
}

fn pricing_at<'a>(first: &'a TokenPricing, later: &'a [(Time, TokenPricing)], now: Time) -> &'a TokenPricing {
    later.iter().rev().find(|(day, _)| *day <= now).map_or(first, |(_, policy)| policy)
}

/// A scripted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScriptedModel {
    /// Id in the scenario.
    pub id: String,
    /// Whose.
    pub lab: LabId,
    /// Position in the lab's lines.
    pub line: u16,
    /// Release; models before the start are released at the start.
    pub released: Time,
    /// Years from the run's start to the release, negative for older models.
    pub released_years: f64,
    /// Quality on the frontier scale [quality units].
    pub quality: f64,
    /// Compute per token [1].
    pub compute_per_token: f64,
    /// List price [USD/Mtok].
    pub list_usd_per_mtok: Schedule,
    /// Prices of kinds of its tokens.
    pub kind_prices: KindPricePaths,
    /// Whether its weights are open.
    pub open_weights: bool,
}

/// What a channel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChannelKind {
    /// A lab's own interface, served on the lab's rights.
    Api(LabId),
    /// A cloud's platform, served on the cloud's fleet.
    Platform(CloudId),
    /// Chip-hours of a cloud on which customers run open weights themselves.
    SelfHosted(CloudId),
}

impl ChannelKind {
    /// The cloud on whose fleet it is served; none for a lab's own interface.
    pub fn cloud(self) -> Option<CloudId> {
        match self {
            Self::Api(_) => None,
            Self::Platform(cloud) | Self::SelfHosted(cloud) => Some(cloud),
        }
    }

    /// The cloud of which it is the platform.
    pub fn platform(self) -> Option<CloudId> {
        match self {
            Self::Platform(cloud) => Some(cloud),
            Self::Api(_) | Self::SelfHosted(_) => None,
        }
    }
}

/// When a channel is out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChannelOutages {
    /// By chance [1/year].
    pub per_year: f64,
    /// How long those last [h].
    pub hours: Distribution,
    /// Those of known dates, and how long they last [h].
    pub dated: Vec<(Time, f64)>,
}

/// A place to buy a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Channel {
    /// Id in the scenario.
    pub id: String,
    /// Lab's interface, cloud's platform or its chip-hours.
    pub kind: ChannelKind,
    /// First sales.
    pub opens: Time,
    /// Where it keeps data.
    pub residency: Residency,
    /// Governance and security [level].
    pub governance: Schedule,
    /// Support and features [level].
    pub support: Schedule,
    /// Certification [level].
    pub certification: u8,
    /// Price over list, or where customers host themselves what they pay over the chip-hours [1].
    pub price_over_list: Schedule,
    /// Busy share of the compute behind its tokens; none for that of all platforms [1].
    pub busy_share: Option<Schedule>,
    /// When it is out; none for never.
    pub outages: Option<ChannelOutages>,
    /// Latency without queueing over target [s].
    pub latency_excess_s: f64,
}

/// Whose compute serves a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServedBy {
    /// The lab's rights.
    Lab(LabId),
    /// The owner's cloud.
    Cloud(CloudId),
}

/// How load turns into compute and latency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Serving {
    /// Tokens of the reference model per busy H100-hour [Mtok/h].
    pub reference_mtok_per_hour: Schedule,
    /// Busy share of the compute behind a platform's tokens [1].
    pub platform_busy_share: Schedule,
    /// Share of the load on demand that a cloud does not sell over by commitments [1].
    pub protected_share: f64,
    /// Load at the daily peak over the mean [1].
    pub peak_ratio: f64,
    /// Mean service time of a request [s].
    pub service_seconds: f64,
    /// Squared coefficient of variation of the service time of requests [1].
    pub service_scv: f64,
    /// Replicas that share a queue.
    pub replicas: u32,
    /// Share of the month's tokens throttled above which customers look again [1].
    pub throttling_threshold: f64,
    /// Users' shift to better products per quality unit [1].
    pub product_quality_pull: f64,
    /// Weight of log cost against quality in routing [1].
    pub routing_cost_weight: f64,
    /// SLA credit over revenue per percent of the month out [1].
    pub sla_credit_per_percent: f64,
    /// Share of a month's tokens not served above which a channel takes no new customers in the next [1]; none: never.
    pub sold_out_above: Option<f64>,
    /// Share of the tokens not served that accounts send to another provider which they use [1].
    pub failover_share: f64,
    /// How ports go.
    pub porting: Porting,
}

/// How training compute turns into models. See [`super::training`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Training {
    /// Model FLOP utilisation [1].
    pub mfu: Schedule,
    /// Dense 16-bit peak of the reference accelerator [TFLOP/s].
    pub peak_tflops: f64,
    /// Compute of the reference run [FLOP].
    pub reference_flop: f64,
    /// Years from the run's start to the reference release.
    pub reference_years: f64,
    /// Quality of the reference run [quality units].
    pub reference_quality: f64,
    /// Quality per factor of ten in compute [quality units].
    pub quality_per_decade: f64,
    /// Decades over the reference at which half of the gain is lost.
    pub saturation_decades: f64,
    /// Algorithmic progress [quality units/year].
    pub progress_per_year: f64,
    /// Standard deviation of a release's quality [quality units].
    pub noise_sd: f64,
    /// Time to write a checkpoint [hours].
    pub checkpoint_hours: f64,
    /// Restart after a failure [hours].
    pub restart_hours: Schedule,
}

/// Identity of a model on a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// What.
    pub model: ModelId,
    /// Where.
    pub channel: ChannelId,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Span;

    #[test]
    fn the_latest_policy_that_has_come_holds() {
        let policy = |markup| TokenPricing::CostPlus { markup };
        let days = |days: f64| Time(0) + Span::from_days(days);
        let later = [(days(10.0), policy(2.0)), (days(20.0), policy(3.0))];
        let at = |now| *pricing_at(&policy(1.0), &later, now);
        assert_eq!(at(days(9.0)), policy(1.0));
        assert_eq!([at(days(10.0)), at(days(19.0)), at(days(400.0))], [policy(2.0), policy(2.0), policy(3.0)]);
    }
}
