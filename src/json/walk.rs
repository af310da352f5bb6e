//! Walking the members of an object or the elements of an array, one level only. What is wrong with the syntax is
//! remembered and told afterwards; the walk goes on as far as there is something to be had.

use std::borrow::Cow;

use memchr::memchr2;

use super::scan::{self, skip_space, skip_value};
use super::string::decode;
use super::value::{Kind, Value};

/// What is wrong with the syntax of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
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
    escaped: bool,
}

impl<'a> Key<'a> {
    /// The name that these bytes are, quotes included.
    pub fn of(raw: &'a [u8]) -> Self {
        Self { raw, escaped: raw.contains(&b'\\') }
    }

    /// The bytes of the name with its quotes, if it has any.
    pub fn raw(self) -> &'a [u8] {
        self.raw
    }

    /// Whether it is this name, whatever way it is written. Allocates only for a name with escapes.
    #[inline]
    pub fn is(self, name: &str) -> bool {
        if self.escaped { self.text() == name } else { self.inner() == name.as_bytes() }
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
    pub fn name(self) -> Cow<'a, [u8]> {
        if self.escaped {
            Cow::Owned(self.text().into_owned().into_bytes())
        } else {
            Cow::Borrowed(self.inner())
        }
    }

    #[inline]
    fn inner(self) -> &'a [u8] {
        match self.raw {
            [b'"', inner @ .., b'"'] => inner,
            other => other,
        }
    }
}

/// What stood before the place where the walk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    Open,
    Item,
    Comma,
    End,
}

/// What both walks share: the place, and the first fault.
#[derive(Clone, Debug)]
struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    before: Before,
    close: u8,
    /// Whether the bytes may go on after the container.
    open_ended: bool,
    fault: Option<Fault>,
}

impl<'a> Walk<'a> {
    fn new(bytes: &'a [u8], open: u8, wrong: &'static str) -> Self {
        let close = open + 2;
        let mut walk = Self { bytes, at: 1, before: Before::Open, close, open_ended: false, fault: None };
        if bytes.first() != Some(&open) {
            walk.at = 0;
            walk.end(wrong);
        }
        walk
    }

    fn note(&mut self, reason: &'static str) {
        self.fault.get_or_insert(Fault { offset: self.at, reason });
    }

    fn end(&mut self, reason: &'static str) {
        self.note(reason);
        self.before = Before::End;
    }

    /// Goes to the first byte of the next item.
    fn next_item(&mut self) -> Option<u8> {
        while self.before != Before::End {
            self.at = skip_space(self.bytes, self.at);
            match self.bytes.get(self.at).copied() {
                None => self.end("it is cut off"),
                Some(byte) if byte == self.close => self.close(),
                Some(b',') => {
                    if self.before != Before::Item {
                        self.note("there is a comma too many");
                    }
                    self.before = Before::Comma;
                    self.at += 1;
                }
                Some(b']' | b'}') => self.end("it is closed by the wrong bracket"),
                Some(byte) => {
                    if self.before == Before::Item {
                        self.note("a comma is missing");
                    }
                    return Some(byte);
                }
            }
        }
        None
    }

    fn close(&mut self) {
        if self.before == Before::Comma {
            self.note("there is a comma too many");
        }
        self.before = Before::End;
        self.at += 1;
        if !self.open_ended && skip_space(self.bytes, self.at) < self.bytes.len() {
            self.note("something follows after its end");
        }
    }

    /// The value that starts here, perhaps empty or cut off.
    fn value(&mut self) -> Value<'a> {
        self.before = Before::Item;
        let start = skip_space(self.bytes, self.at);
        self.at = start;
        let end = match skip_value(self.bytes, start) {
            Some(end) => end,
            None if matches!(self.bytes.get(start), Some(b',' | b']' | b'}')) => {
                self.note("a value is missing");
                start
            }
            None => {
                self.end("it is cut off");
                self.bytes.len()
            }
        };
        self.at = end;
        Value::exact(self.bytes.get(start..end).unwrap_or_default())
    }
}

/// The members of an object in their order, duplicates included.
#[derive(Clone, Debug)]
pub struct Members<'a>(Walk<'a>);

impl<'a> Members<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(Walk::new(bytes, b'{', "it is not an object"))
    }

    /// The first thing wrong in what has been walked so far; ask after the last member.
    pub fn fault(&self) -> Option<Fault> {
        self.0.fault
    }

    /// As `next`, but if `wanted` says so of a name whose value is an array, `each` is given the elements of it on the
    /// way to its end, which saves looking for that end before. Where the array turns out to be odd, `None` comes
    /// instead of the number of elements: then they are to be walked anew, as those of any other value.
    pub fn next_through(
        &mut self,
        wanted: impl FnOnce(Key<'a>) -> bool,
        each: impl FnMut(Value<'a>),
    ) -> Option<(Key<'a>, Value<'a>, Option<usize>)> {
        let key = self.name()?;
        let start = skip_space(self.0.bytes, self.0.at);
        let rest = self.0.bytes.get(start..).unwrap_or_default();
        if rest.first() == Some(&b'[')
            && wanted(key)
            && let Some((len, count)) = through(rest, each)
        {
            self.0.before = Before::Item;
            self.0.at = start + len;
            return Some((key, Value::exact(rest.get(..len).unwrap_or_default()), Some(count)));
        }
        Some((key, self.0.value(), None))
    }

    /// Goes to just after the colon behind the next name.
    fn name(&mut self) -> Option<Key<'a>> {
        let first = self.0.next_item()?;
        let key = self.key(first);
        let walk = &mut self.0;
        walk.at = skip_space(walk.bytes, walk.at);
        match walk.bytes.get(walk.at) {
            Some(b':') => walk.at += 1,
            Some(_) => walk.note("a colon is missing"),
            None => {}
        }
        Some(key)
    }

    fn key(&mut self, first: u8) -> Key<'a> {
        let walk = &mut self.0;
        let start = walk.at;
        let rest = walk.bytes.get(start..).unwrap_or_default();
        let name = rest.get(1..).unwrap_or_default();
        if first != b'"' {
            walk.note("a name has no quotes");
            let length = rest.iter().position(|&byte| byte == b':' || scan::ends_token(byte));
            walk.at = start + length.unwrap_or(rest.len());
        } else if let Some(quote) = memchr2(b'"', b'\\', name).filter(|&at| name.get(at) == Some(&b'"')) {
            walk.at = start + quote + 2;
            return Key { raw: rest.get(..quote + 2).unwrap_or_default(), escaped: false };
        } else {
            walk.at = start + skip_value(rest, 0).unwrap_or(rest.len());
        }
        Key::of(walk.bytes.get(start..walk.at).unwrap_or_default())
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (Key<'a>, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let key = self.name()?;
        Some((key, self.0.value()))
    }
}

/// Whether a value is none of those in which quotes and brackets may hide where only a token should be.
fn is_sound(value: Value<'_>) -> bool {
    match value.kind() {
        Kind::Null | Kind::Bool | Kind::String | Kind::Array | Kind::Object => true,
        Kind::Number => value.raw().iter().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)),
        Kind::Invalid => false,
    }
}

/// Walks the array that these bytes start with; its length in bytes, and how many elements it has. `None` if anything is
/// wrong with it, so that its end may not be where another way of looking for it would find it.
fn through<'a>(bytes: &'a [u8], mut each: impl FnMut(Value<'a>)) -> Option<(usize, usize)> {
    let mut elements = Elements::new(bytes);
    elements.0.open_ended = true;
    let mut count = 0;
    for element in elements.by_ref() {
        if !is_sound(element) {
            return None;
        }
        each(element);
        count += 1;
    }
    elements.fault().is_none().then_some((elements.0.at, count))
}

/// The elements of an array in their order.
#[derive(Clone, Debug)]
pub struct Elements<'a>(Walk<'a>);

impl<'a> Elements<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(Walk::new(bytes, b'[', "it is not an array"))
    }

    /// The first thing wrong in what has been walked so far; ask after the last element.
    pub fn fault(&self) -> Option<Fault> {
        self.0.fault
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next_item()?;
        Some(self.0.value())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All members in both ways, and those elements of `a` that were met on the way to its end.
    fn both(text: &[u8]) -> (Vec<(Key<'_>, Value<'_>)>, Option<Fault>, usize) {
        let mut plain = Value::of(text).members();
        let expected: Vec<_> = plain.by_ref().collect();
        let mut members = Value::of(text).members();
        let (mut found, mut counted) = (Vec::new(), 0);
        loop {
            let mut met = Vec::new();
            let next = members.next_through(|key| key.is("a"), |element| met.push(element));
            let Some((key, value, count)) = next else { break };
            if let Some(count) = count {
                counted += count;
                assert_eq!(met, value.elements().collect::<Vec<_>>());
                assert_eq!(count, met.len());
            }
            found.push((key, value));
        }
        assert_eq!((&found, members.fault()), (&expected, plain.fault()));
        (found, members.fault(), counted)
    }

    #[test]
    fn elements_are_met_on_the_way_to_the_end_of_their_array() {
        let (found, fault, counted) = both(br#"{"b":[0],"a": [1,{"x":"]"},"s"] ,"c":2}"#);
        assert_eq!((found.len(), fault, counted), (3, None, 3));
        assert_eq!(both(br#"{"a":[]}"#).2, 0);
    }

    #[test]
    fn an_odd_array_is_left_to_the_usual_way() {
        for odd in
            [r#"{"a":[1,]}"#, r#"{"a":[1 2],"b":3}"#, r#"{"a":[x"],"b":3}"#, r#"{"a":[1}"#, r#"{"a":[1,"#]
        {
            assert_eq!(both(odd.as_bytes()).2, 0, "{odd}");
        }
    }

    proptest! {
        #[test]
        fn both_ways_find_the_same_members(text in r#"\{("a":\[([0-9"\\ ,:{}\[\]x]{0,6}|"[a\]]",|\{"a":\[1\]\},){0,5}\]?,?){0,3}\}?"#) {
            both(text.as_bytes());
        }
    }
}
