//! Costs in US dollars: numbers, texts such as `"$0.0021"`, and objects with a total or parts.

use super::names::{COST_PARTS, COST_TOTALS, Name};
use crate::json::{Kind, Value};

/// Reads a cost; `None` if the value is not one, or is in another currency.
pub(super) fn read_cost(value: Value<'_>) -> Option<f64> {
    match value.kind() {
        Kind::Number => value.as_f64(),
        Kind::String => parse_dollars(&value.as_str()?),
        Kind::Object => read_cost_object(value),
        Kind::Null | Kind::Bool | Kind::Array | Kind::Invalid => None,
    }
}

fn read_cost_object(object: Value<'_>) -> Option<f64> {
    let mut total: Option<(usize, f64)> = None;
    let mut parts: Option<f64> = None;
    for (key, value) in object.members() {
        let name = Name::of(&key.decoded_bytes());
        if matches!(name.bytes(), b"currency" | b"unit")
            && value.as_str().is_some_and(|currency| !currency.eq_ignore_ascii_case("usd"))
        {
            return None;
        }
        let cost = || match value.kind() {
            Kind::Number => value.as_f64(),
            Kind::String => parse_dollars(&value.as_str()?),
            Kind::Null | Kind::Bool | Kind::Array | Kind::Object | Kind::Invalid => None,
        };
        if let Some(rank) =
            name.rank_in(COST_TOTALS).filter(|rank| total.is_none_or(|(best, _)| *rank <= best))
        {
            total = cost().map(|cost| (rank, cost)).or(total);
        } else if name.rank_in(COST_PARTS).is_some() {
            parts = cost().map(|cost| cost + parts.unwrap_or(0.0)).or(parts);
        }
    }
    total.map(|(_, cost)| cost).or(parts)
}

/// Parses a number that may carry a dollar sign or `USD` and separate thousands by commas.
fn parse_dollars(text: &str) -> Option<f64> {
    let text = text.trim();
    let negative = text.strip_prefix('-');
    let mut amount = negative.unwrap_or(text);
    for mark in ["US$", "USD", "usd", "$"] {
        amount = amount.strip_prefix(mark).unwrap_or(amount).trim_start();
        amount = amount.strip_suffix(mark).unwrap_or(amount).trim_end();
    }
    let digits = match amount.rsplit_once(',') {
        // A single comma that does not separate thousands is a decimal comma.
        Some((whole, rest)) if !whole.contains([',', '.']) && !rest.contains('.') && rest.len() != 3 => {
            format!("{whole}.{rest}")
        }
        _ => amount.replace(',', ""),
    };
    if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    let number = digits.parse::<f64>().ok().filter(|number| number.is_finite())?;
    Some(if negative.is_some() { -number } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_costs_in_dollars_only() {
        for (text, expected) in [
            ("0.0021", Some(0.0021)),
            (r#""$0.0021""#, Some(0.0021)),
            (r#""0.0021 USD""#, Some(0.0021)),
            (r#""US$ 1,234.50""#, Some(1234.5)),
            (r#""1.2e-5""#, Some(1.2e-5)),
            (r#""0,0021""#, Some(0.0021)),
            (r#"{"total": "0.5", "input": 0.2}"#, Some(0.5)),
            (r#"{"input": 0.25, "output": 0.5}"#, Some(0.75)),
            (r#"{"amount": 3, "currency": "USD"}"#, Some(3.0)),
            (r#"{"amount": 3, "currency": "EUR"}"#, None),
            (r#""€0.5""#, None),
            (r#""low""#, None),
            ("true", None),
            (r#""NaN""#, None),
        ] {
            assert_eq!(read_cost(Value::of(text.as_bytes())), expected, "{text}");
        }
    }
}
