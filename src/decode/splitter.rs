//! The splitter and its buffers: segments are filled, sealed and handed out, and incomplete messages are carried over to
//! the next one. The body is copied once, and no byte is parsed twice.

mod body_end;

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use super::batch::{Batch, Completeness, Element};
use super::outcome::{BodyEnd, NoMessages, Outcome};
use super::resync::resync;
use super::tee::{BodyChunk, Recorder};
use super::top_level_parser::{State, TopLevelParser};
use crate::domain::Segment;
use crate::json::Value;

/// The free space below which a segment is full.
const MIN_ROOM: usize = 4096;
/// The maximum number of repairs of the rest of a body, each of which may find another array of messages.
const MAX_REPAIRS: usize = 8;
/// The bytes of an oversized message that are kept as a preview.
const OVERSIZED_PREVIEW_LEN: usize = 65_536;

/// Sizes in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The first segment: small, so that the first messages are available early.
    pub first_segment: usize,
    /// The full size of a segment.
    pub segment: usize,
    /// The largest message; capped at 4 GiB.
    pub message: usize,
    /// The largest envelope.
    pub envelope: usize,
    /// The memory that elements and their rows may cost besides their bytes, in addition to a third of the body.
    pub element_cost: u64,
    /// The number of consecutive elements too short for a message that are listed; the following ones are a run.
    pub tiny_in_sequence: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            first_segment: 64 << 10,
            segment: 4 << 20,
            message: usize::MAX,
            envelope: 64 << 20,
            element_cost: 24 << 20,
            tiny_in_sequence: 10,
        }
    }
}

/// A splitter of a body into messages, while its bytes arrive.
///
/// Feed it with [`push`](Self::push), or without a copy by reading into [`spare`](Self::spare) and calling
/// [`advance`](Self::advance). [`next_batch`](Self::next_batch) returns messages whenever a segment is full, and after
/// [`flush`](Self::flush) those that are already complete. Call [`finish`](Self::finish) at the end; more batches may be
/// ready after it.
#[derive(Debug)]
pub struct Splitter {
    limits: Limits,
    buf: Segment,
    /// Empty segments to fill next.
    spare_segments: Vec<Segment>,
    target_size: usize,
    parser: TopLevelParser,
    ready: VecDeque<Batch>,
    next_index: u32,
    outcome: Option<Outcome>,
    /// The verbatim body, if recorded.
    recorder: Option<Recorder>,
}

impl Default for Splitter {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Splitter {
    /// Creates a splitter; allocates nothing until bytes arrive.
    pub fn new(limits: Limits) -> Self {
        let message = limits.message.min(u32::MAX as usize - (64 << 20)).max(OVERSIZED_PREVIEW_LEN);
        Self {
            limits: Limits { message, ..limits },
            buf: Segment::default(),
            spare_segments: Vec::new(),
            target_size: limits.first_segment.max(1),
            parser: TopLevelParser::new(&limits),
            ready: VecDeque::new(),
            next_index: 0,
            outcome: None,
            recorder: None,
        }
    }

    /// Records the body for [`next_body_chunk`](Self::next_body_chunk). Call it before the first byte.
    pub fn start_recording(&mut self) {
        self.recorder = Some(Recorder::default());
    }

    /// Returns the next chunk of the verbatim body, if [recorded](Self::start_recording). A chunk is available once the
    /// splitter releases it, the last one after [`finish`](Self::finish).
    pub fn next_body_chunk(&mut self) -> Option<BodyChunk> {
        self.recorder.as_mut()?.next_chunk()
    }

    /// Returns the capacity of a segment to pass to [`supply_segment`](Self::supply_segment) now: once segments have their
    /// full size and the current one is half full.
    pub fn wanted_segment(&self) -> Option<usize> {
        let is_near = self.buf.room() <= self.target_size / 2;
        (is_near && self.spare_segments.is_empty() && self.target_size == self.limits.segment)
            .then_some(self.target_size)
    }

    /// Supplies an empty segment to use when the current one is full, which saves an allocation.
    pub fn supply_segment(&mut self, segment: Segment) {
        self.spare_segments.push(segment);
    }

    /// Returns an empty segment with at least this capacity; `None` if the system does not have enough memory.
    fn try_empty_segment(&mut self, capacity: usize) -> Option<Segment> {
        let fits = self.spare_segments.last().is_some_and(|segment| capacity <= segment.capacity());
        let supplied = if fits { self.spare_segments.pop() } else { None };
        supplied.or_else(|| Segment::try_with_capacity(capacity))
    }

    /// Feeds the next bytes of the body.
    pub fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            self.spare();
            let count = self.buf.append(bytes);
            self.advance(0);
            if count == 0 {
                // Not even a small buffer can be allocated.
                return;
            }
            bytes = bytes.get(count..).unwrap_or_default();
        }
    }

    /// Returns the free space of the current segment; never empty. Write to its start, then call
    /// [`advance`](Self::advance).
    pub fn spare(&mut self) -> &mut [u8] {
        if self.buf.room() == 0 {
            self.make_room();
        }
        self.buf.spare()
    }

    /// Feeds the first `count` bytes of [`spare`](Self::spare).
    pub fn advance(&mut self, count: usize) {
        self.buf.advance(count);
        self.parser.parse(self.buf.bytes());
        if self.buf.room() < MIN_ROOM.min(self.target_size / 4) {
            self.make_room();
        }
    }

    /// Makes a batch of all complete messages, however few. Copies them if the segment is not yet half full, so that
    /// frequent flushing does not waste memory.
    pub fn flush(&mut self) {
        if self.has_elements() {
            self.seal();
        }
    }

    fn has_elements(&self) -> bool {
        !self.parser.elements.is_empty() || self.parser.budget.has_runs(false)
    }

    /// Returns the next batch that is ready.
    pub fn next_batch(&mut self) -> Option<Batch> {
        self.ready.pop_front()
    }

    /// Returns the capacity of the current segment, in bytes.
    #[cfg(test)]
    pub(super) fn buffer_capacity(&self) -> usize {
        self.buf.capacity()
    }

    /// Number of bytes fed so far.
    pub fn bytes_read(&self) -> u64 {
        self.parser.buffer_offset + self.buf.len() as u64
    }

    /// Returns the top-level object so far, without its messages: JSON, usually cut off.
    pub fn envelope(&self) -> &[u8] {
        match &self.outcome {
            Some(outcome) => &outcome.envelope,
            None => self.parser.partial_envelope(self.buf.bytes()),
        }
    }

    /// Ends the body: repairs broken or incomplete elements and returns the outcome. The batches ready after this contain
    /// every complete or recovered message. Bytes pushed later are ignored.
    pub fn finish(&mut self) -> Outcome {
        if let Some(outcome) = &self.outcome {
            return outcome.clone();
        }
        let byte_len = self.bytes_read();
        self.repair();
        let end = self.body_end(byte_len);
        let end = self.without_thread(end);
        self.parser.copy_all_to_envelope(self.buf.bytes());
        let (envelope, is_envelope_truncated) = self.parser.envelope.finish();
        let end = match end {
            BodyEnd::NoMessages(NoMessages::Absent) => {
                BodyEnd::NoMessages(body_end::find_nested_messages(&envelope))
            }
            end => end,
        };
        self.parser.state = State::Stopped(end.clone());
        self.parser.pos = self.buf.len();
        if self.has_elements() {
            self.seal();
        }
        self.push_batches(&Arc::default(), Vec::new(), true);
        self.release(0..self.buf.len());
        self.buf = Segment::default();
        let outcome = Outcome {
            end,
            declared_count: Value::of(&envelope).get("message_count").and_then(Value::as_i64),
            envelope,
            is_envelope_truncated,
            message_count: self.next_index,
            broken_count: self.parser.broken_count,
            has_repeated_messages: self.parser.has_repeated_messages,
            skipped_bytes: self.parser.skipped_bytes,
            byte_len,
        };
        self.outcome = Some(outcome.clone());
        outcome
    }

    fn make_room(&mut self) {
        if self.has_elements() {
            self.target_size = self.target_size.saturating_mul(4).min(self.limits.segment.max(1));
            self.seal();
        } else {
            self.discard_consumed();
        }
        if self.buf.len() >= self.limits.message {
            self.stop_at_oversized(false);
        }
        let min_room = MIN_ROOM.min(self.target_size / 4).max(1);
        if self.buf.room() < min_room {
            // Grow in exact steps: doubling would double the peak memory of a huge message.
            let step = if self.buf.is_empty() {
                self.target_size
            } else {
                self.target_size.max(self.buf.len() / 16)
            };
            let more = step.saturating_sub(self.buf.room()).max(1);
            let has_grown = match self.buf.capacity() {
                0 => self.try_empty_segment(more).map(|segment| self.buf = segment).is_some(),
                _ => self.buf.try_grow(more),
            };
            if !has_grown {
                self.stop_at_oversized(true);
            }
        }
    }

    /// Discards parsed bytes that are not part of a message.
    fn discard_consumed(&mut self) {
        self.parser.copy_to_envelope(self.buf.bytes());
        let needed = self.parser.needed_from();
        self.release(0..needed);
        self.buf.drop_front(needed);
        self.parser.shift_offsets(needed);
    }

    /// Records bytes of the buffer that are not in a sealed segment.
    fn release(&mut self, range: Range<usize>) {
        if let Some(recorder) = &mut self.recorder {
            recorder.push_copied(self.buf.bytes().get(range).unwrap_or_default());
        }
    }

    /// Makes a batch of the complete messages, and carries the rest over to the next segment.
    fn seal(&mut self) {
        let mut elements = std::mem::take(&mut self.parser.elements);
        let (Some(first), Some(last)) = (elements.first().copied(), elements.last().copied()) else {
            self.push_batches(&Arc::default(), elements, false);
            return self.discard_consumed();
        };
        self.parser.copy_to_envelope(self.buf.bytes());
        let (start, end, needed) = (first.start as usize, last.end(), self.parser.needed_from());
        let between =
            self.buf.bytes().get(end..needed).filter(|_| self.recorder.is_some()).map(<[u8]>::to_vec);
        let segment = if end - start < self.buf.capacity() / 2 {
            self.release(0..start);
            let segment = self.buf.bytes().get(start..end).unwrap_or_default().to_vec();
            elements.iter_mut().for_each(|element| element.start -= first.start);
            self.buf.drop_front(needed);
            Segment::from(segment)
        } else {
            let left = self.buf.len().saturating_sub(needed);
            let capacity = if left == 0 { 0 } else { self.target_size.max(left) };
            // Without memory for a full segment, a smaller one for the rest may suffice; the next growth reports the
            // failure.
            let fresh = self.try_empty_segment(capacity);
            let mut fresh = fresh.unwrap_or_else(|| Segment::with_capacity(left));
            fresh.append(self.buf.bytes().get(needed..).unwrap_or_default());
            let mut segment = std::mem::replace(&mut self.buf, fresh);
            segment.truncate(end);
            if segment.capacity() - end > end / 16 {
                segment.shrink_to(0);
            }
            segment
        };
        let segment = Arc::new(segment);
        if let Some(recorder) = &mut self.recorder {
            recorder.push_shared(&segment);
            recorder.push_copied(&between.unwrap_or_default());
        }
        self.parser.shift_offsets(needed);
        elements.shrink_to_fit();
        self.push_batches(&segment, elements, false);
    }

    /// Makes batches of a segment's elements and of the runs between them. A run that may still grow stays behind,
    /// unless the body is at its end.
    fn push_batches(&mut self, segment: &Arc<Segment>, mut elements: Vec<Element>, is_end: bool) {
        let mut done = 0;
        for run in self.parser.budget.take_runs(is_end) {
            let rest = elements.split_off(run.position.saturating_sub(done).min(elements.len()));
            done = run.position;
            self.push_batch(segment, std::mem::replace(&mut elements, rest));
            let batch = Batch::of_run(run, self.next_index);
            self.next_index = self.next_index.saturating_add(batch.message_count());
            self.ready.push_back(batch);
        }
        self.push_batch(segment, elements);
    }

    fn push_batch(&mut self, segment: &Arc<Segment>, elements: Vec<Element>) {
        if !elements.is_empty() {
            let batch = Batch { segment: Arc::clone(segment), elements, first_index: self.next_index };
            self.next_index = self.next_index.saturating_add(batch.message_count());
            self.ready.push_back(batch);
        }
    }

    /// Ends the body at a message that is larger than the limit, or than the memory.
    fn stop_at_oversized(&mut self, is_out_of_memory: bool) {
        // Everything before the message has been released.
        let offset = self.parser.buffer_offset;
        if matches!(
            self.parser.state,
            State::Element(_)
                | State::ElementEnded(_)
                | State::BrokenMessage
                | State::BareToken
                | State::InvalidLine
        ) {
            let end = OVERSIZED_PREVIEW_LEN.min(self.buf.len());
            self.parser.push_element(self.buf.bytes(), 0, end, Completeness::Broken);
        }
        self.parser.state = State::Stopped(if is_out_of_memory {
            BodyEnd::OutOfMemory { offset }
        } else {
            BodyEnd::TooLarge { offset }
        });
        self.parser.pos = self.buf.len();
        self.parser.copy_all_to_envelope(self.buf.bytes());
        self.flush();
        self.discard_consumed();
        self.buf.shrink_to(self.target_size);
    }

    /// Repairs open elements, and then the bytes that follow them.
    fn repair(&mut self) {
        for _ in 0..MAX_REPAIRS {
            if !self.repair_once() {
                return;
            }
        }
    }

    /// Runs one repair. Returns `true` if more elements may be open afterwards.
    fn repair_once(&mut self) -> bool {
        match self.parser.state {
            State::InvalidLine => {
                self.parser.push_invalid_line(self.buf.bytes());
                false
            }
            State::BareToken => {
                let start = self.parser.start;
                self.parser.push_element(self.buf.bytes(), start, self.buf.len(), Completeness::CutOff);
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

    /// Splits the rest of the body, from a broken message on.
    fn resync(&mut self) -> bool {
        let start = self.parser.start;
        let rest = self.buf.bytes().get(start..).unwrap_or_default();
        let separator = self.parser.separator();
        self.parser.pattern.guess(rest, separator);
        let resynced = resync(rest, &self.parser.pattern, separator);
        let cut_off = resynced.elements.last().is_some_and(|last| last.completeness == Completeness::CutOff);
        for element in resynced.elements {
            self.parser.push_element(
                self.buf.bytes(),
                start + element.start as usize,
                start + element.end(),
                element.completeness,
            );
        }
        if let Some(array_end) = resynced.array_end {
            self.parser.pos = start + array_end;
            self.parser.parse(self.buf.bytes());
            return true;
        }
        if cut_off {
            self.parser.state = State::BrokenMessage;
        }
        false
    }
}
