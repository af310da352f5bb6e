//! Reading fields of any type: services send numbers as text, text as numbers, null for nothing. Absent and null are
//! the same here, and what cannot be read is absent too.

use crate::domain::{Piece, Stamp};
use crate::json::{Kind, Members, Value, decode, decode_prefix};

/// The text of a field: a string's own, the JSON of anything else; empty if there is none.
pub(super) fn text(value: Option<Value<'_>>) -> String {
    value.map(|value| value.text().into_owned()).unwrap_or_default()
}

/// The text of a field that says more than nothing.
pub(super) fn word(value: Option<Value<'_>>) -> Option<String> {
    value.map(|value| value.text().into_owned()).filter(|text| !text.is_empty())
}

/// The text of a field that says more than nothing and is text indeed.
pub(super) fn string(value: Option<Value<'_>>) -> Option<String> {
    value.and_then(Value::as_str).filter(|text| !text.is_empty()).map(std::borrow::Cow::into_owned)
}

/// The first of these fields that is there.
pub(super) fn first<'a, const N: usize>(object: Value<'a>, keys: [&str; N]) -> Option<Value<'a>> {
    object.pick(keys).into_iter().flatten().next()
}

/// What an object has under these names, as [`Value::pick`] does, in one walk that also tells whether it is whole.
/// If it is not, the second value says why, as a clause with "it"; the first has what could be read all the same.
pub(super) fn fields<'a, const N: usize>(
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
    (found, fault(object, &members))
}

/// Why an object is not whole whose members were all walked, as a clause with "it".
pub(super) fn fault(object: Value<'_>, members: &Members<'_>) -> Option<String> {
    if object.kind() != Kind::Object {
        return Some(format!("it is {}, not an object", kind_word(object)));
    }
    members.fault().map(|fault| format!("{} (at byte {})", fault.reason, fault.offset))
}

/// A moment: as text, or as a number of seconds or milliseconds.
pub(super) fn stamp(value: Value<'_>) -> Option<Stamp> {
    match value.kind() {
        Kind::String => Stamp::parse(&value.as_str()?),
        Kind::Number => value.as_f64().and_then(Stamp::from_number),
        Kind::Null | Kind::Bool | Kind::Array | Kind::Object | Kind::Invalid => None,
    }
}

/// The first of these that is a moment, and the text of the one that was meant to be.
pub(super) fn moment<const N: usize>(values: [Option<Value<'_>>; N]) -> (Option<Stamp>, String) {
    let there = || values.iter().flatten();
    match there().find_map(|&value| Some((stamp(value)?, value))) {
        Some((stamp, value)) => (Some(stamp), value.text().into_owned()),
        None => (None, text(there().next().copied())),
    }
}

/// Whether a value holds nothing: null, no text but white space, an empty list, an object of such members. It looks two
/// levels down and takes anything deeper for something.
pub(super) fn is_blank(value: Value<'_>) -> bool {
    match value.kind() {
        Kind::Object => value.members().all(|(_, inner)| is_bare(inner)),
        _ => is_bare(value),
    }
}

fn is_bare(value: Value<'_>) -> bool {
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
pub(super) fn piece(message: &[u8], value: Value<'_>) -> Piece {
    Piece::within(message, value.raw())
}

/// As [`piece`], for a field that may be absent.
pub(super) fn place(message: &[u8], value: Option<Value<'_>>) -> Piece {
    value.map(|value| piece(message, value)).unwrap_or_default()
}

/// What a value is, for sentences about what it should have been.
pub(super) fn kind_word(value: Value<'_>) -> &'static str {
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
    fn moments_come_as_text_or_numbers_and_the_first_good_one_counts() {
        let value = |text: &'static str| Some(Value::of(text.as_bytes()));
        let (stamp, text) = moment([value("\"soon\""), value("1.5"), value("2")]);
        assert_eq!((stamp, text.as_str()), (Some(Stamp(1_500_000)), "1.5"));
        assert_eq!(moment([None, value("\"soon\"")]), (None, "soon".to_owned()));
        assert_eq!(moment([None, value("{}")]), (None, "{}".to_owned()));
        assert_eq!(moment([]), (None, String::new()));
    }

    #[test]
    fn blank_is_what_shows_nothing() {
        for text in ["null", "\"\"", r#"" \n""#, "[]", "{ }", r#"{"a":null,"b":"","c":[],"d":{}}"#, ""] {
            assert!(is_blank(Value::of(text.as_bytes())), "{text}");
        }
        for text in ["0", "false", "\"x\"", "[null]", r#"{"a":0}"#, r#"{"a":{"b":1}}"#] {
            assert!(!is_blank(Value::of(text.as_bytes())), "{text}");
        }
    }
}
