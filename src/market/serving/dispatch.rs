//! One cloud's day: loads taken from the fleet in the order of their rights.

use super::fleet::{Fleet, Ported};
use crate::supply::params::Class;

/// Which right a load is served from, in carving order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bucket {
    /// The owner's own products and ranking.
    Internal,
    /// The part of the load on demand that the cloud does not sell over by commitments.
    Protected,
    /// A holder's tokens, within its committed right.
    RightServing,
    /// A holder's research and training, on what its right leaves.
    RightTraining,
    /// Tokens of the lab of the same owner, at cost.
    Own,
    /// Platform tokens and rental.
    OnDemand,
    /// What holders serve beyond their rights, bought on demand. Emitted by the solver, not by the caller.
    Excess,
    /// Retrieval and batch.
    Batch,
    /// Research and training of the lab of the same owner, on what all customers leave: it can wait, and an owner that turned
    /// tokens away for it would give up a price of several times the compute's.
    OwnTraining,
}

impl Bucket {
    const COUNT: usize = Self::OwnTraining as usize + 1;
}

/// Position of a right among the cloud's holders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder(pub u16);

/// Something to serve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// From which right.
    pub bucket: Bucket,
    /// Whose right, for the two buckets of rights.
    pub holder: Holder,
    /// Class.
    pub class: Class,
    /// What it can run on.
    pub runs: Ported,
    /// Compute asked for, mean over the day [H100e of the class].
    pub h100e: f64,
    /// Whether it breathes with the day; training, rental and internal load do not.
    pub diurnal: bool,
}

/// What became of a load, mean over the day.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LoadOutcome {
    /// Served within the right or on demand [H100e of the class].
    pub served_h100e: f64,
    /// The part of it beyond the holder's right [H100e of the class].
    pub excess_h100e: f64,
    /// Compute that all of it took [chat H100e].
    pub chat_h100e: f64,
    /// The part of that beyond the holder's right [chat H100e].
    pub excess_chat_h100e: f64,
    /// Asked for and not served, at the peak and off it [H100e of the class].
    pub missing_h100e: [f64; 2],
}

/// A cloud's day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CloudSolution {
    /// One for each load, in the caller's order.
    pub loads: Vec<LoadOutcome>,
    /// Compute in use, mean over the day [chat H100e].
    pub used_chat_h100e: f64,
    /// Electricity of what is in use [USD/h].
    pub usd_per_hour: f64,
    /// Chips by type that nothing ran on, at the peak and off it.
    pub free: [Vec<f64>; 2],
}

/// Reusable buffers of a solution.
#[derive(Clone, Debug, Default)]
pub struct Solver {
    free: Vec<f64>,
    room: Vec<f64>,
    rest: Vec<f64>,
    order: Vec<u16>,
}

impl Solver {
    /// Solves a day into `out`.
    ///
    /// `rights[holder]` is what each holder may use [chat H100e]. Loads within a bucket are served in the caller's order.
    /// Training on a right, being patient, takes what serving leaves in each half of the day.
    ///
    /// Conserved: in each half, chips taken ≤ chips working; served ≤ asked for, load by load.
    pub fn solve(&mut self, fleet: &Fleet, rights: &[f64], loads: &[Load], peak_ratio: f64, out: &mut CloudSolution) {
        out.loads.clear();
        out.loads.resize(loads.len(), LoadOutcome::default());
        out.used_chat_h100e = 0.0;
        out.usd_per_hour = 0.0;
        self.order_by_bucket(loads);
        for (half, factor) in [peak_ratio, 2.0 - peak_ratio].into_iter().enumerate() {
            self.solve_half(fleet, rights, loads, (half, factor), out);
            std::mem::swap(&mut self.free, &mut out.free[half]);
        }
    }

    /// Orders loads by bucket, and by the caller's order within one: a counting sort.
    fn order_by_bucket(&mut self, loads: &[Load]) {
        let mut next = [0; Bucket::COUNT + 1];
        for load in loads {
            next[load.bucket as usize + 1] += 1;
        }
        for bucket in 0..Bucket::COUNT {
            next[bucket + 1] += next[bucket];
        }
        self.order.clear();
        self.order.resize(loads.len(), 0);
        for (i, load) in loads.iter().enumerate() {
            let place: &mut usize = &mut next[load.bucket as usize];
            self.order[*place] = i as u16;
            *place += 1;
        }
    }

    fn solve_half(
        &mut self,
        fleet: &Fleet,
        rights: &[f64],
        loads: &[Load],
        (half, factor): (usize, f64),
        out: &mut CloudSolution,
    ) {
        self.free.clear();
        self.free.extend(fleet.chips());
        self.room.clear();
        self.room.extend_from_slice(rights);
        self.rest.clear();
        self.rest.resize(loads.len(), 0.0);
        let mut excess_due = true;
        for position in 0..self.order.len() {
            let i = usize::from(self.order[position]);
            if excess_due && loads[i].bucket > Bucket::Excess {
                excess_due = false;
                self.serve_excess(fleet, loads, half, out);
            }
            self.serve(fleet, loads, i, (half, factor), out);
        }
        if excess_due {
            self.serve_excess(fleet, loads, half, out);
        }
    }

    fn serve(
        &mut self,
        fleet: &Fleet,
        loads: &[Load],
        i: usize,
        (half, factor): (usize, f64),
        out: &mut CloudSolution,
    ) {
        let load = &loads[i];
        let wanted = if load.diurnal { load.h100e * factor } else { load.h100e };
        let holder = usize::from(load.holder.0);
        let within_right = matches!(load.bucket, Bucket::RightServing | Bucket::RightTraining);
        let room = if within_right { self.room[holder] } else { f64::INFINITY };
        let taken = fleet.take(&mut self.free, load.class, load.runs, wanted, room);
        if within_right {
            self.room[holder] = (room - taken.chat_h100e).max(0.0);
        }
        if load.bucket == Bucket::RightServing {
            self.rest[i] = (wanted - taken.class_h100e).max(0.0);
        }
        let outcome = &mut out.loads[i];
        outcome.missing_h100e[half] = (wanted - taken.class_h100e).max(0.0);
        outcome.served_h100e += 0.5 * taken.class_h100e;
        outcome.chat_h100e += 0.5 * taken.chat_h100e;
        out.used_chat_h100e += 0.5 * taken.chat_h100e;
        out.usd_per_hour += 0.5 * taken.usd_per_hour;
    }

    fn serve_excess(&mut self, fleet: &Fleet, loads: &[Load], half: usize, out: &mut CloudSolution) {
        for (i, load) in loads.iter().enumerate() {
            if self.rest[i] <= 0.0 {
                continue;
            }
            let taken = fleet.take(&mut self.free, load.class, load.runs, self.rest[i], f64::INFINITY);
            let outcome = &mut out.loads[i];
            outcome.missing_h100e[half] = (self.rest[i] - taken.class_h100e).max(0.0);
            outcome.served_h100e += 0.5 * taken.class_h100e;
            outcome.excess_h100e += 0.5 * taken.class_h100e;
            outcome.chat_h100e += 0.5 * taken.chat_h100e;
            outcome.excess_chat_h100e += 0.5 * taken.chat_h100e;
            out.used_chat_h100e += 0.5 * taken.chat_h100e;
            out.usd_per_hour += 0.5 * taken.usd_per_hour;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fleet::{FleetType, StackMask};
    use super::*;
    use proptest::prelude::*;

    fn fleet(chips: f64) -> Fleet {
        Fleet::new(vec![FleetType { chips, stack: StackMask(1), throughput: [1.0; Class::COUNT], usd_per_hour: 0.1 }])
    }

    fn load(bucket: Bucket, h100e: f64, diurnal: bool) -> Load {
        Load { bucket, holder: Holder(0), class: Class::Chat, runs: StackMask::ANY.into(), h100e, diurnal }
    }

    fn solve(chips: f64, rights: &[f64], loads: &[Load]) -> CloudSolution {
        let mut out = CloudSolution::default();
        Solver::default().solve(&fleet(chips), rights, loads, 1.5, &mut out);
        out
    }

    /// 100 chips; internal 30; a right of 40 with serving 30 (45 at peak, 15 off) and endless training; on demand 30
    /// (45, 15). Peak: internal 30, serving 40, its excess 5 after on demand took 30: nothing left, so 15 of 45 on demand
    /// and the 5 are lost. Off peak: internal 30, serving 15, training 25, on demand 15.
    #[test]
    fn rights_come_in_order_by_hand() {
        let loads = [
            load(Bucket::OnDemand, 30.0, true),
            load(Bucket::Internal, 30.0, false),
            load(Bucket::RightServing, 30.0, true),
            load(Bucket::RightTraining, 1_000.0, false),
        ];
        let day = solve(100.0, &[40.0], &loads);
        let served: Vec<f64> = day.loads.iter().map(|l| l.served_h100e).collect();
        assert_eq!(served, [22.5, 30.0, 27.5, 12.5]);
        assert!((day.used_chat_h100e - 92.5).abs() < 1e-12);
        assert!((day.usd_per_hour - 9.25).abs() < 1e-12);
    }

    /// With 20 more chips the excess at the peak finds its 5 on demand, before batch.
    #[test]
    fn excess_is_bought_on_demand_before_batch() {
        let loads = [load(Bucket::RightServing, 30.0, true), load(Bucket::Batch, 100.0, false)];
        let day = solve(60.0, &[40.0], &loads);
        assert_eq!(day.loads[0].served_h100e, 30.0);
        assert_eq!(day.loads[0].excess_h100e, 2.5);
        assert_eq!(day.loads[0].excess_chat_h100e, 2.5);
        assert_eq!(day.loads[1].served_h100e, 0.5 * (15.0 + 45.0));
    }

    /// Of 50 chips own tokens take 5, those sold on demand 30 and batch 10; endless research of the owner's lab has the other 5.
    #[test]
    fn own_training_turns_no_customer_away() {
        let own = [load(Bucket::OwnTraining, 1_000.0, false), load(Bucket::Own, 5.0, false)];
        let sold = [load(Bucket::OnDemand, 30.0, false), load(Bucket::Batch, 10.0, false)];
        let day = solve(50.0, &[], &[own, sold].concat());
        assert_eq!(day.loads.iter().map(|load| load.served_h100e).collect::<Vec<_>>(), [5.0, 5.0, 30.0, 10.0]);
    }

    /// Ten chips on each of two stacks: 12 on the first take its ten, 5 more there find none, 5 on either have the second's.
    #[test]
    fn a_stack_that_is_used_up_is_passed_over_and_a_free_one_found() {
        let kind = |stack| FleetType {
            chips: 10.0,
            stack: StackMask(stack),
            throughput: [1.0; Class::COUNT],
            usd_per_hour: 0.1,
        };
        let on = |stacks, h100e| Load { runs: StackMask(stacks).into(), ..load(Bucket::OnDemand, h100e, false) };
        let mut day = CloudSolution::default();
        let loads = [on(1, 12.0), on(1, 5.0), on(3, 5.0)];
        Solver::default().solve(&Fleet::new(vec![kind(1), kind(2)]), &[], &loads, 1.5, &mut day);
        assert_eq!(day.loads.iter().map(|load| load.served_h100e).collect::<Vec<_>>(), [10.0, 0.0, 5.0]);
        assert_eq!(day.free, [[0.0, 5.0]; 2]);
    }

    #[test]
    fn nothing_is_dispatched_beyond_the_fleet() {
        for chips in [0.0, 1.0, 17.0, 250.0] {
            let loads = [
                load(Bucket::Internal, 20.0, false),
                load(Bucket::RightServing, 90.0, true),
                load(Bucket::RightTraining, 90.0, false),
                load(Bucket::Own, 10.0, false),
                load(Bucket::Batch, 10.0, true),
            ];
            let day = solve(chips, &[100.0], &loads);
            assert!(day.used_chat_h100e <= chips + 1e-9);
            for (outcome, load) in day.loads.iter().zip(&loads) {
                assert!(outcome.served_h100e <= load.h100e + 1e-9);
            }
        }
    }

    /// A fleet of three types on two stacks, and loads of all buckets, drawn.
    fn drawn() -> impl Strategy<Value = (Fleet, Vec<f64>, Vec<Load>)> {
        let kind = (0.0..100.0f64, 0..2u16, 0.2..3.0f64, 0.01..0.5f64);
        let buckets = [
            Bucket::Internal,
            Bucket::Protected,
            Bucket::RightServing,
            Bucket::RightTraining,
            Bucket::Own,
            Bucket::OnDemand,
            Bucket::Batch,
            Bucket::OwnTraining,
        ];
        let load = (0..buckets.len(), 0..2u16, 1..Class::COUNT, 1..4u64, 0.0..80.0f64, any::<bool>());
        let fleet = prop::collection::vec(kind, 3).prop_map(|kinds| {
            let of = |(chips, stack, chat, usd_per_hour): (f64, u16, f64, f64)| {
                let mut throughput = [1.0; Class::COUNT];
                throughput[Class::Chat.index()] = chat;
                FleetType { chips, stack: StackMask(1 << stack), throughput, usd_per_hour }
            };
            Fleet::new(kinds.into_iter().map(of).collect())
        });
        let loads = prop::collection::vec(load, 1..12).prop_map(move |loads| {
            let of = |(bucket, holder, class, stacks, h100e, diurnal): (usize, u16, usize, u64, f64, bool)| Load {
                bucket: buckets[bucket],
                holder: Holder(holder),
                class: Class::ALL[class],
                runs: StackMask(stacks).into(),
                h100e,
                diurnal,
            };
            loads.into_iter().map(of).collect()
        });
        (fleet, prop::collection::vec(0.0..120.0f64, 2), loads)
    }

    proptest! {
        /// Whatever is asked: what a holder takes within its right is within the right; what runs and what is left idle
        /// are the fleet, type by type; what a load misses is what it was not served.
        #[test]
        fn no_right_is_dispatched_beyond_its_capacity((fleet, rights, loads) in drawn(), peak in 1.0..2.0f64) {
            let mut day = CloudSolution::default();
            Solver::default().solve(&fleet, &rights, &loads, peak, &mut day);
            for (holder, right) in rights.iter().enumerate() {
                let of = |(load, _): &(&Load, &LoadOutcome)| {
                    usize::from(load.holder.0) == holder
                        && matches!(load.bucket, Bucket::RightServing | Bucket::RightTraining)
                };
                let within = loads.iter().zip(&day.loads).filter(of);
                let used: f64 = within.map(|(_, outcome)| outcome.chat_h100e - outcome.excess_chat_h100e).sum();
                prop_assert!(used <= right + 1e-9, "{used} of a right of {right}");
            }
            let idle = |half: &Vec<f64>| {
                fleet.types().iter().zip(half).map(|(kind, free)| free * kind.throughput[Class::Chat.index()]).sum::<f64>()
            };
            let all = fleet.h100e(Class::Chat);
            prop_assert!((day.used_chat_h100e + 0.5 * (idle(&day.free[0]) + idle(&day.free[1])) - all).abs() < 1e-9 * all + 1e-9);
            for (kind, free) in day.free.iter().flat_map(|half| fleet.types().iter().zip(half)) {
                prop_assert!(*free >= 0.0 && *free <= kind.chips);
            }
            for (load, outcome) in loads.iter().zip(&day.loads) {
                let missing = 0.5 * (outcome.missing_h100e[0] + outcome.missing_h100e[1]);
                prop_assert!((outcome.served_h100e + missing - load.h100e).abs() < 1e-9 * load.h100e + 1e-9);
            }
        }
    }
}
