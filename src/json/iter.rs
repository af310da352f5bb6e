//! Walking the members of an object or the elements of an array, one level only. What is wrong with the syntax is
//! remembered and told afterwards; the walk goes on as far as there is something to be had.

use std::borrow::Cow;

use memchr::memchr2;

use super::scan::{self, skip_value, skip_whitespace};
use super::string::decode;
use super::value::{Kind, Value};

/// What is wrong with the syntax of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where, in bytes from the start of the container.
    pub offset: usize,
    /// What, as part of a sentence for people.
    pub reason: &'static str,
}

/// The name of a member, as it came; compared and decoded on demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key<'a> {
    raw: &'a [u8],
    /// Whether there is a backslash in it: only then are its bytes not its name.
    has_escapes: bool,
}

impl<'a> Key<'a> {
    /// The name that these bytes are, quotes included.
    pub fn of(raw: &'a [u8]) -> Self {
        Self { raw, has_escapes: raw.contains(&b'\\') }
    }

    /// The bytes of the name with its quotes, if it has any.
    pub fn raw(self) -> &'a [u8] {
        self.raw
    }

    /// Whether it is this name, whatever way it is written. Allocates only for a name with escapes.
    #[inline]
    pub fn is(self, name: &str) -> bool {
        if self.has_escapes { self.text() == name } else { self.unquoted() == name.as_bytes() }
    }

    /// The name, decoded.
    pub fn text(self) -> Cow<'a, str> {
        match self.raw.first() {
            Some(b'"') => decode(self.raw),
            _ => String::from_utf8_lossy(self.raw),
        }
    }

    /// The bytes of the name, decoded, for a `match` over many names; bad UTF-8 stays as it is.
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

/// What stood before the place where the walk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    Open,
    Item,
    Comma,
    End,
}

/// What both walks share: the place, and the first fault.
#[derive(Clone, Debug)]
struct Cursor<'a> {
    bytes: &'a [u8],
    pos: usize,
    last: Last,
    closing_bracket: u8,
    /// Whether the bytes may go on after the container.
    is_open_ended: bool,
    error: Option<SyntaxError>,
}

impl<'a> Cursor<'a> {
    fn new(bytes: &'a [u8], open: u8, wrong: &'static str) -> Self {
        let close = open + 2;
        let mut walk = Self {
            bytes,
            pos: 1,
            last: Last::Open,
            closing_bracket: close,
            is_open_ended: false,
            error: None,
        };
        if bytes.first() != Some(&open) {
            walk.pos = 0;
            walk.stop(wrong);
        }
        walk
    }

    fn record_error(&mut self, reason: &'static str) {
        self.error.get_or_insert(SyntaxError { offset: self.pos, reason });
    }

    fn stop(&mut self, reason: &'static str) {
        self.record_error(reason);
        self.last = Last::End;
    }

    /// Goes to the first byte of the next item.
    fn next_item(&mut self) -> Option<u8> {
        while self.last != Last::End {
            self.pos = skip_whitespace(self.bytes, self.pos);
            match self.bytes.get(self.pos).copied() {
                None => self.stop("it is cut off"),
                Some(byte) if byte == self.closing_bracket => self.close_container(),
                Some(b',') => {
                    if self.last != Last::Item {
                        self.record_error("there is a comma too many");
                    }
                    self.last = Last::Comma;
                    self.pos += 1;
                }
                Some(b']' | b'}') => self.stop("it is closed by the wrong bracket"),
                Some(byte) => {
                    if self.last == Last::Item {
                        self.record_error("a comma is missing");
                    }
                    return Some(byte);
                }
            }
        }
        None
    }

    fn close_container(&mut self) {
        if self.last == Last::Comma {
            self.record_error("there is a comma too many");
        }
        self.last = Last::End;
        self.pos += 1;
        if !self.is_open_ended && skip_whitespace(self.bytes, self.pos) < self.bytes.len() {
            self.record_error("something follows after its end");
        }
    }

    /// The value that starts here, perhaps empty or cut off.
    fn next_value(&mut self) -> Value<'a> {
        self.last = Last::Item;
        let start = skip_whitespace(self.bytes, self.pos);
        self.pos = start;
        let end = match skip_value(self.bytes, start) {
            Some(end) => end,
            None if matches!(self.bytes.get(start), Some(b',' | b']' | b'}')) => {
                self.record_error("a value is missing");
                start
            }
            None => {
                self.stop("it is cut off");
                self.bytes.len()
            }
        };
        self.pos = end;
        Value::from_trimmed(self.bytes.get(start..end).unwrap_or_default())
    }
}

/// The members of an object in their order, duplicates included.
#[derive(Clone, Debug)]
pub struct Members<'a>(Cursor<'a>);

impl<'a> Members<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(Cursor::new(bytes, b'{', "it is not an object"))
    }

    /// The first thing wrong in what has been walked so far; ask after the last member.
    pub fn error(&self) -> Option<SyntaxError> {
        self.0.error
    }

    /// As `next`, but if `wanted` says so of a name whose value is an array, `each` is given the elements of it on the
    /// way to its end, which saves looking for that end before. Where the array turns out to be odd, `None` comes
    /// instead of the number of elements: then they are to be walked anew, as those of any other value.
    pub fn next_visiting(
        &mut self,
        wanted: impl FnOnce(Key<'a>) -> bool,
        each: impl FnMut(Value<'a>),
    ) -> Option<(Key<'a>, Value<'a>, Option<usize>)> {
        let key = self.next_key()?;
        let start = skip_whitespace(self.0.bytes, self.0.pos);
        let rest = self.0.bytes.get(start..).unwrap_or_default();
        if rest.first() == Some(&b'[')
            && wanted(key)
            && let Some((len, count)) = visit_array(rest, each)
        {
            self.0.last = Last::Item;
            self.0.pos = start + len;
            return Some((key, Value::from_trimmed(rest.get(..len).unwrap_or_default()), Some(count)));
        }
        Some((key, self.0.next_value(), None))
    }

    /// Goes to just after the colon behind the next name.
    fn next_key(&mut self) -> Option<Key<'a>> {
        let first = self.0.next_item()?;
        let key = self.read_key(first);
        let walk = &mut self.0;
        walk.pos = skip_whitespace(walk.bytes, walk.pos);
        match walk.bytes.get(walk.pos) {
            Some(b':') => walk.pos += 1,
            Some(_) => walk.record_error("a colon is missing"),
            None => {}
        }
        Some(key)
    }

    fn read_key(&mut self, first: u8) -> Key<'a> {
        let walk = &mut self.0;
        let start = walk.pos;
        let rest = walk.bytes.get(start..).unwrap_or_default();
        let name = rest.get(1..).unwrap_or_default();
        if first != b'"' {
            walk.record_error("a name has no quotes");
            let length = rest.iter().position(|&byte| byte == b':' || scan::is_token_end(byte));
            walk.pos = start + length.unwrap_or(rest.len());
        } else if let Some(quote) = memchr2(b'"', b'\\', name).filter(|&at| name.get(at) == Some(&b'"')) {
            walk.pos = start + quote + 2;
            return Key { raw: rest.get(..quote + 2).unwrap_or_default(), has_escapes: false };
        } else {
            walk.pos = start + skip_value(rest, 0).unwrap_or(rest.len());
        }
        Key::of(walk.bytes.get(start..walk.pos).unwrap_or_default())
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (Key<'a>, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let key = self.next_key()?;
        Some((key, self.0.next_value()))
    }
}

/// Whether a value is none of those in which quotes and brackets may hide where only a token should be.
fn is_clean_value(value: Value<'_>) -> bool {
    match value.kind() {
        Kind::Null | Kind::Bool | Kind::String | Kind::Array | Kind::Object => true,
        Kind::Number => value.raw().iter().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)),
        Kind::Invalid => false,
    }
}

/// Walks the array that these bytes start with; its length in bytes, and how many elements it has. `None` if anything is
/// wrong with it, so that its end may not be where another way of looking for it would find it.
fn visit_array<'a>(bytes: &'a [u8], mut each: impl FnMut(Value<'a>)) -> Option<(usize, usize)> {
    let mut elements = Elements::new(bytes);
    elements.0.is_open_ended = true;
    let mut count = 0;
    for element in elements.by_ref() {
        if !is_clean_value(element) {
            return None;
        }
        each(element);
        count += 1;
    }
    elements.error().is_none().then_some((elements.0.pos, count))
}

/// The elements of an array in their order.
#[derive(Clone, Debug)]
pub struct Elements<'a>(Cursor<'a>);

impl<'a> Elements<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(Cursor::new(bytes, b'[', "it is not an array"))
    }

    /// The first thing wrong in what has been walked so far; ask after the last element.
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

    /// All members in both ways, and those elements of `a` that were met on the way to its end.
    fn members_both_ways(text: &[u8]) -> (Vec<(Key<'_>, Value<'_>)>, Option<SyntaxError>, usize) {
        let mut plain = Value::of(text).members();
        let expected: Vec<_> = plain.by_ref().collect();
        let mut members = Value::of(text).members();
        let (mut found, mut counted) = (Vec::new(), 0);
        loop {
            let mut met = Vec::new();
            let next = members.next_visiting(|key| key.is("a"), |element| met.push(element));
            let Some((key, value, count)) = next else { break };
            if let Some(count) = count {
                counted += count;
                assert_eq!(met, value.elements().collect::<Vec<_>>());
                assert_eq!(count, met.len());
            }
            found.push((key, value));
        }
        assert_eq!((&found, members.error()), (&expected, plain.error()));
        (found, members.error(), counted)
    }

    #[test]
    fn elements_are_visited_on_the_way_to_the_end_of_their_array() {
        let (found, fault, counted) = members_both_ways(br#"{"b":[0],"a": [1,{"x":"]"},"s"] ,"c":2}"#);
        assert_eq!((found.len(), fault, counted), (3, None, 3));
        assert_eq!(members_both_ways(br#"{"a":[]}"#).2, 0);
    }

    #[test]
    fn malformed_array_falls_back_to_plain_iteration() {
        for odd in
            [r#"{"a":[1,]}"#, r#"{"a":[1 2],"b":3}"#, r#"{"a":[x"],"b":3}"#, r#"{"a":[1}"#, r#"{"a":[1,"#]
        {
            assert_eq!(members_both_ways(odd.as_bytes()).2, 0, "{odd}");
        }
    }

    proptest! {
        #[test]
        fn both_ways_find_the_same_members(text in r#"\{("a":\[([0-9"\\ ,:{}\[\]x]{0,6}|"[a\]]",|\{"a":\[1\]\},){0,5}\]?,?){0,3}\}?"#) {
            members_both_ways(text.as_bytes());
        }
    }
}
