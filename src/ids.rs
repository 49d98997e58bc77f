//! Typed indices: every entity of a run sits in a flat array, and its index says which array.
//!
//! An index is never renumbered within a run: entities are appended. Names (`azure`, `gpt-4-1`) live beside the
//! arrays and key the random streams, so an index never decides a draw.

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub u16);

        impl $name {
            /// The id of the entity at `index` of its array.
            ///
            /// # Panics
            /// Beyond 65,535 entities of one kind, which the scenario reader refuses.
            pub fn new(index: usize) -> Self {
                Self(u16::try_from(index).expect("at most 65,535 entities of a kind"))
            }

            /// Position in the array of its kind.
            pub fn index(self) -> usize {
                usize::from(self.0)
            }
        }
    )+};
}

ids! {
    /// A legal person that holds cash and contracts.
    PartyId,
    /// An accelerator type.
    AcceleratorId,
    /// A software stack that models are ported to.
    StackId,
    /// A supplier of accelerators.
    SupplierId,
    /// A shared input of suppliers, such as packaging wafers or memory.
    PoolId,
    /// A buyer of scripted volumes that sells nothing in this market.
    ResidualBuyerId,
    /// A cloud, or another operator of a fleet.
    CloudId,
    /// A campus with power.
    SiteId,
    /// A developer of models.
    LabId,
    /// A released or planned model.
    ModelId,
    /// A place to buy a model.
    ChannelId,
    /// A consumer product that turns users into tokens.
    ProductId,
    /// A group of customers alike in needs.
    SegmentId,
    /// A contract.
    ContractId,
    /// A regulator.
    RegulatorId,
    /// A jurisdiction in which data may have to stay.
    JurisdictionId,
}
