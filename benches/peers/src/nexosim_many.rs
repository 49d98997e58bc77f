//! The workloads on nexosim with a model for each entity, as its manual would have them.

use crate::nexosim_shared::{Shared, bench, delay, start, ticks};
use crate::timing::{Plan, Turn};
use crate::workload::{Cancel, Hold, Kind};
use nexosim::model::{BuildContext, Context, Model, ProtoModel, schedulable};
use nexosim::ports::EventSource;
use nexosim::simulation::{EventId, EventKey, Mailbox, Scheduler};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, OnceLock};

/// Events wait in the scheduler; a mailbox holds those of one instant.
const MAILBOX: usize = 2;

/// How an entity reaches the others: known only when all of them exist.
type Network = Arc<OnceLock<(Scheduler, Vec<EventId<()>>)>>;

#[derive(Serialize, Deserialize)]
struct HoldEntity {
    number: u64,
}

struct HoldPrototype {
    number: u64,
    world: Shared<Hold>,
    network: Network,
}

impl ProtoModel for HoldPrototype {
    type Model = HoldEntity;

    fn build(self, _: &mut BuildContext<Self>) -> (HoldEntity, (Shared<Hold>, Network)) {
        (HoldEntity { number: self.number }, (self.world, self.network))
    }
}

#[Model(type Env = (Shared<Hold>, Network))]
impl HoldEntity {
    fn visit(&mut self, _: (), cx: &Context<Self>, (world, network): &mut (Shared<Hold>, Network)) {
        let (next, destination) = world.lock().handle(ticks(cx.time()), self.number);
        let (scheduler, addresses) = network.get().expect("set before the first event");
        scheduler.schedule_event(delay(next), &addresses[destination as usize], ()).expect("in the future");
    }
}

pub fn hold(n: u64, plan: Plan) -> Turn {
    let world = Shared::new(Hold::new(n));
    let network = Network::default();
    let mut bench = bench();
    let mut addresses = Vec::new();
    for number in 0..n {
        let mailbox = Mailbox::with_capacity(MAILBOX);
        addresses.push(EventSource::new().connect(HoldEntity::visit, &mailbox).register(&mut bench));
        let prototype = HoldPrototype { number, world: world.clone(), network: network.clone() };
        bench = bench.add_model(prototype, mailbox, "entity");
    }
    let mut simulation = start(bench);
    let scheduler = simulation.scheduler();
    for address in &addresses {
        scheduler.schedule_event(delay(world.lock().first()), address, ()).expect("in the future");
    }
    assert!(network.set((scheduler, addresses)).is_ok(), "the network is set once");
    world.run(&mut simulation, plan)
}

#[derive(Serialize, Deserialize)]
struct CancelEntity {
    number: u64,
    /// Delays of the first work and timeout. Drawn ahead, because models start in no stated order.
    first: [u64; 2],
    /// Work under way and timeout.
    pending: Option<[EventKey; 2]>,
}

struct CancelPrototype(CancelEntity, Shared<Cancel>);

impl ProtoModel for CancelPrototype {
    type Model = CancelEntity;

    fn build(self, _: &mut BuildContext<Self>) -> (CancelEntity, Shared<Cancel>) {
        (self.0, self.1)
    }
}

#[Model(type Env = Shared<Cancel>)]
impl CancelEntity {
    #[nexosim(init)]
    async fn init(&mut self, cx: &Context<Self>) {
        self.begin(self.first, cx);
    }

    #[nexosim(schedulable)]
    fn work(&mut self, _: (), cx: &Context<Self>, env: &mut Shared<Cancel>) {
        self.cycle(Kind::Work, cx, env);
    }

    #[nexosim(schedulable)]
    fn timeout(&mut self, _: (), cx: &Context<Self>, env: &mut Shared<Cancel>) {
        self.cycle(Kind::Timeout, cx, env);
    }

    fn cycle(&mut self, kind: Kind, cx: &Context<Self>, env: &mut Shared<Cancel>) {
        let [work, timeout] = self.pending.take().expect("work is under way");
        let other = if kind == Kind::Work { timeout } else { work };
        other.cancel();
        let delays = env.lock().cycle(ticks(cx.time()), self.number, kind);
        self.begin(delays, cx);
    }

    fn begin(&mut self, [work, timeout]: [u64; 2], cx: &Context<Self>) {
        let work = cx.schedule_keyed_event(delay(work), schedulable!(Self::work), ());
        let timeout = cx.schedule_keyed_event(delay(timeout), schedulable!(Self::timeout), ());
        self.pending = Some([work.expect("in the future"), timeout.expect("in the future")]);
    }
}

pub fn cancel(n: u64, plan: Plan) -> Turn {
    let world = Shared::new(Cancel::new(n));
    let mut bench = bench();
    for number in 0..n {
        let entity = CancelEntity { number, first: world.lock().first(), pending: None };
        let prototype = CancelPrototype(entity, world.clone());
        bench = bench.add_model(prototype, Mailbox::with_capacity(MAILBOX), "entity");
    }
    world.run(&mut start(bench), plan)
}
