//! Who owns compute, who operates it and who uses it: three views of one count.
//!
//! - *Owner*: bought the chips.
//! - *Operator*: offers their work; `operated = owned + leased in − leased out`.
//! - *User*: lab, own load of the operator, customers of its platform, tenants; what nobody uses is idle:
//!   `operated = Σ used + idle`.
//!
//! All in chat H100e in service, as of the last dispatch; summed over clouds the three views are one number. Leases are
//! commitments of one cloud with another (MODEL §7), as far as the lessor can deliver.

use super::simulation::Simulation;
use crate::ids::CloudId;

/// A cloud's compute in service [chat H100e].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Views {
    /// Bought by its owner.
    pub owned: f64,
    /// Offered by it.
    pub operated: f64,
    /// In use by its owner's own load.
    pub internal: f64,
    /// In use for customers of its platform, products that run on it included.
    pub platform: f64,
    /// In use by tenants that are no lab.
    pub rented: f64,
    /// In use by labs.
    pub labs: f64,
    /// Sold as spot hours, which count as no load.
    pub spot: f64,
}

impl Views {
    /// What nobody uses [chat H100e].
    pub fn idle(&self) -> f64 {
        self.operated - self.internal - self.platform - self.rented - self.labs - self.spot
    }
}

impl Simulation<'_> {
    /// A lab's use of a cloud, in its rights and beyond them [chat H100e].
    pub(super) fn lab_use(&self, lab: usize, cloud: CloudId) -> f64 {
        let at = &self.state.labs[lab].at[cloud.index()];
        at.serving + at.training + at.excess
    }

    /// The three views of a cloud as of the last dispatch.
    pub(super) fn views(&self, cloud: CloudId) -> Views {
        let state = &self.state.clouds[cloud.index()];
        let leased_out: f64 = self.state.clouds.iter().map(|lessee| lessee.leased_delivered[cloud.index()]).sum();
        Views {
            owned: state.capacity - state.leased_delivered.iter().sum::<f64>(),
            operated: state.capacity - leased_out,
            internal: state.internal_used,
            platform: state.platform_used,
            rented: state.rental_served,
            spot: state.spot_served,
            labs: (0..self.state.labs.len()).map(|lab| self.lab_use(lab, cloud)).sum(),
        }
    }
}
