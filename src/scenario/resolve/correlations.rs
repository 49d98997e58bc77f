//! Uncertain fields that go together: a one-factor Gaussian copula for each group.
//!
//! `u' = Φ(a·c + √(1 − a²)·Φ⁻¹(u))`
//!
//! u the field's own draw \[1\] · a its loading \[1\], −1 to 1 · c the group's draw, standard normal, the same for all its
//! fields in a replication · u' what the field's distribution is read at \[1\]
//! Each field keeps its distribution; the normal scores of two fields of a group are correlated by the product of their
//! loadings. Source: R. Nelsen, *An Introduction to Copulas*, 2nd ed. (2006), §2.3; P. Embrechts, A. McNeil and D.
//! Straumann (2002) on what correlation does not say.
//!
//! Why a common factor and no matrix? Every choice of loadings is possible, while most matrices of wished-for
//! correlations are not; and a field added to a group leaves the draws of the others as they were.
//! Left out: more than one factor a field; dependence in the tails alone.

use super::Resolver;
use crate::engine::Stream;
use crate::units::{norm_cdf, norm_inv};

/// The groups of a scenario in one replication.
#[derive(Default)]
pub(super) struct Correlations {
    members: Vec<Member>,
}

struct Member {
    /// Path of its entry in the scenario, for messages.
    place: String,
    /// Steps of the path of its fields; `*` stands for any.
    field: Vec<String>,
    loading: f64,
    factor: f64,
    /// Whether an uncertain field was drawn under it.
    used: bool,
}

impl Member {
    fn matches(&self, path: &str) -> bool {
        let mut steps = path.split('.');
        self.field.iter().all(|wanted| steps.next().is_some_and(|step| wanted == "*" || wanted == step))
            && steps.next().is_none()
    }
}

impl Correlations {
    /// What a field's distribution is read at, given its own draw; beside it the places of the entries that claim the
    /// field, if there are several.
    fn correlate(&mut self, path: &str, own: f64) -> (f64, Vec<String>) {
        let mut found: Vec<&mut Member> = self.members.iter_mut().filter(|member| member.matches(path)).collect();
        found.iter_mut().for_each(|member| member.used = true);
        match found.as_slice() {
            [] => (own, Vec::new()),
            [member] => (coupled(own, member.loading, member.factor), Vec::new()),
            several => (own, several.iter().map(|member| member.place.clone()).collect()),
        }
    }
}

/// The copula of one field.
fn coupled(own: f64, loading: f64, factor: f64) -> f64 {
    let score = loading * factor + (1.0 - loading * loading).sqrt() * norm_inv(own);
    // A score far out must not become a certainty.
    norm_cdf(score).clamp(f64::EPSILON / 2.0, 1.0 - f64::EPSILON / 2.0)
}

impl Resolver<'_> {
    /// Draws the factor of each group.
    pub(super) fn read_correlations(&mut self) {
        let spec = self.spec;
        let mut members = Vec::new();
        for (id, group) in &spec.correlations {
            let factor = Stream::named(self.seed, self.draw, &format!("correlations.{id}"), "factor").normal();
            for (index, member) in group.iter().enumerate() {
                let place = format!("correlations.{id}.{index}");
                let loading = self.within(&format!("{place}.loading"), &member.loading, -1.0, 1.0);
                let field = member.field.split('.').map(str::to_owned).collect();
                members.push(Member { place, field, loading, factor, used: false });
            }
        }
        self.correlations.members = members;
    }

    /// The number between 0 and 1 at which an uncertain field's distribution is read.
    pub(super) fn uniform(&mut self, path: &str) -> f64 {
        let own = Stream::named(self.seed, self.draw, path, "parameter").uniform();
        let (uniform, claims) = self.correlations.correlate(path, own);
        if let [first, second, ..] = claims.as_slice() {
            let message = format!("`{path}` is in a group already, by `{first}`; a field has one");
            if !self.findings.iter().any(|finding| finding.message == message) {
                self.find(&format!("{second}.field"), message);
            }
        }
        uniform
    }

    /// Entries that name no field with a draw, once everything was drawn.
    pub(super) fn check_correlations(&mut self) {
        let idle = self.correlations.members.iter().filter(|member| !member.used);
        let idle: Vec<(String, String)> =
            idle.map(|member| (format!("{}.field", member.place), member.field.join("."))).collect();
        for (place, field) in idle {
            self.find(&place, format!("`{field}` is no uncertain field: nothing there is drawn once a replication"))
                .help = Some("give the field a distribution, or name one that has; `*` stands for every id".into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(field: &str, loading: f64) -> Member {
        let field = field.split('.').map(str::to_owned).collect();
        Member { place: "correlations.g.0".into(), field, loading, factor: 0.0, used: false }
    }

    #[test]
    fn a_loading_of_nothing_keeps_the_draw_and_of_one_takes_the_factor() {
        for own in [0.001, 0.3, 0.5, 0.99] {
            assert!((coupled(own, 0.0, 1.7) - own).abs() < 1e-14);
        }
        // Φ(1) = 0.841345.
        assert!((coupled(0.1, 1.0, 1.0) - 0.841_344_746).abs() < 1e-9);
        assert!((coupled(0.1, -1.0, 1.0) - 0.158_655_254).abs() < 1e-9);
        // 0.6 · 1 + 0.8 · 0 at the median.
        assert!((coupled(0.5, 0.6, 1.0) - 0.725_746_882).abs() < 1e-9);
    }

    #[test]
    fn stars_stand_for_one_step() {
        let member = member("clouds.*.wacc", 0.5);
        assert!(member.matches("clouds.azure.wacc"));
        assert!(!member.matches("clouds.azure.wacc.x") && !member.matches("clouds.wacc"));
    }

    /// Scores of two fields with loadings 0.8 and 0.5 are correlated by 0.4; each stays uniform.
    #[test]
    fn scores_are_correlated_by_the_product_of_the_loadings() {
        const N: u32 = 20_000;
        let draw = |number: u32, name: &str| Stream::named(7, u64::from(number), name, "test").uniform();
        let pairs: Vec<(f64, f64)> = (0..N)
            .map(|n| {
                let factor = Stream::named(7, u64::from(n), "group", "factor").normal();
                (coupled(draw(n, "a"), 0.8, factor), coupled(draw(n, "b"), 0.5, factor))
            })
            .collect();
        let mean = |of: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / f64::from(N);
        let correlation = mean(&|(a, b)| norm_inv(*a) * norm_inv(*b));
        // Four standard errors of a mean of products: 4 · √((1 + 0.4²) / 20,000).
        assert!((correlation - 0.4).abs() < 0.031, "{correlation}");
        assert!((mean(&|(a, _)| *a) - 0.5).abs() < 0.009 && (mean(&|(a, _)| a * a) - 1.0 / 3.0).abs() < 0.009);
    }
}
