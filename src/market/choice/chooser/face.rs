//! Faces: what all accounts of a taste see alike of the offers of a class, and what moving costs them.

use super::super::offers::{Offers, OptionIndex, Provider};
use super::super::taste::Taste;
use crate::ids::{LabId, ModelId};
use crate::market::residency::Jurisdictions;
use crate::supply::params::Class;

/// Who serves a member of a lab's nest: a cloud, by its position, or, after the last of them, the lab itself.
pub(super) type Host = u16;

/// Nests whose sums are added up side by side.
pub(super) const LANES: usize = 4;

/// Where what is not there stands.
const NOWHERE: u16 = u16::MAX;

/// What all tastes that differ in residency alone see of the offers.
#[derive(Clone, Debug, Default)]
pub(super) struct Sight {
    version: u64,
    options: Vec<Seen>,
    /// V of each option.
    utilities: Vec<f64>,
    /// The largest of them, or V_0.
    top: f64,
    /// `exp((V − top)/λ)` of each option.
    weights: Vec<f64>,
}

/// An option, as far as it matters to a face.
#[derive(Clone, Copy, Debug)]
struct Seen {
    member: Member,
    lab: LabId,
    residency: Jurisdictions,
}

/// A taste's costs and bonuses as factors on weights `exp(V/λ)` or on attractions `D^λ`.
#[derive(Clone, Debug)]
pub(super) struct Costs {
    pub lambda: f64,
    /// `exp(−s_entry)`, on attractions.
    pub entry: f64,
    /// `exp(−s_lab)`, on attractions.
    pub lab: f64,
    /// `exp(−s_version/λ)`, on weights.
    pub version: f64,
    /// `exp(−s_provider/λ)` by tenure, on weights.
    pub provider: Vec<f64>,
    /// `exp(β/λ)` without and with a commitment, on weights.
    pub home: [f64; 2],
}

#[derive(Clone, Debug, Default)]
pub(super) struct Face {
    pub version: u64,
    /// `exp(V_0 − m)`, m the largest utility of the face.
    pub outside: f64,
    /// Eligible options by nest.
    pub members: Vec<Member>,
    /// `exp((V − m)/λ)` of each member.
    pub weights: Vec<f64>,
    pub nests: Vec<Nest>,
    /// The part of each nest's sum of weights that each host has: of [`LANES`] nests at a time, by host.
    pub at_hosts: Vec<[f64; LANES]>,
    /// Position of each lab's nest, [`NOWHERE`] if it has none.
    nest_of: Vec<u16>,
    /// Position of each option among the members, [`NOWHERE`] if it is none.
    place_of: Vec<u16>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub option: OptionIndex,
    pub model: ModelId,
    pub host: Host,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Nest {
    lab: LabId,
    pub first: usize,
    pub end: usize,
}

/// Position of the first taste that is the same as another, residency apart.
pub(super) fn first_like(tastes: &[Taste], taste: &Taste) -> usize {
    tastes.iter().position(|other| other.is_like(taste)).expect("it is like itself")
}

impl Sight {
    fn fill(&mut self, taste: &Taste, offers: &Offers, class: Class, clouds: usize) {
        self.version = offers.version(class);
        self.options.clear();
        self.utilities.clear();
        for &option in offers.open() {
            let offer = &offers[option];
            if taste.is_served_by(offer, class) {
                let member = Member { option, model: offer.model, host: host(offer.provider(), clouds) };
                self.options.push(Seen { member, lab: offer.lab, residency: offer.residency });
                self.utilities.push(taste.common_utility(offer, offers.ln_price(option, class), class));
            }
        }
        let outside = taste.outside_utility(offers.outside_quality(class), class);
        self.top = self.utilities.iter().copied().fold(outside, f64::max);
        self.weights.clear();
        self.weights.extend(self.utilities.iter().map(|utility| weight(*utility, self.top, taste)));
    }
}

/// `exp((V − m)/λ)`.
fn weight(utility: f64, top: f64, taste: &Taste) -> f64 {
    libm::exp((utility - top) / taste.lambda)
}

impl Costs {
    pub fn new(taste: &Taste, tenures: usize) -> Self {
        let lambda = taste.lambda;
        let leave = |half_years: usize| taste.provider_cost(half_years as u16);
        Self {
            lambda,
            entry: libm::exp(-taste.switch_entry),
            lab: libm::exp(-taste.switch_lab),
            version: libm::exp(-taste.switch_version / lambda),
            provider: (0..tenures).map(|t| libm::exp(-leave(t) / lambda)).collect(),
            home: [false, true].map(|committed| libm::exp(taste.home_utility(committed) / lambda)),
        }
    }
}

impl Face {
    pub fn fill(&mut self, taste: &Taste, offers: &Offers, class: Class, (clouds, sight): (usize, &mut Sight)) {
        if sight.version != offers.version(class) {
            sight.fill(taste, offers, class, clouds);
        }
        self.version = offers.version(class);
        let outside = taste.outside_utility(offers.outside_quality(class), class);
        let own = || sight.options.iter().enumerate().filter(|(_, seen)| seen.residency.hold(taste.residency));
        let top = own().map(|(i, _)| sight.utilities[i]).fold(outside, f64::max);
        self.outside = libm::exp(outside - top);
        self.members.clear();
        self.weights.clear();
        self.nests.clear();
        self.nest_of.clear();
        self.place_of.clear();
        self.place_of.resize(offers.len(), NOWHERE);
        for (i, Seen { member, lab, .. }) in own() {
            let place = self.members.len();
            match self.nests.last_mut() {
                Some(nest) if nest.lab == *lab => nest.end = place + 1,
                _ => {
                    if self.nest_of.len() <= lab.index() {
                        self.nest_of.resize(lab.index() + 1, NOWHERE);
                    }
                    self.nest_of[lab.index()] = self.nests.len() as u16;
                    self.nests.push(Nest { lab: *lab, first: place, end: place + 1 });
                }
            }
            self.place_of[member.option.index()] = place as u16;
            self.members.push(*member);
            // The best of all is mostly the best of those that keep data in place, so that the weights are the same.
            self.weights.push(if top == sight.top { sight.weights[i] } else { weight(sight.utilities[i], top, taste) });
        }
        let hosts = clouds + 1;
        self.at_hosts.clear();
        self.at_hosts.resize(self.nests.len().div_ceil(LANES) * hosts, [0.0; LANES]);
        for (n, nest) in self.nests.iter().enumerate() {
            let parts = &mut self.at_hosts[n / LANES * hosts..][..hosts];
            for place in nest.first..nest.end {
                parts[usize::from(self.members[place].host)][n % LANES] += self.weights[place];
            }
        }
    }

    pub fn nest_of(&self, lab: LabId) -> Option<usize> {
        self.nest_of.get(lab.index()).filter(|nest| **nest != NOWHERE).map(|nest| usize::from(*nest))
    }

    /// Members that serve one of these options, by position.
    pub fn places_of<'f>(&'f self, options: &'f [OptionIndex]) -> impl Iterator<Item = usize> + 'f {
        let place = |option: &OptionIndex| self.place_of.get(option.index()).filter(|place| **place != NOWHERE);
        options.iter().filter_map(place).map(|place| usize::from(*place))
    }
}

/// Who serves what this provider sells, among the members of a nest.
pub(super) fn host(provider: Provider, clouds: usize) -> Host {
    match provider {
        Provider::Cloud(cloud) => cloud.0,
        Provider::OwnApi(_) => clouds as Host,
    }
}
