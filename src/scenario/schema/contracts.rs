//! Contracts, their terms and amendments.

use super::super::decode::Cited;
use super::super::scalar::{Date, Scalar};
use crate::spec;
use std::collections::BTreeMap;

spec! {
    /// How a clause is known.
    pub enum StatusSpec {
        /// In a filing or on the parties' own pages.
        Filed,
        /// In the press.
        Reported,
        /// Assumed.
        Assumed,
    }
}

spec! {
    /// What an exclusivity covers.
    pub enum ScopeSpec {
        /// Chip-hours that the lab buys.
        Compute,
        /// Platforms that sell the lab's models.
        Distribution,
    }
}

spec! {
    /// Who books the end customer's spend.
    pub enum PrincipalSpec {
        /// The platform; it remits the lab's share.
        Platform,
        /// The lab; the platform keeps the rest.
        Lab,
    }
}

spec! {
    /// Revenue that a share is taken of.
    pub enum BaseSpec {
        /// All that the lab books: API, products, remittances. [lab]
        AllRevenue(String),
        /// What a platform books on a lab's models.
        ChannelRevenue {
            /// Whose models. [lab]
            lab: String,
            /// Where. [channel]
            channel: String,
        },
    }
}

spec! {
    /// Who owes a commitment.
    pub enum BuyerSpec {
        /// A lab. [lab]
        Lab(String),
        /// A cloud that leases from another. [cloud]
        Cloud(String),
    }
}

spec! {
    /// How a clause counts the days of a year.
    pub enum DayCountSpec {
        /// Days as they are, over the days of their civil year.
        ActualActual,
        /// Days as they are, over 365.
        Actual365,
        /// Days as they are, over 360.
        Actual360,
        /// Months of 30 days, over 360.
        Thirty360,
    }
}

spec! {
    /// A rate of its own for revenue beyond a threshold.
    pub struct TierSpec {
        /// Revenue to date above which the rate holds. [USD]
        pub above_usd: Scalar,
        /// Rate. [1]
        pub rate: Scalar,
    }
}

spec! {
    /// A term's rule.
    pub enum RuleSpec {
        /// In its scope the grantor deals with no one but the holder.
        Exclusivity {
            /// Bound party. [lab]
            grantor: String,
            /// Who benefits. [cloud]
            holder: String,
            /// What it covers.
            scope: ScopeSpec,
            /// Clouds that it leaves free. [cloud]
            #[serde(default)]
            except_clouds: Vec<String>,
        },
        /// A model appears on the holder's channel first, elsewhere not before the lead.
        FirstShip {
            /// Whose models. [lab]
            lab: String,
            /// Where first. [channel]
            holder: String,
            /// Lead. [days]
            lead_days: Scalar,
        },
        /// New compute needs go to the holder first.
        Refusal {
            /// Who needs. [lab]
            lab: String,
            /// Who is asked first. [cloud]
            holder: String,
        },
        /// The licensee may host the licensor's models and use them in its products.
        Licence {
            /// Whose models. [lab]
            licensor: String,
            /// Who may use them. [party]
            licensee: String,
            /// Whether no other platform may. [bool]
            exclusive: bool,
        },
        /// A channel lists a lab's models.
        Distribution {
            /// Whose models. [lab]
            lab: String,
            /// Where. [channel]
            channel: String,
            /// Who books the customer's spend.
            principal: PrincipalSpec,
            /// Share of the spend that ends with the lab. [1]
            remit_share: Scalar,
        },
        /// Rate × revenue in scope, up to a total cap, settled each quarter.
        RevenueShare {
            /// Who pays. [party]
            payer: String,
            /// Who receives. [party]
            payee: String,
            /// Rate. [1]
            rate: Scalar,
            /// Other rates for revenue beyond thresholds, which ascend.
            #[serde(default)]
            tiers: Vec<TierSpec>,
            /// Revenue in scope.
            base: BaseSpec,
            /// Total cap on what is paid since the counting date. [USD]
            #[serde(default)]
            total_cap_usd: Option<Scalar>,
            /// Day from which payments count towards the cap; the term's first day if left out. [date]
            #[serde(default)]
            counting_from: Option<Date>,
        },
        /// Take or pay: dollars a year.
        Commitment {
            /// Who owes.
            buyer: BuyerSpec,
            /// Who delivers. [cloud]
            seller: String,
            /// Purchases owed. [USD/year]
            usd_per_year: Scalar,
            /// Which part of a year a day is; actual days over the actual year if left out.
            #[serde(default)]
            day_count: Option<DayCountSpec>,
            /// Share of a year's shortfall that is paid. [1]
            take_or_pay: Scalar,
            /// Whether purchases beyond a year's commitment count towards the next. [bool]
            rolls_over: bool,
        },
        /// Cash for a stake.
        Investment {
            /// Who pays. [party]
            investor: String,
            /// Who issues. [party]
            issuer: String,
            /// Cash. [USD]
            usd: Scalar,
        },
    }
}

spec! {
    /// A term with its dates; both days are included.
    pub struct TermSpec {
        /// First day; an investment is paid on it. [date]
        pub from: Cited<Date>,
        /// Last day; open if left out. [date]
        #[serde(default)]
        pub until: Option<Cited<Date>>,
        /// How it is known. [label]
        pub status: StatusSpec,
        /// What it says.
        pub rule: RuleSpec,
    }
}

spec! {
    /// An amendment: ends some terms the day before and brings others, under an old id or a new one.
    pub struct AmendmentSpec {
        /// First day of the new terms. [date]
        pub on: Cited<Date>,
        /// Terms that end the day before. [term]
        #[serde(default)]
        pub ends: Vec<String>,
        /// Terms that it brings; under an id in force, the old version ends the day before.
        #[serde(default)]
        pub terms: BTreeMap<String, TermSpec>,
    }
}

spec! {
    /// A contract.
    pub struct ContractSpec {
        /// Name on charts. [label]
        pub name: String,
        /// Terms by id.
        pub terms: BTreeMap<String, TermSpec>,
        /// Amendments by id, applied in order of date.
        #[serde(default)]
        pub amendments: BTreeMap<String, AmendmentSpec>,
    }
}
