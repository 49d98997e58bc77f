//! What clauses are worth to the parties, as bars with the interval of the mean.

use super::draw::frame::{Entry, Swatch};
use super::draw::palette::Colour;
use super::draw::scale::Unit;
use super::draw::scene::Dash;
use super::forms::{BAR_ALPHA, Bar, BarGroup, Bars, Form, PALE_ALPHA};
use super::picture::Picture;

/// What one clause is worth to one party.
#[derive(Clone, Debug, PartialEq)]
pub struct ClauseBar {
    /// Name of the clause, `Contract: clause`.
    pub clause: String,
    /// Name of the party.
    pub party: String,
    /// Colour of the party, if it has one on other charts.
    pub colour: Option<Colour>,
    /// Mean, USD.
    pub value: f64,
    /// Half-width of its 95 % interval, USD.
    pub half_width: f64,
}

/// What clauses are worth.
#[derive(Clone, Debug, PartialEq)]
pub struct ClauseValues {
    /// Name of the scenario.
    pub scenario: String,
    /// Rate of discount, 0.1 for 10 % a year.
    pub discount_rate: f64,
    /// Replications of each.
    pub pairs: usize,
    /// Bars in any order; those of one clause stand together.
    pub bars: Vec<ClauseBar>,
}

/// Parties without a colour of their own have greys.
const GREYS: [Colour; 3] = [Colour::SOFT, Colour(0x9a, 0xa3, 0xad), Colour(0x2a, 0x30, 0x38)];

impl ClauseValues {
    /// The chart, the clause of the greatest value first.
    pub fn picture(&self) -> Picture {
        let mut legend: Vec<Entry> =
            self.parties().map(|(party, colour)| Entry::new(Swatch::Area(colour, BAR_ALPHA), party)).collect();
        let is_certain = self.bars.iter().all(|bar| bar.half_width == 0.0);
        if !is_certain {
            legend.push(Entry::new(Swatch::Line(Colour::INK, Dash::Solid), "95% interval of the mean"));
            legend.push(Entry::new(Swatch::Area(Colour::SOFT, PALE_ALPHA), "Pale: the interval holds zero"));
        }
        let percent = (self.discount_rate * 1_000.0).round() / 10.0;
        Picture {
            title: "What each clause is worth to the parties".into(),
            subtitle: format!(
                "Net present value of cash flows before financing, with the clause less without it, at {percent}% a \
                 year, USD"
            ),
            legend,
            marks: Vec::new(),
            source: format!(
                "Source: cloudmarket {}, scenario “{}”, {} paired replications. From the start of the run to its end; \
                 what comes after is left out.",
                env!("CARGO_PKG_VERSION"),
                self.scenario,
                self.pairs
            ),
            form: Form::Bars(Bars { unit: Unit::Usd, groups: self.groups() }),
        }
    }

    /// The parties in the order in which bars name them, with their colours.
    fn parties(&self) -> impl Iterator<Item = (&str, Colour)> {
        let mut parties: Vec<(&str, Option<Colour>)> = Vec::new();
        for bar in &self.bars {
            if parties.iter().all(|(party, _)| *party != bar.party) {
                parties.push((&bar.party, bar.colour));
            }
        }
        let mut greys = GREYS.into_iter().cycle();
        parties
            .into_iter()
            .map(move |(party, colour)| (party, colour.unwrap_or_else(|| greys.next().expect("a cycle has no end"))))
    }

    fn groups(&self) -> Vec<BarGroup> {
        let colours: Vec<(&str, Colour)> = self.parties().collect();
        let mut groups: Vec<BarGroup> = Vec::new();
        for bar in &self.bars {
            let colour = colours.iter().find(|(party, _)| *party == bar.party).expect("parties are the bars'").1;
            let drawn =
                Bar { colour, value: bar.value, range: (bar.value - bar.half_width, bar.value + bar.half_width) };
            match groups.iter_mut().find(|group| group.label == bar.clause) {
                Some(group) => group.bars.push(drawn),
                None => groups.push(BarGroup { label: bar.clause.clone(), bars: vec![drawn] }),
            }
        }
        let greatest = |group: &BarGroup| group.bars.iter().map(|bar| bar.value.abs()).fold(0.0, f64::max);
        groups.sort_by(|a, b| greatest(b).total_cmp(&greatest(a)));
        name_in_one_contract(&mut groups);
        groups
    }
}

/// The contract's name says nothing where all clauses are of one.
fn name_in_one_contract(groups: &mut [BarGroup]) {
    let contract = |group: &BarGroup| group.label.split_once(": ").map(|(contract, _)| contract.to_owned());
    let Some(first) = groups.first().and_then(contract) else { return };
    if groups.iter().all(|group| contract(group).as_ref() == Some(&first)) {
        for group in groups {
            let clause = group.label[first.len() + 2..].to_owned();
            let mut letters = clause.chars();
            let initial = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
            group.label = initial + letters.as_str();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(clause: &str, party: &str, value: f64) -> ClauseBar {
        let colour = (party == "A").then_some(Colour::ACCENT);
        ClauseBar { clause: clause.into(), party: party.into(), colour, value, half_width: 1e8 }
    }

    fn groups(bars: Vec<ClauseBar>) -> Vec<BarGroup> {
        let values = ClauseValues { scenario: "s".into(), discount_rate: 0.075, pairs: 4, bars };
        let picture = values.picture();
        assert!(picture.subtitle.contains("at 7.5% a year"), "{}", picture.subtitle);
        let Form::Bars(bars) = picture.form else { panic!("another form") };
        bars.groups
    }

    #[test]
    fn the_greatest_clause_comes_first_and_parties_keep_their_colours() {
        let bars = vec![bar("X: small", "A", 1e9), bar("X: small", "B", -2e9), bar("X: large", "A", -9e9)];
        let groups = groups(bars);
        assert_eq!(groups.iter().map(|group| group.label.as_str()).collect::<Vec<_>>(), ["Large", "Small"]);
        assert_eq!(groups[1].bars.iter().map(|bar| bar.colour).collect::<Vec<_>>(), [Colour::ACCENT, GREYS[0]]);
        assert_eq!(groups[1].bars[1].range, (-2.1e9, -1.9e9));
    }

    #[test]
    fn clauses_of_several_contracts_keep_their_contracts_names() {
        let groups = groups(vec![bar("X: share", "A", 2e9), bar("Y: share", "A", 1e9)]);
        assert_eq!(groups[0].label, "X: share");
    }
}
