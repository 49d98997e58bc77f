//! 95 % intervals hold the truth about as often as they say, over 200 synthetic experiments; `benches/coverage` has 1,000.

#[path = "../benches/coverage/experiments.rs"]
mod experiments;

use experiments::{Coverage, RESTLESS, SHARED, of_adaptive_compare, of_compare, of_solve};

#[track_caller]
fn covers(coverage: Coverage) {
    assert!((0.91..=0.99).contains(&coverage.share()), "{coverage:?}");
}

#[test]
fn intervals_of_compare_hold_the_truth() {
    covers(of_compare(200));
}

#[test]
fn intervals_of_as_many_replications_as_are_needed_hold_the_truth() {
    let coverage = of_adaptive_compare(200);
    covers(coverage);
    assert!(coverage.cost > 16.5, "no replication was added: {coverage:?}");
}

#[test]
fn intervals_of_solve_hold_the_truth_at_a_fifth_of_the_runs_of_a_grid() {
    for luck in [SHARED, RESTLESS] {
        let coverage = of_solve(200, luck);
        covers(coverage);
        assert!(coverage.cost < 0.2, "{coverage:?}");
    }
}
