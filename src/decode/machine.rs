//! Where in the body we are: the grammar of the top level, one state at a time, over a buffer that grows at its end and
//! loses bytes at its front. It can stop at any byte and go on when more have come.

mod buffer;
mod mend;
mod messages;

use super::batch::{Condition, Element};
use super::envelope::Envelope;
use super::outcome::End;
use super::shape::{Apart, Shape};
use crate::json::{Key, Kind, Scan, Value};

/// How much of the start of the body is kept to tell what it is if it is no JSON.
const HEAD: usize = 512;

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
    Ended(usize),
    /// A message that is neither object, array nor string.
    Bare,
    /// A line that is no JSON, among lines that are.
    Line,
    /// From a broken message on to the end; sorted out when all is there.
    Broken,
    /// Something is wrong in the top-level object; looked into when all is there.
    Muddle,
    /// Something follows the top-level value that looks as if that had not ended; looked into when all is there.
    Doubt,
    /// The body is neither object nor array.
    NoJson,
    /// After the top-level value.
    After,
    /// What follows is not read.
    Stopped(End),
}

/// What the top level of the body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Object,
    Array,
    Lines,
}

/// The reader of the top level. Offsets are into the buffer that is given to [`run`](Machine::run).
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) state: State,
    pub(super) form: Form,
    /// Everything before this has been looked at.
    pub(super) pos: usize,
    /// Where the thing that is being read starts.
    pub(super) start: usize,
    /// Where the bytes start that belong to the envelope and are not copied yet.
    hold: Option<usize>,
    /// Where the top-level object ended.
    object_end: usize,
    /// Whether an array of messages has been entered.
    pub(super) seen: bool,
    /// What `messages` was if it was no array.
    pub(super) wrong: Option<Kind>,
    is_messages: bool,
    /// Whether the top-level object is read on although something is wrong in it.
    muddled: bool,
    after_item: bool,
    /// Body offset of the buffer's first byte.
    pub(super) base: u64,
    pub(super) found: Vec<Element>,
    pub(super) broken: u32,
    pub(super) envelope: Envelope,
    pub(super) shape: Shape,
    pub(super) noise: u64,
    /// How many bytes were searched again for messages within what ended like one.
    pub(super) searched: u64,
    pub(super) repeated: bool,
    head: Vec<u8>,
}

impl Machine {
    pub(super) fn new(envelope_limit: usize) -> Self {
        Self {
            state: State::Start,
            form: Form::Object,
            pos: 0,
            start: 0,
            hold: None,
            object_end: 0,
            seen: false,
            wrong: None,
            is_messages: false,
            muddled: false,
            after_item: false,
            base: 0,
            found: Vec::new(),
            broken: 0,
            envelope: Envelope::new(envelope_limit),
            shape: Shape::default(),
            noise: 0,
            searched: 0,
            repeated: false,
            head: Vec::new(),
        }
    }

    /// Reads on to the end of `buf`.
    pub(super) fn run(&mut self, buf: &[u8]) {
        let known = self.head.len() as u64;
        let fresh = buf.iter().skip(known.saturating_sub(self.base) as usize);
        self.head.extend(fresh.take(HEAD - self.head.len()));
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
            &mut State::Ended(end) => self.at_ended(buf, byte, end),
            State::Bare => self.in_bare(buf),
            State::Line => self.in_line(buf),
            State::After => self.at_after(buf, byte),
            State::Broken | State::Muddle | State::Doubt | State::NoJson | State::Stopped(_) => {
                self.pos = buf.len()
            }
            State::Key(scan) | State::Value(scan) | State::Element(scan) => match scan.read(rest) {
                Some(length) => {
                    self.pos += length;
                    self.scanned(buf);
                }
                None => self.pos = buf.len(),
            },
        }
    }

    fn scanned(&mut self, buf: &[u8]) {
        match self.state {
            State::Key(_) => {
                let key = buf.get(self.start..self.pos).unwrap_or_default();
                self.is_messages = Key::of(key).is("messages");
                self.state = State::Colon;
            }
            State::Element(_) => self.element_ends(buf),
            State::Value(_) => {
                self.state = State::Members;
                if self.is_messages && !self.seen {
                    let raw = buf.get(self.start..self.pos).unwrap_or_default();
                    self.wrong = Some(Value::of(raw).kind());
                }
            }
            _ => {}
        }
    }

    fn at_start(&mut self, byte: u8) {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | 0xEF | 0xBB | 0xBF => {}
            b'{' => {
                self.hold = Some(self.pos);
                self.state = State::Members;
            }
            b'[' => {
                self.form = Form::Array;
                self.seen = true;
                self.state = State::Between;
            }
            _ => self.state = State::NoJson,
        }
        self.pos += 1;
    }

    fn at_members(&mut self, byte: u8) {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {}
            b'"' => {
                self.start = self.pos;
                self.state = State::Key(Scan::from_first(byte));
            }
            b'}' => {
                self.object_end = self.pos + 1;
                self.state = State::After;
            }
            _ if !self.muddled => return self.begin(State::Muddle),
            _ => self.noise += 1,
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
            b'[' if self.is_messages => {
                self.repeated |= self.seen;
                self.pos += 1;
                self.seen = true;
                self.after_item = false;
                self.release(buf);
                self.hold = None;
                self.state = State::Between;
            }
            _ => {
                self.start = self.pos;
                self.state = State::Value(Scan::from_first(byte));
                self.pos += 1;
            }
        }
    }

    fn begin(&mut self, state: State) {
        self.start = self.pos;
        self.state = state;
        self.pos += 1;
    }

    fn at_after(&mut self, buf: &[u8], byte: u8) {
        let offset = self.base + self.pos as u64;
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => {}
            0 => self.noise += 1,
            b'{' | b'[' if !self.seen && self.wrong.is_none() => {
                // The object before was not a thread but its first message, on a line of its own.
                self.form = Form::Lines;
                self.seen = true;
                let start = self.hold.take().unwrap_or(self.object_end);
                self.shape.learn(buf.get(start..self.object_end).unwrap_or_default());
                self.push(start, self.object_end, Condition::Whole);
                return;
            }
            b',' | b'}' | b']' => return self.begin(State::Doubt),
            b'{' | b'[' | b'"' => self.state = State::Stopped(End::SecondValue { offset }),
            _ => self.state = State::Stopped(End::TrailingGarbage { offset }),
        }
        self.pos += 1;
    }

    /// The first bytes of the body.
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    pub(super) fn apart(&self) -> Apart {
        match self.form {
            Form::Lines => Apart::Line,
            Form::Object | Form::Array => Apart::Comma,
        }
    }
}
