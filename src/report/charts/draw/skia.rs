//! A plotters back end on tiny-skia: anti-aliased, with a logical canvas finer than the pixels.
//!
//! plotters hands integer coordinates to its back ends. The logical canvas is therefore [`SUB`] times finer than the
//! picture, and curves fall between pixels.

use super::fonts::Face;
use ab_glyph::{Font, OutlineCurve};
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontStyle,
};
use std::convert::Infallible;
use tiny_skia::{FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform};

/// Logical units per pixel.
pub const SUB: u32 = 8;

/// plotters' text sizes over em: what its SVG back end divides by.
pub const SIZE_PER_EM: f64 = 1.24;

/// Baseline below the top anchor, in em: what plotters' SVG back end writes.
pub const TOP_TO_BASELINE_EM: f64 = 0.76;

/// Baseline below the middle of capitals, in em (Inter's capitals are 0.727 em high).
const MIDDLE_TO_BASELINE_EM: f64 = 0.364;

/// Draws on a pixmap.
pub struct Skia<'a> {
    pixmap: &'a mut Pixmap,
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl<'a> Skia<'a> {
    /// A back end for `pixmap`.
    pub fn new(pixmap: &'a mut Pixmap) -> Self {
        Self { pixmap }
    }

    fn stroke(&mut self, path: &Path, color: BackendColor, width: f32) {
        let stroke = Stroke { width, line_cap: LineCap::Butt, line_join: LineJoin::Round, ..Stroke::default() };
        self.pixmap.stroke_path(path, &paint(color), &stroke, Transform::identity(), None);
    }

    fn fill(&mut self, path: &Path, color: BackendColor) {
        self.pixmap.fill_path(path, &paint(color), FillRule::Winding, Transform::identity(), None);
    }

    /// A horizontal or vertical line on whole pixels, so that grids are crisp.
    fn straight(&mut self, from: (f32, f32), to: (f32, f32), color: BackendColor, width: f32) {
        let width = width.round().max(1.0);
        let rect = if from.0 == to.0 {
            let (top, bottom) = (from.1.min(to.1).round(), from.1.max(to.1).round());
            Rect::from_xywh((from.0 - width / 2.0).round(), top, width, (bottom - top).max(1.0))
        } else {
            let (left, right) = (from.0.min(to.0).round(), from.0.max(to.0).round());
            Rect::from_xywh(left, (from.1 - width / 2.0).round(), (right - left).max(1.0), width)
        };
        if let Some(rect) = rect {
            self.pixmap.fill_rect(rect, &paint(color), Transform::identity(), None);
        }
    }
}

fn paint(color: BackendColor) -> Paint<'static> {
    let mut paint = Paint::default();
    let (r, g, b) = color.rgb;
    paint.set_color_rgba8(r, g, b, (color.alpha * 255.0).round() as u8);
    paint.anti_alias = true;
    paint
}

fn pixels(point: BackendCoord) -> (f32, f32) {
    (point.0 as f32 / SUB as f32, point.1 as f32 / SUB as f32)
}

fn path(points: impl IntoIterator<Item = (f32, f32)>, close: bool) -> Option<Path> {
    let mut builder = PathBuilder::new();
    for (i, (x, y)) in points.into_iter().enumerate() {
        if i == 0 { builder.move_to(x, y) } else { builder.line_to(x, y) }
    }
    if close {
        builder.close();
    }
    builder.finish()
}

/// The outlines of `text`, its baseline starting at `origin`, `em` pixels per em.
fn outlines(text: &str, face: Face, em: f32, origin: (f32, f32)) -> Option<Path> {
    let font = face.font();
    let scale = em / font.units_per_em().expect("a scalable font");
    let mut builder = PathBuilder::new();
    let mut x = origin.0;
    for c in text.chars() {
        let glyph = font.glyph_id(c);
        if let Some(outline) = font.outline(glyph) {
            trace(&mut builder, &outline.curves, |p| (x + p.x * scale, origin.1 - p.y * scale));
        }
        x += font.h_advance_unscaled(glyph) * scale;
    }
    builder.finish()
}

/// Appends curves; a contour ends where the next curve does not start at the last one's end.
fn trace(builder: &mut PathBuilder, curves: &[OutlineCurve], place: impl Fn(ab_glyph::Point) -> (f32, f32)) {
    let mut last = None;
    for curve in curves {
        let (start, end) = match curve {
            OutlineCurve::Line(a, b) | OutlineCurve::Quad(a, _, b) | OutlineCurve::Cubic(a, _, _, b) => (*a, *b),
        };
        if last != Some(start) {
            if last.is_some() {
                builder.close();
            }
            let (x, y) = place(start);
            builder.move_to(x, y);
        }
        let (x, y) = place(end);
        match curve {
            OutlineCurve::Line(..) => builder.line_to(x, y),
            OutlineCurve::Quad(_, c, _) => {
                let c = place(*c);
                builder.quad_to(c.0, c.1, x, y);
            }
            OutlineCurve::Cubic(_, c, d, _) => {
                let (c, d) = (place(*c), place(*d));
                builder.cubic_to(c.0, c.1, d.0, d.1, x, y);
            }
        }
        last = Some(end);
    }
    if last.is_some() {
        builder.close();
    }
}

fn face_of(style: &impl BackendTextStyle) -> Face {
    if matches!(style.style(), FontStyle::Bold) { Face::SemiBold } else { Face::Regular }
}

impl DrawingBackend for Skia<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (self.pixmap.width() * SUB, self.pixmap.height() * SUB)
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn {
        let (x, y) = pixels(point);
        let side = 1.0 / SUB as f32;
        if let Some(rect) = Rect::from_xywh(x, y, side, side) {
            self.pixmap.fill_rect(rect, &paint(color), Transform::identity(), None);
        }
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(&mut self, a: BackendCoord, b: BackendCoord, style: &S, fill: bool) -> Drawn {
        let ((x0, y0), (x1, y1)) = (pixels((a.0.min(b.0), a.1.min(b.1))), pixels((a.0.max(b.0), a.1.max(b.1))));
        // Whole pixels: bars are crisp, and neighbours meet without a seam.
        let (left, top) = (x0.round(), y0.round());
        let (right, bottom) = (x1.round().max(left + 1.0), y1.round().max(top + 1.0));
        let Some(rect) = Rect::from_ltrb(left, top, right, bottom) else { return Ok(()) };
        if fill {
            self.pixmap.fill_rect(rect, &paint(style.color()), Transform::identity(), None);
        } else {
            self.stroke(&PathBuilder::from_rect(rect), style.color(), style.stroke_width() as f32 / SUB as f32);
        }
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, points: I, style: &S) -> Drawn {
        let points: Vec<(f32, f32)> = points.into_iter().map(pixels).collect();
        let (color, width) = (style.color(), style.stroke_width() as f32 / SUB as f32);
        match points[..] {
            [from, to] if from.0 == to.0 || from.1 == to.1 => self.straight(from, to, color, width),
            _ => {
                if let Some(path) = path(points, false) {
                    self.stroke(&path, color, width);
                }
            }
        }
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, centre: BackendCoord, radius: u32, style: &S, fill: bool) -> Drawn {
        let (x, y) = pixels(centre);
        let Some(circle) = PathBuilder::from_circle(x, y, radius as f32 / SUB as f32) else { return Ok(()) };
        if fill {
            self.fill(&circle, style.color());
        } else {
            self.stroke(&circle, style.color(), style.stroke_width() as f32 / SUB as f32);
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, points: I, style: &S) -> Drawn {
        if let Some(path) = path(points.into_iter().map(pixels), true) {
            self.fill(&path, style.color());
        }
        Ok(())
    }

    fn estimate_text_size<T: BackendTextStyle>(
        &self,
        text: &str,
        style: &T,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let em = style.size() / SIZE_PER_EM;
        Ok((face_of(style).width(text, em).ceil() as u32, em.ceil() as u32))
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, position: BackendCoord) -> Drawn {
        let face = face_of(style);
        let em = style.size() / SIZE_PER_EM / f64::from(SUB);
        let left_of_anchor = match style.anchor().h_pos {
            HPos::Left => 0.0,
            HPos::Center => face.width(text, em) / 2.0,
            HPos::Right => face.width(text, em),
        };
        let baseline_below_anchor = match style.anchor().v_pos {
            VPos::Top => TOP_TO_BASELINE_EM * em,
            VPos::Center => MIDDLE_TO_BASELINE_EM * em,
            VPos::Bottom => 0.0,
        };
        let (x, y) = pixels(position);
        let origin = (x - left_of_anchor as f32, y + baseline_below_anchor as f32);
        if let Some(path) = outlines(text, face, em as f32, origin) {
            self.fill(&path, style.color());
        }
        Ok(())
    }
}
