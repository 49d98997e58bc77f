//! The embedded faces, and how wide a text is in them.
//!
//! Texts are measured here and not by a back end, so the layout is the same in every format.

use ab_glyph::{Font, FontRef};
use std::sync::OnceLock;

/// One of the two faces of Inter that ship with the program (OFL-1.1, `assets/fonts/OFL.txt`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// For everything but titles and labels.
    Regular,
    /// For titles and labels.
    SemiBold,
}

impl Face {
    /// The parsed font.
    pub fn font(self) -> &'static FontRef<'static> {
        static REGULAR: OnceLock<FontRef<'static>> = OnceLock::new();
        static SEMI_BOLD: OnceLock<FontRef<'static>> = OnceLock::new();
        let parse = |bytes| FontRef::try_from_slice(bytes).expect("an embedded font is well formed");
        match self {
            Face::Regular => {
                REGULAR.get_or_init(|| parse(include_bytes!("../../../../assets/fonts/Inter-Regular.otf")))
            }
            Face::SemiBold => {
                SEMI_BOLD.get_or_init(|| parse(include_bytes!("../../../../assets/fonts/Inter-SemiBold.otf")))
            }
        }
    }

    /// Width of `text` at `em` pixels per em, in pixels.
    pub fn width(self, text: &str, em: f64) -> f64 {
        let font = self.font();
        let units: f32 = text.chars().map(|c| font.h_advance_unscaled(font.glyph_id(c))).sum();
        f64::from(units / font.units_per_em().expect("a scalable font")) * em
    }

    /// `text`, cut with an ellipsis if it is wider than `room` pixels.
    pub fn elided(self, text: &str, em: f64, room: f64) -> String {
        if self.width(text, em) <= room {
            return text.to_owned();
        }
        let mut cut = text.to_owned();
        while cut.pop().is_some() {
            let candidate = format!("{}…", cut.trim_end());
            if self.width(&candidate, em) <= room {
                return candidate;
            }
        }
        "…".to_owned()
    }

    /// `text` in lines of at most `room` pixels, broken at spaces. A longer word stands alone.
    pub fn wrapped(self, text: &str, em: f64, room: f64) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            match lines.last_mut() {
                Some(line) if self.width(&format!("{line} {word}"), em) <= room => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(word.to_owned()),
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_grows_with_the_text_and_the_size() {
        let w = Face::Regular.width("Azure", 30.0);
        assert!((60.0..110.0).contains(&w), "{w}");
        assert!((Face::Regular.width("Azure", 60.0) - 2.0 * w).abs() < 1e-3);
        assert!(Face::SemiBold.width("Azure", 30.0) > w);
    }

    #[test]
    fn the_faces_hold_every_sign_that_charts_print() {
        for face in [Face::Regular, Face::SemiBold] {
            for c in "aZ09 %$–—“”’…×,.:;()é→≥".chars() {
                assert_ne!(face.font().glyph_id(c).0, 0, "{c} is missing");
            }
        }
    }

    #[test]
    fn long_texts_are_cut_and_wrapped_within_the_room() {
        let face = Face::Regular;
        let text = "a rather long name of a contract";
        let cut = face.elided(text, 30.0, 200.0);
        assert!(cut.ends_with('…') && face.width(&cut, 30.0) <= 200.0, "{cut}");
        assert_eq!(face.elided("short", 30.0, 200.0), "short");
        let lines = face.wrapped(text, 30.0, 200.0);
        assert!(lines.len() > 1 && lines.iter().all(|line| face.width(line, 30.0) <= 200.0), "{lines:?}");
        assert_eq!(lines.join(" "), text);
    }
}
