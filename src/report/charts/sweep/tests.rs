//! The series behind the charts of a sweep.

use super::map::shortened;
use super::*;
use crate::experiment::sweep::Limits;
use crate::model::Options;
use crate::report::charts::forms::Form;
use crate::report::sweep::RunRow;
use std::path::Path;

/// The sweep of the tests, with text replaced, and a summary in which run `r` has the values `of(r)`.
fn swept(replace: &[(&str, &str)], of: impl Fn(u32) -> Vec<f64>) -> (Sweep, PointsSummary) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("tests/sweep/share.ron")).unwrap();
    let scenario = root.join("scenarios/rules/revenue-share.ron").display().to_string();
    let text = text.replace("../../scenarios/rules/revenue-share.ron", &scenario);
    let text = replace.iter().fold(text, |text, (from, to)| text.replace(from, to));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("share.ron");
    std::fs::write(&file, text).unwrap();
    let limits = Limits { max_runs: 10_000, options: Options::default() };
    let sweep = Sweep::read(&file, limits).unwrap_or_else(|error| panic!("{error:?}"));
    let mut summary = PointsSummary::new(&sweep);
    (0..sweep.plan.runs()).for_each(|run| summary.push(&sweep, &RunRow { run, result: Ok(of(run)) }));
    (sweep, summary)
}

/// Points are (rate, cap): (0.1, 0.5), (0.1, 1), (0.2, 0.5)…, each with 2 policies of 3 runs.
#[test]
fn a_grid_of_two_axes_is_a_map_for_each_policy() {
    let (sweep, summary) = swept(&[], |run| vec![f64::from(run / 3), 1.0, 2.0]);
    let pictures = sweep_pictures(&sweep, &summary, &BTreeMap::new());
    assert_eq!(
        pictures.iter().map(|(stem, _)| stem.as_str()).collect::<Vec<_>>(),
        ["paid", "revenue", "capped-by", "regret"]
    );
    let Form::LevelMap(map) = &pictures[0].1.form else { panic!("another form") };
    assert_eq!((map.across.values.join(" "), map.up.values.join(" ")), ("0.1 0.2 0.3".into(), "0.5 1".into()));
    assert_eq!(map.panels[0].values, [[0.0, 4.0, 8.0], [2.0, 6.0, 10.0]]);
    assert_eq!((map.panels[1].title.as_str(), map.panels[1].values[0][0]), ("Dear", 1.0));
}

#[test]
fn a_list_of_two_axes_is_drawn_along_each() {
    let list = (
        "design: Grid",
        "design: List([{\"rate\": 0.1, \"cap\": 1}, {\"rate\": 0.3, \"cap\": 2}, {\"rate\": 0.3, \"cap\": 1}])",
    );
    let (sweep, summary) = swept(
        &[list, (", values: Range(from: 0.1, to: 0.3, points: 3)", ""), (", values: Values([0.5, 1])", "")],
        |run| vec![f64::from(run / 6), f64::NAN, 2027.5],
    );
    let pictures = sweep_pictures(&sweep, &summary, &BTreeMap::new());
    assert_eq!(pictures.len(), 3, "what no run observed has no chart");
    let Form::Response(response) = &pictures[0].1.form else { panic!("another form") };
    assert_eq!(response.panels[0].title, "Rate, of revenue");
    let line = &response.panels[0].lines[0];
    assert_eq!((line.at.clone(), line.band.p50.clone()), (vec![0.1, 0.3], vec![0.0, 1.5]));
    assert_eq!(response.panels[1].lines[1].band.p50, [1.0, 1.0]);
    assert_eq!(response.panels[1].ticks, [(1.0, "1".to_owned()), (2.0, "2".to_owned())]);
}

/// 40 points of a sample in groups of 4 along each axis.
#[test]
fn a_sample_is_drawn_in_groups_of_equal_size() {
    let uniform = ("Range(from: 0.1, to: 0.3, points: 3)", "Uniform(low: 0, high: 1)");
    let (sweep, summary) =
        swept(&[("design: Grid", "design: Sobol(points: 40)"), uniform], |run| vec![f64::from(run); 3]);
    let groups = response::groups(&sweep, 0);
    assert!(groups.len() == 10 && groups.iter().all(|group| group.points.len() == 4));
    assert!(groups.windows(2).all(|pair| pair[0].at < pair[1].at));
    let pictures = sweep_pictures(&sweep, &summary, &BTreeMap::new());
    let Form::Response(response) = &pictures[0].1.form else { panic!("another form") };
    assert_eq!(response.panels.iter().map(|panel| panel.lines[0].at.len()).collect::<Vec<_>>(), [10, 2]);
}

#[test]
fn numbers_on_axes_are_short() {
    let texts = [0.1, 2.0 / 3.0, 1.0, 12_345.678, 0.000_123_46].map(shortened);
    assert_eq!(texts, ["0.1", "0.6667", "1", "12346", "0.0001235"]);
}
