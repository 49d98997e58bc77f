//! Kinds of tokens: mixes of the classes, prices and compute of kinds over one another.

use super::Resolver;
use crate::market::tokens::{KindPricePaths, KindWork, TokenMix, TokenParams};
use crate::scenario::scalar::Scalar;
use crate::scenario::schema::{ModelSpec, TokenMixSpec};
use crate::supply::params::Class;
use crate::units::Schedule;

/// Limits of a ratio of prices or of compute. Nothing is given away.
const RATIOS: (f64, f64) = (0.01, 100.0);
/// Limits of a discounted price over the full one.
const DISCOUNTED: (f64, f64) = (0.001, 1.0);

impl Resolver<'_> {
    pub(super) fn tokens(&mut self) -> TokenParams {
        let spec = self.spec;
        let mut mix = [None; Class::COUNT];
        for (name, parts) in &spec.demand.token_mix {
            let path = format!("demand.token_mix.{name}");
            if let Some(class) = self.class(&path, name) {
                mix[class.index()] = Some(self.token_mix(&path, parts));
            }
        }
        let given = spec.demand.kind_prices.as_ref();
        let at = |field: &str| format!("demand.kind_prices.{field}");
        let prices = KindPricePaths {
            output_over_input: self.ratio(&at("output_over_input"), given.map(|g| &g.output_over_input), RATIOS),
            cached_over_input: self.ratio(&at("cached_over_input"), given.map(|g| &g.cached_over_input), DISCOUNTED),
            batch_over_list: self.ratio(&at("batch_over_list"), given.map(|g| &g.batch_over_list), DISCOUNTED),
        };
        let given = spec.serving.kind_work.as_ref();
        let at = |field: &str| format!("serving.kind_work.{field}");
        let work = KindWork {
            output_over_input: given
                .map_or(1.0, |g| self.within(&at("output_over_input"), &g.output_over_input, RATIOS.0, RATIOS.1)),
            cached_over_input: self.ratio(&at("cached_over_input"), given.map(|g| &g.cached_over_input), (0.0, 1.0)),
        };
        TokenParams { mix, prices, work }
    }

    fn token_mix(&mut self, path: &str, spec: &TokenMixSpec) -> TokenMix {
        let mut share = |field: &str, value: &Scalar| self.share(&format!("{path}.{field}"), value);
        TokenMix {
            output: share("output", &spec.output),
            cached: share("cached", &spec.cached),
            batch: share("batch", &spec.batch),
        }
    }

    /// A schedule of ratios; 1 if it is left out.
    fn ratio(&mut self, path: &str, given: Option<&Scalar>, (low, high): (f64, f64)) -> Schedule {
        given.map_or_else(|| Schedule::constant(1.0), |scalar| self.series_within(path, scalar, low, high))
    }

    /// What a model's kinds of tokens cost over one another: what it says, else what holds for all.
    pub(super) fn kind_prices(&mut self, id: &str, spec: &ModelSpec, all: &KindPricePaths) -> KindPricePaths {
        let mut own = |field: &str, given: &Option<Scalar>, common: &Schedule, (low, high): (f64, f64)| {
            let path = format!("models.{id}.{field}");
            given.as_ref().map_or_else(|| common.clone(), |scalar| self.series_within(&path, scalar, low, high))
        };
        KindPricePaths {
            output_over_input: own("output_over_input", &spec.output_over_input, &all.output_over_input, RATIOS),
            cached_over_input: own("cached_over_input", &spec.cached_over_input, &all.cached_over_input, DISCOUNTED),
            batch_over_list: own("batch_over_list", &spec.batch_over_list, &all.batch_over_list, DISCOUNTED),
        }
    }
}
