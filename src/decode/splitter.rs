//! The buffer side of the splitter: segments that fill, are sealed and handed out, and what is carried from one to the
//! next. The body is copied once; what is read here is never read again.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use super::batch::{Batch, Condition, Element};
use super::machine::{Form, Machine, State};
use super::outcome::{End, NoMessages, Outcome};
use super::passage::{Passage, Record};
use super::resync::sort_out;
use crate::domain::Segment;
use crate::json::{Kind, Value};

/// With less room than this a segment counts as full.
const LEAST_ROOM: usize = 4096;
/// How often the rest of a body is sorted out again; more arrays of messages than this are not worth it.
const REPAIRS: usize = 8;
/// How much of a message that is too large is kept to be shown.
const TOO_LARGE_SHOWN: usize = 65_536;

/// Sizes in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The first segment: small, so that the first messages come at once.
    pub first_segment: usize,
    /// What segments grow to.
    pub segment: usize,
    /// The largest message; what is more than 4 GiB counts as 4 GiB.
    pub message: usize,
    /// How much is kept of what is not messages.
    pub envelope: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { first_segment: 64 << 10, segment: 4 << 20, message: usize::MAX, envelope: 64 << 20 }
    }
}

/// Takes the bytes of a body as they arrive and gives out its messages as they become complete.
///
/// Bytes come in by [`push`](Self::push), or without a copy by reading into [`spare`](Self::spare) and saying
/// [`advance`](Self::advance). Messages go out by [`next_batch`](Self::next_batch) whenever a segment is full, and
/// those that are complete already after [`flush`](Self::flush). The end is [`finish`](Self::finish), after which there
/// may be more batches to take.
#[derive(Debug)]
pub struct Splitter {
    limits: Limits,
    buf: Segment,
    /// Empty segments to be filled next.
    stock: Vec<Segment>,
    target: usize,
    machine: Machine,
    ready: VecDeque<Batch>,
    next_index: u32,
    outcome: Option<Outcome>,
    /// The body as it came, if somebody wants it.
    record: Option<Record>,
}

impl Default for Splitter {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Splitter {
    /// A splitter at the start of a body. Allocates nothing before there are bytes.
    pub fn new(limits: Limits) -> Self {
        let message = limits.message.min(u32::MAX as usize - (64 << 20)).max(TOO_LARGE_SHOWN);
        Self {
            limits: Limits { message, ..limits },
            buf: Segment::default(),
            stock: Vec::new(),
            target: limits.first_segment.max(1),
            machine: Machine::new(limits.envelope),
            ready: VecDeque::new(),
            next_index: 0,
            outcome: None,
            record: None,
        }
    }

    /// Gives out the body as well, by [`next_passage`](Self::next_passage). Say so before the first byte.
    pub fn record(&mut self) {
        self.record = Some(Record::default());
    }

    /// The next piece of the body as it came, if it is [recorded](Self::record). Comes when the splitter lets go of it,
    /// the last one with [`finish`](Self::finish).
    pub fn next_passage(&mut self) -> Option<Passage> {
        self.record.as_mut()?.next()
    }

    /// The capacity of a segment that [`stock`](Self::stock) should bring now: once they have their full size, and the
    /// one that is being filled is half full.
    pub fn wants_stock(&self) -> Option<usize> {
        let is_near = self.buf.room() <= self.target / 2;
        (is_near && self.stock.is_empty() && self.target == self.limits.segment).then_some(self.target)
    }

    /// Brings an empty segment to be filled when the present one is full, so that it need not be made then.
    pub fn stock(&mut self, segment: Segment) {
        self.stock.push(segment);
    }

    /// An empty segment with at least this much room.
    fn fresh(&mut self, capacity: usize) -> Segment {
        let fits = self.stock.last().is_some_and(|segment| capacity <= segment.capacity());
        let stocked = if fits { self.stock.pop() } else { None };
        stocked.unwrap_or_else(|| Segment::with_capacity(capacity))
    }

    /// Takes the next bytes of the body.
    pub fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            self.spare();
            let taken = self.buf.append(bytes);
            self.advance(0);
            bytes = bytes.get(taken..).unwrap_or_default();
        }
    }

    /// The room that is left in the segment that is being filled; never none. Write to its start, then
    /// [`advance`](Self::advance).
    pub fn spare(&mut self) -> &mut [u8] {
        if self.buf.room() == 0 {
            self.make_room();
        }
        self.buf.spare()
    }

    /// Takes the first `count` bytes of [`spare`](Self::spare).
    pub fn advance(&mut self, count: usize) {
        self.buf.filled(count);
        self.machine.run(self.buf.bytes());
        if self.buf.room() < LEAST_ROOM.min(self.target / 4) {
            self.make_room();
        }
    }

    /// Makes a batch of the messages that are complete, however few. Costs a copy of them if the segment is not yet
    /// half full, so that flushing often does not waste memory.
    pub fn flush(&mut self) {
        if !self.machine.found.is_empty() {
            self.seal();
        }
    }

    /// The next messages that are ready.
    pub fn next_batch(&mut self) -> Option<Batch> {
        self.ready.pop_front()
    }

    /// The memory that the segment that is being filled takes, in bytes.
    pub fn held(&self) -> usize {
        self.buf.capacity()
    }

    /// How many bytes of the body have been taken.
    pub fn bytes(&self) -> u64 {
        self.machine.base + self.buf.len() as u64
    }

    /// What is known so far of the top-level object without its messages: JSON that is usually cut off.
    pub fn envelope(&self) -> &[u8] {
        match &self.outcome {
            Some(outcome) => &outcome.envelope,
            None => self.machine.envelope_so_far(self.buf.bytes()),
        }
    }

    /// The body is over: sorts out what is broken or cut off and says how the body was. What was complete or could be
    /// saved is in the batches that are ready after this. Bytes pushed later are ignored.
    pub fn finish(&mut self) -> Outcome {
        if let Some(outcome) = &self.outcome {
            return outcome.clone();
        }
        let bytes = self.bytes();
        self.repair();
        let end = self.end(bytes);
        self.machine.release_all(self.buf.bytes());
        let (envelope, envelope_cut) = self.machine.envelope.finish();
        let end = match end {
            End::NoMessages(NoMessages::Absent) => End::NoMessages(nested(&envelope)),
            end => end,
        };
        self.machine.state = State::Stopped(end.clone());
        self.machine.pos = self.buf.len();
        if !self.machine.found.is_empty() {
            self.seal();
        }
        self.let_go(0..self.buf.len());
        self.buf = Segment::default();
        let outcome = Outcome {
            end,
            declared: Value::of(&envelope).get("message_count").and_then(Value::as_i64),
            envelope,
            envelope_cut,
            messages: self.next_index,
            broken: self.machine.broken,
            repeated_messages: self.machine.repeated,
            noise: self.machine.noise,
            bytes,
        };
        self.outcome = Some(outcome.clone());
        outcome
    }

    fn make_room(&mut self) {
        let full = !self.machine.found.is_empty();
        if full {
            self.target = self.target.saturating_mul(4).min(self.limits.segment.max(1));
            self.seal();
        } else {
            self.drop_read();
        }
        if self.buf.len() >= self.limits.message {
            self.stop_too_large();
        }
        let least = LEAST_ROOM.min(self.target / 4).max(1);
        if self.buf.room() < least {
            // In exact steps: doubling would make the peak of a huge message twice its size.
            let step = if self.buf.is_empty() { self.target } else { self.target.max(self.buf.len() / 16) };
            let more = step.saturating_sub(self.buf.room()).max(1);
            match self.buf.capacity() {
                0 => self.buf = self.fresh(more),
                _ => self.buf.grow(more),
            }
        }
    }

    /// Forgets what has been read and is in no message.
    fn drop_read(&mut self) {
        self.machine.release(self.buf.bytes());
        let live = self.machine.live();
        self.let_go(0..live);
        self.buf.drop_front(live);
        self.machine.shift(live);
    }

    /// Bytes of the buffer that are in no segment go to the record.
    fn let_go(&mut self, range: Range<usize>) {
        if let Some(record) = &mut self.record {
            record.loose(self.buf.bytes().get(range).unwrap_or_default());
        }
    }

    /// Makes a batch of what has been found, and carries what is not complete to the next segment.
    fn seal(&mut self) {
        let mut elements = std::mem::take(&mut self.machine.found);
        let (Some(first), Some(last)) = (elements.first().copied(), elements.last().copied()) else { return };
        self.machine.release(self.buf.bytes());
        let (start, end, live) = (first.start as usize, last.end(), self.machine.live());
        let between = self.buf.bytes().get(end..live).filter(|_| self.record.is_some()).map(<[u8]>::to_vec);
        let segment = if end - start < self.buf.capacity() / 2 {
            self.let_go(0..start);
            let segment = self.buf.bytes().get(start..end).unwrap_or_default().to_vec();
            elements.iter_mut().for_each(|element| element.start -= first.start);
            self.buf.drop_front(live);
            Segment::from(segment)
        } else {
            let left = self.buf.len().saturating_sub(live);
            let mut fresh = self.fresh(if left == 0 { 0 } else { self.target.max(left) });
            fresh.append(self.buf.bytes().get(live..).unwrap_or_default());
            let mut segment = std::mem::replace(&mut self.buf, fresh);
            segment.truncate(end);
            if segment.capacity() - end > end / 16 {
                segment.shrink_to(0);
            }
            segment
        };
        let segment = Arc::new(segment);
        if let Some(record) = &mut self.record {
            record.shared(&segment);
            record.loose(&between.unwrap_or_default());
        }
        self.machine.shift(live);
        elements.shrink_to_fit();
        let first_index = self.next_index;
        self.next_index = first_index.saturating_add(u32::try_from(elements.len()).unwrap_or(u32::MAX));
        self.ready.push_back(Batch { segment, elements, first_index });
    }

    fn stop_too_large(&mut self) {
        // What came before it has been let go.
        let offset = self.machine.base;
        if matches!(
            self.machine.state,
            State::Element(_) | State::Ended(_) | State::Broken | State::Bare | State::Line
        ) {
            self.machine.push(0, TOO_LARGE_SHOWN.min(self.buf.len()), Condition::Broken);
        }
        self.machine.state = State::Stopped(End::TooLarge { offset });
        self.machine.pos = self.buf.len();
        self.machine.release_all(self.buf.bytes());
        self.flush();
        self.drop_read();
        self.buf.shrink_to(self.target);
    }

    /// Sorts out what is still open, and what follows it.
    fn repair(&mut self) {
        for _ in 0..REPAIRS {
            if !self.repair_once() {
                return;
            }
        }
    }

    /// `true` if something more may be open after it.
    fn repair_once(&mut self) -> bool {
        match self.machine.state {
            State::Line => {
                self.machine.push_line(self.buf.bytes());
                false
            }
            State::Bare => {
                self.machine.push(self.machine.start, self.buf.len(), Condition::CutOff);
                self.machine.state = State::Broken;
                false
            }
            State::Ended(end) => {
                if !self.machine.holds_another(self.buf.bytes(), end) {
                    self.machine.accept(self.buf.bytes(), end);
                    return false;
                }
                self.sort_out()
            }
            State::Element(_) | State::Broken => self.sort_out(),
            _ => self.machine.mend_top_level(self.buf.bytes()),
        }
    }

    /// Takes the messages apart that lie in the rest of the body from a broken one on.
    fn sort_out(&mut self) -> bool {
        let start = self.machine.start;
        let rest = self.buf.bytes().get(start..).unwrap_or_default();
        let apart = self.machine.apart();
        self.machine.shape.guess(rest, apart);
        let sorted = sort_out(rest, &self.machine.shape, apart);
        let cut_off = sorted.elements.last().is_some_and(|last| last.condition == Condition::CutOff);
        for Element { condition, start: at, len } in sorted.elements {
            let at = start + at as usize;
            self.machine.push(at, at + len as usize, condition);
        }
        if let Some(array_end) = sorted.array_end {
            self.machine.pos = start + array_end;
            self.machine.run(self.buf.bytes());
            return true;
        }
        if cut_off {
            self.machine.state = State::Broken;
        }
        false
    }

    fn end(&mut self, bytes: u64) -> End {
        match std::mem::replace(&mut self.machine.state, State::After) {
            State::NoJson => self.no_json(),
            State::Stopped(end) => end,
            State::Start => End::Empty,
            State::After if self.machine.seen => End::Complete,
            State::After => End::NoMessages(match self.machine.wrong {
                None => NoMessages::Absent,
                Some(Kind::Null) => NoMessages::Null,
                Some(kind) => NoMessages::NotAnArray(kind),
            }),
            State::Between if self.machine.form == Form::Lines => End::Complete,
            cut_off => {
                self.machine.state = cut_off;
                End::Truncated { offset: bytes }
            }
        }
    }

    fn no_json(&self) -> End {
        let head = self.machine.head();
        let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
        let token = text.split(u8::is_ascii_whitespace).next().unwrap_or_default();
        match (Value::of(text).kind(), Value::of(token).kind()) {
            (Kind::String, _) => End::NoMessages(NoMessages::NotAnObject(Kind::String)),
            (_, kind @ (Kind::Null | Kind::Bool | Kind::Number))
                if token.len() == text.trim_ascii_end().len() =>
            {
                End::NoMessages(NoMessages::NotAnObject(kind))
            }
            _ => End::NotJson { head: head.to_vec(), html: text.starts_with(b"<") },
        }
    }
}

/// Where else the messages are, if not at the top level.
fn nested(envelope: &[u8]) -> NoMessages {
    let inside = Value::of(envelope).members().find(|(_, value)| value.get("messages").is_some());
    inside.map_or(NoMessages::Absent, |(key, _)| NoMessages::Nested(key.text().into_owned()))
}
