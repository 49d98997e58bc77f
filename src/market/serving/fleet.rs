//! What a cloud can serve on, in merit order by class.

use crate::ids::StackId;
use crate::supply::params::Class;
use crate::units::smaller;
use serde::{Deserialize, Serialize};

/// A set of software stacks, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackMask(pub u64);

impl StackMask {
    /// Every stack.
    pub const ANY: StackMask = StackMask(u64::MAX);

    /// The set of the given stacks.
    ///
    /// # Panics
    /// Beyond 64 stacks, which the scenario reader refuses.
    pub fn of(stacks: impl IntoIterator<Item = StackId>) -> Self {
        Self(stacks.into_iter().fold(0, |mask, stack| {
            assert!(stack.0 < 64, "at most 64 stacks");
            mask | 1 << stack.0
        }))
    }

    /// Whether the two sets meet.
    pub fn meets(self, other: StackMask) -> bool {
        self.0 & other.0 != 0
    }
}

/// The stacks that a load can run on, and how fast on those that it was ported to last.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ported {
    /// All of them.
    pub stacks: StackMask,
    /// Those of the last port.
    pub fresh: StackMask,
    /// Throughput there over that of a mature port, in (0, 1] [1].
    pub pace: f64,
}

impl From<StackMask> for Ported {
    fn from(stacks: StackMask) -> Self {
        Self { stacks, fresh: StackMask::default(), pace: 1.0 }
    }
}

/// The chips of one type at a cloud.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FleetType {
    /// Working chips.
    pub chips: f64,
    /// Its stack.
    pub stack: StackMask,
    /// Throughput of a chip by class [H100e].
    pub throughput: [f64; Class::COUNT],
    /// Electricity of a chip at full load [USD/h].
    pub usd_per_hour: f64,
}

/// A cloud's working chips and, for each class, the order in which load takes them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Fleet {
    types: Vec<FleetType>,
    /// Positions of the types that have chips, class by class.
    merit: Vec<u8>,
    /// How many have.
    working: usize,
    /// All working chips, class by class [H100e].
    h100e: [f64; Class::COUNT],
}

/// What a load was given.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Taken {
    /// In the load's own class [H100e].
    pub class_h100e: f64,
    /// In the class chat [H100e].
    pub chat_h100e: f64,
    /// Electricity [USD/h].
    pub usd_per_hour: f64,
}

impl Fleet {
    /// A fleet; its merit order is by electricity per H100e of the class, ties by position.
    ///
    /// # Panics
    /// Beyond 255 types, which the scenario reader refuses.
    pub fn new(types: Vec<FleetType>) -> Self {
        assert!(types.len() < 256, "at most 255 types of accelerators");
        let working = || types.iter().zip(0_u8..).filter(|(kind, _)| kind.chips > 0.0);
        let mut merit = Vec::with_capacity(Class::COUNT * types.len());
        let mut order: Vec<(f64, u8)> = Vec::with_capacity(types.len());
        for class in Class::ALL {
            order.clear();
            order.extend(working().map(|(kind, i)| (kind.usd_per_hour / kind.throughput[class.index()], i)));
            order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            merit.extend(order.iter().map(|(_, i)| *i));
        }
        let working = merit.len() / Class::COUNT;
        let of_class = |class: Class| types.iter().map(|kind| kind.chips * kind.throughput[class.index()]).sum();
        Self { h100e: Class::ALL.map(of_class), types, merit, working }
    }

    /// The types, in the order of the free chips of a solution.
    pub fn types(&self) -> &[FleetType] {
        &self.types
    }

    /// Working chips by type: what a solution starts from.
    pub fn chips(&self) -> impl Iterator<Item = f64> + '_ {
        self.types.iter().map(|kind| kind.chips)
    }

    /// All working chips in the class [H100e].
    pub fn h100e(&self, class: Class) -> f64 {
        self.h100e[class.index()]
    }

    /// Working chips on the given stacks in the class [H100e].
    pub fn h100e_on(&self, class: Class, stacks: StackMask) -> f64 {
        let on = self.types.iter().filter(|kind| kind.stack.meets(stacks));
        on.map(|kind| kind.chips * kind.throughput[class.index()]).sum()
    }

    /// The stacks of the fleet's types, whether any chip of them works today or not.
    pub fn stacks(&self) -> StackMask {
        StackMask(self.types.iter().fold(0, |mask, kind| mask | kind.stack.0))
    }

    /// Takes up to `wanted` [H100e of the class] from `free` chips on the given stacks, at most `room` in chat H100e.
    ///
    /// A fresh port takes more chips for the same work; what it gets counts as work done.
    #[inline]
    pub fn take(&self, free: &mut [f64], class: Class, runs: Ported, wanted: f64, room: f64) -> Taken {
        let mut taken = Taken::default();
        let mut wanted = wanted;
        let mut room = room;
        for &i in &self.merit[class.index() * self.working..][..self.working] {
            if wanted <= 0.0 || room <= 0.0 {
                break;
            }
            let i = usize::from(i);
            let kind = &self.types[i];
            if !kind.stack.meets(runs.stacks) || free[i] <= 0.0 {
                continue;
            }
            let pace = if kind.stack.meets(runs.fresh) { runs.pace } else { 1.0 };
            let throughput = pace * kind.throughput[class.index()];
            let chat = kind.throughput[Class::Chat.index()];
            let chips = smaller(free[i], smaller(wanted / throughput, room / chat));
            free[i] -= chips;
            wanted -= chips * throughput;
            room -= chips * chat;
            taken.class_h100e += chips * throughput;
            taken.chat_h100e += chips * chat;
            taken.usd_per_hour += chips * kind.usd_per_hour;
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kind(chips: f64, stack: u16, chat: f64, usd_per_hour: f64) -> FleetType {
        let mut throughput = [1.0; Class::COUNT];
        throughput[Class::Chat.index()] = chat;
        FleetType { chips, stack: StackMask::of([StackId(stack)]), throughput, usd_per_hour }
    }

    /// The second type costs 0.05 per chat H100e-hour, the first 0.1: it is taken first, then the other, up to the room.
    #[test]
    fn cheapest_chips_first_up_to_the_room() {
        let fleet = Fleet::new(vec![kind(10.0, 0, 1.0, 0.1), kind(5.0, 1, 2.0, 0.1)]);
        let mut free: Vec<f64> = fleet.chips().collect();
        let taken = fleet.take(&mut free, Class::Chat, StackMask::ANY.into(), 100.0, 12.0);
        assert_eq!(free, [8.0, 0.0]);
        assert!((taken.chat_h100e - 12.0).abs() < 1e-12);
        assert!((taken.usd_per_hour - 0.7).abs() < 1e-12);
    }

    #[test]
    fn a_model_uses_only_the_stacks_that_it_runs_on() {
        let fleet = Fleet::new(vec![kind(10.0, 0, 1.0, 0.1), kind(5.0, 1, 2.0, 0.1)]);
        let mut free: Vec<f64> = fleet.chips().collect();
        let taken = fleet.take(&mut free, Class::Chat, StackMask::of([StackId(0)]).into(), 100.0, f64::INFINITY);
        assert_eq!(taken.chat_h100e, 10.0);
        assert_eq!(free, [0.0, 5.0]);
        assert_eq!(fleet.stacks(), StackMask(3));
        assert_eq!(fleet.h100e(Class::Chat), 20.0);
        assert_eq!(fleet.h100e_on(Class::Chat, StackMask::of([StackId(1)])), 10.0);
    }

    /// At half the pace 5 chips of throughput 2 do 5 instead of 10, and the rest comes from the first type at full pace.
    #[test]
    fn a_fresh_port_takes_more_chips() {
        let fleet = Fleet::new(vec![kind(10.0, 0, 1.0, 0.3), kind(5.0, 1, 1.0, 0.1)]);
        let mut free: Vec<f64> = fleet.chips().collect();
        let runs = Ported { stacks: StackMask::ANY, fresh: StackMask::of([StackId(1)]), pace: 0.5 };
        let taken = fleet.take(&mut free, Class::Chat, runs, 8.0, f64::INFINITY);
        assert_eq!(free, [4.5, 0.0]);
        assert_eq!((taken.class_h100e, taken.chat_h100e), (8.0, 10.5));
    }

    proptest! {
        /// A type is touched only where every type of its stacks that does the class for less electricity is used up, and
        /// nothing is taken beyond what is wanted or what there is room for.
        #[test]
        fn merit_order_is_kept(
            kinds in prop::collection::vec((0.0..50.0f64, 0..3u16, 0.3..3.0f64, 0.01..0.5f64), 1..6),
            used in prop::collection::vec(0.0..1.0f64, 6),
            stacks in 1..8u64,
            wanted in 0.0..120.0f64,
            room in 0.0..120.0f64,
        ) {
            let fleet = Fleet::new(kinds.iter().map(|(chips, s, chat, usd)| kind(*chips, *s, *chat, *usd)).collect());
            let before: Vec<f64> = fleet.chips().zip(&used).map(|(chips, used)| chips * used).collect();
            let mut free = before.clone();
            let taken = fleet.take(&mut free, Class::Chat, StackMask(stacks).into(), wanted, room);
            prop_assert!(taken.class_h100e <= wanted + 1e-9 && taken.chat_h100e <= room + 1e-9);
            let cost = |i: usize| kinds[i].3 / kinds[i].2;
            // What rounding leaves of what is wanted may touch the next.
            for i in (0..kinds.len()).filter(|i| before[*i] - free[*i] > 1e-9) {
                prop_assert!(StackMask(1 << kinds[i].1).meets(StackMask(stacks)), "a stack that it does not run on");
                for j in (0..kinds.len()).filter(|j| cost(*j) < cost(i) && stacks & (1 << kinds[*j].1) != 0) {
                    prop_assert!(free[j] <= 1e-9, "type {i} before {j}, of which {} are idle", free[j]);
                }
            }
        }
    }
}
