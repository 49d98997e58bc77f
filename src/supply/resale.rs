//! What used accelerators are worth.

use crate::supply::fleet::Cohort;
use crate::supply::params::{Accelerator, Planning};
use crate::units::{Time, YEAR_DAYS};

/// What a used chip brings [USD]: `c(t)·r·2^(−a/h)`, nothing at the end of its life.
///
/// c unit price of a new one of its type at the date, the last one where none is made any more [USD] · r share of it that
/// a chip just installed brings [1] · a age [years] · h time in which that share halves [years].
/// Source: assumed form; both parameters are in the scenario. Limits: the price of compute moves it only as far as the
/// scenario's unit prices follow; whoever buys used chips sells nothing in this market.
pub(super) fn resale_value(planning: &Planning, chip: &Accelerator, age_years: f64, now: Time) -> f64 {
    if age_years >= chip.life_years {
        return 0.0;
    }
    let share = planning.resale_share * libm::exp2(-age_years.max(0.0) / planning.resale_half_life_years);
    chip.unit_capex_usd.at(now) * share
}

/// Age of a cohort [years].
pub(super) fn age_years(cohort: &Cohort, now: Time) -> f64 {
    let age_s = i64::try_from(now.0).expect("48-bit time") - cohort.installed_s;
    age_s as f64 / 86_400.0 / YEAR_DAYS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supply::testing;

    #[test]
    fn a_used_chip_by_hand() {
        let mut params = testing::world(1);
        (params.planning.resale_share, params.planning.resale_half_life_years) = (0.8, 2.0);
        let value = |age| resale_value(&params.planning, &params.accelerators[0], age, Time(0));
        // 10,000 USD × 0.8, halved twice in four of its five years.
        assert_eq!((value(0.0), value(2.0), value(4.0), value(5.0)), (8_000.0, 4_000.0, 2_000.0, 0.0));
    }
}
