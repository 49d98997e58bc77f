//! The run: clock, state and parameters brought together, one `match` over all events.

use super::dispatch::Target;
use super::events::{Event, Stage};
use super::observe::Recorder;
use super::params::Params;
use super::spill::Shortfall;
use super::state::State;
use super::token_work::TokenWork;
use crate::engine::{Engine, Fired};
use crate::ids::{CloudId, LabId};
use crate::market::contracts::DatedTerm;
use crate::market::demand::{DemandEvent, OptionVolumes};
use crate::market::serving::{CloudSolution, Load, Solver};
use crate::supply::Outbox;
use crate::supply::gang::JobId;
use crate::supply::params::Class;
use crate::units::{CivilDate, DAY, Span, Time, Usd};
use std::sync::atomic::{AtomicBool, Ordering};

/// What a run is asked beyond its parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Check every invariant after every event that touches it.
    pub audit: bool,
    /// Keep every posting.
    pub ledger: bool,
    /// Keep every event.
    pub events: bool,
    /// Stop with an error after so many events.
    pub max_events: Option<u64>,
}

/// Why a run ended without a result.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// It was asked to stop.
    Interrupted,
    /// It fired more events than allowed.
    TooManyEvents(u64),
    /// An invariant does not hold: what, when.
    Broken(String),
    /// A clause that what has happened rules out.
    Refused(Box<CapBelowPaid>),
}

/// A revenue share whose cap is below what was paid when it took force.
#[derive(Clone, Debug, PartialEq)]
pub struct CapBelowPaid {
    /// Its contract, by id.
    pub contract: String,
    /// The version that cannot take force.
    pub clause: DatedTerm,
    /// The version before it, if there was one.
    pub earlier: Option<DatedTerm>,
    /// Its cap.
    pub cap: Usd,
    /// What was paid and counts towards it.
    pub paid: Usd,
    /// When.
    pub on: CivilDate,
}

/// Buffers of a dispatch, reused from day to day.
#[derive(Default)]
pub(super) struct Scratch {
    pub solver: Solver,
    pub loads: Vec<Load>,
    /// Where the outcome of each load goes.
    pub targets: Vec<Target>,
    /// What each lab's right on a cloud delivers [chat H100e].
    pub rights: Vec<f64>,
    /// What tokens sold on a cloud's platform and products on its own compute need.
    pub sold: Vec<(Target, LabId, Class, f64)>,
    /// Asked for and served on a cloud's platform, by lab and class [H100e].
    pub platform: Vec<[[f64; 2]; Class::COUNT]>,
    /// The day of each cloud.
    pub solutions: Vec<CloudSolution>,
    /// What the day could not serve.
    pub short: Shortfall,
    /// Asked for by option and class at the last dispatch [Mtok/h].
    pub asked: OptionVolumes,
    /// What tokens take today.
    pub token_work: TokenWork,
    /// Compute that tokens sold on platforms need, by cloud and in each by lab, by class [H100e].
    pub platform_need: Vec<[f64; Class::COUNT]>,
    /// Compute that products on a cloud need, product by product and in each by lab, by class [H100e].
    pub product_need: Vec<[f64; Class::COUNT]>,
    pub outbox: Outbox,
    /// Training jobs that a pass starts.
    pub started: Vec<JobId>,
    /// What workloads and accounts will do next.
    pub demand: Vec<(Time, DemandEvent)>,
}

/// A run under way.
pub struct Simulation<'a> {
    pub(super) params: &'a Params,
    pub(super) options: Options,
    pub(super) engine: Engine<Event>,
    pub(super) state: State,
    pub(super) recorder: Recorder,
    pub(super) scratch: Scratch,
    /// Why the run cannot go on, if it cannot.
    pub(super) refused: Option<CapBelowPaid>,
}

/// Events between two looks at the interrupt flag.
const INTERRUPT_STRIDE: u64 = 1_024;

impl Simulation<'_> {
    /// What changes during the run, as it stands.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Now.
    pub(super) fn now(&self) -> Time {
        self.engine.now()
    }

    /// Schedules an event in its own phase.
    pub(super) fn at(&mut self, time: Time, event: Event) {
        if time < self.params.calendar.horizon() {
            self.engine.schedule_at(time, event.stage().into(), event);
        }
    }

    /// Schedules an event after a span, in its own phase.
    pub(super) fn after(&mut self, span: Span, event: Event) {
        self.at(self.now() + span, event);
    }

    /// Asks for a dispatch at this instant, once.
    pub(super) fn dispatch_due(&mut self) {
        if !self.state.dispatch_due {
            self.state.dispatch_due = true;
            if self.state.next_daily == self.now() {
                // The daily dispatch is still to come at this instant.
                return;
            }
            self.engine.schedule_at(self.now(), Stage::Dispatch.into(), Event::Dispatched);
        }
    }

    /// Runs to the horizon.
    ///
    /// # Errors
    /// If interrupted, out of events or, under audit, if an invariant does not hold.
    pub fn run(&mut self, interrupt: &AtomicBool) -> Result<(), Failure> {
        self.run_watched(interrupt, |_, _| {})
    }

    /// Runs to the horizon and shows `handled` each event and the state that it left.
    ///
    /// # Errors
    /// See [`Simulation::run`].
    pub fn run_watched(&mut self, interrupt: &AtomicBool, handled: impl FnMut(&Event, &State)) -> Result<(), Failure> {
        self.run_before(self.params.calendar.horizon(), interrupt, handled)
    }

    /// Handles every event before an instant of the run and moves the clock there, where it can be saved and forked.
    ///
    /// # Errors
    /// See [`Simulation::run`].
    pub fn run_until(&mut self, instant: Time, interrupt: &AtomicBool) -> Result<(), Failure> {
        let instant = instant.min(self.params.calendar.horizon());
        self.run_before(instant, interrupt, |_, _| {})?;
        self.engine.advance(instant);
        Ok(())
    }

    fn run_before(
        &mut self,
        limit: Time,
        interrupt: &AtomicBool,
        mut handled: impl FnMut(&Event, &State),
    ) -> Result<(), Failure> {
        loop {
            if let Some(refused) = self.refused.take() {
                return Err(Failure::Refused(Box::new(refused)));
            }
            let Some(fired) = self.engine.step_before(limit) else { return Ok(()) };
            let count = self.engine.fired();
            if count.is_multiple_of(INTERRUPT_STRIDE) && interrupt.load(Ordering::Relaxed) {
                return Err(Failure::Interrupted);
            }
            if self.options.max_events.is_some_and(|most| count > most) {
                return Err(Failure::TooManyEvents(count));
            }
            if let Some(Event::Demand(event)) = self.engine.upcoming() {
                self.state.demand.fetch_for(*event);
            }
            self.engine.label(|| fired.event.name().to_owned());
            self.handle(&fired);
            if self.options.audit {
                self.check(&fired.event).map_err(|what| {
                    let date = self.params.calendar.date(self.now());
                    Failure::Broken(format!("{date}, after {}: {what}", fired.event.name()))
                })?;
            }
            handled(&fired.event, &self.state);
        }
    }

    fn handle(&mut self, fired: &Fired<Event>) {
        match fired.event {
            Event::Supply(event) => self.on_supply(event),
            Event::WeekOpened => self.on_week_opened(),
            Event::ChannelFailed(channel, dated) => self.on_channel_failed(channel, dated),
            Event::ChannelRestored(channel, by_chance) => self.on_channel_restored(channel, by_chance),
            Event::MonthOpened(month) => self.on_month_opened(month),
            Event::TermsChanged => self.on_terms_changed(),
            Event::RegulatorsMet(month) => self.on_regulators_met(month),
            Event::ModelReleased(position) => self.on_model_released(position),
            Event::RunStarted(lab) => self.on_run_started(lab),
            Event::JobEnded(lab, lot, job) => self.on_job_ended(lab, usize::from(lot), job),
            Event::ResearchDue(lab, comes) => self.on_research_due(lab, comes),
            Event::ProgrammeReleased(lab) => self.on_programme_released(lab),
            Event::Ported(lab, cloud) => self.on_ported(lab, cloud),
            Event::OffersReviewed => self.review_offers(),
            Event::PricesReviewed(month) => self.on_prices_reviewed(month),
            Event::Demand(event) => self.on_demand(event),
            Event::LabsPlanned => self.on_labs_planned(),
            Event::CloudsPlanned => self.on_clouds_planned(),
            Event::Dispatched => self.on_dispatched(),
            Event::MonthClosed(month) => self.on_month_closed(month),
            Event::MonthObserved(month) => self.on_month_observed(month),
        }
    }

    fn on_week_opened(&mut self) {
        self.on_supply(crate::supply::SupplyEvent::InstallTick);
        self.after(Span(7 * DAY.0), Event::WeekOpened);
    }

    /// Every cloud, in order.
    pub(super) fn cloud_ids(&self) -> impl Iterator<Item = CloudId> + use<> {
        (0..self.params.clouds.len()).map(CloudId::new)
    }
}
