//! A JSON value as a slice of bytes, with accessors.

use std::borrow::Cow;
use std::fmt;

use super::iter::{Elements, Members};
use super::scan::{skip_whitespace, trim};
use super::string::decode;

/// The kind of a value, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Null,
    Bool,
    Number,
    String,
    Array,
    Object,
    /// Not JSON: `NaN`, garbage, or no bytes at all.
    Invalid,
}

/// A JSON value: its bytes, without surrounding whitespace. It is two words long and cheap to copy. Errors inside are only
/// found by iterating over it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Value<'a>(&'a [u8]);

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} of {} bytes", self.kind(), self.0.len())
    }
}

impl<'a> Value<'a> {
    /// Wraps the bytes of a single value, stripping whitespace and a byte order mark.
    pub fn of(bytes: &'a [u8]) -> Self {
        Self(trim(bytes))
    }

    pub(super) fn from_trimmed(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Returns the verbatim bytes of the value.
    pub fn raw(self) -> &'a [u8] {
        self.0
    }

    /// Returns the kind of the value; cheap.
    pub fn kind(self) -> Kind {
        match self.0 {
            [b'{', ..] => Kind::Object,
            [b'[', ..] => Kind::Array,
            [b'"', ..] => Kind::String,
            [b'0'..=b'9', ..] | [b'-', b'0'..=b'9', ..] => Kind::Number,
            b"true" | b"false" => Kind::Bool,
            b"null" => Kind::Null,
            _ => Kind::Invalid,
        }
    }

    /// Returns whether a strict parser accepts it. Reads the whole value.
    pub fn is_valid_json(self) -> bool {
        serde_json::from_slice::<&serde_json::value::RawValue>(self.0).is_ok()
    }

    /// Returns the members of an object; any other value has none, and an error.
    pub fn members(self) -> Members<'a> {
        Members::new(self.0)
    }

    /// Returns the elements of an array; any other value has none, and an error.
    pub fn elements(self) -> Elements<'a> {
        Elements::new(self.0)
    }

    /// Returns the member with this key. `None` if it is absent or null; of duplicates, the last one is used.
    pub fn get(self, key: &str) -> Option<Value<'a>> {
        let [value] = self.get_many([key]);
        value
    }

    /// Returns the members with several keys, like [`get`](Self::get), in one pass.
    pub fn get_many<const N: usize>(self, keys: [&str; N]) -> [Option<Value<'a>>; N] {
        let mut found = [None; N];
        for (key, value) in self.members() {
            for (name, slot) in keys.iter().zip(found.iter_mut()) {
                if key.is(name) {
                    *slot = Some(value).filter(|value| value.kind() != Kind::Null);
                    break;
                }
            }
        }
        found
    }

    /// Returns the value at a path of keys; `None` if any key is missing.
    pub fn get_path(self, keys: &[&str]) -> Option<Value<'a>> {
        keys.iter().try_fold(self, |value, key| value.get(key))
    }

    /// Returns the decoded text of a string; `None` for anything else. Invalid UTF-8 and lone surrogates become U+FFFD.
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        (self.kind() == Kind::String).then(|| decode(self.0))
    }

    /// Returns the object or list that a string contains as JSON; `None` for any other text and for values that are not
    /// strings.
    pub fn embedded_json(self) -> Option<String> {
        let text = self.as_str()?;
        let inner = Value::of(text.as_bytes());
        let is_container = matches!(inner.kind(), Kind::Object | Kind::Array);
        (is_container && inner.is_valid_json()).then(|| text.into_owned())
    }

    /// Returns the number, also of a string with one. Truncates fractions and saturates.
    pub fn as_i64(self) -> Option<i64> {
        let text = self.number_text()?;
        // `as` saturates.
        text.parse().ok().or_else(|| text.parse::<f64>().ok().map(|number| number as i64))
    }

    /// Returns the number, also of a string with one. Saturates: `1e400` becomes the largest finite number.
    pub fn as_f64(self) -> Option<f64> {
        self.number_text()?.parse::<f64>().ok().map(|number| number.clamp(f64::MIN, f64::MAX))
    }

    /// Returns the boolean.
    pub fn as_bool(self) -> Option<bool> {
        match self.0 {
            b"true" => Some(true),
            b"false" => Some(false),
            _ => None,
        }
    }

    /// Returns the decoded text of a string, or the JSON of anything else.
    pub fn text(self) -> Cow<'a, str> {
        match self.kind() {
            Kind::String => decode(self.0),
            _ => String::from_utf8_lossy(self.0),
        }
    }

    /// Returns whether it is `{}`, `[]`, `""` or has no bytes.
    pub fn is_empty(self) -> bool {
        match self.0 {
            [] | b"\"\"" => true,
            [b'{' | b'[', ..] => {
                matches!(self.0.get(skip_whitespace(self.0, 1)), Some(b'}' | b']'))
            }
            _ => false,
        }
    }

    fn number_text(self) -> Option<&'a str> {
        let text = match self.kind() {
            Kind::Number => self.0,
            Kind::String => trim(self.0.strip_prefix(b"\"")?.strip_suffix(b"\"")?),
            Kind::Null | Kind::Bool | Kind::Array | Kind::Object | Kind::Invalid => return None,
        };
        matches!(text, [b'0'..=b'9', ..] | [b'-', b'0'..=b'9', ..]).then_some(())?;
        std::str::from_utf8(text).ok()
    }
}

#[cfg(test)]
mod tests;
