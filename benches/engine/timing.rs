//! Taking turns, taking the best, and printing a table.

use std::time::Instant;

/// How much one turn does.
#[derive(Clone, Copy)]
pub struct Plan {
    /// Operations before the watch starts.
    pub warm_up: u64,
    /// Operations under the watch.
    pub timed: u64,
}

impl Plan {
    /// A warm-up of `warm_up` and `timed` operations, a tenth of the latter if `quick`.
    pub fn new(warm_up: u64, timed: u64, quick: bool) -> Self {
        Self { warm_up, timed: if quick { timed / 10 } else { timed } }
    }

    /// Runs `advance` up to the end of the warm-up, then against the watch; `advance` takes a total of operations.
    pub fn time<W>(self, world: &mut W, mut advance: impl FnMut(&mut W, u64)) -> f64 {
        advance(world, self.warm_up);
        let start = Instant::now();
        advance(world, self.warm_up + self.timed);
        start.elapsed().as_nanos() as f64 / self.timed as f64
    }
}

/// What a turn gave.
#[derive(Clone, Copy)]
pub struct Turn {
    /// Nanoseconds an operation.
    pub ns: f64,
    /// Hash of the order of events; `None` for a floor that has an order of its own.
    pub order: Option<u64>,
}

/// One engine on one workload.
pub struct Contestant {
    pub name: &'static str,
    pub turn: Box<dyn Fn(Plan) -> Turn>,
}

impl Contestant {
    pub fn new(name: &'static str, turn: impl Fn(Plan) -> Turn + 'static) -> Self {
        Self { name, turn: Box::new(turn) }
    }
}

/// Whether the command line asks for a short run.
pub fn quick() -> bool {
    std::env::args().any(|argument| argument == "--quick")
}

/// Whether the command line asks for a workload: by a part of its name, or by naming none.
pub fn wanted(workload: &str) -> bool {
    let mut names = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).peekable();
    names.peek().is_none() || names.any(|name| workload.contains(&name))
}

/// Lets contestants take turns, since the machine's speed drifts, and prints the best turn of each with its ratio to
/// each of the first `baselines` contestants.
///
/// # Panics
/// If two contestants disagree on the order of events.
pub fn compete(workload: &str, plan: Plan, baselines: usize, contestants: &[Contestant]) {
    if !wanted(workload) {
        return;
    }
    let rounds = if quick() { 1 } else { 3 };
    let mut best = vec![f64::INFINITY; contestants.len()];
    let mut order = None;
    for _ in 0..rounds {
        for (contestant, best) in contestants.iter().zip(&mut best) {
            let turn = (contestant.turn)(plan);
            *best = best.min(turn.ns);
            if let Some(found) = turn.order {
                let expected = *order.get_or_insert(found);
                assert_eq!(found, expected, "{workload}: {} has another order of events", contestant.name);
            }
        }
    }
    print_table(workload, baselines, contestants, &best);
}

fn print_table(workload: &str, baselines: usize, contestants: &[Contestant], best: &[f64]) {
    print!("\n{workload}\n{:<24} {:>9}", "", "ns");
    for baseline in &contestants[..baselines] {
        print!(" {:>18}", format!("x {}", baseline.name));
    }
    for (contestant, ns) in contestants.iter().zip(best) {
        print!("\n{:<24} {ns:>9.1}", contestant.name);
        for baseline in &best[..baselines] {
            print!(" {:>18.2}", ns / baseline);
        }
    }
    println!();
}
