//! The account of what was run: enough to tell two results apart, or to see that they are the same.
//!
//! Nothing in it depends on the machine, on the time of day or on the number of threads.

use super::study::{Failure, Outcome, Study, TrunkOf};
use serde::{Deserialize, Serialize};

/// What was run of one study, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the simulator.
    pub version: String,
    /// The scenario's name.
    pub scenario: String,
    /// Digest of the resolved scenario.
    pub scenario_digest: String,
    /// What it was branched from, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trunk: Option<TrunkOf>,
    /// The seed.
    pub seed: u64,
    /// Number of replications asked for.
    pub replications: u32,
    /// Whether all of them finished.
    pub complete: bool,
    /// The replications whose results are here, ascending.
    pub finished: Vec<u32>,
    /// The replications that broke down, ascending.
    pub broken: Vec<Breakdown>,
    /// Events handled by the finished replications.
    pub events: u64,
    /// What looked strange before the run and in them, in order of first appearance.
    pub warnings: Vec<Warning>,
    /// BLAKE3 over number and digest of each finished replication, in order.
    pub digest: String,
}

/// A replication that could not go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breakdown {
    /// Its number.
    pub replication: u32,
    /// Why.
    pub reason: String,
}

/// A warning, and how often it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// What was seen and what to check.
    pub text: String,
    /// How often.
    pub count: u64,
}

impl Manifest {
    /// As RON text.
    pub fn to_ron(&self) -> String {
        let layout = ron::ser::PrettyConfig::new().new_line("\n").compact_arrays(true);
        let mut text = ron::ser::to_string_pretty(self, layout).expect("plain structs of numbers and text");
        text.push('\n');
        text
    }

    /// Reads what [`Manifest::to_ron`] wrote.
    ///
    /// # Errors
    /// If `text` is not a manifest.
    pub fn from_ron(text: &str) -> Result<Self, ron::error::SpannedError> {
        ron::from_str(text)
    }
}

/// A manifest in the making.
#[derive(Debug)]
pub struct ManifestDraft {
    manifest: Manifest,
    digest: blake3::Hasher,
}

impl ManifestDraft {
    /// The account of a study of which nothing was run yet.
    pub fn new(study: &dyn Study) -> Self {
        let manifest = Manifest {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: study.name().to_owned(),
            scenario_digest: study.scenario_digest(),
            trunk: study.trunk(),
            seed: study.seed(),
            replications: study.replications(),
            complete: false,
            finished: Vec::new(),
            broken: Vec::new(),
            events: 0,
            warnings: study.warnings().into_iter().map(|text| Warning { text, count: 1 }).collect(),
            digest: String::new(),
        };
        Self { manifest, digest: blake3::Hasher::new() }
    }

    /// Enters a finished replication. They come in ascending order.
    pub fn finished(&mut self, replication: u32, outcome: &Outcome) {
        self.digest.update(format!("{replication} {}\n", outcome.digest).as_bytes());
        self.manifest.finished.push(replication);
        self.manifest.events += outcome.events;
        for text in &outcome.warnings {
            match self.manifest.warnings.iter_mut().find(|warning| warning.text == *text) {
                Some(warning) => warning.count += 1,
                None => self.manifest.warnings.push(Warning { text: text.clone(), count: 1 }),
            }
        }
    }

    /// Enters a replication without outcome. One that was interrupted is just not among the finished.
    pub fn missed(&mut self, replication: u32, failure: Failure) {
        match failure {
            Failure::Interrupted => {}
            Failure::Broken(reason) => self.manifest.broken.push(Breakdown { replication, reason }),
        }
    }

    /// The account as it stands.
    pub fn account(&self) -> Manifest {
        Manifest {
            complete: self.manifest.finished.len() == self.manifest.replications as usize,
            digest: self.digest.finalize().to_hex().to_string(),
            ..self.manifest.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::record::{Recorded, Statements};
    use std::sync::atomic::AtomicBool;

    struct Named;

    impl Study for Named {
        fn stem(&self) -> &str {
            "named"
        }
        fn name(&self) -> &str {
            "A \"named\" study"
        }
        fn about(&self) -> &str {
            ""
        }
        fn scenario_digest(&self) -> String {
            "5c".to_owned()
        }
        fn seed(&self) -> u64 {
            7
        }
        fn replications(&self) -> u32 {
            3
        }
        fn run(&self, _: u32, _: &AtomicBool) -> Result<Outcome, Failure> {
            Err(Failure::Interrupted)
        }
    }

    fn outcome(digest: &str, warnings: &[&str]) -> Outcome {
        Outcome {
            recorded: Recorded { dates: Vec::new(), keys: Vec::new(), values: Vec::new() },
            statements: Statements::default(),
            events: 10,
            digest: digest.to_owned(),
            warnings: warnings.iter().map(|w| (*w).to_owned()).collect(),
            tables: Vec::new(),
        }
    }

    fn manifest(steps: &[(u32, Result<Outcome, Failure>)]) -> Manifest {
        let mut draft = ManifestDraft::new(&Named);
        for (replication, result) in steps {
            match result {
                Ok(outcome) => draft.finished(*replication, outcome),
                Err(failure) => draft.missed(*replication, failure.clone()),
            }
        }
        draft.account()
    }

    #[test]
    fn equal_warnings_are_counted_once_each() {
        let all =
            manifest(&[(0, Ok(outcome("a", &["x", "y"]))), (1, Ok(outcome("b", &["x"]))), (2, Ok(outcome("c", &[])))]);
        let counts: Vec<(&str, u64)> = all.warnings.iter().map(|w| (w.text.as_str(), w.count)).collect();
        assert_eq!(counts, [("x", 2), ("y", 1)]);
        assert!(all.complete);
        assert_eq!(all.events, 30);
    }

    #[test]
    fn what_is_missing_is_named_and_the_account_is_not_complete() {
        let part = manifest(&[
            (0, Ok(outcome("a", &[]))),
            (1, Err(Failure::Broken("cash ran out".into()))),
            (2, Err(Failure::Interrupted)),
        ]);
        assert!(!part.complete);
        assert_eq!(part.finished, [0]);
        assert_eq!(part.broken, [Breakdown { replication: 1, reason: "cash ran out".to_owned() }]);
    }

    /// So that another program can check it: `printf '0 a\n1 b\n' | b3sum`.
    #[test]
    fn the_digest_covers_number_and_digest_of_each_replication() {
        let one = manifest(&[(0, Ok(outcome("a", &[]))), (1, Ok(outcome("b", &[])))]);
        assert_eq!(one.digest, blake3::hash(b"0 a\n1 b\n").to_hex().to_string());
        let shifted = manifest(&[(0, Ok(outcome("a", &[]))), (2, Ok(outcome("b", &[])))]);
        assert_ne!(one.digest, shifted.digest);
    }

    #[test]
    fn text_round_trips_without_carriage_returns() {
        let manifest = manifest(&[(0, Ok(outcome("a", &["look at \"this\""]))), (1, Ok(outcome("b", &[])))]);
        let text = manifest.to_ron();
        assert!(text.ends_with(")\n") && !text.contains('\r'), "{text}");
        assert!(text.contains("finished: [0, 1]"), "{text}");
        assert_eq!(Manifest::from_ron(&text).unwrap(), manifest);
    }
}
