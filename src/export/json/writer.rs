//! A streaming JSON writer: commas, names, strings without control characters, numbers that every parser accepts.

use std::borrow::Cow;
use std::io::{self, Write};

use super::strict::to_strict_json;
use crate::domain::Timestamp;
use crate::export::time::rfc3339;
use crate::json::write_string;
use crate::text::safe_json;

/// The approximate size of the chunks in which text is escaped, so that a long text is not copied as a whole.
const TEXT_CHUNK_BYTES: usize = 64 << 10;

/// A value other than an object or array.
#[derive(Clone, Copy, Debug)]
pub enum Scalar<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'a str),
    /// RFC 3339 in UTC; null outside of its range.
    Time(Timestamp),
}

impl<'a> From<&'a str> for Scalar<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Scalar<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Scalar<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u32> for Scalar<'_> {
    fn from(number: u32) -> Self {
        Self::Int(i64::from(number))
    }
}

impl From<usize> for Scalar<'_> {
    fn from(number: usize) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<u64> for Scalar<'_> {
    fn from(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<f64> for Scalar<'_> {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl From<bool> for Scalar<'_> {
    fn from(yes: bool) -> Self {
        Self::Bool(yes)
    }
}

impl From<Timestamp> for Scalar<'_> {
    fn from(stamp: Timestamp) -> Self {
        Self::Time(stamp)
    }
}

impl<'a, T: Into<Scalar<'a>>> From<Option<T>> for Scalar<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Writes one JSON value.
pub struct JsonWriter<'w> {
    out: &'w mut dyn Write,
    /// Whether the next item is the first one, which needs no comma before it.
    is_first: bool,
}

impl<'w> JsonWriter<'w> {
    pub fn new(out: &'w mut dyn Write) -> Self {
        Self { out, is_first: true }
    }

    fn write_separator(&mut self) -> io::Result<()> {
        if !std::mem::replace(&mut self.is_first, false) {
            self.out.write_all(b",")?;
        }
        Ok(())
    }

    /// Writes an object whose members `fill` writes.
    pub fn object(&mut self, fill: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        self.write_container([b"{", b"}"], fill)
    }

    /// Writes an array whose elements `fill` writes.
    pub fn array(&mut self, fill: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        self.write_container([b"[", b"]"], fill)
    }

    fn write_container(
        &mut self,
        [open, close]: [&[u8]; 2],
        fill: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        self.write_separator()?;
        self.out.write_all(open)?;
        self.is_first = true;
        fill(self)?;
        self.is_first = false;
        self.out.write_all(close)
    }

    /// Writes a fixed name of a member; its value must follow.
    pub fn key(&mut self, name: &'static str) -> io::Result<()> {
        self.write_separator()?;
        write!(self.out, "\"{name}\":")?;
        self.is_first = true;
        Ok(())
    }

    /// Writes an untrusted name of a member; its value must follow.
    pub fn dynamic_key(&mut self, name: &str) -> io::Result<()> {
        self.write_separator()?;
        self.write_text(name)?;
        self.out.write_all(b":")?;
        self.is_first = true;
        Ok(())
    }

    /// Writes a member with a scalar value.
    pub fn field<'a>(&mut self, name: &'static str, value: impl Into<Scalar<'a>>) -> io::Result<()> {
        self.key(name)?;
        self.value(value)
    }

    /// Writes an element, or the value after a name.
    pub fn value<'a>(&mut self, value: impl Into<Scalar<'a>>) -> io::Result<()> {
        self.write_separator()?;
        match value.into() {
            Scalar::Null => self.out.write_all(b"null"),
            Scalar::Bool(yes) => write!(self.out, "{yes}"),
            Scalar::Int(number) => write!(self.out, "{number}"),
            Scalar::Float(number) if number.is_finite() => write!(self.out, "{number:?}"),
            Scalar::Float(_) => self.out.write_all(b"null"),
            Scalar::Text(text) => self.write_text(text),
            Scalar::Time(stamp) => match rfc3339(stamp) {
                Some(text) => write!(self.out, "\"{text}\""),
                None => self.out.write_all(b"null"),
            },
        }
    }

    /// Embeds untrusted JSON: unchanged if every parser accepts it, else as a string; null for no bytes.
    pub fn embed(&mut self, raw: &[u8]) -> io::Result<()> {
        if raw.is_empty() {
            return self.value(Scalar::Null);
        }
        self.write_separator()?;
        match to_strict_json(raw) {
            Some(json) => self.out.write_all(safe_json(&json).as_bytes()),
            None => self.write_text(&String::from_utf8_lossy(raw)),
        }
    }

    fn write_text(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(b"\"")?;
        let mut escaped = String::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (chunk, remainder) = rest.split_at(rest.ceil_char_boundary(TEXT_CHUNK_BYTES.min(rest.len())));
            escaped.clear();
            write_string(&mut escaped, chunk);
            let safe: Cow<'_, str> = safe_json(&escaped);
            let inner = safe.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default();
            self.out.write_all(inner.as_bytes())?;
            rest = remainder;
        }
        self.out.write_all(b"\"")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn render(fill: impl FnOnce(&mut JsonWriter<'_>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        fill(&mut JsonWriter::new(&mut out)).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn writes_commas_only_between_items() {
        let text = render(|json| {
            json.object(|json| {
                json.field("a", 1_i64)?;
                json.key("b")?;
                json.array(|json| {
                    json.value(1.5)?;
                    json.array(|_| Ok(()))?;
                    json.value(None::<i64>)
                })?;
                json.field("c", f64::NAN)?;
                json.field("d", Timestamp(0))?;
                json.field("e", 1e300)
            })
        });
        assert_eq!(text, r#"{"a":1,"b":[1.5,[],null],"c":null,"d":"1970-01-01T00:00:00.000000Z","e":1e300}"#);
    }

    #[test]
    fn writes_long_text_completely() {
        let text = "ä\u{1b}\"".repeat(50_000);
        let json = render(|json| json.value(text.as_str()));
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }

    proptest! {
        #[test]
        fn embeds_any_bytes_as_valid_json_without_control_characters(bytes in prop_oneof![
            any::<Vec<u8>>(),
            "[\\[\\]{}\":,0-9a-z\\\\\u{1}\u{7f}\u{9b} \n\r]{0,30}".prop_map(String::into_bytes),
        ]) {
            let json = render(|json| json.embed(&bytes));
            prop_assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{}", json);
            prop_assert!(!json.chars().any(char::is_control), "{:?}", json);
        }
    }
}
