//! Kinds of tokens: what a class of work is made of, what each kind sells for and what it takes to serve.
//!
//! A model has one list price, of the blend of three input tokens to one output token, and so has its compute per token.
//! What a million tokens of a class cost follows from the class's mix of kinds, whatever the model.
//!
//! *Why not a price per kind and model?* Rivals' lists move together with their ratios: output sells for three to eight
//! times the input of the same model, so that one price and three ratios say as much with fewer figures to source.

use crate::supply::params::Class;
use crate::units::{Schedule, Time};
use serde::{Deserialize, Serialize};

/// What a token is charged as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// Read, and worked through.
    Input,
    /// Read, and found in a prefix cache.
    Cached,
    /// Generated.
    Output,
    /// Of any of these kinds, served when there is time, at a discount.
    Batch,
}

impl TokenKind {
    /// How many kinds there are.
    pub const COUNT: usize = 4;
    /// Names of the kinds, in order.
    pub const NAMES: [&str; Self::COUNT] = ["input", "cached", "output", "batch"];
}

/// Input tokens to one output token, in list prices and in compute per token.
const BLEND: f64 = 3.0;
/// Least of a ratio that an uncertain draw may come to.
const LEAST_RATIO: f64 = 1e-3;

/// Prices of kinds over one another [1], by date.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KindPricePaths {
    /// An output over an input token.
    pub output_over_input: Schedule,
    /// A cached over another input token.
    pub cached_over_input: Schedule,
    /// A token sold in batches over its list price.
    pub batch_over_list: Schedule,
}

impl KindPricePaths {
    /// The ratios on a day.
    pub fn at(&self, now: Time) -> KindPrices {
        self.at_years(now.years())
    }

    /// The ratios so many years after the start.
    pub fn at_years(&self, years: f64) -> KindPrices {
        let of = |path: &Schedule| path.at_years(years).max(LEAST_RATIO);
        KindPrices {
            output_over_input: of(&self.output_over_input),
            cached_over_input: of(&self.cached_over_input),
            batch_over_list: of(&self.batch_over_list),
        }
    }
}

/// Prices of kinds over one another on a day [1].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KindPrices {
    /// r.
    pub output_over_input: f64,
    /// q.
    pub cached_over_input: f64,
    /// b.
    pub batch_over_list: f64,
}

impl KindPrices {
    /// Price of an input, a cached and an output token over the list price: `4/(3 + r)`, q and r times that [1].
    pub fn over_list(&self) -> [f64; 3] {
        let input = (BLEND + 1.0) / (BLEND + self.output_over_input);
        [input, self.cached_over_input * input, self.output_over_input * input]
    }

    /// What a batch's share of the tokens takes off: `1 − β·(1 − b)` [1].
    fn batched(&self, share: f64) -> f64 {
        1.0 - share * (1.0 - self.batch_over_list)
    }
}

/// Compute of kinds over one another [1].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KindWork {
    /// An output over an input token: decoding is bound by memory, prefill by arithmetic.
    pub output_over_input: f64,
    /// A cached over another input token, by date.
    pub cached_over_input: Schedule,
}

/// What the tokens of a class are made of.
///
/// Price over list `f = Σ_k m_k·π_k · (1 − β·(1 − b))`, compute over that of the blend `g = Σ_k m_k·ω_k`, with
/// `m = ((1 − o)(1 − h), (1 − o)h, o)`, `π = (1, q, r)·4/(3 + r)`, `ω = (1, q', r')·4/(3 + r')`.
///
/// o share that is output, h share of the input that is cached, β share sold in batches [1] · r, q output and cached over
/// input price, b batch over list price [1] · r', q' output and cached over input compute [1]. The blend of three input
/// tokens to one output token has f = g = 1.
/// Source: how labs list prices (prices.csv); bridge: cached input takes 0.1 of an input token, output 3.5.
/// Limits: one mix for all customers of a class and for the whole run; the writing of caches is free; a batch takes as much
/// compute as it would at once. Products' tokens are counted as the blend, which their tokens a message are stated in.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TokenMix {
    /// o.
    pub output: f64,
    /// h.
    pub cached: f64,
    /// β.
    pub batch: f64,
}

impl TokenMix {
    /// What lists are stated for.
    pub const LIST: TokenMix = TokenMix { output: 1.0 / (BLEND + 1.0), cached: 0.0, batch: 0.0 };

    /// Shares of input, cached and output tokens, m [1].
    pub fn shares(&self) -> [f64; 3] {
        let input = 1.0 - self.output;
        [input * (1.0 - self.cached), input * self.cached, self.output]
    }

    /// f: price of a token of the class over the list price [1].
    pub fn price_over_list(&self, prices: &KindPrices) -> f64 {
        sum_product(self.shares(), prices.over_list()) * prices.batched(self.batch)
    }

    /// g: compute of a token of the class over that of the blend [1].
    pub fn work(&self, output_over_input: f64, cached_over_input: f64) -> f64 {
        let input = (BLEND + 1.0) / (BLEND + output_over_input);
        sum_product(self.shares(), [input, cached_over_input * input, output_over_input * input])
    }
}

fn sum_product(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// Mixes of the classes, and what holds for every model that says nothing else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TokenParams {
    /// Mix by class; a class without one has that of the list.
    pub mix: [Option<TokenMix>; Class::COUNT],
    /// Prices of kinds.
    pub prices: KindPricePaths,
    /// Compute of kinds.
    pub work: KindWork,
}

impl TokenParams {
    /// f by class.
    pub fn over_list(&self, prices: &KindPrices) -> [f64; Class::COUNT] {
        self.mix.map(|mix| mix.map_or(1.0, |mix| mix.price_over_list(prices)))
    }

    /// g by class on a day.
    pub fn work_by_class(&self, now: Time) -> [f64; Class::COUNT] {
        let cached = self.work.cached_over_input.at(now).max(0.0);
        self.mix.map(|mix| mix.map_or(1.0, |mix| mix.work(self.work.output_over_input, cached)))
    }

    /// Tokens and spend of a class by kind, of so many tokens for so much: in the order of [`TokenKind`].
    pub fn by_kind(&self, class: Class, prices: &KindPrices, mtok: f64, usd: f64) -> [(f64, f64); TokenKind::COUNT] {
        let mix = self.mix[class.index()].unwrap_or(TokenMix::LIST);
        let list = usd / mix.price_over_list(prices);
        let (shares, over_list) = (mix.shares(), prices.over_list());
        let now = |k: usize| {
            let share = (1.0 - mix.batch) * shares[k];
            (mtok * share, list * share * over_list[k])
        };
        let later = list * mix.batch * prices.batch_over_list * sum_product(shares, over_list);
        [now(0), now(1), now(2), (mtok * mix.batch, later)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: KindPrices = KindPrices { output_over_input: 4.0, cached_over_input: 0.5, batch_over_list: 0.5 };

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-12, "{a} is not {b}");
    }

    fn params(mix: TokenMix) -> TokenParams {
        let constant = Schedule::constant;
        let prices = KindPricePaths {
            output_over_input: constant(4.0),
            cached_over_input: constant(0.5),
            batch_over_list: constant(0.5),
        };
        let work = KindWork { output_over_input: 3.5, cached_over_input: constant(0.1) };
        let mut mixes = [None; Class::COUNT];
        mixes[Class::Coding.index()] = Some(mix);
        TokenParams { mix: mixes, prices, work }
    }

    /// 2.5 in and 10 out are (3 × 2.5 + 10)/4 = 4.375 at the list; cached 1.25.
    #[test]
    fn prices_of_kinds_are_those_of_the_list() {
        let [input, cached, output] = LISTED.over_list();
        close(4.375 * input, 2.5);
        close(4.375 * cached, 1.25);
        close(4.375 * output, 10.0);
        close(TokenMix::LIST.price_over_list(&LISTED), 1.0);
        close(TokenMix::LIST.work(3.5, 0.1), 1.0);
    }

    /// A tenth output, three quarters of the rest cached: 0.225 × 2.5 + 0.675 × 1.25 + 0.1 × 10 = 2.40625 of 4.375. Compute:
    /// (0.225 + 0.0675 + 0.35) × 4/6.5. With a fifth in batches at half price, nine tenths of that price.
    #[test]
    fn a_class_costs_and_takes_what_its_kinds_do() {
        let mix = TokenMix { output: 0.1, cached: 0.75, batch: 0.0 };
        close(mix.shares().iter().sum(), 1.0);
        close(mix.price_over_list(&LISTED), 2.40625 / 4.375);
        close(mix.work(3.5, 0.1), 0.6425 * 4.0 / 6.5);
        let batched = TokenMix { batch: 0.2, ..mix };
        close(batched.price_over_list(&LISTED), 0.9 * 2.40625 / 4.375);
        let tokens = params(batched);
        let now = Time(0);
        let (over_list, work) = (tokens.over_list(&tokens.prices.at(now)), tokens.work_by_class(now));
        assert_eq!((over_list[Class::Chat.index()], work[Class::Chat.index()]), (1.0, 1.0));
        close(over_list[Class::Coding.index()], 0.9 * 2.40625 / 4.375);
        close(work[Class::Coding.index()], 0.6425 * 4.0 / 6.5);
    }

    /// 1,000 Mtok at 0.9 × 2.40625: 180 input for 450, 540 cached for 675, 80 output for 800, 200 in batches for 240.625.
    #[test]
    fn what_is_paid_divides_into_kinds() {
        let tokens = params(TokenMix { output: 0.1, cached: 0.75, batch: 0.2 });
        let kinds = tokens.by_kind(Class::Coding, &LISTED, 1_000.0, 900.0 * 2.40625);
        for ((mtok, usd), (expected, for_usd)) in
            kinds.into_iter().zip([(180.0, 450.0), (540.0, 675.0), (80.0, 800.0), (200.0, 240.625)])
        {
            assert!((mtok - expected).abs() < 1e-9 && (usd - for_usd).abs() < 1e-9, "{kinds:?}");
        }
        let chat = tokens.by_kind(Class::Chat, &LISTED, 4.0, 4.0 * 4.375);
        close(chat[0].1, 7.5);
        close(chat[2].1, 10.0);
    }
}
