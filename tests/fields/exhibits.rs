//! What the baseline has no example of: changes after which it has, and values of enums to switch to.

/// Changes on the baseline, each list a scenario in which more fields of the schema have a value that matters.
pub(crate) fn setups() -> Vec<String> {
    let contracts = [contract(false), contract(true), conditions(), case()];
    [
        String::new(),
        prices(),
        second_maker(),
        mishaps(),
        shortage(),
        queue(),
        entry(),
        broker(),
        focal(),
        batches(),
        best_lists(),
        key_accounts("PriorityOrder"),
        key_accounts("WholeOrders"),
    ]
    .into_iter()
    .chain(contracts)
    .collect()
}

/// A cloud that sells for each way of pricing compute.
fn prices() -> String {
    let policies = [
        ("oracle", "Scheduled(2.5)"),
        ("coreweave", "CostPlus(markup: 1.4)"),
        ("aws", "MatchLowest(start_usd: 3.0, premium: 0.98, floor: 1.1)"),
        (
            "google-cloud",
            "BestResponse(start_usd: 3.0, cost_share: 0.8, every_months: 2, damping: 0.5, menu_cost_usd: 3_000_000)",
        ),
    ];
    policies.map(|(cloud, policy)| format!("Set(\"clouds.{cloud}.chip_price\", {policy})")).join(", ")
}

/// Few crews, a site that states its feeds, a cut of power, idle chips that draw some, and service times that vary more
/// than exponential ones.
fn mishaps() -> String {
    let crews = "Add(\"clouds.azure.repair_crews\", 20)";
    let told = ["outages_per_year", "outage_hours"].map(|field| format!("Remove(\"sites.legacy-azure.{field}\")"));
    let feeds = "(count: 3, needed: 2, failures_per_year: 30, repair_hours: 200, crews: 2)";
    let feeds = format!("{}, Add(\"sites.legacy-azure.feeds\", {feeds})", told.join(", "));
    let cut = "Add(\"outages.cut\", (site: \"legacy-aws\", on: \"2024-03-04\", hours: 200, cut_mw: 300))";
    let factors = "Add(\"serving.service_scv\", 4), Add(\"planning.idle_power_share\", 0.2)";
    format!("{crews}, {feeds}, {cut}, {factors}")
}

/// A cloud that goes dark for weeks, at a limit of a stock-out that it passes and others do not.
fn shortage() -> String {
    let dark = "Add(\"outages.dark\", (site: \"legacy-azure\", on: \"2024-03-04\", hours: 1_400, cut_mw: 600))";
    format!("{dark}, Set(\"serving.sold_out_above\", 0.1)")
}

/// A type of accelerator that a second maker could make.
fn second_maker() -> String {
    "Add(\"suppliers.amd.lines.h200\", 20_000), Add(\"pools.cowos.capacity_factor\", 0.9)".into()
}

/// A maker that serves its key accounts first.
fn key_accounts(rule: &str) -> String {
    let ranks = "{ \"meta\": 1, \"coreweave\": 2, \"azure\": 3, \"oracle\": 4 }";
    format!("Set(\"suppliers.nvidia.allocation\", {rule}({ranks}))")
}

/// Customers who have to be won over from doing without.
fn entry() -> String {
    "Add(\"segments.enterprises.switching.entry\", 0.5)".into()
}

/// A product that may use open weights of another lab from a day on.
fn broker() -> String {
    "Add(\"products.copilot.models_from\", { \"meta-ai\": { \"open\": \"2023-09-01\" } })".into()
}

/// Focal customers that say all that they may; the second needs what hardly anybody has, and models that are elsewhere late.
fn focal() -> String {
    // At some weight the home cloud is worth about as much as the next best thing.
    let of = |class: &'static str| {
        (1..10).map(move |n| format!("\"{class}-{n}\": (class: \"{class}\", mtok_per_month: 500, home_weight: 0.{n})"))
    };
    let weighted: Vec<String> = ["chat", "coding", "reasoning", "batch"].into_iter().flat_map(of).collect();
    "Add(\"focal\", { \"shop\": (name: \"A shop\", segment: \"enterprises\", home: \"azure\", certification: 1, residency: \"eu\", \
     from: \"2024-01-01\", renewal_months: 5, workloads: { \
     \"chat\": (class: \"chat\", mtok_per_month: 1_000), \
     WEIGHTED }, \
     commitment: (cloud: \"azure\", usd_per_year: 20_000, discount: 0.1), further_cloud_usd_per_year: 10_000, \
     move_days: (version: 60, lab: 80, provider: 30), strategies: [PlacementByWorkload, PrimaryWithFallback]), \
     \"store\": (name: \"A store\", segment: \"enterprises\", home: \"aws\", certification: 3, from: \"2023-03-01\", workloads: { \
     \"chat\": (class: \"chat\", mtok_per_month: 1_000), \
     WEIGHTED }, further_cloud_usd_per_year: 10_000, \
     move_days: (version: 84, lab: 300, provider: 6.5), strategies: [SingleCloud, PlacementByWorkload]) }), \
     Set(\"contracts.microsoft-openai.amendments.2026-04-27.terms.first-ship.rule.lead_days\", 200)"
        .replace("WEIGHTED", &weighted.join(", "))
}

/// A model that sells batches at a price of its own, and labs that price otherwise from a day on.
fn batches() -> String {
    let later = [
        ("openai", "\"2027-01-01\": MatchLowest(premium: 0.9, floor: 1.2)"),
        ("anthropic", "\"2027-01-01\": CostPlus(markup: 1.5)"),
        ("google-deepmind", "\"2027-01-01\": Hold(drift_per_year: -0.4, floor: 3)"),
    ];
    let later = later.map(|(lab, policy)| format!("Add(\"labs.{lab}.pricing_from\", {{ {policy} }})"));
    format!("Add(\"models.gpt-4.batch_over_list\", 0.7), {}", later.join(", "))
}

/// Customers who mind prices, and labs that price by best response, with a line that nothing came before in.
fn best_lists() -> String {
    let best = "BestResponse(start_markup: 3, cost_share: 0.9, every_months: 2, damping: 0.5, menu_cost_usd: 100_000)";
    let taste = "Set(\"segments.*.taste.log_price\", 1.8)";
    let line = "(quality_gap: 0.1, class_bonus: {}, compute_per_token: 1.0)";
    format!(
        "{taste}, Set(\"labs.mistral.pricing\", {best}), Add(\"labs.openai.pricing_from\", {{ \"2023-06-01\": {best} }}), \
         Add(\"labs.mistral.lines.first\", {line}), Add(\"labs.openai.lines.first\", {line})"
    )
}

/// A cloud that says in which order training jobs start.
fn queue() -> String {
    "Add(\"clouds.azure.training_queue\", Easy)".into()
}

/// Cases that open for certain and soon, on terms that there are, and change what they can.
fn case() -> String {
    let scripted = |id: &str, opens: &str, outcome: &str| {
        let at = |field: &str| format!("\"regulators.{id}.{field}\"");
        format!(
            "Add({}, \"{opens}\"), Add({}, {outcome}), Set({}, 2), Add({}, 3), Set({}, false)",
            at("opens"),
            at("outcome"),
            at("case_months"),
            at("tie_in_factor"),
            at("ends_exclusivity")
        )
    };
    let remedies = "[SwitchingCosts(factor: 0.7), PortingTime(factor: 0.5), EndExclusivity(scope: Distribution), \
                    ZeroLead, OpenLicences]";
    let listed = |id: &str, end: &str| format!("Add(\"regulators.{id}.{end}\", {remedies})");
    let cases = [scripted("cma", "2023-02-10", "Commitments"), scripted("ftc", "2023-05-10", "Prohibition")];
    let remedies = [listed("cma", "on_commitments"), listed("ftc", "on_prohibition")];
    format!("{}, {}, {}", contract(false), cases.join(", "), remedies.join(", "))
}

/// A contract with a term of each kind, agreed at once or by amendment.
fn contract(amended: bool) -> String {
    let terms: Vec<String> = RULES.iter().map(|(id, rule)| term(id, rule)).collect();
    let terms = format!("{{ {} }}", terms.join(", "));
    let contract = if amended {
        let amendment = format!("\"later\": (on: \"2023-09-01\", terms: {terms})");
        format!("(name: \"Exhibits\", terms: {{}}, amendments: {{ {amendment} }})")
    } else {
        format!("(name: \"Exhibits\", terms: {terms})")
    };
    format!("Add(\"contracts.exhibits\", {contract}), Set(\"channels.oci-genai.price_over_list\", 1.2)")
}

/// A contract with an amendment for each kind of condition.
fn conditions() -> String {
    let invest = |usd: u32| format!("Investment(investor: \"oracle\", issuer: \"mistral\", usd: {usd}_000_000)");
    let amendment = |(i, when): (usize, &&str)| {
        let terms = format!("{{ {} }}", term(&format!("round-{i}"), &invest(10 + i as u32)));
        // Of the revenue, which is reached around then.
        let until = if i == 2 { "until: \"2024-01-01\", " } else { "" };
        format!("\"on-{i}\": (on: \"2023-10-01\", {until}when: {when}, terms: {terms})")
    };
    let amendments: Vec<String> = CONDITIONS.iter().enumerate().map(amendment).collect();
    let other = "RevenueShare(payer: \"openai\", payee: \"amazon\", rate: 0.05, base: AllRevenue(\"openai\"), \
                 total_cap_usd: 10_000_000)";
    let share = format!("{}, {}", term(RULES[5].0, RULES[5].1), term("other-share", other));
    let contract = format!(
        "(name: \"Conditions\", terms: {{ {share} }}, amendments: {{ {}, \"last\": (on: \"2024-03-01\", \
         when: Revenue(lab: \"openai\", usd_per_year: 1e8), until: \"2024-12-31\", ends: [\"{}\"]) }})",
        amendments.join(", "),
        RULES[5].0
    );
    format!("Add(\"contracts.conditions\", {contract})")
}

const CONDITIONS: [&str; 6] = [
    "CapReached(\"share-of-all\")",
    "Valuation(lab: \"openai\", usd: 60e9)",
    "Revenue(lab: \"openai\", usd_per_year: 3e9)",
    "Quality(lab: \"openai\", at_least: 1.5)",
    "CaseOpened(\"cma\")",
    "CapacityRefused(cloud: \"azure\", share: 0.02)",
];

fn term(id: &str, rule: &str) -> String {
    format!(
        "\"{id}\": (from: \"2023-09-01\", signed: \"2023-03-01\", until: \"2028-08-31\", status: Assumed, rule: {rule})"
    )
}

const RULES: [(&str, &str); 24] = [
    (
        "exclusivity",
        "Exclusivity(grantor: \"anthropic\", holder: \"aws\", scope: Distribution, except_clouds: [\"google-cloud\"], \
         except_channels: [\"oci-genai\"], lines: [\"flagship\"])",
    ),
    ("first-ship", "FirstShip(lab: \"anthropic\", holder: \"bedrock\", lead_days: 90, waived_above: 0.6)"),
    ("refusal", "Refusal(lab: \"anthropic\", holder: \"google-cloud\")"),
    ("licence", "Licence(licensor: \"mistral\", licensee: \"amazon\", exclusive: true)"),
    (
        "distribution",
        "Distribution(lab: \"openai\", channel: \"oci-genai\", principal: Lab, remit_share: 0.7, \
         capacity: Lab, price: Lab)",
    ),
    (
        "share-of-all",
        "RevenueShare(payer: \"anthropic\", payee: \"amazon\", rate: 0.05, base: AllRevenue(\"anthropic\"), \
         total_cap_usd: 100_000_000, counting_from: \"2023-12-01\", paid_before_usd: 20_000_000)",
    ),
    (
        "share-of-channel",
        "RevenueShare(payer: \"amazon\", payee: \"anthropic\", rate: 0.1, \
         tiers: [(above_usd: 20_000_000, rate: 0.2)], \
         base: ChannelRevenue(lab: \"anthropic\", channel: \"bedrock\"), elsewhere_usd_per_year: 30_000_000)",
    ),
    (
        "commitment",
        "Commitment(buyer: Lab(\"openai\"), seller: \"oracle\", usd_per_year: 400_000_000, day_count: Actual360, take_or_pay: 0.7, \
         rolls_over: false, make_up_years: 1, stacks: [\"cuda\"], prepaid_usd: 50_000_000, \
         notice: (from: \"2024-06-01\", days: 90, below: 0.75))",
    ),
    (
        "lease",
        "Commitment(buyer: Cloud(\"meta\"), seller: \"oracle\", usd_per_year: 300_000_000, take_or_pay: 0.7, \
         rolls_over: true)",
    ),
    (
        "investment",
        "Investment(investor: \"oracle\", issuer: \"mistral\", usd: 50_000_000, pre_money_usd: 450_000_000, stake: 0.1)",
    ),
    (
        "chips",
        "Commitment(buyer: Lab(\"anthropic\"), seller: \"oracle\", h100e: 5_000, usd_per_h100e_hour: 2.0, take_or_pay: 0.7, \
         rolls_over: false)",
    ),
    (
        "power",
        "Commitment(buyer: Lab(\"mistral\"), seller: \"azure\", mw: 5, usd_per_kw_month: 900, take_or_pay: 0.7, \
         rolls_over: false, notice: (from: \"2024-06-01\", days: 90, below: 0.75))",
    ),
    (
        "reservation",
        "Reservation(buyer: Lab(\"openai\"), seller: \"coreweave\", h100e: 3_000, usd_per_h100e_hour: 2.2, late_credit: 0.3)",
    ),
    ("loan", "Loan(lender: \"microsoft\", borrower: \"mistral\", usd: 30_000_000, rate_per_year: 0.08)"),
    (
        "backstop",
        "Backstop(buyer: \"nvidia\", seller: \"coreweave\", usd_per_year: 300_000_000, usd_per_h100e_hour: 1.2)",
    ),
    (
        "warrant",
        "Warrant(issuer: \"amd\", holder: \"openai\", usd: 1_000_000_000, purchases_usd: 5_000_000_000, \
         payers: [\"oracle\", \"meta\"])",
    ),
    ("discount", "Discount(lab: \"openai\", seller: \"coreweave\", tiers: [(from_usd: 300_000_000, discount: 0.6)])"),
    ("favoured", "Discount(lab: \"anthropic\", seller: \"oracle\", most_favoured: true)"),
    (
        "cheap",
        "Reservation(buyer: Lab(\"openai\"), seller: \"oracle\", h100e: 500, usd_per_h100e_hour: 0.3, late_credit: 0.1)",
    ),
    (
        "reserved-lease",
        "Reservation(buyer: Cloud(\"meta\"), seller: \"oracle\", h100e: 700, usd_per_h100e_hour: 1.8, late_credit: 0.2)",
    ),
    (
        "make-up",
        "Commitment(buyer: Lab(\"openai\"), seller: \"azure\", usd_per_year: 600_000_000, take_or_pay: 0.7, \
         rolls_over: false, make_up_years: 2)",
    ),
    ("share-of-result", "RevenueShare(payer: \"oracle\", payee: \"amazon\", rate: 0.01, base: Profit(\"oracle\"))"),
    (
        "share-of-margin",
        "RevenueShare(payer: \"amazon\", payee: \"anthropic\", rate: 0.2, \
         base: ChannelProfit(lab: \"anthropic\", channel: \"bedrock\"))",
    ),
    (
        "exclusivity-in-a-place",
        "Exclusivity(grantor: \"google-deepmind\", holder: \"azure\", scope: Distribution, jurisdictions: [\"eu\"])",
    ),
];

/// A value of each variant that is more than a word.
pub(crate) fn value(variant: &str, path: &str) -> Option<&'static str> {
    let of_product = path.ends_with(".served_by") || path.ends_with(".buyer");
    Some(match variant {
        "Strategic" => "Strategic({ \"azure\": 0.4, \"oracle\": 0.6 })",
        "PriorityOrder" => "PriorityOrder({ \"oracle\": 1, \"azure\": 2 })",
        "WholeOrders" => "WholeOrders({ \"oracle\": 1, \"azure\": 2 })",
        "Scheduled" => "Scheduled(2.5)",
        "CostPlus" => "CostPlus(markup: 1.4)",
        "UtilisationTarget" => "UtilisationTarget(start_usd: 3, target: 0.8, speed: 0.3, floor: 1.0, cap: 2.0)",
        "MatchLowest" => "MatchLowest(premium: 0.9, floor: 1.2)",
        "Hold" => "Hold(drift_per_year: -0.05, floor: 1.3)",
        "Api" => "Api(\"mistral\")",
        "Platform" if path.ends_with(".kind") => "Platform(\"coreweave\")",
        "Lab" if of_product => "Lab(\"openai\")",
        "Cloud" if of_product => "Cloud(\"azure\")",
        "AllRevenue" => "AllRevenue(\"openai\")",
        "ChannelRevenue" => "ChannelRevenue(lab: \"anthropic\", channel: \"vertex\")",
        "SwitchingCosts" => "SwitchingCosts(factor: 0.6)",
        "PortingTime" => "PortingTime(factor: 0.4)",
        "EndExclusivity" => "EndExclusivity(scope: Compute)",
        "Exclusivity" => RULES[0].1,
        "FirstShip" => RULES[1].1,
        "Refusal" => RULES[2].1,
        "Licence" => RULES[3].1,
        "Distribution" if path.ends_with(".rule") => RULES[4].1,
        "RevenueShare" => RULES[5].1,
        "Commitment" => RULES[7].1,
        "Investment" => RULES[9].1,
        "Reservation" => RULES[12].1,
        "Loan" => RULES[13].1,
        "Backstop" => RULES[14].1,
        "Warrant" => RULES[15].1,
        "Discount" => RULES[16].1,
        "ChannelProfit" => "ChannelProfit(lab: \"anthropic\", channel: \"vertex\")",
        "Profit" => "Profit(\"openai\")",
        "CapReached" => CONDITIONS[0],
        "Valuation" => CONDITIONS[1],
        "Revenue" => CONDITIONS[2],
        "Quality" => CONDITIONS[3],
        "CaseOpened" => CONDITIONS[4],
        "CapacityRefused" => CONDITIONS[5],
        _ => return None,
    })
}
