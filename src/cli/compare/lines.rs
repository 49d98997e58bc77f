//! What a comparison says of each series.

use super::Selection;
use super::sample::{Sample, paired_window};
use crate::cli::scenarios::Scenario;
use crate::cli::text::{Side, figure, table};
use crate::experiment::paired::PairedDifference;
use crate::experiment::statistics::multiple::{benjamini_hochberg, holm};
use crate::experiment::statistics::two_sided_p;
use crate::model::record::SeriesKey;

/// One series of one comparison.
pub(super) struct Line<'a> {
    stem: &'a str,
    key: &'a SeriesKey,
    pub difference: PairedDifference,
    /// None if there is a single pair, or all differences are equal: then no chance is in it.
    p: Option<Probability>,
}

/// How likely chance alone is to bring a difference as far from 0.
#[derive(Clone, Copy)]
struct Probability {
    alone: f64,
    /// Adjusted for all lines, after Holm.
    holm: f64,
    /// Adjusted for all lines, after Benjamini and Hochberg.
    false_discoveries: f64,
}

/// By scenario, metric in the order asked for, entity and counterparty; series that only one scenario has are left
/// out.
pub(super) fn differences<'a>(
    scenarios: &'a [Box<dyn Scenario>],
    samples: &'a [Sample],
    selection: &Selection,
) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for (scenario, sample) in scenarios.iter().zip(samples).skip(1) {
        for metric in &selection.metrics {
            lines.extend(samples[0].series.keys().filter(|key| key.metric == *metric).filter_map(|key| {
                let difference = paired_window(&samples[0], sample, key)?;
                Some(Line { stem: scenario.study().stem(), key, difference, p: None })
            }));
        }
    }
    adjust(&mut lines);
    lines
}

fn adjust(lines: &mut [Line<'_>]) {
    let tested: Vec<(&mut Line<'_>, f64)> = lines
        .iter_mut()
        .filter_map(|line| {
            let t = line.difference.spread?.t?;
            let p = two_sided_p(t, line.difference.pairs);
            Some((line, p))
        })
        .collect();
    let alone: Vec<f64> = tested.iter().map(|(_, p)| *p).collect();
    let adjusted = holm(&alone).into_iter().zip(benjamini_hochberg(&alone));
    for ((line, alone), (holm, false_discoveries)) in tested.into_iter().zip(adjusted) {
        line.p = Some(Probability { alone, holm, false_discoveries });
    }
}

/// An entity, and the counterparty if there is one.
pub(super) fn entity_of(key: &SeriesKey) -> String {
    match key.counterparty.as_str() {
        "" => key.entity.clone(),
        counterparty => format!("{} / {counterparty}", key.entity),
    }
}

impl Line<'_> {
    fn row(&self) -> [String; 10] {
        let PairedDifference { pairs, base_mean, other_mean, mean, spread } = &self.difference;
        let if_known = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), figure);
        [
            self.stem.to_owned(),
            self.key.metric.clone(),
            entity_of(self.key),
            figure(*base_mean),
            figure(*other_mean),
            figure(*mean),
            if_known(spread.map(|spread| spread.half_width)),
            self.p.map_or_else(|| "-".to_owned(), |p| probability(p.holm)),
            if_known(spread.and_then(|spread| spread.variance_reduction)),
            pairs.to_string(),
        ]
    }

    pub fn to_json(&self) -> serde_json::Value {
        let PairedDifference { pairs, base_mean, other_mean, mean, spread } = &self.difference;
        serde_json::json!({
            "scenario": self.stem,
            "metric": self.key.metric,
            "entity": self.key.entity,
            "counterparty": self.key.counterparty,
            "pairs": pairs,
            "base_mean": base_mean,
            "other_mean": other_mean,
            "difference": mean,
            "sd": spread.map(|spread| spread.sd),
            "half_width_95": spread.map(|spread| spread.half_width),
            "half_width_95_if_independent": spread.map(|spread| spread.independent_half_width),
            "t": spread.and_then(|spread| spread.t),
            "p_two_sided": self.p.map(|p| p.alone),
            "p_holm": self.p.map(|p| p.holm),
            "p_benjamini_hochberg": self.p.map(|p| p.false_discoveries),
            "variance_reduction": spread.and_then(|spread| spread.variance_reduction),
        })
    }
}

/// A probability with three decimals; what rounds to none is only said to be small.
fn probability(p: f64) -> String {
    if p < 0.0005 { "<0.001".to_owned() } else { format!("{p:.3}") }
}

pub(super) fn text_of(lines: &[Line<'_>]) -> String {
    let rows: Vec<[String; 10]> = lines.iter().map(Line::row).collect();
    let headings = [
        ("scenario", Side::Left),
        ("metric", Side::Left),
        ("entity", Side::Left),
        ("base", Side::Right),
        ("other", Side::Right),
        ("difference", Side::Right),
        ("+- 95 %", Side::Right),
        ("p (Holm)", Side::Right),
        ("var. red.", Side::Right),
        ("pairs", Side::Right),
    ];
    table(headings, &rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::paired::paired_difference;

    /// t = 2√3 and 4√3 of 2 degrees of freedom: p = 1 − t/√(2 + t²) = 0.0742 and 0.0202, the smaller of which counts twice.
    #[test]
    fn probabilities_are_adjusted_for_all_lines_that_have_one() {
        let key = SeriesKey { metric: "m".into(), entity: "e".into(), counterparty: String::new() };
        let line = |others: [f64; 3]| {
            let numbered = |values: [f64; 3]| (0..).zip(values).collect::<Vec<(u32, f64)>>();
            let difference = paired_difference(&numbered([0.0; 3]), &numbered(others)).unwrap();
            Line { stem: "s", key: &key, difference, p: None }
        };
        let mut lines = [line([1.0, 2.0, 3.0]), line([5.0, 5.0, 5.0]), line([3.0, 4.0, 5.0])];
        adjust(&mut lines);
        let exact = |t: f64| 1.0 - t / (2.0 + t * t).sqrt();
        let (large, small) = (exact(12.0_f64.sqrt()), exact(48.0_f64.sqrt()));
        let found = lines.iter().map(|line| line.p.map(|p| p.holm)).collect::<Vec<_>>();
        assert!((found[0].unwrap() - large).abs() < 1e-12 && (found[2].unwrap() - 2.0 * small).abs() < 1e-12);
        assert_eq!((found[1], probability(0.000_4), probability(0.040_4)), (None, "<0.001".into(), "0.040".into()));
    }
}
