//! The pictures of a made-up decade: the series behind them, and what tests can see of their looks.
//!
//! `cargo test --release made_up_decade_as_files -- --ignored` writes them all to `charts-demo` in the system's folder
//! for temporary files, for people to look at.

mod channels;
mod contracts;
mod focal;

use super::draw::placing::overlap;
use super::forms::Form;
use super::*;
use crate::model::record::{Milestone, SeriesKey};
use crate::report::summary::{Ensemble, Spread, Summary};
use crate::supply::binding::Limit;
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
        for (i, kind) in ["input", "cached", "output", "batch"].iter().enumerate() {
            let start = [0.6, -0.5, 2.2, 0.1][i];
            self.add("price_of_kind_usd_per_mtok", kind, exp(noise.walk(start, -0.02, 0.02)));
        }
        for (i, class) in ["chat", "reasoning", "coding", "batch", "image", "video"].iter().enumerate() {
            let start = [1.0, 1.6, 0.7, 0.3, 1.3, 1.4][i];
            self.add("price_of_class_usd_per_mtok", class, exp(noise.walk(start, -0.02, 0.02)));
        }
        for (id, _, first, last, start) in ACCELERATORS {
            let path = exp(noise.walk(libm::log(start), -0.006, 0.008));
            let on_sale = |(month, v)| if (first..=last).contains(&month) { v } else { f64::NAN };
            self.add("levelised_cost_usd_per_h100e_hour", id, path.enumerate().map(on_sale));
        }
        for (i, (id, ..)) in CLOUDS.iter().enumerate() {
            self.add("price_usd_per_h100e_hour", id, exp(noise.walk(1.7 - 0.12 * i as f64, -0.014, 0.02)));
            for (term, start) in [("on-demand", 1.9), ("reserved-1y", 1.55), ("reserved-3y", 1.1), ("spot", 0.2)] {
                let path = exp(noise.walk(start - 0.12 * i as f64, -0.014, 0.02));
                self.add("price_by_term_usd_per_h100e_hour", id, path);
                self.keys.last_mut().unwrap().counterparty = term.into();
            }
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

    /// One generation of accelerators after another at each cloud, ever larger beside 100 chips of the first, and one
    /// that nobody installs.
    fn generations(&mut self) {
        for (i, (id, ..)) in CLOUDS.iter().enumerate() {
            for generation in 0..26_usize {
                let new = |m: usize| if m / 4 == generation + i % 2 { 100.0 * (generation + 1) as f64 } else { 0.0 };
                let chips = |m: usize| new(m) + if generation == 0 { 100.0 } else { 0.0 };
                self.add("fleet_chips", id, (0..MONTHS).map(chips));
                self.keys.last_mut().unwrap().counterparty =
                    ACCELERATORS.get(generation).map_or_else(|| format!("chip-{generation}"), |kind| kind.0.into());
            }
            self.add("fleet_chips", id, vec![0.0; MONTHS]);
            self.keys.last_mut().unwrap().counterparty = "unused".into();
        }
    }

    /// Fleets that grow alike, and limits that follow one another, in each replication at its own pace.
    fn limits(&mut self, noise: &mut Noise) {
        for (i, (id, _, size)) in CLOUDS.iter().enumerate() {
            self.add("fleet_h100e", id, (0..MONTHS).map(|m| 1e5 * libm::exp(*size) * (1.0 + m as f64)));
            let pace = 8.0 + 8.0 * noise.uniform();
            let held = |m: usize| (m as f64 / pace) as usize + i;
            for (l, limit) in Limit::ALL.iter().enumerate() {
                let binds = |m: usize| if held(m) % Limit::ALL.len() == l { 1.0 } else { 0.0 };
                self.add("binds", id, (0..MONTHS).map(binds));
                self.keys.last_mut().unwrap().counterparty = limit.name().into();
            }
        }
    }

    /// Each month the lab pays the cloud 3bn and gets a quarter of one back; the cloud pays a maker 2bn, who pays little.
    fn payments(&mut self) {
        let billions =
            [("openai", "azure", 3.0), ("azure", "openai", 0.25), ("azure", "nvidia", 2.0), ("nvidia", "azure", 0.01)];
        for (payer, payee, amount) in billions.into_iter().chain([("nvidia", "openai", 0.0)]) {
            self.add("paid_usd", payer, vec![amount * 1e9; MONTHS]);
            self.keys.last_mut().unwrap().counterparty = payee.into();
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
        let counted = |m: usize| if m < 40 { f64::NAN } else { f64::from(u8::from(paid[m] >= 38e9)) };
        self.add("cap_reached", "microsoft-openai.revenue-share", (0..MONTHS).map(counted));
        self.add("revenue_share_paid_usd", "microsoft-openai.revenue-share", paid);
        let cap = (0..MONTHS).map(|m| if m < 40 { f64::NAN } else { 38e9 });
        self.add("revenue_share_cap_usd", "microsoft-openai.revenue-share", cap);
        let barred = |m: usize| [3.0, 1.0, 1.0, 1.0].get(m / 12).copied().unwrap_or(9.0);
        self.add("barred_offers", "microsoft-openai.Exclusive API distribution", (0..MONTHS).map(barred));
        for (reason, most) in
            [("not_ported", 0.04), ("not_in_region", 0.0), ("microsoft-openai.Exclusive API distribution", 0.2)]
        {
            let share = noise.walk(most, 0.0, 0.002 * most);
            self.add("barred_first_choice_share", reason, share);
        }
        for (i, (id, _)) in CONTRACTS.iter().enumerate() {
            let term = format!("{id}.commitment");
            let rate = noise.walk(1.0 - 0.03 * i as f64, 0.0, 0.03);
            let annual = |m: usize| (2.0 + i as f64) * 1e9 * libm::pow(1.35, (m / 12) as f64);
            let to_date = |m: usize| ((m % 12) + 1) as f64 / 12.0;
            let first = 24 + 6 * i;
            let at = |m: usize, v: f64| if m < first { f64::NAN } else { v };
            // A tenth of a year is paid for at its end.
            let paid = |m: usize| (first / 12..(m + 1) / 12).map(|year| 0.1 * annual(12 * year)).sum::<f64>();
            self.add("shortfall_paid_usd", &term, (0..MONTHS).map(|m| at(m, paid(m))));
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
    made.limits(&mut noise);
    made.generations();
    made.payments();
    channels::add(&mut made, &mut noise);
    made.focal(&mut noise);
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
            palette: Palette::new(ids).with_belongings(channels::CHANNELS.map(|(id, owner, _)| (id, owner))),
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
    let row = |contract: &str, from: &str, until: &str, label: &str| TimelineRow {
        contract: contract.into(),
        term: label.into(),
        from: from.into(),
        until: (!until.is_empty()).then(|| until.to_owned()),
        label: label.into(),
    };
    vec![
        row("microsoft-openai", "2019-07-22", "2025-01-20", "Exclusive compute"),
        row("microsoft-openai", "2025-01-21", "2025-10-27", "Right of first refusal"),
        row("microsoft-openai", "2020-06-11", "2026-04-26", "Exclusive API distribution"),
        row("microsoft-openai", "2019-07-22", "2032-12-31", "Licence to models and products"),
        row("microsoft-openai", "2023-01-23", "2026-04-26", "Revenue share 20%"),
        row("microsoft-openai", "2026-04-27", "2030-12-31", "Revenue share 20%, capped at $38bn"),
        row("microsoft-openai", "2025-10-28", "", "Commitment $250bn"),
        row("amazon-anthropic", "2023-09-25", "", "Equity $8bn in tranches"),
        row("amazon-anthropic", "2024-11-22", "2031-12-31", "Commitment on Trainium"),
        row("oracle-openai", "2027-01-01", "2031-12-31", "Commitment $300bn over five years"),
        row("microsoft-coreweave", "2023-06-01", "2029-12-31", "Reserved capacity"),
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
    names.insert("bank".into(), "A bank".into());
    names
}

/// Every chart of `decade` with its shapes.
fn scenes(decade: &Decade) -> Vec<(&'static str, super::draw::scene::Scene)> {
    CHARTS.iter().map(|chart| (chart.file, (chart.picture)(&decade.input()).unwrap().scene())).collect()
}

/// What an eye would object to at once.
fn assert_tidy(file: &str, scene: &super::draw::scene::Scene) {
    let labels: Vec<_> = scene.labels().collect();
    for (i, label) in labels.iter().enumerate() {
        let (left, top, right, bottom) = label.bounds();
        let (width, height) = (f64::from(scene.width), f64::from(scene.height));
        assert!(left >= 20.0 && top >= 20.0, "{file}: `{}` is clipped at the upper left", label.text);
        assert!(
            right <= width - 20.0 && bottom <= height - 10.0,
            "{file}: `{}` is clipped at the lower right",
            label.text
        );
        for other in &labels[..i] {
            // Boxes have a little air, which neighbours may share.
            let (l, t, r, b) = other.bounds();
            let tight = (l + 2.0, t + 2.0, r - 2.0, b - 4.0);
            let apart = !overlap((left + 2.0, top + 2.0, right - 2.0, bottom - 4.0), tight);
            assert!(apart, "{file}: `{}` and `{}` overlap", label.text, other.text);
        }
    }
}

#[test]
fn no_text_overlaps_another_or_leaves_the_page() {
    for replications in [1, 5] {
        for (file, scene) in scenes(&Decade::new(replications)) {
            assert_tidy(file, &scene);
        }
    }
}

/// A decade with names and events that leave hardly any room.
fn crowded(replications: u32) -> Decade {
    let mut decade = Decade::new(replications);
    for name in decade.names.values_mut() {
        *name = format!("{name} of the Federated Cloud and Compute Holdings");
    }
    for month in 1..=12 {
        let label = "A regulator opens a case that is described at some length in the scenario file".to_owned();
        decade.milestones.push(Milestone { date: format!("2027-{month:02}-01"), label });
    }
    decade
}

#[test]
fn long_names_and_many_events_stay_tidy() {
    for (file, scene) in scenes(&crowded(3)) {
        assert_tidy(file, &scene);
    }
}

/// Runs that end early, and figures that are nought or missing throughout, are drawn or skipped and never a panic.
#[test]
fn short_and_empty_runs_are_drawn_or_skipped() {
    let folder = tempfile::tempdir().unwrap();
    for (months, value) in [(1, None), (2, Some(0.0)), (3, Some(f64::INFINITY)), (0, None)] {
        let mut decade = Decade::new(2);
        decade.summary.dates.truncate(months);
        for series in &mut decade.summary.series {
            series.spreads.truncate(months);
            for spread in series.spreads.iter_mut().filter(|_| value.is_some()) {
                let v = value.expect("filtered");
                *spread = Spread { n: 2, mean: v, sd: v, p05: v, p25: v, p50: v, p75: v, p95: v, half_width_95: v };
            }
        }
        let outcomes = draw_all(&decade.input(), folder.path(), &[Format::Png]).unwrap();
        assert_eq!(outcomes.len(), CHARTS.len());
    }
}

#[test]
fn every_chart_is_drawn_and_none_is_blank() {
    let folder = tempfile::tempdir().unwrap();
    let outcomes = draw_all(&Decade::new(3).input(), folder.path(), &[Format::Png, Format::Svg]).unwrap();
    assert_eq!(outcomes.len(), CHARTS.len());
    for (outcome, chart) in outcomes.iter().zip(CHARTS) {
        let ChartOutcome::Drawn { files, .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!(files[0], folder.path().join(format!("{}.png", chart.file)));
        let png = std::fs::read(&files[0]).unwrap();
        assert_eq!(is_blank(&png), Ok(false), "{}", chart.file);
        assert!(std::fs::read_to_string(&files[1]).unwrap().ends_with("</svg>\n"));
    }
}

#[test]
fn a_chart_without_its_series_is_skipped_with_the_reason() {
    let mut decade = Decade::new(2);
    decade.summary.series.retain(|series| series.key.metric.starts_with("hhi"));
    decade.timeline.clear();
    let folder = tempfile::tempdir().unwrap();
    let outcomes = draw_all(&decade.input(), folder.path(), &[Format::Png]).unwrap();
    let skipped = |chart: &str| {
        outcomes.iter().find_map(|outcome| match outcome {
            ChartOutcome::Skipped { chart: file, reason } if *file == chart => Some(reason.as_str()),
            _ => None,
        })
    };
    assert_eq!(skipped("share_tokens_by_lab"), Some("the run recorded no share_tokens_lab"));
    assert_eq!(skipped("contract_timeline"), Some("the scenario has no contract"));
    assert_eq!(skipped("hhi"), None);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("charts"), "a file").unwrap();
    let error = draw_all(&Decade::new(1).input(), &folder.path().join("charts"), &[Format::Png]).unwrap_err();
    assert!(error.to_string().contains("charts"), "{error}");
}

/// A chart's file that is not in the list would never be drawn.
#[test]
fn every_file_of_figures_is_in_the_list() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report/charts/figures");
    for entry in std::fs::read_dir(folder).unwrap() {
        let stem = entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
        let helper = ["accelerators", "mod", "shares"].contains(&stem.as_str());
        assert!(helper || CHARTS.iter().any(|chart| chart.file == stem), "{stem} is not in CHARTS");
    }
}

fn panels(picture: &Picture) -> &[super::forms::Panel] {
    match &picture.form {
        Form::LinePanels(form) => &form.panels,
        Form::AgainstCap(form) => &form.lines.panels,
        Form::Load(form) => &form.lines.panels,
        _ => panic!("{} has another form", picture.title),
    }
}

#[test]
fn stacks_are_means_in_the_order_of_the_scenario() {
    let decade = Decade::new(4);
    let Form::StackedShares(stack) = decade.picture("share_revenue_by_cloud").form else { panic!("a stack") };
    let names: Vec<_> = stack.layers.iter().map(|layer| layer.label.as_str()).collect();
    assert_eq!(names, ["Azure", "AWS", "Google Cloud", "Oracle", "CoreWeave"]);
    let azure = decade.summary.of_entity("share_revenue", "azure").unwrap();
    assert!((stack.layers[0].shares[7] - azure.spreads[7].mean).abs() < 1e-12);
    assert_eq!(stack.layers[0].colour, decade.palette.colour("azure"));
    assert_eq!((stack.years[11], stack.years.len()), (2024.0, MONTHS));
}

#[test]
fn bands_are_quantiles_in_a_panel_for_each_cloud() {
    let decade = Decade::new(4);
    let picture = decade.picture("share_tokens_by_cloud_bands");
    let aws = &panels(&picture)[1];
    let spread = decade.summary.of_entity("share_tokens", "aws").unwrap().spreads[30];
    let band = &aws.lines[0].band;
    assert_eq!((aws.title.as_str(), aws.lines.len(), panels(&picture).len()), ("AWS", 1, 5));
    assert_eq!((band.p05[30], band.p25[30], band.p50[30]), (spread.p05, spread.p25, spread.p50));
    assert_eq!((band.p75[30], band.p95[30], aws.lines[0].bands), (spread.p75, spread.p95, true));
}

#[test]
fn one_replication_has_no_bands_and_one_panel() {
    let decade = Decade::new(1);
    let picture = decade.picture("share_tokens_by_cloud_bands");
    assert_eq!(panels(&picture).len(), 1);
    assert!(panels(&picture)[0].lines.iter().all(|line| !line.bands) && picture.legend.is_empty());
    assert!(picture.source.ends_with("1 replication."), "{}", picture.source);
}

#[test]
fn price_stands_beside_cost_and_apart_from_the_labs() {
    let decade = Decade::new(2);
    let picture = decade.picture("price_and_cost_per_mtok");
    let names: Vec<_> = panels(&picture)[0].lines.iter().map(|line| line.label.as_str()).collect();
    assert_eq!(names, ["Price paid", "Full cost"]);
    let cost = decade.summary.of_entity("cost_usd_per_mtok", "market").unwrap();
    assert_eq!(panels(&picture)[0].lines[1].band.p50[9], cost.spreads[9].p50);
    assert_eq!(panels(&decade.picture("price_by_lab")).len(), LABS.len());
    assert_eq!(panels(&decade.picture("chip_hour_price")).len(), CLOUDS.len());
}

#[test]
fn levelised_cost_has_a_line_for_each_accelerator_while_it_is_on_sale() {
    let picture = Decade::new(2).picture("levelised_cost");
    let lines = &panels(&picture)[0].lines;
    // Of the types in use, 24 can be told apart: H200 and B200, the smallest beside what was there, have no line.
    assert_eq!(lines.len(), ACCELERATORS.len() - 2);
    let on_sale = lines[0].band.p50.iter().filter(|v| v.is_finite()).count();
    assert_eq!((lines[0].label.as_str(), on_sale), ("H100", 41));
}

#[test]
fn the_strip_below_holds_each_replication_once() {
    let decade = Decade::new(5);
    let Form::AgainstCap(form) = decade.picture("revenue_share_against_cap").form else { panic!("another form") };
    let strip = form.reached[0].as_ref().unwrap();
    assert_eq!(strip.periods.len(), MONTHS / 3);
    assert_eq!((strip.periods[0].0, strip.periods[0].1, strip.periods[4].0), (2023.0, year("2023-03-31"), 2024.0));
    let reached: f64 = strip.periods.iter().map(|period| period.2).sum();
    assert!((reached + strip.never - 1.0).abs() < 1e-12, "{strip:?}");
    // The share by a quarter's end is what the quarters until then add up to.
    let shares = &decade.summary.of_entity("cap_reached", "microsoft-openai.revenue-share").unwrap().spreads;
    for quarter in 14..MONTHS / 3 {
        let until: f64 = strip.periods[..=quarter].iter().map(|period| period.2).sum();
        assert!((until - shares[3 * quarter + 2].mean).abs() < 1e-12, "quarter {quarter}: {until}");
    }
    assert!(reached > 0.0);
}

fn year(date: &str) -> f64 {
    super::draw::scale::year_at_end_of(date).unwrap()
}

#[test]
fn a_term_says_how_much_it_barred_at_most_while_it_held() {
    let Form::Timeline(form) = Decade::new(2).picture("contract_timeline").form else { panic!("a timeline") };
    let effect = |label: &str| {
        let bars = form.groups.iter().flat_map(|group| &group.bars);
        bars.clone().find(|bar| bar.label == label).unwrap().effect.clone()
    };
    // Nine were barred only after its end of April 2026.
    assert_eq!(effect("Exclusive API distribution"), "barred up to 3 offers");
    assert_eq!(effect("Right of first refusal"), "");
}

#[test]
fn fleets_are_means_of_power_and_chips() {
    let decade = Decade::new(3);
    let Form::FleetAgainstPower(form) = decade.picture("fleet_against_power").form else { panic!("fleets") };
    let mean = |metric: &str| decade.summary.of_entity(metric, "oracle").unwrap().spreads[50].mean;
    let oracle = &form.panels[3];
    assert_eq!(oracle.title, "Oracle");
    let found = [oracle.energized_mw[50], oracle.used_mw[50], oracle.stranded_mw[50], oracle.waiting_h100e[50]];
    assert_eq!(found, ["energized_mw", "used_mw", "stranded_power_mw", "stranded_chips_h100e"].map(mean));
}

#[test]
fn utilisation_and_throttling_share_a_panel() {
    let picture = Decade::new(2).picture("utilisation_and_throttling");
    let lines: Vec<_> = panels(&picture)[2].lines.iter().map(|line| line.label.as_str()).collect();
    assert_eq!((panels(&picture)[2].title.as_str(), lines), ("Google Cloud", vec!["Utilisation", "Not served"]));
}

#[test]
fn fleets_are_stacked_by_type_the_earliest_at_the_bottom() {
    let decade = Decade::new(2);
    let picture = decade.picture("fleet_by_accelerator");
    let Form::StackPanels(form) = &picture.form else { panic!("stacked fleets") };
    assert_eq!(form.panels.len(), CLOUDS.len());
    // 24 of the 26 types have a colour, then the others; what nobody installs is not told.
    let texts: Vec<&str> = picture.legend.iter().map(|entry| entry.text.as_str()).collect();
    assert_eq!((texts.len(), texts[0], texts[24]), (25, "H100", "Other types"));
    let total = |month: usize| form.panels[0].layers.iter().map(|layer| layer.amounts[month]).sum::<f64>();
    assert_eq!((total(0), total(13), total(17 * 4)), (200.0, 500.0, 1_900.0));
}

#[test]
fn what_binds_is_what_bound_most_often_the_largest_fleet_first() {
    let decade = Decade::new(5);
    let Form::HeatMap(map) = decade.picture("what_binds").form else { panic!("a heat map") };
    let names: Vec<_> = map.rows.iter().map(|row| row.label.as_str()).collect();
    assert_eq!(names, ["AWS", "Azure", "Google Cloud", "Oracle", "CoreWeave"]);
    let shares = |month: usize| {
        let of_azure = decade.summary.of_metric("binds").filter(|s| s.key.entity == "azure");
        of_azure.map(|s| (s.key.counterparty.clone(), s.spreads[month].mean)).collect::<Vec<_>>()
    };
    let mut pale = 0;
    for (month, cell) in map.rows[1].cells.iter().enumerate() {
        let cell = cell.as_ref().unwrap();
        let most = shares(month).iter().map(|s| s.1).fold(0.0, f64::max);
        let own = shares(month).iter().find(|s| s.0 == cell.label.to_lowercase()).unwrap().1;
        assert_eq!((own, cell.pale), (most, most < 0.5), "month {month}");
        pale += usize::from(cell.pale);
    }
    assert!(0 < pale && pale < MONTHS, "{pale} pale months");
    let Form::HeatMap(one) = Decade::new(1).picture("what_binds").form else { panic!("a heat map") };
    assert!(one.rows.iter().flat_map(|row| &row.cells).flatten().all(|cell| !cell.pale));
}

/// Over 120 months: 360 and 30 both ways, 240 and 1.2 back, which is half a per cent and no exchange; 631.2 in all.
#[test]
fn net_payers_come_first_and_what_comes_back_is_told() {
    let picture = Decade::new(3).picture("money_between_parties");
    let Form::Matrix(matrix) = &picture.form else { panic!("a matrix") };
    assert_eq!(matrix.names, ["OpenAI", "Azure", "nvidia"]);
    let rounded: Vec<Vec<f64>> =
        matrix.amounts.iter().map(|row| row.iter().map(|x| (x * 10.0).round()).collect()).collect();
    assert_eq!(rounded, [[0.0, 3_600.0, 0.0], [300.0, 0.0, 2_400.0], [0.0, 12.0, 0.0]]);
    assert!(matrix.is_mutual(0, 1) && !matrix.is_mutual(1, 2));
    assert!(matrix.heading.starts_with("Of $631bn, $30bn goes straight back"), "{}", matrix.heading);
    assert_eq!(matrix.notes, ["OpenAI pays Azure $360bn, gets $30bn: net $330bn"]);
    assert!(picture.subtitle.contains("Jan 2023 to Dec 2032"), "{}", picture.subtitle);
}

#[test]
fn concentration_has_both_layers_and_the_guidelines() {
    let decade = Decade::new(2);
    let picture = decade.picture("hhi");
    let panel = &panels(&picture)[0];
    let labs = decade.summary.of_entity("hhi_model", "market").unwrap();
    assert_eq!(panel.lines[1].band.p50[60], labs.spreads[60].p50);
    assert_eq!(panel.levels[0].value, 1_800.0);
}
