//! The kinds of reference cases: what each is computed with, or why the market has no use for it.

use super::fields::Fields;
use super::value::Quantities;
use super::{
    Effort, choice, clauses, demand, finance, ledgers, power, pricing, queues, rationing, redundancy, sampling,
    sensitivity, statistics,
};

/// The computation of a case whose inputs were read.
pub(super) type Task = Box<dyn Fn(&Effort<'_>) -> Quantities + Send + Sync>;

/// What becomes of the cases of a kind.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Computed; the function reads the inputs, given the case's id.
    Computed(fn(&mut Fields<'_>, &str) -> Task),
    /// Not computed, with the reason.
    Skipped(&'static str),
}

/// What becomes of the cases of the kind called `name`.
pub(super) fn kind_of(name: &str) -> Kind {
    let known = KINDS.iter().find(|(kind, _)| *kind == name);
    known.map_or(Kind::Skipped("unknown kind"), |(_, kind)| *kind)
}

/// The kinds that are computed, in the order of the reference files.
pub fn computed() -> impl Iterator<Item = &'static str> {
    KINDS.iter().filter(|(_, kind)| matches!(kind, Kind::Computed(_))).map(|(name, _)| *name)
}

const NO_QUANTITY_GAME: &str = "capacity follows from orders and power; no game in quantities is solved";
const NO_LEARNING_CURVE: &str = "prices of chips are schedules of the scenario; none falls with cumulative output";
const NO_TEST_OF_FIT: &str = "no distribution is tested for its fit yet";

const KINDS: &[(&str, Kind)] = &[
    ("mm1", Kind::Computed(queues::mm1)),
    ("mmc", Kind::Computed(queues::mmc)),
    ("erlang_b", Kind::Computed(queues::erlang_b)),
    ("mmck", Kind::Computed(queues::mmck)),
    ("mg1", Kind::Computed(queues::mg1)),
    ("mmc_priority", Kind::Computed(queues::mmc_priority)),
    ("mmc_priority_different_rates", Kind::Computed(queues::mmc_priority_different_rates)),
    ("mg1_priority", Kind::Computed(queues::mg1_priority)),
    ("mm_inf", Kind::Computed(queues::mm_inf)),
    ("machine_repair", Kind::Computed(queues::machine_repair)),
    ("k_of_n", Kind::Computed(redundancy::k_of_n)),
    ("k_of_n_mttf_no_repair", Kind::Computed(redundancy::k_of_n_mttf_no_repair)),
    ("k_of_n_mttf_with_repair", Kind::Computed(queues::k_of_n_mttf_with_repair)),
    ("erlang_a", Kind::Computed(queues::erlang_a)),
    ("ggc", Kind::Computed(queues::ggc)),
    ("gang_queue", Kind::Computed(queues::gangs::queue)),
    ("gang_trace", Kind::Computed(queues::gangs::trace)),
    ("mnl_shares", Kind::Computed(choice::mnl)),
    ("mnl_overflow", Kind::Computed(choice::mnl)),
    ("nested_logit_shares", Kind::Computed(choice::nested)),
    ("nested_logit_inversion", Kind::Computed(choice::inversion)),
    ("logit_switching_cost", Kind::Computed(choice::switching)),
    ("logit_monopoly", Kind::Computed(pricing::monopoly)),
    ("bertrand_nash", Kind::Computed(pricing::bertrand_nash)),
    ("merger", Kind::Computed(pricing::before_and_after)),
    ("cost_shock", Kind::Computed(pricing::before_and_after)),
    ("rationing", Kind::Computed(rationing::rationing)),
    ("cournot_linear", Kind::Skipped(NO_QUANTITY_GAME)),
    ("cournot_capacity_constrained", Kind::Skipped(NO_QUANTITY_GAME)),
    ("kreps_scheinkman_pure_region", Kind::Skipped(NO_QUANTITY_GAME)),
    ("edgeworth_mixed", Kind::Skipped(NO_QUANTITY_GAME)),
    ("cournot_to_competition", Kind::Skipped(NO_QUANTITY_GAME)),
    ("residual_demand", Kind::Skipped(NO_QUANTITY_GAME)),
    ("bass", Kind::Computed(demand::bass)),
    ("bass_discrete", Kind::Skipped("adoption follows the curve in continuous time")),
    ("learning_curve_unit", Kind::Skipped(NO_LEARNING_CURVE)),
    ("learning_curve_cumulative_average", Kind::Skipped(NO_LEARNING_CURVE)),
    ("learning_experience_stock", Kind::Skipped(NO_LEARNING_CURVE)),
    ("constant_elasticity", Kind::Computed(demand::constant_elasticity)),
    ("logistic", Kind::Computed(demand::logistic_curve)),
    ("gompertz", Kind::Skipped("users of products grow along a logistic curve")),
    ("ishigami", Kind::Computed(sensitivity::ishigami)),
    ("sobol_g", Kind::Computed(sensitivity::sobol_g)),
    ("linear", Kind::Computed(sensitivity::linear)),
    ("sobol_estimator_exact_ishigami", Kind::Computed(sensitivity::given_ishigami)),
    ("sobol_estimator_exact_sobol_g", Kind::Computed(sensitivity::given_sobol_g)),
    ("morris_exact", Kind::Computed(sensitivity::given_trajectories)),
    ("sobol_sequence", Kind::Computed(sampling::sobol_sequence)),
    ("sobol_sequence_property", Kind::Computed(sampling::sobol_stratification)),
    ("discrepancy_latin_hypercube", Kind::Computed(sampling::discrepancy)),
    ("discrepancy_iid_uniform", Kind::Computed(sampling::discrepancy)),
    ("lhs_variance_additive", Kind::Computed(sampling::latin_hypercube)),
    ("t_interval", Kind::Computed(statistics::t_interval)),
    ("variance_cancellation", Kind::Computed(statistics::variance_cancellation)),
    ("quantile_functions", Kind::Skipped("quantiles of χ² have no use here")),
    ("paired_t_crn", Kind::Computed(statistics::paired_t)),
    ("welch_t", Kind::Computed(statistics::welch_t)),
    ("batch_means", Kind::Skipped("replications are independent; no run is cut into batches")),
    ("bootstrap_bca_exhaustive", Kind::Computed(statistics::exhaustive_bootstrap)),
    ("bootstrap_given_indices", Kind::Computed(statistics::given_bootstrap)),
    ("quantile_type7", Kind::Computed(statistics::quantile_type7)),
    ("multiple_testing", Kind::Computed(statistics::multiple_testing)),
    ("sequential_stopping", Kind::Computed(statistics::sequential_stopping)),
    ("absolute_precision_sample_size", Kind::Computed(statistics::absolute_precision)),
    ("mser5", Kind::Skipped("a market has a history and no steady state; nothing of it is cut off as warm-up")),
    ("ks_tests", Kind::Skipped(NO_TEST_OF_FIT)),
    ("kaplan_meier", Kind::Skipped("no lifetime is estimated from data")),
    ("proportion_interval", Kind::Skipped("no share of replications is told with an interval")),
    ("npv_irr", Kind::Computed(finance::npv_irr)),
    ("multiple_irr", Kind::Computed(finance::multiple_irr)),
    ("annuity", Kind::Computed(finance::annuity)),
    ("straight_line", Kind::Computed(finance::straight_line)),
    ("levelised_cost", Kind::Computed(finance::levelised_cost)),
    ("levelised_cost_hand", Kind::Computed(finance::levelised_cost_hand)),
    ("day_counts", Kind::Computed(clauses::day_counts)),
    ("capped_revenue_share", Kind::Computed(ledgers::capped_revenue_share)),
    ("take_or_pay", Kind::Computed(ledgers::take_or_pay)),
    ("prorated_commitment", Kind::Computed(clauses::prorated_commitment)),
    ("exclusivity_window", Kind::Computed(ledgers::exclusivity_window)),
    ("tiered_capped_share", Kind::Computed(clauses::tiered_capped_share)),
    ("pue_arithmetic", Kind::Computed(power::pue_arithmetic)),
    ("pue_aggregate", Kind::Computed(power::pue_aggregate)),
    ("feasible_chips", Kind::Computed(power::feasible_chips)),
    ("phased_energisation", Kind::Computed(power::phased_energisation)),
    ("feed_capacity_table", Kind::Computed(redundancy::feed_capacity_table)),
    ("k_of_n_feeds", Kind::Computed(redundancy::k_of_n_feeds)),
    ("n_plus_1", Kind::Computed(redundancy::n_plus_1)),
    ("power_capped_mix", Kind::Computed(power::power_capped_mix)),
    ("curtailment", Kind::Computed(power::curtailment)),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_kind_stands_once_and_skips_for_a_reason() {
        let names: BTreeSet<&str> = KINDS.iter().map(|(name, _)| *name).collect();
        assert_eq!(names.len(), KINDS.len());
        for (name, kind) in KINDS {
            if let Kind::Skipped(reason) = kind {
                assert!(reason.split_whitespace().count() > 4, "{name}: {reason}");
            }
        }
    }
}
