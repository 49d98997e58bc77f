//! A picture as a list of shapes in pixels, rendered by any plotters back end.
//!
//! Why a list between the layout and plotters: the layout is written once for all formats, and tests can ask it what
//! a picture cannot answer, such as whether two labels overlap or one leaves the page.

use super::fonts::Face;
use super::palette::Colour;
use super::skia::{SIZE_PER_EM, SUB, Skia, TOP_TO_BASELINE_EM};
use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{Circle, DashedPathElement, PathElement, Polygon, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontDesc, FontFamily, FontStyle, RGBAColor, ShapeStyle, TextStyle};
use plotters_backend::DrawingBackend;
use tiny_skia::{Color, Pixmap};

/// Pixels from the left and from the top.
pub type Point = (f64, f64);

/// How a line is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dash {
    /// Not at all.
    Solid,
    /// Long strokes.
    Long,
    /// Short strokes.
    Short,
    /// Points, for marks of events.
    Dotted,
}

impl Dash {
    /// Length of strokes and of gaps in pixels.
    fn lengths(self) -> Option<(f64, f64)> {
        match self {
            Dash::Solid => None,
            Dash::Long => Some((26.0, 10.0)),
            Dash::Short => Some((11.0, 8.0)),
            Dash::Dotted => Some((4.0, 7.0)),
        }
    }
}

/// Which end of a text its position is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The text stands to the right of its position.
    Left,
    /// The text is centred on its position.
    Middle,
    /// The text stands to the left of its position.
    Right,
}

/// One line of text.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// What it says.
    pub text: String,
    /// Where its baseline starts, is centred or ends.
    pub at: Point,
    /// Pixels per em.
    pub em: f64,
    /// Its face.
    pub face: Face,
    /// Its colour.
    pub colour: Colour,
    /// What `at` is.
    pub anchor: Anchor,
}

impl Label {
    /// A regular text in secondary ink that starts at `at`.
    pub fn new(text: impl Into<String>, at: Point, em: f64) -> Self {
        Self { text: text.into(), at, em, face: Face::Regular, colour: Colour::SOFT, anchor: Anchor::Left }
    }

    /// In semi-bold.
    pub fn bold(mut self) -> Self {
        self.face = Face::SemiBold;
        self
    }

    /// In a colour.
    pub fn coloured(mut self, colour: Colour) -> Self {
        self.colour = colour;
        self
    }

    /// Centred or ending at its position.
    pub fn anchored(mut self, anchor: Anchor) -> Self {
        self.anchor = anchor;
        self
    }

    /// Left, top, right and bottom of the letters' box.
    pub fn bounds(&self) -> (f64, f64, f64, f64) {
        let width = self.face.width(&self.text, self.em);
        let left = match self.anchor {
            Anchor::Left => self.at.0,
            Anchor::Middle => self.at.0 - width / 2.0,
            Anchor::Right => self.at.0 - width,
        };
        (left, self.at.1 - 0.75 * self.em, left + width, self.at.1 + 0.2 * self.em)
    }
}

/// Something drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A line through points.
    Line {
        /// The points.
        points: Vec<Point>,
        /// Width in pixels.
        width: f64,
        /// Colour.
        colour: Colour,
        /// Opacity, 0 to 1.
        alpha: f64,
        /// How it is broken.
        dash: Dash,
    },
    /// A filled polygon.
    Area {
        /// Its corners.
        outline: Vec<Point>,
        /// Colour.
        colour: Colour,
        /// Opacity, 0 to 1.
        alpha: f64,
    },
    /// A filled rectangle.
    Bar {
        /// Upper left.
        from: Point,
        /// Lower right.
        to: Point,
        /// Colour.
        colour: Colour,
        /// Opacity, 0 to 1.
        alpha: f64,
    },
    /// A filled circle.
    Disc {
        /// Centre.
        at: Point,
        /// Radius in pixels.
        radius: f64,
        /// Colour.
        colour: Colour,
    },
    /// A text.
    Text(Label),
}

/// A picture of `width` by `height` pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// In the order of drawing.
    pub shapes: Vec<Shape>,
}

impl Scene {
    /// An empty picture.
    pub fn new(width: u32, height: u32) -> Self {
        Self { width, height, shapes: Vec::new() }
    }

    /// Adds a solid line.
    pub fn line(&mut self, points: Vec<Point>, width: f64, colour: Colour) {
        self.dashed(points, width, colour, Dash::Solid);
    }

    /// Adds a line with a dash.
    pub fn dashed(&mut self, points: Vec<Point>, width: f64, colour: Colour, dash: Dash) {
        self.shapes.push(Shape::Line { points, width, colour, alpha: 1.0, dash });
    }

    /// Adds a polygon.
    pub fn area(&mut self, outline: Vec<Point>, colour: Colour, alpha: f64) {
        self.shapes.push(Shape::Area { outline, colour, alpha });
    }

    /// Adds a rectangle.
    pub fn bar(&mut self, from: Point, to: Point, colour: Colour, alpha: f64) {
        self.shapes.push(Shape::Bar { from, to, colour, alpha });
    }

    /// Adds a circle.
    pub fn disc(&mut self, at: Point, radius: f64, colour: Colour) {
        self.shapes.push(Shape::Disc { at, radius, colour });
    }

    /// Adds a text.
    pub fn text(&mut self, label: Label) {
        self.shapes.push(Shape::Text(label));
    }

    /// The texts, in the order of drawing.
    pub fn labels(&self) -> impl Iterator<Item = &Label> {
        self.shapes.iter().filter_map(|shape| match shape {
            Shape::Text(label) => Some(label),
            _ => None,
        })
    }

    /// The picture as PNG.
    ///
    /// # Errors
    /// If it is too large to hold or to encode.
    pub fn png(&self) -> Result<Vec<u8>, String> {
        let size = format!("a picture of {} by {} pixels", self.width, self.height);
        let mut pixmap = Pixmap::new(self.width, self.height).ok_or_else(|| format!("no room for {size}"))?;
        pixmap.fill(Color::WHITE);
        self.render(&Skia::new(&mut pixmap).into_drawing_area()).map_err(|error| error.to_string())?;
        pixmap.encode_png().map_err(|error| format!("{size}: {error}"))
    }

    /// The picture as SVG, for a font family `Inter` or what stands in for it.
    ///
    /// # Errors
    /// If plotters refuses it.
    pub fn svg(&self) -> Result<String, String> {
        let (width, height) = (self.width * SUB, self.height * SUB);
        let mut text = String::new();
        {
            let area = SVGBackend::with_string(&mut text, (width, height)).into_drawing_area();
            let paper: ShapeStyle = rgba(Colour::PAPER, 1.0).filled();
            area.draw(&Rectangle::new([(0, 0), (width as i32, height as i32)], paper)).map_err(|e| e.to_string())?;
            self.render(&area).map_err(|error| error.to_string())?;
        }
        // plotters sizes the page in logical units; half a pixel a unit of the page shows well in a browser.
        let (page, fine) = ((self.width / 2, self.height / 2), format!("width=\"{width}\" height=\"{height}\""));
        Ok(text.replacen(&fine, &format!("width=\"{}\" height=\"{}\"", page.0, page.1), 1))
    }

    fn render<DB: DrawingBackend>(
        &self,
        area: &DrawingArea<DB, Shift>,
    ) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
        self.shapes.iter().try_for_each(|shape| shape.render(area))?;
        area.present()
    }
}

fn logical(pixels: f64) -> i32 {
    (pixels * f64::from(SUB)).round() as i32
}

fn place(point: &Point) -> (i32, i32) {
    (logical(point.0), logical(point.1))
}

fn rgba(colour: Colour, alpha: f64) -> RGBAColor {
    RGBAColor(colour.0, colour.1, colour.2, alpha)
}

trait Filled {
    fn filled(self) -> ShapeStyle;
}

impl Filled for RGBAColor {
    fn filled(self) -> ShapeStyle {
        ShapeStyle { color: self, filled: true, stroke_width: 0 }
    }
}

impl Shape {
    fn render<DB: DrawingBackend>(
        &self,
        area: &DrawingArea<DB, Shift>,
    ) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
        match self {
            Shape::Line { points, width, colour, alpha, dash } => {
                let stroke_width = logical(*width).max(1) as u32;
                let style = ShapeStyle { color: rgba(*colour, *alpha), filled: false, stroke_width };
                let points: Vec<_> = points.iter().map(place).collect();
                match dash.lengths() {
                    None => area.draw(&PathElement::new(points, style)),
                    Some((on, off)) => area.draw(&DashedPathElement::new(points, logical(on), logical(off), style)),
                }
            }
            Shape::Area { outline, colour, alpha } => {
                let corners: Vec<_> = outline.iter().map(place).collect();
                area.draw(&Polygon::new(corners, rgba(*colour, *alpha).filled()))
            }
            Shape::Bar { from, to, colour, alpha } => {
                area.draw(&Rectangle::new([place(from), place(to)], rgba(*colour, *alpha).filled()))
            }
            Shape::Disc { at, radius, colour } => {
                area.draw(&Circle::new(place(at), logical(*radius), rgba(*colour, 1.0).filled()))
            }
            Shape::Text(label) => label.render(area),
        }
    }
}

impl Label {
    fn render<DB: DrawingBackend>(
        &self,
        area: &DrawingArea<DB, Shift>,
    ) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
        let weight = if self.face == Face::SemiBold { FontStyle::Bold } else { FontStyle::Normal };
        let family = FontFamily::Name("Inter, Helvetica, Arial, sans-serif");
        let font = FontDesc::new(family, self.em * SIZE_PER_EM * f64::from(SUB), weight);
        let h_pos = match self.anchor {
            Anchor::Left => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::Right => HPos::Right,
        };
        // Both back ends put the baseline at the same distance below a top anchor, and at no other.
        let colour = rgba(self.colour, 1.0);
        let style = TextStyle::from(font).color(&colour).pos(Pos::new(h_pos, VPos::Top));
        let top = (self.at.0, self.at.1 - TOP_TO_BASELINE_EM * self.em);
        area.draw(&Text::new(self.text.as_str(), place(&top), style))
    }
}

/// Whether a PNG shows nothing: hardly any pixel in its middle differs from its corner.
///
/// # Errors
/// If the bytes are not a PNG.
pub fn is_blank(png: &[u8]) -> Result<bool, String> {
    let pixmap = Pixmap::decode_png(png).map_err(|error| error.to_string())?;
    let (width, height) = (pixmap.width() as usize, pixmap.height() as usize);
    let pixels = pixmap.pixels();
    let paper = pixels[0];
    // The title and the source line alone do not make a chart, so the edges do not count.
    let (rows, columns) = (height / 4..height * 4 / 5, width / 12..width * 4 / 5);
    let all = rows.len() * columns.len();
    let drawn = rows.flat_map(|y| columns.clone().map(move |x| y * width + x)).filter(|i| pixels[*i] != paper).count();
    Ok(drawn * 100 < all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scene() -> Scene {
        let mut scene = Scene::new(240, 160);
        scene.bar((30.0, 40.0), (180.0, 120.0), Colour(200, 30, 40), 1.0);
        scene.dashed(vec![(0.0, 10.0), (100.0, 30.0), (240.0, 12.0)], 2.0, Colour::INK, Dash::Long);
        scene.area(vec![(10.0, 150.0), (20.0, 130.0), (30.0, 150.0)], Colour::MARK, 0.5);
        scene.disc((200.0, 80.0), 10.0, Colour::MARK);
        scene.text(Label::new("A < B", (120.0, 150.0), 20.0).bold().anchored(Anchor::Middle));
        scene
    }

    #[test]
    fn a_png_has_its_size_and_its_colours() {
        let png = scene().png().unwrap();
        let pixmap = Pixmap::decode_png(&png).unwrap();
        assert_eq!((pixmap.width(), pixmap.height()), (240, 160));
        let inside = pixmap.pixel(100, 80).unwrap();
        assert_eq!((inside.red(), inside.green(), inside.blue()), (200, 30, 40));
        assert_eq!(pixmap.pixel(235, 155).unwrap().red(), 255);
    }

    #[test]
    fn a_page_with_a_title_only_is_blank() {
        let mut empty = Scene::new(240, 160);
        empty.text(Label::new("Title", (10.0, 20.0), 20.0));
        assert_eq!(is_blank(&empty.png().unwrap()), Ok(true));
        assert_eq!(is_blank(&scene().png().unwrap()), Ok(false));
        assert!(is_blank(b"no picture").is_err());
    }

    #[test]
    fn an_svg_holds_the_same_shapes() {
        let svg = scene().svg().unwrap();
        assert!(svg.contains("<svg width=\"120\" height=\"80\" viewBox=\"0 0 1920 1280\""), "{}", &svg[..160]);
        assert!(svg.contains("A &lt; B") && svg.contains("font-size=\"160\"") && svg.contains("<circle"));
    }

    #[test]
    fn bounds_follow_the_anchor() {
        let label = Label::new("Azure", (100.0, 50.0), 20.0);
        let width = Face::Regular.width("Azure", 20.0);
        assert_eq!(label.bounds(), (100.0, 35.0, 100.0 + width, 54.0));
        assert_eq!(label.anchored(Anchor::Right).bounds().2, 100.0);
    }
}
