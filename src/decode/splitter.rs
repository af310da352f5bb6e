//! The buffer side of the splitter: segments that fill, are sealed and handed out, and what is carried from one to the
//! next. The body is copied once; what is read here is never read again.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use super::batch::{Batch, Completeness, Element};
use super::body_parser::{BodyFormat, BodyParser, State};
use super::outcome::{BodyEnd, NoMessages, Outcome};
use super::resync::resync;
use super::tee::{BodyChunk, Recorder};
use crate::domain::Segment;
use crate::json::{Kind, Value};

/// With less room than this a segment counts as full.
const MIN_ROOM: usize = 4096;
/// How often the rest of a body is sorted out again; more arrays of messages than this are not worth it.
const MAX_REPAIRS: usize = 8;
/// How much of a message that is too large is kept to be shown.
const OVERSIZED_PREVIEW_LEN: usize = 65_536;

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
    spare_segments: Vec<Segment>,
    target_size: usize,
    parser: BodyParser,
    ready: VecDeque<Batch>,
    next_index: u32,
    outcome: Option<Outcome>,
    /// The body as it came, if somebody wants it.
    recorder: Option<Recorder>,
}

impl Default for Splitter {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Splitter {
    /// A splitter at the start of a body. Allocates nothing before there are bytes.
    pub fn new(limits: Limits) -> Self {
        let message = limits.message.min(u32::MAX as usize - (64 << 20)).max(OVERSIZED_PREVIEW_LEN);
        Self {
            limits: Limits { message, ..limits },
            buf: Segment::default(),
            spare_segments: Vec::new(),
            target_size: limits.first_segment.max(1),
            parser: BodyParser::new(limits.envelope),
            ready: VecDeque::new(),
            next_index: 0,
            outcome: None,
            recorder: None,
        }
    }

    /// Gives out the body as well, by [`next_passage`](Self::next_passage). Say so before the first byte.
    pub fn start_recording(&mut self) {
        self.recorder = Some(Recorder::default());
    }

    /// The next piece of the body as it came, if it is [recorded](Self::record). Comes when the splitter lets go of it,
    /// the last one with [`finish`](Self::finish).
    pub fn next_body_chunk(&mut self) -> Option<BodyChunk> {
        self.recorder.as_mut()?.next_chunk()
    }

    /// The capacity of a segment that [`stock`](Self::stock) should bring now: once they have their full size, and the
    /// one that is being filled is half full.
    pub fn wanted_segment(&self) -> Option<usize> {
        let is_near = self.buf.room() <= self.target_size / 2;
        (is_near && self.spare_segments.is_empty() && self.target_size == self.limits.segment)
            .then_some(self.target_size)
    }

    /// Brings an empty segment to be filled when the present one is full, so that it need not be made then.
    pub fn supply_segment(&mut self, segment: Segment) {
        self.spare_segments.push(segment);
    }

    /// An empty segment with at least this much room.
    fn empty_segment(&mut self, capacity: usize) -> Segment {
        let fits = self.spare_segments.last().is_some_and(|segment| capacity <= segment.capacity());
        let stocked = if fits { self.spare_segments.pop() } else { None };
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
        self.buf.advance(count);
        self.parser.parse(self.buf.bytes());
        if self.buf.room() < MIN_ROOM.min(self.target_size / 4) {
            self.make_room();
        }
    }

    /// Makes a batch of the messages that are complete, however few. Costs a copy of them if the segment is not yet
    /// half full, so that flushing often does not waste memory.
    pub fn flush(&mut self) {
        if !self.parser.elements.is_empty() {
            self.seal();
        }
    }

    /// The next messages that are ready.
    pub fn next_batch(&mut self) -> Option<Batch> {
        self.ready.pop_front()
    }

    /// The memory that the segment that is being filled takes, in bytes.
    pub fn buffer_capacity(&self) -> usize {
        self.buf.capacity()
    }

    /// How many bytes of the body have been taken.
    pub fn bytes_read(&self) -> u64 {
        self.parser.buffer_offset + self.buf.len() as u64
    }

    /// What is known so far of the top-level object without its messages: JSON that is usually cut off.
    pub fn envelope(&self) -> &[u8] {
        match &self.outcome {
            Some(outcome) => &outcome.envelope,
            None => self.parser.partial_envelope(self.buf.bytes()),
        }
    }

    /// The body is over: sorts out what is broken or cut off and says how the body was. What was complete or could be
    /// saved is in the batches that are ready after this. Bytes pushed later are ignored.
    pub fn finish(&mut self) -> Outcome {
        if let Some(outcome) = &self.outcome {
            return outcome.clone();
        }
        let bytes = self.bytes_read();
        self.repair();
        let end = self.body_end(bytes);
        self.parser.copy_all_to_envelope(self.buf.bytes());
        let (envelope, envelope_cut) = self.parser.envelope.finish();
        let end = match end {
            BodyEnd::NoMessages(NoMessages::Absent) => BodyEnd::NoMessages(find_nested_messages(&envelope)),
            end => end,
        };
        self.parser.state = State::Stopped(end.clone());
        self.parser.pos = self.buf.len();
        if !self.parser.elements.is_empty() {
            self.seal();
        }
        self.release(0..self.buf.len());
        self.buf = Segment::default();
        let outcome = Outcome {
            end,
            declared_count: Value::of(&envelope).get("message_count").and_then(Value::as_i64),
            envelope,
            is_envelope_truncated: envelope_cut,
            message_count: self.next_index,
            broken_count: self.parser.broken_count,
            has_repeated_messages: self.parser.has_repeated_messages,
            skipped_bytes: self.parser.skipped_bytes,
            byte_len: bytes,
        };
        self.outcome = Some(outcome.clone());
        outcome
    }

    fn make_room(&mut self) {
        let full = !self.parser.elements.is_empty();
        if full {
            self.target_size = self.target_size.saturating_mul(4).min(self.limits.segment.max(1));
            self.seal();
        } else {
            self.discard_consumed();
        }
        if self.buf.len() >= self.limits.message {
            self.stop_at_oversized();
        }
        let least = MIN_ROOM.min(self.target_size / 4).max(1);
        if self.buf.room() < least {
            // In exact steps: doubling would make the peak of a huge message twice its size.
            let step = if self.buf.is_empty() {
                self.target_size
            } else {
                self.target_size.max(self.buf.len() / 16)
            };
            let more = step.saturating_sub(self.buf.room()).max(1);
            match self.buf.capacity() {
                0 => self.buf = self.empty_segment(more),
                _ => self.buf.grow(more),
            }
        }
    }

    /// Forgets what has been read and is in no message.
    fn discard_consumed(&mut self) {
        self.parser.copy_to_envelope(self.buf.bytes());
        let live = self.parser.needed_from();
        self.release(0..live);
        self.buf.drop_front(live);
        self.parser.shift_offsets(live);
    }

    /// Bytes of the buffer that are in no segment go to the record.
    fn release(&mut self, range: Range<usize>) {
        if let Some(record) = &mut self.recorder {
            record.push_copied(self.buf.bytes().get(range).unwrap_or_default());
        }
    }

    /// Makes a batch of what has been found, and carries what is not complete to the next segment.
    fn seal(&mut self) {
        let mut elements = std::mem::take(&mut self.parser.elements);
        let (Some(first), Some(last)) = (elements.first().copied(), elements.last().copied()) else { return };
        self.parser.copy_to_envelope(self.buf.bytes());
        let (start, end, live) = (first.start as usize, last.end(), self.parser.needed_from());
        let between = self.buf.bytes().get(end..live).filter(|_| self.recorder.is_some()).map(<[u8]>::to_vec);
        let segment = if end - start < self.buf.capacity() / 2 {
            self.release(0..start);
            let segment = self.buf.bytes().get(start..end).unwrap_or_default().to_vec();
            elements.iter_mut().for_each(|element| element.start -= first.start);
            self.buf.drop_front(live);
            Segment::from(segment)
        } else {
            let left = self.buf.len().saturating_sub(live);
            let mut fresh = self.empty_segment(if left == 0 { 0 } else { self.target_size.max(left) });
            fresh.append(self.buf.bytes().get(live..).unwrap_or_default());
            let mut segment = std::mem::replace(&mut self.buf, fresh);
            segment.truncate(end);
            if segment.capacity() - end > end / 16 {
                segment.shrink_to(0);
            }
            segment
        };
        let segment = Arc::new(segment);
        if let Some(record) = &mut self.recorder {
            record.push_shared(&segment);
            record.push_copied(&between.unwrap_or_default());
        }
        self.parser.shift_offsets(live);
        elements.shrink_to_fit();
        let first_index = self.next_index;
        self.next_index = first_index.saturating_add(u32::try_from(elements.len()).unwrap_or(u32::MAX));
        self.ready.push_back(Batch { segment, elements, first_index });
    }

    fn stop_at_oversized(&mut self) {
        // What came before it has been let go.
        let offset = self.parser.buffer_offset;
        if matches!(
            self.parser.state,
            State::Element(_)
                | State::ElementEnded(_)
                | State::BrokenMessage
                | State::BareToken
                | State::InvalidLine
        ) {
            self.parser.push_element(0, OVERSIZED_PREVIEW_LEN.min(self.buf.len()), Completeness::Broken);
        }
        self.parser.state = State::Stopped(BodyEnd::TooLarge { offset });
        self.parser.pos = self.buf.len();
        self.parser.copy_all_to_envelope(self.buf.bytes());
        self.flush();
        self.discard_consumed();
        self.buf.shrink_to(self.target_size);
    }

    /// Sorts out what is still open, and what follows it.
    fn repair(&mut self) {
        for _ in 0..MAX_REPAIRS {
            if !self.repair_once() {
                return;
            }
        }
    }

    /// `true` if something more may be open after it.
    fn repair_once(&mut self) -> bool {
        match self.parser.state {
            State::InvalidLine => {
                self.parser.push_invalid_line(self.buf.bytes());
                false
            }
            State::BareToken => {
                self.parser.push_element(self.parser.start, self.buf.len(), Completeness::CutOff);
                self.parser.state = State::BrokenMessage;
                false
            }
            State::ElementEnded(end) => {
                if !self.parser.contains_message_start(self.buf.bytes(), end) {
                    self.parser.accept(self.buf.bytes(), end);
                    return false;
                }
                self.resync()
            }
            State::Element(_) | State::BrokenMessage => self.resync(),
            _ => self.parser.repair_top_level(self.buf.bytes()),
        }
    }

    /// Takes the messages apart that lie in the rest of the body from a broken one on.
    fn resync(&mut self) -> bool {
        let start = self.parser.start;
        let rest = self.buf.bytes().get(start..).unwrap_or_default();
        let apart = self.parser.separator();
        self.parser.pattern.guess(rest, apart);
        let sorted = resync(rest, &self.parser.pattern, apart);
        let cut_off = sorted.elements.last().is_some_and(|last| last.completeness == Completeness::CutOff);
        for Element { completeness: condition, start: at, len } in sorted.elements {
            let at = start + at as usize;
            self.parser.push_element(at, at + len as usize, condition);
        }
        if let Some(array_end) = sorted.array_end {
            self.parser.pos = start + array_end;
            self.parser.parse(self.buf.bytes());
            return true;
        }
        if cut_off {
            self.parser.state = State::BrokenMessage;
        }
        false
    }

    fn body_end(&mut self, bytes: u64) -> BodyEnd {
        match std::mem::replace(&mut self.parser.state, State::After) {
            State::NotJson => self.classify_non_json(),
            State::Stopped(end) => end,
            State::Start => BodyEnd::Empty,
            State::After if self.parser.has_messages => BodyEnd::Complete,
            State::After => BodyEnd::NoMessages(match self.parser.non_array_kind {
                None => NoMessages::Absent,
                Some(Kind::Null) => NoMessages::Null,
                Some(kind) => NoMessages::NotAnArray(kind),
            }),
            State::Between if self.parser.format == BodyFormat::Lines => BodyEnd::Complete,
            cut_off => {
                self.parser.state = cut_off;
                BodyEnd::Truncated { offset: bytes }
            }
        }
    }

    fn classify_non_json(&self) -> BodyEnd {
        let head = self.parser.prefix();
        let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
        let token = text.split(u8::is_ascii_whitespace).next().unwrap_or_default();
        match (Value::of(text).kind(), Value::of(token).kind()) {
            (Kind::String, _) => BodyEnd::NoMessages(NoMessages::NotAnObject(Kind::String)),
            (_, kind @ (Kind::Null | Kind::Bool | Kind::Number))
                if token.len() == text.trim_ascii_end().len() =>
            {
                BodyEnd::NoMessages(NoMessages::NotAnObject(kind))
            }
            _ => BodyEnd::NotJson { prefix: head.to_vec(), is_html: text.starts_with(b"<") },
        }
    }
}

/// Where else the messages are, if not at the top level.
fn find_nested_messages(envelope: &[u8]) -> NoMessages {
    let inside = Value::of(envelope).members().find(|(_, value)| value.get("messages").is_some());
    inside.map_or(NoMessages::Absent, |(key, _)| NoMessages::Nested(key.text().into_owned()))
}
