//! Labs, models, channels, products, serving and training.

use super::super::decode::Cited;
use super::super::scalar::{Date, Distribution as DistributionSpec, Scalar};
use crate::spec;
use std::collections::BTreeMap;

spec! {
    /// How a lab prices the models that its own programme brings out; scripted models follow their list prices.
    pub enum TokenPricingSpec {
        /// Markup over the full cost of serving a token.
        CostPlus {
            /// Price over cost. [1]
            markup: Scalar,
        },
        /// The lowest price of a rival's model of the same line, times a premium, above a floor over cost.
        MatchLowest {
            /// Own price over the lowest rival's. [1]
            premium: Scalar,
            /// Least price over cost. [1]
            floor: Scalar,
        },
        /// The list price of the model it replaces, moved by a yearly drift, above a floor over cost.
        Hold {
            /// Yearly change of the list price. [1/year]
            drift_per_year: Scalar,
            /// Least price over cost. [1]
            floor: Scalar,
        },
        /// What earns the lab most against today's prices of the others, for all of its models on sale, reviewed from time to
        /// time; a scripted list price holds until a review changes it.
        BestResponse {
            /// Price over full cost of a release that replaces nothing. [1]
            start_markup: Scalar,
            /// Marginal over full cost of a token. [1]
            cost_share: Scalar,
            /// Months between reviews; labs take turns. [months]
            every_months: u32,
            /// Part of the way to the best prices that a review goes. [1]
            damping: Scalar,
            /// Least gain until the next review for which prices change. [USD]
            menu_cost_usd: Scalar,
        },
    }
}

spec! {
    /// A family of a lab's models, of which each release replaces the one before. The same id at two labs means rivals.
    pub struct LineSpec {
        /// Quality of the line's models against the lab's frontier, negative below it. [quality units]
        pub quality_gap: Scalar,
        /// Quality on top, by class. [quality units by class]
        pub class_bonus: BTreeMap<String, Scalar>,
        /// Compute per token of the programme's releases over the reference model's, by date. [1]
        pub compute_per_token: Scalar,
    }
}

spec! {
    /// Frontier training after the scripted releases.
    pub struct ProgrammeSpec {
        /// First day of the first run. [date]
        pub first_start: Date,
        /// Days between starts. [days]
        pub every_days: Scalar,
        /// Share of the lab's research compute that a frontier run takes. [1]
        pub share_of_research: Scalar,
        /// Compute of a run by the date that it starts. [FLOP]
        pub flop: Scalar,
        /// From the end of training to release, drawn. [days]
        pub release_lag_days: DistributionSpec,
    }
}

spec! {
    /// Training jobs beside the frontier runs, a Poisson process: experiments, ablations, tuning, smaller models.
    pub struct ResearchJobsSpec {
        /// Mean number that comes. [1/day]
        pub per_day: Scalar,
        /// Chips over those of the lab's research compute, drawn; at most what one site has of a type. [1]
        pub share_of_research: DistributionSpec,
        /// Length at that size, failures apart, drawn. [days]
        pub days: DistributionSpec,
    }
}

spec! {
    /// How an independent lab raises money.
    pub struct FundingSpec {
        /// It raises when cash covers fewer months of burn. [months]
        pub runway_months: Scalar,
        /// Months of burn that a round brings. [months]
        pub round_months: Scalar,
        /// Valuation over revenue run-rate without growth. [years]
        pub multiple: Scalar,
        /// Added multiple per unit of yearly revenue growth. [years]
        pub multiple_per_growth: Scalar,
        /// Share of the multiple lost when all revenue comes through one distributor. [1]
        pub dependence_discount: Scalar,
        /// Most of the valuation that a round may raise. [1]
        pub largest_round: Scalar,
    }
}

spec! {
    /// A developer of models.
    pub struct LabSpec {
        /// Name on charts. [label]
        pub name: String,
        /// Who owns it. [party]
        pub party: String,
        /// Cloud of the same owner that it runs on at cost, if any. [cloud]
        #[serde(default)]
        pub own_cloud: Option<String>,
        /// Serving compute over what tokens need by themselves (safety models, long context, fragmentation). [1]
        pub serving_overhead: Scalar,
        /// Busy share of the compute that it serves on. [1]
        pub busy_share: Scalar,
        /// Research and training spend over revenue run-rate. [1]
        pub research_share_of_revenue: Scalar,
        /// Least research and training compute, in training H100e. [H100e]
        pub research_h100e: Scalar,
        /// Staff, sales and data, over revenue. [1]
        pub staff_share_of_revenue: Scalar,
        /// Staff, sales and data, at least. [USD/year]
        pub staff_usd_per_year: Scalar,
        /// Length of the compute commitments that it signs, drawn. [months]
        pub commitment_months: DistributionSpec,
        /// Families of models.
        pub lines: BTreeMap<String, LineSpec>,
        /// Frontier training after the scripted releases, if it has any.
        #[serde(default)]
        pub programme: Option<ProgrammeSpec>,
        /// Training jobs beside the frontier runs, if it has any.
        #[serde(default)]
        pub research_jobs: Option<ResearchJobsSpec>,
        /// How it prices the programme's releases.
        pub pricing: TokenPricingSpec,
        /// How it prices them from later days on, by day; each holds until the next. [by date]
        #[serde(default)]
        pub pricing_from: BTreeMap<String, TokenPricingSpec>,
        /// How it raises money; a lab without lives on its owner's cash.
        #[serde(default)]
        pub funding: Option<FundingSpec>,
        /// Weights of the programme's releases are open. [bool]
        pub open_weights: bool,
        /// Stacks that its models run on when released. [stack]
        pub stacks: Vec<String>,
        /// Clouds that it ports to at once, those where most compute waits first; as many as there are if left out. [clouds]
        #[serde(default)]
        pub porting_teams: Option<u32>,
        /// Porting to the other stacks of a cloud where it is sold or holds rights, drawn per lab and cloud, where no other lab
        /// has ported to them before. [days]
        pub porting_days: DistributionSpec,
        /// Time for which a model is still sold after its successor came out. [days]
        pub withdrawal_days: Scalar,
    }
}

spec! {
    /// A released or announced model.
    pub struct ModelSpec {
        /// Name on charts. [label]
        pub name: String,
        /// Who made it. [lab]
        pub lab: String,
        /// Family; a later release of the family replaces it. [line]
        pub line: String,
        /// Release. [date]
        pub released: Cited<Date>,
        /// Quality; a frontier step (GPT-4 to GPT-4o) is 1. [quality units]
        pub quality: Scalar,
        /// Compute per token over the reference model's. [1]
        pub compute_per_token: Scalar,
        /// List price, three input tokens to one output token. [USD/Mtok]
        pub list_usd_per_mtok: Scalar,
        /// Price of an output over an input token, that of `demand.kind_prices` if left out. [1]
        #[serde(default)]
        pub output_over_input: Option<Scalar>,
        /// Price of a cached over another input token, that of `demand.kind_prices` if left out. [1]
        #[serde(default)]
        pub cached_over_input: Option<Scalar>,
        /// Price of a token sold in batches over its list price, that of `demand.kind_prices` if left out. [1]
        #[serde(default)]
        pub batch_over_list: Option<Scalar>,
        /// Weights are open. [bool]
        pub open_weights: bool,
    }
}

spec! {
    /// What a channel is.
    pub enum ChannelKindSpec {
        /// A lab's own interface, served on the lab's rights. [lab]
        Api(String),
        /// A cloud's platform, served on the cloud's fleet. [cloud]
        Platform(String),
        /// Chip-hours of a cloud on which customers run open weights themselves; they pay its price on demand. [cloud]
        SelfHosted(String),
    }
}

spec! {
    /// An outage of a channel on a day.
    pub struct DatedOutageSpec {
        /// On which day it begins. [date]
        pub on: Cited<Date>,
        /// How long it lasts. [hours]
        pub hours: Scalar,
    }
}

spec! {
    /// When a channel is out while the compute behind it stands.
    pub struct ChannelOutagesSpec {
        /// Outages by chance. [1/year]
        pub per_year: Scalar,
        /// How long those last, drawn. [hours]
        pub hours: DistributionSpec,
        /// Those of known dates.
        #[serde(default)]
        pub dated: BTreeMap<String, DatedOutageSpec>,
    }
}

spec! {
    /// A place to buy a model.
    pub struct ChannelSpec {
        /// Name on charts. [label]
        pub name: String,
        /// Lab's interface, cloud's platform or its chip-hours.
        pub kind: ChannelKindSpec,
        /// First day of sales. [date]
        pub opens: Cited<Date>,
        /// First day on which it keeps data in a jurisdiction; in all from the opening on if left out. [date by jurisdiction]
        #[serde(default)]
        pub residency: Option<BTreeMap<String, Cited<Date>>>,
        /// Governance and security. [level]
        pub governance: Scalar,
        /// Support and features. [level]
        pub support: Scalar,
        /// Certification: 0 none, 1 commercial, 2 regulated, 3 public sector. [level]
        pub certification: u8,
        /// Price over the lab's list price; where customers host models themselves, what they pay over the chip-hours. [1]
        pub price_over_list: Scalar,
        /// Busy share of the compute behind its tokens; that of all platforms if left out. [1]
        #[serde(default)]
        pub busy_share: Option<Scalar>,
        /// When it is out; never if left out.
        #[serde(default)]
        pub outages: Option<ChannelOutagesSpec>,
        /// Latency without queueing over the class's target. [s]
        pub latency_excess_s: Scalar,
    }
}

spec! {
    /// A consumer product: users turned into tokens.
    pub struct ProductSpec {
        /// Name on charts. [label]
        pub name: String,
        /// Whose it is. [party]
        pub party: String,
        /// Lab whose compute serves it, or the cloud of a platform owner. [lab or cloud]
        pub served_by: ServedBySpec,
        /// Lines that it may route to; the tokens of each class are split by quality for cost, which is compute and the
        /// fee that a distribution contract asks for. [lab.line]
        pub models: Vec<String>,
        /// Further lines that it may route to, each from a day on. [date by lab and line]
        #[serde(default)]
        pub models_from: BTreeMap<String, BTreeMap<String, Date>>,
        /// Weight of the logarithm of cost against quality when it routes tokens; `serving.routing_cost_weight` if left
        /// out. [1]
        #[serde(default)]
        pub cost_weight: Option<Scalar>,
        /// Weekly users that it tends to at equal quality. [million]
        pub ceiling_m: Scalar,
        /// Logistic growth. [1/month]
        pub rate_per_month: Scalar,
        /// Weekly users when the run starts. [million]
        pub users_at_start_m: Scalar,
        /// Day of launch; no users before. [date]
        pub launched: Date,
        /// Messages per weekly user and day. [1/day]
        pub messages_per_user_day: Scalar,
        /// Processed tokens per message. [tokens]
        pub tokens_per_message: Scalar,
        /// Share of users that pay. [1]
        pub paid_share: Scalar,
        /// Price of a subscription. [USD/month]
        pub price_usd_per_month: Scalar,
        /// Advertising per user. [USD/month]
        pub ads_usd_per_user_month: Scalar,
        /// Mix of its tokens. [1 by class]
        pub class_mix: BTreeMap<String, Scalar>,
    }
}

spec! {
    /// Whose compute serves a product.
    pub enum ServedBySpec {
        /// The lab's rights. [lab]
        Lab(String),
        /// The owner's cloud. [cloud]
        Cloud(String),
    }
}

spec! {
    /// How ports to another software stack go.
    pub struct PortingSpec {
        /// How much sooner a port is done where n other labs run on the stack: (1 + n) to the power of minus this. [1]
        pub learning: Scalar,
        /// Throughput on the day that a port opens over that of a mature one. [1]
        pub first_pace: Scalar,
        /// Time in which half of what is missing is made up. [days]
        pub half_life_days: Scalar,
    }
}

spec! {
    /// How load turns into compute and latency.
    pub struct ServingSpec {
        /// Tokens of the reference model (70B dense, 8-bit) per busy H100-hour. [Mtok/h]
        pub reference_mtok_per_hour: Scalar,
        /// Busy share of the compute behind a platform's tokens. [1]
        pub platform_busy_share: Scalar,
        /// Share of the load on demand that a cloud does not sell over by commitments to labs. [1]
        pub protected_share: Scalar,
        /// Load at the daily peak over the day's mean. [1]
        pub peak_ratio: Scalar,
        /// Mean service time of a request on the reference model. [s]
        pub service_seconds: Scalar,
        /// Squared coefficient of variation of the service time, 1 where it is not given: exponential times. [1]
        #[serde(default)]
        pub service_scv: Option<Scalar>,
        /// Replicas that share a queue. [1]
        pub replicas: Scalar,
        /// Share of the month's tokens throttled above which customers look again. [1]
        pub throttling_threshold: Scalar,
        /// Users' shift to better products per quality unit. [1]
        pub product_quality_pull: Scalar,
        /// Weight of the logarithm of cost against quality when a product routes tokens and has no weight of its own. [1]
        pub routing_cost_weight: Scalar,
        /// SLA credit over the month's revenue at a cloud, per percent of the month that its capacity was out. [1]
        pub sla_credit_per_percent: Scalar,
        /// Share of a month's tokens that a channel did not serve above which it takes no new customers in the next;
        /// it always does if left out. [1]
        #[serde(default)]
        pub sold_out_above: Option<Scalar>,
        /// Share of the tokens not served that accounts send to another provider which they use, where there is room; 0
        /// if left out. [1]
        #[serde(default)]
        pub failover_share: Option<Scalar>,
        /// How ports go; all take their time and run at full pace at once if left out.
        #[serde(default)]
        pub porting: Option<PortingSpec>,
        /// What kinds of tokens take; all the same if left out.
        #[serde(default)]
        pub kind_work: Option<KindWorkSpec>,
    }
}

spec! {
    /// Compute of kinds of tokens over one another.
    pub struct KindWorkSpec {
        /// Compute of an output over an input token. [1]
        pub output_over_input: Scalar,
        /// Compute of a cached over another input token. [1]
        pub cached_over_input: Scalar,
    }
}

spec! {
    /// How training compute turns into models.
    pub struct TrainingSpec {
        /// Model FLOP utilisation. [1]
        pub mfu: Scalar,
        /// Dense 16-bit peak of the reference accelerator. [TFLOP/s]
        pub peak_tflops: Scalar,
        /// Compute of the reference run. [FLOP]
        pub reference_flop: Scalar,
        /// Day of the reference run's release. [date]
        pub reference_date: Date,
        /// Quality of the reference run. [quality units]
        pub reference_quality: Scalar,
        /// Quality per factor of ten in compute. [quality units]
        pub quality_per_decade: Scalar,
        /// Decades of compute over the reference at which half of the gain is lost. [decades]
        pub saturation_decades: Scalar,
        /// Algorithmic progress. [quality units/year]
        pub progress_per_year: Scalar,
        /// Standard deviation of a release's quality. [quality units]
        pub noise_sd: Scalar,
        /// Time to write a checkpoint. [hours]
        pub checkpoint_hours: Scalar,
        /// Restart after a failure. [hours]
        pub restart_hours: Scalar,
    }
}
