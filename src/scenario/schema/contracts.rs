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
        /// Products that are built on the lab's models.
        Product,
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
    /// Which side of a listing does or pays for something.
    pub enum SideSpec {
        /// The operator of the channel.
        Platform,
        /// The lab.
        Lab,
    }
}

spec! {
    /// Revenue or profit that a share is taken of.
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
        /// The same less the levelised cost of the compute that it takes.
        ChannelProfit {
            /// Whose models. [lab]
            lab: String,
            /// Where. [channel]
            channel: String,
        },
        /// A party's revenue less its expenses, revenue shares apart. [party]
        Profit(String),
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
    /// How the buyer may leave a commitment.
    pub struct NoticeSpec {
        /// First day on which notice may be given. [date]
        pub from: Date,
        /// From notice to the end. [days]
        pub days: u32,
        /// Use over what is due in the year, below which the buyer leaves. [1]
        pub below: Scalar,
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
    /// A step of a discount.
    pub struct StepSpec {
        /// Purchases of the last twelve months from which it holds. [USD]
        pub from_usd: Scalar,
        /// Off the price on demand. [1]
        pub discount: Scalar,
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
            /// Channels that it leaves free. [channel]
            #[serde(default)]
            except_channels: Vec<String>,
            /// Lines of the grantor's models that it covers; all if left out. [line]
            #[serde(default)]
            lines: Vec<String>,
            /// Jurisdictions that an exclusivity of platforms is limited to: it bars sales to those alone who must keep their
            /// data there; it holds everywhere if left out. [jurisdiction]
            #[serde(default)]
            jurisdictions: Vec<String>,
        },
        /// A model appears on the holder's channel first, elsewhere not before the lead.
        FirstShip {
            /// Whose models. [lab]
            lab: String,
            /// Where first. [channel]
            holder: String,
            /// Lead. [days]
            lead_days: Scalar,
            /// Utilisation of the holder's cloud from which it cannot support a model, and waives its right; never if left
            /// out. [1]
            #[serde(default)]
            waived_above: Option<Scalar>,
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
            /// Share of the spend that ends with the lab; none while a platform that books the spend has a licence to its
            /// models. [1]
            remit_share: Scalar,
            /// Who pays for the compute that serves it; the platform if left out.
            #[serde(default)]
            capacity: Option<SideSpec>,
            /// Who sets the price: the platform, at its own premium over list, or the lab, at list; the platform if left out.
            #[serde(default)]
            price: Option<SideSpec>,
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
            /// Paid before the run that counts towards the cap too; nothing if left out. [USD]
            #[serde(default)]
            paid_before_usd: Option<Scalar>,
            /// Revenue in scope of what the payer sells outside this market; none if left out. [USD/year]
            #[serde(default)]
            elsewhere_usd_per_year: Option<Scalar>,
        },
        /// Take or pay: dollars a year, or chips or power at a price.
        Commitment {
            /// Who owes.
            buyer: BuyerSpec,
            /// Who delivers. [cloud]
            seller: String,
            /// Purchases owed, in dollars. [USD/year]
            #[serde(default)]
            usd_per_year: Option<Scalar>,
            /// Purchases owed, in compute at `usd_per_h100e_hour`. [chat H100e]
            #[serde(default)]
            h100e: Option<Scalar>,
            /// Price of the compute owed. [USD/H100e-hour]
            #[serde(default)]
            usd_per_h100e_hour: Option<Scalar>,
            /// Purchases owed, in power at `usd_per_kw_month`. [MW]
            #[serde(default)]
            mw: Option<Scalar>,
            /// Price of the power owed, with the compute on it. [USD/kW/month]
            #[serde(default)]
            usd_per_kw_month: Option<Scalar>,
            /// Which part of a year a day is; actual days over the actual year if left out.
            #[serde(default)]
            day_count: Option<DayCountSpec>,
            /// Share of a year's shortfall that is paid. [1]
            take_or_pay: Scalar,
            /// Whether purchases beyond a year's commitment count towards the next. [bool]
            rolls_over: bool,
            /// Years in which a shortfall that was paid may be made up by purchases beyond the commitment. [years]
            #[serde(default)]
            make_up_years: u32,
            /// Stacks whose hours count; all if left out. [stack]
            #[serde(default)]
            stacks: Vec<String>,
            /// Paid in advance on the first day, and drawn down by purchases. [USD]
            #[serde(default)]
            prepaid_usd: Option<Scalar>,
            /// How the buyer may leave; not at all if left out.
            #[serde(default)]
            notice: Option<NoticeSpec>,
        },
        /// Compute held for the buyer, paid whether used or not.
        Reservation {
            /// For whom.
            buyer: BuyerSpec,
            /// By whom. [cloud]
            seller: String,
            /// How much. [chat H100e]
            h100e: Scalar,
            /// Price. [USD/H100e-hour]
            usd_per_h100e_hour: Scalar,
            /// What the seller owes for an hour that it cannot deliver, over its price. [1]
            late_credit: Scalar,
        },
        /// Money lent on the first day and paid back on the last.
        Loan {
            /// Who lends. [party]
            lender: String,
            /// Who owes. [party]
            borrower: String,
            /// How much. [USD]
            usd: Scalar,
            /// Interest, paid each quarter. [1/year]
            rate_per_year: Scalar,
        },
        /// A party buys the compute that a cloud could not sell.
        Backstop {
            /// Who buys. [party]
            buyer: String,
            /// Whose compute. [cloud]
            seller: String,
            /// Most that is bought. [USD/year]
            usd_per_year: Scalar,
            /// Price. [USD/H100e-hour]
            usd_per_h100e_hour: Scalar,
        },
        /// A stake that vests with purchases.
        Warrant {
            /// Whose shares. [party]
            issuer: String,
            /// Who gets them. [party]
            holder: String,
            /// Worth of the whole when signed. [USD]
            usd: Scalar,
            /// Purchases from the issuer at which all has vested. [USD]
            purchases_usd: Scalar,
            /// Whose purchases count; everyone's if left out. [party]
            #[serde(default)]
            payers: Vec<String>,
        },
        /// A lower price of compute for a lab that buys much, or no less than others pay.
        Discount {
            /// Who buys. [lab]
            lab: String,
            /// From whom. [cloud]
            seller: String,
            /// Steps of the discount, by rising purchases.
            #[serde(default)]
            tiers: Vec<StepSpec>,
            /// Whether no other lab pays less. [bool]
            #[serde(default)]
            most_favoured: bool,
        },
        /// Cash for a stake.
        Investment {
            /// Who pays. [party]
            investor: String,
            /// Who issues. [party]
            issuer: String,
            /// Cash. [USD]
            usd: Scalar,
            /// What the issuer is worth before the money; earlier holders are diluted by it. [USD]
            #[serde(default)]
            pre_money_usd: Option<Scalar>,
            /// What the investor holds from then on, where the deal settles it. [1]
            #[serde(default)]
            stake: Option<Scalar>,
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
        /// Day on which it was agreed: what it commits to is outstanding from then on; the first day if left out. [date]
        #[serde(default)]
        pub signed: Option<Date>,
        /// How it is known. [label]
        pub status: StatusSpec,
        /// What it says.
        pub rule: RuleSpec,
    }
}

spec! {
    /// What an amendment waits for; it comes at the midnight after it first holds.
    pub enum ConditionSpec {
        /// A revenue share of the contract has paid its total cap. [term]
        CapReached(String),
        /// A lab is worth so much.
        Valuation {
            /// Which. [lab]
            lab: String,
            /// Valuation at least. [USD]
            usd: Scalar,
        },
        /// A lab's revenue, at the rate of its last three months.
        Revenue {
            /// Which. [lab]
            lab: String,
            /// Run-rate at least. [USD/year]
            usd_per_year: Scalar,
        },
        /// A milestone of technology: the quality of a lab's best model.
        Quality {
            /// Which. [lab]
            lab: String,
            /// Quality at least. [quality]
            at_least: Scalar,
        },
        /// A regulator has opened a case. [regulator]
        CaseOpened(String),
        /// A cloud turned customers away for want of capacity.
        CapacityRefused {
            /// Which. [cloud]
            cloud: String,
            /// Turned away in a month over its capacity, at least. [1]
            share: Scalar,
        },
    }
}

spec! {
    /// An amendment: ends some terms the day before and brings others, under an old id or a new one.
    pub struct AmendmentSpec {
        /// First day of the new terms; with a condition the first day on which they may come. [date]
        pub on: Cited<Date>,
        /// What it waits for; nothing if left out.
        #[serde(default)]
        pub when: Option<ConditionSpec>,
        /// Last day on which it may come, where it waits; open if left out. [date]
        #[serde(default)]
        pub until: Option<Date>,
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
