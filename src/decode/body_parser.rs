//! Where in the body we are: the grammar of the top level, one state at a time, over a buffer that grows at its end and
//! loses bytes at its front. It can stop at any byte and go on when more have come.

mod buffer;
mod messages;
mod repair;

use super::batch::{Completeness, Element};
use super::envelope::Envelope;
use super::message_pattern::{MessagePattern, Separator};
use super::outcome::BodyEnd;
use crate::json::{Key, Kind, Scan, Value};

/// How much of the start of the body is kept to tell what it is if it is no JSON.
const MAX_PREFIX_LEN: usize = 512;

/// What is being read.
#[derive(Debug)]
pub(super) enum State {
    /// Nothing yet but white space.
    Start,
    /// In the top-level object, where a name can start.
    Members,
    /// The name of a top-level member.
    Key(Scan),
    /// After a name.
    Colon,
    /// After a colon.
    ValueStart,
    /// The value of a top-level member other than the messages.
    Value(Scan),
    /// Between messages.
    Between,
    /// A message.
    Element(Scan),
    /// After an object among the messages, which counts once what follows shows that it ended there: the offset of its
    /// end.
    ElementEnded(usize),
    /// A message that is neither object, array nor string.
    BareToken,
    /// A line that is no JSON, among lines that are.
    InvalidLine,
    /// From a broken message on to the end; sorted out when all is there.
    BrokenMessage,
    /// Something is wrong in the top-level object; looked into when all is there.
    BrokenTopLevel,
    /// Something follows the top-level value that looks as if that had not ended; looked into when all is there.
    PrematureEnd,
    /// The body is neither object nor array.
    NotJson,
    /// After the top-level value.
    After,
    /// What follows is not read.
    Stopped(BodyEnd),
}

/// What the top level of the body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyFormat {
    Object,
    Array,
    Lines,
}

/// The reader of the top level. Offsets are into the buffer that is given to [`run`](Machine::run).
#[derive(Debug)]
pub(super) struct BodyParser {
    pub(super) state: State,
    pub(super) format: BodyFormat,
    /// Everything before this has been looked at.
    pub(super) pos: usize,
    /// Where the thing that is being read starts.
    pub(super) start: usize,
    /// Where the bytes start that belong to the envelope and are not copied yet.
    pending_envelope_start: Option<usize>,
    /// Where the top-level object ended.
    object_end: usize,
    /// Whether an array of messages has been entered.
    pub(super) has_messages: bool,
    /// What `messages` was if it was no array.
    pub(super) non_array_kind: Option<Kind>,
    is_messages_key: bool,
    /// Whether the top-level object is read on although something is wrong in it.
    is_recovering: bool,
    is_after_element: bool,
    /// Body offset of the buffer's first byte.
    pub(super) buffer_offset: u64,
    pub(super) elements: Vec<Element>,
    pub(super) broken_count: u32,
    pub(super) envelope: Envelope,
    pub(super) pattern: MessagePattern,
    pub(super) skipped_bytes: u64,
    /// How many bytes were searched again for messages within what ended like one.
    pub(super) searched_bytes: u64,
    pub(super) has_repeated_messages: bool,
    prefix: Vec<u8>,
}

impl BodyParser {
    pub(super) fn new(envelope_limit: usize) -> Self {
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
            broken_count: 0,
            envelope: Envelope::new(envelope_limit),
            pattern: MessagePattern::default(),
            skipped_bytes: 0,
            searched_bytes: 0,
            has_repeated_messages: false,
            prefix: Vec::new(),
        }
    }

    /// Reads on to the end of `buf`.
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
                // The object before was not a thread but its first message, on a line of its own.
                self.format = BodyFormat::Lines;
                self.has_messages = true;
                let start = self.pending_envelope_start.take().unwrap_or(self.object_end);
                self.pattern.learn(buf.get(start..self.object_end).unwrap_or_default());
                self.push_element(start, self.object_end, Completeness::Whole);
                return;
            }
            b',' | b'}' | b']' => return self.enter(State::PrematureEnd),
            b'{' | b'[' | b'"' => self.state = State::Stopped(BodyEnd::SecondValue { offset }),
            _ => self.state = State::Stopped(BodyEnd::TrailingGarbage { offset }),
        }
        self.pos += 1;
    }

    /// The first bytes of the body.
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
