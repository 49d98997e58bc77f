//! Regulators, their cases and what these bring.

use super::Resolver;
use crate::ids::RegulatorId;
use crate::market::regulation::{Outcome, Regulator, Remedy, Scripted, WatchedMarket};
use crate::market::terms::Scope;
use crate::scenario::schema::{OutcomeSpec, RegulatorSpec, RemedySpec, ScopeSpec, WatchedMarketSpec};

impl Resolver<'_> {
    pub(super) fn regulators(&mut self) -> (Vec<Regulator>, Vec<String>) {
        let root = self.spec;
        let regulators = root.regulators.iter().enumerate();
        let resolved = regulators
            .map(|(i, (id, spec))| {
                let at = |field: &str| format!("regulators.{id}.{field}");
                let regulator = Regulator {
                    id: RegulatorId::new(i),
                    market: match spec.market {
                        WatchedMarketSpec::Infrastructure => WatchedMarket::Infrastructure,
                        WatchedMarketSpec::Models => WatchedMarket::Models,
                    },
                    base_hazard_per_year: self.at_least(&at("base_hazard_per_year"), &spec.base_hazard_per_year, 0.0),
                    hhi_threshold: self.at_least(&at("hhi_threshold"), &spec.hhi_threshold, 0.0),
                    hazard_per_1000_points: self.at_least(
                        &at("hazard_per_1000_points"),
                        &spec.hazard_per_1000_points,
                        0.0,
                    ),
                    exclusivity_factor: self.at_least(&at("exclusivity_factor"), &spec.exclusivity_factor, 0.0),
                    tie_in_factor: spec
                        .tie_in_factor
                        .as_ref()
                        .map_or(1.0, |factor| self.at_least(&at("tie_in_factor"), factor, 0.0)),
                    case_months: self.durations(&at("case_months"), &spec.case_months),
                    p_commitments: self.share(&at("p_commitments"), &spec.p_commitments),
                    p_prohibition: self.share(&at("p_prohibition"), &spec.p_prohibition),
                    switching_cost_factor: self.at_least(
                        &at("switching_cost_factor"),
                        &spec.switching_cost_factor,
                        0.0,
                    ),
                    ends_exclusivity: spec.ends_exclusivity,
                    on_commitments: self.remedies(&at("on_commitments"), &spec.on_commitments),
                    on_prohibition: self.remedies(&at("on_prohibition"), &spec.on_prohibition),
                    scripted: self.scripted(&at("outcome"), spec),
                };
                let total = regulator.p_commitments + regulator.p_prohibition;
                if total > 1.0 {
                    let message = format!("the probabilities of the outcomes sum to {total:.4}, over 1");
                    self.find(&at("p_prohibition"), message);
                }
                (regulator, id.clone())
            })
            .collect::<Vec<_>>();
        resolved.into_iter().unzip()
    }

    fn remedies(&mut self, path: &str, specs: &[RemedySpec]) -> Vec<Remedy> {
        let remedy = |(i, spec): (usize, &RemedySpec)| {
            let at = format!("{path}.{i}.factor");
            match spec {
                RemedySpec::SwitchingCosts { factor } => Remedy::SwitchingCosts(self.at_least(&at, factor, 0.0)),
                RemedySpec::PortingTime { factor } => Remedy::PortingTime(self.at_least(&at, factor, 0.0)),
                RemedySpec::EndExclusivity { scope: ScopeSpec::Compute } => {
                    Remedy::EndExclusivity(Some(Scope::Compute))
                }
                RemedySpec::EndExclusivity { scope: ScopeSpec::Distribution } => {
                    Remedy::EndExclusivity(Some(Scope::Distribution))
                }
                RemedySpec::EndExclusivity { scope: ScopeSpec::Product } => {
                    Remedy::EndExclusivity(Some(Scope::Product))
                }
                RemedySpec::ZeroLead => Remedy::ZeroLead,
                RemedySpec::OpenLicences => Remedy::OpenLicences,
            }
        };
        specs.iter().enumerate().map(remedy).collect()
    }

    /// The case that opens for certain; an outcome without a day is refused at `path`.
    fn scripted(&mut self, path: &str, spec: &RegulatorSpec) -> Option<Scripted> {
        let outcome = spec.outcome.as_ref().map(|outcome| match outcome {
            OutcomeSpec::Cleared => Outcome::Cleared,
            OutcomeSpec::Commitments => Outcome::Commitments,
            OutcomeSpec::Prohibition => Outcome::Prohibition,
        });
        if outcome.is_some() && spec.opens.is_none() {
            self.find(path, "an outcome is told of a case that `opens` on a day");
        }
        spec.opens.map(|date| Scripted { opens: self.time(date.0), outcome })
    }
}
