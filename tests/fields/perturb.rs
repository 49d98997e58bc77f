//! Changes that should matter: a few for each field, to be tried until one does.

use super::exhibits;
use super::instance::Instance;
use cloudmarket::scenario::describe::FieldInfo;
use cloudmarket::scenario::schema::ScenarioSpec;
use cloudmarket::scenario::tree::{Kind, Node};
use std::collections::BTreeSet;

/// Most lists of changes for a field whose instances are changed one by one; most of them are refused, which is cheap.
const MOST_SINGLE: usize = 150;
/// Instances that are changed by themselves where changing all at once has no effect, as with shares of a whole.
const SINGLE_INSTANCES: usize = 2;

/// Fields that are drawn in the baseline and in none of its groups.
const UNCERTAIN: [&str; 2] = ["suppliers.nvidia.lines.rubin", "clouds.meta.internal_load_h100e"];

/// What a field holds, and so how it is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Number,
    Lengths,
    Whole,
    Date,
    Truth,
    Label,
    Variant,
    Id,
}

impl Form {
    pub(crate) fn of(field: &FieldInfo) -> Self {
        match field.kind.as_str() {
            _ if field.unit == "label" => Self::Label,
            "number, schedule or distribution" => Self::Number,
            "number or distribution" => Self::Lengths,
            "whole number" => Self::Whole,
            "date" => Self::Date,
            "true or false" => Self::Truth,
            "string" => Self::Id,
            variants if variants.contains(" or ") => Self::Variant,
            kind => panic!("{}: no perturbation for `{kind}`", field.path),
        }
    }
}

/// Lists of changes to try on `field`, given every value that the scenario has for it.
pub(crate) fn candidates(field: &FieldInfo, instances: &[Instance], spec: &ScenarioSpec) -> Vec<String> {
    match Form::of(field) {
        Form::Number if field.path.ends_with("class_mix.*") => vec![exchanges(instances)],
        Form::Number => amounts(instances, [("Scale", "1.1"), ("Scale", "0.9"), ("Shift", "0.1"), ("Scale", "0.25")]),
        Form::Lengths => amounts(instances, [("Scale", "1.5"), ("Scale", "0.7"), ("Shift", "1"), ("Shift", "-1")]),
        Form::Whole => amounts(instances, [("Shift", "1"), ("Shift", "-1"), ("Scale", "2"), ("Scale", "0")]),
        Form::Date => amounts(instances, [("Shift", "45"), ("Shift", "-45"), ("Shift", "400"), ("Shift", "-400")]),
        Form::Truth => all_and_single(instances, |i| set(i, if is_word(i.node, "true") { "false" } else { "true" })),
        Form::Label => vec![all(instances, |i| relabelled(field, i))],
        Form::Variant => single(instances, |i| other_variants(field, i)),
        Form::Id => single(instances, |i| other_ids(field, i, spec)),
    }
}

fn set(instance: &Instance, value: &str) -> String {
    format!("Set({:?}, {value})", instance.path)
}

fn all(instances: &[Instance], change: impl Fn(&Instance) -> String) -> String {
    instances.iter().map(change).collect::<Vec<_>>().join(", ")
}

/// Every instance at once, then some by themselves.
fn all_and_single(instances: &[Instance], change: impl Fn(&Instance) -> String) -> Vec<String> {
    let alone = if instances.len() > 1 { SINGLE_INSTANCES } else { 0 };
    let mut lists = vec![all(instances, &change)];
    lists.extend(instances.iter().take(alone).map(change));
    lists
}

fn amounts(instances: &[Instance], changes: [(&str, &str); 4]) -> Vec<String> {
    let of = |(verb, amount): (&str, &str)| all_and_single(instances, |i| format!("{verb}({:?}, {amount})", i.path));
    let lists = changes.map(of);
    // Every instance at once in each way first.
    let longest = lists.iter().map(Vec::len).max().unwrap_or(0);
    (0..longest).flat_map(|k| lists.iter().filter_map(move |list| list.get(k).cloned())).collect()
}

/// Shares of a whole stay one: in each group, the first two change places.
fn exchanges(instances: &[Instance]) -> String {
    let group = |i: &Instance| i.path.rsplit_once('.').expect("an entry of a map").0.to_owned();
    let groups: BTreeSet<String> = instances.iter().map(group).collect();
    let exchange = |name: &String| {
        let members: Vec<&Instance> = instances.iter().filter(|i| group(i) == *name).take(2).collect();
        let [one, other] = members.as_slice() else { return None };
        Some(format!("{}, {}", set(one, &other.node.to_string()), set(other, &one.node.to_string())))
    };
    groups.iter().filter_map(exchange).collect::<Vec<_>>().join(", ")
}

/// Each instance in turn gets its first other value, then its second, and so on.
fn single(instances: &[Instance], others: impl Fn(&Instance) -> Vec<String>) -> Vec<String> {
    let lists: Vec<Vec<String>> =
        instances.iter().map(|i| others(i).iter().map(|value| set(i, value)).collect()).collect();
    let longest = lists.iter().map(Vec::len).max().unwrap_or(0);
    let in_turn = (0..longest).flat_map(|k| lists.iter().filter_map(move |list| list.get(k).cloned()));
    in_turn.take(MOST_SINGLE).collect()
}

fn is_word(node: &Node, word: &str) -> bool {
    matches!(&node.kind, Kind::Word(found) if found == word)
}

fn variant_of(node: &Node) -> &str {
    match &node.kind {
        Kind::Word(name) | Kind::Struct(Some(name), _) | Kind::Tuple(Some(name), _) => name,
        _ => "",
    }
}

fn other_variants(field: &FieldInfo, instance: &Instance) -> Vec<String> {
    let variants = field.kind.split(" or ").filter(|variant| *variant != variant_of(instance.node));
    variants.map(|variant| exhibits::value(variant, &instance.path).unwrap_or(variant).to_owned()).collect()
}

fn relabelled(field: &FieldInfo, instance: &Instance) -> String {
    match &instance.node.kind {
        Kind::Text(text) => set(instance, &format!("{:?}", format!("{text}, called otherwise"))),
        _ => set(instance, &other_variants(field, instance)[0]),
    }
}

fn other_ids(field: &FieldInfo, instance: &Instance, spec: &ScenarioSpec) -> Vec<String> {
    let Kind::Text(own) = &instance.node.kind else { panic!("{} is no text", instance.path) };
    let ids = ids(field, instance, spec);
    let place = ids.iter().position(|id| id == own).unwrap_or(0);
    let after = ids.iter().cycle().skip(place).take(ids.len());
    after.filter(|id| *id != own).map(|id| format!("{id:?}")).collect()
}

/// Ids of the kind that a field names.
fn ids(field: &FieldInfo, instance: &Instance, spec: &ScenarioSpec) -> Vec<String> {
    let innermost = field.variant.rsplit('.').next().unwrap_or("");
    match (field.unit.as_str(), innermost) {
        ("party", _) | (_, "Profit") => spec.parties.keys().cloned().collect(),
        ("supplier", _) => spec.suppliers.keys().cloned().collect(),
        ("regulator", _) | (_, "CaseOpened") => spec.regulators.keys().cloned().collect(),
        ("region", _) => spec.regions.keys().cloned().collect(),
        ("segment", _) => spec.segments.keys().cloned().collect(),
        ("class", _) => ["chat", "reasoning", "coding", "batch", "image", "video"].map(str::to_owned).into(),
        ("jurisdiction", _) => spec.jurisdictions.keys().cloned().collect(),
        ("site", _) if field.path == "clouds.*.expansion_site" => {
            let cloud = instance.path.split('.').nth(1).expect("a path below a cloud");
            spec.sites.iter().filter(|(_, site)| site.cloud == cloud).map(|(id, _)| id.clone()).collect()
        }
        ("site", _) => spec.sites.keys().cloned().collect(),
        ("channel", _) => spec.channels.keys().cloned().collect(),
        ("stack", _) => {
            spec.accelerators.values().map(|kind| kind.stack.clone()).collect::<BTreeSet<_>>().into_iter().collect()
        }
        ("path of an uncertain field", _) => UNCERTAIN.map(str::to_owned).into(),
        ("line", _) => {
            spec.labs.values().flat_map(|lab| lab.lines.keys().cloned()).collect::<BTreeSet<_>>().into_iter().collect()
        }
        ("lab.line", _) => {
            let lines = spec.labs.iter().flat_map(|(id, lab)| lab.lines.keys().map(move |line| format!("{id}.{line}")));
            lines.collect()
        }
        ("term", _) | (_, "CapReached") => {
            let contract = instance.path.split('.').nth(1).expect("a path below a contract");
            spec.contracts[contract].terms.keys().cloned().collect()
        }
        ("lab", _) | (_, "Api" | "AllRevenue" | "Lab") => spec.labs.keys().cloned().collect(),
        ("cloud", _) | (_, "Platform" | "SelfHosted" | "Cloud") => spec.clouds.keys().cloned().collect(),
        (unit, _) => panic!("{}: ids of which kind? `{unit}`", field.path),
    }
}
