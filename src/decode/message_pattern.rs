//! The typical start of a message: learned from the complete messages of a body, used to find the next message after a
//! broken one.

use memchr::memmem;

use crate::json::{Kind, Value, skip_value};

/// The number of messages from which the pattern is learned.
const MAX_SAMPLES: u32 = 32;
/// The maximum number of bytes in a candidate that are read to find its second key.
const LOOK_AHEAD: usize = 4096;
/// The maximum number of keys that are tried when nothing has been learned.
const MAX_GUESSES: usize = 16;
/// The maximum number of bytes that are searched for these keys.
const GUESS_WINDOW: usize = 1_000_000;

/// The separator between messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Separator {
    /// Commas, in an array.
    Comma,
    /// Line breaks.
    Newline,
}

/// The first keys of a message, quotes included.
#[derive(Clone, Debug, Default)]
pub(super) struct MessagePattern {
    first_key: Vec<u8>,
    second_keys: Vec<Vec<u8>>,
    samples: u32,
    /// Whether the first key is a guess: it may belong to objects in a list of the body's only message, which is cut off.
    is_guess: bool,
}

/// A run of consecutive objects.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct MessageRun {
    pub(super) end: usize,
    /// Whether these are the messages up to the end: only members of the thread follow, or broken data and then more
    /// messages.
    pub(super) is_last: bool,
    /// The number of bytes that were scanned to decide that.
    pub(super) scanned_bytes: usize,
}

impl MessagePattern {
    /// Learns from a complete message, up to [`MAX_SAMPLES`].
    pub(super) fn learn(&mut self, message: &[u8]) {
        let value = Value::of(message);
        if self.samples >= MAX_SAMPLES || value.kind() != Kind::Object {
            return;
        }
        self.samples += 1;
        let mut keys = value.members().map(|(key, _)| key.raw());
        let Some(first) = keys.next() else { return };
        if self.first_key.is_empty() {
            self.first_key = first.to_vec();
        }
        match keys.next() {
            Some(second)
                if first == self.first_key && !self.second_keys.iter().any(|known| known == second) =>
            {
                self.second_keys.push(second.to_vec());
            }
            _ => {}
        }
    }

    /// If nothing has been learned, takes the first two keys of this message as the pattern, or only the first if no
    /// message inside matches and this one is not valid.
    pub(super) fn learn_if_empty(
        &mut self,
        message: &[u8],
        separator: Separator,
        is_valid: impl FnOnce() -> bool,
    ) {
        if !self.first_key.is_empty() {
            return;
        }
        *self = Self::from_broken(message);
        if self.find_start(message, 1, separator).is_none() && !is_valid() {
            self.second_keys.clear();
        }
    }

    /// Returns the pattern of a broken message. If its second key is lost in the broken part, any second key matches.
    fn from_broken(bytes: &[u8]) -> Self {
        let mut keys = Value::of(bytes).members().map(|(key, _)| key.raw());
        let first_key = keys.next().unwrap_or_default().to_vec();
        Self {
            first_key,
            second_keys: keys.next().map(<[u8]>::to_vec).into_iter().collect(),
            samples: MAX_SAMPLES,
            is_guess: false,
        }
    }

    /// If the learned pattern does not occur in `bytes` after their start (nothing was learned, or only from something
    /// broken), guesses one: of all first keys of objects after a separator, the one whose run of objects reaches farthest.
    pub(super) fn guess(&mut self, bytes: &[u8], separator: Separator) {
        if self.find_start(bytes, 1, separator).is_some() {
            return;
        }
        let broken = Self::from_broken(bytes);
        if broken.find_start(bytes, 1, separator).is_some() {
            *self = broken;
            return;
        }
        // Each key with the end of its last run.
        let mut tried: Vec<(&[u8], usize)> = Vec::new();
        // A single object may be the broken message and anything after it, so runs of several objects are preferred.
        let mut best: (bool, usize, &[u8]) = (false, 0, b"");
        let near = bytes.get(..GUESS_WINDOW).unwrap_or(bytes);
        for brace in memchr::memchr_iter(b'{', near) {
            let rest = bytes.get(brace..).unwrap_or_default();
            let Some(key) = first_key(rest) else { continue };
            let known = tried.iter().position(|(other, _)| *other == key);
            let scanned_to = known.and_then(|known| tried.get(known)).map_or(0, |(_, end)| *end);
            let is_new = brace >= scanned_to && (known.is_some() || tried.len() < MAX_GUESSES);
            if !is_new || opening_brace(bytes.get(..=brace).unwrap_or_default(), separator).is_none() {
                continue;
            }
            let run = ObjectRun::scan(rest, key, separator);
            let reach = brace + run.length;
            match known.and_then(|known| tried.get_mut(known)) {
                Some(tried) => tried.1 = reach,
                None => tried.push((key, reach)),
            }
            best = best.max((run.has_several, reach, key));
        }
        if let (_, _, key @ [_, ..]) = best {
            *self = Self {
                first_key: key.to_vec(),
                second_keys: Vec::new(),
                samples: MAX_SAMPLES,
                is_guess: true,
            };
        }
    }

    /// Returns the opening brace of the first likely message at or after `from`.
    pub(super) fn find_start(&self, bytes: &[u8], from: usize, separator: Separator) -> Option<usize> {
        if self.first_key.is_empty() {
            return None;
        }
        let finder = memmem::Finder::new(&self.first_key);
        let mut at = from;
        loop {
            let key_start = at + finder.find(bytes.get(at..)?)?;
            at = key_start + 1;
            let before = bytes.get(..key_start).unwrap_or_default();
            if let Some(brace) = opening_brace(before, separator)
                && brace >= from
                && self.matches_second_key(bytes, key_start)
            {
                return Some(brace);
            }
        }
    }

    /// Returns the run of message-like objects that starts at `at`.
    pub(super) fn message_run_at(&self, bytes: &[u8], at: usize, separator: Separator) -> MessageRun {
        if self.is_guess || !self.has_known_second_key(bytes, at) {
            return MessageRun::default();
        }
        let run = ObjectRun::scan(bytes.get(at..).unwrap_or_default(), &self.first_key, separator);
        let end = at + run.length;
        let rest = bytes.get(end..).unwrap_or_default().trim_ascii_start();
        let is_last = match rest.strip_prefix(b"]") {
            Some(tail) => tail.trim_ascii().is_empty() || is_valid_tail(tail),
            None => {
                let broken = bytes.get(end..).and_then(|rest| memchr::memchr(b'{', rest));
                broken.is_some_and(|brace| self.find_start(bytes, end + brace + 1, separator).is_some())
            }
        };
        MessageRun { end, is_last, scanned_bytes: run.scanned_bytes }
    }

    /// Returns whether the second key of the object at `at` is a known one, or none is known.
    fn has_known_second_key(&self, bytes: &[u8], at: usize) -> bool {
        let mut keys = Value::of(bytes.get(at..).unwrap_or_default()).members().map(|(key, _)| key.raw());
        let second = keys.nth(1);
        self.second_keys.is_empty() || self.second_keys.iter().any(|known| Some(known.as_slice()) == second)
    }

    /// Returns whether the second key is a known one, as far as it can be read.
    fn matches_second_key(&self, bytes: &[u8], key_start: usize) -> bool {
        let end = bytes.len().min(key_start.saturating_add(LOOK_AHEAD));
        let near = bytes.get(key_start + self.first_key.len()..end).unwrap_or_default();
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

/// Returns the first key of an object, quotes included.
fn first_key(object: &[u8]) -> Option<&[u8]> {
    let inner = object.get(1..)?.trim_ascii_start();
    let near = inner.get(..LOOK_AHEAD).unwrap_or(inner);
    let key = near.get(..skip_value(near, 0)?)?;
    let is_key = key.starts_with(b"\"") && near.get(key.len()..)?.trim_ascii_start().starts_with(b":");
    is_key.then_some(key)
}

/// Consecutive objects with the same first key and separator.
struct ObjectRun {
    length: usize,
    has_several: bool,
    /// The number of bytes that were scanned.
    scanned_bytes: usize,
}

impl ObjectRun {
    /// Scans the run at the start of `bytes`.
    fn scan(bytes: &[u8], key: &[u8], separator: Separator) -> Self {
        let (mut length, mut at) = (0, 0);
        loop {
            let has_several = length > 0;
            let Some(next) = skip_value(bytes, at) else {
                return Self { length, has_several, scanned_bytes: bytes.len() };
            };
            length = next;
            let after = bytes.get(length..).unwrap_or_default().trim_ascii_start();
            let after = match separator {
                Separator::Comma => after.strip_prefix(b",").unwrap_or_default().trim_ascii_start(),
                Separator::Newline => after,
            };
            let inner = after.strip_prefix(b"{").unwrap_or_default().trim_ascii_start();
            if !inner.starts_with(key) {
                return Self { length, has_several, scanned_bytes: length };
            }
            at = bytes.len() - after.len();
        }
    }
}

/// Returns whether this is a valid rest of the top-level object after the array of messages.
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

/// Returns the position of a message's opening brace in `before`, the bytes up to its first key; `None` if no message
/// starts there.
fn opening_brace(before: &[u8], separator: Separator) -> Option<usize> {
    let inner = before.trim_ascii_end().strip_suffix(b"{")?;
    let follows_separator = match separator {
        Separator::Comma => inner.trim_ascii_end().ends_with(b","),
        Separator::Newline => inner.ends_with(b"\n"),
    };
    follows_separator.then_some(inner.len())
}

/// Returns whether the byte can be part of a literal or number.
pub(super) fn is_bare_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+-._".contains(&byte)
}
