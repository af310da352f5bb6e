//! The values inside a JSON text, in reading order, without a tree in memory.

use crate::json::{Kind, Value};

/// The maximum number of values that wait to be visited; further values of a list or an object are skipped.
const MAX_WAITING: usize = 1 << 20;

/// The levels of nesting that are visited: each level costs another scan.
const MAX_DEPTH: u32 = 128;

/// Calls `visit` with each value, and with its name if it is a member of an object, until it returns false. A list or an
/// object comes before the values in it.
pub(super) fn visit_values(json: &[u8], visit: &mut dyn FnMut(&str, Value<'_>) -> bool) {
    let mut waiting = vec![(0, String::new(), Value::of(json))];
    while let Some((depth, name, value)) = waiting.pop() {
        if !visit(&name, value) {
            return;
        }
        let (before, room) = (waiting.len(), MAX_WAITING.saturating_sub(waiting.len()));
        match value.kind() {
            Kind::Object if depth < MAX_DEPTH => {
                let members = value.members().take(room);
                waiting.extend(members.map(|(name, value)| (depth + 1, name.text().into_owned(), value)));
            }
            Kind::Array if depth < MAX_DEPTH => {
                let elements = value.elements().take(room);
                waiting.extend(elements.map(|value| (depth + 1, String::new(), value)));
            }
            Kind::Object
            | Kind::Array
            | Kind::Null
            | Kind::Bool
            | Kind::Number
            | Kind::String
            | Kind::Invalid => {}
        }
        waiting.get_mut(before..).unwrap_or_default().reverse();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_in_reading_order_with_their_names_and_end_early() {
        let json = br#"{"a": [1, {"b": "x"}], "c": null}"#;
        let visited = |limit: usize| {
            let mut found = Vec::new();
            visit_values(json, &mut |name, value| {
                found.push(format!("{name}={}", value.text()));
                found.len() < limit
            });
            found
        };
        assert_eq!(
            visited(100),
            [
                r#"={"a": [1, {"b": "x"}], "c": null}"#,
                r#"a=[1, {"b": "x"}]"#,
                "=1",
                r#"={"b": "x"}"#,
                "b=x",
                "c=null"
            ]
        );
        assert_eq!(visited(2).len(), 2);
    }

    /// With quadratic time, this test would take hours.
    #[test]
    fn values_nested_in_a_million_lists_take_linear_time() {
        let json = "[".repeat(1 << 20);
        let mut count = 0;
        visit_values(json.as_bytes(), &mut |_, _| {
            count += 1;
            true
        });
        assert_eq!(count, MAX_DEPTH + 1);
    }

    #[test]
    fn a_list_of_millions_of_values_takes_bounded_memory() {
        let json = format!("[{}0]", "0,".repeat(2 * MAX_WAITING));
        let mut count = 0;
        visit_values(json.as_bytes(), &mut |_, _| {
            count += 1;
            true
        });
        assert_eq!(count, MAX_WAITING + 1);
    }
}
