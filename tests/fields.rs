//! No field of the schema is dead: whatever a scenario may write changes a run or what is shown.
//!
//! Every field that `list fields` names is changed in the baseline, in all its instances at once or, where that cannot
//! matter (shares of a whole, ids), one by one. Cheap runs come first: a thin sample over two years, then over the
//! whole horizon, then the baseline itself.

#[path = "fields/exhibits.rs"]
mod exhibits;
#[path = "fields/instance.rs"]
mod instance;
#[path = "fields/perturb.rs"]
mod perturb;
#[path = "shipped/mod.rs"]
mod shipped;

use cloudmarket::cli::reader::FileReader;
use cloudmarket::cli::scenarios::{Changes, Reader, Topic};
use cloudmarket::model::{Options, simulate};
use cloudmarket::scenario::Scenario;
use cloudmarket::scenario::describe::{FieldInfo, fields};
use cloudmarket::scenario::schema::ScenarioSpec;
use cloudmarket::scenario::tree::Tree;
use instance::instances;
use perturb::{Form, candidates};
use rayon::prelude::*;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tempfile::TempDir;

/// One in so many accounts is sampled, up to a day, in so many replications; the next stage is for what an earlier one
/// does not show, the last for what is rare.
const STAGES: [(u32, Option<&str>, u32); 4] =
    [(10, Some("2024-12-31"), 1), (10, None, 1), (1, None, 1), (10, None, 64)];

/// At most so many changed scenarios are run at each stage: of the baseline, of what is set up beside it, and, for what
/// shows in neither, of the baseline in all its replications.
const TRIES_ON_BASELINE: [usize; STAGES.len()] = [2, 6, 4, 0];
const TRIES_ON_SETUP: [usize; STAGES.len()] = [2, 4, 0, 0];
const TRIES_FOR_THE_RARE: [usize; STAGES.len()] = [0, 0, 0, 4];

/// What became of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    /// A change moved the run.
    Moved,
    /// The run stayed as it was, and should have; what is shown changed.
    Shown,
    /// Every change is refused, which no field should come to.
    Refused,
    /// No scenario of this test has a value for it.
    Missing,
    /// Changes were taken and nothing came of them, or a label moved the run.
    Dead(String),
    /// A run with the change came to no end.
    Broken(String),
}

/// The baseline after some changes, and its runs at each stage.
struct Ground {
    trees: Vec<Tree>,
    spec: ScenarioSpec,
    digests: [Vec<OnceLock<String>>; STAGES.len()],
}

struct Bench {
    folder: TempDir,
    files: AtomicUsize,
    grounds: Vec<Ground>,
}

impl Bench {
    fn new() -> Self {
        let mut bench = Self { folder: TempDir::new().unwrap(), files: AtomicUsize::new(0), grounds: Vec::new() };
        let stages: Vec<Tree> = STAGES
            .iter()
            .map(|(factor, until, _)| {
                let mut settings = shipped::thinned("baseline", *factor);
                settings.extend(until.map(|date| format!("horizon.end=\"{date}\"")));
                shipped::read("baseline", &settings).tree().clone()
            })
            .collect();
        for setup in exhibits::setups() {
            let trees: Vec<Tree> = stages.iter().map(|tree| bench.forked(tree, &setup)).collect();
            let spec = Scenario::of_tree(trees[0].clone()).unwrap_or_else(|problems| panic!("{setup}\n{problems}"));
            bench.grounds.push(Ground {
                spec: spec.spec().clone(),
                trees,
                digests: STAGES.map(|stage| vec![OnceLock::new(); stage.2 as usize]),
            });
        }
        bench
    }

    fn file(&self, text: &str) -> PathBuf {
        let number = self.files.fetch_add(1, Ordering::Relaxed);
        let path = self.folder.path().join(format!("{number}.ron"));
        std::fs::write(&path, text).unwrap();
        path
    }

    /// `tree` after a list of changes; they are this test's own, so they can be applied.
    fn forked(&self, tree: &Tree, changes: &str) -> Tree {
        let file = self.file(&format!("(changes: [{changes}])"));
        let forked = tree.fork(&file).unwrap_or_else(|problems| panic!("{changes}\n{problems}"));
        std::fs::remove_file(file).unwrap();
        forked
    }

    fn digest(&self, ground: &Ground, stage: usize, number: u32) -> String {
        let of = || run(&Scenario::of_tree(ground.trees[stage].clone()).unwrap(), number).unwrap().unwrap();
        ground.digests[stage][number as usize].get_or_init(of).clone()
    }

    /// Whether a replication of a changed scenario differs from its ground's; none if its drawn values are refused.
    fn differs(&self, ground: &Ground, stage: usize, changed: &Scenario) -> Result<Option<bool>, String> {
        let mut verdict = None;
        for number in 0..STAGES[stage].2 {
            if let Some(digest) = run(changed, number)? {
                verdict = Some(digest != self.digest(ground, stage, number));
            }
            if verdict == Some(true) {
                break;
            }
        }
        Ok(verdict)
    }

    fn verdict(&self, field: &FieldInfo) -> Verdict {
        let mut last = Verdict::Missing;
        let setups = self.grounds[1..].iter().map(|ground| (ground, TRIES_ON_SETUP));
        let baseline = |tries| std::iter::once((&self.grounds[0], tries));
        for (ground, most_tries) in baseline(TRIES_ON_BASELINE).chain(setups).chain(baseline(TRIES_FOR_THE_RARE)) {
            let instances = instances(&ground.trees[0], field);
            if instances.is_empty() {
                continue;
            }
            let candidates = candidates(field, &instances, &ground.spec);
            let found = match Form::of(field) {
                Form::Label => self.shown(ground, &candidates[0]),
                _ if field.path == "replications" => self.shown(ground, &candidates[0]),
                _ => self.moved(ground, &candidates, most_tries),
            };
            if matches!(found, Verdict::Moved | Verdict::Shown | Verdict::Broken(_)) {
                return found;
            }
            // A dead value says more than that none was taken.
            if !matches!(last, Verdict::Dead(_)) {
                last = found;
            }
        }
        last
    }

    /// Tries the candidates, on cheap runs before dear ones, up to so many runs at each stage.
    fn moved(&self, ground: &Ground, candidates: &[String], most_tries: [usize; STAGES.len()]) -> Verdict {
        let mut idle = Vec::new();
        for (stage, most) in most_tries.into_iter().enumerate() {
            let changed = |changes: &String| Scenario::of_tree(self.forked(&ground.trees[stage], changes)).ok();
            let taken = candidates.iter().filter_map(|changes| Some((changes, changed(changes)?)));
            for (changes, scenario) in taken.take(most) {
                match self.differs(ground, stage, &scenario) {
                    Err(broken) => return Verdict::Broken(format!("{changes}: {broken}")),
                    Ok(Some(true)) => return Verdict::Moved,
                    Ok(Some(false)) => idle.push(changes),
                    Ok(None) => {}
                }
            }
        }
        match idle.first() {
            Some(first) => Verdict::Dead(format!("{first} moves nothing, nor do {} more tries", idle.len() - 1)),
            None => Verdict::Refused,
        }
    }

    /// A name or a note has no effect on a run; it must show in what a user is told, and in the scenario's digest.
    fn shown(&self, ground: &Ground, changes: &str) -> Verdict {
        let changed = self.forked(&ground.trees[0], changes);
        let scenario = Scenario::of_tree(changed.clone()).unwrap_or_else(|problems| panic!("{changes}\n{problems}"));
        let wrong = |what: &str| Verdict::Dead(format!("{changes}: {what}"));
        if run(&scenario, 0).unwrap().unwrap() != self.digest(ground, 0, 0) {
            return wrong("moves the run, which a label must not");
        }
        if changed.digest() == ground.trees[0].digest() {
            return wrong("leaves the scenario's digest as it was");
        }
        if self.told(&changed) == self.told(&ground.trees[0]) {
            return wrong("shows nowhere");
        }
        Verdict::Shown
    }

    /// What the program tells of a scenario beside its fields and its resolved text.
    fn told(&self, tree: &Tree) -> String {
        let scenario =
            FileReader.read(&self.file(&tree.print()), &Changes::default()).unwrap_or_else(|p| panic!("{p:?}"));
        let study = scenario.study();
        let mut told = format!("{} {} {}\n", study.name(), study.about(), study.replications());
        for topic in [Topic::Entities, Topic::Contracts] {
            for entry in scenario.list(topic) {
                writeln!(told, "{} {} {}", entry.id, entry.what, entry.about).unwrap();
            }
        }
        told + &format!("{:?}", scenario.chart_facts())
    }
}

/// The digest of a replication; none if a drawn value is refused.
fn run(scenario: &Scenario, number: u32) -> Result<Option<String>, String> {
    let Ok(params) = scenario.params(number) else { return Ok(None) };
    let never = AtomicBool::new(false);
    match catch_unwind(AssertUnwindSafe(|| simulate(&params, Options::default(), &never))) {
        Ok(Ok(result)) => Ok(Some(result.digest)),
        Ok(Err(failure)) => Err(format!("{failure:?}")),
        Err(_) => Err("panicked".into()),
    }
}

/// With `CLOUDMARKET_FIELD` set, only fields with that in their path.
#[test]
fn no_field_is_dead() {
    let bench = Bench::new();
    let only = std::env::var("CLOUDMARKET_FIELD").unwrap_or_default();
    let fields: Vec<FieldInfo> =
        fields::<ScenarioSpec>().into_iter().filter(|field| field.path.contains(&only)).collect();
    let verdicts: Vec<Verdict> = fields.par_iter().map(|field| bench.verdict(field)).collect();
    let mut wrong = String::new();
    for (field, verdict) in fields.iter().zip(&verdicts) {
        if !matches!(verdict, Verdict::Moved | Verdict::Shown) {
            writeln!(wrong, "{} {}: {verdict:?}", field.path, field.variant).unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
