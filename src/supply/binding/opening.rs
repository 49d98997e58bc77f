//! A month's orders and fleets as they stood when it opened, before anything shipped.

use crate::ids::{AcceleratorId, CloudId};
use crate::supply::fleet::Fleet;
use crate::supply::orders::Order;
use crate::supply::params::SupplyParams;
use crate::supply::suppliers::held;
use crate::units::Time;
use serde::{Deserialize, Serialize};

/// Orders that could ship, what was in stock and what was installed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Opening {
    pub(super) time: Time,
    /// Orders that could ship, by accelerator, oldest first.
    pub(super) orders: Vec<Vec<Order>>,
    /// Chips of each accelerator that its maker held.
    pub(super) held: Vec<u64>,
    /// Chips in stock, by cloud and accelerator.
    pub(super) stock: Vec<u64>,
    /// Installed chips of each accelerator, by site.
    pub(super) installed: Vec<Vec<u64>>,
}

impl Opening {
    /// Takes down a month that opens now.
    pub(in crate::supply) fn note(
        &mut self,
        params: &SupplyParams,
        now: Time,
        orders: &[Vec<Order>],
        fleet: &Fleet,
        carries: &[f64],
    ) {
        let clouds = (0..params.clouds.len()).map(CloudId::new);
        let types = || (0..params.accelerators.len()).map(AcceleratorId::new);
        self.time = now;
        self.orders.resize(orders.len(), Vec::new());
        for (noted, orders) in self.orders.iter_mut().zip(orders) {
            noted.clear();
            noted.extend(orders.iter().filter(|order| order.eligible <= now));
        }
        self.held.clear();
        self.held.extend(carries.iter().map(|carry| held(*carry)));
        self.stock.clear();
        self.stock.extend(clouds.flat_map(|cloud| types().map(move |a| fleet.stages(cloud, a).stock)));
        self.installed.resize(fleet.sites.len(), Vec::new());
        for (noted, load) in self.installed.iter_mut().zip(&fleet.sites) {
            noted.clone_from(&load.installed);
        }
    }
}
