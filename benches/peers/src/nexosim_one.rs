//! The workloads on nexosim, each as one model that schedules its own events.

use crate::nexosim_shared::{Shared, bench, delay, start, ticks};
use crate::timing::{Plan, Turn};
use crate::workload::{Cancel, Hold, Kind, Queue};
use nexosim::model::{BuildContext, Context, Model, ProtoModel, schedulable};
use nexosim::simulation::{EventKey, Mailbox};
use serde::{Deserialize, Serialize};

/// Gives each model its environment.
macro_rules! build_with_environment {
    ($model:ident, $environment:ty, $prototype:ident) => {
        struct $prototype($model, $environment);

        impl ProtoModel for $prototype {
            type Model = $model;

            fn build(self, _: &mut BuildContext<Self>) -> ($model, $environment) {
                (self.0, self.1)
            }
        }
    };
}

#[derive(Serialize, Deserialize)]
struct HoldModel {
    n: u64,
}

build_with_environment!(HoldModel, Shared<Hold>, HoldPrototype);

#[Model(type Env = Shared<Hold>)]
impl HoldModel {
    #[nexosim(init)]
    async fn init(&mut self, cx: &Context<Self>, env: &mut Shared<Hold>) {
        for entity in 0..self.n {
            let first = env.lock().first();
            cx.schedule_event(delay(first), schedulable!(Self::visit), entity).expect("in the future");
        }
    }

    #[nexosim(schedulable)]
    fn visit(&mut self, entity: u64, cx: &Context<Self>, env: &mut Shared<Hold>) {
        let (next, destination) = env.lock().handle(ticks(cx.time()), entity);
        cx.schedule_event(delay(next), schedulable!(Self::visit), destination).expect("in the future");
    }
}

pub fn hold(n: u64, plan: Plan) -> Turn {
    let world = Shared::new(Hold::new(n));
    let prototype = HoldPrototype(HoldModel { n }, world.clone());
    let mut simulation = start(bench().add_model(prototype, Mailbox::new(), "hold"));
    world.run(&mut simulation, plan)
}

#[derive(Serialize, Deserialize)]
struct QueueModel;

build_with_environment!(QueueModel, Shared<Queue>, QueuePrototype);

#[Model(type Env = Shared<Queue>)]
impl QueueModel {
    #[nexosim(init)]
    async fn init(&mut self, cx: &Context<Self>) {
        cx.schedule_event(delay(1), schedulable!(Self::arrival), ()).expect("in the future");
    }

    #[nexosim(schedulable)]
    fn arrival(&mut self, _: (), cx: &Context<Self>, env: &mut Shared<Queue>) {
        let (next, service) = env.lock().arrival(ticks(cx.time()));
        cx.schedule_event(delay(next), schedulable!(Self::arrival), ()).expect("in the future");
        self.serve(service, cx);
    }

    #[nexosim(schedulable)]
    fn departure(&mut self, _: (), cx: &Context<Self>, env: &mut Shared<Queue>) {
        let service = env.lock().departure(ticks(cx.time()));
        self.serve(service, cx);
    }

    fn serve(&mut self, service: Option<u64>, cx: &Context<Self>) {
        if let Some(service) = service {
            cx.schedule_event(delay(service), schedulable!(Self::departure), ()).expect("in the future");
        }
    }
}

pub fn mm1(plan: Plan) -> Turn {
    let world = Shared::new(Queue::new());
    let prototype = QueuePrototype(QueueModel, world.clone());
    let mut simulation = start(bench().add_model(prototype, Mailbox::new(), "queue"));
    world.run(&mut simulation, plan)
}

#[derive(Serialize, Deserialize)]
struct CancelModel {
    /// By entity: its work under way and its timeout.
    pending: Vec<Option<[EventKey; 2]>>,
}

build_with_environment!(CancelModel, Shared<Cancel>, CancelPrototype);

#[Model(type Env = Shared<Cancel>)]
impl CancelModel {
    #[nexosim(init)]
    async fn init(&mut self, cx: &Context<Self>, env: &mut Shared<Cancel>) {
        for entity in 0..self.pending.len() as u64 {
            let first = env.lock().first();
            self.begin(entity, first, cx);
        }
    }

    #[nexosim(schedulable)]
    fn work(&mut self, entity: u64, cx: &Context<Self>, env: &mut Shared<Cancel>) {
        self.cycle(entity, Kind::Work, cx, env);
    }

    #[nexosim(schedulable)]
    fn timeout(&mut self, entity: u64, cx: &Context<Self>, env: &mut Shared<Cancel>) {
        self.cycle(entity, Kind::Timeout, cx, env);
    }

    fn cycle(&mut self, entity: u64, kind: Kind, cx: &Context<Self>, env: &mut Shared<Cancel>) {
        let [work, timeout] = self.pending[entity as usize].take().expect("every entity has work under way");
        let other = if kind == Kind::Work { timeout } else { work };
        other.cancel();
        let delays = env.lock().cycle(ticks(cx.time()), entity, kind);
        self.begin(entity, delays, cx);
    }

    fn begin(&mut self, entity: u64, [work, timeout]: [u64; 2], cx: &Context<Self>) {
        let work = cx.schedule_keyed_event(delay(work), schedulable!(Self::work), entity);
        let timeout = cx.schedule_keyed_event(delay(timeout), schedulable!(Self::timeout), entity);
        self.pending[entity as usize] = Some([work.expect("in the future"), timeout.expect("in the future")]);
    }
}

pub fn cancel(n: u64, plan: Plan) -> Turn {
    let world = Shared::new(Cancel::new(n));
    let prototype = CancelPrototype(CancelModel { pending: vec![None; n as usize] }, world.clone());
    let mut simulation = start(bench().add_model(prototype, Mailbox::new(), "cancel"));
    world.run(&mut simulation, plan)
}
