//! Power: what a facility takes for its IT load, what it carries, and which chips run on what there is.

use super::fields::{ANY, Fields, NOT_NEGATIVE, POSITIVE, Range, approximate, date, decimal, scaled};
use super::kinds::Task;
use super::value::Value;
use crate::supply::curtailment::{Candidate, Curtailment, Loss, best_throughput, run_in_parts, run_under, total};
use crate::supply::{energy_usd, facility_power, it_power, mean_pue};
use crate::units::{CivilDate, DAY, Span, Time};
use rust_decimal::Decimal;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

const PUE: Range = Range { expected: "a number from 1 to 100", holds: |x| (1.0..=100.0).contains(&x) };
const FACILITY_MW: Range = Range { expected: "a number from 0 to 1000000", holds: |x| (0.0..=1e6).contains(&x) };
const CHIP_W: Range = Range { expected: "a number from 0 to 1000000000", holds: |x| (0.0..=1e9).contains(&x) };

/// A year's energy at constant load.
pub(super) fn pue_arithmetic(fields: &mut Fields, _id: &str) -> Task {
    let (it, pue) = (fields.number("it_load_mw", NOT_NEGATIVE), fields.number("pue", PUE));
    let hours = fields.number("hours", NOT_NEGATIVE);
    let price = fields.number("price_usd_per_mwh", ANY);
    let tonnes_per_mwh = fields.number("grid_tco2_per_mwh", NOT_NEGATIVE);
    Box::new(move |_| {
        let facility = facility_power(it, pue);
        vec![
            ("facility_power_mw", Value::Number(facility)),
            ("overhead_mw", Value::Number(facility - it)),
            ("facility_energy_mwh", Value::Number(facility * hours)),
            ("energy_cost_usd", Value::Number(energy_usd(facility, hours, price))),
            ("emissions_t", Value::Number(facility * hours * tonnes_per_mwh)),
            ("dcie", Value::Number(1.0 / pue)),
        ]
    })
}

/// A limit on a facility, and the servers to stand in it. Decimals throughout, since a limit may divide evenly.
struct Hall {
    facility_mw: Decimal,
    pue: Decimal,
    server_w: Decimal,
    chips_per_server: u64,
    rack_kw: Option<Decimal>,
}

/// The largest whole number of servers under a facility limit.
pub(super) fn feasible_chips(fields: &mut Fields, _id: &str) -> Task {
    let facility_mw = fields.decimal("facility_limit_mw", FACILITY_MW);
    let pue = fields.decimal("pue", PUE);
    let (chip_w, host_w) = (fields.decimal("chip_w", CHIP_W), fields.decimal("host_w_per_server", CHIP_W));
    let network_w = fields.decimal("network_w_per_chip", CHIP_W);
    let chips_per_server = fields.count("chips_per_server", 1, 1_000_000);
    let rack_kw = fields.has("rack_limit_kw").then(|| fields.decimal("rack_limit_kw", CHIP_W));
    let server_w = host_w + (chip_w + network_w) * Decimal::from(chips_per_server);
    if micro(server_w).is_none_or(|w| w == 0) {
        fields.refuse("chip_w", "a server of more than no power, in at most 6 decimals of a watt");
    }
    if scaled(facility_mw, 12).is_none() {
        fields.refuse("facility_limit_mw", "at most 12 decimals");
    }
    if scaled(pue, 9).is_none() {
        fields.refuse("pue", "at most 9 decimals");
    }
    let hall = Hall { facility_mw, pue, server_w, chips_per_server, rack_kw };
    Box::new(move |_| hall.filled())
}

/// In millionths of a watt.
fn micro(watts: Decimal) -> Option<u64> {
    u64::try_from(scaled(watts, 6)?).ok()
}

impl Hall {
    fn filled(&self) -> Vec<(&'static str, Value)> {
        let watts_per_mw = Decimal::from(1_000_000);
        let facility = micro(self.facility_mw * watts_per_mw).unwrap_or(0);
        let it = it_power(facility, 0.0, approximate(self.pue));
        let servers = it / micro(self.server_w).unwrap_or(u64::MAX);
        let used_mw = Decimal::from(servers) * self.server_w * self.pue / watts_per_mw;
        let (servers, count) = (i128::from(servers), Value::Count);
        let mut quantities = vec![
            ("it_power_w", Value::Number(it as f64 / 1e6)),
            ("server_w", Value::Number(approximate(self.server_w))),
            ("servers", count(servers)),
            ("chips", count(servers * i128::from(self.chips_per_server))),
            ("facility_power_used_mw", Value::Number(approximate(used_mw))),
            ("stranded_mw", Value::Number(approximate(self.facility_mw - used_mw))),
        ];
        if let Some(rack_kw) = self.rack_kw {
            let full = (rack_kw * Decimal::from(1_000) / self.server_w).floor();
            let per_rack = full.to_string().parse::<i128>().unwrap_or(0);
            let racks = if per_rack == 0 { Value::None } else { count((servers + per_rack - 1) / per_rack) };
            quantities.push(("servers_per_rack", count(per_rack)));
            quantities.push(("racks_needed", racks));
            quantities.push(("rack_kw_used_full_rack", Value::Number(approximate(full * self.server_w) / 1e3)));
        }
        quantities
    }
}

/// PUE over several periods.
pub(super) fn pue_aggregate(fields: &mut Fields, _id: &str) -> Task {
    let (it, facility) = (fields.numbers("it_mwh", POSITIVE), fields.numbers("facility_mwh", POSITIVE));
    if it.len() != facility.len() {
        fields.refuse("facility_mwh", "as many numbers as `it_mwh`");
    }
    Box::new(move |_| {
        let periods: Vec<(f64, f64)> = it.iter().copied().zip(facility.iter().copied()).collect();
        let own: f64 = periods.iter().filter_map(|period| mean_pue([*period])).sum();
        let aggregate = mean_pue(periods.iter().copied()).map_or(Value::None, Value::Number);
        vec![("annual_pue", aggregate), ("unweighted_mean_of_period_pue", Value::Number(own / periods.len() as f64))]
    })
}

/// What power is energized, and what chips are delivered, from a date on.
struct Build {
    energized: Vec<(CivilDate, u64)>,
    delivered: Vec<(CivilDate, u64)>,
    chip: u64,
    end: CivilDate,
}

/// Chips that run on the power that is there, from date to date.
pub(super) fn phased_energisation(fields: &mut Fields, _id: &str) -> Task {
    let megawatts = |value: &Json| {
        let mw = decimal(value).filter(|mw| (FACILITY_MW.holds)(approximate(*mw)))?;
        micro(mw * Decimal::from(1_000_000))
    };
    let chips = |value: &Json| value.as_u64().filter(|chips| *chips <= MOST_CHIPS);
    let energized = fields
        .list("energisation_mw", "a date and a number of MW with at most 12 decimals", |item| dated(item, &megawatts));
    let delivered = fields.list("deliveries", "a date and a whole number of chips", |item| dated(item, &chips));
    let chip = chip_micro(fields);
    let end = fields.date("horizon_end");
    Box::new(move |_| {
        let (energized, delivered) = (energized.clone(), delivered.clone());
        end.map_or_else(Vec::new, |end| Build { energized, delivered, chip, end }.history())
    })
}

/// Most chips of a delivery.
const MOST_CHIPS: u64 = 1_000_000_000;

/// `[date, amount]`.
fn dated(item: &Json, amount: &dyn Fn(&Json) -> Option<u64>) -> Option<(CivilDate, u64)> {
    match item.as_array()?.as_slice() {
        [day, size] => Some((date(day)?, amount(size)?)),
        _ => None,
    }
}

/// Facility power of a chip, in millionths of a watt.
fn chip_micro(fields: &mut Fields) -> u64 {
    let kw = fields.decimal("facility_kw_per_chip", CHIP_W);
    let chip = micro(kw * Decimal::from(1_000)).filter(|chip| *chip > 0);
    chip.unwrap_or_else(|| {
        fields.refuse("facility_kw_per_chip", "more than no power, in at most 9 decimals of a kilowatt");
        1
    })
}

impl Build {
    fn history(&self) -> Vec<(&'static str, Value)> {
        let all = self.energized.iter().chain(&self.delivered).map(|(day, _)| *day);
        let days: Vec<CivilDate> = all.filter(|day| *day < self.end).collect::<BTreeSet<_>>().into_iter().collect();
        let so_far = |steps: &[(CivilDate, u64)], day: CivilDate| -> u64 {
            steps.iter().filter(|(on, _)| *on <= day).fold(0, |sum: u64, (_, size)| sum.saturating_add(*size))
        };
        let (mut limits, mut delivered, mut running) = (Vec::new(), Vec::new(), Vec::new());
        let (mut running_days, mut delivered_days) = (0, 0);
        for (place, day) in days.iter().enumerate() {
            // The power of a chip has the PUE in it.
            let power = it_power(so_far(&self.energized, *day), 0.0, 1.0);
            let chips = so_far(&self.delivered, *day);
            let run =
                |chips| i128::from(run_under(power, &[Candidate { watts: self.chip, chips, throughput: 1.0 }])[0]);
            let length = i128::from(days.get(place + 1).unwrap_or(&self.end).days_since(*day));
            running_days += run(chips) * length;
            delivered_days += i128::from(chips) * length;
            limits.push(run(u64::MAX));
            delivered.push(i128::from(chips));
            running.push(run(chips));
        }
        let counts = |items: &[i128]| Value::List(items.iter().copied().map(Value::Count).collect());
        let dark: Vec<i128> = delivered.iter().zip(&running).map(|(chips, run)| chips - run).collect();
        vec![
            ("dates", Value::List(days.iter().map(|day| Value::Text(day.to_string())).collect())),
            ("power_limited_chips", counts(&limits)),
            ("delivered_chips", counts(&delivered)),
            ("running_chips", counts(&running)),
            ("dark_chips", counts(&dark)),
            ("running_chip_days", Value::Count(running_days)),
            ("delivered_chip_days", Value::Count(delivered_days)),
            ("energised_share_of_delivered_chip_days", Value::Number(running_days as f64 / delivered_days as f64)),
        ]
    }
}

/// Most types among which power is divided.
const MOST_TYPES: usize = 12;

/// `{name, available, facility_w, throughput}`.
fn candidate(item: &Json) -> Option<(String, Candidate)> {
    let watts = micro(decimal(item.get("facility_w")?)?).filter(|watts| *watts > 0)?;
    let chips = item.get("available")?.as_u64().filter(|chips| *chips <= MOST_CHIPS)?;
    let throughput = item.get("throughput")?.as_f64().filter(|throughput| *throughput >= 0.0)?;
    Some((item.get("name")?.as_str()?.to_owned(), Candidate { watts, chips, throughput }))
}

/// Which chips run under a cap.
pub(super) fn power_capped_mix(fields: &mut Fields, _id: &str) -> Task {
    const EXPECTED: &str = "a type with `name`, `available`, `facility_w` above 0 and `throughput` of at least 0";
    let types = fields.list("types", EXPECTED, candidate);
    let names: BTreeSet<&String> = types.iter().map(|(name, _)| name).collect();
    if names.len() < types.len() || types.len() > MOST_TYPES {
        fields.refuse("types", &format!("at most {MOST_TYPES} types, each with a name of its own"));
    }
    let cap = micro(fields.decimal("cap_w", FACILITY_W)).unwrap_or_else(|| {
        fields.refuse("cap_w", "at most 6 decimals of a watt");
        0
    });
    Box::new(move |_| {
        let candidates: Vec<Candidate> = types.iter().map(|(_, candidate)| *candidate).collect();
        let (whole, parts) = (run_under(cap, &candidates), run_in_parts(cap, &candidates));
        let named = |value: &dyn Fn(usize) -> Value| {
            Value::Map(types.iter().enumerate().map(|(place, (name, _))| (name.clone(), value(place))).collect())
        };
        let whole_parts: Vec<f64> = whole.iter().map(|chips| *chips as f64).collect();
        vec![
            ("fractional_optimum_throughput", Value::Number(total(&candidates, &parts))),
            ("fractional_counts", named(&|place| Value::Number(parts[place]))),
            ("greedy_integer_counts", named(&|place| Value::Count(whole[place].into()))),
            ("greedy_integer_throughput", Value::Number(total(&candidates, &whole_parts))),
            ("integer_optimum_throughput", best_throughput(cap, &candidates).map_or(Value::None, Value::Number)),
        ]
    })
}

const FACILITY_W: Range = Range { expected: "a number from 0 to 1000000000000", holds: |x| (0.0..=1e12).contains(&x) };
/// Longest cut \[hours\].
const LONGEST_CUT: f64 = 1e6;

/// Power that is cut for a while \[W\].
#[derive(Clone, Copy)]
struct Cut {
    from: Time,
    until: Time,
    watts: u64,
}

/// `{start, hours, cut_mw}`; the clock starts with 1990, before which there is no date.
fn cut(item: &Json) -> Option<Cut> {
    let (day, time) = item.get("start")?.as_str()?.split_once('T')?;
    let (hour, minute) = time.split_once(':')?;
    let (hour, minute) = (hour.parse::<u64>().ok()?, minute.parse::<u64>().ok()?);
    let epoch = CivilDate::parse("1990-01-01").ok()?;
    let days = u64::try_from(CivilDate::parse(day).ok()?.days_since(epoch)).ok()?;
    let hours = approximate(decimal(item.get("hours")?)?);
    let mw = decimal(item.get("cut_mw")?).filter(|mw| (FACILITY_MW.holds)(approximate(*mw)))?;
    let from = Time(days * DAY.0 + hour * 3_600 + minute * 60);
    let sound = hour < 24 && minute < 60 && (0.0..=LONGEST_CUT).contains(&hours);
    let until = from + Span::from_hours(if sound { hours } else { 0.0 });
    (until > from).then_some(Cut { from, until, watts: u64::try_from(scaled(mw, 6)?).ok()? })
}

/// Cuts of a flat supply, and what they cost.
pub(super) fn curtailment(fields: &mut Fields, _id: &str) -> Task {
    const EXPECTED: &str = "a cut with `start` as YYYY-MM-DDTHH:MM, `hours` above 0 and `cut_mw`";
    let cuts = fields.list("events", EXPECTED, cut);
    let mw = fields.decimal("contracted_mw", FACILITY_MW);
    let supply = scaled(mw, 6).and_then(|watts| u64::try_from(watts).ok()).unwrap_or_else(|| {
        fields.refuse("contracted_mw", "at most 6 decimals of a megawatt");
        0
    });
    let (chip, hours) = (chip_micro(fields), fields.number("year_hours", POSITIVE));
    Box::new(move |_| {
        let (lost, running) = through(&cuts, supply, chip);
        let all = supply as f64 / 1e6 * hours;
        vec![
            ("curtailed_mwh", Value::Number(lost.mwh)),
            ("deliverable_mwh", Value::Number(all - lost.mwh)),
            ("deliverable_share", Value::Number((all - lost.mwh) / all)),
            ("lost_chip_hours", Value::Number(lost.chip_hours)),
            ("chips_running_during_each_event", Value::List(running.into_iter().map(Value::Count).collect())),
        ]
    })
}

/// Goes through all cuts in order of time; what they cost, and the fewest chips that run during each.
fn through(cuts: &[Cut], supply: u64, chip: u64) -> (Loss, Vec<i128>) {
    const MILLION: u64 = 1_000_000;
    // Ends come before beginnings of the same instant.
    let mut turns: BTreeMap<(Time, bool), Vec<usize>> = BTreeMap::new();
    for (place, cut) in cuts.iter().enumerate() {
        turns.entry((cut.from, true)).or_default().push(place);
        turns.entry((cut.until, false)).or_default().push(place);
    }
    let running = |site: &Curtailment| {
        let chips = [Candidate { watts: chip, chips: u64::MAX, throughput: 1.0 }];
        run_under(site.left_w(supply).saturating_mul(MILLION), &chips)[0]
    };
    let (mut site, mut lost) = (Curtailment::default(), Loss::default());
    let (all, mut fewest) = (running(&site), vec![i128::MAX; cuts.len()]);
    for ((now, begins), places) in turns {
        for place in places {
            if begins {
                site.begin(now, cuts[place].watts);
            } else if let Some(of_these) = site.end(now, cuts[place].watts) {
                lost.mwh += of_these.mwh;
                lost.chip_hours += of_these.chip_hours;
            }
        }
        let chips = running(&site);
        site.note(now, supply, all - chips);
        for (fewest, _) in fewest.iter_mut().zip(cuts).filter(|(_, cut)| cut.from <= now && now < cut.until) {
            *fewest = (*fewest).min(chips.into());
        }
    }
    (lost, fewest)
}
