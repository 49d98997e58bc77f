//! Division of a total in proportion to weights, each part under a cap: in reals, and in whole chips.

/// Divides `total` in proportion to `weights`; what a part cannot take above its cap goes to the others in proportion
/// to theirs (water filling).
///
/// `x_i = min(c_i, w_i·λ)` with one level λ such that `Σx = min(total, Σ_{w>0} c)`. Parts without weight get nothing.
pub(super) fn water_fill(total: f64, weights: &[f64], caps: &[f64]) -> Vec<f64> {
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
pub(super) fn apportion(total: u64, weights: &[f64], caps: &[u64]) -> Vec<u64> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
