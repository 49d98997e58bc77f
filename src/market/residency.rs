//! Where data must stay, and where a channel keeps it.
//!
//! An account that must keep its data in a jurisdiction buys only from channels that serve it there; any other account
//! buys anywhere. Not to be confused with the regions of the grid, in which sites draw their power: that a channel keeps
//! data in a jurisdiction says nothing about which site serves its tokens, and costs nothing here.

use crate::ids::JurisdictionId;
use crate::units::Time;
use serde::{Deserialize, Serialize};

/// Most jurisdictions of a scenario: a set of them is a byte.
pub const MOST_JURISDICTIONS: usize = 8;

/// A set of jurisdictions, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jurisdictions(pub u8);

impl Jurisdictions {
    /// None: what an account needs that may keep its data anywhere.
    pub const NONE: Self = Self(0);
    /// Every one.
    pub const ALL: Self = Self(u8::MAX);

    /// One alone.
    ///
    /// # Panics
    /// Beyond [`MOST_JURISDICTIONS`], which the scenario reader refuses.
    pub fn one(jurisdiction: JurisdictionId) -> Self {
        assert!(jurisdiction.index() < MOST_JURISDICTIONS, "jurisdiction {jurisdiction:?} of a byte");
        Self(1 << jurisdiction.0)
    }

    /// All of several.
    pub fn of(jurisdictions: impl IntoIterator<Item = JurisdictionId>) -> Self {
        jurisdictions.into_iter().fold(Self::NONE, |all, one| Self(all.0 | Self::one(one).0))
    }

    /// Whether none is in it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of `others` are in it.
    pub fn hold(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// Those in either.
    #[must_use]
    pub fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Those in both.
    #[must_use]
    pub fn common(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }

    /// Those that are not in `others`.
    #[must_use]
    pub fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// Each, in order.
    pub fn iter(self) -> impl Iterator<Item = JurisdictionId> {
        (0..MOST_JURISDICTIONS).map(JurisdictionId::new).filter(move |one| self.hold(Self::one(*one)))
    }
}

/// In which jurisdictions a channel keeps data, and since when.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Residency {
    /// In every one, from its opening on.
    #[default]
    Everywhere,
    /// In those listed, each from its day on.
    Since(Vec<(JurisdictionId, Time)>),
}

impl Residency {
    /// Jurisdictions served at an instant.
    pub fn at(&self, now: Time) -> Jurisdictions {
        match self {
            Self::Everywhere => Jurisdictions::ALL,
            Self::Since(days) => {
                Jurisdictions::of(days.iter().filter(|(_, day)| *day <= now).map(|(jurisdiction, _)| *jurisdiction))
            }
        }
    }

    /// Days on which jurisdictions are added.
    pub fn days(&self) -> impl Iterator<Item = Time> {
        let days: &[_] = match self {
            Self::Everywhere => &[],
            Self::Since(days) => days,
        };
        days.iter().map(|(_, day)| *day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EU: JurisdictionId = JurisdictionId(0);
    const UK: JurisdictionId = JurisdictionId(1);

    #[test]
    fn sets_are_of_bits() {
        let both = Jurisdictions::of([UK, EU]);
        assert_eq!(both, Jurisdictions(0b11));
        assert!(both.hold(Jurisdictions::one(UK)) && !Jurisdictions::one(EU).hold(both));
        assert!(Jurisdictions::NONE.hold(Jurisdictions::NONE) && both.hold(Jurisdictions::NONE));
        assert_eq!(both.without(Jurisdictions::one(EU)), Jurisdictions::one(UK));
        assert_eq!(both.common(Jurisdictions::one(EU)), Jurisdictions::one(EU));
        assert_eq!(both.iter().collect::<Vec<_>>(), [EU, UK]);
        assert_eq!(Jurisdictions::ALL.iter().count(), MOST_JURISDICTIONS);
    }

    #[test]
    fn a_jurisdiction_is_served_from_its_day_on() {
        let residency = Residency::Since(vec![(EU, Time(100)), (UK, Time(200))]);
        assert_eq!(residency.at(Time(99)), Jurisdictions::NONE);
        assert_eq!(residency.at(Time(100)), Jurisdictions::one(EU));
        assert_eq!(residency.at(Time(200)), Jurisdictions(0b11));
        assert_eq!(residency.days().collect::<Vec<_>>(), [Time(100), Time(200)]);
        assert_eq!(Residency::Everywhere.at(Time(0)), Jurisdictions::ALL);
    }
}
