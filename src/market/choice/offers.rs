//! The options that workloads choose among, as they stand today.

use crate::ids::{ChannelId, CloudId, LabId, ModelId};
use crate::market::residency::Jurisdictions;
use crate::supply::params::Class;
use serde::{Deserialize, Serialize};

/// Position of an option in [`Offers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OptionIndex(pub u16);

impl OptionIndex {
    /// Position in arrays over options.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// What was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Choice {
    /// No option: the work is not done by a bought model.
    Outside,
    /// A model on a channel.
    Option(OptionIndex),
}

/// Whose infrastructure a workload sits with; leaving it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// A cloud's platform.
    Cloud(CloudId),
    /// A lab's own API, a place apart from every cloud and from every other lab's.
    OwnApi(LabId),
}

impl Provider {
    /// Position among all providers of a market with so many clouds: clouds, then the labs' own interfaces.
    pub fn place(self, clouds: usize) -> usize {
        match self {
            Provider::Cloud(cloud) => cloud.index(),
            Provider::OwnApi(lab) => clouds + lab.index(),
        }
    }
}

/// A model on a channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// The model.
    pub model: ModelId,
    /// Who made it: the nest.
    pub lab: LabId,
    /// Family of the model; products name their candidates by it.
    pub line: u16,
    /// Where it is sold.
    pub channel: ChannelId,
    /// The platform's cloud; none for the lab's own API.
    pub cloud: Option<CloudId>,
    /// Quality by class [nats before α_q]; minus infinity where the model does not do the class.
    pub quality: [f64; Class::COUNT],
    /// Price by class [USD per million tokens], positive.
    pub price_usd_per_mtok: [f64; Class::COUNT],
    /// Latency over the class's target [s].
    pub latency_excess_s: [f64; Class::COUNT],
    /// Governance level of the channel [levels].
    pub governance: f64,
    /// Support and features of the channel [levels].
    pub support: f64,
    /// Logarithm of the number of models on the channel [nats].
    pub ln_breadth: f64,
    /// Certification level of the channel.
    pub certification: u8,
    /// Where the channel keeps data, and no clause forbids the sale.
    pub residency: Jurisdictions,
    /// What nothing else explains [nats].
    pub xi: f64,
    /// Whether it may be chosen.
    pub open: bool,
    /// Whether it takes no work that is not with its provider yet.
    pub sold_out: bool,
}

impl Offer {
    /// Whose infrastructure the option sits with.
    pub fn provider(&self) -> Provider {
        self.cloud.map_or(Provider::OwnApi(self.lab), Provider::Cloud)
    }

    /// Whether the model does this class of work.
    pub fn serves(&self, class: Class) -> bool {
        self.quality[class.index()] > f64::NEG_INFINITY
    }

    fn differs_beyond_classes(&self, other: &Offer) -> bool {
        let common = |o: &Offer| (o.governance, o.support, o.ln_breadth, o.certification, o.residency, o.xi, o.open);
        common(self) != common(other)
    }

    fn differs_in(&self, other: &Offer, class: usize) -> bool {
        self.quality[class] != other.quality[class]
            || self.price_usd_per_mtok[class] != other.price_usd_per_mtok[class]
            || self.latency_excess_s[class] != other.latency_excess_s[class]
    }

    fn identity(&self) -> (ModelId, LabId, u16, ChannelId, Option<CloudId>) {
        (self.model, self.lab, self.line, self.channel, self.cloud)
    }
}

/// Every option that ever was, and the quality of the outside option.
///
/// Options are appended and never removed. A version number per class counts what a chooser has to take note of, so
/// that what is derived from the offers is derived again only where they changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Offers {
    offers: Vec<Offer>,
    ln_price: Vec<[f64; Class::COUNT]>,
    /// Options of each model.
    of_model: Vec<Vec<OptionIndex>>,
    /// Open options by lab, then by index.
    open: Vec<OptionIndex>,
    outside_quality: [f64; Class::COUNT],
    versions: [u64; Class::COUNT],
}

impl Default for Offers {
    fn default() -> Self {
        Self::new()
    }
}

impl Offers {
    /// No option yet, an outside option of quality 0.
    pub fn new() -> Self {
        Self {
            offers: Vec::new(),
            ln_price: Vec::new(),
            of_model: Vec::new(),
            open: Vec::new(),
            outside_quality: [0.0; Class::COUNT],
            versions: [1; Class::COUNT],
        }
    }

    /// Appends an option.
    ///
    /// # Panics
    /// If a price is not positive, or past 65,535 options.
    pub fn push(&mut self, offer: Offer) -> OptionIndex {
        let index = OptionIndex(u16::try_from(self.offers.len()).expect("at most 65,535 options"));
        self.ln_price.push(offer.price_usd_per_mtok.map(ln_price));
        let (open, model) = (offer.open, offer.model.index());
        if self.of_model.len() <= model {
            self.of_model.resize(model + 1, Vec::new());
        }
        self.of_model[model].push(index);
        self.offers.push(offer);
        if open {
            self.reopen();
            self.versions.iter_mut().for_each(|version| *version += 1);
        }
        index
    }

    /// Changes what an option is like; a change that nobody can notice costs nothing.
    ///
    /// # Panics
    /// If a price is not positive, or the option becomes another model, lab, channel or cloud.
    pub fn revise(&mut self, option: OptionIndex, change: impl FnOnce(&mut Offer)) {
        let mut after = self[option].clone();
        change(&mut after);
        let before = std::mem::replace(&mut self.offers[option.index()], after);
        let after = &self.offers[option.index()];
        assert_eq!(before.identity(), after.identity(), "an option stays what it is");
        let visible = before.open || after.open;
        let everywhere = before.differs_beyond_classes(after);
        for class in 0..Class::COUNT {
            if before.price_usd_per_mtok[class] != after.price_usd_per_mtok[class] {
                self.ln_price[option.index()][class] = ln_price(after.price_usd_per_mtok[class]);
            }
            if visible && (everywhere || before.differs_in(after, class)) {
                self.versions[class] += 1;
            }
        }
        if before.open != after.open {
            self.reopen();
        }
    }

    /// Sets the quality of the outside option by class: the frontier's, some time ago.
    pub fn set_outside_quality(&mut self, quality: [f64; Class::COUNT]) {
        for (class, new) in quality.into_iter().enumerate() {
            if self.outside_quality[class] != new {
                self.outside_quality[class] = new;
                self.versions[class] += 1;
            }
        }
    }

    /// Quality of the outside option in a class.
    pub fn outside_quality(&self, class: Class) -> f64 {
        self.outside_quality[class.index()]
    }

    /// Logarithm of an option's price in a class.
    pub fn ln_price(&self, option: OptionIndex, class: Class) -> f64 {
        self.ln_price[option.index()][class.index()]
    }

    /// The options of a model, closed ones included.
    pub fn of_model(&self, model: ModelId) -> &[OptionIndex] {
        self.of_model.get(model.index()).map_or(&[], Vec::as_slice)
    }

    /// Open options, by lab and then by index.
    pub fn open(&self) -> &[OptionIndex] {
        &self.open
    }

    /// Rises whenever something changes that a choice in this class depends on; at least 1.
    pub fn version(&self, class: Class) -> u64 {
        self.versions[class.index()]
    }

    /// Number of options, closed ones included.
    pub fn len(&self) -> usize {
        self.offers.len()
    }

    /// Whether there never was an option.
    pub fn is_empty(&self) -> bool {
        self.offers.is_empty()
    }

    /// Every option with its index, closed ones included.
    pub fn iter(&self) -> impl Iterator<Item = (OptionIndex, &Offer)> {
        self.offers.iter().enumerate().map(|(i, offer)| (OptionIndex(i as u16), offer))
    }

    fn reopen(&mut self) {
        self.open = self.iter().filter(|(_, offer)| offer.open).map(|(option, _)| option).collect();
        let offers = &self.offers;
        // Stable, so that within a lab the options stay in the order in which they appeared.
        self.open.sort_by_key(|option| offers[option.index()].lab);
    }
}

impl std::ops::Index<OptionIndex> for Offers {
    type Output = Offer;
    fn index(&self, option: OptionIndex) -> &Offer {
        &self.offers[option.index()]
    }
}

fn ln_price(price_usd_per_mtok: f64) -> f64 {
    assert!(price_usd_per_mtok > 0.0, "a price of {price_usd_per_mtok} USD per million tokens");
    libm::log(price_usd_per_mtok)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::choice::mini_world::{self, AZURE};

    fn versions(offers: &Offers) -> [u64; Class::COUNT] {
        Class::ALL.map(|class| offers.version(class))
    }

    #[test]
    fn only_the_class_whose_price_moved_gets_a_new_version() {
        let mut offers = mini_world::offers();
        let before = versions(&offers);
        offers.revise(OptionIndex(3), |offer| offer.price_usd_per_mtok[Class::Coding.index()] *= 0.5);
        offers.revise(OptionIndex(4), |_| ());
        for class in Class::ALL {
            let moved = u64::from(class == Class::Coding);
            assert_eq!(offers.version(class), before[class.index()] + moved, "{class:?}");
        }
        let price = offers[OptionIndex(3)].price_usd_per_mtok[Class::Coding.index()];
        assert_eq!(offers.ln_price(OptionIndex(3), Class::Coding), libm::log(price));
    }

    #[test]
    fn a_closed_option_changes_unseen() {
        let mut offers = mini_world::offers();
        offers.revise(OptionIndex(5), |offer| offer.open = false);
        let before = versions(&offers);
        offers.revise(OptionIndex(5), |offer| offer.xi = 9.0);
        assert_eq!(versions(&offers), before);
        assert!(!offers.open().contains(&OptionIndex(5)));
        offers.revise(OptionIndex(5), |offer| offer.open = true);
        assert!(offers.open().contains(&OptionIndex(5)));
        assert_ne!(versions(&offers), before);
    }

    #[test]
    fn open_options_stand_by_lab_then_by_age() {
        let offers = mini_world::offers();
        let keys: Vec<_> = offers.open().iter().map(|option| (offers[*option].lab, *option)).collect();
        assert!(keys.windows(2).all(|w| w[0] < w[1]), "{keys:?}");
        assert_eq!(keys.len(), offers.len());
    }

    #[test]
    fn an_own_api_is_nobodys_cloud() {
        let offers = mini_world::offers();
        let providers: Vec<_> = offers.iter().map(|(_, offer)| offer.provider()).collect();
        assert!(providers.contains(&Provider::Cloud(AZURE)));
        assert!(providers.contains(&Provider::OwnApi(LabId(0))));
        assert_ne!(Provider::OwnApi(LabId(1)), Provider::Cloud(CloudId(1)));
    }

    #[test]
    #[should_panic(expected = "a price of 0 USD")]
    fn a_free_option_is_refused() {
        mini_world::offers().revise(OptionIndex(0), |offer| offer.price_usd_per_mtok[1] = 0.0);
    }
}
