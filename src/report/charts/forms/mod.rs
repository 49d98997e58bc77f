//! The forms of charts. Each is fed by finished numbers and knows no metric.

mod against_cap;
mod bars;
mod break_even;
mod commitments;
mod grid;
mod heat_map;
mod level_map;
mod lines;
mod load;
mod matrix;
mod power;
mod regret_table;
mod response;
mod stack;
mod stack_panels;
mod timeline;
mod waterfall;

pub use against_cap::{AgainstCap, Reached};
pub use bars::{BAR_ALPHA, Bar, BarGroup, Bars, PALE_ALPHA};
pub use break_even::{BreakEven, CROSSING, CrossingAt, RUN, RunPoint};
pub use commitments::{CommitmentPanel, Commitments, PAID_ALPHA, Period};
pub use grid::{Grid, GridColumn, GridRow};
pub use heat_map::{Cell, HeatMap, HeatRow};
pub use level_map::{ABOVE, BELOW, LevelMap, MapAxis, MapPanel};
pub use lines::{Band, Level, Line, LinePanels, Note, Panel, Scaling};
pub use load::Load;
pub use matrix::Matrix;
pub(super) use matrix::amount_text;
pub use power::{FleetAgainstPower, PowerPanel};
pub use regret_table::{RegretColumn, RegretTable};
pub use response::{Response, ResponseLine, ResponsePanel};
pub use stack::{Layer, StackedShares};
pub use stack_panels::{AmountLayer, StackPanel, StackPanels};
pub use timeline::{Group, Timeline, TimelineBar};
pub use waterfall::{Step, Waterfall};

use super::draw::fonts::Face;
use super::draw::frame::{panel_ems, slots};
use super::draw::palette::Colour;
use super::draw::placing::{Bounds, apart, columns};
use super::draw::plot::{Mark, Plot};
use super::draw::scene::{Label, Scene};

/// What a chart is drawn as.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// Areas that add up to 100 %.
    StackedShares(StackedShares),
    /// Areas of amounts, in one panel for each entity.
    StackPanels(StackPanels),
    /// Lines with bands, in one panel or several.
    LinePanels(LinePanels),
    /// Energized power, what is used and what is stranded.
    FleetAgainstPower(FleetAgainstPower),
    /// What was bought in a period against what was committed.
    Commitments(Commitments),
    /// What held at each instant, as strips of colours.
    HeatMap(HeatMap),
    /// Amounts from each to each.
    Matrix(Matrix),
    /// Terms of contracts as bars.
    Timeline(Timeline),
    /// Horizontal bars in groups.
    Bars(Bars),
    /// From level to level by steps.
    Waterfall(Waterfall),
    /// Lines towards a cap, and when it is reached.
    AgainstCap(AgainstCap),
    /// Lines of utilisation, and how long requests wait.
    Load(Load),
    /// Rows by columns of lines with bands.
    Grid(Grid),
    /// Lines with bands along quantities other than time.
    Response(Response),
    /// Cells over two quantities, with the line at which a level is crossed.
    LevelMap(LevelMap),
    /// Points and a curve over a quantity, and where it crosses a target.
    BreakEven(BreakEven),
    /// Regrets of policies by outcomes.
    RegretTable(RegretTable),
}

impl Form {
    /// What the form needs beyond a page of the usual height, in pixels: two plots in each of two rows of panels, or strips
    /// below plots.
    pub fn extra_height(&self) -> u32 {
        match self {
            Form::FleetAgainstPower(form) if form.panels.len() > 3 => 300,
            Form::StackPanels(form) if form.panels.len() > 3 => 200,
            Form::AgainstCap(form) if form.reached.iter().any(Option::is_some) => 220,
            Form::Load(form) if form.has_strips() && form.lines.panels.len() > 3 => 420,
            Form::Load(form) if form.has_strips() => 200,
            Form::Matrix(form) if form.names.len() > 10 => 100,
            Form::Grid(form) => form.extra_height(),
            _ => 0,
        }
    }

    /// Height of the form itself in pixels, where its rows make the page.
    pub fn own_height(&self) -> Option<f64> {
        match self {
            Form::Timeline(form) => Some(form.height()),
            Form::Bars(form) => Some(form.height()),
            Form::Waterfall(form) => Some(form.height()),
            Form::RegretTable(form) => Some(form.height()),
            _ => None,
        }
    }

    /// Draws the form into `region`, with the events that it marks.
    pub fn draw(&self, scene: &mut Scene, region: Bounds, marks: &[Mark]) {
        match self {
            Form::StackedShares(form) => form.draw(scene, region, marks),
            Form::StackPanels(form) => form.draw(scene, region, marks),
            Form::LinePanels(form) => form.draw(scene, region, marks),
            Form::FleetAgainstPower(form) => form.draw(scene, region, marks),
            Form::Commitments(form) => form.draw(scene, region),
            Form::HeatMap(form) => form.draw(scene, region, marks),
            Form::Matrix(form) => form.draw(scene, region),
            Form::Timeline(form) => form.draw(scene, region, marks),
            Form::Bars(form) => form.draw(scene, region),
            Form::Waterfall(form) => form.draw(scene, region),
            Form::AgainstCap(form) => form.draw(scene, region, marks),
            Form::Load(form) => form.draw(scene, region, marks),
            Form::Grid(form) => form.draw(scene, region),
            Form::Response(form) => form.draw(scene, region),
            Form::LevelMap(form) => form.draw(scene, region),
            Form::BreakEven(form) => form.draw(scene, region),
            Form::RegretTable(form) => form.draw(scene, region),
        }
    }
}

/// A text at the right end of a line or an area.
#[derive(Clone, Debug)]
struct EndLabel {
    text: String,
    /// Where the line ends, in pixels from the top.
    y: f64,
    colour: Colour,
}

/// Room between the end of a line and its label, for a leader.
const LEADER: f64 = 40.0;

/// Widest label at the end of a line: not quite a quarter of the page.
const WIDEST_END: f64 = 540.0;

/// A name and a figure as a label at the end of a line; a long name is cut, and the figure never.
fn end_text(name: &str, figure: &str, em: f64) -> String {
    let figure = format!(" {figure}");
    Face::SemiBold.elided(name, em, WIDEST_END - Face::SemiBold.width(&figure, em)) + &figure
}

/// Room that end labels need.
fn room_for_ends<'a>(texts: impl Iterator<Item = &'a str>, em: f64) -> f64 {
    texts.map(|text| Face::SemiBold.width(text, em)).fold(0.0, f64::max) + LEADER + 6.0
}

/// Labels at the right ends of lines that end at `x`, moved apart within `low..=high`; with leaders if any was moved,
/// so that all stand in one column.
fn draw_ends(scene: &mut Scene, labels: &[EndLabel], x: f64, em: f64, (low, high): (f64, f64)) {
    let wanted: Vec<f64> = labels.iter().map(|label| label.y).collect();
    let placed = apart(&wanted, 1.14 * em, low, high);
    let leaders = wanted.iter().zip(&placed).any(|(wanted, placed)| (wanted - placed).abs() > 0.2 * em);
    let left = if leaders { x + LEADER } else { x + 12.0 };
    for (label, y) in labels.iter().zip(placed) {
        if leaders {
            scene.line(vec![(x + 6.0, label.y), (x + LEADER - 8.0, y)], 2.0, label.colour);
        }
        scene.text(Label::new(label.text.as_str(), (left, y + 0.36 * em), em).bold().coloured(label.colour.for_text()));
    }
}

/// The title of a panel, cut to its width.
fn draw_panel_title(scene: &mut Scene, title: &str, colour: Colour, bounds: Bounds, em: f64) {
    let text = Face::SemiBold.elided(title, em, bounds.2 - bounds.0);
    scene.text(Label::new(text, (bounds.0, bounds.1 + 0.8 * em), em).bold().coloured(colour.for_text()));
}

/// A panel of a page of panels that each have a scale of their own.
struct Frame {
    /// Left, top, right and bottom of what is drawn below the title and the numbers of the marks.
    bounds: Bounds,
    /// Whether none stands below it.
    lowest: bool,
    /// Pixels per em of its texts.
    em: f64,
    /// Radius of the marks' numbers.
    radius: f64,
}

/// Frames for panels with these titles and colours, drawn; `room` is what the texts of the widest axis need at the em
/// that it is given.
fn draw_frames<'a>(
    scene: &mut Scene,
    region: Bounds,
    marks: &[Mark],
    titles: impl ExactSizeIterator<Item = (&'a str, Colour)>,
    room: impl Fn(f64) -> f64,
) -> Vec<Frame> {
    let n = titles.len();
    let (em, title_em) = panel_ems(n);
    let room = room(em);
    let region = (region.0 + room, region.1, region.2 - 20.0, region.3 - 20.0 - 1.3 * em);
    let down = if n > columns(n) { 50.0 } else { 0.0 };
    let slots = slots(n, region, (room + 60.0, down));
    let framed = titles.zip(slots).map(|((title, colour), slot)| {
        let (left, top, right, bottom) = slot.bounds;
        draw_panel_title(scene, title, colour, (left - room, top, right, bottom), title_em);
        let radius = 0.42 * em;
        let top = top + 1.35 * title_em + Plot::room_for_marks(marks, radius, right - left);
        Frame { bounds: (left, top, right, bottom), lowest: slot.lowest, em, radius }
    });
    framed.collect()
}

/// An amount; what is not observed counts as nothing.
fn present(amount: f64) -> f64 {
    if amount.is_finite() { amount.max(0.0) } else { 0.0 }
}
