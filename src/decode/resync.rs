//! Error recovery: finds message boundaries after malformed JSON. Tracks every open bracket through the rest of the body,
//! and resumes at the next start of a message that cannot be part of the broken one. Slow, but one pass.

use memchr::memchr2;

use super::batch::{Completeness, Element};
use super::message_pattern::{MessagePattern, MessageRun, Separator, is_bare_token_byte};
use crate::json::skip_value;

/// Limit on bytes scanned for runs of objects, as a multiple of the input length.
const SCAN_BUDGET_FACTOR: usize = 8;

/// The result of a resync.
pub(super) struct Resynced {
    pub(super) elements: Vec<Element>,
    /// The position of the bracket that closes the array of messages, if there is one.
    pub(super) array_end: Option<usize>,
}

/// Splits `bytes`, which start with a broken or cut off message, into elements.
pub(super) fn resync(bytes: &[u8], pattern: &MessagePattern, separator: Separator) -> Resynced {
    let next = pattern.find_start(bytes, 1, separator);
    let mut scanner = Scanner {
        bytes,
        pattern,
        separator,
        pos: 0,
        next_start: next,
        start: 0,
        open_brackets: Vec::new(),
        is_filler: false,
        is_valid: true,
        run: MessageRun::default(),
        scan_budget: bytes.len().saturating_mul(SCAN_BUDGET_FACTOR),
    };
    scanner.start_element(0);
    let mut resynced = Resynced { elements: Vec::new(), array_end: None };
    loop {
        match scanner.scan_element() {
            Ended::Closed => {
                let completeness = if scanner.is_valid { Completeness::Whole } else { Completeness::Broken };
                let mut here = vec![Element::new(scanner.start, scanner.pos, completeness)];
                match scanner.collect_until_next(&mut here) {
                    // If complete elements follow the message, the junk after them does not belong to it.
                    NextToken::Junk if here.len() == 1 => {
                        scanner.is_filler = true;
                        scanner.is_valid = false;
                        continue;
                    }
                    NextToken::Junk => scanner.start_element(scanner.pos),
                    NextToken::ArrayEnd => resynced.array_end = Some(scanner.pos),
                    NextToken::Element => {}
                }
                resynced.elements.append(&mut here);
            }
            Ended::NextStarted => {
                let end = scanner.trimmed_end(scanner.pos);
                resynced.elements.push(Element::new(scanner.start, end, Completeness::Broken));
                scanner.start_element(scanner.pos);
                continue;
            }
            Ended::ArrayClosed => {
                let end = scanner.trimmed_end(scanner.pos);
                resynced.elements.push(Element::new(scanner.start, end, Completeness::Broken));
                resynced.array_end = Some(scanner.pos);
            }
            Ended::CutOff => {
                let completeness = if scanner.is_valid { Completeness::CutOff } else { Completeness::Broken };
                let end = scanner.trimmed_end(bytes.len());
                resynced.elements.push(Element::new(scanner.start, end, completeness));
            }
        }
        if resynced.array_end.is_some() || scanner.pos >= bytes.len() {
            return resynced;
        }
    }
}

/// The end of an element.
enum Ended {
    /// Its last bracket was closed.
    Closed,
    /// The next message starts at the scanner's position.
    NextStarted,
    /// The array ends at the scanner's position, with the message still open.
    ArrayClosed,
    /// The body ended.
    CutOff,
}

/// The token after a message.
enum NextToken {
    /// Another message, or the end of the body.
    Element,
    ArrayEnd,
    /// A token that shows that the message did not end there.
    Junk,
}

struct Scanner<'a> {
    bytes: &'a [u8],
    pattern: &'a MessagePattern,
    separator: Separator,
    pos: usize,
    /// The next candidate for the start of a message.
    next_start: Option<usize>,
    /// The start of the current element.
    start: usize,
    /// Open brackets, outermost first: never more than the message has bytes.
    open_brackets: Vec<u8>,
    /// Whether the current element is not a value but junk between messages, which has no end.
    is_filler: bool,
    /// Whether no error has been found in the current element.
    is_valid: bool,
    /// The most recently scanned run of objects within the current element.
    run: MessageRun,
    /// The number of bytes that may still be scanned for runs, so that many broken messages do not cost quadratic time.
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

    /// Advances `next_start` to `from` or later.
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
                // An apparent string contains the start of a message, which no real string can.
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

    /// Returns whether the candidate at the current position, between tokens, is a message and not an object in an array of
    /// the one before.
    fn is_message_start(&mut self) -> bool {
        let is_inside = self.is_valid && self.open_brackets.last() == Some(&b'[');
        !is_inside || self.separator == Separator::Newline || self.is_in_last_run()
    }

    /// Returns whether the objects from here on are the messages up to the end, which means that the message before was
    /// never closed.
    fn is_in_last_run(&mut self) -> bool {
        if self.pos >= self.run.end {
            let window = self.bytes.get(..self.pos.saturating_add(self.scan_budget)).unwrap_or(self.bytes);
            self.run = self.pattern.message_run_at(window, self.pos, self.separator);
            self.scan_budget = self.scan_budget.saturating_sub(self.run.scanned_bytes);
        }
        self.run.is_last
    }

    /// Returns whether this bracket ends the array of messages while the current message is still open.
    fn is_array_end(&self, byte: u8) -> bool {
        let open = if self.is_filler { self.open_brackets.is_empty() } else { self.open_brackets == [b'{'] };
        self.separator == Separator::Comma && byte == b']' && open && self.next_start.is_none()
    }

    /// Advances from the end of a message to the next one, collecting the elements between them that are not objects.
    fn collect_until_next(&mut self, found: &mut Vec<Element>) -> NextToken {
        loop {
            let (gap, at) = self.skip_separators();
            let other = match gap {
                NextToken::Junk if self.is_valid => self.non_object_element(at),
                NextToken::Junk | NextToken::Element | NextToken::ArrayEnd => None,
            };
            let Some((end, completeness)) = other else {
                self.pos = at;
                return gap;
            };
            found.push(Element::new(at, end, completeness));
            self.pos = end;
            self.find_next_start(end);
        }
    }

    /// Returns the end of a non-object element at `at`, if there is one: it is separated from the message before it, and
    /// followed by another element or the end.
    fn non_object_element(&self, at: usize) -> Option<(usize, Completeness)> {
        let before = self.bytes.get(self.pos..at)?;
        let rest = self.bytes.get(at..)?;
        match self.separator {
            Separator::Newline => {
                let line = rest.split(|byte| *byte == b'\n').next()?.trim_ascii_end();
                let is_whole =
                    matches!(line.first(), Some(b'[' | b'"')) && skip_value(line, 0) == Some(line.len());
                let completeness = if is_whole { Completeness::Whole } else { Completeness::Broken };
                before.contains(&b'\n').then_some((at + line.len(), completeness))
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

    /// Returns the next token after a message and its position. Advances to it unless it is junk, which may belong to
    /// something larger.
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

    /// Returns the end of an element broken off before `limit`, without the commas and whitespace after it.
    fn trimmed_end(&self, limit: usize) -> usize {
        self.start + trim_trailing_commas(self.bytes.get(self.start..limit).unwrap_or_default()).len()
    }
}

/// Strips commas and whitespace from the end.
pub(super) fn trim_trailing_commas(bytes: &[u8]) -> &[u8] {
    let mut trimmed = bytes.trim_ascii_end();
    while let Some(shorter) = trimmed.strip_suffix(b",") {
        trimmed = shorter.trim_ascii_end();
    }
    trimmed
}

/// Returns the end of the token that starts at `at` with `byte`.
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

/// Returns the start of the next message inside an apparent message whose quotes are out of sync: within an apparent
/// string, where no message can start.
pub(super) fn find_swallowed_message(
    bytes: &[u8],
    pattern: &MessagePattern,
    separator: Separator,
) -> Option<usize> {
    let mut next = pattern.find_start(bytes, 1, separator)?;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if next <= at {
            next = pattern.find_start(bytes, at + 1, separator)?;
        }
        let end = token_end(bytes, at, byte);
        if next < end {
            return Some(next);
        }
        at = end;
    }
    None
}
