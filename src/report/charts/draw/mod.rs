//! What every chart is drawn with: shapes, faces, colours, scales, and the furniture around a plot.

pub mod fonts;
pub mod frame;
pub mod palette;
pub mod placing;
pub mod plot;
pub mod scale;
pub mod scene;
mod skia;
