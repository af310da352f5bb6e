//! Walking the members of an object or the elements of an array, one level only. What is wrong with the syntax is
//! remembered and told afterwards; the walk goes on as far as there is something to be had.

use std::borrow::Cow;

use memchr::memchr2;

use super::scan::{self, skip_space, skip_value};
use super::string::decode;
use super::value::Value;

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
    fault: Option<Fault>,
}

impl<'a> Walk<'a> {
    fn new(bytes: &'a [u8], open: u8, wrong: &'static str) -> Self {
        let close = open + 2;
        let mut walk = Self { bytes, at: 1, before: Before::Open, close, fault: None };
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
        if skip_space(self.bytes, self.at) < self.bytes.len() {
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
        let first = self.0.next_item()?;
        let key = self.key(first);
        let walk = &mut self.0;
        walk.at = skip_space(walk.bytes, walk.at);
        match walk.bytes.get(walk.at) {
            Some(b':') => walk.at += 1,
            Some(_) => walk.note("a colon is missing"),
            None => {}
        }
        Some((key, walk.value()))
    }
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
