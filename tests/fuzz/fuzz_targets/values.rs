//! Any values in the place of those of the baseline: the first byte of a piece picks a field, the rest is what it gets.
//! The baseline is cut to a few entities of each kind, so that a second sees many inputs; what refers to the others is
//! then one more thing that does not fit.

#![no_main]

use cloudmarket::scenario::Scenario;
use cloudmarket::scenario::tree::{Kind, Tree, load};
use libfuzzer_sys::fuzz_target;
use std::path::Path;
use std::sync::OnceLock;

/// Most entities that are kept of a kind.
const KEPT: usize = 2;

struct Ground {
    tree: Tree,
    paths: Vec<String>,
}

fn ground() -> &'static Ground {
    static GROUND: OnceLock<Ground> = OnceLock::new();
    GROUND.get_or_init(|| {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/baseline.ron");
        let mut tree = load(&file, &[]).unwrap_or_else(|problems| panic!("{problems}"));
        let Kind::Struct(_, fields) = tree.root().clone().kind else { panic!("a scenario has fields") };
        for field in fields {
            // The model posts against some parties by name.
            let Kind::Map(entries) = field.value.kind else { continue };
            if field.key == "parties" || entries.len() <= KEPT {
                continue;
            }
            let kept = entries.iter().take(KEPT).map(|entry| format!("{:?}: {}", entry.key, entry.value));
            let map = format!("{{{}}}", kept.collect::<Vec<_>>().join(", "));
            tree.set_raw(&field.key, &map).expect("an entity of the baseline can be set");
        }
        let mut paths: Vec<String> = tree.leaves().into_iter().map(|leaf| leaf.path).collect();
        // Whole structs and maps too: every path on the way to a leaf.
        let parents: Vec<String> = paths
            .iter()
            .flat_map(|path| path.match_indices('.').map(|(at, _)| path[..at].to_owned()).collect::<Vec<_>>())
            .collect();
        paths.extend(parents);
        paths.sort();
        paths.dedup();
        Ground { tree, paths }
    })
}

fuzz_target!(|bytes: &[u8]| {
    let Ground { tree, paths } = ground();
    let mut tree = tree.clone();
    for piece in bytes.split(|byte| *byte == 0).take(4) {
        let [high, low, value @ ..] = piece else { continue };
        let path = &paths[usize::from(u16::from_be_bytes([*high, *low])) % paths.len()];
        if let Err(problems) = tree.set_raw(path, &String::from_utf8_lossy(value)) {
            problems.render(false);
        }
    }
    match Scenario::of_tree(tree) {
        Ok(scenario) => {
            scenario.warnings().render(true);
        }
        Err(problems) => {
            assert!(problems.has_errors());
            problems.render(true);
        }
    }
});
