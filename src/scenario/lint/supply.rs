//! Lints of chips, makers, clouds and sites.

use super::{View, warn};
use crate::ids::AcceleratorId;
use crate::scenario::resolve::Finding;
use crate::supply::params::{Allocation, CloudSupply, Phase};
use crate::units::{Schedule, Time};

/// By how much shares of a whole may sum to more than it.
const TOLERANCE: f64 = 1e-3;

/// IT power that the fleet of the start needs [MW]: `Σ chips · kW / 1000`.
pub(super) fn first_fleet_mw(view: &View, cloud: &CloudSupply) -> f64 {
    let kw = |kind: AcceleratorId| view.params.supply.accelerators[kind.index()].power_kw;
    cloud.initial_fleet.iter().map(|fleet| fleet.chips as f64 * kw(fleet.accelerator) / 1e3).sum()
}

/// A first fleet that its sites cannot power: `Σ chips · kW > Σ MW · (1 − reserve) / PUE` over the phases that are there
/// on the first day. What is over waits as stranded chips.
pub(super) fn fleet_without_power(view: &View) -> Vec<Finding> {
    let supply = &view.params.supply;
    let at_start = |phase: &&Phase| phase.planned.is_none_or(|planned| planned == Time(0));
    let short = supply.clouds.iter().enumerate().filter_map(|(c, cloud)| {
        let needed = first_fleet_mw(view, cloud);
        let own = supply.sites.iter().filter(|site| site.cloud.index() == c);
        let carried: f64 = own
            .map(|site| {
                let facility: f64 = site.phases.iter().filter(at_start).map(|phase| phase.adds_mw).sum();
                facility * (1.0 - site.reserve) / site.pue
            })
            .sum();
        (needed > carried * (1.0 + TOLERANCE)).then(|| {
            let message = format!(
                "the first fleet needs {needed:.1} MW of IT power, and the sites of the cloud carry {carried:.1} MW"
            );
            warn(
                format!("clouds.{}.initial_fleet", cloud.id),
                message,
                "the rest waits without power: date phases before the start, or lower the number of chips",
            )
        })
    });
    short.collect()
}

/// A first fleet of a type that comes out later.
pub(super) fn fleet_from_the_future(view: &View) -> Vec<Finding> {
    let spec = view.spec;
    let fleets = spec.clouds.iter().flat_map(|(id, cloud)| cloud.initial_fleet.keys().map(move |kind| (id, kind)));
    let early = fleets.filter_map(|(cloud, kind)| {
        let available = spec.accelerators.get(kind)?.available.value;
        (available > spec.horizon.start).then(|| {
            let message = format!("the cloud owns `{kind}` at the start, before it comes out on {}", available.0);
            warn(format!("clouds.{cloud}.initial_fleet.{kind}"), message, "")
        })
    });
    early.collect()
}

/// A type that no cloud owns or may buy and no buyer outside orders.
pub(super) fn type_that_nobody_buys(view: &View) -> Vec<Finding> {
    let spec = view.spec;
    let wanted = |kind: &String| {
        spec.clouds.values().any(|cloud| cloud.purchases.contains_key(kind) || cloud.initial_fleet.contains_key(kind))
            || spec.residual_buyers.values().any(|buyer| buyer.orders_per_quarter.contains_key(kind))
    };
    let idle = spec.accelerators.keys().filter(|kind| !wanted(kind));
    let help = "name it under `purchases` of a cloud or `orders_per_quarter` of a residual buyer, or take it out";
    idle.map(|kind| warn(format!("accelerators.{kind}"), "nobody owns, buys or orders this type", help)).collect()
}

/// A type that clouds may buy and of which no chip is made within the run.
pub(super) fn type_that_no_line_makes(view: &View) -> Vec<Finding> {
    let supply = &view.params.supply;
    let made = |kind: usize| {
        let lines = supply.suppliers.iter().flat_map(|maker| &maker.lines);
        lines
            .filter(|line| line.accelerator.index() == kind)
            .any(|line| is_ever_positive(view, &line.capacity_per_quarter))
    };
    let bought = |kind: usize| {
        let purchases = supply.clouds.iter().flat_map(|cloud| &cloud.purchases);
        purchases.into_iter().any(|purchase| purchase.accelerator.index() == kind)
    };
    let kinds = supply.accelerators.iter().enumerate();
    let unmade = kinds.filter(|(i, kind)| {
        let out = view.spec.accelerators[&kind.id].available.value.0;
        bought(*i) && !made(*i) && out <= view.end()
    });
    unmade
        .map(|(_, kind)| {
            let maker = &supply.suppliers[kind.supplier.index()].id;
            let message = format!("clouds may buy `{}`, of which its line makes none within the run", kind.id);
            warn(format!("suppliers.{maker}.lines.{}", kind.id), message, "")
        })
        .collect()
}

fn is_ever_positive(view: &View, schedule: &Schedule) -> bool {
    schedule.at(Time(0)) > 0.0 || view.months().any(|month| schedule.at(month) > 0.0)
}

/// A line for a type that belongs to another maker, whose orders never reach it.
pub(super) fn line_of_another_maker(view: &View) -> Vec<Finding> {
    let spec = view.spec;
    let lines =
        spec.suppliers.iter().flat_map(|(maker, supplier)| supplier.lines.keys().map(move |kind| (maker, kind)));
    let stray = lines.filter_map(|(maker, kind)| {
        let owner = &spec.accelerators.get(kind)?.supplier;
        (owner != maker).then(|| {
            let message = format!("`{kind}` is made by `{owner}`, so no order reaches this line");
            warn(format!("suppliers.{maker}.lines.{kind}"), message, "")
        })
    });
    stray.collect()
}

/// The first day at a month's end on which shares of a whole sum to over 1, with the sum.
fn over_committed<'s>(view: &View, shares: impl Iterator<Item = &'s Schedule> + Clone) -> Option<String> {
    let over = |at: &Time| shares.clone().map(|share| share.at(*at)).sum::<f64>() > 1.0 + TOLERANCE;
    let at = std::iter::once(Time(0)).chain(view.months()).find(over)?;
    let sum: f64 = shares.map(|share| share.at(at)).sum();
    Some(format!("sum to {sum:.3} on {}, over 1", view.params.calendar.date(at)))
}

/// A maker that promises more of its output than there is: `Σ share > 1`.
pub(super) fn output_over_committed(view: &View) -> Vec<Finding> {
    let makers = view.params.supply.suppliers.iter();
    let over = makers.filter_map(|maker| {
        let Allocation::Strategic(shares) = &maker.allocation else { return None };
        let sum = over_committed(view, shares.iter().map(|(_, share)| share))?;
        Some(warn(format!("suppliers.{}.allocation", maker.id), format!("the buyers' shares {sum}"), ""))
    });
    over.collect()
}

/// A site that has no phase and gets none, because its cloud expands elsewhere.
pub(super) fn site_without_power(view: &View) -> Vec<Finding> {
    let spec = view.spec;
    let expands = |id: &String| spec.clouds.values().any(|cloud| cloud.expansion_site == *id);
    let idle = spec.sites.iter().filter(|(id, site)| site.phases.is_empty() && !expands(id));
    let help = "give it phases, make it the `expansion_site` of its cloud, or take it out";
    idle.map(|(id, _)| warn(format!("sites.{id}"), "the site never has power, so nothing can stand there", help))
        .collect()
}

/// A budget guidance that ends before the run begins.
pub(super) fn guidance_without_effect(view: &View) -> Vec<Finding> {
    let start = view.spec.horizon.start;
    let clouds = view.spec.clouds.iter();
    let over = clouds.filter_map(|(id, cloud)| {
        let until = cloud.guidance_until.filter(|until| *until < start)?;
        let message = format!("the guidance ends on {}, before the run begins on {}", until.0, start.0);
        Some(warn(format!("clouds.{id}.guidance_until"), message, ""))
    });
    over.collect()
}

/// An outage that falls outside the run.
pub(super) fn outage_outside_the_run(view: &View) -> Vec<Finding> {
    let start = view.spec.horizon.start.0;
    let outages = view.spec.outages.iter();
    let outside = outages.filter(|(_, outage)| outage.on.value.0 < start || view.is_after_the_end(outage.on.value.0));
    outside
        .map(|(id, outage)| {
            let message = format!("the run goes from {start} to {}, without {}", view.end(), outage.on.value.0);
            warn(format!("outages.{id}.on"), message, "")
        })
        .collect()
}
