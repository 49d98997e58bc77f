//! The list of fields.

use crate::fixture::World;
use cloudmarket::scenario::describe::fields;

#[test]
fn every_field_is_listed_with_its_unit() {
    let listed: Vec<String> = fields::<World>()
        .into_iter()
        .map(|f| {
            let optional = if f.optional { "?" } else { "" };
            format!("{}{optional} | {} | {} | {} | {}", f.path, f.variant, f.kind, f.unit, f.about)
        })
        .collect();
    let expected = [
        "name |  | string |  | What it is called.",
        "about? |  | string |  | What it shows.",
        "horizon.0 |  | date |  | First and last day.",
        "horizon.1 |  | date |  | First and last day.",
        "seed |  | whole number |  | Seed of all streams.",
        "clouds.*.wacc |  | number, schedule or distribution | 1/year | Cost of capital.",
        "clouds.*.racks |  | whole number | racks | Racks at the start.",
        "clouds.*.lead_time |  | number or distribution | days | Time from order to delivery.",
        "clouds.*.regions.* |  | string |  | Regions.",
        "clouds.*.opens? |  | date |  | When it opens.",
        "contracts.*.terms.* |  | RevenueShare or Commitment or Exclusive or Free |  | Terms by id.",
        "contracts.*.terms.*.rate | RevenueShare | number, schedule or distribution | 1 | Part of revenue that is due.",
        "contracts.*.terms.*.until | RevenueShare | date |  | Last day.",
        "contracts.*.terms.*.amount | Commitment | number, schedule or distribution | USD | Amount due.",
        "contracts.*.terms.*.rank? | Commitment | whole number |  | Order among commitments.",
        "contracts.*.terms.*.0 | Exclusive | date |  | Terms by id.",
    ];
    assert_eq!(listed, expected);
}
