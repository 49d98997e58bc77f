//! The pictures of a made-up decade: the series behind them, and what tests can see of their looks.
//!
//! `cargo test --release made_up_decade_as_files -- --ignored` writes them all to `charts-demo` in the system's folder
//! for temporary files, for people to look at.

use super::draw::placing::overlap;
use super::forms::Form;
use super::*;
use crate::model::record::{Milestone, SeriesKey};
use crate::report::summary::{Ensemble, Summary};
use crate::units::CivilDate;
use std::collections::BTreeMap;

const MONTHS: usize = 120;
const CLOUDS: [(&str, &str, f64); 5] = [
    ("azure", "Azure", 1.0),
    ("aws", "AWS", 1.1),
    ("google-cloud", "Google Cloud", 0.7),
    ("oracle", "Oracle", -0.6),
    ("coreweave", "CoreWeave", -0.8),
];
const LABS: [(&str, &str, f64); 8] = [
    ("openai", "OpenAI", 1.6),
    ("anthropic", "Anthropic", 0.6),
    ("google-deepmind", "Google DeepMind", 0.8),
    ("meta", "Meta", -0.2),
    ("xai", "xAI", -0.9),
    ("mistral", "Mistral", -1.6),
    ("amazon-nova", "Amazon Nova", -1.3),
    ("deepseek", "DeepSeek", -1.0),
];
/// Id, name, first and last month on sale, cost in the first month.
const ACCELERATORS: [(&str, &str, usize, usize, f64); 12] = [
    ("h100", "H100", 0, 40, 1.9),
    ("h200", "H200", 18, 50, 1.55),
    ("b200", "B200", 26, 66, 1.2),
    ("gb300", "GB300", 34, 80, 1.0),
    ("rubin", "Rubin", 46, 119, 0.75),
    ("rubin-ultra", "Rubin Ultra", 60, 119, 0.6),
    ("trainium-2", "Trainium 2", 24, 54, 1.25),
    ("trainium-3", "Trainium 3", 38, 119, 0.95),
    ("tpu-v5p", "TPU v5p", 10, 44, 1.5),
    ("tpu-v7", "TPU v7", 36, 119, 0.85),
    ("mi300x", "MI300X", 13, 48, 1.6),
    ("mi450", "MI450", 44, 119, 0.9),
];
const CONTRACTS: [(&str, &str); 4] = [
    ("microsoft-openai", "Microsoft–OpenAI"),
    ("amazon-anthropic", "Amazon–Anthropic"),
    ("oracle-openai", "Oracle–OpenAI"),
    ("microsoft-coreweave", "Microsoft–CoreWeave"),
];

/// Noise by a small generator of its own, so that the pictures never change with the simulator.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// About normal: the sum of twelve uniform draws.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    /// A random walk of monthly steps.
    fn walk(&mut self, start: f64, drift: f64, sd: f64) -> Vec<f64> {
        let mut at = start;
        (0..MONTHS)
            .map(|_| {
                at += drift + sd * self.normal();
                at
            })
            .collect()
    }
}

#[derive(Default)]
struct Made {
    keys: Vec<SeriesKey>,
    values: Vec<f64>,
}

impl Made {
    fn add(&mut self, metric: &str, entity: &str, values: impl IntoIterator<Item = f64>) {
        self.keys.push(SeriesKey { metric: metric.into(), entity: entity.into(), counterparty: String::new() });
        self.values.extend(values);
        assert_eq!(self.values.len(), self.keys.len() * MONTHS, "{metric} of {entity}");
    }

    fn shares(&mut self, metric: &str, entities: &[(&str, &str, f64)], noise: &mut Noise, entrants: bool) -> Vec<f64> {
        let logits: Vec<Vec<f64>> =
            entities.iter().map(|(_, _, start)| noise.walk(*start, -0.004 * start, 0.06)).collect();
        let weight = |i: usize, month: usize| {
            let absent = entrants && i >= 4 && month < 12 * (i - 3);
            if absent { 0.0 } else { libm::exp(logits[i][month]) }
        };
        let total = |month: usize| (0..entities.len()).map(|i| weight(i, month)).sum::<f64>();
        for (i, (id, ..)) in entities.iter().enumerate() {
            self.add(metric, id, (0..MONTHS).map(|month| weight(i, month) / total(month)));
        }
        (0..MONTHS)
            .map(|month| (0..entities.len()).map(|i| libm::pow(weight(i, month) / total(month) * 100.0, 2.0)).sum())
            .collect()
    }

    fn prices(&mut self, noise: &mut Noise) {
        let exp = |walk: Vec<f64>| walk.into_iter().map(libm::exp);
        self.add("price_usd_per_mtok", "market", exp(noise.walk(2.6, -0.030, 0.03)));
        self.add("cost_usd_per_mtok", "market", exp(noise.walk(1.9, -0.031, 0.03)));
        for (i, (id, ..)) in LABS.iter().enumerate() {
            let mut path: Vec<f64> = exp(noise.walk(2.8 - 0.25 * i as f64, -0.026, 0.03)).collect();
            path[..if i >= 4 { 12 * (i - 3) } else { 0 }].fill(f64::NAN);
            self.add("price_usd_per_mtok", id, path);
        }
        for (id, _, first, last, start) in ACCELERATORS {
            let path = exp(noise.walk(libm::log(start), -0.006, 0.008));
            let on_sale = |(month, v)| if (first..=last).contains(&month) { v } else { f64::NAN };
            self.add("levelised_cost_usd_per_h100e_hour", id, path.enumerate().map(on_sale));
        }
        for (i, (id, ..)) in CLOUDS.iter().enumerate() {
            self.add("price_usd_per_h100e_hour", id, exp(noise.walk(1.7 - 0.12 * i as f64, -0.014, 0.02)));
        }
    }

    fn fleets(&mut self, noise: &mut Noise) {
        for (i, (id, _, size)) in CLOUDS.iter().enumerate() {
            let scale = 260.0 * libm::exp(*size);
            let power: Vec<f64> =
                (0..MONTHS).map(|m| scale * (1.0 + 0.12 * m as f64 * (1.0 + ((m / 9) % 3) as f64 * 0.1))).collect();
            let lag = noise.walk(0.80 - 0.03 * i as f64, 0.0004, 0.012);
            let used: Vec<f64> = power.iter().zip(&lag).map(|(p, l)| p * l.clamp(0.3, 0.95)).collect();
            let waiting = lag.iter().zip(&power).map(|(l, p)| (l - 0.84).max(0.0) * p * 700.0);
            self.add("energized_mw", id, power.iter().copied());
            self.add("used_mw", id, used.iter().copied());
            self.add("stranded_power_mw", id, power.iter().zip(&used).map(|(p, u)| (0.95 * p - u).max(0.0)));
            self.add("stranded_chips_h100e", id, waiting);
            let busy = noise.walk(0.62, 0.0006, 0.018);
            self.add("utilisation", id, busy.iter().map(|u| u.clamp(0.1, 0.97)));
            self.add("throttled_share", id, busy.iter().map(|u| (0.5 * (u - 0.72)).clamp(0.0, 0.4)));
        }
    }

    fn contracts(&mut self, noise: &mut Noise) {
        let mut paid = 0.0;
        let growth = noise.walk(18.9, 0.017, 0.02);
        let paid: Vec<f64> = growth
            .iter()
            .map(|g| {
                paid = f64::min(paid + libm::exp(*g), 38e9);
                paid
            })
            .collect();
        self.add("revenue_share_paid_usd", "microsoft-openai.revenue-share", paid);
        let cap = (0..MONTHS).map(|m| if m < 40 { f64::NAN } else { 38e9 });
        self.add("revenue_share_cap_usd", "microsoft-openai.revenue-share", cap);
        for (i, (id, _)) in CONTRACTS.iter().enumerate() {
            let term = format!("{id}.commitment");
            let rate = noise.walk(1.0 - 0.03 * i as f64, 0.0, 0.03);
            let annual = |m: usize| (2.0 + i as f64) * 1e9 * libm::pow(1.35, (m / 12) as f64);
            let to_date = |m: usize| ((m % 12) + 1) as f64 / 12.0;
            let first = 24 + 6 * i;
            let at = |m: usize, v: f64| if m < first { f64::NAN } else { v };
            self.add("commitment_due_usd", &term, (0..MONTHS).map(|m| at(m, annual(m) * to_date(m))));
            self.add(
                "commitment_used_usd",
                &term,
                (0..MONTHS).map(|m| at(m, annual(m) * to_date(m) * rate[m - m % 12])),
            );
        }
    }
}

fn replication(index: u32) -> Made {
    let (mut made, mut noise) = (Made::default(), Noise(u64::from(index) * 7_919 + 1));
    let clouds = made.shares("share_revenue", &CLOUDS, &mut noise, false);
    made.shares("share_tokens", &CLOUDS, &mut noise, false);
    made.shares("share_compute", &CLOUDS, &mut noise, false);
    let labs = made.shares("share_revenue_lab", &LABS, &mut noise, true);
    made.shares("share_tokens_lab", &LABS, &mut noise, true);
    made.shares("share_compute_lab", &LABS, &mut noise, true);
    made.add("hhi_infrastructure", "market", clouds);
    made.add("hhi_model", "market", labs);
    made.prices(&mut noise);
    made.fleets(&mut noise);
    made.contracts(&mut noise);
    made
}

fn month_ends() -> Vec<String> {
    let first_of = |month: usize| format!("{}-{:02}-01", 2023 + month / 12, month % 12 + 1);
    (1..=MONTHS).map(|m| CivilDate::parse(&first_of(m)).unwrap().plus_days(-1).unwrap().to_string()).collect()
}

/// A made-up decade, with all that charts need.
struct Decade {
    summary: Summary,
    replications: usize,
    milestones: Vec<Milestone>,
    names: BTreeMap<String, String>,
    palette: Palette,
    timeline: Vec<TimelineRow>,
    amendments: Vec<Amendment>,
}

impl Decade {
    fn new(replications: u32) -> Self {
        let made: Vec<Made> = (0..replications).map(replication).collect();
        let ensemble = Ensemble {
            scenario: "baseline".into(),
            dates: month_ends(),
            keys: made[0].keys.clone(),
            replications: (0..).zip(made).map(|(i, made)| (i, made.values)).collect(),
        };
        let ids = CLOUDS.iter().chain(&LABS).map(|e| e.0).chain(ACCELERATORS.iter().map(|a| a.0));
        Self {
            summary: Summary::of(&ensemble),
            replications: replications as usize,
            milestones: milestones(),
            names: names(),
            palette: Palette::new(ids),
            timeline: timeline(),
            amendments: amendments(),
        }
    }

    fn input(&self) -> ChartInput<'_> {
        ChartInput {
            scenario_name: "Baseline: the contracts as filed",
            summary: &self.summary,
            replications: self.replications,
            milestones: &self.milestones,
            names: &self.names,
            palette: &self.palette,
            timeline: &self.timeline,
            amendments: &self.amendments,
        }
    }

    fn picture(&self, file: &str) -> Picture {
        let chart = CHARTS.iter().find(|chart| chart.file == file).expect("a chart of the list");
        (chart.picture)(&self.input()).expect("the decade has every series")
    }
}

fn milestones() -> Vec<Milestone> {
    let milestone = |date: &str, label: &str| Milestone { date: date.into(), label: label.into() };
    vec![
        milestone("2023-01-23", "Microsoft–OpenAI, third round"),
        milestone("2024-05-01", "CoreWeave capacity for OpenAI"),
        milestone("2025-01-21", "Exclusivity becomes right of first refusal"),
        milestone("2025-10-28", "OpenAI recapitalised; API stays on Azure"),
        milestone("2026-04-27", "Revenue share capped"),
        milestone("2026-05-15", "Models on every cloud"),
        milestone("2019-07-22", "before the run"),
    ]
}

fn amendments() -> Vec<Amendment> {
    let amendment = |contract: &str, date: &str, label: &str| Amendment {
        contract: contract.into(),
        date: date.into(),
        label: label.into(),
    };
    vec![
        amendment("microsoft-openai", "2021-03-01", "Second round"),
        amendment("microsoft-openai", "2023-01-23", "Third round, exclusive compute"),
        amendment("microsoft-openai", "2025-01-21", "Right of first refusal"),
        amendment("microsoft-openai", "2025-10-28", "Recapitalisation"),
        amendment("microsoft-openai", "2026-04-27", "Exclusivity ends, share capped"),
        amendment("amazon-anthropic", "2024-11-22", "Primary training partner"),
        amendment("microsoft-coreweave", "2025-06-01", "More capacity"),
    ]
}

fn timeline() -> Vec<TimelineRow> {
    let row = |contract: &str, term: &str, from: &str, until: &str, label: &str| TimelineRow {
        contract: contract.into(),
        term: term.into(),
        from: from.into(),
        until: (!until.is_empty()).then(|| until.to_owned()),
        label: label.into(),
    };
    vec![
        row("microsoft-openai", "compute-exclusivity", "2019-07-22", "2025-01-20", "Exclusive compute"),
        row("microsoft-openai", "rofr", "2025-01-21", "2025-10-27", "Right of first refusal"),
        row("microsoft-openai", "api-exclusivity", "2020-06-11", "2026-04-26", "Exclusive API distribution"),
        row("microsoft-openai", "licence", "2019-07-22", "2032-12-31", "Licence to models and products"),
        row("microsoft-openai", "revenue-share", "2023-01-23", "2026-04-26", "Revenue share 20%"),
        row("microsoft-openai", "revenue-share", "2026-04-27", "2030-12-31", "Revenue share 20%, capped at $38bn"),
        row("microsoft-openai", "commitment", "2025-10-28", "", "Commitment $250bn"),
        row("amazon-anthropic", "equity", "2023-09-25", "", "Equity $8bn in tranches"),
        row("amazon-anthropic", "commitment", "2024-11-22", "2031-12-31", "Commitment on Trainium"),
        row("oracle-openai", "commitment", "2027-01-01", "2031-12-31", "Commitment $300bn over five years"),
        row("microsoft-coreweave", "reservation", "2023-06-01", "2029-12-31", "Reserved capacity"),
    ]
}

fn names() -> BTreeMap<String, String> {
    let entities = CLOUDS.iter().chain(&LABS).map(|(id, name, _)| (*id, *name));
    let all = entities.chain(ACCELERATORS.iter().map(|(id, name, ..)| (*id, *name))).chain(CONTRACTS);
    let mut names: BTreeMap<String, String> = all.map(|(id, name)| (id.to_owned(), name.to_owned())).collect();
    for (id, name) in CONTRACTS {
        names.insert(format!("{id}.commitment"), format!("{name}: commitment"));
        names.insert(format!("{id}.revenue-share"), format!("{name}: revenue share"));
    }
    names
}

#[test]
#[ignore = "writes pictures for people to look at"]
fn made_up_decade_as_files() {
    let folder = std::env::temp_dir().join("charts-demo");
    let decade = Decade::new(64);
    for chart in CHARTS {
        let start = std::time::Instant::now();
        draw_chart(chart, &decade.input(), &folder, &[Format::Png]).unwrap();
        println!("{:40} {:.3} s", chart.file, start.elapsed().as_secs_f64());
        draw_chart(chart, &decade.input(), &folder, &[Format::Svg]).unwrap();
    }
    let single = Decade::new(1);
    for outcome in draw_all(&single.input(), &folder.join("single"), &[Format::Png]).unwrap() {
        assert!(matches!(outcome, ChartOutcome::Drawn { .. }), "{outcome:?}");
    }
}
