//! Charts of focal customers.

use super::*;
use crate::market::focal::Strategy;

impl Made {
    /// A customer that begins after a year, under three of the strategies.
    pub(super) fn focal(&mut self, noise: &mut Noise) {
        for (i, strategy) in Strategy::ALL.into_iter().take(3).enumerate() {
            let spend = noise.walk(13.0 + 0.2 * i as f64, 0.01, 0.02);
            let begun = |month: usize, value: f64| if month < 12 { f64::NAN } else { value };
            let mut add = |metric: &str, value: &dyn Fn(usize) -> f64| {
                self.add(metric, "bank", (0..MONTHS).map(|m| begun(m, value(m))));
                self.keys.last_mut().unwrap().counterparty = strategy.name().into();
            };
            add("focal_spend_usd", &|month| libm::exp(spend[month]));
            add("focal_latency_s", &|month| 0.3 + 0.4 / (1 + month) as f64);
            add("focal_down_hours", &|month| if month % 17 == 0 { 20.0 / (1 + i) as f64 } else { 0.0 });
            add("focal_movable_share", &|_| 0.5 * i as f64);
        }
    }
}

#[test]
fn a_page_shows_each_strategy_that_was_followed_from_the_customers_first_month_on() {
    let picture = Decade::new(3).picture("focal_customers_by_strategy");
    let Form::Grid(grid) = &picture.form else { panic!("a grid") };
    assert_eq!(grid.years.len(), MONTHS - 12);
    let rows: Vec<&str> = grid.rows.iter().map(|row| row.title.as_str()).collect();
    assert_eq!(rows, ["Single cloud", "Primary with fallback", "Multi-cloud"]);
    let last = |column: usize, row: usize| *grid.columns[column].bands[row].as_ref().unwrap().p50.last().unwrap();
    assert_eq!((last(3, 0), last(3, 1), last(3, 2)), (0.0, 0.5, 1.0));
    assert_eq!(picture.title, "A bank, by procurement strategy");
}

#[test]
fn without_focal_customers_there_is_no_such_chart() {
    let mut decade = Decade::new(2);
    decade.summary.series.retain(|series| !series.key.metric.starts_with("focal"));
    let chart = CHARTS.iter().find(|chart| chart.file == "focal_customers_by_strategy").unwrap();
    assert_eq!((chart.picture)(&decade.input()).unwrap_err(), "the scenario has no focal customer");
}
