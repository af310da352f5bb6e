//! Tokens, cost and models. Services use many places and spellings for them, so this reads all known ones; `names` has the
//! table of names. All numbers are from one place; only the numbers of a list's elements are added up.

mod cost;
mod counts;
mod names;

use cost::read_cost;
use counts::Counts;
use names::Name;

use crate::domain::Usage;
use crate::json::{Kind, Value};

/// Maximum nesting of objects that are searched.
const MAX_DEPTH: u8 = 8;

/// Byte sequences of which every usage contains one: a byte search is cheaper than a walk, and most payloads have none.
const MARKERS: [&str; 5] = ["oken", "usage", "cost", "Cost", "eval_count"];

/// Returns whether a value may contain usage.
pub(super) fn may_have_usage(value: &Value<'_>) -> bool {
    MARKERS.iter().any(|marker| super::content::contains_str(value.raw(), marker))
}

/// Reads the usage from the containers, most reliable first, under every known name. The cost may be next to it.
pub(super) fn read_usage<const N: usize>(containers: [Option<Value<'_>>; N]) -> Option<Usage> {
    let present = || containers.into_iter().flatten().filter(may_have_usage);
    let mut usage = present().find_map(|value| find_usage(value, false, MAX_DEPTH)).unwrap_or_default();
    usage.cost_usd = present().find_map(|value| find_cost(value, MAX_DEPTH));
    (!usage.is_empty()).then_some(usage)
}

/// The members of an object that may lead to usage.
#[derive(Default)]
struct Places<'a> {
    containers: [Option<Value<'a>>; names::CONTAINERS.len()],
    wrappers: [Option<Value<'a>>; names::WRAPPERS.len()],
    costs: [Option<Value<'a>>; names::COSTS.len()],
    counts: Counts,
    /// Whether its numbers count something other than tokens.
    is_foreign: bool,
}

impl<'a> Places<'a> {
    /// Reads an object. `is_usage` is whether its name means that all of it is usage.
    fn of(object: Value<'a>, is_usage: bool) -> Self {
        let mut places = Self::default();
        for (key, value) in object.members() {
            let key = key.decoded_bytes();
            let name = Name::of(&key);
            let is_nested = matches!(value.kind(), Kind::Object | Kind::Array);
            let slot = |names: &[&str], slots: &mut [Option<Value<'a>>]| {
                let slot = name.rank_in(names).and_then(|rank| slots.get_mut(rank));
                slot.map(|slot| *slot = Some(value)).is_some()
            };
            if name.bytes() == b"unit" && is_usage {
                places.is_foreign =
                    value.as_str().is_some_and(|unit| !unit.to_ascii_lowercase().contains("token"));
            }
            let is_place = is_nested
                && (slot(names::CONTAINERS, &mut places.containers)
                    || slot(names::WRAPPERS, &mut places.wrappers));
            if !is_place && !slot(names::COSTS, &mut places.costs) {
                places.counts.add(&key, &name, value, is_usage);
            }
        }
        places
    }
}

/// Finds the tokens in an object, or the sum of the tokens in a list.
fn find_usage(value: Value<'_>, is_usage: bool, depth: u8) -> Option<Usage> {
    let depth = depth.checked_sub(1)?;
    if value.kind() == Kind::Array {
        return value.elements().filter_map(|item| find_usage(item, is_usage, depth)).reduce(
            |mut sum, more| {
                sum.total_tokens = sum.total();
                sum.add(&more);
                sum
            },
        );
    }
    if value.kind() != Kind::Object {
        return None;
    }
    let places = Places::of(value, is_usage);
    if places.is_foreign {
        return None;
    }
    let own = || places.counts.to_usage();
    let inner = || places.containers.into_iter().flatten().find_map(|inner| find_usage(inner, true, depth));
    let found = if is_usage { own().or_else(inner) } else { inner().or_else(own) };
    found.or_else(|| places.wrappers.into_iter().flatten().find_map(|inner| find_usage(inner, false, depth)))
}

/// Finds the cost in an object, or the sum of the costs in a list. A usage's own cost has precedence.
fn find_cost(value: Value<'_>, depth: u8) -> Option<f64> {
    let depth = depth.checked_sub(1)?;
    if value.kind() == Kind::Array {
        let costs = value.elements().filter_map(|item| find_cost(item, depth));
        return costs.reduce(|sum, more| sum + more);
    }
    if value.kind() != Kind::Object {
        return None;
    }
    let places = Places::of(value, false);
    let nested =
        |values: &[Option<Value<'_>>]| values.iter().flatten().find_map(|inner| find_cost(*inner, depth));
    nested(&places.containers)
        .or_else(|| places.costs.into_iter().flatten().find_map(read_cost))
        .or_else(|| nested(&places.wrappers))
}

/// Adds the models named by a string, a list or a container to `models`, without duplicates.
pub(super) fn add_models(models: &mut Vec<String>, value: Option<Value<'_>>) {
    let Some(value) = value else { return };
    match value.kind() {
        Kind::String => add_model(models, value),
        Kind::Array => value.elements().for_each(|item| add_model(models, item)),
        Kind::Object => {
            let [model, model_name, openai] = value.get_many(["model", "model_name", "openai_metadata"]);
            let response_model = openai.and_then(|openai| openai.get_path(&["openai_response", "model"]));
            [model, model_name, response_model]
                .into_iter()
                .flatten()
                .for_each(|model| add_model(models, model));
        }
        _ => {}
    }
}

fn add_model(models: &mut Vec<String>, model: Value<'_>) {
    let Some(name) = model.as_str() else { return };
    if !name.is_empty() && !models.iter().any(|known| *known == name) {
        models.push(name.into_owned());
    }
}

#[cfg(test)]
mod tests;
