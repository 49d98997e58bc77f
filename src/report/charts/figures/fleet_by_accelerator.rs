//! Which accelerators each cloud has installed.

use super::accelerators::{self, present};
use super::{MAX_PANELS, greatest, left_out_text};
use crate::report::charts::draw::frame::{Entry, Swatch};
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::draw::scale::Unit;
use crate::report::charts::forms::{AmountLayer, Form, StackPanel, StackPanels};
use crate::report::charts::input::{ChartInput, Series};
use crate::report::charts::picture::Picture;
use crate::report::summary::SeriesSummary;

/// What the types without a colour of their own are shown in.
const OTHERS: Colour = Colour::GRID;

pub fn picture(input: &ChartInput<'_>) -> Result<Picture, String> {
    let fleets: Vec<&SeriesSummary> = input.summary.of_metric("fleet_chips").collect();
    if fleets.is_empty() {
        return Err("the run recorded no fleet_chips".into());
    }
    let types = accelerators::most_used(input);
    let (shown, left_out) = greatest(input.series("fleet_h100e")?, MAX_PANELS, Series::peak);
    let panels = shown.iter().map(|cloud| panel(cloud, &fleets, &types)).collect();
    let mut legend: Vec<Entry> =
        types.iter().map(|(id, colour)| Entry::new(Swatch::Area(*colour, 1.0), input.name(id))).collect();
    if fleets.iter().any(|fleet| !types.iter().any(|(id, _)| *id == fleet.key.counterparty)) {
        legend.push(Entry::new(Swatch::Area(OTHERS, 1.0), "Other types"));
    }
    let of_what = if input.has_bands() { "; means of the replications" } else { "" };
    Ok(Picture {
        title: "Fleet by accelerator, at each cloud".into(),
        subtitle: format!("Accelerators installed at month end; scales differ{of_what}"),
        legend,
        marks: input.marks(),
        source: input.source("") + &left_out_text(left_out, "cloud"),
        form: Form::StackPanels(StackPanels { years: input.years(), unit: Unit::Count, panels }),
    })
}

fn panel(cloud: &Series<'_>, fleets: &[&SeriesSummary], types: &[(&str, Colour)]) -> StackPanel {
    let own: Vec<&&SeriesSummary> = fleets.iter().filter(|fleet| fleet.key.entity == cloud.id).collect();
    let amounts = |of: &dyn Fn(&str) -> bool| {
        let mut sum = vec![0.0; cloud.spreads.len()];
        for fleet in own.iter().filter(|fleet| of(&fleet.key.counterparty)) {
            sum.iter_mut().zip(&fleet.spreads).for_each(|(sum, spread)| *sum += present(spread.mean));
        }
        sum
    };
    let others = amounts(&|id| !types.iter().any(|(kind, _)| *kind == id));
    let mut layers = vec![AmountLayer { colour: OTHERS, amounts: others }];
    layers.extend(
        types.iter().map(|(kind, colour)| AmountLayer { colour: *colour, amounts: amounts(&|id| id == *kind) }),
    );
    StackPanel { title: cloud.name.clone(), colour: cloud.colour, layers }
}
