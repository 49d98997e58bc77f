//! Ten thousand broken pieces of what is shipped, and values where they do not belong: each is answered, by problems that
//! can be shown or by a tree that prints and reads back as itself.

use cloudmarket::scenario::Scenario;
use cloudmarket::scenario::problems::{MAX_SHOWN, Problems};
use cloudmarket::scenario::tree::{Tree, load};
use proptest::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

fn scenarios() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// Pieces of the shipped files, cut at lines.
fn pieces() -> &'static [String] {
    const LINES: usize = 12;
    static PIECES: OnceLock<Vec<String>> = OnceLock::new();
    PIECES.get_or_init(|| {
        let folders = [scenarios(), scenarios().join("catalog")];
        let entries = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.retain(|path| path.extension().is_some_and(|end| end == "ron"));
        files.sort();
        let texts = files.iter().map(|file| std::fs::read_to_string(file).unwrap());
        let cut =
            |text: String| text.lines().collect::<Vec<_>>().chunks(LINES).map(|c| c.join("\n")).collect::<Vec<_>>();
        texts.flat_map(cut).collect()
    })
}

fn baseline() -> &'static (Tree, Vec<String>) {
    static BASELINE: OnceLock<(Tree, Vec<String>)> = OnceLock::new();
    BASELINE.get_or_init(|| {
        let tree = load(&scenarios().join("baseline.ron"), &[]).unwrap_or_else(|problems| panic!("{problems}"));
        let mut paths: Vec<String> = tree.leaves().into_iter().map(|leaf| leaf.path).collect();
        let above = |path: &String| path.match_indices('.').map(|(at, _)| path[..at].to_owned()).collect::<Vec<_>>();
        paths.extend(paths.iter().flat_map(above).collect::<Vec<_>>());
        paths.sort();
        paths.dedup();
        (tree, paths)
    })
}

fn can_be_shown(problems: &Problems) {
    assert!(problems.has_errors());
    let shown = problems.render_each(false);
    assert!(!shown.is_empty() && shown.len() <= MAX_SHOWN);
    assert!(shown.iter().all(|problem| problem.len() < 20_000), "a problem of more than 20,000 bytes");
}

fn reads_back(tree: &Tree) {
    let again = Tree::parse("again.ron", &tree.print()).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(again.root() == tree.root(), "{}", tree.print());
    assert_eq!(again.digest(), tree.digest());
}

fn is_answered(text: &str) {
    match Tree::parse("piece.ron", text) {
        Ok(tree) => reads_back(&tree),
        Err(problems) => can_be_shown(&problems),
    }
}

/// A text after a few bytes were replaced, cut, doubled or moved.
fn edited(text: &str, edits: &[(usize, u8, u8, usize)]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for &(at, form, byte, length) in edits {
        if bytes.is_empty() {
            break;
        }
        let at = at % bytes.len();
        let end = (at + length).min(bytes.len());
        match form {
            0 => bytes[at] = byte,
            1 => drop(bytes.drain(at..end)),
            2 => bytes.insert(at, byte),
            3 => {
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            _ => {
                let part: Vec<u8> = bytes.drain(at..end).collect();
                let to = usize::from(byte) * 7 % (bytes.len() + 1);
                bytes.splice(to..to, part);
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn edits() -> impl Strategy<Value = Vec<(usize, u8, u8, usize)>> {
    let byte = prop_oneof![any::<u8>(), prop::sample::select(b"()[]{}\",:.-+0189e_*/\\#rbN \n".to_vec())];
    prop::collection::vec((0..100_000usize, 0..5u8, byte, 1..60usize), 0..6)
}

/// What somebody may write for a value.
fn value() -> impl Strategy<Value = String> {
    let number = || {
        let odd = [0.0, -1.0, 1e-300, 0.5, 1.0, 1.5, 100.0, 1e9, 1e15, 1e16, 1e30, 1e31, 1e300, -1e300];
        prop_oneof![prop::sample::select(odd.to_vec()), any::<f64>().prop_filter("finite", |x| x.is_finite())]
    };
    let date = || (1985..2110i32, 1..14u8, 1..33u8).prop_map(|(y, m, d)| format!("\"{y}-{m:02}-{d:02}\""));
    let points = prop::collection::vec((date(), number()), 0..4)
        .prop_map(|points| points.iter().map(|(d, x)| format!("({d}, {x:?})")).collect::<Vec<_>>().join(", "));
    let names = ["None", "true", "()", "[]", "{}", "\"openai\"", "\"azure\"", "Compute", "Lab(\"azure\")", "FirstCome"];
    prop_oneof![
        number().prop_map(|x| format!("{x:?}")),
        date(),
        (points.clone(), prop::sample::select(vec!["Steps", "Linear", "Geometric"]))
            .prop_map(|(p, c)| format!("{c}([{p}])")),
        (points, number()).prop_map(|(p, x)| format!(
            "Scaled(schedule: Linear(points: [{p}], then_per_year: {x:?}), by: LogNormal(median: 1, sigma: 9))"
        )),
        (number(), number()).prop_map(|(a, b)| format!("LogNormal(median: {a:?}, sigma: {b:?})")),
        (number(), number()).prop_map(|(a, b)| format!("Uncertain(Uniform(low: {a:?}, high: {b:?}))")),
        (number(), number()).prop_map(|(a, b)| format!("Uncertain(Normal(mean: {a:?}, sd: {b:?}))")),
        (date(), number(), number()).prop_map(|(d, a, b)| format!("Growth(from: {d}, value: {a:?}, per_year: {b:?})")),
        prop::sample::select(names.map(str::to_owned).to_vec()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn broken_pieces_of_shipped_files_are_answered(piece in 0..1_000_000usize, edits in edits()) {
        let pieces = pieces();
        is_answered(&edited(&pieces[piece % pieces.len()], &edits));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    /// Through all stages: decoding, what does not fit, lints; whatever the value, also in the baseline's stead.
    #[test]
    fn any_value_anywhere_in_the_baseline_is_answered(places in prop::collection::vec((0..1_000_000usize, value()), 1..4)) {
        let (tree, paths) = baseline();
        let mut tree = tree.clone();
        for (place, value) in &places {
            // A value above may have taken the place away.
            if let Err(problems) = tree.set_raw(&paths[place % paths.len()], value) {
                can_be_shown(&problems);
            }
        }
        match Scenario::of_tree(tree) {
            Ok(scenario) => {
                let _ = scenario.warnings().render(false);
            }
            Err(problems) => can_be_shown(&problems),
        }
    }
}

#[test]
fn every_shipped_file_reads_back_from_its_print() {
    reads_back(&baseline().0);
    pieces().iter().for_each(|piece| is_answered(piece));
}
