//! Iterators over the members of an object or the elements of an array, one level deep. They recover from syntax errors
//! where possible, and report the first one afterwards.

use std::borrow::Cow;

use memchr::memchr2;

use super::scan::{self, skip_value, skip_whitespace};
use super::string::decode;
use super::value::{Kind, Value};

/// A syntax error of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Offset in bytes from the start of the container.
    pub offset: usize,
    /// The error as a phrase for the user, without its position.
    pub reason: &'static str,
}

/// The raw key of a member; compared and decoded on demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key<'a> {
    raw: &'a [u8],
    /// Whether it contains a backslash: only then do its bytes differ from its text.
    has_escapes: bool,
}

impl<'a> Key<'a> {
    /// Wraps the bytes of a key, quotes included.
    pub fn of(raw: &'a [u8]) -> Self {
        Self { raw, has_escapes: raw.contains(&b'\\') }
    }

    /// Returns the bytes of the key with its quotes, if it has any.
    pub fn raw(self) -> &'a [u8] {
        self.raw
    }

    /// Returns whether it equals this name, however it is escaped. Allocates only for a key with escapes.
    #[inline]
    pub fn is(self, name: &str) -> bool {
        if self.has_escapes { self.text() == name } else { self.unquoted() == name.as_bytes() }
    }

    /// Returns the decoded key.
    pub fn text(self) -> Cow<'a, str> {
        match self.raw.first() {
            Some(b'"') => decode(self.raw),
            _ => String::from_utf8_lossy(self.raw),
        }
    }

    /// Returns the decoded bytes of the key, for a `match` over many names; invalid UTF-8 is kept.
    #[inline]
    pub fn decoded_bytes(self) -> Cow<'a, [u8]> {
        if self.has_escapes {
            Cow::Owned(self.text().into_owned().into_bytes())
        } else {
            Cow::Borrowed(self.unquoted())
        }
    }

    #[inline]
    fn unquoted(self) -> &'a [u8] {
        match self.raw {
            [b'"', inner @ .., b'"'] => inner,
            other => other,
        }
    }
}

/// The last token before the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    Open,
    Item,
    Comma,
    End,
}

/// The state shared by both iterators: the position and the first error.
#[derive(Clone, Debug)]
struct Cursor<'a> {
    bytes: &'a [u8],
    pos: usize,
    last: Last,
    closing_bracket: u8,
    /// Whether more bytes may follow the container.
    is_open_ended: bool,
    error: Option<SyntaxError>,
}

impl<'a> Cursor<'a> {
    fn new(bytes: &'a [u8], open: u8, wrong_kind: &'static str) -> Self {
        let mut cursor = Self {
            bytes,
            pos: 1,
            last: Last::Open,
            closing_bracket: open + 2,
            is_open_ended: false,
            error: None,
        };
        if bytes.first() != Some(&open) {
            cursor.pos = 0;
            cursor.stop(wrong_kind);
        }
        cursor
    }

    fn record_error(&mut self, reason: &'static str) {
        self.error.get_or_insert(SyntaxError { offset: self.pos, reason });
    }

    fn stop(&mut self, reason: &'static str) {
        self.record_error(reason);
        self.last = Last::End;
    }

    /// Advances to the next item and returns its first byte.
    fn next_item(&mut self) -> Option<u8> {
        while self.last != Last::End {
            self.pos = skip_whitespace(self.bytes, self.pos);
            match self.bytes.get(self.pos).copied() {
                None => self.stop("cut off"),
                Some(byte) if byte == self.closing_bracket => self.close_container(),
                Some(b',') => {
                    if self.last != Last::Item {
                        self.record_error("extra comma");
                    }
                    self.last = Last::Comma;
                    self.pos += 1;
                }
                Some(b']' | b'}') => self.stop("closed by the wrong bracket"),
                Some(byte) => {
                    if self.last == Last::Item {
                        self.record_error("missing comma");
                    }
                    return Some(byte);
                }
            }
        }
        None
    }

    fn close_container(&mut self) {
        if self.last == Last::Comma {
            self.record_error("extra comma");
        }
        self.last = Last::End;
        self.pos += 1;
        if !self.is_open_ended && skip_whitespace(self.bytes, self.pos) < self.bytes.len() {
            self.record_error("data after its end");
        }
    }

    /// Reads the value at the cursor, which may be empty or cut off.
    fn next_value(&mut self) -> Value<'a> {
        self.last = Last::Item;
        let start = skip_whitespace(self.bytes, self.pos);
        self.pos = start;
        let end = match skip_value(self.bytes, start) {
            Some(end) => end,
            None if matches!(self.bytes.get(start), Some(b',' | b']' | b'}')) => {
                self.record_error("missing value");
                start
            }
            None => {
                self.stop("cut off");
                self.bytes.len()
            }
        };
        self.pos = end;
        Value::from_trimmed(self.bytes.get(start..end).unwrap_or_default())
    }
}

/// The members of an object in order, duplicates included.
#[derive(Clone, Debug)]
pub struct Members<'a>(Cursor<'a>);

impl<'a> Members<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(Cursor::new(bytes, b'{', "not an object"))
    }

    /// Returns the first error so far; complete after the last member.
    pub fn error(&self) -> Option<SyntaxError> {
        self.0.error
    }

    /// Like `next`, but if the value is an array and `is_wanted` accepts its key, passes the array's elements to `visit`
    /// while searching for its end, which saves a second pass. If the array is malformed, the returned element count is
    /// `None`: iterate over the value again, and ignore the elements visited so far.
    pub fn next_visiting(
        &mut self,
        is_wanted: impl FnOnce(Key<'a>) -> bool,
        visit: impl FnMut(Value<'a>),
    ) -> Option<(Key<'a>, Value<'a>, Option<usize>)> {
        let key = self.next_key()?;
        let start = skip_whitespace(self.0.bytes, self.0.pos);
        let rest = self.0.bytes.get(start..).unwrap_or_default();
        if rest.first() == Some(&b'[')
            && is_wanted(key)
            && let Some((len, count)) = visit_array(rest, visit)
        {
            self.0.last = Last::Item;
            self.0.pos = start + len;
            return Some((key, Value::from_trimmed(rest.get(..len).unwrap_or_default()), Some(count)));
        }
        Some((key, self.0.next_value(), None))
    }

    /// Reads the next key and advances past its colon.
    fn next_key(&mut self) -> Option<Key<'a>> {
        let first = self.0.next_item()?;
        let key = self.read_key(first);
        let cursor = &mut self.0;
        cursor.pos = skip_whitespace(cursor.bytes, cursor.pos);
        match cursor.bytes.get(cursor.pos) {
            Some(b':') => cursor.pos += 1,
            Some(_) => cursor.record_error("missing colon"),
            None => {}
        }
        Some(key)
    }

    fn read_key(&mut self, first: u8) -> Key<'a> {
        let cursor = &mut self.0;
        let start = cursor.pos;
        let rest = cursor.bytes.get(start..).unwrap_or_default();
        let name = rest.get(1..).unwrap_or_default();
        if first != b'"' {
            cursor.record_error("unquoted key");
            let length = rest.iter().position(|&byte| byte == b':' || scan::is_token_end(byte));
            cursor.pos = start + length.unwrap_or(rest.len());
        } else if let Some(quote) = memchr2(b'"', b'\\', name).filter(|&at| name.get(at) == Some(&b'"')) {
            cursor.pos = start + quote + 2;
            return Key { raw: rest.get(..quote + 2).unwrap_or_default(), has_escapes: false };
        } else {
            cursor.pos = start + skip_value(rest, 0).unwrap_or(rest.len());
        }
        Key::of(cursor.bytes.get(start..cursor.pos).unwrap_or_default())
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (Key<'a>, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let key = self.next_key()?;
        Some((key, self.0.next_value()))
    }
}

/// Returns whether the value's end is unambiguous: it is not a token that may contain quotes or brackets.
fn is_clean_value(value: Value<'_>) -> bool {
    match value.kind() {
        Kind::Null | Kind::Bool | Kind::String | Kind::Array | Kind::Object => true,
        Kind::Number => value.raw().iter().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)),
        Kind::Invalid => false,
    }
}

/// Visits the elements of the array at the start of `bytes`; returns its length in bytes and its element count. `None` if
/// it is malformed, since [`skip_value`] may then find another end.
fn visit_array<'a>(bytes: &'a [u8], mut visit: impl FnMut(Value<'a>)) -> Option<(usize, usize)> {
    let mut elements = Elements::new(bytes);
    elements.0.is_open_ended = true;
    let mut count = 0;
    for element in elements.by_ref() {
        if !is_clean_value(element) {
            return None;
        }
        visit(element);
        count += 1;
    }
    elements.error().is_none().then_some((elements.0.pos, count))
}

/// The elements of an array in order.
#[derive(Clone, Debug)]
pub struct Elements<'a>(Cursor<'a>);

impl<'a> Elements<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(Cursor::new(bytes, b'[', "not an array"))
    }

    /// Returns the first error so far; complete after the last element.
    pub fn error(&self) -> Option<SyntaxError> {
        self.0.error
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next_item()?;
        Some(self.0.next_value())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Returns all members by both methods, and the number of elements of `a` visited.
    fn members_both_ways(text: &[u8]) -> (Vec<(Key<'_>, Value<'_>)>, Option<SyntaxError>, usize) {
        let mut plain = Value::of(text).members();
        let expected: Vec<_> = plain.by_ref().collect();
        let mut members = Value::of(text).members();
        let (mut found, mut counted) = (Vec::new(), 0);
        loop {
            let mut visited = Vec::new();
            let next = members.next_visiting(|key| key.is("a"), |element| visited.push(element));
            let Some((key, value, count)) = next else { break };
            if let Some(count) = count {
                counted += count;
                assert_eq!(visited, value.elements().collect::<Vec<_>>());
                assert_eq!(count, visited.len());
            }
            found.push((key, value));
        }
        assert_eq!((&found, members.error()), (&expected, plain.error()));
        (found, members.error(), counted)
    }

    #[test]
    fn elements_are_visited_while_searching_for_the_end() {
        let (found, error, counted) = members_both_ways(br#"{"b":[0],"a": [1,{"x":"]"},"s"] ,"c":2}"#);
        assert_eq!((found.len(), error, counted), (3, None, 3));
        assert_eq!(members_both_ways(br#"{"a":[]}"#).2, 0);
    }

    #[test]
    fn malformed_array_falls_back_to_plain_iteration() {
        for text in
            [r#"{"a":[1,]}"#, r#"{"a":[1 2],"b":3}"#, r#"{"a":[x"],"b":3}"#, r#"{"a":[1}"#, r#"{"a":[1,"#]
        {
            assert_eq!(members_both_ways(text.as_bytes()).2, 0, "{text}");
        }
    }

    proptest! {
        #[test]
        fn both_methods_find_the_same_members(text in r#"\{("a":\[([0-9"\\ ,:{}\[\]x]{0,6}|"[a\]]",|\{"a":\[1\]\},){0,5}\]?,?){0,3}\}?"#) {
            members_both_ways(text.as_bytes());
        }
    }
}
