//! Regulators: cases that concentration and exclusivity make likelier, and how they end.
//!
//! `P(a case opens this month) = 1 − exp(−h/12)`, `h = (h₀ + s·max(0, HHI − threshold)/1,000) · f`
//!
//! h hazard \[1/year\] · h₀ base hazard \[1/year\] · s slope \[1/year per 1,000 points\] · HHI of the market watched, 0 to
//! 10,000 \[points\] · f exclusivity factor \[1\], 1 while no exclusivity is in force
//! Source: form after proportional hazards; parameters assumed, checked against the investigations in contracts.csv.
//! Left out: fines, appeals, cases against one party rather than a market. One case at a time and regulator.
//!
//! Pure: uniforms are passed in, and facts handed back for the model to apply.

use crate::ids::RegulatorId;
use crate::units::{DAY, Distribution, Span, Time, YEAR_DAYS};
use serde::{Deserialize, Serialize};

/// The market that a regulator watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum WatchedMarket {
    /// Clouds, by AI revenue.
    Infrastructure,
    /// Labs, by end-customer revenue.
    Models,
}

/// A regulator and its habits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Regulator {
    /// Its place among the regulators.
    pub id: RegulatorId,
    /// What it watches.
    pub market: WatchedMarket,
    /// Hazard of a case without concentration, a year.
    pub base_hazard_per_year: f64,
    /// HHI above which the hazard rises, points.
    pub hhi_threshold: f64,
    /// Rise of the yearly hazard per 1,000 points above.
    pub hazard_per_1000_points: f64,
    /// Factor on the hazard while an exclusivity is in force.
    pub exclusivity_factor: f64,
    /// How long a case takes, months.
    pub case_months: Distribution,
    /// Probability that a case ends with commitments.
    pub p_commitments: f64,
    /// Probability that a case ends with a prohibition.
    pub p_prohibition: f64,
    /// Factor on switching costs that commitments bring.
    pub switching_cost_factor: f64,
    /// Whether a prohibition ends exclusivities.
    pub ends_exclusivity: bool,
}

/// How a case ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Outcome {
    /// Nothing changes.
    Cleared,
    /// The market's sellers make it easier to switch.
    Commitments,
    /// What was found harmful is forbidden.
    Prohibition,
}

/// What a case changes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Remedy {
    /// Switching costs are multiplied by this.
    SwitchingCosts(f64),
    /// The exclusivities in force end.
    EndExclusivity,
}

/// What a regulator did.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum RegulatoryFact {
    /// A case was opened.
    CaseOpened {
        /// By whom.
        regulator: RegulatorId,
    },
    /// A case was closed.
    CaseClosed {
        /// By whom.
        regulator: RegulatorId,
        /// How.
        outcome: Outcome,
        /// What it changes, if anything.
        remedy: Option<Remedy>,
    },
}

/// The uniforms of a month, in (0, 1): drawn whether or not they are used, so that the draws of later months stay
/// where they are when a case opens earlier.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MonthlyDraws {
    /// Whether a case opens.
    pub opening: f64,
    /// How long it takes.
    pub duration: f64,
    /// How it ends.
    pub outcome: f64,
}

/// A case under way. How it will end is settled when it opens, and told when it closes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// When it opened.
    pub opened: Time,
    closes: Time,
    outcome: Outcome,
}

impl Regulator {
    /// Hazard of a case at an HHI, a year.
    pub fn hazard_per_year(&self, hhi: f64, exclusivity_in_force: bool) -> f64 {
        let above = (hhi - self.hhi_threshold).max(0.0) / 1_000.0;
        let factor = if exclusivity_in_force { self.exclusivity_factor } else { 1.0 };
        (self.base_hazard_per_year + self.hazard_per_1000_points * above) * factor
    }

    /// A month's work: closes the case under way if its time has come, else opens one if there is none and the draw
    /// falls below the month's probability. A month that closes a case opens none.
    pub fn on_month(
        &self,
        case: &mut Option<Case>,
        now: Time,
        hhi: f64,
        exclusivity_in_force: bool,
        draws: MonthlyDraws,
    ) -> Option<RegulatoryFact> {
        if let Some(open) = *case {
            return (now >= open.closes).then(|| {
                *case = None;
                self.closed(open.outcome)
            });
        }
        let probability = -libm::expm1(-self.hazard_per_year(hhi, exclusivity_in_force) / 12.0);
        (draws.opening < probability).then(|| {
            let length = Span::from_days(self.case_months.quantile(draws.duration) * YEAR_DAYS / 12.0);
            *case = Some(Case { opened: now, closes: now + length.max(DAY), outcome: self.outcome(draws.outcome) });
            RegulatoryFact::CaseOpened { regulator: self.id }
        })
    }

    /// How a case ends, at a uniform: cleared below `1 − p_commitments − p_prohibition`, then commitments, then a
    /// prohibition, so that a higher draw is never a milder end.
    pub fn outcome(&self, uniform: f64) -> Outcome {
        if uniform >= 1.0 - self.p_prohibition {
            Outcome::Prohibition
        } else if uniform >= 1.0 - self.p_prohibition - self.p_commitments {
            Outcome::Commitments
        } else {
            Outcome::Cleared
        }
    }

    /// What an outcome changes.
    pub fn remedy(&self, outcome: Outcome) -> Option<Remedy> {
        match outcome {
            Outcome::Cleared => None,
            Outcome::Commitments => Some(Remedy::SwitchingCosts(self.switching_cost_factor)),
            Outcome::Prohibition => self.ends_exclusivity.then_some(Remedy::EndExclusivity),
        }
    }

    fn closed(&self, outcome: Outcome) -> RegulatoryFact {
        RegulatoryFact::CaseClosed { regulator: self.id, outcome, remedy: self.remedy(outcome) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regulator() -> Regulator {
        Regulator {
            id: RegulatorId(0),
            market: WatchedMarket::Infrastructure,
            base_hazard_per_year: 0.1,
            hhi_threshold: 2_500.0,
            hazard_per_1000_points: 0.2,
            exclusivity_factor: 2.0,
            case_months: Distribution::Uniform { low: 12.0, high: 24.0 },
            p_commitments: 0.3,
            p_prohibition: 0.1,
            switching_cost_factor: 0.5,
            ends_exclusivity: true,
        }
    }

    fn draws(opening: f64, outcome: f64) -> MonthlyDraws {
        MonthlyDraws { opening, duration: 0.5, outcome }
    }

    #[test]
    fn the_hazard_rises_with_concentration_and_exclusivity() {
        // 0.1 + 0.2·(4000 − 2500)/1000 = 0.4 a year; twice that with an exclusivity.
        assert_eq!(regulator().hazard_per_year(2_000.0, false), 0.1);
        assert!((regulator().hazard_per_year(4_000.0, false) - 0.4).abs() < 1e-12);
        assert!((regulator().hazard_per_year(4_000.0, true) - 0.8).abs() < 1e-12);
    }

    #[test]
    fn a_case_opens_below_the_months_probability_and_not_above() {
        // 1 − exp(−0.4/12) = 0.032784.
        for (uniform, opens) in [(0.0327, true), (0.0328, false)] {
            let mut case = None;
            let fact = regulator().on_month(&mut case, Time(0), 4_000.0, false, draws(uniform, 0.5));
            assert_eq!((fact.is_some(), case.is_some()), (opens, opens), "{uniform}");
        }
    }

    #[test]
    fn a_case_runs_its_drawn_time_and_ends_once() {
        let (regulator, mut case) = (regulator(), None);
        let mut month = |now: u64| regulator.on_month(&mut case, Time(now), 9_000.0, true, draws(0.001, 0.7));
        assert_eq!(month(0), Some(RegulatoryFact::CaseOpened { regulator: RegulatorId(0) }));
        // 18 months of 365.25/12 days: 547.875 days, 47,336,400 s.
        assert_eq!(month(47_336_399), None);
        let remedy = Some(Remedy::SwitchingCosts(0.5));
        let closed = RegulatoryFact::CaseClosed { regulator: RegulatorId(0), outcome: Outcome::Commitments, remedy };
        assert_eq!(month(47_336_400), Some(closed));
        assert_eq!(month(50_000_000), Some(RegulatoryFact::CaseOpened { regulator: RegulatorId(0) }));
    }

    #[test]
    fn outcomes_follow_their_probabilities() {
        let at = |uniform| regulator().outcome(uniform);
        assert_eq!(
            [0.59, 0.61, 0.89, 0.91].map(at),
            [Outcome::Cleared, Outcome::Commitments, Outcome::Commitments, Outcome::Prohibition]
        );
    }

    #[test]
    fn a_prohibition_ends_exclusivities_where_the_regulator_can() {
        assert_eq!(regulator().remedy(Outcome::Prohibition), Some(Remedy::EndExclusivity));
        let weaker = Regulator { ends_exclusivity: false, ..regulator() };
        assert_eq!(weaker.remedy(Outcome::Prohibition), None);
        assert_eq!(regulator().remedy(Outcome::Cleared), None);
    }

    #[test]
    fn opening_frequency_matches_the_hazard() {
        // 10,000 months at evenly spaced uniforms: the share below 1 − exp(−0.8/12) = 0.064493.
        let opens = (0..10_000).filter(|i| {
            let uniform = (f64::from(*i) + 0.5) / 10_000.0;
            regulator().on_month(&mut None, Time(0), 4_000.0, true, draws(uniform, 0.5)).is_some()
        });
        assert_eq!(opens.count(), 645);
    }
}
