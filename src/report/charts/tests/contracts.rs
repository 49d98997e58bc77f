//! Charts of contracts: what is told of shares, commitments and amendments.

use super::*;

#[test]
fn the_note_stands_where_the_median_reaches_the_cap() {
    let decade = Decade::new(5);
    let picture = decade.picture("revenue_share_against_cap");
    let paid = decade.summary.of_entity("revenue_share_paid_usd", "microsoft-openai.revenue-share").unwrap();
    let reached = paid.spreads.iter().position(|spread| spread.p50 >= 38e9).unwrap();
    let panel = &panels(&picture)[0];
    assert_eq!(panel.notes[0].value, 38e9);
    let year: i16 = decade.summary.dates[reached][..4].parse().unwrap();
    assert!(panel.notes[0].text.ends_with(&year.to_string()), "{}", panel.notes[0].text);
    assert_eq!(panel.lines[1].label, "Cap");
    assert!(panel.lines[1].band.p50[39].is_nan() && panel.lines[1].band.p50[40] == 38e9);
}

#[test]
fn commitment_years_follow_each_other() {
    let Form::Commitments(form) = Decade::new(2).picture("commitments_against_use").form else { panic!("bars") };
    let openai = form.panels.iter().find(|panel| panel.title == "Microsoft–OpenAI").unwrap();
    // It starts after 24 months, and its years are civil years: eight of them to the end of 2032.
    assert_eq!(openai.periods.len(), 8);
    assert_eq!((openai.periods[0].from, openai.periods[0].until), (2025.0, 2026.0));
    assert!((openai.periods[0].due - 2e9 * 1.35 * 1.35).abs() < 1.0);
    assert!(openai.periods.iter().all(|period| (period.paid - 0.1 * period.due).abs() < 1.0), "{:?}", openai.periods);
}

#[test]
fn amendments_are_numbered_by_date_across_contracts() {
    let picture = Decade::new(1).picture("contract_timeline");
    let Form::Timeline(form) = &picture.form else { panic!("a timeline") };
    let numbers = |i: usize| form.groups[i].amendments.iter().map(|mark| mark.number).collect::<Vec<_>>();
    assert_eq!((numbers(0), numbers(1), numbers(3)), (vec![1, 2, 4, 6, 7], vec![3], vec![5]));
    assert_eq!((form.years, form.simulated_from), ((2019.0, 2033.0), Some(2023.0)));
    assert_eq!(picture.marks[2].text, "Nov 2024: Primary training partner");
}

#[test]
fn milestones_outside_the_run_are_not_marked() {
    let picture = Decade::new(1).picture("hhi");
    assert_eq!(picture.marks.len(), 6);
    assert_eq!(picture.marks[4].text, "Apr 2026: Revenue share capped");
    assert!((picture.marks[4].year - (2026.0 + 116.0 / 365.0)).abs() < 1e-12);
}

#[test]
fn what_keeps_customers_from_their_first_choice_is_told_in_words_the_most_first() {
    let picture = Decade::new(2).picture("why_not");
    let titles: Vec<&str> = panels(&picture).iter().map(|panel| panel.title.as_str()).collect();
    assert_eq!(titles.len(), 2, "what bars nothing is left out: {titles:?}");
    assert_eq!(titles[1], "Does not run there yet");
}
