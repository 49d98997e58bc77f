//! Sentences of terms about money: stakes, loans, warrants, backstops, and what compute costs beyond a commitment.

use super::{Names, Words, day, joined, percent, plain, usd};
use crate::scenario::scalar::Scalar;
use crate::scenario::schema::{BuyerSpec, DayCountSpec, NoticeSpec, RuleSpec, StepSpec};

/// A price of compute.
fn per_hour(price: f64) -> String {
    format!("{} USD an H100e-hour", plain(price))
}

impl<'a> Words<'a> {
    /// What a commitment owes: dollars, or compute or power at a price.
    pub(super) fn owed(&mut self, buyer: &'a BuyerSpec, seller: &'a str, rule: &'a RuleSpec) -> String {
        let RuleSpec::Commitment { usd_per_year, h100e, usd_per_h100e_hour, mw, usd_per_kw_month, .. } = rule else {
            return String::new();
        };
        if let Some(usd_per_year) = usd_per_year {
            return self.commitment(buyer, seller, usd_per_year);
        }
        let names = Names(self.spec);
        let (buyer, seller) = (names.buyer(buyer), names.cloud(seller));
        let mut of = |amount: &'a Option<Scalar>, unit: &str, price: &'a Option<Scalar>, of: &str| {
            let amount = amount.as_ref().map(|amount| self.figure(amount, &|x| plain(x) + unit))?;
            let price = price.as_ref().map(|price| self.figure(price, &|x| format!("{} {of}", plain(x))))?;
            Some(format!("{amount} at {price}"))
        };
        let what = of(h100e, " H100e", usd_per_h100e_hour, "USD an H100e-hour")
            .or_else(|| of(mw, " MW", usd_per_kw_month, "USD a kW and month"))
            .unwrap_or_default();
        format!("{buyer} commits to buy {what} from {seller} {}", self.dates())
    }

    /// What of purchases counts, in which years a shortfall can be made up, and how days are counted.
    pub(super) fn counting(rule: &RuleSpec) -> String {
        let RuleSpec::Commitment { stacks, make_up_years, day_count, .. } = rule else { return String::new() };
        let stacks: Vec<&str> = stacks.iter().map(String::as_str).collect();
        let only = if stacks.is_empty() { String::new() } else { format!("; only {} counts", joined(&stacks, "or")) };
        let made_up = match make_up_years {
            0 => String::new(),
            1 => "; a shortfall that was paid may be made up in the next year".to_owned(),
            years => format!("; a shortfall that was paid may be made up in the next {years} years"),
        };
        let days = match day_count {
            None | Some(DayCountSpec::ActualActual) => "",
            Some(DayCountSpec::Actual365) => "; a day is a 365th of a year",
            Some(DayCountSpec::Actual360) => "; a day is a 360th of a year",
            Some(DayCountSpec::Thirty360) => "; months have 30 days and years 360",
        };
        format!("{only}{made_up}{days}")
    }

    pub(super) fn paid_before(&mut self, paid: Option<&'a Scalar>) -> String {
        paid.map_or_else(String::new, |amount| format!("; {} of it was paid before the run", self.figure(amount, &usd)))
    }

    pub(super) fn prepaid(&mut self, prepaid: Option<&'a Scalar>) -> String {
        prepaid.map_or_else(String::new, |amount| format!("; {} is paid in advance", self.figure(amount, &usd)))
    }

    pub(super) fn notice(&mut self, notice: Option<&'a NoticeSpec>) -> String {
        let Some(notice) = notice else { return String::new() };
        let below = self.figure(&notice.below, &percent);
        let from = day(notice.from.0);
        format!("; the buyer may leave from {from} on {} days' notice, which it does below {below} of use", notice.days)
    }

    pub(super) fn reservation(&mut self, rule: &'a RuleSpec) -> String {
        let RuleSpec::Reservation { buyer, seller, h100e, usd_per_h100e_hour, late_credit } = rule else {
            return String::new();
        };
        let amount = self.figure(h100e, &|x| plain(x) + " H100e");
        let price = self.figure(usd_per_h100e_hour, &per_hour);
        let credit = self.figure(late_credit, &percent);
        let (names, dates) = (Names(self.spec), self.dates());
        let (buyer, seller) = (names.buyer(buyer), names.cloud(seller));
        format!(
            "{seller} holds {amount} for {buyer} {dates} at {price}, used or not, and owes {credit} of the price of what \
             it cannot deliver"
        )
    }

    pub(super) fn investment(&mut self, rule: &'a RuleSpec) -> String {
        let RuleSpec::Investment { investor, issuer, usd: amount, pre_money_usd, stake } = rule else {
            return String::new();
        };
        let names = Names(self.spec);
        let amount = self.figure(amount, &usd);
        let worth = pre_money_usd.as_ref().map(|worth| self.figure(worth, &usd));
        let stake = stake.as_ref().map(|stake| self.figure(stake, &percent));
        let (investor, issuer) = (names.party(investor), names.party(issuer));
        let on = self.on();
        let worth = worth.map_or_else(String::new, |worth| format!(", at {worth} before it"));
        match stake {
            Some(stake) if amount == "0 USD" => {
                format!("{investor} holds {stake} of {issuer} {}{worth}", self.since(None))
            }
            Some(stake) => format!("{issuer} gets {amount} from {investor} {on}{worth}, who then holds {stake}"),
            None => format!("{issuer} gets {amount} from {investor} for a stake {on}{worth}"),
        }
    }

    pub(super) fn loan(&mut self, lender: &'a str, borrower: &'a str, amount: &'a Scalar, rate: &'a Scalar) -> String {
        let names = Names(self.spec);
        let (amount, rate) = (self.figure(amount, &usd), self.figure(rate, &percent));
        let (lender, borrower) = (names.party(lender), names.party(borrower));
        format!("{lender} lends {borrower} {amount} {} at {rate} a year", self.dates())
    }

    pub(super) fn backstop(&mut self, buyer: &'a str, seller: &'a str, most: &'a Scalar, price: &'a Scalar) -> String {
        let names = Names(self.spec);
        let (most, price) = (self.figure(most, &|x| usd(x) + " a year"), self.figure(price, &per_hour));
        let (buyer, seller) = (names.party(buyer), names.cloud(seller));
        format!("{buyer} buys what {seller} cannot sell, up to {most}, {} at {price}", self.dates())
    }

    pub(super) fn warrant(&mut self, rule: &'a RuleSpec) -> String {
        let RuleSpec::Warrant { issuer, holder, usd: worth, purchases_usd, payers } = rule else {
            return String::new();
        };
        let names = Names(self.spec);
        let (worth, purchases) = (self.figure(worth, &usd), self.figure(purchases_usd, &usd));
        let payers: Vec<&str> = payers.iter().map(|payer| names.party(payer)).collect();
        let by = if payers.is_empty() { "anybody".to_owned() } else { joined(&payers, "or") };
        let (issuer, holder) = (names.party(issuer), names.party(holder));
        let dates = self.dates();
        format!(
            "Shares of {issuer} worth {worth} vest to {holder} {dates}, all of them once {by} bought for {purchases}"
        )
    }

    pub(super) fn discount(&mut self, lab: &'a str, seller: &'a str, tiers: &'a [StepSpec], favoured: bool) -> String {
        let mut parts: Vec<String> = Vec::with_capacity(tiers.len() + 1);
        for tier in tiers {
            let (off, from) = (self.figure(&tier.discount, &percent), self.figure(&tier.from_usd, &usd));
            parts.push(format!("{off} off from {from} of purchases a year"));
        }
        if favoured {
            parts.push("no more than any other lab pays".to_owned());
        }
        let (lab, seller) = (Names(self.spec).lab(lab), Names(self.spec).cloud(seller));
        let terms = joined(&parts.iter().map(String::as_str).collect::<Vec<_>>(), "and");
        format!("{lab} buys compute from {seller} {} at {terms}", self.dates())
    }
}

#[cfg(test)]
mod tests {
    use crate::scenario::sentences::tests::said;

    const DATES: &str = "from 27 April 2026 to 31 December 2030";

    #[test]
    fn terms_about_money_by_kind() {
        let cases = [
            (
                r#"Commitment(buyer: Lab("openai"), seller: "oracle", h100e: 5_000, usd_per_h100e_hour: 2, take_or_pay: 0.6,
                    rolls_over: false, make_up_years: 2, stacks: ["cuda"], day_count: Actual360, prepaid_usd: 30_000_000, notice: (from: "2027-01-01", days: 90, below: 0.5))"#,
                format!(
                    "OpenAI commits to buy 5000 H100e at 2 USD an H100e-hour from Oracle OCI {DATES}; 60 % of a year's \
                     shortfall is paid, and what is bought beyond a year does not count towards the next; only cuda \
                     counts; a shortfall that was paid may be made up in the next 2 years; a day is a 360th of a year; \
                     30 m USD is paid in advance; the buyer may leave from 1 January 2027 on 90 days' notice, which it does below 50 % of use"
                ),
            ),
            (
                r#"Reservation(buyer: Cloud("meta"), seller: "oracle", h100e: 700, usd_per_h100e_hour: 1.8, late_credit: 0.2)"#,
                format!(
                    "Oracle OCI holds 700 H100e for Meta {DATES} at 1.8 USD an H100e-hour, used or not, and owes 20 % of the \
                     price of what it cannot deliver"
                ),
            ),
            (
                r#"Loan(lender: "openai", borrower: "cerebras", usd: 1_000_000_000, rate_per_year: 0.06)"#,
                format!("OpenAI lends Cerebras 1 bn USD {DATES} at 6 % a year"),
            ),
            (
                r#"Backstop(buyer: "nvidia", seller: "coreweave", usd_per_year: 957_000_000, usd_per_h100e_hour: 0.6)"#,
                format!(
                    "Nvidia buys what CoreWeave cannot sell, up to 957 m USD a year, {DATES} at 0.6 USD an H100e-hour"
                ),
            ),
            (
                r#"Warrant(issuer: "amd", holder: "openai", usd: 34_000_000_000, purchases_usd: 90_000_000_000,
                    payers: ["oracle", "microsoft"])"#,
                format!(
                    "Shares of AMD worth 34 bn USD vest to OpenAI {DATES}, all of them once Oracle or Microsoft bought for \
                     90 bn USD"
                ),
            ),
            (
                r#"Discount(lab: "openai", seller: "aws", tiers: [(from_usd: 1_000_000_000, discount: 0.1)], most_favoured: true)"#,
                format!(
                    "OpenAI buys compute from AWS {DATES} at 10 % off from 1 bn USD of purchases a year and no more than \
                     any other lab pays"
                ),
            ),
            (
                r#"Investment(investor: "microsoft", issuer: "openai", usd: 0, pre_money_usd: 500_000_000_000, stake: 0.27)"#,
                "Microsoft holds 27 % of OpenAI from 27 April 2026 on, at 500 bn USD before it".to_owned(),
            ),
        ];
        for (rule, expected) in cases {
            assert_eq!(said(rule), format!("{expected} (reported; contracts:A)"));
        }
    }
}
