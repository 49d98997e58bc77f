//! What each kind of term says.

use super::*;
use crate::scenario::Scenario;
use crate::scenario::decode::decode;
use crate::scenario::tree::Tree;
use std::path::Path;

fn baseline() -> Scenario {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/baseline.ron");
    Scenario::read(&file, &[]).unwrap_or_else(|problems| panic!("{problems}"))
}

/// A term with a rule, reported, from a date with a source to one without, in the world of the baseline.
pub(crate) fn said(rule: &str) -> String {
    let dates = r#"from: Sourced("2026-04-27", "contracts:A"), until: "2030-12-31", status: Reported"#;
    of_term(&format!("({dates}, rule: {rule})"))
}

fn of_term(term: &str) -> String {
    let tree = Tree::parse("term", term).unwrap_or_else(|problems| panic!("{problems}"));
    let term = decode::<TermSpec>(&tree).unwrap_or_else(|problems| panic!("{problems}"));
    sentence(baseline().spec(), &term)
}

const DATES: &str = "from 27 April 2026 to 31 December 2030";

#[test]
fn a_revenue_share_with_a_cap() {
    let share = r#"RevenueShare(payer: "openai", payee: "microsoft", rate: Sourced(0.2, "contracts:A"),
        base: AllRevenue("openai"), total_cap_usd: Sourced(38_000_000_000, "contracts:B"), counting_from: "2026-05-01")"#;
    let expected = format!(
        "OpenAI pays Microsoft 20 % of all its revenue {DATES}, at most 38 bn USD in total, counted from 1 May 2026 \
         (reported; contracts:A, contracts:B)"
    );
    assert_eq!(said(share), expected);
}

#[test]
fn a_revenue_share_of_a_channel_that_is_drawn() {
    let share = |rate: &str| {
        format!(
            r#"RevenueShare(payer: "microsoft", payee: "openai", rate: {rate},
                base: ChannelRevenue(lab: "openai", channel: "azure-foundry"))"#
        )
    };
    let expected = |rate: &str| {
        format!(
            "Microsoft pays OpenAI {rate} of what Azure Foundry books on models of OpenAI {DATES}, without a cap \
             (reported; contracts:A)"
        )
    };
    assert_eq!(said(&share("Uncertain(Uniform(low: 0.15, high: 0.25))")), expected("15 % to 25 %"));
    // 20 % · exp(±1.644854 · 0.2) = 14.4 % and 27.8 %.
    let drawn = "Uncertain(LogNormal(median: 0.2, sigma: 0.2))";
    assert_eq!(said(&share(drawn)), expected("14.4 % to 27.8 % in nine of ten draws"));
    let stepped = r#"Steps([("2026-01-01", 0.2), ("2028-01-01", 0.1)])"#;
    assert_eq!(said(&share(stepped)), expected("20 % at first, 10 % at last"));
}

/// 249 of 365 days of 2026 at 1 and the years 2027 to 2030 at 3: 12.68 billion.
#[test]
fn a_commitment_with_its_ramp() {
    let commitment = r#"Commitment(buyer: Lab("openai"), seller: "azure", usd_per_year:
        Steps([("2026-01-01", 1_000_000_000), ("2027-01-01", 3_000_000_000)]), take_or_pay: 0.6, rolls_over: true)"#;
    let expected = format!(
        "OpenAI commits to buy compute from Azure for 12.7 bn USD in total {DATES}: 1 bn USD a year at first, 3 bn USD \
         a year at last; 60 % of a year's shortfall is paid, and what is bought beyond a year counts towards the \
         next (reported; contracts:A)"
    );
    assert_eq!(said(commitment), expected);
}

/// The range of a factor of 0.5 to 2 on 600 million.
#[test]
fn an_open_commitment_has_no_sum() {
    let term = r#"(from: "2025-06-01", status: Assumed, rule: Commitment(buyer: Cloud("meta"), seller: "coreweave",
        usd_per_year: Scaled(schedule: Steps([("2025-01-01", 600_000_000)]), by: Uniform(low: 0.5, high: 2)),
        take_or_pay: 0.8, rolls_over: false))"#;
    let expected = "Meta commits to buy compute from CoreWeave for 300 m USD a year to 1.2 bn USD a year from 1 June \
                    2025 on; 80 % of a year's shortfall is paid, and what is bought beyond a year does not count \
                    towards the next (assumed; no source)";
    assert_eq!(of_term(term), expected);
}

#[test]
fn exclusivities() {
    let rule = |scope: &str, except: &str| {
        format!(r#"Exclusivity(grantor: "openai", holder: "azure", scope: {scope}, except_clouds: [{except}])"#)
    };
    let compute = format!("OpenAI buys compute from no one but Azure and Oracle OCI {DATES} (reported; contracts:A)");
    assert_eq!(said(&rule("Compute", "\"oracle\"")), compute);
    let models = format!("OpenAI sells its models on no cloud but Azure {DATES} (reported; contracts:A)");
    assert_eq!(said(&rule("Distribution", "")), models);
    let limited = r#"Exclusivity(grantor: "openai", holder: "azure", scope: Distribution, jurisdictions: ["eu"])"#;
    let there = format!(
        "OpenAI sells its models on no cloud but Azure {DATES}, to customers whose data must stay in the European Union \
         (reported; contracts:A)"
    );
    assert_eq!(said(limited), there);
}

#[test]
fn first_ship_and_refusal() {
    let first = |days: &str| said(&format!(r#"FirstShip(lab: "openai", holder: "azure-foundry", lead_days: {days})"#));
    let expected = |lead: &str| {
        format!(
            "New models of OpenAI appear on Azure Foundry first, elsewhere {lead} later, {DATES} (reported; contracts:A)"
        )
    };
    assert_eq!((first("1"), first("14")), (expected("1 day"), expected("14 days")));
    let refusal = said(r#"Refusal(lab: "openai", holder: "azure")"#);
    assert_eq!(refusal, format!("Azure is asked first for new compute of OpenAI {DATES} (reported; contracts:A)"));
}

#[test]
fn licences_and_distribution() {
    let licence = |exclusive: bool| {
        said(&format!(r#"Licence(licensor: "openai", licensee: "microsoft", exclusive: {exclusive})"#))
    };
    let rest = format!("may host and use the models of OpenAI {DATES} (reported; contracts:A)");
    assert_eq!(licence(false), format!("Microsoft {rest}"));
    assert_eq!(licence(true), format!("Microsoft alone among platforms {rest}"));
    let distribution = |principal: &str, share: &str| {
        said(&format!(
            r#"Distribution(lab: "openai", channel: "bedrock", principal: {principal}, remit_share: {share})"#
        ))
    };
    let expected =
        |books: &str| format!("Amazon Bedrock lists the models of OpenAI {DATES}, {books} (reported; contracts:A)");
    assert_eq!(distribution("Platform", "0.5"), expected("books the sales and passes 50 % on to OpenAI"));
    assert_eq!(distribution("Platform", "0"), expected("books the sales and passes nothing on to OpenAI"));
    assert_eq!(distribution("Lab", "0.875"), expected("sells for OpenAI, which books the sales and keeps 87.5 %"));
}

#[test]
fn an_investment_is_paid_on_a_day() {
    let term = r#"(from: "2024-10-02", status: Filed, rule: Investment(investor: "microsoft", issuer: "openai",
        usd: Sourced(6_600_000_000, "bridge:B")))"#;
    assert_eq!(of_term(term), "OpenAI gets 6.6 bn USD from Microsoft for a stake on 2 October 2024 (filed; bridge:B)");
}

#[test]
fn amendments_stand_in_order_before_what_they_bring() {
    let all = sentences(baseline().spec());
    let own: Vec<&Said> = all.iter().filter(|said| said.id.starts_with("microsoft-openai")).collect();
    let amendments: Vec<&&Said> = own.iter().filter(|said| said.text.starts_with("Amendment")).collect();
    assert_eq!(
        amendments.iter().map(|said| said.dates.as_str()).collect::<Vec<_>>(),
        ["2024-06-11", "2025-01-21", "2025-10-28", "2025-10-28", "2026-02-27", "2026-04-27"]
    );
    assert_eq!(
        amendments[1].text,
        "Amendment of Microsoft-OpenAI on 21 January 2025: ends compute-exclusivity and brings refusal \
         (contracts:MSOAI-2025-ROFR)"
    );
    let waited = all.iter().find(|said| said.id == "microsoft-openai.licence (agi)").unwrap();
    assert_eq!(waited.dates, "not before 2025-10-28, to 2032-12-31");
    assert!(waited.text.contains("from the day it comes, 28 October 2025 at the earliest, to 31 December 2032"));
    let place = |id: &str| own.iter().position(|said| said.id == id).unwrap();
    assert_eq!(place("microsoft-openai.refusal (2025-01-21)"), place("microsoft-openai (2025-01-21)") + 1);
    assert!(own.iter().all(|said| !said.text.contains("azure-foundry")), "names, not ids");
}

#[test]
fn figures_have_three_digits_and_no_empty_ones() {
    for (value, text) in [(0.0, "0"), (38.0, "38"), (2.5, "2.5"), (11.94, "11.9"), (249.6, "250"), (0.05, "0.05")] {
        assert_eq!(plain(value), text);
    }
    assert_eq!((usd(5e9), usd(4.5e8), usd(1_500.0)), ("5 bn USD".into(), "450 m USD".into(), "1500 USD".into()));
}
