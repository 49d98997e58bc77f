//! Revenue share paid to date against its total cap, when the median reaches it, and in how many replications it is
//! reached in each quarter.

use super::{MAX_PANELS, contract_colour, greatest, left_out_text};
use crate::report::charts::draw::frame::{Entry, Swatch};
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::draw::plot::span_of;
use crate::report::charts::draw::scale::{Unit, month_text};
use crate::report::charts::draw::scene::Dash;
use crate::report::charts::forms::{AgainstCap, Form, Line, LinePanels, Note, Panel, Reached, Scaling};
use crate::report::charts::input::{ChartInput, Series};
use crate::report::charts::picture::Picture;

pub fn picture(input: &ChartInput<'_>) -> Result<Picture, String> {
    let caps = input.series("revenue_share_cap_usd").unwrap_or_default();
    let mut paid = input.series("revenue_share_paid_usd")?;
    // A share under which nothing was ever due, such as one of a profit that never came, has nothing to show.
    if paid.iter().any(|series| series.peak() > 0.0) {
        paid.retain(|series| series.peak() > 0.0);
    }
    let (paid, left_out) = greatest(paid, MAX_PANELS, |series| series.peak());
    let reached = input.series("cap_reached").unwrap_or_default();
    let of = |paid: &Series<'_>| reached.iter().find(|reached| reached.id == paid.id);
    let cap_of = |paid: &Series<'_>| caps.iter().find(|cap| cap.id == paid.id);
    let panels = paid.iter().map(|paid| panel(input, paid, cap_of(paid), of(paid))).collect();
    let reached = paid.iter().map(|paid| of(paid).map(|r| by_quarter(input, r))).collect();
    let mut legend = vec![Entry::new(Swatch::Line(Colour::INK, Dash::Long), "Total cap in force")];
    legend.extend(input.legend_of_bands());
    if let Some(median) = legend.get_mut(1) {
        median.text = "Paid to date, median".into();
    }
    let years = input.years();
    Ok(Picture {
        title: "Revenue share paid, against its cap".into(),
        subtitle: "USD, cumulative since the counting date of each term".into(),
        legend,
        marks: input.marks(),
        source: input.source_of_bands() + &left_out_text(left_out, "term"),
        form: Form::AgainstCap(AgainstCap {
            lines: LinePanels { years, unit: Unit::Usd, may_be_log: false, scaling: Scaling::Own, panels },
            reached,
        }),
    })
}

fn panel(input: &ChartInput<'_>, paid: &Series<'_>, cap: Option<&Series<'_>>, chance: Option<&Series<'_>>) -> Panel {
    let colour = contract_colour(input, paid.id);
    let paid_line = Line { label: "Paid".into(), colour, dash: Dash::Solid, ..paid.line(input.has_bands()) };
    let cap_line =
        cap.map(|cap| Line { label: "Cap".into(), colour: Colour::INK, dash: Dash::Long, ..cap.line(false) });
    let reached = chance.map_or_else(|| cap.and_then(|cap| reached(paid, cap)), reached_by_half);
    let notes = reached.map(|i| Note {
        year: input.years()[i],
        value: paid.spreads[i].p50,
        text: format!("Cap reached {}", month_text(&input.summary.dates[i])),
    });
    let lines = std::iter::once(paid_line).chain(cap_line).collect();
    Panel { title: paid.name.clone(), colour, lines, levels: Vec::new(), notes: notes.into_iter().collect() }
}

/// The first date by which half of the replications have reached their caps, which may differ.
fn reached_by_half(chance: &Series<'_>) -> Option<usize> {
    chance.spreads.iter().position(|spread| spread.mean >= 0.5)
}

/// The first date at which the median paid is the cap, to a millionth of it.
fn reached(paid: &Series<'_>, cap: &Series<'_>) -> Option<usize> {
    paid.spreads.iter().zip(cap.spreads).position(|(paid, cap)| cap.p50 > 0.0 && paid.p50 >= cap.p50 * (1.0 - 1e-6))
}

/// The share of the replications that reach the cap in each civil quarter, from the mean of a series that is 1 once it is
/// reached.
fn by_quarter(input: &ChartInput<'_>, reached: &Series<'_>) -> Reached {
    let (dates, years) = (&input.summary.dates, input.years());
    let start = span_of(&years).0;
    let (mut periods, mut from, mut share) = (Vec::new(), start, 0.0);
    for (i, spread) in reached.spreads.iter().enumerate() {
        // A quarter ends where the next month is of another, or the run does.
        if dates.get(i + 1).is_some_and(|next| quarter(next) == quarter(&dates[i])) {
            continue;
        }
        // Once a term is over nothing is observed, and nothing changes.
        let now = if spread.mean.is_finite() { spread.mean } else { share };
        periods.push((from, years[i], (now - share).max(0.0)));
        (from, share) = (years[i], now);
    }
    Reached { periods, never: 1.0 - share }
}

/// Year and quarter of `YYYY-MM-DD`.
fn quarter(date: &str) -> (&str, u32) {
    let month: u32 = date.get(5..7).and_then(|month| month.parse().ok()).unwrap_or(1);
    (date.get(..4).unwrap_or_default(), (month - 1) / 3)
}
