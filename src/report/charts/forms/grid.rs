//! Small multiples in rows and columns: each column a figure in its own unit and on one axis, each row somebody.

use super::lines::{Band, INNER_ALPHA, OUTER_ALPHA};
use super::{EndLabel, draw_ends, draw_panel_title, room_for_ends};
use crate::report::charts::draw::frame::panel_ems;
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::draw::placing::Bounds;
use crate::report::charts::draw::plot::{Plot, span_of};
use crate::report::charts::draw::scale::{Axis, Unit};
use crate::report::charts::draw::scene::{Dash, Label, Scene};

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub struct GridRow {
    /// Its name.
    pub title: String,
    /// Its colour.
    pub colour: Colour,
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct GridColumn {
    /// What it shows.
    pub title: String,
    /// In which unit.
    pub unit: Unit,
    /// The figures of each row; none for a row without.
    pub bands: Vec<Option<Band>>,
}

/// Rows by columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// Instants in years.
    pub years: Vec<f64>,
    /// Whether spreads are drawn, not medians alone.
    pub spread: bool,
    /// From the top.
    pub rows: Vec<GridRow>,
    /// From the left.
    pub columns: Vec<GridColumn>,
}

/// Steps of an axis: a panel is low.
const STEPS: usize = 2;

impl GridColumn {
    fn axis(&self, spread: bool) -> Axis {
        let figures = self.bands.iter().flatten().flat_map(|band| {
            let all = if spread { vec![&band.p05, &band.p50, &band.p95] } else { vec![&band.p50] };
            all.into_iter().flatten().copied().filter(|value| value.is_finite())
        });
        let (low, high) = figures.fold((0.0_f64, 0.0_f64), |(low, high), v| (low.min(v), high.max(v)));
        Axis::linear(low, high, STEPS)
    }

    fn ends(&self) -> impl Iterator<Item = String> + '_ {
        self.bands.iter().flatten().filter_map(|band| last(band).map(|value| self.unit.text(value)))
    }
}

/// The last figure of a median.
fn last(band: &Band) -> Option<f64> {
    band.p50.iter().rev().copied().find(|value| value.is_finite())
}

impl Grid {
    /// Pixels below a page of the usual height that the rows need.
    pub fn extra_height(&self) -> u32 {
        200 * (self.rows.len() as u32).saturating_sub(3)
    }

    /// Draws the form: titles of columns above all, the title of a row above its panels.
    pub fn draw(&self, scene: &mut Scene, region: Bounds) {
        let (em, title_em) = panel_ems(4 * self.columns.len());
        let (above, row_title, below) = (1.9 * title_em, 1.5 * title_em, 20.0 + 1.3 * em);
        let width = (region.2 - region.0) / self.columns.len().max(1) as f64;
        let height = (region.3 - region.1 - above - below) / self.rows.len().max(1) as f64;
        let axes: Vec<Axis> = self.columns.iter().map(|column| column.axis(self.spread)).collect();
        // All panels are of one width, whatever their texts need.
        let rooms = axes.iter().zip(&self.columns).map(|(axis, column)| Plot::room_for_texts(axis, column.unit, em));
        let room = rooms.fold(0.0, f64::max);
        let ends: Vec<String> = self.columns.iter().flat_map(GridColumn::ends).collect();
        let ends = room_for_ends(ends.iter().map(String::as_str), em);
        for (c, (column, axis)) in self.columns.iter().zip(&axes).enumerate() {
            let left = region.0 + c as f64 * width;
            let title = (left, region.1, left + width - 0.5 * em, region.1 + above);
            draw_panel_title(scene, &column.title, Colour::INK, title, title_em);
            for (r, (row, band)) in self.rows.iter().zip(&column.bands).enumerate() {
                let top = region.1 + above + r as f64 * height;
                if c == 0 {
                    draw_panel_title(scene, &row.title, row.colour, (left, top, region.2, top + row_title), title_em);
                }
                let bounds = (left + room, top + row_title, left + width - ends, top + height - em);
                let plot = Plot { bounds, years: span_of(&self.years), axis: axis.clone(), em };
                self.draw_panel(scene, &plot, (column, r), (row, band.as_ref()));
                plot.draw_years(scene, r + 1 == self.rows.len());
            }
        }
    }

    fn draw_panel(
        &self,
        scene: &mut Scene,
        plot: &Plot,
        (column, r): (&GridColumn, usize),
        (row, band): (&GridRow, Option<&Band>),
    ) {
        plot.draw_grid(scene, Some(column.unit));
        for (_, other) in column.bands.iter().enumerate().filter(|(other, _)| *other != r) {
            if let Some(other) = other {
                plot.draw_line(scene, &self.years, &other.p50, Colour::FAINT, Dash::Solid, 3.0);
            }
        }
        let Some(band) = band else { return };
        if self.spread {
            plot.draw_band(scene, &self.years, &band.p05, &band.p95, row.colour, OUTER_ALPHA);
            plot.draw_band(scene, &self.years, &band.p25, &band.p75, row.colour, INNER_ALPHA);
        }
        plot.draw_line(scene, &self.years, &band.p50, row.colour, Dash::Solid, 5.0);
        if let Some(value) = last(band) {
            let (_, top, right, bottom) = plot.bounds;
            let label = EndLabel { text: column.unit.text(value), y: plot.y(value), colour: row.colour };
            draw_ends(scene, &[label], right, plot.em, (top, bottom));
        } else {
            let at = (plot.bounds.0 + 0.5 * plot.em, plot.y(0.0) - 0.5 * plot.em);
            scene.text(Label::new("none", at, plot.em).coloured(Colour::MARK));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn band(p50: &[f64]) -> Band {
        let scaled = |f: f64| p50.iter().map(|v| v * f).collect::<Vec<f64>>();
        Band { p05: scaled(0.5), p25: scaled(0.8), p75: scaled(1.2), p95: scaled(2.0), p50: p50.to_vec() }
    }

    #[test]
    fn a_columns_axis_holds_all_its_rows_and_begins_at_nothing() {
        let bands = vec![Some(band(&[1.0, 2.0])), None, Some(band(&[f64::NAN, 4.0]))];
        let column = GridColumn { title: "Spend".into(), unit: Unit::Usd, bands };
        assert_eq!((column.axis(true).low, column.axis(true).high), (0.0, 10.0));
        assert_eq!(column.axis(false).high, 4.0);
        assert_eq!(column.ends().collect::<Vec<_>>(), ["$2.00", "$4.00"]);
    }

    #[test]
    fn every_row_is_named_once_and_every_panel_has_its_last_figure() {
        let column = |title: &str, unit| GridColumn {
            title: title.into(),
            unit,
            bands: vec![Some(band(&[1.0, 2.0, 3.0])), Some(band(&[3.0, 2.0, 1.0]))],
        };
        let row = |title: &str| GridRow { title: title.into(), colour: Colour::INK };
        let grid = Grid {
            years: vec![2024.0, 2025.0, 2026.0],
            spread: true,
            rows: vec![row("One"), row("Other")],
            columns: vec![column("Spend", Unit::Usd), column("Down", Unit::Hours)],
        };
        let mut scene = Scene::new(2400, 1200);
        grid.draw(&mut scene, (64.0, 100.0, 2336.0, 1100.0));
        let count = |text: &str| scene.labels().filter(|label| label.text == text).count();
        assert_eq!(["One", "Other", "Spend", "Down", "$3.00", "1.0 h"].map(count), [1; 6]);
    }
}
