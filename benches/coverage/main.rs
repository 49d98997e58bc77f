//! How often 95 % intervals hold the truth, over 1,000 synthetic experiments whose truth is known.
//!
//! `cargo bench --bench coverage`. With 1,000 experiments the share of a true 95 % lies within 93.6 and 96.4 % nineteen times
//! in twenty; it must lie within 93 and 97. The test `coverage` does the same with 200. Its output, the same on every machine:
//!
//! ```text
//! compare                           96.3 %  16.000 replications each
//! compare, to a tenth of the mean   96.1 %  158.010 replications each
//! solve, luck shared by points      94.6 %  0.074 of the runs of a grid of the same precision
//! solve, luck of each point         95.0 %  0.075 of the runs of a grid of the same precision
//! ```

mod experiments;

use experiments::{Coverage, RESTLESS, SHARED, of_adaptive_compare, of_compare, of_solve};

fn main() {
    let found: [(&str, Coverage, &str); 4] = [
        ("compare", of_compare(1_000), "replications each"),
        ("compare, to a tenth of the mean", of_adaptive_compare(1_000), "replications each"),
        ("solve, luck shared by points", of_solve(1_000, SHARED), "of the runs of a grid of the same precision"),
        ("solve, luck of each point", of_solve(1_000, RESTLESS), "of the runs of a grid of the same precision"),
    ];
    for (what, coverage, of_cost) in found {
        println!("{what:<32} {:>5.1} %  {:.3} {of_cost}", 100.0 * coverage.share(), coverage.cost);
        assert!((0.93..=0.97).contains(&coverage.share()), "{what} covers {coverage:?}");
    }
}
