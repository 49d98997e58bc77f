//! Queueing delay of requests on a busy pool of replicas.

/// Probability that an arrival waits in M/M/c (Erlang C).
///
/// `C = B / (1 − ρ·(1 − B))`, with Erlang B by the recursion `B(n) = a·B(n−1) / (n + a·B(n−1))`, `B(0) = 1`,
/// a = c·ρ the offered load [erlang], ρ the utilisation [1], c the number of replicas.
/// Source: A. K. Erlang (1917); recursion: Cooper, Introduction to Queueing Theory (1981).
/// At ρ ≥ 1 there is no steady state and every arrival waits: 1.
pub fn erlang_c(replicas: u32, utilisation: f64) -> f64 {
    if utilisation >= 1.0 {
        return 1.0;
    }
    let offered = f64::from(replicas) * utilisation.max(0.0);
    let mut blocking = 1.0;
    for n in 1..=replicas {
        blocking = offered * blocking / (f64::from(n) + offered * blocking);
    }
    blocking / (1.0 - utilisation * (1.0 - blocking))
}

/// Highest utilisation at which the mean wait is evaluated: beyond it load is throttled, not queued for ever.
const BUSIEST: f64 = 0.995;

/// Mean wait of requests on a pool of replicas \[s\]: [`allen_cunneen`] with Poisson arrivals, and with a utilisation that
/// counts as at most 0.995.
///
/// S mean service time \[s\], C_s² its squared coefficient of variation \[1\]; at 1 this is the mean wait of M/M/c. Left
/// out: priorities, arrivals in bursts.
pub fn mean_wait_s(replicas: u32, utilisation: f64, service_s: f64, service_scv: f64) -> f64 {
    allen_cunneen(replicas, utilisation.clamp(0.0, BUSIEST), service_s, 1.0, service_scv)
}

/// Utilisation that the queue of tokens sees on a fleet \[1\]: `ρ = T / (C − H)`, at most 1.
///
/// T compute that tokens use · C compute there · H compute in use for what keeps its place before them, all in the same unit.
/// What yields to tokens is in neither: under preemptive priority nobody waits for those of lower rank, so that a fleet
/// which training fills is as quick as one that stands idle. Where H leaves nothing every token waits: 1.
///
/// Source: H. White and L. S. Christie, Operations Research 6 (1958) 79–95 (preemptive resume).
/// Limits: what keeps its place is taken to hold the same replicas for long, so that it takes servers away instead of
/// sharing them; all tokens on a fleet are one rank.
pub fn token_utilisation(tokens: f64, there: f64, held: f64) -> f64 {
    let room = (there - held).max(0.0);
    if tokens < room {
        tokens / room
    } else if there > 0.0 {
        1.0
    } else {
        0.0
    }
}

/// Mean wait in G/G/c, in the unit of the service time: `W = C(c, ρ)·S / (c·(1 − ρ)) · (C_a² + C_s²)/2`.
///
/// C Erlang C · S mean service time · ρ utilisation below 1 \[1\] · c servers · C_a², C_s² squared coefficients of
/// variation of the times between arrivals and of service \[1\]. Exact for M/M/c and M/G/1.
/// Source: A. O. Allen, Probability, Statistics and Queueing Theory, 2nd edition (1990), after J. Cunneen.
/// Limits: an approximation by two moments; too long where arrivals are regular, by a fifth for D/M/3 at ρ = 0.85. With
/// Poisson arrivals, measured on queues simulated through the engine (standard errors of 1 to 2 points; none for c = 1):
///
/// | error of W \[%\] at ρ = 0.5 / 0.8 / 0.95 | C_s² = 0.25 | 1 | 2 | 4 |
/// |---|---|---|---|---|
/// | gamma, c = 5 | −11 / −1 / +1 | 0 / 0 / 0 | +6 / +2 / +2 | +14 / +3 / +1 |
/// | gamma, c = 40 | – / −10 / −3 | – / 0 / +3 | – / +9 / +3 | – / +17 / 0 |
/// | lognormal, c = 5 | −10 / −6 / −2 | +9 / +3 / +1 | +26 / +7 / +2 | +52 / +16 / +5 |
/// | lognormal, c = 40 | – / −11 / −5 | – / +7 / +4 | – / +31 / +11 | – / +64 / +17 |
///
/// At c = 40 and ρ = 0.5 one request in 18,000 waits, and W is below 10⁻⁵ of a service time. So the more servers and the
/// idler they are, and the longer the tail of services, the more the formula overstates what variation does.
pub fn allen_cunneen(servers: u32, utilisation: f64, service: f64, arrivals_scv: f64, service_scv: f64) -> f64 {
    let wait = erlang_c(servers, utilisation) * service / (f64::from(servers) * (1.0 - utilisation));
    wait * (0.5 * (arrivals_scv + service_scv))
}

/// Mean wait in G/G/c, in the unit of the service time: `W = ρ^(√(2·(c + 1)) − 1)·S / (c·(1 − ρ)) · (C_a² + C_s²)/2`,
/// which stands in for Erlang C where c is not a whole number or very large. Symbols as in [`allen_cunneen`].
///
/// Source: H. Sakasegawa, Annals of the Institute of Statistical Mathematics 29 (1977) 67–75.
/// Limits: those of [`allen_cunneen`]; for M/M/c within a few per cent at ρ above 0.7. Exact for M/G/1.
pub fn sakasegawa(servers: u32, utilisation: f64, service: f64, arrivals_scv: f64, service_scv: f64) -> f64 {
    let power = (2.0 * (f64::from(servers) + 1.0)).sqrt() - 1.0;
    let wait = libm::pow(utilisation, power) * service / (f64::from(servers) * (1.0 - utilisation));
    wait * (0.5 * (arrivals_scv + service_scv))
}

/// Mean wait in G/G/1 in heavy traffic, in the unit of the service time: `W = ρ·S / (1 − ρ) · (C_a² + C_s²)/2`. Symbols
/// as in [`allen_cunneen`], which is this for one server.
///
/// Source: J. F. C. Kingman, Proceedings of the Cambridge Philosophical Society 57 (1961) 902–904.
pub fn kingman(utilisation: f64, service: f64, arrivals_scv: f64, service_scv: f64) -> f64 {
    utilisation * service / (1.0 - utilisation) * (0.5 * (arrivals_scv + service_scv))
}

/// What the mean wait in G/G/1 is never above, in the unit of the service time: `W ≤ λ·(σ_a² + σ_s²) / (2·(1 − ρ))`, with
/// `λ = ρ/S`, `σ_a² = C_a²/λ²` and `σ_s² = C_s²·S²`. Symbols as in [`allen_cunneen`].
///
/// Source: J. F. C. Kingman, Biometrika 49 (1962) 315–324.
pub fn kingman_bound(utilisation: f64, service: f64, arrivals_scv: f64, service_scv: f64) -> f64 {
    let rate = utilisation / service;
    let variances = arrivals_scv / (rate * rate) + service_scv * service * service;
    rate * variances / (2.0 * (1.0 - utilisation))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// c = 1: C = ρ and W = ρ·S/(1 − ρ). c = 2, ρ = 0.75: a = 1.5, B = 0.3103, C = 0.6429.
    #[test]
    fn agrees_with_theory_by_hand() {
        assert!((erlang_c(1, 0.6) - 0.6).abs() < 1e-12);
        assert!((mean_wait_s(1, 0.8, 2.0, 1.0) - 8.0).abs() < 1e-12);
        assert!((erlang_c(2, 0.75) - 9.0 / 14.0).abs() < 1e-12);
        assert!((mean_wait_s(2, 0.75, 1.0, 1.0) - 9.0 / 7.0).abs() < 1e-12);
    }

    /// Erlang C as it is defined, not by the recursion: `(a^c/c!)/(1 − ρ) / (Σ_{k<c} a^k/k! + (a^c/c!)/(1 − ρ))`.
    fn by_definition(servers: u32, utilisation: f64) -> f64 {
        let offered = f64::from(servers) * utilisation;
        let (mut term, mut below) = (1.0, 0.0);
        for k in 1..=servers {
            below += term;
            term *= offered / f64::from(k);
        }
        let all_busy = term / (1.0 - utilisation);
        all_busy / (below + all_busy)
    }

    /// As published, `W = C/(c·μ − λ)·(C_a² + C_s²)/2` with rates, for the pools of the market and others.
    #[test]
    fn allen_cunneen_is_the_published_formula() {
        for servers in [1, 5, 40] {
            for utilisation in [0.5, 0.8, 0.95] {
                let waits = by_definition(servers, utilisation);
                assert!((erlang_c(servers, utilisation) / waits - 1.0).abs() < 1e-12, "{servers} at {utilisation}");
                let service_rate = 0.25;
                let total = f64::from(servers) * service_rate;
                for (arrivals_scv, service_scv) in [(1.0, 0.25), (1.0, 4.0), (0.5, 2.0)] {
                    let wait = waits / (total - utilisation * total) * (arrivals_scv + service_scv) / 2.0;
                    let found = allen_cunneen(servers, utilisation, 1.0 / service_rate, arrivals_scv, service_scv);
                    assert!((found / wait - 1.0).abs() < 1e-12, "{servers} at {utilisation}: {found}, not {wait}");
                }
            }
        }
    }

    /// Of 100, 30 are held by own load and tenants and 20 by tokens: 20/70, whether training has the other 50 or nobody.
    #[test]
    fn tokens_wait_for_what_does_not_yield_to_them_alone() {
        assert!((token_utilisation(20.0, 100.0, 30.0) - 2.0 / 7.0).abs() < 1e-15);
        assert_eq!(token_utilisation(0.0, 100.0, 30.0), 0.0);
        assert_eq!(token_utilisation(70.0, 100.0, 30.0), 1.0);
        assert_eq!((token_utilisation(0.0, 100.0, 100.0), token_utilisation(0.0, 0.0, 0.0)), (1.0, 0.0));
        // Two ranks on one server, the lower one preempted: the upper waits as in M/M/1 of its own, 0.5/(1 - 0.5) services.
        let wait = mean_wait_s(1, token_utilisation(0.5, 1.0, 0.0), 1.0, 1.0);
        assert!((wait - 1.0).abs() < 1e-12);
    }

    #[test]
    fn pooling_shortens_the_wait_and_overload_stays_finite() {
        assert!(mean_wait_s(64, 0.9, 5.0, 1.0) < mean_wait_s(8, 0.9, 5.0, 1.0));
        assert_eq!(erlang_c(4, 1.2), 1.0);
        assert!(mean_wait_s(4, 1.2, 5.0, 1.0).is_finite());
    }

    /// E_2/E_3/1 of reference case A-queueing_simulated-003: ρ = S = 0.75, C_a² = 1/2, C_s² = 1/3, so half their sum is
    /// 5/12 and W = 0.75·0.75/0.25·5/12 = 0.9375. λ = 1, σ_a² = 1/2, σ_s² = 0.5625/3, so the bound is 0.6875/0.5 = 1.375.
    #[test]
    fn one_server_with_other_laws_by_hand() {
        let third = 1.0 / 3.0;
        assert!((allen_cunneen(1, 0.75, 0.75, 0.5, third) - 0.9375).abs() < 1e-12);
        assert!((sakasegawa(1, 0.75, 0.75, 0.5, third) - 0.9375).abs() < 1e-12);
        assert!((kingman(0.75, 0.75, 0.5, third) - 0.9375).abs() < 1e-12);
        assert!((kingman_bound(0.75, 0.75, 0.5, third) - 1.375).abs() < 1e-12);
    }

    /// Two servers, ρ = 0.75: W of M/M/2 is 9/7, and half of it where services do not vary, 3/2 of it where C_s² is 2.
    #[test]
    fn service_that_varies_more_makes_customers_wait_longer() {
        assert!((mean_wait_s(2, 0.75, 1.0, 0.0) - 9.0 / 14.0).abs() < 1e-12);
        assert!((mean_wait_s(2, 0.75, 1.0, 2.0) - 27.0 / 14.0).abs() < 1e-12);
        // √6 − 1 = 1.449490; 0.75^1.449490 = 0.659026; over 2·0.25, 1.318052.
        assert!((sakasegawa(2, 0.75, 1.0, 1.0, 1.0) - 1.318052).abs() < 1e-6);
    }
}
