//! What the makers of a month ship to each cloud, with limits as they were or changed.

use super::limits::{Limit, Limits, STEP};
use super::opening::Opening;
use crate::ids::{AcceleratorId, CloudId};
use crate::supply::allocation::allocate;
use crate::supply::orders::{Order, prepaid_of};
use crate::supply::params::{Buyer, SupplyParams};
use crate::supply::suppliers::{Bound, Scale, build_exactly};
use std::cell::OnceCell;

/// Parts of a chip that output is divided in: small enough that one per cent of a few chips is seen.
const PARTS: f64 = 1_048_576.0;

/// Limits that lie with the makers, the first of [`Limit::ALL`].
const MAKERS_LIMITS: usize = 3;

/// What a month ships [chips], in real numbers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shipments {
    accelerators: usize,
    /// To each cloud, by cloud and accelerator.
    shipped: Vec<f64>,
    /// What each cloud could have had and did not get, by cloud and accelerator.
    missing: Vec<f64>,
    /// What kept each accelerator's output from being larger.
    bounds: Vec<Bound>,
}

impl Shipments {
    /// What a cloud gets of each accelerator [chips].
    pub fn to(&self, cloud: CloudId) -> &[f64] {
        &self.shipped[cloud.index() * self.accelerators..][..self.accelerators]
    }

    /// What a cloud had on order and does not get [chips by accelerator].
    pub fn missing(&self, cloud: CloudId) -> &[f64] {
        &self.missing[cloud.index() * self.accelerators..][..self.accelerators]
    }

    /// What kept an accelerator's output from being larger.
    pub fn bound(&self, accelerator: usize) -> Bound {
        self.bounds[accelerator]
    }
}

/// A month of all makers: solved once for all clouds, as it was and, where somebody asks, with a limit raised.
pub struct SupplyMonth<'m> {
    pub(super) params: &'m SupplyParams,
    pub(super) opening: &'m Opening,
    unchanged: OnceCell<Shipments>,
    raised: [OnceCell<Shipments>; MAKERS_LIMITS],
}

impl<'m> SupplyMonth<'m> {
    /// The month that opened so.
    pub fn new(params: &'m SupplyParams, opening: &'m Opening) -> Self {
        Self { params, opening, unchanged: OnceCell::new(), raised: Default::default() }
    }

    /// The month as it was.
    pub(super) fn as_it_was(&self) -> &Shipments {
        self.unchanged.get_or_init(|| self.ship(&Limits::UNCHANGED, None))
    }

    /// What ships to a cloud under `limits` [chips by accelerator], if it orders `more` besides; `None` if neither makes
    /// a difference to the makers.
    pub(super) fn shipped_to(
        &self,
        cloud: CloudId,
        limits: &Limits,
        more: Option<&[(AcceleratorId, f64)]>,
    ) -> Option<Vec<f64>> {
        if more.is_some() {
            return Some(self.ship(limits, more.map(|more| (cloud, more))).to(cloud).to_vec());
        }
        let mut changed = Limit::ALL[..MAKERS_LIMITS].iter().copied().filter(|limit| limits.of(*limit) != 1.0);
        let first = changed.next()?;
        let raised = &self.raised[first.index()];
        if changed.next().is_none() && limits.of(first) == 1.0 + STEP {
            let only = Limits::scaled(first, 1.0 + STEP);
            return Some(raised.get_or_init(|| self.ship(&only, None)).to(cloud).to_vec());
        }
        Some(self.ship(limits, None).to(cloud).to_vec())
    }

    fn ship(&self, limits: &Limits, more: Option<(CloudId, &[(AcceleratorId, f64)])>) -> Shipments {
        let accelerators = self.params.accelerators.len();
        let orders: Vec<Vec<Order>> = (0..accelerators).map(|a| self.orders_of(a, more)).collect();
        let held: Vec<f64> = self.opening.held.iter().map(|held| *held as f64).collect();
        let wanted = |orders: &Vec<Order>| orders.iter().map(|order| order.open).sum::<u64>() as f64 / PARTS;
        let backlog: Vec<f64> =
            orders.iter().zip(&held).map(|(orders, held)| (wanted(orders) - held).max(0.0)).collect();
        let scale = Scale { lines: limits.of(Limit::Chips), pools: |kind| limits.of(Limit::of_pool(kind)) };
        let built = build_exactly(self.params, self.opening.time, &backlog, &scale);
        let none = vec![0.0; self.params.clouds.len() * accelerators];
        let bounds = built.iter().map(|(_, bound)| *bound).collect();
        let mut shipments = Shipments { accelerators, shipped: none.clone(), missing: none, bounds };
        for (a, (orders, (chips, _))) in orders.iter().zip(built).enumerate() {
            let rule = &self.params.suppliers[self.params.accelerators[a].supplier.index()].allocation;
            let parts = allocate(rule, self.opening.time, ((chips + held[a]) * PARTS) as u64, orders);
            for (order, part) in orders.iter().zip(parts) {
                let Buyer::Cloud(cloud) = order.buyer else { continue };
                let cell = cloud.index() * accelerators + a;
                shipments.shipped[cell] += part as f64 / PARTS;
                shipments.missing[cell] += (order.open - part) as f64 / PARTS;
            }
        }
        shipments
    }

    /// Orders of an accelerator that may ship, in parts of a chip: those of the month, and what a cloud orders besides.
    fn orders_of(&self, accelerator: usize, more: Option<(CloudId, &[(AcceleratorId, f64)])>) -> Vec<Order> {
        let in_parts = |order: &Order| Order { open: order.open * PARTS as u64, ..*order };
        let mut orders: Vec<Order> = self.opening.orders[accelerator].iter().map(in_parts).collect();
        if let Some((cloud, more)) = more {
            let prepaid = prepaid_of(self.params, cloud);
            for (_, chips) in more.iter().filter(|(a, _)| a.index() == accelerator) {
                let open = (chips * PARTS) as u64;
                orders.push(Order { buyer: Buyer::Cloud(cloud), open, eligible: self.opening.time, prepaid });
            }
        }
        orders
    }
}
