//! Draws books of contracts, and what happens under them: one function for each kind of term.

use cloudmarket::ids::{ChannelId, CloudId, ContractId, LabId, PartyId, StackId};
use cloudmarket::market::availability::{Listing, Place};
use cloudmarket::market::contracts::{Contract, DatedTerm, OPEN_END};
use cloudmarket::market::residency::Jurisdictions;
use cloudmarket::market::settlement::{Dealing, Owners};
use cloudmarket::market::terms::{
    Backstop, Base, Buyer, Commitment, Discount, Distribution, Exclusivity, FirstShip, Investment, Licence, Loan,
    Notice, Principal, Refusal, Reservation, RevenueShare, Scope, Term, Tier, Warrant,
};
use cloudmarket::units::{Curve, DayCount, Schedule, Time, Usd};

pub(crate) const DAY: u64 = 86_400;
/// Days of the run: 2023 to 2025.
pub(crate) const DAYS: u64 = 1_096;
pub(crate) const PARTIES: usize = 5;
pub(crate) const LABS: u64 = 3;
pub(crate) const CLOUDS: u64 = 3;
/// A platform for each cloud, and one more on the first.
const CHANNELS: u64 = 4;
const MOST_CONTRACTS: u64 = 12;
const MOST_EVENTS: u64 = 48;

/// Three labs and three clouds; the last of each belong to one party.
pub(crate) fn owners() -> Owners {
    Owners { of_lab: [0, 1, 2].map(PartyId).into(), of_cloud: [3, 4, 2].map(PartyId).into() }
}

/// What happens on a day.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Revenue(Base, Usd),
    Purchase(Dealing),
    Undeliverable(Dealing),
    /// Hours that a cloud could not sell.
    Unsold(CloudId, f64),
    /// A term is ended, by the name of its contract and its place there.
    Ended(String, u16),
    Asked(Listing),
}

#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) contracts: Vec<Contract>,
    /// By day, ascending.
    pub(crate) events: Vec<(u64, Event)>,
    /// The other order in which the contracts are put into a book.
    pub(crate) order: Vec<usize>,
}

impl Case {
    pub(crate) fn without_contract(&self, i: usize) -> Self {
        let mut case = self.clone();
        let name = case.contracts.remove(i).name;
        case.events.retain(|(_, event)| !matches!(event, Event::Ended(of, _) if *of == name));
        case.order.retain(|place| *place != i);
        case.order.iter_mut().filter(|place| **place > i).for_each(|place| *place -= 1);
        case
    }

    pub(crate) fn without_event(&self, i: usize) -> Self {
        let mut case = self.clone();
        case.events.remove(i);
        case
    }

    pub(crate) fn terms(&self) -> impl Iterator<Item = &DatedTerm> {
        self.contracts.iter().flat_map(|contract| &contract.terms)
    }
}

/// Uniform draws from a seed: SplitMix64.
struct Luck(u64);

impl Luck {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A whole number below `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// True once in so many times.
    fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as u64) as usize]
    }

    /// Up to so many dollars, with cents and sometimes less.
    fn usd(&mut self, most: u64) -> Usd {
        let quantum = self.of(&[1, 10_000, 1_000_000]);
        Usd(i128::from(self.below(most * 1_000_000 / quantum) * quantum))
    }

    fn lab(&mut self) -> LabId {
        LabId(self.below(LABS) as u16)
    }

    fn cloud(&mut self) -> CloudId {
        CloudId(self.below(CLOUDS) as u16)
    }

    fn channel(&mut self) -> ChannelId {
        ChannelId(self.below(CHANNELS) as u16)
    }

    fn party(&mut self) -> PartyId {
        PartyId(self.below(PARTIES as u64) as u16)
    }

    fn other_party(&mut self, party: PartyId) -> PartyId {
        PartyId((party.0 + 1 + self.below(PARTIES as u64 - 1) as u16) % PARTIES as u16)
    }

    fn stack(&mut self) -> StackId {
        StackId(self.below(2) as u16)
    }
}

/// The cloud of a platform.
pub(crate) fn cloud_of(channel: ChannelId) -> CloudId {
    CloudId(channel.0 % CLOUDS as u16)
}

/// The case of a seed.
pub(crate) fn case(seed: u64) -> Case {
    let luck = &mut Luck(seed);
    let many = 1 + luck.below(MOST_CONTRACTS) as usize;
    let contracts: Vec<Contract> = (0..many).map(|i| contract(luck, i)).collect();
    let mut events: Vec<(u64, Event)> =
        (0..luck.below(MOST_EVENTS)).map(|_| (luck.below(DAYS), event(luck, &contracts))).collect();
    // What ends, ends at the day's first second.
    events.sort_by_key(|(day, event)| (*day, !matches!(event, Event::Ended(..))));
    let mut order: Vec<usize> = (0..many).collect();
    for i in (1..many).rev() {
        order.swap(i, luck.below(i as u64 + 1) as usize);
    }
    Case { contracts, events, order }
}

fn contract(luck: &mut Luck, i: usize) -> Contract {
    let mut terms = Vec::new();
    for clause in 0..1 + luck.below(3) {
        let kind = luck.below(13);
        let from = luck.below(900);
        let until = if luck.once_in(3) { OPEN_END } else { Time((from + 1 + luck.below(700)) * DAY) };
        let term = term(luck, kind, from);
        let back = opposite(luck, &term);
        let at = format!("clause-{clause}");
        amended(
            luck,
            &mut terms,
            DatedTerm { id: at, from: Time(from * DAY), until, signed: Time(from * DAY), term, source: None },
        );
        if let Some(term) = back {
            terms.push(DatedTerm {
                id: format!("back-{clause}"),
                from: Time(from * DAY),
                until,
                signed: Time(from * DAY),
                term,
                source: None,
            });
        }
    }
    // Not in the order of their places, so that the name decides where it has to.
    Contract { id: ContractId(0), name: format!("deal-{}", (i * 7) % 13), terms, pending: vec![] }
}

/// The term, and sometimes a later version of it that takes over on a day.
fn amended(luck: &mut Luck, terms: &mut Vec<DatedTerm>, mut first: DatedTerm) {
    let from = first.from.0 / DAY + 1 + luck.below(300);
    if !luck.once_in(3) || Time(from * DAY) >= first.until {
        return terms.push(first);
    }
    let mut new = term(luck, first.term.kind() as u64, from);
    if let (Term::Commitment(old), Term::Commitment(new)) = (&first.term, &mut new)
        && !luck.once_in(4)
    {
        (new.buyer, new.seller) = (old.buyer, old.seller);
    }
    let later = DatedTerm { from: Time(from * DAY), term: new, ..first.clone() };
    first.until = later.from;
    terms.extend([first, later]);
}

/// Sometimes the same share the other way.
fn opposite(luck: &mut Luck, term: &Term) -> Option<Term> {
    let Term::RevenueShare(share) = term else { return None };
    let back = RevenueShare { payer: share.payee, payee: share.payer, base: base(luck), ..share.clone() };
    luck.once_in(3).then_some(Term::RevenueShare(back))
}

/// A term of a kind, by its number among `TermKind`, in force from a day.
fn term(luck: &mut Luck, kind: u64, from: u64) -> Term {
    match kind {
        0 => exclusivity(luck),
        1 => Term::FirstShip(FirstShip {
            lab: luck.lab(),
            holder: luck.channel(),
            lead_days: luck.below(90) as f64,
            waived_above: None,
        }),
        2 => Term::Refusal(Refusal { lab: luck.lab(), holder: luck.cloud() }),
        3 => Term::Licence(Licence { licensor: luck.lab(), licensee: luck.party(), exclusive: luck.once_in(2) }),
        4 => distribution(luck),
        5 => revenue_share(luck, from),
        6 => commitment(luck, from),
        7 => investment(luck, from),
        8 => reservation(luck),
        9 => loan(luck),
        10 => backstop(luck),
        11 => warrant(luck),
        _ => discount(luck),
    }
}

fn exclusivity(luck: &mut Luck) -> Term {
    Term::Exclusivity(Exclusivity {
        grantor: luck.lab(),
        holder: luck.cloud(),
        scope: luck.of(&[Scope::Compute, Scope::Distribution]),
        except_channels: if luck.once_in(4) { vec![luck.channel()] } else { vec![] },
        except_clouds: if luck.once_in(4) { vec![luck.cloud()] } else { vec![] },
        lines: if luck.once_in(4) { vec![1] } else { vec![] },
        jurisdictions: Jurisdictions::NONE,
    })
}

fn distribution(luck: &mut Luck) -> Term {
    Term::Distribution(Distribution {
        lab: luck.lab(),
        channel: luck.channel(),
        principal: luck.of(&[Principal::Platform, Principal::Lab]),
        remit_share: luck.of(&[0.0, 0.7, 1.0]),
        capacity: Principal::Platform,
        price: Principal::Platform,
    })
}

fn base(luck: &mut Luck) -> Base {
    let lab = luck.lab();
    if luck.once_in(2) { Base::AllRevenue(lab) } else { Base::ChannelRevenue(lab, luck.channel()) }
}

fn revenue_share(luck: &mut Luck, from: u64) -> Term {
    let payer = luck.party();
    let first = luck.usd(500);
    let tiers =
        [first, first + Usd::CENT + luck.usd(500)].map(|above| Tier { above, rate: luck.of(&[0.0, 0.125, 0.3]) });
    Term::RevenueShare(RevenueShare {
        payer,
        payee: luck.other_party(payer),
        rate: luck.of(&[0.0, 0.05, 0.2, 0.333_333_333, 1.0]),
        tiers: tiers[..luck.below(3) as usize].to_vec(),
        base: base(luck),
        total_cap: if luck.once_in(2) { Some(luck.usd(300)) } else { None },
        counting_from: Time(luck.of(&[0, from / 2, from, from + 40]) * DAY),
        paid_before: if luck.once_in(4) { luck.usd(100) } else { Usd::ZERO },
        elsewhere_usd_per_year: Schedule::constant(0.0),
        quantum: luck.of(&[Usd(1), Usd::CENT, Usd(1_000_000)]),
    })
}

fn buyer(luck: &mut Luck) -> Buyer {
    match luck.below(4) {
        0 => Buyer::Cloud(luck.cloud()),
        1 => Buyer::Party(luck.party()),
        _ => Buyer::Lab(luck.lab()),
    }
}

/// A buyer, and a cloud of another party.
fn deal(luck: &mut Luck) -> (Buyer, CloudId) {
    let buyer = buyer(luck);
    let party = owners().of_buyer(buyer);
    let others = owners().of_cloud.into_iter().zip((0..).map(CloudId)).filter(|(of, _)| *of != party);
    let others: Vec<CloudId> = others.map(|(_, cloud)| cloud).collect();
    (buyer, luck.of(&others))
}

fn commitment(luck: &mut Luck, from: u64) -> Term {
    let (buyer, seller) = deal(luck);
    let steps = vec![(0.0, luck.below(1_000) as f64), (1.5, luck.below(1_000) as f64 + 0.37)];
    let usd_per_year = match luck.below(3) {
        0 => Schedule::constant(365.0),
        1 => Schedule::constant(luck.below(1_000) as f64),
        _ => Schedule::new(Curve::Steps, steps, 0.0),
    };
    let counts = [DayCount::ActualActual, DayCount::Actual365, DayCount::Actual360, DayCount::Thirty360];
    Term::Commitment(Commitment {
        buyer,
        seller,
        usd_per_year,
        day_count: luck.of(&counts),
        take_or_pay: luck.of(&[0.0, 0.6, 1.0]),
        stacks: if luck.once_in(3) { vec![luck.stack()] } else { vec![] },
        rolls_over: luck.once_in(2),
        make_up_periods: luck.below(3) as u16,
        prepaid: if luck.once_in(3) { luck.usd(400) } else { Usd::ZERO },
        notice: luck.once_in(4).then(|| Notice {
            from: Time((from + luck.below(300)) * DAY),
            days: luck.below(200),
            below: luck.of(&[0.3, 0.9]),
        }),
    })
}

fn investment(luck: &mut Luck, from: u64) -> Term {
    let investor = luck.party();
    let issuer = luck.other_party(investor);
    let on = Time((from + luck.below(100)) * DAY);
    Term::Investment(Investment { investor, issuer, usd: luck.usd(1_000), on, pre_money: None, stake: None })
}

fn reservation(luck: &mut Luck) -> Term {
    let (buyer, seller) = deal(luck);
    let h100e = Schedule::constant(luck.below(100) as f64);
    Term::Reservation(Reservation { buyer, seller, h100e, usd_per_h100e_hour: 2.0, late_credit: 0.5 })
}

fn loan(luck: &mut Luck) -> Term {
    let lender = luck.party();
    let borrower = luck.other_party(lender);
    Term::Loan(Loan { lender, borrower, usd: luck.usd(1_000), rate_per_year: luck.of(&[0.0, 0.06, 0.125]) })
}

fn backstop(luck: &mut Luck) -> Term {
    let seller = luck.cloud();
    let buyer = luck.other_party(owners().of_cloud[seller.index()]);
    let usd_per_year = Schedule::constant(luck.below(1_000) as f64);
    Term::Backstop(Backstop { buyer, seller, usd_per_year, usd_per_h100e_hour: luck.of(&[0.5, 1.37]) })
}

fn warrant(luck: &mut Luck) -> Term {
    let issuer = luck.party();
    Term::Warrant(Warrant {
        issuer,
        holder: luck.other_party(issuer),
        usd: luck.usd(500),
        purchases: luck.usd(2_000),
        payers: if luck.once_in(2) { vec![luck.party()] } else { vec![] },
    })
}

fn discount(luck: &mut Luck) -> Term {
    let tiers = vec![(0.0, 0.1), (500.0, 0.3)];
    Term::Discount(Discount { lab: luck.lab(), seller: luck.cloud(), tiers, most_favoured: luck.once_in(2) })
}

fn event(luck: &mut Luck, contracts: &[Contract]) -> Event {
    match luck.below(12) {
        0..=2 => {
            let amount = luck.usd(2_000);
            Event::Revenue(some_base(luck, contracts), if luck.once_in(5) { -amount } else { amount })
        }
        3..=6 => Event::Purchase(dealing(luck, contracts)),
        7 if luck.once_in(2) => Event::Unsold(luck.cloud(), luck.below(500) as f64),
        7 => Event::Undeliverable(dealing(luck, contracts)),
        8 if luck.once_in(3) => {
            let contract = &contracts[luck.below(contracts.len() as u64) as usize];
            Event::Ended(contract.name.clone(), luck.below(contract.terms.len() as u64) as u16)
        }
        _ => Event::Asked(listing(luck, contracts)),
    }
}

/// Mostly the scope of a share that there is.
fn some_base(luck: &mut Luck, contracts: &[Contract]) -> Base {
    let bases = contracts.iter().flat_map(|contract| &contract.terms).filter_map(|dated| match &dated.term {
        Term::RevenueShare(share) => Some(share.base),
        _ => None,
    });
    let bases: Vec<Base> = bases.collect();
    if bases.is_empty() || luck.once_in(5) { base(luck) } else { luck.of(&bases) }
}

/// Mostly under a commitment that there is.
fn dealing(luck: &mut Luck, contracts: &[Contract]) -> Dealing {
    let sides = contracts.iter().flat_map(|contract| &contract.terms).filter_map(|dated| match &dated.term {
        Term::Commitment(clause) => Some((clause.buyer, clause.seller)),
        _ => None,
    });
    let sides: Vec<(Buyer, CloudId)> = sides.collect();
    let known = !sides.is_empty() && !luck.once_in(5);
    let (buyer, seller) = if known { luck.of(&sides) } else { (buyer(luck), luck.cloud()) };
    let stack = if luck.once_in(2) { Some(luck.stack()) } else { None };
    Dealing { buyer, seller, stack, amount: luck.usd(900) }
}

/// Mostly of a lab on a channel that lists it.
fn listing(luck: &mut Luck, contracts: &[Contract]) -> Listing {
    let listed = contracts.iter().flat_map(|contract| &contract.terms).filter_map(|dated| match &dated.term {
        Term::Distribution(clause) => Some((clause.lab, clause.channel)),
        _ => None,
    });
    let listed: Vec<(LabId, ChannelId)> = listed.collect();
    let known = !listed.is_empty() && !luck.once_in(4);
    let (lab, channel) = if known { luck.of(&listed) } else { (luck.lab(), luck.channel()) };
    let cloud = cloud_of(channel);
    let operator = owners().of_cloud[cloud.index()];
    let own_api = luck.once_in(8);
    let day = |luck: &mut Luck| Time(luck.below(DAYS) * DAY);
    Listing {
        lab,
        line: luck.below(2) as u16,
        lab_party: owners().of_lab[lab.index()],
        released: if luck.once_in(8) { day(luck) } else { Time(0) },
        open_weights: luck.once_in(8),
        channel,
        place: if own_api { Place::LabApi(luck.lab()) } else { Place::Platform { cloud, operator } },
        ported_at: if luck.once_in(8) { None } else { Some(Time(luck.below(200) * DAY)) },
        holder_opened: if luck.once_in(2) { Some(day(luck)) } else { None },
        holder_can: !luck.once_in(4),
    }
}
