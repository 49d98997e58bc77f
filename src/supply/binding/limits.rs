//! The limits on a month, and changes to them.

use crate::supply::params::PoolKind;
use serde::{Deserialize, Serialize};

/// A relative rise of a limit over which its value is measured: one per cent.
pub const STEP: f64 = 0.01;

/// What may keep a cloud from serving more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Limit {
    /// What lines ship, and whatever else makers share.
    Chips,
    /// Packaging capacity.
    Packaging,
    /// Memory capacity.
    Memory,
    /// Energized power.
    Power,
    /// The budget.
    Capital,
    /// What customers ask for, or what the cloud expected of it.
    Demand,
}

impl Limit {
    /// Every limit, from the foundry to the customer.
    pub const ALL: [Limit; 6] =
        [Limit::Chips, Limit::Packaging, Limit::Memory, Limit::Power, Limit::Capital, Limit::Demand];

    /// Name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chips => "chips",
            Self::Packaging => "packaging",
            Self::Memory => "memory",
            Self::Power => "power",
            Self::Capital => "capital",
            Self::Demand => "demand",
        }
    }

    /// Position in [`Limit::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }

    /// The limit that a pool of a kind is.
    pub fn of_pool(kind: PoolKind) -> Self {
        match kind {
            PoolKind::Packaging => Self::Packaging,
            PoolKind::Memory => Self::Memory,
            PoolKind::Other => Self::Chips,
        }
    }
}

/// A factor on each limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits([f64; Limit::ALL.len()]);

impl Limits {
    /// The month as it was.
    pub const UNCHANGED: Limits = Limits([1.0; Limit::ALL.len()]);

    /// One limit times `factor`, the others as they were.
    pub fn scaled(limit: Limit, factor: f64) -> Self {
        let mut limits = Self::UNCHANGED;
        limits.0[limit.index()] = factor;
        limits
    }

    /// The factor on a limit.
    pub fn of(&self, limit: Limit) -> f64 {
        self.0[limit.index()]
    }
}
