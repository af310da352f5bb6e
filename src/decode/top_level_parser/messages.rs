//! The grammar of the messages: the end of a message, the bytes between two messages, and the detection of a scan that is
//! out of sync.

use super::{BodyFormat, State, TopLevelParser};
use crate::decode::batch::{Completeness, Element};
use crate::decode::message_pattern::is_bare_token_byte;
use crate::decode::resync::{find_swallowed_message, trim_trailing_commas};
use crate::json::Scan;

impl TopLevelParser {
    pub(super) fn at_between(&mut self, byte: u8) {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => self.pos += 1,
            b',' => {
                self.is_after_element = false;
                self.pos += 1;
            }
            b'{' => self.enter(State::Element(Scan::starting_with(byte))),
            // Junk: NUL and other control characters, and the bytes of a byte order mark.
            0..=0x1F | 0x7F | 0xEF | 0xBB | 0xBF => self.skip_byte(),
            _ if self.format == BodyFormat::Lines => match byte {
                b'[' | b'"' => self.enter(State::Element(Scan::starting_with(byte))),
                _ => self.enter(State::InvalidLine),
            },
            b'}' => self.skip_byte(),
            b']' => self.end_array(),
            _ if self.is_after_element => self.enter(State::BrokenMessage),
            b'[' | b'"' => self.enter(State::Element(Scan::starting_with(byte))),
            _ => {
                self.enter(State::BareToken);
                self.pos = self.start;
            }
        }
    }

    pub(super) fn skip_byte(&mut self) {
        self.skipped_bytes += 1;
        self.pos += 1;
    }

    pub(super) fn end_array(&mut self) {
        match self.format {
            BodyFormat::Array | BodyFormat::Lines => self.state = State::After,
            BodyFormat::Object => {
                self.pending_envelope_start = Some(self.pos);
                self.state = State::Members;
            }
        }
        self.pos += 1;
    }

    /// Ends an element. Mismatched brackets show that the scan has lost sync.
    pub(super) fn end_element(&mut self, buf: &[u8]) {
        let raw = buf.get(self.start..self.pos).unwrap_or_default();
        if matches!(&self.state, State::Element(scan) if scan.has_lost_sync())
            && let Some(next) = self.find_swallowed_message(raw)
        {
            let end = self.start + trim_trailing_commas(raw.get(..next).unwrap_or_default()).len();
            self.pos = self.start + next;
            self.push_element(buf, self.start, end, Completeness::Broken);
            return;
        }
        match (raw.first(), raw.last()) {
            (Some(b'{'), Some(b'}')) if self.format != BodyFormat::Lines => {
                self.state = State::ElementEnded(self.pos)
            }
            (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']')) | (Some(b'"'), Some(b'"')) => {
                self.pattern.learn(raw);
                self.push_element(buf, self.start, self.pos, Completeness::Whole);
            }
            _ => self.state = State::BrokenMessage,
        }
    }

    /// Returns the start of a message swallowed by this one. If every message swallows all that follow, a budget stops the
    /// search before it takes quadratic time; the rest is resynced at the end.
    fn find_swallowed_message(&mut self, raw: &[u8]) -> Option<usize> {
        const BASE_BUDGET: u64 = 1_000_000;
        const BUDGET_FACTOR: u64 = 8;
        let read = self.buffer_offset.saturating_add(self.pos as u64);
        self.searched_bytes = self.searched_bytes.saturating_add(raw.len() as u64);
        read.saturating_mul(BUDGET_FACTOR).saturating_add(BASE_BUDGET).checked_sub(self.searched_bytes)?;
        let mut pattern = self.pattern.clone();
        pattern.guess(raw, self.separator());
        find_swallowed_message(raw, &pattern, self.separator())
    }

    /// Checks the byte after an object. A string, or anything else that cannot start a message, also shows that the scan
    /// has lost sync.
    pub(super) fn at_element_ended(&mut self, buf: &[u8], byte: u8, end: usize) {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => self.pos += 1,
            b'{' | b'[' | b']' | b'}' | 0..=0x1F | 0x7F | 0xEF | 0xBB | 0xBF | b'-' => self.accept(buf, end),
            _ if byte.is_ascii_alphanumeric() => self.accept(buf, end),
            _ => self.state = State::BrokenMessage,
        }
    }

    /// Accepts the object that ended as a message.
    pub(in crate::decode) fn accept(&mut self, buf: &[u8], end: usize) {
        self.pattern.learn(buf.get(self.start..end).unwrap_or_default());
        self.push_element(buf, self.start, end, Completeness::Whole);
        self.is_after_element = !buf.get(end..self.pos).unwrap_or_default().contains(&b',');
    }

    pub(super) fn in_bare_token(&mut self, buf: &[u8]) {
        let rest = buf.get(self.pos..).unwrap_or_default();
        let stop = rest.iter().position(|byte| !is_bare_token_byte(*byte));
        self.pos += stop.unwrap_or(rest.len());
        match stop.and_then(|stop| rest.get(stop)) {
            None => {}
            Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b']') => {
                self.push_element(buf, self.start, self.pos, Completeness::Whole);
            }
            Some(_) => self.state = State::BrokenMessage,
        }
    }

    pub(super) fn in_invalid_line(&mut self, buf: &[u8]) {
        let rest = buf.get(self.pos..).unwrap_or_default();
        let Some(length) = memchr::memchr(b'\n', rest) else {
            self.pos = buf.len();
            return;
        };
        self.pos += length;
        self.push_invalid_line(buf);
    }

    /// Ends the current line.
    pub(in crate::decode) fn push_invalid_line(&mut self, buf: &[u8]) {
        let line = buf.get(self.start..self.pos).unwrap_or_default();
        self.push_element(buf, self.start, self.start + line.trim_ascii_end().len(), Completeness::Broken);
    }

    /// Adds the element `start..end` of the buffer.
    pub(in crate::decode) fn push_element(
        &mut self,
        buf: &[u8],
        start: usize,
        end: usize,
        completeness: Completeness,
    ) {
        let element = buf.get(start..end).unwrap_or_default();
        let bytes_read = self.buffer_offset.saturating_add(end as u64);
        if self.budget.admit(element, self.elements.len(), bytes_read) {
            self.elements.push(Element::new(start, end, completeness));
        }
        self.broken_count = self.broken_count.saturating_add(u32::from(completeness != Completeness::Whole));
        self.is_after_element = true;
        self.state = State::Between;
    }
}
