//! The first instant: accounts opened, fleets read, the first events put on the clock.

use super::channel_outages::ChannelState;
use super::events::{Event, Stage};
use super::focal::FocalState;
use super::observe::Recorder;
use super::params::Params;
use super::simulation::{Options, Scratch, Simulation};
use super::state::{Asset, CloudState, LabAtCloud, LabState, MonthTotals, ProductState, State, TokenBalance};
use super::training::LabTraining;
use crate::accounts::{Cause, Ledger};
use crate::engine::{Engine, Stream};
use crate::ids::{LabId, PartyId};
use crate::market::choice::Offers;
use crate::market::contracts::ContractBook;
use crate::market::demand::DemandState;
use crate::market::demand::hire::Hire;
use crate::market::demand::products::Audiences;
use crate::market::equity::Holdings;
use crate::market::regulation::Outcome;
use crate::market::serving::{Fleet, StackMask};
use crate::market::settlement::Settlement;
use crate::supply::SupplyState;
use crate::supply::params::Class;
use crate::units::{Time, Usd};

impl<'a> Simulation<'a> {
    /// A run at its first instant.
    pub fn new(params: &'a Params, options: Options) -> Self {
        let mut make = |entity: &str, purpose: &str| Stream::named(params.seed, params.draw, entity, purpose);
        let (supply, supply_events) = SupplyState::new(&params.supply, params.calendar.horizon(), &mut make);
        let (demand, demand_events) = DemandState::new(&params.demand, &mut make);
        let mut engine = Engine::new();
        if options.events {
            engine.start_journal();
        }
        let state = State {
            supply,
            demand,
            offers: Offers::new(),
            listings: Vec::new(),
            listing_of: Vec::new(),
            live: Vec::new(),
            breadth: Vec::new(),
            flows: Vec::new(),
            book: ContractBook::new(params.contracts.clone()),
            settlement: Settlement::default(),
            agreed: Vec::new(),
            profits: vec![Usd::ZERO; params.parties.len()],
            holdings: Holdings::default(),
            ledger: open_ledger(params, options.ledger),
            owners: Simulation::owners(params),
            cases: vec![None; params.regulators.len()],
            cases_closed: vec![[0; Outcome::COUNT]; params.regulators.len()],
            switching_factor: 1.0,
            porting_factor: 1.0,
            regulator_streams: params.regulator_ids.iter().map(|id| make(id, "regulation")).collect(),
            models: Vec::new(),
            labs: params.labs.iter().map(|lab| new_lab(params, &lab.id, &mut make, lab)).collect(),
            clouds: params.clouds.iter().map(|_| new_cloud(params.clouds.len())).collect(),
            channels: params.channels.iter().map(|x| ChannelState::new(make(&x.id, "channel-outages"))).collect(),
            products: params.products.iter().map(|_| ProductState::new(params.labs.len())).collect(),
            shocks: new_shocks(params, &mut make),
            unbilled: Vec::new(),
            billed: Time(0),
            month: MonthTotals { products: vec![(0.0, 0.0); params.products.len()], ..MonthTotals::default() },
            frontier: Vec::new(),
            accrued: Time(0),
            dispatch_due: true,
            dispatched: None,
            next_daily: Time(0),
            next_carve: Time(0),
            hhi: (0.0, 0.0),
            audiences: Audiences::at_start(&params.product_rules),
            rental_shares: Vec::new(),
            focal: FocalState::all(&params.focal),
            warnings: Vec::new(),
        };
        let recorder = Recorder::new(params);
        let mut simulation =
            Self { params, options, engine, state, recorder, scratch: Scratch::default(), refused: None };
        simulation.open_fixed_assets();
        // What parties start with stands in the books before the first quarter.
        simulation.state.ledger.close_quarter();
        simulation.state.ledger.close_month();
        for (time, event) in supply_events {
            simulation.at(time, Event::Supply(event));
        }
        for (time, event) in demand_events {
            simulation.at(time, Event::Demand(event));
        }
        simulation.put_first_events_on_clock();
        simulation
    }

    fn put_first_events_on_clock(&mut self) {
        let start = Time(0);
        for cloud in self.cloud_ids() {
            self.refresh_fleet(cloud);
            self.refresh_levelised_cost(cloud);
        }
        self.review_chip_prices(0);
        self.at(start, Event::MonthOpened(0));
        self.at(start, Event::WeekOpened);
        self.at(start, Event::TermsChanged);
        self.at(start, Event::RegulatorsMet(0));
        self.at(start, Event::PricesReviewed(0));
        self.at(start, Event::LabsPlanned);
        self.at(start, Event::CloudsPlanned);
        self.engine.schedule_at(start, Stage::Dispatch.into(), Event::Dispatched);
        self.at(self.params.calendar.month_close(0), Event::MonthClosed(0));
        self.at(self.params.calendar.month_close(0), Event::MonthObserved(0));
        for time in self.state.book.boundaries() {
            if time > start {
                self.at(time, Event::TermsChanged);
            }
        }
        for (i, model) in self.params.models.iter().enumerate() {
            self.at(model.released, Event::ModelReleased(i as u16));
        }
        for channel in &self.params.channels {
            for day in channel.residency.days().chain([channel.opens]) {
                self.at(day, Event::OffersReviewed);
            }
        }
        self.await_channel_outages();
        for (l, lab) in self.params.labs.iter().enumerate() {
            if let Some(programme) = &lab.programme {
                self.at(programme.first_start, Event::RunStarted(LabId::new(l)));
            }
            if lab.research_jobs.is_some() {
                self.await_research(LabId::new(l));
            }
        }
    }

    /// Book value of the first fleets: cost at today's price less straight-line wear over their mean age.
    fn open_fixed_assets(&mut self) {
        for cloud in self.cloud_ids() {
            for fleet in &self.params.supply.clouds[cloud.index()].initial_fleet {
                let kind = &self.params.supply.accelerators[fleet.accelerator.index()];
                let cost = fleet.chips as f64 * kind.unit_capex_usd.at(Time(0));
                let accounting_life = self.params.clouds[cloud.index()].accounting_life_years;
                let left = |life: f64| (life - fleet.mean_age_years).max(0.0);
                // Bought at its mean age ago, so that the wear of a month is that of its whole life.
                let mut asset = Asset::new(cost, 0, left(kind.life_years), left(accounting_life));
                asset.wear = cost / (12.0 * accounting_life);
                self.state.clouds[cloud.index()].assets.push(asset);
                let party = self.params.supply.clouds[cloud.index()].party;
                let value = Usd::from_dollars(cost * left(accounting_life) / accounting_life);
                self.state.ledger.open_fixed_assets(Time(0), party, value, Cause::event(0));
            }
        }
    }
}

fn open_ledger(params: &Params, keep_postings: bool) -> Ledger {
    let mut ledger = Ledger::new(params.parties.len(), keep_postings);
    for (p, party) in params.parties.iter().enumerate() {
        let cash = Usd::from_dollars(party.opening_cash_usd).round_to(Usd::CENT);
        ledger.open(Time(0), PartyId::new(p), cash, Cause::event(0));
        let debt = Usd::from_dollars(party.opening_debt_usd).round_to(Usd::CENT);
        ledger.open_debt(Time(0), PartyId::new(p), params.externals.lenders, debt, Cause::event(0));
    }
    ledger
}

fn new_lab(
    params: &Params,
    id: &str,
    make: &mut dyn FnMut(&str, &str) -> Stream,
    lab: &crate::market::params::Lab,
) -> LabState {
    let at = LabAtCloud { stacks: StackMask::of(lab.stacks.iter().copied()), ..LabAtCloud::default() };
    LabState {
        at: vec![at; params.clouds.len()],
        reservations: Vec::new(),
        serving_need: [0.0; Class::COUNT],
        served_share: [1.0; Class::COUNT],
        research_need: lab.research_h100e.at(Time(0)),
        research: 0.0,
        run: None,
        training: LabTraining::new(make(id, "research arrivals")),
        last_flop: 0.0,
        revenue: Vec::new(),
        dependence: 0.0,
        need: Vec::new(),
        month_revenue: 0.0,
        month_by_cloud: vec![0.0; params.clouds.len()],
        month_spend: vec![0.0; params.clouds.len()],
        spend: vec![Vec::new(); params.clouds.len()],
        last_cash: params.parties[lab.party.index()].opening_cash_usd,
        raised: 0.0,
        burn: 0.0,
        defaulted: false,
        serving_hours: 0.0,
        training_hours: 0.0,
        rights_hours: 0.0,
        tokens: TokenBalance::default(),
        month_tokens: TokenBalance::default(),
        throttled: 0.0,
        own_mtok: 0.0,
        porting_stream: make(id, "porting"),
        commitment_stream: make(id, "commitments"),
        release_stream: make(id, "releases"),
    }
}

fn new_cloud(clouds: usize) -> CloudState {
    CloudState {
        fleet: Fleet::default(),
        capacity: 0.0,
        stale: true,
        policy_price: 0.0,
        price: 0.0,
        levelised_cost: 0.0,
        leased: vec![0.0; clouds],
        leased_delivered: vec![0.0; clouds],
        rental: 0.0,
        hire: Hire::default(),
        used: 0.0,
        turned_away: 0.0,
        usd_per_hour: 0.0,
        idle_usd_per_hour: 0.0,
        rental_served: 0.0,
        reserved_served: 0.0,
        spot_served: 0.0,
        internal_used: 0.0,
        leased_out: 0.0,
        need: Vec::new(),
        used_hours: 0.0,
        held_hours: 0.0,
        token_hours: 0.0,
        turned_away_hours: 0.0,
        capacity_hours: 0.0,
        rental_hours: [0.0; 4],
        reserved_usd: [0.0; 2],
        month_rental: [(0.0, 0.0); 4],
        lease_hours: vec![(0.0, 0.0); clouds],
        tokens: TokenBalance::default(),
        month_tokens: TokenBalance::default(),
        fleet_mtok: 0.0,
        platform_used: 0.0,
        platform_hours: 0.0,
        electricity: 0.0,
        outage_hours: 0.0,
        capex: 0.0,
        month_revenue: 0.0,
        revenue: Vec::new(),
        operating_cash: Vec::new(),
        assets: Vec::new(),
        month_h100e: (0.0, 0.0, 0.0),
        utilisation: 0.0,
        token_utilisation: 0.0,
        throttled: 0.0,
    }
}

/// A shock for each lab on each channel, at its long-run spread.
fn new_shocks(params: &Params, make: &mut dyn FnMut(&str, &str) -> Stream) -> Vec<(f64, Stream)> {
    let mut shocks = Vec::with_capacity(params.labs.len() * params.channels.len());
    for lab in &params.labs {
        for channel in &params.channels {
            let mut stream = make(&format!("{}@{}", lab.id, channel.id), "taste");
            shocks.push((params.tastes.shock_sd * stream.normal(), stream));
        }
    }
    shocks
}
