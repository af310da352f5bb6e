//! How the messages of a body start: learned from those that came out whole, used to find where the next one starts
//! after a broken one.

use memchr::memmem;

use crate::json::{Kind, Value, skip_value};

/// How many messages are looked at to learn the shape.
const MAX_SAMPLES: u32 = 32;
/// How far a candidate is read to see what its second member is.
const LOOK_AHEAD: usize = 4096;
/// How many names are tried when nothing has been learned, and how far they are looked for.
const MAX_GUESSES: usize = 16;
const GUESS_WINDOW: usize = 1_000_000;

/// How messages are kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Separator {
    /// By commas, in an array.
    Comma,
    /// By a line break.
    Newline,
}

/// The names, quotes included, of the first members of a message.
#[derive(Clone, Debug, Default)]
pub(super) struct MessagePattern {
    first_key: Vec<u8>,
    second_keys: Vec<Vec<u8>>,
    samples: u32,
    /// Whether the first name is a guess: it may be that of objects in a list of the one message that there is, which the
    /// end of the body cuts off.
    is_guess: bool,
}

/// Objects that follow each other.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct MessageRun {
    pub(super) end: usize,
    /// Whether they are the messages up to the end: nothing but members of the thread follows, or something broken and
    /// then more messages.
    pub(super) is_last: bool,
    /// How many bytes were looked at to find that out.
    pub(super) scanned_bytes: usize,
}

impl MessagePattern {
    /// Looks at a whole message, if enough have not been seen yet.
    pub(super) fn learn(&mut self, message: &[u8]) {
        let value = Value::of(message);
        if self.samples >= MAX_SAMPLES || value.kind() != Kind::Object {
            return;
        }
        self.samples += 1;
        let mut names = value.members().map(|(key, _)| key.raw());
        let Some(first) = names.next() else { return };
        if self.first_key.is_empty() {
            self.first_key = first.to_vec();
        }
        match names.next() {
            Some(second)
                if first == self.first_key && !self.second_keys.iter().any(|known| known == second) =>
            {
                self.second_keys.push(second.to_vec());
            }
            _ => {}
        }
    }

    /// If nothing has been learned: messages start with the two names that this one starts with, or with the first if
    /// none does and this is no whole message.
    pub(super) fn learn_if_empty(
        &mut self,
        message: &[u8],
        apart: Separator,
        is_whole: impl FnOnce() -> bool,
    ) {
        if !self.first_key.is_empty() {
            return;
        }
        *self = Self::from_broken(message);
        if self.find_start(message, 1, apart).is_none() && !is_whole() {
            self.second_keys.clear();
        }
    }

    /// That of a message that is broken: its second name may lie behind what is broken, and is any then.
    fn from_broken(bytes: &[u8]) -> Self {
        let mut names = Value::of(bytes).members().map(|(key, _)| key.raw());
        let first = names.next().unwrap_or_default().to_vec();
        Self {
            first_key: first,
            second_keys: names.next().map(<[u8]>::to_vec).into_iter().collect(),
            samples: MAX_SAMPLES,
            is_guess: false,
        }
    }

    /// If what has been learned does not occur in `bytes` after their start (nothing was, or from something broken): of
    /// all names that follow there on what keeps messages apart, the one whose objects follow each other the farthest.
    pub(super) fn guess(&mut self, bytes: &[u8], apart: Separator) {
        if self.find_start(bytes, 1, apart).is_some() {
            return;
        }
        let own = Self::from_broken(bytes);
        if own.find_start(bytes, 1, apart).is_some() {
            *self = own;
            return;
        }
        // Each with where its last run ends.
        let mut tried: Vec<(&[u8], usize)> = Vec::new();
        // One object alone may be the broken one, and anything after it.
        let mut best: (bool, usize, &[u8]) = (false, 0, b"");
        let near = bytes.get(..GUESS_WINDOW).unwrap_or(bytes);
        for brace in memchr::memchr_iter(b'{', near) {
            let rest = bytes.get(brace..).unwrap_or_default();
            let Some(name) = first_key(rest) else { continue };
            let known = tried.iter().position(|(other, _)| *other == name);
            let seen_to = known.and_then(|known| tried.get(known)).map_or(0, |(_, end)| *end);
            let is_new = brace >= seen_to && (known.is_some() || tried.len() < MAX_GUESSES);
            if !is_new || opening_brace(bytes.get(..=brace).unwrap_or_default(), apart).is_none() {
                continue;
            }
            let chain = ObjectRun::scan(rest, name, apart);
            let reach = brace + chain.length;
            match known.and_then(|known| tried.get_mut(known)) {
                Some(tried) => tried.1 = reach,
                None => tried.push((name, reach)),
            }
            best = best.max((chain.has_several, reach, name));
        }
        if let (_, _, name @ [_, ..]) = best {
            *self = Self {
                first_key: name.to_vec(),
                second_keys: Vec::new(),
                samples: MAX_SAMPLES,
                is_guess: true,
            };
        }
    }

    /// Where, from `from` on, something that looks like the start of a message stands: its opening brace.
    pub(super) fn find_start(&self, bytes: &[u8], from: usize, apart: Separator) -> Option<usize> {
        if self.first_key.is_empty() {
            return None;
        }
        let finder = memmem::Finder::new(&self.first_key);
        let mut at = from;
        loop {
            let name = at + finder.find(bytes.get(at..)?)?;
            at = name + 1;
            let before = bytes.get(..name).unwrap_or_default();
            if let Some(brace) = opening_brace(before, apart)
                && brace >= from
                && self.matches_second_key(bytes, name)
            {
                return Some(brace);
            }
        }
    }

    /// The run of objects that starts at `at`, each like a message.
    pub(super) fn message_run_at(&self, bytes: &[u8], at: usize, apart: Separator) -> MessageRun {
        if self.is_guess || !self.has_known_second_key(bytes, at) {
            return MessageRun::default();
        }
        let chain = ObjectRun::scan(bytes.get(at..).unwrap_or_default(), &self.first_key, apart);
        let end = at + chain.length;
        let rest = bytes.get(end..).unwrap_or_default().trim_ascii_start();
        let is_last = match rest.strip_prefix(b"]") {
            Some(tail) => tail.trim_ascii().is_empty() || is_valid_tail(tail),
            None => {
                let broken = bytes.get(end..).and_then(|rest| memchr::memchr(b'{', rest));
                broken.is_some_and(|brace| self.find_start(bytes, end + brace + 1, apart).is_some())
            }
        };
        MessageRun { end, is_last, scanned_bytes: chain.scanned_bytes }
    }

    /// Whether the object there has a second member that is known; if none is, it does.
    fn has_known_second_key(&self, bytes: &[u8], at: usize) -> bool {
        let mut names = Value::of(bytes.get(at..).unwrap_or_default()).members().map(|(key, _)| key.raw());
        let second = names.nth(1);
        self.second_keys.is_empty() || self.second_keys.iter().any(|known| Some(known.as_slice()) == second)
    }

    /// Whether the second member is one of those known, as far as that can be seen.
    fn matches_second_key(&self, bytes: &[u8], name: usize) -> bool {
        let end = bytes.len().min(name.saturating_add(LOOK_AHEAD));
        let near = bytes.get(name + self.first_key.len()..end).unwrap_or_default();
        let Some(rest) = near.trim_ascii_start().strip_prefix(b":") else { return false };
        let Some(value_end) = skip_value(rest, 0) else { return true };
        let next = rest.get(value_end..).unwrap_or_default().trim_ascii_start();
        match next.strip_prefix(b",") {
            Some(next) => {
                let next = next.trim_ascii_start();
                self.second_keys.is_empty() || self.second_keys.iter().any(|known| next.starts_with(known))
            }
            None => next.is_empty() || next.starts_with(b"}"),
        }
    }
}

/// The first name in an object, quotes included.
fn first_key(object: &[u8]) -> Option<&[u8]> {
    let inner = object.get(1..)?.trim_ascii_start();
    let near = inner.get(..LOOK_AHEAD).unwrap_or(inner);
    let name = near.get(..skip_value(near, 0)?)?;
    let is_name = name.starts_with(b"\"") && near.get(name.len()..)?.trim_ascii_start().starts_with(b":");
    is_name.then_some(name)
}

/// Objects whose first member has the same name and that are kept apart in one way.
struct ObjectRun {
    length: usize,
    has_several: bool,
    /// How many bytes had to be looked at.
    scanned_bytes: usize,
}

impl ObjectRun {
    /// The one that starts here.
    fn scan(bytes: &[u8], name: &[u8], apart: Separator) -> Self {
        let (mut length, mut at) = (0, 0);
        loop {
            let is_several = length > 0;
            let Some(next) = skip_value(bytes, at) else {
                return Self { length, has_several: is_several, scanned_bytes: bytes.len() };
            };
            length = next;
            let after = bytes.get(length..).unwrap_or_default().trim_ascii_start();
            let after = match apart {
                Separator::Comma => after.strip_prefix(b",").unwrap_or_default().trim_ascii_start(),
                Separator::Newline => after,
            };
            let inner = after.strip_prefix(b"{").unwrap_or_default().trim_ascii_start();
            if !inner.starts_with(name) {
                return Self { length, has_several: is_several, scanned_bytes: length };
            }
            at = bytes.len() - after.len();
        }
    }
}

/// Whether this can be all that follows the list of messages.
fn is_valid_tail(mut rest: &[u8]) -> bool {
    loop {
        rest = rest.trim_ascii_start();
        match rest.split_first() {
            None => return false,
            Some((b'}', after)) => return after.trim_ascii().is_empty(),
            Some((b',', after)) => {
                let Some(key) = skip_value(after, 0).filter(|_| after.trim_ascii_start().starts_with(b"\""))
                else {
                    return false;
                };
                let Some(value) = after.get(key..).unwrap_or_default().trim_ascii_start().strip_prefix(b":")
                else {
                    return false;
                };
                let Some(end) = skip_value(value, 0) else { return false };
                rest = value.get(end..).unwrap_or_default();
            }
            Some(_) => return false,
        }
    }
}

/// Where in `before`, which ends with the first name of a message, its brace stands; `None` if no message starts so.
/// What came before `before` is not known.
fn opening_brace(before: &[u8], apart: Separator) -> Option<usize> {
    let inner = before.trim_ascii_end().strip_suffix(b"{")?;
    let fits = match apart {
        Separator::Comma => inner.trim_ascii_end().ends_with(b","),
        Separator::Newline => inner.ends_with(b"\n"),
    };
    fits.then_some(inner.len())
}

/// Whether it can be part of a word or a number outside of a text.
pub(super) fn is_bare_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+-._".contains(&byte)
}
