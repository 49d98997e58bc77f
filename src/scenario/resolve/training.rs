//! Training jobs and the queues that they wait in.

use super::Resolver;
use crate::market::params::ResearchJobs;
use crate::scenario::schema::{ResearchJobsSpec, TrainingQueueSpec};
use crate::supply::gang::Discipline;

/// The discipline of a cloud's queues, by default that of most large clusters.
pub(super) fn discipline(spec: Option<&TrainingQueueSpec>) -> Discipline {
    match spec {
        Some(TrainingQueueSpec::FirstCome) => Discipline::FirstCome,
        Some(TrainingQueueSpec::FirstFit) => Discipline::FirstFit,
        Some(TrainingQueueSpec::Easy) | None => Discipline::Easy,
        Some(TrainingQueueSpec::Conservative) => Discipline::Conservative,
        Some(TrainingQueueSpec::Priority) => Discipline::Priority,
    }
}

/// Most jobs of a lab in a day: more are not jobs that wait for a cluster.
const MOST_PER_DAY: f64 = 1_000.0;

impl Resolver<'_> {
    pub(super) fn research_jobs(&mut self, path: &str, spec: &ResearchJobsSpec) -> ResearchJobs {
        let at = |field: &str| format!("{path}.{field}");
        let (least, _) = spec.share_of_research.bounds();
        if least < 0.0 {
            self.find(&at("share_of_research"), "a share is not negative, and this one can be".to_owned());
        }
        ResearchJobs {
            per_day: self.series_within(&at("per_day"), &spec.per_day, 0.0, MOST_PER_DAY),
            share_of_research: self.durations(&at("share_of_research"), &spec.share_of_research),
            days: self.durations(&at("days"), &spec.days),
        }
    }
}
