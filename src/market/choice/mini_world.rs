//! A small market for tests: five clouds, six labs, twelve models, thirty options.

use super::offers::{Offer, Offers};
use super::taste::Taste;
use crate::ids::{ChannelId, CloudId, LabId, ModelId};
use crate::market::residency::Jurisdictions;
use crate::supply::params::Class;

pub const AWS: CloudId = CloudId(0);
pub const AZURE: CloudId = CloudId(1);
pub const GOOGLE_CLOUD: CloudId = CloudId(2);
pub const ORACLE: CloudId = CloudId(3);
pub const COREWEAVE: CloudId = CloudId(4);
pub const CLOUDS: usize = 5;

pub const OPENAI: LabId = LabId(0);
pub const ANTHROPIC: LabId = LabId(1);

/// An option of middling quality at 5 USD per million tokens, open to all.
pub fn offer(model: u16, lab: LabId, cloud: Option<CloudId>) -> Offer {
    let channel = ChannelId(cloud.map_or(CLOUDS as u16 + lab.0, |cloud| cloud.0));
    Offer {
        model: ModelId(model),
        lab,
        line: model / 2,
        channel,
        cloud,
        quality: [1.0; Class::COUNT],
        price_usd_per_mtok: [5.0; Class::COUNT],
        latency_excess_s: [0.0; Class::COUNT],
        governance: if cloud.is_some() { 2.0 } else { 1.0 },
        support: 1.0,
        ln_breadth: if cloud.is_some() { 3.0 } else { 1.0 },
        certification: if cloud.is_some() { 3 } else { 2 },
        residency: Jurisdictions(0b111),
        xi: 0.0,
        open: true,
        sold_out: false,
    }
}

/// Two models of each lab on its channels, qualities and prices spread by a fixed pattern.
pub fn offers() -> Offers {
    let channels: [&[Option<CloudId>]; 6] = [
        &[None, Some(AZURE)],
        &[None, Some(AWS), Some(GOOGLE_CLOUD)],
        &[None, Some(GOOGLE_CLOUD)],
        &[Some(AWS), Some(AZURE), Some(GOOGLE_CLOUD), Some(ORACLE)],
        &[None, Some(AZURE)],
        &[None, Some(COREWEAVE)],
    ];
    let mut offers = Offers::new();
    for (lab, clouds) in channels.iter().enumerate() {
        for version in 0..2 {
            let model = 2 * lab + version;
            for cloud in *clouds {
                offers.push(patterned(model as u16, LabId(lab as u16), *cloud));
            }
        }
    }
    offers.set_outside_quality([0.6; Class::COUNT]);
    assert_eq!(offers.len(), 30);
    offers
}

fn patterned(model: u16, lab: LabId, cloud: Option<CloudId>) -> Offer {
    let mut offer = offer(model, lab, cloud);
    for class in 0..Class::COUNT {
        let spread = ((7 * usize::from(model) + 3 * class) % 11) as f64;
        offer.quality[class] = 0.4 + 0.15 * spread;
        offer.price_usd_per_mtok[class] = 0.5 + 1.3 * spread;
        offer.latency_excess_s[class] = 0.1 * (spread % 3.0);
    }
    offer.xi = 0.1 * f64::from(model % 4) - 0.15;
    offer
}

/// Enterprises.
pub fn enterprise() -> Taste {
    let mut alpha_q_class = [1.0; Class::COUNT];
    alpha_q_class[Class::Reasoning.index()] = 1.5;
    alpha_q_class[Class::Coding.index()] = 1.5;
    Taste {
        alpha_q: 1.0,
        alpha_q_class,
        alpha_p: 0.45,
        alpha_l: 0.3,
        alpha_g: 0.3,
        alpha_b: 0.15,
        alpha_s: 0.2,
        beta_home: 1.25,
        beta_commit: 0.5,
        switch_lab: 2.8,
        switch_version: 0.7,
        switch_cloud: 2.0,
        switch_tenure_per_year: 0.3,
        switch_tenure_cap_years: 3.0,
        switch_entry: 0.0,
        lambda: 0.5,
        v0: 0.4,
        ln_over_list: [0.0; Class::COUNT],
        certification: 2,
        residency: Jurisdictions(0b001),
    }
}

/// Start-ups, digital natives, enterprises, regulated, public.
pub fn tastes() -> Vec<Taste> {
    let base = enterprise();
    vec![
        Taste { alpha_p: 0.675, switch_lab: 1.5, alpha_g: 0.1, certification: 0, lambda: 0.55, ..base.clone() },
        Taste { alpha_p: 0.5, switch_lab: 2.2, switch_entry: 0.6, certification: 1, lambda: 0.45, ..base.clone() },
        base.clone(),
        Taste { alpha_p: 0.27, alpha_g: 0.9, certification: 3, lambda: 0.52, ..base.clone() },
        Taste { alpha_p: 0.27, alpha_g: 1.2, certification: 3, residency: Jurisdictions(0b011), lambda: 0.6, ..base },
    ]
}
