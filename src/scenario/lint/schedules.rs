//! Lints of schedules, wherever they stand.

use super::{View, warn};
use crate::scenario::resolve::Finding;
use crate::scenario::tree::{Kind, Node};
use crate::units::CivilDate;

/// Points of a schedule that no day of the run looks at: more than one on or before the first day, of which the last
/// alone counts, or one after the last day that no curve runs up to.
pub(super) fn points_that_nothing_reads(view: &View) -> Vec<Finding> {
    let mut found = Vec::new();
    view.tree.visit(&mut |path, node| {
        if let Some((steps, points)) = schedule(node) {
            found.extend(unread(view, steps, &points).map(|(i, message)| {
                let list = if matches!(node.kind, Kind::Struct(..)) { "points" } else { "0" };
                warn(format!("{path}.{list}.{i}"), message, "")
            }));
        }
    });
    found
}

/// Whether a schedule goes in steps, and its dates.
fn schedule(node: &Node) -> Option<(bool, Vec<CivilDate>)> {
    let (name, list) = match &node.kind {
        Kind::Tuple(Some(name), items) => (name, items.first()?),
        Kind::Struct(Some(name), fields) => (name, &fields.iter().find(|field| field.key == "points")?.value),
        _ => return None,
    };
    let Kind::List(points) = &list.kind else { return None };
    let date = |point: &Node| match &point.kind {
        Kind::Tuple(None, items) => match &items.first()?.kind {
            Kind::Text(date) => CivilDate::parse(date).ok(),
            _ => None,
        },
        _ => None,
    };
    let dates: Option<Vec<CivilDate>> = points.iter().map(date).collect();
    ["Steps", "Linear", "Geometric"].contains(&name.as_str()).then_some((name == "Steps", dates?))
}

/// The first point on either side that is not read, and why; one of each is enough to look at the schedule.
fn unread(view: &View, steps: bool, dates: &[CivilDate]) -> impl Iterator<Item = (usize, String)> {
    let start = view.spec.horizon.start.0;
    let before = dates.get(1).filter(|second| **second <= start).map(|second| {
        (0, format!("{} is never read: {second} comes after it, and the run begins on {start}", dates[0]))
    });
    let mut late = dates.iter().enumerate().filter(|(_, date)| view.is_after_the_end(**date));
    // A line between two points needs the first beyond the end.
    let late = if steps || dates.first().is_some_and(|first| view.is_after_the_end(*first)) {
        late.next()
    } else {
        late.nth(1)
    };
    let after = late
        .filter(|(i, _)| *i > 0)
        .map(|(i, date)| (i, format!("{date} is never read: the run ends on {}", view.end())));
    before.into_iter().chain(after)
}
