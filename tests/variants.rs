//! Each shipped variant moves the metrics that its `about` names, in the direction stated, with a paired 95 % interval
//! that excludes zero, by more than a tenth of a percentage point or one percent.

mod shipped;

use cloudmarket::experiment::paired::paired_difference;
use cloudmarket::model::Options;
use rayon::prelude::*;

/// Pairs of replications on common random numbers.
const PAIRS: u32 = 8;

/// What an `about` expects: the metric of an entity, meaned over the months of a period, goes up or down.
struct Expected {
    variant: &'static str,
    metric: &'static str,
    entity: &'static str,
    from: &'static str,
    to: &'static str,
    up: bool,
    /// Smallest change that counts: absolute for a share, relative otherwise.
    least: f64,
    relative: bool,
}

const fn share(variant: &'static str, metric: &'static str, entity: &'static str, up: bool) -> Expected {
    Expected { variant, metric, entity, from: "2026-06-30", to: "2030-12-31", up, least: 0.001, relative: false }
}

const fn level(variant: &'static str, metric: &'static str, entity: &'static str, up: bool) -> Expected {
    Expected { variant, metric, entity, from: "2026-10-31", to: "2029-12-31", up, least: 0.01, relative: true }
}

const EXPECTED: [Expected; 9] = [
    share("exclusivity-stays", "share_revenue", "azure", true),
    share("exclusivity-stays", "share_revenue", "aws", false),
    share("trainium-leap", "share_compute", "aws", true),
    level("trainium-leap", "levelised_cost_usd_per_h100e_hour", "trainium-3", false),
    level("power-slips", "energized_mw", "azure", false),
    level("power-slips", "energized_mw", "aws", false),
    level("power-slips", "energized_mw", "google-cloud", false),
    level("power-slips", "price_usd_per_h100e_hour", "google-cloud", true),
    level("power-slips", "price_usd_per_h100e_hour", "aws", true),
];

/// Mean of each expected metric over its period, in every replication of a scenario.
fn means(stem: &str) -> Vec<Vec<(u32, f64)>> {
    let scenario = shipped::read(stem, &shipped::thinned(stem, 3));
    let runs: Vec<_> =
        (0..PAIRS).into_par_iter().map(|r| (r, shipped::run(&scenario, r, Options::default()))).collect();
    let mean_of = |expected: &Expected, recorded: &cloudmarket::model::record::Recorded| {
        let series = recorded.keys.iter().position(|k| k.metric == expected.metric && k.entity == expected.entity);
        let values = recorded.series(series.expect("a series of that name"));
        let dated = recorded.dates.iter().zip(values);
        let period =
            dated.filter(|(date, v)| date.as_str() >= expected.from && date.as_str() <= expected.to && v.is_finite());
        let (sum, n) = period.fold((0.0, 0.0), |(sum, n), (_, value)| (sum + value, n + 1.0));
        sum / n
    };
    EXPECTED.iter().map(|e| runs.iter().map(|(r, run)| (*r, mean_of(e, &run.recorded))).collect()).collect()
}

#[test]
fn each_variant_moves_what_its_about_names() {
    let baseline = means("baseline");
    for variant in ["exclusivity-stays", "trainium-leap", "power-slips"] {
        let about = &shipped::read(variant, &[]).spec().about.clone();
        let values = means(variant);
        for (i, expected) in EXPECTED.iter().enumerate().filter(|(_, e)| e.variant == variant) {
            assert!(about.contains(expected.metric), "{variant}: its about does not name {}", expected.metric);
            let paired = paired_difference(&baseline[i], &values[i]).expect("pairs");
            let half_width = paired.spread.expect("several pairs").half_width;
            let base = baseline[i].iter().map(|(_, v)| v).sum::<f64>() / f64::from(PAIRS);
            let moved = if expected.relative { paired.mean / base } else { paired.mean };
            let told = format!(
                "{variant}: {} of {} moved by {moved:.4} ± {:.4}",
                expected.metric,
                expected.entity,
                half_width / if expected.relative { base } else { 1.0 }
            );
            assert!((moved > 0.0) == expected.up, "{told}");
            assert!(moved.abs() > expected.least, "{told}");
            assert!(paired.mean.abs() > half_width, "{told}");
        }
    }
}
