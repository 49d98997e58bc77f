//! First ship: new models open on the holder's channel first.

use crate::ids::{ChannelId, LabId};
use crate::units::{Span, Time};
use serde::{Deserialize, Serialize};

/// First ship: `earliest elsewhere = max(release, opening at the holder + lead)`.
///
/// Waived where the holder cannot or will not offer the model, which includes a cloud whose utilisation u is at or over
/// the clause's bound; unknown while it has yet to open there.
/// Source: joint announcement of Microsoft and OpenAI, 2026-04-27 (lead time undisclosed). Status: reported.
/// Not modelled: a deadline by which the holder must open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FirstShip {
    /// Whose models.
    pub lab: LabId,
    /// The channel that comes first.
    pub holder: ChannelId,
    /// Days between the opening there and elsewhere, not negative.
    pub lead_days: f64,
    /// Utilisation of the holder's cloud from which it cannot support a model \[1\]; never if none.
    pub waived_above: Option<f64>,
}

impl FirstShip {
    /// Whether the holder, at a utilisation of its cloud, can support one more model.
    pub fn holder_can(&self, utilisation: f64) -> bool {
        self.waived_above.is_none_or(|bound| utilisation < bound)
    }

    /// The instant from which a model released at `released` may open on another platform channel; `None` while the
    /// holder, though it can (`holder_can`), has not opened it.
    pub fn earliest_elsewhere(&self, released: Time, holder_opened: Option<Time>, holder_can: bool) -> Option<Time> {
        if !holder_can {
            return Some(released);
        }
        holder_opened.map(|opened| released.max(opened + Span::from_days(self.lead_days)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::DAY;

    fn clause() -> FirstShip {
        FirstShip { lab: LabId(0), holder: ChannelId(0), lead_days: 30.0, waived_above: None }
    }

    #[test]
    fn elsewhere_follows_the_holder_by_the_lead() {
        let opened = Time(0) + DAY;
        assert_eq!(clause().earliest_elsewhere(Time(0), Some(opened), true), Some(Time(31 * 86_400)));
    }

    #[test]
    fn a_holder_that_has_yet_to_open_is_waited_for() {
        assert_eq!(clause().earliest_elsewhere(Time(0), None, true), None);
    }

    #[test]
    fn a_holder_that_cannot_open_waives_its_right() {
        assert_eq!(clause().earliest_elsewhere(Time(7), None, false), Some(Time(7)));
    }

    #[test]
    fn a_holder_that_is_full_waives_its_right() {
        let clause = FirstShip { waived_above: Some(0.9), ..clause() };
        assert!(clause.holder_can(0.89) && !clause.holder_can(0.9));
        assert!(super::FirstShip { waived_above: None, ..clause }.holder_can(1.0));
    }

    #[test]
    fn a_preview_at_the_holder_does_not_move_the_release_forward() {
        assert_eq!(clause().earliest_elsewhere(Time(90 * 86_400), Some(Time(0)), true), Some(Time(90 * 86_400)));
    }
}
