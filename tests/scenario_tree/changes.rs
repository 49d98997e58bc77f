//! `changes` and `--set`.

use crate::fixture::{BASE, Folder, World};
use cloudmarket::scenario::decode::decode;
use cloudmarket::scenario::tree::{LoadOptions, Tree, load, load_with};

fn changed(changes: &str) -> Result<Tree, Vec<String>> {
    let variant = format!("(base: \"base.ron\", changes: [{changes}])");
    let folder = Folder::new(&[("base.ron", BASE), ("variant.ron", &variant)]);
    load(&folder.path("variant.ron"), &[]).map_err(|problems| {
        let line = |problem: &cloudmarket::scenario::problems::Problem| match &problem.help {
            Some(help) => format!("{} ({help})", problem.message),
            None => problem.message.clone(),
        };
        problems.iter().map(line).collect()
    })
}

fn value(tree: &Tree, path: &str) -> String {
    tree.get(path).map_or("nothing".into(), ToString::to_string)
}

#[test]
fn each_change_by_hand() {
    for (change, path, after) in [
        ("Set(\"clouds.azure.racks\", 25)", "clouds.azure.racks", "25"),
        ("Set(\"clouds.*.racks\", 25)", "clouds.aws.racks", "25"),
        ("Set(\"clouds.azure.regions.1\", \"south\")", "clouds.azure.regions", "[\"east\", \"south\"]"),
        (
            "Set(\"contracts.*.terms.share.until\", \"2031-01-01\")",
            "contracts.msft-openai.terms.share.until",
            "\"2031-01-01\"",
        ),
        ("Add(\"clouds.azure.regions.2\", \"south\")", "clouds.azure.regions", "[\"east\", \"west\", \"south\"]"),
        ("Add(\"clouds.aws.opens\", \"2024-01-01\")", "clouds.aws.opens", "\"2024-01-01\""),
        ("Add(\"clouds.gcp\", (racks: 1))", "clouds.gcp", "(racks: 1)"),
        ("Remove(\"clouds.azure\")", "clouds.azure", "nothing"),
        ("Remove(\"clouds.*.opens\")", "clouds.azure.opens", "nothing"),
        ("Remove(\"clouds.azure.regions.0\")", "clouds.azure.regions", "[\"west\"]"),
        ("Remove(\"clouds.azure.regions.*\")", "clouds.azure.regions", "[]"),
        ("Scale(\"clouds.azure.racks\", 1.5)", "clouds.azure.racks", "30.0"),
        ("Scale(\"clouds.aws.wacc\", 2)", "clouds.aws.wacc", "Linear([(\"2023-01-01\", 0.16), (\"2030-01-01\", 0.2)])"),
        ("Scale(\"clouds.azure.lead_time\", 0.5)", "clouds.azure.lead_time", "LogNormal(median: 45.0, sigma: 0.3)"),
        (
            "Scale(\"contracts.msft-openai.terms.share.rate\", 0.5)",
            "contracts.msft-openai.terms.share.rate",
            "Steps([(\"2023-01-01\", 0.1)])",
        ),
        (
            "Scale(\"contracts.msft-openai.terms.azure-2025.amount\", -2)",
            "contracts.msft-openai.terms.azure-2025.amount",
            "Uncertain(Normal(mean: -500000000000.0, sd: 2000000000.0))",
        ),
        ("Shift(\"clouds.azure.wacc\", 0.01)", "clouds.azure.wacc", "0.09999999999999999"),
        ("Shift(\"clouds.aws.wacc\", 1)", "clouds.aws.wacc", "Linear([(\"2023-01-01\", 1.08), (\"2030-01-01\", 1.1)])"),
        (
            "Shift(\"clouds.azure.lead_time\", 10)",
            "clouds.azure.lead_time",
            "LogNormal(median: 90, sigma: 0.3, plus: 10.0)",
        ),
        ("Shift(\"clouds.azure.opens\", 1)", "clouds.azure.opens", "\"2023-03-01\""),
        ("Shift(\"clouds.azure.opens\", -59)", "clouds.azure.opens", "\"2022-12-31\""),
        ("Shift(\"contracts.*.terms.api.0\", 1)", "contracts.msft-openai.terms.api", "Exclusive(\"2030-01-01\")"),
        (
            "Shift(\"clouds.aws.wacc.0.*.0\", 365)",
            "clouds.aws.wacc",
            "Linear([(\"2024-01-01\", 0.08), (\"2031-01-01\", 0.10)])",
        ),
    ] {
        let tree = changed(change).unwrap_or_else(|messages| panic!("{change}: {messages:?}"));
        assert_eq!(value(&tree, path), after, "{change}");
    }
}

#[test]
fn every_form_of_level_scales_and_shifts() {
    for (before, scaled, shifted) in [
        ("Uniform(low: 1, high: 3)", "Uniform(low: -6.0, high: -2.0)", "Uniform(low: 2.0, high: 4.0)"),
        (
            "Triangular(low: 1, mode: 2, high: 4)",
            "Triangular(low: -8.0, mode: -4.0, high: -2.0)",
            "Triangular(low: 2.0, mode: 3.0, high: 5.0)",
        ),
        ("Exponential(mean: 5)", "Exponential(mean: -10.0)", "Exponential(mean: 5, plus: 1.0)"),
        ("Exponential(mean: 5, plus: 2)", "Exponential(mean: -10.0, plus: -4.0)", "Exponential(mean: 5, plus: 3.0)"),
        ("Constant(4)", "Constant(-8.0)", "Constant(5.0)"),
        ("Some(4)", "Some(-8.0)", "Some(5.0)"),
        (
            "Growth(from: \"2023-01-01\", value: 1, per_year: 0.3)",
            "Growth(from: \"2023-01-01\", value: -2.0, per_year: 0.3)",
            "Growth(from: \"2023-01-01\", value: 2.0, per_year: 0.3)",
        ),
        (
            "Linear(points: [(\"2023-01-01\", 1)], then_per_year: 0.1)",
            "Linear(points: [(\"2023-01-01\", -2.0)], then_per_year: 0.1)",
            "Linear(points: [(\"2023-01-01\", 2.0)], then_per_year: 0.1)",
        ),
        (
            "Scaled(schedule: 3, by: Normal(mean: 1, sd: 1), plus: 1)",
            "Scaled(schedule: -6.0, by: Normal(mean: 1, sd: 1), plus: -2.0)",
            "Scaled(schedule: 3, by: Normal(mean: 1, sd: 1), plus: 2.0)",
        ),
    ] {
        let set = format!("Set(\"clouds.azure.wacc\", {before})");
        let tree = changed(&format!("{set}, Scale(\"clouds.azure.wacc\", -2)")).unwrap();
        assert_eq!(value(&tree, "clouds.azure.wacc"), scaled);
        let tree = changed(&format!("{set}, Shift(\"clouds.azure.wacc\", 1)")).unwrap();
        assert_eq!(value(&tree, "clouds.azure.wacc"), shifted);
    }
}

#[test]
fn wrong_changes_are_refused() {
    for (change, message) in [
        ("Set(\"clouds.azure.wac\", 1)", "`clouds.azure` has no `wac` (did you mean `wacc`?)"),
        ("Set(\"clouds.azur.wacc\", 1)", "`clouds` has no `azur` (did you mean `azure`?)"),
        ("Set(\"cloud.azure.wacc\", 1)", "the scenario has no `cloud` (did you mean `clouds`?)"),
        (
            "Set(\"clouds.aws.opens\", 1)",
            "`clouds.aws` has no `opens` (to give a value to an optional field that is not there, use `Add`)",
        ),
        (
            "Set(\"clouds.azure.regions.7\", 1)",
            "`clouds.azure.regions` has no `7` (to give a value to an optional field that is not there, use `Add`)",
        ),
        ("Set(\"clouds..azure\", 1)", "`clouds..azure` has an empty step; a path is names joined by single dots"),
        ("Set(\"\", 1)", "the path is empty"),
        ("Set(\"clouds azure\", 1)", "` ` has no place in a path, which is names, indices or `*` joined by dots"),
        ("Add(\"clouds.azure.wacc\", 1)", "`wacc` is there already; use `Set` to change it"),
        ("Add(\"clouds.gcp.wacc\", 1)", "`clouds` has no `gcp` (add `gcp` first)"),
        ("Add(\"clouds.GCP\", 1)", "an id is made of a-z, 0-9 and `-`, found \"GCP\""),
        ("Add(\"clouds.azure.regions.5\", 1)", "the next item of this list is number 2"),
        ("Add(\"clouds.*\", 1)", "what is added needs a name, not `*`"),
        ("Add(\"clouds.azure.wacc.x\", 1)", "cannot add to the number 0.09"),
        ("Remove(\"clouds.azure.wac\")", "`clouds.azure` has no `wac` (did you mean `wacc`?)"),
        ("Remove(\"horizon.0\")", "cannot remove from a tuple of 2: set the whole value"),
        ("Scale(\"clouds.azure.wacc\", \"x\")", "expected a number, found the string \"x\""),
        (
            "Scale(\"clouds.azure\", 2)",
            "cannot scale fields `(name: ..)`: only a number, a schedule, a distribution or a date",
        ),
        ("Scale(\"name\", 2)", "cannot scale the string \"Base\": only a number, a schedule, a distribution or a date"),
        ("Scale(\"clouds.azure.wacc\", 1e308), Scale(\"clouds.azure.wacc\", 1e308)", "the result is too large"),
        ("Shift(\"name\", 2)", "cannot shift the string \"Base\": it is not a date"),
        ("Shift(\"clouds.azure.opens\", 0.5)", "a date moves by whole days, not by 0.5"),
        ("Shift(\"clouds.azure.opens\", 99999)", "2023-02-28 moved by 99999 days leaves 1990 to 2100"),
        (
            "Put(\"clouds\", 2)",
            "expected a change, found `Put(..)` (a change is `Set(\"path\", value)`, `Add(\"path\", value)`, \
             `Remove(\"path\")`, `Scale(\"path\", factor)` or `Shift(\"path\", amount)`)",
        ),
    ] {
        assert_eq!(changed(change).unwrap_err(), [message], "{change}");
    }
}

#[test]
fn every_wrong_change_is_reported() {
    let messages = changed("Set(\"a\", 1), Set(\"clouds.azure.racks\", 1), Remove(\"b\"), 5").unwrap_err();
    assert_eq!(messages.len(), 3);
}

#[test]
fn changes_cannot_grow_the_tree_without_end() {
    // Each list of ten replaces every item of the list before: 10^9 values.
    let list = format!("[{}]", "0, ".repeat(10));
    let path = |level: usize| format!("Set(\"clouds.azure.regions{}\", {list})", ".*".repeat(level));
    let changes: Vec<String> = (0..9).map(path).collect();
    let messages = changed(&changes.join(", ")).unwrap_err();
    assert_eq!(messages[0], "the changes make more than 1000000 values");
}

#[test]
fn changes_cannot_take_time_without_end() {
    let wide: String = (0..100_000).map(|i| format!("\"k{i}\": 1, ")).collect();
    let many = "Scale(\"clouds.*\", 1), ".repeat(5_000);
    let changes = format!("Set(\"clouds\", {{{wide}}}), {many}");
    assert_eq!(changed(&changes).unwrap_err()[0], "the changes of this scenario look at too many values");
}

#[test]
fn changes_cannot_nest_without_end() {
    let nested = format!("{}{}", "[".repeat(40), "]".repeat(40));
    let deep =
        format!("Set(\"clouds.azure.wacc\", {nested}), Add(\"clouds.azure.wacc{}.0\", {nested})", ".0".repeat(39));
    assert_eq!(changed(&deep).unwrap_err(), ["nested deeper than 64 levels"]);
}

#[test]
fn settings_are_ron_or_bare_words_and_dates() {
    let folder = Folder::new(&[("base.ron", BASE)]);
    for (setting, path, after) in [
        ("clouds.azure.racks=25", "clouds.azure.racks", "25"),
        ("clouds.*.racks = 25", "clouds.aws.racks", "25"),
        ("clouds.azure.opens=2026-04-27", "clouds.azure.opens", "\"2026-04-27\""),
        ("clouds.azure.opens=\"2026-04-27\"", "clouds.azure.opens", "\"2026-04-27\""),
        ("clouds.azure.opens=None", "clouds.azure.opens", "None"),
        ("name=Cheap", "name", "\"Cheap\""),
        ("name=a few words", "name", "\"a few words\""),
        ("clouds.azure.regions.0=north", "clouds.azure.regions.0", "\"north\""),
        ("contracts.msft-openai.terms.share=Free", "contracts.msft-openai.terms.share", "Free"),
        (
            "clouds.azure.wacc=Uncertain(Normal(mean: 1, sd: 2))",
            "clouds.azure.wacc",
            "Uncertain(Normal(mean: 1, sd: 2))",
        ),
    ] {
        let tree = load(&folder.path("base.ron"), &[setting.to_owned()]).unwrap_or_else(|p| panic!("{setting}: {p}"));
        assert_eq!(value(&tree, path), after, "{setting}");
    }
}

#[test]
fn wrong_settings_are_located_in_a_file_of_their_own() {
    let folder = Folder::new(&[("base.ron", BASE)]);
    let settings = ["clouds.azure.racks=x", "clouds.azure.wac=1", "clouds.azure.wacc=(a", "wacc"].map(str::to_owned);
    let problems = load(&folder.path("base.ron"), &settings[1..]).unwrap_err();
    let text = problems.to_string();
    let first = r#"error: `clouds.azure` has no `wac`
 --> <--set>:1:1
  |
1 | clouds.azure.wac=1
  | ^^^^^^^^^^^^^^^^
  |
  = note: at `clouds.azure.wac`
  = help: did you mean `wacc`?
"#;
    assert!(text.starts_with(first), "{text}");
    assert!(text.contains("error: `(` is never closed\n --> <--set>:2:19"), "{text}");
    assert!(text.contains("error: expected PATH=VALUE, found `wacc`\n --> <--set>:3:1"), "{text}");
    let tree = load(&folder.path("base.ron"), &settings[..1]).unwrap();
    let text = decode::<World>(&tree).unwrap_err().to_string();
    assert!(text.contains("--> <--set>:1:20"), "{text}");
}

#[test]
fn changes_can_be_made_one_by_one() {
    let variant = "(base: \"base.ron\", changes: [Set(\"seed\", 5), Scale(\"clouds.azure.racks\", 2)])";
    let folder = Folder::new(&[("base.ron", BASE), ("variant.ron", variant)]);
    let load = |keep: &[bool]| {
        let options = LoadOptions { keep_changes: Some(keep.to_vec()), ..LoadOptions::default() };
        load_with(&folder.path("variant.ron"), &options).unwrap()
    };
    let tree = load(&[false, true]);
    assert_eq!((value(&tree, "seed"), value(&tree, "clouds.azure.racks")), ("1_000".into(), "40.0".into()));
    assert_eq!(tree.changes(), ["Set(\"seed\", 5)", "Scale(\"clouds.azure.racks\", 2)"]);
    assert_eq!(value(&load(&[true]), "clouds.azure.racks"), "40.0");
    assert_eq!(value(&load(&[true, false]), "clouds.azure.racks"), "20");
}

#[test]
fn one_value_can_be_replaced() {
    let original = Tree::parse("base.ron", BASE).unwrap();
    let mut tree = original.clone();
    tree.set_raw("clouds.azure.racks", "-5").unwrap();
    assert_eq!(value(&tree, "clouds.azure.racks"), "-5");
    assert_eq!(value(&original, "clouds.azure.racks"), "20");
    assert_ne!(tree.digest(), original.digest());
    let text = decode::<World>(&tree).unwrap_err().to_string();
    assert!(text.contains("--> <set>:1:1"), "{text}");
    assert!(tree.set_raw("clouds.azure.rack", "5").is_err());
    assert!(tree.set_raw("clouds.azure.racks", "(").is_err());
}

#[test]
fn leaves_have_paths_that_lead_back_to_them() {
    let tree = Tree::parse("base.ron", BASE).unwrap();
    let leaves = tree.leaves();
    for leaf in &leaves {
        assert_eq!(tree.get(&leaf.path).unwrap().inner().to_string(), leaf.value, "{}", leaf.path);
    }
    let find = |path: &str| leaves.iter().find(|leaf| leaf.path == path).unwrap_or_else(|| panic!("{path}"));
    assert_eq!(find("clouds.aws.wacc.0.1.1").value, "0.10");
    assert_eq!(find("contracts.msft-openai.terms.azure-2025.amount.mean").value, "250e9");
    assert_eq!(find("contracts.msft-openai.terms.share.rate.0.0.1").source.as_deref(), Some("contracts:A"));
    assert_eq!(find("clouds.azure.racks").source, None);
}
