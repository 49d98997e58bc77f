//! What the charts of shares have in common: a stack of means, and bands around medians.

use super::{MAX_PANELS, greatest, left_out_text, legend_of, panels_of};
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::draw::scale::Unit;
use crate::report::charts::forms::{Form, Layer, StackedShares};
use crate::report::charts::input::ChartInput;
use crate::report::charts::picture::Picture;

/// Layers that labels at the right end have room for.
const MAX_LAYERS: usize = 14;

/// A metric of shares and the words for it.
pub(super) struct Shares {
    /// Name of the metric.
    pub metric: &'static str,
    /// What is shared.
    pub title: &'static str,
    /// Of what the shares are parts.
    pub of: &'static str,
    /// `cloud` or `lab`.
    pub entity: &'static str,
}

/// Means, because they add up to 100 % and medians do not.
pub(super) fn stack(input: &ChartInput<'_>, shares: &Shares) -> Result<Picture, String> {
    let series = input.series(shares.metric)?;
    let all = series.iter().map(|s| Layer { label: s.name.clone(), colour: s.colour, shares: s.means() }).collect();
    let stack = StackedShares::new(&input.years(), with_others(all));
    if stack.years.is_empty() {
        return Err(format!("{} is zero throughout", shares.metric));
    }
    let of_what = if input.has_bands() { ", mean of the replications" } else { "" };
    Ok(Picture {
        title: format!("{}, by {}", shares.title, shares.entity),
        subtitle: format!("% of {}{of_what}", shares.of),
        legend: Vec::new(),
        marks: input.marks(),
        source: input.source("Areas are means, which add up to 100%."),
        form: Form::StackedShares(stack),
    })
}

/// The smallest layers as one, where there are too many to name.
pub(super) fn with_others(layers: Vec<Layer>) -> Vec<Layer> {
    if layers.len() <= MAX_LAYERS {
        return layers;
    }
    let dates = layers[0].shares.len();
    let present = |share: f64| if share.is_finite() { share } else { 0.0 };
    let peak = |layer: &Layer| layer.shares.iter().copied().filter(|s| s.is_finite()).fold(0.0, f64::max);
    let total: Vec<f64> = (0..dates).map(|i| layers.iter().map(|layer| present(layer.shares[i])).sum()).collect();
    let (mut kept, left_out) = greatest(layers, MAX_LAYERS - 1, peak);
    let rest = (0..dates).map(|i| total[i] - kept.iter().map(|layer| present(layer.shares[i])).sum::<f64>());
    let shares = rest.map(|share| share.max(0.0)).collect();
    kept.push(Layer { label: format!("{left_out} others"), colour: Colour::GRID, shares });
    kept
}

pub(super) fn bands(input: &ChartInput<'_>, shares: &Shares) -> Result<Picture, String> {
    let all = input.series(shares.metric)?;
    let (series, left_out) = greatest(all, MAX_PANELS, |series| series.peak());
    let range = if input.has_bands() { ": the range of outcomes" } else { "" };
    Ok(Picture {
        title: format!("{}, by {}{range}", shares.title, shares.entity),
        subtitle: format!("% of {}", shares.of),
        legend: legend_of(input, &series),
        marks: input.marks(),
        source: input.source_of_bands() + &left_out_text(left_out, shares.entity),
        form: Form::LinePanels(panels_of(input, &series, Unit::Share, false)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_layers_become_one() {
        let layer = |i: usize| Layer { label: i.to_string(), colour: Colour::INK, shares: vec![i as f64, f64::NAN] };
        let layers = with_others((1..=16).map(layer).collect());
        assert_eq!(layers.len(), MAX_LAYERS);
        let last = layers.last().unwrap();
        assert_eq!((last.label.as_str(), last.shares[0], last.shares[1]), ("3 others", 1.0 + 2.0 + 3.0, 0.0));
    }
}
