//! How the messages of a body start: learned from those that came out whole, used to find where the next one starts
//! after a broken one.

use memchr::memmem;

use crate::json::{Kind, Value, skip_value};

/// How many messages are looked at to learn the shape.
const LESSONS: u32 = 32;
/// How far a candidate is read to see what its second member is.
const LOOK_AHEAD: usize = 4 * 1024;
/// How many names are tried when nothing has been learned, and how far they are looked for.
const GUESSES: usize = 16;
const GUESS_WITHIN: usize = 1 << 20;

/// How many elements that are no objects may stand between two messages without hiding the second.
const OTHERS: usize = 64;

/// How messages are kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Apart {
    /// By commas, in an array.
    Comma,
    /// By a line break.
    Line,
}

/// The names, quotes included, of the first members of a message.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    first: Vec<u8>,
    second: Vec<Vec<u8>>,
    lessons: u32,
}

impl Shape {
    /// Looks at a whole message, if enough have not been seen yet.
    pub(super) fn learn(&mut self, message: &[u8]) {
        let value = Value::of(message);
        if self.lessons >= LESSONS || value.kind() != Kind::Object {
            return;
        }
        self.lessons += 1;
        let mut names = value.members().map(|(key, _)| key.raw());
        let Some(first) = names.next() else { return };
        if self.first.is_empty() {
            self.first = first.to_vec();
        }
        match names.next() {
            Some(second) if first == self.first && !self.second.iter().any(|known| known == second) => {
                self.second.push(second.to_vec());
            }
            _ => {}
        }
    }

    /// If what has been learned does not occur in `bytes` after their start (nothing was, or from something broken): of
    /// all names that follow there on what keeps messages apart, the one whose objects follow each other the farthest.
    pub(super) fn guess(&mut self, bytes: &[u8], apart: Apart) {
        if self.find(bytes, 1, apart).is_some() {
            return;
        }
        let mut tried: Vec<&[u8]> = Vec::new();
        let mut best = 0;
        let near = bytes.get(..GUESS_WITHIN).unwrap_or(bytes);
        for brace in memchr::memchr_iter(b'{', near).filter(|&brace| brace > 0) {
            let rest = bytes.get(brace..).unwrap_or_default();
            let Some(name) = first_name(rest) else { continue };
            if tried.len() >= GUESSES || tried.contains(&name) {
                continue;
            }
            if start_before(bytes.get(..=brace).unwrap_or_default(), apart).is_some() {
                tried.push(name);
                let reach = brace + chain(rest, apart);
                if reach > best {
                    best = reach;
                    *self = Self { first: name.to_vec(), second: Vec::new(), lessons: LESSONS };
                }
            }
        }
    }

    /// Where, from `from` on, something that looks like the start of a message stands: its opening brace.
    pub(super) fn find(&self, bytes: &[u8], from: usize, apart: Apart) -> Option<usize> {
        if self.first.len() < 2 {
            return None;
        }
        let finder = memmem::Finder::new(&self.first);
        let mut at = from;
        loop {
            let name = at + finder.find(bytes.get(at..)?)?;
            at = name + 1;
            let before = bytes.get(..name).unwrap_or_default();
            if let Some(brace) = start_before(before, apart)
                && brace >= from
                && self.goes_on(bytes, name)
            {
                return Some(brace);
            }
        }
    }

    /// Whether the second member is one of those known, as far as that can be seen.
    fn goes_on(&self, bytes: &[u8], name: usize) -> bool {
        let end = bytes.len().min(name.saturating_add(LOOK_AHEAD));
        let near = bytes.get(name + self.first.len()..end).unwrap_or_default();
        let Some(rest) = near.trim_ascii_start().strip_prefix(b":") else { return false };
        let Some(value_end) = skip_value(rest, 0) else { return true };
        let next = rest.get(value_end..).unwrap_or_default().trim_ascii_start();
        match next.strip_prefix(b",") {
            Some(next) => {
                let next = next.trim_ascii_start();
                self.second.is_empty() || self.second.iter().any(|known| next.starts_with(known))
            }
            None => next.is_empty() || next.starts_with(b"}"),
        }
    }
}

/// The first name in an object, quotes included.
fn first_name(object: &[u8]) -> Option<&[u8]> {
    let inner = object.get(1..)?.trim_ascii_start();
    let near = inner.get(..LOOK_AHEAD).unwrap_or(inner);
    let name = near.get(..skip_value(near, 0)?)?;
    (name.len() > 2
        && name.starts_with(b"\"")
        && near.get(name.len()..)?.trim_ascii_start().starts_with(b":"))
    .then_some(name)
}

/// How long the run of objects is that starts here and is kept apart in this way.
fn chain(bytes: &[u8], apart: Apart) -> usize {
    let mut end = 0;
    let mut at = 0;
    while let Some(next) = skip_value(bytes, at).filter(|&next| next > at) {
        end = next;
        let gap = bytes.get(end..).unwrap_or_default();
        let after = gap.trim_ascii_start();
        let after = match apart {
            Apart::Comma => after.strip_prefix(b",").unwrap_or_default().trim_ascii_start(),
            Apart::Line => after,
        };
        if !after.starts_with(b"{") {
            break;
        }
        at = bytes.len() - after.len();
    }
    end
}

/// Where in `before`, which ends with the first name of a message, its brace stands; `None` if no message starts so.
/// What came before `before` is not known.
fn start_before(before: &[u8], apart: Apart) -> Option<usize> {
    let inner = before.trim_ascii_end().strip_suffix(b"{")?;
    let fits = match apart {
        Apart::Comma => inner.trim_ascii_end().strip_suffix(b",").is_some_and(|inner| {
            let inner = inner.trim_ascii_end();
            inner.is_empty() || without_others(inner).ends_with(b"}")
        }),
        Apart::Line => inner.ends_with(b"\n"),
    };
    fits.then_some(inner.len())
}

/// Without the elements at the end that are no objects but words, numbers, short texts or lists, each behind a comma.
fn without_others(mut before: &[u8]) -> &[u8] {
    for _ in 0..OTHERS {
        let Some(rest) = without_other(before) else { return before };
        let Some(inner) = rest.trim_ascii_end().strip_suffix(b",") else { return before };
        before = inner.trim_ascii_end();
    }
    before
}

/// Without one of them; none if none is there.
fn without_other(before: &[u8]) -> Option<&[u8]> {
    let near = before.get(before.len().saturating_sub(LOOK_AHEAD)..)?;
    let length = match near.split_last()? {
        (b'"', text) => near.len() - memchr::memrchr(b'"', text)?,
        (b']', _) => list_before(near)?,
        _ => near.iter().rev().take_while(|byte| is_bare(**byte)).count(),
    };
    (length > 0).then(|| before.get(..before.len() - length)).flatten()
}

/// How long the list is that ends here; none if there is more in it than numbers, words and lists.
fn list_before(bytes: &[u8]) -> Option<usize> {
    let mut open = 0_usize;
    for (length, byte) in (1..).zip(bytes.iter().rev()) {
        match byte {
            b']' => open += 1,
            b'[' => open = open.checked_sub(1)?,
            b',' | b' ' | b'\t' | b'\n' | b'\r' => {}
            _ if is_bare(*byte) => {}
            _ => return None,
        }
        if open == 0 {
            return Some(length);
        }
    }
    None
}

/// Whether it can be part of a word or a number outside of a text.
pub(super) fn is_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+-._".contains(&byte)
}
