//! A check for JSON that can be embedded unchanged because every parser accepts it. Numbers that overflow, lone surrogates
//! and deep nesting are valid JSON but break many programs.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::json::skip_value;

/// Maximum depth of an embedded value. Parsers commonly accept up to 128 levels, and the value is itself nested.
const MAX_DEPTH: u8 = 100;

/// Returns the value on one line, if every parser accepts it.
pub fn to_strict_json(raw: &[u8]) -> Option<Cow<'_, str>> {
    let text = std::str::from_utf8(raw).ok()?;
    let mut parser = serde_json::Deserializer::from_str(text);
    StrictVisitor(MAX_DEPTH).deserialize(&mut parser).ok()?;
    parser.end().ok()?;
    let is_multiline = raw.iter().any(|byte| matches!(byte, b'\n' | b'\r' | b'\t'));
    Some(if is_multiline { Cow::Owned(compact(text)) } else { Cow::Borrowed(text) })
}

/// Removes the white space between the tokens of valid JSON.
fn compact(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut at = 0;
    while let Some(rest) = json.get(at..).filter(|rest| !rest.is_empty()) {
        let quote = rest.find('"').unwrap_or(rest.len());
        out.extend(rest.get(..quote).unwrap_or_default().chars().filter(|c| !c.is_ascii_whitespace()));
        at += quote;
        let end = skip_value(json.as_bytes(), at).unwrap_or(json.len());
        out.push_str(json.get(at..end).unwrap_or_default());
        at = end;
    }
    out
}

/// Visits a value of at most this many levels and discards it.
#[derive(Clone, Copy)]
struct StrictVisitor(u8);

impl StrictVisitor {
    fn descend<E: Error>(self) -> Result<Self, E> {
        self.0.checked_sub(1).map(Self).ok_or_else(|| E::custom("too deep"))
    }
}

impl<'de> DeserializeSeed<'de> for StrictVisitor {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let inner = self.descend()?;
        while elements.next_element_seed(inner)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let inner = self.descend()?;
        while members.next_key_seed(inner)?.is_some() {
            members.next_value_seed(inner)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_json_that_some_parsers_refuse() {
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        for bad in ["1e400", r#""\ud800""#, "NaN", "{\"a\":1,}", "1 2", "", "\"\u{1}\"", &deep(101)] {
            assert_eq!(to_strict_json(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(to_strict_json(b"\"\xff\""), None);
        assert!(to_strict_json(deep(100).as_bytes()).is_some());
    }

    #[test]
    fn removes_whitespace_only_between_tokens() {
        let spread = "{\r\n\t\"a b\" : [ 1,\n \"x \\\" y\" ] }";
        assert_eq!(to_strict_json(spread.as_bytes()).unwrap(), r#"{"a b":[1,"x \" y"]}"#);
    }
}
