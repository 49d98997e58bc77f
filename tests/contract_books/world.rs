//! Runs a case: feeds what happens, closes the quarters, and looks at the books after every event.

use super::draw::{CLOUDS, Case, DAY, DAYS, Event, LABS, PARTIES, owners};
use super::oracle::{Barred, bars, bars_of_compute};
use cloudmarket::accounts::{Cause, Flow, FlowRow, Ledger};
use cloudmarket::ids::{CloudId, ContractId, LabId};
use cloudmarket::market::availability::{Bar, Listing, first_ship_holder, may_buy_compute, may_sell, refusal_holder};
use cloudmarket::market::contracts::{Contract, ContractBook, TermRef};
use cloudmarket::market::settlement::{Owners, Setting, Settled, Settlement};
use cloudmarket::market::terms::Term;
use cloudmarket::units::{Calendar, CivilDate, Time, Usd};
use std::collections::BTreeMap;

/// What a run came to, without a trace of the order of the contracts.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) paid: Vec<FlowRow>,
    /// For every question, what barred it.
    pub(crate) bars: Vec<Option<Barred>>,
    /// Of every lab at every close: who is asked first, and what opens first.
    pub(crate) holders: Vec<(Option<u16>, Option<u16>)>,
    /// By name of the term: what was due, used and paid at every close.
    pub(crate) figures: Vec<BTreeMap<String, [Usd; 4]>>,
    /// How many shares, shortfalls, make-ups, backstops, steps of warrants and notices there were.
    pub(crate) settled: [u32; 6],
}

pub(crate) struct World<'a> {
    case: &'a Case,
    book: ContractBook,
    owners: Owners,
    calendar: Calendar,
    ledger: Ledger,
    settlement: Settlement,
    /// Settled under each version of a share.
    by_share: BTreeMap<TermRef, Usd>,
    told: Told,
}

impl<'a> World<'a> {
    /// The case in its own order, or in its other one.
    pub(crate) fn new(case: &'a Case, turned: bool) -> Self {
        let straight: Vec<usize> = (0..case.contracts.len()).collect();
        let order = if turned { &case.order } else { &straight };
        let at = |(place, i): (usize, &usize)| Contract { id: ContractId::new(place), ..case.contracts[*i].clone() };
        let date = |text: &str| CivilDate::parse(text).unwrap();
        Self {
            case,
            book: ContractBook::new(order.iter().enumerate().map(at).collect()),
            owners: owners(),
            calendar: Calendar::new(date("2023-01-01"), date("2025-12-31")),
            ledger: Ledger::new(PARTIES, false),
            settlement: Settlement::default(),
            by_share: BTreeMap::new(),
            told: Told::default(),
        }
    }

    pub(crate) fn run(mut self) -> Result<Told, String> {
        let case = self.case;
        let mut events = case.events.iter().peekable();
        for month in (2..self.calendar.months()).step_by(3) {
            let close = self.calendar.month_close(month);
            while let Some((day, event)) = events.next_if(|(day, _)| Time(day * DAY) < close) {
                self.happen(Time(day * DAY), event)?;
                self.look(Time(day * DAY))?;
            }
            self.close(close)?;
        }
        assert_eq!(self.calendar.horizon(), Time(DAYS * DAY));
        self.told.paid = self.ledger.who_paid_whom().collect();
        Ok(self.told)
    }

    fn happen(&mut self, now: Time, event: &Event) -> Result<(), String> {
        let setting = Setting { book: &self.book, owners: &self.owners, calendar: &self.calendar };
        match event {
            Event::Revenue(base, amount) => self.settlement.book_revenue(&self.book, *base, *amount, now),
            Event::Purchase(dealing) => {
                let drawn = self.settlement.draw_down(setting, &mut self.ledger, *dealing, now, 0);
                if drawn < Usd::ZERO || drawn > dealing.amount {
                    return Err(format!("{drawn:?} drawn down for {dealing:?}"));
                }
                let (buyer, seller) =
                    (self.owners.of_buyer(dealing.buyer), self.owners.of_cloud[dealing.seller.index()]);
                let clause = setting.commitment_for(*dealing, now);
                let cause = Cause { contract: clause.map(|at| at.contract), ..Cause::default() };
                self.ledger.pay(now, buyer, seller, dealing.amount - drawn, Flow::ChipHours, cause);
                self.settlement.book_purchase(setting, *dealing, now);
            }
            Event::Unsold(cloud, hours) => self.settlement.book_unsold(*cloud, *hours),
            Event::Undeliverable(dealing) => self.settlement.book_undeliverable(setting, *dealing, now),
            Event::Ended(name, term) => {
                let found = self.book.contracts().iter().find(|contract| contract.name == *name);
                let contract = found.expect("a contract that is not left out").id;
                self.book.end_early(TermRef { contract, term: *term }, now);
            }
            Event::Asked(listing) => self.ask(now, listing)?,
        }
        Ok(())
    }

    /// Puts a question to the market and to the clauses themselves.
    fn ask(&mut self, now: Time, listing: &Listing) -> Result<(), String> {
        let answer = may_sell(&self.book, now, listing);
        let found = bars(self.case, now, listing);
        self.compare(answer, &found, now, "sell")?;
        for lab in (0..LABS).map(|lab| LabId(lab as u16)) {
            for cloud in (0..CLOUDS).map(|cloud| CloudId(cloud as u16)) {
                let answer = may_buy_compute(&self.book, now, lab, cloud);
                let found = bars_of_compute(self.case, now, lab, cloud);
                self.compare(answer, &found, now, "buy")?;
            }
        }
        Ok(())
    }

    /// The market bars what any clause bars, names the first kind of bar, and a clause that is among those that bar.
    fn compare(&mut self, answer: Result<(), Bar>, found: &[Barred], now: Time, what: &str) -> Result<(), String> {
        let told = answer.err().map(|bar| (bar.index(), self.clause_of(bar)));
        let first = found.iter().map(|(kind, _)| *kind).min();
        let agree = match &told {
            None => found.is_empty(),
            Some(told) => Some(told.0) == first && found.contains(told),
        };
        self.told.bars.push(told.clone());
        if agree { Ok(()) } else { Err(format!("may it {what} at {now:?}? {told:?}, where {found:?} bar it")) }
    }

    fn clause_of(&self, bar: Bar) -> Option<String> {
        match bar {
            Bar::Exclusivity(at) | Bar::LicenceExclusive(at) | Bar::FirstShip { term: at, .. } => {
                Some(self.book.term_name(at))
            }
            _ => None,
        }
    }

    fn close(&mut self, close: Time) -> Result<(), String> {
        self.pay_dated(close);
        let facts = self.settle(close);
        self.count(&facts)?;
        let before = (self.settlement.clone(), self.ledger.clone());
        let again = self.settle(close);
        let invested = self.pay_dated(close);
        if !again.is_empty() || !invested.is_empty() || before != (self.settlement.clone(), self.ledger.clone()) {
            return Err(format!("the close {close:?} settles again: {again:?}, {invested:?}"));
        }
        for lab in (0..LABS).map(|lab| LabId(lab as u16)) {
            let refusal = refusal_holder(&self.book, close, lab).map(|cloud| cloud.0);
            let first = first_ship_holder(&self.book, close, lab).map(|channel| channel.0);
            self.told.holders.push((refusal, first));
        }
        self.look(close)
    }

    fn pay_dated(&mut self, now: Time) -> Vec<TermRef> {
        let setting = Setting { book: &self.book, owners: &self.owners, calendar: &self.calendar };
        self.settlement.pay_dated(setting, &mut self.ledger, now, 0)
    }

    fn settle(&mut self, close: Time) -> Vec<Settled> {
        let setting = Setting { book: &self.book, owners: &self.owners, calendar: &self.calendar };
        self.settlement.quarter_closed(setting, &mut self.ledger, close, 0)
    }

    /// No cap is exceeded and nothing is negative but what a refund gives back.
    fn count(&mut self, facts: &[Settled]) -> Result<(), String> {
        for fact in facts {
            let (kind, right) = match *fact {
                Settled::Share { term, due } => {
                    let settled = self.by_share.entry(term).or_default();
                    *settled += due.amount;
                    let Term::RevenueShare(share) = &self.book.term(term).term else { unreachable!() };
                    (0, *settled >= Usd::ZERO && share.total_cap.is_none_or(|cap| *settled <= cap))
                }
                Settled::Shortfall { amount, .. } => (1, amount > Usd::ZERO),
                Settled::MadeUp { amount, .. } => (2, amount > Usd::ZERO),
                Settled::Backstop { amount, .. } => (3, amount > Usd::ZERO),
                Settled::Vested { term, amount } => {
                    let Term::Warrant(clause) = &self.book.term(term).term else { unreachable!() };
                    (4, amount > Usd::ZERO && self.settlement.vested(term) <= clause.usd)
                }
                Settled::Notice { term, until } => {
                    self.book.end_early(term, until);
                    (5, true)
                }
            };
            self.told.settled[kind] += 1;
            if !right {
                return Err(format!("{fact:?} goes beyond its clause, with {:?} in all", self.by_share));
            }
        }
        Ok(())
    }

    /// The books balance, and the figures of every term make sense.
    fn look(&mut self, now: Time) -> Result<(), String> {
        self.ledger.check();
        let setting = Setting { book: &self.book, owners: &self.owners, calendar: &self.calendar };
        let mut figures = BTreeMap::new();
        for f in self.settlement.commitment_figures(setting, now) {
            let amounts = [f.due, f.used, f.undeliverable, f.carried, f.shortfall_paid, f.made_up];
            if amounts.iter().any(|amount| *amount < Usd::ZERO) || f.made_up > f.shortfall_paid {
                return Err(format!("at {now:?}: {f:?}"));
            }
            let first = setting.book.term(f.term).from;
            let name = format!("{} from {first:?}", self.book.term_name(f.term));
            figures.insert(name, [f.due, f.used, f.shortfall_paid, f.made_up]);
        }
        for f in self.settlement.share_figures(&self.book, now) {
            figures.insert(self.book.term_name(f.term), [f.due_to_date, f.settled, Usd::ZERO, Usd::ZERO]);
        }
        self.told.figures.push(figures);
        Ok(())
    }
}
