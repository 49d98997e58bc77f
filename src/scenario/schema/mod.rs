//! The shape of a scenario file: what an author may write, with the unit and meaning of each field.
//!
//! Every type refuses unknown fields. Doc lines end with the unit in brackets; `list fields` prints them. A `Scalar` is a
//! number, a schedule over dates or an uncertain value, each with or without its evidence.

mod contracts;
mod demand;
mod focal;
mod labs;
mod supply;

pub use contracts::*;
pub use demand::*;
pub use focal::*;
pub use labs::*;
pub use supply::*;

use super::scalar::Date;
use crate::spec;
use std::collections::BTreeMap;

spec! {
    /// First and last day of a run, both included.
    pub struct HorizonSpec {
        /// First day. [date]
        pub start: Date,
        /// Last day. [date]
        pub end: Date,
    }
}

spec! {
    /// A legal person that holds cash and contracts.
    pub struct PartySpec {
        /// Name on charts and statements. [label]
        pub name: String,
        /// Cash when the run starts. [USD]
        pub opening_cash_usd: super::scalar::Scalar,
        /// Debt when the run starts, 0 if left out. [USD]
        #[serde(default)]
        pub opening_debt_usd: Option<super::scalar::Scalar>,
    }
}

spec! {
    /// A jurisdiction in which data may have to stay.
    pub struct JurisdictionSpec {
        /// Name in sentences. [label]
        pub name: String,
    }
}

spec! {
    /// An uncertain field that follows its group.
    pub struct LoadingSpec {
        /// Dotted path of the field; `*` stands for every id. [path of an uncertain field]
        pub field: String,
        /// Correlation of its normal score with the group's draw, −1 to 1; two fields are correlated by the product. [1]
        pub loading: super::scalar::Scalar,
    }
}

spec! {
    /// A complete scenario.
    pub struct ScenarioSpec {
        /// Name on charts. [label]
        pub name: String,
        /// What the scenario asks, and for a variant which metric it should move and in which direction. [label]
        pub about: String,
        /// First and last day.
        pub horizon: HorizonSpec,
        /// Seed of every random stream. [1]
        pub seed: u64,
        /// Replications that `run` makes unless told otherwise. [1]
        pub replications: u32,
        /// Groups of uncertain fields whose draws go together.
        #[serde(default)]
        pub correlations: BTreeMap<String, Vec<LoadingSpec>>,
        /// Legal persons.
        pub parties: BTreeMap<String, PartySpec>,
        /// Accelerator types.
        pub accelerators: BTreeMap<String, AcceleratorSpec>,
        /// Inputs that suppliers share.
        pub pools: BTreeMap<String, PoolSpec>,
        /// Makers of accelerators.
        pub suppliers: BTreeMap<String, SupplierSpec>,
        /// Buyers of scripted volumes that sell nothing here.
        pub residual_buyers: BTreeMap<String, ResidualBuyerSpec>,
        /// Clouds and other operators of fleets.
        pub clouds: BTreeMap<String, CloudSpec>,
        /// Parts of the grid.
        pub regions: BTreeMap<String, RegionSpec>,
        /// Campuses.
        pub sites: BTreeMap<String, SiteSpec>,
        /// Outages on their dates.
        pub outages: BTreeMap<String, OutageSpec>,
        /// Delays in bringing power to a site.
        pub power: PowerSpec,
        /// Rules of planning.
        pub planning: PlanningSpec,
        /// Developers of models.
        pub labs: BTreeMap<String, LabSpec>,
        /// Released and announced models.
        pub models: BTreeMap<String, ModelSpec>,
        /// Jurisdictions in which data may have to stay, at most 8.
        #[serde(default)]
        pub jurisdictions: BTreeMap<String, JurisdictionSpec>,
        /// Places to buy a model.
        pub channels: BTreeMap<String, ChannelSpec>,
        /// Consumer products.
        pub products: BTreeMap<String, ProductSpec>,
        /// Groups of customers.
        pub segments: BTreeMap<String, SegmentSpec>,
        /// What is common to all demand.
        pub demand: DemandSpec,
        /// Chip-hours rented by firms that are no lab.
        pub rental: RentalSpec,
        /// How load turns into compute and latency.
        pub serving: ServingSpec,
        /// How training compute turns into models.
        pub training: TrainingSpec,
        /// Contracts.
        pub contracts: BTreeMap<String, ContractSpec>,
        /// Regulators.
        pub regulators: BTreeMap<String, RegulatorSpec>,
        /// Focal customers.
        #[serde(default)]
        pub focal: BTreeMap<String, FocalSpec>,
    }
}
