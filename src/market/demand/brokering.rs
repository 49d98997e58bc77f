//! Products that run on models of several labs: which model serves which tokens, what a token costs, and who earns it.
//!
//! *What does a token cost a product?* The compute that serves it, and a fee to the lab whose model it is. Nothing is
//! owed for models of its own party, for open weights, and under a licence, whose price is in the deal's other clauses;
//! under a distribution contract that lists the lab on a channel of the product's owner, the lab gets of the token what it
//! would get if an outside customer bought it there. Which of these holds is decided in
//! [`availability`](crate::market::availability).
//!
//! *Does the fee enter routing?* It must: a broker compares what models cost it, and a model of a partner that runs on the
//! broker's own chips costs their work and the partner's price.
//!
//! *Whose is a product's revenue?* Its party's, which is the one that is paid. Where labs' shares are told, the fees count
//! for the labs that serve, and the rest for the product's own lab, so that the sum stays what users paid.

use crate::ids::LabId;
use crate::market::choice::logit::softmax;
use crate::supply::params::Class;

/// Least cost that a choice is made by [USD/Mtok]; what is had for nothing would be all that a product runs on.
const LEAST_COST: f64 = 1e-9;

/// A model that a product may route to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// Whose.
    pub lab: LabId,
    /// Quality by class [quality units].
    pub quality: [f64; Class::COUNT],
    /// Compute per token over the reference model's [1].
    pub compute_per_token: f64,
    /// What the compute for a million tokens costs the product [USD/Mtok].
    pub compute_usd_per_mtok: f64,
    /// What it owes the lab for them, by class [USD/Mtok].
    pub fee_usd_per_mtok: [f64; Class::COUNT],
    /// The channel whose terms say so, by position; none where nothing is owed.
    pub channel: Option<u16>,
    /// Whether the lab, and not the product, pays for the compute.
    pub lab_pays_compute: bool,
}

/// What a product owes a lab for a million tokens [USD/Mtok]: `f = r·p`.
///
/// r share of the end customer's spend that the lab gets \[1\] · p price of the model on the channel [USD/Mtok].
/// Source: assumed; what a lab is paid for tokens in a partner's product is of no record, and it would not take less
/// there than on the partner's platform. Limits: no volume discount, no flat price for a year.
pub fn fee_usd_per_mtok(remit_share: f64, price_usd_per_mtok: [f64; Class::COUNT]) -> [f64; Class::COUNT] {
    price_usd_per_mtok.map(|price| remit_share * price)
}

/// Share of a product's tokens that each candidate serves, class by class: softmax of `Q − w·ln(c + f)`.
///
/// Q quality in the class [nats] · c compute that the product pays for, f fee [USD per million tokens] · w weight of cost
/// [nats]. No shares without a candidate.
/// Source: assumed form, that of a chooser of models by a logarithmic price.
/// Limits: every request of a class is alike; a router that sends the hard ones to the best model splits more sharply.
pub fn split(candidates: &[Candidate], cost_weight: f64) -> Vec<[f64; Class::COUNT]> {
    let mut shares = vec![[0.0; Class::COUNT]; candidates.len()];
    if candidates.is_empty() {
        return shares;
    }
    for class in 0..Class::COUNT {
        let value = |candidate: &Candidate| {
            let cost = candidate.full_cost(class).max(LEAST_COST);
            candidate.quality[class] - cost_weight * libm::log(cost)
        };
        let values: Vec<f64> = candidates.iter().map(value).collect();
        for (share, of_class) in shares.iter_mut().zip(softmax(&values)) {
            share[class] = of_class;
        }
    }
    shares
}

impl Candidate {
    /// What a million tokens of a class cost the product [USD/Mtok].
    pub fn full_cost(&self, class: usize) -> f64 {
        let compute = if self.lab_pays_compute { 0.0 } else { self.compute_usd_per_mtok };
        compute + self.fee_usd_per_mtok[class]
    }
}

/// The part of fees that is told as the labs' share of what users paid \[1\]: `min(1, R/ΣF)`.
///
/// R what users paid, F fees [USD]. Above R a product pays fees out of its owner's pocket, and the labs' shares would add
/// up to more than was spent.
pub fn told_part(revenue_usd: f64, fees_usd: f64) -> f64 {
    if fees_usd > revenue_usd { (revenue_usd / fees_usd).max(0.0) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(quality: f64, compute_usd_per_mtok: f64, fee: f64) -> Candidate {
        Candidate {
            lab: LabId(0),
            quality: [quality; Class::COUNT],
            compute_per_token: 1.0,
            compute_usd_per_mtok,
            fee_usd_per_mtok: [fee; Class::COUNT],
            channel: None,
            lab_pays_compute: false,
        }
    }

    /// Costs of 1 and 4 with a weight of 1/2: weights 1 and 1/√4, so 2/3 and 1/3.
    #[test]
    fn a_broker_splits_by_quality_and_cost() {
        let shares = split(&[candidate(1.0, 1.0, 0.0), candidate(1.0, 4.0, 0.0)], 0.5);
        assert!((shares[0][1] - 2.0 / 3.0).abs() < 1e-15 && (shares[1][1] - 1.0 / 3.0).abs() < 1e-15, "{shares:?}");
        assert!(split(&[], 0.5).is_empty());
    }

    /// A model on the broker's chips at 1 with a fee of 3 costs it 4, as one whose compute costs 4 does.
    #[test]
    fn a_fee_counts_as_compute_does() {
        let with_fee = split(&[candidate(1.0, 1.0, 0.0), candidate(1.0, 1.0, 3.0)], 0.5);
        assert_eq!(with_fee, split(&[candidate(1.0, 1.0, 0.0), candidate(1.0, 4.0, 0.0)], 0.5));
        let free_compute = Candidate { lab_pays_compute: true, ..candidate(1.0, 9.0, 4.0) };
        assert_eq!(free_compute.full_cost(2), 4.0);
    }

    /// Better by ln 3 in coding only: three quarters of the coding, half of the rest.
    #[test]
    fn each_class_goes_where_its_quality_is() {
        let mut coder = candidate(1.0, 1.0, 0.0);
        coder.quality[Class::Coding.index()] += libm::log(3.0);
        let shares = split(&[candidate(1.0, 1.0, 0.0), coder], 2.0);
        assert!((shares[1][Class::Coding.index()] - 0.75).abs() < 1e-15);
        assert_eq!(shares[1][Class::Chat.index()], 0.5);
    }

    /// 60 % of 10 USD; and of 100 USD of fees on a revenue of 40, two fifths are told.
    #[test]
    fn fees_by_hand() {
        let fee = fee_usd_per_mtok(0.6, [10.0; Class::COUNT]);
        assert_eq!(fee, [6.0; Class::COUNT]);
        assert_eq!((told_part(100.0, 40.0), told_part(40.0, 100.0), told_part(0.0, 0.0)), (1.0, 0.4, 1.0));
    }
}
