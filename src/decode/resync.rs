//! The slow way through messages, for the rest of a body in which one is broken: keeps account of every open bracket,
//! and takes the next start of a message that cannot be part of the broken one as the place to go on from. One pass.

use memchr::memchr2;

use super::batch::{Completeness, Element};
use super::message_pattern::{MessagePattern, MessageRun, Separator, is_bare_token_byte};
use crate::json::skip_value;

/// How many times over the bytes may be looked at for runs of objects.
const SCAN_BUDGET_FACTOR: usize = 8;

/// What came out of the rest of the body.
pub(super) struct Resynced {
    pub(super) elements: Vec<Element>,
    /// Where the bracket stands that ends the array of messages; `None` if none does.
    pub(super) array_end: Option<usize>,
}

/// Sorts out `bytes`, which start with a message that is broken or cut off.
pub(super) fn resync(bytes: &[u8], shape: &MessagePattern, apart: Separator) -> Resynced {
    let next = shape.find_start(bytes, 1, apart);
    let mut walk = Scanner {
        bytes,
        pattern: shape,
        separator: apart,
        pos: 0,
        next_start: next,
        start: 0,
        open_brackets: Vec::new(),
        is_filler: false,
        is_valid: true,
        run: MessageRun::default(),
        scan_budget: bytes.len().saturating_mul(SCAN_BUDGET_FACTOR),
    };
    walk.start_element(0);
    let mut sorted = Resynced { elements: Vec::new(), array_end: None };
    loop {
        match walk.scan_element() {
            Ended::Closed => {
                let condition = if walk.is_valid { Completeness::Whole } else { Completeness::Broken };
                let mut here = vec![Element::new(walk.start, walk.pos, condition)];
                match walk.collect_until_next(&mut here) {
                    // What has an end of its own after the message keeps it.
                    NextToken::Junk if here.len() == 1 => {
                        walk.is_filler = true;
                        walk.is_valid = false;
                        continue;
                    }
                    NextToken::Junk => walk.start_element(walk.pos),
                    NextToken::ArrayEnd => sorted.array_end = Some(walk.pos),
                    NextToken::Element => {}
                }
                sorted.elements.append(&mut here);
            }
            Ended::NextStarted => {
                let end = walk.trimmed_end(walk.pos);
                sorted.elements.push(Element::new(walk.start, end, Completeness::Broken));
                walk.start_element(walk.pos);
                continue;
            }
            Ended::ArrayClosed => {
                let end = walk.trimmed_end(walk.pos);
                sorted.elements.push(Element::new(walk.start, end, Completeness::Broken));
                sorted.array_end = Some(walk.pos);
            }
            Ended::CutOff => {
                let condition = if walk.is_valid { Completeness::CutOff } else { Completeness::Broken };
                let end = walk.trimmed_end(bytes.len());
                sorted.elements.push(Element::new(walk.start, end, condition));
            }
        }
        if sorted.array_end.is_some() || walk.pos >= bytes.len() {
            return sorted;
        }
    }
}

/// How a message ended.
enum Ended {
    /// Its last bracket closed.
    Closed,
    /// The next message starts where the walk is.
    NextStarted,
    /// The array ends where the walk is, with the message still open.
    ArrayClosed,
    /// With the body.
    CutOff,
}

/// What comes after a message.
enum NextToken {
    /// Another message, or the end of the body.
    Element,
    ArrayEnd,
    /// Something that shows that the message did not end there.
    Junk,
}

struct Scanner<'a> {
    bytes: &'a [u8],
    pattern: &'a MessagePattern,
    separator: Separator,
    pos: usize,
    /// Where the next start of a message might be.
    next_start: Option<usize>,
    /// Where this message starts.
    start: usize,
    /// The brackets that are open, outermost first: never more bytes than the message has.
    open_brackets: Vec<u8>,
    /// Whether this is no value but something between messages; it has no end of its own.
    is_filler: bool,
    /// Whether nothing wrong has been seen in this message.
    is_valid: bool,
    /// The run of objects within this message that was looked at last.
    run: MessageRun,
    /// How many bytes of runs may still be looked at: messages that are all broken must not cost their square.
    scan_budget: usize,
}

impl Scanner<'_> {
    fn start_element(&mut self, at: usize) {
        self.start = at;
        self.pos = at;
        self.open_brackets.clear();
        self.run = MessageRun::default();
        self.is_filler = self.bytes.get(at) != Some(&b'{');
        self.is_valid = !self.is_filler;
        self.find_next_start(at + 1);
    }

    /// Sees to it that `next` is at or after `from`.
    fn find_next_start(&mut self, from: usize) {
        if self.next_start.is_some_and(|next| next < from) {
            self.next_start = self.pattern.find_start(self.bytes, from, self.separator);
        }
    }

    fn scan_element(&mut self) -> Ended {
        while let Some(&byte) = self.bytes.get(self.pos) {
            if self.next_start == Some(self.pos) {
                if self.is_message_start() {
                    return Ended::NextStarted;
                }
                self.find_next_start(self.pos + 1);
            }
            let end = token_end(self.bytes, self.pos, byte);
            if let Some(next) = self.next_start
                && next < end
            {
                // What looked like a string covers the start of a message, which no string can.
                self.pos = next;
                return Ended::NextStarted;
            }
            match byte {
                b'{' | b'[' => self.open_brackets.push(byte),
                b'}' | b']' => {
                    if self.is_array_end(byte) {
                        return Ended::ArrayClosed;
                    }
                    self.is_valid &= self.open_brackets.pop().is_some_and(|open| open + 2 == byte);
                }
                _ => {}
            }
            self.pos = end;
            if self.open_brackets.is_empty() && !self.is_filler {
                return Ended::Closed;
            }
        }
        Ended::CutOff
    }

    /// Whether a candidate at a place between tokens is a message, and not an object in an array of the one before.
    fn is_message_start(&mut self) -> bool {
        let is_inside = self.is_valid && self.open_brackets.last() == Some(&b'[');
        !is_inside || self.separator == Separator::Newline || self.is_in_last_run()
    }

    /// Whether the objects from here on are the messages up to the end, so that the message before was never closed.
    fn is_in_last_run(&mut self) -> bool {
        if self.pos >= self.run.end {
            let looked_at = self.bytes.get(..self.pos.saturating_add(self.scan_budget)).unwrap_or(self.bytes);
            self.run = self.pattern.message_run_at(looked_at, self.pos, self.separator);
            self.scan_budget = self.scan_budget.saturating_sub(self.run.scanned_bytes);
        }
        self.run.is_last
    }

    /// Whether this bracket leaves a message that was never closed.
    fn is_array_end(&self, byte: u8) -> bool {
        let open = if self.is_filler { self.open_brackets.is_empty() } else { self.open_brackets == [b'{'] };
        self.separator == Separator::Comma && byte == b']' && open && self.next_start.is_none()
    }

    /// Goes from the end of a message to the next one, and takes what is no object between them along.
    fn collect_until_next(&mut self, found: &mut Vec<Element>) -> NextToken {
        loop {
            let (gap, at) = self.skip_separators();
            let other = match gap {
                NextToken::Junk if self.is_valid => self.non_object_element(at),
                NextToken::Junk | NextToken::Element | NextToken::ArrayEnd => None,
            };
            let Some((end, condition)) = other else {
                self.pos = at;
                return gap;
            };
            found.push(Element::new(at, end, condition));
            self.pos = end;
            self.find_next_start(end);
        }
    }

    /// Where an element ends that is no object, if what stands here is one: it is kept apart from the message before
    /// it, and something else or the end follows.
    fn non_object_element(&self, at: usize) -> Option<(usize, Completeness)> {
        let before = self.bytes.get(self.pos..at)?;
        let rest = self.bytes.get(at..)?;
        match self.separator {
            Separator::Newline => {
                let line = rest.split(|byte| *byte == b'\n').next()?.trim_ascii_end();
                let whole =
                    matches!(line.first(), Some(b'[' | b'"')) && skip_value(line, 0) == Some(line.len());
                let condition = if whole { Completeness::Whole } else { Completeness::Broken };
                before.contains(&b'\n').then_some((at + line.len(), condition))
            }
            Separator::Comma => {
                let end = match rest.first()? {
                    b'[' | b'"' => skip_value(rest, 0)?,
                    _ => rest.iter().position(|byte| !is_bare_token_byte(*byte))?,
                };
                let after = rest.get(end..)?.trim_ascii_start();
                let is_apart = before.contains(&b',') && matches!(after.first(), Some(b',' | b']'));
                is_apart.then_some((at + end, Completeness::Whole))
            }
        }
    }

    /// What comes after a message, and where. Goes there, but not to junk, which may be more than that.
    fn skip_separators(&mut self) -> (NextToken, usize) {
        let mut at = self.pos;
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'{' => {
                    self.start_element(at);
                    return (NextToken::Element, at);
                }
                b']' if self.separator == Separator::Comma && self.next_start.is_none() => {
                    self.pos = at;
                    return (NextToken::ArrayEnd, at);
                }
                0..=b' ' | 0x7F | b',' | b'}' | b']' => at += 1,
                _ => return (NextToken::Junk, at),
            }
        }
        self.pos = at;
        (NextToken::Element, at)
    }

    /// Where a run that was broken off before `limit` ends: without the commas and white space after it.
    fn trimmed_end(&self, limit: usize) -> usize {
        self.start + trim_trailing_commas(self.bytes.get(self.start..limit).unwrap_or_default()).len()
    }
}

/// Without the commas and the white space at the end.
pub(super) fn trim_trailing_commas(bytes: &[u8]) -> &[u8] {
    let mut run = bytes.trim_ascii_end();
    while let Some(shorter) = run.strip_suffix(b",") {
        run = shorter.trim_ascii_end();
    }
    run
}

/// Where the token ends that starts at `at` with `byte`.
fn token_end(bytes: &[u8], at: usize, byte: u8) -> usize {
    let mut end = at + 1;
    if byte != b'"' {
        return end;
    }
    while let Some(found) = bytes.get(end..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        end += found;
        if bytes.get(end) == Some(&b'"') {
            return end + 1;
        }
        end += 2;
    }
    bytes.len()
}

/// Where, in what ended like one message but whose strings went astray, the next one starts: in what looks like a
/// string, where no message can start.
pub(super) fn find_swallowed_message(
    bytes: &[u8],
    shape: &MessagePattern,
    apart: Separator,
) -> Option<usize> {
    let mut next = shape.find_start(bytes, 1, apart)?;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if next <= at {
            next = shape.find_start(bytes, at + 1, apart)?;
        }
        let end = token_end(bytes, at, byte);
        if next < end {
            return Some(next);
        }
        at = end;
    }
    None
}
