//! Commitments: purchases of the year to date, and what was not taken.

use super::{Setting, Settled, Settlement, cause};
use crate::accounts::{Flow, Ledger};
use crate::ids::{CloudId, StackId};
use crate::market::contracts::{ContractBook, TermRef};
use crate::market::terms::{Buyer, Commitment, MakeUpBank, Term, TermKind};
use crate::units::{Calendar, CivilDate, DayCount, PARTS, Schedule, Time, Usd};
use serde::{Deserialize, Serialize};

pub(super) const DAY_SECONDS: u64 = 86_400;

/// Hours bought, or asked for and not delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dealing {
    /// Who bought.
    pub buyer: Buyer,
    /// From whom.
    pub seller: CloudId,
    /// On which stack; `None` for none in particular.
    pub stack: Option<StackId>,
    /// For how much, not negative.
    pub amount: Usd,
}

/// The part of a commitment between two closes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Period {
    since: Time,
    purchased: Usd,
    undeliverable: Usd,
    /// What is committed to the end of the year, once a dealing has asked; only divides dealings among commitments.
    target: Option<Usd>,
}

/// What a commitment, with all its versions, has seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CommitmentAccount {
    current: Period,
    /// The period before, for figures read at the very second of its close.
    closed: Period,
    /// Excess that counts towards later periods.
    carried: Usd,
    bank: MakeUpBank,
    shortfall_paid: Usd,
    made_up: Usd,
}

impl CommitmentAccount {
    fn period_at(&self, now: Time) -> &Period {
        if now < self.current.since { &self.closed } else { &self.current }
    }
}

/// Where a commitment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitmentFigures {
    /// The first version of the commitment.
    pub term: TermRef,
    /// Committed in the year to date.
    pub due: Usd,
    /// Purchases of the year to date that count towards it, excess included.
    pub used: Usd,
    /// What the seller could not deliver in the year to date.
    pub undeliverable: Usd,
    /// Excess of earlier years that still counts.
    pub carried: Usd,
    /// Shortfalls paid since the start of the run.
    pub shortfall_paid: Usd,
    /// Shortfalls that came back as make-up since the start of the run.
    pub made_up: Usd,
}

impl Settlement {
    /// Feeds a purchase. Where several commitments match, those that name the stack come first, since nothing else fills
    /// them, then those that end first, since they have least time left, then by name; each is filled up to its year,
    /// and the rest is excess of the first that can carry it. The order of the book is of no account.
    pub fn book_purchase(&mut self, setting: Setting, dealing: Dealing, now: Time) {
        let matching = matching(setting, dealing, now);
        let rest = self.fill(setting, &matching, dealing.amount, now, |period| &mut period.purchased);
        let carries = |m: &&Matching| m.clause.rolls_over || m.clause.make_up_periods > 0;
        if let Some(first) = matching.iter().find(carries).or(matching.first()) {
            self.commitments.entry(first.head).or_default().current.purchased += rest;
        }
    }

    /// Feeds what the buyer asked for under its commitments and the seller could not deliver; divided as purchases
    /// are, and of no account beyond the committed amounts.
    pub fn book_undeliverable(&mut self, setting: Setting, dealing: Dealing, now: Time) {
        let matching = matching(setting, dealing, now);
        self.fill(setting, &matching, dealing.amount, now, |period| &mut period.undeliverable);
    }

    /// Fills the gaps of the year in turn and returns what is left.
    fn fill(
        &mut self,
        setting: Setting,
        matching: &[Matching],
        amount: Usd,
        now: Time,
        side: fn(&mut Period) -> &mut Usd,
    ) -> Usd {
        assert!(amount >= Usd::ZERO, "a dealing of {amount:?}");
        let mut rest = amount;
        for Matching { head, .. } in matching {
            let period = &mut self.commitments.entry(*head).or_default().current;
            let since = period.since;
            let target = *period
                .target
                .get_or_insert_with(|| committed(setting, *head, since, next_year(setting.calendar, now.max(since))));
            let part = rest.min((target - period.purchased - period.undeliverable).or_zero());
            *side(period) += part;
            rest -= part;
        }
        rest
    }

    /// Commitments that their buyers leave at the close of a quarter: those whose notice is open and of which, in the year
    /// to date, less was used than the clause names. None is left twice.
    pub(super) fn notices(&self, setting: Setting, close: Time) -> Vec<Settled> {
        let mut facts = Vec::new();
        for (at, clause) in setting.book.commitments(close) {
            let Some(notice) = clause.notice else { continue };
            let given = setting.book.until(at) < setting.book.term(at).until;
            let figures = self.figures_of_commitment(setting, head(setting.book, at), close);
            if !given && notice.is_given(close, figures.due, figures.used + figures.undeliverable) {
                facts.push(Settled::Notice { term: at, until: Time(close.0 + 1 + notice.days * DAY_SECONDS) });
            }
        }
        facts
    }

    pub(super) fn settle_commitments(
        &mut self,
        setting: Setting,
        ledger: &mut Ledger,
        close: Time,
        event: u64,
    ) -> Vec<Settled> {
        let mut facts = Vec::new();
        let next = Time(close.0 + 1);
        let year_closes = next_year(setting.calendar, close) == next;
        for head in heads(setting.book) {
            let over = |at| setting.book.until(at) <= next || setting.book.term(at).is_dormant();
            let over = lineage(setting.book, head).all(|(at, _)| over(at));
            if year_closes || over {
                facts.extend(self.close_period(setting, ledger, head, close, event));
            }
        }
        facts
    }

    /// Settles a commitment under the last version that was in force, and begins a new period.
    fn close_period(
        &mut self,
        setting: Setting,
        ledger: &mut Ledger,
        head: TermRef,
        close: Time,
        event: u64,
    ) -> Vec<Settled> {
        let account = self.commitments.entry(head).or_default();
        let (period, next) = (account.current, Time(close.0 + 1));
        if period.since >= next {
            return vec![];
        }
        (account.closed, account.current) = (period, Period { since: next, ..Period::default() });
        let due = committed(setting, head, period.since, next);
        let begun = |(at, _): &(TermRef, &Commitment)| setting.book.term(*at).from <= close;
        let Some((term, clause)) = lineage(setting.book, head).filter(begun).last() else { return vec![] };
        if due == Usd::ZERO && period.purchased == Usd::ZERO {
            return vec![];
        }
        let outcome = clause.shortfall(due, period.purchased, period.undeliverable, account.carried);
        let made_up = account.bank.close(outcome.excess, outcome.paid, clause.make_up_periods);
        // Excess that makes up for an old shortfall is used, and does not roll over as well.
        account.carried = (outcome.carried_forward - made_up).or_zero();
        account.shortfall_paid += outcome.paid;
        account.made_up += made_up;
        let buyer = setting.owners.of_buyer(clause.buyer);
        let seller = setting.owners.of_cloud[clause.seller.index()];
        ledger.pay(close, buyer, seller, outcome.paid, Flow::Shortfall, cause(term, event));
        ledger.pay(close, seller, buyer, made_up, Flow::Shortfall, cause(term, event));
        let paid = Settled::Shortfall { term, amount: outcome.paid };
        let returned = Settled::MadeUp { term, amount: made_up };
        [(paid, outcome.paid), (returned, made_up)].into_iter().filter(|f| f.1 > Usd::ZERO).map(|f| f.0).collect()
    }

    /// Where every commitment stands that has begun, at the end of the second `now`, in the order of the book.
    pub fn commitment_figures(&self, setting: Setting, now: Time) -> Vec<CommitmentFigures> {
        let begun = |head: &TermRef| setting.book.term(*head).from <= now;
        heads(setting.book).filter(begun).map(|head| self.figures_of_commitment(setting, head, now)).collect()
    }

    fn figures_of_commitment(&self, setting: Setting, head: TermRef, now: Time) -> CommitmentFigures {
        let unused = CommitmentAccount::default();
        let account = self.commitments.get(&head).unwrap_or(&unused);
        let period = account.period_at(now);
        CommitmentFigures {
            term: head,
            due: committed(setting, head, period.since, Time(now.0 + 1)),
            used: period.purchased,
            undeliverable: period.undeliverable,
            carried: account.carried,
            shortfall_paid: account.shortfall_paid,
            made_up: account.made_up,
        }
    }
}

/// What a commitment, over all its versions, commits its buyer to from one instant to another, by whole days.
///
/// Σ over days of `usd_per_year(day) ·` the day's part of a year by the clause's day count, summed exactly in
/// micro-dollars and rounded once, half-even to a cent.
///
/// # Panics
/// If the term is not a commitment.
pub fn committed(setting: Setting, at: TermRef, from: Time, until: Time) -> Usd {
    let parts = |(version, clause): (TermRef, &Commitment)| {
        let first = setting.book.term(version).from.max(from);
        let last = setting.book.until(version).min(until);
        parts_over(setting.calendar, (&clause.usd_per_year, clause.day_count), first, last)
    };
    let sum: i128 = lineage(setting.book, at).map(parts).sum();
    Usd(sum).divided(i128::from(PARTS), Usd::CENT)
}

/// A yearly amount over the days from one instant to another, by actual days of actual years, rounded to a cent.
pub(super) fn yearly(calendar: &Calendar, usd_per_year: &Schedule, from: Time, until: Time) -> Usd {
    let sum = parts_over(calendar, (usd_per_year, DayCount::ActualActual), from, until);
    Usd(sum).divided(i128::from(PARTS), Usd::CENT)
}

/// Adds up a yearly amount over the days from `from` to `until`, days of equal value together [micro-dollars
/// times [`PARTS`]].
fn parts_over(calendar: &Calendar, (amount, count): (&Schedule, DayCount), from: Time, until: Time) -> i128 {
    let (mut day, end) = (from.0 / DAY_SECONDS, until.0 / DAY_SECONDS);
    let value = |day: u64| amount.at(Time(day * DAY_SECONDS));
    let date = |day: u64| calendar.date(Time(day * DAY_SECONDS));
    let mut sum = 0;
    while day < end {
        let usd_per_year = value(day);
        let sure = (amount.holds_until(Time(day * DAY_SECONDS)).0 / DAY_SECONDS).clamp(day + 1, end);
        let run = sure - day + (sure..end).take_while(|d| value(*d) == usd_per_year).count() as u64;
        let parts = count.parts(date(day), date(day + run));
        sum += Usd::from_dollars(usd_per_year).0 * i128::from(parts);
        day += run;
    }
    sum
}

/// The first instant of the civil year after that of `now`.
fn next_year(calendar: &Calendar, now: Time) -> Time {
    let date = calendar.date(now);
    let first = CivilDate::parse(&format!("{}-01-01", date.year())).expect("the calendar begins in January 1990");
    let left = i64::from(date.days_in_year()) - date.days_since(first);
    Time((now.0 / DAY_SECONDS + left as u64) * DAY_SECONDS)
}

/// A commitment that a dealing counts towards.
pub(super) struct Matching<'a> {
    pub(super) head: TermRef,
    clause: &'a Commitment,
}

pub(super) fn matching<'a>(setting: Setting<'a>, dealing: Dealing, now: Time) -> Vec<Matching<'a>> {
    let party = setting.owners.of_buyer(dealing.buyer);
    let buys = |clause: &Commitment| clause.buyer == dealing.buyer || clause.buyer == Buyer::Party(party);
    let mut found: Vec<Matching> = setting
        .book
        .commitments(now)
        .filter(|(_, clause)| clause.seller == dealing.seller && buys(clause) && clause.counts(dealing.stack))
        .map(|(at, clause)| Matching { head: head(setting.book, at), clause })
        .collect();
    if found.len() > 1 {
        let end = |m: &Matching| lineage(setting.book, m.head).map(|(at, _)| setting.book.until(at)).max();
        found.sort_by_cached_key(|m| (m.clause.stacks.is_empty(), end(m), setting.book.term_name(m.head)));
    }
    found
}

impl Setting<'_> {
    /// The commitment that a dealing counts towards first; none if no contract asks for it.
    pub fn commitment_for(self, dealing: Dealing, now: Time) -> Option<TermRef> {
        matching(self, dealing, now).first().map(|found| found.head)
    }
}

/// The versions of a commitment with the same buyer and seller, in order.
///
/// # Panics
/// If the term is not a commitment.
fn lineage(book: &ContractBook, at: TermRef) -> impl Iterator<Item = (TermRef, &Commitment)> {
    let own = commitment(book, at).expect("a commitment");
    book.versions(at)
        .filter_map(|version| commitment(book, version).map(|clause| (version, clause)))
        .filter(move |(_, clause)| clause.buyer == own.buyer && clause.seller == own.seller)
}

pub(super) fn head(book: &ContractBook, at: TermRef) -> TermRef {
    lineage(book, at).next().map_or(at, |(first, _)| first)
}

/// The first version of every commitment, in the order of the book.
fn heads(book: &ContractBook) -> impl Iterator<Item = TermRef> + '_ {
    book.of_kind(TermKind::Commitment).filter(|at| head(book, *at) == *at)
}

fn commitment(book: &ContractBook, at: TermRef) -> Option<&Commitment> {
    if let Term::Commitment(clause) = &book.term(at).term { Some(clause) } else { None }
}
