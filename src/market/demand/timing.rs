//! How long ten years of choices take; printed, not asserted: run with `--nocapture`.

use super::mini_market::{MiniMarket, params, years};
use crate::market::choice::mini_world::offers;
use crate::market::choice::{Choice, OptionIndex};
use crate::supply::params::Class;
use std::time::Instant;

/// Ten years in 600 steps: every step some prices move, every third is a launch that one workload in ten looks at, and
/// every fifth a month's end.
#[test]
fn ten_years_of_choices() {
    let mut params = params();
    for segment in &mut params.segments {
        (segment.looks.launch_home, segment.looks.launch_elsewhere) = (0.1, 0.05);
    }
    let mut offers = offers();
    let start = Instant::now();
    let mut market = MiniMarket::new(params);
    let set_up = start.elapsed();
    let start = Instant::now();
    let (mut events, mut looked) = (0, 0);
    let mut table = Vec::new();
    for step in 0..600u16 {
        let now = years(f64::from(step) / 60.0);
        events += market.run(&offers, now);
        for option in 0..30 {
            if (option + step) % 5 == 0 {
                let factor = if step % 2 == 0 { 0.99 } else { 1.005 };
                offers.revise(OptionIndex(option), |offer| {
                    offer.price_usd_per_mtok.iter_mut().for_each(|price| *price *= factor);
                });
            }
        }
        if step % 3 == 0 {
            let launched = OptionIndex(step / 3 % 30);
            looked += market.state.on_launch(&market.params, &offers, now, &[launched]).looked;
        }
        if step % 5 == 0 {
            market.state.on_month(&market.params, &offers);
            market.state.fill_mtok_per_year(&market.params, now, &mut table);
        }
    }
    let run = start.elapsed();
    let choices: u64 = offers.iter().map(|(option, _)| market.state.times_chosen(Choice::Option(option))).sum::<u64>()
        + market.state.times_chosen(Choice::Outside);
    assert!(market.state.workloads() >= 20_000 && choices > 300_000);
    assert!(table.iter().any(|volumes| volumes[Class::Coding.index()] > 0.0));
    println!(
        "{} workloads set up in {set_up:?}; {events} events, {looked} looks, {choices} choices in {run:?}, {:.0} ns a choice",
        market.state.workloads(),
        run.as_secs_f64() / choices as f64 * 1e9
    );
}
