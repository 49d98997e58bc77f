//! What changes during a run: plain vectors by typed index, clonable and serialisable.

use super::channel_outages::ChannelState;
use super::focal::FocalState;
use super::training::LabTraining;
use crate::accounts::Ledger;
use crate::engine::Stream;
use crate::ids::{CloudId, ContractId, LabId, ModelId};
use crate::market::choice::{Offers, OptionIndex};
use crate::market::contracts::ContractBook;
use crate::market::demand::DemandState;
use crate::market::demand::hire::Hire;
use crate::market::demand::products::Audiences;
use crate::market::equity::Holdings;
use crate::market::regulation::{Case, Outcome};
use crate::market::serving::{Fleet, StackMask};
use crate::market::settlement::{Owners, Settlement};
use crate::market::tokens::TokenKind;
use crate::supply::SupplyState;
use crate::supply::gang::JobId;
use crate::supply::params::Class;
use crate::units::{Time, Usd};
use serde::{Deserialize, Serialize};

/// List price of a model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum ListPrice {
    /// Follows the schedule of scripted model number n.
    Scripted(u16),
    /// Set at release or by a review [USD/Mtok].
    Set(f64),
    /// Of scripted model number n, as a review has set it [USD/Mtok].
    Reviewed(u16, f64),
}

/// A model that has come out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelState {
    /// Whose.
    pub lab: LabId,
    /// Position among the lab's lines.
    pub line: u16,
    /// When.
    pub released: Time,
    /// Quality by class [quality units].
    pub quality: [f64; Class::COUNT],
    /// Quality on the frontier scale, without the class bonus [quality units].
    pub base_quality: f64,
    /// Compute per token over the reference model's [1].
    pub compute_per_token: f64,
    /// List price.
    pub list: ListPrice,
    /// Whether its weights are open.
    pub open_weights: bool,
    /// When it is withdrawn, once a later release of the line has replaced it.
    pub withdrawn: Option<Time>,
    /// Whether it is withdrawn and no option of it is open any more.
    pub gone: bool,
    /// Whether the holder of a first-ship clause had no room for it when it came out; it does not get its right back.
    pub first_ship_waived: bool,
}

/// A model on a channel, beside its place in the offers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listing {
    /// What.
    pub model: ModelId,
    /// Whose.
    pub lab: LabId,
    /// Position among the channels.
    pub channel: u16,
    /// The platform's cloud, if it is one.
    pub cloud: Option<CloudId>,
    /// When it first opened.
    pub opened: Option<Time>,
    /// Price of its chat tokens when customers last looked because of its price [USD/Mtok].
    pub noticed_price: f64,
}

/// Tokens and money of an option: rates since the last dispatch, or sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OptionFlow {
    /// Asked for [Mtok, or Mtok/h].
    pub asked: f64,
    /// Served, what came from elsewhere included [Mtok, or Mtok/h].
    pub served: f64,
    /// The part of it that found no room where it was asked for [Mtok, or Mtok/h].
    pub spill_in: f64,
    /// Paid by customers [USD, or USD/h].
    pub spend: f64,
    /// What was asked for, counted as the list's blend by the compute that it takes [Mtok, or Mtok/h].
    pub asked_work: f64,
    /// Served, by class [Mtok, or Mtok/h].
    pub by_class: [f64; Class::COUNT],
}

/// Tokens of a place: rates since the last dispatch [Mtok/h], or sums [Mtok]. See [`super::spill`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TokenBalance {
    /// Asked for by its own customers and products.
    pub asked: f64,
    /// Taken in from other places that had no room.
    pub spill_in: f64,
    /// Served, what was taken in included.
    pub served: f64,
    /// Not served as the place was full.
    pub throttled: f64,
    /// Served elsewhere, as there was no room.
    pub spill_out: f64,
    /// Not served as compute was out of service.
    pub lost: f64,
}

impl TokenBalance {
    /// Adds `hours` of `rate`.
    pub fn add(&mut self, hours: f64, rate: &TokenBalance) {
        self.asked += hours * rate.asked;
        self.spill_in += hours * rate.spill_in;
        self.served += hours * rate.served;
        self.throttled += hours * rate.throttled;
        self.spill_out += hours * rate.spill_out;
        self.lost += hours * rate.lost;
    }

    /// What was asked for here and not served here.
    pub fn unserved(&self) -> f64 {
        self.throttled + self.spill_out + self.lost
    }

    /// The part of what was asked for here that was not served here [1].
    pub fn unserved_share(&self) -> f64 {
        if self.asked > 0.0 { self.unserved() / self.asked } else { 0.0 }
    }

    /// What comes in and what becomes of it: equal, but for rounding.
    pub fn sides(&self) -> (f64, f64) {
        (self.asked + self.spill_in, self.served + self.unserved())
    }
}

/// A frontier run that waits or is under way.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingRun {
    /// Compute that it takes [FLOP].
    pub target_flop: f64,
    /// Its lot and its job there; none while the lab has no chips to train on.
    pub place: Option<(u16, JobId)>,
    /// Whether it was warned of.
    pub warned: bool,
}

/// Compute that a lab has signed for during the run, paid whether used or not.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reservation {
    /// Where.
    pub cloud: CloudId,
    /// How much [chat H100e].
    pub h100e: f64,
    /// At what price [USD per chat H100e-hour].
    pub usd_per_hour: f64,
    /// First instant after it.
    pub until: Time,
}

/// A lab's use of a cloud.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LabAtCloud {
    /// Right by commitment and reservation [chat H100e].
    pub right: f64,
    /// The part of the right that the cloud can deliver [chat H100e].
    pub delivered: f64,
    /// In use for tokens, within the right [chat H100e].
    pub serving: f64,
    /// In use for training and research [chat H100e].
    pub training: f64,
    /// The same in terms of training [training H100e].
    pub research: f64,
    /// In use beyond the right [chat H100e].
    pub excess: f64,
    /// Month to date: used within the right [chat H100e-hours].
    pub used_hours: f64,
    /// Month to date: reserved and delivered [chat H100e-hours].
    pub reserved_hours: f64,
    /// Month to date: beyond the right [chat H100e-hours].
    pub excess_hours: f64,
    /// Month to date: of the right, not delivered [chat H100e-hours].
    pub undelivered_hours: f64,
    /// Stacks that the lab's models run on there.
    pub stacks: StackMask,
    /// Those of the last port.
    pub fresh: StackMask,
    /// When it opened.
    pub ported: Time,
    /// Whether porting to the cloud's other stacks has begun.
    pub porting: bool,
}

/// A lab.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabState {
    /// Use by cloud.
    pub at: Vec<LabAtCloud>,
    /// Signed during the run.
    pub reservations: Vec<Reservation>,
    /// Tokens of its own API and products need this [H100e by class, on its rights].
    pub serving_need: [f64; Class::COUNT],
    /// Share of that which was served, by class.
    pub served_share: [f64; Class::COUNT],
    /// Wanted for research and training [training H100e].
    pub research_need: f64,
    /// Got for it [training H100e].
    pub research: f64,
    /// Frontier run that waits or is under way.
    pub run: Option<TrainingRun>,
    /// Chips that it trains on, with their queues.
    pub training: LabTraining,
    /// Training compute of the last completed run [FLOP].
    pub last_flop: f64,
    /// End-customer revenue by month [USD].
    pub revenue: Vec<f64>,
    /// The largest part of the last month's end-customer revenue that came through one platform [1].
    pub dependence: f64,
    /// Total need by quarter [chat H100e].
    pub need: Vec<f64>,
    /// Month to date: end-customer revenue [USD].
    pub month_revenue: f64,
    /// The part of it through each cloud's platform [USD].
    pub month_by_cloud: Vec<f64>,
    /// Month to date: compute bought, by cloud [USD].
    pub month_spend: Vec<f64>,
    /// The same by month, by cloud [USD].
    pub spend: Vec<Vec<f64>>,
    /// Cash at the last month end [USD].
    pub last_cash: f64,
    /// Raised this month, to be left out of the burn [USD].
    pub raised: f64,
    /// Smoothed fall of cash [USD/month].
    pub burn: f64,
    /// Whether it has defaulted.
    pub defaulted: bool,
    /// Month to date: compute used for tokens, own API and products [chat H100e-hours].
    pub serving_hours: f64,
    /// Month to date: rights delivered [chat H100e-hours].
    pub rights_hours: f64,
    /// Month to date: compute used for research and training [chat H100e-hours].
    pub training_hours: f64,
    /// Tokens of its own API and of products on its rights [Mtok/h].
    pub tokens: TokenBalance,
    /// Month to date: the same [Mtok].
    pub month_tokens: TokenBalance,
    /// Share of those tokens not served in the last closed month [1].
    pub throttled: f64,
    /// Month to date: tokens served on its own API and products [Mtok].
    pub own_mtok: f64,
    /// Porting times.
    pub porting_stream: Stream,
    /// Commitment lengths.
    pub commitment_stream: Stream,
    /// Quality of releases, release lags.
    pub release_stream: Stream,
}

/// A cloud.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CloudState {
    /// What it can serve on, leases included.
    pub fleet: Fleet,
    /// All of it [chat H100e].
    pub capacity: f64,
    /// Whether the fleet has to be read again.
    pub stale: bool,
    /// Price that the policy set last [USD per chat H100e-hour].
    pub policy_price: f64,
    /// Price on demand, the scenario's factor included [USD per chat H100e-hour].
    pub price: f64,
    /// Mean levelised cost of compute over the purchases that it may make [USD per chat H100e-hour].
    pub levelised_cost: f64,
    /// Rights that it holds elsewhere, by lessor [chat H100e].
    pub leased: Vec<f64>,
    /// The part of each that is delivered [chat H100e].
    pub leased_delivered: Vec<f64>,
    /// Rental asked for, what is reserved and used included [chat H100e].
    pub rental: f64,
    /// What is rented out by term.
    pub hire: Hire,
    /// In use [chat H100e].
    pub used: f64,
    /// Asked for and not served [chat H100e].
    pub turned_away: f64,
    /// Electricity of what runs, over what it would draw idle [USD/h].
    pub usd_per_hour: f64,
    /// Electricity that the fleet would draw if it were idle [USD/h].
    pub idle_usd_per_hour: f64,
    /// Rental served, spot apart [chat H100e].
    pub rental_served: f64,
    /// The part of it that is reserved [chat H100e].
    pub reserved_served: f64,
    /// Spot hours served, on what all else leaves idle [chat H100e].
    pub spot_served: f64,
    /// Own load served [chat H100e].
    pub internal_used: f64,
    /// Compute set aside for clouds that lease it [chat H100e].
    pub leased_out: f64,
    /// That need by quarter.
    pub need: Vec<f64>,
    /// Month to date: compute in use [chat H100e-hours].
    pub used_hours: f64,
    /// The part of them for what does not yield to tokens: own load, leases, tenants [chat H100e-hours].
    pub held_hours: f64,
    /// The part of them for tokens [chat H100e-hours].
    pub token_hours: f64,
    /// Month to date: asked for and not served [chat H100e-hours].
    pub turned_away_hours: f64,
    /// Month to date: compute there [chat H100e-hours].
    pub capacity_hours: f64,
    /// Month to date: rental by term: on demand as served, reserved as delivered whether used or not, spot as served
    /// [chat H100e-hours].
    pub rental_hours: [f64; 4],
    /// Month to date: what reservations bring in, by term [USD].
    pub reserved_usd: [f64; 2],
    /// The same of the last closed month, as means and prices [chat H100e, USD/h].
    pub month_rental: [(f64, f64); 4],
    /// Month to date: lessees' rights delivered and not, by lessee [chat H100e-hours].
    pub lease_hours: Vec<(f64, f64)>,
    /// Tokens of its platform and of products on its own compute [Mtok/h].
    pub tokens: TokenBalance,
    /// Month to date: the same [Mtok].
    pub month_tokens: TokenBalance,
    /// Month to date: tokens served on its fleet, labs' own included [Mtok].
    pub fleet_mtok: f64,
    /// In use for platform tokens and products on its own compute [chat H100e].
    pub platform_used: f64,
    /// Month to date: the same [chat H100e-hours].
    pub platform_hours: f64,
    /// Month to date: electricity [USD].
    pub electricity: f64,
    /// Month to date: share of capacity hours lost to outages [chat H100e-hours].
    pub outage_hours: f64,
    /// Month to date: AI capital expenditure [USD].
    pub capex: f64,
    /// Month to date: AI revenue [USD].
    pub month_revenue: f64,
    /// AI revenue by month [USD].
    pub revenue: Vec<f64>,
    /// Operating cash by month, conventional business included [USD].
    pub operating_cash: Vec<f64>,
    /// Assets that serve or are not fully written off.
    pub assets: Vec<Asset>,
    /// The last closed month: served, turned away, there, means [chat H100e].
    pub month_h100e: (f64, f64, f64),
    /// Utilisation of the last closed month [1].
    pub utilisation: f64,
    /// Utilisation that tokens saw in it [1].
    pub token_utilisation: f64,
    /// Share of tokens throttled in the last closed month [1].
    pub throttled: f64,
}

/// Chips or shells that were bought together.
///
/// Written off in equal parts over the accounting life: `cost / life` a month.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asset {
    /// What they cost [USD].
    pub cost: f64,
    /// What is written off in a month [USD].
    pub wear: f64,
    /// First month in which nothing is written off any more.
    pub written_off: u16,
    /// First month in which they serve no more.
    pub gone: u16,
}

impl Asset {
    /// Assets that are taken into service in a month, with their lives [years], of at least a month.
    pub fn new(cost: f64, month: u16, life_years: f64, accounting_life_years: f64) -> Self {
        let months = |years: f64| (years * 12.0).round().max(1.0);
        let after = |years: f64| month.saturating_add(months(years) as u16);
        let wear = cost / months(accounting_life_years);
        Self { cost, wear, written_off: after(accounting_life_years), gone: after(life_years) }
    }

    /// What is not written off yet when `month` begins [USD].
    pub fn book_value(&self, month: u16) -> f64 {
        self.wear * f64::from(self.written_off.saturating_sub(month))
    }
}

/// A product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProductState {
    /// Revenue [USD/h].
    pub revenue_per_hour: f64,
    /// Revenue since the last bill [USD].
    pub unbilled: f64,
    /// Month to date: revenue [USD].
    pub month_revenue: f64,
    /// Asked for by class [Mtok/h].
    pub asked: [f64; Class::COUNT],
    /// The part that each lab's models serve, by lab.
    pub parts: Vec<ProductPart>,
}

/// The part of a product's tokens that a lab's models serve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProductPart {
    /// Whether any token goes to the lab.
    pub used: bool,
    /// Share of the product's tokens, by class [1].
    pub share: [f64; Class::COUNT],
    /// Compute that they add to a token of the product, by class, over the reference model's [1].
    pub compute: [f64; Class::COUNT],
    /// The part of it that the lab, and not the product, pays for [1].
    pub owed_by_lab: [f64; Class::COUNT],
    /// Fee that they add to a million tokens of the product, by class [USD/Mtok].
    pub fee_usd: [f64; Class::COUNT],
    /// The channel whose terms the fee follows, or last followed.
    pub channel: Option<u16>,
    /// Share served, by class [1].
    pub served_share: [f64; Class::COUNT],
    /// Since the last bill.
    pub unbilled: PartFlow,
    /// Month to date.
    pub month: PartFlow,
}

/// Tokens of a product that a lab's models served, and what they cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PartFlow {
    /// Tokens [Mtok].
    pub mtok: f64,
    /// Tokens of the reference model that take the same compute [Mtok].
    pub reference_mtok: f64,
    /// The part of that whose compute the lab pays for [Mtok].
    pub owed_by_lab_mtok: f64,
    /// Fees to the lab [USD].
    pub fee_usd: f64,
}

/// Totals that no entity owns.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MonthTotals {
    /// By option: asked for, served [Mtok], spend [USD].
    pub options: Vec<OptionFlow>,
    /// By product: asked for, served [Mtok].
    pub products: Vec<(f64, f64)>,
    /// Sold by class, products apart [Mtok, USD].
    pub classes: [(f64, f64); Class::COUNT],
    /// The same by kind of token [Mtok, USD].
    pub kinds: [(f64, f64); TokenKind::COUNT],
}

/// Everything that changes during a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct State {
    /// Supply side.
    pub supply: SupplyState<Stream>,
    /// Workloads.
    pub demand: DemandState<Stream>,
    /// Options.
    pub offers: Offers,
    /// Beside each option.
    pub listings: Vec<Listing>,
    /// Positions in `listings` by model and channel, channel by channel.
    pub listing_of: Vec<Option<u16>>,
    /// Options that are open, in the order of the offers.
    pub live: Vec<u16>,
    /// Models on sale by channel.
    pub breadth: Vec<usize>,
    /// Rates since the last dispatch, by option.
    pub flows: Vec<OptionFlow>,
    /// Contracts.
    pub book: ContractBook,
    /// Revenue shares and commitments to date.
    pub settlement: Settlement,
    /// Amendments whose condition holds and that come at the next midnight, by contract and position.
    pub agreed: Vec<(ContractId, usize)>,
    /// Profit of each party at the last month's close, since the start of the run.
    pub profits: Vec<Usd>,
    /// Who holds what of whom.
    pub holdings: Holdings,
    /// Money.
    pub ledger: Ledger,
    /// Whose labs and clouds are.
    pub owners: Owners,
    /// Open case of each regulator.
    pub cases: Vec<Option<Case>>,
    /// Cases that each regulator has closed, by outcome.
    pub cases_closed: Vec<[u32; Outcome::COUNT]>,
    /// Factor on switching costs that regulators' commitments have brought.
    pub switching_factor: f64,
    /// Factor on the time that porting takes.
    pub porting_factor: f64,
    /// Draws of the regulators.
    pub regulator_streams: Vec<Stream>,
    /// Models that came out.
    pub models: Vec<ModelState>,
    /// Labs.
    pub labs: Vec<LabState>,
    /// Clouds.
    pub clouds: Vec<CloudState>,
    /// Channels.
    pub channels: Vec<ChannelState>,
    /// Products.
    pub products: Vec<ProductState>,
    /// Taste shocks by lab and channel: value [nats] and stream.
    pub shocks: Vec<(f64, Stream)>,
    /// Since the last bill, by option [Mtok, Mtok, USD].
    pub unbilled: Vec<OptionFlow>,
    /// When the last bill was made.
    pub billed: Time,
    /// Month to date.
    pub month: MonthTotals,
    /// Highest quality out, by month, for the outside option.
    pub frontier: Vec<f64>,
    /// When the rates were last accrued.
    pub accrued: Time,
    /// Whether a dispatch is due at this instant.
    pub dispatch_due: bool,
    /// When load was last dispatched.
    pub dispatched: Option<Time>,
    /// When the next daily dispatch comes.
    pub next_daily: Time,
    /// From when on a dispatch divides the chips for training anew.
    pub next_carve: Time,
    /// HHI of clouds and labs at the last close [points].
    pub hhi: (f64, f64),
    /// Weekly users of the products.
    pub audiences: Audiences,
    /// Share of each cloud in rental.
    pub rental_shares: Vec<f64>,
    /// Focal customers under each of their strategies.
    pub focal: Vec<FocalState>,
    /// What the run should warn of, with dates.
    pub warnings: Vec<String>,
}

impl State {
    /// The option of a position.
    pub fn option(index: usize) -> OptionIndex {
        OptionIndex(u16::try_from(index).expect("at most 65,535 options"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 7,200 USD over six years are 100 a month; of 72 months, 36 are left after three years, when it serves two more.
    #[test]
    fn assets_are_written_off_over_their_accounting_life_and_serve_for_their_own() {
        let asset = Asset::new(7_200.0, 3, 5.0, 6.0);
        assert_eq!((asset.wear, asset.written_off, asset.gone), (100.0, 75, 63));
        assert_eq!((asset.book_value(3), asset.book_value(39), asset.book_value(80)), (7_200.0, 3_600.0, 0.0));
    }
}
