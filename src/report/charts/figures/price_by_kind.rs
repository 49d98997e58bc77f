//! What a million tokens sell for, by kind and by class of work.

use crate::report::charts::draw::frame::{Entry, Swatch};
use crate::report::charts::draw::palette::{Colour, Palette};
use crate::report::charts::draw::scale::Unit;
use crate::report::charts::draw::scene::Dash;
use crate::report::charts::forms::{Form, Line, LinePanels, Panel, Scaling};
use crate::report::charts::input::ChartInput;
use crate::report::charts::picture::Picture;

/// A line: the series' entity, what it is called, and how it is told apart without colour.
type Row = (&'static str, &'static str, Dash);

const KINDS: [Row; 4] = [
    ("input", "Input", Dash::Solid),
    ("cached", "Cached input", Dash::Long),
    ("output", "Output", Dash::Short),
    ("batch", "In batches", Dash::Dotted),
];
const CLASSES: [Row; 6] = [
    ("chat", "Chat", Dash::Solid),
    ("reasoning", "Reasoning", Dash::Long),
    ("coding", "Coding and agents", Dash::Short),
    ("batch", "Retrieval and batch", Dash::Dotted),
    ("image", "Images", Dash::Solid),
    ("video", "Video", Dash::Long),
];

pub fn picture(input: &ChartInput<'_>) -> Result<Picture, String> {
    let by_kind = panel(input, "By kind of token", "price_of_kind_usd_per_mtok", &KINDS, 0)?;
    let by_class = panel(input, "By class of work", "price_of_class_usd_per_mtok", &CLASSES, KINDS.len())?;
    let rows = KINDS.iter().chain(&CLASSES).enumerate();
    let reading = if input.has_bands() { ", medians" } else { "" };
    Ok(Picture {
        title: "Price of a million tokens, by kind and by class of work".into(),
        subtitle: format!("USD per million tokens, mean price paid for all models, products apart{reading}"),
        legend: rows.map(|(i, row)| Entry::new(Swatch::Line(Palette::nth(i), row.2), row.1)).collect(),
        marks: input.marks(),
        source: input.source(""),
        form: Form::LinePanels(LinePanels {
            years: input.years(),
            unit: Unit::Usd,
            may_be_log: true,
            scaling: Scaling::Shared,
            panels: vec![by_kind, by_class],
        }),
    })
}

/// Lines in the colours from `first` on.
fn panel(input: &ChartInput<'_>, title: &str, metric: &str, rows: &[Row], first: usize) -> Result<Panel, String> {
    let all = input.series(metric)?;
    let line = |(i, (id, label, dash)): (usize, &Row)| {
        let series = all.iter().find(|series| series.id == *id)?;
        let (label, colour) = ((*label).to_owned(), Palette::nth(first + i));
        Some(Line { label, colour, dash: *dash, bands: false, ends: true, band: series.band() })
    };
    let lines = rows.iter().enumerate().filter_map(line).collect();
    Ok(Panel { title: title.into(), colour: Colour::INK, lines, levels: Vec::new(), notes: Vec::new() })
}
