//! Segments of customers, what is common to all demand, rental and regulators.

use super::super::scalar::{Date, Distribution as DistributionSpec, Scalar};
use super::contracts::ScopeSpec;
use crate::spec;
use std::collections::BTreeMap;

spec! {
    /// Tastes in utility [nats].
    pub struct TasteSpec {
        /// Quality. [nats/quality unit]
        pub quality: Scalar,
        /// Logarithm of price, positive. [nats]
        pub log_price: Scalar,
        /// Latency over target. [nats/s]
        pub latency: Scalar,
        /// Governance. [nats/level]
        pub governance: Scalar,
        /// Logarithm of the number of models on the channel. [nats]
        pub breadth: Scalar,
        /// Support and features. [nats/level]
        pub support: Scalar,
        /// Home cloud. [nats]
        pub home: Scalar,
        /// Drawing down a commitment at the home cloud. [nats]
        pub commitment: Scalar,
        /// Dissimilarity within a lab's nest, in (0, 1]. [1]
        pub dissimilarity: Scalar,
        /// Outside option at the quality of the lagged frontier. [nats]
        pub outside: Scalar,
    }
}

spec! {
    /// Costs of switching in utility [nats].
    pub struct SwitchingSpec {
        /// To another lab. [nats]
        pub lab: Scalar,
        /// To another model of the same lab. [nats]
        pub version: Scalar,
        /// To another cloud. [nats]
        pub cloud: Scalar,
        /// On top for each year with the current cloud. [nats/year]
        pub tenure_per_year: Scalar,
        /// Most that tenure adds. [nats]
        pub tenure_cap: Scalar,
        /// To any option from the outside, for the first time or again; 0 if left out. [nats]
        #[serde(default)]
        pub entry: Option<Scalar>,
    }
}

spec! {
    /// Probabilities that an event makes a workload choose again.
    pub struct LookSpec {
        /// A launch on the home cloud. [1]
        pub launch_home: Scalar,
        /// A launch elsewhere. [1]
        pub launch_elsewhere: Scalar,
        /// A price change over the threshold. [1]
        pub price_change: Scalar,
        /// An outage of more than four hours. [1]
        pub outage: Scalar,
        /// A month of throttling over the threshold. [1]
        pub throttled: Scalar,
        /// A change of policy. [1]
        pub policy: Scalar,
        /// Relative price change that counts. [1]
        pub price_threshold: Scalar,
    }
}

spec! {
    /// A group of customers alike in needs.
    pub struct SegmentSpec {
        /// Name on charts. [label]
        pub name: String,
        /// Accounts that may ever adopt. [accounts]
        pub ceiling_accounts: Scalar,
        /// Accounts simulated; each stands for ceiling/sampled real ones. [accounts]
        pub sampled_accounts: u32,
        /// Bass coefficient of innovation. [1/year]
        pub bass_p: Scalar,
        /// Bass coefficient of imitation. [1/year]
        pub bass_q: Scalar,
        /// Median spend of an active account at the reference date and prices. [USD/year]
        pub spend_median_usd_per_year: Scalar,
        /// Standard deviation of the logarithm of spend. [1]
        pub spend_sigma: Scalar,
        /// Volume of an active account at constant price, 1 at the reference date. [1]
        pub volume_index: Scalar,
        /// Home clouds; what is left of 1 has none. [1 by cloud]
        pub home_mix: BTreeMap<String, Scalar>,
        /// Share of accounts that must keep their data in a jurisdiction; the rest may keep it anywhere. [1 by jurisdiction]
        #[serde(default)]
        pub residency: BTreeMap<String, Scalar>,
        /// Share of accounts with a commitment at their home cloud. [1]
        pub committed_share: Scalar,
        /// Months between renewals. [months]
        pub renewal_months: Scalar,
        /// Mix of volume. [1 by class]
        pub class_mix: BTreeMap<String, Scalar>,
        /// Tastes.
        pub taste: TasteSpec,
        /// Switching costs.
        pub switching: SwitchingSpec,
        /// What makes it look again.
        pub looks: LookSpec,
        /// Least certification of a channel. [level]
        pub certification: u8,
        /// Elasticity of volume to the smoothed price, negative. [1]
        pub elasticity: Scalar,
        /// What each cloud beyond the first costs an account, tokens apart; nothing if left out. [USD/year]
        #[serde(default)]
        pub second_cloud_usd_per_year: Option<Scalar>,
    }
}

spec! {
    /// What buyers negotiate off list prices.
    pub struct DiscountsSpec {
        /// Discounts by an account's spend at reference prices; who spends less than the first pays the list price.
        pub tiers: Vec<BuyerTierSpec>,
        /// On top for each other cloud that sells the model in use. [1]
        pub per_other_cloud: Scalar,
        /// Most that anybody gets. [1]
        pub cap: Scalar,
        /// Other clouds that sold the model in use, on average, when spend was measured: what they are worth is in spend
        /// figures and list prices already. [clouds]
        pub usual_other_clouds: Scalar,
    }
}

spec! {
    /// A tier of what buyers negotiate.
    pub struct BuyerTierSpec {
        /// Spend from which it holds. [USD/year]
        pub from_usd_per_year: Scalar,
        /// Off the list price. [1]
        pub discount: Scalar,
    }
}

spec! {
    /// What the tokens of a class are made of.
    pub struct TokenMixSpec {
        /// Share of the tokens that is generated; the rest is read. [1]
        pub output: Scalar,
        /// Share of what is read that is found in a prefix cache. [1]
        pub cached: Scalar,
        /// Share of the tokens that is sold at batch prices. [1]
        pub batch: Scalar,
    }
}

spec! {
    /// What kinds of tokens cost over one another, where a model says nothing else.
    pub struct KindPricesSpec {
        /// Price of an output over an input token. [1]
        pub output_over_input: Scalar,
        /// Price of a cached over another input token. [1]
        pub cached_over_input: Scalar,
        /// Price of a token sold in batches over its list price. [1]
        pub batch_over_list: Scalar,
    }
}

spec! {
    /// What is common to all demand.
    pub struct DemandSpec {
        /// Day of the segments' spend figures. [date]
        pub reference_date: Date,
        /// Day at which the first accounts could adopt. [date]
        pub adoption_origin: Date,
        /// List price at which spend figures turn into tokens; times what the class's token mix costs over list on the
        /// reference date. [USD/Mtok by class]
        pub reference_usd_per_mtok: BTreeMap<String, Scalar>,
        /// What the tokens of a class are made of; a class that is left out buys at the list price.
        #[serde(default)]
        pub token_mix: BTreeMap<String, TokenMixSpec>,
        /// What kinds of tokens cost over one another; all the same if left out.
        #[serde(default)]
        pub kind_prices: Option<KindPricesSpec>,
        /// Taste for quality by class over the segment's. [1 by class]
        pub quality_weight: BTreeMap<String, Scalar>,
        /// Lag of the outside option behind the frontier. [years]
        pub outside_lag_years: Scalar,
        /// Quality below the frontier beyond which a launch makes nobody look. [quality units]
        pub launch_gap: Scalar,
        /// Months over which the price paid is smoothed. [months]
        pub price_smoothing_months: Scalar,
        /// Most that price moves volume, up or down. [1]
        pub wallet_factor: Scalar,
        /// Standard deviation of what a channel is worth to customers beyond the above. [nats]
        pub taste_shock_sd: Scalar,
        /// Share of last quarter's taste shock that persists. [1]
        pub taste_shock_persistence: Scalar,
        /// Rate at which an account's home cloud follows its tokens, for each unit by which its share of them on another cloud
        /// is above that at home; it stays if left out. [1/year]
        #[serde(default)]
        pub home_drift_per_year: Option<Scalar>,
        /// Term of the commitments that accounts make on their home clouds, each for what they spend on tokens as they sign; they
        /// are never drawn down and never end if left out. [years]
        #[serde(default)]
        pub commitment_years: Option<Scalar>,
        /// What buyers negotiate off list prices; nothing if left out.
        #[serde(default)]
        pub discounts: Option<DiscountsSpec>,
        /// Worth of a lab on a channel beyond the above, solved from observed shares. [nats by lab and channel]
        pub offset: BTreeMap<String, BTreeMap<String, Scalar>>,
    }
}

spec! {
    /// Chip-hours rented by firms that are no lab.
    pub struct RentalSpec {
        /// World demand at the reference price, in chat H100e. [H100e]
        pub h100e: Scalar,
        /// Price of an H100e-hour at which that holds. [USD/h]
        pub reference_usd_per_h100e_hour: Scalar,
        /// Elasticity of demand, negative. [1]
        pub elasticity: Scalar,
        /// Sensitivity of a cloud's share to the logarithm of its price. [1]
        pub price_sensitivity: Scalar,
        /// Share of the gap to the new share closed in a month. [1/month]
        pub adjustment_per_month: Scalar,
        /// Share of each cloud at equal prices. [1 by cloud]
        pub share_at_equal_prices: BTreeMap<String, Scalar>,
        /// Terms of rental; without, all is on demand at the price that the cloud's policy sets.
        #[serde(default)]
        pub terms: Option<RentalTermsSpec>,
    }
}

spec! {
    /// On demand, reserved, spot: prices over one another and who takes which.
    pub struct RentalTermsSpec {
        /// Price on demand over the price that a cloud's policy sets. [1]
        pub on_demand_over_price: Scalar,
        /// Hours reserved for a year.
        pub one_year: ReservedSpec,
        /// Hours reserved for three years.
        pub three_years: ReservedSpec,
        /// Share of those on demand who look at the terms anew in a month. [1/month]
        pub review_per_month: Scalar,
        /// Hours that may be taken back at any time.
        pub spot: SpotSpec,
    }
}

spec! {
    /// Hours reserved for a term, paid whether used or not.
    pub struct ReservedSpec {
        /// Discount on the price on demand, below 1. [1]
        pub discount: Scalar,
        /// What being bound costs renters. [nats]
        pub bound: Scalar,
    }
}

spec! {
    /// Idle hours that may be taken back at any time.
    pub struct SpotSpec {
        /// World demand at the reference price, in chat H100e. [H100e]
        pub h100e: Scalar,
        /// That price over the price that a cloud's policy sets. [1]
        pub reference_over_price: Scalar,
        /// Elasticity of demand, negative. [1]
        pub elasticity: Scalar,
        /// Share of what stands idle that a cloud offers. [1]
        pub offered_share: Scalar,
    }
}

spec! {
    /// A market that a regulator watches.
    pub enum WatchedMarketSpec {
        /// Clouds.
        Infrastructure,
        /// Labs.
        Models,
    }
}

spec! {
    /// How a case ends.
    pub enum OutcomeSpec {
        /// Nothing changes.
        Cleared,
        /// What was promised changes.
        Commitments,
        /// What was found harmful ends.
        Prohibition,
    }
}

spec! {
    /// What an end of a case brings.
    pub enum RemedySpec {
        /// Switching clouds costs more or less.
        SwitchingCosts {
            /// Factor on the cost. [1]
            factor: Scalar,
        },
        /// Porting that begins from then on takes more or less time.
        PortingTime {
            /// Factor on the time. [1]
            factor: Scalar,
        },
        /// Exclusivities in force end.
        EndExclusivity {
            /// Which of them.
            scope: ScopeSpec,
        },
        /// First ships have no lead from then on.
        ZeroLead,
        /// No licence is exclusive from then on.
        OpenLicences,
    }
}

spec! {
    /// A regulator: opens cases with a hazard, ends them with an outcome.
    pub struct RegulatorSpec {
        /// Name on charts. [label]
        pub name: String,
        /// What it watches.
        pub market: WatchedMarketSpec,
        /// Cases without concentration. [1/year]
        pub base_hazard_per_year: Scalar,
        /// HHI above which the hazard rises. [points]
        pub hhi_threshold: Scalar,
        /// Added hazard per 1,000 points over the threshold. [1/year]
        pub hazard_per_1000_points: Scalar,
        /// Factor on the hazard while an exclusivity is in force. [1]
        pub exclusivity_factor: Scalar,
        /// Factor on the hazard while a commitment comes with a discount, or in one contract with a licence, a share of
        /// revenue, a first ship, an exclusivity or a stake; 1 if left out. [1]
        #[serde(default)]
        pub tie_in_factor: Option<Scalar>,
        /// Length of a case, drawn. [months]
        pub case_months: DistributionSpec,
        /// Probability that a case ends with commitments. [1]
        pub p_commitments: Scalar,
        /// Probability that it ends with a prohibition. [1]
        pub p_prohibition: Scalar,
        /// Factor on the cost of switching clouds that commitments bring. [1]
        pub switching_cost_factor: Scalar,
        /// Whether a prohibition ends the exclusivities in force. [bool]
        pub ends_exclusivity: bool,
        /// What else commitments bring.
        #[serde(default)]
        pub on_commitments: Vec<RemedySpec>,
        /// What else a prohibition brings.
        #[serde(default)]
        pub on_prohibition: Vec<RemedySpec>,
        /// Day from which a case opens for certain, at the first meeting of a month; left to chance if left out. [date]
        #[serde(default)]
        pub opens: Option<Date>,
        /// How that case ends; drawn if left out.
        #[serde(default)]
        pub outcome: Option<OutcomeSpec>,
    }
}
