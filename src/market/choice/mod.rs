//! How a workload picks a model and the channel it buys it through.
//!
//! An *option* is a model on a channel. [`Offers`] holds what every option is like today, [`Taste`] what a segment
//! cares about, [`logit`] the shares that follow, [`inversion`] leads back from shares to utilities, and [`Chooser`] draws
//! one choice quickly.
//!
//! Why nests by lab? The channels and the versions of one lab's models are near substitutes, across labs the
//! substitution that surveys and price series show is weak; λ < 1 says both at once.

mod chooser;
mod evaluation;
pub mod inversion;
pub mod logit;
#[cfg(test)]
pub(crate) mod mini_world;
mod offers;
mod taste;
mod wishes;

pub use chooser::{Chooser, Picked, Reach};
pub use evaluation::plain_shares;
pub use offers::{Choice, Offer, Offers, OptionIndex, Provider};
pub use taste::{ChoiceKey, Taste, TasteId, half_years};
pub use wishes::{Needs, Reason, Weighed, Wish, Wishes};
