//! Rationing: how what is scarce is divided over those who want it.
//!
//! - *By weight* ([`water_fill`], [`apportion`]): in proportion to weights, nobody above what he wants. With what is wanted
//!   for weights it is proportional rationing; with any others it is weighted max-min fair.
//! - *In turn* ([`in_turn`]): strict priority; the one at whom it runs out gets the rest.
//! - *Whole, in turn* ([`whole_in_turn`]): who cannot be given all that he wants is passed over.
//! - *By rank* ([`filled_by_rank`]): strict priority between ranks, in proportion within one.
//!
//! The first three divide makers' output over orders (`allocation`), the first also a plan over types
//! and a fleet over sites; by rank a fleet's compute is divided over its own load and the rights on it.
//!
//! Sources: largest remainders, M. Balinski, H. P. Young, Fair Representation, 2nd edition (2001); max-min fairness,
//! D. Bertsekas, R. Gallager, Data Networks, 2nd edition (1992), 6.5.2; the rest by definition. Limits: nobody states more
//! than he wants, though proportional rationing invites it.

/// Below this nothing is wanted, in any unit: it keeps 0/0 out of shares.
const NEXT_TO_NOTHING: f64 = 1e-9;

/// Divides `total` in proportion to `weights`; what a part cannot take above its cap goes to the others in proportion
/// to theirs (water filling).
///
/// `x_i = min(c_i, w_i·λ)` with one level λ such that `Σx = min(total, Σ_{w>0} c)`; x, c and the total in one unit, w in
/// any. Parts without weight get nothing.
pub fn water_fill(total: f64, weights: &[f64], caps: &[f64]) -> Vec<f64> {
    let mut parts = vec![0.0; weights.len()];
    let mut open: Vec<usize> = (0..weights.len()).filter(|&i| weights[i] > 0.0 && caps[i] > 0.0).collect();
    let mut rest = total;
    while rest > 0.0 && !open.is_empty() {
        let level = rest / open.iter().map(|&i| weights[i]).sum::<f64>();
        let (full, free): (Vec<usize>, Vec<usize>) = open.iter().partition(|&&i| caps[i] <= weights[i] * level);
        if full.is_empty() {
            free.iter().for_each(|&i| parts[i] = weights[i] * level);
            break;
        }
        for i in full {
            parts[i] = caps[i];
            rest -= caps[i];
        }
        open = free;
    }
    parts
}

/// [`water_fill`] in whole numbers, by largest remainder; equal remainders go to the lower index.
///
/// The parts add up to `min(total, Σ_{w>0} caps)` exactly. Exact for totals below 2^53.
pub fn apportion(total: u64, weights: &[f64], caps: &[u64]) -> Vec<u64> {
    let takers = || (0..caps.len()).filter(|&i| weights[i] > 0.0);
    let most: u64 = takers().map(|i| caps[i]).sum();
    if total >= most {
        return (0..caps.len()).map(|i| if weights[i] > 0.0 { caps[i] } else { 0 }).collect();
    }
    let real_caps: Vec<f64> = caps.iter().map(|&cap| cap as f64).collect();
    let targets = water_fill(total as f64, weights, &real_caps);
    let mut parts: Vec<u64> = targets.iter().map(|target| target.floor() as u64).collect();
    let mut rest = total - parts.iter().sum::<u64>();
    let short = takers().filter(|&i| parts[i] < caps[i]);
    let mut by_remainder: Vec<(f64, usize)> = short.map(|i| (targets[i] - parts[i] as f64, i)).collect();
    by_remainder.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    for (_, i) in by_remainder {
        if rest == 0 {
            break;
        }
        parts[i] += 1;
        rest -= 1;
    }
    debug_assert_eq!(rest, 0, "remainders add up to less than one for each part");
    parts
}

/// The order in which equal ranks come as they stand, and lower ranks first.
pub fn turns<K: Ord>(ranks: impl IntoIterator<Item = K>) -> Vec<usize> {
    let ranks: Vec<K> = ranks.into_iter().collect();
    let mut turns: Vec<usize> = (0..ranks.len()).collect();
    turns.sort_by(|a, b| ranks[*a].cmp(&ranks[*b]));
    turns
}

/// Strict priority: `x_i = min(d_i, max(0, total − Σ_{j before i} d_j))`, in the order of the `turns`.
///
/// d what is wanted, x what is given, in one unit. Who has no turn gets nothing.
pub fn in_turn(mut total: u64, wanted: &[u64], turns: impl IntoIterator<Item = usize>) -> Vec<u64> {
    let mut parts = vec![0; wanted.len()];
    for i in turns {
        parts[i] = wanted[i].min(total);
        total -= parts[i];
    }
    parts
}

/// Strict priority in whole demands: in the order of the `turns`, `x_i = d_i` if that much is left, else 0, and the next
/// is tried. Symbols as in [`in_turn`]; up to the largest demand that was passed over may be left.
pub fn whole_in_turn(mut total: u64, wanted: &[u64], turns: impl IntoIterator<Item = usize>) -> Vec<u64> {
    let mut parts = vec![0; wanted.len()];
    for i in turns {
        if wanted[i] <= total {
            parts[i] = wanted[i];
            total -= wanted[i];
        }
    }
    parts
}

/// The share of each rank's demand that is met [1], given what the ranks want together, the first rank first:
/// `φ_r = min(1, max(0, total − Σ_{s<r} D_s) / D_r)`, so that within a rank everybody gets `φ_r·d_i`.
///
/// D what a rank wants, in the unit of the total. A rank that wants nothing is met in full while anything is left.
pub fn filled_by_rank(total: f64, wanted: impl IntoIterator<Item = f64>) -> impl Iterator<Item = f64> {
    let mut left = total.max(0.0);
    wanted.into_iter().map(move |wanted| {
        let share = (left / wanted.max(NEXT_TO_NOTHING)).min(1.0);
        left = (left - wanted).max(0.0);
        share
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn who_comes_first_is_served_first() {
        let (wanted, order) = ([60, 30, 50, 20], turns([2, 1, 2, 3]));
        assert_eq!(order, [1, 0, 2, 3]);
        // 30 of 100, then 60; the 10 left do for a fifth of the third, and for nobody whole.
        assert_eq!(in_turn(100, &wanted, order.iter().copied()), [60, 30, 10, 0]);
        assert_eq!(whole_in_turn(100, &wanted, order.iter().copied()), [60, 30, 0, 0]);
        // Of 115 the third is passed over and the fourth served.
        assert_eq!(whole_in_turn(115, &wanted, order), [60, 30, 0, 20]);
        assert_eq!(in_turn(100, &wanted, [3]), [0, 0, 0, 20]);
    }

    #[test]
    fn a_rank_shares_what_the_ranks_before_it_leave() {
        // 100 less 30 is 70 of 110; the third rank finds nothing.
        let shares: Vec<f64> = filled_by_rank(100.0, [30.0, 110.0, 20.0]).collect();
        assert_eq!(shares, [1.0, 70.0 / 110.0, 0.0]);
        assert_eq!(filled_by_rank(1.0, [0.0, 4.0, 0.0]).collect::<Vec<_>>(), [1.0, 0.25, 0.0]);
        assert_eq!(filled_by_rank(-5.0, [2.0]).collect::<Vec<_>>(), [0.0]);
    }

    fn claims() -> impl Strategy<Value = (u64, Vec<(u64, u8, f64)>)> {
        (0_u64..2_000, prop::collection::vec((0_u64..500, 0_u8..4, 0.1..9.0_f64), 1..12))
    }

    proptest! {
        /// Nobody gets more than he wants; nothing is held back but from whole demands; one unit more takes from nobody.
        #[test]
        fn every_rule_gives_out_what_there_is((total, claims) in claims()) {
            let wanted: Vec<u64> = claims.iter().map(|claim| claim.0).collect();
            let weights: Vec<f64> = claims.iter().map(|claim| claim.2).collect();
            let order = turns(claims.iter().map(|claim| claim.1));
            let most = total.min(wanted.iter().sum());
            let by_turn = |total| in_turn(total, &wanted, order.iter().copied());
            for parts in [by_turn(total), apportion(total, &weights, &wanted)] {
                prop_assert_eq!(parts.iter().sum::<u64>(), most);
                prop_assert!(parts.iter().zip(&wanted).all(|(part, wanted)| part <= wanted));
            }
            prop_assert!(by_turn(total).iter().zip(by_turn(total + 1)).all(|(less, more)| *less <= more));
            let whole = whole_in_turn(total, &wanted, order.iter().copied());
            let left = total - whole.iter().sum::<u64>();
            for (part, wanted) in whole.iter().zip(&wanted) {
                prop_assert!(part == wanted || (*part == 0 && *wanted > left));
            }
        }

        /// Weighted max-min: whoever gets less than he wants gets, per weight, no less than anybody.
        #[test]
        fn the_level_is_the_same_for_all_who_want_more((total, claims) in claims()) {
            let caps: Vec<f64> = claims.iter().map(|claim| claim.0 as f64).collect();
            let weights: Vec<f64> = claims.iter().map(|claim| claim.2).collect();
            let parts = water_fill(total as f64, &weights, &caps);
            let levels: Vec<f64> = parts.iter().zip(&weights).map(|(part, weight)| part / weight).collect();
            let highest = levels.iter().copied().fold(0.0, f64::max);
            for i in 0..parts.len() {
                prop_assert!(parts[i] == caps[i] || levels[i] >= highest * (1.0 - 1e-12));
            }
        }

        /// By rank: an earlier rank is full before a later one gets anything, and the shares give out what there is.
        #[test]
        fn ranks_are_filled_one_after_another(total in 0.0..100.0_f64, wanted in prop::collection::vec(0.1..50.0_f64, 1..8)) {
            let shares: Vec<f64> = filled_by_rank(total, wanted.iter().copied()).collect();
            prop_assert!(shares.windows(2).all(|pair| pair[0] == 1.0 || pair[1] == 0.0));
            let given: f64 = shares.iter().zip(&wanted).map(|(share, wanted)| share * wanted).sum();
            prop_assert!((given - total.min(wanted.iter().sum())).abs() < 1e-9);
        }
    }

    #[test]
    fn what_one_part_leaves_goes_to_the_others_in_proportion() {
        // 100 over 5 : 3 : 2 is 50, 30, 20; the first takes 10 only, its 40 go 3 : 2 to the others.
        assert_eq!(water_fill(100.0, &[5.0, 3.0, 2.0], &[10.0, 90.0, 90.0]), [10.0, 54.0, 36.0]);
        // The second then is full too.
        assert_eq!(water_fill(100.0, &[5.0, 3.0, 2.0], &[10.0, 45.0, 90.0]), [10.0, 45.0, 45.0]);
        assert_eq!(water_fill(100.0, &[1.0, 0.0], &[30.0, 30.0]), [30.0, 0.0]);
    }

    #[test]
    fn largest_remainders_round_up_and_ties_go_to_the_lower_index() {
        // 10 over 1 : 1 : 1 is 3⅓ each; 7 over 3 : 2 : 1 is 3.5, 2.33, 1.17.
        assert_eq!(apportion(10, &[1.0; 3], &[9; 3]), [4, 3, 3]);
        assert_eq!(apportion(7, &[3.0, 2.0, 1.0], &[9; 3]), [4, 2, 1]);
        assert_eq!(apportion(7, &[3.0, 2.0, 1.0], &[2; 3]), [2, 2, 2]);
        assert_eq!(apportion(7, &[0.0, 2.0], &[9, 3]), [0, 3]);
    }

    #[test]
    fn parts_add_up_for_awkward_weights() {
        let weights = [0.1, 0.7, 1e-9, 12.3, 0.1];
        let caps = [1_000, 3, 50, 20_000, 17];
        for total in 0..21_200_u64 {
            let parts = apportion(total, &weights, &caps);
            assert_eq!(parts.iter().sum::<u64>(), total.min(21_070));
            assert!(parts.iter().zip(caps).all(|(part, cap)| *part <= cap));
        }
    }
}
