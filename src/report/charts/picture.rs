//! A chart before it is drawn: words, legend, marks of events, and a form with its numbers.

use super::draw::frame::{Entry, HEIGHT, MARGIN, WIDTH, draw_footer, draw_header};
use super::draw::plot::Mark;
use super::draw::scene::Scene;
use super::forms::Form;

/// What may stand below the chart on a page of the usual height, in pixels: a source line and four rows of a key.
const MOST_BELOW: f64 = 300.0;

/// A chart as data: what tests compare.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// What is shown, in a few words.
    pub title: String,
    /// The unit, and what needs saying to read the chart.
    pub subtitle: String,
    /// Explains what no direct label does.
    pub legend: Vec<Entry>,
    /// Dated events, numbered; the key stands below the chart.
    pub marks: Vec<Mark>,
    /// Where the figures come from.
    pub source: String,
    /// The chart itself.
    pub form: Form,
}

impl Picture {
    /// The shapes of the page.
    pub fn scene(&self) -> Scene {
        let mut scene = Scene::new(WIDTH, self.height());
        let top = draw_header(&mut scene, &self.title, &self.subtitle, &self.legend);
        let bottom = draw_footer(&mut scene, &self.source, &self.marks);
        let region = (MARGIN, top + 30.0, f64::from(WIDTH) - MARGIN, bottom - 6.0);
        self.form.draw(&mut scene, region, &self.marks);
        scene
    }

    /// Height of the page in pixels: one of rows follows from them, and a long key makes a page longer instead
    /// of its chart smaller.
    fn height(&self) -> u32 {
        let mut blank = Scene::new(WIDTH, HEIGHT);
        let above = draw_header(&mut blank, &self.title, &self.subtitle, &self.legend);
        let below = f64::from(HEIGHT) - draw_footer(&mut blank, &self.source, &self.marks);
        match self.form.own_height() {
            Some(height) => (above + height + below + 50.0).ceil() as u32,
            None => HEIGHT + self.form.extra_height() + (below - MOST_BELOW).max(0.0).ceil() as u32,
        }
    }
}
