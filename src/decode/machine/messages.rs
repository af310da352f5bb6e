//! The grammar of the messages themselves: where one ends, what may stand between two, and what shows that the scan has
//! lost its way.

use super::{Form, Machine, State};
use crate::decode::batch::{Condition, Element};
use crate::decode::resync::{run, swallowed};
use crate::decode::shape::is_bare;
use crate::json::Scan;

impl Machine {
    pub(super) fn at_between(&mut self, byte: u8) {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => self.pos += 1,
            b',' => {
                self.after_item = false;
                self.pos += 1;
            }
            b'{' => self.begin(State::Element(Scan::from_first(byte))),
            // What NUL bytes, control characters, a byte order mark and a bracket too many have in common.
            0..=0x1F | 0x7F | 0xEF | 0xBB | 0xBF => self.pass(),
            _ if self.form == Form::Lines => match byte {
                b'[' | b'"' => self.begin(State::Element(Scan::from_first(byte))),
                _ => self.begin(State::Line),
            },
            b'}' => self.pass(),
            b']' => self.array_ends(),
            _ if self.after_item => self.begin(State::Broken),
            b'[' | b'"' => self.begin(State::Element(Scan::from_first(byte))),
            _ => {
                self.begin(State::Bare);
                self.pos = self.start;
            }
        }
    }

    pub(super) fn pass(&mut self) {
        self.noise += 1;
        self.pos += 1;
    }

    pub(super) fn array_ends(&mut self) {
        match self.form {
            Form::Array | Form::Lines => self.state = State::After,
            Form::Object => {
                self.hold = Some(self.pos);
                self.state = State::Members;
            }
        }
        self.pos += 1;
    }

    /// Brackets of two kinds that close each other show that the scan has lost its way.
    pub(super) fn element_ends(&mut self, buf: &[u8]) {
        let raw = buf.get(self.start..self.pos).unwrap_or_default();
        if matches!(&self.state, State::Element(scan) if scan.is_astray())
            && let Some(next) = self.swallowed(raw)
        {
            let end = self.start + run(raw.get(..next).unwrap_or_default()).len();
            self.pos = self.start + next;
            self.push(self.start, end, Condition::Broken);
            return;
        }
        match (raw.first(), raw.last()) {
            (Some(b'{'), Some(b'}')) if self.form != Form::Lines => self.state = State::Ended(self.pos),
            (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']')) | (Some(b'"'), Some(b'"')) => {
                self.shape.learn(raw);
                self.push(self.start, self.pos, Condition::Whole);
            }
            _ => self.state = State::Broken,
        }
    }

    /// Where the next message starts in what ended like one. Where each swallows all that follow, it is given up before
    /// it costs their square; what is left is sorted out at the end.
    fn swallowed(&mut self, raw: &[u8]) -> Option<usize> {
        const FREE: u64 = 1_000_000;
        const TIMES: u64 = 8;
        let read = self.base.saturating_add(self.pos as u64);
        self.searched = self.searched.saturating_add(raw.len() as u64);
        read.saturating_mul(TIMES).saturating_add(FREE).checked_sub(self.searched)?;
        let mut shape = self.shape.clone();
        shape.guess(raw, self.apart());
        swallowed(raw, &shape, self.apart())
    }

    /// A string after an object, or anything else that starts no message, shows that the scan has lost its way too.
    pub(super) fn at_ended(&mut self, buf: &[u8], byte: u8, end: usize) {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => self.pos += 1,
            b'{' | b'[' | b']' | b'}' | 0..=0x1F | 0x7F | 0xEF | 0xBB | 0xBF | b'-' => self.accept(buf, end),
            _ if byte.is_ascii_alphanumeric() => self.accept(buf, end),
            _ => self.state = State::Broken,
        }
    }

    /// The object that ended counts as a message.
    pub(in crate::decode) fn accept(&mut self, buf: &[u8], end: usize) {
        self.shape.learn(buf.get(self.start..end).unwrap_or_default());
        self.push(self.start, end, Condition::Whole);
        self.after_item = !buf.get(end..self.pos).unwrap_or_default().contains(&b',');
    }

    pub(super) fn in_bare(&mut self, buf: &[u8]) {
        let rest = buf.get(self.pos..).unwrap_or_default();
        let stop = rest.iter().position(|byte| !is_bare(*byte));
        self.pos += stop.unwrap_or(rest.len());
        match stop.and_then(|stop| rest.get(stop)) {
            None => {}
            Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b']') => {
                self.push(self.start, self.pos, Condition::Whole);
            }
            Some(_) => self.state = State::Broken,
        }
    }

    pub(super) fn in_line(&mut self, buf: &[u8]) {
        let rest = buf.get(self.pos..).unwrap_or_default();
        let Some(length) = memchr::memchr(b'\n', rest) else {
            self.pos = buf.len();
            return;
        };
        self.pos += length;
        self.push_line(buf);
    }

    /// The line that is being read is over.
    pub(in crate::decode) fn push_line(&mut self, buf: &[u8]) {
        let line = buf.get(self.start..self.pos).unwrap_or_default();
        self.push(self.start, self.start + line.trim_ascii_end().len(), Condition::Broken);
    }

    pub(in crate::decode) fn push(&mut self, start: usize, end: usize, condition: Condition) {
        self.found.push(Element::new(start, end, condition));
        self.broken = self.broken.saturating_add(u32::from(condition != Condition::Whole));
        self.after_item = true;
        self.state = State::Between;
    }
}
