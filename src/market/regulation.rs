//! Regulators: cases that concentration, exclusivity and tie-ins make likelier, and how they end.
//!
//! `P(a case opens this month) = 1 − exp(−h/12)`, `h = (h₀ + s·max(0, HHI − threshold)/1,000) · f · g`
//!
//! h hazard \[1/year\] · h₀ base hazard \[1/year\] · s slope \[1/year per 1,000 points\] · HHI of the market watched, 0 to
//! 10,000 \[points\] · f exclusivity factor \[1\], 1 while no exclusivity is in force · g tie-in factor \[1\], 1 while
//! nothing is tied ([`ties_in`])
//!
//! A case may be scripted: it opens at the regulator's first meeting from a day on, and takes in a case under way.
//! Source: form after proportional hazards; parameters assumed, checked against the investigations in contracts.csv.
//! Left out: fines, appeals, caps on rates, cases against one party rather than a market. One case at a time and
//! regulator.
//!
//! Pure: uniforms are passed in, and facts handed back for the model to apply.

use super::contracts::{ContractBook, TermRef};
use super::settlement::Owners;
use super::terms::{Buyer, Commitment, Discount, Scope, Term};
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
    /// Factor on the hazard while something is tied.
    pub tie_in_factor: f64,
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
    /// What else commitments bring.
    pub on_commitments: Vec<Remedy>,
    /// What else a prohibition brings.
    pub on_prohibition: Vec<Remedy>,
    /// A case that opens from a day on.
    pub scripted: Option<Scripted>,
}

/// A case that is not left to chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scripted {
    /// Its day.
    pub opens: Time,
    /// How it ends; drawn if none.
    pub outcome: Option<Outcome>,
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

impl Outcome {
    /// Number of outcomes.
    pub const COUNT: usize = 3;
    /// `snake_case` names, in the order of the outcomes.
    pub const NAMES: [&'static str; Self::COUNT] = ["cleared", "commitments", "prohibition"];
}

/// What a case changes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Remedy {
    /// Switching costs are multiplied by this.
    SwitchingCosts(f64),
    /// Times of porting that begins from now on are multiplied by this.
    PortingTime(f64),
    /// The exclusivities in force end: those of a scope, or all.
    EndExclusivity(Option<Scope>),
    /// Whoever has a model first has no lead from now on.
    ZeroLead,
    /// Exclusive licences bar nobody from now on.
    OpenLicences,
}

/// What a regulator did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    },
}

/// What a regulator sees when it meets.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sight {
    /// HHI of the market that it watches, points.
    pub hhi: f64,
    /// Whether an exclusivity is in force.
    pub exclusivity: bool,
    /// Whether something is tied.
    pub tie_in: bool,
    /// Whether its scripted case opens now.
    pub scripted: bool,
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
    /// Hazard of a case, a year.
    pub fn hazard_per_year(&self, sight: &Sight) -> f64 {
        let above = (sight.hhi - self.hhi_threshold).max(0.0) / 1_000.0;
        let exclusivity = if sight.exclusivity { self.exclusivity_factor } else { 1.0 };
        let tie_in = if sight.tie_in { self.tie_in_factor } else { 1.0 };
        (self.base_hazard_per_year + self.hazard_per_1000_points * above) * exclusivity * tie_in
    }

    /// A month's work: opens the scripted case if it is its time, else closes the case under way if its time has come,
    /// else opens one if there is none and the draw falls below the month's probability. A month that closes a case
    /// opens none.
    pub fn on_month(
        &self,
        case: &mut Option<Case>,
        now: Time,
        sight: &Sight,
        draws: MonthlyDraws,
    ) -> Option<RegulatoryFact> {
        if let (true, Some(script)) = (sight.scripted, self.scripted) {
            let outcome = script.outcome.unwrap_or_else(|| self.outcome(draws.outcome));
            return Some(self.open(case, now, draws.duration, outcome));
        }
        if let Some(open) = *case {
            return (now >= open.closes).then(|| {
                *case = None;
                RegulatoryFact::CaseClosed { regulator: self.id, outcome: open.outcome }
            });
        }
        let probability = -libm::expm1(-self.hazard_per_year(sight) / 12.0);
        (draws.opening < probability).then(|| self.open(case, now, draws.duration, self.outcome(draws.outcome)))
    }

    fn open(&self, case: &mut Option<Case>, now: Time, duration: f64, outcome: Outcome) -> RegulatoryFact {
        let length = Span::from_days(self.case_months.quantile(duration) * YEAR_DAYS / 12.0);
        *case = Some(Case { opened: now, closes: now + length.max(DAY), outcome });
        RegulatoryFact::CaseOpened { regulator: self.id }
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

    /// What an outcome changes, in order.
    pub fn remedies(&self, outcome: Outcome) -> Vec<Remedy> {
        let (own, more): (Option<Remedy>, &[Remedy]) = match outcome {
            Outcome::Cleared => (None, &[]),
            Outcome::Commitments => (Some(Remedy::SwitchingCosts(self.switching_cost_factor)), &self.on_commitments),
            Outcome::Prohibition => {
                (self.ends_exclusivity.then_some(Remedy::EndExclusivity(None)), &self.on_prohibition)
            }
        };
        own.into_iter().chain(more.iter().copied()).collect()
    }
}

/// Whether something is tied to the purchase of compute: a commitment in force comes with a discount, or its contract
/// gives the seller's party something else of the buyer as well: exclusivity, a first ship, a licence, a share of its
/// revenue, a stake.
///
/// Source: what the FTC's report of January 2025 under section 6(b) describes of partnerships between clouds and labs.
pub fn ties_in(book: &ContractBook, owners: &Owners, now: Time) -> bool {
    let discounted = |clause: &Commitment| {
        let of = |discount: &Discount| clause.buyer == Buyer::Lab(discount.lab) && clause.seller == discount.seller;
        book.discounts(now).any(|(_, discount)| of(discount))
    };
    book.commitments(now).any(|(at, clause)| discounted(clause) || comes_with_more(book, owners, now, at, clause))
}

fn comes_with_more(book: &ContractBook, owners: &Owners, now: Time, at: TermRef, clause: &Commitment) -> bool {
    let buyer = owners.of_buyer(clause.buyer);
    let seller = owners.of_cloud[clause.seller.index()];
    let of_buyer = |lab: crate::ids::LabId| owners.of_lab[lab.index()] == buyer;
    let terms = (0u16..).zip(&book.contracts()[at.contract.index()].terms);
    let in_force = terms.filter(|(term, _)| book.is_in_force(TermRef { term: *term, ..at }, now));
    in_force.into_iter().any(|(_, dated)| match &dated.term {
        Term::Exclusivity(other) => of_buyer(other.grantor) && owners.of_cloud[other.holder.index()] == seller,
        Term::FirstShip(other) => of_buyer(other.lab),
        Term::Licence(other) => of_buyer(other.licensor) && other.licensee == seller,
        Term::RevenueShare(other) => (other.payer, other.payee) == (buyer, seller),
        Term::Investment(other) => (other.investor, other.issuer) == (seller, buyer) && other.on <= now,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{CloudId, ContractId, LabId, PartyId};
    use crate::market::contracts::{Contract, DatedTerm};
    use crate::market::terms::{Investment, Licence};
    use crate::units::{DayCount, Schedule, Usd};

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
            tie_in_factor: 1.5,
            on_commitments: vec![Remedy::PortingTime(0.8)],
            on_prohibition: vec![Remedy::ZeroLead],
            scripted: None,
        }
    }

    fn sight(hhi: f64, exclusivity: bool) -> Sight {
        Sight { hhi, exclusivity, ..Sight::default() }
    }

    fn draws(opening: f64, outcome: f64) -> MonthlyDraws {
        MonthlyDraws { opening, duration: 0.5, outcome }
    }

    #[test]
    fn the_hazard_rises_with_concentration_and_exclusivity() {
        // 0.1 + 0.2·(4000 − 2500)/1000 = 0.4 a year; twice that with an exclusivity.
        assert_eq!(regulator().hazard_per_year(&sight(2_000.0, false)), 0.1);
        assert!((regulator().hazard_per_year(&sight(4_000.0, false)) - 0.4).abs() < 1e-12);
        assert!((regulator().hazard_per_year(&sight(4_000.0, true)) - 0.8).abs() < 1e-12);
        // Half as much again if something is tied.
        let tied = Sight { tie_in: true, ..sight(4_000.0, true) };
        assert!((regulator().hazard_per_year(&tied) - 1.2).abs() < 1e-12);
    }

    #[test]
    fn a_case_opens_below_the_months_probability_and_not_above() {
        // 1 − exp(−0.4/12) = 0.032784.
        for (uniform, opens) in [(0.0327, true), (0.0328, false)] {
            let mut case = None;
            let fact = regulator().on_month(&mut case, Time(0), &sight(4_000.0, false), draws(uniform, 0.5));
            assert_eq!((fact.is_some(), case.is_some()), (opens, opens), "{uniform}");
        }
    }

    #[test]
    fn a_case_runs_its_drawn_time_and_ends_once() {
        let (regulator, mut case) = (regulator(), None);
        let mut month = |now: u64| regulator.on_month(&mut case, Time(now), &sight(9_000.0, true), draws(0.001, 0.7));
        assert_eq!(month(0), Some(RegulatoryFact::CaseOpened { regulator: RegulatorId(0) }));
        // 18 months of 365.25/12 days: 547.875 days, 47,336,400 s.
        assert_eq!(month(47_336_399), None);
        let closed = RegulatoryFact::CaseClosed { regulator: RegulatorId(0), outcome: Outcome::Commitments };
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
    fn each_outcome_brings_its_own_remedies_and_what_is_listed() {
        let brings = |outcome| regulator().remedies(outcome);
        assert_eq!(brings(Outcome::Cleared), []);
        assert_eq!(brings(Outcome::Commitments), [Remedy::SwitchingCosts(0.5), Remedy::PortingTime(0.8)]);
        assert_eq!(brings(Outcome::Prohibition), [Remedy::EndExclusivity(None), Remedy::ZeroLead]);
        let weaker = Regulator { ends_exclusivity: false, on_prohibition: vec![], ..regulator() };
        assert_eq!(weaker.remedies(Outcome::Prohibition), []);
    }

    #[test]
    fn a_scripted_case_opens_whatever_the_draw_and_takes_in_the_one_under_way() {
        let script = Scripted { opens: Time(5), outcome: Some(Outcome::Prohibition) };
        let regulator = Regulator { scripted: Some(script), ..regulator() };
        // A case that would be cleared is under way; at the meeting of the script another takes its place, for 18 months.
        let mut case = None;
        regulator.on_month(&mut case, Time(0), &sight(9_000.0, true), draws(0.001, 0.1));
        let seen = Sight { scripted: true, ..sight(0.0, false) };
        let opened = regulator.on_month(&mut case, Time(10), &seen, draws(0.999, 0.1));
        assert_eq!(opened, Some(RegulatoryFact::CaseOpened { regulator: RegulatorId(0) }));
        let quiet = sight(0.0, false);
        assert_eq!(regulator.on_month(&mut case, Time(47_336_409), &quiet, draws(0.999, 0.1)), None);
        let closed = RegulatoryFact::CaseClosed { regulator: RegulatorId(0), outcome: Outcome::Prohibition };
        assert_eq!(regulator.on_month(&mut case, Time(47_336_410), &quiet, draws(0.999, 0.1)), Some(closed));
    }

    #[test]
    fn a_commitment_is_tied_if_its_contract_gives_the_seller_more() {
        let (lab, cloud) = (PartyId(0), PartyId(1));
        let owners = Owners { of_lab: vec![lab], of_cloud: vec![cloud, PartyId(2)] };
        let stake = |investor| {
            Term::Investment(Investment {
                investor,
                issuer: lab,
                usd: Usd::CENT,
                on: Time(50),
                pre_money: None,
                stake: None,
            })
        };
        let tied = |more: Vec<Term>, now: u64| {
            let dated = |term| DatedTerm {
                id: "x".into(),
                from: Time(0),
                until: Time(90),
                signed: Time(0),
                term,
                source: None,
            };
            let terms = std::iter::once(Term::Commitment(commitment())).chain(more).map(dated).collect();
            let book =
                ContractBook::new(vec![Contract { id: ContractId(0), name: "deal".into(), terms, pending: vec![] }]);
            ties_in(&book, &owners, Time(now))
        };
        let discount = |seller| {
            Term::Discount(Discount { lab: LabId(0), seller: CloudId(seller), tiers: vec![], most_favoured: true })
        };
        assert!(!tied(vec![], 60));
        assert!(tied(vec![discount(0)], 60) && !tied(vec![discount(0)], 90) && !tied(vec![discount(1)], 60));
        // The stake is bought at 50, by the seller or by another.
        assert!(tied(vec![stake(cloud)], 50) && !tied(vec![stake(cloud)], 49));
        assert!(!tied(vec![stake(PartyId(2))], 60));
        let licence = |licensee| Term::Licence(Licence { licensor: LabId(0), licensee, exclusive: false });
        assert!(tied(vec![licence(cloud)], 60) && !tied(vec![licence(PartyId(2))], 60));
    }

    fn commitment() -> Commitment {
        Commitment {
            buyer: Buyer::Lab(LabId(0)),
            seller: CloudId(0),
            usd_per_year: Schedule::constant(1.0),
            day_count: DayCount::ActualActual,
            take_or_pay: 1.0,
            stacks: vec![],
            rolls_over: false,
            make_up_periods: 0,
            prepaid: Usd::ZERO,
            notice: None,
        }
    }

    #[test]
    fn opening_frequency_matches_the_hazard() {
        // 10,000 months at evenly spaced uniforms: the share below 1 − exp(−0.8/12) = 0.064493.
        let opens = (0..10_000).filter(|i| {
            let uniform = (f64::from(*i) + 0.5) / 10_000.0;
            regulator().on_month(&mut None, Time(0), &sight(4_000.0, true), draws(uniform, 0.5)).is_some()
        });
        assert_eq!(opens.count(), 645);
    }
}
