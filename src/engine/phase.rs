//! The rank of an event within its instant.

use serde::{Deserialize, Serialize};

/// A rank within an instant, 0 (first) to 15 (last).
///
/// The model defines its own enum and converts, so that the ranks have names where they have a meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Phase(u8);

impl Phase {
    /// How many phases there are.
    pub const COUNT: usize = 16;
    /// The phase in which every instant begins.
    pub const FIRST: Phase = Phase(0);

    /// Phase number `number`.
    ///
    /// # Panics
    /// If `number` is 16 or more: the key of an event has four bits for it.
    pub const fn new(number: u8) -> Self {
        assert!(number < Self::COUNT as u8, "a phase is a number below 16");
        Self(number)
    }

    /// Its number, 0 to 15.
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Phase {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        if usize::from(number) < Self::COUNT {
            Ok(Self(number))
        } else {
            Err(format!("phase {number} is not below 16"))
        }
    }
}

impl From<Phase> for u8 {
    fn from(phase: Phase) -> u8 {
        phase.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_phases_and_no_more() {
        assert_eq!(Phase::new(15).number(), 15);
        assert_eq!(Phase::try_from(16), Err("phase 16 is not below 16".to_string()));
    }

    #[test]
    #[should_panic(expected = "a phase is a number below 16")]
    fn a_seventeenth_phase_is_a_mistake() {
        Phase::new(16);
    }
}
