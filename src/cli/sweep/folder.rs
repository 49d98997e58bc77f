//! The folder of a sweep, and its plan.

use crate::cli::stop::Stop;
use crate::experiment::sweep::Sweep;
use crate::report::files::write_atomically;
use crate::report::sweep::{Parts, SweepAccount};
use std::path::{Path, PathBuf};

/// Name of the file that says what is run.
const PLAN: &str = "plan.ron";
/// Name of the file with the points.
const DESIGN: &str = "design.csv";

/// Where the files of a sweep lie.
pub(in crate::cli) struct SweepFolder<'a> {
    pub(super) sweep: &'a Sweep,
    pub(in crate::cli) path: PathBuf,
}

impl<'a> SweepFolder<'a> {
    pub(in crate::cli) fn new(sweep: &'a Sweep, path: PathBuf) -> Self {
        Self { sweep, path }
    }

    /// The parts.
    pub(super) fn parts(&self) -> Parts<'a> {
        Parts::new(self.sweep, self.path.join("parts"))
    }

    /// Checks that the folder can be written to, and makes it.
    pub(in crate::cli) fn check(&self) -> Result<(), Stop> {
        check_writable(&self.path)
    }

    /// What is to be run, as yet without a result.
    pub(super) fn account(&self) -> SweepAccount {
        let sweep = self.sweep;
        SweepAccount {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            sweep: sweep.name.clone(),
            scenario_digest: sweep.base().digest(),
            design: sweep.digest.clone(),
            seed: sweep.base().spec().seed,
            points: sweep.design.points(),
            policies: sweep.policies.iter().map(|policy| policy.id.clone()).collect(),
            replications: sweep.replications,
            runs: sweep.plan.runs(),
            parts: sweep.plan.parts(),
            complete: false,
            finished: 0,
            failed: 0,
            digest: String::new(),
        }
    }

    /// Writes the design and its account.
    pub(in crate::cli) fn write_plan(&self) -> Result<(), Stop> {
        let bytes = self.design().map_err(anyhow::Error::new)?;
        write_atomically(&self.path.join(DESIGN), |out| out.write_all(&bytes)).map_err(anyhow::Error::new)?;
        let text = self.account().to_ron();
        write_atomically(&self.path.join(PLAN), |out| out.write_all(text.as_bytes())).map_err(anyhow::Error::new)?;
        Ok(())
    }

    /// The points under each policy, with the numbers of their runs.
    fn design(&self) -> Result<Vec<u8>, csv::Error> {
        let sweep = self.sweep;
        let mut csv = csv::Writer::from_writer(Vec::new());
        let fixed = ["first_run", "last_run", "point", "policy"].map(str::to_owned);
        csv.write_record(fixed.into_iter().chain(sweep.axes.iter().map(|axis| axis.column())))?;
        for point in 0..sweep.design.points() {
            let texts: Vec<String> =
                sweep.axes.iter().zip(sweep.design.point(point)).map(|(axis, at)| axis.text(*at)).collect();
            for (i, policy) in sweep.policies.iter().enumerate() {
                let first = sweep.plan.first_run(point, i);
                let last = first + sweep.replications - 1;
                let fixed = [first.to_string(), last.to_string(), point.to_string(), policy.id.clone()];
                csv.write_record(fixed.iter().chain(&texts))?;
            }
        }
        csv.into_inner().map_err(|error| csv::Error::from(error.into_error()))
    }

    /// Checks that the plan in the folder is the plan of this sweep.
    ///
    /// # Errors
    /// That it is not, and what to do.
    pub(super) fn check_plan(&self) -> Result<(), String> {
        let path = self.path.join(PLAN);
        let advice = "plan with `cloudmarket sweep plan`";
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}; {advice}", path.display()))?;
        let plan = SweepAccount::from_ron(&text)
            .ok_or_else(|| format!("{}: is no plan of a sweep; {advice} again", path.display()))?;
        if plan == self.account() {
            return Ok(());
        }
        Err(format!(
            "{}: is the plan of another design: {} runs of version {}, digest {}, where the file now makes {} runs, digest \
             {}; put the file back, or {advice} again, which runs everything anew",
            path.display(),
            plan.runs,
            plan.version,
            &plan.design.get(..16).unwrap_or_default(),
            self.sweep.plan.runs(),
            &self.sweep.digest[..16]
        ))
    }
}

/// Checks that a folder can be written to, and makes it.
pub(in crate::cli) fn check_writable(folder: &Path) -> Result<(), Stop> {
    let made = std::fs::create_dir_all(folder);
    let probe = folder.join(format!(".cloudmarket-{}.tmp", std::process::id()));
    let written = made.and_then(|()| std::fs::write(&probe, "")).and_then(|()| std::fs::remove_file(&probe));
    written.map_err(|error| Stop::problem(format!("{}: {error}; choose another folder with --out", folder.display())))
}
