//! Forecasts that need no simulator: what a simulator has to beat.

use crate::units::CivilDate;

/// Days over which a trend is measured.
const TREND_DAYS: i64 = 366;

/// The last value seen; none if nothing was.
pub fn carried_forward(seen: &[(CivilDate, f64)]) -> Option<f64> {
    seen.last().map(|(_, value)| *value)
}

/// The straight line through what was seen in the last year (least squares over days), continued to `day`; none with
/// fewer than two observations in that year.
pub fn trend(seen: &[(CivilDate, f64)], day: CivilDate) -> Option<f64> {
    let (last, _) = seen.last()?;
    let days = |date: CivilDate| date.days_since(*last) as f64;
    let year: Vec<(f64, f64)> = seen
        .iter()
        .filter(|(date, _)| last.days_since(*date) <= TREND_DAYS)
        .map(|(date, value)| (days(*date), *value))
        .collect();
    let n = year.len() as f64;
    if year.len() < 2 {
        return None;
    }
    let (mean_x, mean_y) = (year.iter().map(|p| p.0).sum::<f64>() / n, year.iter().map(|p| p.1).sum::<f64>() / n);
    let covariance: f64 = year.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let variance: f64 = year.iter().map(|(x, _)| (x - mean_x) * (x - mean_x)).sum();
    (variance > 0.0).then(|| mean_y + covariance / variance * (days(day) - mean_x))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> CivilDate {
        CivilDate::parse(text).unwrap()
    }

    #[test]
    fn the_last_value_is_carried_forward() {
        assert_eq!(carried_forward(&[(day("2024-01-31"), 3.0), (day("2024-02-29"), 5.0)]), Some(5.0));
        assert_eq!(carried_forward(&[]), None);
    }

    /// 10 a hundred days, so 12 more in 120 days; what is older than a year does not count.
    #[test]
    fn a_line_is_continued() {
        let seen = [(day("2022-01-01"), 900.0), (day("2024-01-01"), 10.0), (day("2024-04-10"), 20.0)];
        let ahead = day("2024-04-10").plus_days(120).unwrap();
        assert!((trend(&seen, ahead).unwrap() - 32.0).abs() < 1e-9);
        assert_eq!(trend(&seen[..1], ahead), None);
        assert_eq!(trend(&[seen[0], seen[1]], ahead), None);
    }
}
