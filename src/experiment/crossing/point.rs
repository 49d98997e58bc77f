//! What is known of an input, and pairs of inputs with a crossing between them.

use crate::experiment::statistics::{mean, t_of_interval, t_quantile, variance};

/// What is known of a point.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    pub(super) x: f64,
    /// Mean less target.
    pub(super) g: f64,
    /// Half-width of the interval of the mean.
    pub(super) h: f64,
    /// How much wider that is than all replications would make it.
    pub(super) excess: f64,
}

/// The part of a half-width that may be due to replications that a point lacks.
const MOST_EXCESS: f64 = 0.15;

impl Point {
    /// What outcomes of an input say by themselves.
    pub(super) fn alone((x, target, level): (f64, f64, f64), outcomes: &[f64]) -> Self {
        let n = outcomes.len();
        let h = t_of_interval(n, level) * (variance(outcomes) / n as f64).sqrt();
        Self { x, g: mean(outcomes) - target, h, excess: 0.0 }
    }

    /// What outcomes of the first m of n replications say, three at least, beside those of a centre on all of them.
    pub(super) fn beside((x, target, level): (f64, f64, f64), outcomes: &[f64], centre: &[f64]) -> Self {
        let (m, n) = (outcomes.len() as f64, centre.len() as f64);
        let common = &centre[..outcomes.len()];
        let (of_point, of_common) = (mean(outcomes), mean(common));
        let pairs = outcomes.iter().zip(common).map(|(y, c)| (y - of_point, c - of_common));
        let (syy, scc, syc) = pairs.fold((0.0, 0.0, 0.0), |(yy, cc, yc), (y, c)| (yy + y * y, cc + c * c, yc + y * c));
        let (slope, residual) = if scc > 0.0 { (syc / scc, syy - syc * syc / scc) } else { (0.0, syy) };
        let residual = residual.max(0.0) / (m - 2.0);
        let shift = mean(centre) - of_common;
        let of_shift = if scc > 0.0 { shift * shift / scc } else { 0.0 };
        let parts = [(residual * (1.0 / m + of_shift), m - 2.0), (slope * slope * variance(centre) / n, n - 1.0)];
        let half_width = |parts: [(f64, f64); 2]| {
            let sum: f64 = parts.iter().map(|part| part.0).sum();
            let squares: f64 = parts.iter().map(|(part, degrees)| part * part / degrees).sum();
            if squares > 0.0 { t_quantile(sum * sum / squares, level) * sum.sqrt() } else { 0.0 }
        };
        let h = half_width(parts);
        let of_all = half_width([(residual / n, n - 1.0), parts[1]]);
        let excess = if of_all > 0.0 { h / of_all - 1.0 } else { 0.0 };
        Self { x, g: of_point + slope * shift - target, h, excess }
    }

    pub(super) fn may_be_zero(self) -> bool {
        self.g.abs() <= self.h
    }

    /// Whether more replications of it would tell much.
    pub(super) fn lacks(self) -> bool {
        self.excess > MOST_EXCESS
    }
}

/// Two points with a crossing between them, and weights that keep both moving.
pub(super) struct Ends {
    pub(super) a: Point,
    pub(super) b: Point,
    weights: (f64, f64),
}

impl Ends {
    pub(super) fn new(a: Point, b: Point) -> Self {
        Self { a, b, weights: (1.0, 1.0) }
    }

    pub(super) fn width(&self) -> f64 {
        (self.b.x - self.a.x).abs()
    }

    /// Half-width of an interval of the crossing, by the straight line between the ends.
    pub(super) fn half_width(&self) -> f64 {
        self.a.h.max(self.b.h) * self.width() / (self.b.g - self.a.g).abs()
    }

    fn between(&self, (of_a, of_b): (f64, f64)) -> f64 {
        let (f, g) = (of_a * self.a.g, of_b * self.b.g);
        if f == g { self.a.x } else { self.a.x + (self.b.x - self.a.x) * (f / (f - g)) }
    }

    /// Where the straight line between the ends crosses zero.
    pub(super) fn straight(&self) -> f64 {
        self.between((1.0, 1.0))
    }

    /// Where to look next, not nearer to an end than a tenth of the way.
    pub(super) fn next(&self) -> f64 {
        let share = ((self.between(self.weights) - self.a.x) / (self.b.x - self.a.x)).clamp(0.1, 0.9);
        self.a.x + share * (self.b.x - self.a.x)
    }

    pub(super) fn replace(&mut self, point: Point) {
        if self.a.g.signum() == point.g.signum() {
            (self.a, self.weights) = (point, (1.0, 0.5 * self.weights.1));
        } else {
            (self.b, self.weights) = (point, (0.5 * self.weights.0, 1.0));
        }
    }
}
