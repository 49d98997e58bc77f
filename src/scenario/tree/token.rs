//! Scalar tokens. `ron` decides what the rarer forms mean, so that they agree with RON everywhere else.

/// A finite number that keeps the form it was written in.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    text: Box<str>,
    value: f64,
}

impl Number {
    /// Reads a number token such as `1_000`, `0xff`, `-2.5e3`.
    ///
    /// # Errors
    /// Says what is wrong with it: not a number, or not a finite one.
    pub fn parse(text: &str) -> Result<Self, String> {
        let value = read(text).ok_or_else(|| match looks_like_date(text) {
            true => format!("`{text}` is not a number; a date is written in quotes"),
            false => format!("`{text}` is not a number"),
        })?;
        if !value.is_finite() {
            return Err(format!("`{text}` is not a finite number"));
        }
        Ok(Self { text: text.into(), value })
    }

    /// The number `value`, or `None` if it is not finite.
    pub(super) fn of(value: f64) -> Option<Self> {
        value.is_finite().then(|| Self { text: format!("{value:?}").into(), value })
    }

    /// As written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Nearest double.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The exact integer that was written, also as `1e6` or `20.0` up to 2^53.
    pub fn integer(&self) -> Option<i128> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if let Ok(integer) = self.text.parse() {
            return Some(integer);
        }
        let in_ron = || {
            ron::from_str::<i64>(&self.text)
                .map(i128::from)
                .or_else(|_| ron::from_str::<u64>(&self.text).map(i128::from))
        };
        in_ron().ok().or_else(|| (self.value.fract() == 0.0 && self.value.abs() <= EXACT).then_some(self.value as i128))
    }

    /// One form for all ways to write the same number.
    pub(super) fn canonical(&self) -> String {
        match self.integer() {
            Some(integer) => integer.to_string(),
            None => format!("{:?}", self.value),
        }
    }
}

fn read(text: &str) -> Option<f64> {
    if is_plain(text) {
        return text.parse().ok();
    }
    // `ron` reads `inf` and `NaN` too; the caller refuses what is not finite.
    ron::from_str::<f64>(text)
        .ok()
        .or_else(|| ron::from_str::<i64>(text).ok().map(|n| n as f64))
        .or_else(|| ron::from_str::<u64>(text).ok().map(|n| n as f64))
}

/// Whether the token has only digits with at most a sign before and a point between: the common case.
fn is_plain(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    match unsigned.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(unsigned),
    }
}

fn looks_like_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(i, byte)| if i == 4 || i == 7 { byte == b'-' } else { byte.is_ascii_digit() })
}

/// The content of a string token, quotes and escapes included.
pub(super) fn string(token: &str) -> Result<String, String> {
    let plain =
        token.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).filter(|content| !content.contains('\\'));
    match plain {
        Some(content) => Ok(content.to_owned()),
        None => ron::from_str(token).map_err(|error| format!("a string that cannot be read: {}", error.code)),
    }
}

/// The content of a character token.
pub(super) fn character(token: &str) -> Result<char, String> {
    ron::from_str(token).map_err(|error| format!("a character that cannot be read: {}", error.code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_number() {
        for (text, value, integer) in [
            ("5", 5.0, Some(5)),
            ("-5", -5.0, Some(-5)),
            ("+5", 5.0, Some(5)),
            ("1_000", 1000.0, Some(1000)),
            ("0xff", 255.0, Some(255)),
            ("0b101", 5.0, Some(5)),
            ("0.25", 0.25, None),
            (".5", 0.5, None),
            ("5.", 5.0, Some(5)),
            ("1e3", 1000.0, Some(1000)),
            ("-2.5E-1", -0.25, None),
            ("1_0.5", 10.5, None),
            ("18446744073709551615", 18_446_744_073_709_551_615.0, Some(u64::MAX.into())),
        ] {
            let number = Number::parse(text).unwrap();
            assert_eq!((number.value(), number.integer()), (value, integer), "{text}");
        }
    }

    #[test]
    fn what_is_no_finite_number_is_refused() {
        for (text, message) in [
            ("1e999", "`1e999` is not a finite number"),
            ("-inf", "`-inf` is not a finite number"),
            ("1-2", "`1-2` is not a number"),
            ("1.2.3", "`1.2.3` is not a number"),
            ("-", "`-` is not a number"),
            ("2026-04-27", "`2026-04-27` is not a number; a date is written in quotes"),
        ] {
            assert_eq!(Number::parse(text).unwrap_err(), message);
        }
    }

    #[test]
    fn one_canonical_form() {
        let canonical = |text| Number::parse(text).unwrap().canonical();
        for text in ["1000", "1_000", "1e3", "1000.0", "+1000"] {
            assert_eq!(canonical(text), "1000");
        }
        assert_eq!(canonical("0.10"), "0.1");
    }
}
