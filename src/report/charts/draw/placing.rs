//! Where labels go so that none overlaps another.

/// Positions nearest to `wanted` (in the least-squares sense) that are at least `gap` apart and within `low..=high`.
///
/// Labels that want the same place form a block, which is centred on the mean of its wishes (pool adjacent
/// violators). If all together need more room than there is, the gaps shrink evenly. The order of `wanted` is kept;
/// equal wishes keep their order too.
pub fn apart(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let n = wanted.len();
    if n == 0 {
        return Vec::new();
    }
    let gap = if n > 1 { gap.min((high - low).max(0.0) / (n - 1) as f64) } else { gap };
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
    // With i·gap taken off, "at least a gap apart" becomes "not descending".
    let mut blocks: Vec<Block> = Vec::new();
    for (i, label) in order.iter().enumerate() {
        blocks.push(Block { sum: wanted[*label] - i as f64 * gap, labels: 1 });
        while blocks.len() > 1 && blocks[blocks.len() - 2].mean() > blocks[blocks.len() - 1].mean() {
            let last = blocks.pop().expect("more than one");
            let before = blocks.last_mut().expect("one is left");
            before.sum += last.sum;
            before.labels += last.labels;
        }
    }
    let top = high - (n - 1) as f64 * gap;
    let settled = blocks.iter().flat_map(|block| std::iter::repeat_n(block.mean().min(top).max(low), block.labels));
    let mut positions = vec![0.0; n];
    for (i, (label, position)) in order.iter().zip(settled).enumerate() {
        positions[*label] = position + i as f64 * gap;
    }
    positions
}

struct Block {
    sum: f64,
    labels: usize,
}

impl Block {
    fn mean(&self) -> f64 {
        self.sum / self.labels as f64
    }
}

/// Left, top, right and bottom.
pub type Bounds = (f64, f64, f64, f64);

/// Whether two boxes share an area.
pub fn overlap(a: Bounds, b: Bounds) -> bool {
    a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3
}

/// Boxes of `columns` by as many rows as `n` needs, over `region`, in reading order, `gap` (across, down) apart.
pub fn grid(n: usize, columns: usize, region: Bounds, gap: (f64, f64)) -> Vec<Bounds> {
    let rows = n.div_ceil(columns);
    let width = (region.2 - region.0 - gap.0 * (columns - 1) as f64) / columns as f64;
    let height = (region.3 - region.1 - gap.1 * (rows.max(1) - 1) as f64) / rows.max(1) as f64;
    (0..n)
        .map(|i| {
            let left = region.0 + (i % columns) as f64 * (width + gap.0);
            let top = region.1 + (i / columns) as f64 * (height + gap.1);
            (left, top, left + width, top + height)
        })
        .collect()
}

/// Columns of a page of `n` panels.
pub fn columns(n: usize) -> usize {
    match n {
        0..=3 => n.max(1),
        4 => 2,
        5 | 6 | 9 => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn labels_with_room_stay_where_they_want() {
        assert_eq!(apart(&[50.0, 10.0], 20.0, 0.0, 100.0), [50.0, 10.0]);
    }

    #[test]
    fn crowded_labels_are_centred_on_their_mean() {
        assert_eq!(apart(&[50.0, 50.0, 53.0], 10.0, 0.0, 100.0), [41.0, 51.0, 61.0]);
    }

    #[test]
    fn the_ends_of_the_page_push_back() {
        assert_eq!(apart(&[98.0, 99.0], 10.0, 0.0, 100.0), [90.0, 100.0]);
        assert_eq!(apart(&[-5.0, 0.0, 30.0], 10.0, 0.0, 100.0), [0.0, 10.0, 30.0]);
        assert_eq!(apart(&[0.0, 0.0, 0.0], 10.0, 0.0, 10.0), [0.0, 5.0, 10.0]);
    }

    #[test]
    fn panels_fill_the_page() {
        let boxes = grid(5, 3, (0.0, 0.0, 320.0, 210.0), (10.0, 10.0));
        assert_eq!(boxes[0], (0.0, 0.0, 100.0, 100.0));
        assert_eq!(boxes[4], (110.0, 110.0, 210.0, 210.0));
        assert!((1..=12).all(|n| columns(n) <= n.max(1)));
    }

    proptest! {
        #[test]
        fn no_two_are_nearer_than_the_gap(wanted in prop::collection::vec(-50.0..150.0_f64, 1..12)) {
            let placed = apart(&wanted, 8.0, 0.0, 100.0);
            let mut sorted = placed.clone();
            sorted.sort_by(f64::total_cmp);
            prop_assert!(sorted.windows(2).all(|w| w[1] - w[0] > 8.0 - 1e-9));
            prop_assert!(sorted[0] >= -1e-9 && *sorted.last().unwrap() <= 100.0 + 1e-9);
        }
    }
}
