//! Lenient reading of fields: services send numbers as text, text as numbers, and null for absent values. Null and
//! unreadable values are treated as absent.

use crate::domain::{ByteRange, Timestamp};
use crate::json::{Kind, Members, Value, decode, decode_prefix};

/// Returns the text of a field: a string's value, the JSON of anything else; empty if absent.
pub(super) fn text(value: Option<Value<'_>>) -> String {
    value.map(|value| value.text().into_owned()).unwrap_or_default()
}

/// Returns the text of a field, unless it is empty.
pub(super) fn non_empty_text(value: Option<Value<'_>>) -> Option<String> {
    value.map(|value| value.text().into_owned()).filter(|text| !text.is_empty())
}

/// Returns the value of a string field, unless it is empty.
pub(super) fn non_empty_string(value: Option<Value<'_>>) -> Option<String> {
    value.and_then(Value::as_str).filter(|text| !text.is_empty()).map(std::borrow::Cow::into_owned)
}

/// Returns the first of the given members that is present.
pub(super) fn first_present<'a, const N: usize>(object: Value<'a>, keys: [&str; N]) -> Option<Value<'a>> {
    object.get_many(keys).into_iter().flatten().next()
}

/// Returns the members with the given names, as [`Value::get_many`] returns them, from one walk that also checks whether
/// the object is complete. If not, the second value is the reason, a clause with "it"; readable members are returned
/// anyway.
pub(super) fn pick_checked<'a, const N: usize>(
    object: Value<'a>,
    names: [&str; N],
) -> ([Option<Value<'a>>; N], Option<String>) {
    let mut values = [None; N];
    let mut members = object.members();
    for (key, value) in members.by_ref() {
        let slot = names.iter().zip(values.iter_mut()).find(|(name, _)| key.is(name));
        if let Some((_, slot)) = slot {
            *slot = Some(value).filter(|value| value.kind() != Kind::Null);
        }
    }
    (values, object_error(object, &members))
}

/// Returns why an object is incomplete, after a walk over all its members; a clause with "it".
pub(super) fn object_error(object: Value<'_>, members: &Members<'_>) -> Option<String> {
    if object.kind() != Kind::Object {
        return Some(format!("it is {}, not an object", kind_name(object)));
    }
    members.error().map(|error| format!("{} (at byte {})", error.reason, error.offset))
}

/// Reads a timestamp: text, or an epoch number.
pub(super) fn timestamp(value: Value<'_>) -> Option<Timestamp> {
    match value.kind() {
        Kind::String => Timestamp::parse(&value.as_str()?),
        Kind::Number => Timestamp::parse_number(&value.text()),
        Kind::Null | Kind::Bool | Kind::Array | Kind::Object | Kind::Invalid => None,
    }
}

/// Returns the first valid timestamp and its text; without one, the text of the first value that is present.
pub(super) fn first_timestamp<const N: usize>(values: [Option<Value<'_>>; N]) -> (Option<Timestamp>, String) {
    let present = || values.iter().flatten();
    match present().find_map(|&value| Some((timestamp(value)?, value))) {
        Some((stamp, value)) => (Some(stamp), value.text().into_owned()),
        None => (None, text(present().next().copied())),
    }
}

/// Returns whether a value is blank: null, only white space, an empty list, or an object of such members. Values more than
/// one level down are not blank unless they are empty.
pub(super) fn is_blank(value: Value<'_>) -> bool {
    match value.kind() {
        Kind::Object => value.members().all(|(_, inner)| is_shallow_blank(inner)),
        _ => is_shallow_blank(value),
    }
}

fn is_shallow_blank(value: Value<'_>) -> bool {
    match value.kind() {
        Kind::Null => true,
        Kind::String => is_blank_text(value.raw()),
        Kind::Array | Kind::Object | Kind::Invalid => value.is_empty(),
        Kind::Bool | Kind::Number => false,
    }
}

/// Returns whether a JSON string is only white space. The first byte usually decides; few strings need to be decoded.
fn is_blank_text(raw: &[u8]) -> bool {
    match raw {
        [b'"', b'!' | b'#'..=b'[' | b']'..=b'~', ..] => false,
        _ if !decode_prefix(raw, 64).trim().is_empty() => false,
        _ => decode(raw).trim().is_empty(),
    }
}

/// Returns the byte range of a value within the message.
pub(super) fn byte_range(message: &[u8], value: Value<'_>) -> ByteRange {
    ByteRange::of_subslice(message, value.raw())
}

/// Returns the [`byte_range`] of an optional field.
pub(super) fn optional_byte_range(message: &[u8], value: Option<Value<'_>>) -> ByteRange {
    value.map(|value| byte_range(message, value)).unwrap_or_default()
}

/// Returns the kind of a value, for error sentences: "it is a number, not an object".
pub(super) fn kind_name(value: Value<'_>) -> &'static str {
    match value.kind() {
        Kind::Null => "null",
        Kind::Bool => "true or false",
        Kind::Number => "a number",
        Kind::String => "text",
        Kind::Array => "a list",
        Kind::Object => "an object",
        Kind::Invalid if value.raw().is_empty() => "nothing",
        Kind::Invalid => "invalid JSON",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_first_valid_timestamp_from_text_or_number() {
        let value = |text: &'static str| Some(Value::of(text.as_bytes()));
        let (stamp, text) = first_timestamp([value("\"soon\""), value("1.5"), value("2")]);
        assert_eq!((stamp, text.as_str()), (Some(Timestamp(1_500_000)), "1.5"));
        assert_eq!(first_timestamp([None, value("\"soon\"")]), (None, "soon".to_owned()));
        assert_eq!(first_timestamp([None, value("{}")]), (None, "{}".to_owned()));
        assert_eq!(first_timestamp([]), (None, String::new()));
    }

    #[test]
    fn detects_blank_values() {
        for text in ["null", "\"\"", r#"" \n""#, "[]", "{ }", r#"{"a":null,"b":"","c":[],"d":{}}"#, ""] {
            assert!(is_blank(Value::of(text.as_bytes())), "{text}");
        }
        for text in ["0", "false", "\"x\"", "[null]", r#"{"a":0}"#, r#"{"a":{"b":1}}"#] {
            assert!(!is_blank(Value::of(text.as_bytes())), "{text}");
        }
    }
}
