//! Distribution: a channel lists the lab's models.

use super::share_of;
use crate::ids::{ChannelId, LabId};
use crate::units::Usd;
use serde::{Deserialize, Serialize};

/// Who sells to the end customer and books all of the spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Principal {
    /// The operator of the channel; it remits a part to the lab.
    Platform,
    /// The lab; the operator of the channel keeps a part.
    Lab,
}

/// Distribution: of the end customer's spend S, the lab ends up with `round(r·S)`, the platform with the rest.
///
/// r remitted share of the end customer's spend \[1\] · S spend \[USD\] · rounded half-even to a cent
/// The principal books S as revenue once; what the other gets is a payment between the two, never a second sale.
/// Source: each clause names its own; shares are of end-customer spend. Status: mostly assumed.
/// Who pays for the compute: the platform, out of its part, or the lab, at its price of committed compute. Who sets the
/// price: the platform, at its premium over list, or the lab, at list.
/// The operator may run its own products on what it lists: a token then bears a fee of r times its price on the channel
/// ([`brokering`](crate::market::demand::brokering)), and who pays for the compute is as above.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// Whose models.
    pub lab: LabId,
    /// Where they are listed.
    pub channel: ChannelId,
    /// Who sells to the end customer.
    pub principal: Principal,
    /// Share of the end customer's spend that the lab gets, 0 to 1, where the operator has no licence to the lab's models.
    pub remit_share: f64,
    /// Who pays for the compute that serves it.
    pub capacity: Principal,
    /// Who sets the price.
    pub price: Principal,
}

/// How the end customer's spend is booked and passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// What the platform books as revenue from the end customer.
    pub booked_by_platform: Usd,
    /// What the lab books as revenue from the end customer.
    pub booked_by_lab: Usd,
    /// What the platform then pays the lab.
    pub remitted_to_lab: Usd,
    /// What the lab then pays the platform.
    pub kept_by_platform: Usd,
}

impl Distribution {
    /// Splits the end customer's spend.
    pub fn split(&self, spend: Usd) -> Split {
        let to_lab = share_of(self.remit_share, spend, Usd::CENT);
        match self.principal {
            Principal::Platform => Split {
                booked_by_platform: spend,
                booked_by_lab: Usd::ZERO,
                remitted_to_lab: to_lab,
                kept_by_platform: Usd::ZERO,
            },
            Principal::Lab => Split {
                booked_by_platform: Usd::ZERO,
                booked_by_lab: spend,
                remitted_to_lab: Usd::ZERO,
                kept_by_platform: spend - to_lab,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn clause(principal: Principal, remit_share: f64) -> Distribution {
        Distribution {
            lab: LabId(0),
            channel: ChannelId(0),
            principal,
            remit_share,
            capacity: Principal::Platform,
            price: Principal::Platform,
        }
    }

    fn cents(amount: i128) -> Usd {
        Usd(amount * 10_000)
    }

    #[test]
    fn a_platform_principal_books_the_spend_and_remits() {
        // 80 % of 10.01 USD is 8.008, so 8.01.
        let split = clause(Principal::Platform, 0.8).split(cents(1_001));
        assert_eq!((split.booked_by_platform, split.booked_by_lab), (cents(1_001), Usd::ZERO));
        assert_eq!((split.remitted_to_lab, split.kept_by_platform), (cents(801), Usd::ZERO));
    }

    #[test]
    fn a_lab_principal_books_the_spend_and_the_platform_keeps_its_part() {
        let split = clause(Principal::Lab, 0.8).split(cents(1_001));
        assert_eq!((split.booked_by_platform, split.booked_by_lab), (Usd::ZERO, cents(1_001)));
        assert_eq!((split.remitted_to_lab, split.kept_by_platform), (Usd::ZERO, cents(200)));
    }

    proptest! {
        #[test]
        fn spend_is_booked_once_and_divides_alike_whoever_is_principal(
            spend in 0i128..10_000_000_000_000, share in 0.0..=1.0f64
        ) {
            let spend = Usd(spend);
            let (platform, lab) = (clause(Principal::Platform, share), clause(Principal::Lab, share));
            for split in [platform.split(spend), lab.split(spend)] {
                prop_assert_eq!(split.booked_by_platform + split.booked_by_lab, spend);
            }
            let rest = spend - platform.split(spend).remitted_to_lab;
            prop_assert_eq!(rest, lab.split(spend).kept_by_platform);
        }
    }
}
