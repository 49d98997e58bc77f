//! May this model be sold on this channel today, and if not, which clause or fact bars it?
//!
//! The one place that answers. A lab's own API needs no contract. A platform needs a distribution clause, a licence to
//! its operator, open weights, or a lab of its operator's own party.
//!
//! *In which order are the bars named?* From what would have to give way first: a clause that forbids the sale is the
//! reason why there is no contract for it and no port, so it is named before them.
//!
//! *What if several clauses answer?* Of bars the one that lifts last, of rights the oldest, of the terms of a sale the
//! youngest; between equals the name decides, never the order of the book.
//!
//! *Why does nothing bar open weights once they run?* Anyone may download them; a clause with the lab binds the lab.

use super::contracts::{ContractBook, OPEN_END, TermRef};
use super::terms::{Distribution, Exclusivity, FirstShip, Principal};
use crate::ids::{ChannelId, CloudId, JurisdictionId, LabId, PartyId};
use crate::market::residency::Jurisdictions;
use crate::units::Time;
use std::cmp::Ordering;

/// What kind of place a channel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The own API of a lab.
    LabApi(LabId),
    /// A cloud's platform.
    Platform {
        /// The cloud.
        cloud: CloudId,
        /// The party that operates it.
        operator: PartyId,
    },
}

/// The question: a model of a lab, on a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Whose model.
    pub lab: LabId,
    /// Its line, by position among the lab's.
    pub line: u16,
    /// The party that the lab belongs to.
    pub lab_party: PartyId,
    /// When the model is released.
    pub released: Time,
    /// Whether its weights are open.
    pub open_weights: bool,
    /// The channel.
    pub channel: ChannelId,
    /// What kind of place that is.
    pub place: Place,
    /// Since when the model runs on a stack there; `None` if not yet known.
    pub ported_at: Option<Time>,
    /// When the model opened on the channel that [`first_ship_holder`] names; `None` if it has not.
    pub holder_opened: Option<Time>,
    /// Whether that channel can offer the model at all, now or later; ignored without a first-ship clause.
    pub holder_can: bool,
}

/// Why a model may not be sold, or compute not be bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bar {
    /// The model is not released.
    NotReleased,
    /// An exclusivity of the lab with another cloud.
    Exclusivity(TermRef),
    /// An exclusive licence of another operator.
    LicenceExclusive(TermRef),
    /// No contract lets the channel offer the model.
    NotDistributed,
    /// The model does not run there yet.
    NotPorted,
    /// Another channel comes first.
    FirstShip {
        /// The clause.
        term: TermRef,
        /// When the bar lifts; `None` while the first channel has not opened.
        until: Option<Time>,
    },
}

impl Bar {
    /// Number of bars.
    pub const COUNT: usize = 6;
    /// `snake_case` names, by [`Bar::index`].
    pub const NAMES: [&'static str; Self::COUNT] =
        ["not_released", "exclusivity", "licence_exclusive", "not_distributed", "not_ported", "first_ship"];

    /// Position among [`Bar::NAMES`], for counters.
    pub fn index(self) -> usize {
        match self {
            Self::NotReleased => 0,
            Self::Exclusivity(_) => 1,
            Self::LicenceExclusive(_) => 2,
            Self::NotDistributed => 3,
            Self::NotPorted => 4,
            Self::FirstShip { .. } => 5,
        }
    }

    /// `snake_case` name for tables.
    pub fn name(self) -> &'static str {
        Self::NAMES[self.index()]
    }
}

/// Whether a model may be sold on a channel now.
///
/// # Errors
/// The first clause or fact that bars it, in the order of the module's docs.
pub fn may_sell(book: &ContractBook, now: Time, listing: &Listing) -> Result<(), Bar> {
    if now < listing.released {
        return Err(Bar::NotReleased);
    }
    match listing.place {
        Place::LabApi(lab) if lab == listing.lab => ported(now, listing),
        Place::LabApi(_) => Err(Bar::NotDistributed),
        Place::Platform { .. } if listing.open_weights => ported(now, listing),
        Place::Platform { cloud, operator } => {
            not_forbidden(book, now, listing, cloud, operator)?;
            permitted(book, now, listing, operator)?;
            ported(now, listing)?;
            not_too_early(book, now, listing)
        }
    }
}

fn ported(now: Time, listing: &Listing) -> Result<(), Bar> {
    listing.ported_at.filter(|at| *at <= now).map(|_| ()).ok_or(Bar::NotPorted)
}

fn not_forbidden(
    book: &ContractBook,
    now: Time,
    listing: &Listing,
    cloud: CloudId,
    operator: PartyId,
) -> Result<(), Bar> {
    let exclusivities = book.exclusivities(now);
    let barring =
        exclusivities.filter(|(_, clause)| clause.bars_platform((listing.lab, listing.line), cloud, listing.channel));
    if let Some(at) = last_to_lift(book, barring.map(|(at, _)| at)) {
        return Err(Bar::Exclusivity(at));
    }
    if book.licences_are_open(now) {
        return Ok(());
    }
    let barring = book.licences(now).filter(|(_, licence)| licence.bars(listing.lab, operator));
    last_to_lift(book, barring.map(|(at, _)| at)).map_or(Ok(()), |at| Err(Bar::LicenceExclusive(at)))
}

fn permitted(book: &ContractBook, now: Time, listing: &Listing, operator: PartyId) -> Result<(), Bar> {
    let own = listing.lab_party == operator;
    let listed = || book.distributions(now).any(|(_, d)| d.lab == listing.lab && d.channel == listing.channel);
    let licensed = || book.licences(now).any(|(_, licence)| licence.permits(listing.lab, operator));
    if own || listed() || licensed() { Ok(()) } else { Err(Bar::NotDistributed) }
}

fn not_too_early(book: &ContractBook, now: Time, listing: &Listing) -> Result<(), Bar> {
    let lifts = |clause: &FirstShip| {
        let lead_days = if book.leads_are_void(now) { 0.0 } else { clause.lead_days };
        let clause = FirstShip { lead_days, ..clause.clone() };
        clause.earliest_elsewhere(listing.released, listing.holder_opened, listing.holder_can).unwrap_or(OPEN_END)
    };
    let ours = book.first_ships(now).filter(|(_, c)| c.lab == listing.lab && c.holder != listing.channel);
    let barring = ours.map(|(term, clause)| (lifts(clause), term)).filter(|(until, _)| now < *until);
    let last = barring.max_by(|a, b| a.0.cmp(&b.0).then_with(|| by_end(book, a.1, b.1)));
    last.map_or(Ok(()), |(until, term)| {
        Err(Bar::FirstShip { term, until: Some(until).filter(|until| *until != OPEN_END) })
    })
}

/// Jurisdictions in which clauses limited to them keep a model from being sold on a channel that may else sell it, each
/// with its clause: of several the one that lifts last.
///
/// Whoever must keep its data there cannot choose it; others can. Like every bar it does not reach a lab's own API, nor
/// open weights.
pub fn closed_in(
    book: &ContractBook,
    now: Time,
    (lab, line, open_weights): (LabId, u16, bool),
    (channel, cloud): (ChannelId, Option<CloudId>),
) -> Vec<(JurisdictionId, TermRef)> {
    let Some(cloud) = cloud.filter(|_| !open_weights) else { return Vec::new() };
    let barred = |clause: &Exclusivity| clause.bars_platform_in((lab, line), cloud, channel);
    let barring: Vec<(TermRef, Jurisdictions)> = book.exclusivities(now).map(|(at, x)| (at, barred(x))).collect();
    let everywhere = barring.iter().fold(Jurisdictions::NONE, |all, (_, places)| all.and(*places));
    let clause = |place: JurisdictionId| {
        let there = barring.iter().filter(|(_, places)| places.hold(Jurisdictions::one(place)));
        last_to_lift(book, there.map(|(at, _)| *at)).map(|at| (place, at))
    };
    everywhere.iter().filter_map(clause).collect()
}

/// Whether a lab may buy chip-hours from a cloud now.
///
/// # Errors
/// The exclusivity that bars it.
pub fn may_buy_compute(book: &ContractBook, now: Time, lab: LabId, cloud: CloudId) -> Result<(), Bar> {
    let barring = book.exclusivities(now).filter(|(_, exclusivity)| exclusivity.bars_compute(lab, cloud));
    last_to_lift(book, barring.map(|(at, _)| at)).map_or(Ok(()), |at| Err(Bar::Exclusivity(at)))
}

/// A party that builds a product on models of others.
#[derive(Clone, Copy, Debug)]
pub struct Builder<'a> {
    /// The party.
    pub party: PartyId,
    /// The clouds that it owns.
    pub clouds: &'a [CloudId],
    /// The platforms of those clouds.
    pub channels: &'a [ChannelId],
}

/// On what ground a party builds on a lab's models, and so what it owes for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// The lab is its own, or the weights are open: nothing.
    Free,
    /// A licence: nothing for a token; what it costs is in other clauses.
    Licence,
    /// The lab is listed on a channel of its own: what the lab gets of that price.
    Distribution,
}

/// Whether a party may build a product on a line of a lab's models now: its own, open weights, under a licence, or as a
/// platform that distributes the lab's models. Who has a licence pays no fee even if it distributes them too.
///
/// # Errors
/// The exclusivity that bars it, or [`Bar::NotDistributed`] without any of these.
pub fn may_build_on(
    book: &ContractBook,
    now: Time,
    builder: Builder,
    (lab, line): (LabId, u16),
    (lab_party, open_weights): (PartyId, bool),
) -> Result<Ground, Bar> {
    if lab_party == builder.party || open_weights {
        return Ok(Ground::Free);
    }
    if let Some((at, _)) = book.exclusivities(now).find(|(_, x)| x.bars_product((lab, line), builder.clouds)) {
        return Err(Bar::Exclusivity(at));
    }
    let listed = |d: &Distribution| d.lab == lab && builder.channels.contains(&d.channel);
    if book.licences(now).any(|(_, licence)| licence.permits(lab, builder.party)) {
        Ok(Ground::Licence)
    } else if book.distributions(now).any(|(_, clause)| listed(clause)) {
        Ok(Ground::Distribution)
    } else {
        Err(Bar::NotDistributed)
    }
}

/// Who must be asked first for new capacity of a lab: the holder of its oldest right.
pub fn refusal_holder(book: &ContractBook, now: Time, lab: LabId) -> Option<CloudId> {
    let rights = book.refusals(now).filter(|(_, refusal)| refusal.lab == lab);
    rights.min_by(|a, b| by_age(book, a.0, b.0)).map(|(_, refusal)| refusal.holder)
}

/// The clause by which new models of a lab must open on one channel first: its oldest such clause.
pub fn first_ship(book: &ContractBook, now: Time, lab: LabId) -> Option<&FirstShip> {
    let clauses = book.first_ships(now).filter(|(_, clause)| clause.lab == lab);
    clauses.min_by(|a, b| by_age(book, a.0, b.0)).map(|(_, clause)| clause)
}

/// The channel on which new models of a lab must open first.
pub fn first_ship_holder(book: &ContractBook, now: Time, lab: LabId) -> Option<ChannelId> {
    first_ship(book, now, lab).map(|clause| clause.holder)
}

/// The clause under which a channel sells a lab's models: the youngest, which was agreed knowing the others.
pub fn distribution(
    book: &ContractBook,
    now: Time,
    lab: LabId,
    channel: ChannelId,
) -> Option<(TermRef, &Distribution)> {
    let clauses = book.distributions(now).filter(|(_, clause)| clause.lab == lab && clause.channel == channel);
    clauses.max_by(|a, b| by_age(book, a.0, b.0))
}

/// Share of the end customer's spend that the lab gets under a clause by which a channel of `operator` sells its models \[1\]:
/// what the clause says, and nothing where the operator sells on its own account and has a licence to host them.
///
/// A licence is the right to serve the models for no more than the compute that it takes; what it costs is in the deal's
/// other clauses. So a listing's own terms are what its operator falls back on when the licence ends.
pub fn remit_share(book: &ContractBook, now: Time, deal: &Distribution, operator: PartyId) -> f64 {
    let licensed = || book.licences(now).any(|(_, licence)| licence.permits(deal.lab, operator));
    if deal.principal == Principal::Platform && licensed() { 0.0 } else { deal.remit_share }
}

/// Of several clauses that bar the same, the one that bars it longest: ending any other would change nothing.
fn last_to_lift(book: &ContractBook, terms: impl Iterator<Item = TermRef>) -> Option<TermRef> {
    terms.max_by(|a, b| by_end(book, *a, *b))
}

/// By end, then the other way round by name.
fn by_end(book: &ContractBook, a: TermRef, b: TermRef) -> Ordering {
    book.until(a).cmp(&book.until(b)).then_with(|| book.term_name(b).cmp(&book.term_name(a)))
}

/// By first day, then by name.
fn by_age(book: &ContractBook, a: TermRef, b: TermRef) -> Ordering {
    book.term(a).from.cmp(&book.term(b).from).then_with(|| book.term_name(a).cmp(&book.term_name(b)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ContractId;
    use crate::market::contracts::{Contract, DatedTerm};
    use crate::market::terms::{Licence, Refusal, Scope, Term};

    const LAB: LabId = LabId(0);
    const LAB_PARTY: PartyId = PartyId(0);
    const HOLDER: CloudId = CloudId(1);
    const OTHER: CloudId = CloudId(2);
    const OTHER_OPERATOR: PartyId = PartyId(2);
    const HOLDER_CHANNEL: ChannelId = ChannelId(1);
    const CHANNEL: ChannelId = ChannelId(2);
    const NOW: Time = Time(1_000);

    fn book(terms: Vec<Term>) -> ContractBook {
        let dated =
            |term| DatedTerm { id: "t".into(), from: Time(0), until: OPEN_END, signed: Time(0), term, source: None };
        let terms = terms.into_iter().map(dated).collect();
        ContractBook::new(vec![Contract { id: ContractId(0), name: "deal".into(), terms, pending: vec![] }])
    }

    fn term(term: u16) -> TermRef {
        TermRef { contract: ContractId(0), term }
    }

    fn distribution() -> Term {
        Term::Distribution(Distribution {
            lab: LAB,
            channel: CHANNEL,
            principal: Principal::Platform,
            remit_share: 0.8,
            capacity: Principal::Platform,
            price: Principal::Platform,
        })
    }

    fn exclusivity(scope: Scope) -> Term {
        let (except_channels, except_clouds) = (vec![], vec![]);
        Term::Exclusivity(Exclusivity {
            grantor: LAB,
            holder: HOLDER,
            scope,
            except_channels,
            except_clouds,
            lines: vec![],
            jurisdictions: Jurisdictions::NONE,
        })
    }

    fn licence(licensee: PartyId, exclusive: bool) -> Term {
        Term::Licence(Licence { licensor: LAB, licensee, exclusive })
    }

    fn first_ship() -> Term {
        Term::FirstShip(FirstShip { lab: LAB, holder: HOLDER_CHANNEL, lead_days: 1.0, waived_above: None })
    }

    /// A closed model, released and ported, on the platform of another operator.
    fn listing() -> Listing {
        Listing {
            line: 0,
            lab: LAB,
            lab_party: LAB_PARTY,
            released: Time(0),
            open_weights: false,
            channel: CHANNEL,
            place: Place::Platform { cloud: OTHER, operator: OTHER_OPERATOR },
            ported_at: Some(Time(0)),
            holder_opened: None,
            holder_can: true,
        }
    }

    fn ask(terms: Vec<Term>, listing: Listing) -> Result<(), Bar> {
        may_sell(&book(terms), NOW, &listing)
    }

    #[test]
    fn a_platform_needs_a_contract() {
        assert_eq!(ask(vec![], listing()), Err(Bar::NotDistributed));
        assert_eq!(ask(vec![distribution()], listing()), Ok(()));
        assert_eq!(ask(vec![licence(OTHER_OPERATOR, false)], listing()), Ok(()));
        assert_eq!(ask(vec![licence(PartyId(9), false)], listing()), Err(Bar::NotDistributed));
    }

    #[test]
    fn a_lab_of_the_operators_own_party_needs_none() {
        assert_eq!(ask(vec![], Listing { lab_party: OTHER_OPERATOR, ..listing() }), Ok(()));
    }

    #[test]
    fn a_labs_own_api_needs_none_and_is_never_barred() {
        let own = Listing { place: Place::LabApi(LAB), ..listing() };
        assert_eq!(ask(vec![exclusivity(Scope::Distribution), first_ship(), licence(PartyId(9), true)], own), Ok(()));
        assert_eq!(
            ask(vec![distribution()], Listing { place: Place::LabApi(LabId(5)), ..own }),
            Err(Bar::NotDistributed)
        );
    }

    #[test]
    fn a_model_is_released_and_runs_there_before_it_is_sold() {
        let terms = || vec![distribution()];
        assert_eq!(ask(terms(), Listing { released: Time(1_001), ..listing() }), Err(Bar::NotReleased));
        assert_eq!(ask(terms(), Listing { ported_at: None, ..listing() }), Err(Bar::NotPorted));
        assert_eq!(ask(terms(), Listing { ported_at: Some(Time(1_001)), ..listing() }), Err(Bar::NotPorted));
    }

    #[test]
    fn exclusivity_bars_even_what_is_distributed_and_is_named_before_the_lack_of_a_contract() {
        let clause = exclusivity(Scope::Distribution);
        assert_eq!(ask(vec![distribution(), clause.clone()], listing()), Err(Bar::Exclusivity(term(1))));
        assert_eq!(ask(vec![clause], Listing { ported_at: None, ..listing() }), Err(Bar::Exclusivity(term(0))));
        assert_eq!(ask(vec![distribution(), exclusivity(Scope::Compute)], listing()), Ok(()));
    }

    #[test]
    fn an_exclusivity_of_one_jurisdiction_closes_that_alone() {
        let limited = |bits| {
            let Term::Exclusivity(clause) = exclusivity(Scope::Distribution) else { unreachable!() };
            Term::Exclusivity(Exclusivity { jurisdictions: Jurisdictions(bits), ..clause })
        };
        let terms = || vec![distribution(), limited(0b011), limited(0b010)];
        assert_eq!(ask(terms(), listing()), Ok(()));
        let closed = |terms, open_weights, place| closed_in(&book(terms), NOW, (LAB, 0, open_weights), place);
        let platform = (CHANNEL, Some(OTHER));
        // In the second both bar, end together and have one name: either may be told.
        let found = closed(terms(), false, platform);
        assert_eq!(found, [(JurisdictionId(0), term(1)), (JurisdictionId(1), term(2))]);
        assert_eq!(closed(terms(), true, platform), []);
        assert_eq!(closed(terms(), false, (HOLDER_CHANNEL, Some(HOLDER))), []);
        assert_eq!(closed(terms(), false, (CHANNEL, None)), []);
        assert_eq!(closed(vec![exclusivity(Scope::Distribution)], false, platform), []);
    }

    #[test]
    fn an_exclusive_licence_bars_other_operators() {
        let terms = vec![distribution(), licence(PartyId(9), true)];
        assert_eq!(ask(terms, listing()), Err(Bar::LicenceExclusive(term(1))));
        assert_eq!(ask(vec![licence(OTHER_OPERATOR, true)], listing()), Ok(()));
    }

    #[test]
    fn open_weights_are_barred_by_no_clause() {
        let terms = || vec![exclusivity(Scope::Distribution), licence(PartyId(9), true), first_ship()];
        let open = Listing { open_weights: true, ..listing() };
        assert_eq!(ask(terms(), open), Ok(()));
        assert_eq!(ask(terms(), Listing { ported_at: None, ..open }), Err(Bar::NotPorted));
    }

    #[test]
    fn the_first_channel_opens_first() {
        let ask = |opened, can| {
            let asked = Listing { holder_opened: opened, holder_can: can, ..listing() };
            may_sell(&book(vec![distribution(), first_ship()]), Time(86_500), &asked)
        };
        let bar = |until| Err(Bar::FirstShip { term: term(1), until });
        assert_eq!(ask(None, true), bar(None));
        assert_eq!(ask(Some(Time(200)), true), bar(Some(Time(86_600))));
        assert_eq!(ask(Some(Time(100)), true), Ok(()));
        assert_eq!(ask(None, false), Ok(()));
    }

    #[test]
    fn the_first_channel_does_not_wait_for_itself() {
        let on_holder = Listing { channel: HOLDER_CHANNEL, lab_party: OTHER_OPERATOR, ..listing() };
        assert_eq!(ask(vec![first_ship()], on_holder), Ok(()));
    }

    #[test]
    fn compute_is_bought_from_the_holder_only() {
        let book = book(vec![exclusivity(Scope::Compute)]);
        assert_eq!(may_buy_compute(&book, NOW, LAB, HOLDER), Ok(()));
        assert_eq!(may_buy_compute(&book, NOW, LAB, OTHER), Err(Bar::Exclusivity(term(0))));
        assert_eq!(may_buy_compute(&book, NOW, LabId(1), OTHER), Ok(()));
    }

    #[test]
    fn a_regulator_may_void_leads_and_open_licences() {
        let mut book = book(vec![distribution(), first_ship(), licence(PartyId(9), true)]);
        // Opened at the holder at 0; the lead of a day bars to 86,400.
        let asked = Listing { holder_opened: Some(Time(0)), ..listing() };
        assert_eq!(may_sell(&book, NOW, &asked), Err(Bar::LicenceExclusive(term(2))));
        book.open_licences(NOW);
        assert_eq!(may_sell(&book, Time(999), &asked), Err(Bar::LicenceExclusive(term(2))));
        assert_eq!(may_sell(&book, NOW, &asked), Err(Bar::FirstShip { term: term(1), until: Some(Time(86_400)) }));
        book.void_leads(Time(2_000));
        assert_eq!(may_sell(&book, Time(2_000), &asked), Ok(()));
        assert!(may_sell(&book, Time(2_000), &listing()).is_err(), "the holder has yet to open it");
    }

    #[test]
    fn between_clauses_that_say_the_same_the_order_of_the_book_is_of_no_account() {
        let dated = |id: &str, from: u64, until: Time, term: Term| DatedTerm {
            id: id.into(),
            from: Time(from),
            until,
            signed: Time(from),
            term,
            source: None,
        };
        let share = |remit_share| {
            let side = Principal::Platform;
            let principal = Principal::Lab;
            Term::Distribution(Distribution {
                lab: LAB,
                channel: CHANNEL,
                principal,
                remit_share,
                capacity: side,
                price: side,
            })
        };
        let refusal = |holder| Term::Refusal(Refusal { lab: LAB, holder });
        let mut terms = vec![
            dated("short", 0, Time(2_000), exclusivity(Scope::Compute)),
            dated("long", 5, Time(3_000), exclusivity(Scope::Compute)),
            dated("old", 0, OPEN_END, share(0.5)),
            dated("young", 9, OPEN_END, share(0.6)),
            dated("first", 0, OPEN_END, refusal(HOLDER)),
            dated("second", 9, OPEN_END, refusal(OTHER)),
        ];
        for _ in 0..2 {
            terms.reverse();
            let contract = Contract { id: ContractId(0), name: "deal".into(), terms: terms.clone(), pending: vec![] };
            let book = ContractBook::new(vec![contract]);
            let Err(Bar::Exclusivity(at)) = may_buy_compute(&book, NOW, LAB, OTHER) else { panic!("it may") };
            assert_eq!(book.term(at).id, "long");
            assert_eq!(super::distribution(&book, NOW, LAB, CHANNEL).map(|d| d.1.remit_share), Some(0.6));
            assert_eq!(refusal_holder(&book, NOW, LAB), Some(HOLDER));
        }
    }

    #[test]
    fn holders_of_rights_are_found_by_lab() {
        let refusal = Term::Refusal(Refusal { lab: LAB, holder: HOLDER });
        let book = book(vec![refusal, first_ship()]);
        assert_eq!(refusal_holder(&book, NOW, LAB), Some(HOLDER));
        assert_eq!(refusal_holder(&book, NOW, LabId(1)), None);
        assert_eq!(first_ship_holder(&book, NOW, LAB), Some(HOLDER_CHANNEL));
        assert_eq!(first_ship_holder(&book, NOW, LabId(1)), None);
    }

    #[test]
    fn a_product_is_built_on_own_open_or_licensed_models() {
        let (own, other) = (PartyId(7), PartyId(8));
        let licence = Term::Licence(Licence { licensor: LAB, licensee: own, exclusive: false });
        let book = book(vec![licence, exclusivity(Scope::Product)]);
        let build = |party: PartyId, clouds: &[CloudId], open: bool| {
            may_build_on(&book, NOW, Builder { party, clouds, channels: &[] }, (LAB, 0), (LAB_PARTY, open))
        };
        assert_eq!(build(LAB_PARTY, &[], false), Ok(Ground::Free));
        assert_eq!(build(other, &[], true), Ok(Ground::Free));
        assert_eq!(build(own, &[HOLDER], false), Ok(Ground::Licence));
        // The licensee without the holder's cloud meets the exclusivity; the holder's owner without a licence lacks one.
        assert_eq!(build(own, &[], false), Err(Bar::Exclusivity(term(1))));
        assert_eq!(build(other, &[HOLDER], false), Err(Bar::NotDistributed));
    }

    #[test]
    fn a_licensed_platform_owes_nothing_for_what_it_sells_on_its_own_account() {
        let listed = |principal| {
            let Term::Distribution(deal) = distribution() else { unreachable!() };
            Distribution { principal, ..deal }
        };
        let share = |terms: Vec<Term>, principal| remit_share(&book(terms), NOW, &listed(principal), OTHER_OPERATOR);
        assert_eq!(share(vec![], Principal::Platform), 0.8);
        assert_eq!(share(vec![licence(PartyId(9), false)], Principal::Platform), 0.8);
        assert_eq!(share(vec![licence(OTHER_OPERATOR, false)], Principal::Platform), 0.0);
        // Where the lab sells, the platform is its agent with or without one.
        assert_eq!(share(vec![licence(OTHER_OPERATOR, false)], Principal::Lab), 0.8);
    }

    #[test]
    fn a_platform_builds_on_what_it_distributes_unless_an_exclusivity_of_products_bars_it() {
        let build = |terms: Vec<Term>, channels: &[ChannelId]| {
            let builder = Builder { party: OTHER_OPERATOR, clouds: &[OTHER], channels };
            may_build_on(&book(terms), NOW, builder, (LAB, 0), (LAB_PARTY, false))
        };
        assert_eq!(build(vec![distribution()], &[CHANNEL]), Ok(Ground::Distribution));
        assert_eq!(build(vec![distribution()], &[HOLDER_CHANNEL]), Err(Bar::NotDistributed));
        assert_eq!(build(vec![distribution(), licence(OTHER_OPERATOR, false)], &[CHANNEL]), Ok(Ground::Licence));
        let barred = vec![distribution(), exclusivity(Scope::Product)];
        assert_eq!(build(barred, &[CHANNEL]), Err(Bar::Exclusivity(term(1))));
        // One of distribution keeps models off platforms, not out of products.
        assert_eq!(build(vec![distribution(), exclusivity(Scope::Distribution)], &[CHANNEL]), Ok(Ground::Distribution));
    }

    #[test]
    fn every_bar_has_a_name() {
        let bars = [
            Bar::NotReleased,
            Bar::Exclusivity(term(0)),
            Bar::LicenceExclusive(term(0)),
            Bar::NotDistributed,
            Bar::NotPorted,
            Bar::FirstShip { term: term(0), until: None },
        ];
        assert_eq!(bars.map(Bar::name), Bar::NAMES);
    }
}
