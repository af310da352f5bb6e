//! Reading fields of any type: services send numbers as text, text as numbers, null for nothing. Absent and null are
//! the same here, and what cannot be read is absent too.

use crate::domain::{ByteRange, Timestamp};
use crate::json::{Kind, Members, Value, decode, decode_prefix};

/// The text of a field: a string's own, the JSON of anything else; empty if there is none.
pub(super) fn text(value: Option<Value<'_>>) -> String {
    value.map(|value| value.text().into_owned()).unwrap_or_default()
}

/// The text of a field that says more than nothing.
pub(super) fn non_empty_text(value: Option<Value<'_>>) -> Option<String> {
    value.map(|value| value.text().into_owned()).filter(|text| !text.is_empty())
}

/// The text of a field that says more than nothing and is text indeed.
pub(super) fn non_empty_string(value: Option<Value<'_>>) -> Option<String> {
    value.and_then(Value::as_str).filter(|text| !text.is_empty()).map(std::borrow::Cow::into_owned)
}

/// The first of these fields that is there.
pub(super) fn first_present<'a, const N: usize>(object: Value<'a>, keys: [&str; N]) -> Option<Value<'a>> {
    object.get_many(keys).into_iter().flatten().next()
}

/// What an object has under these names, as [`Value::pick`] does, in one walk that also tells whether it is whole.
/// If it is not, the second value says why, as a clause with "it"; the first has what could be read all the same.
pub(super) fn pick_checked<'a, const N: usize>(
    object: Value<'a>,
    names: [&str; N],
) -> ([Option<Value<'a>>; N], Option<String>) {
    let mut found = [None; N];
    let mut members = object.members();
    for (key, value) in members.by_ref() {
        let slot = names.iter().zip(found.iter_mut()).find(|(name, _)| key.is(name));
        if let Some((_, slot)) = slot {
            *slot = Some(value).filter(|value| value.kind() != Kind::Null);
        }
    }
    (found, object_error(object, &members))
}

/// Why an object is not whole whose members were all walked, as a clause with "it".
pub(super) fn object_error(object: Value<'_>, members: &Members<'_>) -> Option<String> {
    if object.kind() != Kind::Object {
        return Some(format!("it is {}, not an object", kind_name(object)));
    }
    members.error().map(|fault| format!("{} (at byte {})", fault.reason, fault.offset))
}

/// A moment: as text, or as a number of seconds or milliseconds.
pub(super) fn timestamp(value: Value<'_>) -> Option<Timestamp> {
    match value.kind() {
        Kind::String => Timestamp::parse(&value.as_str()?),
        Kind::Number => value.as_f64().and_then(Timestamp::from_number),
        Kind::Null | Kind::Bool | Kind::Array | Kind::Object | Kind::Invalid => None,
    }
}

/// The first of these that is a moment, and the text of the one that was meant to be.
pub(super) fn first_timestamp<const N: usize>(values: [Option<Value<'_>>; N]) -> (Option<Timestamp>, String) {
    let there = || values.iter().flatten();
    match there().find_map(|&value| Some((timestamp(value)?, value))) {
        Some((stamp, value)) => (Some(stamp), value.text().into_owned()),
        None => (None, text(there().next().copied())),
    }
}

/// Whether a value holds nothing: null, no text but white space, an empty list, an object of such members. It looks two
/// levels down and takes anything deeper for something.
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

/// Whether a JSON string is white space and nothing else. Most show at their first byte that they are not, and few need
/// to be decoded whole.
fn is_blank_text(raw: &[u8]) -> bool {
    match raw {
        [b'"', b'!' | b'#'..=b'[' | b']'..=b'~', ..] => false,
        _ if !decode_prefix(raw, 64).trim().is_empty() => false,
        _ => decode(raw).trim().is_empty(),
    }
}

/// Where a value sits in the message.
pub(super) fn byte_range(message: &[u8], value: Value<'_>) -> ByteRange {
    ByteRange::of_subslice(message, value.raw())
}

/// As [`piece`], for a field that may be absent.
pub(super) fn optional_byte_range(message: &[u8], value: Option<Value<'_>>) -> ByteRange {
    value.map(|value| byte_range(message, value)).unwrap_or_default()
}

/// What a value is, for sentences about what it should have been.
pub(super) fn kind_name(value: Value<'_>) -> &'static str {
    match value.kind() {
        Kind::Null => "null",
        Kind::Bool => "true or false",
        Kind::Number => "a number",
        Kind::String => "text",
        Kind::Array => "a list",
        Kind::Object => "an object",
        Kind::Invalid if value.raw().is_empty() => "nothing",
        Kind::Invalid => "no JSON",
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
