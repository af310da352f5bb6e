//! Parses the top level of a body, which contains the messages: a state machine over a buffer that grows at its end and
//! loses bytes at its front. It can stop at any byte and continue when more have arrived.

mod buffer;
mod messages;
mod repair;

use super::batch::{Completeness, Element};
use super::element_budget::ElementBudget;
use super::envelope::Envelope;
use super::message_pattern::{MessagePattern, Separator};
use super::outcome::BodyEnd;
use super::splitter::Limits;
use crate::json::{Key, Kind, Scan, Value};

/// The length of the start of the body that is kept, to identify it if it is not JSON.
const MAX_PREFIX_LEN: usize = 512;

/// The parser's state.
#[derive(Debug)]
pub(super) enum State {
    /// Only whitespace so far.
    Start,
    /// In the top-level object, where a key can start.
    Members,
    /// In the key of a top-level member.
    Key(Scan),
    /// After a key.
    Colon,
    /// After a colon.
    ValueStart,
    /// In the value of a top-level member other than the messages.
    Value(Scan),
    /// Between messages.
    Between,
    /// In a message.
    Element(Scan),
    /// After an object among the messages, with the offset of its end. It is accepted once the next byte shows that it
    /// really ended there.
    ElementEnded(usize),
    /// In a message that is neither object, array nor string.
    BareToken,
    /// In a line that is not JSON, among lines that are.
    InvalidLine,
    /// From a broken message to the end of the body; resynced when the body is complete.
    BrokenMessage,
    /// An error in the top-level object; repaired when the body is complete.
    BrokenTopLevel,
    /// The top-level value is followed by bytes that suggest it had not ended; repaired when the body is complete.
    PrematureEnd,
    /// The body is neither object nor array.
    NotJson,
    /// After the top-level value.
    After,
    /// The rest of the body is ignored.
    Stopped(BodyEnd),
}

/// The form of the body's top level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyFormat {
    Object,
    Array,
    Lines,
}

/// The top-level parser. Offsets refer to the buffer passed to [`parse`](TopLevelParser::parse).
#[derive(Debug)]
pub(super) struct TopLevelParser {
    pub(super) state: State,
    pub(super) format: BodyFormat,
    /// Everything before this offset has been parsed.
    pub(super) pos: usize,
    /// The start of the current token or element.
    pub(super) start: usize,
    /// The start of the bytes that belong to the envelope but are not copied yet.
    pending_envelope_start: Option<usize>,
    /// The end of the top-level object.
    object_end: usize,
    /// Whether an array of messages has been entered.
    pub(super) has_messages: bool,
    /// The kind of `messages` if it is not an array.
    pub(super) non_array_kind: Option<Kind>,
    is_messages_key: bool,
    /// Whether parsing of the top-level object continues after an error.
    is_recovering: bool,
    is_after_element: bool,
    /// Body offset of the buffer's first byte.
    pub(super) buffer_offset: u64,
    pub(super) elements: Vec<Element>,
    pub(super) budget: ElementBudget,
    pub(super) broken_count: u32,
    pub(super) envelope: Envelope,
    pub(super) pattern: MessagePattern,
    pub(super) skipped_bytes: u64,
    /// The number of bytes that were rescanned for messages swallowed by another.
    pub(super) searched_bytes: u64,
    pub(super) has_repeated_messages: bool,
    prefix: Vec<u8>,
}

impl TopLevelParser {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            state: State::Start,
            format: BodyFormat::Object,
            pos: 0,
            start: 0,
            pending_envelope_start: None,
            object_end: 0,
            has_messages: false,
            non_array_kind: None,
            is_messages_key: false,
            is_recovering: false,
            is_after_element: false,
            buffer_offset: 0,
            elements: Vec::new(),
            budget: ElementBudget::new(limits),
            broken_count: 0,
            envelope: Envelope::new(limits.envelope),
            pattern: MessagePattern::default(),
            skipped_bytes: 0,
            searched_bytes: 0,
            has_repeated_messages: false,
            prefix: Vec::new(),
        }
    }

    /// Parses to the end of `buf`.
    pub(super) fn parse(&mut self, buf: &[u8]) {
        let known = self.prefix.len() as u64;
        let fresh = buf.iter().skip(known.saturating_sub(self.buffer_offset) as usize);
        self.prefix.extend(fresh.take(MAX_PREFIX_LEN - self.prefix.len()));
        while let Some(&byte) = buf.get(self.pos) {
            self.step(buf, byte);
        }
    }

    fn step(&mut self, buf: &[u8], byte: u8) {
        let rest = buf.get(self.pos..).unwrap_or_default();
        match &mut self.state {
            State::Start => self.at_start(byte),
            State::Members => self.at_members(byte),
            State::Colon => self.at_colon(byte),
            State::ValueStart => self.at_value(buf, byte),
            State::Between => self.at_between(byte),
            &mut State::ElementEnded(end) => self.at_element_ended(buf, byte, end),
            State::BareToken => self.in_bare_token(buf),
            State::InvalidLine => self.in_invalid_line(buf),
            State::After => self.at_after(buf, byte),
            State::BrokenMessage
            | State::BrokenTopLevel
            | State::PrematureEnd
            | State::NotJson
            | State::Stopped(_) => self.pos = buf.len(),
            State::Key(scan) | State::Value(scan) | State::Element(scan) => match scan.read(rest) {
                Some(length) => {
                    self.pos += length;
                    self.finish_scan(buf);
                }
                None => self.pos = buf.len(),
            },
        }
    }

    fn finish_scan(&mut self, buf: &[u8]) {
        match self.state {
            State::Key(_) => {
                let key = buf.get(self.start..self.pos).unwrap_or_default();
                self.is_messages_key = Key::of(key).is("messages");
                self.state = State::Colon;
            }
            State::Element(_) => self.end_element(buf),
            State::Value(_) => {
                self.state = State::Members;
                if self.is_messages_key && !self.has_messages {
                    let raw = buf.get(self.start..self.pos).unwrap_or_default();
                    self.non_array_kind = Some(Value::of(raw).kind());
                }
            }
            _ => {}
        }
    }

    fn at_start(&mut self, byte: u8) {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | 0xEF | 0xBB | 0xBF => {}
            b'{' => {
                self.pending_envelope_start = Some(self.pos);
                self.state = State::Members;
            }
            b'[' => {
                self.format = BodyFormat::Array;
                self.has_messages = true;
                self.state = State::Between;
            }
            _ => self.state = State::NotJson,
        }
        self.pos += 1;
    }

    fn at_members(&mut self, byte: u8) {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {}
            b'"' => {
                self.start = self.pos;
                self.state = State::Key(Scan::starting_with(byte));
            }
            b'}' => {
                self.object_end = self.pos + 1;
                self.state = State::After;
            }
            _ if !self.is_recovering => return self.enter(State::BrokenTopLevel),
            _ => self.skipped_bytes += 1,
        }
        self.pos += 1;
    }

    fn at_colon(&mut self, byte: u8) {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => self.pos += 1,
            b':' => {
                self.pos += 1;
                self.state = State::ValueStart;
            }
            _ => self.state = State::Members,
        }
    }

    fn at_value(&mut self, buf: &[u8], byte: u8) {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => self.pos += 1,
            b',' | b'}' => self.state = State::Members,
            b'[' if self.is_messages_key => {
                self.has_repeated_messages |= self.has_messages;
                self.pos += 1;
                self.has_messages = true;
                self.is_after_element = false;
                self.copy_to_envelope(buf);
                self.pending_envelope_start = None;
                self.state = State::Between;
            }
            _ => {
                self.start = self.pos;
                self.state = State::Value(Scan::starting_with(byte));
                self.pos += 1;
            }
        }
    }

    fn enter(&mut self, state: State) {
        self.start = self.pos;
        self.state = state;
        self.pos += 1;
    }

    fn at_after(&mut self, buf: &[u8], byte: u8) {
        let offset = self.buffer_offset + self.pos as u64;
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => {}
            0 => self.skipped_bytes += 1,
            b'{' | b'[' if !self.has_messages && self.non_array_kind.is_none() => {
                // The previous object was not the thread but its first message, on a separate line.
                self.format = BodyFormat::Lines;
                self.has_messages = true;
                let start = self.pending_envelope_start.take().unwrap_or(self.object_end);
                self.pattern.learn(buf.get(start..self.object_end).unwrap_or_default());
                self.push_element(buf, start, self.object_end, Completeness::Whole);
                return;
            }
            b',' | b'}' | b']' => return self.enter(State::PrematureEnd),
            b'{' | b'[' | b'"' => self.state = State::Stopped(BodyEnd::SecondValue { offset }),
            _ => self.state = State::Stopped(BodyEnd::TrailingGarbage { offset }),
        }
        self.pos += 1;
    }

    /// Returns the first bytes of the body.
    pub(super) fn prefix(&self) -> &[u8] {
        &self.prefix
    }

    pub(super) fn separator(&self) -> Separator {
        match self.format {
            BodyFormat::Lines => Separator::Newline,
            BodyFormat::Object | BodyFormat::Array => Separator::Comma,
        }
    }
}
