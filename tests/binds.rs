//! What is said to bind does: months of the baseline, re-solved with one limit one per cent higher and all else held.

#[path = "shipped/mod.rs"]
mod shipped;

use cloudmarket::engine::Stream;
use cloudmarket::model::binding::cloud_months;
use cloudmarket::model::events::Event;
use cloudmarket::model::record::{Recorded, SeriesKey};
use cloudmarket::model::{Options, Params, RunResult, Simulation, State};
use cloudmarket::supply::binding::{CloudMonth, Limit, Limits, Opening, STEP, SupplyMonth};
use rayon::prelude::*;
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

/// Cells that are looked at, and how many of them have to answer as the limit's name promises.
const CELLS: usize = 60;
const MOST_WRONG: usize = 3;
const REPLICATIONS: u32 = 3;

/// A replication with the month problems of all its clouds, month by month.
struct Watched {
    params: Params,
    months: Vec<(Opening, Vec<CloudMonth>)>,
    result: RunResult,
}

static RUNS: LazyLock<Vec<Watched>> = LazyLock::new(|| (0..REPLICATIONS).into_par_iter().map(watched).collect());

fn watched(replication: u32) -> Watched {
    let params = shipped::read("baseline", &[]).params(replication).unwrap();
    let mut simulation = Simulation::new(&params, Options::default());
    let mut months = Vec::new();
    let watch = |event: &Event, state: &State| {
        if let Event::MonthObserved(month) = event {
            let end = params.calendar.month_close(usize::from(*month));
            months.push((state.supply.opening().clone(), cloud_months(&params, state, end)));
        }
    };
    simulation.run_watched(&AtomicBool::new(false), watch).unwrap();
    let result = simulation.finish();
    Watched { params, months, result }
}

fn recorded(recorded: &Recorded, metric: &str, cloud: &str, limit: Limit, month: usize) -> f64 {
    let is = |key: &SeriesKey| key.metric == metric && key.entity == cloud && key.counterparty == limit.name();
    recorded.series(recorded.keys.iter().position(is).expect("a series"))[month]
}

/// Cells of replication, month and cloud, drawn without regard to what binds there, but where something is installed:
/// one per cent more of nothing is nothing.
fn sampled(runs: &[Watched]) -> Vec<(usize, usize, usize)> {
    let mut stream = Stream::named(60, 0, "cells", "sample");
    let mut cells = Vec::new();
    while cells.len() < CELLS {
        let below = |stream: &mut Stream, n: usize| (stream.uniform() * n as f64) as usize;
        let run = below(&mut stream, runs.len());
        let month = below(&mut stream, runs[run].months.len());
        let cell = (run, month, below(&mut stream, runs[run].months[month].1.len()));
        let installed = runs[cell.0].months[cell.1].1[cell.2].compute_h100e > 0.0;
        if installed && !cells.contains(&cell) {
            cells.push(cell);
        }
    }
    cells
}

/// In each cell exactly one limit is recorded as the one that bound. One per cent more of it raises what is served; of a
/// limit that is not said to bind, it changes nothing, to the bit.
#[test]
fn one_per_cent_more_of_the_named_limit_serves_more_and_of_the_others_nothing() {
    let (mut wrong, mut named_limits) = (Vec::new(), Vec::new());
    for (run, month, k) in sampled(&RUNS) {
        let Watched { params, months, result } = &RUNS[run];
        let (opening, clouds) = &months[month];
        let makers = SupplyMonth::new(&params.supply, opening);
        let problem = makers.problem(&clouds[k]);
        let id = &params.supply.clouds[k].id;
        let told = |metric, limit| recorded(&result.recorded, metric, id, limit, month);
        let named: Vec<Limit> = Limit::ALL.into_iter().filter(|limit| told("binds", *limit) == 1.0).collect();
        assert_eq!(named, [problem.named()], "{id}, month {month} of replication {run}");
        let served = problem.served_h100e(&Limits::UNCHANGED);
        let with_more = |limit| problem.served_h100e(&Limits::scaled(limit, 1.0 + STEP));
        if with_more(named[0]) <= served {
            wrong.push(format!("{id}, month {month} of replication {run}: {named:?}"));
        }
        for limit in Limit::ALL.into_iter().filter(|limit| !problem.binds(*limit)) {
            let after = with_more(limit);
            assert_eq!(after, served, "{id}, month {month} of replication {run}: {limit:?} beside {named:?}");
            assert_eq!(told("limit_value_usd", limit), 0.0);
        }
        named_limits.push(named[0]);
    }
    assert!(wrong.len() <= MOST_WRONG, "{wrong:#?}");
    named_limits.sort();
    named_limits.dedup();
    assert!(named_limits.len() >= 3, "the sample knows only {named_limits:?}");
}

/// The month as it was is what the run recorded: `served = utilisation × compute`.
#[test]
fn an_unchanged_month_serves_what_was_served() {
    let Watched { params, months, result } = &RUNS[0];
    for (month, (opening, clouds)) in months.iter().enumerate() {
        let makers = SupplyMonth::new(&params.supply, opening);
        for cloud in clouds {
            let id = &params.supply.clouds[cloud.cloud.index()].id;
            let is = |key: &SeriesKey| key.metric == "utilisation" && key.entity == *id;
            let series = result.recorded.keys.iter().position(is).expect("a series");
            let utilisation = result.recorded.series(series)[month];
            let solved = makers.problem(cloud).served_h100e(&Limits::UNCHANGED);
            let was = utilisation * cloud.compute_h100e;
            assert!((solved - was).abs() <= 1e-9 * was, "{id}, month {month}: {solved} and {was}");
        }
    }
}
