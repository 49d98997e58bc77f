//! Where a scenario has a value for a field of the schema.

use cloudmarket::scenario::describe::FieldInfo;
use cloudmarket::scenario::tree::{Kind, Node, Tree};

/// One value of a field.
pub(crate) struct Instance<'a> {
    /// Its dotted path, without `*`.
    pub(crate) path: String,
    /// What stands there.
    pub(crate) node: &'a Node,
}

/// Every value that a scenario has for `field`, within the variants that the field belongs to.
pub(crate) fn instances<'a>(tree: &'a Tree, field: &FieldInfo) -> Vec<Instance<'a>> {
    let steps: Vec<&str> = field.path.split('.').collect();
    let mut found = Vec::new();
    visit(tree.root(), &steps, String::new(), "", &mut |variants, path, node| {
        if variants == field.variant {
            found.push(Instance { path, node });
        }
    });
    found
}

/// Calls `found` with the variants, path and node of every value at `steps` below `node`.
fn visit<'a>(
    node: &'a Node,
    steps: &[&str],
    path: String,
    variants: &str,
    found: &mut dyn FnMut(&str, String, &'a Node),
) {
    let node = node.inner();
    let Some((step, rest)) = steps.split_first() else { return found(variants, path, node) };
    let within = |name: &Option<String>| match name {
        Some(name) => joined(variants, name),
        None => variants.to_owned(),
    };
    match &node.kind {
        Kind::Struct(name, entries) => {
            for entry in entries.iter().filter(|entry| *step == "*" || entry.key == *step) {
                visit(&entry.value, rest, joined(&path, &entry.key), &within(name), found);
            }
        }
        Kind::Map(entries) => {
            for entry in entries.iter().filter(|entry| *step == "*" || entry.key == *step) {
                visit(&entry.value, rest, joined(&path, &entry.key), variants, found);
            }
        }
        Kind::Tuple(name, items) => {
            for (index, item) in items.iter().enumerate() {
                if *step == "*" || *step == index.to_string() {
                    visit(item, rest, joined(&path, &index.to_string()), &within(name), found);
                }
            }
        }
        Kind::List(items) => {
            for (index, item) in items.iter().enumerate().filter(|(i, _)| *step == "*" || *step == i.to_string()) {
                visit(item, rest, joined(&path, &index.to_string()), variants, found);
            }
        }
        Kind::Number(_) | Kind::Text(_) | Kind::Char(_) | Kind::Word(_) => {}
    }
}

fn joined(path: &str, step: &str) -> String {
    if path.is_empty() { step.to_owned() } else { format!("{path}.{step}") }
}
