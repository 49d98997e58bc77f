//! Whose models serve the products that may use those of several labs.

use super::shares::with_others;
use super::{MAX_PANELS, greatest, left_out_text};
use crate::report::charts::draw::frame::{Entry, Swatch};
use crate::report::charts::draw::scale::Unit;
use crate::report::charts::forms::{AmountLayer, Form, Layer, StackPanel, StackPanels, StackedShares};
use crate::report::charts::input::ChartInput;
use crate::report::charts::picture::Picture;
use crate::report::summary::{SeriesSummary, Spread};

/// A product and the shares of labs that served it.
struct Brokered<'a> {
    product: &'a str,
    parts: Vec<&'a SeriesSummary>,
}

pub fn picture(input: &ChartInput<'_>) -> Result<Picture, String> {
    let all = brokered(input);
    if all.is_empty() {
        return Err("no product was served by models of several labs".into());
    }
    let of_what = if input.has_bands() { ", mean of the replications" } else { "" };
    let one = all.len() == 1;
    let title = match one {
        true => format!("Whose models serve {}", input.name(all[0].product)),
        false => "Whose models serve products that use those of several labs".into(),
    };
    let legend = if one { Vec::new() } else { legend(input, &all) };
    let (shown, left_out) = greatest(all, MAX_PANELS, |brokered| brokered.parts.len() as f64);
    Ok(Picture {
        title,
        subtitle: format!("% of the product’s tokens served in the month, by lab{of_what}"),
        legend,
        marks: input.marks(),
        source: input.source("Areas are means, which add up to 100%.") + &left_out_text(left_out, "product"),
        form: if one { labelled(input, &shown[0]) } else { panels(input, &shown) },
    })
}

/// Products of which at least two labs served something, with those labs in the scenario's order.
fn brokered<'a>(input: &ChartInput<'a>) -> Vec<Brokered<'a>> {
    let summary = input.summary;
    let served = |spread: &Spread| spread.mean.is_finite() && spread.mean > 0.0;
    let parts = summary.of_metric("product_share_tokens").filter(|part| part.spreads.iter().any(served));
    let mut found: Vec<Brokered<'a>> = Vec::new();
    for part in parts {
        match found.iter_mut().find(|brokered| brokered.product == part.key.entity) {
            Some(brokered) => brokered.parts.push(part),
            None => found.push(Brokered { product: &part.key.entity, parts: vec![part] }),
        }
    }
    found.retain(|brokered| brokered.parts.len() > 1);
    for brokered in &mut found {
        brokered.parts.sort_by_key(|part| input.palette.place(&part.key.counterparty).unwrap_or(usize::MAX));
    }
    found
}

fn means(part: &SeriesSummary) -> Vec<f64> {
    part.spreads.iter().map(|spread| spread.mean).collect()
}

/// One product: its labs are named where their areas end.
fn labelled(input: &ChartInput<'_>, brokered: &Brokered<'_>) -> Form {
    let layer = |part: &&SeriesSummary| {
        let lab = &part.key.counterparty;
        Layer { label: input.name(lab), colour: input.palette.colour(lab), shares: means(part) }
    };
    let layers = brokered.parts.iter().map(layer).collect();
    Form::StackedShares(StackedShares::new(&input.years(), with_others(layers)))
}

/// Several products: a panel each, and a legend for all.
fn panels(input: &ChartInput<'_>, shown: &[Brokered<'_>]) -> Form {
    let layer = |part: &&SeriesSummary| AmountLayer {
        colour: input.palette.colour(&part.key.counterparty),
        amounts: means(part),
    };
    let panel = |brokered: &Brokered<'_>| StackPanel {
        title: input.name(brokered.product),
        colour: input.palette.colour(brokered.product),
        layers: brokered.parts.iter().map(layer).collect(),
    };
    let panels = shown.iter().map(panel).collect();
    Form::StackPanels(StackPanels { years: input.years(), unit: Unit::Share, panels })
}

fn legend(input: &ChartInput<'_>, all: &[Brokered<'_>]) -> Vec<Entry> {
    let mut labs: Vec<&str> =
        all.iter().flat_map(|brokered| &brokered.parts).map(|part| part.key.counterparty.as_str()).collect();
    labs.sort_by_key(|lab| input.palette.place(lab).unwrap_or(usize::MAX));
    labs.dedup();
    labs.into_iter().map(|lab| Entry::new(Swatch::Area(input.palette.colour(lab), 1.0), input.name(lab))).collect()
}
