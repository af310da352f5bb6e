//! One JSON value as a slice of bytes, and what can be read from it.

use std::borrow::Cow;
use std::fmt;

use super::iter::{Elements, Members};
use super::scan::{skip_whitespace, trim};
use super::string::decode;

/// What a value is, by how it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Null,
    Bool,
    Number,
    String,
    Array,
    Object,
    /// None of JSON's: `NaN`, garbage, or nothing at all.
    Invalid,
}

/// A JSON value: its bytes, without white space around them. Copying it copies two words. Whether it is well-formed
/// inside is not known before it is walked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Value<'a>(&'a [u8]);

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} of {} bytes", self.kind(), self.0.len())
    }
}

impl<'a> Value<'a> {
    /// The one value that these bytes are; white space and a byte order mark around it are taken off.
    pub fn of(bytes: &'a [u8]) -> Self {
        Self(trim(bytes))
    }

    pub(super) fn from_trimmed(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The bytes of the value as they came.
    pub fn raw(self) -> &'a [u8] {
        self.0
    }

    /// What it is. Cheap; see [`Kind`].
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

    /// Whether a strict parser would take it too. Reads all of it.
    pub fn is_valid_json(self) -> bool {
        serde_json::from_slice::<&serde_json::value::RawValue>(self.0).is_ok()
    }

    /// The members, if this is an object; none otherwise, with a fault that says so.
    pub fn members(self) -> Members<'a> {
        Members::new(self.0)
    }

    /// The elements, if this is an array; none otherwise, with a fault that says so.
    pub fn elements(self) -> Elements<'a> {
        Elements::new(self.0)
    }

    /// The member of this name. `None` if it is absent or null; of duplicates the last counts.
    pub fn get(self, key: &str) -> Option<Value<'a>> {
        let [value] = self.get_many([key]);
        value
    }

    /// [`get`](Self::get) for several names in one walk: ask for all that is wanted of an object at once.
    pub fn get_many<const N: usize>(self, keys: [&str; N]) -> [Option<Value<'a>>; N] {
        let mut found = [None; N];
        for (key, value) in self.members() {
            for (wanted, slot) in keys.iter().zip(found.iter_mut()) {
                if key.is(wanted) {
                    *slot = Some(value).filter(|value| value.kind() != Kind::Null);
                    break;
                }
            }
        }
        found
    }

    /// The value at the end of a chain of names; `None` where the chain breaks.
    pub fn get_path(self, keys: &[&str]) -> Option<Value<'a>> {
        keys.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The text of a string, escapes decoded; `None` for anything else. Bad UTF-8 and lone surrogates become U+FFFD.
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        (self.kind() == Kind::String).then(|| decode(self.0))
    }

    /// A number, or a string that holds one. A fraction is cut off, what is too large becomes the largest.
    pub fn as_i64(self) -> Option<i64> {
        let text = self.number_text()?;
        // `as` saturates, which is what is wanted.
        text.parse().ok().or_else(|| text.parse::<f64>().ok().map(|number| number as i64))
    }

    /// A number, or a string that holds one; what is too large (`1e400`) becomes the largest finite one.
    pub fn as_f64(self) -> Option<f64> {
        self.number_text()?.parse::<f64>().ok().map(|number| number.clamp(f64::MIN, f64::MAX))
    }

    /// `true` or `false`.
    pub fn as_bool(self) -> Option<bool> {
        match self.0 {
            b"true" => Some(true),
            b"false" => Some(false),
            _ => None,
        }
    }

    /// The text of a string, or the JSON itself of anything else.
    pub fn text(self) -> Cow<'a, str> {
        match self.kind() {
            Kind::String => decode(self.0),
            _ => String::from_utf8_lossy(self.0),
        }
    }

    /// Whether it is `{}`, `[]`, `""` or no bytes at all.
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
