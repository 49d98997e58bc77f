//! Thinning of the dates that tables hold.

use crate::units::CivilDate;
use std::str::FromStr;

/// Which month ends a table holds. The last date of a run is always held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Every {
    /// All.
    #[default]
    Month,
    /// The ends of March, June, September and December.
    Quarter,
    /// The ends of December.
    Year,
}

impl Every {
    /// For each of `dates` (`YYYY-MM-DD`, ascending), whether it is held.
    pub fn keeps(self, dates: &[String]) -> Vec<bool> {
        let last = dates.len().saturating_sub(1);
        dates.iter().enumerate().map(|(i, date)| i == last || self.keeps_month_of(date)).collect()
    }

    fn keeps_month_of(self, date: &str) -> bool {
        let months_between = match self {
            Every::Month => return true,
            Every::Quarter => 3,
            Every::Year => 12,
        };
        CivilDate::parse(date).is_ok_and(|date| date.month() % months_between == 0)
    }
}

impl FromStr for Every {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "month" => Ok(Every::Month),
            "quarter" => Ok(Every::Quarter),
            "year" => Ok(Every::Year),
            _ => Err(format!("expected month, quarter or year, found `{text}`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(every: Every, dates: &[&str]) -> Vec<String> {
        let dates: Vec<String> = dates.iter().map(|d| (*d).to_owned()).collect();
        let keeps = every.keeps(&dates);
        dates.into_iter().zip(keeps).filter_map(|(date, keep)| keep.then_some(date)).collect()
    }

    const DATES: [&str; 6] = ["2023-01-31", "2023-03-31", "2023-11-30", "2023-12-31", "2024-06-30", "2024-07-15"];

    #[test]
    fn quarters_end_in_the_months_that_three_divides() {
        assert_eq!(kept(Every::Quarter, &DATES), ["2023-03-31", "2023-12-31", "2024-06-30", "2024-07-15"]);
    }

    #[test]
    fn years_end_in_december_and_the_last_date_stays() {
        assert_eq!(kept(Every::Year, &DATES), ["2023-12-31", "2024-07-15"]);
        assert_eq!(kept(Every::Month, &DATES), DATES);
        assert!(kept(Every::Year, &[]).is_empty());
    }

    #[test]
    fn names_are_those_of_the_command_line() {
        assert_eq!("quarter".parse(), Ok(Every::Quarter));
        assert!("week".parse::<Every>().unwrap_err().contains("week"));
    }
}
