//! Accelerators, suppliers, clouds, sites and power.

use super::super::decode::Cited;
use super::super::scalar::{Date, Distribution as DistributionSpec, Scalar};
use crate::spec;
use std::collections::BTreeMap;

spec! {
    /// Throughput over one H100 SXM's, by workload class, on mature software.
    pub struct ThroughputSpec {
        /// Training. [H100e]
        pub training: Scalar,
        /// Chat. [H100e]
        pub chat: Scalar,
        /// Reasoning. [H100e]
        pub reasoning: Scalar,
        /// Coding and agents. [H100e]
        pub coding: Scalar,
        /// Retrieval and batch. [H100e]
        pub batch: Scalar,
        /// Images. [H100e]
        pub image: Scalar,
        /// Video. [H100e]
        pub video: Scalar,
    }
}

spec! {
    /// A type of accelerator.
    pub struct AcceleratorSpec {
        /// Name on charts. [label]
        pub name: String,
        /// Who makes it. [supplier]
        pub supplier: String,
        /// Software stack that models are ported to. [stack]
        pub stack: String,
        /// First day of shipments. [date]
        pub available: Cited<Date>,
        /// IT power per chip with its share of server and network. [kW]
        pub power_kw: Scalar,
        /// IT cost per chip with its share of server and network, paid on delivery. [USD]
        pub unit_capex_usd: Scalar,
        /// Economic life; a chip retires at its end. [years]
        pub life_years: Scalar,
        /// Failures per chip. [1/year]
        pub failures_per_year: Scalar,
        /// Repair time, drawn per batch of failures. [days]
        pub repair_days: DistributionSpec,
        /// Whether it needs liquid-cooled power. [bool]
        pub liquid_cooled: bool,
        /// Units of each shared pool that one chip takes. [units by pool]
        pub pool_use: BTreeMap<String, Scalar>,
        /// Shortest time from order to shipment, drawn per order; waiting for output comes on top. [weeks]
        pub lead_time_weeks: DistributionSpec,
        /// Throughput by class.
        pub throughput_h100e: ThroughputSpec,
        /// Share of mature throughput when the type first ships. [1]
        pub maturity_at_launch: Scalar,
        /// Half-life of the gap to maturity. [years]
        pub maturity_half_life_years: Scalar,
        /// 8-bit H100-equivalents as Epoch AI counts purchases. [H100e]
        pub h100e_8bit: Scalar,
    }
}

spec! {
    /// What a pool offers.
    pub enum PoolKindSpec {
        /// Advanced packaging.
        Packaging,
        /// Memory on the package.
        Memory,
        /// Anything else; where it runs out, chips bind.
        Other,
    }
}

spec! {
    /// An input that suppliers share, such as packaging wafers or memory.
    pub struct PoolSpec {
        /// What it is; says which limit binds where it runs out.
        pub kind: PoolKindSpec,
        /// What it offers in a month. [units/month]
        pub capacity_per_month: Scalar,
        /// Factor on that, for what-ifs, 1 if left out. [1]
        #[serde(default)]
        pub capacity_factor: Option<Scalar>,
    }
}

spec! {
    /// How a supplier divides its output among open orders.
    pub enum AllocationSpec {
        /// Oldest order first.
        FirstCome,
        /// In proportion to what is open.
        Proportional,
        /// The order of which the larger share was paid in advance first, the oldest of equals.
        PrepaidFirst,
        /// By shares of clouds and residual buyers; what one leaves goes to the others. [1 by buyer]
        Strategic(BTreeMap<String, Scalar>),
        /// By ranks of clouds and residual buyers, the lowest first, those without one last; within a rank the oldest order
        /// first. [rank by buyer]
        PriorityOrder(BTreeMap<String, u32>),
        /// By ranks likewise, but an order ships whole or waits; chips that fill none stay with the maker. [rank by buyer]
        WholeOrders(BTreeMap<String, u32>),
    }
}

spec! {
    /// A maker of accelerators.
    pub struct SupplierSpec {
        /// Who is paid. [party]
        pub party: String,
        /// Most that each line can ship. [chips/quarter by accelerator]
        pub lines: BTreeMap<String, Scalar>,
        /// Share of each pool that it draws on. [1 by pool]
        pub pool_shares: BTreeMap<String, Scalar>,
        /// How output is divided.
        pub allocation: AllocationSpec,
    }
}

spec! {
    /// A buyer of scripted volumes that sells nothing in this market.
    pub struct ResidualBuyerSpec {
        /// Who pays. [party]
        pub party: String,
        /// Orders. [chips/quarter by accelerator]
        pub orders_per_quarter: BTreeMap<String, Scalar>,
    }
}

spec! {
    /// Chips that a cloud owns when the run starts.
    pub struct InitialFleetSpec {
        /// How many. [chips]
        pub chips: Scalar,
        /// Mean age. [years]
        pub mean_age_years: Scalar,
    }
}

spec! {
    /// How a cloud prices an H100-equivalent hour on demand.
    pub enum ChipPriceSpec {
        /// A path. [USD/h]
        Scheduled(Scalar),
        /// Markup over the fleet's mean levelised cost of compute.
        CostPlus {
            /// Price over cost. [1]
            markup: Scalar,
        },
        /// Up when the fleet is busier than the target, down when it is idler, within bounds over cost.
        UtilisationTarget {
            /// Price when the run starts. [USD/h]
            start_usd: Scalar,
            /// Utilisation aimed at. [1]
            target: Scalar,
            /// Relative change of the price a month per point of utilisation off target. [1/month]
            speed: Scalar,
            /// Least price over the levelised cost of compute. [1]
            floor: Scalar,
            /// Highest price over the levelised cost of compute. [1]
            cap: Scalar,
        },
        /// The lowest price of the other clouds that sell, as it was last month, with a premium.
        MatchLowest {
            /// Price when the run starts. [USD/h]
            start_usd: Scalar,
            /// Price over the lowest rival's. [1]
            premium: Scalar,
            /// Least price over the levelised cost of compute. [1]
            floor: Scalar,
        },
        /// What earns most on those who rent, given the other clouds' prices; a cloud without room prices to its capacity.
        BestResponse {
            /// Price when the run starts. [USD/h]
            start_usd: Scalar,
            /// Cost of an hour more over the levelised cost of compute: 1 if chips would be bought for it. [1]
            cost_share: Scalar,
            /// Months between reviews; clouds of the same rhythm review in turn.
            every_months: u32,
            /// Part of the way to the best price that a review goes. [1]
            damping: Scalar,
            /// What a change costs: none is made that earns less until the next review. [USD]
            menu_cost_usd: Scalar,
        },
    }
}

spec! {
    /// A cloud, or another operator of a fleet.
    pub struct CloudSpec {
        /// Name on charts. [label]
        pub name: String,
        /// Who owns it. [party]
        pub party: String,
        /// Whether it sells to others; a fleet that does not serves its owner alone. [bool]
        pub sells: bool,
        /// Fleet when the run starts, by accelerator.
        pub initial_fleet: BTreeMap<String, InitialFleetSpec>,
        /// Cumulative purchases when the run starts, as Epoch AI counts them. [8-bit H100e]
        pub purchases_h100e_8bit_at_start: Scalar,
        /// Types that it may buy, with a factor on the value of their compute, above 1 for its own silicon. [1 by accelerator]
        pub purchases: BTreeMap<String, Scalar>,
        /// Share of an order that it pays with the order, 0 if left out. [1]
        #[serde(default)]
        pub prepaid_share: Option<Scalar>,
        /// From shipment to powered and commissioned, drawn per shipment. [days]
        pub ship_to_power_days: DistributionSpec,
        /// Most that it can install. [MW of IT/month]
        pub install_mw_per_month: Scalar,
        /// Cost of shell and power, paid when a phase is energized. [USD/MW of IT]
        pub shell_usd_per_mw: Scalar,
        /// Site at which planning requests new phases. [site]
        pub expansion_site: String,
        /// Cost of capital. [1/year]
        pub wacc: Scalar,
        /// Share of the IT cost spent on staff, spares and network. [1/year]
        pub opex_share_per_year: Scalar,
        /// Utilisation that planning aims at. [1]
        pub target_utilisation: Scalar,
        /// Most failed chips in repair at once; nobody waits for repair where it is not given. [chips]
        #[serde(default)]
        pub repair_crews: Option<u32>,
        /// AI capital budget that the owner has announced. [USD/year]
        #[serde(default)]
        pub budget_guidance_usd_per_year: Option<Scalar>,
        /// Last day that the guidance covers. [date]
        #[serde(default)]
        pub guidance_until: Option<Date>,
        /// Share of operating cash, of the conventional business too, that is kept for AI capital; the rest goes to the
        /// shareholders. [1]
        pub reinvestment_share: Scalar,
        /// Most debt over a year's operating cash. [years]
        pub leverage_limit: Scalar,
        /// Time over which it writes its accelerators off; they serve for their own life. [years]
        pub accounting_life_years: Scalar,
        /// Interest on debt. [1/year]
        pub interest_rate: Scalar,
        /// Conventional cloud revenue. [USD/year]
        pub other_revenue_usd_per_year: Scalar,
        /// Operating cash of the owner's other business over that revenue, above 1 where it earns outside the cloud. [1]
        pub other_cash_margin: Scalar,
        /// Capital expenditure outside AI. [USD/year]
        pub other_capex_usd_per_year: Scalar,
        /// Own load (search, ads, ranking, products) served before sales, in chat H100e. [H100e]
        pub internal_load_h100e: Scalar,
        /// How it prices compute on demand.
        pub chip_price: ChipPriceSpec,
        /// Factor on the price that the policy sets, for what-ifs; the policy answers to what comes of it. [1]
        pub price_factor: Scalar,
        /// Discount on committed compute against on demand. [1]
        pub committed_discount: Scalar,
        /// In which order training jobs start; EASY backfilling unless it says otherwise.
        #[serde(default)]
        pub training_queue: Option<TrainingQueueSpec>,
    }
}

spec! {
    /// In which order training jobs start that wait for chips.
    pub enum TrainingQueueSpec {
        /// First come, first served.
        FirstCome,
        /// Whoever fits.
        FirstFit,
        /// Who fits and does not delay the first.
        Easy,
        /// Who fits and delays none that came before.
        Conservative,
        /// Frontier runs first; research jobs yield to them.
        Priority,
    }
}

spec! {
    /// A part of the grid. Delays of grid connections go together within one.
    pub struct RegionSpec {
        /// Price of electricity for large loads. [USD/MWh]
        pub electricity_usd_per_mwh: Scalar,
    }
}

spec! {
    /// A step in a site's energized power.
    pub struct PhaseSpec {
        /// Planned date, or the date of record. [date]
        pub planned: Cited<Date>,
        /// Facility power that the phase adds. [MW]
        pub adds_mw: Scalar,
        /// Whether the date is a plan that may slip. [bool]
        pub slips: bool,
    }
}

spec! {
    /// A campus.
    pub struct SiteSpec {
        /// Who operates it. [cloud]
        pub cloud: String,
        /// Part of the grid that it is in. [region]
        pub region: String,
        /// Steps of power in order of date.
        pub phases: Vec<PhaseSpec>,
        /// Facility power over IT power. [1]
        pub pue: Scalar,
        /// Share of the power that is liquid-cooled. [1]
        pub liquid_share: Scalar,
        /// Share of the energized power held back. [1]
        pub reserve: Scalar,
        /// Share of a phase that it can generate itself while it waits for the grid, 0 if left out. [1]
        #[serde(default)]
        pub bridge_share: Option<Scalar>,
        /// Outages in a year of service; left out where the feeds say it. [1/year]
        #[serde(default)]
        pub outages_per_year: Option<Scalar>,
        /// Length of an outage, drawn; left out where the feeds say it. [hours]
        #[serde(default)]
        pub outage_hours: Option<DistributionSpec>,
        /// Feeds of power, from whose failures and repairs outages follow.
        #[serde(default)]
        pub feeds: Option<FeedsSpec>,
    }
}

spec! {
    /// The feeds of a site: it is out while fewer of them work than it needs.
    pub struct FeedsSpec {
        /// How many there are. [feeds]
        pub count: u32,
        /// How many the site needs. [feeds]
        pub needed: u32,
        /// Failures of a feed in service. [1/year]
        pub failures_per_year: Scalar,
        /// Mean time that a crew repairs a feed. [hours]
        pub repair_hours: Scalar,
        /// Crews, each of which repairs a feed at a time. [crews]
        pub crews: u32,
    }
}

spec! {
    /// An outage on its date.
    pub struct OutageSpec {
        /// Where. [site]
        pub site: String,
        /// First day. [date]
        pub on: Cited<Date>,
        /// Length. [hours]
        pub hours: Scalar,
        /// Facility power that is cut; all of the site is out where it is not given. [MW]
        #[serde(default)]
        pub cut_mw: Option<Scalar>,
    }
}

spec! {
    /// Delays in bringing power to a site.
    pub struct PowerSpec {
        /// From request to grid connection of a phase without secured power. [months]
        pub grid_months: DistributionSpec,
        /// From request to a finished shell; beside the grid connection, the later counts. [months]
        pub build_months: DistributionSpec,
        /// Probability that an announced phase comes on its date. [1]
        pub on_time_probability: Scalar,
        /// Slip of an announced phase that is late. [months]
        pub slip_months: DistributionSpec,
        /// Delay on top of every announced or requested phase, by the date it was due. [months]
        pub extra_months: Scalar,
        /// Smallest phase that is requested; a larger one is a whole multiple of it. [MW]
        pub smallest_request_mw: Scalar,
        /// Correlation of the delays of grid connections within a region. [1]
        pub regional_correlation: Scalar,
        /// By how much bridge power pulls the date of a late phase forward, drawn per phase. [months]
        pub bridge_months: DistributionSpec,
        /// What bridge power costs over the region's price of electricity. [USD/MWh]
        pub bridge_usd_per_mwh: Scalar,
    }
}

spec! {
    /// Rules of planning, the same for every cloud.
    pub struct PlanningSpec {
        /// How far ahead chips are planned. [years]
        pub chip_horizon_years: Scalar,
        /// How far ahead power is planned. [years]
        pub power_horizon_years: Scalar,
        /// Dispersion of purchases over levelised cost: share ∝ (preference/cost)^sensitivity. [1]
        pub cost_sensitivity: Scalar,
        /// Least ratio of new to old throughput per kW at which a full site swaps old chips for waiting ones. [1]
        pub swap_ratio: Scalar,
        /// What a used chip that was just installed brings, over the price of a new one. [1]
        pub resale_share: Scalar,
        /// Time in which that share halves. [years]
        pub resale_half_life_years: Scalar,
        /// Utilisation assumed in the levelised cost of compute. [1]
        pub levelised_utilisation: Scalar,
        /// Share of its power that an installed chip draws while idle; none if left out. [1]
        #[serde(default)]
        pub idle_power_share: Option<Scalar>,
        /// Life of shell and power in the levelised cost of compute. [years]
        pub shell_life_years: Scalar,
        /// Highest yearly growth that a load forecast extrapolates. [1/year]
        pub growth_cap_per_year: Scalar,
        /// Share of last year's growth that a forecast carries forward. [1]
        pub growth_damping: Scalar,
        /// Growth that a forecast assumes while there is no year of history. [1/year]
        pub first_year_growth: Scalar,
        /// How long before a commitment is signed its parties plan on it; from that day on if left out. [years]
        #[serde(default)]
        pub talks_years: Option<Scalar>,
    }
}
