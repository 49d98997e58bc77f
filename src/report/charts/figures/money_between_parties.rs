//! Who paid whom over the run, and what came back.
//!
//! Means over the replications, not medians: they add up by row and column, and to the nets.

use super::{greatest, left_out_text};
use crate::report::charts::draw::frame::{Entry, Swatch};
use crate::report::charts::draw::palette::Colour;
use crate::report::charts::draw::scale::month_text;
use crate::report::charts::forms::{Form, Matrix, amount_text};
use crate::report::charts::input::ChartInput;
use crate::report::charts::picture::Picture;
use crate::report::summary::SeriesSummary;

/// Parties that a page has room for.
const MOST_PARTIES: usize = 14;
/// Pairs that are told below.
const MOST_PAIRS: usize = 8;
/// Share of the whole below which a party is left out.
const LEAST_PARTY: f64 = 0.0005;
/// Share of one payment that the payment back must be, to be called one.
const LEAST_SHARE: f64 = 0.01;
/// Least that a move must gain, so that rounding does not keep it going [USD bn].
const LEAST_GAIN: f64 = 1e-6;
const BILLION: f64 = 1e9;
const ONE_WAY: Colour = Colour(0x1f, 0x5a, 0x96);

/// A party, and what it paid to and received from the others [USD bn].
struct Party<'a> {
    id: &'a str,
    paid: f64,
    received: f64,
}

pub fn picture(input: &ChartInput<'_>) -> Result<Picture, String> {
    let pairs: Vec<(&SeriesSummary, f64)> =
        input.summary.of_metric("paid_usd").map(|series| (series, total(series))).collect();
    let whole: f64 = pairs.iter().map(|(_, amount)| amount).sum();
    if whole <= 0.0 {
        return Err("the run recorded no paid_usd".into());
    }
    let (parties, left_out) = shown(&pairs, whole);
    let amount = |payer: &Party<'_>, payee: &Party<'_>| {
        let mut pairs = pairs.iter();
        let pair = pairs.find(|(series, _)| series.key.entity == payer.id && series.key.counterparty == payee.id);
        pair.map_or(0.0, |(_, amount)| *amount)
    };
    let row = |payer| parties.iter().map(|payee| amount(payer, payee)).collect();
    let amounts: Vec<Vec<f64>> = parties.iter().map(row).collect();
    let order = downstream(&amounts);
    let mut matrix = Matrix {
        names: order.iter().map(|place| input.name(parties[*place].id)).collect(),
        amounts: order.iter().map(|row| order.iter().map(|column| amounts[*row][*column]).collect()).collect(),
        one_way: ONE_WAY,
        both_ways: Colour::ACCENT,
        heading: String::new(),
        notes: Vec::new(),
        least_share: LEAST_SHARE,
    };
    tell_exchanges(&mut matrix);
    let (first, last) = (&input.summary.dates[0], &input.summary.dates[input.summary.dates.len() - 1]);
    let span = format!("{} to {}", month_text(first), month_text(last));
    Ok(Picture {
        title: "Who pays whom, and what comes back".into(),
        subtitle: format!(
            "Payments between parties of the market, {span}, $bn. Rows pay columns, in the order that leaves least \
             below the diagonal: money on its way back"
        ),
        legend: vec![
            Entry::new(Swatch::Area(ONE_WAY, 0.8), "Paid one way"),
            Entry::new(Swatch::Area(Colour::ACCENT, 0.8), "The two pay each other"),
        ],
        marks: Vec::new(),
        source: input.source("Means of the replications, rounded.") + &left_out_text(left_out, "party"),
        form: Form::Matrix(matrix),
    })
}

/// Sum of the monthly means [USD bn].
fn total(series: &SeriesSummary) -> f64 {
    let means = series.spreads.iter().map(|spread| spread.mean).filter(|mean| mean.is_finite());
    means.sum::<f64>() / BILLION
}

/// The parties that count, from the greatest net payer to the greatest net receiver, and how many others paid or
/// received something.
fn shown<'a>(pairs: &[(&'a SeriesSummary, f64)], whole: f64) -> (Vec<Party<'a>>, usize) {
    let mut parties: Vec<Party<'a>> = Vec::new();
    for (series, amount) in pairs {
        for (id, paid, received) in [(&series.key.entity, *amount, 0.0), (&series.key.counterparty, 0.0, *amount)] {
            match parties.iter_mut().find(|party| party.id == id) {
                Some(party) => {
                    party.paid += paid;
                    party.received += received;
                }
                None => parties.push(Party { id, paid, received }),
            }
        }
    }
    parties.retain(|party| party.paid + party.received > 0.0);
    let all = parties.len();
    parties.retain(|party| party.paid + party.received >= LEAST_PARTY * whole);
    let (mut parties, _) = greatest(parties, MOST_PARTIES, |party| party.paid + party.received);
    parties.sort_by(|a, b| (b.paid - b.received).total_cmp(&(a.paid - a.received)));
    let left_out = all - parties.len();
    (parties, left_out)
}

/// The order in which money runs from the first to the last: the places of rows are moved, the one that helps most
/// first, until no move leaves less below the diagonal, where what runs back stands.
fn downstream(amounts: &[Vec<f64>]) -> Vec<usize> {
    let back = |order: &[usize]| -> f64 {
        let below = |(i, row): (usize, &usize)| order[..i].iter().map(|column| amounts[*row][*column]).sum::<f64>();
        order.iter().enumerate().map(below).sum()
    };
    let moved = |order: &[usize], from: usize, to: usize| {
        let mut order = order.to_vec();
        let place = order.remove(from);
        order.insert(to, place);
        order
    };
    let n = amounts.len();
    let mut order: Vec<usize> = (0..n).collect();
    loop {
        let (mut least, mut best) = (back(&order) - LEAST_GAIN, None);
        for (from, to) in (0..n).flat_map(|from| (0..n).map(move |to| (from, to))) {
            let next = moved(&order, from, to);
            if back(&next) < least {
                (least, best) = (back(&next), Some(next));
            }
        }
        let Some(next) = best else { return order };
        order = next;
    }
}

/// Names the pairs that pay each other, the greatest payment back first.
fn tell_exchanges(matrix: &mut Matrix) {
    let n = matrix.names.len();
    let pairs = (0..n).flat_map(|a| (0..n).map(move |b| (a, b)));
    let back = |(a, b): &(usize, usize)| matrix.amounts[*b][*a];
    let mut exchanges: Vec<(usize, usize)> = pairs
        .filter(|(a, b)| matrix.is_mutual(*a, *b))
        .filter(|(a, b)| (matrix.amounts[*a][*b], b) > (matrix.amounts[*b][*a], a))
        .collect();
    exchanges.sort_by(|one, other| back(other).total_cmp(&back(one)));
    if exchanges.is_empty() {
        return;
    }
    let returned: f64 = exchanges.iter().map(back).sum();
    let whole: f64 = matrix.amounts.iter().flatten().sum();
    matrix.heading = format!(
        "Of ${}bn, ${}bn goes straight back to whoever paid it; the pairs with most of that:",
        amount_text(whole),
        amount_text(returned)
    );
    let note = |(a, b): &(usize, usize)| {
        let (there, back) = (matrix.amounts[*a][*b], matrix.amounts[*b][*a]);
        format!(
            "{} pays {} ${}bn, gets ${}bn: net ${}bn",
            matrix.names[*a],
            matrix.names[*b],
            amount_text(there),
            amount_text(back),
            amount_text(there - back)
        )
    };
    matrix.notes = exchanges.iter().take(MOST_PAIRS).map(note).collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A maker gives a lab 3, which pays a cloud 10, which pays the maker 8: one way round, and least goes against the
    /// order lab, cloud, maker.
    #[test]
    fn a_circle_is_cut_where_least_flows() {
        let names = ["lab", "cloud", "maker"];
        let paid = [[0.0, 10.0, 0.0], [0.0, 0.0, 8.0], [3.0, 0.0, 0.0]];
        for start in [[0, 1, 2], [2, 0, 1], [1, 2, 0], [2, 1, 0]] {
            let amounts: Vec<Vec<f64>> =
                start.iter().map(|row: &usize| start.iter().map(|column| paid[*row][*column]).collect()).collect();
            let order: Vec<&str> = downstream(&amounts).into_iter().map(|place| names[start[place]]).collect();
            assert_eq!(order, names);
        }
    }
}
