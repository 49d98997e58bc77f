//! How long ten years of choices take; printed, not asserted: run with `--nocapture`.

use super::dice::Dice;
use super::mini_market::{MiniMarket, dice, params, years};
use super::volumes::OptionVolumes;
use crate::ids::CloudId;
use crate::market::choice::mini_world::{CLOUDS, offers, tastes};
use crate::market::choice::{Choice, ChoiceKey, Chooser, OptionIndex, TasteId};
use crate::supply::params::Class;
use std::time::Instant;

/// A million choices of all kinds while nothing changes.
#[test]
fn a_million_choices_in_steady_state() {
    let (offers, mut chooser, mut stream) = (offers(), Chooser::new(tastes(), CLOUDS), dice("timing", "keys"));
    let mut below = |n: usize| (stream.uniform() * n as f64) as u16;
    let keys: Vec<ChoiceKey> = (0..20_000)
        .map(|_| ChoiceKey {
            taste: TasteId(below(5)),
            class: Class::ALL[1 + usize::from(below(5))],
            home: Some(CloudId(below(CLOUDS))),
            committed: below(2) == 1,
            current: Some(OptionIndex(below(30))),
            tenure_half_years: below(8),
        })
        .collect();
    let mut outside = 0u32;
    for pass in ["cold", "warm"] {
        let start = Instant::now();
        for (i, key) in keys.iter().cycle().take(1_000_000).enumerate() {
            let u = (i as f64 + 0.5) / 1e6;
            outside += u32::from(chooser.choose(&offers, key, u) == Choice::Outside);
        }
        println!("{pass}: {:.0} ns a choice", start.elapsed().as_secs_f64() * 1e3);
    }
    assert!(outside > 0);
}

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
    let mut table = OptionVolumes::default();
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
            market.state.fill_mtok_per_year(&market.params, now, offers.open(), &mut table);
        }
    }
    let run = start.elapsed();
    let choices: u64 = offers.iter().map(|(option, _)| market.state.times_chosen(Choice::Option(option))).sum::<u64>()
        + market.state.times_chosen(Choice::Outside);
    assert!(market.state.workloads() >= 20_000 && choices > 300_000);
    assert!(table.mtok.iter().any(|volumes| volumes[Class::Coding.index()] > 0.0));
    println!(
        "{} workloads set up in {set_up:?}; {events} events, {looked} looks, {choices} choices in {run:?}, {:.0} ns a choice",
        market.state.workloads(),
        run.as_secs_f64() / choices as f64 * 1e9
    );
}
