//! Tables and figures as text.

/// One column of a text table.
#[derive(Clone, Copy)]
pub(super) enum Side {
    /// Names.
    Left,
    /// Figures.
    Right,
}

/// Aligns `rows` under `headings`, two spaces apart. Lines have no blanks at their ends.
pub(super) fn table<const N: usize>(headings: [(&str, Side); N], rows: &[[String; N]]) -> String {
    let widths: [usize; N] = std::array::from_fn(|i| {
        let cells = rows.iter().map(|row| row[i].chars().count());
        cells.chain([headings[i].0.chars().count()]).max().unwrap_or(0)
    });
    let line = |cells: [&str; N]| {
        let aligned: Vec<String> = (0..N)
            .map(|i| match headings[i].1 {
                Side::Left => format!("{:<width$}", cells[i], width = widths[i]),
                Side::Right => format!("{:>width$}", cells[i], width = widths[i]),
            })
            .collect();
        aligned.join("  ").trim_end().to_owned() + "\n"
    };
    let head = line(headings.map(|(name, _)| name));
    rows.iter().fold(head, |text, row| text + &line(row.each_ref().map(String::as_str)))
}

/// A figure with about six significant digits.
pub(super) fn figure(value: f64) -> String {
    let size = value.abs();
    if size >= 1e9 || (size < 1e-4 && size > 0.0) {
        return format!("{value:.4e}");
    }
    let decimals = match size {
        100_000.0.. => 0,
        1_000.0.. => 2,
        10.0.. => 4,
        _ => 6,
    };
    format!("{value:.decimals$}")
}

/// The name in `known` that `name` is most likely to be a misspelling of.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let scored = known.into_iter().map(|candidate| (strsim::jaro_winkler(name, candidate), candidate));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 > 0.7).then_some(best.1)
}

/// ` Did you mean …?`, or nothing.
pub(super) fn suggestion<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, known).map(|near| format!(" Did you mean `{near}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_on_their_side() {
        let rows = [["a".to_owned(), "10".to_owned()], ["longer".to_owned(), "7".to_owned()]];
        let text = table([("name", Side::Left), ("n", Side::Right)], &rows);
        assert_eq!(text, "name     n\na       10\nlonger   7\n");
    }

    #[test]
    fn figures_keep_their_leading_digits() {
        for (value, text) in [
            (0.0, "0.000000"),
            (-0.123_456_7, "-0.123457"),
            (12.5, "12.5000"),
            (6_543.21, "6543.21"),
            (-123_456.7, "-123457"),
            (2.5e10, "2.5000e10"),
            (1.5e-5, "1.5000e-5"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(figure(value), text);
        }
    }

    #[test]
    fn only_a_near_name_is_suggested() {
        let known = ["share_revenue", "share_tokens"];
        assert_eq!(suggestion("share_revenu", known), " Did you mean `share_revenue`?");
        assert_eq!(suggestion("xyz", known), "");
    }
}
