//! What JSON has otherwise than RON, so that the parser of RON can read it.

use super::parse::Fault;
use super::{FileId, Span};
use serde::de::IgnoredAny;

/// What keeps the bytes of `text` from `start` on from being JSON.
pub(super) fn syntax_fault(text: &str, start: usize, file: FileId) -> Option<Fault> {
    let error = serde_json::from_str::<IgnoredAny>(&text[start..]).err()?;
    let at = byte_at(text, start, error.line(), error.column());
    let end = at + text[at..].chars().next().map_or(0, char::len_utf8);
    let told = error.to_string();
    let told = told.split(" at line ").next().unwrap_or_default();
    let fault = Fault::new(Span::new(file, at, end), format!("this is not JSON: {told}"));
    Some(fault.help("JSON has no trailing commas, comments or bare words; in RON, a file has another ending"))
}

/// The content of a string token, quotes and escapes included.
pub(super) fn string(token: &str) -> Result<String, String> {
    serde_json::from_str(token).map_err(|_| "a string that cannot be read".to_owned())
}

/// The byte that a line and a column, both counted from 1 and from `start`, lie at; columns count bytes.
fn byte_at(text: &str, start: usize, line: usize, column: usize) -> usize {
    let before: usize = text[start..].split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let mut at = (start + before + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_where_json_ends() {
        let at = |text: &str| syntax_fault(text, 0, FileId(0)).map(|fault| (fault.span.start, fault.span.end));
        assert_eq!(at("{\"a\": [1, 2.5e-1, null, true, \"\\u00e4\"]}"), None);
        assert_eq!(at("{\n\"ä\": x}"), Some((8, 9)));
        assert_eq!(at("{\n\"a\": 1,\n}"), Some((10, 11)));
        assert_eq!(at("[1] 2"), Some((4, 5)));
        let text = "\u{feff}{\"a\": 1";
        let cut_short = syntax_fault(text, 3, FileId(0)).unwrap();
        assert!(cut_short.message.contains("EOF") && cut_short.span.end as usize <= text.len(), "{cut_short:?}");
    }
}
