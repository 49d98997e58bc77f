//! Each mistake with its exact message, and many at once.

use crate::fixture::{BASE, Folder, World};
use cloudmarket::scenario::decode::{decode, read};
use cloudmarket::scenario::problems::Problems;
use cloudmarket::scenario::tree::{LoadOptions, Tree};

fn lines(problems: &Problems) -> Vec<String> {
    problems
        .iter()
        .map(|problem| {
            let place = problems.location(problem).unwrap();
            let help = problem.help.as_deref().map_or(String::new(), |help| format!(" ({help})"));
            format!("{}:{} {}: {}{help}", place.line, place.column, problem.path, problem.message)
        })
        .collect()
}

/// The problems of the base after replacing one piece of it.
fn mistake(right: &str, wrong: &str) -> Vec<String> {
    assert_eq!(BASE.matches(right).count(), 1, "{right}");
    let tree = Tree::parse("base.ron", &BASE.replace(right, wrong)).unwrap_or_else(|problems| panic!("{problems}"));
    lines(&decode::<World>(&tree).unwrap_err())
}

#[test]
fn the_base_has_no_mistake() {
    let world: World = decode(&Tree::parse("base.ron", BASE).unwrap()).unwrap();
    assert_eq!(world.clouds["azure"].racks, 20);
    assert_eq!(world.clouds["aws"].opens, None);
    let share = format!("{:?}", world.contracts["msft-openai"].terms["share"]);
    assert!(share.contains("contracts:A") && share.contains("contracts:B"), "{share}");
}

#[test]
fn each_mistake_has_its_message() {
    for (right, wrong, message) in [
        ("wacc: 0.09", "wac: 0.09", "7:13 clouds.azure.wac: unknown field `wac` (did you mean `wacc`?)"),
        ("wacc: 0.09,", "", "6:18 clouds.azure: missing field `wacc`"),
        (
            "wacc: 0.09",
            "wacc: \"cheap\"",
            "7:19 clouds.azure.wacc: expected a number, a schedule or a distribution, found the string \"cheap\"",
        ),
        ("racks: 20", "racks: -1", "8:20 clouds.azure.racks: expected a whole number from 0, found the number -1"),
        ("racks: 20", "racks: 2.5", "8:20 clouds.azure.racks: expected a whole number from 0, found the number 2.5"),
        (
            "racks: 20",
            "racks: 5_000_000_000",
            "8:20 clouds.azure.racks: expected a whole number up to 4294967295, found the number 5_000_000_000",
        ),
        ("racks: 20", "racks: many", "8:20 clouds.azure.racks: expected a whole number from 0, found `many`"),
        (
            "LogNormal(median: 90, sigma: 0.3)",
            "LogNorm(median: 90, sigma: 0.3)",
            "9:24 clouds.azure.lead_time: unknown form `LogNorm` (did you mean `LogNormal`?)",
        ),
        (
            "median: 90, sigma: 0.3",
            "median: 90, sigma: true",
            "9:53 clouds.azure.lead_time.sigma: expected a number, found `true`",
        ),
        (
            "median: 90, sigma: 0.3",
            "median: -90, sigma: 0.3",
            "9:24 clouds.azure.lead_time: `median` is positive, but it is -90",
        ),
        (
            "[\"east\", \"west\"]",
            "[\"east\", 5]",
            "10:31 clouds.azure.regions.1: expected a string, found the number 5",
        ),
        (
            "[\"east\", \"west\"]",
            "\"east\"",
            "10:22 clouds.azure.regions: expected a list `[..]`, found the string \"east\"",
        ),
        (
            "opens: \"2023-02-28\"",
            "opens: \"2023-02-29\"",
            "11:20 clouds.azure.opens: expected a date from 1990-01-01 to 2100-12-31 as YYYY-MM-DD, found `2023-02-29`",
        ),
        (
            "(\"2023-01-01\", \"2030-12-31\")",
            "(\"2023-01-01\",)",
            "3:14 horizon: expected 2 values in parentheses, found a tuple of 1",
        ),
        (
            "RevenueShare(rate:",
            "RevenueShar(rate:",
            "17:22 contracts.msft-openai.terms.share: unknown form `RevenueShar` (did you mean `RevenueShare`?)",
        ),
        (
            "\"rest\": Free",
            "\"rest\": Free(1)",
            "20:21 contracts.msft-openai.terms.rest: expected `Free`, found `Free(..)`",
        ),
        (
            "\"rest\": Free",
            "\"rest\": Exclusive",
            "20:21 contracts.msft-openai.terms.rest: expected `Exclusive(..)`, found `Exclusive`",
        ),
        (
            "\"rest\": Free",
            "\"rest\": \"Free\"",
            "20:21 contracts.msft-openai.terms.rest: expected `RevenueShare`, `Commitment`, `Exclusive` or `Free`, \
             found the string \"Free\" (write `Free` without quotes)",
        ),
        (
            "Exclusive(\"2029-12-31\")",
            "Exclusive(2029)",
            "19:30 contracts.msft-openai.terms.api.0: expected a date as \"YYYY-MM-DD\", found the number 2029",
        ),
        (
            "Commitment(amount:",
            "Commitment(rank: 300, amount:",
            "18:44 contracts.msft-openai.terms.azure-2025.rank: expected a whole number from 0 to 255, found the number 300",
        ),
        (
            "Sourced(\"2030-12-31\", \"contracts:B\")",
            "Sourced(\"2030-12-31\")",
            "17:102 contracts.msft-openai.terms.share.until: expected a date as \"YYYY-MM-DD\", found `Sourced(..)` \
             (evidence is given as `Sourced(value, \"table:row\")`)",
        ),
        (
            "(wacc: Linear([(\"2023-01-01\", 0.08), (\"2030-01-01\", 0.10)]), racks: 30, lead_time: 60)",
            "{\"wacc\": 1}",
            "13:16 clouds.aws: expected fields `(wacc: ..)`, found a map `{..}` (fields stand in parentheses, without quotes)",
        ),
        ("seed: 1_000, // any", "", "1:1 : missing field `seed`"),
    ] {
        assert_eq!(mistake(right, wrong), [message], "{wrong}");
    }
}

#[test]
fn two_missing_fields_and_a_wrong_one_in_one_struct_are_three_problems() {
    let found = mistake(
        "wacc: 0.09,\n            racks: 20,\n            lead_time: LogNormal(median: 90, sigma: 0.3)",
        "racks: \"x\"",
    );
    assert_eq!(
        found,
        [
            "6:18 clouds.azure: missing field `lead_time`",
            "6:18 clouds.azure: missing field `wacc`",
            "7:20 clouds.azure.racks: expected a whole number from 0, found the string \"x\"",
        ]
    );
}

#[test]
fn the_root_of_the_wrong_form_is_one_problem() {
    let tree = Tree::parse("base.ron", "[1, 2]").unwrap();
    assert_eq!(
        lines(&decode::<World>(&tree).unwrap_err()),
        ["1:1 : expected fields `(name: ..)`, found a list `[..]`"]
    );
}

#[test]
fn five_mistakes_in_three_files_are_shown_at_once() {
    let folder = Folder::new(&[
        (
            "variant.ron",
            "(\n    name: \"V\",\n    base: \"base.ron\",\n    changes: [\n        Set(\"clouds.azure.racks\", -5),\n        Set(\"clouds.azur.racks\", 5),\n    ],\n)",
        ),
        ("base.ron", "(name: \"B\", horizon: (\"2023-01-01\", \"20301231\"), sed: 7, include: [\"catalog/\"])"),
        ("catalog/azure.ron", "(\n    clouds: {\"azure\": (wacc: \"low\", racks: 1, lead_time: 5)},\n)"),
    ]);
    let problems = read::<World>(&folder.path("variant.ron"), &LoadOptions::default()).unwrap_err();
    let expected = r#"error: expected a whole number from 0, found the number -5
 --> variant.ron:5:35
  |
5 |         Set("clouds.azure.racks", -5),
  |                                   ^^
  |
  = note: at `clouds.azure.racks`

error: `clouds` has no `azur`
 --> variant.ron:6:13
  |
6 |         Set("clouds.azur.racks", 5),
  |             ^^^^^^^^^^^^^^^^^^^
  |
  = help: did you mean `azure`?

error: expected a date from 1990-01-01 to 2100-12-31 as YYYY-MM-DD, found `20301231`
 --> base.ron:1:37
  |
1 | (name: "B", horizon: ("2023-01-01", "20301231"), sed: 7, include: ["catalog/"])
  |                                     ^^^^^^^^^^
  |
  = note: at `horizon.1`

error: unknown field `sed`
 --> base.ron:1:50
  |
1 | (name: "B", horizon: ("2023-01-01", "20301231"), sed: 7, include: ["catalog/"])
  |                                                  ^^^
  |
  = note: at `sed`
  = help: did you mean `seed`?

error: expected a number, a schedule or a distribution, found the string "low"
 --> catalog/azure.ron:2:30
  |
2 |     clouds: {"azure": (wacc: "low", racks: 1, lead_time: 5)},
  |                              ^^^^^
  |
  = note: at `clouds.azure.wacc`

5 problems
"#;
    assert_eq!(folder.plain(&problems), expected);
}

#[test]
fn broken_syntax_in_one_file_does_not_hide_mistakes_in_another() {
    let folder = Folder::new(&[
        ("base.ron", "(name: \"B\", horizon: (\"2023-01-01\", \"2030-12-31\"), include: [\"a.ron\", \"b.ron\"])"),
        ("a.ron", "(seed: 5"),
        ("b.ron", "(clouds: {\"azure\": (wacc: true, racks: 1, lead_time: 5)})"),
    ]);
    let problems = read::<World>(&folder.path("base.ron"), &LoadOptions::default()).unwrap_err();
    let messages: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(messages, ["`(` is never closed", "expected a number, a schedule or a distribution, found `true`"]);
}

#[test]
fn a_hundred_problems_are_enough() {
    let clouds: String = (0..150).map(|i| format!("\"c{i}\": (wacc: x, racks: 1, lead_time: 5), ")).collect();
    let text = format!("(name: \"B\", horizon: (\"2023-01-01\", \"2030-12-31\"), seed: 1, clouds: {{{clouds}}})");
    let problems = decode::<World>(&Tree::parse("base.ron", &text).unwrap()).unwrap_err();
    assert_eq!(problems.len(), 100);
    assert!(problems.to_string().ends_with("100 problems, and there may be more\n"));
}
