//! Any tree prints and reads back; any text is answered.

use crate::fixture::{BASE, Folder, World};
use cloudmarket::scenario::decode::{decode, read};
use cloudmarket::scenario::tree::{LoadOptions, Tree};
use proptest::prelude::*;

fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|n| n.to_string()),
        any::<f64>().prop_filter("finite", |x| x.is_finite()).prop_map(|x| format!("{x:?}")),
        any::<String>().prop_map(|text| format!("{text:?}")),
        any::<char>().prop_map(|char| format!("{char:?}")),
        Just("0xff".to_owned()),
        Just("1_000.5".to_owned()),
        Just("r#\"raw \"text\"\"#".to_owned()),
        "[A-Z][a-z]{0,5}",
    ]
}

fn keyed(values: &[String], quote: &str) -> String {
    values.iter().enumerate().map(|(i, value)| format!("{quote}key{i}{quote}: {value}, ")).collect()
}

fn ron() -> impl Strategy<Value = String> {
    scalar().prop_recursive(6, 60, 6, |inner| {
        let values = prop::collection::vec(inner, 0..6);
        (values, 0..6usize).prop_map(|(values, form)| match form {
            0 => format!("[{}]", values.join(" , ")),
            1 => format!("({})", values.join(",")),
            2 => format!("Name({})", values.join(", /* c */ ")),
            3 => format!("(// line\n{})", keyed(&values, "")),
            4 => format!("Name /* c */ ({})", keyed(&values, "")),
            _ => format!("{{{}}}", keyed(&values, "\"")),
        })
    })
}

/// A valid file with a few bytes replaced, cut or doubled.
fn mutated() -> impl Strategy<Value = String> {
    let edit = (0..BASE.len(), 0..4usize, any::<u8>(), 1..40usize);
    prop::collection::vec(edit, 1..6).prop_map(|edits| {
        let mut bytes = BASE.as_bytes().to_vec();
        for (at, form, byte, length) in edits {
            let at = at.min(bytes.len() - 1);
            let end = (at + length).min(bytes.len());
            match form {
                0 => bytes[at] = byte,
                1 => bytes[at] = b"(){}[],:\"'/*0-."[usize::from(byte) % 15],
                2 => drop(bytes.drain(at..end.min(bytes.len() - 1))),
                _ => {
                    let piece = bytes[at..end].to_vec();
                    bytes.splice(at..at, piece);
                }
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Everything that can be done with a text, for its panics.
fn exercise(text: &str) {
    match Tree::parse("file.ron", text) {
        Ok(tree) => {
            if let Err(problems) = decode::<World>(&tree) {
                assert!(!problems.is_empty());
                problems.render(true);
            }
            let again = Tree::parse("again.ron", &tree.print()).unwrap();
            assert_eq!(again.root(), tree.root());
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            problems.render(true);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn print_reads_back(text in ron()) {
        let tree = Tree::parse("a.ron", &text).unwrap_or_else(|problems| panic!("{text}\n{problems}"));
        let again = Tree::parse("b.ron", &tree.print()).unwrap();
        prop_assert_eq!(again.root(), tree.root());
        prop_assert_eq!(again.print(), tree.print());
        prop_assert_eq!(again.digest(), tree.digest());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        exercise(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn no_brackets_make_it_panic(text in "[(){}\\[\\],:\"'/*#!rbA-Ca-c0-9.+_\\\\ \n\té-]{0,80}") {
        exercise(&text);
    }

    #[test]
    fn no_edit_of_a_valid_file_makes_it_panic(text in mutated()) {
        exercise(&text);
    }

    #[test]
    fn no_change_makes_it_panic(
        verb in prop::sample::select(vec!["Set", "Add", "Remove", "Scale", "Shift"]),
        path in prop_oneof![
            "[a-z*.0-3-]{0,12}",
            prop::sample::subsequence(vec!["clouds", "*", "azure", "wacc", "0", "1", "terms", "share"], 1..5)
                .prop_map(|steps| steps.join(".")),
            prop::sample::select(Tree::parse("b", BASE).unwrap().leaves().into_iter().map(|l| l.path).collect::<Vec<_>>()),
        ],
        value in prop_oneof![ron(), scalar()],
    ) {
        let value = if verb == "Remove" { String::new() } else { format!(", {value}") };
        let folder = Folder::new(&[
            ("base.ron", BASE),
            ("v.ron", &format!("(base: \"base.ron\", changes: [{verb}(\"{path}\"{value})])")),
        ]);
        let options = LoadOptions { settings: vec![format!("{path}={value}")], ..LoadOptions::default() };
        if let Err(problems) = read::<World>(&folder.path("v.ron"), &options) {
            problems.render(false);
        }
    }
}

#[test]
fn the_digest_sees_values_and_not_their_form() {
    let digest = |text: &str| Tree::parse("d", text).unwrap().digest();
    assert_eq!(
        digest("(a: 1_000, b: {\"x\": 0.50, \"y\": Free})"),
        digest("( b: {\"y\": Free, \"x\": 5e-1}, /* c */ a: 1e3 )")
    );
    assert_ne!(digest("[1, 2]"), digest("[2, 1]"));
    assert_ne!(digest("(a: 1)"), digest("(a: 2)"));
}

#[test]
fn printing_breaks_long_lines() {
    let tree = Tree::parse("base.ron", BASE).unwrap();
    let text = tree.print();
    assert!(text.lines().count() > 15, "{text}");
    assert!(text.contains("\n        \"azure\": (\n            wacc: 0.09,\n"), "{text}");
    assert_eq!(Tree::parse("again.ron", &text).unwrap().root(), tree.root());
}
