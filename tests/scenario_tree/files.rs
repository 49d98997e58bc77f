//! Bases, includes, folders and limits.

use crate::fixture::{BASE, Folder, World};
use cloudmarket::scenario::decode::read;
use cloudmarket::scenario::tree::{LoadOptions, Tree, load, load_with};

/// The problems of loading `name`, one a line: place, message, help.
fn refusal(folder: &Folder, name: &str) -> Vec<String> {
    let problems = load(&folder.path(name), &[]).unwrap_err();
    problems
        .iter()
        .map(|problem| {
            let place = problems.location(problem).map_or(String::new(), |p| format!("{}:{} ", p.file, p.line));
            let help = problem.help.as_deref().map_or(String::new(), |help| format!(" ({help})"));
            folder.plain(&format!("{place}{}{help}", problem.message))
        })
        .collect()
}

fn value(tree: &Tree, path: &str) -> String {
    tree.get(path).map_or("nothing".into(), ToString::to_string)
}

#[test]
fn a_chain_of_bases_is_applied_from_the_bottom() {
    let folder = Folder::new(&[
        ("a.ron", BASE),
        ("b.ron", "(name: \"B\", base: \"a.ron\", changes: [Set(\"clouds.azure.racks\", 100), Set(\"seed\", 2)])"),
        (
            "c.ron",
            "(name: \"C\", base: \"b.ron\", clouds: {\"gcp\": (wacc: 1, racks: 1, lead_time: 1)}, changes: [Scale(\"clouds.*.racks\", 2)])",
        ),
    ]);
    let (tree, world) = read::<World>(&folder.path("c.ron"), &LoadOptions::default()).unwrap_or_else(|p| panic!("{p}"));
    assert_eq!((world.name.as_str(), world.seed), ("C", 2));
    let racks: Vec<u32> = world.clouds.values().map(|cloud| cloud.racks).collect();
    assert_eq!(racks, [60, 200, 2]);
    assert_eq!(tree.changes().len(), 1);
}

#[test]
fn included_folders_add_entities_sorted_by_name() {
    let folder = Folder::new(&[
        ("root.ron", "(name: \"R\", include: [\"catalog/\", \"more.ron\"], clouds: {\"a\": 1})"),
        ("catalog/z.ron", "(clouds: {\"z\": 1})"),
        ("catalog/b.ron", "(clouds: {\"b\": 1}, labs: {\"x\": (size: 1)})"),
        ("catalog/deep/d.ron", "(clouds: {\"d\": 1})"),
        ("catalog/notes.txt", "not read"),
        ("more.ron", "()"),
    ]);
    let tree = load(&folder.path("root.ron"), &[]).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(value(&tree, "clouds"), "{\"a\": 1, \"b\": 1, \"d\": 1, \"z\": 1}");
    assert_eq!(value(&tree, "labs.x.size"), "1");
    assert_eq!(value(&tree, "include"), "nothing");
}

#[test]
fn an_id_defined_twice_is_an_error() {
    let folder = Folder::new(&[
        ("root.ron", "(include: [\"a.ron\", \"b.ron\"])"),
        ("a.ron", "(\nclouds: {\"azure\": 1}, seed: 1)"),
        ("b.ron", "(clouds: {\"azure\": 2}, seed: 2)"),
        ("child.ron", "(base: \"a.ron\", clouds: {\"azure\": 3})"),
    ]);
    assert_eq!(
        refusal(&folder, "root.ron"),
        [
            "b.ron:1 `azure` is defined twice (it is first defined at a.ron:2)",
            "b.ron:1 `seed` is defined twice (it is first defined at a.ron:2)",
        ]
    );
    assert_eq!(
        refusal(&folder, "child.ron"),
        ["child.ron:1 `azure` is defined twice (it is first defined at a.ron:2; use `changes` to alter it)"]
    );
}

#[test]
fn wrong_assemblies_are_refused() {
    let folder = Folder::new(&[
        ("circle-a.ron", "(base: \"circle-b.ron\")"),
        ("circle-b.ron", "(base: \"circle-a.ron\")"),
        ("missing.ron", "(base: \"nowhere.ron\", include: [\"nothing/\"])"),
        ("twice.ron", "(include: [\"part.ron\", \"part.ron\"])"),
        ("itself.ron", "(include: [\"itself.ron\"])"),
        ("part.ron", "(seed: 1)"),
        ("nested.ron", "(include: [\"assembly.ron\"])"),
        ("assembly.ron", "(base: \"part.ron\", changes: [])"),
        ("list.ron", "[1]"),
        ("types.ron", "(base: 5, include: \"part.ron\", changes: 7)"),
        ("id.ron", "(clouds: {\"GPT 4\": 1})"),
    ]);
    for (name, messages) in [
        ("circle-a.ron", &["circle-b.ron:1 `circle-a.ron` is its own base, over 2 files"][..]),
        (
            "missing.ron",
            &[
                "missing.ron:1 there is no file or folder `nowhere.ron`",
                "missing.ron:1 there is no file or folder `nothing/`",
            ],
        ),
        ("twice.ron", &["twice.ron:1 `part.ron` is included twice (it is first included at twice.ron:1)"]),
        ("itself.ron", &["itself.ron:1 `itself.ron` includes itself"]),
        (
            "nested.ron",
            &["assembly.ron:1 an included file has no `base`", "assembly.ron:1 an included file has no `changes`"],
        ),
        ("list.ron", &["list.ron:1 expected fields `(name: ..)`, found a list `[..]`"]),
        (
            "types.ron",
            &[
                "types.ron:1 expected the path of a file in quotes, found the number 5",
                "types.ron:1 expected a list of files and folders, found the string \"part.ron\"",
                "types.ron:1 expected a list of changes, found the number 7",
            ],
        ),
        ("id.ron", &["id.ron:1 an id is made of a-z, 0-9 and `-`, found \"GPT 4\""]),
        ("absent.ron", &["there is no file `absent.ron`"]),
    ] {
        assert_eq!(refusal(&folder, name), messages, "{name}");
    }
}

#[test]
fn no_path_leaves_the_folder() {
    let folder = Folder::new(&[("in/base.ron", "(seed: 1)"), ("out.ron", "(seed: 1)"), ("out/x.ron", "(seed: 1)")]);
    let absolute = folder.path("in/base.ron").display().to_string();
    for path in ["../out.ron", "../in/../out.ron", "/etc/passwd", &absolute] {
        folder.write("in/root.ron", format!("(base: \"{path}\", include: [\"{path}\"])"));
        let found = refusal(&folder, "in/root.ron");
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(
            found
                .iter()
                .all(|message| message.contains("` leaves the scenario's folder (a scenario uses files of its own")),
            "{found:?}"
        );
    }
    folder.write("in/root.ron", "(base: \"../out.ron\")");
    let options = LoadOptions { folder: Some(folder.path("")), ..LoadOptions::default() };
    assert!(load_with(&folder.path("in/root.ron"), &options).is_ok());
}

#[test]
fn files_below_a_folder_called_scenarios_use_all_of_it_and_no_more() {
    let folder = Folder::new(&[
        ("scenarios/base.ron", "(seed: 1)"),
        ("scenarios/parts/a.ron", "(name: \"A\")"),
        ("scenarios/deep/er/root.ron", "(base: \"../../base.ron\", include: [\"../../parts/\"])"),
        ("scenarios/deep/out.ron", "(base: \"../../other.ron\")"),
        ("scenarios/deep/missing.ron", "(base: \"../bas.ron\")"),
        ("scenarios/deep/secret.ron", "(base: \"../../othr.ron\")"),
        ("other.ron", "(seed: 2)"),
    ]);
    let tree = load(&folder.path("scenarios/deep/er/root.ron"), &[]).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!((value(&tree, "seed"), value(&tree, "name")), ("1".into(), "\"A\"".into()));
    assert!(refusal(&folder, "scenarios/deep/out.ron")[0].contains("`../../other.ron` leaves the scenario's folder"));
    // The nearest name is told inside, and nothing of what lies outside.
    assert_eq!(
        refusal(&folder, "scenarios/deep/missing.ron"),
        ["scenarios/deep/missing.ron:1 there is no file or folder `../bas.ron` (did you mean `base.ron`?)"]
    );
    assert_eq!(
        refusal(&folder, "scenarios/deep/secret.ron"),
        ["scenarios/deep/secret.ron:1 there is no file or folder `../../othr.ron`"]
    );
}

#[cfg(unix)]
#[test]
fn no_link_leaves_the_folder() {
    let folder =
        Folder::new(&[("in/root.ron", "(include: [\"parts/\"])"), ("out.ron", "(seed: 1)"), ("in/parts/a.ron", "()")]);
    std::os::unix::fs::symlink(folder.path("out.ron"), folder.path("in/parts/link.ron")).unwrap();
    let found = refusal(&folder, "in/root.ron");
    assert!(
        matches!(found.as_slice(), [one] if one.starts_with("in/root.ron:1 `in/parts/link.ron` leaves ")),
        "{found:?}"
    );
    std::fs::remove_file(folder.path("in/parts/link.ron")).unwrap();
    std::os::unix::fs::symlink(folder.path("in/parts"), folder.path("in/parts/loop")).unwrap();
    let found = refusal(&folder, "in/root.ron");
    assert!(found.iter().any(|message| message.contains("folders nested deeper than 16")), "{found:?}");
}

#[test]
fn large_and_foreign_files_are_refused() {
    let folder = Folder::new(&[]);
    folder.write("large.ron", vec![b' '; (16 << 20) + 1]);
    assert_eq!(refusal(&folder, "large.ron"), ["`large.ron` is larger than 16 MiB"]);
    folder.write("latin.ron", b"(name: \"\xe9\")");
    assert_eq!(refusal(&folder, "latin.ron"), ["`latin.ron` is not UTF-8 text: byte 8 is the first wrong one"]);
    folder.write("folder.ron/x", "");
    assert_eq!(refusal(&folder, "folder.ron"), ["`folder.ron` is not a file"]);
    for part in 0..5 {
        folder.write(&format!("parts/{part}.ron"), format!("(){}", " ".repeat(15 << 20)));
    }
    folder.write("root.ron", "(include: [\"parts/\"])");
    assert_eq!(refusal(&folder, "root.ron"), ["root.ron:1 the files of the scenario have more than 64 MiB together"]);
}

#[test]
fn a_fork_continues_a_scenario() {
    let folder = Folder::new(&[
        ("base.ron", BASE),
        ("fork.ron", "(name: \"F\", changes: [Set(\"seed\", 9)])"),
        ("wrong.ron", "(base: \"base.ron\")"),
    ]);
    let tree = load(&folder.path("base.ron"), &[]).unwrap();
    let fork = tree.fork(&folder.path("fork.ron")).unwrap();
    assert_eq!((value(&fork, "name"), value(&fork, "seed")), ("\"F\"".into(), "9".into()));
    let text = tree.fork(&folder.path("wrong.ron")).unwrap_err().to_string();
    assert!(text.starts_with("error: a fork continues its scenario and has no `base`"), "{text}");
}
