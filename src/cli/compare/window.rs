//! When scenarios are compared: in one month, or over several.

use crate::report::charts::draw::scale::month_text;
use crate::units::CivilDate;
use std::ops::Range;

/// The months that a comparison looks at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Window {
    /// The last month of the run.
    Last,
    /// The months that touch the days from the first to the second, both included.
    Days(CivilDate, CivilDate),
}

impl Window {
    /// The month of `date`, the months of `period`, or the last month.
    ///
    /// # Errors
    /// If the period ends before it begins.
    pub(super) fn new(date: Option<CivilDate>, period: Option<(CivilDate, CivilDate)>) -> Result<Self, String> {
        match (date, period) {
            (Some(date), _) => Ok(Window::Days(date, date)),
            (None, Some((from, to))) if from > to => Err(format!("--from {from} is after --to {to}")),
            (None, Some((from, to))) => Ok(Window::Days(from, to)),
            (None, None) => Ok(Window::Last),
        }
    }

    /// In words, of a run with these month ends.
    pub(super) fn told(self, dates: &[String]) -> String {
        match self {
            Window::Last => dates.last().map_or_else(String::new, |date| month_text(date)),
            Window::Days(from, to) => {
                let (from, to) = (month_text(&from.to_string()), month_text(&to.to_string()));
                if from == to { from } else { format!("mean of {from} to {to}") }
            }
        }
    }

    /// The places of its months among `dates` (`YYYY-MM-DD`, ascending, one a month).
    ///
    /// # Errors
    /// If a month of the window was not observed.
    pub(super) fn places(self, dates: &[String]) -> Result<Range<usize>, String> {
        let (Some(first), Some(last)) = (dates.first(), dates.last()) else {
            return Err("the run observed nothing".to_owned());
        };
        let place_of = |day: CivilDate| {
            let month = day.to_string()[..7].to_owned();
            let place = dates.iter().position(|date| date.starts_with(&month));
            place.ok_or_else(|| format!("{day} is outside the run, which was observed from {first} to {last}"))
        };
        match self {
            Window::Last => Ok(dates.len() - 1..dates.len()),
            Window::Days(from, to) => Ok(place_of(from)?..place_of(to)? + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> CivilDate {
        CivilDate::parse(text).unwrap()
    }

    fn places(window: Window) -> Result<Range<usize>, String> {
        window.places(&["2023-01-31", "2023-02-28", "2023-03-31", "2023-04-10"].map(str::to_owned))
    }

    #[test]
    fn a_date_is_the_month_that_it_falls_in() {
        assert_eq!(places(Window::new(Some(date("2023-02-03")), None).unwrap()), Ok(1..2));
        assert_eq!(places(Window::Last), Ok(3..4));
        assert_eq!(Window::Last.told(&["2023-04-10".to_owned()]), "Apr 2023");
        assert_eq!(Window::Days(date("2023-02-03"), date("2023-02-20")).told(&[]), "Feb 2023");
        assert_eq!(Window::Days(date("2023-02-03"), date("2024-01-01")).told(&[]), "mean of Feb 2023 to Jan 2024");
    }

    #[test]
    fn a_period_holds_both_of_its_ends() {
        assert_eq!(places(Window::new(None, Some((date("2023-01-31"), date("2023-03-01")))).unwrap()), Ok(0..3));
    }

    #[test]
    fn what_was_not_observed_is_refused_with_what_was() {
        let refusal = places(Window::new(Some(date("2022-12-31")), None).unwrap()).unwrap_err();
        assert!(refusal.contains("2022-12-31") && refusal.contains("from 2023-01-31 to 2023-04-10"), "{refusal}");
        assert!(Window::new(None, Some((date("2023-02-01"), date("2023-01-01")))).is_err());
        assert!(Window::Last.places(&[]).is_err());
    }
}
