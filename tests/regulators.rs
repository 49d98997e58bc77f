//! A scripted case in a whole market: it opens and closes on its days, and what it ends is over.

#[path = "shipped/mod.rs"]
mod shipped;

use cloudmarket::model::Options;
use cloudmarket::model::record::Recorded;

fn value(recorded: &Recorded, metric: &str, entity: &str, counterparty: &str, date: &str) -> f64 {
    let is = |key: &cloudmarket::model::record::SeriesKey| {
        (key.metric.as_str(), key.entity.as_str(), key.counterparty.as_str()) == (metric, entity, counterparty)
    };
    let series = recorded.keys.iter().position(is).unwrap_or_else(|| panic!("{metric} of {entity}"));
    recorded.series(series)[recorded.dates.iter().position(|day| day == date).unwrap()]
}

/// The case opens at the meeting of 2026-07-01 and takes 14 months of 30.4375 days, to 2027-08-31, 03:00; it closes at
/// the meeting of the day after.
#[test]
fn a_scripted_case_opens_and_closes_on_its_days() {
    let mut settings = shipped::thinned("regulator-intervenes", 20);
    settings.push("horizon.end=\"2027-12-31\"".into());
    let recorded = shipped::run(&shipped::read("regulator-intervenes", &settings), 0, Options::default()).recorded;
    let open = |date| value(&recorded, "cases_open", "european-commission", "", date);
    let closed = |date| value(&recorded, "cases_closed", "european-commission", "prohibition", date);
    assert_eq!(["2026-07-31", "2027-08-31", "2027-09-30"].map(open), [1.0, 1.0, 0.0]);
    assert_eq!(closed("2027-09-30") - closed("2027-08-31"), 1.0);
}
