//! Properties of contracts over many random books: money adds up, caps hold, bars bar, and neither the order of the
//! contracts nor a second look at a close changes anything.
//!
//! A failing book is cut down contract by contract and event by event for as long as it still fails; the seed that drew
//! it is told, and is all that is needed to draw it again.

#[path = "contract_books/draw.rs"]
mod draw;
#[path = "contract_books/oracle.rs"]
mod oracle;
#[path = "contract_books/world.rs"]
mod world;

use draw::{Case, case};
use rayon::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use world::{Told, World};

const BOOKS: u64 = 10_000;

/// What is wrong with a case, if anything is.
fn complaint(case: &Case) -> Option<String> {
    let checked = catch_unwind(AssertUnwindSafe(|| {
        let told = World::new(case, false).run()?;
        let turned = World::new(case, true).run()?;
        same("who paid whom", &told, &turned, |told| &told.paid)?;
        same("what bars", &told, &turned, |told| &told.bars)?;
        same("who holds a right", &told, &turned, |told| &told.holders)?;
        same("where terms stand", &told, &turned, |told| &told.figures)
    }));
    match checked {
        Ok(result) => result.err(),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            Some(text.or_else(|| panic.downcast_ref::<&str>().map(|t| (*t).to_owned())).unwrap_or_default())
        }
    }
}

fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    one: &Told,
    other: &Told,
    part: impl Fn(&Told) -> &T,
) -> Result<(), String> {
    let (one, other) = (part(one), part(other));
    if one == other { Ok(()) } else { Err(format!("{what} depends on the order: {one:?} and {other:?}")) }
}

/// Leaves out one contract or event after another while the case still fails.
fn smallest(mut case: Case) -> Case {
    loop {
        let contracts = (0..case.contracts.len()).map(|i| case.without_contract(i));
        let events = (0..case.events.len()).map(|i| case.without_event(i));
        let Some(smaller) = contracts.chain(events).find(|smaller| complaint(smaller).is_some()) else { return case };
        case = smaller;
    }
}

#[test]
fn ten_thousand_books_add_up_whatever_their_order() {
    let failed = (0..BOOKS).into_par_iter().find_first(|seed| complaint(&case(*seed)).is_some());
    if let Some(seed) = failed {
        let case = smallest(case(seed));
        panic!("seed {seed}: {}\n{case:#?}", complaint(&case).unwrap_or_default());
    }
}

#[test]
fn the_draws_reach_every_kind_of_term_and_bar() {
    let (mut kinds, mut bars, mut settled) = ([0; 13], [0; 6], [0; 6]);
    for seed in 0..900 {
        let case = case(seed);
        case.terms().for_each(|dated| kinds[dated.term.kind() as usize] += 1);
        let told = World::new(&case, false).run().unwrap();
        told.bars.iter().flatten().for_each(|(kind, _)| bars[*kind] += 1);
        settled.iter_mut().zip(told.settled).for_each(|(sum, more)| *sum += more);
    }
    assert!(kinds.iter().chain(&bars).chain(&settled).all(|count| *count > 30), "{kinds:?} {bars:?} {settled:?}");
}
