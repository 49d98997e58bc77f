//! Channels, and products that run on models of several labs, in the made-up decade.

use super::*;

/// Id, whose it is, and the logarithm of its share at the start.
pub(super) const CHANNELS: [(&str, &str, f64); 6] = [
    ("azure-foundry", "azure", 1.0),
    ("bedrock", "aws", 1.1),
    ("vertex", "google-cloud", 0.3),
    ("government", "azure", -0.8),
    ("openai-api", "openai", 0.9),
    ("anthropic-api", "anthropic", 0.2),
];
/// Half of it OpenAI's until month 35; then a quarter, and a quarter Anthropic's.
const ASSISTANT: [(&str, [f64; 2]); 4] =
    [("openai", [0.5, 0.25]), ("amazon-nova", [0.5, 0.5]), ("anthropic", [0.0, 0.25]), ("mistral", [0.0, 0.0])];
const CHANGES: usize = 35;

pub(super) fn add(made: &mut Made, noise: &mut Noise) {
    made.shares("share_tokens_channel", &CHANNELS, noise, false);
    made.shares("share_revenue_channel", &CHANNELS, noise, true);
    for (lab, shares) in ASSISTANT {
        made.add("product_share_tokens", "assistant", (0..MONTHS).map(|m| shares[usize::from(m >= CHANGES)]));
        made.keys.last_mut().unwrap().counterparty = lab.into();
    }
    for (id, ..) in CLOUDS {
        let wait = noise.walk(0.4, 0.002, 0.03);
        made.add("queueing_delay_s", id, wait.iter().map(|s| s.max(0.0)));
    }
}

#[test]
fn channels_are_stacked_in_the_colours_of_their_owners() {
    let decade = Decade::new(3);
    for file in ["share_tokens_by_channel", "share_revenue_by_channel"] {
        let Form::StackedShares(stack) = decade.picture(file).form else { panic!("a stack") };
        let colours: Vec<_> = stack.layers.iter().map(|layer| layer.colour).collect();
        assert_eq!(colours[..2], [decade.palette.colour("azure"), decade.palette.colour("aws")]);
        assert!((1..colours.len()).all(|i| !colours[..i].contains(&colours[i])), "{file}: {colours:?}");
    }
    let picture = decade.picture("share_tokens_by_channel_bands");
    let spread = decade.summary.of_entity("share_tokens_channel", "bedrock").unwrap().spreads[40];
    assert_eq!(panels(&picture)[1].lines[0].band.p50[40], spread.p50);
}

#[test]
fn a_product_is_told_by_the_labs_that_ever_served_it() {
    let decade = Decade::new(2);
    let picture = decade.picture("brokered_products");
    let Form::StackedShares(stack) = &picture.form else { panic!("a stack") };
    let named: Vec<_> =
        stack.layers.iter().map(|l| (l.label.as_str(), l.shares[CHANGES - 1], l.shares[CHANGES])).collect();
    assert_eq!(named, [("OpenAI", 0.5, 0.25), ("Anthropic", 0.0, 0.25), ("Amazon Nova", 0.5, 0.5)]);
    assert_eq!(picture.title, "Whose models serve assistant");
}

/// A second product that is brokered has a panel of its own, and a legend names the labs; one that runs on a single lab's
/// models is left out.
#[test]
fn several_products_have_a_panel_each() {
    let mut decade = Decade::new(2);
    let series = decade.summary.series.clone();
    let assistant = series.iter().filter(|series| series.key.metric == "product_share_tokens");
    for (i, part) in assistant.enumerate() {
        let mut other = part.clone();
        other.key.entity = if i < 2 { "writer".into() } else { "painter".into() };
        decade.summary.series.push(other);
    }
    let picture = decade.picture("brokered_products");
    let Form::StackPanels(form) = &picture.form else { panic!("panels") };
    let titles: Vec<_> = form.panels.iter().map(|panel| (panel.title.as_str(), panel.layers.len())).collect();
    assert_eq!(titles, [("assistant", 3), ("writer", 2)]);
    let legend: Vec<_> = picture.legend.iter().map(|entry| entry.text.as_str()).collect();
    assert_eq!(legend, ["OpenAI", "Anthropic", "Amazon Nova"]);
    assert_eq!(form.panels[1].layers[0].amounts[CHANGES], 0.25);
}

#[test]
fn the_wait_stands_below_the_utilisation_of_its_cloud() {
    let decade = Decade::new(3);
    let Form::Load(form) = decade.picture("utilisation_and_throttling").form else { panic!("loads") };
    let of_oracle = decade.summary.of_entity("queueing_delay_s", "oracle").unwrap().spreads[50];
    let wait = form.waits[3].as_ref().unwrap();
    assert_eq!(
        (form.lines.panels[3].title.as_str(), wait.p50[50], wait.p95[50]),
        ("Oracle", of_oracle.p50, of_oracle.p95)
    );
    assert!(form.bands && form.waits.len() == CLOUDS.len());
}
