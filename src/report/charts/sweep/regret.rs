//! What policies give away.

use super::super::forms::{Form, RegretColumn, RegretTable};
use super::super::picture::Picture;
use super::{capital, policy_name, source};
use crate::experiment::sweep::Sweep;
use crate::experiment::sweep::file::Better;
use crate::report::sweep::{PointsSummary, Regret, regrets};

/// The table of regrets, if policies can be judged.
pub(super) fn picture(sweep: &Sweep, summary: &PointsSummary) -> Option<Picture> {
    let regrets = regrets(sweep, summary);
    if regrets.is_empty() {
        return None;
    }
    let column = |regrets: &[Regret]| {
        let outcome = &sweep.outcomes[regrets[0].outcome];
        let better = match outcome.better {
            Some(Better::Lower) => "lower is better",
            _ => "higher is better",
        };
        RegretColumn {
            title: format!("{} ({better})", capital(&outcome.name)),
            unit: super::super::comparison::unit_of(outcome.metric),
            mean: regrets.iter().map(|regret| regret.mean).collect(),
            max: regrets.iter().map(|regret| regret.max).collect(),
        }
    };
    Some(Picture {
        title: "What each policy gives away".to_owned(),
        subtitle: "Regret: how far the mean of a policy falls short of the best policy at the same point".to_owned(),
        legend: Vec::new(),
        marks: Vec::new(),
        source: source(sweep, summary, "The least regret of a column is bold."),
        form: Form::RegretTable(RegretTable {
            policies: (0..sweep.policies.len()).map(|policy| policy_name(sweep, policy)).collect(),
            columns: regrets.chunks(sweep.policies.len()).map(column).collect(),
        }),
    })
}
