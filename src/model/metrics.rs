//! The dictionary of metrics: name, unit, entity and meaning of everything a run records.

use super::record::MetricInfo;

macro_rules! metrics {
    ($($name:ident [$unit:literal] of $entity:literal: $about:literal;)+) => {
        /// Every metric, in the order of the output.
        pub const METRICS: &[MetricInfo] = &[$(
            MetricInfo { name: stringify!($name), unit: $unit, entity: $entity, about: $about }
        ),+];
    };
}

metrics! {
    share_revenue ["1"] of "cloud": "share of the AI revenue of all clouds that sell (chip-hours and tokens booked by the platform), in the month";
    share_tokens ["1"] of "cloud": "share of the tokens served on the fleets of clouds that sell, in the month";
    share_compute ["1"] of "cloud": "share of installed H100-equivalents (chat) of clouds that sell, at month end";
    share_revenue_lab ["1"] of "lab": "share of the end-customer revenue of all labs (API, resale at list, products; of a product that pays fees for models of others, these count for their labs), in the month";
    share_tokens_lab ["1"] of "lab": "share of the tokens that models of all labs served, in whosever product, in the month";
    share_revenue_channel ["1"] of "channel": "share of what customers paid for tokens on all channels, products apart, in the month";
    share_tokens_channel ["1"] of "channel": "share of the tokens served on all channels, products apart, in the month";
    share_spend_segment ["1"] of "lab": "share of what a segment (counterparty) pays for tokens on APIs and platforms, products apart, at month end";
    share_compute_lab ["1"] of "lab": "share of the H100-equivalents that labs train and serve on, mean of the month";
    quality ["1"] of "lab": "quality of the best model on sale, 1 for GPT-4; a frontier step is 1";
    rights_h100e ["H100e"] of "lab": "rights on compute that clouds deliver (commitments and reservations), mean of the month";
    rights_used_share ["1"] of "lab": "share of those rights in use for tokens, training and research";
    queue_wait_hours ["h"] of "lab": "mean time that training jobs which started in the month had waited for their chips";
    training_busy_share ["1"] of "lab": "share of the compute set aside for the lab's training that its jobs held, mean of the month";
    frontier_run_days ["days"] of "lab": "mean time from start to end of the frontier runs that ended in the month";
    revenue_ai_usd ["USD"] of "cloud": "AI revenue booked in the month, chip-hours and tokens";
    revenue_lab_usd ["USD"] of "lab": "end-customer revenue in the month, whoever resells, fees from products of others included and fees to other labs left out";
    revenue_channel_usd ["USD"] of "channel": "what customers paid for tokens in the month, products apart";
    tokens_channel_mtok ["Mtok"] of "channel": "tokens served in the month, products apart";
    channel_down_hours ["h"] of "channel": "hours of the month for which the channel was out, the fleets behind it aside";
    latency_over_target_s ["s"] of "channel": "mean latency over the target, queueing included, of the tokens served in the month; as customers see it at month end";
    revenue_other_usd ["USD"] of "cloud": "conventional cloud revenue in the month";
    tokens_mtok ["Mtok"] of "market": "tokens served in the month";
    users_m ["million"] of "product": "weekly users at month end";
    product_revenue_usd ["USD"] of "product": "what users and advertisers paid for it in the month";
    product_tokens_mtok ["Mtok"] of "product": "its tokens that models of a lab (counterparty) served in the month";
    product_share_tokens ["1"] of "product": "share of its tokens served in the month that models of a lab (counterparty) served, where it may use those of several";
    model_fees_usd ["USD"] of "product": "what its owner owed a lab of another party (counterparty) for the tokens of the month: its share of their price on the owner's platform, nothing under a licence";
    product_cost_usd_per_mtok ["USD/Mtok"] of "product": "compute at its levelised cost where it ran, and fees, per million of its tokens served in the month";
    product_gross_margin ["1"] of "product": "share of its revenue of the month that compute at levelised cost and fees leave";
    price_usd_per_mtok ["USD/Mtok"] of "market or lab": "mean price paid per million tokens, products apart";
    price_of_class_usd_per_mtok ["USD/Mtok"] of "class": "mean price paid per million tokens of a class of work, products apart";
    price_of_kind_usd_per_mtok ["USD/Mtok"] of "kind of token": "mean price paid per million tokens that are input, cached input, output, or of any of these in batches, products apart";
    cached_share ["1"] of "market": "share of the input tokens sold, batches and products apart, that a prefix cache had";
    cost_usd_per_mtok ["USD/Mtok"] of "market or lab": "full cost of compute per million tokens served, idle rights included";
    price_usd_per_h100e_hour ["USD/h"] of "cloud": "price of an H100-equivalent hour that the cloud's policy sets, on demand to labs and, where rental has no terms, to renters, at month end";
    price_by_term_usd_per_h100e_hour ["USD/h"] of "cloud": "price of an H100-equivalent hour to renters by term (counterparty): on-demand, reserved-1y or reserved-3y if signed now, spot; at month end";
    price_paid_usd_per_h100e_hour ["USD/h"] of "cloud": "mean price paid by renters for an H100-equivalent hour, all terms, in the month";
    rented_by_term_h100e ["H100e"] of "cloud": "compute rented out by term (counterparty), reserved whether used or not, mean of the month";
    price_off_best_response ["1"] of "cloud or lab": "price of an H100-equivalent hour, or that of a lab's tokens which is furthest off, over the best response to the others' prices, less 1, where the cloud or lab prices by best response; 0 everywhere is an equilibrium; at month end";
    best_response_sound ["1"] of "lab": "1 if that best response holds to second order, is the same from every start and clears a capacity that binds, else 0: then it is no more than the best that was found";
    best_response_residual ["1"] of "lab": "how far the best response is off its first-order conditions, over its mean price";
    levelised_cost_usd_per_h100e_hour ["USD/h"] of "accelerator": "levelised cost of compute of a new unit, mean over the clouds that may buy it";
    levelised_cost_at_cloud_usd_per_h100e_hour ["USD/h"] of "accelerator": "levelised cost of compute of a new unit at a cloud (counterparty) that may buy it";
    fleet_h100e ["H100e"] of "cloud": "installed H100-equivalents (chat) at month end";
    owned_h100e ["H100e"] of "cloud": "compute in service (chat) of the chips that it bought, at month end";
    operated_h100e ["H100e"] of "cloud": "compute in service (chat) that it offers: its own and what it leases, less what it leases out, at month end";
    used_h100e ["H100e"] of "user": "compute in use (chat) at a cloud (counterparty) by a lab, own-load, platform-customers or tenants, sold as spot hours, and what is idle, at month end";
    fleet_chips ["chips"] of "cloud": "accelerators installed at month end, by accelerator (counterparty)";
    purchases_h100e_8bit ["H100e"] of "cloud": "cumulative purchases in 8-bit H100-equivalents, as Epoch AI counts them";
    shipped_chips ["chips"] of "accelerator": "accelerators shipped to anybody since the start, cumulative";
    energized_mw ["MW"] of "cloud": "energized facility power at month end";
    used_mw ["MW"] of "cloud": "facility power that installed accelerators may draw at month end";
    stranded_power_mw ["MW"] of "cloud": "energized power, less the reserve, without an accelerator";
    stranded_chips_h100e ["H100e"] of "cloud": "delivered accelerators that wait for power";
    utilisation ["1"] of "cloud": "share of installed H100e-hours that carried load, mean of the month";
    throttled_share ["1"] of "cloud": "share of the tokens asked for on its platform that it did not serve itself, in the month: throttled, spilled or lost";
    asked_mtok ["Mtok"] of "cloud": "tokens asked for on its platform and by products on its own compute, in the month; with spill_in_mtok what is served, throttled, spilled or lost";
    spill_in_mtok ["Mtok"] of "cloud": "tokens taken in from other places that had no room, in the month";
    served_mtok ["Mtok"] of "cloud": "tokens served on its platform and for products on its own compute, those taken in included, in the month";
    throttled_mtok ["Mtok"] of "cloud": "tokens not served as it was full, in the month";
    spill_out_mtok ["Mtok"] of "cloud": "tokens that it had no room for and that their accounts sent elsewhere, in the month";
    lost_mtok ["Mtok"] of "cloud": "tokens not served as compute was out of service, in the month";
    queueing_delay_s ["s"] of "cloud": "mean time for which a request waits for a replica, at the month's mean utilisation by tokens of what own load, leases and tenants leave, of 99.5 % at most";
    binds ["1"] of "cloud": "1 for the limit (counterparty) that kept the cloud from serving more in the month: chips, packaging, memory, power, capital or demand; 0 for the others";
    limit_value_usd ["USD"] of "cloud": "what one more chip, wafer, GB, MW, dollar of budget or H100e of demand (counterparty: the limit) would have brought in the month, at the price on demand; 0 where the limit did not bind";
    capex_usd ["USD"] of "cloud": "AI capital expenditure in the month, accelerators, paid on delivery or in advance, and shells";
    capex_other_usd ["USD"] of "cloud": "capital expenditure of its owner outside AI, in the month";
    book_value_usd ["USD"] of "cloud": "accelerators and shells at cost less straight-line depreciation over the accounting life, at month end";
    resale_value_usd ["USD"] of "cloud": "what the installed accelerators would bring if they were sold, by their age, at month end";
    cash_usd ["USD"] of "party": "cash at month end";
    warrant_vested_usd ["USD"] of "contract term": "value at signing of the part of a warrant that has vested, to date";
    stake_value_usd ["USD"] of "party": "what the holder's part of the issuer (counterparty) is worth at the issuer's last round, where contracts say what it holds";
    cash_flow_usd ["USD"] of "party": "receipts less payments of the month, capital spending included, before stakes, loans with their interest, and payouts";
    paid_usd ["USD"] of "party": "paid in the month to another party of the market (counterparty), for whatever it was";
    revenue_share_paid_usd ["USD"] of "contract term": "revenue share due to date since the counting date";
    revenue_share_cap_usd ["USD"] of "contract term": "total cap in force";
    cap_reached ["1"] of "contract term": "1 from the month in which a revenue share reaches its total cap, 0 before; the mean over replications is the chance that it has";
    commitment_due_usd ["USD"] of "contract term": "committed purchases of the year to date";
    commitment_used_usd ["USD"] of "contract term": "purchases of the year to date that count towards the commitment";
    obligation_usd ["USD"] of "contract term": "purchases that a commitment still asks for, from the day on which it was signed to its end, at month end";
    shortfall_paid_usd ["USD"] of "contract term": "take-or-pay shortfalls paid to date";
    barred_first_choice_share ["1"] of "contract term or reason": "share of the demand for tokens, at reference prices, whose first choice, if nothing barred it and nobody had chosen before, would be an option that this keeps from it: a clause, not_distributed, not_ported, not_certified, not_in_region or out_of_stock; at month end";
    redirected_choices ["choices"] of "cloud": "choices of the month whose first choice was on its platform and out of stock, so that the next was taken";
    home_share ["1"] of "cloud": "share of the accounts that have a home cloud which are at home on it, weighted by their spend at the reference date, at month end";
    providers_per_account ["providers"] of "segment": "clouds and labs' own interfaces that an account buys tokens from, mean over the accounts that buy, at month end";
    multicloud_share ["1"] of "segment": "share of the accounts that buy which have more than one cloud, their home cloud and those that they buy tokens on, at month end";
    further_clouds_usd ["USD"] of "segment": "what accounts spend in the month on having clouds beyond the first, paid to nobody in the market";
    discount_share ["1"] of "segment": "what accounts negotiate off list prices, weighted by what they buy, at month end";
    discount_at_channel_share ["1"] of "channel": "what buyers on the channel negotiate off list prices, weighted by what they buy, at month end";
    barred_offers ["offers"] of "contract term": "models on sale times platforms that the clause keeps from each other, for all customers or for those of a jurisdiction, at month end; of several that bar, the first named";
    hhi_infrastructure ["points"] of "market": "Herfindahl-Hirschman index of share_revenue, 0 to 10,000";
    hhi_model ["points"] of "market": "Herfindahl-Hirschman index of share_revenue_lab, 0 to 10,000";
    cases_open ["cases"] of "regulator": "1 while the regulator has a case open, at month end";
    focal_spend_usd ["USD"] of "focal customer": "what the customer pays in the month under a strategy (counterparty): tokens less discount, further clouds, and the shortfall of its commitment as it builds up over the year";
    focal_latency_s ["s"] of "focal customer": "latency over target of the tokens that it is served under a strategy (counterparty), mean of the month by tokens";
    focal_down_hours ["h"] of "focal customer": "hours of the month times the share of its tokens that nobody serves under a strategy (counterparty), outages and throttling alike";
    focal_movable_share ["1"] of "focal customer": "share of its spend on tokens that it could move to another provider within a quarter under a strategy (counterparty), at month end";
    cases_closed ["cases"] of "regulator": "cases closed to date with an outcome (counterparty): cleared, commitments or prohibition";
}
