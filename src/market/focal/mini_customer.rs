//! A customer for tests, on the options of the choice module's mini world.

use super::{Customer, MoveDays, Strategy, Workload};
use crate::market::choice::mini_world::{AZURE, enterprise};
use crate::supply::params::Class;
use crate::units::{Schedule, Time};

/// An enterprise at home on Azure with 100 Mtok of chat and 300 of batch a month, of which home matters less to batch.
pub fn customer() -> Customer {
    let workload = |id: &str, class, mtok, home_weight| Workload {
        id: id.into(),
        class,
        mtok_per_month: Schedule::constant(mtok),
        home_weight,
    };
    Customer {
        id: "shop".into(),
        taste: enterprise(),
        home: AZURE,
        from: Time(0),
        renewal_months: 12.0,
        workloads: vec![workload("chat", Class::Chat, 100.0, 1.0), workload("batch", Class::Batch, 300.0, 0.2)],
        commitment: None,
        further_cloud_usd_per_year: Schedule::constant(87_660.0),
        move_days: MoveDays { version: 14.0, lab: 60.0, provider: 80.0 },
        strategies: Strategy::ALL.to_vec(),
    }
}
