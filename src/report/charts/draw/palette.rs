//! Colours: one entity has one colour on every chart.

use super::scene::Dash;
use std::collections::BTreeMap;

/// An opaque sRGB colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

impl Colour {
    /// Titles and labels.
    pub const INK: Colour = Colour(0x12, 0x16, 0x1c);
    /// Secondary text.
    pub const SOFT: Colour = Colour(0x4a, 0x52, 0x5c);
    /// Marks of events.
    pub const MARK: Colour = Colour(0x6b, 0x74, 0x80);
    /// Grid lines.
    pub const GRID: Colour = Colour(0xcf, 0xd5, 0xdb);
    /// Lines that only give context.
    pub const FAINT: Colour = Colour(0xdd, 0xe1, 0xe6);
    /// Contracts and their terms, which are no entities of the palette.
    pub const CONTRACT: Colour = Colour(0x58, 0x72, 0x8a);
    /// Paper.
    pub const PAPER: Colour = Colour(0xff, 0xff, 0xff);
    /// The rule above a title, and what deserves a warning.
    pub const ACCENT: Colour = Colour(0xc8, 0x1e, 0x2b);

    /// Relative luminance of WCAG 2.1, 0 to 1.
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.03928 { c / 12.92 } else { libm::pow((c + 0.055) / 1.055, 2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// Contrast with white, 1 to 21.
    pub fn contrast_with_paper(self) -> f64 {
        1.05 / (self.luminance() + 0.05)
    }

    /// This colour with so many times as much white, none for itself.
    fn paler(self, times: u16) -> Colour {
        let paler = |channel: u8| channel + (u16::from(0xff - channel) * times / (times + 1)) as u8;
        Colour(paler(self.0), paler(self.1), paler(self.2))
    }

    /// This colour, darkened until a text in it is legible on white (contrast 4.5, as WCAG asks).
    pub fn for_text(self) -> Colour {
        let mut colour = self;
        while colour.contrast_with_paper() < 4.5 {
            let darker = |channel: u8| (f64::from(channel) * 0.95) as u8;
            colour = Colour(darker(colour.0), darker(colour.1), darker(colour.2));
        }
        colour
    }
}

/// Neighbours differ in lightness as well as in hue, so they stay apart in grey and to the colour-blind.
const COLOURS: [Colour; 16] = [
    Colour(0x00, 0x6b, 0xa2),
    Colour(0xeb, 0xb4, 0x34),
    Colour(0xc8, 0x3b, 0x45),
    Colour(0x3e, 0xbc, 0xd2),
    Colour(0x7a, 0x4f, 0x8c),
    Colour(0x6f, 0xae, 0x5b),
    Colour(0x8a, 0x5a, 0x2b),
    Colour(0xe8, 0x8f, 0x5a),
    Colour(0x37, 0x7d, 0x6f),
    Colour(0xd4, 0x8f, 0xb8),
    Colour(0x3d, 0x4f, 0x7d),
    Colour(0xb4, 0xba, 0x39),
    Colour(0xa0, 0x3a, 0x78),
    Colour(0x8f, 0xa3, 0xb0),
    Colour(0x5c, 0x63, 0x1f),
    Colour(0x9b, 0x8c, 0xd8),
];

const DASHES: [Dash; 3] = [Dash::Solid, Dash::Long, Dash::Short];

/// Colours, dashes and the order of a scenario's entities.
#[derive(Clone, Debug)]
pub struct Palette {
    places: BTreeMap<String, usize>,
    /// Colours of those that have none by their place.
    owned: BTreeMap<String, Colour>,
}

impl Palette {
    /// A palette for `ids` in the scenario's order; an id that comes again keeps its first place.
    pub fn new<I: IntoIterator<Item = S>, S: Into<String>>(ids: I) -> Self {
        let mut places = BTreeMap::new();
        for id in ids {
            let next = places.len();
            places.entry(id.into()).or_insert(next);
        }
        Self { places, owned: BTreeMap::new() }
    }

    /// The palette in which the first of the entities that belong to another, as channels do to clouds and labs, has its place
    /// and colour too; any more come after all that are there, each in a paler colour of the owner's.
    #[must_use]
    pub fn with_belongings<'a>(mut self, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut times = BTreeMap::new();
        for (id, owner) in pairs {
            let next = self.places.len();
            let Some(place) = self.place(owner) else {
                self.places.entry(id.to_owned()).or_insert(next);
                continue;
            };
            let shade: &mut u16 = times.entry(place).or_default();
            self.places.entry(id.to_owned()).or_insert(if *shade == 0 { place } else { next });
            if *shade > 0 {
                self.owned.insert(id.to_owned(), Self::nth(place).paler(*shade));
            }
            *shade += 1;
        }
        self
    }

    /// Place of an entity in the scenario's order, `None` if the scenario does not name it.
    pub fn place(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// Colour of an entity. One that the scenario does not name has the first.
    pub fn colour(&self, id: &str) -> Colour {
        self.owned.get(id).copied().unwrap_or_else(|| Self::nth(self.place(id).unwrap_or(0)))
    }

    /// Colour of the entity at `place`.
    pub fn nth(place: usize) -> Colour {
        COLOURS[place % COLOURS.len()]
    }

    /// Colour of the entity at `place` on a page with more entities than colours: those after the last colour have
    /// the colours again, mixed evenly with white.
    pub fn nth_or_paler(place: usize) -> Colour {
        Self::nth(place).paler((place >= COLOURS.len()).into())
    }

    /// Dash of an entity's line: solid for the first five, then others, so that lines differ without colour too.
    pub fn dash(&self, id: &str) -> Dash {
        DASHES[self.place(id).unwrap_or(0) / 5 % DASHES.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entity_keeps_its_colour_whatever_else_is_drawn() {
        let palette = Palette::new(["azure", "aws", "azure", "openai"]);
        assert_eq!(palette.place("openai"), Some(2));
        assert_eq!(palette.colour("aws"), Palette::nth(1));
        assert_eq!(palette.place("unknown"), None);
        assert_eq!(Palette::nth_or_paler(1), Palette::nth(1));
        assert_eq!(Palette::nth_or_paler(16), Colour(0x7f, 0xb5, 0xd0));
    }

    /// The second of a cloud's channels is half white, the third two thirds: 0x00 is 127 and 170, 0x6b 181 and 205.
    #[test]
    fn a_channel_has_its_owner_s_colour_and_a_further_one_a_paler() {
        let palette = Palette::new(["cloud", "lab"]).with_belongings([
            ("platform", "cloud"),
            ("government", "cloud"),
            ("api", "lab"),
            ("elsewhere", "nobody"),
            ("self-hosted", "cloud"),
        ]);
        assert_eq!((palette.colour("platform"), palette.colour("api")), (Palette::nth(0), Palette::nth(1)));
        assert_eq!(
            ["platform", "government", "elsewhere", "self-hosted"].map(|id| palette.place(id)),
            [0, 3, 5, 6].map(Some)
        );
        assert_eq!(palette.colour("government"), Colour(127, 181, 208));
        assert_eq!(palette.colour("self-hosted"), Colour(170, 205, 224));
        assert_eq!(palette.colour("elsewhere"), Palette::nth(5));
    }

    #[test]
    fn no_two_colours_are_alike_and_every_text_is_legible() {
        for (i, a) in COLOURS.iter().enumerate() {
            assert!(a.for_text().contrast_with_paper() >= 4.5);
            for b in &COLOURS[..i] {
                let apart = a.0.abs_diff(b.0) as u32 + a.1.abs_diff(b.1) as u32 + a.2.abs_diff(b.2) as u32;
                assert!(apart > 60, "{a:?} and {b:?}");
            }
        }
        assert_eq!(Colour::INK.for_text(), Colour::INK);
    }

    #[test]
    fn black_on_white_has_the_greatest_contrast() {
        assert!((Colour(0, 0, 0).contrast_with_paper() - 21.0).abs() < 1e-9);
    }
}
