//! Games solved by hand, and what holds of every game.

use super::*;
use proptest::prelude::*;

/// A game with everything that a [`PriceGame`] borrows.
#[derive(Clone, Debug)]
struct Owned {
    utility: Vec<f64>,
    weight: f64,
    term: PriceTerm,
    nest_of: Vec<usize>,
    lambda: Vec<f64>,
    outside: f64,
    seller_of: Vec<usize>,
    cost: Vec<f64>,
    capacity: Vec<f64>,
}

const CUSTOMERS: f64 = 1000.0;
const FREE: f64 = f64::INFINITY;

impl Owned {
    fn game(&self) -> PriceGame<'_> {
        let demand = Demand {
            utility: &self.utility,
            price_weight: self.weight,
            term: self.term,
            nest_of: &self.nest_of,
            lambda: &self.lambda,
            outside: self.outside,
            customers: CUSTOMERS,
        };
        PriceGame::new(demand, &self.seller_of, &self.cost, &self.capacity).unwrap()
    }

    /// One seller of one product.
    fn monopoly(term: PriceTerm, utility: f64, weight: f64, cost: f64) -> Self {
        Self {
            utility: vec![utility],
            weight,
            term,
            nest_of: vec![0],
            lambda: vec![0.6],
            outside: 0.0,
            seller_of: vec![0],
            cost: vec![cost],
            capacity: vec![FREE],
        }
    }

    fn profit(&self, seller: usize, prices: &[f64]) -> f64 {
        let game = self.game();
        game.profit(seller, prices, &game.demand().shares(prices))
    }

    /// Some prices for rivals to have: cost and half as much again.
    fn prices(&self) -> Vec<f64> {
        self.cost.iter().map(|cost| 1.5 * cost + 0.2).collect()
    }

    /// No factor on all prices of a seller, or on one of them, gains it anything.
    fn gains_nothing_on_a_grid(&self, seller: usize, prices: &[f64]) {
        self.gains_at_most_on_a_grid(seller, prices, 0.0);
    }

    /// No factor on all prices of a seller, or on one of them, gains it more than `most`.
    fn gains_at_most_on_a_grid(&self, seller: usize, prices: &[f64], most: f64) {
        let at = self.profit(seller, prices);
        let own: Vec<usize> = self.game().products(seller).collect();
        for hundredths in (20..500).step_by(3) {
            let factor = f64::from(hundredths) / 100.0;
            let all = own.len();
            for moved in (0..=all).map(|skip| if skip == all { own.clone() } else { vec![own[skip]] }) {
                let mut other = prices.to_vec();
                moved.iter().for_each(|j| other[*j] *= factor);
                let gain = self.profit(seller, &other) - at;
                let allowed = most + 1e-9 * at.abs() + 1e-300;
                assert!(gain <= allowed, "{factor} on {moved:?} gains {gain} over {at} in {self:?}");
            }
        }
    }
}

fn close(a: f64, b: f64, relative: f64) {
    assert!((a - b).abs() <= relative * b.abs(), "{a} is not {b}");
}

#[test]
fn a_linear_monopoly_takes_the_inverse_of_what_stays_outside() {
    // m = 1/(α (1 − s)), the first-order condition s + (p − c)·(−α s (1 − s)) = 0.
    let owned = Owned::monopoly(PriceTerm::Linear, 2.5, 1.3, 0.6);
    let found = equilibrium(&owned.game(), Search::default());
    assert!(found.converged && found.starts_agree && found.second_order, "{found:?}");
    close(found.markups[0], 1.0 / (1.3 * found.shares.outside), 1e-13);
    close(found.consumer_surplus.unwrap(), -libm::log(found.shares.outside) / 1.3, 1e-13);
    assert!(found.residual < 1e-14 && found.deviation_gain < 1e-14, "{found:?}");
}

#[test]
fn a_logarithmic_monopoly_takes_the_elasticity_rule() {
    // ε = −∂ln s/∂ln p = α (1 − s); p = c·ε/(ε − 1).
    for (weight, cost) in [(1.3, 0.4), (3.0, 2.0), (12.0, 1e-4)] {
        let owned = Owned::monopoly(PriceTerm::Logarithmic, 1.0, weight, cost);
        let found = equilibrium(&owned.game(), Search::default());
        assert!(found.converged && found.starts_agree && found.second_order, "{found:?}");
        let elasticity = weight * found.shares.outside;
        close(found.prices[0], cost * elasticity / (elasticity - 1.0), 1e-11);
        assert_eq!(found.consumer_surplus, None);
    }
}

#[test]
fn products_of_one_seller_in_a_nest_bear_one_markup() {
    // The nests are the sellers': m = λ/α + (1 − λ) m + λ Π gives 1/α + Π.
    let owned = Owned {
        utility: vec![1.0, 2.0, 0.5],
        weight: 1.5,
        nest_of: vec![0, 0, 1],
        lambda: vec![0.4, 0.8],
        seller_of: vec![0, 0, 1],
        cost: vec![0.3, 0.9, 0.2],
        capacity: vec![FREE; 2],
        ..Owned::monopoly(PriceTerm::Linear, 0.0, 1.0, 0.0)
    };
    let found = equilibrium(&owned.game(), Search::default());
    assert!(found.converged && found.starts_agree, "{found:?}");
    close(found.markups[0], found.markups[1], 1e-13);
    close(found.markups[0], 1.0 / 1.5 + found.profits[0] / CUSTOMERS, 1e-12);
    close(found.markups[2], 1.0 / 1.5 + found.profits[1] / CUSTOMERS, 1e-12);
}

#[test]
fn a_sold_out_seller_prices_to_its_capacity() {
    // A quarter of the customers: δ − αp = ln(1/3), and the markup over c + μ is 1/(α (1 − s)).
    let mut owned = Owned::monopoly(PriceTerm::Linear, 2.5, 1.3, 0.6);
    owned.capacity = vec![0.25 * CUSTOMERS];
    let response = best_response(&owned.game(), 0, &[1.0]).unwrap();
    let price = (2.5 + libm::log(3.0)) / 1.3;
    close(response.prices[0], price, 1e-12);
    close(response.uplift, price - 0.6 - 1.0 / (1.3 * 0.75), 1e-11);
    close(response.profit, 250.0 * (price - 0.6), 1e-12);
    assert!(response.clears && response.second_order && response.residual < 1e-12, "{response:?}");
    owned.gains_nothing_on_a_grid(0, &response.prices);
    let found = equilibrium(&owned.game(), Search::default());
    assert!(found.converged && found.starts_agree, "{found:?}");
    close(found.prices[0], price, 1e-12);
    // Ample capacity changes nothing.
    let free = Owned { capacity: vec![FREE], ..owned.clone() };
    owned.capacity = vec![0.6 * CUSTOMERS];
    assert_eq!(best_response(&owned.game(), 0, &[1.0]), best_response(&free.game(), 0, &[1.0]));
}

#[test]
fn what_did_not_come_to_rest_is_no_equilibrium() {
    let owned = duopoly(FREE);
    let once = equilibrium(&owned.game(), Search { most_sweeps: 1, ..Search::default() });
    assert!(!once.converged && !once.starts_agree && once.deviation_gain > 1e-6, "{once:?}");
    let none =
        equilibrium_from(&owned.game(), &owned.prices(), Search { most_sweeps: 0, ..Search::default() }).unwrap();
    assert!(!none.converged && none.prices == owned.prices() && none.residual > 1e-3, "{none:?}");
    assert!(equilibrium_from(&owned.game(), &[1.0, f64::NAN], Search::default()).is_err());
    assert!(best_response(&owned.game(), 2, &owned.prices()).is_err());
}

fn duopoly(capacity: f64) -> Owned {
    Owned {
        utility: vec![2.0, 1.5],
        weight: 1.2,
        nest_of: vec![0, 0],
        lambda: vec![0.5],
        seller_of: vec![0, 1],
        cost: vec![0.8, 0.5],
        capacity: vec![capacity, FREE],
        ..Owned::monopoly(PriceTerm::Linear, 0.0, 1.0, 0.0)
    }
}

#[test]
fn menu_costs_stop_prices_near_the_equilibrium() {
    let owned = duopoly(FREE);
    let (game, rhythms) =
        (owned.game(), [Rhythm { first_day: 3, every_days: 30 }, Rhythm { first_day: 9, every_days: 20 }]);
    let best = equilibrium(&game, Search::default());
    let play = |menu_cost: f64| {
        staggered(&game, &owned.prices(), &rhythms, Repricing { damping: 0.7, menu_cost }, 1e-12, 10_000).unwrap()
    };
    let (free, dear, never) = (play(0.0), play(0.5), play(1e9));
    assert!(free.settled && free.distance < 1e-10 && free.residual < 1e-10 && free.forgone < 1e-9, "{free:?}");
    let off = |rest: &Rest| rest.prices.iter().zip(&best.prices).map(|(p, q)| (p - q).abs()).fold(0.0, f64::max);
    assert!(off(&free) < 1e-10);
    // A change is left undone only if it gains no more than it costs: 0.7 of the way gains 0.91 of all there is.
    assert!(dear.settled && dear.changes < free.changes && dear.forgone <= 0.5 / 0.9, "{dear:?}");
    assert!(dear.distance > 1e-6 && dear.residual > 1e-6 && off(&dear) < 0.1, "{dear:?}");
    assert!(never.settled && never.changes == 0 && never.prices == owned.prices() && never.last_day == 9, "{never:?}");
    let stopped =
        staggered(&game, &owned.prices(), &rhythms, Repricing { damping: 0.7, menu_cost: 0.0 }, 1e-12, 40).unwrap();
    assert!(!stopped.settled && stopped.last_day == 33 && stopped.changes == 4, "{stopped:?}");
    assert!(
        staggered(&game, &owned.prices(), &rhythms[..1], Repricing { damping: 1.0, menu_cost: 0.0 }, 0.0, 9).is_err()
    );
}

#[test]
fn a_review_changes_the_sellers_own_prices_alone() {
    let owned = duopoly(FREE);
    let (mut prices, before) = (owned.prices(), owned.prices());
    let change = reprice(&owned.game(), 1, Repricing { damping: 0.5, menu_cost: 0.0 }, &mut prices).unwrap();
    let best = best_response(&owned.game(), 1, &before).unwrap().prices[1];
    assert_eq!(prices[0], before[0]);
    close(prices[1], 0.5 * (before[1] + best), 1e-15);
    close(change, 0.5 * (before[1] - best).abs() / best, 1e-12);
}

/// A game that failed at random: the last seller has a cheap and a dear product in one nest, and as its costs rise its
/// best prices jump from selling mostly the one to selling mostly the other.
fn jumpy() -> Owned {
    Owned {
        utility: vec![
            0.3557348078621394,
            1.855015443249043,
            0.5192921093298386,
            3.7800030382295575,
            0.12575378034713847,
            0.4379134769661688,
        ],
        weight: 3.7923105487889837,
        nest_of: vec![2, 2, 1, 1, 1, 0],
        lambda: vec![0.2055995843952143, 0.2003473811225283, 0.4047982296535986],
        seller_of: vec![0, 0, 2, 2, 1, 0],
        cost: vec![
            0.35893846872378926,
            0.9661661353248345,
            0.20710131110393298,
            1.8976652268906478,
            1.6360495338921184,
            0.9801165045457108,
        ],
        capacity: vec![108.69227382355925, 577.4220765166001, 133.05154182757857],
        ..Owned::monopoly(PriceTerm::Logarithmic, 0.0, 1.0, 1.0)
    }
}

/// What a response leaves to be gained at most: `μ·(K − Q)`, its shadow price times what it leaves unsold.
///
/// At costs with μ no prices earn more than it does, `Π(p) − μ·Q(p) ≤ Π − μ·Q`, and no more than K is sold, rationed or
/// not; so nothing earns more than `Π + μ·(K − Q)`. Where demand meets the capacity that is Π.
fn left_to_gain(owned: &Owned, seller: usize, response: &Response) -> f64 {
    let game = owned.game();
    let sold = game.demanded(seller, &game.demand().shares(&response.prices));
    if response.uplift == 0.0 { 0.0 } else { response.uplift * (game.capacity(seller) - sold).max(0.0) }
}

#[test]
fn where_demand_jumps_past_the_capacity_the_response_says_that_it_stays_below() {
    let owned = jumpy();
    let (game, prices) = (owned.game(), owned.prices());
    let response = best_response(&game, 2, &prices).unwrap();
    let sold = game.demanded(2, &game.demand().shares(&response.prices));
    assert!(!response.clears && !response.starts_agree && response.uplift > 0.0, "{response:?}");
    assert!(sold < 0.9 * game.capacity(2), "{sold} sold");
    // Some price does better, by less than the shadow price of what is left unsold.
    let mut other = response.prices.clone();
    other[2] *= 0.86;
    assert!(owned.profit(2, &other) > 1.1 * response.profit);
    owned.gains_at_most_on_a_grid(2, &response.prices, left_to_gain(&owned, 2, &response));
    // A point with such a response is not passed off as an equilibrium.
    let there = equilibrium_from(&game, &response.prices, Search { most_sweeps: 0, ..Search::default() }).unwrap();
    assert!(!there.converged);
}

/// A game that failed at random: its second product sells once in a billion times, so that differences of profits say
/// nothing of how profit bends with that price, while the condition itself does.
#[test]
fn the_second_order_condition_holds_where_differences_drown_in_rounding() {
    let owned = Owned {
        utility: vec![1.5793335396317576, 1.2835293415178728, 1.7396372039467454],
        weight: 5.362851233207972,
        term: PriceTerm::Logarithmic,
        nest_of: vec![0, 0, 1],
        lambda: vec![0.22650835004357095, 0.9906204973326693, 0.5498766596587745],
        seller_of: vec![1, 1, 0],
        cost: vec![0.466776677825307, 1.8047422684723153, 0.26485986152231294],
        capacity: vec![377.53352260710307, FREE],
        ..Owned::monopoly(PriceTerm::Logarithmic, 0.0, 1.0, 1.0)
    };
    let response = best_response(&owned.game(), 1, &owned.prices()).unwrap();
    let shares = owned.game().demand().shares(&response.prices);
    assert!(shares.inside[1] > 0.0 && shares.inside[1] < 1e-9, "{shares:?}");
    assert!(response.second_order && response.residual < 1e-12, "{response:?}");
    assert_eq!(told_by_differences(&owned, 1, &response.prices), [0]);
    assert!(pivots(&owned, 1, &response.prices, 0.0).iter().all(|pivot| *pivot > 0.0));
    owned.gains_nothing_on_a_grid(1, &response.prices);
}

/// A seller's products of which differences of its profit tell: those that bring in a part of its revenue which stands
/// out of the rounding of its profit, 1e-16 over the square of the relative step below.
fn told_by_differences(owned: &Owned, seller: usize, prices: &[f64]) -> Vec<usize> {
    let shares = owned.game().demand().shares(prices);
    let revenue = |j: &usize| prices[*j] * shares.inside[*j];
    let total: f64 = owned.game().products(seller).map(|j| revenue(&j)).sum();
    owned.game().products(seller).filter(|j| revenue(j) > 1e-5 * total).collect()
}

/// Minus the Hessian of a seller's profit in its own prices by central differences, then its pivots: all above 0 if
/// positive definite. A principal minor of it where a product sells too little to tell, which is so too.
fn pivots(owned: &Owned, seller: usize, prices: &[f64], uplift: f64) -> Vec<f64> {
    let mut uplifted = owned.clone();
    uplifted.capacity.fill(FREE);
    uplifted.cost.iter_mut().for_each(|cost| *cost += uplift);
    let own = told_by_differences(owned, seller, prices);
    let step = |j: usize| 2e-4 * prices[j];
    let at = |moves: &[(usize, f64)]| {
        let mut other = prices.to_vec();
        moves.iter().for_each(|(j, sign)| other[*j] += sign * step(*j));
        uplifted.profit(seller, &other)
    };
    let entry = |&j: &usize, &k: &usize| {
        let sum = at(&[(j, 1.0), (k, 1.0)]) + at(&[(j, -1.0), (k, -1.0)]);
        (at(&[(j, 1.0), (k, -1.0)]) + at(&[(j, -1.0), (k, 1.0)]) - sum) / (4.0 * step(j) * step(k))
    };
    let mut rows: Vec<Vec<f64>> = own.iter().map(|j| own.iter().map(|k| entry(j, k)).collect()).collect();
    for p in 0..own.len() {
        for row in p + 1..own.len() {
            let factor = rows[row][p] / rows[p][p];
            let above = rows[p].clone();
            rows[row].iter_mut().zip(above).skip(p).for_each(|(entry, above)| *entry -= factor * above);
        }
    }
    (0..own.len()).map(|p| rows[p][p]).collect()
}

fn games() -> impl Strategy<Value = Owned> {
    let product = (0.0..4.0f64, 0.2..2.0f64, 0..3usize, 0..3usize);
    let products = prop::collection::vec(product, 1..7);
    let lambda = prop::collection::vec(0.2..=1.0f64, 3);
    let caps = prop::collection::vec(prop::option::of(0.02..0.6f64), 3);
    (products, lambda, any::<bool>(), 0.4..3.0f64, caps).prop_map(|(products, lambda, logarithmic, weight, caps)| {
        // Sellers numbered as they come, so that each sells something.
        let mut names: Vec<usize> = products.iter().map(|product| product.3).collect();
        names.sort_unstable();
        names.dedup();
        let seller_of = products.iter().map(|product| names.binary_search(&product.3).unwrap()).collect();
        Owned {
            utility: products.iter().map(|product| product.0).collect(),
            weight: if logarithmic { 1.2 + 2.0 * weight } else { weight },
            term: if logarithmic { PriceTerm::Logarithmic } else { PriceTerm::Linear },
            nest_of: products.iter().map(|product| product.2).collect(),
            lambda,
            outside: 0.0,
            seller_of,
            cost: products.iter().map(|product| product.1).collect(),
            capacity: names.iter().map(|name| caps[*name].map_or(FREE, |share| share * CUSTOMERS)).collect(),
        }
    })
}

/// 96 games, or as many as `PROPTEST_CASES` asks for.
fn cases() -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig::with_cases(asked.unwrap_or(96))
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn no_price_on_a_grid_beats_the_best_response(owned in games()) {
        let (game, prices) = (owned.game(), owned.prices());
        for seller in 0..game.sellers() {
            let response = best_response(&game, seller, &prices).unwrap();
            let shares = game.demand().shares(&response.prices);
            prop_assert!(response.residual <= 1e-10 * response.prices.iter().sum::<f64>(), "{response:?}");
            // Only where several roots make demand jump may a capacity that binds not be met.
            prop_assert!(response.second_order && (response.clears || !response.starts_agree), "{response:?}");
            prop_assert!(game.demanded(seller, &shares) <= game.capacity(seller) * (1.0 + 1e-12));
            let pivots = pivots(&owned, seller, &response.prices, response.uplift);
            prop_assert!(pivots.iter().all(|pivot| *pivot > 0.0), "{pivots:?} at {response:?}");
            let most = if response.clears { 0.0 } else { left_to_gain(&owned, seller, &response) };
            owned.gains_at_most_on_a_grid(seller, &response.prices, most);
        }
    }

    #[test]
    fn at_an_equilibrium_nobody_gains_alone_and_no_capacity_is_exceeded(owned in games()) {
        let game = owned.game();
        let found = equilibrium(&game, Search::default());
        prop_assert!(found.converged, "{found:?}");
        for seller in 0..game.sellers() {
            prop_assert!(game.demanded(seller, &found.shares) <= game.capacity(seller) * (1.0 + 1e-9));
            prop_assert!(found.uplifts[seller] == 0.0 || game.capacity(seller).is_finite());
            owned.gains_nothing_on_a_grid(seller, &found.prices);
        }
    }

    #[test]
    fn sellers_in_turn_come_to_the_equilibrium(
        owned in games(),
        days in prop::collection::vec((0..40u32, 1..60u32), 3),
        damping in 0.4..=1.0f64,
    ) {
        let game = owned.game();
        let found = equilibrium(&game, Search::default());
        prop_assume!(found.converged && found.starts_agree);
        let rhythms: Vec<Rhythm> = days[..game.sellers()]
            .iter()
            .map(|&(first_day, every_days)| Rhythm { first_day, every_days })
            .collect();
        let how = Repricing { damping, menu_cost: 0.0 };
        let rest = staggered(&game, &owned.prices(), &rhythms, how, 1e-13, 1_000_000).unwrap();
        prop_assert!(rest.settled, "{rest:?}");
        for (price, other) in rest.prices.iter().zip(&found.prices) {
            prop_assert!((price - other).abs() < 1e-8, "{price} is not {other}");
        }
    }
}
