//! Focal customers: one account in full, with its procurement strategies.

use super::super::scalar::{Date, Scalar};
use crate::spec;
use std::collections::BTreeMap;

spec! {
    /// How a focal customer procures.
    pub enum StrategySpec {
        /// Every workload on the home cloud's platform.
        SingleCloud,
        /// The same; what the home cloud does not serve runs with one other provider.
        PrimaryWithFallback,
        /// Every workload in halves on the two best options of different providers, which stand in for each other.
        MultiCloud,
        /// Every workload on the best option anywhere.
        PlacementByWorkload,
    }
}

spec! {
    /// Work of one class.
    pub struct FocalWorkloadSpec {
        /// Kind of work. [class]
        pub class: String,
        /// Tokens asked for. [Mtok/month]
        pub mtok_per_month: Scalar,
        /// Part of what the home cloud is worth that counts for this work, 1 if left out: less where its data are elsewhere. [1]
        #[serde(default)]
        pub home_weight: Option<Scalar>,
    }
}

spec! {
    /// Spend promised to a cloud for each calendar year; what is missing at its end is paid all the same.
    pub struct CommittedSpendSpec {
        /// To whom. [cloud]
        pub cloud: String,
        /// How much. [USD/year]
        pub usd_per_year: Scalar,
        /// Off the price of tokens on its platform. [1]
        pub discount: Scalar,
    }
}

spec! {
    /// How long it takes to move a workload.
    pub struct MoveDaysSpec {
        /// To another model of the same lab. [days]
        pub version: Scalar,
        /// To another lab. [days]
        pub lab: Scalar,
        /// To a provider that is not used yet, on top. [days]
        pub provider: Scalar,
    }
}

spec! {
    /// A focal customer. It takes the market as it is, so that all its strategies are followed in one run.
    pub struct FocalSpec {
        /// Name on charts. [label]
        pub name: String,
        /// Whose tastes and switching costs it has. [segment]
        pub segment: String,
        /// Its home cloud, which has a platform. [cloud]
        pub home: String,
        /// Least certification of a channel; the segment's if left out. [level]
        #[serde(default)]
        pub certification: Option<u8>,
        /// Where its data must stay; anywhere if left out. [jurisdiction]
        #[serde(default)]
        pub residency: Option<String>,
        /// Day on which it first chooses. [date]
        pub from: Date,
        /// Months between renewals; the segment's if left out. [months]
        #[serde(default)]
        pub renewal_months: Option<Scalar>,
        /// What it has done, by id.
        pub workloads: BTreeMap<String, FocalWorkloadSpec>,
        /// What it promised a cloud to spend; nothing if left out.
        #[serde(default)]
        pub commitment: Option<CommittedSpendSpec>,
        /// What each provider that it uses beside its home cloud costs by itself. [USD/year]
        pub further_cloud_usd_per_year: Scalar,
        /// How long moving takes it.
        pub move_days: MoveDaysSpec,
        /// Strategies that are followed; all four if left out.
        #[serde(default)]
        pub strategies: Vec<StrategySpec>,
    }
}
