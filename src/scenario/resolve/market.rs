//! Labs, models, channels, products, rental, serving and training.

use super::training::discipline;
use super::{Resolver, shown};
use crate::ids::{CloudId, JurisdictionId, LabId, StackId};
use crate::market::demand::logistic_midpoint;
use crate::market::demand::products::{ProductParams, UserGrowth};
use crate::market::demand::rental::RentalParams;
use crate::market::params::{
    BestResponding, Channel, ChannelKind, ChannelOutages, ChipPricing, CloudMarket, Funding, Lab, Line, Programme,
    ScriptedModel, ServedBy, Serving, TokenBestResponding, TokenPricing, Training,
};
use crate::market::porting::Porting;
use crate::market::residency::{MOST_JURISDICTIONS, Residency};
use crate::market::tokens::TokenParams;
use crate::model::params::{Product, ProductLine};
use crate::scenario::problems::nearest;
use crate::scenario::scalar::Scalar;
use crate::scenario::schema::{
    ChannelKindSpec, ChannelOutagesSpec, ChannelSpec, ChipPriceSpec, FundingSpec, LabSpec, LineSpec, PortingSpec,
    ProductSpec, ProgrammeSpec, ServedBySpec, TokenPricingSpec,
};
use crate::supply::params::Class;
use crate::units::{CivilDate, Schedule, Time};
use std::collections::BTreeMap;

/// By how much the shares of a mix may miss 1.
pub(super) const MIX_TOLERANCE: f64 = 1e-3;
/// Least factor on a price: nothing is given away.
const LEAST_FACTOR: f64 = 0.001;
/// Most that service times vary: a squared coefficient of variation that no load comes near.
const MOST_SCV: f64 = 1_000.0;

/// Longest time over which accelerators are written off [years].
const MOST_ACCOUNTING_YEARS: f64 = 50.0;

impl Resolver<'_> {
    pub(super) fn cloud_markets(&mut self) -> Vec<CloudMarket> {
        let spec = self.spec;
        let clouds = spec.clouds.iter();
        clouds
            .map(|(id, cloud)| {
                let at = |field: &str| format!("clouds.{id}.{field}");
                CloudMarket {
                    pricing: self.chip_pricing(&at("chip_price"), &cloud.chip_price),
                    price_factor: self.series_at_least(&at("price_factor"), &cloud.price_factor, LEAST_FACTOR),
                    committed_discount: self.within(&at("committed_discount"), &cloud.committed_discount, 0.0, 0.95),
                    internal_load_h100e: self.series_at_least(
                        &at("internal_load_h100e"),
                        &cloud.internal_load_h100e,
                        0.0,
                    ),
                    other_revenue_usd_per_year: self.series_at_least(
                        &at("other_revenue_usd_per_year"),
                        &cloud.other_revenue_usd_per_year,
                        0.0,
                    ),
                    other_cash_margin: self.at_least(&at("other_cash_margin"), &cloud.other_cash_margin, 0.0),
                    other_capex_usd_per_year: self.series_at_least(
                        &at("other_capex_usd_per_year"),
                        &cloud.other_capex_usd_per_year,
                        0.0,
                    ),
                    accounting_life_years: self.within(
                        &at("accounting_life_years"),
                        &cloud.accounting_life_years,
                        0.25,
                        MOST_ACCOUNTING_YEARS,
                    ),
                    reinvestment_share: self.share(&at("reinvestment_share"), &cloud.reinvestment_share),
                    leverage_limit: self.at_least(&at("leverage_limit"), &cloud.leverage_limit, 0.0),
                    interest_rate: self.series_at_least(&at("interest_rate"), &cloud.interest_rate, 0.0),
                    training_queue: discipline(cloud.training_queue.as_ref()),
                }
            })
            .collect()
    }

    fn chip_pricing(&mut self, path: &str, spec: &ChipPriceSpec) -> ChipPricing {
        match spec {
            ChipPriceSpec::Scheduled(price) => ChipPricing::Scheduled(self.series_at_least(path, price, 0.01)),
            ChipPriceSpec::CostPlus { markup } => {
                ChipPricing::CostPlus { markup: self.positive(&format!("{path}.markup"), markup) }
            }
            ChipPriceSpec::UtilisationTarget { start_usd, target, speed, floor, cap } => {
                self.check_floor(path, floor, cap);
                ChipPricing::UtilisationTarget {
                    start_usd: self.positive(&format!("{path}.start_usd"), start_usd),
                    target: self.share(&format!("{path}.target"), target),
                    speed: self.at_least(&format!("{path}.speed"), speed, 0.0),
                    floor: self.positive(&format!("{path}.floor"), floor),
                    cap: self.positive(&format!("{path}.cap"), cap),
                }
            }
            ChipPriceSpec::MatchLowest { start_usd, premium, floor } => ChipPricing::MatchLowest {
                start_usd: self.positive(&format!("{path}.start_usd"), start_usd),
                premium: self.positive(&format!("{path}.premium"), premium),
                floor: self.positive(&format!("{path}.floor"), floor),
            },
            ChipPriceSpec::BestResponse { start_usd, cost_share, every_months, damping, menu_cost_usd } => {
                self.check_rental_game(path);
                if *every_months == 0 {
                    self.find(&format!("{path}.every_months"), "expected at least one month between reviews");
                }
                ChipPricing::BestResponse(BestResponding {
                    start_usd: self.positive(&format!("{path}.start_usd"), start_usd),
                    cost_share: self.positive(&format!("{path}.cost_share"), cost_share),
                    every_months: u16::try_from(*every_months).unwrap_or(u16::MAX).max(1),
                    damping: self.positive(&format!("{path}.damping"), damping).min(1.0),
                    menu_cost_usd: self.at_least(&format!("{path}.menu_cost_usd"), menu_cost_usd, 0.0),
                })
            }
        }
    }

    /// A best price exists only where a dearer cloud loses renters faster than it gains per hour.
    fn check_rental_game(&mut self, path: &str) {
        let rental = &self.spec.rental;
        let (least, most_elastic) = (rental.price_sensitivity.bounds().0, rental.elasticity.bounds().0);
        if least <= 1.0 || least <= -most_elastic {
            let message = "no best price exists: `rental.price_sensitivity` has to be over 1 and over the size of \
                           `rental.elasticity`";
            self.find(path, message).help = Some("take another policy, or let renters mind prices more".into());
        }
    }

    /// A best list price exists only where customers mind the price enough: the mean of `log_price` has to be over 1, since a
    /// lab is alone in its nest.
    fn check_token_game(&mut self, path: &str) {
        let most = self.spec.segments.values().map(|segment| segment.taste.log_price.bounds().1).fold(0.0, f64::max);
        if most <= 1.0 {
            let message = "no best price exists: no segment's `taste.log_price` is over 1";
            self.find(path, message).help = Some("take another policy, or let customers mind prices more".into());
        }
    }

    /// A floor that is above its cap at all times.
    fn check_floor(&mut self, path: &str, floor: &Scalar, cap: &Scalar) {
        let (floor, cap) = (floor.bounds().0, cap.bounds().1);
        if floor > cap {
            self.find(&format!("{path}.floor"), format!("the floor {} is above the cap {}", shown(floor), shown(cap)));
        }
    }

    pub(super) fn labs(&mut self) -> Vec<Lab> {
        let kinds = self.line_kinds();
        let spec = self.spec;
        spec.labs.iter().map(|(id, lab)| self.lab(id, lab, &kinds)).collect()
    }

    /// Every id of a line, over all labs.
    fn line_kinds(&self) -> Vec<String> {
        let mut kinds: Vec<String> = self.spec.labs.values().flat_map(|lab| lab.lines.keys().cloned()).collect();
        kinds.sort();
        kinds.dedup();
        kinds
    }

    fn lab(&mut self, id: &str, spec: &LabSpec, kinds: &[String]) -> Lab {
        let root = self.spec;
        let at = |field: &str| format!("labs.{id}.{field}");
        let own_cloud =
            spec.own_cloud.as_ref().map(|cloud| CloudId::new(self.id(&at("own_cloud"), cloud, "cloud", &root.clouds)));
        let stacks = spec.stacks.iter().enumerate().map(|(i, s)| self.stack(&at(&format!("stacks.{i}")), s)).collect();
        let lines = spec.lines.iter().map(|(line, family)| self.line(id, line, family, kinds)).collect();
        Lab {
            id: id.to_owned(),
            party: self.party(&at("party"), &spec.party),
            own_cloud,
            serving_overhead: self.positive(&at("serving_overhead"), &spec.serving_overhead),
            busy_share: self.series_within(&at("busy_share"), &spec.busy_share, 0.01, 1.0),
            research_share_of_revenue: self.series_at_least(
                &at("research_share_of_revenue"),
                &spec.research_share_of_revenue,
                0.0,
            ),
            research_h100e: self.series_at_least(&at("research_h100e"), &spec.research_h100e, 0.0),
            staff_share_of_revenue: self.series_at_least(
                &at("staff_share_of_revenue"),
                &spec.staff_share_of_revenue,
                0.0,
            ),
            staff_usd_per_year: self.series_at_least(&at("staff_usd_per_year"), &spec.staff_usd_per_year, 0.0),
            commitment_months: self.durations(&at("commitment_months"), &spec.commitment_months),
            lines,
            programme: spec.programme.as_ref().map(|programme| self.programme(&at("programme"), programme)),
            research_jobs: spec.research_jobs.as_ref().map(|jobs| self.research_jobs(&at("research_jobs"), jobs)),
            pricing: self.token_pricing(&at("pricing"), &spec.pricing),
            pricing_from: self.later_pricing(&at("pricing_from"), &spec.pricing_from),
            funding: spec.funding.as_ref().map(|funding| self.funding(&at("funding"), funding)),
            open_weights: spec.open_weights,
            stacks,
            porting_teams: spec.porting_teams.map(|teams| self.at_least_one(&at("porting_teams"), teams, 1_000)),
            porting_days: self.durations(&at("porting_days"), &spec.porting_days),
            withdrawal_days: self.at_least(&at("withdrawal_days"), &spec.withdrawal_days, 1.0),
        }
    }

    pub(super) fn stack(&mut self, path: &str, name: &str) -> StackId {
        let position = self.stacks.iter().position(|stack| stack == name);
        if position.is_none() {
            let known = self.stacks.join(", ");
            self.find(path, format!("no accelerator has the stack `{name}`")).help = Some(format!("stacks: {known}"));
        }
        StackId::new(position.unwrap_or(0))
    }

    fn line(&mut self, lab: &str, id: &str, spec: &LineSpec, kinds: &[String]) -> Line {
        let at = |field: &str| format!("labs.{lab}.lines.{id}.{field}");
        Line {
            id: id.to_owned(),
            kind: kinds.iter().position(|kind| kind == id).expect("collected from the same labs") as u16,
            quality_gap: self.number(&at("quality_gap"), &spec.quality_gap),
            class_bonus: self.class_numbers(&at("class_bonus"), &spec.class_bonus, f64::NEG_INFINITY, 0.0),
            compute_per_token: self.series_at_least(&at("compute_per_token"), &spec.compute_per_token, 1e-6),
        }
    }

    fn programme(&mut self, path: &str, spec: &ProgrammeSpec) -> Programme {
        let at = |field: &str| format!("{path}.{field}");
        Programme {
            first_start: self.time(spec.first_start.0),
            every_days: self.at_least(&at("every_days"), &spec.every_days, 1.0),
            share_of_research: self.share(&at("share_of_research"), &spec.share_of_research),
            flop: self.series_at_least(&at("flop"), &spec.flop, 1.0),
            release_lag_days: self.durations(&at("release_lag_days"), &spec.release_lag_days),
        }
    }

    /// Policies by the day from which they hold; days before the start hold from it on, the latest of them.
    fn later_pricing(&mut self, path: &str, spec: &BTreeMap<String, TokenPricingSpec>) -> Vec<(Time, TokenPricing)> {
        let mut policies = Vec::new();
        for (day, policy) in spec {
            let path = format!("{path}.{day}");
            let policy = self.token_pricing(&path, policy);
            match CivilDate::parse(day) {
                Ok(date) => policies.push((self.time(date.max(self.start)), policy)),
                Err(_) => {
                    self.find(&path, format!("`{day}` is no day")).help = Some("write it as 2027-07-01".into());
                }
            }
        }
        policies
    }

    fn token_pricing(&mut self, path: &str, spec: &TokenPricingSpec) -> TokenPricing {
        let at = |field: &str| format!("{path}.{field}");
        match spec {
            TokenPricingSpec::CostPlus { markup } => {
                TokenPricing::CostPlus { markup: self.positive(&at("markup"), markup) }
            }
            TokenPricingSpec::MatchLowest { premium, floor } => TokenPricing::MatchLowest {
                premium: self.positive(&at("premium"), premium),
                floor: self.positive(&at("floor"), floor),
            },
            TokenPricingSpec::Hold { drift_per_year, floor } => TokenPricing::Hold {
                drift_per_year: self.within(&at("drift_per_year"), drift_per_year, -0.99, 10.0),
                floor: self.positive(&at("floor"), floor),
            },
            TokenPricingSpec::BestResponse { start_markup, cost_share, every_months, damping, menu_cost_usd } => {
                self.check_token_game(path);
                if *every_months == 0 {
                    self.find(&at("every_months"), "expected at least one month between reviews");
                }
                TokenPricing::BestResponse(TokenBestResponding {
                    start_markup: self.positive(&at("start_markup"), start_markup),
                    cost_share: self.positive(&at("cost_share"), cost_share),
                    every_months: u16::try_from(*every_months).unwrap_or(u16::MAX).max(1),
                    damping: self.positive(&at("damping"), damping).min(1.0),
                    menu_cost_usd: self.at_least(&at("menu_cost_usd"), menu_cost_usd, 0.0),
                })
            }
        }
    }

    fn funding(&mut self, path: &str, spec: &FundingSpec) -> Funding {
        let at = |field: &str| format!("{path}.{field}");
        Funding {
            runway_months: self.at_least(&at("runway_months"), &spec.runway_months, 0.0),
            round_months: self.at_least(&at("round_months"), &spec.round_months, 0.0),
            multiple: self.at_least(&at("multiple"), &spec.multiple, 0.0),
            multiple_per_growth: self.at_least(&at("multiple_per_growth"), &spec.multiple_per_growth, 0.0),
            dependence_discount: self.share(&at("dependence_discount"), &spec.dependence_discount),
            largest_round: self.share(&at("largest_round"), &spec.largest_round),
        }
    }

    pub(super) fn models(&mut self, tokens: &TokenParams) -> Vec<ScriptedModel> {
        let spec = self.spec;
        let mut models: Vec<ScriptedModel> = spec
            .models
            .iter()
            .map(|(id, model)| {
                let at = |field: &str| format!("models.{id}.{field}");
                let (lab, line) = self.lab_line((&at("lab"), &at("line")), &model.lab, &model.line);
                ScriptedModel {
                    id: id.clone(),
                    lab,
                    line,
                    released: self.time(model.released.value.0),
                    released_years: self.years(model.released.value.0),
                    quality: self.number(&at("quality"), &model.quality),
                    compute_per_token: self.positive(&at("compute_per_token"), &model.compute_per_token),
                    list_usd_per_mtok: self.series_at_least(&at("list_usd_per_mtok"), &model.list_usd_per_mtok, 1e-4),
                    kind_prices: self.kind_prices(id, model, &tokens.prices),
                    open_weights: model.open_weights,
                }
            })
            .collect();
        models.sort_by(|a, b| a.released_years.total_cmp(&b.released_years).then_with(|| a.id.cmp(&b.id)));
        models
    }

    /// A lab and the position of one of its lines, which stand at these paths.
    fn lab_line(&mut self, (lab_path, line_path): (&str, &str), lab: &str, line: &str) -> (LabId, u16) {
        let root = self.spec;
        let l = self.id(lab_path, lab, "lab", &root.labs);
        // Of an unknown lab nothing can be said about lines.
        let Some(spec) = root.labs.get(lab) else { return (LabId::new(l), 0) };
        if let Some(position) = spec.lines.keys().position(|known| known == line) {
            return (LabId::new(l), position as u16);
        }
        let near = nearest(line, spec.lines.keys().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
        self.find(line_path, format!("lab `{lab}` has no line `{line}`")).help = near;
        (LabId::new(l), 0)
    }

    pub(super) fn channels(&mut self) -> Vec<Channel> {
        let spec = self.spec;
        let channels = spec.channels.iter();
        channels
            .map(|(id, channel)| {
                let at = |field: &str| format!("channels.{id}.{field}");
                let kind = match &channel.kind {
                    ChannelKindSpec::Api(lab) => {
                        ChannelKind::Api(LabId::new(self.id(&at("kind.0"), lab, "lab", &spec.labs)))
                    }
                    ChannelKindSpec::Platform(cloud) => {
                        ChannelKind::Platform(CloudId::new(self.id(&at("kind.0"), cloud, "cloud", &spec.clouds)))
                    }
                    ChannelKindSpec::SelfHosted(cloud) => {
                        ChannelKind::SelfHosted(CloudId::new(self.id(&at("kind.0"), cloud, "cloud", &spec.clouds)))
                    }
                };
                Channel {
                    id: id.clone(),
                    kind,
                    opens: self.time(channel.opens.value.0),
                    residency: self.channel_residency(&at("residency"), channel),
                    governance: self.series(&at("governance"), &channel.governance),
                    support: self.series(&at("support"), &channel.support),
                    certification: self.certification(&at("certification"), channel.certification),
                    price_over_list: self.series_at_least(
                        &at("price_over_list"),
                        &channel.price_over_list,
                        LEAST_FACTOR,
                    ),
                    busy_share: channel
                        .busy_share
                        .as_ref()
                        .map(|share| self.series_within(&at("busy_share"), share, 0.01, 1.0)),
                    outages: channel.outages.as_ref().map(|spec| self.channel_outages(&at("outages"), spec)),
                    latency_excess_s: self.at_least(&at("latency_excess_s"), &channel.latency_excess_s, 0.0),
                }
            })
            .collect()
    }

    fn channel_outages(&mut self, path: &str, spec: &ChannelOutagesSpec) -> ChannelOutages {
        let dated = spec.dated.iter().map(|(id, outage)| {
            let hours = self.positive(&format!("{path}.dated.{id}.hours"), &outage.hours);
            (self.time(outage.on.value.0), hours)
        });
        let dated = dated.collect();
        ChannelOutages {
            // At a thousand a year a channel is hardly ever up.
            per_year: self.within(&format!("{path}.per_year"), &spec.per_year, 0.0, 1_000.0),
            hours: self.durations(&format!("{path}.hours"), &spec.hours),
            dated,
        }
    }

    fn channel_residency(&mut self, path: &str, spec: &ChannelSpec) -> Residency {
        let Some(days) = &spec.residency else { return Residency::Everywhere };
        let days = days.iter().map(|(id, day)| {
            let jurisdiction = self.jurisdiction(&format!("{path}.{id}"), id);
            (jurisdiction, self.time(day.value.0))
        });
        Residency::Since(days.collect())
    }

    /// A jurisdiction by its id.
    pub(super) fn jurisdiction(&mut self, path: &str, id: &str) -> JurisdictionId {
        let root = self.spec;
        if root.jurisdictions.is_empty() {
            self.find(path, format!("there is no jurisdiction `{id}`")).help =
                Some("name it at the root: `jurisdictions: { .. }`".into());
        }
        // Past the limit, which is told once, there is no bit for it.
        let position = self.id(path, id, "jurisdiction", &root.jurisdictions).min(MOST_JURISDICTIONS - 1);
        JurisdictionId::new(position)
    }

    pub(super) fn products(&mut self) -> (Vec<Product>, Vec<ProductParams>) {
        let spec = self.spec;
        spec.products.iter().map(|(id, product)| self.product(id, product)).unzip()
    }

    fn product(&mut self, id: &str, spec: &ProductSpec) -> (Product, ProductParams) {
        let root = self.spec;
        let at = |field: &str| format!("products.{id}.{field}");
        let party = self.party(&at("party"), &spec.party);
        let lab = root.labs.values().position(|lab| lab.party == spec.party);
        let owned = root.labs.values().all(|lab| root.parties.contains_key(&lab.party));
        if lab.is_none() && owned && !root.labs.is_empty() {
            self.find(&at("party"), format!("no lab belongs to `{}`, so its revenue would count for none", spec.party));
        }
        let served_by = match &spec.served_by {
            ServedBySpec::Lab(id) => ServedBy::Lab(LabId::new(self.id(&at("served_by.0"), id, "lab", &root.labs))),
            ServedBySpec::Cloud(id) => {
                ServedBy::Cloud(CloudId::new(self.id(&at("served_by.0"), id, "cloud", &root.clouds)))
            }
        };
        if spec.models.is_empty() {
            self.find(&at("models"), "a product needs a line to route to");
        }
        let candidates = self.product_lines(id, spec);
        let ceiling_m = self.positive(&at("ceiling_m"), &spec.ceiling_m);
        let rate_per_month = self.positive(&at("rate_per_month"), &spec.rate_per_month);
        let users = self.positive(&at("users_at_start_m"), &spec.users_at_start_m);
        if spec.users_at_start_m.bounds().0 >= spec.ceiling_m.bounds().1 {
            let message = format!("{} is not below the ceiling of {}", shown(users), shown(ceiling_m));
            self.find(&at("users_at_start_m"), message);
        }
        let users = users.min(0.99 * ceiling_m);
        // The logistic curve that has these users on the day of launch, or when the run starts.
        let from = self.years(spec.launched.0).max(0.0);
        let midpoint_years = logistic_midpoint(ceiling_m, 12.0 * rate_per_month, from, users);
        let class_mix = self.class_numbers(&at("class_mix"), &spec.class_mix, 0.0, 0.0);
        if (class_mix.iter().sum::<f64>() - 1.0).abs() > MIX_TOLERANCE {
            let total = class_mix.iter().sum::<f64>();
            self.find(&at("class_mix"), format!("the shares of the classes sum to {total:.4}, not 1"));
        }
        let rules = ProductParams {
            id: id.to_owned(),
            lab: LabId::new(lab.unwrap_or(0)),
            users: UserGrowth { ceiling_m, rate_per_month, midpoint_years },
            messages_per_user_day: self.series_at_least(&at("messages_per_user_day"), &spec.messages_per_user_day, 0.0),
            tokens_per_message: self.series_at_least(&at("tokens_per_message"), &spec.tokens_per_message, 0.0),
            paid_share: self.series_of_shares(&at("paid_share"), &spec.paid_share),
            price_usd_per_month: self.series_at_least(&at("price_usd_per_month"), &spec.price_usd_per_month, 0.0),
            ads_usd_per_user_month: self.series_at_least(
                &at("ads_usd_per_user_month"),
                &spec.ads_usd_per_user_month,
                0.0,
            ),
            class_mix,
        };
        let lab = LabId::new(lab.unwrap_or(0));
        let cost_weight = spec.cost_weight.as_ref().map(|weight| self.series_at_least(&at("cost_weight"), weight, 0.0));
        (Product { party, lab, served_by, launched: self.time(spec.launched.0), candidates, cost_weight }, rules)
    }

    /// The lines that a product may route to, and from when on.
    fn product_lines(&mut self, id: &str, spec: &ProductSpec) -> Vec<ProductLine> {
        let at = |field: &str| format!("products.{id}.{field}");
        let mut lines = Vec::with_capacity(spec.models.len());
        for (i, name) in spec.models.iter().enumerate() {
            let path = at(&format!("models.{i}"));
            let Some((lab, line)) = name.split_once('.') else {
                self.find(&path, format!("expected `lab.line`, found `{name}`"));
                continue;
            };
            let (lab, line) = self.lab_line((&path, &path), lab, line);
            lines.push(ProductLine { lab, line, from: Time(0) });
        }
        for (lab, dates) in &spec.models_from {
            for (line, from) in dates {
                let path = at(&format!("models_from.{lab}.{line}"));
                if spec.models.contains(&format!("{lab}.{line}")) {
                    self.find(&path, format!("`{lab}.{line}` is among the `models` from the start"));
                }
                let (lab, line) = self.lab_line((&path, &path), lab, line);
                lines.push(ProductLine { lab, line, from: self.time(from.0) });
            }
        }
        lines
    }

    /// A number for each class; classes that the map leaves out have `absent`.
    pub(super) fn class_numbers(
        &mut self,
        path: &str,
        map: &BTreeMap<String, Scalar>,
        low: f64,
        absent: f64,
    ) -> [f64; Class::COUNT] {
        let mut values = [absent; Class::COUNT];
        for (name, scalar) in map {
            let path = format!("{path}.{name}");
            if let Some(class) = self.class(&path, name) {
                self.check_bounds(&path, scalar, low, f64::INFINITY);
                values[class.index()] = self.number(&path, scalar);
            }
        }
        values
    }

    pub(super) fn class(&mut self, path: &str, name: &str) -> Option<Class> {
        let position = Class::NAMES.iter().position(|known| *known == name);
        if position.is_none_or(|p| p == Class::Training.index()) {
            let known = Class::NAMES[1..].join(", ");
            self.find(path, format!("`{name}` is no class of tokens")).help = Some(format!("classes: {known}"));
            return None;
        }
        position.map(|p| Class::ALL[p])
    }

    pub(super) fn certification(&mut self, path: &str, level: u8) -> u8 {
        const HIGHEST: u8 = 3;
        if level > HIGHEST {
            let help = "0 none, 1 commercial, 2 regulated, 3 public sector";
            self.find(path, format!("{level} is not within 0 to {HIGHEST}")).help = Some(help.into());
        }
        level.min(HIGHEST)
    }

    pub(super) fn rental(&mut self) -> (RentalParams, Vec<Schedule>) {
        let root = self.spec;
        let spec = &root.rental;
        let params = RentalParams {
            h100e: self.series_at_least("rental.h100e", &spec.h100e, 0.0),
            reference_price_usd_per_hour: self
                .positive("rental.reference_usd_per_h100e_hour", &spec.reference_usd_per_h100e_hour),
            elasticity: self.within("rental.elasticity", &spec.elasticity, -10.0, 0.0),
            price_sensitivity: self.at_least("rental.price_sensitivity", &spec.price_sensitivity, 0.0),
            adjustment_per_month: self.share("rental.adjustment_per_month", &spec.adjustment_per_month),
            terms: spec.terms.as_ref().map(|terms| self.rental_terms(terms)),
        };
        let mut shares: Vec<Schedule> = root.clouds.iter().map(|_| Self::nothing()).collect();
        let mut rents = false;
        for (cloud, share) in &spec.share_at_equal_prices {
            let path = format!("rental.share_at_equal_prices.{cloud}");
            self.check_bounds(&path, share, 0.0, 1.0);
            rents |= root.clouds.get(cloud).is_some_and(|cloud| cloud.sells);
            let position = self.id(&path, cloud, "cloud", &root.clouds);
            shares[position] = self.series(&path, share);
        }
        if !rents {
            self.find("rental.share_at_equal_prices", "no cloud that sells has a share");
        }
        (params, shares)
    }

    pub(super) fn serving(&mut self) -> Serving {
        let spec = &self.spec.serving;
        let at = |field: &str| format!("serving.{field}");
        Serving {
            reference_mtok_per_hour: self.series_at_least(
                &at("reference_mtok_per_hour"),
                &spec.reference_mtok_per_hour,
                1e-6,
            ),
            platform_busy_share: self.series_within(&at("platform_busy_share"), &spec.platform_busy_share, 0.01, 1.0),
            protected_share: self.share(&at("protected_share"), &spec.protected_share),
            peak_ratio: self.within(&at("peak_ratio"), &spec.peak_ratio, 1.0, 2.0),
            service_seconds: self.at_least(&at("service_seconds"), &spec.service_seconds, 0.0),
            service_scv: spec
                .service_scv
                .as_ref()
                .map_or(1.0, |scv| self.within(&at("service_scv"), scv, 0.0, MOST_SCV)),
            replicas: self.within(&at("replicas"), &spec.replicas, 1.0, 10_000.0).round() as u32,
            throttling_threshold: self.share(&at("throttling_threshold"), &spec.throttling_threshold),
            product_quality_pull: self.at_least(&at("product_quality_pull"), &spec.product_quality_pull, 0.0),
            routing_cost_weight: self.at_least(&at("routing_cost_weight"), &spec.routing_cost_weight, 0.0),
            sla_credit_per_percent: self.share(&at("sla_credit_per_percent"), &spec.sla_credit_per_percent),
            sold_out_above: spec.sold_out_above.as_ref().map(|share| self.share(&at("sold_out_above"), share)),
            failover_share: spec.failover_share.as_ref().map_or(0.0, |share| self.share(&at("failover_share"), share)),
            porting: spec.porting.as_ref().map_or(Porting::PLAIN, |porting| self.porting(&at("porting"), porting)),
        }
    }

    fn porting(&mut self, path: &str, spec: &PortingSpec) -> Porting {
        let at = |field: &str| format!("{path}.{field}");
        Porting {
            learning: self.within(&at("learning"), &spec.learning, 0.0, 10.0),
            first_pace: self.within(&at("first_pace"), &spec.first_pace, 0.01, 1.0),
            half_life_days: self.positive(&at("half_life_days"), &spec.half_life_days),
        }
    }

    pub(super) fn training(&mut self) -> Training {
        let spec = &self.spec.training;
        let at = |field: &str| format!("training.{field}");
        Training {
            mfu: self.series_at_least(&at("mfu"), &spec.mfu, 0.001),
            peak_tflops: self.positive(&at("peak_tflops"), &spec.peak_tflops),
            reference_flop: self.positive(&at("reference_flop"), &spec.reference_flop),
            reference_years: self.years(spec.reference_date.0),
            reference_quality: self.number(&at("reference_quality"), &spec.reference_quality),
            quality_per_decade: self.at_least(&at("quality_per_decade"), &spec.quality_per_decade, 0.0),
            saturation_decades: self.positive(&at("saturation_decades"), &spec.saturation_decades),
            progress_per_year: self.number(&at("progress_per_year"), &spec.progress_per_year),
            noise_sd: self.at_least(&at("noise_sd"), &spec.noise_sd, 0.0),
            checkpoint_hours: self.at_least(&at("checkpoint_hours"), &spec.checkpoint_hours, 0.0),
            restart_hours: self.series_at_least(&at("restart_hours"), &spec.restart_hours, 0.0),
        }
    }
}
