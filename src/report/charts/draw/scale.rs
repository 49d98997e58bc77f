//! From figures to pixels and to words: ticks, units, dates.

use crate::units::CivilDate;

/// What the figures of a chart are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Shares of one, shown as per cent.
    Share,
    /// US dollars: amounts and prices.
    Usd,
    /// Megawatts, shown as gigawatts where they are many.
    Megawatts,
    /// Counts of chips or H100-equivalents.
    Count,
    /// Seconds.
    Seconds,
    /// Index points.
    Points,
    /// Hours.
    Hours,
    /// Ends of months in years, shown by the months.
    Month,
}

/// A factor and the signs around a number.
struct Style {
    before: &'static str,
    divisor: f64,
    after: &'static str,
}

impl Unit {
    fn style(self, largest: f64) -> Style {
        let style = |before, divisor, after| Style { before, divisor, after };
        match self {
            Unit::Share => style("", 0.01, "%"),
            Unit::Usd if largest >= 1e9 => style("$", 1e9, "bn"),
            Unit::Usd if largest >= 1e6 => style("$", 1e6, "m"),
            Unit::Usd if largest >= 1e4 => style("$", 1e3, "k"),
            Unit::Usd => style("$", 1.0, ""),
            Unit::Megawatts if largest >= 2_000.0 => style("", 1e3, " GW"),
            Unit::Megawatts => style("", 1.0, " MW"),
            Unit::Count if largest >= 1e6 => style("", 1e6, "m"),
            Unit::Count if largest >= 1e4 => style("", 1e3, "k"),
            Unit::Count | Unit::Points => style("", 1.0, ""),
            Unit::Seconds => style("", 1.0, " s"),
            Unit::Hours => style("", 1.0, " h"),
            Unit::Month => style("", 1.0, ""),
        }
    }

    /// Texts of ascending ticks, all in the unit and with the decimals that the closest two need.
    pub fn tick_texts(self, ticks: &[f64]) -> Vec<String> {
        let largest = ticks.iter().fold(0.0_f64, |m, t| m.max(t.abs()));
        let style = self.style(largest);
        let step = ticks.windows(2).map(|w| w[1] - w[0]).fold(f64::INFINITY, f64::min) / style.divisor;
        let decimals = (0..6).find(|d| is_whole(step * libm::pow(10.0, f64::from(*d)))).unwrap_or(0);
        if self == Unit::Month {
            return ticks.iter().map(|tick| month_ending(*tick)).collect();
        }
        ticks.iter().map(|tick| style.tick_text(*tick, decimals as usize)).collect()
    }

    /// Texts of ticks on a logarithmic axis, each with the decimals that it needs.
    pub fn log_tick_texts(self, ticks: &[f64]) -> Vec<String> {
        ticks.iter().map(|tick| self.tick_texts(&[0.0, *tick]).pop().expect("two were given")).collect()
    }

    /// A figure in words, to two or three digits.
    pub fn text(self, value: f64) -> String {
        let style = self.style(value.abs());
        let scaled = (value / style.divisor).abs();
        let decimals = match self {
            Unit::Month => return month_ending(value),
            Unit::Points => 0,
            Unit::Share | Unit::Megawatts | Unit::Count | Unit::Hours if scaled >= 9.95 || scaled == 0.0 => 0,
            Unit::Share | Unit::Megawatts | Unit::Count | Unit::Hours => 1,
            Unit::Seconds if scaled >= 9.95 || scaled == 0.0 => 0,
            Unit::Seconds if scaled >= 0.995 => 1,
            Unit::Seconds => 2,
            Unit::Usd if scaled >= 99.95 || scaled == 0.0 => 0,
            Unit::Usd if scaled >= 9.995 => 1,
            Unit::Usd if scaled >= 0.1 => 2,
            Unit::Usd => 3,
        };
        style.text(value, decimals)
    }
}

impl Style {
    /// Zero needs neither decimals nor a factor.
    fn tick_text(&self, value: f64, decimals: usize) -> String {
        match (value == 0.0, self.after) {
            (true, "%") => "0%".to_owned(),
            (true, _) => format!("{}0", self.before),
            (false, _) => self.text(value, decimals),
        }
    }

    fn text(&self, value: f64, decimals: usize) -> String {
        // Adding zero turns -0 into 0.
        let scaled = value / self.divisor + 0.0;
        let number = thousands(&format!("{:.decimals$}", scaled.abs()));
        let sign = if scaled < 0.0 && number.chars().any(|c| ('1'..='9').contains(&c)) { "−" } else { "" };
        format!("{sign}{}{number}{}", self.before, self.after)
    }
}

fn is_whole(x: f64) -> bool {
    (x - x.round()).abs() < 1e-6 * x.abs().max(1e-9)
}

/// `1234567.8` as `1,234,567.8`.
fn thousands(number: &str) -> String {
    let (whole, rest) = number.split_once('.').map_or((number, None), |(w, r)| (w, Some(r)));
    let mut text = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(rest) = rest {
        text.push('.');
        text.push_str(rest);
    }
    text
}

/// A vertical axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// Ascending.
    pub ticks: Vec<f64>,
    /// Whether equal factors are equally far apart.
    pub log: bool,
}

impl Axis {
    /// A linear axis that holds `low..=high` and zero, with about `wanted` steps of 1, 2 or 5 times a power of ten.
    pub fn linear(low: f64, high: f64, wanted: usize) -> Self {
        let (low, high) = (low.min(0.0), high.max(0.0));
        let range = if high > low { high - low } else { 1.0 };
        let step = nice_step(range, wanted);
        let (first, last) = ((low / step).floor() as i64, (low + range) / step);
        // A value on a tick must not add a step through rounding.
        let last = (last - 1e-6).ceil() as i64;
        let ticks: Vec<f64> = (first..=last).map(|i| i as f64 * step).collect();
        Self { low: first as f64 * step, high: last as f64 * step, ticks, log: false }
    }

    /// A linear axis that holds `low..=high`, and zero if that is nearer than what lies between them is wide.
    pub fn around(low: f64, high: f64, wanted: usize) -> Self {
        if low > high {
            return Self::linear(0.0, 0.0, wanted);
        }
        if low.max(-high) <= high - low {
            return Self::linear(low, high, wanted);
        }
        let step = nice_step((high - low).max(1e-9 * high.abs()), wanted);
        let (first, last) = ((low / step + 1e-6).floor() as i64, (high / step - 1e-6).ceil() as i64);
        let last = last.max(first + 1);
        let ticks: Vec<f64> = (first..=last).map(|i| i as f64 * step).collect();
        Self { low: first as f64 * step, high: last as f64 * step, ticks, log: false }
    }

    /// A linear axis that holds the instants `low..=high` in years, with ticks at the ends of months.
    pub fn months(low: f64, high: f64, wanted: usize) -> Self {
        if low > high {
            return Self::linear(0.0, 0.0, wanted);
        }
        let (low, high) = (12.0 * low, 12.0 * high);
        let step = [1.0, 3.0, 6.0, 12.0, 24.0, 60.0]
            .into_iter()
            .find(|step| wanted as f64 * step >= high - low)
            .unwrap_or(120.0);
        let (first, last) = ((low / step + 1e-6).floor() as i64, (high / step - 1e-6).ceil() as i64);
        let ticks: Vec<f64> = (first..=last.max(first + 1)).map(|i| i as f64 * step / 12.0).collect();
        Self { low: ticks[0], high: ticks[ticks.len() - 1], ticks, log: false }
    }

    /// A logarithmic axis over positive `low..=high` that ends at 1, 2 or 5 times powers of ten, with ticks there, or
    /// at powers alone if it spans more than two of them.
    pub fn log(low: f64, high: f64) -> Self {
        let powers = libm::log10(low).floor() as i32..=libm::log10(high).ceil() as i32 + 1;
        let all = powers.flat_map(|p| [1.0, 2.0, 5.0].map(|m| (m, m * libm::pow(10.0, f64::from(p)))));
        let all: Vec<(f64, f64)> = all.collect();
        let from = all.iter().rposition(|(_, tick)| *tick <= low * 1.000_001).unwrap_or(0);
        let to = all.iter().position(|(_, tick)| *tick >= high * 0.999_999).unwrap_or(all.len() - 1).max(from + 1);
        let (low, high) = (all[from].1, all[to].1);
        let powers_only = high > 250.0 * low;
        let shown = all[from..=to].iter().filter(|(mantissa, _)| !powers_only || *mantissa == 1.0);
        Self { low, high, ticks: shown.map(|(_, tick)| *tick).collect(), log: true }
    }

    /// Logarithmic where the figures differ by more than 10 times and none is zero or less, else linear.
    pub fn for_prices(low: f64, high: f64, wanted: usize) -> Self {
        if low > 0.0 && high > 10.0 * low { Self::log(low, high) } else { Self::linear(low, high, wanted) }
    }

    /// Where a figure stands between the lower end (0) and the upper (1); beyond them at them.
    pub fn share(&self, value: f64) -> f64 {
        let (low, high) = (self.low, self.high);
        let share = if self.log {
            (libm::log10(value.max(low)) - libm::log10(low)) / (libm::log10(high) - libm::log10(low))
        } else {
            (value - low) / (high - low)
        };
        share.clamp(0.0, 1.0)
    }

    /// Texts of the ticks.
    pub fn texts(&self, unit: Unit) -> Vec<String> {
        if self.log { unit.log_tick_texts(&self.ticks) } else { unit.tick_texts(&self.ticks) }
    }
}

/// A step of 1, 2 or 5 times a power of ten that cuts `range` into about `wanted`.
pub fn nice_step(range: f64, wanted: usize) -> f64 {
    let rough = range / wanted.max(1) as f64;
    let power = libm::pow(10.0, libm::log10(rough).floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * power).into_iter().find(|s| *s >= 0.75 * rough);
    step.expect("ten powers are above any rough step")
}

/// The month that ends at an instant in years: 2027.5 is `Jun 2027`.
fn month_ending(year: f64) -> String {
    let months = (12.0 * year).round() as i64 - 1;
    month_text(&format!("{:04}-{:02}-01", months.div_euclid(12), months.rem_euclid(12) + 1))
}

/// The end of a civil day in years: `2023-12-31` is 2024.0.
pub fn year_at_end_of(date: &str) -> Option<f64> {
    year_at_start_of(date, 1)
}

/// The start of a civil day in years, moved by `days`: `2024-01-01` is 2024.0.
pub fn year_at_start_of(date: &str, days: i64) -> Option<f64> {
    let date = CivilDate::parse(date).ok()?;
    let new_year = |year: i16| CivilDate::parse(&format!("{year}-01-01")).ok();
    let first = new_year(date.year())?;
    // 2100 is the last year of the calendar; it has 365 days.
    let length = new_year(date.year() + 1).map_or(365, |next| next.days_since(first));
    Some(f64::from(date.year()) + (date.days_since(first) + days) as f64 / length as f64)
}

/// `2026-04-27` as `Apr 2026`.
pub fn month_text(date: &str) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    match CivilDate::parse(date) {
        Ok(date) => format!("{} {}", MONTHS[date.month() as usize - 1], date.year()),
        Err(_) => date.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_hold_the_figures() {
        assert_eq!(Axis::linear(0.0, 0.43, 5).ticks.len(), 6);
        assert_eq!(
            Unit::Share.tick_texts(&Axis::linear(0.0, 0.43, 5).ticks),
            ["0%", "10%", "20%", "30%", "40%", "50%"]
        );
        assert_eq!(Axis::linear(0.0, 1.0, 5).ticks.last(), Some(&1.0));
        assert_eq!(Axis::linear(-3.0, 7.0, 5).ticks, [-4.0, -2.0, 0.0, 2.0, 4.0, 6.0, 8.0]);
        assert_eq!(Axis::linear(0.0, 0.0, 5).ticks[0], 0.0);
    }

    #[test]
    fn ticks_say_their_unit() {
        assert_eq!(Unit::Usd.tick_texts(&[0.0, 2e10, 4e10]), ["$0", "$20bn", "$40bn"]);
        assert_eq!(Unit::Usd.tick_texts(&[0.0, 2.5, 5.0]), ["$0", "$2.5", "$5.0"]);
        assert_eq!(Unit::Megawatts.tick_texts(&[0.0, 5_000.0, 10_000.0]), ["0", "5 GW", "10 GW"]);
        assert_eq!(Unit::Points.tick_texts(&[0.0, 2_500.0]), ["0", "2,500"]);
        assert_eq!(Unit::Share.tick_texts(&[-0.0, 0.025, 0.05]), ["0%", "2.5%", "5.0%"]);
    }

    #[test]
    fn figures_have_two_or_three_digits() {
        for (unit, value, text) in [
            (Unit::Share, 0.314, "31%"),
            (Unit::Share, 0.0314, "3.1%"),
            (Unit::Share, 0.0996, "10%"),
            (Unit::Usd, 38.04e9, "$38.0bn"),
            (Unit::Usd, 0.0523, "$0.052"),
            (Unit::Usd, 2.349, "$2.35"),
            (Unit::Usd, -1.5, "−$1.50"),
            (Unit::Megawatts, 350.0, "350 MW"),
            (Unit::Megawatts, 6_240.0, "6.2 GW"),
            (Unit::Count, 1_240_000.0, "1.2m"),
            (Unit::Points, 2_345.4, "2,345"),
            (Unit::Seconds, 0.345, "0.34 s"),
            (Unit::Hours, 12.3, "12 h"),
            (Unit::Hours, 0.0, "0 h"),
            (Unit::Usd, -0.0, "$0"),
            (Unit::Month, 2027.5, "Jun 2027"),
            (Unit::Month, 2028.0, "Dec 2027"),
        ] {
            assert_eq!(unit.text(value), text);
        }
    }

    #[test]
    fn an_axis_leaves_zero_out_where_it_is_far() {
        let ticks = |low, high| Axis::around(low, high, 5).ticks;
        assert_eq!(ticks(2027.1, 2029.4), [2027.0, 2027.5, 2028.0, 2028.5, 2029.0, 2029.5]);
        assert_eq!(ticks(-0.9, 4.0)[0], -1.0);
        assert_eq!(ticks(1.0, 4.0)[0], 0.0);
        assert_eq!(ticks(7.0, 7.0).len(), 2);
    }

    #[test]
    fn an_axis_of_instants_ends_with_months() {
        let texts = |low, high| Axis::months(low, high, 4).texts(Unit::Month);
        assert_eq!(texts(2025.25, 2026.09), ["Mar 2025", "Jun 2025", "Sep 2025", "Dec 2025", "Mar 2026"]);
        assert_eq!(texts(2027.6, 2031.5), ["Dec 2026", "Dec 2027", "Dec 2028", "Dec 2029", "Dec 2030", "Dec 2031"]);
        assert_eq!(texts(2027.5, 2027.5), ["Jun 2027", "Jul 2027"]);
    }

    #[test]
    fn a_logarithmic_axis_ends_at_ticks() {
        assert_eq!(Axis::log(0.3, 7.0).ticks, [0.2, 0.5, 1.0, 2.0, 5.0, 10.0]);
        let wide = Axis::log(0.03, 1_800.0);
        assert_eq!(wide.texts(Unit::Usd), ["$0.1", "$1", "$10", "$100", "$1,000"]);
        // From 0.02 to 2,000 are five powers of ten, and from 0.02 to 2 two of them.
        assert!((wide.share(2.0) - 0.4).abs() < 1e-9, "{}", wide.share(2.0));
        assert_eq!(Axis::log(0.3, 7.0).texts(Unit::Usd), ["$0.2", "$0.5", "$1", "$2", "$5", "$10"]);
        assert!(Axis::for_prices(1.0, 11.0, 5).log && !Axis::for_prices(1.0, 9.0, 5).log);
        assert!(!Axis::for_prices(0.0, 11.0, 5).log);
    }

    #[test]
    fn dates_become_years_by_hand() {
        assert_eq!(year_at_end_of("2023-12-31"), Some(2024.0));
        assert_eq!(year_at_start_of("2024-01-01", 0), Some(2024.0));
        // 2024 is a leap year: its 183rd day, 1 July, starts after 182 of 366 days.
        assert_eq!(year_at_start_of("2024-07-01", 0), Some(2024.0 + 182.0 / 366.0));
        assert_eq!(year_at_end_of("soon"), None);
        assert_eq!(month_text("2026-04-27"), "Apr 2026");
    }
}
