//! Lints of labs, models, channels, products and segments.

use super::{View, warn};
use crate::ids::LabId;
use crate::market::params::{ChannelKind, ServedBy};
use crate::market::terms::Term;
use crate::scenario::resolve::Finding;
use crate::supply::params::CloudSupply;
use crate::units::CivilDate;

/// Whether a lab's models may come to be sold on a channel at some time of the run, bars of others set aside: on its own
/// interface, with open weights, on its owner's platform, by a distribution clause or a licence.
fn may_be_sold(view: &View, lab: LabId, open_weights: bool, channel: usize) -> bool {
    let cloud = match view.params.channels[channel].kind {
        ChannelKind::Api(owner) => return owner == lab,
        ChannelKind::SelfHosted(_) => return open_weights,
        ChannelKind::Platform(cloud) => cloud,
    };
    let operator = view.params.supply.clouds[cloud.index()].party;
    let horizon = view.horizon();
    let clauses = view.params.contracts.iter().flat_map(|contract| &contract.terms);
    let mut in_force = clauses.filter(|term| term.from < term.until && term.from < horizon);
    open_weights
        || view.params.labs[lab.index()].party == operator
        || in_force.any(|term| match &term.term {
            Term::Distribution(clause) => clause.lab == lab && clause.channel.index() == channel,
            Term::Licence(licence) => licence.permits(lab, operator),
            _ => false,
        })
}

/// A model that no channel may ever sell and no product routes to.
pub(super) fn model_that_nobody_sells(view: &View) -> Vec<Finding> {
    let params = view.params;
    let unsold = params.models.iter().filter(|model| {
        let sold = (0..params.channels.len()).any(|c| may_be_sold(view, model.lab, model.open_weights, c));
        let routed = params
            .products
            .iter()
            .any(|product| product.candidates.iter().any(|x| (x.lab, x.line) == (model.lab, model.line)));
        !sold && !routed
    });
    let help =
        "its lab has no channel of kind `Api`, and no platform has a distribution clause, a licence or open weights";
    unsold.map(|model| warn(format!("models.{}", model.id), "no channel may ever sell this model", help)).collect()
}

/// A channel on which no model may ever be sold.
pub(super) fn channel_without_models(view: &View) -> Vec<Finding> {
    let params = view.params;
    let empty = (0..params.channels.len()).filter(|c| {
        let scripted = params.models.iter().any(|model| may_be_sold(view, model.lab, model.open_weights, *c));
        let programmes = params.labs.iter().enumerate().filter(|(_, lab)| lab.programme.is_some());
        let mut later = programmes.map(|(l, lab)| may_be_sold(view, LabId::new(l), lab.open_weights, *c));
        !scripted && !later.any(|sold| sold)
    });
    empty
        .map(|c| {
            let path = format!("channels.{}", params.channels[c].id);
            warn(path, "no model may ever be sold here", "add a distribution clause or a licence, or take it out")
        })
        .collect()
}

/// A segment that asks for more certification than any channel has.
pub(super) fn segment_without_a_channel(view: &View) -> Vec<Finding> {
    let best = view.spec.channels.values().map(|channel| channel.certification).max().unwrap_or(0);
    let segments = view.spec.segments.iter().filter(|(_, segment)| segment.certification > best);
    segments
        .map(|(id, segment)| {
            let message = format!("no channel is certified at level {}: the highest is {best}", segment.certification);
            warn(format!("segments.{id}.certification"), message, "its customers can choose nothing but to stay away")
        })
        .collect()
}

/// The worth of a lab on a channel where it can never be bought.
pub(super) fn offset_of_no_offer(view: &View) -> Vec<Finding> {
    let params = view.params;
    let dead = params.tastes.offsets.iter().filter(|offset| {
        let lab = &params.labs[offset.lab.index()];
        let open = lab.open_weights || params.models.iter().any(|model| model.lab == offset.lab && model.open_weights);
        !may_be_sold(view, offset.lab, open, usize::from(offset.channel))
    });
    dead.map(|offset| {
        let (lab, channel) = (&params.labs[offset.lab.index()].id, &params.channels[usize::from(offset.channel)].id);
        let message = format!("models of `{lab}` are never sold on `{channel}`, so nothing reads this");
        warn(format!("demand.offset.{lab}.{channel}"), message, "")
    })
    .collect()
}

/// A lab that neither owns a cloud nor finds one that sells chips it runs on.
pub(super) fn lab_without_compute(view: &View) -> Vec<Finding> {
    let params = view.params;
    let supply = &params.supply;
    let stacks_of = |cloud: &CloudSupply| -> Vec<_> {
        let first = cloud.initial_fleet.iter().map(|fleet| fleet.accelerator);
        let kinds = first.chain(cloud.purchases.iter().map(|purchase| purchase.accelerator));
        kinds.map(|kind| supply.accelerators[kind.index()].stack).collect()
    };
    let homeless = params.labs.iter().filter(|lab| {
        let mut open = supply.clouds.iter().filter(|cloud| cloud.sells);
        lab.own_cloud.is_none() && !open.any(|cloud| stacks_of(cloud).iter().any(|stack| lab.stacks.contains(stack)))
    });
    let help = "its models run on the `stacks` that it names; port it to one that a cloud buys";
    homeless
        .map(|lab| warn(format!("labs.{}.stacks", lab.id), "no cloud that sells has chips for this lab", help))
        .collect()
}

/// A lab at cost on a cloud of somebody else.
pub(super) fn cloud_of_another_owner(view: &View) -> Vec<Finding> {
    let spec = view.spec;
    let labs = spec.labs.iter().filter_map(|(id, lab)| Some((id, lab, lab.own_cloud.as_ref()?)));
    let foreign = labs.filter_map(|(id, lab, cloud)| {
        let owner = &spec.clouds.get(cloud)?.party;
        (*owner != lab.party).then(|| {
            let message = format!("`{cloud}` belongs to `{owner}`, the lab to `{}`", lab.party);
            warn(format!("labs.{id}.own_cloud"), message, "a lab runs at cost on the cloud of its own owner")
        })
    });
    foreign.collect()
}

/// A model, channel, product or programme that starts after the run.
pub(super) fn starts_after_the_end(view: &View) -> Vec<Finding> {
    let spec = view.spec;
    let models = spec.models.iter().map(|(id, model)| (format!("models.{id}.released"), model.released.value.0));
    let channels = spec.channels.iter().map(|(id, channel)| (format!("channels.{id}.opens"), channel.opens.value.0));
    let products = spec.products.iter().map(|(id, product)| (format!("products.{id}.launched"), product.launched.0));
    let programmes = spec.labs.iter().filter_map(|(id, lab)| {
        Some((format!("labs.{id}.programme.first_start"), lab.programme.as_ref()?.first_start.0))
    });
    let starts: Vec<(String, CivilDate)> = models.chain(channels).chain(products).chain(programmes).collect();
    let late = starts.into_iter().filter(|(_, date)| view.is_after_the_end(*date));
    late.map(|(path, date)| warn(path, format!("{date} is after the run ends on {}", view.end()), "")).collect()
}

/// Research jobs and frontier runs that ask for more than all of a lab's research compute: `r·E[s]·E[d] + f > 1`, r jobs
/// a day, s size and f of a frontier run over research compute, d days. The queue then grows for as long as that lasts.
pub(super) fn jobs_over_compute(view: &View) -> Vec<Finding> {
    let over = view.params.labs.iter().filter_map(|lab| {
        let jobs = lab.research_jobs.as_ref()?;
        let most = view.months().map(|month| jobs.per_day.at(month)).fold(0.0, f64::max);
        let frontier = lab.programme.as_ref().map_or(0.0, |programme| programme.share_of_research);
        let asked = most * jobs.share_of_research.mean() * jobs.days.mean() + frontier;
        (asked > 1.0).then(|| {
            let message = format!("jobs and frontier runs ask for {asked:.2} times the lab's research compute");
            let help =
                "the queue grows without bound: fewer, smaller or shorter jobs, or a smaller share for frontier runs";
            warn(format!("labs.{}.research_jobs", lab.id), message, help)
        })
    });
    over.collect()
}

/// Whether a party operates a platform or a product, and so can use models of others.
pub(super) fn can_use_models(view: &View, party: crate::ids::PartyId) -> bool {
    let owned = |cloud: crate::ids::CloudId| view.params.supply.clouds[cloud.index()].party == party;
    let platforms = view.params.channels.iter().any(|channel| channel.kind.platform().is_some_and(owned));
    let products = view.params.products.iter().any(|product| match product.served_by {
        ServedBy::Cloud(cloud) => view.params.supply.clouds[cloud.index()].party == party,
        ServedBy::Lab(_) => product.party == party,
    });
    platforms || products
}
