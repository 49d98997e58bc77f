//! The other scenario with every coalition of its changes that is run, read and found right.

use super::Together;
use crate::cli::scenarios::{Changes, Reader, Scenario};
use crate::cli::stop::Stop;
use crate::experiment::shapley::{Coalition, MOST_CHANGES, Plan};
use crate::scenario::tree::{Tree, differences};
use std::path::Path;

/// Fields that say nothing of the market: what a scenario is called, and what a comparison takes from BASE. They may differ
/// without its changes, and changes of them are no parts of a difference.
const OF_NO_MARKET: [&str; 4] = ["name", "about", "seed", "replications"];
/// Differing fields that are told.
const TOLD: usize = 5;

/// Scenarios by coalition, and what the changes are called.
pub(super) struct Coalitions {
    pub plan: Plan,
    /// In the order of the plan's coalitions: without changes first, with all of them last.
    pub scenarios: Vec<Box<dyn Scenario>>,
    /// By change, or changes that are made together.
    pub labels: Vec<String>,
    /// Name of the base.
    pub base: String,
    /// Name of the other.
    pub other: String,
}

/// Reads OTHER with some of its changes.
struct Source<'a> {
    reader: &'a dyn Reader,
    file: &'a Path,
    changes: Changes,
    /// Places of the changes that are made together, in the order of the first of each.
    groups: Vec<Vec<usize>>,
    /// By change, whether it is made in any case.
    fixed: Vec<bool>,
}

impl Coalitions {
    /// Reads them all. Seed and number of replications are those of `base`.
    ///
    /// # Errors
    /// If OTHER makes no changes, differs from BASE by more than these, or some of them cannot do without others.
    pub fn read(
        reader: &dyn Reader,
        base: &Path,
        file: &Path,
        changes: &Changes,
        together: &[Together],
        pairs: u32,
    ) -> Result<Self, Stop> {
        let (base_file, base) = (base, reader.read(base, changes).map_err(Stop::Problems)?);
        let (seed, replications) = (base.study().seed(), base.study().replications());
        let changes = Changes { seed: Some(seed), replications: Some(replications), ..changes.clone() };
        let whole = reader.read(file, &changes).map_err(Stop::Problems)?;
        let own = whole.own_changes();
        let fixed: Vec<bool> = own.iter().map(|change| is_of_no_market(change)).collect();
        let source = Source { reader, file, changes, groups: groups(&fixed, together)?, fixed };
        if source.groups.is_empty() || source.groups.len() > MOST_CHANGES {
            return Err(Stop::problem(format!(
                "{}: --attribute splits the difference over the `changes` of OTHER's own file: expected from 1 to \
                 {MOST_CHANGES} of them, found {}",
                file.display(),
                source.groups.len()
            )));
        }
        let labels: Vec<String> = source.groups.iter().map(|group| label(group, &own)).collect();
        let plan = Plan::new(source.groups.len(), pairs, seed);
        let nothing = source.read(0).map_err(Stop::Problems)?;
        check_base(base.as_ref(), nothing.as_ref(), base_file, file)?;
        let (base, other) = (base.study().name().to_owned(), whole.study().name().to_owned());
        let (mut scenarios, mut problems) = (Vec::new(), Vec::new());
        let mut blamed: Vec<Coalition> = Vec::new();
        for coalition in plan.coalitions() {
            match source.read(coalition) {
                Ok(scenario) => scenarios.push(scenario),
                Err(_) if blamed.iter().any(|culprits| culprits & coalition == *culprits) => {}
                Err(found) => {
                    let (culprits, needed) = source.explain(coalition);
                    blamed.push(culprits);
                    problems.push(source.complaint(culprits, needed, &labels, &found));
                }
            }
        }
        if problems.is_empty() {
            Ok(Self { plan, scenarios, labels, base, other })
        } else {
            Err(Stop::Problems(problems))
        }
    }
}

impl Source<'_> {
    fn read(&self, coalition: Coalition) -> Result<Box<dyn Scenario>, Vec<String>> {
        let mut kept = self.fixed.clone();
        for change in members(coalition).flat_map(|group| &self.groups[group]) {
            kept[*change] = true;
        }
        self.reader.read(self.file, &Changes { kept: Some(kept), ..self.changes.clone() })
    }

    /// Of a coalition that cannot be read the fewest changes that cannot, and the fewest others that mend it: changes are
    /// left out one by one as long as that keeps it wrong, and from all changes, as long as that keeps them right.
    fn explain(&self, coalition: Coalition) -> (Coalition, Coalition) {
        let is_right = |coalition: Coalition| self.read(coalition).is_ok();
        let culprits = members(coalition)
            .map(|change| 1 << change)
            .fold(coalition, |left, one| if is_right(left & !one) { left } else { left & !one });
        let all: Coalition = (0..self.groups.len()).fold(0, |all, change| all | 1 << change);
        let right = members(all & !culprits)
            .map(|change| 1 << change)
            .fold(all, |left, one| if is_right(left & !one) { left & !one } else { left });
        (culprits, right & !culprits)
    }

    fn complaint(&self, culprits: Coalition, needed: Coalition, labels: &[String], found: &[String]) -> String {
        let named =
            |coalition: Coalition| members(coalition).map(|j| labels[j].clone()).collect::<Vec<_>>().join(" and ");
        let mut numbers: Vec<usize> =
            members(culprits | needed).flat_map(|group| &self.groups[group]).map(|change| change + 1).collect();
        numbers.sort_unstable();
        let numbers: Vec<String> = numbers.iter().map(usize::to_string).collect();
        format!(
            "{}: {} cannot do without {}; make them together with --together {}. Without: {}",
            self.file.display(),
            named(culprits),
            named(needed),
            numbers.join(","),
            found.first().map_or("", |first| first.trim_end())
        )
    }
}

fn members(coalition: Coalition) -> impl Iterator<Item = usize> {
    (0..Coalition::BITS as usize).filter(move |change| coalition >> change & 1 == 1)
}

/// Whether a change, as written, is of a field that says nothing of the market.
fn is_of_no_market(change: &str) -> bool {
    OF_NO_MARKET.iter().any(|field| change.contains(&format!("(\"{field}\"")))
}

/// Changes that are made together, or each by itself; none of those that are made in any case.
fn groups(fixed: &[bool], together: &[Together]) -> Result<Vec<Vec<usize>>, Stop> {
    let count = fixed.len();
    let mut group_of: Vec<Option<usize>> = vec![None; count];
    let mut problems = Vec::new();
    for (number, Together(places)) in together.iter().enumerate() {
        for place in places {
            match group_of.get_mut(*place) {
                None => problems.push(format!("--together: OTHER has no change {}, but {count}", place + 1)),
                Some(Some(_)) => problems.push(format!("--together: change {} is named twice", place + 1)),
                Some(_) if fixed[*place] => {
                    problems.push(format!("--together: change {} is no change of the market", place + 1));
                }
                Some(free) => *free = Some(number),
            }
        }
    }
    if !problems.is_empty() {
        return Err(Stop::Problems(problems));
    }
    let first = |place: usize| match group_of[place] {
        None => true,
        Some(group) => group_of.iter().position(|other| *other == Some(group)) == Some(place),
    };
    let members = |place: usize| match group_of[place] {
        None => vec![place],
        Some(group) => (0..count).filter(|other| group_of[*other] == Some(group)).collect(),
    };
    Ok((0..count).filter(|place| !fixed[*place] && first(*place)).map(members).collect())
}

/// `1 Set("a", 2)`, or those of several changes one after the other.
fn label(group: &[usize], own: &[String]) -> String {
    group.iter().map(|change| format!("{} {}", change + 1, own[*change])).collect::<Vec<_>>().join(" and ")
}

/// Without its changes OTHER has to be BASE, or the parts would not sum to the difference of the two.
fn check_base(base: &dyn Scenario, nothing: &dyn Scenario, base_file: &Path, file: &Path) -> Result<(), Stop> {
    let tree = |scenario: &dyn Scenario| Tree::parse("resolved", &scenario.resolved());
    let (Ok(base), Ok(nothing)) = (tree(base), tree(nothing)) else {
        return Err(Stop::Failed(anyhow::anyhow!("a resolved scenario cannot be read again")));
    };
    let found = differences(&base, &nothing);
    let paths: Vec<&str> =
        found.iter().map(|one| one.path.as_str()).filter(|path| !OF_NO_MARKET.contains(path)).collect();
    if paths.is_empty() {
        return Ok(());
    }
    let told = paths.iter().take(TOLD).map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ");
    let more = if paths.len() > TOLD { format!(" and {} more", paths.len() - TOLD) } else { String::new() };
    Err(Stop::problem(format!(
        "{}: without its changes it is not {}, but differs in {told}{more}; compare with the scenario that it is based on, \
         and write what it has of its own as changes",
        file.display(),
        base_file.display()
    )))
}
